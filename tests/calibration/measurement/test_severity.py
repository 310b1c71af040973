"""Severity: least squares by another road, published closed forms, components, shrinkage and coverage."""

import csv
import math
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.measurement import additive, intervals, severity, shrinkage
from calibration.measurement.ratings import Ratings
from calibration.measurement.result import NO_VARIATION, TOO_FEW

DATA = Path(__file__).parents[4] / "shared" / "data"
POINTS = [1, 2, 3, 4]


def rated(rows, points=POINTS):
    return Ratings.from_rows(rows, points={"t": points}).of("t")


def design(draw, n, scorers, reads, *, strict=None, noise=0.5):
    """n responses, each read by `reads` scorers picked at random: (unit, who, value), normal errors."""
    strict = np.zeros(scorers) if strict is None else strict
    noise = np.broadcast_to(noise, scorers)
    who = np.argsort(draw.random((n, scorers)), axis=1)[:, :reads]
    level = draw.normal(2.5, 0.8, n)
    value = level[:, None] - strict[who] + draw.normal(0, 1, who.shape) * noise[who]
    return np.repeat(np.arange(n), reads), who.ravel(), value.ravel()


def by_lstsq(unit, who, value, n, scorers):
    """The same model as a dense regression with a column for every response and every scorer."""
    table = np.zeros((unit.size, n + scorers))
    table[np.arange(unit.size), unit] = 1
    table[np.arange(unit.size), n + who] = 1
    found, _, rank, _ = np.linalg.lstsq(table, value, rcond=None)
    return found[n:], value - table @ found, unit.size - rank


@pytest.mark.parametrize("reads", [2, 3, 5, 9])
def test_severity_is_least_squares_on_a_dense_table(reads):
    draw = np.random.default_rng(reads)
    n, scorers = 60, 10
    unit, who, value = design(draw, n, scorers, reads, strict=draw.normal(0, 0.3, scorers))
    single = np.arange(n, n + 5)  # read once: they must change nothing
    all_unit, all_who = np.concatenate([unit, single]), np.concatenate([who, np.arange(5)])
    found = additive.fit(all_unit, all_who, np.concatenate([value, draw.normal(0, 9, 5)]), n + 5, scorers)
    dense, residual, df = by_lstsq(unit, who, value, n, scorers)
    shared = np.bincount(who, minlength=scorers)
    assert np.array_equal(found.n_shared, shared)
    assert found.effect == pytest.approx(dense - (shared * dense).sum() / shared.sum(), abs=1e-10)
    assert found.residual[: unit.size] == pytest.approx(residual, abs=1e-10)
    assert found.residual[unit.size :].tolist() == [0] * 5
    assert found.error_df.tolist() == [df]
    assert found.variance[0] == pytest.approx(residual @ residual / df)


def test_standard_errors_are_those_of_the_dense_regression_and_of_a_sandwich_by_hand():
    draw = np.random.default_rng(5)
    n, scorers = 80, 6
    unit, who, value = design(draw, n, scorers, 2)
    found = additive.fit(unit, who, value, n, scorers)
    inside = np.zeros((unit.size, scorers))
    inside[np.arange(unit.size), who] = 1
    for response in range(n):
        inside[unit == response] -= inside[unit == response].mean(axis=0)
    inverse = np.linalg.pinv(inside.T @ inside)
    center = np.eye(scorers) - found.n_shared / found.n_shared.sum()
    common = center @ inverse @ center.T * found.variance[0]
    assert found.common_se() == pytest.approx(np.sqrt(np.diag(common)))
    meat = np.zeros((scorers, scorers))
    for response in range(n):
        rows = inside[unit == response]
        leverage = np.trace(rows @ inverse @ rows.T)
        pull = rows.T @ found.residual[unit == response]
        meat += np.outer(pull, pull) / (1 - leverage)
    own = np.sqrt(np.diag(center @ inverse @ meat @ inverse @ center.T))
    assert found.se == pytest.approx(own)
    assert found.df.tolist() == (found.n_shared - 1).tolist()
    few = additive.fit(unit, who, value, n, scorers, enough=math.inf)
    assert few.se == pytest.approx(few.common_se())
    assert np.diag(found.covariance()) == pytest.approx(found.se**2)


def test_pairs_counted_one_by_one_and_by_matrix_products_agree(monkeypatch):
    unit, who, value = design(np.random.default_rng(1), 50, 12, 6)
    one = additive.fit(unit, who, value, 50, 12)
    monkeypatch.setattr(additive, "FEW", 1)
    monkeypatch.setattr(additive, "CHUNK", 100)
    other = additive.fit(unit, who, value, 50, 12)
    assert one.effect == pytest.approx(other.effect)
    assert one.se == pytest.approx(other.se)


def test_two_scorers_differ_by_their_mean_difference_with_its_t_interval():
    draw = np.random.default_rng(2)
    first = draw.integers(1, 5, 40)
    second = np.clip(first + draw.choice([-1, 0, 0, 1], 40), 1, 4)
    rows = [(r, "ana", "t", int(a)) for r, a in enumerate(first)]
    rows += [(r, "ben", "t", int(b)) for r, b in enumerate(second)]
    found = severity.fit(rated(rows))
    apart = second - first
    assert found.difference("ana", "ben").value == pytest.approx(apart.mean())
    assert found.of("ana").severity.value == pytest.approx(apart.mean() / 2)
    se = apart.std(ddof=1) / math.sqrt(40)
    assert found.of("ana").severity.se == pytest.approx(se / 2)
    reach = intervals.t_quantile(0.975, 39) * se
    assert found.difference("ben", "ana").low == pytest.approx(-apart.mean() - reach)
    assert found.of("ana").shrunken.status == TOO_FEW


def test_where_all_read_everything_severity_is_the_difference_of_means():
    draw = np.random.default_rng(3)
    scores = draw.integers(1, 5, (30, 5))
    found = severity.fit(rated([(r, s, "t", int(scores[r, s])) for r in range(30) for s in range(5)]))
    means = scores.mean(axis=0)
    assert [row.severity.value for row in found.scorers] == pytest.approx((means.mean() - means).tolist())


def test_a_scorer_of_weak_papers_is_not_called_strict():
    strong = [(f"S{r}", s, "t", 4) for r in range(30) for s in ("ana", "ben")]
    weak = [(f"W{r}", s, "t", 1 + (r % 9 == 0 and s == "cy")) for r in range(30) for s in ("cy", "di")]
    shared = [(f"B{r}", s, "t", 2 + (r % 7 == 0 and s == "ben")) for r in range(30) for s in ("ben", "cy")]
    found = severity.fit(rated(strong + weak + shared))
    assert len(found.components) == 1
    assert all(abs(row.severity.value) < 0.2 for row in found.scorers)


def test_scorers_who_never_met_are_not_compared():
    rows = [
        (f"{s}{o}{r}", w, "t", 1 + (r + (w == o)) % 4)
        for s, o in ("ab", "cd")
        for r in range(20)
        for w in (s, o)
    ]
    found = severity.fit(rated([*rows, ("alone", "eve", "t", 2)]))
    assert [row.component for row in found.scorers] == [0, 0, 1, 1, -1]
    assert [part.scorers for part in found.components] == [("a", "b"), ("c", "d")]
    assert [part.n_units for part in found.components] == [20, 20]
    assert "2 groups that never read the same paper" in found.sentence
    assert found.difference("a", "c").status == TOO_FEW
    assert found.difference("a", "b").defined
    assert found.of("eve").severity.status == TOO_FEW
    assert found.of("eve").severity.n_excluded == 1
    with pytest.raises(ValueError, match="two scorers"):
        found.difference("a", "a")
    with pytest.raises(ValueError, match="no scorer"):
        found.of("zoe")


def test_a_component_has_the_figures_it_has_alone():
    draw = np.random.default_rng(4)
    one = design(draw, 40, 5, 2, noise=0.6)
    two = design(draw, 50, 4, 3, noise=0.2)
    both = (
        np.concatenate([one[0], two[0] + 40]),
        np.concatenate([one[1], two[1] + 5]),
        np.concatenate([one[2], two[2] + 7]),
    )
    whole = additive.fit(*both, 90, 9)
    apart = [additive.fit(*one, 40, 5), additive.fit(*two, 50, 4)]
    assert whole.n_components == 2
    assert whole.effect == pytest.approx(np.concatenate([part.effect for part in apart]))
    assert whole.se == pytest.approx(np.concatenate([part.se for part in apart]))
    assert whole.variance == pytest.approx(np.concatenate([part.variance for part in apart]))


@given(st.integers(0, 10_000), st.integers(2, 4), st.floats(-5, 5))
@settings(max_examples=25, deadline=None)
def test_names_order_and_the_level_of_scores_do_not_matter(seed, reads, shift):
    draw = np.random.default_rng(seed)
    unit, who, value = design(draw, 30, 6, reads)
    found = additive.fit(unit, who, value, 30, 6)
    order, name, paper = draw.permutation(unit.size), draw.permutation(6), draw.permutation(30)
    other = additive.fit(paper[unit[order]], name[who[order]], value[order] + shift, 30, 6)
    assert other.effect[name] == pytest.approx(found.effect, abs=1e-9)
    assert other.se[name] == pytest.approx(found.se, abs=1e-9)


def test_nothing_to_compare_is_said_and_never_raised():
    nobody = severity.fit(rated([]))
    assert nobody.scorers == () and "No paper has two scored reads" in nobody.sentence
    single = severity.fit(rated([("R1", "ana", "t", 2)])).of("ana")
    assert single.severity.status == TOO_FEW and math.isnan(single.p)
    bridge = severity.fit(rated([("R1", "ana", "t", 2), ("R1", "ben", "t", 3)]))
    assert bridge.of("ana").severity.value == 0.5
    assert not bridge.of("ana").severity.has_interval and math.isnan(bridge.of("ana").p)
    assert bridge.components[0].spread.status == TOO_FEW


def test_perfect_agreement_claims_no_interval_and_no_difference():
    same = severity.fit(rated([(r, s, "t", 1 + r % 4) for r in range(30) for s in "abc"]))
    assert [row.severity.value for row in same.scorers] == [0, 0, 0]
    assert not same.of("a").severity.has_interval
    assert [row.p for row in same.scorers] == [1, 1, 1]
    assert same.components[0].spread.status == NO_VARIATION
    always = severity.fit(rated([(r, s, "t", 1 + (s == "c")) for r in range(30) for s in "abc"]))
    assert always.of("c").severity.value == pytest.approx(-2 / 3)
    assert always.of("c").p < 1e-6


def test_severity_is_said_and_never_judged():
    draw = np.random.default_rng(6)
    unit, who, value = design(draw, 300, 4, 2, strict=np.array([0, 0, 0, 0.35]), noise=0.4)
    value = np.clip(np.rint(value), 1, 4)
    found = severity.fit(rated(list(zip(unit.tolist(), who.tolist(), ["t"] * unit.size, value, strict=True))))
    said = found.of(3).shrunken.sentence
    assert said.startswith("A little stricter than the team (about")
    assert not any(word in said.lower() for word in ("wrong", "error", "bad", "fail"))


def test_intervals_of_severity_hold_the_true_one_19_times_of_20():
    """Scorers differ in how steady they are: each must be covered, not just their average."""
    draw, held = np.random.default_rng(7), []
    noise = np.linspace(0.25, 0.85, 8)
    reach = {}
    for _ in range(250):
        strict = draw.normal(0, 0.2, 8)
        unit, who, value = design(draw, 100, 8, 2, strict=strict, noise=noise)
        found = additive.fit(unit, who, value, 100, 8)
        true = (strict * found.n_shared).sum() / found.n_shared.sum() - strict
        for df in found.df.tolist():
            reach.setdefault(df, intervals.t_quantile(0.975, df))
        limit = np.array([reach[df] for df in found.df.tolist()]) * found.se
        held.append(np.abs(found.effect - true) <= limit)
    held = np.array(held)
    assert 0.92 <= held.mean() <= 0.97
    assert held.mean(axis=0).min() > 0.90


def test_shrunken_severity_is_nearer_the_truth_and_covers_it():
    draw, plain, lean, held = np.random.default_rng(8), [], [], []
    for _ in range(120):
        strict = draw.normal(0, 0.15, 12)
        unit, who, value = design(draw, 90, 12, 2, strict=strict, noise=0.5)
        found = additive.fit(unit, who, value, 90, 12)
        weight = found.n_shared
        shrunken = shrinkage.differences(-found.effect, found.covariance(), weight=weight)
        true = strict - (strict * weight).sum() / weight.sum()
        plain.append(np.square(-found.effect - true).mean())
        lean.append(np.square(shrunken.value - true).mean())
        held.append(np.abs(shrunken.value - true) <= 1.96 * shrunken.se)
        assert (weight * shrunken.value).sum() == pytest.approx(0, abs=1e-9)
    assert np.mean(lean) < 0.8 * np.mean(plain)
    assert 0.92 <= np.mean(held) <= 0.98


def test_the_test_for_any_difference_has_its_size():
    draw, small = np.random.default_rng(9), 0
    for _ in range(200):
        unit, who, value = design(draw, 120, 6, 2)
        rows = list(
            zip(unit.tolist(), who.tolist(), ["t"] * unit.size, np.rint(value * 20) / 20, strict=True)
        )
        ratings = Ratings.from_rows(rows, points=np.round(np.arange(-80, 200) / 20, 2)).of("t")
        small += severity.fit(ratings).components[0].p < 0.05
    assert 2 <= small <= 20


def test_moments_and_reml_agree_where_all_are_equally_sure():
    found = shrinkage.differences(np.array([0.3, -0.1, 0.5, -0.7, 0.0]), np.eye(5) * 0.02)
    exact = np.var([0.3, -0.1, 0.5, -0.7, 0.0], ddof=1) - 0.02
    assert found.variance == pytest.approx(exact)
    assert found.moment == pytest.approx(exact)
    assert found.heterogeneity == pytest.approx(4 * (exact + 0.02) / 0.02)


def test_reml_is_where_the_likelihood_is_highest():
    draw = np.random.default_rng(10)
    noise = draw.uniform(0.01, 0.2, 15)
    found = draw.normal(0, np.sqrt(noise + 0.1))
    variance, _ = shrinkage.reml(found, noise)
    grid = np.linspace(0, 1, 20_001)[:, None]
    likely = -0.5 * (np.log(grid + noise) + found**2 / (grid + noise)).sum(axis=1)
    assert variance == pytest.approx(float(grid[likely.argmax(), 0]), abs=1e-4)
    assert shrinkage.reml(found / 100, noise)[0] == 0


def test_shrinking_needs_three_and_some_doubt():
    assert math.isnan(shrinkage.differences(np.array([1.0, -1.0]), np.eye(2)).variance)
    assert np.isnan(shrinkage.differences(np.zeros(4), np.zeros((4, 4))).value).all()
    assert np.isnan(shrinkage.differences(np.ones(4), np.full((4, 4), np.nan)).value).all()


def test_hardly_different_scorers_are_pulled_together_and_still_not_called_certain():
    found = shrinkage.differences(np.array([0.01, -0.02, 0.01, 0.0]), np.eye(4) * 0.04)
    assert found.variance == 0
    assert np.abs(found.value).max() < 0.02
    assert (found.se > 0.02).all()


@pytest.mark.skipif(not DATA.is_dir(), reason="the real ratings are not on this machine")
def test_real_scorers_crossed_and_linked():
    with open(DATA / "wind_hua_writing.csv", newline="") as file:
        rows = [(r["response"], r["scorer"], r["trait"], float(r["score"])) for r in csv.DictReader(file)]
    style = Ratings.from_rows(rows, points=[0, 1, 2, 3]).of("style")
    found = severity.fit(style)
    scores = np.full((372, 21), np.nan)
    scores[style.response.codes, style.scorer.codes] = style.score
    assert [row.severity.value for row in found.scorers] == pytest.approx(
        (scores.mean() - scores.mean(axis=0)).tolist()
    )
    assert sum(row.severity.value for row in found.scorers) == pytest.approx(0, abs=1e-12)
    assert found.components[0].p < 1e-20
    spread = np.var(scores.mean(axis=0), ddof=1)
    assert found.components[0].spread.value ** 2 < spread
    with open(DATA / "osce_interview.csv", newline="") as file:
        rows = [(r["response"], r["scorer"], r["trait"], float(r["score"])) for r in csv.DictReader(file)]
    incomplete = Ratings.from_rows(rows, points=[0, 1, 2, 3])
    for trait in incomplete.traits[:5]:
        one = incomplete.of(trait)
        dense, _, _ = by_lstsq(one.response.codes, one.scorer.codes, one.points[one.score], 30, 5)
        mine = severity.fit(one)
        assert len(mine.components) == 1
        apart = mine.of("rater_1").severity.value - mine.of("rater_5").severity.value
        names = list(one.scorer.names)
        assert apart == pytest.approx(dense[names.index("rater_5")] - dense[names.index("rater_1")], abs=1e-9)


def test_a_hundred_thousand_responses_take_well_under_a_second():
    draw, n = np.random.default_rng(11), 100_000
    first = draw.integers(0, 200, n)
    who = np.concatenate([first, (first + draw.integers(1, 200, n)) % 200])
    unit, value = np.tile(np.arange(n), 2), draw.integers(1, 5, 2 * n).astype(float)
    additive.fit(unit, who, value, n, 200)
    start = time.process_time()
    additive.fit(unit, who, value, n, 200)
    assert time.process_time() - start < 0.5
