"""How sure is the true score point of a response, given every read of it?"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.anchoring import reading, together
from calibration.measurement.anchoring.profiles import profiles
from calibration.measurement.ratings import blocks

MOST_MORE = 4  # further reads worth thinking about
_BLOCK = 20_000  # patterns held at a time


@dataclass(frozen=True, eq=False)
class TruePoints:
    """Chances of each true score point, for every response and trait.

    `chances[trait]` has one row per response (in the order of `responses`) and one column per score point;
    a row of NaN says that nothing is known. `more[trait]` is how many further reads, all at the point the
    response's reads agree on, would make that point `certain` enough (0: it is; MOST_MORE + 1: more than
    MOST_MORE). `misfit` is the mean squared surprise of the reads of a response over all traits, about 1
    when scorers differ as they usually do; NaN where it was not worked out. `whole` is the chance that the points
    its reads agree on (the likeliest, where they differ) are the true ones on every trait; NaN where that was not
    worked out.
    """

    responses: tuple
    chances: dict
    more: dict
    misfit: np.ndarray
    method: str
    whole: np.ndarray | None = None


def true_points(ratings, *, certain=0.9):
    """Work out how likely each score point is the true one, for every response and trait.

    Uses each trait's own reads, the severity of whoever gave them and the consistency of all scorers
    (`reading.fit`), and the other traits as far as they go together in the work and not in the liking of the one
    who scores (`together`). The same scores by equally strict scorers are worked out once, however many
    responses have them.

    Parameters
    ----------
    ratings : Ratings
    certain : float
        The chance from which a score point is taken as sure; only `more` depends on it.

    Returns
    -------
    TruePoints
        A trait with fewer than 30 responses read twice is all NaN.

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, s, "t", 1 + r % 4) for r in range(40) for s in ("ana", "ben")]
    >>> true_points(Ratings.from_rows(rows, points=[1, 2, 3, 4])).chances["t"].argmax(axis=1)[:4].tolist()
    [0, 1, 2, 3]
    """
    n = len(ratings.response.names)
    chances, more, surprise, reads, models = {}, {}, np.zeros(n), np.zeros(n), []
    for trait in ratings.traits:
        mine = ratings.of(trait)
        chances[trait] = np.full((n, mine.points.size), np.nan)
        more[trait] = np.full(n, MOST_MORE + 1)
        model = reading.fit(mine)
        models.append(model)
        if model is None:
            continue
        code = model.severity_class[mine.scorer.codes] * mine.points.size + mine.score
        for size, rows in blocks(mine.response.codes, n).items():
            kinds, place = _distinct(np.sort(code[rows], axis=1), model.chances.shape[0] * mine.points.size)
            parts = [_judge(model, some, certain) for some in _in_blocks(kinds)]
            chance, missing, far = (np.concatenate(columns)[place] for columns in zip(*parts, strict=True))
            unit = mine.response.codes[rows[:, 0]]
            chances[trait][unit], more[trait][unit] = chance, missing
            surprise[unit] += far
            reads[unit] += size
    whole = _all_together(ratings, models, chances, more, certain) if None not in models else None
    with np.errstate(invalid="ignore"):
        misfit = np.where(reads > 0, surprise / np.maximum(reads, 1), np.nan)
    return TruePoints(
        ratings.response.names, chances, more, misfit, "ordinal probit model of reads, traits together", whole
    )


def of_reads(model, scores):
    """Work out how likely each score point is the true one of a paper, from independent reads by people of average severity.

    For a committee: its members read slowly and together read far more than any event's double reads, so a model
    that was fitted to the event says, if anything, too little.

    Parameters
    ----------
    model : Reading
        How reads of the trait come about (`reading.fit`).
    scores : sequence of float
        The score points given.

    Returns
    -------
    array of float
        One chance for each score point of the trait.

    Raises
    ------
    ValueError
        If there is no score, or one that is no score point.

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, s, "t", 1 + r % 4 + (s == "ben" and r % 12 == 1)) for r in range(80) for s in ("ana", "ben")]
    >>> model = reading.fit(Ratings.from_rows(rows, points=[1, 2, 3, 4]).of("t"))
    >>> of_reads(model, [3, 3, 3, 2]).round(2).tolist()
    [0.0, 0.18, 0.82, 0.0]
    """
    places = [np.flatnonzero(model.points == score) for score in scores]
    if not places or any(place.size != 1 for place in places):
        raise ValueError(f"Each score is one of {model.points.tolist()}, and there is at least one.")
    average = model.chances[model.chances.shape[0] // 2]
    mass = model.weights * np.exp(np.log(average[np.concatenate(places)]).sum(axis=0))
    return mass / mass.sum() @ model.memberships


def _all_together(ratings, models, chances, more, certain):
    """Let the traits back each other up where every read scored all of them; return the chances that all are true."""
    whole = np.full(len(ratings.response.names), np.nan)
    if len(models) < 2:
        return whole
    table, how = profiles(ratings), together.loadings(ratings, models)
    close = table.complete & (table.reads > 1) & (table.highest - table.lowest <= 1).all(axis=1)
    agreed = np.where(table.highest == table.lowest, table.lowest, -1)
    rows = [blocks(ratings.of(trait).response.codes, whole.size) for trait in ratings.traits]
    for size in rows[0]:
        codes = []
        for trait, model, mine in zip(ratings.traits, models, rows, strict=True):
            reads = ratings.of(trait)
            code = model.severity_class[reads.scorer.codes] * reads.points.size + reads.score
            some = mine[size] if size in mine else np.empty((0, size), np.int64)
            some = some[close[reads.response.codes[some[:, 0]]]] if len(some) else some
            order = np.argsort(reads.response.codes[some[:, 0]]) if len(some) else []
            codes.append(code[some[order]])
        units = np.sort(reads.response.codes[some[:, 0]]) if len(some) else np.empty(0, np.int64)
        if not len(units):
            continue
        marginals, whole[units] = together.judge(models, how, codes, agreed[units])
        for column, (trait, share) in enumerate(zip(ratings.traits, marginals, strict=True)):
            chances[trait][units] = share
            sure = (
                np.take_along_axis(share, np.maximum(agreed[units, column], 0)[:, None], axis=1)[:, 0]
                >= certain
            )
            missing = np.where(sure, 0, np.maximum(more[trait][units], 1))
            more[trait][units] = np.where(agreed[units, column] >= 0, missing, more[trait][units])
    return whole


def from_measures(responses, measures, errors, lines, *, method="many-facet Rasch measures"):
    """The same from the measures of a many-facet Rasch model: a bell curve around each, cut by the lines.

    Parameters
    ----------
    responses : sequence
        Labels, in the order of the measures.
    measures, errors : array of float
        Measure of each response and its standard error, in logits; NaN where there is none.
    lines : dict
        For each trait the places on the same scale where a scorer of average severity passes from one score
        point to the next, from low to high (`rasch.true_points` takes them from a fit).

    Raises
    ------
    ValueError
        If the columns are not equally long, an error is not positive or the lines do not rise.

    >>> found = from_measures(["R1"], [0.0], [0.5], {"ideas": [-2.0, 0.0, 2.0]})
    >>> found.chances["ideas"].round(2).tolist()
    [[0.0, 0.5, 0.5, 0.0]]
    """
    responses, measures, errors = tuple(responses), np.asarray(measures, float), np.asarray(errors, float)
    if not len(responses) == measures.size == errors.size:
        raise ValueError("There must be one measure and one standard error for each response.")
    if (errors <= 0).any():
        row = int(np.argmax(errors <= 0))
        raise ValueError(f"The standard error of response {responses[row]} is not above 0.")
    chances, more = {}, {}
    for trait, places in lines.items():
        places = np.asarray(places, float)
        if (np.diff(places) < 0).any():
            raise ValueError(
                f"The lines of {trait!r} do not rise. Give the places where half of all reads reach each score "
                "point or a higher one."
            )
        below = reading.share_below((places - measures[:, None]) / errors[:, None])
        chances[trait] = np.diff(below, axis=1, prepend=0, append=1)
        more[trait] = np.full(measures.size, MOST_MORE + 1)
    return TruePoints(responses, chances, more, np.full(measures.size, np.nan), method)


def _judge(model, kinds, certain):
    """For patterns of reads (severity class and score in one number): chances, reads missing, surprise."""
    q = model.points.size
    flat = model.chances.reshape(-1, model.weights.size)
    mass = model.weights * np.exp(np.log(flat)[kinds].sum(axis=1))
    mass /= mass.sum(axis=1, keepdims=True)
    far = np.einsum("px,px->p", mass, _surprise(model).reshape(flat.shape)[kinds].sum(axis=1))

    chances = mass @ model.memberships
    score = kinds % q
    agreed = np.where((score == score[:, :1]).all(axis=1), score[:, 0], -1)
    more = np.full(agreed.size, MOST_MORE + 1)
    average = model.chances[model.chances.shape[0] // 2]
    for point in range(q):
        rows = np.flatnonzero(agreed == point)
        further = mass[rows]
        for extra in range(MOST_MORE + 1):
            sure = further @ model.memberships[:, point] >= certain * further.sum(axis=1)
            more[rows[sure]] = np.minimum(more[rows[sure]], extra)
            further = further * average[point]
    return chances, more, far


def _surprise(model):
    """Squared distance of a score from what was to be expected at a place, in variances."""
    values = model.points
    mean = np.einsum("skx,k->sx", model.chances, values)
    square = (values[:, None] - mean[:, None, :]) ** 2
    return square / (model.chances * square).sum(axis=1, keepdims=True)


def _distinct(codes, base):
    """Distinct rows, and for each row the place of its kind."""
    if codes.shape[1] * np.log(base) > 40:  # too many possible patterns for one whole number
        kinds, place = np.unique(codes, axis=0, return_inverse=True)
        return kinds, place.ravel()
    key = codes @ base ** np.arange(codes.shape[1], dtype=np.int64)
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    return codes[first], place


def _in_blocks(kinds):
    return (kinds[start : start + _BLOCK] for start in range(0, len(kinds), _BLOCK))
