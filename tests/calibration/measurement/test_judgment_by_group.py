"""Rubric scores beside comparisons, group by group: what is planted is found, and nothing else."""

import numpy as np
import pytest

from calibration.measurement.judgment import by_group, scale


def a_study(seed, *, lift=0.0, shift=0.0, n=60, per_response=14):
    """Three groups of scripts; group b is scored `lift` points too high, group a is more able by `shift` logits."""
    chance = np.random.default_rng(seed)
    group = np.array(["a", "b", "c"])[np.arange(n) % 3]
    ability = chance.normal(0, 1.5, n) + (group == "a") * shift
    score = np.clip(0.6 * ability + 2.5 + chance.normal(0, 0.4, n), 0, 6) + (group == "b") * lift
    orders = [chance.permutation(n) for _ in range(per_response // 2)]
    one, other = np.concatenate(orders), np.concatenate([np.roll(order, 1) for order in orders])
    wins = chance.random(one.size) < 1 / (1 + np.exp(ability[other] - ability[one]))
    chosen, left = np.where(wins, one, other), np.where(wins, other, one)
    found = scale.fit((np.arange(one.size) % 8).tolist(), chosen.tolist(), left.tolist(), splits=0)
    return found, dict(enumerate(score.tolist())), dict(enumerate(group.tolist()))


def test_a_group_that_is_scored_too_high_is_found():
    found = by_group.compare(*a_study(3, lift=0.8), draws=500)
    assert found["b"].flagged
    assert not found["a"].flagged
    assert found["b"].lift.low < 0.8 < found["b"].lift.high
    assert "points above" in found["b"].lift.sentence


def test_a_more_able_group_is_not_taken_for_one_that_is_scored_high():
    """Without the correction for errors of the abilities, group a would lie above the line in most studies."""
    lifts = [by_group.compare(*a_study(seed, shift=1.5), draws=120)["a"].lift for seed in range(12)]
    assert abs(np.mean([lift.value for lift in lifts])) < 0.15
    assert sum(lift.low <= 0 <= lift.high for lift in lifts) >= 10


def test_small_groups_and_scales_of_luck_have_no_figure():
    found, scores, groups = a_study(1, n=24)
    assert {group.lift.status for group in by_group.compare(found, scores, groups, draws=50).values()} == {
        "undefined:too_few"
    }
    chance = np.random.default_rng(2)
    one = np.tile(np.arange(40), 4)
    other = np.concatenate([np.roll(np.arange(40), shift) for shift in (1, 7, 12, 19)])
    coins = chance.random(one.size) < 0.5
    luck = scale.fit(
        None, np.where(coins, one, other).tolist(), np.where(coins, other, one).tolist(), splits=0
    )
    halves = {each: "ab"[each % 2] for each in range(40)}
    lifts = by_group.compare(luck, {each: each % 4 for each in range(40)}, halves, draws=50)
    assert {group.lift.status for group in lifts.values()} == {"undefined:no_variation"}


def test_scripts_without_a_score_do_not_matter():
    found, scores, groups = a_study(5)
    more = scale.fit(None, [0, 1, 0], [1, 2, 2])
    assert by_group.compare(more, {0: None, 1: 2.0, 2: float("nan")}, {0: "a", 1: "a", 2: "b"})["a"].n == 1
    first = by_group.compare(found, scores, groups, draws=120)
    again = by_group.compare(found, scores, groups, draws=120)
    assert first["a"].lift.value == pytest.approx(again["a"].lift.value, abs=0)
    assert first["a"].lift.low == again["a"].lift.low
