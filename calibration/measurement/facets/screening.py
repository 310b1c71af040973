"""What the many-facet Rasch model can not estimate is left out before it is fitted, and said."""

from dataclasses import replace

import numpy as np


def settled(design, rows=None):
    """Leave out what cannot be estimated, renumber what is left, and sort rows by person, scorer and item.

    A score point nobody used would need a threshold without limit: it is passed over. So would the severity
    of a scorer who gave only the lowest (or highest) score: such scorers and items are set aside. One may
    bring about the other, so both are repeated until nothing changes. `Design.of` and `Design.only` call this.

    >>> from calibration.measurement.facets.model import Design
    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [("R1", "ana", "ideas", 2), ("R2", "ana", "ideas", 3), ("R1", "ben", "ideas", 1)]
    >>> design = Design.of(Ratings.from_rows(rows, points=[1, 2, 3, 4]))
    >>> design.scorers, design.points[0].tolist(), design.notes[0]
    (('ana',), [2.0, 3.0], 'Nobody gave 4 on ideas: the model passes over it.')
    """
    person, scorer, item, score = (
        column if rows is None else column[rows]
        for column in (design.person, design.scorer, design.item, design.score)
    )
    if not score.size:
        raise ValueError("No score is left, so there is nothing to fit.")
    points, notes, aside = list(design.points), [], []
    n_given = score.size
    while True:
        score, points, passed = _without_unused(design, item, score, points)
        notes += passed
        keep, found = _without_extreme(design, scorer, item, score, points)
        if not found:
            break
        aside += found
        person, scorer, item, score = person[keep], scorer[keep], item[keep], score[keep]
        if not score.size:
            raise ValueError(
                "No score varies within a scorer and a trait, so there is nothing to fit: " + found[0][2]
            )
    persons, person = _used(design.persons, person)
    kept_scorers, kept_items = np.unique(scorer), np.unique(item)
    scorers, scorer = _used(design.scorers, scorer)
    items, item = _used(design.items, item)
    scales, scale = np.unique(design.scale[kept_items], return_inverse=True)
    order = _in_order(person, scorer, item, len(scorers), len(items))
    return replace(
        design,
        persons=persons,
        scorers=scorers,
        items=items,
        person=person[order].astype(np.int32),
        scorer=scorer[order].astype(np.int32),
        item=item[order].astype(np.int32),
        score=score[order].astype(np.int32),
        start=np.concatenate([[0], np.cumsum(np.bincount(person, minlength=len(persons)))]),
        scale=scale,
        points=tuple(points[s] for s in scales),
        group=np.asarray(design.group)[kept_scorers] if design.groups else np.zeros(0, int),
        n_set_aside=design.n_set_aside + n_given - score.size,
        set_aside=design.set_aside + tuple(aside),
        notes=design.notes + tuple(notes) + tuple(sentence for *_, sentence in aside),
    )


def _in_order(person, scorer, item, n_scorers, n_items):
    key = (person.astype(np.int64) * n_scorers + scorer) * n_items + item
    return np.argsort(key, kind="stable") if (np.diff(key) < 0).any() else slice(None)


def _used(names, codes):
    """Renumber codes without gaps, with the names that are left."""
    counts = np.bincount(codes, minlength=len(names)) > 0
    if counts.all():
        return names, codes
    place = np.cumsum(counts) - 1
    return tuple(name for name, keep in zip(names, counts.tolist(), strict=True) if keep), place[codes]


def _without_unused(design, item, score, points):
    """Renumber the categories of each scale so that every one of them was given."""
    width = max(values.size for values in points)
    use = np.bincount(design.scale[item] * width + score, minlength=len(points) * width).reshape(-1, width)
    notes, narrowed = [], []
    for scale, values in enumerate(points):
        given = use[scale, : values.size] > 0
        if given.any() and not given.all():
            which = ", ".join(f"{value:g}" for value in values[~given])
            names = ", ".join(str(design.items[i]) for i in np.unique(item[design.scale[item] == scale]))
            them = "it" if (~given).sum() == 1 else "them"
            notes.append(f"Nobody gave {which} on {names}: the model passes over {them}.")
        narrowed.append(values[given] if given.any() else values)
    if notes:
        place = np.maximum(np.cumsum(use > 0, axis=1) - 1, 0)
        score = place[design.scale[item], score]
    return score, narrowed, notes


def _without_extreme(design, scorer, item, score, points):
    """Rows to keep, and the scorers and items that gave or got one extreme score only."""
    top = np.array([values.size - 1 for values in points])[design.scale]
    keep, found = np.ones(score.size, bool), []
    for facet, codes, names in (("item", item, design.items), ("scorer", scorer, design.scorers)):
        total = np.bincount(codes, score, len(names))
        most = np.bincount(codes, top[item], len(names))
        there = np.bincount(codes, minlength=len(names)) > 0
        extreme = there & ((total == 0) | (total == most))
        for code in np.flatnonzero(extreme).tolist():
            end = "lowest" if total[code] == 0 else "highest"
            who = f"Scorer {names[code]} gave" if facet == "scorer" else f"On {names[code]} everyone got"
            sentence = f"{who} the {end} score every time, so the model can not place it on the scale."
            found.append((facet, names[code], sentence))
        keep &= ~extreme[codes]
    return keep, found
