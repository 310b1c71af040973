"""Decisions at cut scores: a published answer, the model worked out another way, simulated students, and limits."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from calibration.measurement import intervals, livingston_lewis, true_scores
from calibration.measurement.result import NO_VARIATION, TOO_FEW, Statistic

CASES = json.loads((Path(__file__).parent / "golden" / "livingston_lewis.json").read_text())
TOTALS = np.repeat(CASES[0]["scores"], CASES[0]["times"])


def decide(scores=TOTALS, *, cuts=(36,), lowest=0, highest=60, reliability=0.85, draws=0, **options):
    return livingston_lewis.decide(
        scores, cuts=cuts, lowest=lowest, highest=highest, reliability=reliability, draws=draws, **options
    )


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_published_answer(case):
    """With the second scoring cut lower, as that package does; its other figures need no such thing."""
    expected, near = case["expected"], {"abs": case["tol"]}
    options = {"cuts": [case["cut"]], "lowest": case["min"], "highest": case["max"]}
    scores = np.repeat(case["scores"], case["times"])
    for parameters in (2, 4):  # four do not fit, so both are the two-parameter answer
        found = decide(scores, parameters=parameters, second_cut="below", **options)
        assert found.effective_length == pytest.approx(expected["etl"], abs=5e-4)
        assert found.true_scores.alpha == pytest.approx(expected["alpha"], **near)
        assert found.true_scores.beta == pytest.approx(expected["beta"], **near)
        assert found.accuracy.value == pytest.approx(expected["accuracy"], **near)
        assert found.consistency.value == pytest.approx(expected["consistency_p"], **near)
        assert found.chance.value == pytest.approx(expected["p_c"], **near)
        assert found.kappa.value == pytest.approx(expected["kappa"], **near)


def test_where_betafunctions_differs_we_know_why():
    """It cuts one scoring at 44 and the other at 43 of 73, so that the two are not alike; we cut both at 44."""
    ours, theirs = decide(), decide(second_cut="below")
    assert ours.accuracy == theirs.accuracy
    assert ours.consistency.value == pytest.approx(0.8272573, abs=1e-6)
    table, lopsided = np.array(ours.consistency_table), np.array(theirs.consistency_table)
    assert table == pytest.approx(table.T)
    assert abs(lopsided - lopsided.T).max() > 0.01


def beta_binomial(n, a, b):
    k = np.arange(n + 1)
    lg = np.vectorize(math.lgamma)
    choose = lg(n + 1) - lg(k + 1) - lg(n - k + 1)
    return np.exp(choose + lg(k + a) + lg(n - k + b) - lg(n + a + b) - lg(a) - lg(b) + lg(a + b))


def test_the_integral_is_the_sum_over_all_scores():
    """With two parameters everything has a closed form: the beta-binomial, and the beta above or below the cut."""
    found = decide(cuts=[24, 36, 48], parameters=2)
    n, true = round(found.effective_length), found.true_scores
    score = np.arange(n + 1)
    level = np.searchsorted(np.rint(np.array([24, 36, 48]) / 60 * n), score, side="right")
    share = beta_binomial(n, true.alpha, true.beta)
    by_hand = np.zeros((4, 4))
    for k in score:
        below = [intervals.beta_share(c / 60, true.alpha + k, true.beta + n - k) for c in (24, 36, 48)]
        by_hand[:, level[k]] += share[k] * np.diff([0, *below, 1])
    assert np.array(found.accuracy_table) == pytest.approx(by_hand, abs=1e-10)
    assert np.array(found.consistency_table).sum(axis=0) == pytest.approx(
        np.bincount(level, share), abs=1e-10
    )
    assert found.accuracy.value == pytest.approx(np.trace(by_hand))


@pytest.mark.parametrize(("a", "b"), [(0.4, 0.6), (1, 1), (2.5, 40), (300, 200)])
def test_any_shape_of_true_scores_is_integrated(a, b):
    chance, weight, level = true_scores.nodes(true_scores.TrueScores(0, 1, a, b), [0.3, 0.6])
    below = [intervals.beta_share(cut, a, b) for cut in (0.3, 0.6)]
    assert np.bincount(level, weight) == pytest.approx(np.diff([0, *below, 1]), abs=1e-9)
    assert weight @ chance == pytest.approx(a / (a + b), abs=1e-10)


def test_binomial_tails_are_the_sums_of_their_terms():
    for n, p in ((5, 0.3), (40, 0.9), (73, 0.5)):
        terms = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
        for k in (0, 1, n // 2, n, n + 1):
            found = true_scores.at_least(np.array(k), np.array(n), np.array(p))
            assert float(found) == pytest.approx(sum(terms[k:]), abs=1e-13)


def test_four_parameters_come_back_from_their_own_moments():
    lower, upper, a, b = 0.25, 0.75, 5, 3
    plain = [math.prod((a + i) / (a + b + i) for i in range(k)) for k in range(5)]
    raw = [
        sum(math.comb(k, j) * lower ** (k - j) * (upper - lower) ** j * plain[j] for j in range(k + 1))
        for k in range(1, 5)
    ]
    found = true_scores.fit_four(raw)
    assert (found.lower, found.upper, found.alpha, found.beta) == pytest.approx(
        (lower, upper, a, b), rel=1e-6
    )
    assert found.mean == pytest.approx(raw[0])
    assert found.sd == pytest.approx(math.sqrt(raw[1] - raw[0] ** 2))


def test_simulated_students_are_sorted_as_often_as_foretold():
    generator = np.random.default_rng(1)
    true = 0.25 + 0.5 * generator.beta(5, 3, 100_000)
    first, second = generator.binomial(60, true), generator.binomial(60, true)
    reliability = float(np.var(true) * 3600 / np.var(first))
    found = decide(first, cuts=[24, 36], reliability=reliability)
    level = [np.searchsorted([24, 36], scores, side="right") for scores in (first, second, 60 * true)]
    assert found.parameters == 4
    assert found.effective_length == pytest.approx(60, rel=0.02)
    assert found.consistency.value == pytest.approx((level[0] == level[1]).mean(), abs=0.004)
    assert found.accuracy.value == pytest.approx((level[0] == level[2]).mean(), abs=0.004)
    upper = found.by_cut[1]
    assert upper.wrongly_above == pytest.approx(((level[0] == 2) & (level[2] < 2)).mean(), abs=0.004)
    assert upper.wrongly_below == pytest.approx(((level[0] < 2) & (level[2] == 2)).mean(), abs=0.004)


def test_one_cut_by_itself_and_among_others_is_the_same():
    together, alone = decide(cuts=[24, 36, 48]), decide(cuts=[36])
    for name in livingston_lewis.FIGURES:
        value = getattr(alone, name).value
        assert getattr(alone.by_cut[0], name).value == pytest.approx(value)
        assert getattr(together.by_cut[1], name).value == pytest.approx(value)
    assert together.consistency.value < min(cut.consistency.value for cut in together.by_cut)
    assert np.sum(together.accuracy_table) == pytest.approx(1)


def test_scale_and_order_do_not_matter():
    first = decide(cuts=[24, 36])
    again = decide(2 * TOTALS[::-1] + 100, cuts=[148, 172], lowest=100, highest=220)
    assert again.accuracy.value == pytest.approx(first.accuracy.value)
    assert again.kappa.value == pytest.approx(first.kappa.value)


def test_more_reliable_scores_are_sorted_better():
    values = [decide(reliability=r).consistency.value for r in (0.3, 0.6, 0.8, 0.95, 0.9999)]
    assert values == sorted(values)
    assert values[-1] > 0.99


def test_intervals_come_from_drawing_students_again():
    few, again = decide(draws=60, seed=3), decide(draws=60, seed=3)
    assert few == again
    assert few.consistency.low <= few.consistency.value <= few.consistency.high
    many = decide(np.tile(TOTALS, 30), draws=60, seed=3)
    assert many.kappa.high - many.kappa.low < (few.kappa.high - few.kappa.low) / 2
    assert "60 draws of students" in few.accuracy.method


def test_it_is_said_in_words():
    found = decide(cuts=[24, 36])
    assert found.accuracy.sentence == "About 8 in 10 students are in the level their true score belongs to."
    assert found.sentences[0] == "About 8 in 10 students would land in the same level if scored again."
    assert found.sentences[2].startswith("The cut 36 is the least sure: about 8 in 10 students")
    assert "two were used" in found.sentences[3]
    assert "four parameters do not fit" in found.accuracy.method
    assert found.by_cut[0].consistency.sentence.startswith("At the cut 24: about 9 in 10 students")


def test_without_a_reliability_kr21_stands_in_and_it_is_said():
    found = decide(reliability=None)
    mean, variance = TOTALS.mean(), TOTALS.var(ddof=1)
    assert found.reliability == pytest.approx(60 / 59 * (1 - mean * (60 - mean) / (60 * variance)))
    assert found.effective_length == pytest.approx(60)
    assert "KR-21" in found.sentences[-2]
    assert decide(reliability=Statistic(0.85)).accuracy == decide().accuracy


def test_what_cannot_be_told_has_no_figure():
    for scores, status in (
        ([30] * 20, NO_VARIATION),
        ([30], TOO_FEW),
        ([], TOO_FEW),
        ([None, math.nan], TOO_FEW),
    ):
        found = decide(scores)
        assert {figure.status for figure in (found.accuracy, found.kappa, found.by_cut[0].accuracy)} == {
            status
        }
        assert not found.consistency.defined
        assert found.sentences
    assert decide([0, 60] * 10, reliability=0.1).accuracy.status == TOO_FEW
    assert decide([29, 30, 31] * 5, reliability=None).accuracy.status == TOO_FEW


def test_a_cut_that_everybody_passes_has_no_kappa():
    found = decide([50, 51, 52, 53, 54] * 20, cuts=[1], reliability=0.9)
    assert found.accuracy.value == pytest.approx(1)
    assert found.kappa.status == NO_VARIATION


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scores": [10, 70]}, "Row 2: the score 70 is outside the range 0 to 60"),
        ({"scores": [10, "B"]}, "Row 2: 'B' is not a score"),
        ({"cuts": []}, "Cuts are scores above 0"),
        ({"cuts": [36, 24]}, "from low to high"),
        ({"cuts": [0]}, "Cuts are scores above 0"),
        ({"cuts": [61]}, "up to 60"),
        ({"lowest": 60}, "a lowest and a higher highest"),
        ({"reliability": 1.2}, "between 0 and 1"),
        ({"reliability": math.nan}, "between 0 and 1"),
        ({"parameters": 3}, "4 or 2"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(options, said):
    with pytest.raises(ValueError) as refusal:
        decide(**options)
    assert said in str(refusal.value)


def test_missing_scores_are_counted():
    found = decide([*TOTALS, None, math.nan])
    assert found.accuracy.n_excluded == 2
    assert found.accuracy.n_units == TOTALS.size
    assert found.sentences[-1] == "Without a score: 2, left out."
