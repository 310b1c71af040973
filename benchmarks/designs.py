"""What the engine is asked of samples from populations of known truth: (figure, truth, Statistic), one by one.

Each design takes a population where it needs one, works out the truth from it, and returns `sample(draw, n)`.
"""

import numpy as np

from benchmarks import populations
from calibration.measurement import (
    alpha,
    association,
    chance,
    differences,
    drift,
    gwet,
    habits,
    halo,
    icc,
    intervals,
    kappa,
    reml,
    scorers,
    severity,
    shares,
    trend,
)
from calibration.measurement.comparability import districts
from calibration.measurement.facets import mml
from calibration.measurement.facets.model import Design
from calibration.measurement.generalizability import g_study
from calibration.measurement.judgment import scale
from calibration.measurement.result import Statistic

PAIR = (0.1, -0.1)  # severities of the two scorers of a fixed pair
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
    found |= {f"same side of {row.low:g} to {row.high:g}": row.agreement for row in shares.boundaries(counts)}
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
    found |= {_icc(name): each for name, each in icc.six(counts).items() if "2" not in name}
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
    papers, people, rest = populations.components(population, SPREAD)
    truth = {
        "icc_2_1": papers / (papers + people + rest),
        "icc_2_k": papers / (papers + (people + rest) / k),
        "icc_3_1": papers / (papers + rest),
        "icc_3_k": papers / (papers + rest / k),
    }

    def sample(draw, n):
        ratings = populations.event(population, draw, n, draw.normal(0, SPREAD, k), reads=k).of("t")
        found = icc.six(ratings)
        return [(f"{_icc(name)}, {k} scorers", value, found[name]) for name, value in truth.items()]

    return sample


def incomplete(population, k=20):
    """Every paper read by two of many scorers drawn anew: variance components by REML."""
    papers, people, rest = populations.components(population, SPREAD)
    truth = {
        "response": papers,
        "scorer": people,
        "rest": rest,
        "single": papers / (papers + people + rest),
        "consistency": papers / (papers + rest),
        "mean": papers / (papers + (people + rest) / 2),
    }

    def sample(draw, n):
        found = reml.components(populations.event(population, draw, n, draw.normal(0, SPREAD, k)).of("t"))
        return [(f"REML, {name}", value, getattr(found, name)) for name, value in truth.items()]

    return sample


def alike(population, k=6):
    """Scorers who do not differ at all: the figures that compare their habits must say so."""

    def sample(draw, n):
        for row in habits.compare(populations.event(population, draw, n, np.zeros(k)).of("t")):
            yield "use of the scale, spread", 1.0, row.spread
            yield "use of the scale, ends", 0.0, row.ends
        three = populations.event(population, draw, n, np.zeros(k), traits=("a", "b", "c"), trait_noise=0.4)
        for row in halo.compare(three):
            yield "halo", 0.0, row.halo

    return sample


def exchanged(population, apart=0.2, k=10):
    """Two districts with scorers drawn anew for each sample; each paper is read once in either."""
    truth = np.subtract(*(populations.mean_score(population, shift, SPREAD) for shift in (0, apart)))

    def sample(draw, n):
        severities = draw.normal([[0], [apart]], SPREAD, (2, k))
        found = districts.compare(populations.exchange(population, draw, n, severities)).overall
        yield "comparability, difference", truth, found.pairs[0].difference
        yield "comparability, effect", truth / 2, found.effects[0].effect

    return sample


def many_facet(thresholds=(-2.0, 0.0, 2.0), sd=2.0, k=8):
    """Two reads on two traits by the rating scale model: marginal maximum likelihood."""
    difficulty, thresholds = np.array([0.4, -0.4]), np.array(thresholds)

    def sample(draw, n):
        severities = draw.normal(0, 0.5, k)
        severities -= severities.mean()
        ratings = populations.rasch_event(draw, n, severities, difficulty, thresholds, sd)
        found = mml.estimate(Design.of(ratings))
        se = np.sqrt(np.diag(found.covariance))
        values, truths = found.apart.vector, np.concatenate([difficulty, severities, thresholds])
        names = ["trait difficulty"] * 2 + ["severity"] * k + ["threshold"] * 3
        for name, truth, value, error in zip(names, truths, values, se, strict=False):
            yield f"Rasch, {name}", truth, _normal(value, error)
        variance = found.ability.variance
        yield "Rasch, variance of abilities", sd**2, _normal(variance, found.person_variance_se)

    return sample


def generalizability(papers=1.0, people=0.1, rest=0.5, k=6):
    """A crossed study, papers x scorers, of bell-shaped scores."""
    truth = {"response": papers, "scorer": people, "response x scorer": rest}
    figures = {
        "relative": papers / (papers + rest / k),
        "absolute": papers / (papers + (people + rest) / k),
        "sem": np.sqrt((people + rest) / k),
    }

    def sample(draw, n):
        score = np.sqrt(papers) * draw.normal(size=(n, 1)) + np.sqrt(people) * draw.normal(size=(1, k))
        score = score + np.sqrt(rest) * draw.normal(size=(n, k))
        response, scorer = np.indices(score.shape)
        columns = {"response": response.ravel(), "scorer": scorer.ravel(), "score": score.ravel()}
        found = g_study.study(columns, "response x scorer")
        for name, each in found.components.items():
            yield f"G study, {name}", truth.get(name, truth["response x scorer"]), each
        for name, value in figures.items():
            yield f"G study, {name}", value, found.coefficients[name]

    return sample


def judgments(scripts=20):
    """n random pairs of scripts, judged by chance as Bradley and Terry say."""

    def sample(draw, n):
        ability = draw.normal(0, 1, scripts)
        first = draw.integers(0, scripts, n)
        second = (first + draw.integers(1, scripts, n)) % scripts
        wins = draw.random(n) < 1 / (1 + np.exp(ability[second] - ability[first]))
        chosen, other = np.where(wins, first, second), np.where(wins, second, first)
        found = scale.fit(None, chosen.tolist(), other.tolist(), splits=0)
        seen = np.array(list(found.scripts))
        for name, script in found.scripts.items():
            truth = ability[name] - ability[seen].mean()
            yield "comparative judgment, ability", truth, Statistic(script.ability, script.low, script.high)
        one, two = seen[:2].tolist()
        yield "comparative judgment, difference", ability[one] - ability[two], found.difference(one, two)

    return sample


def validity(papers=20, k=5):
    """Validity papers read again and again; every scorer has a change or a slope of their own."""

    def sample(draw, n):
        scorer, paper = draw.integers(0, k, n), draw.integers(0, papers, n)
        time, level = np.arange(n) / n * 4, draw.normal(2.5, 0.8, papers)
        change, slope = draw.normal(0, 0.3, k), draw.normal(0, 0.1, k)
        noise = level[paper] + 0.5 * draw.normal(size=n)
        stepped, sloped = noise - change[scorer] * (time >= 2), noise - slope[scorer] * time
        reference = np.rint(level[paper])
        reads = drift.ValidityReads.from_columns(scorer, paper, stepped, reference, time)
        for row in drift.changes(reads, [2]):
            yield "drift, change of severity", change[row.scorer], row.stretches[0].severity
        reads = drift.ValidityReads.from_columns(scorer, paper, sloped, reference, time)
        for row in trend.fit(reads).scorers:
            yield "drift, slope", slope[row.scorer], row.slope
            beside = slope[row.scorer] - np.bincount(scorer, minlength=k) @ slope / n
            yield "drift, slope beside the team's", beside, row.beside_team
            yield "drift, slope, shrunken", beside, row.shrunken

    return sample


def _icc(name):
    return "ICC({},{})".format(*name.split("_")[1:])


def _normal(value, se):
    return Statistic(value, *intervals.around(value, se, quantile=intervals.normal_quantile(0.975)), se)


ALL = {
    "fixed pair, usual": (lambda: fixed_pair(populations.USUAL), 1_000),
    "fixed pair, skewed": (lambda: fixed_pair(populations.SKEWED), 1_000),
    "rotating scorers": (lambda: rotating(populations.USUAL), 400),
    "crossed scorers": (lambda: crossed(populations.USUAL), 1_000),
    "incomplete design": (lambda: incomplete(populations.USUAL), 400),
    "scorers all alike": (lambda: alike(populations.USUAL), 400),
    "two districts": (lambda: exchanged(populations.USUAL), 400),
    "many-facet Rasch": (many_facet, 400),
    "generalizability": (generalizability, 400),
    "comparative judgment": (judgments, 300),
    "validity papers": (validity, 400),
}
