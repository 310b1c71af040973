"""Comparative judgment: published scales, an independent dense solution, and judgments that make no scale."""

import csv
import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest

from calibration.measurement.judgment import bradley_terry, pairing, rubric, scale, separation
from calibration.measurement.judgment.tournament import Disconnected, Tournament

GOLDEN = json.loads((Path(__file__).parent / "golden" / "judgment.json").read_text())
DATA = Path(__file__).parents[4] / "shared" / "data"


def choices(table, names):
    """Rows from a square table of counts: row preferred to column."""
    often = [(a, b) for a, b in itertools.permutations(range(len(names)), 2) for _ in range(table[a][b])]
    return [names[a] for a, _ in often], [names[b] for _, b in often]


def tossed(draw, ability, pairs):
    """Chosen and not chosen, as the model would have it."""
    wins = draw.random(len(pairs)) < 1 / (1 + np.exp(ability[pairs[:, 1]] - ability[pairs[:, 0]]))
    return np.where(wins, pairs[:, 0], pairs[:, 1]), np.where(wins, pairs[:, 1], pairs[:, 0])


def by_lot(draw, ability, rounds):
    """Everybody meets somebody, drawn by lot, round after round."""
    order = [draw.permutation(len(ability)).reshape(-1, 2) for _ in range(rounds)]
    return tossed(draw, ability, np.concatenate(order))


def by_standing(draw, ability, rounds):
    """Everybody meets somebody with as many wins so far."""
    points, found = np.zeros(len(ability)), []
    for _ in range(rounds):
        found.append(tossed(draw, ability, np.lexsort((draw.random(points.size), points)).reshape(-1, 2)))
        points[found[-1][0]] += 1
    return tuple(np.concatenate(side) for side in zip(*found, strict=True))


def test_journals_citing_each_other():
    case = GOLDEN["citations"]
    found = scale.fit(None, *choices(case["cited_by"], case["names"]))
    for name, (estimate, se) in case["estimates"].items():
        difference = found.difference(name, case["reference"])
        assert difference.value == pytest.approx(estimate, abs=case["tol"])
        assert difference.se == pytest.approx(se, abs=case["tol"])
    assert found.deviance == pytest.approx(case["deviance"], abs=case["tol"])
    assert found.df == case["df"]
    assert list(found.scripts) == ["JRSSB", "Biometrika", "JASA", "CommStatist"]
    assert sum(script.ability for script in found.scripts.values()) == pytest.approx(0, abs=1e-12)


def test_it_is_quasi_symmetry_off_the_diagonal():
    case = GOLDEN["vision"]
    found = scale.fit(None, *choices(case["table"], ["1", "2", "3", "4"]))
    assert (round(found.deviance, 2), found.df) == (case["deviance"], case["df"])


def test_ties_after_davidson():
    case = GOLDEN["pudding"]
    rows = [
        row
        for i, j, first, second, neither in case["pairs"]
        for row in [(i, j, 0)] * first + [(j, i, 0)] * second + [(j, i, 1)] * neither
    ]
    chosen, other, tied = zip(*rows, strict=True)
    found = scale.fit(None, chosen, other, tied=tied)
    worth = np.exp([found.scripts[name].ability for name in range(1, 7)])
    assert worth / worth.sum() == pytest.approx(case["worth"], abs=5e-5)
    assert math.exp(found.tie.value) == pytest.approx(case["tie"], abs=5e-5)
    for name, (estimate, se) in case["against_first"].items():
        difference = found.difference(int(name), 1)
        assert (difference.value, difference.se) == pytest.approx((estimate, se), abs=case["tol"])
    assert (found.tie.value, found.tie.se) == pytest.approx(case["log_tie"], abs=case["tol"])
    assert -2 * found.log_likelihood == pytest.approx(case["deviance"], abs=0.05)


def holmes():
    judgments, reference = (DATA / f"comparative_judgement_holmes2017{end}.csv" for end in ("", "_reference"))
    if not reference.exists():
        pytest.skip("the real judgments are not here")
    with judgments.open() as lines:
        rows = list(csv.reader(lines))[1:]
    with reference.open() as lines:
        return list(zip(*rows, strict=True)), {row["individual"]: row for row in csv.DictReader(lines)}


def test_33_judges_on_66_scripts():
    rows, printed = holmes()
    alike = scale.fit(*rows, method="epsilon", splits=0)
    for name, row in printed.items():
        mine = alike.scripts[name]
        assert mine.ability == pytest.approx(float(row["theta"]), abs=2e-4)
        assert mine.infit == pytest.approx(float(row["infit"]), abs=2e-4)
        assert mine.outfit == pytest.approx(float(row["outfit"]), abs=4e-4)
        assert mine.se == pytest.approx(float(row["se.theta"]), rel=0.02)  # printed: others taken as known
        assert mine.n == int(row["Ntot"])
    theta, se = (np.array([float(row[name]) for row in printed.values()]) for name in ("theta", "se.theta"))
    plain = scale.fit(*rows)
    for found in (alike, plain):
        assert found.separation_reliability.value == pytest.approx(
            1 - (se**2).mean() / theta.var(ddof=1), abs=0.01
        )
        mine = [found.scripts[name].ability for name in printed]
        assert np.corrcoef(mine, theta)[0, 1] > 0.9999
        assert not found.pairing.adaptive
    assert 0.5 < plain.split_half.value < plain.separation_reliability.value


def by_hand(table, ties, log_tie=True):
    """The same likelihood written over single judgments with a dense design, climbed with numeric curvature."""
    n = len(table)

    def height(at):
        total = 0.0
        for a, b in itertools.permutations(range(n), 2):
            weights = np.array(
                [math.exp(at[a]), math.exp(at[b]), math.exp(at[n] + (at[a] + at[b]) / 2) * log_tie]
            )
            total += table[a][b] * math.log(weights[0] / weights.sum())
            if a < b and ties[a][b]:
                total += ties[a][b] * math.log(weights[2] / weights.sum())
        return total

    free = np.eye(n + 1)[1 : n + 1 if log_tie else n]  # the first script stays at 0
    at, step = np.zeros(n + 1), 1e-4
    for _ in range(25):
        slope = np.array([height(at + step * e) - height(at - step * e) for e in free]) / (2 * step)
        curve = np.array(
            [
                [
                    height(at + step * (e + f)) - height(at + step * (e - f)) - height(at - step * (e - f))
                    + height(at - step * (e + f))
                    for f in free
                ]
                for e in free
            ]
        ) / (4 * step**2)  # fmt: skip
        at = at - free.T @ np.linalg.solve(curve, slope)
    return at, np.linalg.inv(-curve), height(at)


@pytest.mark.parametrize("tie", [False, True])
def test_a_dense_solution_by_other_means(tie):
    draw = np.random.default_rng(4)
    table, ties = draw.integers(1, 6, (4, 4)), np.triu(draw.integers(1, 4, (4, 4)), 1) * tie
    chosen, other = choices(table, range(4))
    more = choices(ties, range(4))
    tied = [False] * len(chosen) + [True] * len(more[0])
    found = scale.fit(None, chosen + more[0], other + more[1], tied=tied)
    at, covariance, height = by_hand(table, ties, tie)
    for name in (1, 2, 3):
        difference = found.difference(name, 0)
        assert difference.value == pytest.approx(at[name], abs=1e-5)
        assert difference.se == pytest.approx(math.sqrt(covariance[name - 1, name - 1]), rel=1e-4)
    assert found.log_likelihood == pytest.approx(height, abs=1e-7)
    if tie:
        assert found.tie.value == pytest.approx(at[4], abs=1e-5)
        assert found.tie.se == pytest.approx(math.sqrt(covariance[3, 3]), rel=1e-4)


def test_fit_statistics_by_hand():
    draw = np.random.default_rng(9)
    chosen, other = by_lot(draw, np.linspace(-1, 1, 6), 10)
    judge = draw.integers(0, 3, chosen.size)
    found = scale.fit(judge, chosen, other)
    square, variance = {}, {}
    for who, a, b in zip(judge.tolist(), chosen.tolist(), other.tolist(), strict=True):
        p = 1 / (1 + math.exp(found.scripts[b].ability - found.scripts[a].ability))
        for key in (("judge", who), ("script", a), ("script", b)):
            square.setdefault(key, []).append((1 - p) ** 2)
            variance.setdefault(key, []).append(p * (1 - p))
    for (kind, name), values in square.items():
        mine = found.judges[name] if kind == "judge" else found.scripts[name]
        spread = variance[kind, name]
        assert mine.n == len(values)
        assert mine.infit == pytest.approx(sum(values) / sum(spread), rel=1e-9)
        assert mine.outfit == pytest.approx(np.mean(np.array(values) / spread), rel=1e-9)


def test_nobody_s_place_matters():
    draw = np.random.default_rng(2)
    chosen, other = by_lot(draw, draw.normal(0, 1, 10), 12)
    judge = draw.integers(0, 5, chosen.size)
    found = scale.fit(judge, chosen, other, splits=5)
    order = draw.permutation(chosen.size)
    again = scale.fit(judge[order], chosen[order], other[order], splits=5)
    renamed = scale.fit(judge, [f"s{9 - s}" for s in chosen], [f"s{9 - s}" for s in other], splits=5)
    turned = scale.fit(judge, other, chosen, splits=5)
    for name, script in found.scripts.items():
        assert again.scripts[name].ability == pytest.approx(script.ability, abs=1e-9)
        assert renamed.scripts[f"s{9 - name}"].ability == pytest.approx(script.ability, abs=1e-9)
        assert turned.scripts[name].ability == pytest.approx(-script.ability, abs=1e-9)
    assert again.split_half.value == pytest.approx(found.split_half.value, abs=1e-4)
    assert turned.separation_reliability.value == pytest.approx(found.separation_reliability.value, abs=1e-9)


def test_unbeaten_scripts_stay_finite_and_it_is_said():
    found = scale.fit(None, ["a", "a", "b", "b", "c"], ["b", "c", "c", "d", "d"])
    assert list(found.scripts) == ["a", "b", "c", "d"]
    assert max(abs(script.ability) for script in found.scripts.values()) < 3
    assert "average script" in found.notes[0]
    assert "a never lost." in found.notes
    assert "d never won." in found.notes
    with pytest.raises(ValueError, match="always won or always lost"):
        scale.fit(None, ["a", "b"], ["b", "c"], method="likelihood")
    # what was added are two half choices against a script at 0, here spelled out and maximized by hand
    one = bradley_terry.solve(Tournament.of(None, ["a"] * 3, ["b"] * 3), method="prior").ability[0]
    places = np.linspace(0, 4, 40001)
    height = -3 * np.log1p(np.exp(-2 * places)) - np.log1p(np.exp(-places)) - np.log1p(np.exp(places))
    assert one == pytest.approx(places[np.argmax(height)], abs=1e-3)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (([], [], []), "There are no judgments yet"),
        ((["j"], ["a"], ["b", "c"]), "not equally long"),
        ((["j", "j"], ["a", "b"], ["b", "b"]), "Row 2 judges b against itself"),
        ((["j", "j"], ["a", None], ["b", "c"]), "Row 2 has no script"),
        ((["j", ""], ["a", "b"], ["b", "c"]), "Row 2 has no judge"),
        ((["j", "j"], ["a", "b"], ["b", float("nan")]), "Row 2 has no script"),
    ],
)
def test_a_bad_row_is_named(columns, words):
    with pytest.raises(ValueError, match=words):
        scale.fit(*columns)


def test_what_makes_no_scale_is_refused_in_words():
    with pytest.raises(Disconnected, match="2 groups of scripts .* One group is c and d"):
        scale.fit(None, ["a", "b", "a", "c", "d"], ["b", "e", "e", "d", "c"])
    with pytest.raises(ValueError, match="Every judgment is a tie"):
        scale.fit(None, ["a", "b"], ["b", "a"], tied=[True, True])
    with pytest.raises(ValueError, match="Row 1: a tie is true or false"):
        scale.fit(None, ["a"], ["b"], tied=["maybe"])
    with pytest.raises(ValueError, match="no method 'bayes'"):
        scale.fit(None, ["a"], ["b"], method="bayes")
    with pytest.raises(ValueError, match="no script 'z'"):
        scale.fit(None, ["a", "b"], ["b", "a"]).difference("a", "z")


def test_few_scripts_and_judges_leave_figures_undefined():
    found = scale.fit(None, ["a", "b"], ["b", "a"])
    assert found.separation_reliability.status == "undefined:too_few"
    assert found.split_half.status == "undefined:too_few"
    assert math.isnan(found.separation)
    circle = scale.fit(["j", "k", "l"], ["a", "b", "c"], ["b", "c", "a"])
    assert circle.separation_reliability.status == "undefined:no_variation"


def test_coins_separate_nothing_and_good_judges_do():
    draw = np.random.default_rng(1)
    found = {}
    for name, ability in (("coins", np.zeros(60)), ("eyes", draw.normal(0, 2, 60))):
        rounds = [
            bradley_terry.solve(Tournament.of(None, *by_lot(draw, ability, 20)), method="prior")
            for _ in range(8)
        ]
        found[name] = [separation.reliability(one.ability, one.covariance).value for one in rounds]
    assert np.mean(found["coins"]) < 0.15
    assert np.mean(found["eyes"]) > 0.8


def test_adaptive_pairing_is_recognized_and_random_pairing_is_not():
    draw = np.random.default_rng(6)
    for ability in (np.zeros(40), draw.normal(0, 1.5, 40)):
        for _ in range(5):
            assert not pairing.look(Tournament.of(None, *by_lot(draw, ability, 14))).adaptive
            swiss = Tournament.of(None, *by_standing(draw, ability, 14))
            assert pairing.look(swiss).adaptive
    coins = scale.fit(draw.integers(0, 6, 280), *by_standing(draw, np.zeros(40), 14), splits=3)
    assert coins.separation_reliability.value > 0.5  # the very trap
    assert any("pair at random next time" in note for note in coins.notes)


def test_a_judge_at_odds_with_the_others_is_named():
    draw = np.random.default_rng(3)
    ability = np.linspace(-2, 2, 20)
    chosen, other = by_lot(draw, ability, 40)
    judge = np.arange(chosen.size) % 8
    odd = judge == 7
    chosen, other = np.where(odd, other, chosen), np.where(odd, chosen, other)
    found = scale.fit(judge, chosen, other, splits=2)
    assert [name for name, one in found.judges.items() if one.flagged] == [7]
    assert any("choices of 7 fit" in note for note in found.notes)


def test_the_order_is_the_rubric_s():
    draw = np.random.default_rng(8)
    ability = np.linspace(-2, 2, 30)
    found = scale.fit(None, *by_lot(draw, ability, 30))
    scores = dict(enumerate(np.rint(ability).tolist()))
    beside = rubric.against_scores(found, scores | {0: None})
    assert beside.n_scripts == 29
    assert beside.n_without == 1
    assert 0.8 < beside.spearman.low < beside.spearman.value < beside.spearman.high <= 1
    assert beside.pearson.value == pytest.approx(
        np.corrcoef([found.scripts[k].ability for k in range(1, 30)], [scores[k] for k in range(1, 30)])[0, 1]
    )
    assert rubric.against_scores(found, {1: 2, 2: 3}).pearson.status == "undefined:too_few"
    assert (
        rubric.against_scores(found, dict.fromkeys(range(30), 3)).pearson.status == "undefined:no_variation"
    )
