"""Every coefficient at once, arrays of scores, and counts that follow the reads: the same figures by every road."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.measurement import alpha, coefficients, counting, crossing, groups, live, pairs
from calibration.measurement.ratings import Ratings
from calibration.measurement.result import NO_VARIATION, NOT_FIXED, OK, TOO_FEW, WIDE, Statistic

KEYS = """n_pairs exact adjacent discrepant kappa kappa_linear kappa_quadratic scott_pi fleiss_kappa conger_kappa
    brennan_prediger gwet_ac1 gwet_ac2 gwet_ac2_linear alpha_nominal alpha_ordinal alpha_interval alpha_ratio
    icc_1_1 icc_2_1 icc_3_1 icc_1_k icc_2_k icc_3_k pearson spearman smd kendall_w""".split()
NEED_TWO = {"kappa", "kappa_linear", "kappa_quadratic", "pearson", "spearman", "smd"}
NEED_CROSSED = {"icc_2_1", "icc_3_1", "icc_2_k", "icc_3_k", "kendall_w"}
POINTS = [1, 2, 3, 4]

reads = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from("abcd"), st.sampled_from(POINTS)),
    max_size=24,
    unique_by=lambda row: row[:2],
).map(lambda rows: [(response, scorer, "t", score) for response, scorer, score in rows])


def rated(rows, points=POINTS):
    return Ratings.from_rows(rows, points={"t": points}).of("t")


def values(found):
    return {name: found[name] if name == "n_pairs" else found[name].value for name in KEYS}


def two_scorers(seed, n=40, names=("cy", "ana")):
    draw = np.random.default_rng(seed)
    first = draw.integers(1, 5, n)
    second = np.clip(first + draw.integers(-1, 2, n), 1, 4)
    return [
        row
        for r in range(n)
        for row in ((r, names[0], "t", int(first[r])), (r, names[1], "t", int(second[r])))
    ]


def test_the_names_are_the_promised_ones():
    found = coefficients.every(rated(two_scorers(1)), draws=50)
    assert list(found) == KEYS
    assert isinstance(found["n_pairs"], int)
    assert all(isinstance(found[name], Statistic) for name in KEYS[1:])
    for name in KEYS[1:]:
        assert found[name].status == OK, name
        assert found[name].sentence.endswith("."), name
        assert found[name].method, name
        assert found[name].has_interval or name == "kendall_w", name
        if found[name].has_interval:
            assert found[name].low <= found[name].value <= found[name].high, name


def test_first_and_second_follow_the_rows():
    rows = two_scorers(2)
    there, back = (
        coefficients.every(rated(rows), draws=0),
        coefficients.every(rated(_second_first(rows)), draws=0),
    )
    counts = pairs.count(rated(rows))
    assert counts.fixed_pair == ("ana", "cy")
    assert coefficients.in_order(counts, rated(rows)).fixed_pair == ("cy", "ana")
    second, first = (np.mean([row[3] for row in rows if row[1] == name]) for name in ("ana", "cy"))
    assert np.sign(there["smd"].value) == np.sign(second - first) != 0
    assert back["smd"].value == pytest.approx(-there["smd"].value)
    for name in set(KEYS) - {"smd"}:
        assert values(back)[name] == pytest.approx(values(there)[name]), name


def _second_first(rows):
    return [row for one, other in zip(rows[::2], rows[1::2], strict=True) for row in (other, one)]


def test_rotating_scorers_have_no_first_and_second():
    rows = [
        (r, name, "t", 1 + (r + k) % 3) for r in range(40) for k, name in enumerate(("ab", "bc", "ca")[r % 3])
    ]
    found = coefficients.every(rated(rows), draws=20)
    for name in KEYS[1:]:
        assert (found[name].status == NOT_FIXED) == (name in NEED_TWO | NEED_CROSSED), name
        assert found[name].defined != (name in NEED_TWO | NEED_CROSSED), name
    assert found["kappa"].text() == "scorers vary"


def test_three_scorers_who_read_everything_are_crossed_and_no_pair():
    rows = [(r, s, "t", 1 + (r * (s + 2) + s) % 4) for r in range(35) for s in range(3)]
    found = coefficients.every(rated(rows), draws=20)
    assert found["n_pairs"] == 105
    for name in KEYS[1:]:
        assert (found[name].status == NOT_FIXED) == (name in NEED_TWO), name
    assert found["icc_2_1"].defined
    assert found["kendall_w"].defined
    with_a_gap = coefficients.every(rated(rows[:-1]), draws=0)
    assert all(with_a_gap[name].status == NOT_FIXED for name in NEED_TWO | NEED_CROSSED)
    assert with_a_gap["conger_kappa"].defined


def test_few_pairs_are_marked_and_nothing_is_hidden():
    few, enough = (coefficients.every(rated(two_scorers(3, n)), draws=20) for n in (29, 30))
    for name in KEYS[1:]:
        assert (few[name].status, enough[name].status) == (WIDE, OK), name
        assert few[name].defined
        assert "Only 29 pairs of reads" in few[name].sentence


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([], TOO_FEW),
        ([(r, "ana", "t", 1 + r % 4) for r in range(20)], TOO_FEW),
        ([("R", "ana", "t", 2), ("R2", "ben", "t", 3)], TOO_FEW),
        ([("R", "ana", "t", 2), ("R", "ben", "t", None)], TOO_FEW),
        ([("R", "ana", "t", 2), ("R", "ben", "t", float("nan"))], TOO_FEW),
        ([(r, s, "t", 3) for r in range(40) for s in "ab"], NO_VARIATION),
        ([(r, s, "t", 3) for r in range(12) for s in "abc"], NO_VARIATION),
    ],
)
def test_what_cannot_be_known_is_said(rows, status):
    found = coefficients.every(rated(rows), draws=20)
    shares = {"exact", "adjacent", "discrepant"} if status == NO_VARIATION else set()
    for name in set(KEYS[1:]) - shares:
        assert found[name].status in {status, NOT_FIXED}, name
        assert not found[name].defined
        assert found[name].sentence.endswith(".")
    assert all(found[name].defined for name in shares)


@pytest.mark.parametrize("rows", [[("R", "ana", "t", 1), ("R", "ben", "t", s)] for s in (1, 2, 4)])
def test_one_paper_gives_no_traceback(rows):
    found = coefficients.every(rated(rows), draws=20)
    assert found["exact"].value == (rows[1][3] == 1)
    assert found["icc_1_1"].status == found["pearson"].status == found["smd"].status == TOO_FEW


def test_a_score_that_is_no_score_point_is_refused_by_its_row():
    with pytest.raises(ValueError, match=r"Row 2 \(response R, scorer ben, trait t\): 7 is no score point"):
        rated([("R", "ana", "t", 2), ("R", "ben", "t", 7)])


@settings(max_examples=60, deadline=None)
@given(reads, st.randoms(use_true_random=False), st.permutations(["a", "b", "c", "d"]))
def test_order_and_names_change_nothing(rows, random, names):
    renamed = dict(zip("abcd", names, strict=True))
    other = [(f"paper {r}", renamed[s], t, score) for r, s, t, score in rows]
    one, again = coefficients.every(rated(rows), draws=0), coefficients.every(rated(other), draws=0)
    for name in KEYS:
        assert values(again)[name] == pytest.approx(values(one)[name], nan_ok=True, abs=1e-9), name
    random.shuffle(other)
    shuffled = coefficients.every(rated(other), draws=0)
    for name in KEYS:
        found, expected = values(shuffled)[name], values(one)[name]
        if name == "smd":  # its sign is the order of the rows
            found, expected = abs(found), abs(expected)
        assert found == pytest.approx(expected, nan_ok=True, abs=1e-9), name


@settings(max_examples=60, deadline=None)
@given(reads)
def test_coefficients_stay_within_their_bounds(rows):
    found = coefficients.every(rated(rows), draws=5)
    for name in KEYS[1:]:
        statistic = found[name]
        if statistic.defined:
            assert statistic.value <= 1 + 1e-9 or name == "smd", name
            if statistic.has_interval:
                assert statistic.low - 1e-9 <= statistic.value <= statistic.high + 1e-9 or name.startswith(
                    "alpha"
                )


def test_arrays_tables_and_rows_give_the_same():
    rows = two_scorers(4, 60)
    scores = np.array([row[3] for row in rows]).reshape(-1, 2)
    ratings = rated(rows)
    by_rows = coefficients.every(ratings, draws=0)
    by_array = coefficients.every(counting.from_scores(scores, POINTS), draws=0)
    by_counts = coefficients.every(
        counting.from_value_counts(np.eye(4, dtype=int)[scores - 1].sum(axis=1), POINTS), draws=0
    )
    assert by_counts["conger_kappa"].status == TOO_FEW  # who gave what is not known
    for name in KEYS:
        assert values(by_array)[name] == pytest.approx(values(by_rows)[name]), name
        if name in NEED_TWO | NEED_CROSSED:
            assert by_counts[name].status == NOT_FIXED
        elif name != "conger_kappa":
            assert values(by_counts)[name] == pytest.approx(values(by_rows)[name]), name


def test_arrays_with_gaps_are_rows():
    draw = np.random.default_rng(8)
    for points in (POINTS, [0, 0.5, 1, 2.5]):
        scores = np.array(points)[draw.integers(0, 4, (50, 4))].astype(float)
        scores[draw.random((50, 4)) < 0.5] = np.nan
        rows = [(r, s + 1, "t", scores[r, s]) for r in range(50) for s in range(4)]
        one, other = counting.from_scores(scores, points), pairs.count(rated(rows, points))
        assert (one.n_pairs, one.n_single, one.n_missing) == (other.n_pairs, other.n_single, other.n_missing)
        assert one.given_by.keys() == other.given_by.keys()
        found, expected = (alpha.alpha(counts, draws=0).value for counts in (one, other))
        assert found == pytest.approx(expected)
        value_counts = np.stack([(scores == point).sum(axis=1) for point in points], axis=1)
        assert alpha.alpha(counting.from_value_counts(value_counts, points), draws=0).value == pytest.approx(
            expected
        )


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ([[1, 5]], "Row 1, column 2: 5 is no score point"),
        ([[1, 2], [0, 1]], "Row 2, column 1: 0 is no score point"),
        ([[1.0, 2.5]], "2.5 is no score point"),
        ([[1.0, float("inf")]], "inf is no score point"),
        ([1, 2], "one row for each response"),
        ([["a", "b"]], "Scores are numbers"),
    ],
)
def test_a_bad_array_is_refused(scores, said):
    with pytest.raises(ValueError, match=said):
        counting.from_scores(scores, POINTS)


def test_bad_counts_and_names_are_refused():
    for wrong in ([[1, 2]], [[-1, 0, 0, 0]], [[0.5, 0, 0, 0]]):
        with pytest.raises(ValueError):
            counting.from_value_counts(wrong, POINTS)
    with pytest.raises(ValueError, match="2 columns of scores and 1 names"):
        counting.from_scores([[1, 2]], POINTS, scorers=["ana"])
    with pytest.raises(ValueError, match="low to high"):
        counting.from_scores([[1, 2]], [2, 1])
    assert counting.from_value_counts(np.zeros((0, 4), int), POINTS).n_units == 0
    assert counting.from_scores(np.zeros((0, 2)), POINTS).n_units == 0


def same_counts(one, other):
    assert (one.n_units, one.n_pairs, one.n_single, one.fixed_pair) == (
        other.n_units,
        other.n_pairs,
        other.n_single,
        other.fixed_pair,
    )
    np.testing.assert_array_equal(one.table, other.table)
    np.testing.assert_array_equal(one.given, other.given)
    assert list(one.given_by) == list(other.given_by)
    kinds = [
        sorted(zip(counts.patterns.tolist(), counts.frequencies.tolist(), strict=True))
        for counts in (one, other)
    ]
    assert kinds[0] == kinds[1]
    assert (one.oriented is None) == (other.oriented is None)
    if one.oriented is not None:
        np.testing.assert_array_equal(one.oriented, other.oriented)


@settings(max_examples=60, deadline=None)
@given(reads, st.data())
def test_counts_that_follow_the_reads_are_a_recount(rows, data):
    papers = {}
    for response, scorer, _, score in rows:
        papers.setdefault(response, []).append((scorer, score))
    follow = live.LiveCounts(POINTS)
    for given_reads in papers.values():
        follow.add(given_reads)
    same_counts(follow.counts(), pairs.count(rated(rows)))
    same_counts(live.LiveCounts.of(rated(rows)).counts(), pairs.count(rated(rows)))
    gone = data.draw(st.sets(st.sampled_from(sorted(papers)))) if papers else set()
    for response in gone:
        follow.take_away(papers[response])
    left = rated([row for row in rows if row[0] not in gone])
    same_counts(follow.counts(), pairs.count(left))
    one, other = coefficients.every(follow.counts(), draws=0), coefficients.every(pairs.count(left), draws=0)
    for name in KEYS:
        assert values(one)[name] == pytest.approx(values(other)[name], nan_ok=True, abs=1e-12)


def test_what_does_not_stand_cannot_be_taken_away():
    follow = live.LiveCounts(POINTS)
    follow.add([("ana", 1), ("ben", 2)])
    follow.add([("ana", 3), ("ben", 3), ("cy", 4)])
    for reads_ in (
        [("ana", 2), ("ben", 1)],
        [("ana", 1)],
        [("ana", 1), ("cy", 2)],
        [("ana", 3), ("ben", 4), ("cy", 3)],
        [("ana", 3), ("ben", 3), ("dan", 4)],
    ):
        with pytest.raises(ValueError, match="not counted in"):
            follow.take_away(reads_)
    for reads_ in ([], [("ana", 1), ("ana", 2)]):
        with pytest.raises(ValueError, match="one from each scorer"):
            follow.add(reads_)
    with pytest.raises(ValueError, match="no read"):
        follow.add([("ana", 9)])
    follow.take_away([("ben", 2), ("ana", 1)])
    assert follow.counts().n_units == 1


def test_groups_give_ac2_and_alpha_of_each_group_alone():
    draw = np.random.default_rng(6)
    rows = []
    for r in range(300):
        level = draw.integers(1, 5)
        for s in draw.choice(8, draw.integers(1, 4), replace=False).tolist():
            score = int(np.clip(level + draw.integers(-1, 2), 1, 4))
            rows.append((r, f"s{s}", "t", score, "T", f"D{r % 3}"))
    ratings = Ratings.from_rows(rows, points=POINTS)
    for row in groups.by_group(ratings.of("t"), "district"):
        counts = pairs.count(ratings.where(district=row.label).of("t"))
        alone = alpha.alpha(counts, level="ordinal")
        assert row.alpha.value == pytest.approx(alone.value, abs=1e-12)
        assert 0.9 < row.alpha.se / alone.se < 1.3  # the pairs of a response are taken for different ones
        agree = coefficients.gwet.tables(counts.fair, counts.points)[0]
        assert row.ac2.value == pytest.approx(float(agree), abs=1e-12)
    for row in groups.by_pair(ratings.of("t")):
        assert row.alpha.status == row.qwk.status == row.ac2.status


def test_weeks_are_groups():
    rows = [
        {
            "response": r,
            "scorer": s,
            "trait": "t",
            "score": 1 + (r + s) % 3,
            "time": f"2026-01-{1 + r:02}T09:{s:02}:00Z",
        }
        for r in range(12)
        for s in range(2)
    ]
    ratings = groups.with_weeks(Ratings.from_rows(rows, points=POINTS).of("t"))
    found = {row.label: row.n_units for row in groups.by_group(ratings, "week")}
    assert found == {"2026-W01": 4, "2026-W02": 7, "2026-W03": 1}
    rows[3]["time"] = None
    missing = groups.with_weeks(Ratings.from_rows(rows, points=POINTS).of("t"))
    assert missing.labels["week"].codes.tolist().count(-1) == 1
    rows[5]["time"] = "soon"
    with pytest.raises(ValueError, match="is a date"):
        groups.with_weeks(Ratings.from_rows(rows, points=POINTS).of("t"))


def test_first_rows_and_pairs_of_a_crossed_design():
    rows = [(r, s, "t", 1) for r in range(3) for s in ("cy", "ana", "ben")]
    assert crossing.crossed(rated(rows)).scorers == ("cy", "ana", "ben")
    assert len(list(combinations(crossing.crossed(rated(rows)).scorers, 2))) == len(
        groups.by_pair(rated(rows))
    )
