"""How sure a result is: against a sum by hand, a published interval, and simulated scorers."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.qualification import certainty
from calibration.qualification.results import Outcome
from calibration.qualification.rules import Judging, Rule, Scope, Scored, judge

TRAITS = [("claim", "Claim"), ("evidence", "Evidence")]


def by_hand(hits, n, bar, steps=200_000):
    """P(share >= bar) under Beta(hits + 1/2, n - hits + 1/2), as a plain sum; x = sin^2 takes the poles away."""
    a, b = hits + 0.5, n - hits + 0.5
    width = math.pi / 2 / steps
    weight = [
        math.sin(angle) ** (2 * a - 1) * math.cos(angle) ** (2 * b - 1)
        for angle in (width * (step + 0.5) for step in range(steps))
    ]
    start = math.asin(math.sqrt(bar))
    above = sum(each for step, each in enumerate(weight) if width * (step + 0.5) >= start)
    return above / sum(weight)


@pytest.mark.parametrize(
    ("hits", "n", "bar"), [(7, 10, 0.7), (8, 10, 0.7), (10, 10, 0.7), (3, 10, 0.8), (17.5, 20, 0.8)]
)
def test_the_probability_is_the_sum_by_hand(hits, n, bar):
    shares = [hits / n] * n
    assert certainty.certainty(shares, bar).above == pytest.approx(by_hand(hits, n, bar), abs=2e-4)


def test_the_interval_is_jeffreys_with_its_ends_mended():
    """Brown, Cai & DasGupta (2001) close the interval at 0 for no hit and at 1 for all."""
    none, all_ = certainty.certainty([0.0] * 10, 0.7), certainty.certainty([1.0] * 10, 0.7)
    assert (none.low, all_.high) == (0.0, 1.0)
    assert none.high == pytest.approx(1 - all_.low)
    half = certainty.certainty([1.0] * 5 + [0.0] * 5, 0.7)
    assert half.low == pytest.approx(1 - half.high)
    assert by_hand(5, 10, half.low) == pytest.approx(0.95, abs=1e-3)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.05, 0.95))
def test_an_interval_holds_its_share_and_a_higher_bar_is_harder(shares, bar):
    found = certainty.certainty(shares, bar)
    assert 0 <= found.low <= found.share + 1e-9 and found.share - 1e-9 <= found.high <= 1
    assert 0 <= found.above <= 1
    assert certainty.certainty(shares, min(bar + 0.04, 1)).above <= found.above + 1e-12


def test_results_near_the_line_say_so_and_clear_ones_too():
    near = certainty.certainty([1.0] * 8 + [0.0] * 2, 0.7)
    assert not near.is_clear(True)
    assert near.words(True).startswith("With 10 papers this could have gone either way: over many papers")
    assert certainty.certainty([1.0] * 10, 0.7).words(True).startswith("This is clear, also with 10 papers")
    assert certainty.certainty([0.0] * 10, 0.7).is_clear(False)
    assert certainty.certainty([], 0.7).n_papers == 0


def test_papers_count_and_not_scores():
    """Four traits that go together tell no more than one."""
    paper = Scored({"claim": 3, "evidence": 3}, {"claim": 3, "evidence": 3})
    off = Scored({"claim": 2, "evidence": 2}, {"claim": 3, "evidence": 3})
    papers = [paper] * 8 + [off] * 2
    result = judge(Rule(), [papers], TRAITS)
    both = certainty.of_try(Rule(), result, TRAITS)
    assert both == certainty.certainty([1.0] * 8 + [0.0] * 2, 0.7)


def test_the_trait_nearest_to_failing_decides_where_each_counts():
    papers = [Scored({"claim": 3, "evidence": 2 + (at < 7)}, {"claim": 3, "evidence": 3}) for at in range(10)]
    rule = Rule(scope=Scope.PER_TRAIT)
    found = certainty.of_try(rule, judge(rule, [papers], TRAITS), TRAITS)
    assert found.share == pytest.approx(0.7)
    left_out = Rule(drops_best_trait=True)
    assert certainty.of_try(left_out, judge(left_out, [papers], TRAITS), TRAITS).share == pytest.approx(0.7)


def tried(rule, sets, traits=TRAITS, off=1):
    """A try as it was judged: each set gives how many of ten papers are exact on each trait, the others off by so much."""
    papers = [
        [
            Scored({key: 3 if at < n else 3 - off for (key, _), n in zip(traits, exact, strict=True)}, dict.fromkeys(dict(traits), 3))
            for at in range(10)
        ]
        for exact in sets
    ]  # fmt: skip
    result = judge(rule, papers, traits)
    return Outcome(result, certainty.of_try(rule, result, traits), papers)


CLAIM, TWO_SETS = TRAITS[:1], {"sets_to_see": 2, "sets_to_pass": 2}


def test_the_set_and_the_trait_that_decided_are_named():
    found = tried(Rule(**TWO_SETS), [[10], [6]], CLAIM)
    assert (found.passed, found.certainty.share) == (False, pytest.approx(0.6))
    assert found.how_sure.startswith(
        "What decided it was the share of exact scores in set 2. With 10 papers this could have gone either way: "
        "over many papers like those of set 2 you would be exact on between 35 and 81 of every 100 scores."
    )
    by_trait = tried(Rule(scope=Scope.PER_TRAIT, **TWO_SETS), [[6, 10], [10, 9]])
    assert by_trait.how_sure.startswith("What decided it was the share of exact scores in Claim of set 1.")
    assert by_trait.how_sure.endswith("of every 100 scores in Claim.")
    passed = tried(Rule(**TWO_SETS), [[10], [8]], CLAIM)
    assert passed.how_sure.startswith("Of what had to reach the bar, nearest to it was the share of exact scores in set 2.")  # fmt: skip


def test_where_scores_too_far_apart_decided_is_said():
    words = "The share of exact scores was enough. What decided it was how far the others were apart"
    assert tried(Rule(), [[8]], CLAIM, off=2).how_sure == f"{words}."
    assert tried(Rule(**TWO_SETS), [[10], [8]], CLAIM, off=2).how_sure == f"{words} in set 2."
    by_trait = tried(Rule(scope=Scope.PER_TRAIT, **TWO_SETS), [[8, 10], [10, 9]], off=2)
    assert by_trait.how_sure == f"{words} in Claim of set 1 and in Evidence of set 2."
    assert not by_trait.is_near_the_line
    assert tried(Rule(adjacent_share=90, most_discrepant=None), [[8]], CLAIM, off=2).how_sure == f"{words}."
    both = tried(Rule(**TWO_SETS), [[6], [8]], CLAIM, off=2)  # set 1 fails by exact scores too
    assert both.certainty.place == 1 and both.how_sure.startswith("What decided it was the share of exact scores in set 1.")  # fmt: skip


def test_each_set_leaves_out_its_own_best_trait():
    rule = Rule(drops_best_trait=True, **TWO_SETS)
    passed, failed = tried(rule, [[10, 8], [7, 10]]), tried(rule, [[10, 6], [8, 9]])
    assert (passed.passed, passed.certainty.share, passed.certainty.place) == (True, pytest.approx(0.7), 2)
    assert (failed.passed, failed.certainty.share, failed.certainty.place) == (False, pytest.approx(0.6), 1)
    assert passed.certainty.n_papers == failed.certainty.n_papers == 10


def test_a_set_that_is_left_out_tells_nothing():
    rule = Rule(sets_to_see=2, judging=Judging.TOGETHER, drops_worst_set=True)
    found = tried(rule, [[10], [2]], CLAIM)
    assert found.passed and found.certainty == certainty.certainty([1.0] * 10, 0.7)
    assert (found.counted.exact, found.counted.n) == (10, 10)


def test_a_pass_is_clear_only_where_all_that_must_pass_are():
    """Nine of ten are clear for one trait and not for four; ten of ten are for both."""
    four = [(key, key.title()) for key in "abcd"]
    rule = Rule(scope=Scope.PER_TRAIT)
    one = certainty.certainty([1.0] * 9 + [0.0], 0.7).above
    found = tried(rule, [[9] * 4], four).certainty
    assert found.above == pytest.approx(one**4) and one > certainty.CLEAR and not found.is_clear(True)
    assert tried(rule, [[10] * 4], four).certainty.is_clear(True)
    assert tried(Rule(**TWO_SETS), [[9], [9]], CLAIM).certainty.above == pytest.approx(one**2)


def test_a_fail_is_clear_only_where_it_is_also_if_shares_go_together():
    six = certainty.certainty([1.0] * 6 + [0.0] * 4, 0.7).above
    all_four = tried(Rule(scope=Scope.PER_TRAIT), [[6] * 4], [(key, key) for key in "abcd"])
    assert all_four.certainty.above == pytest.approx(six)  # independent it would be its fourth power
    one_of_two = tried(Rule(sets_to_see=2, sets_to_pass=1), [[6], [6]], CLAIM)
    assert one_of_two.certainty.above == pytest.approx(1 - (1 - six) ** 2)  # together it would be one
    assert not one_of_two.passed and one_of_two.is_near_the_line


def test_a_set_that_passed_nothing_does_not_carry_a_pass():
    """Set 1 has exact scores enough and others too far apart; the pass rests on set 2 alone."""
    sets = [[Scored({"claim": 3 if at < 9 else 1}, {"claim": 3}) for at in range(10)],
            [Scored({"claim": 3 if at < 7 else 2}, {"claim": 3}) for at in range(10)]]  # fmt: skip
    rule = Rule(sets_to_see=2, sets_to_pass=1)
    found = certainty.of_try(rule, judge(rule, sets, CLAIM), CLAIM)
    assert (found.place, found.share) == (2, pytest.approx(0.7))


def test_intervals_hold_the_true_share_as_often_as_they_say():
    """Scorers of all kinds, ten papers each: 90 % intervals hold the truth 90 of 100 times, on average."""
    chance, held = random.Random(5), 0
    for _ in range(2_000):
        share = chance.random()
        found = certainty.certainty([float(chance.random() < share) for _ in range(10)], 0.7)
        held += found.low <= share <= found.high
    assert 0.88 <= held / 2_000 <= 0.93
