"""Ratings and counts: what is taken in, what is refused, and that counting by tables equals counting by hand."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.measurement import pairs, shares
from calibration.measurement.ratings import Ratings, blocks

POINTS = [1, 2, 3, 4]

reads = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from("abcde"), st.sampled_from([1, 2, 3, 4, None])),
    max_size=40,
    unique_by=lambda row: row[:2],
).map(lambda rows: [(response, scorer, "t", score) for response, scorer, score in rows])


def rated(rows, points=POINTS, **more):
    return Ratings.from_rows(rows, points={"t": points}, **more).of("t")


def by_hand(rows):
    """Scores of every response with two or more, in the order of the rows."""
    scores = {}
    for response, _, _, score in rows:
        if score is not None:
            scores.setdefault(response, []).append(score)
    return [given for given in scores.values() if len(given) > 1]


@settings(max_examples=60, deadline=None)
@given(reads)
def test_counting_by_tables_is_counting_by_hand(rows):
    counts, groups = pairs.count(rated(rows)), by_hand(rows)
    met = [pair for scores in groups for pair in combinations(scores, 2)]
    assert counts.n_pairs == len(met)
    assert counts.n_units == len(groups)
    assert counts.n_missing == sum(row[3] is None for row in rows)
    assert counts.n_reads == sum(row[3] is not None for row in rows)
    table = np.zeros((4, 4), int)
    for first, second in met:
        table[first - 1, second - 1] += 1
    np.testing.assert_array_equal(counts.table, table)
    assert np.triu(counts.folded).sum() == len(met)
    if groups:
        same = [np.mean([a == b for a, b in combinations(scores, 2)]) for scores in groups]
        assert shares.exact(counts).value == pytest.approx(np.mean(same))
        far = [np.mean([abs(a - b) > 1 for a, b in combinations(scores, 2)]) for scores in groups]
        assert shares.discrepant(counts).value == pytest.approx(np.mean(far))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=30))
def test_rows_of_a_unit_are_found_in_their_order(unit):
    found = blocks(np.array(unit, int), 6)
    expected = {}
    for row, where in enumerate(unit):
        expected.setdefault(where, []).append(row)
    assert sorted(rows for block in found.values() for rows in block.tolist()) == sorted(expected.values())


def test_every_read_is_counted_somewhere():
    rows = [
        ("R1", "ana", "t", 3),
        ("R1", "ben", "t", 3),
        ("R2", "ana", "t", 2),
        ("R2", "ben", "t", float("nan")),
    ]
    rows += [("R3", "ana", "t", "B"), ("R3", "ben", "t", "B"), ("R4", "ana", "t", None)]
    counts = pairs.count(rated(rows, condition_codes=("B", "T")))
    assert (counts.n_responses, counts.n_units, counts.n_single) == (4, 1, 1)
    assert (counts.n_missing, counts.n_conditions, counts.n_excluded) == (2, 2, 5)
    assert len(rows) == 2 * counts.n_units + counts.n_excluded


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("R1", "ana", "t", 5)], "Row 1 (response R1, scorer ana, trait t): 5 is no score point"),
        ([("R1", "ana", "t", 2), ("R1", "ben", "t", 2.5)], "Row 2 (response R1, scorer ben, trait t): 2.5"),
        ([("R1", "ana", "t", float("inf"))], "inf is no score point"),
        ([("R1", "ana", "t", "X")], "'X' is neither a number nor one of the condition codes"),
        ([("R1", "ana", "u", 2)], "Row 1: 'u' is no trait of the rubric"),
        ([("R1", None, "t", 2)], "Row 1 has no scorer"),
        ([("R1", "ana", "t", 2), ("R2", "ana", "t", 2), ("R1", "ana", "t", 3)], "Row 3 scores response R1"),
        (
            [("R1", "ana", "t", 1), ("R1", "ben", "t", 1), ("R1", "cy", "t", 1), ("R1", "ben", "t", 1)],
            "first is row 2",
        ),
        ([("R1", "ana", "t", None), ("R1", "ana", "t", 3)], "a second time"),
        ([("R1", "ana", "t")], "A row holds response, scorer, trait, score"),
        ([{"response": "R1", "scorer": "ana", "score": 2}], "The rows have no trait"),
    ],
)
def test_a_bad_row_is_named(rows, said):
    with pytest.raises(ValueError) as refusal:
        rated(rows)
    assert said in str(refusal.value)


@pytest.mark.parametrize("points", [[1], [2, 1], [1, 1, 2], [1, float("nan")]])
def test_score_points_run_from_low_to_high(points):
    with pytest.raises(ValueError):
        rated([("R1", "ana", "t", 1)], points)


def test_rows_columns_and_mappings_give_the_same_ratings():
    rows = [
        ("R1", "ana", "t", 1, "T1", "A"),
        ("R1", "ben", "t", 2, "T1", "A"),
        ("R2", "ana", "t", 4, "T1", None),
    ]
    names = ("response", "scorer", "trait", "score", "task", "district")
    ways = [
        Ratings.from_rows(rows, points=POINTS),
        Ratings.from_rows([dict(zip(names, row, strict=True)) for row in rows], points=POINTS),
        Ratings.from_columns(
            ["R1", "R1", "R2"], ["ana", "ben", "ana"], ["t"] * 3, np.array([1.0, 2.0, 4.0]), points=POINTS,
            task=["T1"] * 3, district=["A", "A", None],
        ),
    ]  # fmt: skip
    for ratings in ways:
        assert ratings.score.tolist() == [0, 1, 3]
        assert ratings.labels["district"].codes.tolist() == [0, 0, -1]
        assert ratings.where(district="A").of("t").score.tolist() == [0, 1]
        assert ratings.where(scorer=["ben"], task="T1").of("t").score.tolist() == [1]
    with pytest.raises(ValueError, match="not equally long"):
        Ratings.from_columns(["R1"], [], [], [], points=POINTS)
    with pytest.raises(ValueError, match="no column 'school'"):
        ways[0].where(school="S")
    with pytest.raises(ValueError, match="no trait 'u'"):
        ways[0].of("u")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-9, 12) | st.sampled_from([10**9, -(2**62)]), max_size=20))
def test_arrays_are_read_as_lists_are(numbers):
    score, trait = [1] * len(numbers), ["t"] * len(numbers)
    scorers = list(range(len(numbers)))
    plain = Ratings.from_columns(numbers, scorers, trait, score, points=POINTS, week=numbers)
    arrays = [np.array(column, np.int64) for column in (numbers, scorers)]
    quick = Ratings.from_columns(*arrays, np.array(trait), np.array(score), points=POINTS, week=arrays[0])
    for one, other in ((plain.response, quick.response), (plain.labels["week"], quick.labels["week"])):
        assert one.names == other.names
        assert one.codes.tolist() == other.codes.tolist()


def test_half_points_are_score_points():
    halves = [value / 10 for value in range(0, 41, 5)]
    counts = pairs.count(rated([("R", "a", "t", 2.5), ("R", "b", "t", 3.5)], halves))
    assert shares.within(counts).value == 1.0
    assert shares.within(counts, tolerance=0.5).value == 0.0


def test_a_database_s_table_gives_the_same_counts():
    draw = np.random.default_rng(3)
    rows = [(r, s, "t", int(draw.integers(1, 5))) for r in range(60) for s in ("ana", "ben")]
    counted = pairs.count(rated(rows))
    table = pairs.PairCounts.from_table(counted.oriented, POINTS, fixed_pair=("ana", "ben"))
    np.testing.assert_allclose(counted.fair, table.fair)
    np.testing.assert_array_equal(counted.given, table.given)
    assert counted.fixed_pair == table.fixed_pair
    for wrong in ([[1, 2]], [[-1, 0], [0, 0]], [[0.5, 0], [0, 0]]):
        with pytest.raises(ValueError, match="must hold"):
            pairs.PairCounts.from_table(wrong, [1, 2])
