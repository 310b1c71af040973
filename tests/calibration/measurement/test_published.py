"""Published worked examples: what books and other packages print, our code finds again."""

import json
from pathlib import Path

import numpy as np
import pytest

from calibration.measurement import alpha, kappa, pairs, shares
from calibration.measurement.ratings import Ratings

GOLDEN = Path(__file__).parent / "golden"


def examples(name):
    cases = json.loads((GOLDEN / f"{name}.json").read_text())
    assert all(case["source"] for case in cases)
    return pytest.mark.parametrize("case", cases, ids=[case["id"] for case in cases])


def rated(case):
    """Ratings from a table with one line per response and one column per scorer."""
    rows = [
        (response, scorer, "t", score)
        for response, scores in enumerate(case["rows"])
        for scorer, score in enumerate(scores)
    ]
    return Ratings.from_rows(rows, points=case["points"]).of("t")


def counted(case):
    if "table" in case:
        return pairs.PairCounts.from_table(case["table"], case["points"], fixed_pair=("ana", "ben"))
    return pairs.count(rated(case))


def agrees(statistic, case):
    assert statistic.status == "ok"
    for name in ("value", "se", "low", "high"):
        if name in case["expected"]:
            assert getattr(statistic, name) == pytest.approx(case["expected"][name], abs=case["tol"]), name


@examples("alpha")
def test_alpha_is_the_published_one_by_both_roads(case):
    for level, expected in case["expected"].items():
        assert alpha.alpha(counted(case), level=level, draws=50).value == pytest.approx(
            expected, abs=case["tol"]
        )
        assert alpha.replicate_alpha(rated(case), level=level) == pytest.approx(expected, abs=case["tol"])


def test_where_r_irr_differs_we_know_why():
    case = next(c for c in json.loads((GOLDEN / "alpha.json").read_text()) if "irr" in c)
    counts = counted(case)
    undivided = 2 * np.einsum("p,pij->ij", counts.frequencies, counts.coincidences())
    for level, printed in case["irr"].items():
        found = alpha.from_coincidences(undivided, counts.points, level)
        assert found == pytest.approx(printed, abs=1e-7)


@examples("cohen")
def test_cohens_kappa_and_its_standard_errors(case):
    agrees(kappa.cohen(counted(case), power=case["power"]), case)
    if "null_se" in case["expected"]:
        expected = case["expected"]["null_se"]
        assert kappa.null_se(counted(case), power=case["power"]) == pytest.approx(expected, abs=case["tol"])


@examples("pooled")
def test_pooled_kappa(case):
    agrees(kappa.pooled(counted(case), power=case["power"]), case)


@examples("pooled_with_singles")
def test_pooled_kappa_with_responses_read_once(case):
    agrees(kappa.pooled_with_singles(counted(case), power=case["power"]), case)


@examples("exact")
def test_exact_agreement(case):
    agrees(shares.exact(counted(case)), case)
