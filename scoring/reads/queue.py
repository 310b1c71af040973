"""The queue's SQL: whose turn it is, what waits, and how a place is taken by compare-and-set. The same on each engine.

A partial index over what still waits, a random start in it, a few candidates, and an UPDATE that only succeeds if
nobody was faster: the cost of a claim does not grow with the event.
"""

from datetime import timedelta

import sqlalchemy as sa

from scoring.events.models import Event, EventResponse, EventScorer, EventStatus
from scoring.reads.allocation import Candidate, is_read_twice, island
from scoring.reads.models import Assignment, AssignmentStatus, Purpose
from scoring.responses.models import Response, RosterEntry

BATCH, FEW_PARTLY_READ, FEW_UNREAD = 32, 8, 4
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
    event.c.exclude_own_district, seat.c.id.label("seat_id"), seat.c.component, seat.c.first_reads,
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


# Candidates


def _waiting(name, priority):
    """Query what waits at one priority from a place in the random order on; bounds and size are named after `name`."""
    query = (
        sa.select(place)
        .where(
            place.c.event_id == sa.bindparam("event"),
            WAITS,
            place.c.priority == priority,
            place.c.random_key >= sa.bindparam(f"{name}_low"),
            place.c.random_key < sa.bindparam(f"{name}_high"),
        )
        .order_by(place.c.random_key)
        .limit(sa.bindparam(f"{name}_size"))
    )
    return sa.select(query.subquery(name))


def _candidates(*parts):
    """Query candidates with what allocation must know of each: had before, own student, and who else has it."""
    waiting = (sa.union_all(*parts) if len(parts) > 1 else parts[0]).subquery("waiting")
    own, other, other_seat = lease.alias("own"), lease.alias("other"), seat.alias("other_seat")
    me = sa.bindparam("scorer")
    roster = RosterEntry.__table__
    response = Response.__table__
    return (
        sa.select(
            waiting.c.id, waiting.c.response_id, waiting.c.district_id, waiting.c.school_id, waiting.c.required,
            waiting.c.remaining, waiting.c.reads, waiting.c.priority, waiting.c.random_key,
            own.c.id.label("own_id"), own.c.status.label("own_status"), own.c.event_response_id.label("own_place"),
            roster.c.id.label("roster_id"),
            other.c.id.label("other_id"), other.c.status.label("other_status"),
            other_seat.c.id.label("other_seat_id"), other_seat.c.component.label("other_component"),
        )
        .select_from(waiting)
        .join(response, response.c.id == waiting.c.response_id)
        .outerjoin(own, sa.and_(own.c.scorer_id == me, own.c.response_id == waiting.c.response_id))
        .outerjoin(roster, sa.and_(roster.c.person_id == me, roster.c.student_id == response.c.student_id))
        .outerjoin(other, sa.and_(other.c.event_response_id == waiting.c.id, other.c.scorer_id != me,
                                  other.c.purpose == sa.literal_column("'operational'")))
        .outerjoin(other_seat, sa.and_(other_seat.c.event_id == sa.bindparam("event"),
                                       other_seat.c.person_id == other.c.scorer_id))
    )  # fmt: skip


PARTLY_READ, UNREAD = 0, 1
FIRST_LOOK = _candidates(_waiting("p", PARTLY_READ), _waiting("q", PARTLY_READ), _waiting("u", UNREAD), _waiting("v", UNREAD))  # fmt: skip
FURTHER_LOOK = {priority: _candidates(_waiting("p", priority)) for priority in (PARTLY_READ, UNREAD)}
HOLDS = {AssignmentStatus.OPEN, AssignmentStatus.SUBMITTED}


class Search:
    """What waits in one event as one scorer sees it: a first look around a random start, and all the rest on demand."""

    def __init__(self, connection, event_id, scorer_id, start):
        self.connection, self.start, self.seen = connection, start, set()
        self.common = {"event": event_id, "scorer": scorer_id}
        values = dict(self.common)
        for name, low, high, size in (("p", start, 2.0, FEW_PARTLY_READ), ("q", -1.0, start, FEW_PARTLY_READ),
                                      ("u", start, 2.0, FEW_UNREAD), ("v", -1.0, start, FEW_UNREAD)):  # fmt: skip
            values |= {f"{name}_low": low, f"{name}_high": high, f"{name}_size": size}
        rows = connection.execute(FIRST_LOOK, values).all()
        self.first = {
            priority: [row for row in rows if row.priority == priority] for priority in (PARTLY_READ, UNREAD)
        }

    def batches(self, priority):
        """Yield candidates in batches until everything that waits at this priority was seen."""
        rows = self.first[priority]
        yield self._fresh(rows)
        few = FEW_PARTLY_READ if priority == PARTLY_READ else FEW_UNREAD
        for low, high in ((self.start, 2.0), (-1.0, self.start)):
            keys = [row.random_key for row in rows if low <= row.random_key < high]
            if len({row.id for row in rows if low <= row.random_key < high}) == few:
                yield from self._rest(priority, max(keys), high)

    def _rest(self, priority, low, high):
        size = BATCH
        while True:
            values = {**self.common, "p_low": low, "p_high": high, "p_size": size}
            rows = self.connection.execute(FURTHER_LOOK[priority], values).all()
            yield self._fresh(rows)
            if len({row.id for row in rows}) < size:
                return
            low, size = max(row.random_key for row in rows), size * 4

    def _fresh(self, rows):
        found = {}
        for row in rows:
            if row.id not in self.seen:
                found.setdefault(row.id, []).append(row)
        self.seen.update(found)
        groups = sorted(found.values(), key=self._turn)
        return [_candidate(group) for group in groups]

    def _turn(self, group):
        return group[0].random_key < self.start, group[0].random_key


def _candidate(rows):
    """Fold the rows of one response, one for each scorer who ever held it, into what allocation looks at."""
    row = rows[0]
    takes_up = row.own_status is AssignmentStatus.LAPSED and row.own_place == row.id
    holders = [each for each in rows if each.other_status in HOLDS and each.other_seat_id]
    return Candidate(
        row.id, row.response_id, row.district_id, row.school_id, row.required, row.remaining, row.reads,
        own_lapsed=row.own_id if takes_up else None,
        had=row.own_id is not None and not takes_up,
        own_student=row.roster_id is not None,
        islands=frozenset(island(each.other_component, each.other_seat_id) for each in holders),
        is_decided=row.own_id is not None or any(each.other_id is not None for each in rows),
    )  # fmt: skip


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
    found = connection.execute(SEATS_OF, {"event": event_id, "people": list(people)}).all()
    islands = {island(row.component, row.id) for row in found}
    if len(islands) < 2:
        return
    joined = sa.and_(seat.c.event_id == event_id, _island(seat).in_(islands))
    # Rows in one order, so that two links made at once wait in line and not for each other.
    connection.execute(sa.select(seat.c.id).where(joined).order_by(seat.c.id).with_for_update(key_share=True))
    connection.execute(sa.update(seat).where(joined).values(component=min(islands)))
