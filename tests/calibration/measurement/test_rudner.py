"""Levels set by cuts: Rudner's expected accuracy and consistency, by hand and against scoring again."""

from statistics import NormalDist

import numpy as np
import pytest

from calibration.measurement import rudner


def test_two_levels_by_hand():
    found = rudner.classify([0.5, -1.0], [0.5, 0.8], [0.0])
    right = [NormalDist().cdf(1.0), NormalDist().cdf(1.25)]
    assert found.overall.accuracy.value == pytest.approx(np.mean(right))
    assert found.overall.consistency.value == pytest.approx(np.mean([p**2 + (1 - p) ** 2 for p in right]))
    (cut,) = found.by_cut
    assert cut.accuracy.value == pytest.approx(found.overall.accuracy.value)
    assert cut.false_high == pytest.approx((1 - right[0]) / 2)
    assert cut.false_low == pytest.approx((1 - right[1]) / 2)
    assert cut.accuracy.value + cut.false_high + cut.false_low == pytest.approx(1)


def test_the_table_of_given_and_true_levels_holds_everybody():
    draw = np.random.default_rng(1)
    theta, se = draw.normal(0, 1.5, 300), draw.uniform(0.3, 0.6, 300)
    found = rudner.classify(theta, se, [-1.0, 0.2, 1.3])
    assert found.table.shape == (4, 4) and found.table.sum() == pytest.approx(1)
    assert np.trace(found.table) == pytest.approx(found.overall.accuracy.value)
    shares = np.bincount(np.searchsorted([-1.0, 0.2, 1.3], theta, side="right"), minlength=4) / 300
    assert found.table.sum(axis=1) == pytest.approx(shares)
    assert all(each.accuracy.value > found.overall.accuracy.value for each in found.by_cut)
    assert all(each.consistency.value > found.overall.consistency.value for each in found.by_cut)


def test_accuracy_and_consistency_are_those_of_scoring_again():
    """Measures with normal errors, truth drawn around them, and a second scoring drawn around the truth's place."""
    draw = np.random.default_rng(2)
    theta, se = draw.normal(0, 1, 500), np.full(500, 0.4)
    cuts = [-0.5, 0.8]
    found = rudner.classify(theta, se, cuts)

    def levels(values):
        return np.searchsorted(cuts, values, side="right")

    true, again = (theta + se * draw.normal(size=(400, 500)) for _ in range(2))
    assert found.overall.accuracy.value == pytest.approx((levels(true) == levels(theta)).mean(), abs=0.005)
    assert found.overall.consistency.value == pytest.approx((levels(true) == levels(again)).mean(), abs=0.005)
    table = np.zeros((3, 3))
    np.add.at(table, (levels(true), levels(again)), 1 / true.size)
    chance = table.sum(axis=1) @ table.sum(axis=0)
    assert found.overall.kappa.value == pytest.approx((np.trace(table) - chance) / (1 - chance), abs=0.01)


def test_surer_measures_make_surer_levels():
    draw = np.random.default_rng(3)
    theta = draw.normal(size=400)
    values = [rudner.classify(theta, np.full(400, se), [0.0]).overall for se in (0.8, 0.4, 0.1, 1e-6)]
    for figure in ("accuracy", "consistency", "kappa"):
        rising = [getattr(each, figure).value for each in values]
        assert rising == sorted(rising)
        assert rising[-1] == pytest.approx(1, abs=1e-3)


def test_the_scale_does_not_matter():
    draw = np.random.default_rng(4)
    theta, se = draw.normal(size=50), draw.uniform(0.2, 0.9, 50)
    one = rudner.classify(theta, se, [-0.3, 0.9])
    two = rudner.classify(100 + 15 * theta, 15 * se, [95.5, 113.5])
    assert two.table == pytest.approx(one.table)
    assert two.overall.kappa.value == pytest.approx(one.overall.kappa.value)


def test_it_is_said_in_words():
    found = rudner.classify([-2.0, 0.1, 2.0], [0.5, 0.5, 0.5], [0.0])
    assert found.overall.accuracy.sentence == "About 86 of every 100 students got the level they belong to."
    words = "About 84 of every 100 students would land on the same side of the cut if scored again."
    assert found.by_cut[0].consistency.sentence == words
    assert "if scored again" in found.overall.consistency.sentence


def test_everyone_on_one_side_leaves_nothing_to_beat():
    found = rudner.classify([1.0, 2.0], [0.5, 0.5], [-3.0])
    assert found.overall.accuracy.value > 0.99
    assert found.overall.kappa.status == "undefined:no_variation"
    assert not found.overall.kappa.defined


def test_persons_without_a_measure_are_counted():
    found = rudner.classify([0.5, np.nan, -0.5], [0.5, np.nan, 0.5], [0.0])
    assert found.n_excluded == 1
    assert found.overall.accuracy.n_units == 2 and found.overall.accuracy.n_excluded == 1


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
