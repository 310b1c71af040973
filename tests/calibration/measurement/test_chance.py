"""Coefficients beyond chance: 107 published figures with their standard errors, loops by hand, edges."""

import json
from pathlib import Path

import numpy as np
import pytest

from calibration.measurement import alpha, chance, gwet, intervals, kappa, pairs
from calibration.measurement.ratings import Ratings

GOLDEN = json.loads((Path(__file__).parent / "golden" / "chance.json").read_text())
COEFFICIENTS = {
    "pa": chance.weighted_agreement,
    "bp": chance.brennan_prediger,
    "scott": chance.scott_pi,
    "fleiss": chance.fleiss,
    "gwet": gwet.ac2,
    "krippendorff": alpha.linearized,
}


def rated(rows, points):
    long = [(str(r), f"s{s}", "t", score) for r, given in enumerate(rows) for s, score in enumerate(given)]
    return Ratings.from_rows(long, points=points).of("t")


def worked_out(name, data, weighting):
    if "table" in data:
        counts = pairs.PairCounts.from_table(data["table"], data["points"], fixed_pair=("ana", "ben"))
        if name == "cohen":
            return kappa.cohen(counts, power=weighting)
        return COEFFICIENTS[name](counts, weighting=weighting)
    ratings = rated(data["rows"], data["points"])
    if name == "conger":
        return chance.conger(ratings, pairs.count(ratings), weighting=weighting)
    return COEFFICIENTS[name](pairs.count(ratings), weighting=weighting)


def label(case):
    return f"{case['data']}-{case['coefficient']}-{case['test']}"


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=label)
def test_published_coefficients_and_standard_errors(case):
    data, tolerance = GOLDEN["data"][case["data"]], case.get("tol", GOLDEN["tol"])
    found, expected = worked_out(case["coefficient"], data, case["weighting"]), case["expected"]
    assert found.status == "ok"
    assert found.value == pytest.approx(expected["value"], abs=tolerance)
    n, se = (np.sum(data["table"]), found.se) if "table" in data else (None, found.se)
    if n and case["coefficient"] != "cohen":
        se *= np.sqrt((n - 1) / n)  # their table routine divides by n
    if "se" in expected:
        assert se == pytest.approx(expected["se"], abs=tolerance)
    if "low" in expected:
        if n:
            t = intervals.t_quantile(0.975, int(n) - 1)
            low, high = found.value - t * se, min(1, found.value + t * se)
        else:
            low, high = found.low, found.high
        assert (low, high) == pytest.approx((expected["low"], expected["high"]), abs=tolerance)
