"""Fit, separation, fair averages and interactions of the many-facet model, against going through every score."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.measurement.facets import bias, fit, jml, model, separation, slots
from calibration.measurement.facets.model import Design, Parameters
from calibration.measurement.ratings import Ratings


def drawn(
    persons=150,
    scorers=5,
    items=3,
    reads=2,
    seed=1,
    spread=1.2,
    apart=0.8,
    added=None,
    name=model.RATING_SCALE,
):
    """A design drawn from the model; `added` is extra severity by scorer and item."""
    rng = np.random.default_rng(seed)
    theta, severity = rng.normal(0, spread, persons), np.linspace(-apart, apart, scorers)
    item, cumulated = np.linspace(-0.5, 0.5, items), np.array([0, -1.2, -1.2, 0])
    person = np.repeat(np.arange(persons), reads * items)
    who = np.argsort(rng.random((persons, scorers)), axis=1)[:, :reads]
    scorer, what = np.repeat(who.reshape(-1), items), np.tile(np.arange(items), persons * reads)
    ease = theta[person] - severity[scorer] - item[what]
    if added is not None:
        ease = ease - np.asarray(added)[scorer, what]
    chance = np.exp(np.arange(4) * ease[:, None] - cumulated)
    upto = np.cumsum(chance / chance.sum(axis=1, keepdims=True), axis=1)
    score = (rng.random(person.size)[:, None] > upto[:, :3]).sum(axis=1)
    ratings = Ratings.from_columns(
        person,
        [f"s{s}" for s in scorer],
        [f"t{i}" for i in what],
        score,
        points=[0, 1, 2, 3],
    )
    return Design.of(ratings, model=name)


def by_hand(fitted, codes, size):
    """Infit, outfit and their variances, score by score, of persons who are not extreme."""
    design = fitted.design
    total, most = design.totals
    told = ((total > 0) & (total < most))[design.person]
    known = dict(zip(fitted.persons.names, fitted.persons.measure, strict=True))
    theta = np.array([known[name] for name in design.persons])
    chance = np.exp(
        model.log_probabilities(design, fitted.parameters, theta[design.person], design.scorer, design.item)
    )
    category = np.arange(chance.shape[1])
    expected = chance @ category
    variance = (chance * (category - expected[:, None]) ** 2).sum(axis=1)
    fourth = (chance * (category - expected[:, None]) ** 4).sum(axis=1)
    figures = []
    for code in range(size):
        mine = told & (codes == code)
        if not mine.any():
            figures.append([np.nan] * 4)
            continue
        square, v, f = ((design.score - expected) ** 2)[mine], variance[mine], fourth[mine]
        q = np.sqrt([(f - v**2).sum() / v.sum() ** 2, (f / v**2 - 1).sum() / mine.sum() ** 2])
        squares = np.array([square.sum() / v.sum(), (square / v).mean()])
        figures.append([*squares, *((np.cbrt(squares) - 1) * 3 / q + q / 3)])
    return np.array(figures)


def figures(elements):
    return np.array([[one.infit, one.outfit, one.infit_z, one.outfit_z] for one in elements.values()])


@pytest.mark.parametrize("name", model.MODELS)
def test_fit_from_cells_is_fit_from_every_score(name):
    fitted = jml.estimate(drawn(name=name))
    design = fitted.design
    assert np.allclose(
        figures(fitted.scorers), by_hand(fitted, design.scorer, len(design.scorers)), rtol=1e-9
    )
    assert np.allclose(figures(fitted.items), by_hand(fitted, design.item, len(design.items)), rtol=1e-9)
    inside = np.flatnonzero(fitted.persons.extreme == 0)
    of_persons = fit.person_fit(design, fitted.parameters, fitted.persons.measure)
    found = np.column_stack([of_persons.infit, of_persons.outfit, of_persons.infit_z, of_persons.outfit_z])
    assert np.allclose(found[inside], by_hand(fitted, design.person, len(design.persons))[inside])


def test_a_careless_scorer_stands_out_and_a_cautious_one_too():
    design = drawn(persons=400, seed=3)
    rng = np.random.default_rng(1)
    score = design.score.copy()
    careless, cautious = design.scorer == 0, design.scorer == 1
    score[careless] = rng.integers(0, 4, careless.sum())
    score[cautious] = np.clip(score[cautious], 1, 2)
    fitted = jml.estimate(replace(design, score=score))
    first, second, *others = fitted.scorers.values()
    assert first.infit > fit.band(first.n)[1] and first.infit_z > 4
    assert "less predictable than expected: worth a conversation" in first.sentence
    assert second.infit < fit.band(second.n)[0] and "more alike than expected" in second.sentence
    assert all("conversation" not in one.sentence for one in others)


def test_nothing_is_said_on_few_papers_nor_by_luck_among_many():
    few = jml.estimate(drawn(persons=60, scorers=4, items=2, apart=2))
    assert {one.sentence for one in few.scorers.values()} == {
        f"Only {n} papers read: 50 are needed to say more." for n in slots.gather(few.design).papers(4)
    }
    many = [
        jml.estimate(drawn(persons=900, scorers=30, apart=0, seed=seed), correct=True) for seed in range(4)
    ]
    said = [one.sentence for fitted in many for one in fitted.scorers.values()]
    assert sum(sentence != fit.NO_SIGN and not sentence.startswith("Only") for sentence in said) <= 4
    assert sum(sentence == fit.NO_SIGN for sentence in said) >= 90
    ratios = [one.measure / one.se for fitted in many for one in fitted.scorers.values()]
    assert np.std(ratios) == pytest.approx(1, abs=0.15)
    strict = jml.estimate(drawn(persons=600)).scorers["s4"].sentence
    assert strict.startswith(("A little stricter than the other scorers", "Stricter than the other scorers"))


def test_the_band_follows_the_number_of_scores():
    assert fit.band(200) == pytest.approx((0.8, 1.2))
    assert fit.band(4)[0] == 0
    squares = fit.MeanSquares(*[np.ones(2)] * 4, np.array([50, 200]))
    low, high = squares.band
    assert low == pytest.approx([0.6, 0.8]) and high == pytest.approx([1.4, 1.2])


def test_separation_by_hand():
    found = separation.separation([-1.0, -0.2, 0.3, 0.9], [0.3, 0.2, 0.25, 0.3])
    measures, errors = np.array([-1.0, -0.2, 0.3, 0.9]), np.array([0.3, 0.2, 0.25, 0.3])
    true = np.var(measures, ddof=1) - np.mean(errors**2)
    assert found.separation == pytest.approx(np.sqrt(true / np.mean(errors**2)))
    assert found.strata == pytest.approx((4 * found.separation + 1) / 3)
    assert found.reliability == pytest.approx(true / np.var(measures, ddof=1))
    weight = errors**-2.0
    chi = (weight * measures**2).sum() - (weight * measures).sum() ** 2 / weight.sum()
    assert found.chi_square == pytest.approx(chi) and found.df == 3 and found.p < 0.001


def test_separation_of_scorers_is_never_called_reliability():
    apart = separation.separation([-2.0, 0.0, 2.0], [0.2] * 3)
    assert apart.sentence == "The scorers differ in severity by at least 13 levels."
    assert "reliability" in separation.separation([-2.0, 0.0, 2.0], [0.2] * 3, of="persons").sentence
    close = separation.separation([-0.01, 0.0, 0.01], [0.2] * 3)
    assert close.separation == 0 and close.sentence.startswith("No sign")
    alone = separation.separation([0.0], [0.0])
    assert alone.status == "undefined:too_few" and np.isnan(alone.separation)


def test_equal_scorers_are_seldom_said_to_differ():
    said = []
    for seed in range(40):
        fitted = jml.estimate(drawn(persons=60, seed=seed, items=2, apart=0), correct=True)
        said.append(fitted.separation["scorers"].p < 0.05)
    assert sum(said) <= 5


def test_errors_that_depend_on_each_other_are_allowed_for():
    """Independent measures, then centered: the same question must get the same answer."""
    measures, errors = np.array([-1.0, -0.2, 0.3, 0.9]), np.array([0.3, 0.2, 0.25, 0.3])
    center = np.eye(4) - 0.25
    covariance = center @ np.diag(errors**2) @ center
    plain = separation.separation(measures, errors)
    found = separation.separation(center @ measures, np.sqrt(np.diag(covariance)), covariance=covariance)
    for figure in ("spread", "error", "separation", "chi_square", "p"):
        assert getattr(found, figure) == pytest.approx(getattr(plain, figure))


def test_fair_average_by_hand():
    design = drawn(items=2)
    some = Parameters(np.array([0.4, -0.4]), np.linspace(-0.5, 0.5, 5), np.array([[-1.0, 0.1, 0.9]]))
    cumulated = np.concatenate([[0], np.cumsum(some.thresholds[0])])

    def expected(ease):
        chance = np.exp(np.arange(4) * ease - cumulated)
        return chance @ [0, 1, 2, 3] / chance.sum()

    found = fit.fair_average(design, some, 0.6, severity=some.severity)
    assert found == pytest.approx([expected(0.6 - severity) for severity in some.severity])
    assert (np.diff(found) < 0).all()
    assert fit.fair_average(design, some, 0.6, item=[0, 1]) == pytest.approx([expected(0.2), expected(1.0)])


def test_groups_are_as_severe_as_their_scorers():
    design = drawn(persons=300, scorers=4)
    grouped = replace(design, groups=("A", "B"), group=np.array([0, 0, 0, 1]))
    fitted, severity = jml.estimate(grouped), jml.estimate(design).parameters.severity
    mean = severity[:3].mean() - severity[3]
    assert fitted.groups["A"].measure - fitted.groups["B"].measure == pytest.approx(mean)
    assert fitted.groups["A"].measure + fitted.groups["B"].measure == pytest.approx(0, abs=1e-12)
    covariance = fitted.covariance[3:7, 3:7]
    weights = np.array([1 / 3, 1 / 3, 1 / 3, -1]) / 2
    assert fitted.groups["A"].se == pytest.approx(np.sqrt(weights @ covariance @ weights))
    assert fitted.groups["A"].fair_average > fitted.groups["B"].fair_average


def test_a_severity_as_a_statistic():
    one = jml.estimate(drawn()).scorers["s4"]
    shown = one.statistic("joint maximum likelihood")
    assert shown.low < shown.value < shown.high and shown.se == one.se
    assert (shown.high - shown.low) / 2 / 1.959964 == pytest.approx(one.se)
    assert shown.n_units == one.n and shown.status == "ok"


def test_a_difference_of_two_severities_and_a_refusal():
    fitted = jml.estimate(drawn())
    found = separation.difference(fitted, "s4", "s0")
    again = jml.estimate(fitted.design, anchors={"scorers": {"s0": 0.0}}, extremes=jml.ADJUSTED)
    assert found.value == pytest.approx(fitted.scorers["s4"].measure - fitted.scorers["s0"].measure)
    assert found.se == pytest.approx(again.scorers["s4"].se, rel=0.05)
    assert found.low > 0 and found.status == "ok"
    cut = replace(fitted, blocks=np.array([0, 0, 0, 0, 1]))
    refused = separation.difference(cut, "s4", "s0")
    assert refused.status == "undefined:not_linked" and not refused.defined
    with pytest.raises(ValueError, match="no scorer 'zoe'"):
        separation.difference(fitted, "zoe", "s0")


def test_someone_set_aside_has_no_severity_and_a_reason():
    design = drawn()
    rows = [
        (design.persons[p], design.scorers[s], design.items[i], int(x))
        for p, s, i, x in zip(design.person, design.scorer, design.item, design.score, strict=True)
    ]
    rows += [(p, "zoe", "t0", 3) for p in range(20)]
    fitted = jml.estimate(Design.of(Ratings.from_rows(rows, points=[0, 1, 2, 3])))
    zoe = fitted.scorers["zoe"]
    assert zoe.status == "undefined:no_variation" and np.isnan(zoe.measure)
    assert not zoe.statistic("any").defined and "highest score every time" in zoe.statistic("any").sentence


def test_an_interaction_is_found_in_its_size():
    added = np.zeros((5, 5))
    added[2, 1] = 0.8
    found = bias.interactions(jml.estimate(drawn(persons=1500, items=5, added=added, seed=5), correct=True))
    assert len(found) == 25
    hit = max(found, key=lambda one: abs(one.t))
    assert (hit.first, hit.second) == ("s2", "t1") and hit.flagged and hit.points < 0
    assert hit.size == pytest.approx(0.8, abs=3 * hit.se)
    assert hit.sentence.startswith("With s2 and t1 together, scores are about")


def test_interactions_that_are_not_there_have_the_spread_they_should():
    ratios, flags = [], 0
    for seed in range(6):
        fitted = jml.estimate(drawn(persons=400, items=4, seed=seed), correct=True)
        found = bias.interactions(fitted)
        ratios += [one.t for one in found]
        flags += sum(one.flagged for one in found)
    assert np.std(ratios) == pytest.approx(1, abs=0.2) and flags <= 3


def test_the_size_is_the_first_newton_step_of_the_whole_likelihood():
    """Add the parameter to all others, persons included, and take numerical derivatives."""
    fitted = jml.estimate(drawn(persons=40, scorers=3, items=2, seed=9), extremes=jml.LEFT_OUT)
    design, theta = fitted.design, fitted.persons.measure[fitted.persons.extreme == 0]
    _, basis = model.constraints(design)
    width, mine = theta.size, (design.scorer == 1) & (design.item == 0)

    def likelihood(free):
        moved = Parameters.from_vector(design, fitted.parameters.vector + basis @ free[width:-1])
        at = (theta + free[:width])[design.person] - free[-1] * mine
        chances = model.log_probabilities(design, moved, at, design.scorer, design.item)
        return chances[np.arange(design.n_rows), design.score].sum()

    size, h = width + basis.shape[1] + 1, 1e-3
    steps = np.eye(size) * h
    here = likelihood(np.zeros(size))
    ahead, back = (np.array([likelihood(sign * step) for step in steps]) for sign in (1, -1))
    information = np.diag(2 * here - ahead - back) / h**2
    for a in range(size):
        for b in range(max(a + 1, width), size):
            both = likelihood(steps[a] + steps[b]) + likelihood(-steps[a] - steps[b])
            bend = (both - ahead[a] - ahead[b] - back[a] - back[b] + 2 * here) / (2 * h * h)
            information[a, b] = information[b, a] = -bend
    step = np.linalg.solve(information, (ahead - back) / (2 * h))
    found = {(one.first, one.second): one for one in bias.interactions(fitted)}["s1", "t0"]
    assert found.size == pytest.approx(step[-1], rel=2e-3, abs=1e-4)
    assert found.se == pytest.approx(np.sqrt(np.linalg.inv(information)[-1, -1]), rel=2e-3)


def test_groups_of_responses_and_of_scorers_can_interact():
    design = drawn(persons=900, items=2, seed=7)
    strict = (design.scorer == 3) & (np.array(design.persons)[design.person] % 2 == 0)
    lowered = replace(design, score=np.where(strict, np.maximum(design.score - 1, 0), design.score))
    lowered = replace(lowered, groups=("A", "B"), group=np.array([0, 0, 0, 1, 1]))
    fitted = jml.estimate(lowered)
    even = {name: "even" if name % 2 == 0 else "odd" for name in design.persons}
    found = {
        (one.first, one.second): one for one in bias.interactions(fitted, "scorers", "persons", persons=even)
    }
    assert len(found) == 10 and found["s3", "even"].flagged and found["s3", "even"].size > 0.5
    assert found["s3", "even"].size == pytest.approx(found["s3", "odd"].size * -1, rel=0.7)
    by_group = bias.interactions(fitted, "groups", "persons", persons=even)
    assert {one.first for one in by_group} == {"A", "B"} and len(by_group) == 4
    assert len(bias.interactions(fitted, "groups", "items")) == 4


def test_few_scores_are_not_judged_and_what_is_confounded_is_said():
    design = drawn(persons=12, scorers=4, items=2)
    found = bias.interactions(jml.estimate(design))
    few = [one for one in found if one.n < 10]
    assert few and all(one.status == "undefined:too_few" and np.isnan(one.size) for one in few)
    assert few[0].sentence == f"Only {few[0].n} scores: 10 are needed to say anything."
    single = bias.interactions(jml.estimate(drawn(items=1)))
    assert all(one.status == "undefined:no_variation" and np.isnan(one.p) for one in single)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"first": "raters"}, "no facet 'raters'"),
        ({"first": "items"}, "two different facets"),
        ({"second": "groups"}, "no groups of scorers"),
        ({"second": "persons"}, "which group each person"),
    ],
)
def test_an_interaction_that_makes_no_sense_is_refused(how, said):
    with pytest.raises(ValueError, match=said):
        bias.interactions(jml.estimate(drawn(persons=30)), **how)


def test_slots_hold_every_score():
    design = drawn(persons=200, seed=2)
    cells = slots.gather(design)
    first, second = cells.sums(design)
    assert cells.weight.sum() == design.n_rows and first.sum() == design.score.sum()
    assert second.sum() == (design.score.astype(int) ** 2).sum()
    assert (np.bincount(cells.cell, first, cells.n.size) == cells.n * cells.total).all()
    assert cells.n.size < len(design.persons)
