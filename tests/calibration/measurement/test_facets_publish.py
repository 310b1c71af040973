"""The one door to a published fit: models, anchors, links, shrinkage, and what can not be fitted."""

import numpy as np
import pytest

from calibration.measurement.facets import linking, mml, model, publish, quadrature
from calibration.measurement.facets.model import Design
from calibration.measurement.ratings import Ratings
from tests.calibration.measurement.simulated_reads import messy, rated, simulated

# Models, anchors, links, shrinkage


def test_partial_credit_gives_each_trait_its_own_thresholds():
    columns, *_ = simulated(600, 3, 8, seed=11)
    scale, credit = (publish.fit(rated(columns), scale=scale) for scale in model.MODELS)
    assert credit.deviance < scale.deviance
    assert credit.n_parameters == scale.n_parameters + 4
    assert 0 < scale.deviance - credit.deviance < 18.5  # chi-square with 4 df, p > .001: the scales are alike
    assert len(credit.thresholds) == 9 and len(scale.thresholds) == 3


def test_traits_of_tasks_and_groups_of_scorers():
    columns, severity, *_ = simulated(400, 2, 8, seed=12)
    task = np.array(["letter", "essay"])[columns[0] % 2]
    district = np.array(["north", "south"])[columns[1] // 4]
    found = publish.fit(rated(columns, task=task, district=district), task="task", group="district")
    assert set(found.items) == {"0 (essay)", "0 (letter)", "1 (essay)", "1 (letter)"}
    north = np.mean([found.scorers[j].measure for j in range(4)])
    assert found.groups["north"].measure == pytest.approx(north, abs=1e-9)
    assert found.groups["north"].measure == pytest.approx(
        severity[:4].mean(), abs=4 * found.groups["north"].se
    )


def test_anchors_hold_and_abilities_move_with_them():
    columns, *_ = simulated(500, 3, 6, seed=13)
    ratings = rated(columns)
    free = publish.fit(ratings)
    anchors = {
        "items": {name: each.measure + 0.7 for name, each in free.items.items()},
        "scorers": {name: each.measure for name, each in free.scorers.items()},
        "thresholds": [each.measure for each in free.thresholds],
    }
    held = publish.fit(ratings, anchors=anchors)
    assert held.deviance == pytest.approx(free.deviance, abs=0.01)
    assert held.person_mean == pytest.approx(free.person_mean + 0.7, abs=1e-3)
    assert held.n_parameters == 2
    assert [each.se for each in held.scorers.values()] == [0] * 6
    some = publish.fit(ratings, anchors={"scorers": {0: free.scorers[0].measure + 1}})
    assert some.scorers[3].measure == pytest.approx(free.scorers[3].measure + 1, abs=1e-3)
    assert some.scorers[0].se == 0 < some.scorers[3].se


def test_anchors_that_do_not_fit_are_refused():
    ratings = rated(messy())
    for anchors, word in [
        ({"scorers": {"nobody": 0}}, "nobody"),
        ({"thresholds": [0, 1]}, "3 thresholds"),
        ({"weather": {}}, "weather"),
    ]:
        with pytest.raises(ValueError, match=word):
            publish.fit(ratings, anchors=anchors)


def apart(gap):
    """Two districts whose scorers never meet; the second has abler students."""
    first, *_ = simulated(300, 3, 4, seed=14)
    second, *_ = simulated(300, 3, 4, seed=15)
    columns = [np.r_[a, b] for a, b in zip(first, second, strict=True)]
    columns[0][first[0].size :] += 1000
    columns[1][first[0].size :] += 10
    columns[3] = np.where(
        np.arange(columns[3].size) < first[0].size, columns[3], np.minimum(columns[3] + gap, 3)
    )
    return rated(columns)


def test_scorers_that_share_no_response_are_refused_or_kept_apart():
    ratings = apart(1)
    with pytest.raises(ValueError, match="never read the same response"):
        publish.fit(ratings)
    found = publish.fit(ratings, unlinked="apart")
    assert found.status == publish.NOT_LINKED and found.notes
    for block in (range(4), range(10, 14)):
        assert sum(found.scorers[j].measure for j in block) == pytest.approx(0, abs=1e-9)
    with pytest.raises(ValueError, match="can not be compared"):
        linking.refuse_across(found, 0, 10)
    assert found.shift[-1] < -0.5 and (found.shift[:4] == 0).all()
    higher = found.persons.measure[-300:].mean() - found.persons.measure[:300].mean()
    assert higher == pytest.approx(-found.shift[-1], abs=0.3)
    measured = publish.expected(found)
    assert measured.wle == pytest.approx(found.persons.measure, abs=1e-6)
    drawn = publish.plausible_values(found, draws=4)
    assert drawn[:, -300:].mean() == pytest.approx(measured.eap[-300:].mean(), abs=0.1)


def test_scorers_who_keep_to_their_own_trait_can_not_be_told_from_it():
    columns, *_ = simulated(200, 2, 4, seed=16)
    own = columns[1] % 2 == columns[2]
    kept = tuple(column[own] for column in columns)
    with pytest.raises(ValueError, match="traits of their own"):
        publish.fit(rated(kept))
    found = publish.fit(rated(kept), unlinked="apart")
    assert found.converged
    for pair in ((0, 2), (1, 3)):
        assert sum(found.scorers[j].measure for j in pair) == pytest.approx(0, abs=1e-9)


def test_few_reads_are_pulled_further_toward_the_mean():
    columns, *_ = simulated(400, 2, 8, seed=17)
    few = (columns[1] != 7) | (columns[0] < 40)
    ratings = rated(tuple(column[few] for column in columns))
    free, shrunken = publish.fit(ratings), publish.fit(ratings, shrink=True)
    pulled = {j: shrunken.scorers[j].measure / free.scorers[j].measure for j in range(8)}
    n = {j: free.scorers[j].n for j in range(8)}
    assert min(n, key=n.get) == 7 and n[7] < 40
    assert 0 < pulled[7] < min(pulled[j] for j in range(7) if abs(free.scorers[j].measure) > 0.3)
    assert shrunken.scorers[7].se < free.scorers[7].se
    assert any("pulled toward the mean" in note for note in shrunken.notes)


def test_scorers_who_do_not_differ_are_pulled_together():
    columns, *_ = simulated(300, 2, 6, seed=18, spread=0.0)
    shrunken = publish.fit(rated(columns), shrink=True)
    free = publish.fit(rated(columns))
    widest = max(abs(each.measure) for each in free.scorers.values())
    assert max(abs(each.measure) for each in shrunken.scorers.values()) < 0.5 * widest


# What can not be fitted says so


def test_scores_that_say_nothing_about_responses_are_marked():
    """Every response got one 0, one 1 and one 2: scorers disagree more than chance would let them."""
    draw = np.random.default_rng(19)
    rows = [
        (r, s, "ideas", int(x)) for r in range(200) for s, x in zip("abc", draw.permutation(3), strict=True)
    ]
    found = publish.fit(Ratings.from_rows(rows, points=[0, 1, 2]))
    assert found.converged and found.person_variance < 1e-3
    assert any("no difference between responses" in note for note in found.notes)
    measured = publish.expected(found)
    assert np.ptp(measured.eap) < 0.01
    assert measured.eap_reliability.value < 0.01


def test_too_few_scores_are_marked_and_never_certain():
    one_read = [(r, "ab"[r % 2], "ideas", x) for r, x in enumerate([0, 1, 1, 0, 1, 1, 0, 0])]
    for rows in (
        one_read,
        [
            (r, s, "ideas", x)
            for r, xs in enumerate([(0, 0), (1, 0), (1, 1), (2, 1), (2, 2)])
            for s, x in zip("ab", xs, strict=True)
        ],
        [(1, "ana", "ideas", 0), (1, "ben", "ideas", 1), (2, "ana", "ideas", 1), (2, "ben", "ideas", 0)],
    ):
        found = publish.fit(Ratings.from_rows(rows, points=[0, 1, 2]), unlinked="apart")
        if found.status == "ok":
            assert all(0 < each.se < 100 for each in found.scorers.values())
        else:
            assert found.status.startswith("warning:") and found.notes


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([], "nothing to fit"),
        ([("R1", "ana", "ideas", None)], "nothing to fit"),
        ([("R1", "ana", "ideas", 1), ("R1", "ben", "ideas", 1)], "nothing to fit"),
    ],
)
def test_nothing_to_fit_is_refused(rows, word):
    with pytest.raises(ValueError, match=word):
        publish.fit(Ratings.from_rows(rows, points={"ideas": [0, 1]}))


def test_one_scorer_alone_has_severity_zero():
    rows = [
        (r, "ana", t, x)
        for r, xs in enumerate([(0, 1), (1, 1), (2, 2), (1, 0), (2, 1), (0, 0), (1, 2)])
        for t, x in zip("st", xs, strict=True)
    ]
    found = publish.fit(Ratings.from_rows(rows, points=[0, 1, 2]))
    assert found.scorers["ana"].measure == 0


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        ({"estimator": "magic"}, "magic"),
        ({"scale": "binary"}, "binary"),
        ({"unlinked": "hide"}, "hide"),
        ({"nodes": [1.0, 0.0, 2.0]}, "nodes"),
        ({"nodes": [0.0]}, "nodes"),
        ({"estimator": "jml", "shrink": True}, "mml"),
        ({"group": "district"}, "district"),
    ],
)
def test_wishes_that_can_not_be_met_are_refused_in_words(wanted, word):
    with pytest.raises(ValueError, match=word):
        publish.fit(rated(messy()), **wanted)


def test_joint_estimation_is_marked_as_no_more_than_a_screen():
    found = publish.fit(rated(messy()), estimator="jml")
    assert found.status.startswith("warning:") and "corrected" in found.estimator
    with pytest.raises(ValueError, match="mml"):
        publish.expected(found)


def test_standard_nodes_are_used_where_they_do():
    columns, *_ = simulated(300, 2, 5, seed=20)
    design = Design.of(rated(columns))
    assert [nodes.size for nodes in mml.estimate(design).grids] == [quadrature.STANDARD.size]
    wide, *_ = simulated(300, 2, 5, seed=20, sd=4.0)
    found = mml.estimate(Design.of(rated(wide)))
    assert np.ptp(found.grids[0]) > 2 * quadrature.REACH * found.ability.sd * 0.9
