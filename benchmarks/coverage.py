"""How often do the 95 % intervals hold the true figure?

`python benchmarks/coverage.py [--only NAME ...] [--repetitions N] [--sizes N ...]` draws samples from
populations whose true figures are known and prints, for each figure and sample size: how many intervals
held the truth, their mean width, and how many samples gave no interval.
"""

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import populations  # noqa: E402
from calibration.measurement import (  # noqa: E402
    alpha,
    association,
    chance,
    differences,
    gwet,
    icc,
    kappa,
    scorers,
    severity,
    shares,
)

PAIR = (0.1, -0.1)  # severities of the two scorers of a fixed pair
ROUNDING = 1e-9
SPREAD = 0.15  # standard deviation of severities


def of_tables(counts, seed):
    """Every figure of one trait read by two scorers, from the table of their scores: {name: Statistic}."""
    found = {
        "exact agreement": shares.exact(counts),
        "within one point": shares.within(counts),
        "adjacent": shares.adjacent(counts),
        "discrepant": shares.discrepant(counts),
    }
    found |= {f"agreement at {row.point:g}": row.agreement for row in shares.by_score_point(counts)}
    found |= {f"same side of {row.low:g}|{row.high:g}": row.agreement for row in shares.boundaries(counts)}
    for power, name in ((0, "plain"), (1, "linear"), (2, "quadratic")):
        found[f"Cohen kappa, {name}"] = kappa.cohen(counts, power=power)
        found[f"pooled kappa, {name}"] = kappa.pooled(counts, power=power)
    found["weighted agreement, linear"] = chance.weighted_agreement(counts, weighting="linear")
    found["Brennan-Prediger"] = chance.brennan_prediger(counts)
    found["Scott pi"] = chance.scott_pi(counts)
    found["Fleiss kappa"] = chance.fleiss(counts)
    found["AC1"], found["AC2, quadratic"] = gwet.ac1(counts), gwet.ac2(counts)
    for level in alpha.LEVELS:
        found[f"alpha, {level} (bootstrap)"] = alpha.alpha(counts, level=level, seed=seed)
    found["alpha, interval (linearized)"] = alpha.linearized(counts, weighting="quadratic")
    found["mean difference"] = differences.mean_difference(counts.oriented, counts.points)
    found["standardized mean difference"] = differences.standardized(counts)
    found["Pearson"], found["Spearman"] = association.pearson(counts), association.spearman(counts)
    found |= {name.replace("icc", "ICC"): each for name, each in icc.six(counts).items() if "2" not in name}
    return found


def fixed_pair(population):
    """Two scorers who read every paper."""
    table = population.table(*PAIR)
    truth = {
        name: each.value for name, each in of_tables(populations.counts(table, population.points), 1).items()
    }

    def sample(draw, n):
        found = of_tables(populations.counts(table, population.points, draw, n), int(draw.integers(2**31)))
        return [(name, truth[name], each) for name, each in found.items()]

    return sample


def rotating(population):
    """Scorers of whom any two may meet, drawn anew for each sample: figures about single scorers."""

    def sample(draw, n):
        severities = draw.normal(0, SPREAD, 6 if n < 500 else 20)
        ratings = populations.event(population, draw, n, severities).of("t")
        chances = np.array([population.chances(each) for each in severities])
        means = populations.SHARES @ chances @ np.array(population.points, float)
        same = np.einsum("axk,bxk,x->ab", chances, chances, populations.SHARES, optimize=True)
        reads = np.bincount(ratings.scorer.codes)
        names = np.array(ratings.scorer.names)
        stricter = reads @ means[names] / reads.sum() - means
        found = severity.fit(ratings)
        rows = scorers.compare(ratings)
        others = severities.size - 1
        for row in found.scorers:
            yield "severity", stricter[row.scorer], row.severity
            yield "severity, shrunken", stricter[row.scorer], row.shrunken
        for row, leaning in zip(rows, scorers.lean(rows), strict=True):
            agrees = (same[row.scorer].sum() - same[row.scorer, row.scorer]) / others
            apart = means[row.scorer] - (means.sum() - means[row.scorer]) / others
            yield "a scorer's exact agreement", agrees, row.exact
            yield "a scorer's mean difference", apart, row.mean_difference
            yield "a scorer's agreement, shrunken", agrees, leaning.exact

    return sample


def crossed(population, k=5):
    """k scorers drawn anew for each sample, all of whom read every paper: figures about all such scorers."""
    severities = np.linspace(-4, 4, 81) * SPREAD
    weights = np.exp(-((severities / SPREAD) ** 2) / 2)
    weights /= weights.sum()
    points = np.array(population.points, float)
    chances = np.array([population.chances(each) for each in severities])
    mean = chances @ points  # severity x place
    grand = weights @ mean @ populations.SHARES
    papers = populations.SHARES @ (weights @ mean - grand) ** 2
    people = weights @ (mean @ populations.SHARES - grand) ** 2
    total = weights @ (chances @ points**2) @ populations.SHARES - grand**2
    truth = {"ICC_2_1": papers / total, "ICC_2_k": papers / (papers + (total - papers) / k)}
    rest = total - papers - people
    truth |= {"ICC_3_1": papers / (papers + rest), "ICC_3_k": papers / (papers + rest / k)}

    def sample(draw, n):
        ratings = populations.event(population, draw, n, draw.normal(0, SPREAD, k), reads=k).of("t")
        found = icc.six(ratings)
        return [(f"{name} ({k} scorers)", value, found[name.lower()]) for name, value in truth.items()]

    return sample


DESIGNS = {
    "fixed pair, usual": (fixed_pair, populations.USUAL, 1_000),
    "fixed pair, skewed": (fixed_pair, populations.SKEWED, 1_000),
    "rotating scorers": (rotating, populations.USUAL, 200),
    "crossed scorers": (crossed, populations.USUAL, 500),
}


def run(design, population, n, repetitions, seed=1):
    """Coverage of every figure of a design: {name: (intervals, coverage, mean width, share without one)}."""
    draw, sample, found = np.random.default_rng(seed), design(population), defaultdict(list)
    for _ in range(repetitions):
        for name, truth, figure in sample(draw, n):
            found[name].append((truth, figure.low, figure.high))
    return {name: _summary(*np.array(rows, float).T) for name, rows in found.items()}


def _summary(truth, low, high):
    given = ~(np.isnan(low) | np.isnan(high))
    if not given.any():
        return 0, np.nan, np.nan, 1.0
    held = (low - ROUNDING <= truth) & (truth <= high + ROUNDING)
    return int(given.sum()), held[given].mean(), (high - low)[given].mean(), 1 - given.mean()


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", nargs="*", default=[], help="parts of the names of designs")
    options.add_argument("--repetitions", type=int, help="instead of the number that suits each design")
    options.add_argument("--sizes", type=int, nargs="*", default=[100, 1_000])
    asked = options.parse_args()
    for name, (design, population, usual) in DESIGNS.items():
        if asked.only and not any(part in name for part in asked.only):
            continue
        start, repetitions = time.perf_counter(), asked.repetitions or usual
        tables = {n: run(design, population, n, repetitions) for n in asked.sizes}
        print(f"\n{name}: {repetitions:,} samples of each size, {time.perf_counter() - start:.0f} s")
        print("figure".ljust(34), *(f"{f'n = {n:,}':^33}" for n in asked.sizes))
        print("".ljust(34), *("coverage  width  undefined  count" for _ in asked.sizes))
        for figure in dict.fromkeys(key for table in tables.values() for key in table):
            cells = [table.get(figure, (0, np.nan, np.nan, 1.0)) for table in tables.values()]
            told = (
                f"{100 * held:6.1f} %{'*' if not 0.92 <= held <= 0.97 else ' '} {width:6.3f}  {100 * gone:6.1f} %  {many:6,}"
                for many, held, width, gone in cells
            )
            print(figure.ljust(34), *told)


if __name__ == "__main__":
    main()
