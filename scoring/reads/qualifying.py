"""Qualifications: for which rubric versions a scorer may be handed responses. Who earns one is decided in calibration."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import sqlalchemy as sa

from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid
from scoring.events.models import EventTask
from scoring.people.models import Person
from scoring.reads.models import Qualification
from scoring.reads.queue import IS_OPERATIONAL, lease, place
from scoring.tasks.models import Task

LONGEST_REASON = 2000
fact = Qualification.__table__


class Standing(StrEnum):
    """How somebody stands with one rubric version at one moment."""

    NONE = "none"  # was never qualified
    QUALIFIED = "qualified"
    AWAY = "away"  # qualified, and to be looked at again after a time without scoring
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Blocked:
    """A task of an event that is not handed to a scorer, and how they stand with its rubric version."""

    task: str
    rubric_id: int
    standing: Standing


# What is done with the fact


def grant_qualification(person, rubric, *, actor, expires_at=None, away_hours=None, reason=""):
    """Let a scorer be handed responses of a rubric version. One in force until now ends, and stays on record."""
    moment = now()
    if expires_at is not None and expires_at <= moment:
        raise Invalid(
            "Choose an end that lies ahead.", fields={"expires_at": "Choose a day that lies ahead."}
        )
    recheck_at = moment + timedelta(hours=away_hours) if away_hours else None
    with transaction() as session:
        _lock(session, person)
        present = in_force(person.id, rubric.id)
        if present is not None:
            _end(present, actor, "Granted anew.")
            session.flush()
        made = Qualification(
            person_id=person.id, rubric_id=rubric.id, granted_at=moment, granted_by_id=actor.id,
            reason=_checked(reason), expires_at=expires_at, away_hours=away_hours or None, recheck_at=recheck_at,
        )  # fmt: skip
        session.add(made)
        session.flush()
        audit.record("qualification.granted", made, actor=actor, after={
            "person": person.id, "rubric": rubric.id, "reason": made.reason, "away_hours": made.away_hours,
            "expires_at": expires_at.isoformat() if expires_at else None,
        })  # fmt: skip
    return made


def withdraw_qualification(person, rubric, *, actor, reason):
    """Hand a scorer nothing more of a rubric version. What they hold may be finished; their reads stay."""
    with transaction() as session:
        _lock(session, person)
        present = in_force(person.id, rubric.id)
        if present is None:
            raise Conflict(f"{person.name} is not qualified for this rubric version now. Reload the page.")
        _end(present, actor, _checked(reason))
        session.flush()
        audit.record(
            "qualification.withdrawn", present, actor=actor, after={"reason": present.revoked_because}
        )
    return present


def confirm_qualification(person, rubric, *, actor):
    """Note that a scorer who was away is on the scale, so that the queue goes on for them."""
    with transaction() as session:
        _lock(session, person)
        present = in_force(person.id, rubric.id)
        if present is None:
            raise Conflict(f"{person.name} is not qualified for this rubric version now. Reload the page.")
        if present.away_hours is not None:
            present.recheck_at = now() + timedelta(hours=present.away_hours)
        audit.record("qualification.confirmed", present, actor=actor)
    return present


def _lock(session, person):
    """Two who grant or withdraw for one person do so one after the other."""
    session.execute(sa.select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))


def _end(present, actor, reason):
    present.revoked_at, present.revoked_by_id, present.revoked_because = now(), actor.id, reason


def _checked(reason):
    reason = (reason or "").strip()
    if len(reason) > LONGEST_REASON:
        words = f"A reason has room for {LONGEST_REASON:,} characters. Shorten it."
        raise Invalid(words, fields={"reason": words})
    return reason


# What is asked of it


def in_force(person_id, rubric_id):
    """The qualification that nobody withdrew, perhaps expired; None where there is none."""
    query = sa.select(Qualification).where(
        Qualification.person_id == person_id,
        Qualification.rubric_id == rubric_id,
        Qualification.revoked_at.is_(None),
    )
    return db.session.scalar(query.execution_options(populate_existing=True))


def latest_of(person_ids, rubric_id):
    """The newest qualification of each of these people for a rubric version, by person id; also one that ended."""
    query = sa.select(Qualification).where(
        Qualification.person_id.in_(person_ids), Qualification.rubric_id == rubric_id
    )
    return {each.person_id: each for each in db.session.scalars(query.order_by(Qualification.id))}


def standings_of(qualifications, moment):
    """How the holders of these qualifications stand, by person id."""
    connection = db.session.connection()
    return {each.person_id: _standing(connection, each, moment)[0] for each in qualifications}


IN_FORCE = sa.select(
    fact.c.id, fact.c.person_id, fact.c.rubric_id, fact.c.expires_at, fact.c.away_hours, fact.c.recheck_at, fact.c.revoked_at
).where(fact.c.person_id == sa.bindparam("scorer"), fact.c.revoked_at.is_(None))  # fmt: skip
LAST_LEASE = (
    sa.select(sa.func.max(lease.c.leased_at))
    .join(place, place.c.id == lease.c.event_response_id)
    .where(
        lease.c.scorer_id == sa.bindparam("scorer"),
        place.c.rubric_id == sa.bindparam("rubric"),
        IS_OPERATIONAL,
    )
)
LOOK_LATER = (
    sa.update(fact)
    .where(fact.c.id == sa.bindparam("qualification"))
    .values(recheck_at=sa.bindparam("later", type_=fact.c.recheck_at.type))
)


def rubrics_open_to(connection, scorer_id, moment):
    """Ids of the rubric versions a scorer may be handed now. One lookup; a second one about once in `away_hours`.

    Whoever was handed something meanwhile was not away: then the next look is put off, if this is a transaction.
    """
    found = set()
    for row in connection.execute(IN_FORCE, {"scorer": scorer_id}).all():
        standing, last_lease = _standing(connection, row, moment)
        if standing is Standing.QUALIFIED:
            found.add(row.rubric_id)
            if last_lease is not None and db.session.info.get("in_transaction"):
                later = last_lease + timedelta(hours=row.away_hours)
                connection.execute(LOOK_LATER, {"qualification": row.id, "later": later})
    return frozenset(found)


def _standing(connection, row, moment):
    """How the holder of one qualification stands; and when they were last handed something, where that mattered."""
    if row.revoked_at is not None:
        return Standing.WITHDRAWN, None
    if row.expires_at is not None and row.expires_at <= moment:
        return Standing.EXPIRED, None
    if row.recheck_at is None or row.recheck_at > moment:
        return Standing.QUALIFIED, None
    values = {"scorer": row.person_id, "rubric": row.rubric_id}
    last_lease = connection.execute(LAST_LEASE, values).scalar()
    is_here = last_lease is not None and last_lease + timedelta(hours=row.away_hours) > moment
    return Standing.QUALIFIED if is_here else Standing.AWAY, last_lease


def blocked_tasks(person_id, event):
    """The tasks of an event that are not handed to this scorer at present, and why; none where the event does not ask."""
    if not event.qualified_only:
        return []
    moment, found = now(), []
    rows = sa.select(EventTask.rubric_id, Task.title).join(Task, Task.id == EventTask.task_id)
    for rubric_id, title in db.session.execute(
        rows.where(EventTask.event_id == event.id).order_by(Task.title)
    ):
        latest = latest_of([person_id], rubric_id)
        standing = standings_of(latest.values(), moment).get(person_id, Standing.NONE)
        if standing is not Standing.QUALIFIED:
            found.append(Blocked(title, rubric_id, standing))
    return found
