"""How sure a result is: against a sum by hand, a published interval, and simulated scorers."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.qualification import certainty
from calibration.qualification.rules import Rule, Scope, Scored, judge

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
    both = certainty.of_try(Rule(), result, [papers], TRAITS)
    assert both == certainty.certainty([1.0] * 8 + [0.0] * 2, 0.7)


def test_the_trait_nearest_to_failing_decides_where_each_counts():
    papers = [Scored({"claim": 3, "evidence": 2 + (at < 7)}, {"claim": 3, "evidence": 3}) for at in range(10)]
    rule = Rule(scope=Scope.PER_TRAIT)
    found = certainty.of_try(rule, judge(rule, [papers], TRAITS), [papers], TRAITS)
    assert found.share == pytest.approx(0.7)
    left_out = Rule(drops_best_trait=True)
    assert certainty.of_try(
        left_out, judge(left_out, [papers], TRAITS), [papers], TRAITS
    ).share == pytest.approx(0.7)


@pytest.mark.parametrize("share", [0.6, 0.8])
def test_the_chance_to_pass_is_that_of_simulated_scorers(share):
    chance = random.Random(11)
    passes = sum(sum(chance.random() < share for _ in range(10)) >= 7 for _ in range(20_000)) / 20_000
    assert certainty.chance_to_pass(share, 10, 70) == pytest.approx(passes, abs=0.012)
    once = certainty.chance_to_pass(share, 10, 70)
    assert certainty.chance_to_pass(share, 10, 70, 2) == pytest.approx(1 - (1 - once) ** 2)


def test_intervals_hold_the_true_share_as_often_as_they_say():
    """Scorers of all kinds, ten papers each: 90 % intervals hold the truth 90 of 100 times, on average."""
    chance, held = random.Random(5), 0
    for _ in range(2_000):
        share = chance.random()
        found = certainty.certainty([float(chance.random() < share) for _ in range(10)], 0.7)
        held += found.low <= share <= found.high
    assert 0.88 <= held / 2_000 <= 0.93
