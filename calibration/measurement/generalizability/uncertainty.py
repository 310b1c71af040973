r"""How far off variance components may be, taking their effects as normal.

Balanced data: sums of squares are independent multiples of chi-square, so standard errors are exact in form (Searle,
1971; Brennan, 2001, ch. 6). Otherwise scores are drawn again from the estimated components, in the very cells that were
seen, and the components worked out anew (parametric bootstrap).

Intervals are generalized confidence intervals (Weerahandi, 1993): what the expected squares could have been, by drawing
:math:`S_e \nu_e / \chi^2_{\nu_e}`, carried to the components. Where the data are not balanced, the squares drawn again
say how far each follows from those before it (coarse effects first) and which :math:`\nu_e` gives the rest its variance;
the interval is approximate then.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.generalizability import components as anova

DRAWS = 10_000
REFITS, FEWEST_REFITS = 200, 25  # of the parametric bootstrap
NOISE = 2.5  # standard errors: a correlation of squares drawn again that is nearer to 0 is taken for 0
SCORES_DRAWN = 10_000_000  # in all; with very many scores fewer refits are enough to fill a few seconds


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Standard errors of the raw components, and draws of the components (at least 0) for intervals."""

    se: np.ndarray
    draws: np.ndarray  # draws x effects
    method: str


def of(analysis, *, seed=1, refits=None):
    """Standard errors and draws for an analysis."""
    generator, solution = np.random.default_rng(seed), analysis.from_squares
    parts, squares, df = np.eye(analysis.squares.size), np.maximum(analysis.squares, 0), analysis.df
    spread = squares * np.sqrt(2 / (df + 2))
    if analysis.balanced:
        se = np.sqrt(solution**2 @ spread**2)
        method = "standard error from mean squares"
    else:
        drawn = _squares_drawn_again(analysis, generator, refits)
        se = (drawn @ solution.T).std(axis=0, ddof=1)
        parts = _apart(drawn, analysis.n_levels)
        drawn, squares = drawn @ parts.T, parts @ analysis.squares
        spread = drawn.std(axis=0, ddof=1)
        df = _degrees(drawn.mean(axis=0), spread)
        method = f"standard error from {len(drawn)} draws of the scores"
    expected = _expected(squares, df, spread, generator) @ np.linalg.inv(parts).T
    draws = np.maximum(expected @ solution.T, 0)
    return Uncertainty(se, draws, f"{method}, generalized confidence interval")


def _expected(squares, df, spread, generator):
    """What expected squares could have led to the squares seen.

    A square that cannot be a multiple of chi-square, because it is not positive or has less than one degree of
    freedom, is taken as normal: in thin designs what is left of the finest effects can be such a difference.
    """
    drawn = np.tile(squares, (DRAWS, 1))
    for place, (square, degrees, sd) in enumerate(zip(squares, df, spread, strict=True)):
        if square > 0 and degrees >= 1:
            drawn[:, place] *= degrees / generator.chisquare(degrees, DRAWS)
        elif sd > 0:
            drawn[:, place] += sd * generator.standard_normal(DRAWS)
    return drawn


def _degrees(mean, spread):
    """Degrees of freedom of a multiple of chi-square with this mean and spread (Satterthwaite)."""
    return np.divide(2 * mean**2, spread**2, out=np.zeros_like(mean), where=(spread > 0) & (mean > 0))


def _apart(drawn, n_levels):
    """The matrix that takes from each square what follows from those of effects with fewer levels."""
    centered, parts = drawn - drawn.mean(axis=0), np.eye(drawn.shape[1])
    done = []
    for place in np.argsort(n_levels, kind="stable"):
        own = centered[:, place]
        for other in done:
            before = centered @ parts[other]
            together, size = before @ own, before @ before
            if len(drawn) * together**2 > NOISE**2 * size * (own @ own):
                parts[place] -= together / size * parts[other]
        done.append(place)
    return parts


def _squares_drawn_again(analysis, generator, refits):
    scores = analysis.scores
    refits = refits or int(np.clip(SCORES_DRAWN // scores.n, FEWEST_REFITS, REFITS))
    refits = max(refits, 3 * analysis.squares.size)
    spread = np.sqrt(np.maximum(analysis.components, 0))
    totals = [anova.totals_of(scores, _drawn(scores, spread, generator)) for _ in range(refits)]
    return np.array(totals) @ analysis.own.T


def _drawn(scores, spread, generator):
    """Scores that could have come up in the cells seen, were the estimated components the true ones."""
    values = generator.standard_normal(scores.n)
    values *= spread[-1]
    for effect, sd in zip(scores.design.effects[:-1], spread, strict=False):
        if sd:
            values += (sd * generator.standard_normal(scores.n_levels(effect)))[scores.level[effect]]
    return values
