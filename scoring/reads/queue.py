"""The queue's SQL: whose turn it is, what waits, and how a place is taken by compare-and-set. The same on each engine.

A partial index over what still waits, a random start in it, a few candidates, and an UPDATE that only succeeds if
nobody was faster: the cost of a claim does not grow with the event.
"""

from datetime import timedelta

import sqlalchemy as sa

from scoring.events.models import Event, EventResponse, EventScorer, EventStatus
from scoring.reads.allocation import is_read_twice, island
from scoring.reads.models import Assignment, AssignmentStatus, Purpose

place, event, seat, lease = (
    EventResponse.__table__,
    Event.__table__,
    EventScorer.__table__,
    Assignment.__table__,
)
# Written as literals so that the planner of either engine sees that the partial indexes apply.
WAITS = place.c.remaining > sa.literal_column("0")
IS_OPEN = lease.c.status == sa.literal_column("'open'")
IS_OPERATIONAL = lease.c.purpose == sa.literal_column("'operational'")
SEAT = (
    event.c.id.label("event_id"), event.c.status, event.c.share_read_twice, event.c.lease_minutes,
    event.c.tolerance, event.c.resolution_rule, event.c.exclude_own_students, event.c.exclude_own_school,
    event.c.exclude_own_district, event.c.qualified_since, seat.c.id.label("seat_id"), seat.c.component, seat.c.first_reads,
    seat.c.next_twice, seat.c.removed_at,
)  # fmt: skip


def lease_end(a_seat, moment):
    """When a lease taken or renewed at this moment runs out."""
    return moment + timedelta(minutes=a_seat.lease_minutes)


# Seats: the events in which a scorer may read now


def _island(of):
    return sa.case((of.c.component != 0, of.c.component), else_=of.c.id)


_other = seat.alias("other")
_other_islands = (
    sa.select(sa.func.count(sa.distinct(_island(_other))))
    .where(
        _other.c.event_id == seat.c.event_id,
        _other.c.removed_at.is_(None),
        _other.c.first_reads > 0,
        _island(_other) != _island(seat),
    )
    .scalar_subquery()
)
_now = sa.bindparam("now", type_=event.c.opens_at.type)
OPEN_SEATS = (
    sa.select(*SEAT, _other_islands.label("other_islands"))
    .join(seat, seat.c.event_id == event.c.id)
    .where(
        seat.c.person_id == sa.bindparam("scorer"),
        seat.c.removed_at.is_(None),
        event.c.status == EventStatus.OPEN,
        sa.or_(event.c.opens_at.is_(None), event.c.opens_at <= _now),
        sa.or_(event.c.closes_at.is_(None), event.c.closes_at > _now),
    )
    .order_by(event.c.closes_at.is_(None), event.c.closes_at, event.c.id)
)
HELD = (
    sa.select(lease.c.id, lease.c.event_id, lease.c.leased_until)
    .where(lease.c.scorer_id == sa.bindparam("scorer"), IS_OPEN, IS_OPERATIONAL)
    .order_by(lease.c.leased_at, lease.c.id)
)


LOCKED_SEATS = OPEN_SEATS.with_for_update(of=seat, key_share=True)


def open_seats(connection, scorer_id, moment, event_id=None, *, query=OPEN_SEATS):
    """Return this scorer's seats in events that are open now; those that close soonest first.

    `other_islands` counts the groups of active scorers that share no response with this scorer's group yet.
    With LOCKED_SEATS, requests of one scorer that come at once are answered one after the other.
    """
    rows = connection.execute(query, {"scorer": scorer_id, "now": moment})
    return [row for row in rows if event_id in {None, row.event_id}]


def held_leases(connection, scorer_id, event_ids):
    """Return the leases this scorer holds in these events, the oldest first."""
    return [row for row in connection.execute(HELD, {"scorer": scorer_id}) if row.event_id in event_ids]


# Taking a place and giving it back


# Never waits for another transaction's row: two that hold one each and want the other's would wait for good.
_free = (
    sa.select(place.c.id)
    .where(
        place.c.id == sa.bindparam("place"),
        place.c.remaining == sa.bindparam("was_remaining"),
        place.c.required == sa.bindparam("was_required"),
    )
    .with_for_update(skip_locked=True, key_share=True)
)
TAKE = (
    sa.update(place)
    .where(place.c.id == _free.scalar_subquery())
    .values(remaining=sa.bindparam("now_remaining"), required=sa.bindparam("now_required"))
)
INSERT_LEASE = (
    sa.insert(lease)
    .values(purpose=Purpose.OPERATIONAL, status=AssignmentStatus.OPEN, draft=sa.null())
    .returning(lease.c.id)
)
TAKE_UP_LEASE = (
    sa.update(lease)
    .where(lease.c.id == sa.bindparam("lease"))
    .values(status=AssignmentStatus.OPEN, leased_at=_now, leased_until=sa.bindparam("until", type_=lease.c.leased_until.type))
)  # fmt: skip
COUNT_FIRST_READ = (
    sa.update(seat)
    .where(seat.c.id == sa.bindparam("seat"))
    .values(first_reads=seat.c.first_reads + 1, next_twice=sa.bindparam("next"))
)


def take(connection, a_seat, scorer, candidate, moment, draw):
    """Lease this response to the scorer; None if somebody was faster.

    Whoever is the first to get a response decides by their quota whether it is read twice.
    """
    required, following = candidate.required, None
    if not candidate.is_decided and candidate.reads == 0:
        twice, following = is_read_twice(a_seat.first_reads, a_seat.next_twice, a_seat.share_read_twice, draw)
        required = 2 if twice else 1
    taken = required - candidate.required + candidate.remaining - 1
    done = connection.execute(TAKE, {
        "place": candidate.id, "was_remaining": candidate.remaining, "was_required": candidate.required,
        "now_remaining": taken, "now_required": required,
    })  # fmt: skip
    if done.rowcount != 1:
        return None
    if following is not None:
        connection.execute(COUNT_FIRST_READ, {"seat": a_seat.seat_id, "next": following})
    until = lease_end(a_seat, moment)
    if candidate.own_lapsed is not None:
        connection.execute(TAKE_UP_LEASE, {"lease": candidate.own_lapsed, "now": moment, "until": until})
        return candidate.own_lapsed
    values = {"event_id": a_seat.event_id, "event_response_id": candidate.id, "response_id": candidate.response_id,
              "scorer_id": scorer.id, "leased_at": moment, "leased_until": until}  # fmt: skip
    return connection.execute(INSERT_LEASE, values).scalar_one()


TAKE_PLACE = (
    sa.update(place)
    .where(place.c.id == sa.bindparam("place"), place.c.remaining > 0)
    .values(remaining=place.c.remaining - 1)
)
GIVE_PLACE = (
    sa.update(place)
    .where(place.c.id == sa.bindparam("place"))
    .values(remaining=place.c.remaining + 1)
)  # fmt: skip
LOCK_PLACE = (
    sa.select(place).where(place.c.id == sa.bindparam("place")).with_for_update(key_share=True)
)  # fmt: skip


def take_again(connection, place_id):
    """Take a place whose lease ran out; False if somebody else has it now."""
    return connection.execute(TAKE_PLACE, {"place": place_id}).rowcount == 1


def give_back(connection, place_id):
    """Put a place back into the queue."""
    connection.execute(GIVE_PLACE, {"place": place_id})


def lock(connection, place_id):
    """Hold the response's row until the transaction ends: every change of a lease or read on it begins here."""
    return connection.execute(LOCK_PLACE, {"place": place_id}).one()


# Islands

SEATS_OF = sa.select(seat.c.id, seat.c.component).where(
    seat.c.event_id == sa.bindparam("event"), seat.c.person_id.in_(sa.bindparam("people", expanding=True))
)


def link(connection, event_id, people):
    """Note that these scorers have read the same response: their islands become one."""
    if len(_islands(connection, event_id, people)) < 2:
        return
    # Two links made at once would wait for each other's seats for good: they go one after the other. There are fewer
    # of them than scorers in the event.
    connection.execute(sa.select(event.c.id).where(event.c.id == event_id).with_for_update(key_share=True))
    islands = _islands(connection, event_id, people)
    joined = sa.and_(seat.c.event_id == event_id, _island(seat).in_(islands))
    connection.execute(sa.update(seat).where(joined).values(component=min(islands)))


def _islands(connection, event_id, people):
    found = connection.execute(SEATS_OF, {"event": event_id, "people": list(people)})
    return {island(row.component, row.id) for row in found}
