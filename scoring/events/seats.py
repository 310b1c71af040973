"""Who scores in an event, and who might be added: one by one, or everybody of a school or district."""

import sqlalchemy as sa

from scoring.db import db
from scoring.events import choices
from scoring.events.models import EventScorer
from scoring.people.models import Membership, Person
from scoring.permissions import Role


def active_scorers(event):
    """Return the event's scorers who were not removed, by name."""
    seated = sa.select(EventScorer).join(Person, Person.id == EventScorer.person_id)
    seated = seated.where(EventScorer.event_id == event.id, EventScorer.removed_at.is_(None))
    return db.session.scalars(seated.order_by(Person.name, Person.id)).all()


def candidates(event, words="", *, organization_id=None):
    """Query people who may score in the event and do not yet, by name."""
    seated = sa.exists().where(
        EventScorer.event_id == event.id, EventScorer.person_id == Person.id, EventScorer.removed_at.is_(None)
    )
    query = choices.scorers(event.districts).where(~seated)
    if words:
        query = query.where(sa.or_(Person.name.icontains(words, autoescape=True),
                                   Person.email.icontains(words, autoescape=True)))  # fmt: skip
    if organization_id is not None:
        group = next((each for each in _groups(event) if each.id == organization_id), None)
        places = [each.id for each in group.below] if group is not None else []
        query = query.where(
            sa.exists().where(
                Membership.person_id == Person.id,
                Membership.role == Role.SCORER,
                Membership.organization_id.in_(places),
            )
        )
    return query


def candidate_groups(event):
    """Return (organization, how many may be added) for each district and school that has somebody to add."""
    free = candidates(event).with_only_columns(Person.id).order_by(None)
    counts = dict(
        db.session.execute(
            sa.select(Membership.organization_id, sa.func.count(sa.distinct(Membership.person_id)))
            .where(Membership.role == Role.SCORER, Membership.person_id.in_(free))
            .group_by(Membership.organization_id)
        ).all()
    )
    found = [(group, sum(counts.get(each.id, 0) for each in group.below)) for group in _groups(event)]
    return [(group, number) for group, number in found if number]


def _groups(event):
    """Districts of the event, each followed by its schools."""
    return [each for district in event.districts for each in district.below]
