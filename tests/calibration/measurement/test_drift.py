"""Drift on validity papers: by dense regression, apart from the mix of papers, with tests of the right size."""

import math
from datetime import UTC, date, datetime

import numpy as np
import pytest

from calibration.measurement import drift, trend
from calibration.measurement.result import TOO_FEW


def reads(draw, *, n=240, scorers=6, papers=20, late=0.0, slope=0.0, other_papers=True):
    """Validity papers over 60 days, other ones late than early; the last are under-scored by everybody.

    Scorer 0 grows stricter by `late` on day 30 and by `slope` a day.
    """
    who, day = draw.integers(0, scorers, n), draw.integers(0, 60, n)
    paper = draw.integers(0, papers, n)
    if other_papers:
        paper = np.where(day < 30, draw.integers(0, 14, n), draw.integers(6, papers, n))
    reference = 2.0 + paper % 3
    score = reference - 0.6 * (paper > 12) + draw.normal(0, 0.4, n)
    score -= np.where(who == 0, late * (day >= 30) + slope * day, 0.0)
    return drift.ValidityReads.from_columns(who, paper, score, reference, day)


def dense(given, columns):
    """Least squares with a column for every paper; the coefficients of the other columns and their covariance."""
    papers = np.eye(len(given.paper.names))[given.paper.codes]
    table = np.column_stack([*columns, papers])
    found, _, rank, _ = np.linalg.lstsq(table, -given.score, rcond=None)
    left = -given.score - table @ found
    variance = left @ left / (given.score.size - rank)
    return found[: len(columns)], (np.linalg.pinv(table.T @ table) * variance)[: len(columns), : len(columns)]


def test_a_change_is_the_contrast_of_a_dense_regression():
    given = reads(np.random.default_rng(1), late=0.3)
    late = given.time >= 30
    columns = [(given.scorer.codes == code) & (late == side) for code in range(6) for side in (False, True)]
    effect, covariance = dense(given, [column.astype(float) for column in columns])
    for code, row in enumerate(drift.changes(given, [30])):
        weights = np.zeros(12)
        weights[[2 * code, 2 * code + 1]] = -1, 1
        found = row.stretches[0]
        assert found.severity.value == pytest.approx(weights @ effect)
        assert found.severity.se == pytest.approx(math.sqrt(weights @ covariance @ weights))
        mine = given.scorer.codes == code
        off = given.reference - given.score
        assert found.plain == pytest.approx(off[mine & late].mean() - off[mine & ~late].mean())
        assert found.paper_mix == pytest.approx(found.plain - found.severity.value)
        assert (row.n_baseline, found.n_reads) == ((mine & ~late).sum(), (mine & late).sum())


def test_other_papers_are_not_taken_for_drift():
    draw, adjusted, plain, luck = np.random.default_rng(2), [], [], []
    for _ in range(40):
        for row in drift.changes(reads(draw), [30]):
            adjusted.append(row.stretches[0].severity.value)
            plain.append(row.stretches[0].plain)
            luck.append(row.stretches[0].severity_p < 0.05)
    assert abs(np.mean(adjusted)) < 0.03
    assert np.mean(plain) > 0.2
    assert np.mean(luck) == pytest.approx(0.05, abs=0.04)


def test_a_change_of_the_scorer_is_found_stretch_by_stretch():
    draw = np.random.default_rng(3)
    row = drift.changes(reads(draw, n=600, late=0.8), [30, 45], names=["Tuesday", "the break"])[0]
    assert [round(part.severity.value) for part in row.stretches] == [1, 1]
    assert row.sentence.startswith(
        "Since the break, stricter on the validity papers than before (by about 0."
    )
    assert row.stretches[0].since == 30
    calm = drift.changes(reads(draw, n=600), [30], names=["Tuesday"])[1]
    assert calm.sentence == "No clear sign of a change since Tuesday."


def test_exact_scores_are_followed_too():
    day = list(range(60)) * 2
    score = [3] * 60 + [3] * 30 + [2 + d % 2 for d in range(30)]
    columns = ["a"] * 60 + ["b"] * 60, [d % 6 for d in day], score, [3] * 120, day
    still, fallen = drift.changes(drift.ValidityReads.from_columns(*columns), [30])
    assert still.stretches[0].hits.value == pytest.approx(0)
    assert fallen.stretches[0].hits.value == pytest.approx(-0.5)
    assert (fallen.n_baseline_exact, fallen.stretches[0].n_exact) == (30, 15)
    assert "about 50 fewer exact scores in every 100" in fallen.sentence


def test_without_papers_that_came_back_nothing_is_claimed():
    day = list(range(20)) * 2
    papers = [f"{'early' if d < 10 else 'late'}{d % 5}" for d in day]
    given = drift.ValidityReads.from_columns(["a"] * 20 + ["b"] * 20, papers, [3, 2] * 20, [3] * 40, day)
    found = drift.changes(given, [10])[0].stretches[0]
    assert found.severity.status == TOO_FEW and math.isnan(found.severity_p)
    assert "other papers cannot be told from a change" in found.sentence


def test_few_papers_are_not_enough():
    given = reads(np.random.default_rng(4), n=30)
    found = drift.changes(given, [30])[0].stretches[0]
    assert (
        found.severity.status == TOO_FEW
        and "this needs 5 validity papers before and 5 after" in found.sentence
    )
    assert drift.changes(drift.ValidityReads.from_columns([], [], [], [], []), [1]) == ()


def test_only_papers_with_a_reference_score_count():
    given = drift.ValidityReads.from_columns(
        ["a"] * 4, ["p"] * 4, [1, None, 2, 3], [1, 1, None, math.nan], [0, 1, 2, 3]
    )
    assert given.score.tolist() == [1.0] and given.n_excluded == 3


def test_dates_and_datetimes_are_days():
    days = [date(2025, 3, 1), date(2025, 3, 2)]
    given = drift.ValidityReads.from_columns(["a", "a"], ["p", "p"], [1, 1], [1, 1], days)
    assert np.diff(given.time).tolist() == [1.0]
    moments = [datetime(2025, 3, 1, hour, tzinfo=UTC) for hour in (0, 12)]
    given = drift.ValidityReads.from_columns(["a", "a"], ["p", "p"], [1, 1], [1, 1], moments)
    assert np.diff(given.time).tolist() == [0.5]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ((["a"], ["p"], [1], [1], [0, 1]), "not equally long"),
        ((["a", "a"], ["p", "p"], [1, "x"], [1, 1], [0, 1]), "Row 2: the score 'x' is not a number"),
        ((["a", "a"], ["p", "p"], [1, 1], [1, math.inf], [0, 1]), "Row 2: the reference score"),
        ((["a", "a"], ["p", "p"], [1, 1], [1, 1], [0, None]), "Row 2 has no time"),
        (([None], ["p"], [1], [1], [0]), "Row 1 names no scorer"),
        ((["a"], [None], [1], [1], [0]), "Row 1 names no paper"),
    ],
)
def test_bad_rows_are_named(columns, words):
    with pytest.raises(ValueError, match=words):
        drift.ValidityReads.from_columns(*columns)


@pytest.mark.parametrize("since", [[], [3, 3], [5, 2], [None]])
def test_stretches_must_follow_each_other(since):
    with pytest.raises(ValueError, match="from early to late"):
        drift.changes(reads(np.random.default_rng(5), n=20), since)
    with pytest.raises(ValueError, match="2 names"):
        drift.changes(reads(np.random.default_rng(5), n=20), [3], names=["a", "b"])


def test_slopes_are_those_of_a_dense_regression():
    given = reads(np.random.default_rng(6), slope=0.01)
    found = trend.fit(given, unit="day")
    mine = np.eye(6)[given.scorer.codes]
    effect, covariance = dense(given, [*(mine * given.time[:, None]).T, *mine.T])
    for code, row in enumerate(found.scorers):
        assert row.slope.value == pytest.approx(effect[code])
        assert row.slope.se == pytest.approx(math.sqrt(covariance[code, code]))
    n = np.array([row.n_units for row in found.scorers]) / given.score.size
    assert found.team.value == pytest.approx(n @ effect[:6])
    assert found.team.se == pytest.approx(math.sqrt(n @ covariance[:6, :6] @ n))
    beside = [row.beside_team.value for row in found.scorers]
    assert beside == pytest.approx((effect[:6] - n @ effect[:6]).tolist())
    assert all(abs(row.shrunken.value) <= max(map(abs, beside)) for row in found.scorers)


def test_the_unit_of_time_only_changes_the_unit():
    given = reads(np.random.default_rng(7), slope=0.02)
    weeks = drift.ValidityReads(
        given.scorer, given.paper, given.score, given.reference, given.time / 7 + 1000, given.n_excluded
    )
    daily, weekly = trend.fit(given, unit="day").scorers[0], trend.fit(weeks).scorers[0]
    assert weekly.slope.value == pytest.approx(7 * daily.slope.value)
    assert weekly.p == pytest.approx(daily.p, rel=1e-6)
    assert (
        weekly.sentence.startswith("Growing stricter on the validity papers, by about")
        and "a week" in weekly.sentence
    )


def test_a_growing_scorer_is_found_and_false_alarms_are_rare():
    draw, found, luck = np.random.default_rng(8), [], []
    for _ in range(30):
        rows = trend.fit(reads(draw, slope=0.02)).scorers
        found.append(rows[0].p < 0.05)
        luck += [row.p < 0.05 for row in rows[1:]]
    assert np.mean(found) > 0.9
    assert np.mean(luck) == pytest.approx(0.05, abs=0.04)


def test_a_slope_that_nothing_fixes_is_not_given():
    day = [5] * 20 + list(range(20))
    given = drift.ValidityReads.from_columns(
        ["a"] * 20 + ["b"] * 20, [n % 5 for n in range(40)], [2, 3] * 20, [3] * 40, day
    )
    still, moving = trend.fit(given).scorers
    assert still.slope.status == TOO_FEW and moving.slope.defined
    assert trend.fit(drift.ValidityReads.from_columns([], [], [], [], [])).team.status == TOO_FEW
    once = drift.ValidityReads.from_columns(["a"] * 12, list(range(12)), [2] * 12, [2] * 12, list(range(12)))
    assert trend.fit(once).scorers[0].slope.status == TOO_FEW
    perfect = drift.ValidityReads.from_columns(["a"] * 12, [0, 1] * 6, [2] * 12, [2] * 12, list(range(12)))
    flat = trend.fit(perfect).scorers[0].slope
    assert flat.value == 0 and not flat.has_interval
