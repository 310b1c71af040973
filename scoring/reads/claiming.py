"""Claims: which response a scorer gets next, and taking it before somebody else does."""

import random
import time
from dataclasses import dataclass

from scoring.db import now, transaction
from scoring.reads import allocation, qualifying, queue, searching
from scoring.reads.leasing import as_scorer, extend, lapse_all, loaded

AHEAD = 2  # further leases a browser may hold, so that the next response is there at once
PAUSES = (0.005, 0.01, 0.02, 0.05, 0.1)  # seconds before looking again where others were faster
draw = random.SystemRandom().random


def take_next(scorer, event=None):
    """Lease the next response this scorer may read; None when nothing is waiting for them.

    Whoever already holds a lease gets that one again, so reloading is harmless.
    """
    return loaded(take_next_id(as_scorer(scorer), event.id if event is not None else None))


def read_ahead(scorer, event, having=()):
    """Lease one more response for a browser that holds those in `having`; None when it holds enough."""
    return loaded(take_next_id(as_scorer(scorer), event.id, having))


def take_next_id(scorer, event_id=None, having=()):
    """Do what `take_next` and `read_ahead` do, and return only the id of the lease."""
    for pause in PAUSES:
        with transaction() as session:
            turn = Turn(session.connection(), scorer, now())
            seats = seats_to_claim(turn, event_id)
            found = next_of(turn, seats, having)
        if found is not None:
            return found
        if turn.lost:
            time.sleep(pause * (0.5 + draw()))
        elif not _reap_events([each.event_id for each in seats]):
            return None
    return None


def seats_to_claim(turn, event_id):
    """Return the scorer's seats, held so that another request of theirs waits for this one."""
    return queue.open_seats(turn.connection, turn.scorer.id, turn.moment, event_id, query=queue.LOCKED_SEATS)


def _reap_events(event_ids):
    """Take back what ran out in these events; in a transaction of its own, because it waits for rows of others."""
    with transaction() as session:
        return lapse_all(session.connection(), now(), event_ids)


@dataclass
class Turn:
    """One scorer's search for the next response, within one transaction."""

    connection: object
    scorer: allocation.Scorer
    moment: object
    lost: int = 0  # places at which somebody else was faster: look again, there may be more
    rubrics: frozenset | None = None  # those the scorer is qualified for now, once somebody asked

    def search(self, seat):
        """Begin to look through the queue of one event; None where the scorer is qualified for nothing in it."""
        rubrics = None
        if seat.qualified_since is not None:
            if self.rubrics is None:
                self.rubrics = qualifying.rubrics_open_to(self.connection, self.scorer.id, self.moment)
            if not self.rubrics:
                return None
            rubrics = self.rubrics
        return searching.Search(self.connection, seat.event_id, self.scorer.id, draw(), rubrics)


def next_of(turn, seats, having=()):
    """Return the id of the next lease: one held already and not in `having`, else a new one; None when there is none."""
    by_event = {each.event_id: each for each in seats}
    held = queue.held_leases(turn.connection, turn.scorer.id, by_event)
    for each in held:
        if each.id not in having:
            extend(turn.connection, each.id, by_event[each.event_id], turn.moment)
            return each.id
    if len(held) > AHEAD:
        return None
    claims = (_claim(turn, seat) for seat in seats)
    return next((claimed for claimed in claims if claimed is not None), None)


def _claim(turn, seat):
    """Take the best place in one event: partly read ones first, as far as they need not be kept to link others."""
    own_island = allocation.island(seat.component, seat.seat_id)
    search = turn.search(seat)
    if search is None:
        return None
    kept = []
    for readable in _readable(turn, seat, search.batches(searching.PARTLY_READ)):
        linking, others = allocation.by_link(readable, own_island)
        kept += others
        if (lease := _first_taken(turn, seat, linking)) is not None:
            return lease
        if allocation.can_spare(len(kept), seat.other_islands):
            if (lease := _first_taken(turn, seat, kept)) is not None:
                return lease
            kept = []
    for readable in _readable(turn, seat, search.batches(searching.UNREAD)):
        if (lease := _first_taken(turn, seat, readable)) is not None:
            return lease
    return _first_taken(turn, seat, kept)


def _readable(turn, seat, batches):
    for batch in batches:
        readable = [each for each in batch if allocation.may_read(each, turn.scorer, seat)]
        if readable:
            yield readable


def something_waits(turn, seat):
    """Say whether the queue of an event holds anything this scorer may read; takes nothing."""
    search = turn.search(seat)
    return search is not None and any(
        True
        for priority in (searching.PARTLY_READ, searching.UNREAD)
        for _ in _readable(turn, seat, search.batches(priority))
    )


def _first_taken(turn, seat, found):
    for candidate in found:
        lease = queue.take(turn.connection, seat, turn.scorer, candidate, turn.moment, draw)
        if lease is not None:
            return lease
        turn.lost += 1
    return None
