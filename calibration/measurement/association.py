r"""Do scorers rank papers alike? Correlations say nothing about who scores higher, so they are no agreement."""

from dataclasses import dataclass

import numpy as np

from calibration.measurement import crossing, intervals, pairs
from calibration.measurement.result import (
    NAN,
    NO_PAIRS,
    NO_VARIATION,
    NOT_FIXED,
    TOO_FEW,
    Statistic,
    undefined,
)

ONE_SCORE = "One of the scorers gave one and the same score throughout, so there is no order to compare."
NOT_TWO = "The scorers vary from paper to paper here; a correlation needs the same two scorers throughout."
ROUNDING = 1e-12


@dataclass(frozen=True)
class Concordance:
    """Kendall's W with and without the correction for ties, and its chi-square test of no concordance."""

    w: float
    uncorrected: float
    chi_square: float
    df: int
    p: float


def pearson(counts, *, confidence=0.95):
    """Pearson's correlation of two scorers' scores on the same papers.

    The interval is on Fisher's z scale, with a standard error by linearization over papers: Fisher's own,
    1 / sqrt(n - 3), holds for bell-shaped scores and is too narrow for a few skewed score points.

    Parameters
    ----------
    counts : PairCounts
        Of one fixed pair of scorers; else `undefined:not_fixed`.

    References
    ----------
    Fisher, R. A. (1921). On the "probable error" of a coefficient of correlation deduced from a small
    sample. *Metron*, 1, 3-32.

    >>> table = [[20, 5, 0], [6, 30, 7], [1, 8, 23]]
    >>> pearson(pairs.PairCounts.from_table(table, [1, 2, 3], fixed_pair=("ana", "ben"))).text()
    '0.74 (0.61 to 0.83)'
    """
    return _correlation(counts, pearson_tables, "Pearson's correlation", confidence)


def spearman(counts, *, confidence=0.95):
    """Spearman's rank correlation of two scorers, papers with equal scores sharing their mean rank.

    Ranks come from the margins of the table. The standard error is by linearization over papers and knows
    that the ranks are themselves estimated; the interval is on Fisher's z scale.

    Parameters
    ----------
    counts : PairCounts
        Of one fixed pair of scorers; else `undefined:not_fixed`.

    References
    ----------
    Spearman, C. (1904). The proof and measurement of association between two things. *American Journal of
    Psychology*, 15(1), 72-101.

    >>> table = [[20, 5, 0], [6, 30, 7], [1, 8, 23]]
    >>> spearman(pairs.PairCounts.from_table(table, [1, 2, 3], fixed_pair=("ana", "ben"))).text()
    '0.73 (0.61 to 0.83)'
    """
    return _correlation(counts, spearman_tables, "Spearman's rank correlation", confidence)


def kendall_w(ratings, counts=None):
    """Kendall's W, corrected for ties: how far all scorers rank the papers alike (0 not at all, 1 entirely).

    Parameters
    ----------
    ratings : TraitRatings or PairCounts
        A crossed design; else `undefined:not_fixed`.

    Returns
    -------
    Statistic
        `method` carries the chi-square test of no concordance; there is no interval.

    References
    ----------
    Kendall, M. G., & Babington Smith, B. (1939). The problem of m rankings. *Annals of Mathematical
    Statistics*, 10(3), 275-287.

    >>> table = pairs.PairCounts.from_table([[4, 1], [0, 5]], [1, 2], fixed_pair=("ana", "ben"))
    >>> kendall_w(table).sentence
    "The scorers rank the papers alike to a degree of 0.91 (Kendall's W; 0 not at all, 1 entirely)."
    """
    if counts is None:
        counts = ratings if isinstance(ratings, pairs.PairCounts) else pairs.count(ratings)
    method = "Kendall's W, corrected for ties"
    if counts.n_units < 2:
        said = "This figure needs at least two papers with two reads each." if counts.n_units else NO_PAIRS
        return undefined(TOO_FEW, said, method=method, **counts.known())
    found = concordance(ratings, counts)
    if found is None:
        return crossing.not_crossed(method, counts)
    if np.isnan(found.w):
        said = "Every scorer gave one and the same score throughout, so there is no order to compare."
        return undefined(NO_VARIATION, said, method=method, **counts.known())
    method += f"; chi-square {found.chi_square:.4g}, {found.df:,} degrees of freedom, p {_p(found.p)}"
    said = f"The scorers rank the papers alike to a degree of {found.w:.2f} (Kendall's W; 0 not at all, 1 entirely)."
    return Statistic(found.w, method=method, **counts.known(), sentence=said)


def concordance(ratings, counts=None):
    """Kendall's W with its test, or None where not every scorer read every response."""
    if counts is None:
        counts = ratings if isinstance(ratings, pairs.PairCounts) else pairs.count(ratings)
    if counts.oriented is not None:
        given = np.stack([counts.oriented.sum(axis=1), counts.oriented.sum(axis=0)])
        ranks = _ranks(given)
        square = float((counts.oriented * np.add.outer(ranks[0], ranks[1]) ** 2).sum())
        return _concordance(given, square)
    crossed = None if ratings is counts else crossing.crossed(ratings)
    if crossed is None:
        return None
    m, q = len(crossed.scorers), crossed.points.size
    cells = crossed.place + q * np.arange(m)
    given = np.bincount(cells.ravel(), minlength=m * q).reshape(m, q)
    return _concordance(given, float(np.square(_ranks(given).ravel()[cells].sum(axis=1)).sum()))


def mean_pairwise(ratings, measure="pearson"):
    """The plain mean of a correlation over every two scorers who met, for designs with more than two.

    Parameters
    ----------
    ratings : TraitRatings
    measure : {"pearson", "spearman"}

    Returns
    -------
    Statistic
        Without an interval: the pairs share scorers and papers. Pairs of scorers of whom one gave one score
        throughout have no correlation; `method` says how many of how many pairs count.
    """
    tables_of = {"pearson": pearson_tables, "spearman": spearman_tables}.get(measure)
    if tables_of is None:
        raise ValueError(f"The measure is 'pearson' or 'spearman', not {measure!r}.")
    counts = pairs.count(ratings)
    method = f"mean of {measure.capitalize()}'s correlation over pairs of scorers"
    if not counts.n_pairs:
        return undefined(TOO_FEW, NO_PAIRS, method=method, **counts.known())
    met = pairs.by_label_pair(ratings, "scorer")
    values = tables_of(met.tables, ratings.points)[0]
    usable = values[~np.isnan(values)]
    if not usable.size:
        return undefined(NO_VARIATION, ONE_SCORE, method=method, **counts.known())
    mean = float(usable.mean())
    method += f" ({usable.size:,} of {len(met.labels):,} pairs)"
    said = f"Two scorers' scores go together with a correlation of {mean:.2f} on average; this says nothing on who is strict."
    return Statistic(mean, method=method, **counts.known(), sentence=said)


def pearson_tables(stack, points):
    """Pearson's correlation and its standard error for a table of pairs, or a stack of them."""
    p, n = _shares(stack)
    points = np.asarray(points, float)
    first, second = p.sum(axis=-1), p.sum(axis=-2)
    x, y = points - (first @ points)[..., None], points - (second @ points)[..., None]
    spreads = (first * x**2).sum(axis=-1), (second * y**2).sum(axis=-1)
    together = _outer(x, y)
    return _coefficient(p, n, together, together, (x**2, y**2), spreads)


def spearman_tables(stack, points=None):
    """Spearman's correlation and its standard error for a table of pairs, or a stack of them."""
    p, n = _shares(stack)
    first, second = p.sum(axis=-1), p.sum(axis=-2)
    x, y = (np.cumsum(each, axis=-1) - each / 2 - 0.5 for each in (first, second))  # midranks, mean 0
    spreads = (first * x**2).sum(axis=-1), (second * y**2).sum(axis=-1)
    together = _outer(x, y)
    # one more paper also moves the ranks of all papers above it
    product = (p * together).sum(axis=(-2, -1))[..., None, None]
    moved = _above((p * y[..., None, :]).sum(axis=-1))[..., :, None]
    moved = moved + _above((p * x[..., :, None]).sum(axis=-2))[..., None, :]
    squares = [
        rank**2 + 2 * (_above(each * rank) - spread[..., None])
        for rank, each, spread in ((x, first, spreads[0]), (y, second, spreads[1]))
    ]
    return _coefficient(p, n, together, together + moved - 2 * product, squares, spreads)


def _coefficient(p, n, together, pull, squares, spreads):
    """Covariance over the root of both spreads; its standard error from what each cell adds to the three."""
    level = max(1.0, float(np.abs(together).max()))
    one, other = (np.where(spread > ROUNDING * level, spread, np.nan) for spread in spreads)
    root = np.sqrt(one * other)[..., None, None]
    value = np.clip((p * together).sum(axis=(-2, -1)) / root[..., 0, 0], -1, 1)
    both = squares[0][..., :, None] / one[..., None, None] + squares[1][..., None, :] / other[..., None, None]
    part = pull / root - value[..., None, None] / 2 * both
    with np.errstate(divide="ignore", invalid="ignore"):
        return value, np.sqrt((p * part**2).sum(axis=(-2, -1)) / np.where(n > 1, n - 1, np.nan))


def _shares(stack):
    stack = np.asarray(stack, float)
    n = stack.sum(axis=(-2, -1))
    return stack / np.maximum(n, 1e-300)[..., None, None], n


def _outer(x, y):
    return x[..., :, None] * y[..., None, :]


def _above(parts):
    """Sum of the parts above each place, with half of its own."""
    return np.cumsum(parts[..., ::-1], axis=-1)[..., ::-1] - parts / 2


def _ranks(given):
    """Midranks of the score points, for each scorer, from how often they gave each."""
    return np.cumsum(given, axis=1) - given + (given + 1) / 2


def _concordance(given, square_of_sums):
    m, n = given.shape[0], int(given[0].sum())
    spread = square_of_sums - n * (m * (n + 1) / 2) ** 2  # Kendall's S
    most = m**2 * (float(n) ** 3 - n) / 12
    tied = given.astype(float)
    left = most - m * float((tied**3 - tied).sum()) / 12
    if n < 2 or left <= ROUNDING * most:
        return Concordance(NAN, NAN, NAN, max(n - 1, 0), NAN)
    w = min(max(spread, 0.0) / left, 1.0)
    square = m * (n - 1) * w
    return Concordance(w, max(spread, 0.0) / most, square, n - 1, intervals.chi_square_tail(square, n - 1))


def _correlation(counts, tables_of, name, confidence):
    method = f"{name}, linearized standard error, interval on Fisher's z scale"
    if not counts.n_pairs:
        return undefined(TOO_FEW, NO_PAIRS, method=method, **counts.known())
    if counts.oriented is None:
        return undefined(NOT_FIXED, NOT_TWO, method=method, **counts.known())
    if counts.n_units < 2:
        said = "A correlation needs at least two papers read by both scorers."
        return undefined(TOO_FEW, said, method=method, **counts.known())
    value, se = (float(figure) for figure in tables_of(counts.oriented, counts.points))
    if np.isnan(value):
        return undefined(NO_VARIATION, ONE_SCORE, method=method, **counts.known())
    low = high = NAN
    room = 1 - value**2
    se = 0.0 if room < ROUNDING or se < ROUNDING else se
    if se > 0:
        reach = intervals.t_quantile((1 + confidence) / 2, counts.n_units - 1) * se / room
        low, high = float(np.tanh(np.arctanh(value) - reach)), float(np.tanh(np.arctanh(value) + reach))
    alike = f"The two scorers' scores go together with a correlation of {value + 0.0:.2f}"
    said = f"{alike} (1 is the same order of papers); this says nothing on who is strict."
    return Statistic(value, low, high, se, method, **counts.known(), sentence=said)


def _p(p):
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"
