"""Generalizability: published studies, what expected squares really are, and what cannot be worked out."""

import json
import math
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from calibration.measurement.generalizability import components as anova
from calibration.measurement.generalizability import d_study, designs, levels, seen, uncertainty
from calibration.measurement.generalizability.g_study import study
from calibration.measurement.result import NO_VARIATION

CASES = json.loads((Path(__file__).parent / "golden" / "generalizability.json").read_text())


def columns_of(case):
    """Long columns from a table with one line per object and one column per condition."""
    cells = [(row, place) for row in range(len(case["rows"])) for place in range(len(case["columns"]))]
    data = {facet: [case["columns"][place][facet] for _, place in cells] for facet in case["columns"][0]}
    data[case["object"]] = [row for row, _ in cells]
    data["score"] = [case["rows"][row][place] for row, place in cells]
    return data


def simulated(design, sizes, generator, *, keep=1.0, variances=None):
    """Scores for every cell (or a part of the cells) of a design, with known variance components."""
    parsed = designs.parse(design)
    cells = np.array(list(product(*(range(sizes[facet]) for facet in parsed.facets))))
    cells = cells[generator.random(len(cells)) < keep]
    data = dict(zip(parsed.facets, cells.T, strict=True))
    score = np.zeros(len(cells))
    for effect in parsed.effects:
        sd = math.sqrt(1.0 if variances is None else variances[parsed.label(effect)])
        drawn = generator.normal(0, sd, [sizes[facet] if facet in effect else 1 for facet in parsed.facets])
        index = [data[facet] if facet in effect else 0 for facet in parsed.facets]
        score += drawn[tuple(index)]
    return {**data, "score": score}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_published_studies(case):
    found = study(columns_of(case), case["design"], fixed=case.get("fixed", ()))
    expected, near = case["expected"], {"abs": case["tol"]}
    for label, value in expected["components"].items():
        assert found.components[label].value == pytest.approx(value, abs=min(case["tol"], 0.001)), label
    for label, value in expected.get("mean_squares", {}).items():
        assert found.components[label].mean_square == pytest.approx(value, abs=1e-4), label
    for name in ("relative", "absolute"):
        assert found.coefficients[name].value == pytest.approx(expected[name], **near)
    for conditions, relative, absolute in expected.get("d_study", []):
        row = next(row for row in found.d_study if conditions.items() <= row.items())
        assert (row["relative"], row["absolute"]) == pytest.approx((relative, absolute), **near)
    assert found.object == case["object"]


DESIGNS = {
    "p x r": {"p": 6, "r": 4},
    "p x t x r": {"p": 5, "t": 3, "r": 3},
    "p x (r:t)": {"p": 5, "r": 3, "t": 3},
    "(r:p) x t": {"p": 5, "r": 3, "t": 3},
    "r:p": {"p": 6, "r": 4},
    "p x (r:t:d)": {"p": 4, "r": 2, "t": 3, "d": 3},
    "(p:s) x i": {"p": 4, "s": 3, "i": 4},
    "(p x i):h": {"p": 4, "i": 3, "h": 3},
}


@pytest.mark.parametrize("design", DESIGNS)
def test_expected_squares_are_those_of_the_design_matrices(design):
    """E[y'Qy] = trace(Q V) for every effect, with the matrices written out."""
    parsed, generator = designs.parse(design), np.random.default_rng(5)
    for keep in (1.0, 0.8):
        scores = levels.read(simulated(design, DESIGNS[design], generator, keep=keep), parsed)
        levels_of = [np.eye(scores.n_levels(effect))[scores.level[effect]] for effect in parsed.effects]
        mean = np.full((scores.n, scores.n), 1 / scores.n)
        for row, z in enumerate(levels_of):
            square = z @ np.diag(1 / z.sum(axis=0)) @ z.T - mean
            assert scores.score @ square @ scores.score == pytest.approx(anova.totals_of(scores)[row])
            by_hand = [np.trace(square @ other @ other.T) for other in levels_of]
            assert anova.expectations(scores)[row] == pytest.approx(by_hand, abs=1e-9)


@pytest.mark.parametrize("design", DESIGNS)
def test_estimates_are_unbiased_and_their_errors_the_stated_ones(design):
    """Components of simulated scores, in the same unbalanced cells each time, against the true ones."""
    parsed, generator = designs.parse(design), np.random.default_rng(8)
    scores = levels.read(simulated(design, DESIGNS[design], generator, keep=0.85), parsed)
    expected, spread = anova.expectations(scores), np.ones(len(parsed.effects))
    drawn = [
        np.linalg.solve(expected, anova.totals_of(scores, uncertainty._drawn(scores, spread, generator)))
        for _ in range(600)
    ]
    error = np.std(drawn, axis=0) / math.sqrt(600)
    assert (np.abs(np.mean(drawn, axis=0) - 1) < 4 * error).all()


def test_balanced_standard_errors_are_those_of_repeated_studies():
    sizes, truth = {"p": 12, "r": 5}, {"p": 1.0, "r": 0.3, "p x r": 0.5}
    generator, estimates, errors = np.random.default_rng(2), [], []
    for _ in range(250):
        parsed = designs.parse("p x r")
        analysis = anova.analyze(levels.read(simulated("p x r", sizes, generator, variances=truth), parsed))
        estimates.append(analysis.components)
        errors.append(uncertainty.of(analysis).se ** 2)
    assert np.sqrt(np.mean(errors, axis=0)) == pytest.approx(np.std(estimates, axis=0), rel=0.15)


@pytest.mark.parametrize("keep", [1.0, 0.6])
def test_intervals_hold_the_truth_about_as_often_as_they_say(keep):
    truth = {"p": 1.0, "r": 0.25, "p x r": 0.5}
    generator, held = np.random.default_rng(4), np.zeros(4)
    for _ in range(100):
        found = study(simulated("p x r", {"p": 30, "r": 6}, generator, keep=keep, variances=truth), "p x r")
        held += [
            *(
                found.components[label].low <= value <= found.components[label].high
                for label, value in truth.items()
            ),
            found.coefficients["relative"].low
            <= 1 / (1 + 0.5 / found.conditions["r"])
            <= found.coefficients["relative"].high,
        ]
    assert (held / 100 >= 0.90).all()


def test_drawing_again_and_mean_squares_agree_on_balanced_data():
    """The unbalanced road, forced on balanced data, gives the same standard errors."""
    data = simulated("p x (r:t)", {"p": 20, "r": 4, "t": 5}, np.random.default_rng(3))
    analysis = anova.analyze(levels.read(data, designs.parse("p x (r:t)")))
    assert analysis.balanced
    exact = analysis.from_squares**2 @ (2 * analysis.squares**2 / analysis.df)
    drawn = uncertainty.of(replace(analysis, balanced=False), refits=800)
    assert drawn.se == pytest.approx(np.sqrt(exact), rel=0.12)


def test_one_interval_is_the_exact_one():
    """For p x r, E rho^2 has an exact interval from the F distribution (Shrout & Fleiss 1979: ICC(3,4))."""
    case = next(case for case in CASES if case["id"] == "shrout_fleiss_1979")
    relative = study(columns_of(case), case["design"]).coefficients["relative"]
    # 1 - F / 11.0273 with F(.975; 5, 15) = 3.57642 and F(.025; 5, 15) = 1 / 6.42773
    assert relative.low == pytest.approx(1 - 3.57642 / 11.0273, abs=0.015)
    assert relative.high == pytest.approx(1 - 1 / (6.42773 * 11.0273), abs=0.003)


def test_order_of_rows_names_and_zero_of_the_scale_do_not_matter():
    generator = np.random.default_rng(6)
    data = simulated("p x t x r", {"p": 8, "t": 3, "r": 3}, generator, keep=0.9)
    first = study(data, "p x t x r")
    order = generator.permutation(data["score"].size)
    other = {facet: np.array([f"{facet}{9 - code}" for code in data[facet][order]]) for facet in "ptr"}
    again = study({**other, "score": 3 * data["score"][order] + 1e6}, "p x t x r")
    for label, component in first.components.items():
        assert again.components[label].raw == pytest.approx(9 * component.raw, rel=1e-6, abs=1e-6)
    assert again.coefficients["relative"].value == pytest.approx(
        first.coefficients["relative"].value, rel=1e-6
    )
    turned = study(data, "p x r x t")
    assert turned.coefficients["absolute"].value == pytest.approx(first.coefficients["absolute"].value)


def test_lists_arrays_and_words_are_the_same_data():
    data = {"response": [1, 1, 2, 2, 3, 3], "scorer": ["a", "b"] * 3, "score": [1, 2, 2, 2, 4, 3]}
    arrays = {name: np.array(column) for name, column in data.items()}
    words = data | {"score": ["1", "2", "2", "2", "4", "3"]}
    found = study(data, "response x scorer")
    assert found == study(arrays, "response x scorer") == study(words, "response x scorer")


def test_negative_components_are_set_to_0_and_said():
    data = {"p": [1, 1, 2, 2, 3, 3], "r": [1, 2] * 3, "score": [1, 4, 4, 1, 2, 4]}
    found = study(data, "p x r")
    assert found.components["p"].value == 0
    assert found.components["p"].raw < 0
    assert "negative" in found.components["p"].sentence
    assert any("taken as 0: p" in said for said in found.sentences)
    assert found.coefficients["relative"].value == 0
    assert sum(component.percent for component in found.components.values()) == pytest.approx(100)


def test_scores_without_any_difference_have_no_coefficients():
    data = {"p": [1, 1, 2, 2], "r": [1, 2, 1, 2], "score": [3, 3, 3, 3]}
    found = study(data, "p x r")
    figures = [*found.components.values(), *found.coefficients.values()]
    assert {figure.status for figure in figures} == {NO_VARIATION}
    assert not any(figure.defined for figure in figures)
    assert found.d_study == ()
    assert "same score" in found.sentences[0]


def test_perfect_scorers_claim_no_interval_of_width_zero():
    data = {"p": [1, 1, 2, 2, 3, 3], "r": [1, 2] * 3, "score": [1, 1, 2, 2, 4, 4]}
    relative = study(data, "p x r").coefficients["relative"]
    assert relative.value == pytest.approx(1)
    assert not relative.has_interval


def test_scorers_that_differ_between_responses_make_comparing_less_sure():
    """With rotating scorers, severity is in the error of comparing two responses; E rho^2 leaves it out."""
    generator = np.random.default_rng(7)
    response = np.repeat(np.arange(400), 2)
    scorer = (np.repeat(generator.integers(0, 20, 400), 2) + np.tile([0, 7], 400)) % 20
    score = (
        generator.normal(0, 1, 400)[response]
        + generator.normal(0, 1, 20)[scorer]
        + generator.normal(0, 0.5, 800)
    )
    found = study({"response": response, "scorer": scorer, "score": score}, "response x scorer")
    three = [found.coefficients[name].value for name in ("relative", "as_scored", "absolute")]
    assert three[0] > three[1] + 0.1
    assert three[1] == pytest.approx(three[2], abs=0.03)
    assert any("same conditions" in said for said in found.sentences)
    nested = study({"response": response, "scorer": scorer, "score": score}, "scorer:response")
    assert nested.coefficients["relative"].value == pytest.approx(three[1], abs=0.05)


def test_error_of_comparing_two_responses_by_brute_force():
    generator = np.random.default_rng(9)
    data = simulated("p x r", {"p": 7, "r": 5}, generator, keep=0.6)
    parsed = designs.parse("p x r")
    scores, found = levels.read(data, parsed), d_study.universe(parsed)
    share_of = np.zeros((scores.n_levels(frozenset("p")), scores.n_levels(frozenset("r"))))
    share_of[scores.level[frozenset("p")], scores.level[frozenset("r")]] = 1
    share_of /= share_of.sum(axis=1, keepdims=True)
    pairs = [(a, b) for a in range(len(share_of)) for b in range(a)]
    by_hand = np.mean([((share_of[a] - share_of[b]) ** 2).sum() / 2 for a, b in pairs])
    assert seen.as_scored(found, scores, seen.shares(found, scores))[1] == pytest.approx(by_hand)


def test_the_d_study_says_what_would_help():
    truth = {"response": 1.0, "task": 0.0, "scorer": 0.0, "response x task": 1.0, "response x scorer": 0.02}
    truth |= {"task x scorer": 0.0, "response x task x scorer": 0.1}
    sizes = {"response": 60, "task": 2, "scorer": 2}
    data = simulated("response x task x scorer", sizes, np.random.default_rng(11), variances=truth)
    found = study(data, "response x task x scorer", conditions={"task": [1, 2, 3], "scorer": [1, 2]})
    assert found.sentences[-1].startswith("A third task helps more than a third scorer")
    assert [(row["task"], row["scorer"]) for row in found.d_study] == list(product([1, 2, 3], [1, 2]))
    assert "response x task" in found.sentences[0]
    for row in found.d_study:
        tau = found.components["response"].value
        assert row["relative"] == pytest.approx(tau / (tau + row["relative_sem"] ** 2))
        assert row["absolute"] == pytest.approx(tau / (tau + row["sem"] ** 2))
    as_made = next(row for row in found.d_study if row["task"] == row["scorer"] == 2)
    assert as_made["absolute"] == pytest.approx(found.coefficients["absolute"].value)


def test_rows_without_a_score_are_left_out_and_counted():
    data = {"p": [1, 1, 2, 2, 3, 3], "r": [1, 2] * 3, "score": [1, 2, None, 2, 4, math.nan]}
    found = study(data, "p x r")
    assert (found.n_scores, found.n_excluded) == (4, 2)
    assert found.components["p"].n_excluded == 2
    assert "2 rows without a score were left out." in found.sentences


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("p", "one facet only"),
        ("p r", "'r' where an x or a colon belongs"),
        ("p x", "ends where a facet belongs"),
        ("p x (r:t", "not closed"),
        ("p x r)", "')' where"),
        ("p x p", "twice"),
        ("p x (r:p)", "twice"),
        ("p x 3", "'3' where a facet belongs"),
        ("x x r", "'x' where a facet belongs"),
        ("a x b x c x d x e x f", "more than 5"),
    ],
)
def test_designs_that_are_not_well_formed(text, said):
    with pytest.raises(ValueError) as refusal:
        designs.parse(text)
    assert said in str(refusal.value)


def test_effects_and_their_names():
    names = {
        "p x r": ["p", "r", "p x r"],
        "(r:p) x t": ["p", "t", "r:p", "p x t", "(r:p) x t"],
        "response × (scorer : task)": [
            *("response", "task", "scorer:task", "response x task", "response x (scorer:task)"),
        ],
        "(p x i):h": ["h", "p:h", "i:h", "(p x i):h"],
        "r:t:d": ["d", "t:d", "r:t:d"],
        "i:(h x o)": ["h", "o", "i:(h x o)", "h x o"],
    }
    for text, labels in names.items():
        design = designs.parse(text)
        assert sorted(design.label(effect) for effect in design.effects) == sorted(labels), text
        assert design.label(design.effects[-1]) == design.label(frozenset(design.facets)) or "h x o" in labels


PLAIN = {"p": [1, 1, 2, 2], "r": [1, 2, 1, 2], "score": [1, 2, 3, 3]}


@pytest.mark.parametrize(
    ("data", "design", "said"),
    [
        (PLAIN | {"r": [1, 1, 1, 1], "p": [1, 2, 3, 4]}, "p x r", "only one r"),
        (PLAIN | {"p": [1, 2, 3, 4], "r": [1, 2, 1, 2]}, "p x r", "write p:r"),
        (PLAIN | {"r": [1, 2, 3, 4]}, "p x r", "write r:p"),
        (PLAIN | {"r": [1, 1, 2, 2]}, "p x r", "Rows 1 and 2 both score p 1, r 1"),
        (PLAIN | {"score": [None] * 4}, "p x r", "no row with a score"),
        (PLAIN | {"score": []}, "p x r", "not equally long"),
        ({"p": [], "r": [], "score": []}, "p x r", "no row with a score"),
        (PLAIN | {"score": [1, 2, "B", 3]}, "p x r", "Row 3: 'B' is not a score"),
        (PLAIN | {"score": [1, 2, math.inf, 3]}, "p x r", "Row 3: a score cannot be without end"),
        (PLAIN | {"r": [1, None, 1, 2]}, "p x r", "Row 2 has a score but no r"),
        (PLAIN, "p x scorer", "no column 'scorer'; the columns are p, r, score"),
        (PLAIN, "p x (r:t)", "no column 't'"),
    ],
)
def test_data_that_do_not_fit_are_refused_with_the_mend(data, design, said):
    with pytest.raises(ValueError) as refusal:
        study(data, design)
    assert said in str(refusal.value)


def test_choices_that_make_no_sense_are_refused():
    for options, said in (
        ({"object_of_measurement": "q"}, "no facet 'q'"),
        ({"fixed": ["q"]}, "no facet 'q' that could be fixed"),
        ({"fixed": ["p"]}, "cannot be fixed"),
        ({"fixed": ["r"]}, "Nothing is left to generalize over"),
        ({"conditions": {"p": [1]}}, "no facet to vary"),
        ({"conditions": {"r": [0]}}, "at least 1"),
    ):
        with pytest.raises(ValueError) as refusal:
            study(PLAIN, "p x r", **options)
        assert said in str(refusal.value)


def test_any_facet_can_be_the_object_of_measurement():
    data = simulated("(p:s) x i", {"p": 6, "s": 5, "i": 4}, np.random.default_rng(12))
    students = study(data, "(p:s) x i", object_of_measurement="p")
    value = {label: component.value for label, component in students.components.items()}
    tau = value["s"] + value["p:s"]  # students differ within schools and between them
    delta = (value["s x i"] + value["(p:s) x i"]) / 4
    assert students.coefficients["relative"].value == pytest.approx(tau / (tau + delta))
    schools = study(data, "(p:s) x i", object_of_measurement="s")
    delta = value["p:s"] / 6 + value["s x i"] / 4 + value["(p:s) x i"] / 24
    assert schools.coefficients["relative"].value == pytest.approx(value["s"] / (value["s"] + delta))
