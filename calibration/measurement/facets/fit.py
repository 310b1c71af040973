"""How well scores fit the model, and what a score would be with an average scorer.

References
----------
Wright, B. D., & Masters, G. N. (1982). *Rating scale analysis*. MESA Press.
Linacre, J. M. (1989). *Many-facet Rasch measurement*. MESA Press.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from calibration.measurement import multiplicity, result, wording
from calibration.measurement.facets import linking, model, separation
from calibration.measurement.facets import slots as gathered
from calibration.measurement.facets.model import Element, Threshold

MUCH = 0.5  # score points; a smaller difference is called a little
FLAG_FROM = 50  # papers; under this nothing is said about a scorer
NO_SIGN = "No clear sign of scoring more strictly or more leniently than the other scorers."


@dataclass(frozen=True, eq=False)
class MeanSquares:
    """Mean squared residuals against what the model expects: 1 when scores scatter as they should.

    `infit` weights by information, `outfit` counts surprises equally; the z figures follow the standard normal
    when the model holds (Wilson-Hilferty). Arrays, one place for each scorer, item or person; n counts scores.
    """

    infit: np.ndarray
    outfit: np.ndarray
    infit_z: np.ndarray
    outfit_z: np.ndarray
    n: np.ndarray

    @property
    def band(self):
        """Lower and upper limits of what n scores make likely: 1 -/+ 2 sqrt(2/n)."""
        with np.errstate(divide="ignore"):
            width = 2 * np.sqrt(2 / self.n)
        return np.maximum(1 - width, 0), 1 + width


def band(n):
    """Limits of an ordinary mean square made from n scores: 1 -/+ 2 sqrt(2/n), not a fixed 0.5 to 1.5.

    >>> [round(limit, 2) for limit in band(200)]
    [0.8, 1.2]
    """
    width = 2 * math.sqrt(2 / n)
    return max(1 - width, 0.0), 1 + width


def mean_squares(design, parameters, slots, theta, *, by):
    """Infit and outfit of scorers, items or combinations, from the slots of `slots.gather(design)`.

    `theta` is the measure of each cell; `by` holds arrays with a code for each slot, such as
    `(slots.item, slots.scorer)`. Returns a tuple, one `MeanSquares` for each. Exact: equal to going through every score.
    Persons at the lowest or highest possible total fit by construction and are not counted.
    """
    first, second = slots.sums(design)
    chance, _ = gathered.chances(design, parameters, theta[slots.cell], slots.scorer, slots.item)
    expected, variance = gathered.expected_and_variance(chance)
    told = ((slots.total > 0) & (slots.total < slots.most(design)))[slots.cell]
    weight = slots.weight * told
    square = np.maximum(second - 2 * expected * first + weight * expected**2, 0) * told
    fourth = _fourth(chance, expected)
    return tuple(_summed(codes, square, weight, variance, fourth) for codes in by)


def person_fit(design, parameters, theta):
    """Infit and outfit of every person: scores that no one measure explains stand out.

    `theta` is the measure of each person of the design.
    """
    parts = []
    for first in range(0, len(design.persons), 100_000):
        last = min(first + 100_000, len(design.persons))
        rows = slice(design.start[first], design.start[last])
        person = design.person[rows] - first
        chance, _ = gathered.chances(
            design, parameters, theta[first + person], design.scorer[rows], design.item[rows]
        )
        expected, variance = gathered.expected_and_variance(chance)
        square = (design.score[rows] - expected) ** 2
        parts.append(_summed(person, square, np.ones(person.size), variance, _fourth(chance, expected)))
    names = ("infit", "outfit", "infit_z", "outfit_z", "n")
    return MeanSquares(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def fair_average(design, parameters, center, *, severity=0.0, item=None):
    """The raw score a response with measure `center` is expected to get, everything else average.

    `severity` may be an array, one for each scorer asked about; with `item` (codes) the average scorer reads
    these items. Without `item`, items are taken at their mean difficulty and, where they have different
    scales, averaged. A figure to inform, never to replace the score that was given.
    """
    if item is None:
        ease = np.atleast_1d(center - severity - parameters.item.mean())
        each = [_expected_points(design, parameters, ease, s) for s in range(len(design.points))]
        return np.bincount(design.scale, minlength=len(each)) @ np.stack(each) / len(design.items)
    item = np.atleast_1d(item)
    ease = np.broadcast_to(center - parameters.item[item], item.shape)
    each = np.stack([_expected_points(design, parameters, ease, s) for s in range(len(design.points))])
    return each[design.scale[item], np.arange(item.size)]


def described(fitted, slots, theta, *, squares=None):
    """Fill in what follows from estimates: elements with fit and fair averages, thresholds, groups, separation.

    `fitted` has parameters, covariance and blocks; `slots` are those of its design and `theta` the measure of
    each cell. `squares` are the mean squares of items and of scorers where abilities are not known as single values
    (None: at `theta`). Returns a new `FacetsFit`.
    """
    design, parameters = fitted.design, fitted.parameters
    n_items, n_scorers = len(design.items), len(design.scorers)
    error = np.sqrt(np.maximum(np.diag(fitted.covariance), 0))
    item_error, scorer_error = error[:n_items], error[n_items : n_items + n_scorers]
    of_items, of_scorers = squares or mean_squares(
        design, parameters, slots, theta, by=(slots.item, slots.scorer)
    )
    center = float(slots.n @ theta / slots.n.sum())
    centers = _center_by_scorer(design, slots, theta)
    fair = fair_average(design, parameters, centers, severity=parameters.severity)
    plain = fair_average(design, parameters, centers, severity=np.zeros(n_scorers))
    words = _about_scorers(
        parameters.severity, scorer_error, fair - plain, of_scorers, slots.papers(n_scorers)
    )
    n = np.bincount(design.scorer, minlength=n_scorers)
    scorers = _elements(design.scorers, parameters.severity, scorer_error, n, of_scorers, fair, words)
    fair_items = fair_average(design, parameters, center, item=np.arange(n_items))
    n = np.bincount(design.item, minlength=n_items)
    items = _elements(design.items, parameters.item, item_error, n, of_items, fair_items, [""] * n_items)
    for facet, name, sentence in design.set_aside:
        lost = Element(name, math.nan, math.nan, 0, status=result.NO_VARIATION, sentence=sentence)
        (scorers if facet == "scorer" else items)[name] = lost
    groups, of_groups = _group_elements(fitted, center)
    item_places, scorer_places = slice(0, n_items), slice(n_items, n_items + n_scorers)
    apart = {
        "scorers": _separation_of(fitted, parameters.severity, scorer_error, scorer_places),
        "items": separation.separation(
            parameters.item, item_error, covariance=fitted.covariance[item_places, item_places], of="items"
        ),
        "persons": separation.separation(fitted.persons.measure, fitted.persons.se, of="persons"),
    }
    if of_groups is not None:
        apart["groups"] = of_groups
    return replace(
        fitted,
        scorers=scorers,
        items=items,
        groups=groups,
        thresholds=_thresholds(design, parameters, error[n_items + n_scorers :]),
        separation=apart,
    )


def _summed(by, square, weight, variance, fourth):
    """Mean squares of groups of slots from their squared residuals, variances and fourth moments."""
    variance = np.maximum(variance, 1e-12)
    n = np.bincount(by, weight)
    information = np.bincount(by, weight * variance)
    there = n > 0
    n_or_one, information = np.where(there, n, 1), np.where(there, information, 1)
    infit = np.bincount(by, square) / information
    outfit = np.bincount(by, square / variance) / n_or_one
    infit_spread = np.bincount(by, weight * (fourth - variance**2)) / information**2
    outfit_spread = np.bincount(by, weight * (fourth / variance**2 - 1)) / n_or_one**2
    return MeanSquares(
        *(np.where(there, values, np.nan) for values in (infit, outfit)),
        *(
            np.where(there, standardized(mean_square, spread), np.nan)
            for mean_square, spread in ((infit, infit_spread), (outfit, outfit_spread))
        ),
        n.astype(np.int64),
    )


def standardized(mean_square, spread):
    """Wilson and Hilferty's cube root: a mean square with this variance as a standard normal figure."""
    q = np.sqrt(np.maximum(spread, 1e-12))
    return (np.cbrt(mean_square) - 1) * 3 / q + q / 3


def _fourth(chance, expected):
    """Fourth central moment of the category in each slot."""
    squares = (np.arange(chance.shape[0])[:, None] - expected) ** 2
    return (chance * squares * squares).sum(axis=0)


def _expected_points(design, parameters, ease, scale):
    """Expected score points on one scale, for responses this much above the item and the scorer."""
    cumulated = parameters.cumulated[scale][: design.points[scale].size]
    logits = np.multiply.outer(ease, np.arange(cumulated.size)) - cumulated
    chance = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return chance @ design.points[scale] / chance.sum(axis=-1)


def _center_by_scorer(design, slots, theta):
    """The mean measure of the persons on the scorer's side of any gap between components."""
    component = linking.connected(design.person, design.scorer, len(design.scorers))
    of_cell = component[slots.scorer[slots.start[:-1]]]
    means = np.bincount(of_cell, slots.n * theta) / np.bincount(of_cell, slots.n)
    return means[component]


def _elements(names, measures, errors, n, squares, fair, words):
    columns = (names, measures, errors, n, squares.infit, squares.outfit)
    columns += (squares.infit_z, squares.outfit_z, fair)
    rows = zip(*(c.tolist() if isinstance(c, np.ndarray) else c for c in columns), words, strict=True)
    return {row[0]: Element(*row[:9], sentence=row[9]) for row in rows}


def _about_scorers(severity, errors, points, squares, papers):
    """What severities and infit mean, in words that judge nobody; luck among many scorers is allowed for."""
    enough, infit, n = papers >= FLAG_FROM, squares.infit, np.maximum(squares.n, 1)
    there = enough & (errors > 0)
    apart = _flagged(np.divide(severity, errors, out=np.full(severity.size, math.nan), where=there))
    # With few scores a response, all mean squares may lie off 1 together; a scorer is compared with the middle one.
    usual = float(np.nanmedian(infit)) if np.isfinite(infit).sum() > 2 else 1.0
    odd = _flagged(np.where(enough, (infit / usual - 1) / np.sqrt(2 / n), math.nan))
    for place in range(severity.size):
        if not enough[place]:
            yield f"Only {wording.papers(int(papers[place]))} read: {FLAG_FROM} are needed to say more."
            continue
        words = NO_SIGN
        if apart[place]:
            way, than = ("stricter", "lower") if severity[place] > 0 else ("more lenient", "higher")
            far = abs(points[place])
            little = "A little " + way if far < MUCH else way.capitalize()
            words = f"{little} than the other scorers: about {far:.2f} points {than} on the same paper."
        if odd[place] and infit[place] > usual:
            words += " Scores are less predictable than expected: worth a conversation."
        elif odd[place]:
            words += " Scores are more alike than expected."
        yield words


def _flagged(ratios):
    """Which of many ratios to their standard errors are further from 0 than luck explains."""
    p = np.array([multiplicity.two_sided(ratio) for ratio in ratios.tolist()])
    return multiplicity.benjamini_hochberg(p).flagged if np.isfinite(p).any() else np.zeros(p.size, bool)


def _separation_of(fitted, severity, errors, places):
    """Separation of the scorers, where all of them can be compared."""
    if fitted.blocks.max(initial=0) > 0:
        return separation.undefined(severity.size, linking.NOT_LINKED, linking.APART)
    return separation.separation(severity, errors, covariance=fitted.covariance[places, places])


def _group_elements(fitted, center):
    """Severity of each group (the plain mean of its scorers, groups summing to zero), and their separation."""
    design = fitted.design
    if not design.groups:
        return {}, None
    there = np.unique(design.group)
    names = [design.groups[code] for code in there]
    n = np.bincount(design.group[design.scorer], minlength=len(design.groups))[there]
    if fitted.blocks.max(initial=0) > 0:
        lost = {
            name: Element(name, math.nan, math.nan, count, status=linking.NOT_LINKED, sentence=linking.APART)
            for name, count in zip(names, n.tolist(), strict=True)
        }
        return lost, separation.undefined(len(names), linking.NOT_LINKED, linking.APART)
    weights = (design.group == there[:, None]).astype(float)
    weights /= weights.sum(axis=1, keepdims=True)
    weights -= weights.mean(axis=0)
    scorers = slice(len(design.items), len(design.items) + len(design.scorers))
    covariance = weights @ fitted.covariance[scorers, scorers] @ weights.T
    measures = weights @ fitted.parameters.severity
    errors = np.sqrt(np.maximum(np.diag(covariance), 0))
    fair = fair_average(design, fitted.parameters, center, severity=measures)
    rows = zip(names, measures.tolist(), errors.tolist(), n.tolist(), fair.tolist(), strict=True)
    found = {row[0]: Element(*row[:4], fair_average=row[4]) for row in rows}
    return found, separation.separation(measures, errors, covariance=covariance, of="groups")


def _thresholds(design, parameters, errors):
    found = []
    for place, (scale, step) in enumerate(zip(*model.step_places(design), strict=True)):
        points = design.points[scale]
        items = tuple(name for name, of in zip(design.items, design.scale, strict=True) if of == scale)
        measure = float(parameters.thresholds[scale, step])
        found.append(
            Threshold(items, float(points[step]), float(points[step + 1]), measure, float(errors[place]))
        )
    return tuple(found)
