"""Interactions: a scorer who is stricter on one trait, or with one group of responses, than elsewhere.

Each combination is asked for one more parameter, its own added severity, given everything else in the model. The
answer is the efficient score: what is left of observed minus expected once persons, items, scorers and
thresholds have taken their share. Comparing observed and expected alone would find too little, because the
persons' measures already follow the very scores in question.

References
----------
Linacre, J. M. (1989). *Many-facet Rasch measurement*. MESA Press.
Rao, C. R. (1948). Large sample tests of statistical hypotheses concerning several parameters with applications
to problems of estimation. *Proceedings of the Cambridge Philosophical Society*, 44(1), 50-57.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from calibration.measurement import multiplicity, result
from calibration.measurement.facets import information, jml, linking
from calibration.measurement.facets import slots as gathered
from calibration.measurement.facets.model import constraints

FEW = 10  # scores; a combination with fewer is not judged
FACETS = ("scorers", "items", "groups", "persons")
CONFOUNDED = 1e-6  # share of a combination's information that must be its own


@dataclass(frozen=True)
class Interaction:
    """One combination: its added severity in logits (`size`), and what that is in score points.

    A positive size means scores are lower here than the main effects say. `points` is the difference in
    categories, seen from the scores: negative when scores are lower. `adjusted_p` allows for the number of
    combinations looked at (Benjamini-Hochberg); `flagged` says that it is 0.05 or less.
    """

    first: object
    second: object
    n: int
    size: float = math.nan
    se: float = math.nan
    t: float = math.nan
    p: float = math.nan
    adjusted_p: float = math.nan
    points: float = math.nan
    flagged: bool = False
    status: str = result.OK
    sentence: str = ""


def interactions(fitted, first="scorers", second="items", *, persons=None, few=FEW):
    """Every combination of two facets that was scored, with how much stricter it is than the two alone say.

    Parameters
    ----------
    fitted : model.FacetsFit
        By joint or marginal likelihood.
    first, second : "scorers", "items", "groups" or "persons"
        "groups" are the groups of scorers of the design; "persons" the groups given in `persons`.
    persons : dict or None
        The group of each person (response), for example its district. Persons without one are left out.
    few : int
        Combinations with fewer scores are listed, not judged.

    Returns
    -------
    tuple of Interaction
        Sorted by the two names' places. Those that can not be told from main effects (a scorer with one item
        only, say) are undefined.

    Raises
    ------
    ValueError
        For an unknown facet, or groups that are missing.

    >>> from calibration.measurement.facets.model import Design
    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, s, t, (r + (s == "ana") * (t == "ideas") + r // 3 % 2) % 3)
    ...         for r in range(18) for s in ("ana", "ben") for t in ("ideas", "style")]
    >>> found = interactions(jml.estimate(Design.of(Ratings.from_rows(rows, points=[0, 1, 2]))))
    >>> [(one.first, one.second, one.n) for one in found][:2]
    [('ana', 'ideas', 18), ('ana', 'style', 18)]
    """
    for name in (first, second):
        if name not in FACETS:
            raise ValueError(f"There is no facet {name!r}; the facets are {', '.join(FACETS)}.")
    if first == second:
        raise ValueError("An interaction is between two different facets.")
    if "groups" in (first, second) and not fitted.design.groups:
        raise ValueError("The design has no groups of scorers.")
    if "persons" in (first, second) and not persons:
        raise ValueError("Say which group each person belongs to.")
    design, names, of_person = _informative(fitted.design, persons)
    slots = gathered.gather(design) if of_person is None else _by_group(design, of_person)
    facets = {
        "scorers": (design.scorers, slots.scorer),
        "items": (design.items, slots.item),
        "groups": (design.groups, np.asarray(design.group, int)[slots.scorer] if design.groups else None),
        "persons": (names, None if of_person is None else of_person[slots.example][slots.cell]),
    }
    (names_1, code_1), (names_2, code_2) = facets[first], facets[second]
    size, information_left, share_left, spread, n = _scores(
        fitted, design, slots, code_1 * len(names_2) + code_2, len(names_1) * len(names_2)
    )
    enough, told = n >= few, share_left > CONFOUNDED
    good = enough & told
    se = np.where(good, 1 / np.sqrt(np.where(good, information_left, 1)), np.nan)
    size = np.where(good, size, np.nan)
    ratio = size / se
    p = np.array([multiplicity.two_sided(value, count - 1) for value, count in zip(ratio, n, strict=True)])
    adjusted = multiplicity.benjamini_hochberg(p)
    found = []
    for place in np.flatnonzero(n).tolist():
        one, other = divmod(place, len(names_2))
        there = Interaction(names_1[one], names_2[other], int(n[place]))
        if not enough[place]:
            sentence = f"Only {there.n} scores: {few} are needed to say anything."
            there = replace(there, status=result.TOO_FEW, sentence=sentence)
        elif not told[place]:
            sentence = "This combination can not be told apart from what its two parts do elsewhere."
            there = replace(there, status=result.NO_VARIATION, sentence=sentence)
        else:
            points = -size[place] * spread[place] / n[place]
            there = replace(
                there,
                size=float(size[place]),
                se=float(se[place]),
                t=float(ratio[place]),
                p=float(p[place]),
                adjusted_p=float(adjusted.adjusted[place]),
                points=float(points),
                flagged=bool(adjusted.flagged[place]),
                sentence=_said(there.first, there.second, points, adjusted.flagged[place]),
            )
        found.append(there)
    return tuple(found)


def _said(first, second, points, flagged):
    if not flagged:
        return f"No clear sign that {first} and {second} go together differently than elsewhere."
    way = "lower" if points < 0 else "higher"
    return (
        f"With {first} and {second} together, scores are about {abs(points):.2f} points {way} than each of them "
        "elsewhere would suggest: look at these papers."
    )


def _informative(design, persons):
    """Only persons whose total is neither lowest nor highest, and who have a group where groups are asked for."""
    total, most = design.totals
    keep = (total > 0) & (total < most)
    names, of_person = (), None
    if persons:
        labels = [persons.get(name) for name in design.persons]
        names = tuple(sorted({label for label in labels if label is not None}, key=str))
        place = {name: code for code, name in enumerate(names)}
        of_person = np.array([place.get(label, -1) for label in labels])
        keep &= of_person >= 0
    if not keep.any():
        raise ValueError("No response is left that tells scorers apart.")
    rows = keep[design.person]
    renumbered = np.cumsum(keep) - 1
    kept = replace(
        design,
        persons=tuple(name for name, stays in zip(design.persons, keep.tolist(), strict=True) if stays),
        person=renumbered[design.person[rows]].astype(np.int32),
        scorer=design.scorer[rows],
        item=design.item[rows],
        score=design.score[rows],
        start=np.concatenate([[0], np.cumsum(np.diff(design.start)[keep])]),
    )
    return kept, names, None if of_person is None else of_person[keep]


def _by_group(design, of_person):
    """Cells in which all persons are of one group, too."""
    cells = gathered.gather(design)
    return gathered.expand(design, cells.of_person * (int(of_person.max()) + 1) + of_person)


def _scores(fitted, design, slots, code, n_codes):
    """For each combination: added severity, its information, the share of it that is its own, spread and n."""
    most = slots.most(design)
    parameters = fitted.parameters
    start = np.log(slots.total / (most - slots.total))
    theta, _ = jml.measures(design, parameters, slots.cell, slots.scorer, slots.item, slots.total, start)
    frame = information.frame(design, slots, slots.total)
    state = information.evaluate(frame, parameters, theta)
    blocks, item_blocks = linking.comparable(design)
    _, basis = constraints(design, blocks=blocks, item_blocks=item_blocks)
    covariance = (
        basis @ np.linalg.pinv(basis.T @ state.information @ basis, rcond=1e-10, hermitian=True) @ basis.T
    )

    first, _ = slots.sums(design)
    weight = slots.weight.astype(float)
    chance, _ = gathered.chances(design, parameters, theta[slots.cell], slots.scorer, slots.item)
    expected, variance = gathered.expected_and_variance(chance)
    spread = np.bincount(code, weight * variance, n_codes)
    gradient = np.bincount(code, weight * expected - first, n_codes)

    # Each cell's total covariance with the scores of one combination, one entry for each that occurs.
    key, entry = np.unique(slots.cell * n_codes + code, return_inverse=True)
    cell, of_entry = np.divmod(key, n_codes)
    wide = np.bincount(entry, variance)
    share = slots.n / state.person_information
    own = spread - np.bincount(of_entry, wide**2 * share[cell], n_codes)
    gradient += np.bincount(of_entry, wide * (share * state.person_gradient)[cell], n_codes)
    crossed = _with_parameters(frame, chance, expected, variance, code, n_codes)
    crossed -= _through_persons(frame, state, cell, of_entry, wide, share, n_codes)
    left = own - np.einsum("bq,qr,br->b", crossed, covariance, crossed, optimize=True)
    gradient -= crossed @ (covariance @ state.gradient)
    there = spread > 0
    share_left = np.divide(left, spread, out=np.zeros(n_codes), where=there)
    size = np.divide(gradient, left, out=np.zeros(n_codes), where=share_left > CONFOUNDED)
    return size, left, share_left, spread, np.bincount(code, weight, n_codes)


def _with_parameters(frame, chance, expected, variance, code, n_codes):
    """Information shared by each combination and each parameter, at given measures of the persons."""
    design, slots = frame.design, frame.slots
    n_items, n_scorers = len(design.items), len(design.scorers)
    weight = slots.weight
    scale = design.scale[slots.item]
    parts = [
        np.bincount(code * n + of, weight * variance, n_codes * n).reshape(n_codes, n)
        for n, of in ((n_items, slots.item), (n_scorers, slots.scorer))
    ]
    with_step = information.covariance_with_steps(chance, expected)
    for s, step in zip(*frame.steps, strict=True):
        values = np.where(scale == s, weight * with_step[step], 0.0)
        parts.append(np.bincount(code, values, n_codes)[:, None])
    return np.hstack(parts)


def _through_persons(frame, state, cell, of_entry, wide, share, n_codes):
    """The part of that information which the persons' own measures take away."""
    n_items, n_scorers = len(frame.design.items), len(frame.design.scorers)
    weighted = wide * share[cell]
    small = np.stack(
        [np.bincount(of_entry, weighted * column[cell], n_codes) for column in state.narrow.T], axis=1
    )
    # Every entry meets every read of its cell.
    n_reads = np.bincount(frame.read_cell, minlength=share.size)
    first_read = np.cumsum(n_reads) - n_reads
    times = n_reads[cell]
    entry = np.repeat(np.arange(cell.size), times)
    read = np.arange(entry.size) - np.repeat(np.cumsum(times) - times, times) + first_read[cell[entry]]
    scorers = np.bincount(
        of_entry[entry] * n_scorers + frame.read_scorer[read],
        weighted[entry] * state.wide[read],
        n_codes * n_scorers,
    ).reshape(n_codes, n_scorers)
    return np.hstack([small[:, :n_items], scorers, small[:, n_items:]])
