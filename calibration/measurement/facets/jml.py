"""Joint maximum likelihood: the quick look at a many-facet Rasch model, not the figures to publish.

Persons are parameters too, so the estimates grow too far apart when a person has few scores: by about m/(m - 1)
with m scores each. Full Newton steps with the persons eliminated converge in a handful of rounds.

References
----------
Linacre, J. M. (1989). *Many-facet Rasch measurement*. MESA Press.
Wright, B. D., & Douglas, G. A. (1977). Best procedures for sample-free item analysis. *Applied Psychological
Measurement*, 1(2), 281-295.
"""

import numpy as np

from calibration.measurement.facets import fit, information, linking
from calibration.measurement.facets import slots as gathered
from calibration.measurement.facets.model import FacetsFit, Parameters, Persons, constraints

ADJUSTMENT = 0.3  # how far a lowest or highest total is moved inwards to give its person a measure
ROUNDS = 60
FURTHEST_STEP = 3.0  # logits in one round
OUT_OF_SIGHT = 30.0  # logits; what gets this far is running away: exp(-30) is lost beside 1
SMALL_STEP = 1e-8
SCREEN_ONLY = "warning:screen_only"
LEFT_OUT, ADJUSTED = "left_out", "adjusted"
NOT_CONVERGED = "warning:not_converged"


def estimate(design, *, correct=False, extremes=None, adjustment=ADJUSTMENT, anchors=None):
    """Fit the model quickly, for a live look at scorers; publish the marginal estimates instead.

    Parameters
    ----------
    design : model.Design
    correct : bool
        Shrink items, severities and thresholds by (m - 1)/m, m being the mean number of scores of a person.
    extremes : "left_out", "adjusted" or None
        What to do with persons at the lowest or highest possible total, which have no finite measure: leave
        them out of everything but their own measure (as FACETS does; the exact likelihood), or move their
        totals inwards and keep them (as R TAM does). None: "left_out" with the correction or with anchors,
        which need the exact likelihood, else "adjusted".
    adjustment : float
        How far such a total is moved inwards, in score points.
    anchors : dict or None
        {"scorers": {name: severity}, "items": {name: difficulty}} to hold at given values (not with `correct`).

    Returns
    -------
    model.FacetsFit
        With status "warning:screen_only": it is never for publication. Severities sum to zero among scorers
        that can be compared (`blocks`), items sum to zero, and persons are free.

    Raises
    ------
    ValueError
        When no person has a total between the lowest and the highest, or an anchor is not in the design.

    >>> from calibration.measurement.facets.model import Design
    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, s, t, x) for r, xs in enumerate([(0, 1, 1, 0), (1, 0, 1, 1), (0, 0, 1, 0), (1, 1, 0, 1)])
    ...         for (s, t), x in zip([("ana", "a"), ("ben", "a"), ("ana", "b"), ("ben", "b")], xs)]
    >>> found = estimate(Design.of(Ratings.from_rows(rows, points=[0, 1])))
    >>> found.status, round(found.scorers["ben"].measure, 6)
    ('warning:screen_only', 0.317888)
    """
    _check(extremes, adjustment, correct, anchors)
    left_out = extremes == LEFT_OUT or (extremes is None and bool(correct or anchors))
    kept = _without_extreme_persons(design, left_out)
    blocks, item_blocks = linking.comparable(kept)
    offset, basis = constraints(
        kept, blocks=blocks, item_blocks=item_blocks, anchors=anchor_vector(kept, anchors)
    )
    slots = gathered.gather(kept)
    total = np.clip(slots.total, adjustment, slots.most(kept) - adjustment)
    frame = information.frame(kept, slots, total)
    parameters, theta = information.start_values(frame)
    start = np.linalg.lstsq(basis, parameters.vector - offset, rcond=None)[0]
    parameters = Parameters.from_vector(kept, offset + basis @ start)
    parameters, theta, state, rounds, converged = _climb(frame, parameters, theta, basis)
    covariance = basis @ _inverse(basis.T @ state.information @ basis) @ basis.T
    deviance = -2 * (state.log_likelihood + slots.n @ ((slots.total - total) * theta))
    m = kept.n_rows / len(kept.persons)
    # Residuals belong to the estimates that were made from them, so they are taken before any correction.
    squares = fit.mean_squares(kept, parameters, slots, theta, by=(slots.item, slots.scorer))
    if correct:
        factor = (m - 1) / m
        parameters = Parameters.from_vector(kept, parameters.vector * factor)
        covariance = covariance * factor  # the estimates scatter by 1 / factor more than the likelihood tells
        theta, _ = measures(kept, parameters, slots.cell, slots.scorer, slots.item, total, theta)
    fitted = FacetsFit(
        estimator=f"JML, corrected by (m - 1)/m with m = {m:.3g}" if correct else "JML",
        design=kept,
        parameters=parameters,
        covariance=covariance,
        scorers={},
        items={},
        groups={},
        thresholds=(),
        persons=_persons(design, kept, parameters, theta, slots, adjustment),
        deviance=float(deviance),
        n_parameters=basis.shape[1] + len(kept.persons),
        iterations=rounds,
        converged=converged,
        blocks=blocks,
        status=SCREEN_ONLY if converged else NOT_CONVERGED,
        notes=kept.notes + tuple(_notes(design, kept, m, correct, converged)),
    )
    return fit.described(fitted, slots, theta, squares=squares)


def _check(extremes, adjustment, correct, anchors):
    if extremes not in (None, LEFT_OUT, ADJUSTED):
        raise ValueError(f"Extreme persons are {LEFT_OUT!r} or {ADJUSTED!r}, not {extremes!r}.")
    if not 0 < adjustment < 0.5:
        raise ValueError(f"The adjustment must lie between 0 and 0.5; this is {adjustment:g}.")
    if anchors and correct:
        raise ValueError(
            "Anchored values are not to be shrunk: give anchors or ask for the correction, not both."
        )


def anchor_vector(design, anchors):
    """Anchors by name as a vector like that of the parameters, NaN where free; None without anchors.

    Raises ValueError for a facet or a name the design does not have.
    """
    if not anchors:
        return None
    names = {"items": design.items, "scorers": design.scorers}
    values = {facet: np.full(len(known), np.nan) for facet, known in names.items()}
    for facet, given in anchors.items():
        if facet not in names:
            raise ValueError(f"Anchors are for scorers or items, not for {facet!r}.")
        for name, value in given.items():
            if name not in names[facet]:
                raise ValueError(f"There is no {name!r} among the {facet} to anchor.")
            if not np.isfinite(value):
                raise ValueError(f"The anchor of {name!r} is no number.")
            values[facet][names[facet].index(name)] = value
    return np.concatenate([values["items"], values["scorers"], np.full(int(design.n_steps.sum()), np.nan)])


def _without_extreme_persons(design, left_out):
    """Leave out persons at the lowest or highest total until there are none (others may become so)."""
    while True:
        total, most = design.totals
        extreme = (total == 0) | (total == most)
        if extreme.all():
            raise ValueError(
                "Every response got only the lowest or only the highest scores, so scorers can not be compared."
            )
        if not (left_out and extreme.any()):
            return design
        design = design.only(~extreme[design.person])


def _climb(frame, parameters, theta, basis):
    """Newton steps, shortened where they would lead down; the likelihood is concave, so up is the way."""
    state = information.evaluate(frame, parameters, theta)
    for rounds in range(1, ROUNDS + 1):
        step = basis @ _solve(basis.T @ state.information @ basis, basis.T @ state.gradient)
        person_step = state.carry(step)
        furthest = max(np.abs(step).max(initial=0), np.abs(person_step).max())
        if furthest < SMALL_STEP:
            return parameters, theta, state, rounds, True
        length = min(1.0, FURTHEST_STEP / furthest)
        slack = 1e-9 * abs(state.log_likelihood)
        for _ in range(30):
            there = Parameters.from_vector(frame.design, parameters.vector + length * step)
            moved = information.evaluate(frame, there, theta + length * person_step)
            if moved.log_likelihood >= state.log_likelihood - slack:
                break
            length /= 2
        parameters, theta, state = there, theta + length * person_step, moved
        if np.abs(parameters.vector).max(initial=0) > OUT_OF_SIGHT:
            break
    return parameters, theta, state, rounds, False


def _solve(matrix, vector):
    """The Newton step; where nothing tells a direction, no step in it."""
    if not vector.size:
        return vector
    try:
        return np.linalg.solve(matrix, vector)
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(matrix, vector, rcond=1e-12)[0]


def _inverse(matrix):
    return np.linalg.pinv(matrix, rcond=1e-12, hermitian=True) if matrix.size else matrix


def measures(design, parameters, person, scorer, item, total, theta):
    """Maximum likelihood measure and standard error of each person at given parameters.

    `person`, `scorer` and `item` describe the scores; `total` (above 0, below the most possible; it need not be
    whole) and the starting value `theta` belong to the persons.
    """
    for _ in range(ROUNDS):
        chance, _ = gathered.chances(design, parameters, theta[person], scorer, item)
        expected, variance = gathered.expected_and_variance(chance)
        spread = np.bincount(person, variance, theta.size)
        step = (total - np.bincount(person, expected, theta.size)) / np.maximum(spread, 1e-12)
        theta = theta + np.clip(step, -1, 1)
        if np.abs(step).max() < SMALL_STEP:
            break
    return theta, 1 / np.sqrt(spread)


def _persons(design, kept, parameters, theta, slots, adjustment):
    """Measures of all persons of the design, those at an extreme total included."""
    chance, _ = gathered.chances(kept, parameters, theta[slots.cell], slots.scorer, slots.item)
    spread = np.bincount(slots.cell, gathered.expected_and_variance(chance)[1], theta.size)
    own, own_se = theta[slots.of_person], (1 / np.sqrt(spread))[slots.of_person]
    total, most = design.totals
    extreme = np.where(total == 0, -1, np.where(total == most, 1, 0)).astype(np.int8)
    if kept is design:
        return Persons(design.persons, own, own_se, extreme)
    measure, se = np.full(total.size, np.nan), np.full(total.size, np.nan)
    stayed = _codes(kept.persons, design.persons)
    measure[stayed], se[stayed] = own, own_se
    scorer = _codes(design.scorers, kept.scorers)[design.scorer]
    item = _codes(design.items, kept.items)[design.item]
    rows = np.flatnonzero((extreme != 0)[design.person] & (scorer >= 0) & (item >= 0))
    if rows.size:
        others, person = np.unique(design.person[rows], return_inverse=True)
        most = np.bincount(person, kept.top[item[rows]])
        moved = np.where(extreme[others] < 0, adjustment, most - adjustment)
        start = np.log(moved / (most - moved))
        measure[others], se[others] = measures(
            kept, parameters, person, scorer[rows], item[rows], moved, start
        )
    return Persons(design.persons, measure, se, extreme)


def _codes(names, kept):
    place = {name: code for code, name in enumerate(kept)}
    return np.array([place.get(name, -1) for name in names])


def _notes(design, kept, m, correct, converged):
    """What a reader of these figures must know."""
    if not converged:
        yield (
            "The estimates did not settle: the scores do not determine every figure of this model, because too few "
            "of them overlap. Do not use it."
        )
    left_out = len(design.persons) - len(kept.persons)
    if left_out:
        were = "response was" if left_out == 1 else "responses were"
        yield (
            f"{left_out:,} {were} left out of the severities: only lowest or only highest scores tell nothing "
            "about scorers."
        )
    if correct:
        yield "For a live look only. Differences are shrunk by a rule of thumb; publish the marginal estimates."
    elif m <= 2:
        yield (
            "Not for publication: with two scores a response, joint estimates are about twice as far apart as "
            "they should be. Publish the marginal estimates."
        )
    else:
        yield (
            f"For a live look only. With {m:.3g} scores a response, joint estimates lie about "
            f"{100 / (m - 1):.0f} % too far apart. Publish the marginal estimates."
        )
