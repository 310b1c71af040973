"""Crossed designs and variance components: published answers, sums of squares by hand, dense likelihoods."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from calibration.measurement import absorbing, association, counting, crossing, icc, intervals, pairs, reml
from calibration.measurement.ratings import Ratings
from calibration.measurement.result import NO_VARIATION, NOT_FIXED, TOO_FEW

GOLDEN = json.loads((Path(__file__).parent / "golden" / "crossed.json").read_text())
SIX = ("icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k")
PARTS = ("response", "scorer", "rest")


def rated(rows, points=range(1, 11)):
    long = [(str(r), f"s{s}", "t", score) for r, given in enumerate(rows) for s, score in enumerate(given)]
    return Ratings.from_rows(long, points=list(points)).of("t")


def crossed_rows(seed, n=30, k=3, q=5):
    draw = np.random.default_rng(seed)
    level = draw.normal(q / 2, 1.2, n)[:, None] + draw.normal(0, 0.5, k)
    return np.clip(np.rint(level + draw.normal(0, 0.8, (n, k))), 1, q).astype(int).tolist()


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["id"])
def test_published_intraclass_correlations(case):
    found = icc.six(rated(case["rows"], case["points"]))
    for name, (value, low, high, tolerance) in case["icc"].items():
        assert found[name].value == pytest.approx(value, abs=tolerance)
        if low is not None:
            assert (found[name].low, found[name].high) == pytest.approx((low, high), abs=tolerance)


def test_published_concordance():
    case = next(case for case in GOLDEN if "kendall" in case)
    found = association.concordance(rated(case["rows"], case["points"]))
    for name, value in case["kendall"].items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-6)


def test_published_variance_components():
    case = next(case for case in GOLDEN if "reml" in case)
    found = reml.components(rated(case["rows"], case["points"]))
    for name, value in case["reml"].items():
        assert getattr(found, name).value == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize("k", [2, 3, 7])
def test_mean_squares_are_those_of_the_analysis_of_variance(k):
    scores = np.array(crossed_rows(k, k=k), float)
    n, grand = len(scores), scores.mean()
    by_response, by_scorer = scores.mean(axis=1), scores.mean(axis=0)
    found = icc.of_crossed(crossing.crossed(rated(scores.tolist())))
    assert found.between == pytest.approx(k * ((by_response - grand) ** 2).sum() / (n - 1))
    assert found.within == pytest.approx(((scores - by_response[:, None]) ** 2).sum() / (n * (k - 1)))
    assert found.scorers == pytest.approx(n * ((by_scorer - grand) ** 2).sum() / (k - 1))
    rest = scores - by_response[:, None] - by_scorer + grand
    assert found.rest == pytest.approx((rest**2).sum() / ((n - 1) * (k - 1)))
    if k == 2:
        table = icc.of_table(pairs.count(rated(scores.tolist())).oriented, np.arange(1.0, 11))
        assert [getattr(table, name) for name in vars(found)] == pytest.approx(list(vars(found).values()))


def test_one_way_takes_any_number_of_reads():
    """Unequal numbers of reads, against sums of squares by loops; every order of scorers gives the same."""
    draw = np.random.default_rng(2)
    rows = [row[: draw.integers(1, 6)] for row in crossed_rows(4, n=40, k=5)]
    reads = [row for row in rows if len(row) > 1]
    total, n = sum(map(len, reads)), len(reads)
    grand = sum(map(sum, reads)) / total
    between = sum(len(row) * (np.mean(row) - grand) ** 2 for row in reads) / (n - 1)
    within = sum(len(row) * np.var(row) for row in reads) / (total - n)
    k = (total - sum(len(row) ** 2 for row in reads) / total) / (n - 1)
    found = icc.six(rated(rows))
    assert found["icc_1_1"].value == pytest.approx((between - within) / (between + (k - 1) * within))
    assert found["icc_1_k"].value == pytest.approx((between - within) / between)
    assert found["icc_2_1"].status == NOT_FIXED
    turned = icc.six(rated([row[::-1] for row in rows]))
    assert turned["icc_1_1"].value == pytest.approx(found["icc_1_1"].value)


def test_a_strict_scorer_lowers_agreement_and_not_consistency():
    rows = crossed_rows(9, n=60, k=3, q=5)
    stricter = [[a, b, c + 4] for a, b, c in rows]
    before, after = icc.six(rated(rows)), icc.six(rated(stricter))
    assert after["icc_3_1"].value == pytest.approx(before["icc_3_1"].value)
    assert after["icc_3_k"].low == pytest.approx(before["icc_3_k"].low)
    assert after["icc_2_1"].value < before["icc_2_1"].value - 0.2


def test_scorers_who_differ_by_a_constant_are_consistent_without_an_interval():
    found = icc.six(rated([[a, a + 2] for a in (1, 2, 5, 3, 4, 2, 1)]))
    assert found["icc_3_1"].value == 1
    assert not found["icc_3_1"].has_interval
    assert found["icc_2_1"].low < found["icc_2_1"].value < found["icc_2_1"].high < 1


def test_what_the_six_cannot_say():
    nobody = icc.six(rated([[1], [2]]))
    one_paper = icc.six(rated([[1, 2]]))
    no_difference = icc.six(rated([[1, 3], [3, 1], [2, 2]]))
    perfect = icc.six(rated([[1, 1], [3, 3], [2, 2]]))
    below = icc.six(rated([[1, 2], [2, 1], [1, 2], [2, 2], [3, 1], [2, 3]]))
    opposed = icc.six(rated([[1, 3], [3, 1], [2, 2], [1, 2]]))
    assert opposed["icc_2_k"].status == NO_VARIATION
    assert opposed["icc_2_k"].sentence.startswith("The papers differ less than chance")
    for name in SIX:
        assert nobody[name].status == one_paper[name].status == TOO_FEW
        assert no_difference[name].status == NO_VARIATION
        assert (perfect[name].value, perfect[name].has_interval) == (1, False)
        assert below[name].value < 0
        assert "about nothing" in below[name].sentence


def test_crossed_reads_are_lined_up_whatever_the_order_of_rows():
    rows = crossed_rows(1, n=12, k=4)
    long = [(r, f"s{s}", "t", score) for r, given in enumerate(rows) for s, score in enumerate(given)]
    np.random.default_rng(1).shuffle(long)
    long = [("alone", long[0][1], "t", 1)] + [(int(r), s, t, int(v)) for r, s, t, v in long]
    found = crossing.crossed(Ratings.from_rows(long, points=range(1, 11)).of("t"))
    names = list(dict.fromkeys(row[1] for row in long))
    assert found.scorers == tuple(names)
    expected = sorted([row[int(name[1])] - 1 for name in names] for row in rows)
    assert sorted(found.place.tolist()) == expected
    assert crossing.crossed(Ratings.from_rows(long[:-1], points=range(1, 11)).of("t")) is None
    assert crossing.crossed(rated([[1, 2, None], [1, None, 2]])) is None


def test_concordance_is_ranks_by_hand():
    scores = np.array(crossed_rows(3, n=25, k=4))
    ranks = np.array(
        [[np.sum(column < x) + (np.sum(column == x) + 1) / 2 for x in column] for column in scores.T]
    )
    tied = sum(
        np.sum(counts**3 - counts) for counts in (np.unique(c, return_counts=True)[1] for c in scores.T)
    )
    spread = np.sum((ranks.sum(axis=0) - ranks.sum(axis=0).mean()) ** 2)
    found = association.kendall_w(rated(scores.tolist()))
    assert found.value == pytest.approx(12 * spread / (16 * (25**3 - 25) - 4 * tied))
    two = rated(scores[:, :2].tolist())
    table = pairs.count(two)
    assert association.kendall_w(table).value == pytest.approx(association.kendall_w(two).value)
    assert association.kendall_w(rated([[1, 1], [1, 1]])).status == NO_VARIATION
    assert association.kendall_w(rated([[1, 2]])).status == TOO_FEW
    assert association.kendall_w(rated([[1, 2, None], [1, None, 2]])).status == NOT_FIXED


def test_correlations_are_numpy_s():
    for seed in range(5):
        scores = np.array(crossed_rows(seed, n=50, k=2))
        counts = pairs.count(rated(scores.tolist()))
        ranks = [[np.sum(c < x) + np.sum(c == x) / 2 for x in c] for c in scores.T]
        assert association.pearson(counts).value == pytest.approx(np.corrcoef(scores.T)[0, 1])
        assert association.spearman(counts).value == pytest.approx(np.corrcoef(ranks)[0, 1])
    scores = np.array(crossed_rows(7, n=50, k=4))
    mean = np.mean([np.corrcoef(scores[:, [a, b]].T)[0, 1] for a, b in combinations(range(4), 2)])
    assert association.mean_pairwise(rated(scores.tolist())).value == pytest.approx(mean)
    assert "6 of 6 pairs" in association.mean_pairwise(rated(scores.tolist()), "spearman").method


def test_correlations_standard_errors_are_those_of_drawing_the_papers_again():
    scores = np.array(crossed_rows(6, n=150, k=2, q=4))
    draw = np.random.default_rng(0)
    drawn = scores[draw.integers(0, 150, (1500, 150))] - 1
    stack = np.stack(
        [np.bincount(a * 4 + b, minlength=16).reshape(4, 4) for a, b in np.moveaxis(drawn, 2, 1)]
    )
    counts = pairs.count(rated(scores.tolist(), range(1, 5)))
    assert association.pearson(counts).se == pytest.approx(
        association.pearson_tables(stack, range(4))[0].std(), rel=0.1
    )
    assert association.spearman(counts).se == pytest.approx(
        association.spearman_tables(stack)[0].std(), rel=0.1
    )


def test_correlations_that_do_not_exist():
    one_score = pairs.count(rated([[1, 2], [1, 3], [1, 2]]))
    perfect = pairs.count(rated([[1, 2], [2, 3], [3, 4], [1, 2]]))
    vary = rated([[1, 2, None], [None, 1, 2], [2, None, 2]])
    for measure in (association.pearson, association.spearman):
        assert measure(one_score).status == NO_VARIATION
        assert measure(pairs.count(vary)).status == NOT_FIXED
        assert measure(pairs.count(rated([[1, 2]]))).status == TOO_FEW
        assert measure(pairs.count(rated([[1]]))).status == TOO_FEW
        assert (measure(perfect).value, measure(perfect).has_interval) == (pytest.approx(1), False)
    assert association.mean_pairwise(rated([[1]])).status == TOO_FEW
    assert association.mean_pairwise(rated([[1, 2], [1, 3]])).status == NO_VARIATION
    with pytest.raises(ValueError, match="pearson"):
        association.mean_pairwise(vary, "kendall")


def dense(unit, scorer, score, variances):
    """-2 x the restricted log likelihood with matrices as large as the number of reads."""
    papers, scorers, rest = variances
    z, v = np.eye(unit.max() + 1)[unit], np.eye(scorer.max() + 1)[scorer]
    cover = papers * z @ z.T + scorers * v @ v.T + rest * np.eye(score.size)
    inverse, ones = np.linalg.inv(cover), np.ones(score.size)
    mean = ones @ inverse @ score / (ones @ inverse @ ones)
    left = score - mean
    value = np.linalg.slogdet(cover)[1] + np.log(ones @ inverse @ ones) + left @ inverse @ left
    return value + (score.size - 1) * np.log(2 * np.pi)


def incomplete(seed, strict=0.6):
    draw = np.random.default_rng(seed)
    kept = np.argwhere(draw.random((25, 6)) < draw.uniform(0.3, 0.7))
    unit, scorer = kept.T
    score = draw.normal(0, 1.3, 25)[unit] + draw.normal(0, strict, 6)[scorer] + draw.normal(0, 0.8, len(kept))
    return Ratings.from_columns(
        unit, scorer, np.full(len(kept), "t"), np.rint(2 * score) / 2, points=np.arange(-10, 10.5, 0.5)
    ).of("t")


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_components_are_the_summit_of_the_dense_likelihood(seed):
    ratings = incomplete(seed)
    found = reml.components(ratings)
    where = np.log([getattr(found, part).value for part in PARTS])
    score = ratings.points[ratings.score]

    def height(place):
        return dense(ratings.response.codes, ratings.scorer.codes, score, np.exp(place))

    assert found.deviance == pytest.approx(height(where), abs=1e-7)
    h, e = 1e-3, np.eye(3)
    slopes = [(height(where + h * a) - height(where - h * a)) / (2 * h) for a in e]
    assert slopes == pytest.approx([0, 0, 0], abs=1e-4)
    curved = np.array(
        [
            [
                height(where + h * (a + b)) - height(where + h * (a - b))
                - height(where - h * (a - b)) + height(where - h * (a + b))
                for a in e
            ]
            for b in e
        ]
    ) / (4 * h * h)  # fmt: skip
    spreads = np.exp(where) * np.sqrt(np.diag(2 * np.linalg.inv(curved)))
    assert [getattr(found, part).se for part in PARTS] == pytest.approx(spreads, rel=1e-4)


def test_components_of_a_crossed_design_are_those_of_the_analysis_of_variance():
    ratings = rated(crossed_rows(5, n=40, k=6))
    m, found = icc.of_crossed(crossing.crossed(ratings)), reml.components(ratings)
    assert found.rest.value == pytest.approx(m.rest, rel=1e-6)
    assert found.scorer.value == pytest.approx((m.scorers - m.rest) / m.n, rel=1e-5)
    assert found.response.value == pytest.approx((m.between - m.rest) / m.k, rel=1e-5)
    six = icc.six(ratings)
    pieces = (found.single.value, found.consistency.value, found.mean.value)
    assert pieces == pytest.approx([six[name].value for name in ("icc_2_1", "icc_3_1", "icc_2_k")], rel=1e-5)


def test_a_component_that_cannot_be_seen_is_0_without_an_interval():
    found = reml.components(incomplete(0, strict=0))
    assert found.scorer.value == 0
    assert not found.scorer.has_interval
    assert found.scorer.sentence == "No differences due to scorers can be seen."
    assert found.single.value == pytest.approx(found.consistency.value)
    none = reml.components(rated([[1, 3, 2], [2, 1, 3], [3, 2, 1], [2, 2, 2]]))
    assert none.response.value == 0
    assert none.single.value == 0


def test_components_that_cannot_be_told_apart():
    for rows, status in (
        ([[1], [2]], TOO_FEW),
        ([[1, 2]], TOO_FEW),
        ([[1, 2, None, None], [None, None, 2, 3]], TOO_FEW),
        ([[2, 2], [2, 2]], NO_VARIATION),
        ([[1, 1], [2, 2], [3, 3]], NO_VARIATION),
        ([[1, 2], [2, 3], [3, 4]], NO_VARIATION),
    ):
        found = reml.components(rated(rows))
        assert {getattr(found, part).status for part in (*PARTS, "single", "mean")} == {status}, rows
        assert found.sentence.endswith(".")


def test_islands_and_meetings_are_counted():
    place = np.array([[0, 1, -1, -1, -1], [-1, 0, 1, -1, -1], [-1, -1, -1, 1, 0], [1, 1, 1, 1, 1]])
    apart = counting.lined_up(place[:3], np.array([1.0, 2]), range(5))
    sums = absorbing.sums(apart.response.codes, apart.scorer.codes, apart.points[apart.score])
    assert absorbing.islands(sums.met.sum(axis=0)) == 2
    joined = counting.lined_up(place, np.array([1.0, 2]), range(5))
    sums = absorbing.sums(joined.response.codes, joined.scorer.codes, joined.points[joined.score])
    assert absorbing.islands(sums.met.sum(axis=0)) == 1
    read = (place >= 0).astype(int)
    np.testing.assert_array_equal(sums.met.sum(axis=0), read.T @ read)


@pytest.mark.parametrize(
    ("probability", "df1", "df2", "printed"),
    [(0.95, 1, 1, 161.4476), (0.975, 5, 15, 3.5764), (0.99, 10, 3, 27.2287), (0.05, 4, 20, 1 / 5.8025)],
)
def test_quantiles_of_f_are_those_of_the_tables(probability, df1, df2, printed):
    assert intervals.f_quantile(probability, df1, df2) == pytest.approx(printed, rel=2e-5)


def test_quantiles_of_f_turn_around_and_meet_t():
    for df1, df2 in ((2.5, 7), (3, 1e5), (1e6, 1e6), (99, 2.2)):
        quantile = intervals.f_quantile(0.975, df1, df2)
        assert intervals.f_quantile(0.025, df2, df1) == pytest.approx(1 / quantile, rel=1e-9)
        x = df1 * quantile / (df1 * quantile + df2)
        assert intervals.beta_share(x, df1 / 2, df2 / 2) == pytest.approx(0.975, abs=1e-10)
    for df in (3, 40, 1e6):
        assert intervals.f_quantile(0.95, 1, df) == pytest.approx(
            intervals.t_quantile(0.975, df) ** 2, rel=1e-9
        )


def test_tails_of_chi_square():
    for value, df, tail in ((3.841459, 1, 0.05), (18.307, 10, 0.05), (135.807, 100, 0.01), (0.0, 3, 1.0)):
        assert intervals.chi_square_tail(value, df) == pytest.approx(tail, abs=2e-6)
