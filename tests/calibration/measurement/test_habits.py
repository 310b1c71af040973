"""Use of the scale and halo: by hand, apart from the papers, with tests of the right size."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from calibration.measurement import habits, halo, severity
from calibration.measurement.ratings import Ratings
from calibration.measurement.result import NO_VARIATION, TOO_FEW

DATA = Path(__file__).parents[4] / "shared" / "data"
POINTS = [1, 2, 3, 4]


def rated(rows, points=POINTS):
    return Ratings.from_rows(rows, points={"t": points}).of("t")


def reads(draw, n, scorers, m, *, slope=1.0, strict=0.0):
    """Responses read by m of the scorers; scorer 0 stretches the papers' levels and may be strict."""
    who = np.argsort(draw.random((n, scorers)), axis=1)[:, :m]
    level = draw.normal(0, 0.9, n)[:, None] + draw.normal(0, 0.5, who.shape)
    value = 2.5 + np.where(who == 0, slope, 1.0) * level - np.where(who == 0, strict, 0.0)
    score = np.clip(np.rint(value), 1, 4)
    unit = np.repeat(np.arange(n), m)
    return Ratings.from_columns(unit, who.ravel(), np.full(unit.size, "t"), score.ravel(), points=POINTS).of(
        "t"
    )


def test_the_spread_is_the_ratio_of_standard_deviations_on_the_same_papers():
    draw = np.random.default_rng(1)
    own, other = draw.integers(1, 5, 50), draw.integers(2, 4, 50)
    rows = [(r, "ana", "t", int(a)) for r, a in enumerate(own)]
    rows += [(r, "ben", "t", int(b)) for r, b in enumerate(other)]
    ana, ben = habits.compare(rated(rows))
    assert ana.spread.value == pytest.approx(own.std() / other.std())
    assert ben.spread.value == pytest.approx(1 / ana.spread.value)
    assert ben.spread_p == pytest.approx(ana.spread_p)
    assert ana.spread.low == pytest.approx(1 / ben.spread.high)
    end = np.isin(own, (1, 4)).astype(float) - np.isin(other, (1, 4))
    assert ana.ends.value == pytest.approx(end.mean())
    assert ana.ends.se == pytest.approx(end.std() / math.sqrt(49))


def test_several_other_reads_share_the_weight_of_a_paper():
    draw = np.random.default_rng(2)
    scores = draw.integers(1, 5, (40, 4))
    rows = [(r, s, "t", int(scores[r, s])) for r in range(40) for s in range(4)]
    level = severity.fit(rated(rows))
    adjusted = scores + np.array([row.severity.value for row in level.scorers])
    for code, found in enumerate(habits.compare(rated(rows))):
        rest = np.delete(adjusted, code, axis=1)
        assert found.spread.value == pytest.approx(adjusted[:, code].std() / rest.std())


def test_the_standard_error_is_that_of_drawing_the_papers_again():
    draw = np.random.default_rng(3)
    level = draw.normal(2.5, 0.9, 150)
    own, other = (np.clip(np.rint(level + draw.normal(0, 0.5, 150)), 1, 4) for _ in "ab")
    rows = [(r, s, "t", float(x)) for s, column in (("a", own), ("b", other)) for r, x in enumerate(column)]
    found = habits.compare(rated(rows))[0].spread
    again = draw.integers(0, 150, (3000, 150))
    logs = np.log(own[again].std(axis=1) / other[again].std(axis=1))
    assert found.se / found.value == pytest.approx(logs.std(), rel=0.08)


def test_a_scorer_of_middling_papers_is_not_called_central():
    rows = [
        (f"M{r}", s, "t", 2 + (r + (s == "cy") * (r % 5 == 0)) % 2) for r in range(80) for s in ("ana", "cy")
    ]
    rows += [
        (f"E{r}", s, "t", (1, 4)[(r + (s == "di") * (r % 9 == 0)) % 2])
        for r in range(80)
        for s in ("ben", "di")
    ]
    found = habits.compare(rated(rows))
    assert [row.spread_p > 0.05 for row in found] == [True] * 4
    assert [row.spread.value for row in found] == pytest.approx([1] * 4, abs=0.05)


def test_strictness_is_not_taken_for_a_narrow_range():
    draw, low = np.random.default_rng(4), []
    for _ in range(40):
        row = habits.compare(reads(draw, 160, 5, 2, strict=0.3))[1]  # read beside a strict scorer
        low.append(row.spread_p < 0.05)
    assert np.mean(low) <= 0.15


def test_a_central_scorer_is_seen_and_the_others_are_not_blamed():
    draw, found, blamed = np.random.default_rng(5), [], []
    for _ in range(40):
        rows = habits.compare(reads(draw, 240, 8, 3, slope=0.6))
        found.append(rows[0].spread_p < 0.05 and rows[0].spread.value < 1)
        blamed += [row.spread_p < 0.05 for row in rows[1:]]
    assert np.mean(found) > 0.9
    assert np.mean(blamed) < 0.12


def test_false_alarms_about_the_spread_and_the_ends_are_five_in_a_hundred():
    draw, spread, ends = np.random.default_rng(6), [], []
    for _ in range(60):
        rows = habits.compare(reads(draw, 200, 6, 2))
        spread += [row.spread_p < 0.05 for row in rows]
        ends += [row.ends_p < 0.05 for row in rows]
    assert np.mean(spread) == pytest.approx(0.05, abs=0.035)
    assert np.mean(ends) == pytest.approx(0.05, abs=0.035)


def test_a_score_point_never_given_is_named_with_how_often_others_gave_it():
    rows = [
        (r, s, "t", 1 + r % 4 if s == "ana" else max(2, 1 + r % 4)) for r in range(40) for s in ("ana", "ben")
    ]
    ana, ben = habits.compare(rated(rows))
    assert ana.unused == ()
    assert [(point.point, point.n_others) for point in ben.unused] == [(1.0, 10.0)]
    assert ben.unused[0].p == pytest.approx(2 * 0.5**10)
    assert "Has not given 1, which others gave on about 10 of the same papers." in ben.sentence


def test_one_score_throughout_is_described_without_an_interval():
    rows = [(r, s, "t", 1 + r % 4 if s == "ana" else 3) for r in range(60) for s in ("ana", "ben")]
    ana, ben = habits.compare(rated(rows))
    assert ben.spread.value == 0 and not ben.spread.has_interval and ben.spread_p < 0.001
    assert "one and the same score throughout" in ben.sentence
    assert ana.spread.status == NO_VARIATION and math.isnan(ana.spread_p)


def test_nothing_to_go_by_is_said():
    assert habits.compare(rated([])) == ()
    alone, pair = habits.compare(rated([("R1", "ana", "t", 1), ("R2", "ana", "t", 1), ("R2", "ben", "t", 2)]))
    assert alone.spread.status == pair.spread.status == TOO_FEW
    assert alone.n_reads == 2 and alone.n_units == 1 and alone.spread.n_excluded == 1
    same = habits.compare(rated([(r, s, "t", 2) for r in range(9) for s in "ab"]))[0]
    assert same.spread.status == NO_VARIATION and same.ends.value == 0 and same.ends_p == 1
    two = habits.compare(rated([(r, s, "t", r % 2) for r in range(9) for s in "ab"], points=[0, 1]))[0]
    assert two.ends.status == NO_VARIATION
    assert two.spread.value == 1 and not two.spread.has_interval and two.spread_p == 1


def moods(draw, n, scorers, m, traits, *, own=0.3, missing=0.0):
    """Scorers whose traits share a mood with each paper (0.3 points for all but scorer 0)."""
    who = np.argsort(draw.random((n, scorers)), axis=1)[:, :m]
    mood = draw.normal(0, 1, (n, m, 1)) * np.where(who == 0, own, 0.3)[:, :, None]
    level = draw.normal(0, 0.8, (n, 1, traits))
    score = np.clip(np.rint(2.5 + level + mood + draw.normal(0, 0.5, (n, m, traits))), 1, 4).ravel()
    score[draw.random(score.size) < missing] = np.nan
    unit, name = np.repeat(np.arange(n), m * traits), np.repeat(who.ravel(), traits)
    return Ratings.from_columns(
        unit, name, np.tile([f"t{t}" for t in range(traits)], n * m), score, points=POINTS
    )


def test_halo_is_the_correlation_of_departures_by_hand():
    ratings = moods(np.random.default_rng(7), 120, 5, 3, 3)
    found = halo.compare(ratings)
    table = np.full((120, 5, 3), np.nan)
    for place, trait in enumerate(ratings.traits):
        one = ratings.of(trait)
        strict = {row.scorer: row.severity.value for row in severity.fit(one).scorers}
        lift = np.array([strict[name] for name in one.scorer.names])
        table[one.response.codes, one.scorer.codes, place] = one.points[one.score] + lift[one.scorer.codes]
    own = []
    for scorer in range(5):
        seen = ~np.isnan(table[:, scorer, 0])
        rest = np.nanmean(np.delete(table[seen], scorer, axis=1), axis=1)
        correlations = np.corrcoef((table[seen, scorer] - rest).T)
        own.append(correlations[np.triu_indices(3, 1)].mean())
        assert found[scorer].n_units == seen.sum()
    assert [row.own for row in found] == pytest.approx(own)
    n = np.array([row.n_units for row in found])
    assert found[0].team == pytest.approx((n[1:] * own[1:]).sum() / n[1:].sum())
    assert found[0].halo.value == pytest.approx(own[0] - found[0].team)


def test_reads_without_every_trait_are_left_out_of_halo():
    ratings = moods(np.random.default_rng(8), 150, 5, 3, 3, missing=0.1)
    complete = 0
    for response in range(150):
        kept = [
            {trait for trait in ratings.traits if read(ratings, trait, response, scorer)}
            for scorer in range(5)
        ]
        every = [traits == set(ratings.traits) for traits in kept]
        others = [all(sum(trait in traits for traits in kept) > 1 for trait in ratings.traits)] * 5
        complete += sum(a and b for a, b in zip(every, others, strict=True))
    assert sum(row.n_units for row in halo.compare(ratings)) == complete


def read(ratings, trait, response, scorer):
    one = ratings.of(trait)
    return ((one.response.codes == response) & (one.scorer.codes == scorer)).any()


def test_halo_is_found_where_it_is_and_seldom_where_it_is_not():
    draw, found, luck = np.random.default_rng(9), [], []
    for _ in range(25):
        rows = halo.compare(moods(draw, 240, 8, 2, 4, own=0.9))
        found.append(rows[0].p < 0.05 and rows[0].halo.value > 0)
        luck += [row.p < 0.05 for row in halo.compare(moods(draw, 240, 8, 2, 4))]
    assert np.mean(found) > 0.7
    assert np.mean(luck) == pytest.approx(0.05, abs=0.035)
    assert rows[0].sentence.startswith(
        "Scores for different traits move together more than for other scorers"
    )


def test_halo_needs_traits_papers_scorers_and_differences():
    draw = np.random.default_rng(10)
    assert halo.compare(moods(draw, 60, 4, 2, 2))[0].sentence == "Halo needs three traits or more."
    assert "of the 30 papers" in halo.compare(moods(draw, 40, 4, 2, 3))[0].sentence
    assert "two other scorers" in halo.compare(moods(draw, 60, 2, 2, 3))[0].sentence
    rows = [(r, s, t, 1 + r % 4) for r in range(40) for s in "abc" for t in "xyz"]
    same = halo.compare(Ratings.from_rows(rows, points=POINTS))
    assert {row.halo.status for row in same} == {NO_VARIATION}
    assert halo.compare(Ratings.from_rows([], points={"x": POINTS, "y": POINTS, "z": POINTS})) == ()


@pytest.mark.skipif(not DATA.is_dir(), reason="the real ratings are not on this machine")
def test_real_scorers_spread_their_scores_by_the_definition():
    with open(DATA / "wind_hua_writing.csv", newline="") as file:
        rows = [(r["response"], r["scorer"], r["trait"], float(r["score"])) for r in csv.DictReader(file)]
    style = Ratings.from_rows(rows, points=[0, 1, 2, 3]).of("style")
    scores = np.full((372, 21), np.nan)
    scores[style.response.codes, style.scorer.codes] = style.score
    centered = scores - scores.mean(axis=0)
    for code, row in enumerate(habits.compare(style)):
        rest = np.delete(centered, code, axis=1)
        assert row.spread.value == pytest.approx(scores[:, code].std() / rest.std())
