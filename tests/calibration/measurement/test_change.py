"""Did it help? What a comparison before and after promises: like with like, and few false alarms."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.measurement import intervals
from calibration.measurement.change import power, run_chart, shift, spread, study
from calibration.measurement.change.examples import reads
from calibration.measurement.change.sides import AFTER, BEFORE, NEITHER, split
from calibration.measurement.ratings import Ratings


def of_rows(rows, points=(1, 2, 3, 4)):
    """Ratings from rows of response, scorer, score, moment."""
    names = ("response", "scorer", "score", "moment")
    return Ratings.from_rows(
        [dict(zip(names, row, strict=True)) | {"trait": "t"} for row in rows], points=points
    )


def rates(repetitions, verdict_of, **settings_of_reads):
    """Shares of better and of worse among made-up cycles."""
    found = [verdict_of(reads(seed=seed + 1, **settings_of_reads)) for seed in range(repetitions)]
    return found.count(study.BETTER) / repetitions, found.count(study.WORSE) / repetitions


def by_exact(ratings):
    alike = split(ratings, 10).comparable()
    found = shift.estimate(alike, shift.same_score(alike))
    return study.BETTER if found.low > 0 else study.WORSE if found.high < 0 else study.NO_EVIDENCE


def by_spread(ratings):
    found = spread.compare(split(ratings, 10).comparable())
    return study.BETTER if found.high < 1 else study.WORSE if found.low > 1 else study.NO_EVIDENCE


# Which papers count


def test_both_reads_must_stand_on_the_same_side_and_before_the_look():
    ratings = of_rows([(1, "a", 1, 0), (1, "b", 1, 1), (2, "a", 1, 4), (2, "b", 1, 5), (3, "a", 1, 5), (3, "b", 1, 6),
                       (4, "a", 1, 7), (4, "b", 1, 9)])  # fmt: skip
    assert split(ratings, 5).side.tolist() == [BEFORE, NEITHER, AFTER, AFTER]
    assert split(ratings, 5, until=8).unit.size == 3
    with pytest.raises(ValueError, match="moment"):
        split(Ratings.from_rows([(1, "a", "t", 1)], points=[1, 2]), 5)


def test_papers_read_between_the_planned_and_the_real_moment_count_on_neither_side():
    rows = [(1, 0, 1), (2, 3, 4), (3, 4, 5), (4, 5, 8), (5, 1, 9), (6, 8, 9)]
    ratings = of_rows(
        [(paper, who, 1, at) for paper, *both in rows for who, at in zip("ab", both, strict=True)]
    )
    for planned, done in ((4, 8), (8, 4)):
        sides = split(ratings, planned, done=done)
        assert [ratings.response.names[unit] for unit in sides.unit] == [1, 5, 6]
        assert sides.side.tolist() == [BEFORE, NEITHER, AFTER]
    assert split(ratings, 4, done=4).side.tolist() == split(ratings, 4).side.tolist()


def test_a_scorer_who_comes_or_goes_is_left_out_with_their_papers():
    rows = []
    for paper, (one, other, moment) in enumerate(
        [("a", "b", 1), ("a", "old", 1), ("a", "b", 6), ("b", "new", 6)]
    ):
        rows += [(paper, one, 1, moment), (paper, other, 1, moment)]
    sides = split(of_rows(rows), 5)
    assert sides.alike.tolist() == [True, False, True, False]
    assert sides.comparable().weight.tolist() == [1, 1]


def test_leaving_somebody_out_goes_on_until_all_that_is_left_is_on_both_sides():
    rows = []
    # c reads before with old, after with a: without old, c has no pair before
    for paper, (one, other, moment) in enumerate(
        [("a", "b", 1), ("c", "old", 1), ("a", "b", 6), ("a", "c", 6)]
    ):
        rows += [(paper, one, 1, moment), (paper, other, 1, moment)]
    assert split(of_rows(rows), 5).alike.tolist() == [True, False, True, False]


def test_a_paper_counts_once_however_many_traits_and_reads_it_has():
    sides = split(reads(papers=(30, 30), traits=("a", "b", "c")), 10)
    assert sides.weight.sum() == pytest.approx(60)
    three = of_rows([(1, who, 1 + (who == "c"), 1) for who in "abc"])
    sides = split(three, 5)
    assert sides.weight.tolist() == pytest.approx([1 / 3] * 3)
    assert (sides.weight @ shift.same_score(sides)) == pytest.approx(1 / 3)


# The change


def test_the_change_is_the_plain_difference_where_scorers_and_scores_are_balanced():
    rows = []
    pairs = [(a, b) for a in range(4) for b in range(a)]
    for side, wrong in ((1, 2), (6, 1)):  # of six papers at each score, so many are not agreed
        for score in (1, 2):
            for repeat in range(6):
                for number, (a, b) in enumerate(pairs):
                    other = 3 - score if (repeat + number) % 6 < wrong else score
                    paper = len(rows) // 2
                    rows += [(paper, a, score, side), (paper, b, other, side)]
    alike = split(of_rows(rows), 5).comparable()
    found = shift.estimate(alike, shift.same_score(alike))
    assert found.value == pytest.approx(1 / 6)
    assert (found.n_before, found.n_after, found.n_scorers) == (72, 72, 4)


def test_names_and_rows_do_not_matter():
    ratings = reads(papers=(60, 60), noise=(0.6, 0.3), seed=5)
    order = np.random.default_rng(1).permutation(ratings.score.size)
    moments = np.array(ratings.labels["moment"].names)[ratings.labels["moment"].codes]
    points = ratings.points["t"]
    again = Ratings.from_columns(
        ratings.response.codes[order], 100 - ratings.scorer.codes[order], np.full(order.size, "t"),
        points[ratings.score[order]], points=points, moment=moments[order].tolist(),
    )  # fmt: skip
    one, other = study.compare(ratings, 10), study.compare(again, 10)
    assert one.exact.change.value == pytest.approx(other.exact.change.value)
    assert one.exact.change.low == pytest.approx(other.exact.change.low)
    assert one.spread.change.high == pytest.approx(other.spread.change.high)


def test_turning_time_around_turns_better_into_worse():
    found = [
        study.compare(reads(papers=(150, 150), noise=noise), 10).verdict for noise in ((0.7, 0.2), (0.2, 0.7))
    ]
    assert found == [study.BETTER, study.WORSE]
    found = [
        study.compare(reads(spread=apart), 10, measure="spread").verdict for apart in ((0.6, 0.1), (0.1, 0.6))
    ]
    assert found == [study.BETTER, study.WORSE]
    found = [study.compare(reads(papers=(150, 150), noise=noise), 10, measure="line", line=("t", 1)).verdict
             for noise in ((0.7, 0.2), (0.2, 0.7))]  # fmt: skip
    assert found == [study.BETTER, study.WORSE]


def test_only_the_measure_chosen_beforehand_decides():
    ratings = reads(spread=(0.5, 0.1), scorers=8, papers=(100, 100), noise=(0.3, 0.6))
    assert study.compare(ratings, 10, measure="spread").verdict == study.BETTER
    assert study.compare(ratings, 10, measure="exact").verdict != study.BETTER
    with pytest.raises(ValueError, match="line needs"):
        study.compare(ratings, 10, measure="line")
    with pytest.raises(ValueError, match="no such line"):
        study.compare(ratings, 10, measure="line", line=("t", 3))


def test_what_comes_after_the_look_changes_nothing():
    ratings = reads(papers=(80, 80), seed=2)
    early = study.compare(ratings, 10, until=15)
    kept = np.array(ratings.labels["moment"].names)[ratings.labels["moment"].codes] <= 15
    rows = np.flatnonzero(kept)
    moments = np.array(ratings.labels["moment"].names)[ratings.labels["moment"].codes]
    only = Ratings.from_columns(
        ratings.response.codes[rows], ratings.scorer.codes[rows], np.full(rows.size, "t"),
        ratings.points["t"][ratings.score[rows]], points=ratings.points["t"], moment=moments[rows].tolist(),
    )  # fmt: skip
    assert early.sentence == study.compare(only, 10).sentence
    assert early.exact.change.low == pytest.approx(study.compare(only, 10).exact.change.low)


@pytest.mark.parametrize(
    ("settings_of_reads", "words"),
    [
        ({"papers": (60, 15), "scorers": 4}, "Only 15 papers have two reads after the change"),
        ({"papers": (60, 60), "scorers": 3}, "Only 3 scorers read before and after"),
        (
            {"papers": (60, 60), "middle": (2.0, 3.2)},
            "so much higher than before that the papers can not be compared",
        ),
        ({"papers": (60, 60), "noise": (0, 0), "spread": (0, 0)}, "nothing to tell a change from luck"),
    ],
)
def test_what_can_not_be_told_is_said_in_words(settings_of_reads, words):
    found = study.compare(reads(**settings_of_reads), 10)
    assert found.verdict == study.NO_EVIDENCE
    assert words in found.sentence


def test_nothing_read_is_no_evidence_and_no_error():
    empty = Ratings.from_columns([], [], [], [], points={"t": [1, 2, 3]}, moment=[])
    found = study.compare(empty, 10)
    assert (found.verdict, found.n_before, found.n_after, found.chart.points) == (study.NO_EVIDENCE, 0, 0, ())


def test_agreement_that_was_rising_already_is_said():
    rows, draw = [], np.random.default_rng(3)
    for paper in range(400):
        moment = paper / 40
        is_off, score = draw.random() < 0.8 - moment * 0.08, 1 + paper % 2
        a, b = draw.permutation(6)[:2]
        rows += [(paper, int(a), score, moment), (paper, int(b), 3 - score if is_off else score, moment)]
    found = study.compare(of_rows(rows), 5)
    assert found.verdict == study.BETTER
    assert any("rising before the change already" in each for each in found.cautions)


# How often it is wrong, and how often it finds something: benchmarks/cycles.py has the figures, these watch over them


def test_where_nothing_changed_false_verdicts_stay_rare():
    for settings_of_reads in ({"papers": (60, 60), "scorers": 6}, {"papers": (120, 120), "steady": 0.8}):
        better, worse = rates(120, by_exact, **settings_of_reads)
        assert better <= 0.05
        assert worse <= 0.05


def test_a_change_in_who_scores_is_no_improvement():
    careful, hasty = [0.2] * 2 + [1.0] * 4 + [3.0] * 2, [3.0] * 2 + [1.0] * 4 + [0.2] * 2
    better, worse = rates(100, by_exact, papers=(100, 100), take_part=(hasty, careful), steady=0.9)
    assert better <= 0.05
    assert worse <= 0.05


def test_scorers_who_stay_as_far_apart_as_they_were_are_not_called_closer():
    for settings_of_reads in ({"papers": (60, 150), "scorers": 6}, {"papers": (100, 100), "spread": (0, 0)}):
        better, worse = rates(100, by_spread, **settings_of_reads)
        assert better <= 0.06
        assert worse <= 0.06


@pytest.mark.parametrize("planned", [4, 16])
def test_a_change_made_on_another_day_than_planned_is_found_and_none_where_there_is_none(planned):
    def verdict_of(ratings):
        return study.compare(ratings, planned, done=10).verdict

    better, worse = rates(20, verdict_of, papers=(500, 500), noise=(0.6, 0.3))
    assert better >= 0.7 and worse == 0
    better, worse = rates(60, verdict_of, papers=(120, 120))
    assert better <= 0.05 and worse <= 0.05


def test_a_real_change_is_found():
    better, worse = rates(40, by_exact, papers=(250, 250), noise=(0.6, 0.3))
    assert better >= 0.7
    assert worse == 0
    better, worse = rates(40, by_spread, papers=(120, 120), spread=(0.5, 0.2))
    assert better >= 0.7
    assert worse == 0


def test_the_chance_said_beforehand_is_about_the_chance_there_is():
    found, shares = 0, []
    for seed in range(60):
        alike = split(reads(papers=(200, 200), noise=(0.6, 0.35), scorers=10, seed=seed + 1), 10).comparable()
        same = shift.same_score(alike)
        found += shift.estimate(alike, same).low > 0
        shares.append([same[alike.side == side].mean() for side in (BEFORE, AFTER)])
    before, after = np.mean(shares, axis=0)
    said = power.of_shares(before, after, n_before=200, n_after=200, n_scorers=10)
    assert abs(found / 60 - said) < 0.15


@given(
    st.integers(20, 400), st.integers(20, 400), st.integers(4, 30), st.floats(0.3, 0.7), st.floats(0.05, 0.25)
)
@settings(max_examples=50, deadline=None)
def test_more_papers_and_more_scorers_never_find_less(n_before, n_after, n_scorers, before, more):
    known = {"n_before": n_before, "n_after": n_after, "n_scorers": n_scorers}
    chance = power.of_shares(before, before + more, **known)
    assert 0 <= chance <= 1
    for name in known:
        assert power.of_shares(before, before + more, **known | {name: known[name] + 10}) >= chance - 1e-12


def test_the_papers_that_are_needed_are_enough_and_no_more():
    needed = power.papers_needed(0.6, 0.75, n_before=500, n_scorers=10)
    known = {"n_before": 500, "n_scorers": 10}
    assert power.of_shares(0.6, 0.75, n_after=needed, **known) >= 0.8
    assert power.of_shares(0.6, 0.75, n_after=needed - 10, **known) < 0.8
    assert power.papers_needed(0.6, 0.62, n_before=60, n_scorers=10) is None


# The spread of severity


@given(st.floats(0.2, 5), st.floats(-0.9, 0.95), st.integers(5, 30))
@settings(max_examples=50, deadline=None)
def test_the_limits_of_a_ratio_are_where_the_test_of_pitman_and_morgan_turns(ratio, r, n):
    """At the limit, sums and differences of the rescaled values correlate just as much as luck allows."""
    for limit, way in zip(spread.pitman_morgan(ratio, r, n), (1, -1), strict=True):
        a, b = 1.0, ratio / limit  # variances when the second is divided by the ratio that is tried
        covariance = r * math.sqrt(a * b)
        turned = (b - a) / math.sqrt((a + b + 2 * covariance) * (a + b - 2 * covariance))
        t = turned * math.sqrt((n - 2) / (1 - turned**2))
        assert way * t == pytest.approx(intervals.t_quantile(0.975, n - 2), rel=1e-6)


def test_the_spread_is_free_of_luck_and_of_the_papers():
    alike = split(reads(papers=(4000, 4000), scorers=12, spread=(0.5, 0.25), seed=4), 10).comparable()
    found = spread.compare(alike)
    assert found.after.value / found.before.value == pytest.approx(0.5, abs=0.05)
    assert found.low < 0.5 < found.high
    nothing = spread.compare(split(reads(papers=(60, 60), spread=(0, 0)), 10).comparable())
    assert nothing.before.low == 0


def test_scorers_whom_no_chain_of_papers_joins_are_not_compared():
    rows = []
    for paper in range(120):
        a, b = ((0, 1), (2, 3))[paper % 2]
        rows += [(paper, a, 1 + paper % 3, paper), (paper, b, 1 + paper % 2, paper)]
    found = study.compare(of_rows(rows), 60, measure="spread")
    assert found.verdict == study.NO_EVIDENCE
    assert "not joined by shared papers" in found.sentence


# The run chart


def test_stretches_meet_at_the_change_and_carry_their_limits():
    parts = split(reads(papers=(200, 200), noise=(0.5, 0.2)), 10.25)
    chart = run_chart.draw(parts, shift.same_score(parts), 10.25, width=1)
    starts = [point.start for point in chart.points]
    assert all(abs((start - 10.25) % 1) < 1e-9 for start in starts)
    assert [point.side for point in chart.points] == [int(start >= 10.25) for start in starts]
    before = [point.value for point in chart.points if point.side == BEFORE]
    assert chart.median == pytest.approx(np.median(before))
    n, point = chart.points[0].n, chart.points[0]
    half = 3 * math.sqrt(chart.center * (1 - chart.center) / n)
    assert (point.low, point.high) == (max(0, chart.center - half), min(1, chart.center + half))
    assert sum(point.n for point in chart.points) == np.unique(parts.unit[parts.side >= 0]).size


@pytest.mark.parametrize(
    ("values", "run"),
    [
        ([0.6] * 6, 6),
        ([0.6] * 3 + [0.5] + [0.6] * 3, 6),
        ([0.6, 0.4] * 3, 1),
        ([0.4] * 7, -7),
        ([0.5] * 8, 0),
    ],
)
def test_a_shift_is_six_points_in_a_row_and_points_on_the_median_do_not_count(values, run):
    points = [run_chart.Point(number, AFTER, 10, value, 0, 1) for number, value in enumerate(values)]
    assert run_chart._run(points, 0.5) == run


def test_a_long_time_is_drawn_in_weeks():
    rows = [(paper, who, 1, paper * 1.0) for paper in range(80) for who in "ab"]
    sides = split(of_rows(rows), 40)
    assert run_chart.draw(sides, shift.same_score(sides), 40).width == run_chart.WEEK
