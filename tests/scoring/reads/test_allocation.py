"""Who may read what, and which response is read twice: the rules themselves."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.reads.allocation import Candidate, Scorer, block, by_link, is_read_twice, may_read

SHARES = st.integers(1, 99)
DRAWS = st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=30)


def chance(values):
    """Draw these values over and over."""
    count = iter(range(10**9))
    return lambda: values[next(count) % len(values)]


def twice_of(reads, share, draw, state=(0, 0)):
    """Let a scorer take so many first reads; return which of them are read twice, and where that leaves the quota."""
    first, upcoming = state
    chosen = []
    for _ in range(reads):
        twice, upcoming = is_read_twice(first, upcoming, share, draw)
        chosen.append(twice)
        first += 1
    return chosen, (first, upcoming)


@given(SHARES, DRAWS)
def test_a_hundred_first_reads_bring_exactly_the_share(share, draws):
    chosen, _ = twice_of(100, share, chance(draws))
    assert sum(chosen) == share


@given(SHARES, DRAWS, st.integers(1, 250))
def test_the_quota_is_never_more_than_one_off(share, draws, reads):
    chosen, _ = twice_of(reads, share, chance(draws))
    assert abs(sum(chosen) - reads * share / 100) <= 1


@given(SHARES, DRAWS)
def test_each_block_holds_one_response_that_is_read_twice(share, draws):
    chosen, _ = twice_of(200, share, chance(draws))
    start = 0
    while start < 200:
        begin, end = block(start, share)
        assert begin == start
        if end <= 200:
            assert sum(chosen[start:end]) == 1
        start = end


@given(st.integers(0, 100), st.integers(0, 100), DRAWS, st.integers(0, 150))
def test_the_share_may_change_mid_run(before, after, draws, reads):
    draw = chance(draws)
    _, state = twice_of(reads, before, draw)
    chosen, _ = twice_of(300, after, draw, state)
    assert abs(sum(chosen) - 3 * after) <= 2


def test_nothing_and_everything():
    assert not any(twice_of(50, 0, chance([0.3]))[0])
    assert all(twice_of(50, 100, chance([0.3]))[0])


@given(st.integers(5, 50))
def test_every_place_in_a_block_can_be_drawn(share):
    start, end = block(0, share)
    spots = {twice_of(end, share, chance([each / 100]))[0].index(True) for each in range(100)}
    assert spots == set(range(start, end))


RULES = SimpleNamespace(exclude_own_students=True, exclude_own_school=True, exclude_own_district=True)
NO_RULES = SimpleNamespace(exclude_own_students=False, exclude_own_school=False, exclude_own_district=False)
STRANGER = Candidate(id=1, response_id=1, district_id=7, school_id=8, required=2, remaining=1)
ANA = Scorer(5, frozenset({1}), frozenset({2}))


@pytest.mark.parametrize(
    ("change", "with_rules", "without"),
    [
        ({}, True, True),
        ({"had": True}, False, False),
        ({"own_student": True}, False, True),
        ({"school_id": 2}, False, True),
        ({"school_id": None}, True, True),
        ({"district_id": 1}, False, True),
        ({"own_lapsed": 44}, True, True),
    ],
)
def test_who_may_read_what(change, with_rules, without):
    candidate = replace(STRANGER, **change)
    assert may_read(candidate, ANA, RULES) is with_rules
    assert may_read(candidate, ANA, NO_RULES) is without


def test_a_second_read_prefers_to_link_another_island():
    own = replace(STRANGER, id=1, islands=frozenset({3}))
    foreign = replace(STRANGER, id=2, islands=frozenset({4}))
    assert by_link([own, foreign], 3) == ([foreign], [own])
