"""Agreement district by district, task by task, scorer by scorer: all groups in one count."""

from dataclasses import dataclass

import numpy as np

from calibration.measurement import differences, intervals, kappa, pairs, shares, wording
from calibration.measurement.result import NO_VARIATION, Statistic, page_rule, undefined

CONFIDENCE = 0.95


@dataclass(frozen=True)
class GroupAgreement:
    """The agreement inside one group; `mean_difference` only where one side is a scorer or a named side."""

    label: object
    n_units: int
    n_pairs: int
    exact: Statistic
    adjacent: Statistic
    within: Statistic
    discrepant: Statistic
    qwk: Statistic
    mean_difference: Statistic | None
    sentence: str


def by_group(ratings, by, *, tolerance=1, confidence=CONFIDENCE):
    """Agreement under every label of a column: "district", "task", "group", any other, or "scorer".

    A pair of reads between two labels counts under both. For scorers, each is set against the other reads of
    the same responses.

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [("R1", "ana", "t", 1, "T", "A"), ("R1", "ben", "t", 1, "T", "A"),
    ...         ("R2", "ana", "t", 1, "T", "B"), ("R2", "cy", "t", 2, "T", "B")]
    >>> [(row.label, row.exact.value) for row in by_group(Ratings.from_rows(rows, points=[1, 2]).of("t"), "district")]
    [('A', 1.0), ('B', 0.0)]
    """
    labels, tables, whole = pairs.by_label(ratings, by)
    return _stated(labels, tables, whole, ratings.points, by == "scorer", tolerance, confidence)


def by_pair(ratings, by="scorer", *, tolerance=1, confidence=CONFIDENCE):
    """Agreement of every two scorers who met (or of every two labels of another column).

    The label is the pair, in order; the mean difference is the first of the pair minus the second.
    """
    labels, tables, whole = pairs.by_label_pair(ratings, by)
    return _stated(labels, tables, whole, ratings.points, by == "scorer", tolerance, confidence)


def _stated(labels, tables, whole, points, sided, tolerance, confidence):
    """Every figure for the whole stack of tables at once; records only at the end."""
    apart, n = shares.distances(points), tables.sum(axis=(1, 2))
    same, close = apart <= shares.NEAR_ENOUGH, apart <= tolerance + shares.NEAR_ENOUGH
    chosen = {"exact": same, "adjacent": close & ~same, "within": close, "discrepant": ~close}
    found = {name: _shares(tables, n, cells, confidence) for name, cells in chosen.items()}
    if sided:
        value, se, _ = kappa.cohen_tables(tables, points, 2)
    else:
        value, se = kappa.pooled_tables((tables + np.swapaxes(tables, 1, 2)) / 2, points, 2)
    rows = []
    for place, label in enumerate(labels):
        if n[place] <= 0:
            continue
        known = {"n_units": round(n[place]), "n_pairs": int(whole[place])}
        parts = {name: _share(figures[:, place], name, known) for name, figures in found.items()}
        exact, within = (parts[name].value * n[place] for name in ("exact", "within"))
        rows.append(
            GroupAgreement(
                label=label,
                **known,
                **parts,
                qwk=_kappa(float(value[place]), float(se[place]), sided, confidence, known),
                mean_difference=_difference(label, tables[place], points, confidence, known)
                if sided
                else None,
                sentence=wording.same_score("Two scorers", exact, within, known["n_units"], tolerance),
            )
        )
    return tuple(rows)


def _shares(tables, n, chosen, confidence):
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.clip(tables[:, chosen].sum(axis=1) / n, 0, 1)
        low, high = intervals.wilson(value, n, confidence)
        return np.stack([value, low, high, np.sqrt(value * (1 - value) / n)])


def _share(figures, name, known):
    value, low, high, se = figures.tolist()
    return Statistic(value, low, high, se, f"{name}, Wilson interval over responses", **known)


def _difference(label, table, points, confidence, known):
    """The own side (rows) minus the other side (columns)."""
    who, others = map(str, label) if isinstance(label, tuple) else ("", "the other scorers")
    return differences.mean_difference(
        table.T, points, who=who, others=others, confidence=confidence, **known
    )


def _kappa(value, se, sided, confidence, known):
    n, upper = known["n_units"], (1 + confidence) / 2
    name = "Cohen's kappa" if sided else "Scott-type kappa of pooled pairs"
    method = f"{name}, quadratic weights"
    if np.isnan(value):
        return undefined(NO_VARIATION, kappa.NO_TELLING, method=method, **known)
    quantile = intervals.normal_quantile(upper) if sided else intervals.t_quantile(upper, max(n - 1, 1))
    se = 0.0 if se < 1e-12 else se
    low, high = intervals.around(value, se, quantile=quantile, least=-1.0, most=1.0)
    return page_rule(Statistic(value, low, high, se, method, **known, sentence=kappa.sentence(value, 2)))
