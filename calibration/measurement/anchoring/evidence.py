"""Which responses are solid, borderline or uneven, how sure their scores are, and in what order they stand."""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.anchoring.posterior import MOST_MORE
from calibration.measurement.anchoring.profiles import spread

SURE_AS_A_LIST = 0.96  # share of all ready papers whose scores are true on every trait: what is learned from few reads errs, and 0.95 must hold
EVEN = (0.3, 0.7)  # chance of either side of the line, for a paper that stands on it


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the reads say of each response with enough of them, one row each; `units` are their codes.

    `levels` are the scores as places among the score points; the split trait of a paper on a line stands
    half a point above the lower of the two. `chance` is that of each level to be the true score point,
    `backing` how many reads gave it. `split` is the column of the trait split by a line, `n_low` the
    reads below that line and `below` the chance to lie below it. No traits of a `clean` paper stand more than a score
    point apart. `solid`, `borderline` and `uneven` are
    rows, best first.
    """

    units: np.ndarray
    reads: np.ndarray
    levels: np.ndarray
    chance: np.ndarray
    backing: np.ndarray
    split: np.ndarray
    n_low: np.ndarray
    below: np.ndarray
    spread: np.ndarray
    on_a_line: np.ndarray
    clean: np.ndarray
    ready: np.ndarray
    more: np.ndarray
    solid: np.ndarray
    borderline: np.ndarray
    uneven: np.ndarray


def weigh(ratings, table, known, *, min_reads, certain):
    """Sort responses into solid, borderline and uneven candidates, each best first.

    Parameters
    ----------
    ratings : Ratings
    table : Profiles
    known : TruePoints
    min_reads : int
    certain : float

    Returns
    -------
    Evidence

    Raises
    ------
    ValueError
        If the true points are of other responses or traits.
    """
    units = np.flatnonzero(table.complete & (table.reads >= min_reads))
    chances, more = (column[units] for column in _stacked(ratings, known))
    reads, lowest, apart = table.reads[units], table.lowest[units], (table.highest - table.lowest)[units]
    same = apart == 0
    level = np.where(same, lowest, chances.argmax(axis=2))
    chance, backing = _at(chances, level), _at(table.counts[units], level)
    sure = chance >= certain  # False where nothing is known
    settled = same | ((apart <= 1) & (2 * backing > reads[:, None]) & sure)
    agreed = same.all(axis=1) | (settled & sure).all(axis=1)
    on_a_line, split = _one_line(apart, same, settled)
    on_a_line &= ~agreed

    step, line = _at(lowest, split), np.flatnonzero(on_a_line)
    levels = level.astype(float)
    levels[line, split[line]] = step[line] + 0.5
    each = _at(chances, split)
    below = _at(each.cumsum(axis=1), step)
    beside = (
        below - _at(each.cumsum(axis=1) - each, step) + _at(each, np.minimum(step + 1, each.shape[1] - 1))
    )
    n_low = _at(table.n_low[units], split)
    ready = np.where(
        agreed,
        _sure_as_a_list(_whole(known, units, chance), agreed & sure.all(axis=1)),
        on_a_line & (below >= EVEN[0]) & (below <= EVEN[1]) & (beside >= certain),
    )
    steps = np.array([ratings.points[trait].size - 1 for trait in ratings.traits])
    flat = spread(levels, steps)
    imbalance = np.where(on_a_line, np.abs(2 * n_low - reads) / np.maximum(reads, 1), 0)
    labels = np.array([str(ratings.response.names[unit]) for unit in units.tolist()], dtype=str)
    order = np.lexsort((labels, flat, -reads, imbalance, ~ready))
    clean = flat <= 1 + 1e-9
    return Evidence(
        units=units,
        reads=reads,
        levels=levels,
        chance=chance,
        backing=backing,
        split=split,
        n_low=n_low,
        below=below,
        spread=flat,
        on_a_line=on_a_line,
        clean=clean,
        ready=ready,
        more=np.where(ready, 0, np.maximum(more.max(axis=1, initial=0), 1)),
        solid=order[(agreed & clean)[order]],
        borderline=order[on_a_line[order]],
        uneven=order[(agreed & ~clean)[order]],
    )


def _stacked(ratings, known):
    """Chances (response x trait x point, padded with 0) and missing reads (response x trait)."""
    n, traits = len(ratings.response.names), ratings.traits
    if known.responses != ratings.response.names:
        raise ValueError("The true points are of other responses than the ratings, or in another order.")
    widest = max((ratings.points[trait].size for trait in traits), default=1)
    chances, more = np.zeros((n, len(traits), widest)), np.full((n, len(traits)), MOST_MORE + 1)
    for column, trait in enumerate(traits):
        of_trait = known.chances.get(trait)
        if of_trait is None or of_trait.shape != (n, ratings.points[trait].size):
            raise ValueError(f"The true points do not tell the chances of the score points of {trait!r}.")
        chances[:, column, : of_trait.shape[1]] = of_trait
        more[:, column] = known.more[trait]
    return chances, more


def _one_line(apart, same, settled):
    """Papers with one trait split by one line, and that trait: the only one that differs, or is not settled."""
    if not apart.size:
        return np.zeros(len(apart), bool), np.zeros(len(apart), np.int64)
    differ, unsettled = np.count_nonzero(~same, axis=1), np.count_nonzero(~settled, axis=1)
    split = np.where(differ == 1, apart.argmax(axis=1), (~settled).argmax(axis=1))
    return (_at(apart, split) == 1) & ((differ == 1) | (unsettled == 1)), split


def _whole(known, units, chance):
    """The chance that the scores of each response are true on every trait.

    Where the traits were not taken together their chances are multiplied: too little, if anything.
    """
    product = chance.prod(axis=1)
    together = known.whole[units] if known.whole is not None else np.full(units.size, np.nan)
    return np.where(np.isnan(together), product, together)


def _sure_as_a_list(whole, may):
    """The surest papers, as many as keep the mean chance that all scores of a paper are true at SURE_AS_A_LIST."""
    order = np.argsort(-whole[may], kind="stable")
    running = np.cumsum(whole[may][order]) / np.arange(1, order.size + 1)
    kept = np.zeros(may.size, bool)
    kept[np.flatnonzero(may)[order[running >= SURE_AS_A_LIST]]] = True
    return kept


def _at(values, place):
    """The value at a place of each row's next axis."""
    if not values.size:
        return np.zeros(place.shape + values.shape[place.ndim + 1 :], values.dtype)
    index = place.reshape(place.shape + (1,) * (values.ndim - place.ndim))
    return np.take_along_axis(values, index, axis=place.ndim)[(slice(None),) * place.ndim + (0,)]
