"""Do 95 % intervals hold the truth 92 to 97 times of 100? A light version; benchmarks/coverage.py has all figures.

Limits allow three standard errors of a share from so few samples, no more.
"""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import coverage, designs, populations
from calibration.measurement import alpha, association, chance, differences, gwet, icc, kappa, pairs, shares

FIGURES = {
    "exact": shares.exact,
    "Cohen": kappa.cohen,
    "pooled": kappa.pooled,
    "AC1": gwet.ac1,
    "Brennan-Prediger": chance.brennan_prediger,
    "alpha": lambda counts: alpha.alpha(counts, draws=200),
    "mean difference": lambda counts: differences.mean_difference(counts.oriented, counts.points),
    "Pearson": association.pearson,
    "Spearman": association.spearman,
    "ICC(1,1)": lambda counts: icc.six(counts)["icc_1_1"],
}


def limits(intervals):
    """What the coverage of a sound figure may come to in so few samples."""
    low, high = (
        share + way * 3 * np.sqrt(share * (1 - share) / intervals) for share, way in ((0.92, -1), (0.97, 1))
    )
    return low, high


def some_figures(change=lambda figure: figure):
    """Two scorers who read every paper, and a few figures instead of all."""
    table, points = populations.USUAL.table(*designs.PAIR), populations.USUAL.points
    truth = {name: work(populations.counts(table, points)).value for name, work in FIGURES.items()}

    def sample(draw, n):
        counts = populations.counts(table, points, draw, n)
        return [(name, truth[name], change(work(counts))) for name, work in FIGURES.items()]

    return sample


@pytest.mark.parametrize("n", [100, 1_000])
def test_intervals_of_agreement_hold_the_truth(n):
    found = coverage.run(some_figures, n, 250)
    assert set(found) == set(FIGURES)
    for name, (intervals, held, width, undefined) in found.items():
        low, high = limits(intervals)
        assert low <= held <= high, name
        assert undefined == 0
        assert 0 < width < 0.4


@pytest.mark.parametrize(
    ("design", "repetitions"),
    [
        (lambda: designs.rotating(populations.USUAL), 40),
        (lambda: designs.crossed(populations.USUAL), 120),
        (lambda: designs.exchanged(populations.USUAL), 50),
        (designs.many_facet, 25),
        (designs.generalizability, 60),
        (designs.validity, 40),
    ],
    ids=["rotating", "crossed", "districts", "Rasch", "generalizability", "validity"],
)
def test_intervals_of_scorers_and_models_hold_the_truth(design, repetitions):
    for name, (intervals, held, _, undefined) in coverage.run(design, 100, repetitions).items():
        low, _ = limits(min(intervals, repetitions * 2))  # the scorers of one sample are not independent
        assert held >= low, name
        assert undefined < 0.25, name


def test_an_interval_that_is_too_narrow_would_be_found_out():
    def halved(figure):
        half = (figure.high - figure.low) / 4
        return replace(figure, low=figure.value - half, high=figure.value + half)

    found = coverage.run(lambda: some_figures(halved), 100, 150)
    assert all(held < limits(intervals)[0] for intervals, held, *_ in found.values())


def test_the_truth_is_that_of_a_huge_sample():
    draw = np.random.default_rng(3)
    ratings = populations.event(populations.USUAL, draw, 40_000, designs.PAIR).of("t")
    table = populations.USUAL.table(*designs.PAIR)
    counts = pairs.count(ratings)
    assert np.abs(counts.oriented / 40_000 - table).max() < 0.01
    papers, people, rest = populations.components(populations.USUAL, 0.15)
    scores = populations.event(populations.USUAL, draw, 3_000, draw.normal(0, 0.15, 40), reads=40).of("t")
    given = np.zeros((3_000, 40))
    given[scores.response.codes, scores.scorer.codes] = scores.points[scores.score]
    assert given.mean(axis=1).var() == pytest.approx(papers + (people + rest) / 40, rel=0.06)
    assert given.var() == pytest.approx(papers + people + rest, rel=0.05)
