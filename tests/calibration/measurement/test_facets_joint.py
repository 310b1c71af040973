"""Joint maximum likelihood for the many-facet model: published figures, independent checks, degenerate inputs."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from calibration.measurement.facets import information, jml, model, slots
from calibration.measurement.facets.model import Design, Parameters
from calibration.measurement.ratings import Ratings

GOLDEN = Path(__file__).parent / "golden"
ORACLES = Path(__file__).parents[4] / "shared" / "oracles"


def published():
    with (GOLDEN / "sirt_data_ratings1.csv").open() as file:
        lines = list(csv.DictReader(file))
    traits = ("k1", "k2", "k3", "k4", "k5")
    rows = [(line["idstud"], line["rater"], trait, float(line[trait])) for line in lines for trait in traits]
    return Ratings.from_rows(rows, points=[0, 1, 2, 3])


def simulated(persons=60, scorers=6, items=3, reads=2, seed=1, spread=1.2, steps=(-1.2, 0.0, 1.2), only=None):
    """Ratings drawn from the model, with the severities and difficulties they were drawn from."""
    rng = np.random.default_rng(seed)
    theta, severity = rng.normal(0, spread, persons), np.linspace(-0.8, 0.8, scorers)
    item = np.linspace(-0.5, 0.5, items) if items > 1 else np.zeros(1)
    cumulated = np.concatenate([[0], np.cumsum(steps)])
    rows = []
    for person in range(persons):
        for scorer in rng.choice(scorers, reads, replace=False):
            for i in range(items):
                ease = theta[person] - severity[scorer] - item[i]
                chance = np.exp(np.arange(len(cumulated)) * ease - cumulated)
                score = rng.choice(len(cumulated), p=chance / chance.sum())
                rows.append((person, f"s{scorer}", f"t{i}", int(score)))
    return Ratings.from_rows(rows, points=range(len(cumulated))), severity, item


def centered(values):
    return np.asarray(values) - np.mean(values)


def test_the_figures_of_tam():
    case = json.loads((GOLDEN / "tam_ratings1_jml.json").read_text())
    expected, fitted = case["expected"], jml.estimate(Design.of(published()))
    items = centered([expected[f"k{place}"] for place in range(1, 6)])
    assert [one.measure for one in fitted.items.values()] == pytest.approx(items, abs=case["tol"])
    for name in ("db01", "db02", "db03", "db07", "db08", "db31"):
        assert fitted.scorers[name].measure == pytest.approx(expected[f"rater{name}"], abs=case["tol"])
    assert sum(one.measure for one in fitted.scorers.values()) == pytest.approx(0, abs=1e-9)
    steps = [one.measure for one in fitted.thresholds]
    assert steps[:2] == pytest.approx([expected["step1"], expected["step2"]], abs=case["tol"])
    assert fitted.converged and fitted.iterations < 10


@pytest.mark.parametrize("name", model.MODELS)
def test_gradient_and_information_are_those_of_the_likelihood(name):
    design = Design.of(simulated(persons=25, items=2)[0], model=name)
    total, most = design.totals
    design = design.only(((total > 0) & (total < most))[design.person])
    cells = slots.gather(design)
    frame = information.frame(design, cells, cells.total)
    rng = np.random.default_rng(3)
    parameters, start = information.start_values(frame)
    place = parameters.vector + rng.normal(0, 0.2, parameters.vector.size)

    def at(vector):
        """The highest likelihood over persons, with the parameters held."""
        held, theta = Parameters.from_vector(design, vector), start
        theta, _ = jml.measures(design, held, cells.cell, cells.scorer, cells.item, cells.total, theta)
        return information.evaluate(frame, held, theta), theta, held

    state, theta, held = at(place)
    assert state.log_likelihood == pytest.approx(model.log_likelihood(design, held, theta[cells.of_person]))
    sides = [(at(place + step)[0], at(place - step)[0]) for step in np.eye(place.size) * 1e-4]
    slope = [(right.log_likelihood - left.log_likelihood) / 2e-4 for right, left in sides]
    bend = [(right.gradient - left.gradient) / 2e-4 for right, left in sides]
    assert state.gradient == pytest.approx(np.array(slope), abs=1e-5)
    assert np.allclose(state.information, -np.array(bend), atol=1e-5)


@pytest.mark.parametrize("name", model.MODELS)
def test_it_is_the_poisson_log_linear_fit(name):
    """Counts of 0 or 1 for each score and category, one constant a score: the same likelihood, other machinery."""
    design = Design.of(simulated(persons=16, scorers=3, items=2, seed=4)[0], model=name)
    fitted = jml.estimate(design, extremes=jml.LEFT_OUT)
    design = fitted.design
    n, k = design.n_rows, design.top.max() + 1
    row, category = np.repeat(np.arange(n), k), np.tile(np.arange(k), n)
    scale, step = model.step_places(design)
    columns = [(row[:, None] == np.arange(n)).astype(float)]
    for codes, size in (
        (design.person, len(design.persons)),
        (design.item, len(design.items)),
        (design.scorer, len(design.scorers)),
    ):
        columns.append((codes[row][:, None] == np.arange(size)) * category[:, None])
    reached = (category[:, None] > step) & (design.scale[design.item[row]][:, None] == scale)
    columns = np.hstack([*columns, reached])
    count = (design.score[row] == category).astype(float)
    mean = (count + 0.2) / (1 + 0.2 * k)
    for _ in range(25):
        working = np.log(mean) + (count - mean) / mean
        information = columns.T @ (columns * mean[:, None]) + 1e-10 * np.eye(columns.shape[1])
        solution = np.linalg.solve(information, columns.T @ (mean * working))
        mean = np.exp(columns @ solution)
    chance = model.log_probabilities(
        design,
        fitted.parameters,
        fitted.persons.measure[fitted.persons.extreme == 0][design.person],
        design.scorer,
        design.item,
    )
    assert np.allclose(np.exp(chance).reshape(-1), mean, atol=1e-7)
    first = n + len(design.persons) + len(design.items)
    severities = -solution[first : first + len(design.scorers)]
    assert centered(severities) == pytest.approx(fitted.parameters.severity, abs=1e-6)
    assert fitted.deviance == pytest.approx(-2 * np.log(mean[count == 1]).sum())


def test_standard_errors_are_those_of_all_parameters_at_once():
    design = Design.of(simulated(persons=30, scorers=4, items=2, seed=6)[0])
    fitted = jml.estimate(design, extremes=jml.LEFT_OUT)
    design, theta = fitted.design, fitted.persons.measure[fitted.persons.extreme == 0]
    _, basis = model.constraints(design)
    width = theta.size

    def likelihood(free):
        moved = Parameters.from_vector(design, fitted.parameters.vector + basis @ free[width:])
        return model.log_likelihood(design, moved, theta + free[:width])

    size, h = width + basis.shape[1], 1e-3
    steps = np.eye(size) * h
    here = likelihood(np.zeros(size))
    ahead = np.array([likelihood(step) for step in steps])
    back = np.array([likelihood(-step) for step in steps])
    assert np.abs(ahead - back).max() / (2 * h) < 1e-4  # the top
    hessian = np.diag((ahead + back - 2 * here) / h**2)
    for a in range(size):
        for b in range(max(a + 1, width), size):
            both = likelihood(steps[a] + steps[b]) + likelihood(-steps[a] - steps[b])
            hessian[a, b] = hessian[b, a] = (both - ahead[a] - ahead[b] - back[a] - back[b] + 2 * here) / (
                2 * h * h
            )
    covariance = basis @ np.linalg.inv(-hessian)[width:, width:] @ basis.T
    assert np.allclose(covariance, fitted.covariance, rtol=2e-3, atol=1e-5)


def test_names_and_order_of_rows_do_not_matter():
    ratings = published()
    rows = np.random.default_rng(8).permutation(ratings.score.size)
    names = {name: f"{9 - place}{name}" for place, name in enumerate(ratings.scorer.names)}
    mixed = Ratings.from_columns(
        [ratings.response.names[code] for code in ratings.response.codes[rows]],
        [names[ratings.scorer.names[code]] for code in ratings.scorer.codes[rows]],
        [ratings.trait.names[code] for code in ratings.trait.codes[rows]],
        ratings.score[rows],
        points=[0, 1, 2, 3],
    )
    plain, other = jml.estimate(Design.of(ratings)), jml.estimate(Design.of(mixed))
    for name, one in plain.scorers.items():
        again = other.scorers[names[name]]
        for figure in ("measure", "se", "infit", "outfit", "infit_z", "fair_average"):
            assert getattr(again, figure) == pytest.approx(getattr(one, figure), rel=1e-8, abs=1e-9)
    assert other.deviance == pytest.approx(plain.deviance)


def test_turning_the_scale_around_turns_the_signs():
    ratings = published()
    turned = Ratings(**{**ratings.__dict__, "score": 3 - ratings.score})
    plain, other = jml.estimate(Design.of(ratings)), jml.estimate(Design.of(turned))
    assert other.parameters.severity == pytest.approx(-plain.parameters.severity, abs=1e-7)
    assert other.parameters.thresholds[0] == pytest.approx(-plain.parameters.thresholds[0, ::-1], abs=1e-7)


def test_the_correction_is_labelled_and_brings_severities_back_to_size():
    ratios = {True: [], False: []}
    for seed in range(3):
        ratings, severity, _ = simulated(persons=700, scorers=6, items=1, seed=seed)
        for correct in ratios:
            fitted = jml.estimate(Design.of(ratings), correct=correct, extremes=jml.LEFT_OUT)
            ratios[correct].append(fitted.parameters.severity @ severity / (severity @ severity))
            assert fitted.status == jml.SCREEN_ONLY
    assert np.mean(ratios[False]) > 1.6 and 0.85 < np.mean(ratios[True]) < 1.2
    assert fitted.estimator == "JML" and "Not for publication: with two scores a response" in fitted.notes[-1]
    corrected = jml.estimate(Design.of(ratings), correct=True)
    assert corrected.estimator == "JML, corrected by (m - 1)/m with m = 2"


def test_anchored_values_stay_and_the_rest_follows():
    design = Design.of(published())
    free = jml.estimate(design, extremes=jml.LEFT_OUT)
    held = {name: one.measure + 0.5 for name, one in list(free.scorers.items())[:3]}
    anchored = jml.estimate(design, anchors={"scorers": held})
    for name, one in anchored.scorers.items():
        assert one.measure == pytest.approx(free.scorers[name].measure + 0.5, abs=1e-6)
        assert (one.se == 0) == (name in held)
    assert {name: anchored.scorers[name].measure for name in held} == held
    own = {name: one.measure for name, one in free.items.items()}
    again = jml.estimate(design, anchors={"items": own})
    assert again.parameters.severity == pytest.approx(free.parameters.severity, abs=1e-6)
    assert again.persons.measure == pytest.approx(free.persons.measure, abs=1e-5)
    for anchors, said in (
        ({"scorers": {"zoe": 0}}, "no 'zoe'"),
        ({"persons": {}}, "Anchors are for"),
        ({"items": {"k1": np.nan}}, "no number"),
    ):
        with pytest.raises(ValueError, match=said):
            jml.estimate(design, anchors=anchors)


def test_extreme_persons_get_a_measure_and_tell_nothing():
    ratings, _, _ = simulated(persons=80, items=1, spread=2.5)
    design = Design.of(ratings)
    for how in (jml.LEFT_OUT, jml.ADJUSTED):
        fitted = jml.estimate(design, extremes=how)
        total, most = design.totals
        people = fitted.persons
        assert (people.extreme == np.where(total == 0, -1, np.where(total == most, 1, 0))).all()
        assert np.isfinite(people.measure).all() and (people.se > 0).all()
        # More raw points from the same scorers is a higher measure.
        for person in np.flatnonzero(people.extreme != 0)[:5]:
            rows = slice(design.start[person], design.start[person + 1])
            expected, _ = model.expected_and_variance(
                design, fitted.parameters, people.measure[person], design.scorer[rows], design.item[rows]
            )
            moved = 0.3 if total[person] == 0 else most[person] - 0.3
            if fitted.design.scorers == design.scorers:
                assert expected.sum() == pytest.approx(moved, abs=1e-6)
    assert any("left out of the severities" in note for note in jml.estimate(design, correct=True).notes)


def test_disconnected_scorers_are_each_fitted_among_their_own():
    first, severity, _ = simulated(persons=60, scorers=3, seed=2)
    rows = list(zip(first.response.codes, first.scorer.codes, first.trait.codes, first.score, strict=True))
    rows = [(int(r), f"a{s}", int(t), int(x)) for r, s, t, x in rows]
    rows += [(r + 1000, f"b{s[1:]}", t, min(x + (r % 7 == 0), 3)) for r, s, t, x in rows]
    design = Design.of(Ratings.from_rows(rows, points=[0, 1, 2, 3]))
    fitted = jml.estimate(design, extremes=jml.LEFT_OUT)
    assert fitted.converged and fitted.blocks.tolist() == [0, 0, 0, 1, 1, 1]
    assert fitted.parameters.severity[:3].sum() == pytest.approx(0, abs=1e-9)
    assert fitted.parameters.severity[3:].sum() == pytest.approx(0, abs=1e-9)
    alone = jml.estimate(
        design.only(design.scorer < 3),
        extremes=jml.LEFT_OUT,
        anchors={"items": {name: one.measure for name, one in fitted.items.items()}},
    )
    assert alone.parameters.severity == pytest.approx(fitted.parameters.severity[:3], abs=0.05)
    assert fitted.separation["scorers"].status == "undefined:not_linked"


def test_one_scorer_one_trait_and_two_score_points():
    rows = [(r, "a", t, (r * 3 + ord(t)) % 5 // 2) for r in range(30) for t in "xyz"]
    fitted = jml.estimate(Design.of(Ratings.from_rows(rows, points=[0, 1, 2])))
    assert fitted.scorers["a"].measure == 0 and fitted.separation["scorers"].status == "undefined:too_few"
    rows = [(r, s, "x", (r * 3 + ord(s) * 2) % 5 // 2) for r in range(30) for s in "abc"]
    fitted = jml.estimate(Design.of(Ratings.from_rows(rows, points=[0, 1, 2])))
    assert fitted.items["x"].measure == 0 and fitted.converged
    rows = [(r, s, "x", (r // 2 + ord(s) * r) % 3 % 2) for r in range(30) for s in "abc"]
    fitted = jml.estimate(Design.of(Ratings.from_rows(rows, points=[0, 1])))
    assert [one.measure for one in fitted.thresholds] == [0] and fitted.converged


def test_extreme_persons_only_and_bad_choices_are_refused():
    rows = [(r, s, "x", 3 * (r % 2)) for r in range(10) for s in "ab"]
    design = Design.of(Ratings.from_rows(rows, points=[0, 1, 2, 3]))
    for how in (jml.LEFT_OUT, jml.ADJUSTED):
        with pytest.raises(ValueError, match="only the lowest or only the highest"):
            jml.estimate(design, extremes=how)
    with pytest.raises(ValueError, match="between 0 and 0.5"):
        jml.estimate(design, adjustment=0.5)
    with pytest.raises(ValueError, match="Extreme persons are"):
        jml.estimate(design, extremes="dropped")
    with pytest.raises(ValueError, match="not both"):
        jml.estimate(design, anchors={"scorers": {"a": 0}}, correct=True)


def test_scorers_who_run_away_from_each_other_are_called_unsettled():
    """Wherever a or b met c or d, the first said yes and the second no: their distance has no limit."""
    rows = [(r, s, "x", (r + (s in "ac")) % 2) for r in range(40) for s in ("ab" if r < 20 else "cd")]
    rows += [(100 + r, s, "x", int(s in "ab")) for r in range(8) for s in ("ac", "bd")[r % 2]]
    fitted = jml.estimate(Design.of(Ratings.from_rows(rows, points=[0, 1])))
    assert not fitted.converged and fitted.status == jml.NOT_CONVERGED
    assert fitted.notes[0].startswith("The estimates did not settle")


def test_thresholds_have_no_limit_where_two_reads_never_differ_by_two():
    """A total of 4 was always 2 and 2, never 1 and 3: conditionally on totals, nothing holds thresholds back."""
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3)] * 4
    rows = [(r, s, "x", x) for r, xs in enumerate(pairs) for s, x in zip("ab", xs, strict=True)]
    design = Design.of(Ratings.from_rows(rows, points=[0, 1, 2, 3]))
    assert not jml.estimate(design, extremes=jml.LEFT_OUT).converged
    rows += [(98, "a", "x", 0), (98, "b", "x", 2), (99, "a", "x", 1), (99, "b", "x", 3)]
    mended = Design.of(Ratings.from_rows(rows, points=[0, 1, 2, 3]))
    assert jml.estimate(mended, extremes=jml.LEFT_OUT).converged


@pytest.mark.skipif(not ORACLES.is_dir(), reason="the worked examples are not on this machine")
def test_generating_values_of_a_simulation_by_others_are_found_again():
    def column(name):
        with (ORACLES / f"raschpy_mfrm_global_generating_{name}.csv").open() as file:
            return [float(line[1]) for line in list(csv.reader(file))[1:]]

    with (ORACLES / "raschpy_mfrm_global_scores.csv").open() as file:
        lines = list(csv.reader(file))
    items = lines[0][2:]
    rows = [
        (line[1], line[0], item, float(score))
        for line in lines[1:]
        for item, score in zip(items, line[2:], strict=True)
        if score
    ]
    fitted = jml.estimate(Design.of(Ratings.from_rows(rows, points=[0, 1, 2, 3, 4, 5])))
    for facet, name in ((fitted.scorers, "raters"), (fitted.items, "items")):
        found, true = np.array([one.measure for one in facet.values()]), centered(column(name))
        error = np.array([one.se for one in facet.values()])
        assert (np.abs(found - true) < 4 * error).all()
        assert found @ true / (true @ true) == pytest.approx(1, abs=0.05)
    steps = np.array([one.measure for one in fitted.thresholds])
    assert steps == pytest.approx(centered(column("thresholds")), abs=0.15)
