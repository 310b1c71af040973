"""Groups of students: what is found, what luck may do, and what is never shown."""

import math

import numpy as np
import pytest

from calibration.measurement.comparability import smallcells, subgroups
from calibration.measurement.ratings import Ratings

POINTS = range(-99, 100)


def exchanged(seed, *, n=900, shares=(0.5, 0.3, 0.2), bump=0.0):
    """Two of twelve scorers read each paper; scorer 3 may score group y differently. Groups differ in ability."""
    draw = np.random.default_rng(seed)
    group = draw.choice(len(shares), n, p=shares)
    ability, severity = draw.normal(0, 20, n) - 5 * group, draw.normal(0, 5, 12)
    readers = np.stack([draw.choice(12, 2, replace=False) for _ in range(n)])
    response, scorer = np.repeat(np.arange(n), 2), readers.ravel()
    exact = ability[response] + severity[scorer] + draw.normal(0, 5, 2 * n)
    exact += bump * ((scorer == 3) & (group[response] == 1))
    return Ratings.from_columns(
        response,
        scorer,
        np.full(2 * n, "t"),
        np.clip(np.rint(exact), -99, 99),
        points=POINTS,
        group=np.array(list("xyz"))[group[response]],
        district=np.array(list("ABC"))[scorer // 4],
    ).of("t")


def cell(found, label, group):
    return next(one for one in found.cells if (one.label, one.group) == (label, group))


def test_one_scorer_and_one_group_stand_out():
    found = subgroups.compare(exchanged(1, bump=-8.0))
    odd = cell(found, 3, "y")
    assert odd.verdict == "look closer"
    assert odd.difference.low < -8 < odd.difference.high
    assert odd.p_adjusted >= odd.p
    assert "Read some of these papers again" in odd.difference.sentence
    assert "deserve a closer look" in found.sentence


def test_strict_scorers_and_weak_groups_alone_raise_no_flags():
    flags = [
        sum(one.verdict == "look closer" for one in subgroups.compare(exchanged(seed)).cells)
        for seed in range(25)
    ]
    assert sum(many > 0 for many in flags) <= 4
    assert subgroups.compare(exchanged(0)).sentence.startswith("No sign of different scoring")


def test_by_hand_on_the_same_papers():
    """Two scorers: the difference is that of paired differences, pooled over groups."""
    draw = np.random.default_rng(2)
    group = np.repeat(["x", "y"], [40, 35])
    scores = draw.integers(1, 7, (75, 2))
    rows = [
        (r, who, "t", int(scores[r, place]), None, None, group[r])
        for r in range(75)
        for place, who in enumerate("ab")
    ]
    found = subgroups.compare(Ratings.from_rows(rows, points=range(1, 7)).of("t"))
    apart = scores[:, 0] - scores[:, 1]
    one, other = apart[group == "x"], apart[group == "y"]
    mine = cell(found, "a", "x")
    pooled = (one.var() * 40 + other.var() * 35) / 73
    assert mine.difference.value == pytest.approx(one.mean() - other.mean())
    assert mine.difference.se == pytest.approx(math.sqrt(pooled * (1 / 40 + 1 / 35)))
    assert cell(found, "b", "x").difference.value == pytest.approx(-mine.difference.value)
    assert cell(found, "a", "y").difference.value == pytest.approx(-mine.difference.value)


def test_at_equal_consensus_it_is_least_squares():
    draw = np.random.default_rng(3)
    worth = draw.integers(1, 5, 120)
    group = np.where(draw.random(120) < worth / 6, "x", "y")  # the groups differ in what they are worth
    score = np.clip(worth + draw.integers(-1, 2, 120) - (group == "x"), 0, 6)
    rows = [(r, "ana", "t", int(score[r]), None, None, group[r]) for r in range(120)]
    ratings = Ratings.from_rows(rows, points=range(7)).of("t")
    found = cell(subgroups.compare(ratings, consensus=dict(enumerate(worth.tolist()))), "ana", "x")
    design = np.column_stack([group == "x", *[worth == k for k in range(1, 5)]]).astype(float)
    solution, square, *_ = np.linalg.lstsq(design, score.astype(float), rcond=None)
    assert found.difference.value == pytest.approx(solution[0])
    # the spread is taken within level and group, so three more means are fitted than in the plain regression
    cells = [(score[(group == g) & (worth == k)]) for g in "xy" for k in range(1, 5)]
    within = sum(((part - part.mean()) ** 2).sum() for part in cells) / (120 - 8)
    weight = sum(1 / (1 / cells[k].size + 1 / cells[k + 4].size) for k in range(4))
    assert found.difference.se == pytest.approx(math.sqrt(within / weight))
    with pytest.raises(ValueError, match="mapping from response to score"):
        subgroups.compare(ratings, consensus=[1, 2])


def test_districts_are_judged_by_their_scorers():
    ratings = exchanged(4, n=150)
    found = subgroups.compare(ratings, across="district")
    assert {one.label for one in found.cells} == {"A", "B", "C"}
    mine = cell(found, "A", "x")
    # by hand: reads beside other districts' reads of the paper, summed up scorer by scorer
    response, scorer, score = ratings.response.codes, ratings.scorer.codes, ratings.points[ratings.score]
    group, home = ratings.labels["group"], ratings.labels["district"].codes
    severity = np.linalg.lstsq(
        np.hstack([np.eye(response.max() + 1)[response], np.eye(12)[scorer]]), score, rcond=None
    )[0][-12:]
    clean, beside = score - severity[scorer], {}
    for row in np.flatnonzero(home == 0):
        others = (response == response[row]) & (home != 0)
        if others.any():
            beside[row] = clean[row] - clean[others].mean()
    inside = {row: group.codes[row] == 0 for row in beside}
    means = [np.mean([beside[row] for row in beside if inside[row] == side]) for side in (True, False)]
    size = [sum(inside[row] == side for row in beside) for side in (True, False)]
    assert mine.difference.value == pytest.approx(means[0] - means[1], abs=1e-8)
    pull = np.zeros(12)
    for row, value in beside.items():
        side = 0 if inside[row] else 1
        pull[scorer[row]] += (1 - 2 * side) * (value - means[side]) / size[side]
    assert mine.difference.se == pytest.approx(math.sqrt((pull[:4] ** 2).sum() * 4 / 3), rel=1e-6)


def test_small_cells_are_hidden_and_can_not_be_worked_out():
    found = subgroups.compare(exchanged(5, n=500, shares=(0.72, 0.24, 0.04)))
    hidden = [one for one in found.cells if one.difference.status == "suppressed:small_n"]
    assert found.n_hidden == len(hidden) > 0
    assert all(one.n is None and not one.difference.defined and math.isnan(one.p) for one in hidden)
    by_label = {}
    for one in hidden:
        by_label.setdefault(one.label, []).append(one.group)
    assert all(len(groups) > 1 for groups in by_label.values())
    middle = [one for one in found.cells if one.n and 10 <= one.n < 30]
    assert middle
    assert all(
        one.verdict == "too few to tell" and one.difference.status == "warning:small_n" for one in middle
    )


def test_one_hidden_cell_takes_another_along():
    counts = np.array([[50, 40, 3], [50, 40, 30], [50, 40, 30]])
    out = smallcells.hidden(counts, counts.sum(axis=1, keepdims=True) - counts)
    assert out[0].tolist() == [False, True, True]
    for lines in (out, out.T):
        assert not (lines.sum(axis=1) == 1).any()
    assert not smallcells.hidden(np.array([[50, 40, 0]]), np.array([[40, 50, 90]])).any()


def test_nothing_to_compare_is_said():
    rows = [(r, "ana", "t", 1 + r % 3, None, "A", "x" if r % 2 else "y") for r in range(80)]
    alone = subgroups.compare(Ratings.from_rows(rows, points=[1, 2, 3]).of("t"))
    assert (alone.cells, alone.n_tested) == ((), 0)
    assert "too few papers" in alone.sentence
    one_group = [
        (r, who, "t", 1 + (r * k) % 3, None, "A", "x") for r in range(80) for k, who in enumerate("ab")
    ]
    found = subgroups.compare(Ratings.from_rows(one_group, points=[1, 2, 3]).of("t"))
    assert {one.difference.status for one in found.cells} == {"suppressed:small_n"}
    wrong = [("R1", "a", "t", 1, None, "A", "x"), ("R1", "b", "t", 1, None, "A", "y")]
    with pytest.raises(ValueError, match="Response R1 stands in two groups"):
        subgroups.compare(Ratings.from_rows(wrong, points=[1, 2]).of("t"))
    with pytest.raises(ValueError, match="no column 'language'"):
        subgroups.compare(Ratings.from_rows(wrong, points=[1, 2]).of("t"), by="language")
