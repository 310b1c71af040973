"""Many comparisons at once: published adjustments, the definitions by brute force, the rate that is kept."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.measurement import intervals
from calibration.measurement.multiplicity import benjamini_hochberg, holm, two_sided

# The 15 p-values of the example in Benjamini & Hochberg (1995), section 3.1: four are rejected at 0.05.
EXAMPLE = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
    0.7590, 1.0,
]  # fmt: skip
SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_the_published_example():
    assert benjamini_hochberg(EXAMPLE).flagged.sum() == 4
    assert holm(EXAMPLE).flagged.sum() == 3


@given(SHARES)
def test_adjusted_p_values_are_the_smallest_rates_that_flag(p):
    found, n, ordered = benjamini_hochberg(p), len(p), sorted(p)
    for value, adjusted in zip(p, found.adjusted, strict=True):
        brute = min(min(1.0, ordered[k] * n / (k + 1)) for k in range(n) if ordered[k] >= value)
        assert adjusted == pytest.approx(brute)


@given(SHARES)
def test_holm_goes_down_step_by_step(p):
    found = holm(p, rate=0.05)
    ordered, step = sorted(p), 0
    while step < len(p) and ordered[step] * (len(p) - step) <= 0.05:
        step += 1
    limit = ordered[step - 1] if step else -1.0
    assert found.flagged.sum() == sum(value <= limit for value in p)
    assert (found.adjusted >= benjamini_hochberg(p).adjusted - 1e-12).all()


def test_tests_that_could_not_be_made_do_not_count():
    found = benjamini_hochberg([[0.04, math.nan], [math.nan, 0.03]])
    assert found.n_tests == 2
    assert found.flagged.tolist() == [[True, False], [False, True]]
    assert np.isnan(found.adjusted).tolist() == [[False, True], [True, False]]
    assert benjamini_hochberg([]).sentence == "No comparison could be made yet."
    assert benjamini_hochberg([math.nan]).n_tests == 0


def test_what_stands_out_is_said_with_how_many_were_looked_at():
    assert benjamini_hochberg([0.5, 0.9]).sentence.startswith("Nothing stands out in 2 comparisons")
    assert benjamini_hochberg([0.001]).sentence.startswith("1 of 1 comparison stands out")


@pytest.mark.parametrize("wrong", [[0.5, 1.2], [-0.1]])
def test_a_p_value_that_is_none_is_refused_with_its_place(wrong):
    with pytest.raises(ValueError, match=f"p-value {len(wrong)} is"):
        benjamini_hochberg(wrong)


@pytest.mark.parametrize("rate", [0, 1, -0.5])
def test_a_rate_must_leave_something_to_decide(rate):
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.5], rate=rate)


def test_the_false_discovery_rate_is_kept():
    draw, shares = np.random.default_rng(1), []
    for _ in range(400):
        effect = np.where(np.arange(60) < 12, 3.5, 0.0)
        p = [two_sided(z) for z in (draw.normal(0, 1, 60) + effect).tolist()]
        flagged = benjamini_hochberg(p, rate=0.10).flagged
        shares.append(flagged[12:].sum() / max(flagged.sum(), 1))
    assert 0.05 < np.mean(shares) < 0.10  # expected: 0.10 x 48 / 60


def test_luck_alone_flags_somebody_in_one_family_of_twenty():
    draw = np.random.default_rng(2)
    families = [benjamini_hochberg(draw.random(40)).flagged.any() for _ in range(600)]
    assert np.mean(families) == pytest.approx(0.05, abs=0.025)


def test_tails():
    for df in (1, 4, 30, 500):
        assert two_sided(intervals.t_quantile(0.975, df), df) == pytest.approx(0.05)
    assert two_sided(intervals.normal_quantile(0.995)) == pytest.approx(0.01)
    assert two_sided(0.0, 7) == pytest.approx(1.0)
    assert two_sided(math.inf, 7) == 0
    assert math.isnan(two_sided(math.nan, 7)) and math.isnan(two_sided(1.0, 0))
