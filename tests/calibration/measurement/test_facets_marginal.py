"""Marginal maximum likelihood: TAM's figures, the likelihood worked out by hand, and what must not matter."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from calibration.measurement.facets import (
    curvature,
    linking,
    marginal,
    mml,
    model,
    patterns,
    publish,
    quadrature,
)
from calibration.measurement.facets.model import Design
from calibration.measurement.ratings import Ratings
from tests.calibration.measurement.simulated_reads import messy, rated, simulated

GOLDEN = Path(__file__).parent / "golden"
TAM = {case["id"]: case for case in json.loads((GOLDEN / "tam_mml.json").read_text())}


def published(case):
    """The ratings of one of TAM's examples: a line holds the scores of one rater for one person on every item."""
    with open(GOLDEN / case["data"], newline="") as file:
        rows = [
            (line[case["person"]], line["rater"], item, float(line[item]))
            for line in csv.DictReader(file)
            for item in case["items"]
            if line[item] not in ("", "NA")
        ]
    return Ratings.from_rows(rows, points=case["points"])


def by_hand(design, parameters, mean, sd, nodes):
    """The marginal log-likelihood, person by person and score by score."""
    density = np.exp(-0.5 * ((nodes - mean) / sd) ** 2) / (sd * np.sqrt(2 * np.pi)) * np.gradient(nodes)
    total = 0.0
    for person in range(len(design.persons)):
        likelihood = density.copy()
        for row in range(design.start[person], design.start[person + 1]):
            i, j = design.item[row], design.scorer[row]
            thresholds = parameters.thresholds[design.scale[i]]
            ease = nodes - parameters.item[i] - parameters.severity[j]
            heights = [k * ease - thresholds[:k].sum() for k in range(design.top[i] + 1)]
            likelihood *= np.exp(heights[design.score[row]]) / np.exp(heights).sum(axis=0)
        total += np.log(likelihood.sum())
    return total


# TAM's own figures


@pytest.mark.parametrize("name", TAM)
def test_severities_difficulties_and_thresholds_are_tams(name):
    case = TAM[name]
    expected, design = case["expected"], Design.of(published(case))
    found = mml.estimate(design)
    places = [expected["xsi"][item] for item in design.items]
    assert found.parameters.item == pytest.approx(places - np.mean(places), abs=case["tol"]["xsi"])
    assert found.parameters.item - found.ability.mean == pytest.approx(places, abs=case["tol"]["xsi"])
    severities = [expected["xsi"][f"rater{scorer}"] for scorer in design.scorers]
    assert found.parameters.severity == pytest.approx(severities, abs=case["tol"]["xsi"])
    steps = [expected["xsi"][key] for key in expected["xsi"] if key.startswith("step")] or [0]
    assert found.parameters.thresholds[0] == pytest.approx(steps, abs=case["tol"]["xsi"])


def test_variance_and_deviance_are_tams():
    expected = TAM["ex10"]["expected"]
    found = publish.fit(published(TAM["ex10"]))
    assert found.person_variance == pytest.approx(expected["variance"], abs=1e-4)
    assert found.deviance == pytest.approx(expected["deviance"], abs=3e-3)
    reliability = publish.expected(found).eap_reliability.value
    assert reliability == pytest.approx(expected["eap_reliability"], abs=3e-3)


def test_where_tams_standard_errors_differ_we_know_why():
    """TAM's take abilities as known and every parameter by itself; ours are larger, and those of simulation."""
    case = TAM["ratings1"]
    printed, design = case["expected"]["se"], Design.of(published(case))
    found = mml.estimate(design)
    offset, basis = model.constraints(design, center_items=False)
    vector = found.parameters.vector - offset
    vector[: len(design.items)] -= found.ability.mean
    collapsed, frame = patterns.collapse(design), curvature.Frame.of(design, basis)
    ability = marginal.Ability(0.0, found.ability.log_sd)
    grids = (quadrature.STANDARD,) * len(collapsed.tiers)
    parameters = model.Parameters.from_vector(design, vector)
    seen = curvature.evaluate(design, collapsed, parameters, ability, grids, frame)
    alone = 1 / np.sqrt(np.diag(seen.complete)[:-2])
    names = [*design.items, *(f"rater{name}" for name in design.scorers[:-1]), "step1", "step2"]
    assert alone[: len(names)] == pytest.approx([printed[name] for name in names], abs=1e-3)
    ours = np.sqrt(np.diag(found.covariance))
    severities = slice(len(design.items), len(names) - 2)
    assert (ours[severities] > 1.5 * alone[severities]).all()


def test_a_finer_and_wider_grid_changes_tams_figures_by_less_than_their_errors():
    design = Design.of(published(TAM["ratings1"]))
    usual, fine = mml.estimate(design), mml.estimate(design, nodes=np.linspace(-14, 14, 281))
    errors = np.sqrt(np.diag(fine.covariance))[:-2]
    assert np.abs(usual.parameters.vector - fine.parameters.vector).max() < 0.5 * errors.min()
    assert (
        fine.ability.variance > usual.ability.variance
    )  # the standard grid ends at three standard deviations


# The likelihood and its derivatives


@pytest.mark.parametrize("scale", model.MODELS)
def test_likelihood_gradient_and_information_are_those_worked_out_by_hand(scale):
    design = Design.of(rated(messy()), model=scale)
    collapsed = patterns.collapse(design)
    offset, basis = model.constraints(design)
    frame = curvature.Frame.of(design, basis)
    nodes = np.linspace(-7, 7, 41)
    grids = (nodes,) * len(collapsed.tiers)
    free = np.r_[np.random.default_rng(1).normal(0, 0.4, basis.shape[1]), 0.3, 0.2]

    def at(place):
        return model.Parameters.from_vector(design, offset + basis @ place[:-2]), marginal.Ability(
            *place[-2:]
        )

    def value(place):
        return curvature.evaluate(design, collapsed, *at(place), grids, frame).log_likelihood

    def slope(place):
        return curvature.evaluate(design, collapsed, *at(place), grids, frame).gradient

    parameters, ability = at(free)
    found = curvature.evaluate(design, collapsed, parameters, ability, grids, frame)
    hand = by_hand(design, parameters, ability.mean, ability.sd, nodes)
    assert found.log_likelihood == pytest.approx(hand, abs=1e-8)
    moves = 1e-5 * np.eye(free.size)
    assert found.gradient == pytest.approx(
        [(value(free + e) - value(free - e)) / 2e-5 for e in moves], abs=1e-5
    )
    bend = [(slope(free - e) - slope(free + e)) / 2e-5 for e in moves]
    assert found.information == pytest.approx(np.array(bend), abs=1e-5)
    assert np.linalg.eigvalsh(found.complete)[0] > 0


@pytest.mark.parametrize("scale", model.MODELS)
def test_at_the_estimates_no_direction_leads_up(scale):
    design = Design.of(rated(messy()), model=scale)
    nodes = np.linspace(-8, 8, 81)
    found = mml.estimate(design, nodes=nodes)
    assert found.converged
    # items are centered in the report; on the scale of the climb their mean stands in for that of abilities
    top = found.parameters.vector
    shifted = nodes + found.ability.mean

    def value(vector, log_sd):
        parameters = model.Parameters.from_vector(design, vector)
        return by_hand(design, parameters, found.ability.mean, np.exp(log_sd), shifted)

    best = value(top, found.ability.log_sd)
    _, basis = model.constraints(design, center_items=False)
    for direction in basis.T:
        up, down = (value(top + h * direction, found.ability.log_sd) for h in (1e-4, -1e-4))
        assert (up - down) / 2e-4 == pytest.approx(0, abs=1e-5)
        assert up < best and down < best
    up, down = (value(top, found.ability.log_sd + h) for h in (1e-4, -1e-4))
    assert (up - down) / 2e-4 == pytest.approx(0, abs=1e-5)


def test_the_grid_laid_for_a_design_is_fine_enough():
    """One paper read by everyone has a narrow posterior and gets its own nodes."""
    columns, *_ = simulated(40, 3, 30, reads=2, seed=4, sd=3.0)
    everyone, *_ = simulated(2, 3, 30, reads=30, seed=5, sd=3.0)
    both = [
        np.r_[a, b + 40] if place == 0 else np.r_[a, b]
        for place, (a, b) in enumerate(zip(columns, everyone, strict=True))
    ]
    design = Design.of(rated(both))
    found = mml.estimate(design)
    assert [nodes.size for nodes in found.grids] == sorted({nodes.size for nodes in found.grids})
    finest = mml.estimate(design, nodes=np.linspace(-20, 20, 1201))
    assert found.parameters.vector == pytest.approx(finest.parameters.vector, abs=1e-4)
    assert found.ability.variance == pytest.approx(finest.ability.variance, rel=1e-4)


# What must not matter


def test_neither_the_order_of_rows_nor_names_matter():
    columns = messy()
    plain = publish.fit(rated(columns))
    mixed = np.random.default_rng(2).permutation(columns[0].size)
    renamed = [column[mixed] for column in columns]
    renamed[0], renamed[1] = 1000 - renamed[0], np.array(list("edcba"))[renamed[1]]
    other = publish.fit(rated(renamed))
    assert other.deviance == pytest.approx(plain.deviance, abs=1e-7)
    for scorer in range(5):
        a, b = plain.scorers[scorer], other.scorers["edcba"[scorer]]
        for figure in ("measure", "se", "infit", "outfit", "fair_average"):
            assert getattr(a, figure) == pytest.approx(getattr(b, figure), abs=1e-6)


def test_twice_the_same_responses_halve_the_variances():
    columns = messy()
    twice = [np.r_[column, column + (1000 if place == 0 else 0)] for place, column in enumerate(columns)]
    once, doubled = (mml.estimate(Design.of(rated(each))) for each in (columns, twice))
    assert doubled.parameters.vector == pytest.approx(once.parameters.vector, abs=1e-6)
    assert doubled.covariance == pytest.approx(once.covariance / 2, abs=1e-6)
    assert doubled.deviance == pytest.approx(2 * once.deviance, rel=1e-9)


def test_turning_the_rubric_around_turns_the_scale_around():
    columns = messy()
    plain = mml.estimate(Design.of(rated(columns)))
    turned = mml.estimate(Design.of(rated((*columns[:3], 3 - columns[3]))))
    assert turned.parameters.severity == pytest.approx(-plain.parameters.severity, abs=1e-6)
    assert turned.parameters.thresholds[0] == pytest.approx(-plain.parameters.thresholds[0, ::-1], abs=1e-6)
    assert turned.deviance == pytest.approx(plain.deviance, abs=1e-6)


def test_collapsing_loses_no_person_and_no_score():
    design = Design.of(rated(messy()))
    found = patterns.collapse(design)
    blocks = [block for tier in found.tiers for block in tier]
    counts, totals = np.zeros(found.n_patterns), np.zeros(found.n_patterns)
    for block in blocks:
        counts[block.places], totals[block.places] = block.counts, block.totals
    assert counts.tolist() == np.bincount(found.of_person).tolist()
    assert totals[found.of_person].tolist() == design.totals[0].tolist()
    for block in blocks:
        for places, bundles in zip(block.places, block.bundles, strict=True):
            reads = {
                (found.cell_scorer[c], found.cell_item[c])
                for b in bundles
                for c in found.cells[found.bundle_start[b] : found.bundle_start[b + 1]]
            }
            for person in np.flatnonzero(np.isin(found.of_person, places)):
                rows = slice(design.start[person], design.start[person + 1])
                mine = set(zip(design.scorer[rows].tolist(), design.item[rows].tolist(), strict=True))
                assert mine == reads


# Bias and errors


def test_two_traits_and_two_reads_leave_logits_their_size():
    """The case in which joint estimation stretches the scale by 40 %."""
    slopes, steps, widths = [], [], []
    for seed in range(8):
        columns, severity, *_ = simulated(2500, 2, 12, seed=seed, spread=0.8)
        found = mml.estimate(Design.of(rated(columns)))
        slopes.append(severity @ found.parameters.severity / (severity @ severity))
        steps.append(np.ptp(found.parameters.thresholds) / 3)
        widths.append(found.ability.sd / 1.2)
    assert [np.mean(each) for each in (slopes, steps, widths)] == pytest.approx([1, 1, 1], abs=0.03)


def test_standard_errors_are_the_spread_of_estimates():
    estimates, errors = [], []
    for seed in range(60):
        columns, severity, *_ = simulated(250, 2, 6, seed=100 + seed)
        found = mml.estimate(Design.of(rated(columns)))
        estimates.append(
            np.r_[
                found.parameters.severity - severity,
                found.parameters.thresholds[0, 0],
                found.ability.variance,
            ]
        )
        errors.append(
            np.r_[np.sqrt(np.diag(found.covariance))[[2, 3, 4, 5, 6, 7, 8]], found.person_variance_se]
        )
    ratio = np.std(estimates, axis=0) / np.mean(errors, axis=0)
    assert np.sqrt(np.mean(ratio[:6] ** 2)) == pytest.approx(1, abs=0.12)
    assert ratio[6:] == pytest.approx([1, 1], abs=0.3)


def test_mean_squares_are_one_on_average_even_with_two_scores_a_response():
    columns, *_ = simulated(3000, 1, 20, seed=7)
    found = publish.fit(rated(columns))
    for figure in ("infit", "outfit"):
        assert np.mean([getattr(each, figure) for each in found.scorers.values()]) == pytest.approx(
            1, abs=0.03
        )
    assert abs(np.mean([each.infit_z for each in found.scorers.values()])) < 0.5


def test_mean_squares_are_those_worked_out_person_by_person():
    design = Design.of(rated(messy()))
    found = mml.estimate(design, nodes=np.linspace(-6, 6, 31))
    fitted = publish.marginally(design, linking.links(design), nodes=np.linspace(-6, 6, 31))
    nodes, sums = found.grids[0], np.zeros((4, len(design.scorers)))
    density = np.exp(-0.5 * ((nodes - found.ability.mean) / found.ability.sd) ** 2)
    for person in range(len(design.persons)):
        rows = np.arange(design.start[person], design.start[person + 1])
        logs = model.log_probabilities(
            design, found.parameters, nodes[:, None], design.scorer[rows], design.item[rows]
        )
        weight = density * np.exp(logs[:, np.arange(rows.size), design.score[rows]].sum(axis=1))
        weight /= weight.sum()
        expected, variance = model.expected_and_variance(
            design, found.parameters, nodes[:, None], design.scorer[rows], design.item[rows]
        )
        square = (design.score[rows] - expected) ** 2
        for part, values in enumerate((square, variance, square / variance, np.ones(square.shape))):
            sums[part] += np.bincount(design.scorer[rows], weight @ values, len(design.scorers))
    scorers = list(fitted.scorers.values())
    assert [each.infit for each in scorers] == pytest.approx(sums[0] / sums[1], abs=1e-6)
    assert [each.outfit for each in scorers] == pytest.approx(sums[2] / sums[3], abs=1e-6)
