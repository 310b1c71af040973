r"""Intraclass correlations: how much of the difference between scores lies between the papers.

The six of Shrout & Fleiss (1979), from sums of squares. One-way, ICC(1): any scorers, any number of reads.
Two-way, ICC(2) absolute agreement and ICC(3) consistency: every scorer read every response. The second
number says whether one read is meant or the mean of all k.
"""

from dataclasses import dataclass, replace

import numpy as np

from calibration.measurement import crossing, intervals, pairs
from calibration.measurement.result import NAN, NO_PAIRS, NO_VARIATION, TOO_FEW, Statistic, undefined

NO_DIFFERENCE = "All papers have the same mean score, so no part of the differences can lie between papers."
BELOW_CHANCE = "The papers differ less than chance alone would make them, so this share cannot be worked out."
TWO_RESPONSES = "This figure needs at least two papers with two reads each."
NAMES = ("icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k")
ROUNDING = 1e-12
HEAVY_TAILS = "warning:heavy_tails"
HEAVY = 5.0  # kurtosis of the papers' means; 3 is the bell curve's, from which the F interval is made
PILED_UP = "Most scores are one and the same, and then this interval is too narrow: go by kappa or alpha."


@dataclass(frozen=True)
class MeanSquares:
    """Mean squares between responses, within responses, between scorers and of the rest; n responses, k reads."""

    n: int
    k: float
    between: float
    within: float
    scorers: float = NAN
    rest: float = NAN
    df_within: float = NAN


def six(ratings, counts=None, *, confidence=0.95):
    """The six intraclass correlations of Shrout & Fleiss with their F intervals.

    Parameters
    ----------
    ratings : TraitRatings or PairCounts
    counts : PairCounts, optional
        Of the same ratings, where they have been counted already.

    Returns
    -------
    dict of str to Statistic
        icc_1_1, icc_2_1, icc_3_1, icc_1_k, icc_2_k, icc_3_k. The two-way ones are `undefined:not_fixed`
        where the design is not crossed (`reml.components` is for such designs); all are undefined where the
        papers' means do not differ. With perfect agreement there is no interval.

    References
    ----------
    Shrout, P. E., & Fleiss, J. L. (1979). Intraclass correlations: Uses in assessing rater reliability.
    *Psychological Bulletin*, 86(2), 420-428.
    McGraw, K. O., & Wong, S. P. (1996). Forming inferences about some intraclass correlation coefficients.
    *Psychological Methods*, 1(1), 30-46.

    >>> table = pairs.PairCounts.from_table([[9, 3], [1, 7]], [1, 2], fixed_pair=("ana", "ben"))
    >>> six(table)["icc_2_1"].text()
    '0.61 (0.25 to 0.83)'
    """
    if counts is None:
        counts = ratings if isinstance(ratings, pairs.PairCounts) else pairs.count(ratings)
    found = one_way(counts, confidence=confidence)
    if counts.oriented is not None:
        squares = of_table(counts.oriented, counts.points)
    else:
        lined_up = None if ratings is counts or not counts.n_pairs else crossing.crossed(ratings)
        squares = of_crossed(lined_up) if lined_up else None
    found |= two_way(counts, squares, confidence=confidence)
    if kurtosis(counts) > HEAVY:
        found = {name: _warned(each) for name, each in found.items()}
    return {name: found[name] for name in NAMES}


def kurtosis(counts):
    """How heavy the tails of the papers' mean scores are: 3 for a bell curve, NaN where they do not differ.

    >>> table = pairs.PairCounts.from_table([[1, 0, 0], [0, 98, 0], [0, 0, 1]], [1, 2, 3])
    >>> round(kurtosis(table))
    50
    """
    if not counts.n_units:
        return NAN
    means = counts.patterns @ counts.points / counts.patterns.sum(axis=1)
    weight = counts.frequencies / counts.n_units
    apart = means - weight @ means
    spread = float(weight @ apart**2)
    return float(weight @ apart**4) / spread**2 if spread > ROUNDING else NAN


def _warned(statistic):
    if not statistic.defined:
        return statistic
    return replace(statistic, status=HEAVY_TAILS, sentence=f"{statistic.sentence} {PILED_UP}")


def one_way(counts, *, confidence=0.95):
    """ICC(1,1) and ICC(1,k): reads by whichever scorers, from the responses with two or more.

    Where responses have different numbers of reads, k is the number that makes the mean squares unbiased
    (a little less than the mean number), and the interval is approximate.
    """
    squares = of_patterns(counts) if counts.n_units > 1 else None
    if squares is None:
        return {name: _too_few(counts, name) for name in ("icc_1_1", "icc_1_k")}
    m, confident = squares, (1 + confidence) / 2
    single = _ratio(m.between - m.within, m.between + (m.k - 1) * m.within)
    mean = _ratio(m.between - m.within, m.between)
    low = high = NAN
    if m.within > 0 and m.between > 0:
        low = m.between / m.within / intervals.f_quantile(confident, m.n - 1, m.df_within)
        high = m.between / m.within * intervals.f_quantile(confident, m.df_within, m.n - 1)
    ends = [(low - 1) / (low + m.k - 1), (high - 1) / (high + m.k - 1)], [1 - 1 / low, 1 - 1 / high]
    return {
        "icc_1_1": _stated(single, ends[0], "icc_1_1", m, counts),
        "icc_1_k": _stated(mean, ends[1], "icc_1_k", m, counts),
    }


def two_way(counts, squares, *, confidence=0.95):
    """ICC(2,1), ICC(3,1), ICC(2,k), ICC(3,k) from the mean squares of a crossed design (None: not crossed)."""
    names = ("icc_2_1", "icc_3_1", "icc_2_k", "icc_3_k")
    if counts.n_units < 2:
        return {name: _too_few(counts, name) for name in names}
    if squares is None:
        return {name: crossing.not_crossed(_method(name), counts) for name in names}
    m, n, k = squares, squares.n, squares.k
    more = (m.scorers - m.rest) / n
    values = {
        "icc_2_1": _ratio(m.between - m.rest, m.between + (k - 1) * m.rest + k * more),
        "icc_3_1": _ratio(m.between - m.rest, m.between + (k - 1) * m.rest),
        "icc_2_k": _ratio(m.between - m.rest, m.between + more),
        "icc_3_k": _ratio(m.between - m.rest, m.between),
    }
    ends = _two_way_ends(m, values["icc_2_1"], (1 + confidence) / 2)
    return {name: _stated(values[name], ends[name], name, m, counts) for name in names}


def of_patterns(counts):
    """Mean squares between and within responses, from patterns of scores; any number of reads."""
    patterns, f = counts.patterns, counts.frequencies
    reads = patterns.sum(axis=1)
    total, n = int(f @ reads), counts.n_units
    points = counts.points - f @ patterns @ counts.points / total
    sums = patterns @ points
    between = float(f @ (sums**2 / reads)) / (n - 1)
    within = max(float(f @ (patterns @ points**2 - sums**2 / reads)), 0.0) / (total - n)
    k = (total - float(f @ reads**2) / total) / (n - 1)
    return _cleaned(MeanSquares(n, k, between, within, df_within=total - n), counts.points)


def of_table(table, points):
    """Mean squares of two scorers' table of scores."""
    n = int(table.sum())
    if n < 2:
        return None
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    points = points - (rows + columns) @ points / (2 * n)
    apart = (columns - rows) @ points / n
    sums, difference = np.add.outer(points, points), np.subtract.outer(points, points) + apart
    within = float((table * np.subtract.outer(points, points) ** 2).sum()) / 2
    squares = MeanSquares(
        n,
        2,
        between=float((table * sums**2).sum()) / 2 / (n - 1),
        within=within / n,
        scorers=float(apart**2) * n / 2,
        rest=float((table * difference**2).sum()) / 2 / (n - 1),
        df_within=n,
    )
    return _cleaned(squares, points)


def of_crossed(crossed):
    """Mean squares of a crossed design of any number of scorers."""
    n, k = crossed.place.shape
    if n < 2:
        return None
    score = crossed.points[crossed.place]
    score -= score.mean()
    responses, scorers = score.mean(axis=1), score.mean(axis=0)
    within = float(np.square(score).sum() - k * responses @ responses)
    rest = float(np.square(score - responses[:, None] - scorers).sum())
    squares = MeanSquares(
        n,
        k,
        between=float(k * responses @ responses) / (n - 1),
        within=max(within, 0.0) / (n * (k - 1)),
        scorers=float(n * scorers @ scorers) / (k - 1),
        rest=rest / ((n - 1) * (k - 1)),
        df_within=n * (k - 1),
    )
    return _cleaned(squares, crossed.points)


def _two_way_ends(m, icc, confident):
    """F intervals of the two-way correlations; those of ICC(2,k) are those of ICC(2,1), stepped up."""
    n, k, f = m.n, m.k, intervals.f_quantile
    df = (n - 1) * (k - 1)
    ends = dict.fromkeys(("icc_2_1", "icc_3_1", "icc_2_k", "icc_3_k"), (NAN, NAN))
    if m.between <= 0:
        return ends
    if m.rest > 0:
        low, high = m.between / m.rest / f(confident, n - 1, df), m.between / m.rest * f(confident, df, n - 1)
        ends["icc_3_1"] = ((low - 1) / (low + k - 1), (high - 1) / (high + k - 1))
        ends["icc_3_k"] = (1 - 1 / low, 1 - 1 / high)
    if icc == icc and (m.rest > 0 or m.scorers > 0):
        a, b = k * icc * m.scorers, (n * (1 + (k - 1) * icc) - k * icc) * m.rest
        v = (a + b) ** 2 / (a**2 / (k - 1) + b**2 / df) if a or b else df
        up, down = f(confident, n - 1, v), f(confident, v, n - 1)
        noise = k * m.scorers + (k * n - k - n) * m.rest
        ends["icc_2_1"] = (
            n * (m.between - up * m.rest) / (up * noise + n * m.between),
            n * (down * m.between - m.rest) / (noise + n * down * m.between),
        )
        if min(ends["icc_2_1"]) > -1 / (k - 1):
            ends["icc_2_k"] = tuple(end * k / (1 + end * (k - 1)) for end in ends["icc_2_1"])
    return ends


def _cleaned(m, points):
    """Mean squares that are only rounding become 0."""
    least = ROUNDING * max(1.0, float(np.abs(points).max())) ** 2
    clean = {name: value if value > least else 0.0 for name, value in vars(m).items() if name in _SQUARES}
    return MeanSquares(**{**vars(m), **clean})


_SQUARES = ("between", "within", "scorers", "rest")


def _ratio(part, whole):
    return part / whole if whole > 0 else NAN


def _method(name):
    _, kind, reads = name.split("_")
    model = {
        "1": "one-way, scorers at random",
        "2": "two-way, absolute agreement",
        "3": "two-way, consistency",
    }[kind]
    return f"ICC({kind},{reads}), {model}, {'one read' if reads == '1' else 'mean of the reads'}, F interval"


def _too_few(counts, name):
    said = TWO_RESPONSES if counts.n_units else NO_PAIRS
    return undefined(TOO_FEW, said, method=_method(name), **counts.known())


def _stated(value, ends, name, m, counts):
    method = _method(name)
    if m.between == 0 or np.isnan(value):
        said = BELOW_CHANCE if m.between > 0 else NO_DIFFERENCE
        return undefined(NO_VARIATION, said, method=method, **counts.known())
    low, high = (float(end) for end in ends)
    single = name.endswith("1")
    of = (
        "single reads" if single else f"means of {'' if float(m.k).is_integer() else 'about '}{m.k:.2g} reads"
    )
    share = f"a share of {value:.2f}" if value > 0.005 else "about nothing"
    said = f"Of all differences between {of}, {share} is between the papers; the rest is who scored them, and chance."
    if name.startswith("icc_3"):
        said = f"Strictness set aside: of all differences between {of}, {share} is between the papers."
    return Statistic(float(value), low, high, NAN, method, **counts.known(), sentence=said)
