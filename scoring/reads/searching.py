"""Looking for what one scorer may read next: a few candidates around a random start, and all the rest on demand."""

import sqlalchemy as sa

from scoring.reads.allocation import Candidate, island
from scoring.reads.models import AssignmentStatus, SeenWork
from scoring.reads.queue import WAITS, lease, place, seat
from scoring.responses.models import Response, RosterEntry

BATCH, FEW_PARTLY_READ, FEW_UNREAD = 32, 8, 4


def _waiting(name, priority, *more):
    """Query what waits at one priority from a place in the random order on; bounds and size are named after `name`."""
    query = (
        sa.select(place)
        .where(
            place.c.event_id == sa.bindparam("event"),
            WAITS,
            place.c.priority == priority,
            place.c.random_key >= sa.bindparam(f"{name}_low"),
            place.c.random_key < sa.bindparam(f"{name}_high"),
            *more,
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
    seen = SeenWork.__table__
    return (
        sa.select(
            waiting.c.id, waiting.c.response_id, waiting.c.district_id, waiting.c.school_id, waiting.c.required,
            waiting.c.remaining, waiting.c.reads, waiting.c.priority, waiting.c.random_key,
            own.c.id.label("own_id"), own.c.status.label("own_status"), own.c.event_response_id.label("own_place"),
            roster.c.id.label("roster_id"), seen.c.seen_at,
            other.c.id.label("other_id"), other.c.status.label("other_status"),
            other_seat.c.id.label("other_seat_id"), other_seat.c.component.label("other_component"),
        )
        .select_from(waiting)
        .join(response, response.c.id == waiting.c.response_id)
        .outerjoin(own, sa.and_(own.c.scorer_id == me, own.c.response_id == waiting.c.response_id))
        .outerjoin(roster, sa.and_(roster.c.person_id == me, roster.c.student_id == response.c.student_id))
        .outerjoin(seen, sa.and_(seen.c.person_id == me, seen.c.response_id == waiting.c.response_id))
        .outerjoin(other, sa.and_(other.c.event_response_id == waiting.c.id, other.c.scorer_id != me,
                                  other.c.purpose == sa.literal_column("'operational'")))
        .outerjoin(other_seat, sa.and_(other_seat.c.event_id == sa.bindparam("event"),
                                       other_seat.c.person_id == other.c.scorer_id))
    )  # fmt: skip


PARTLY_READ, UNREAD = 0, 1
OF_RUBRICS = place.c.rubric_id.in_(sa.bindparam("rubrics", expanding=True))


def _looks(*more):
    """The first look, and the further look by priority; `more` narrows both."""
    parts = [("p", PARTLY_READ), ("q", PARTLY_READ), ("u", UNREAD), ("v", UNREAD)]
    further = {priority: _candidates(_waiting("p", priority, *more)) for priority in (PARTLY_READ, UNREAD)}
    return _candidates(*(_waiting(name, priority, *more) for name, priority in parts)), further


EVERYTHING, QUALIFIED_FOR = _looks(), _looks(OF_RUBRICS)
HOLDS = {AssignmentStatus.OPEN, AssignmentStatus.SUBMITTED}


class Search:
    """What waits in one event as one scorer sees it: a first look around a random start, and all the rest on demand.

    `rubrics` are the ids of the rubric versions the scorer may be handed; None where the event does not ask.
    """

    def __init__(self, connection, event_id, scorer_id, start, rubrics=None):
        self.connection, self.start, self.seen = connection, start, set()
        self.common = {"event": event_id, "scorer": scorer_id}
        first, self.further = EVERYTHING
        if rubrics is not None:
            self.common["rubrics"] = sorted(rubrics)
            first, self.further = QUALIFIED_FOR
        values = dict(self.common)
        for name, low, high, size in (("p", start, 2.0, FEW_PARTLY_READ), ("q", -1.0, start, FEW_PARTLY_READ),
                                      ("u", start, 2.0, FEW_UNREAD), ("v", -1.0, start, FEW_UNREAD)):  # fmt: skip
            values |= {f"{name}_low": low, f"{name}_high": high, f"{name}_size": size}
        rows = connection.execute(first, values).all()
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
            rows = self.connection.execute(self.further[priority], values).all()
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
        had=row.seen_at is not None or (row.own_id is not None and not takes_up),
        own_student=row.roster_id is not None,
        islands=frozenset(island(each.other_component, each.other_seat_id) for each in holders),
        is_decided=row.own_id is not None or any(each.other_id is not None for each in rows),
    )  # fmt: skip
