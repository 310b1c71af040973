"""Fit the many-facet Rasch model from ratings: one door to both estimators, with everything checked and filled in."""

from dataclasses import replace

import numpy as np

from calibration.measurement import result, rudner
from calibration.measurement.facets import fit as figures
from calibration.measurement.facets import jml, linking, marginal, mml, model, persons, surprise
from calibration.measurement.facets import slots as gathered

MML, JML = "mml", "jml"
REFUSE, APART = "refuse", "apart"
NOT_LINKED = "warning:not_linked"


def fit(
    ratings,
    *,
    estimator=MML,
    scale=model.RATING_SCALE,
    task=None,
    group=None,
    person="response",
    unlinked=REFUSE,
    anchors=None,
    shrink=False,
    nodes=None,
):
    """How severe each scorer and how hard each trait is, apart from the responses they met.

    Parameters
    ----------
    ratings : ratings.Ratings
        Blind, operational reads only.
    estimator : "mml" or "jml"
        Marginal maximum likelihood is for anything published; joint maximum likelihood, corrected by (m - 1)/m,
        for a live look.
    scale : "rating_scale" or "partial_credit"
        Thresholds shared by traits with the same score points, or one set for each trait.
    task, group, person : str or None
        Names of columns: an item is a trait of a `task`, every scorer belongs to a `group` (such as a district),
        and abilities belong to `person`.
    unlinked : "refuse" or "apart"
        What to do when some scorers can not be compared with others: refuse, naming them and what would mend it,
        or center severities in each set of scorers, with a warning and comparisons across sets refused.
    anchors : dict or None
        {"scorers": {name: severity}, "items": {name: difficulty}, "thresholds": [...]} held at given values;
        thresholds in the order of `Parameters.vector`.
    shrink : bool
        Take scorers for a random sample, so that severities of those with few reads are pulled toward the mean
        ("mml" only).
    nodes : array or None
        Nodes for abilities in logits ("mml" only); None: `quadrature.grids`.

    Returns
    -------
    model.FacetsFit
        `persons` holds weighted likelihood estimates; `expected` and `plausible_values` give the others.

    Raises
    ------
    ValueError
        In a sentence, for ratings that can not be fitted, scorers that are not linked, and unknown names.

    >>> from calibration.measurement.ratings import Ratings
    >>> pairs = [(1, 1), (2, 1), (2, 2), (1, 2), (2, 2), (3, 1), (3, 3), (2, 1)]
    >>> rows = [(r, s, "ideas", x) for r, xs in enumerate(pairs) for s, x in zip(("ana", "ben"), xs)]
    >>> found = fit(Ratings.from_rows(rows, points=[1, 2, 3]))
    >>> found.scorers["ben"].sentence
    'Only 8 papers read: 50 are needed to say more.'
    """
    if estimator not in (MML, JML):
        raise ValueError(f"There is no estimator {estimator!r}; there are {MML} and {JML}.")
    if unlinked not in (REFUSE, APART):
        raise ValueError(f"Scorers that are not linked are met by {REFUSE!r} or {APART!r}, not {unlinked!r}.")
    design = model.Design.of(ratings, model=scale, task=task, group=group, person=person)
    links = linking.links(design)
    if not links.connected and unlinked == REFUSE:
        raise ValueError(f"{links.sentences[0]} Or fit each set by itself.")
    if estimator == JML:
        if shrink or nodes is not None:
            raise ValueError(f"Shrinkage and nodes belong to {MML}; joint estimation has neither.")
        fitted = jml.estimate(design, correct=not anchors, anchors=anchors)
        return fitted if links.connected else _warned(fitted, links)
    return marginally(design, links, anchors=anchors, shrink=shrink, nodes=nodes)


def marginally(design, links, *, anchors=None, shrink=False, nodes=None):
    """The marginal fit of a coded design, described in full; returns a `FacetsFit`."""
    found = mml.estimate(
        design,
        blocks=links.blocks,
        components=links.components,
        anchors=anchor_vector(design, anchors),
        nodes=nodes,
        shrink=shrink,
    )
    slots = gathered.gather(design)
    squares = surprise.mean_squares(
        design, found.patterns, slots, found.parameters, found.ability, found.grids
    )
    measured = persons.measures(
        design, found.parameters, found.ability, collapsed=found.patterns, slots=slots
    )
    moved = found.shift[design.scorer[design.start[:-1]]]
    size = found.parameters.vector.size
    fitted = model.FacetsFit(
        estimator="MML" if not shrink else "MML, scorers as a random sample",
        design=design,
        parameters=found.apart,
        covariance=found.covariance[:size, :size],
        scorers={},
        items={},
        groups={},
        thresholds=(),
        persons=model.Persons(design.persons, measured.wle - moved, measured.se, measured.extreme),
        deviance=float(found.deviance),
        n_parameters=found.n_parameters,
        iterations=found.iterations,
        converged=found.converged,
        person_variance=found.ability.variance,
        person_mean=found.ability.mean,
        shift=found.shift,
        blocks=links.blocks,
        status=result.OK if found.converged else jml.NOT_CONVERGED,
        notes=design.notes + tuple(_notes(found)),
    )
    eap = np.zeros(slots.n.size)
    eap[slots.of_person] = measured.eap - moved
    whole = figures.described(fitted, slots, eap, squares=squares)
    return whole if links.connected else _warned(whole, links)


def expected(fitted):
    """All measures of the persons of a marginal fit (EAP with SD, WLE with SE, reliabilities): `persons.Measures`."""
    parameters, ability, moved = _undone(fitted)
    found = persons.measures(fitted.design, parameters, ability)
    return replace(found, eap=found.eap - moved, wle=found.wle - moved)


def plausible_values(fitted, *, draws=5, seed=1):
    """Values of ability drawn from what a marginal fit knows of each person: an array of draws x persons.

    For means and spreads of groups: work them out with each set and average. The same seed, the same values.
    """
    parameters, ability, moved = _undone(fitted)
    return persons.plausible_values(fitted.design, parameters, ability, draws=draws, seed=seed) - moved


def decisions(fitted, cuts):
    """How sure the levels are that cuts in raw totals make (Rudner 2001), as `rudner.Decisions`.

    `cuts` are totals over all items, in score points, of one read by an average scorer; each stands for the
    measure that is expected to reach it. Measures are EAPs with their standard deviations. Raises ValueError for
    cuts that nobody could just reach or miss.
    """
    measured = expected(fitted)
    return rudner.classify(measured.eap, measured.sd, [measure_of_total(fitted, cut) for cut in cuts])


def measure_of_total(fitted, total):
    """The measure (logits) at which an average scorer is expected to give this total over all items."""
    design, places = fitted.design, np.arange(len(fitted.design.items))
    least, most = (sum(design.points[s][end] for s in design.scale) for end in (0, -1))
    if not least < total < most:
        raise ValueError(f"A cut must lie between the totals {least:g} and {most:g}; this is {total:g}.")
    low, high = -100.0, 100.0
    while high - low > 1e-10:
        middle = (low + high) / 2
        reached = figures.fair_average(design, fitted.parameters, middle, item=places).sum()
        low, high = (middle, high) if reached < total else (low, middle)
    return (low + high) / 2


def anchor_vector(design, anchors):
    """Anchors by name as a vector like that of the parameters, NaN where free; None without anchors."""
    if not anchors:
        return None
    given = dict(anchors)
    thresholds = given.pop("thresholds", None)
    size = len(design.items) + len(design.scorers) + int(design.n_steps.sum())
    vector = jml.anchor_vector(design, given) if given else np.full(size, np.nan)
    if thresholds is not None:
        thresholds = np.asarray(thresholds, float).ravel()
        wanted = int(design.n_steps.sum())
        if thresholds.size != wanted or not np.isfinite(thresholds).all():
            raise ValueError(
                f"Give all {wanted} thresholds to anchor, as numbers; these are {thresholds.size}."
            )
        vector[-wanted:] = thresholds
    return vector


def _undone(fitted):
    """Parameters and abilities as they were estimated, and how far each person was moved in the report."""
    if np.isnan(fitted.person_mean):
        raise ValueError(
            "Only a marginal fit knows how abilities are distributed; fit with the estimator mml."
        )
    shift, design = fitted.shift, fitted.design
    parameters = replace(fitted.parameters, severity=fitted.parameters.severity + shift)
    ability = marginal.Ability(fitted.person_mean, float(np.log(fitted.person_variance) / 2))
    return parameters, ability, shift[design.scorer[design.start[:-1]]]


def _warned(fitted, links):
    status = NOT_LINKED if fitted.status == result.OK else fitted.status
    return replace(fitted, status=status, notes=fitted.notes + links.sentences[:1])


def _notes(found):
    """What a reader of a marginal fit must know."""
    if not found.converged:
        yield "The scores do not determine every figure of this model: too few of them overlap. Do not use it."
    if found.held:
        yield "The scores show no difference between responses, so their measures mean nothing."
    if np.isfinite(found.scorer_sd):
        yield (
            f"Severities vary by {found.scorer_sd:.2f} logits (standard deviation); those resting on few reads are "
            "pulled toward the mean."
        )
