r"""How reads of one trait come about: where the lines of the rubric lie, how consistent and how strict scorers are.

A response has a place :math:`x` on a line that nobody sees. A read is that place plus the scorer's noise, less
the scorer's severity, cut by the lines between score points:

.. math:: P(\text{score} \le k \mid x, j) = \Phi\!\left(\frac{c_k + s_j - x}{\sigma}\right),
   \qquad x \sim N(0, \rho)

Read and place are scaled so that all reads together have variance 1; :math:`\rho` is then the polychoric
correlation of two reads. The *true score point* is the one whose lines hold :math:`x`: the point that a
scorer of average severity gives at least as often as not from either side.
"""

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from calibration.measurement import intervals, pairs

ENOUGH = 30  # responses read twice; under this the scorers' consistency is a guess
SLIP = 0.01  # share of reads that have nothing to do with the paper: no read may rule a score point out
PLACES = np.linspace(-4, 4, 81)  # of a response, in standard deviations of all responses
_CORRELATIONS = np.tanh(np.linspace(0.02, 2.6, 65))
SEVERITIES = np.arange(-15, 16) * 0.06
_SPREADS = np.linspace(0, 0.8, 9)  # standard deviation of the severities, as a part of all noise

share_below = np.vectorize(lambda z: erfc(-z / sqrt(2)) / 2, otypes=[float])


@dataclass(frozen=True, eq=False)
class Reading:
    """How the reads of one trait come about, as far as the reads themselves can tell.

    `lines` are between neighboring score points; `lines`, `severity` (one number per scorer, positive for
    strict) and `noise` are in standard deviations of all reads. `chances[s, k, x]` is the chance of score
    point k at place x for a scorer in severity class s; `memberships[x, k]` is the part of place x that
    belongs to score point k.
    """

    points: np.ndarray
    correlation: float
    lines: np.ndarray
    noise: float
    severity: np.ndarray
    severity_class: np.ndarray
    chances: np.ndarray
    weights: np.ndarray
    memberships: np.ndarray

    @property
    def confusion(self):
        """Chance of each given score (columns) for each true score point (rows), for an average scorer.

        The rows of score points nobody ever reaches are NaN.
        """
        mass = self.memberships * self.weights[:, None]
        total = mass.sum(axis=0)
        given = (self.chances[SEVERITIES.size // 2] @ mass).T
        return given / np.where(total > 0, total, np.nan)[:, None]


def fit(ratings):
    """Learn from the reads of one trait how consistent and how strict its scorers are.

    Lines follow from how often each score point was given; the correlation of two reads from the table of
    pairs of reads (Olsson's two steps); severities from each scorer's reads against the other reads of the
    same responses, drawn towards zero as much as the severities of all scorers suggest. Averages over the
    likelihood are taken where a maximum could run to an edge, so that a few perfect pairs do not make
    scorers infallible.

    Parameters
    ----------
    ratings : TraitRatings

    Returns
    -------
    Reading or None
        None with fewer than 30 responses read twice.

    References
    ----------
    Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient.
    *Psychometrika*, 44, 443-460.

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, s, "t", 1 + r % 4) for r in range(40) for s in ("ana", "ben")]
    >>> fit(Ratings.from_rows(rows, points=[1, 2, 3, 4]).of("t")).correlation > 0.95
    True
    """
    table = pairs.count(ratings)
    if table.n_units < ENOUGH:
        return None
    weights = np.exp(-(PLACES**2) / 2)
    weights /= weights.sum()
    lines = _lines(table.given)
    correlation = _correlation(table.fair, lines, weights)
    severity = _severities(ratings, correlation, lines, weights)
    reads = np.bincount(ratings.scorer.codes, minlength=severity.size)
    severity = severity - severity @ reads / reads.sum()
    least = (1 - _SPREADS[-1] ** 2) * (1 - correlation)  # the widest spread of severities leaves this much
    noise = max(1 - correlation - severity**2 @ reads / reads.sum(), least)
    step = PLACES[1] - PLACES[0]
    inner = (lines / np.sqrt(correlation))[None, :]
    below = np.clip((inner - PLACES[:, None]) / step + 0.5, 0, 1)  # part of each place under each line
    return Reading(
        points=ratings.points,
        correlation=correlation,
        lines=lines,
        noise=float(np.sqrt(noise)),
        severity=severity,
        severity_class=np.abs(severity[:, None] - SEVERITIES).argmin(axis=1),
        chances=chances(lines, correlation, noise, SEVERITIES),
        weights=weights,
        memberships=np.diff(below, axis=1, prepend=0, append=1),
    )


def _lines(given):
    """Where the lines lie if reads follow the bell curve; half a read is added to each score point."""
    smoothed = given + 0.5
    below = np.cumsum(smoothed)[:-1] / smoothed.sum()
    return np.array([intervals.normal_quantile(share) for share in below])


def chances(lines, correlation, noise, severities):
    """Chance of every score point (severity x point x place)."""
    return chances_at(lines, np.sqrt(correlation) * PLACES, noise, severities)


def chances_at(lines, places, noise, severities):
    """The same at any places, in standard deviations of reads."""
    z = (lines + severities[:, None])[:, :, None] - places
    below = share_below(z / np.sqrt(noise))
    edges = np.pad(below, ((0, 0), (1, 1), (0, 0)))
    edges[:, -1] = 1
    return (1 - SLIP) * np.diff(edges, axis=1) + SLIP / (lines.size + 1)


def _correlation(fair, lines, weights):
    """The mean of the likelihood of the polychoric correlation, over evenly spaced Fisher z."""
    fits = []
    for correlation in _CORRELATIONS:
        one = chances(lines, correlation, 1 - correlation, np.zeros(1))[0]
        fits.append((fair * np.log((one * weights) @ one.T)).sum())
    likely = np.exp(np.array(fits) - max(fits))
    return float(np.tanh(likely @ np.arctanh(_CORRELATIONS) / likely.sum()))


def _severities(ratings, correlation, lines, weights):
    """Mean severity of each scorer given the reads of others; 0 for a scorer who shared no response."""
    tables = pairs.by_label(ratings, "scorer").tables  # own score in rows, the others' in columns
    other = chances(lines, correlation, 1 - correlation, np.zeros(1))[0] * weights
    other /= other.sum(axis=1, keepdims=True)  # where a response may lie once another read is known
    fits, means = [], []
    for spread in _SPREADS:
        tau = spread * np.sqrt(1 - correlation)
        own = chances(lines, correlation, 1 - correlation - tau**2, SEVERITIES)
        bell = np.exp(-((SEVERITIES / max(tau, 1e-9)) ** 2) / 2)
        bell /= bell.sum()
        # likelihood of each scorer's table at each severity
        likely = np.einsum("jab,sab->js", tables, np.log(np.einsum("sax,bx->sab", own, other)))
        top = likely.max(axis=1, keepdims=True)
        joint = np.exp(likely - top) * bell
        fits.append(float((np.log(np.maximum(joint.sum(axis=1), 1e-300)) + top[:, 0]).sum()))
        means.append(joint @ SEVERITIES / np.maximum(joint.sum(axis=1), 1e-300))
    weight = np.exp(np.array(fits) - max(fits))
    return weight @ np.array(means) / weight.sum()
