"""Which responses are solid, borderline or uneven, how sure their scores are, and in what order they stand."""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.anchoring import words
from calibration.measurement.anchoring.posterior import MOST_MORE
from calibration.measurement.anchoring.profiles import spread

SOLID, BORDERLINE, UNEVEN = "solid", "borderline", "uneven"
SURE_AS_A_LIST = 0.95  # share of the scores of all ready papers that should be the true ones
EVEN = (0.3, 0.7)  # chance of either side of the line, for a paper that stands on it
SURPRISING = 2.0  # mean squared surprise of a paper's reads; 1 is usual


@dataclass(frozen=True, slots=True)
class AnchorCandidate:
    """A response that may serve as an anchor paper, and why.

    `certainty` is the chance of the least sure of its scores to be the true score point, `sides` the chance
    of a borderline paper to lie below and above its line; NaN and None where too few papers were read twice
    to tell. `more_reads` says how many further equal reads would make it ready (0: it is ready, None: more
    than four, or no telling).
    """

    response: object
    kind: str
    n_reads: int
    scores: dict
    split: tuple | None
    split_counts: tuple | None
    spread: float
    reason: str
    ready: bool
    certainty: float
    sides: tuple | None
    entropy: float
    misfit: float
    more_reads: int | None
    reasons: tuple


def weigh(ratings, table, known, names, *, min_reads, certain):
    """Sort responses into solid, borderline and uneven candidates, each best first.

    Parameters
    ----------
    ratings : Ratings
    table : Profiles
    known : TruePoints
    names : Names
    min_reads : int
    certain : float

    Returns
    -------
    tuple of three tuples of AnchorCandidate
    """
    chances, more = _stacked(ratings, known)
    enough = np.flatnonzero(table.complete & (table.reads >= min_reads))
    apart = (table.highest - table.lowest)[enough]
    same = apart == 0
    counts, reads, chances = table.counts[enough], table.reads[enough], chances[enough]
    likeliest = np.where(same, table.lowest[enough], chances.argmax(axis=2))
    chance = np.take_along_axis(chances, likeliest[:, :, None], axis=2)[:, :, 0]
    backing = np.take_along_axis(counts, likeliest[:, :, None], axis=2)[:, :, 0]
    sure = chance >= certain  # False where nothing is known
    settled = same | ((apart <= 1) & (2 * backing > reads[:, None]) & sure)
    agreed = same.all(axis=1) | (settled & sure).all(axis=1)
    open_, differ = np.count_nonzero(~settled, axis=1), np.count_nonzero(~same, axis=1)
    place = np.where(differ == 1, apart.argmax(axis=1), (~settled).argmax(axis=1)) if apart.size else differ
    one_step = np.take_along_axis(apart, place[:, None], axis=1)[:, 0] == 1 if apart.size else agreed
    on_a_line = ~agreed & one_step & ((differ == 1) | (open_ == 1))

    levels = np.where(same | agreed[:, None] | settled, likeliest, 0).astype(float)
    rows = np.flatnonzero(on_a_line)
    levels[rows, place[rows]] = table.lowest[enough[rows], place[rows]] + 0.5
    steps = np.array([ratings.points[trait].size - 1 for trait in ratings.traits])
    case = _Case(
        ratings, table, names, enough, levels, chance, backing, place, spread(levels, steps), known.misfit
    )
    papers = _agreed(case, np.flatnonzero(agreed), sure.all(axis=1), more[enough].max(axis=1, initial=0))
    lines = _on_a_line(case, rows, chances, certain)
    solid = tuple(paper for paper in papers if paper.kind == SOLID)
    return solid, lines, tuple(paper for paper in papers if paper.kind == UNEVEN)


@dataclass(frozen=True, eq=False)
class _Case:
    """All that is known of the responses with enough reads: rows are places in `units`."""

    ratings: object
    table: object
    names: words.Names
    units: np.ndarray
    levels: np.ndarray
    chance: np.ndarray
    backing: np.ndarray
    place: np.ndarray
    spread: np.ndarray
    misfit: np.ndarray

    def in_order(self, rows, *first):
        """Rows by the keys given, then more reads, then a flatter profile, then the label."""
        units, labels = self.units[rows], self.ratings.response.names
        label = np.array([str(labels[unit]) for unit in units.tolist()])
        keys = (label, self.spread[rows], -self.table.reads[units], *reversed(first))
        return np.lexsort(keys) if rows.size else rows

    def scores(self, row, besides=-1):
        """The score of every trait; None for the trait that is split."""
        return {
            trait: None if column == besides else float(self.ratings.points[trait][int(level)])
            for column, (trait, level) in enumerate(
                zip(self.ratings.traits, self.levels[row].tolist(), strict=True)
            )
        }

    def common(self, row):
        """What every candidate carries."""
        unit = self.units[row]
        return {
            "response": self.ratings.response.names[unit],
            "n_reads": int(self.table.reads[unit]),
            "spread": float(self.spread[row]),
            "entropy": float(self.table.entropy[unit]),
            "misfit": float(self.misfit[unit]),
        }


def _stacked(ratings, known):
    """Chances (response x trait x point, padded with 0) and missing reads (response x trait)."""
    n = len(ratings.response.names)
    if known.responses != ratings.response.names:
        raise ValueError("The true points are of other responses than the ratings, or in another order.")
    widest = max((ratings.points[trait].size for trait in ratings.traits), default=1)
    chances = np.zeros((n, len(ratings.traits), widest))
    for column, trait in enumerate(ratings.traits):
        of_trait = known.chances.get(trait)
        if of_trait is None or of_trait.shape != (n, ratings.points[trait].size):
            raise ValueError(f"The true points do not tell the chances of the score points of {trait!r}.")
        chances[:, column, : of_trait.shape[1]] = of_trait
    more = [known.more[trait] for trait in ratings.traits] or [np.zeros(n, np.int64)]
    return chances, np.column_stack(more)


def _agreed(case, rows, sure, more):
    """Solid and uneven papers."""
    sure = sure[rows] & (case.chance[rows].size > 0)
    ready = sure & _sure_as_a_list(
        case.chance[rows].mean(axis=1) if sure.any() else np.zeros(rows.size), sure
    )
    known = ~np.isnan(case.chance[rows]).any(axis=1)
    weakest = case.chance[rows].argmin(axis=1) if case.chance.size else rows
    papers = []
    for row, at in ((rows[at], at) for at in case.in_order(rows, ~ready).tolist()):
        shared, scores = case.common(row), case.scores(row)
        uneven = shared["spread"] > 1 + 1e-9
        least = int(case.backing[row].min(initial=shared["n_reads"]))
        reason = words.agreed(case.names, scores, shared["n_reads"], least, uneven)
        certainty, further, reasons = float("nan"), None, [reason]
        if known[at]:
            column = int(weakest[at])
            certainty = float(case.chance[row, column])
            further = _further(bool(ready[at]), int(more[row]))
            trait = case.ratings.traits[column]
            reasons.append(words.certainty(case.names, scores, trait, certainty, further))
        papers.append(
            AnchorCandidate(
                **shared,
                kind=UNEVEN if uneven else SOLID,
                scores=scores,
                split=None,
                split_counts=None,
                reason=reason,
                ready=bool(ready[at]),
                certainty=certainty,
                sides=None,
                more_reads=further,
                reasons=_with_surprise(reasons, shared["misfit"]),
            )
        )
    return papers


def _on_a_line(case, rows, chances, certain):
    """Borderline papers."""
    units, place = case.units[rows], case.place[rows]
    step, n_low = case.table.lowest[units, place], case.table.n_low[units, place]
    reads, each = case.table.reads[units], chances[rows, place]
    below = np.take_along_axis(each.cumsum(axis=1), step[:, None], axis=1)[:, 0] if rows.size else step
    beside = each[np.arange(rows.size), step] + each[np.arange(rows.size), step + 1]
    ready = (below >= EVEN[0]) & (below <= EVEN[1]) & (beside >= certain)
    papers = []
    for at in case.in_order(rows, ~ready, np.abs(2 * n_low - reads) / np.maximum(reads, 1)).tolist():
        row, column, low = int(rows[at]), int(place[at]), int(n_low[at])
        trait = case.ratings.traits[column]
        split = (trait, *case.ratings.points[trait][step[at] : step[at] + 2].tolist())
        shared, scores = case.common(row), case.scores(row, besides=column)
        reason = words.on_a_line(case.names, scores, split, low, shared["n_reads"])
        sides = None if np.isnan(below[at]) else (float(below[at]), float(1 - below[at]))
        reasons = [reason] if sides is None else [reason, words.line_certainty(case.names, split, sides)]
        papers.append(
            AnchorCandidate(
                **shared,
                kind=BORDERLINE,
                scores=scores,
                split=split,
                split_counts=(low, shared["n_reads"] - low),
                reason=reason,
                ready=bool(ready[at]),
                certainty=max(sides) if sides else float("nan"),
                sides=sides,
                more_reads=0 if ready[at] else None,
                reasons=_with_surprise(reasons, shared["misfit"]),
            )
        )
    return tuple(papers)


def _sure_as_a_list(chance, sure):
    """The surest papers, as many as keep the mean chance of the whole list at SURE_AS_A_LIST."""
    order = np.flatnonzero(sure)[np.argsort(-chance[sure], kind="stable")]
    mean = np.cumsum(chance[order]) / np.arange(1, order.size + 1)
    kept = np.zeros(sure.size, bool)
    kept[order[mean >= SURE_AS_A_LIST]] = True
    return kept


def _further(ready, more):
    if ready:
        return 0
    return max(more, 1) if more <= MOST_MORE else None


def _with_surprise(reasons, misfit):
    if misfit > SURPRISING:
        reasons.append("Its reads are further apart than usual, so look at it with care.")
    return tuple(reasons)
