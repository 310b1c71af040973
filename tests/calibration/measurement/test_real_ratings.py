"""Real ratings by real scorers: published or independently computed figures. Skipped where the data is absent."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from calibration.measurement import agreement, association, coefficients, groups, kappa, pairs, reml, scorers
from calibration.measurement.ratings import Ratings

HERE = Path(__file__).parent
DATA = HERE.parents[3] / "shared" / "data"
FIGURES = json.loads((HERE / "golden" / "real_ratings.json").read_text())

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real ratings are not on this machine")


def lines(name):
    with open(DATA / name, newline="") as file:
        return list(csv.DictReader(file))


def rated(name, response=lambda line: line["response"], trait=lambda line: line["trait"]):
    rows = [(response(line), line["scorer"], trait(line), float(line["score"])) for line in lines(name)]
    return Ratings.from_rows(rows, points=FIGURES[name]["points"])


@pytest.fixture(scope="module")
def essays():
    """372 essays, each read by the same 21 scorers."""
    return rated("wind_hua_writing.csv")


@pytest.mark.parametrize("trait", ["style", "org"])
def test_21_scorers_who_read_everything(essays, trait):
    expected = FIGURES["wind_hua_writing.csv"]["traits"][trait]
    summary = agreement.summarize(essays.of(trait), draws=200)
    assert summary.exact.value == pytest.approx(expected["exact"], abs=6e-4)
    assert summary.alpha_ordinal.value == pytest.approx(expected["ordinal"], abs=6e-4)
    assert summary.alpha_interval.value == pytest.approx(expected["interval"], abs=6e-4)
    met = groups.by_pair(essays.of(trait))
    assert len(met) == 210
    assert np.mean([pair.qwk.value for pair in met]) == pytest.approx(expected["mean_pairwise_qwk"], abs=6e-4)
    assert summary.max_reads == 21
    assert summary.n_pairs == 372 * 210


@pytest.mark.parametrize(("trait", "icc_2_1"), [("style", 0.711), ("org", 0.701)])
def test_agreement_of_21_scorers_by_variance_components(essays, trait, icc_2_1):
    """Mean squares and restricted likelihood agree where nothing is missing."""
    found, parts = coefficients.every(essays.of(trait), draws=0), reml.components(essays.of(trait))
    assert found["icc_2_1"].value == pytest.approx(icc_2_1, abs=6e-4)
    assert parts.single.value == pytest.approx(found["icc_2_1"].value, abs=1e-6)
    assert parts.consistency.value == pytest.approx(found["icc_3_1"].value, abs=1e-6)
    assert parts.mean.value == pytest.approx(found["icc_2_k"].value, abs=1e-6)
    assert 0 < parts.scorer.value < parts.rest.value
    assert found["kappa_quadratic"].status == found["smd"].status == "undefined:not_fixed"
    mean_rank = association.mean_pairwise(essays.of(trait), "spearman").value
    assert found["kendall_w"].value == pytest.approx(
        (20 * mean_rank + 1) / 21, abs=0.01
    )  # exact without ties


def test_scorers_differences_cancel_out_where_all_read_everything(essays):
    rows = scorers.compare(essays.of("style"))
    assert sum(row.mean_difference.value for row in rows) == pytest.approx(0, abs=1e-12)
    assert all(row.n_units == 372 and row.enough for row in rows)


def test_two_reader_slots():
    expected = FIGURES["rsmtool_asap2_train.csv"]["traits"]["holistic"]
    summary = agreement.summarize(rated("rsmtool_asap2_train.csv").of("holistic"))
    assert summary.exact.value == pytest.approx(expected["exact"], abs=1e-9)
    assert summary.alpha_ordinal.value == pytest.approx(expected["ordinal"], abs=6e-4)
    assert summary.alpha_interval.value == pytest.approx(expected["interval"], abs=6e-4)
    assert summary.qwk.value == pytest.approx(expected["qwk"], abs=6e-4)
    assert summary.qwk.method.startswith("Cohen")
    assert summary.sentences[0].startswith("The two scorers gave the same score on 385 of 500 papers")


def test_linked_and_incomplete_reads():
    expected = FIGURES["osce_interview.csv"]["pooled"]
    pooled = rated(
        "osce_interview.csv", lambda line: (line["response"], line["trait"]), lambda line: "all items"
    )
    summary = agreement.summarize(pooled.of("all items"), draws=200)
    same = sum(summary.table[place][place] for place in range(4))
    assert same / summary.n_pairs == pytest.approx(expected["exact_of_pairs"], abs=6e-4)
    assert summary.alpha_ordinal.value == pytest.approx(expected["ordinal"], abs=6e-4)
    assert summary.alpha_interval.value == pytest.approx(expected["interval"], abs=6e-4)
    parts = reml.components(pooled.of("all items"))
    assert parts.single.value == pytest.approx(summary.alpha_interval.value, abs=0.02)
    assert parts.single.low < parts.single.value < parts.single.high < parts.mean.value


@pytest.mark.parametrize(
    "case", FIGURES["asap_aes_counts.csv"]["sets"], ids=lambda case: f"set {case['prompt']}"
)
def test_counts_of_a_whole_competition(case):
    points = case["points"]
    for trait, expected in case["qwk"].items():
        table = np.zeros((len(points), len(points)), int)
        for line in lines("asap_aes_counts.csv"):
            if (line["prompt"], line["trait"]) == (case["prompt"], trait):
                table[points.index(int(line["first"])), points.index(int(line["second"]))] += int(
                    line["count"]
                )
        counts = pairs.PairCounts.from_table(table, points, fixed_pair=("first", "second"))
        assert kappa.cohen(counts).value == pytest.approx(expected, abs=6e-4)
        assert agreement.summarize(counts, draws=50).qwk.value == kappa.cohen(counts).value
