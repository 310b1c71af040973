"""Kappa and alpha: invariances, edges, and a second opinion on everything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.measurement import alpha, differences, intervals, kappa, pairs, resampling
from calibration.measurement.ratings import Ratings
from calibration.measurement.result import NO_VARIATION, SUPPRESSED, TOO_FEW, WIDE, Statistic, page_rule

tables = st.integers(2, 5).flatmap(
    lambda q: st.lists(st.lists(st.integers(0, 12), min_size=q, max_size=q), min_size=q, max_size=q)
)


def counts_of(table, points=None):
    return pairs.PairCounts.from_table(table, points or range(1, len(table) + 1), fixed_pair=("ana", "ben"))


def design(seed):
    """A random design: any number of scorers, any share of missing reads, any rubric."""
    draw = np.random.default_rng(seed)
    points = np.cumsum(draw.choice([0.5, 1, 2], draw.integers(2, 8))).tolist()
    responses, scorers = draw.integers(1, 60), draw.integers(1, 7)
    kept = draw.random((responses, scorers)) < draw.uniform(0.2, 1)
    level = draw.integers(0, len(points), responses)
    rows = []
    for response, scorer in np.argwhere(kept):
        near = np.clip(level[response] + draw.integers(-1, 2), 0, len(points) - 1)
        rows.append((int(response), int(scorer), "t", points[near]))
    return Ratings.from_rows(rows, points={"t": points}).of("t")


def test_alpha_is_the_krippendorff_package_s_on_a_thousand_designs():
    compared = 0
    for seed in range(1000):
        ratings = design(seed)
        counts = pairs.count(ratings)
        for level in alpha.LEVELS:
            found = alpha.alpha(counts, level=level, draws=0)
            again = alpha.replicate_alpha(ratings, level=level)
            assert found.defined != np.isnan(again)
            if found.defined:
                assert found.value == pytest.approx(again, abs=1e-12)
                compared += 1
    assert compared > 3200


def test_an_alpha_that_is_not_found_again_is_refused():
    alpha.confirm(0.5, 0.5 + 1e-10)
    alpha.confirm(np.nan, np.nan)
    for wrong in (0.5 + 1e-8, np.nan):
        with pytest.raises(alpha.NotReplicated, match="Do not use either figure"):
            alpha.confirm(0.5, wrong)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_nobody_s_place_matters(table):
    table = np.array(table)
    one, other, turned = counts_of(table), counts_of(table.T), counts_of(table[::-1, ::-1])
    for power in (0, 1, 2):
        for measure in (kappa.cohen, kappa.pooled):
            found = measure(one, power=power)
            for again in (measure(other, power=power), measure(turned, power=power)):
                assert again.status == found.status
                assert again.value == pytest.approx(found.value, abs=1e-9, nan_ok=True)
                assert again.se == pytest.approx(found.se, abs=1e-9, nan_ok=True)
    for level in ("nominal", "ordinal", "interval"):
        values = [alpha.alpha(counts, level=level, draws=2).value for counts in (one, other, turned)]
        assert values[1:] == pytest.approx([values[0]] * 2, abs=1e-9, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(tables, st.sampled_from([0.5, 3]), st.sampled_from([-2, 10]))
def test_only_the_distances_between_score_points_matter(table, stretch, shift):
    points = [stretch * place + shift for place in range(len(table))]
    one, other = counts_of(table), counts_of(table, points)
    assert kappa.pooled(other).value == pytest.approx(kappa.pooled(one).value, abs=1e-9, nan_ok=True)
    found = [alpha.alpha(counts, level="interval", draws=2).value for counts in (one, other)]
    assert found[0] == pytest.approx(found[1], abs=1e-9, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(tables)
def test_coefficients_know_each_other(table):
    """Alpha is pooled kappa with a correction for a finite number of scores; both never pass 1."""
    counts = counts_of(table)
    pooled, nominal = kappa.pooled(counts, power=0), alpha.alpha(counts, level="nominal", draws=2)
    assert pooled.status == nominal.status
    if pooled.defined:
        assert nominal.value == pytest.approx(pooled.value + (1 - pooled.value) / (2 * counts.n_pairs))
        squared, interval = kappa.pooled(counts, power=2), alpha.alpha(counts, level="interval", draws=2)
        assert interval.value == pytest.approx(squared.value + (1 - squared.value) / (2 * counts.n_pairs))
        assert squared.value <= 1


def test_stacks_of_tables_give_what_single_tables_give():
    draw = np.random.default_rng(5)
    stack = draw.integers(0, 20, (6, 4, 4))
    value, se = kappa.pooled_tables((stack + np.swapaxes(stack, 1, 2)) / 2, [1, 2, 3, 4], 2)
    cohens = kappa.cohen_tables(stack, [1, 2, 3, 4], 2)
    for place, table in enumerate(stack):
        counts = counts_of(table)
        assert (value[place], se[place]) == pytest.approx(
            (kappa.pooled(counts).value, kappa.pooled(counts).se)
        )
        assert (cohens[0][place], cohens[1][place]) == pytest.approx(
            (kappa.cohen(counts).value, kappa.cohen(counts).se)
        )


def test_standard_errors_are_those_of_drawing_the_papers_again():
    """Linearized standard errors against 4,000 bootstrap draws of whole responses, within 8 %."""
    table = np.array([[30, 12, 2, 0], [9, 60, 20, 1], [1, 15, 70, 14], [0, 2, 12, 40]])
    counts = counts_of(table)
    drawn = resampling.draw(table.ravel(), draws=4000, seed=2).reshape(-1, 4, 4)
    assert kappa.cohen(counts).se == pytest.approx(
        kappa.cohen_tables(drawn, counts.points, 2)[0].std(), rel=0.08
    )
    both = (drawn + np.swapaxes(drawn, 1, 2)) / 2
    assert kappa.pooled(counts).se == pytest.approx(
        kappa.pooled_tables(both, counts.points, 2)[0].std(), rel=0.08
    )
    assert alpha.alpha(counts, level="interval").se == pytest.approx(kappa.pooled(counts).se, rel=0.08)


def test_the_standard_error_of_a_large_standardized_difference():
    """Where the scorers stand far apart, the spread's own uncertainty counts too."""
    table = np.array([[5, 60, 30, 4], [0, 4, 50, 40], [0, 0, 3, 30], [0, 0, 0, 2]])
    drawn = resampling.draw(table.ravel(), draws=1500, seed=2).reshape(-1, 4, 4)
    smds = [differences.standardized(counts_of(one)).value for one in drawn]
    found = differences.standardized(counts_of(table))
    assert found.value > 1
    assert found.se == pytest.approx(np.std(smds), rel=0.08)


def test_standardized_difference_is_williamson_s_formula():
    draw = np.random.default_rng(7)
    first = draw.integers(1, 5, 80)
    second = np.clip(first + draw.integers(-1, 2, 80), 1, 4)
    table = np.zeros((4, 4), int)
    np.add.at(table, (first - 1, second - 1), 1)
    expected = (second.mean() - first.mean()) / np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2)
    assert differences.standardized(counts_of(table)).value == pytest.approx(expected, abs=1e-12)
    gap = differences.mean_difference(table, [1, 2, 3, 4])
    apart = second - first
    assert (gap.value, gap.se) == pytest.approx((apart.mean(), apart.std(ddof=1) / np.sqrt(80)), abs=1e-12)


@pytest.mark.parametrize("power", [0, 1, 2])
def test_undefined_is_undefined_and_never_0_or_1(power):
    everyone_gave_2 = counts_of([[0, 0, 0], [0, 40, 0], [0, 0, 0]])
    nobody = counts_of(np.zeros((3, 3), int))
    for counts, status in ((everyone_gave_2, NO_VARIATION), (nobody, TOO_FEW)):
        for found in (
            kappa.cohen(counts, power=power),
            kappa.pooled(counts, power=power),
            alpha.alpha(counts),
        ):
            assert found.status == status
            assert np.isnan([found.value, found.low, found.high, found.se]).all()
            assert found.as_dict()["value"] is None
            assert found.sentence.endswith(".")
    assert "nothing to tell agreement from habit" in kappa.pooled(everyone_gave_2).sentence


def test_perfect_agreement_claims_no_interval_of_width_zero():
    counts = counts_of([[20, 0], [0, 20]])
    for found in (kappa.cohen(counts), kappa.pooled(counts), alpha.alpha(counts)):
        assert found.value == 1
        assert not found.has_interval
        assert found.text() == "1.00"


def test_one_response_has_a_value_and_no_interval():
    counts = counts_of([[0, 1], [0, 0]])
    assert kappa.pooled(counts).value == pytest.approx(-1)
    assert not kappa.pooled(counts).has_interval


def test_draws_without_variation_are_counted_and_left_out():
    found = alpha.alpha(counts_of([[30, 1], [0, 0]]), level="nominal", draws=1000)
    lost = int(found.method.split("seed 1, ")[1].split(" of them")[0])
    assert 250 < lost < 480  # (30/31)^31 of the draws, about 36 %
    assert found.status == "ok"


def test_the_same_seed_gives_the_same_interval_and_blocks_do_not_matter(monkeypatch):
    counts = counts_of([[20, 5], [4, 21]])
    first = alpha.alpha(counts, seed=9)
    assert alpha.alpha(counts, seed=9) == first
    assert alpha.alpha(counts, seed=10).low != first.low
    monkeypatch.setattr(resampling, "BLOCK", 70)
    assert alpha.alpha(counts, seed=9) == first


def test_cohen_refuses_pooled_pairs():
    pooled = pairs.PairCounts.from_table([[5, 1], [2, 6]], [1, 2])
    with pytest.raises(ValueError, match="same two scorers"):
        kappa.cohen(pooled)
    with pytest.raises(ValueError, match="power"):
        kappa.pooled(pooled, power=3)
    with pytest.raises(ValueError, match="level"):
        alpha.alpha(pooled, level="cardinal")


@pytest.mark.parametrize(
    ("papers", "status"), [(0, SUPPRESSED), (29, SUPPRESSED), (30, WIDE), (99, WIDE), (100, "ok")]
)
def test_the_page_rule(papers, status):
    shown = page_rule(Statistic(0.7, 0.6, 0.8, 0.05, n_units=papers, n_pairs=papers, n_excluded=3))
    assert shown.status == status
    assert shown.defined == (status != SUPPRESSED)
    assert (shown.n_units, shown.n_pairs, shown.n_excluded) == (papers, papers, 3)
    undefined = Statistic(status=NO_VARIATION, n_units=5)
    assert page_rule(undefined) is undefined


def test_quantiles_and_wilson():
    table_of_t = {(0.975, 1): 12.706205, (0.975, 5): 2.570582, (0.95, 30): 1.697261, (0.995, 120): 2.617421}
    for (probability, df), printed in table_of_t.items():
        assert intervals.t_quantile(probability, df) == pytest.approx(printed, abs=1e-6)
    assert intervals.t_quantile(0.975, 10**7) == pytest.approx(intervals.normal_quantile(0.975), abs=1e-6)
    low, high = intervals.wilson(np.array([0, 1, 0.5]), np.array([10, 10, 0]))
    assert (low[0], high[1]) == (0, 1)
    assert high[0] == pytest.approx(0.2775, abs=1e-4)  # Wilson at 0 of 10: z^2 / (n + z^2)
    assert np.isnan([low[2], high[2]]).all()
