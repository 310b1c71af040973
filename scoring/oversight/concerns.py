"""Flags and alerts that scorers raised: seen, acknowledged and settled by the event's leaders."""

import sqlalchemy as sa

from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotFound
from scoring.events.models import Event
from scoring.events.services import visible_events
from scoring.people.models import Person
from scoring.permissions import Permission
from scoring.reads.models import Concern, ConcernKind

LONGEST_OUTCOME = 2000
ALERTS_FIRST = sa.case((Concern.kind == ConcernKind.ALERT, 0), else_=1)


def visible_concerns(person, event=None, *, settled=False):
    """Query concerns of this person's events. Open ones: alerts first, the oldest on top; settled ones: newest first."""
    events = visible_events(person, Permission.RUN_EVENTS).with_only_columns(Event.id).order_by(None)
    query = sa.select(Concern, Event).join(Event, Event.id == Concern.event_id).where(Event.id.in_(events))
    if event is not None:
        query = query.where(Event.id == event.id)
    if settled:
        return query.where(Concern.settled_at.is_not(None)).order_by(
            Concern.settled_at.desc(), Concern.id.desc()
        )
    return query.where(Concern.settled_at.is_(None)).order_by(ALERTS_FIRST, Concern.raised_at, Concern.id)


def open_counts(event):
    """Return how many alerts and flags of an event nobody has settled."""
    query = (
        sa.select(Concern.kind, sa.func.count())
        .where(Concern.event_id == event.id, Concern.settled_at.is_(None))
        .group_by(Concern.kind)
    )
    found = dict(db.session.execute(query).all())
    return found.get(ConcernKind.ALERT, 0), found.get(ConcernKind.FLAG, 0)


def concern_by_id(concern_id, person):
    """Return (concern, event), if it is about one of this person's events."""
    query = visible_concerns(person).where(Concern.id == concern_id)
    found = db.session.execute(query).first()
    found = (
        found
        or db.session.execute(visible_concerns(person, settled=True).where(Concern.id == concern_id)).first()
    )
    if found is None:
        raise NotFound("There is no such flag or alert, or it is not open to you.")
    return found


def acknowledge(concern, *, actor):
    """Say that somebody has seen it and is on it."""
    with transaction() as session:
        concern = _locked(session, concern)
        if concern.acknowledged_at is not None:
            raise Conflict("Somebody has acknowledged this already. Reload the page to see who.")
        concern.acknowledged_at, concern.acknowledged_by_id = now(), actor.id
        audit.record("concern.acknowledged", concern, actor=actor)
        return concern


def settle(concern, words, *, actor):
    """Close it, with what was done."""
    words = (words or "").replace("\x00", "").strip()
    if not 1 <= len(words) <= LONGEST_OUTCOME:
        raise Invalid("Say in a sentence what was done. Others rely on it.",
                      fields={"outcome": f"Write 1 to {LONGEST_OUTCOME} characters."})  # fmt: skip
    with transaction() as session:
        concern = _locked(session, concern)
        moment = now()
        if concern.acknowledged_at is None:
            concern.acknowledged_at, concern.acknowledged_by_id = moment, actor.id
        concern.settled_at, concern.settled_by_id, concern.outcome = moment, actor.id, words
        audit.record("concern.settled", concern, actor=actor, after={"outcome": words})
        return concern


def _locked(session, concern):
    concern = session.get(Concern, concern.id, with_for_update={"key_share": True}, populate_existing=True)
    if concern.settled_at is not None:
        raise Conflict("This is settled already. Reload the page to see what was done.")
    return concern


def may_see_work(event, person):
    """Whether this person may look at student work in the event."""
    query = visible_events(person, Permission.SEE_RESPONSES).where(Event.id == event.id)
    return db.session.scalar(query.with_only_columns(Event.id).order_by(None)) is not None


def people_of(concern):
    """Return who acknowledged and who settled a concern, by their part."""
    ids = {"acknowledged": concern.acknowledged_by_id, "settled": concern.settled_by_id}
    return {
        part: db.session.get(Person, person_id) for part, person_id in ids.items() if person_id is not None
    }
