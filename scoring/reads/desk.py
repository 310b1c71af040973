"""What a scorer sees of their own work: how far they are, what waits, what is blocked and why, and how well they agree."""

import math
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

import sqlalchemy as sa

from scoring.db import db, now
from scoring.events.models import Event, EventResponse, EventScorer, EventStatus
from scoring.reads import claiming, leasing, qualifying, queue
from scoring.reads.models import Purpose, Read, TraitScore

RECENTLY_CLOSED = timedelta(days=30)
FEWEST_CLOSED = 10
COUNTED_FOR = timedelta(seconds=15)
ALL_HAD = "You have had all that you may read, or other scorers hold the rest now. Your leader may add more."
_waiting_counts = {}


@dataclass(frozen=True)
class Standing:
    """How far one scorer is in one event: reads sent, a fair share of what is left, minutes at the own pace."""

    done: int
    left: int
    minutes: int | None

    @property
    def total(self):
        return self.done + self.left


@dataclass(frozen=True)
class Place:
    """One event on the page My work."""

    event: Event
    standing: Standing
    holds: bool
    waits: bool
    blocked: str | None
    unqualified: tuple = ()  # tasks for which the event asks a qualification that this scorer lacks at present

    @property
    def is_used_up(self):
        """Whether the event is open, but holds nothing more for this scorer."""
        return self.blocked == ALL_HAD


@dataclass(frozen=True)
class Quality:
    """How often a scorer and the other reader agreed, over responses of closed events only."""

    responses: int
    scores: int
    same: int
    within_one: int


def places_of(scorer):
    """Return the scorer's events: those with work first, those that closed in the last weeks last."""
    person = leasing.as_scorer(scorer)
    recent = now() - RECENTLY_CLOSED
    query = (
        sa.select(Event)
        .join(EventScorer, EventScorer.event_id == Event.id)
        .where(
            EventScorer.person_id == person.id,
            EventScorer.removed_at.is_(None),
            Event.status != EventStatus.DRAFT,
            sa.or_(Event.status != EventStatus.CLOSED, Event.closed_at > recent),
        )
        .order_by(Event.closes_at.is_(None), Event.closes_at, Event.id)
    )
    connection = db.session.connection()
    seats = {each.event_id: each for each in queue.open_seats(connection, person.id, now())}
    held = {each.event_id for each in queue.held_leases(connection, person.id, seats)}
    places = [
        _place(event, person, seats.get(event.id), event.id in held)
        for event in db.session.scalars(query).all()
    ]
    return sorted(places, key=lambda place: (not place.waits, place.event.status is EventStatus.CLOSED))


def _place(event, person, seat, holds):
    waits = holds
    if seat is not None and not holds:
        waits = claiming.something_waits(claiming.Turn(db.session.connection(), person, now()), seat)
    unqualified = tuple(qualifying.blocked_tasks(person.id, event)) if seat is not None else ()
    blocked = None if waits else why_blocked(event, unqualified)
    return Place(event, standing(person, event.id), holds, waits, blocked, unqualified)


def why_nothing_waits(event, scorer):
    """Say why an event hands nothing to this scorer now."""
    return why_blocked(event, qualifying.blocked_tasks(scorer.id, event))


UNQUALIFIED = {
    qualifying.Standing.NONE: "You need to qualify for {task} first.",
    qualifying.Standing.WITHDRAWN: "You need to qualify for {task} again.",
    qualifying.Standing.EXPIRED: "Your qualification for {task} has expired. You need to qualify again.",
    qualifying.Standing.AWAY: "You were away from {task}. A few papers come first, then the queue goes on.",
}


def why_unqualified(unqualified):
    """Say which tasks are not handed out for lack of a qualification, one sentence each."""
    return " ".join(UNQUALIFIED[each.standing].format(task=each.task) for each in unqualified)


def why_blocked(event, unqualified=()):
    """Say why there is nothing to score in an event, and when that will change."""
    if event.status is EventStatus.CLOSED:
        return "This event is closed. Thank you for your work."
    if event.status is EventStatus.PAUSED:
        return "Your leader has paused this event. It goes on where it stopped."
    if event.opens_at is not None and event.opens_at > now():
        return "This event has not begun yet."
    if event.closes_at is not None and event.closes_at <= now():
        return "The time for this event is over."
    return why_unqualified(unqualified) if unqualified else ALL_HAD


def standing(scorer, event_id):
    """Count a scorer's reads in an event, and work out a fair share of what is left."""
    counted = Read.scorer_id == scorer.id, Read.purpose == Purpose.OPERATIONAL, Read.reopened_at.is_(None)
    done = db.session.scalar(sa.select(sa.func.count(Read.id)).where(Read.event_id == event_id, *counted))
    left = waiting_share(event_id)
    latest = sa.select(Read.seconds).where(Read.event_id == event_id, *counted, Read.seconds.is_not(None))
    seconds = db.session.scalars(latest.order_by(Read.id.desc()).limit(20)).all()
    minutes = math.ceil(left * median(seconds) / 60) if len(seconds) >= 3 and left else None
    return Standing(done, left, minutes)


def waiting_share(event_id):
    """Return how many of the reads that wait fall to each scorer. Counted at most once in 15 seconds."""
    key = (str(db.engine.url), event_id)
    moment, share = _waiting_counts.get(key, (None, 0))
    if moment is not None and timedelta(0) <= now() - moment < COUNTED_FOR:
        return share
    waiting = db.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(EventResponse.remaining), 0)).where(
            EventResponse.event_id == event_id, queue.WAITS
        )
    )
    scorers = db.session.scalar(
        sa.select(sa.func.count(EventScorer.id)).where(
            EventScorer.event_id == event_id, EventScorer.removed_at.is_(None)
        )
    )
    share = math.ceil(waiting / max(1, scorers))
    if len(_waiting_counts) > 500:
        _waiting_counts.clear()
    _waiting_counts[key] = (now(), share)
    return share


def quality(scorer):
    """Compare a scorer's reads with the other reads of the same responses; None below ten responses.

    Only closed events count: there, nothing can be learned about a read that still matters.
    """
    own, other = sa.orm.aliased(Read), sa.orm.aliased(Read)
    mine, theirs = sa.orm.aliased(TraitScore), sa.orm.aliased(TraitScore)
    apart = sa.func.abs(mine.score - theirs.score)
    query = (
        sa.select(
            sa.func.count(sa.distinct(own.id)),
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(sa.case((apart == 0, 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((apart <= 1, 1), else_=0)), 0),
        )
        .select_from(own)
        .join(Event, Event.id == own.event_id)
        .join(other, sa.and_(other.event_response_id == own.event_response_id, other.id != own.id))
        .join(mine, mine.read_id == own.id)
        .join(theirs, sa.and_(theirs.read_id == other.id, theirs.trait_id == mine.trait_id))
        .where(
            own.scorer_id == scorer.id,
            Event.status == EventStatus.CLOSED,
            own.purpose == Purpose.OPERATIONAL, own.reopened_at.is_(None),
            other.purpose == Purpose.OPERATIONAL, other.reopened_at.is_(None),
        )
    )  # fmt: skip
    found = Quality(*db.session.execute(query).one())
    return found if found.responses >= FEWEST_CLOSED else None
