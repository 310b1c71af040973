"""Levels set by cuts: Rudner's expected accuracy and consistency, by hand and against scoring again."""

from statistics import NormalDist

import numpy as np
import pytest

from calibration.measurement import rudner


def test_two_levels_by_hand():
    found = rudner.classify([0.5, -1.0], [0.5, 0.8], [0.0])
    right = [NormalDist().cdf(1.0), NormalDist().cdf(1.25)]
    assert found.accuracy.value == pytest.approx(np.mean(right))
    assert found.consistency.value == pytest.approx(np.mean([p**2 + (1 - p) ** 2 for p in right]))
    (cut,) = found.by_cut
    assert cut.accuracy.value == pytest.approx(found.accuracy.value)
    assert cut.wrongly_above == pytest.approx((1 - right[0]) / 2)
    assert cut.wrongly_below == pytest.approx((1 - right[1]) / 2)
    assert cut.accuracy.value + cut.wrongly_above + cut.wrongly_below == pytest.approx(1)


def test_the_table_of_given_and_true_levels_holds_everybody():
    draw = np.random.default_rng(1)
    theta, se = draw.normal(0, 1.5, 300), draw.uniform(0.3, 0.6, 300)
    found = rudner.classify(theta, se, [-1.0, 0.2, 1.3])
    assert np.shape(found.accuracy_table) == (4, 4) and np.sum(found.accuracy_table) == pytest.approx(1)
    assert np.trace(found.accuracy_table) == pytest.approx(found.accuracy.value)
    shares = np.bincount(np.searchsorted([-1.0, 0.2, 1.3], theta, side="right"), minlength=4) / 300
    assert np.sum(found.accuracy_table, axis=0) == pytest.approx(shares)
    assert np.array(found.consistency_table) == pytest.approx(np.transpose(found.consistency_table))
    assert np.trace(found.consistency_table) == pytest.approx(found.consistency.value)
    assert all(each.accuracy.value > found.accuracy.value for each in found.by_cut)
    assert all(each.consistency.value > found.consistency.value for each in found.by_cut)


def test_accuracy_and_consistency_are_those_of_scoring_again():
    """Measures with normal errors, truth drawn around them, and a second scoring drawn around the truth's place."""
    draw = np.random.default_rng(2)
    theta, se = draw.normal(0, 1, 500), np.full(500, 0.4)
    cuts = [-0.5, 0.8]
    found = rudner.classify(theta, se, cuts)

    def levels(values):
        return np.searchsorted(cuts, values, side="right")

    true, again = (theta + se * draw.normal(size=(400, 500)) for _ in range(2))
    assert found.accuracy.value == pytest.approx((levels(true) == levels(theta)).mean(), abs=0.005)
    assert found.consistency.value == pytest.approx((levels(true) == levels(again)).mean(), abs=0.005)
    table = np.zeros((3, 3))
    np.add.at(table, (levels(true), levels(again)), 1 / true.size)
    chance = table.sum(axis=1) @ table.sum(axis=0)
    assert found.kappa.value == pytest.approx((np.trace(table) - chance) / (1 - chance), abs=0.01)


def test_intervals_come_from_the_drawing_of_students():
    draw = np.random.default_rng(7)
    found = [rudner.classify(draw.normal(0, 1, 100), np.full(100, 0.4), [0.0, 1.0]) for _ in range(200)]
    for figure in ("accuracy", "consistency"):
        values = [getattr(each, figure).value for each in found]
        assert np.std(values) == pytest.approx(
            np.mean([getattr(each, figure).se for each in found]), rel=0.15
        )
    alone = rudner.classify([0.3], [0.5], [0.0])
    assert not alone.accuracy.has_interval


def test_surer_measures_make_surer_levels():
    draw = np.random.default_rng(3)
    theta = draw.normal(size=400)
    values = [rudner.classify(theta, np.full(400, se), [0.0]) for se in (0.8, 0.4, 0.1, 1e-6)]
    for figure in ("accuracy", "consistency", "kappa"):
        rising = [getattr(each, figure).value for each in values]
        assert rising == sorted(rising)
        assert rising[-1] == pytest.approx(1, abs=1e-3)


def test_the_scale_does_not_matter():
    draw = np.random.default_rng(4)
    theta, se = draw.normal(size=50), draw.uniform(0.2, 0.9, 50)
    one = rudner.classify(theta, se, [-0.3, 0.9])
    two = rudner.classify(100 + 15 * theta, 15 * se, [95.5, 113.5])
    assert np.array(two.accuracy_table) == pytest.approx(np.array(one.accuracy_table))
    assert two.kappa.value == pytest.approx(one.kappa.value)


def test_it_is_said_in_words():
    found = rudner.classify([-2.0, 0.1, 2.0], [0.5, 0.5, 0.5], [0.0])
    assert found.accuracy.sentence == "About 86 of every 100 students got the level they belong to."
    words = (
        "At the cut 0: about 84 of every 100 students would land on the same side of the cut if scored again."
    )
    assert found.by_cut[0].consistency.sentence == words
    assert found.sentences[0] == found.consistency.sentence
    both = rudner.classify([-2.0, 0.1, 2.0], [0.5, 0.5, 0.5], [0.0, 3.0])
    assert both.sentences[-1].startswith("The cut 0 is the least sure: about 84 of every 100")


def test_everyone_on_one_side_leaves_nothing_to_beat():
    found = rudner.classify([1.0, 2.0], [0.5, 0.5], [-3.0])
    assert found.accuracy.value > 0.99
    assert found.kappa.status == "undefined:no_variation"
    assert not found.kappa.defined


def test_persons_without_a_measure_are_counted():
    found = rudner.classify([0.5, np.nan, -0.5], [0.5, np.nan, 0.5], [0.0])
    assert found.sentences[-1] == "Without a measure: 1, left out."
    assert found.accuracy.n_units == 2 and found.accuracy.n_excluded == 1


@pytest.mark.parametrize(
    ("theta", "se", "cuts", "word"),
    [
        ([0.0], [0.5], [], "at least one cut"),
        ([0.0], [0.5], [1.0, 1.0], "from low to high"),
        ([0.0], [0.5], [np.nan], "at least one cut"),
        ([0.0, 1.0], [0.5], [0.0], "2 measures and 1 standard errors"),
        ([], [], [0.0], "Nobody has a measure"),
        ([np.nan], [0.5], [0.0], "Nobody has a measure"),
        ([0.0, 1.0], [0.5, 0.0], [0.0], "Measure 2 has no standard error"),
        ([0.0, 1.0], [np.nan, 0.4], [0.0], "Measure 1 has no standard error"),
    ],
)
def test_what_can_not_be_classified_is_refused_in_words(theta, se, cuts, word):
    with pytest.raises(ValueError, match=word):
        rudner.classify(theta, se, cuts)
