"""Which committees and proposed papers are whose: what others have looks like what does not exist."""

import sqlalchemy as sa

from calibration.papers.sets import owners
from calibration.rangefinding.models import Committee, CommitteeMember, CommitteeStatus, ProposedPaper
from scoring.db import db
from scoring.errors import NotFound
from scoring.people.models import Membership, Person
from scoring.permissions import Permission, Role

NO_COMMITTEE = "There is no such committee, or it is not yours. Go back to Calibration."
MAY_JOIN = (Role.SCORER, Role.LEADER, Role.NETWORK_ADMIN)


def _is_seated(person):
    return sa.exists().where(
        CommitteeMember.committee_id == Committee.id, CommitteeMember.person_id == person.id, CommitteeMember.left_at.is_(None)
    )  # fmt: skip


def committee_query(person):
    """Query the committees that this person leads or was invited to, newest first."""
    invited = sa.and_(_is_seated(person), Committee.status != CommitteeStatus.DRAFT)
    return (
        sa.select(Committee)
        .where(sa.or_(Committee.organization_id.in_(person.reach(Permission.CALIBRATE)), invited))
        .order_by(Committee.created_at.desc(), Committee.id.desc())
    )


def committee_by_id(committee_id, person):
    """Return a committee that this person leads or belongs to."""
    found = db.session.scalar(committee_query(person).where(Committee.id == committee_id))
    if found is None:
        raise NotFound(NO_COMMITTEE)
    return found


def led_by_id(committee_id, person):
    """Return a committee that this person leads."""
    found = db.session.get(Committee, committee_id)
    if found is None or not leads(found, person):
        raise NotFound(NO_COMMITTEE)
    return found


def leads(committee, person):
    """Whether this person looks after the committee."""
    return committee.organization_id in person.reach(Permission.CALIBRATE)


def seat_of(committee, person_id):
    """A person's seat in the committee, if they have not left."""
    return next(
        (each for each in committee.members if each.person_id == person_id and each.left_at is None), None
    )


def proposed_by_id(committee, proposed_id):
    """Return one of the committee's proposed papers."""
    found = db.session.scalar(
        sa.select(ProposedPaper).where(
            ProposedPaper.committee_id == committee.id, ProposedPaper.id == proposed_id
        )
    )
    if found is None:
        raise NotFound(NO_COMMITTEE)
    return found


def place_in(committee_id, proposed_id, person):
    """Return (committee, proposed paper) for somebody who leads or belongs to the committee."""
    committee = committee_by_id(committee_id, person)
    return committee, proposed_by_id(committee, proposed_id)


def led_place(committee_id, proposed_id, person):
    """The same for one of its leaders."""
    committee = led_by_id(committee_id, person)
    return committee, proposed_by_id(committee, proposed_id)


def homes(event, person):
    """Networks and districts for which this person may hold a committee on an event's responses."""
    return [each for each in owners(person) if event.organization_id in {each.id, each.network.id}]


def people_to_invite(committee, words=""):
    """Query the scorers and leaders of the committee's organization, and the network's people, who have no seat; by name.

    `words` narrows it to those with these words in name or e-mail.
    """
    places = {each.id for each in committee.organization.below} | {committee.organization.network.id}
    fits = sa.exists().where(
        Membership.person_id == Person.id,
        Membership.role.in_(MAY_JOIN),
        Membership.organization_id.in_(places),
    )
    seated = {each.person_id for each in committee.members if each.left_at is None}
    query = (
        sa.select(Person)
        .where(Person.is_active, fits, Person.id.not_in(seated))
        .order_by(Person.name, Person.id)
    )
    if words:
        named = (each.icontains(words, autoescape=True) for each in (Person.name, Person.email))
        query = query.where(sa.or_(*named))
    return query


def groups_of(people):
    """Where people are, by the person's id: schools first, then districts, then the network."""
    return {
        person.id: [each.name for each in person.schools or person.districts or _networks(person)]
        for person in people
    }


def _networks(person):
    return [membership.organization for membership in person.memberships]
