"""Whom somebody may name in a thread: people near them who could be reading it, its leaders, and who wrote in it.

Whether a certain paper is open to a person at present is left out on purpose: a name that is missing would tell
whose student wrote it, or who has it still to score. Nobody is told of a thread before they may see it.
"""

import sqlalchemy as sa

from calibration.discussions.models import Post
from scoring.db import db
from scoring.events.models import Event, EventScorer, EventStatus, EventTask
from scoring.people.models import Membership, Organization, Person
from scoring.permissions import ALLOWED, Permission

LEADING = [role for role, allowed in ALLOWED.items() if Permission.CALIBRATE in allowed]


def people_for(thread, person):
    """The people whom this person may name in the thread, by name."""
    return _people(thread.organization, thread.task_id, _is_for_leaders(thread.paper), person, thread.id)


def people_about(subject, person):
    """The people whom this person may name in a new thread about this."""
    organization = db.session.get(Organization, subject.organization_id)
    return _people(organization, subject.task.id, _is_for_leaders(subject.paper), person, None)


def _is_for_leaders(paper):
    return paper is not None and paper.is_kept


def _people(organization, task_id, only_leaders, person, thread_id):
    inside = {each.id for each in organization.below} | {organization.network.id}
    leaders = sa.select(Membership.person_id).where(
        Membership.organization_id.in_(inside), Membership.role.in_(LEADING)
    )
    fitting = [Person.id.in_(leaders)]
    if not only_leaders:
        fitting.append(Person.id.in_(_scorers_near(inside, task_id, person)))
        fitting.append(Person.id.in_(sa.select(Post.author_id).where(Post.thread_id == thread_id)))
    query = sa.select(Person).where(Person.is_active, sa.or_(*fitting), Person.id != person.id)
    return db.session.scalars(query.order_by(Person.name, Person.id)).all()


def _scorers_near(inside, task_id, person):
    near = person.reach(Permission.CALIBRATE)
    near |= {each.id for district in person.districts for each in district.below}
    return (
        sa.select(EventScorer.person_id)
        .join(Event, Event.id == EventScorer.event_id)
        .join(EventTask, EventTask.event_id == Event.id)
        .join(Membership, Membership.person_id == EventScorer.person_id)
        .where(
            EventTask.task_id == task_id, EventScorer.removed_at.is_(None), Event.status != EventStatus.DRAFT,
            Membership.organization_id.in_(near & inside),
        )
    )  # fmt: skip
