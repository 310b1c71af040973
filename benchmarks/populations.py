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
