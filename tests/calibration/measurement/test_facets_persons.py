"""Measures of responses: TAM's EAPs, Warm's estimate by hand, and plausible values that keep group means."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from calibration.measurement.facets import linking, marginal, mml, model, persons, publish, quadrature
from calibration.measurement.facets.model import Design
from calibration.measurement.ratings import Ratings

GOLDEN = Path(__file__).parent / "golden"
TAM = {case["id"]: case for case in json.loads((GOLDEN / "tam_mml.json").read_text())}


@pytest.fixture(scope="module")
def ratings1():
    case = TAM["ratings1"]
    with open(GOLDEN / case["data"], newline="") as file:
        rows = [
            (line[case["person"]], line["rater"], item, float(line[item]))
            for line in csv.DictReader(file)
            for item in case["items"]
        ]
    return Design.of(Ratings.from_rows(rows, points=case["points"]))


@pytest.fixture(scope="module")
def found(ratings1):
    return mml.estimate(ratings1)


def test_eaps_and_their_standard_deviations_are_tams(ratings1, found):
    case = TAM["ratings1"]
    measured = persons.measures(ratings1, found.parameters, found.ability, grids=found.grids)
    expected = np.array([case["expected"]["persons"][name] for name in ratings1.persons])
    assert measured.eap - found.ability.mean == pytest.approx(expected[:, 0], abs=case["tol"]["persons"])
    assert measured.sd == pytest.approx(expected[:, 1], abs=case["tol"]["persons"])
    reliability = case["expected"]["wle_reliability"]
    assert measured.wle_reliability.value == pytest.approx(reliability, abs=case["tol"]["persons"])


def test_eaps_are_the_integral(ratings1, found):
    """On the standard nodes a paper with 35 scores would be off: reported measures use a grid laid for them."""
    measured = persons.measures(ratings1, found.parameters, found.ability)
    nodes = np.linspace(-14, 14, 2001)
    density = np.exp(-0.5 * ((nodes - found.ability.mean) / found.ability.sd) ** 2)
    for person in range(0, len(ratings1.persons), 7):
        rows = slice(ratings1.start[person], ratings1.start[person + 1])
        logs = model.log_probabilities(
            ratings1, found.parameters, nodes[:, None], ratings1.scorer[rows], ratings1.item[rows]
        )
        weight = density * np.exp(logs[:, np.arange(logs.shape[1]), ratings1.score[rows]].sum(axis=1))
        weight /= weight.sum()
        mean = weight @ nodes
        assert measured.eap[person] == pytest.approx(mean, abs=1e-5)
        assert measured.sd[person] == pytest.approx(np.sqrt(weight @ (nodes - mean) ** 2), abs=1e-5)


def test_warms_estimate_is_the_top_of_the_weighted_likelihood(ratings1, found):
    measured = persons.measures(ratings1, found.parameters, found.ability)
    nodes = np.arange(-10, 10, 2e-3)
    for person in range(0, len(ratings1.persons), 15):
        rows = slice(ratings1.start[person], ratings1.start[person + 1])
        place = (ratings1.scorer[rows], ratings1.item[rows])
        logs = model.log_probabilities(ratings1, found.parameters, nodes[:, None], *place)
        likelihood = logs[:, np.arange(logs.shape[1]), ratings1.score[rows]].sum(axis=1)
        _, variance = model.expected_and_variance(ratings1, found.parameters, nodes[:, None], *place)
        weighted = likelihood + 0.5 * np.log(variance.sum(axis=1))
        top = int(np.argmax(weighted))
        assert measured.wle[person] == pytest.approx(nodes[top], abs=2e-3)
        assert measured.se[person] == pytest.approx(variance.sum(axis=1)[top] ** -0.5, abs=1e-3)


def test_lowest_and_highest_totals_have_measures_too():
    draw = np.random.default_rng(1)
    rows = [
        (r, s, t, int(draw.random() < 1 / (1 + np.exp(-ability))))
        for r, ability in enumerate(draw.normal(0, 2, 80))
        for s in "abc"
        for t in "xy"
    ]
    fitted = publish.fit(Ratings.from_rows(rows, points=[0, 1]))
    assert {-1, 0, 1} == set(fitted.persons.extreme.tolist())
    assert np.isfinite(fitted.persons.measure).all() and (fitted.persons.se > 0).all()
    lowest = fitted.persons.measure[fitted.persons.extreme == -1]
    others = fitted.persons.measure[fitted.persons.extreme == 0]
    assert lowest.max() < others.min()
    assert (
        fitted.persons.se[fitted.persons.extreme == -1].min()
        > fitted.persons.se[fitted.persons.extreme == 0].max()
    )


def test_a_higher_total_is_never_a_lower_measure(ratings1, found):
    measured = persons.measures(ratings1, found.parameters, found.ability)
    total, most = ratings1.totals
    for height in np.unique(most):
        same = np.flatnonzero(most == height)
        if same.size > 20:
            assert np.corrcoef(total[same], measured.eap[same])[0, 1] > 0.9
    assert np.abs(measured.eap - found.ability.mean).mean() < np.abs(measured.wle - found.ability.mean).mean()


def test_plausible_values_have_the_mean_and_spread_of_what_is_known(ratings1, found):
    drawn = persons.plausible_values(ratings1, found.parameters, found.ability, draws=800, seed=2)
    measured = persons.measures(ratings1, found.parameters, found.ability)
    z = (drawn.mean(axis=0) - measured.eap) / measured.sd * np.sqrt(800)
    assert np.sqrt(np.mean(z**2)) == pytest.approx(1, abs=0.2)
    assert drawn.std(axis=0) == pytest.approx(measured.sd, rel=0.12)
    assert drawn.var(axis=1).mean() == pytest.approx(found.ability.variance, rel=0.12)
    assert measured.eap.var() < found.ability.variance < measured.wle.var()


def test_plausible_values_come_from_their_seed(ratings1, found):
    def draw(seed):
        return persons.plausible_values(ratings1, found.parameters, found.ability, draws=2, seed=seed)

    assert (draw(5) == draw(5)).all()
    assert (draw(5) != draw(6)).any()
    with pytest.raises(ValueError, match="at least one"):
        persons.plausible_values(ratings1, found.parameters, found.ability, draws=0)


def test_measures_recover_abilities():
    draw = np.random.default_rng(8)
    theta = draw.normal(0.5, 1.3, 3000)
    scorer = np.argsort(draw.random((theta.size, 6)), axis=1)[:, :3]
    severity = np.linspace(-0.8, 0.8, 6)
    person, read, trait = np.indices((theta.size, 3, 4)).reshape(3, -1)
    ease = theta[person] - severity[scorer[person, read]]
    chance = np.exp(np.arange(3) * ease[:, None] - np.array([0, -1.0, 0.0]))
    chance = np.cumsum(chance / chance.sum(axis=1, keepdims=True), axis=1)
    score = (draw.random(person.size)[:, None] > chance[:, :2]).sum(axis=1)
    ratings = Ratings.from_columns(person, scorer[person, read], trait, score, points=[0, 1, 2])
    fitted = publish.fit(ratings)
    measured = publish.expected(fitted)
    order = np.argsort(fitted.design.persons)
    assert np.polyfit(theta[order], measured.wle, 1)[0] == pytest.approx(1, abs=0.03)
    inside = np.abs(measured.eap - (theta - theta.mean() + fitted.person_mean)) < 1.96 * measured.sd
    assert inside.mean() == pytest.approx(0.95, abs=0.02)
    assert measured.eap_reliability.value == pytest.approx(
        np.corrcoef(theta, measured.eap)[0, 1] ** 2, abs=0.02
    )
    assert measured.wle_reliability.value == pytest.approx(
        np.corrcoef(theta, measured.wle)[0, 1] ** 2, abs=0.02
    )


def test_reliability_of_nothing_is_undefined():
    for figure in (persons.eap_reliability, persons.wle_reliability):
        assert figure(np.zeros(1), np.ones(1)).status == "undefined:too_few"
        assert figure(np.zeros(0), np.ones(0)).status == "undefined:too_few"
        assert "chance" in figure(np.array([0.0, 1.0]), np.ones(2)).sentence
    assert persons.wle_reliability(np.zeros(3), np.ones(3)).status == "undefined:no_variation"
    assert persons.eap_reliability(np.zeros(3), np.zeros(3)).status == "undefined:no_variation"


def test_levels_from_raw_cuts_are_as_sure_as_scoring_again_shows():
    """True levels are known in a simulation: the share placed rightly is the share Rudner's method expects."""
    draw = np.random.default_rng(9)
    theta = draw.normal(0, 1.5, 4000)
    person, read, trait = np.indices((theta.size, 2, 4)).reshape(3, -1)
    chance = np.exp(np.arange(4) * theta[person][:, None] - np.array([0, -1.5, -1.5, 0]))
    chance = np.cumsum(chance / chance.sum(axis=1, keepdims=True), axis=1)
    score = (draw.random(person.size)[:, None] > chance[:, :3]).sum(axis=1)
    fitted = publish.fit(Ratings.from_columns(person, read, trait, score, points=[0, 1, 2, 3]))
    found = publish.decisions(fitted, [4, 8])
    cuts = [publish.measure_of_total(fitted, cut) for cut in (4, 8)]
    assert cuts[0] < cuts[1]
    measured = publish.expected(fitted)
    true, given = (np.searchsorted(cuts, values) for values in (theta + fitted.person_mean, measured.eap))
    assert found.accuracy.value == pytest.approx((true == given).mean(), abs=0.015)
    assert [each.cut for each in found.by_cut] == cuts
    for total in (0, 12, 40):
        with pytest.raises(ValueError, match="between the totals 0 and 12"):
            publish.decisions(fitted, [total])


def test_a_cut_is_the_measure_expected_to_reach_it(ratings1):
    fitted = publish.marginally(ratings1, linking.links(ratings1))
    at = publish.measure_of_total(fitted, 7.5)
    expected, _ = model.expected_and_variance(
        ratings1,
        model.Parameters(fitted.parameters.item, np.zeros(7), fitted.parameters.thresholds),
        np.full(5, at),
        np.zeros(5, int),
        np.arange(5),
    )
    assert expected.sum() == pytest.approx(7.5, abs=1e-7)


def test_the_grid_for_measures_is_never_the_coarse_one(ratings1, found):
    coarse = quadrature.grids(ratings1, found.patterns, found.parameters, found.ability)
    exact = quadrature.grids(ratings1, found.patterns, found.parameters, found.ability, exact=True)
    assert {nodes.size for nodes in coarse} == {21}
    assert min(nodes.size for nodes in exact) > 21
    assert isinstance(found.ability, marginal.Ability)
