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

GOLDEN = Path(__file__).parent / "golden"
TAM = {case["id"]: case for case in json.loads((GOLDEN / "tam_mml.json").read_text())}
STEPS = np.array([-1.5, 0.0, 1.5])


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


def simulated(n, traits, scorers, *, reads=2, seed=1, sd=1.2, spread=0.5, steps=STEPS):
    """Rows by the model, and the true severities (centered) and item difficulties."""
    draw = np.random.default_rng(seed)
    theta, severity = draw.normal(0, sd, n), draw.normal(0, spread, scorers)
    severity -= severity.mean()
    item = np.linspace(-0.5, 0.5, traits) if traits > 1 else np.zeros(1)
    who = np.argsort(draw.random((n, scorers)), axis=1)[:, :reads]
    ease = theta[:, None, None] - severity[who][:, :, None] - item
    logits = ease[..., None] * np.arange(steps.size + 1) - np.r_[0, np.cumsum(steps)]
    chance = np.exp(logits - logits.max(axis=-1, keepdims=True))
    chance = np.cumsum(chance / chance.sum(axis=-1, keepdims=True), axis=-1)
    score = (draw.random(chance.shape[:-1])[..., None] > chance[..., :-1]).sum(axis=-1)
    person, place, trait = np.indices(score.shape)
    columns = person.ravel(), who[person, place].ravel(), trait.ravel(), score.ravel()
    return columns, severity, item, theta


def rated(columns, points=(0, 1, 2, 3), **labels):
    return Ratings.from_columns(*columns, points=points, **labels)


def messy(seed=3):
    """A small incomplete design: one to four reads of a response, traits missing, one response read by all."""
    columns, *_ = simulated(60, 3, 5, reads=4, seed=seed)
    draw = np.random.default_rng(seed)
    keep = (draw.random(columns[0].size) < 0.55) | (columns[0] == 0)
    return tuple(column[keep] for column in columns)


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
