"""Do some scorers, or districts, score one group of students differently than others do on the same papers?

A screen, not a verdict: it picks papers worth reading again. Use it only with a purpose and consent, never for
ranking people; figures about one scorer are for leaders.

References
----------
Myford, C. M., & Wolfe, E. W. (2004). Detecting and measuring rater effects using many-facet Rasch measurement:
Part II. *Journal of Applied Measurement*, 5(2), 189-227.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calibration.measurement import additive, intervals, multiplicity
from calibration.measurement.comparability import smallcells
from calibration.measurement.result import SUPPRESSED, TOO_FEW, WIDE, Statistic, undefined

LOOK, NO_SIGN, TOO_FEW_TO_TELL = "look closer", "no sign", "too few to tell"
HIDDEN = "Not shown: too few students here, or in a cell that could be worked out from this one."


@dataclass(frozen=True)
class SubgroupCell:
    """One scorer (or district) and one group: how differently this group fares there, beside everybody else.

    `difference` is in points: the scorer's distance from the others on this group's papers, minus the same on
    all other papers. Below 0: lower scores for this group than the others' reads suggest.
    """

    label: object
    group: object
    n: int | None
    difference: Statistic
    p: float
    p_adjusted: float
    verdict: str


@dataclass(frozen=True)
class Subgroups:
    """All cells of one trait, and a headline."""

    trait: object
    by: str
    across: str
    cells: tuple
    n_tested: int
    n_hidden: int
    sentence: str


def compare(
    ratings,
    *,
    by="group",
    across="scorer",
    consensus=None,
    rate=0.05,
    confidence=0.95,
    show_from=10,
    flag_from=30,
):
    """Look for scorers (or districts) who score a group of students differently, on equal work.

    Parameters
    ----------
    ratings : TraitRatings
        As given by `Ratings.of(trait)`, with a label for the students' group that is one per response.
    by, across : str
        The label of the group; and "scorer", or the label that gathers scorers, such as "district".
    consensus : dict, optional
        Consensus score of each response. Then papers of equal consensus score are compared. Without it, every
        read is set beside the reads of the same paper by others (by scorers of other districts), severities
        taken out first by least squares.
    rate : float
        Share of false flags that is accepted among all flags (Benjamini-Hochberg).
    show_from, flag_from : int
        Cells with fewer responses are not shown, and not flagged.

    Returns
    -------
    Subgroups

    Raises
    ------
    ValueError
        For a label the ratings do not have, and a response with two groups; the response is named.
    """
    group, label = ratings.column(by), ratings.column(across)
    _refuse_two_groups(ratings, group, by)
    value, level, usable = _levels(ratings, label, consensus)
    rows = np.flatnonzero(usable & (group.codes >= 0) & (label.codes >= 0))
    shape = (len(label.names), len(group.names), int(level[rows].max(initial=0)) + 1)
    place = np.ravel_multi_index((label.codes[rows], group.codes[rows], level[rows]), shape)
    sums = [
        np.bincount(place, weight, minlength=math.prod(shape)).reshape(shape)
        for weight in (None, value[rows], value[rows] ** 2)
    ]
    cluster = None if across == "scorer" else ratings.scorer.codes[rows]
    estimate, se, df = _contrasts(sums, place, value[rows], cluster, shape)
    count = _responses(ratings.response.codes[rows], label.codes[rows], group.codes[rows], shape)
    rest = _rest(count)
    out = smallcells.hidden(count, rest, show_from=show_from)
    tested = (count >= flag_from) & (rest >= flag_from) & ~out & (se > 0) & (df > 0)
    p = np.full(count.shape, math.nan)
    for at in zip(*np.nonzero(tested), strict=True):
        p[at] = multiplicity.two_sided(float(estimate[at] / se[at]), float(df[at]))
    adjusted = multiplicity.benjamini_hochberg(p, rate=rate)
    figures = (count, estimate, se, df, p, adjusted.adjusted, adjusted.flagged, out)
    cells = tuple(
        _cell(
            label.names[a],
            group.names[g],
            *(figure[a, g].item() for figure in figures),
            confidence,
            flag_from,
        )
        for a, g in np.argwhere(count > 0).tolist()
    )
    n_tested, flagged = int(tested.sum()), int(adjusted.flagged.sum())
    return Subgroups(
        ratings.trait, by, across, cells, n_tested, int(out.sum()), _headline(n_tested, flagged, by, across)
    )


def _refuse_two_groups(ratings, group, by):
    first = np.full(len(ratings.response.names), -1)
    known = group.codes >= 0
    first[ratings.response.codes[known]] = group.codes[known]
    wrong = np.flatnonzero(known & (first[ratings.response.codes] != group.codes))
    if wrong.size:
        response = ratings.response.names[ratings.response.codes[wrong[0]]]
        raise ValueError(f"Response {response} stands in two groups; {by!r} must be one per response.")


def _levels(ratings, label, consensus):
    """What is compared, the level of work it is compared at, and which reads can be."""
    score = ratings.points[ratings.score]
    if consensus is None:
        beside, met = _beside_others(ratings, label, score)
        return beside, np.zeros(score.size, int), met
    if not isinstance(consensus, Mapping):
        raise ValueError("The consensus scores must be a mapping from response to score.")
    given = [consensus.get(name) for name in ratings.response.names]
    worth = np.array([math.nan if one is None else float(one) for one in given])[ratings.response.codes]
    known = ~np.isnan(worth)
    level = np.zeros(score.size, int)
    level[known] = np.unique(worth[known], return_inverse=True)[1]
    return score, level, known


def _beside_others(ratings, label, score):
    """Each read minus the mean read of the same response under other labels, severities taken out."""
    unit, n_units = ratings.response.codes, len(ratings.response.names)
    fit = additive.fit(unit, ratings.scorer.codes, score, n_units, len(ratings.scorer.names))
    n = len(label.names) + 1
    own = unit * n + label.codes + 1
    size, mine = np.bincount(unit, minlength=n_units), np.bincount(own, minlength=n_units * n)
    total = np.bincount(unit, fit.residual, minlength=n_units)
    mine_total = np.bincount(own, fit.residual, minlength=n_units * n)
    others = (size[unit] - mine[own]).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        beside = fit.residual - (total[unit] - mine_total[own]) / others
    met = others > 0
    return np.where(met, beside, 0.0), met


def _responses(response, label, group, shape):
    """Different responses in each cell."""
    seen = np.unique((label * shape[1] + group) * (int(response.max(initial=0)) + 1) + response)
    cell = seen // (int(response.max(initial=0)) + 1)
    return np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape[:2])


def _rest(of_groups):
    """The same over all other groups."""
    return of_groups.sum(axis=1, keepdims=True) - of_groups


def _contrasts(sums, place, value, cluster, shape):
    """Group minus all other groups at equal levels: estimates, standard errors, degrees of freedom.

    Levels are weighted as least squares does it, by n m / (n + m). The error is the spread within level and
    group; with clusters (several scorers under one label) it is a sandwich over scorers instead.
    """
    n, total, square = sums
    m, rest_total, rest_square = (_rest(part) for part in sums)
    both = (n > 0) & (m > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.where(both, n * m / (n + m), 0.0)
        mean, rest_mean = total / n, rest_total / m
        apart = np.where(both, mean - rest_mean, 0.0)
        whole = weight.sum(axis=2)
        estimate = (weight * apart).sum(axis=2) / whole
        if cluster is None:
            scatter = (
                square
                - np.where(n > 0, total * mean, 0.0)
                + rest_square
                - np.where(m > 0, rest_total * rest_mean, 0.0)
            )
            df = np.where(both, n + m - 2, 0.0).sum(axis=2)
            se = np.sqrt(np.where(both, np.maximum(scatter, 0.0), 0.0).sum(axis=2) / df / whole)
            return estimate, np.where(df > 0, se, np.nan), df
    return estimate, *_by_cluster(
        estimate, weight / whole[:, :, None], (n, m), (mean, rest_mean), place, value, cluster, shape
    )


def _by_cluster(estimate, share, counts, means, place, value, cluster, shape):
    """Sandwich over the scorers under each label."""
    labels, groups, levels = shape
    own = place // (groups * levels) * (int(cluster.max(initial=0)) + 1) + cluster
    codes, own = np.unique(own, return_inverse=True)
    home = codes // (int(cluster.max(initial=0)) + 1)
    within = own * groups * levels + place % (groups * levels)
    n, total = (
        np.bincount(within, weight, minlength=codes.size * groups * levels).reshape(-1, groups, levels)
        for weight in (None, value)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = [
            np.nan_to_num(share[home] * (sums - often * mean[home]) / size[home])
            for sums, often, mean, size in zip(
                (total, _rest(total)), (n, _rest(n)), means, counts, strict=True
            )
        ]
    pull = (parts[0] - parts[1]).sum(axis=2)
    scorers = np.bincount(home, minlength=labels)[:, None] * np.ones(groups)
    variance = np.stack([np.bincount(home, pull[:, g] ** 2, minlength=labels) for g in range(groups)], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.where(scorers > 1, np.sqrt(variance * scorers / (scorers - 1)), np.nan)
    return se, scorers - 1


def _cell(label, group, n, estimate, se, df, p, adjusted, flagged, out, confidence, flag_from):
    method = "difference from others on equal work, this group minus all others"
    if out:
        nothing = Statistic(method=method, status=SUPPRESSED, sentence=HIDDEN)
        return SubgroupCell(label, group, None, nothing, math.nan, math.nan, TOO_FEW_TO_TELL)
    known = {"n_units": int(n), "method": method}
    if math.isnan(estimate) or not df > 0:
        said = "There are no other students, or no second scorer, to compare this group with."
        return SubgroupCell(
            label, group, int(n), undefined(TOO_FEW, said, **known), p, adjusted, TOO_FEW_TO_TELL
        )
    low, high = intervals.around(estimate, se, quantile=intervals.t_quantile((1 + confidence) / 2, df))
    verdict = LOOK if flagged else NO_SIGN if not math.isnan(p) else TOO_FEW_TO_TELL
    said = _sentence(label, group, estimate, low, high, verdict)
    status = {"status": WIDE} if n < flag_from else {}
    figure = Statistic(estimate, low, high, se, **known, **status, sentence=said)
    return SubgroupCell(label, group, int(n), figure, p, adjusted, verdict)


def _sentence(label, group, estimate, low, high, verdict):
    if verdict == TOO_FEW_TO_TELL:
        return f"Too few papers to tell whether {label} scores {group} differently."
    if verdict == NO_SIGN:
        return f"No sign that {label} scores {group} differently than others do on equal work."
    way = "lower" if estimate < 0 else "higher"
    near, far = sorted((abs(low), abs(high)))
    return (
        f"Look closer: on equal work, {label} scores {group} {abs(estimate):.2f} points {way} than others do, beside "
        f"all other groups (between {near:.2f} and {far:.2f}). Read some of these papers again before any conclusion."
    )


def _headline(n_tested, flagged, by, across):
    if not n_tested:
        return f"There are too few papers in every cell to compare the groups under {by!r}."
    cells = f"{n_tested:,} combination{'s' if n_tested > 1 else ''} of {across} and {by}"
    if not flagged:
        return f"No sign of different scoring in {cells}."
    return f"{flagged:,} of {cells} deserve a closer look, allowing for how many there are."
