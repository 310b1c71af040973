"""Who may read what, which response is read twice, and which waiting response is the best to hand out next.

Pure: plain values in, decisions out. Chance comes in as `draw`, a function like random.random.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scorer:
    """What allocation must know of a scorer."""

    id: int
    districts: frozenset = frozenset()
    schools: frozenset = frozenset()


@dataclass(frozen=True)
class Candidate:
    """A response with a free place, as one scorer sees it from the queue's side."""

    id: int
    response_id: int
    district_id: int
    school_id: int | None
    required: int
    remaining: int
    reads: int = 0
    own_lapsed: int | None = None  # this scorer's lease on it that ran out: may be taken up again
    had: bool = False  # handed to this scorer before, in any role and any event, or met with its scores
    own_student: bool = False
    islands: frozenset = frozenset()  # where the scorers stand who read it or hold it now
    is_decided: bool = False  # somebody had it before, so whether it is read twice stands already


def may_read(candidate, scorer, rules):
    """Say whether this scorer may read this response.

    `rules` carries exclude_own_students, exclude_own_school and exclude_own_district, as an event does.
    """
    if candidate.had:
        return False
    if rules.exclude_own_students and candidate.own_student:
        return False
    if rules.exclude_own_school and candidate.school_id in scorer.schools:
        return False
    return not (rules.exclude_own_district and candidate.district_id in scorer.districts)


# The quota: how many first reads of each scorer are read a second time


def block(place, share):
    """Return where the block of first reads begins and ends that holds this one; one in each block is read twice.

    At 30 of 100 the blocks are 3, 3 and 4 long, so that ten first reads always bring three second reads.

    >>> [block(place, 30) for place in (0, 3, 6, 9)]
    [(0, 3), (3, 6), (6, 10), (6, 10)]
    >>> block(0, 100), block(7, 20)
    ((0, 1), (5, 10))
    """
    number = ((place + 1) * share - 1) // 100
    start, end = number * 100 // share, (number + 1) * 100 // share
    return start, end


def is_read_twice(first_reads, next_twice, share, draw):
    """Decide whether a scorer's next first read is read twice; return that and the new `next_twice`.

    `first_reads` counts the earlier ones. `next_twice` is the count at which the next is read twice, drawn at random
    within its block; it is drawn anew when the share was changed and it fits no block ahead.

    >>> is_read_twice(0, 0, 20, lambda: 0.5)
    (False, 3)
    >>> is_read_twice(2, 3, 20, lambda: 0.0)
    (True, 6)
    >>> is_read_twice(7, 0, 0, lambda: 0.5), is_read_twice(7, 0, 100, lambda: 0.5)
    ((False, 0), (True, 0))
    """
    if share <= 0:
        return False, 0
    if share >= 100:
        return True, 0
    _, end = block(first_reads, share)
    _, end_of_next = block(end, share)
    place = next_twice - 1
    if not first_reads <= place < end_of_next:
        place = _within(first_reads, end, draw)
    if place == first_reads:
        return True, _within(end, end_of_next, draw) + 1
    return False, place + 1


def _within(start, end, draw):
    return start + min(int(draw() * (end - start)), end - start - 1)


# Linking: scorers who share a response can be compared; second reads make the links


def island(component, scorer_id):
    """Return the group of linked scorers that one belongs to; whoever shares nothing yet is an island of their own.

    >>> island(0, 17), island(4, 17)
    (17, 4)
    """
    return component or scorer_id


def by_link(candidates, own_island):
    """Split partly read responses in those that would link this scorer to another island, and the others."""
    linking = [each for each in candidates if each.islands - {own_island}]
    others = [each for each in candidates if not each.islands - {own_island}]
    return linking, others


def can_spare(waiting, other_islands):
    """Say whether a second read within one's own island may be taken while unread responses are left.

    Each island still apart needs one partly read response to be linked by, so that many are kept for them.

    >>> can_spare(waiting=3, other_islands=0), can_spare(waiting=2, other_islands=2)
    (True, False)
    """
    return waiting > other_islands
