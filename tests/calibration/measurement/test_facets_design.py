"""The coded design of a many-facet model, and who can be compared with whom."""

import numpy as np
import pytest

from calibration.measurement.facets import linking, model
from calibration.measurement.facets.model import Design, Parameters, constraints
from calibration.measurement.ratings import Ratings


def rated(rows, points=(0, 1, 2, 3), **more):
    return Ratings.from_rows(rows, points=points, **more)


def crossed(responses, scorers, traits="i", seed=1, top=4):
    rng = np.random.default_rng(seed)
    return [(r, s, t, int(rng.integers(0, top))) for r in responses for s in scorers for t in traits]


def shuffled(rows, seed=3):
    return [rows[place] for place in np.random.default_rng(seed).permutation(len(rows))]


def test_rows_are_sorted_and_coded_whatever_their_order():
    rows = crossed(range(20), "cab", "ts")
    plain, mixed = Design.of(rated(rows)), Design.of(rated(shuffled(rows)))
    assert plain.scorers == ("a", "b", "c") and plain.items == ("s", "t")
    given = {(r, s, t): score for r, s, t, score in rows}
    for design in (plain, mixed):
        key = (design.person.astype(int) * 3 + design.scorer) * 2 + design.item
        assert (np.diff(key) > 0).all() and design.start.tolist() == list(range(0, 121, 6))
        names = zip(design.person, design.scorer, design.item, design.score, strict=True)
        assert all(given[design.persons[p], design.scorers[s], design.items[i]] == x for p, s, i, x in names)


def test_every_read_is_fitted_or_counted():
    rows = [*crossed(range(10), "ab"), ("r", "a", "i", None), ("r", "b", "i", "blank"), ("q", "z", "i", 0)]
    design = Design.of(rated(rows, condition_codes=["blank"]))
    assert (design.n_rows, design.n_no_score, design.n_set_aside) == (20, 2, 1)
    assert design.set_aside[0][:2] == ("scorer", "z") and "z" not in design.scorers
    assert any("Scorer z gave the lowest score every time" in note for note in design.notes)


def test_an_unused_score_point_is_passed_over_and_said():
    rows = [(r, s, "i", (1, 2, 4, 6)[(r + (s == "a")) % 4]) for r in range(12) for s in "ab"]
    design = Design.of(rated(rows, points=range(1, 7)))
    assert design.points[0].tolist() == [1, 2, 4, 6] and design.score.max() == 3
    assert design.notes == ("Nobody gave 3, 5 on i: the model passes over them.",)


def test_setting_one_aside_may_empty_a_score_point():
    rows = [*crossed(range(12), "ab", top=3), *[(r, "c", "i", 3) for r in range(12)]]
    design = Design.of(rated(rows))
    assert design.scorers == ("a", "b") and design.points[0].tolist() == [0, 1, 2]


def test_traits_share_thresholds_where_they_share_score_points():
    rows = [(r, s, t, (r + i) % 3) for r in range(9) for s in "ab" for i, t in enumerate("xyz")]
    points = {"x": [0, 1, 2], "y": [0, 1, 2], "z": [0, 1, 2, 3]}
    assert Design.of(rated(rows, points)).scale.tolist() == [0, 0, 1]
    own = Design.of(rated(rows, points), model="partial_credit")
    assert own.scale.tolist() == [0, 1, 2] and own.n_steps.tolist() == [2, 2, 2]


def test_tasks_groups_and_students_are_columns():
    rows = [
        {"response": f"{student}-{task}", "student": student, "task": task, "scorer": scorer, "trait": "i"}
        | {"score": (student + (scorer == "a") + (task == "two")) % 4, "district": scorer in "ab"}
        for student in range(12)
        for task in ("one", "two")
        for scorer in "abc"
    ]
    design = Design.of(rated(rows), task="task", group="district", person="student")
    assert len(design.persons) == 12 and design.items == ("i (one)", "i (two)")
    assert design.groups == (False, True) and design.group.tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("rows", "how", "said"),
    [
        ([("r", "a", "i", None)], {}, "No read has a score"),
        ([("r", "a", "i", 2), ("q", "a", "i", 2)], {}, "nothing to fit"),
        (crossed(range(5), "ab"), {"model": "rating scale"}, "no model"),
        (crossed(range(5), "ab"), {"task": "task"}, "no column 'task'"),
        (
            [(*row, "t", f"d{row[0]}") for row in crossed(range(5), "ab")],
            {"group": "district"},
            "in two groups",
        ),
        ([*crossed(range(5), "ab"), ("z", "a", "i", 1, "t")], {"task": "task"}, "Row 1 has no task"),
    ],
)
def test_what_can_not_be_coded_is_refused_in_words(rows, how, said):
    with pytest.raises(ValueError, match=said):
        Design.of(rated(rows), **how)


def test_a_vector_of_parameters_can_be_taken_apart_again():
    points = {"x": [0, 1], "y": [0, 1, 2, 3]}
    rows = [(r, s, t, r % (2 if t == "x" else 4)) for r in range(8) for s in "ab" for t in "xy"]
    design = Design.of(rated(rows, points))
    vector = np.arange(2 + 2 + 1 + 3, dtype=float)
    taken = Parameters.from_vector(design, vector)
    assert taken.vector.tolist() == vector.tolist()
    assert taken.thresholds.tolist() == [[4, np.inf, np.inf], [5, 6, 7]]
    chances = np.exp(model.log_probabilities(design, taken, np.zeros(2), np.zeros(2, int), np.array([0, 1])))
    assert np.allclose(chances.sum(axis=1), 1) and chances[0, 2:].tolist() == [0, 0]


def test_chances_are_those_of_the_definition():
    design = Design.of(rated(crossed(range(6), "ab", "xy")))
    some = Parameters(np.array([0.3, -0.3]), np.array([0.5, -0.5]), np.array([[-1.0, 0.2, 0.8]]))
    found = model.log_probabilities(design, some, np.array([0.7]), np.array([0]), np.array([1]))[0]
    assert np.allclose(np.diff(found), 0.7 - 0.5 + 0.3 - some.thresholds[0])
    expected, variance = model.expected_and_variance(
        design, some, np.array([0.7]), np.array([0]), np.array([1])
    )
    chance = np.exp(found)
    assert expected[0] == pytest.approx(chance @ [0, 1, 2, 3])
    assert variance[0] == pytest.approx(chance @ ([0, 1, 2, 3] - expected[0]) ** 2)


def test_constraints_hold_whatever_is_free():
    design = Design.of(rated(crossed(range(10), "abcd", "xyz"), points=[0, 1, 2, 3]))
    offset, basis = constraints(design, blocks=[0, 0, 1, 1])
    moved = Parameters.from_vector(
        design, offset + basis @ np.random.default_rng(1).normal(size=basis.shape[1])
    )
    sums = [moved.item, moved.severity[:2], moved.severity[2:], moved.thresholds]
    assert [round(float(part.sum()), 12) for part in sums] == [0, 0, 0, 0]
    assert constraints(design, center_items=False)[1].shape == (10, 3 + 3 + 2)
    anchors = np.full(10, np.nan)
    anchors[3] = 0.7
    offset, basis = constraints(design, anchors=anchors)
    assert offset[3] == 0.7 and not basis[3].any() and basis.shape[1] == 2 + 3 + 2
    with pytest.raises(ValueError, match="Anchors need 10 places"):
        constraints(design, anchors=[0.0])


def test_components_are_found_and_comparison_across_them_is_refused():
    rows = crossed(range(20), "ab", "xy") + crossed(range(20, 40), "cd", "xy") + crossed([50], "c", "xy")
    found = linking.links(Design.of(rated(shuffled(rows))))
    assert found.n_components == 2 and not found.connected
    assert found.blocks.tolist() == [0, 0, 1, 1] and found.item_blocks.tolist() == [0, 0]
    assert found.sentences[0].startswith(
        "The scorers fall into 2 sets that never read the same response: a, b; c, d."
    )
    linking.refuse_across(found, "a", "b")
    with pytest.raises(ValueError, match="a and d can not be compared"):
        linking.refuse_across(found, "a", "d")
    with pytest.raises(ValueError, match="no scorer 'z'"):
        linking.refuse_across(found, "a", "z")
    joined = linking.links(Design.of(rated([*rows, ("p", "b", "x", 1), ("p", "c", "x", 2)])))
    assert joined.connected and joined.n_components == 1


def test_scorers_who_keep_to_traits_of_their_own_are_not_compared_across():
    rows = [row for r in range(30) for s, t in ("ax", "bx", "cy", "dy") for row in crossed([r], s, t, seed=r)]
    rows = [(r, s, t, (r * 7 + ord(s) * 3) % 4) for r, s, t, _ in rows]
    found = linking.links(Design.of(rated(rows)))
    assert found.n_components == 1 and found.blocks.tolist() == [0, 0, 1, 1]
    assert found.item_blocks.tolist() == [0, 0] and "traits of their own" in found.sentences[0]


def test_the_exact_answer_on_comparability_agrees_with_the_quick_one():
    rng = np.random.default_rng(5)
    for _ in range(40):
        rows = [
            (r, s, t, int(rng.integers(0, 4)))
            for r in range(12)
            for s in rng.choice(list("abcdef"), 2, replace=False)
            for t in rng.choice(list("xyz"), rng.integers(1, 3), replace=False)
        ]
        design = Design.of(rated(rows))
        quick, exact = linking.comparable(design), linking._by_null_space(design)
        # Parameters counted by rank: what is free under the constraints must be what the data can tell.
        columns = np.zeros((design.n_rows, len(design.persons) + len(design.items) + len(design.scorers)))
        for offset, codes in (
            (0, design.person),
            (len(design.persons), design.item),
            (len(design.persons) + len(design.items), design.scorer),
        ):
            columns[np.arange(design.n_rows), offset + codes] = 1
        for blocks, item_blocks in (quick, exact):
            _, basis = constraints(design, blocks=blocks, item_blocks=item_blocks)
            location = basis[: len(design.items) + len(design.scorers)]
            free = location[:, np.abs(location).any(axis=0)].shape[1]
            assert np.linalg.matrix_rank(columns) == len(design.persons) + free


def test_resistance_counts_chains_and_parallel_ways():
    def effective(pairs, between):
        rows = [(r, s, "i", (r + (s in "ac")) % 2) for r, pair in enumerate(pairs) for s in pair]
        found = linking.links(Design.of(rated(rows, points=[0, 1])))
        return found.effective[tuple(found.scorers.index(s) for s in between)]

    assert effective(["ab"] * 10, "ab") == pytest.approx(10)
    assert effective(["ab"] * 10 + ["bc"] * 10, "ac") == pytest.approx(5)
    assert effective(["ab"] * 10 + ["bc"] * 10 + ["ac"] * 10, "ac") == pytest.approx(15)
    assert effective(["ab"] * 10 + ["cd"] * 10, "ac") == 0


def test_resistance_is_the_variance_of_a_least_squares_difference():
    rng = np.random.default_rng(2)
    rows = [
        (r, s, "i", (r + j) % 2) for r in range(60) for j, s in enumerate(rng.choice(list("abcde"), 2, False))
    ]
    design = Design.of(rated(rows, points=[0, 1]))
    columns = np.zeros((design.n_rows, 60 + 5))
    columns[np.arange(design.n_rows), design.person] = columns[
        np.arange(design.n_rows), 60 + design.scorer
    ] = 1
    covariance = np.linalg.pinv(columns.T @ columns)[60:, 60:]
    found = linking.links(design)
    difference = covariance[0, 0] + covariance[3, 3] - 2 * covariance[0, 3]
    assert 2 / found.effective[0, 3] == pytest.approx(difference)
    assert found.connectivity[0] > 0


def test_a_response_read_by_everybody_links_everybody():
    design = Design.of(rated(crossed(range(9), "abcdefgh")))
    found = linking.links(design)
    assert (found.shared == 9).all()
    # m = 8 reads: each pair weighs 2/m, and 8 ways lead from one scorer to another.
    assert found.effective[0, 1] == pytest.approx(9 * (2 / 8) * 8 / 2)


def test_districts_without_a_shared_paper_are_told_what_to_do():
    rows = [
        (r, s, "i", (r // 3 + (s in "ac")) % 3, "t", "A" if s in "ab" else "B" if s in "cd" else "C")
        for r in range(30)
        for s in (("ab", "cd", "ce")[r % 3])
    ]
    design = Design.of(rated(rows), group="district")
    found = linking.links(design)
    pairs = linking.group_links(found, design.groups, design.group)
    assert pairs["A", "B"][0] == 0 and pairs["B", "C"][0] > 0
    assert pairs["A", "B"][1] == (
        "A and B never scored the same paper, so their scorers can not be compared. Score 20 shared papers to fix."
    )
    assert pairs["B", "C"][1] == "Scorers of B and C read 10 papers in common."
    assert pairs["A", "B"][1] in found.sentences


def test_one_scorer_alone_is_one_component():
    found = linking.links(Design.of(rated(crossed(range(8), "a", "xy"))))
    assert found.connected and found.connectivity == (0.0,) and found.sentences == ()
