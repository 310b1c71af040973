"""Populations of papers and scorers whose true figures are known, to draw samples from.

A paper's place is drawn from the bell curve. A scorer reads it with noise of their own and a severity, and
lines cut the place into score points; all chances are sums over a fine grid of places, so nothing about
such a population has to be estimated.
"""

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np

from calibration.measurement.pairs import PairCounts
from calibration.measurement.ratings import Ratings

PLACES = np.linspace(-5, 5, 401)
SHARES = np.exp(-(PLACES**2) / 2) / np.exp(-(PLACES**2) / 2).sum()
HUGE = 10**10  # papers; a sample this large is the population
_below = np.vectorize(lambda z: (1 + erf(z / sqrt(2))) / 2, otypes=[float])


@dataclass(frozen=True)
class Population:
    """Lines between score points, and the noise of a read, in standard deviations of the papers' places."""

    name: str
    points: tuple
    lines: tuple
    noise: float

    def chances(self, severity=0.0):
        """Chance of each score point (columns) at each place (rows), for a scorer of this severity."""
        z = (np.array(self.lines) + severity - PLACES[:, None]) / self.noise
        return np.diff(_below(z), axis=1, prepend=0, append=1)

    def table(self, first=0.0, second=0.0):
        """Share of papers with each pair of scores by two scorers of these severities."""
        return (self.chances(first) * SHARES[:, None]).T @ self.chances(second)


USUAL = Population("usual", (1, 2, 3, 4), (-1.1, 0.1, 1.2), 0.45)
SKEWED = Population("skewed", (1, 2, 3, 4), (-2.0, -1.3, 1.4), 0.25)


def counts(shares, points, draw=None, n=HUGE):
    """A sample of n papers from a table of shares; without `draw` the population itself."""
    flat = shares.ravel() / shares.sum()
    cells = draw.multinomial(n, flat) if draw is not None else np.rint(n * flat).astype(np.int64)
    return PairCounts.from_table(cells.reshape(shares.shape), points, fixed_pair=("ana", "ben"))


def event(population, draw, n, severities, *, reads=2, traits=("t",), trait_noise=0.0):
    """n papers, each read on every trait by `reads` of the scorers, drawn at random."""
    severities = np.asarray(severities, float)
    who = draw.random((n, severities.size)).argsort(axis=1)[:, :reads]
    place = draw.normal(size=(n, 1, 1)) + trait_noise * draw.normal(size=(n, 1, len(traits)))
    seen = place - severities[who][:, :, None] + population.noise * draw.normal(size=(n, reads, len(traits)))
    score = np.array(population.points)[np.searchsorted(population.lines, seen)]
    columns = (np.arange(n)[:, None, None], who[:, :, None], np.array(traits))
    response, scorer, trait = (np.broadcast_to(column, score.shape).ravel() for column in columns)
    return Ratings.from_columns(response, scorer, trait, score.ravel(), points=list(population.points))


def exchange(population, draw, n, districts):
    """n papers, each read by one scorer of every district: `districts` holds the severities of their scorers."""
    place, rows = draw.normal(size=n), []
    for name, severities in enumerate(districts):
        who = draw.integers(0, len(severities), n)
        seen = place - np.asarray(severities)[who] + population.noise * draw.normal(size=n)
        score = np.array(population.points)[np.searchsorted(population.lines, seen)]
        rows.append((np.arange(n), who + 1_000 * name, score, np.full(n, name)))
    response, scorer, score, district = (np.concatenate(column) for column in zip(*rows, strict=True))
    trait = np.full(response.size, "t")
    return Ratings.from_columns(
        response, scorer, trait, score, points=list(population.points), district=district
    )


def mean_score(population, severity, spread):
    """The mean score by scorers whose severities spread around this one."""
    severities = severity + np.linspace(-4, 4, 81) * spread
    weights = np.exp(-(np.linspace(-4, 4, 81) ** 2) / 2)
    means = [SHARES @ population.chances(each) @ np.array(population.points, float) for each in severities]
    return float(weights @ means / weights.sum())


def components(population, spread):
    """Variance of papers, of scorers whose severities spread this much, and of the rest, in squared points."""
    severities = np.linspace(-4, 4, 81) * spread
    weights = np.exp(-((severities / spread) ** 2) / 2)
    weights /= weights.sum()
    points = np.array(population.points, float)
    chances = np.array([population.chances(each) for each in severities])
    mean = chances @ points  # severity x place
    grand = weights @ mean @ SHARES
    papers = SHARES @ (weights @ mean - grand) ** 2
    people = weights @ (mean @ SHARES - grand) ** 2
    total = weights @ (chances @ points**2) @ SHARES - grand**2
    return papers, people, total - papers - people


def rasch_event(draw, n, severities, difficulties, thresholds, sd):
    """n papers, each read on every trait by two of the scorers, as the rating scale model says; scores from 0."""
    who = draw.random((n, len(severities))).argsort(axis=1)[:, :2]
    place = sd * draw.normal(size=(n, 1, 1)) - severities[who][:, :, None] - np.asarray(difficulties)
    sums = np.cumsum(place[..., None] - np.asarray(thresholds), axis=-1)
    chance = np.exp(np.concatenate([np.zeros((*place.shape, 1)), sums], axis=-1))
    chance = chance.cumsum(axis=-1) / chance.sum(axis=-1, keepdims=True)
    score = (draw.random((*place.shape, 1)) > chance).sum(axis=-1)
    columns = (np.arange(n)[:, None, None], who[:, :, None], np.arange(len(difficulties)))
    response, scorer, trait = (np.broadcast_to(column, score.shape).ravel() for column in columns)
    return Ratings.from_columns(response, scorer, trait, score.ravel(), points=range(len(thresholds) + 1))
