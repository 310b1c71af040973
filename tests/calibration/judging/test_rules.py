"""Pairs: spread evenly, never twice to one person, joined soon, and never by what was chosen before."""

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.judging import rules


def play(responses, people, planned, seed):
    """Hand out pairs to people in turn, as the service does; return (pairs, pairs by person)."""
    chance = random.Random(seed)
    made, had = [], {person: set() for person in range(people)}
    while len(made) < planned:
        pairs = [
            (person, rules.next_pair(range(responses), made, had[person], chance.random)) for person in had
        ]
        person, pair = next((each for each in chance.sample(pairs, len(pairs)) if each[1]), (None, None))
        if pair is None:
            break
        made.append(pair)
        had[person].add(frozenset(pair))
    return made, had


@given(st.integers(6, 16), st.integers(2, 5), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_every_response_stands_in_as_many_pairs_and_is_joined_to_all_after_three_rounds(
    responses, people, seed
):
    made, had = play(responses, people, -(-3 * responses // 2), seed)
    counts = Counter(each for pair in made for each in pair)
    # 2 only where the last partners left were had already by whoever asked
    assert max(counts.values()) - min(counts[each] for each in range(responses)) <= 2
    islands = rules.Islands(made)
    assert len({islands.of(each) for each in range(responses)}) == 1
    assert sum(len(pairs) for pairs in had.values()) == len(made)


def test_nothing_stands_on_the_left_more_than_on_the_right():
    made, _ = play(12, 3, 90, seed=4)
    left, right = Counter(a for a, _ in made), Counter(b for _, b in made)
    assert max(abs(left[each] - right[each]) for each in range(12)) <= 3


def test_nobody_gets_a_pair_twice_and_it_ends_when_all_pairs_are_had():
    made, _ = play(4, 1, 100, seed=1)
    assert sorted(map(sorted, made)) == [[a, b] for a in range(4) for b in range(a + 1, 4)]


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 4)), min_size=8, max_size=60), st.integers(8, 40)
)
@settings(deadline=None)
def test_a_sample_leaves_no_district_and_no_score_out(groups, size):
    rows = [(number, *group) for number, group in enumerate(groups)]
    chosen = rules.sample(rows, size, random.Random(1).random)
    assert len(set(chosen)) == len(chosen) == min(size, len(rows))
    assert {rows[each][1:] for each in chosen} == {row[1:] for row in rows}
