"""Agreement district by district, task by task, scorer by scorer: all groups in one count."""

from dataclasses import dataclass, replace

import numpy as np

from calibration.measurement import alpha as krippendorffs
from calibration.measurement import differences, gwet, intervals, kappa, linearization, pairs, shares, wording
from calibration.measurement.ratings import Labels
from calibration.measurement.result import NO_TELLING, NO_VARIATION, Statistic, page_rule, undefined

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
    ac2: Statistic
    alpha: Statistic
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
    return _stated(pairs.by_label(ratings, by), ratings.points, by == "scorer", tolerance, confidence)


def by_pair(ratings, by="scorer", *, tolerance=1, confidence=CONFIDENCE):
    """Agreement of every two scorers who met (or of every two labels of another column).

    The label is the pair, in order; the mean difference is the first of the pair minus the second.
    """
    return _stated(pairs.by_label_pair(ratings, by), ratings.points, by == "scorer", tolerance, confidence)


def with_weeks(ratings, time="time"):
    """The same ratings with the label "week" (ISO 8601: 2025-W47), from a label that holds dates or times.

    `by_group(with_weeks(ratings), "week")` then gives the agreement of every week in one count. A pair of
    reads made in two weeks counts under both.

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [{"response": r, "scorer": s, "trait": "t", "score": 1 + (r > s), "time": f"2024-12-{29 + r}"}
    ...         for r in range(3) for s in range(2)]
    >>> ratings = with_weeks(Ratings.from_rows(rows, points=[1, 2]).of("t"))
    >>> [(row.label, row.n_units) for row in by_group(ratings, "week")]
    [('2024-W52', 1), ('2025-W01', 2)]
    """
    column = ratings.column(time)
    try:
        days = np.array([str(name)[:10] for name in column.names], "datetime64[D]")
    except ValueError:
        raise ValueError(
            f"The {time} of a read is a date as 2025-11-23, with or without a time of day."
        ) from None
    number = days.astype(np.int64)
    thursday = (number - (number + 3) % 7 + 3).astype("datetime64[D]")  # its year is the year of the week
    year = thursday.astype("datetime64[Y]")
    weeks = (thursday - year.astype("datetime64[D]")).astype(np.int64) // 7 + 1
    names = [f"{one}-W{week:02}" for one, week in zip(year.astype(str).tolist(), weeks.tolist(), strict=True)]
    different = sorted(set(names))
    place = {name: code for code, name in enumerate(different)}
    codes = np.array([*(place[name] for name in names), -1], np.int64)[column.codes]
    return replace(ratings, labels={**ratings.labels, "week": Labels(tuple(different), codes)})


def _stated(counted, points, sided, tolerance, confidence):
    """Every figure for the whole stack of tables at once; records only at the end."""
    tables, fair = counted.tables, (counted.tables + np.swapaxes(counted.tables, 1, 2)) / 2
    apart, n = shares.distances(points), tables.sum(axis=(1, 2))
    same, close = apart <= shares.NEAR_ENOUGH, apart <= tolerance + shares.NEAR_ENOUGH
    chosen = {"exact": same, "adjacent": close & ~same, "within": close, "discrepant": ~close}
    found = {name: _shares(tables, n, cells, confidence) for name, cells in chosen.items()}
    if sided:
        value, se, _ = kappa.cohen_tables(tables, points, 2)
    else:
        value, se = kappa.pooled_tables(fair, points, 2)
    gwets, alphas = gwet.tables(fair, points), krippendorffs.of_labels(counted, points)
    rows = []
    for place, label in enumerate(counted.labels):
        if n[place] <= 0:
            continue
        known = {"n_units": round(n[place]), "n_pairs": int(counted.pairs[place])}
        parts = {name: _share(figures[:, place], name, known) for name, figures in found.items()}
        exact, within = (parts[name].value * n[place] for name in ("exact", "within"))
        rows.append(
            GroupAgreement(
                label=label,
                **known,
                **parts,
                qwk=_kappa(float(value[place]), float(se[place]), sided, confidence, known),
                ac2=_coefficient(
                    *(float(figure[place]) for figure in gwets),
                    "Gwet's AC2, quadratic weights",
                    gwet.sentence,
                    confidence,
                    known,
                ),
                alpha=_coefficient(
                    *(float(figure[place]) for figure in alphas),
                    "Krippendorff's alpha, ordinal",
                    krippendorffs.sentence,
                    confidence,
                    known,
                ),
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
    name = "Cohen's kappa" if sided else "Scott-type kappa of pooled pairs"
    quantile = intervals.normal_quantile((1 + confidence) / 2) if sided else None
    method = f"{name}, quadratic weights"
    return _coefficient(value, se, method, lambda it: kappa.sentence(it, 2), confidence, known, quantile)


def _coefficient(value, se, method, sentence, confidence, known, quantile=None):
    if np.isnan(value):
        return undefined(NO_VARIATION, NO_TELLING, method=method, **known)
    quantile = quantile or intervals.t_quantile((1 + confidence) / 2, max(known["n_units"] - 1, 1))
    se = 0.0 if se < linearization.ROUNDING else se
    low, high = intervals.around(value, se, quantile=quantile, least=-1.0, most=1.0)
    return page_rule(Statistic(value, low, high, se, method, **known, sentence=sentence(value)))
