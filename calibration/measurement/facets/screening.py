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
    >>> design.scorers, design.points[0].tolist()
    (('ana',), [2.0, 3.0])
    >>> design.notes[0]
    'Scorer ben gave the lowest score every time, so the model can not place it on the scale.'
    >>> design.notes[1]
    'None of the others gave 1, 4 on ideas: the model passes over them.'
    """
    person, scorer, item, score = (
        (column if rows is None else column[rows]).astype(np.int32, copy=False)
        for column in (design.person, design.scorer, design.item, design.score)
    )
    if not score.size:
        raise ValueError("No score is left, so there is nothing to fit.")
    width = max(values.size for values in design.points)
    shape = (len(design.scorers), len(design.items), width)
    counts = np.bincount((scorer * shape[1] + item) * np.int64(width) + score, minlength=int(np.prod(shape)))
    counts, aside = counts.reshape(shape), []
    while True:
        given = _given(design, counts)
        found = _extreme(design, counts, given)
        if not found:
            break
        aside += found
        if not counts.any():
            raise ValueError(
                "No score varies within a scorer and a trait, so there is nothing to fit: " + found[0][2]
            )
    kept_scorers, kept_items = (np.flatnonzero(counts.any(axis=axes)) for axes in ((1, 2), (0, 2)))
    n_given = score.size
    if aside:
        stays = np.flatnonzero(counts.any(axis=(1, 2))[scorer] & counts.any(axis=(0, 2))[item])
        person, scorer, item, score = (column[stays] for column in (person, scorer, item, score))
    passed = [~row[: values.size] & row.any() for row, values in zip(given, design.points, strict=True)]
    if any(unused.any() for unused in passed):
        score = _places(given)[design.scale[item], score]
    points = [values[~unused] for values, unused in zip(design.points, passed, strict=True)]
    who = "None of the others" if aside else "Nobody"
    notes = [sentence for *_, sentence in aside]
    notes += [
        _passed_over(design, who, scale, unused, kept_items)
        for scale, unused in enumerate(passed)
        if unused.any()
    ]
    persons, person = _used(design.persons, person)
    scorers, scorer = _used(design.scorers, scorer)
    items, item = _used(design.items, item)
    scales, scale = np.unique(design.scale[kept_items], return_inverse=True)
    order = _in_order(person, scorer, item, len(scorers), len(items))
    return replace(
        design,
        persons=persons,
        scorers=scorers,
        items=items,
        person=person[order],
        scorer=scorer[order],
        item=item[order],
        score=score[order],
        start=np.concatenate([[0], np.cumsum(np.bincount(person, minlength=len(persons)))]),
        scale=scale,
        points=tuple(points[s] for s in scales),
        group=np.asarray(design.group)[kept_scorers] if design.groups else np.zeros(0, int),
        n_set_aside=design.n_set_aside + n_given - score.size,
        set_aside=design.set_aside + tuple(aside),
        notes=design.notes + tuple(notes),
    )


def _given(design, counts):
    """Which categories of each scale somebody gave: scales x categories."""
    use = np.zeros((len(design.points), counts.shape[2]), np.int64)
    np.add.at(use, design.scale, counts.sum(axis=0))
    return use > 0


def _places(given):
    """The new place of each category, when those nobody gave are passed over."""
    return np.maximum(np.cumsum(given, axis=1) - 1, 0).astype(np.int32)


def _extreme(design, counts, given):
    """Scorers and items that gave or got one extreme score only; their counts are taken away."""
    place = _places(given)[design.scale]
    top = given.sum(axis=1)[design.scale] - 1
    found = []
    for facet, names, axis in (("item", design.items, 0), ("scorer", design.scorers, 1)):
        n, total = counts.sum(axis=2), (counts * place).sum(axis=2)
        n, total, most = n.sum(axis=axis), total.sum(axis=axis), (n * top).sum(axis=axis)
        extreme = np.flatnonzero((n > 0) & ((total == 0) | (total == most)))
        for code in extreme.tolist():
            end = "lowest" if total[code] == 0 else "highest"
            who = f"Scorer {names[code]} gave" if facet == "scorer" else f"On {names[code]} everyone got"
            sentence = f"{who} the {end} score every time, so the model can not place it on the scale."
            found.append((facet, names[code], sentence))
        if facet == "item":
            counts[:, extreme] = 0
        else:
            counts[extreme] = 0
    return found


def _passed_over(design, who, scale, unused, items):
    which = ", ".join(f"{value:g}" for value in design.points[scale][unused])
    names = ", ".join(str(design.items[i]) for i in items[design.scale[items] == scale])
    them = "it" if unused.sum() == 1 else "them"
    return f"{who} gave {which} on {names}: the model passes over {them}."


def _in_order(person, scorer, item, n_scorers, n_items):
    key = (person.astype(np.int64) * n_scorers + scorer) * n_items + item
    return np.argsort(key, kind="stable") if (key[1:] < key[:-1]).any() else slice(None)


def _used(names, codes):
    """Renumber codes without gaps, with the names that are left."""
    counts = np.bincount(codes, minlength=len(names)) > 0
    if counts.all():
        return names, codes
    place = (np.cumsum(counts) - 1).astype(np.int32)
    return tuple(name for name, keep in zip(names, counts.tolist(), strict=True) if keep), place[codes]
