"""Coefficients beyond chance: 105 published figures with their standard errors, loops by hand, edges."""

import json
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from calibration.measurement import (
    alpha,
    chance,
    gwet,
    intervals,
    kappa,
    linearization,
    pairs,
    resampling,
    weights,
)
from calibration.measurement.ratings import Ratings
from calibration.measurement.result import NO_VARIATION, TOO_FEW

GOLDEN = json.loads((Path(__file__).parent / "golden" / "chance.json").read_text())
COEFFICIENTS = {
    "pa": chance.weighted_agreement,
    "bp": chance.brennan_prediger,
    "scott": chance.scott_pi,
    "fleiss": chance.fleiss,
    "gwet": gwet.ac2,
    "krippendorff": alpha.linearized,
}


def rated(rows, points):
    long = [(str(r), f"s{s}", "t", score) for r, given in enumerate(rows) for s, score in enumerate(given)]
    return Ratings.from_rows(long, points=points).of("t")


def worked_out(name, data, weighting):
    if "table" in data:
        counts = pairs.PairCounts.from_table(data["table"], data["points"], fixed_pair=("ana", "ben"))
        if name == "cohen":
            return kappa.cohen(counts, power=weighting)
        return COEFFICIENTS[name](counts, weighting=weighting)
    ratings = rated(data["rows"], data["points"])
    if name == "conger":
        return chance.conger(ratings, pairs.count(ratings), weighting=weighting)
    return COEFFICIENTS[name](pairs.count(ratings), weighting=weighting)


def label(case):
    return f"{case['data']}-{case['coefficient']}-{case['test']}"


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=label)
def test_published_coefficients_and_standard_errors(case):
    data, tolerance = GOLDEN["data"][case["data"]], case.get("tol", GOLDEN["tol"])
    found, expected = worked_out(case["coefficient"], data, case["weighting"]), case["expected"]
    assert found.status == "ok"
    assert found.value == pytest.approx(expected["value"], abs=tolerance)
    n, se = (np.sum(data["table"]), found.se) if "table" in data else (None, found.se)
    if n and case["coefficient"] != "cohen":
        se *= np.sqrt((n - 1) / n)  # their table routine divides by n
    if "se" in expected:
        assert se == pytest.approx(expected["se"], abs=tolerance)
    t = intervals.t_quantile(0.975, int(n) - 1) if n else None
    low, high = (found.value - t * se, min(1, found.value + t * se)) if n else (found.low, found.high)
    assert low == pytest.approx(expected.get("low", low), abs=tolerance)
    assert high == pytest.approx(expected.get("high", high), abs=tolerance)


def design(seed, q=4):
    """Rows of a random design: responses x scorers, None where a read is missing."""
    draw = np.random.default_rng(seed)
    n, r = int(draw.integers(5, 30)), int(draw.integers(2, 6))
    level = draw.integers(1, q + 1, n)
    near = np.clip(level[:, None] + draw.integers(-1, 2, (n, r)), 1, q)
    kept = draw.random((n, r)) < draw.uniform(0.3, 1)
    return [
        [int(s) if k else None for s, k in zip(*pair, strict=True)] for pair in zip(near, kept, strict=True)
    ]


def by_loops(rows, q, w, idea):
    """Value and standard error straight from the definition, one response after the other."""
    rows = [[score for score in row if score] for row in rows]
    own = [row for row in rows if row]
    n, compared = len(own), [row for row in own if len(row) > 1]
    agree = [
        np.mean([w[a - 1, b - 1] for a, b in permutations(row, 2)]) if len(row) > 1 else 0 for row in own
    ]
    observed = sum(agree) / len(compared)
    share = np.mean([[row.count(k + 1) / len(row) for k in range(q)] for row in own], axis=0)
    each = {
        "fleiss": w @ share,
        "ac": w.sum() / (q * (q - 1)) * (1 - share),
        "bp": np.full(q, w.mean()),
    }[idea]
    expected = share @ each
    value = (observed - expected) / (1 - expected)
    pulls = []
    for row, same in zip(own, agree, strict=True):
        mine = n / len(compared) * (same - expected) / (1 - expected) if len(row) > 1 else 0
        by_chance = np.mean([each[score - 1] for score in row])
        pulls.append(mine - 2 * (1 - value) * (by_chance - expected) / (1 - expected))
    return value, np.sqrt(sum((pull - value) ** 2 for pull in pulls) / (n * (n - 1)))


@pytest.mark.parametrize("kind", weights.KINDS)
def test_coefficients_are_their_definitions(kind):
    w = weights.matrix([1, 2, 3, 4], kind)
    checked = 0
    for seed in range(12):
        rows = design(seed)
        counts = pairs.count(rated(rows, [1, 2, 3, 4]))
        if not counts.n_pairs:
            continue
        for idea, measure in (("fleiss", chance.fleiss), ("ac", gwet.ac2), ("bp", chance.brennan_prediger)):
            found = measure(counts, weighting=kind)
            assert (found.value, found.se) == pytest.approx(by_loops(rows, 4, w, idea), abs=1e-12)
            checked += 1
    assert checked > 30


def test_conger_averages_chance_over_pairs_of_scorers():
    """Chance agreement by loops over pairs of scorers; with two who read everything it is Cohen's kappa."""
    for seed in range(10):
        rows = design(seed)
        ratings = rated(rows, [1, 2, 3, 4])
        counts = pairs.count(ratings)
        own = {name: given / given.sum() for name, given in counts.given_by.items()}
        w = weights.matrix(counts.points, 2)
        expected = np.mean([own[a] @ w @ own[b] for a, b in permutations(own, 2)])
        observed = chance.weighted_agreement(counts, weighting=2).value
        found = chance.conger(ratings, counts, weighting=2)
        assert found.value == pytest.approx((observed - expected) / (1 - expected), abs=1e-12)
    draw = np.random.default_rng(3)
    two = rated(
        np.clip(draw.integers(1, 5, 200)[:, None] + draw.integers(-1, 2, (200, 2)), 1, 4).tolist(),
        [1, 2, 3, 4],
    )
    counts = pairs.count(two)
    for power in (0, 1, 2):
        cohen, conger = kappa.cohen(counts, power=power), chance.conger(two, counts, weighting=power)
        assert conger.value == pytest.approx(cohen.value, abs=1e-12)
        assert conger.se == pytest.approx(cohen.se, rel=0.01)  # they divide by n - 1 and by n


def test_conger_s_standard_error_is_that_of_drawing_the_papers_again():
    rows = np.array([[score or 0 for score in row] for row in design(8)] * 6)
    draw = np.random.default_rng(1)
    found = chance.conger(ratings := rated(_blank(rows), [1, 2, 3, 4]), pairs.count(ratings))
    again = []
    for _ in range(300):
        drawn = rated(_blank(rows[draw.integers(0, len(rows), len(rows))]), [1, 2, 3, 4])
        again.append(chance.conger(drawn, pairs.count(drawn)).value)
    assert found.se == pytest.approx(np.std(again), rel=0.15)


def test_conger_of_two_scorers_and_some_alone_is_the_same_by_both_roads():
    draw = np.random.default_rng(2)
    rows = [
        [*np.clip([a, a + draw.integers(-1, 2)], 1, 4).tolist(), None]
        for a in draw.integers(1, 5, 60).tolist()
    ]
    rows += [[2, None, None], [None, 3, None], [None, None, 1]]
    ratings = rated(rows, [1, 2, 3, 4])
    counts = pairs.count(ratings)
    assert counts.fixed_pair
    response_by_response = replace(counts, fixed_pair=None)
    found, again = (chance.conger(ratings, it, weighting=1) for it in (counts, response_by_response))
    assert (found.value, found.se) == pytest.approx((again.value, again.se), abs=1e-12)
    assert chance.conger(None, counts, weighting=1) == found


def _blank(rows):
    return [[int(score) or None for score in row] for row in rows]


def test_swapping_shuffling_and_renaming_change_nothing():
    draw = np.random.default_rng(5)
    for seed in range(8):
        rows = design(seed)
        shuffled = [list(np.array(row, object)[draw.permutation(len(row))]) for row in rows]
        draw.shuffle(shuffled)
        turned = [[score and 5 - score for score in row] for row in rows]
        one, mixed, round_ = (pairs.count(rated(it, [1, 2, 3, 4])) for it in (rows, shuffled, turned))
        for measure in (chance.scott_pi, chance.fleiss, chance.brennan_prediger, gwet.ac2, alpha.linearized):
            found = measure(one, weighting="quadratic")
            for counts in (mixed, round_):
                again = measure(counts, weighting="quadratic")
                assert (again.value, again.se, again.status) == (
                    pytest.approx(found.value, abs=1e-9, nan_ok=True),
                    pytest.approx(found.se, abs=1e-9, nan_ok=True),
                    found.status,
                )


def test_gwet_does_not_fall_where_one_score_is_common():
    """The paradox: 94 % exact agreement, kappa below 0."""
    counts = pairs.PairCounts.from_table([[118, 5], [2, 0]], [0, 1], fixed_pair=("ana", "ben"))
    assert kappa.cohen(counts, power=0).value == pytest.approx(-0.0234, abs=1e-4)
    assert gwet.ac1(counts).value == pytest.approx(0.9407, abs=1e-4)


def test_unused_score_points_count_for_some_and_not_for_others():
    table = np.zeros((4, 4), int)
    table[:3, :3] = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
    narrow = pairs.PairCounts.from_table(table[:3, :3], [1, 2, 3])
    wide = pairs.PairCounts.from_table(table, [1, 2, 3, 4])
    assert chance.scott_pi(wide).value == pytest.approx(chance.scott_pi(narrow).value)
    assert chance.brennan_prediger(wide).value == pytest.approx((0.89 - 0.25) / 0.75)
    assert gwet.ac1(wide).value > gwet.ac1(narrow).value


def test_nothing_to_tell_is_no_number():
    same = pairs.PairCounts.from_table([[0, 0], [0, 40]], [1, 2])
    nobody = pairs.PairCounts.from_table([[0, 0], [0, 0]], [1, 2])
    perfect = pairs.PairCounts.from_table([[20, 0], [0, 20]], [1, 2])
    for measure in (*COEFFICIENTS.values(), gwet.ac1):
        assert measure(nobody).status == TOO_FEW
        assert measure(same).status == NO_VARIATION
        assert (measure(perfect).value, measure(perfect).has_interval) == (1, False)
    everyone_gave_2 = rated([[2, 2], [2, 2], [2, None]], [1, 2])
    assert chance.conger(everyone_gave_2, pairs.count(everyone_gave_2)).status == NO_VARIATION
    alone = rated([[2], [1]], [1, 2])
    assert chance.conger(alone, pairs.count(alone)).status == TOO_FEW
    one_paper = rated([[2, 1]], [1, 2])
    found = chance.conger(one_paper, pairs.count(one_paper))
    assert found.defined
    assert not found.has_interval


def test_weights_of_your_own_are_checked():
    counts = pairs.PairCounts.from_table([[5, 1], [2, 4]], [1, 2])
    assert gwet.ac2(counts, weighting=[[1, 0.5], [0.5, 1]]).method.startswith("Gwet's AC2, own weights")
    for wrong in (
        "cubic",
        3,
        [[1, 0]],
        [[1, 0.5], [0.2, 1]],
        [[0, 1], [1, 0]],
        [[1, 2], [2, 1]],
        [[1, "a"]],
        None,
    ):
        with pytest.raises(ValueError, match="weights"):
            gwet.ac2(counts, weighting=wrong)
    with pytest.raises(ValueError, match="0 or more"):
        weights.matrix([-1, 0, 1], "ratio")
    assert weights.matrix([0, 1, 2], "ratio")[0, 0] == 1


def test_alpha_s_two_standard_errors_agree():
    """Linearized against the bootstrap, nominal and interval, and for every table of a stack."""
    draw = np.random.default_rng(4)
    level = draw.integers(1, 5, 300)
    rows = np.clip(level[:, None] + draw.integers(-1, 2, (300, 3)), 1, 4).astype(object)
    rows[draw.random((300, 3)) < 0.3] = None
    ratings = rated(rows.tolist(), [1, 2, 3, 4])
    counts = pairs.count(ratings)
    for kind, level in (("identity", "nominal"), ("quadratic", "interval")):
        found, drawn = alpha.linearized(counts, weighting=kind), alpha.alpha(counts, level=level)
        assert found.value == pytest.approx(drawn.value, abs=1e-12)
        assert found.se == pytest.approx(drawn.se, rel=0.08)


def test_responses_read_once_make_gwet_s_standard_error_too_large_and_never_too_small():
    draw = np.random.default_rng(7)
    level = draw.integers(1, 5, 300)
    rows = np.clip(level[:, None] + draw.integers(-1, 2, (300, 2)), 1, 4).astype(object)
    rows[draw.random(300) < 0.3, 1] = None
    counts = pairs.count(rated(rows.tolist(), [1, 2, 3, 4]))
    kinds, often = linearization.patterns_with_singles(counts)
    drawn = resampling.draw(often, draws=600, seed=1)
    for singles, least, most in ((True, 1.15, 3.0), (False, 0.92, 1.08)):
        again = [
            gwet.ac2(
                replace(
                    counts,
                    patterns=kinds[kinds.sum(axis=1) > 1],
                    frequencies=some[kinds.sum(axis=1) > 1],
                    singles=some[kinds.sum(axis=1) == 1] @ kinds[kinds.sum(axis=1) == 1],
                ),
                singles=singles,
            ).value
            for some in drawn
        ]
        assert least < gwet.ac2(counts, singles=singles).se / np.std(again) < most


def test_patterns_with_singles_are_all_responses():
    counts = pairs.count(rated([[1, 2], [2, None], [None, 2]], [1, 2]))
    kinds, often = linearization.patterns_with_singles(counts)
    assert sorted(zip(kinds.tolist(), often.tolist(), strict=True)) == [([0, 1], 2), ([1, 1], 1)]
