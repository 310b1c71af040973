"""The same question put to a many-facet Rasch model: how sure is the true score point of a response?

There all traits of a response share one ability, so that they back each other up. That finds surer papers
from fewer reads, and believes too much where scorers who like one side of a paper like the others as well.
"""

import numpy as np

from calibration.measurement.anchoring import posterior
from calibration.measurement.facets import publish

FAR = 1e6  # logits; where a score point that nobody gave would begin


def true_points(ratings, fitted):
    """Chances of each true score point from a marginal fit, for `anchors.candidates(..., true_points=...)`.

    The true score point of a trait is the one a scorer of average severity reaches or passes at least as often
    as not, so the lines are where the chance of a score point or a higher one is one half (Thurstone's
    thresholds: they rise even where Rasch's do not). What is known of an ability is taken as a bell curve
    with the mean and standard deviation of its posterior.

    Parameters
    ----------
    ratings : Ratings
    fitted : facets.model.FacetsFit
        By marginal likelihood, of the same ratings, one item for each trait.

    Returns
    -------
    posterior.TruePoints
        NaN for responses that the model left out.

    Raises
    ------
    ValueError
        If a trait is no item of the fit.

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, s, "t", 1 + (r + (s == "ben" and r % 3 == 0)) % 3) for r in range(30) for s in ("ana", "ben")]
    >>> ratings = Ratings.from_rows(rows, points=[1, 2, 3])
    >>> true_points(ratings, publish.fit(ratings)).chances["t"].shape
    (30, 3)
    """
    place = {item: row for row, item in enumerate(fitted.design.items)}
    absent = [trait for trait in ratings.traits if trait not in place]
    if absent:
        raise ValueError(
            f"The fit has no item {absent[0]!r}; fit the traits of these ratings, without tasks."
        )
    known = publish.expected(fitted)
    persons = {name: row for row, name in enumerate(known.names)}
    rows = [persons.get(name, -1) for name in ratings.response.names]
    mean, sd = (np.append(column, np.nan)[rows] for column in (known.eap, known.sd))
    lines = {trait: _lines(fitted, place[trait], ratings.points[trait]) for trait in ratings.traits}
    return posterior.from_measures(ratings.response.names, mean, sd, lines)


def _lines(fitted, item, points):
    """Where each score point but the lowest begins; points nobody gave have no room between their lines."""
    scale = fitted.design.scale[item]
    used = fitted.design.points[scale]
    steps = fitted.parameters.item[item] + fitted.parameters.thresholds[scale][: used.size - 1]
    places = np.linspace(steps.min() - 12, steps.max() + 12, 4001)
    sums = np.cumsum(places[:, None] - steps, axis=1)
    sums = np.pad(sums, ((0, 0), (1, 0)))
    chance = np.exp(sums - sums.max(axis=1, keepdims=True))
    reach = 1 - np.cumsum(chance, axis=1) / chance.sum(axis=1, keepdims=True)
    begins = [-FAR, *(np.interp(0.5, column, places) for column in reach[:, :-1].T), FAR]
    return np.array([begins[np.searchsorted(used, point)] for point in points[1:]])
