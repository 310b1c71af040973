"""Who can be compared with whom: shared responses tie scorers together, and without them nothing does.

References
----------
Weeks, D. L., & Williams, D. R. (1964). A note on the determination of connectedness in an N-way cross
classification. *Technometrics*, 6(3), 319-324.
Klein, D. J., & Randic, M. (1993). Resistance distance. *Journal of Mathematical Chemistry*, 12, 81-95.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement import ratings as reads
from calibration.measurement import wording

ENOUGH = 20  # shared responses: what a link needs before severities across it mean much
FEW_READS = 6  # reads of a response; up to this, pairs of scorers are counted one by one
NOT_LINKED = "undefined:not_linked"
APART = "Not every two of them are joined by shared papers, so they can not be compared."
NAMED = 6  # at most so many scorers are named in a sentence


@dataclass(frozen=True, eq=False)
class Links:
    """How scorers hang together. Scorers (items) with the same code in `blocks` (`item_blocks`) can be compared.

    `shared` counts the responses two scorers both read. `effective` is the number of directly shared
    responses that would fix the difference of two severities as well as all chains of scorers between them
    do: 0 across blocks, infinite on the diagonal. `components` codes the scorers by who is joined through
    responses at all, which is less than being comparable when scorers keep to traits of their own.
    `connectivity` is the algebraic connectivity (second smallest eigenvalue of the Laplacian) of each
    component: 0 where one scorer stands alone.
    """

    scorers: tuple
    components: np.ndarray
    blocks: np.ndarray
    item_blocks: np.ndarray
    shared: np.ndarray
    effective: np.ndarray
    connectivity: tuple
    sentences: tuple

    @property
    def connected(self):
        """Can every scorer be compared with every other?"""
        return bool(self.blocks.max(initial=0) == 0)

    @property
    def n_components(self):
        """How many sets of scorers there are that share no response."""
        return int(self.components.max(initial=-1)) + 1


def links(design):
    """How the scorers of a design hang together, in numbers and in words.

    >>> from calibration.measurement.facets.model import Design
    >>> rows = [(r, s, "ideas", v) for r, pair, scores in [("R1", "ab", (1, 2)), ("R2", "ab", (2, 1)),
    ...         ("R3", "cd", (1, 2)), ("R4", "cd", (2, 1))] for s, v in zip(pair, scores)]
    >>> found = links(Design.of(reads.Ratings.from_rows(rows, points=[1, 2])))
    >>> found.n_components, found.shared[0].tolist(), found.effective[0, 1].item(), found.effective[0, 2].item()
    (2, [2.0, 2.0, 0.0, 0.0], 2.0, 0.0)
    >>> print(found.sentences[0])
    The scorers fall into 2 sets that never read the same response: a, b; c, d. Severities of different sets can not be compared. 20 responses read by scorers of both sets would mend this.
    """
    n_scorers = len(design.scorers)
    blocks, item_blocks = comparable(design)
    components = connected(design.person, design.scorer, n_scorers)
    shared, laplacian = _shared(design.person, design.scorer, len(design.persons), n_scorers)
    resistance = _resistance(laplacian, components)
    same = blocks[:, None] == blocks
    with np.errstate(divide="ignore"):
        effective = np.where(same, 1 / resistance, 0.0)
    found = Links(
        scorers=design.scorers,
        components=components,
        blocks=blocks,
        item_blocks=item_blocks,
        shared=shared,
        effective=effective,
        connectivity=tuple(_connectivity(laplacian, components)),
        sentences=(),
    )
    object.__setattr__(found, "sentences", tuple(_sentences(found, design)))
    return found


def connected(person, scorer, n_scorers):
    """A code for each scorer: the same for those joined by a chain of shared persons. Rows in order of person.

    >>> connected(np.array([0, 0, 1, 1, 2]), np.array([0, 1, 2, 3, 3]), 4).tolist()
    [0, 0, 1, 1]
    """
    together = person[1:] == person[:-1]
    return _joined(scorer[:-1][together], scorer[1:][together], n_scorers)


def comparable(design):
    """Blocks of scorers, and of items, that the additive model can compare when persons are free.

    One person's reads on one item compare scorers; one scorer's scores of one person compare items; what is
    comparable already counts as one, and so on until nothing joins. Where more than one block is left, the
    exact answer is read off the null space of the design. Items are blocked given that severities sum to
    zero in each block of scorers. Returns two arrays of codes.
    """
    n_scorers, n_items = len(design.scorers), len(design.items)
    blocks, item_blocks = np.arange(n_scorers), np.arange(n_items)
    while True:
        before = blocks.max(initial=0) + item_blocks.max(initial=0)
        blocks = _join_within(design.person, item_blocks[design.item], design.scorer, blocks)
        item_blocks = _join_within(design.person, blocks[design.scorer], design.item, item_blocks)
        after = blocks.max(initial=0) + item_blocks.max(initial=0)
        if after == 0:
            return blocks, item_blocks
        if after == before:
            return _by_null_space(design)


def refuse_across(fit_or_links, first, second):
    """Raise ValueError when two scorers can not be compared: nothing ties their scales together."""
    design = getattr(fit_or_links, "design", fit_or_links)
    places = []
    for name in (first, second):
        if name not in design.scorers:
            raise ValueError(f"There is no scorer {name!r} among those with a severity.")
        places.append(design.scorers.index(name))
    blocks = fit_or_links.blocks
    if blocks[places[0]] != blocks[places[1]]:
        raise ValueError(
            f"{first} and {second} can not be compared: no chain of shared responses joins them. "
            f"Let both read {ENOUGH} of the same responses first."
        )


def group_links(found, groups, group):
    """The effective number of shared responses between every two groups of scorers, with its sentence.

    `groups` are the names, `group` the code of each scorer, as in a `Design`. A group counts as the plain
    average of its scorers. Returns a dict (name, name) -> (effective, sentence).
    """
    with np.errstate(divide="ignore"):
        resistance = np.where(found.effective > 0, 1 / found.effective, 0.0)
    group, pairs = np.asarray(group), {}
    for a in range(len(groups)):
        for b in range(a + 1, len(groups)):
            weights = (group == a) / max((group == a).sum(), 1) - (group == b) / max((group == b).sum(), 1)
            mine = found.blocks[(group == a) | (group == b)]
            if not ((group == a).any() and (group == b).any()):
                continue
            one = mine.size and (mine == mine[0]).all()
            # For weights that sum to zero, w' L+ w = -w' R w / 2 with R the resistances between scorers.
            spread = -weights @ resistance @ weights / 2
            effective = 1 / spread if one and spread > 0 else 0.0
            pairs[groups[a], groups[b]] = (effective, _between(groups[a], groups[b], found, group, a, b, one))
    return pairs


def _between(first, second, found, group, a, b, one):
    shared = found.shared[np.ix_(group == a, group == b)].sum()
    if one and shared:
        return f"Scorers of {first} and {second} read {wording.papers(shared)} in common."
    if one:
        return f"{first} and {second} are joined through scorers of other groups only."
    never = (
        "never scored the same paper" if not shared else "have scorers that no chain of shared papers joins"
    )
    return (
        f"{first} and {second} {never}, so their scorers can not be compared. "
        f"Score {ENOUGH} shared papers to fix."
    )


def _joined(first, second, n):
    """Label 0..n-1 by connected component, given edges as two arrays; codes in order of first appearance."""
    edges = np.unique(np.minimum(first, second).astype(np.int64) * n + np.maximum(first, second))
    first, second = np.divmod(edges, n)
    label = np.arange(n)
    while True:
        # Each end takes the smaller label of the two, then labels follow their own labels down to a root.
        lower = np.minimum(label[first], label[second])
        new = label.copy()
        np.minimum.at(new, label[first], lower)
        np.minimum.at(new, label[second], lower)
        while (new != new[new]).any():
            new = new[new]
        new = new[label]
        if (new == label).all():
            return np.unique(label, return_inverse=True)[1]
        label = new


def _join_within(person, within, code, blocks):
    """Join the blocks of those codes that stand in rows of the same person and the same `within`."""
    key = person.astype(np.int64) * (int(within.max(initial=0)) + 1) + within
    if (np.diff(key) < 0).any():
        order = np.argsort(key, kind="stable")
        key, code = key[order], code[order]
    together = key[1:] == key[:-1]
    n = int(blocks.max(initial=0)) + 1
    return _joined(blocks[code[:-1][together]], blocks[code[1:][together]], n)[blocks]


def _by_null_space(design):
    """Blocks from the directions in which parameters may move without any person's scores noticing."""
    n_items, n_scorers = len(design.items), len(design.scorers)
    size = n_items + n_scorers
    information = np.zeros((size, size))
    for first in range(0, len(design.persons), 4096):
        last = min(first + 4096, len(design.persons))
        rows = slice(design.start[first], design.start[last])
        person = design.person[rows] - first
        counts = np.zeros((last - first, size))
        np.add.at(counts, (person, design.item[rows]), 1.0)
        np.add.at(counts, (person, n_items + design.scorer[rows]), 1.0)
        information -= (counts / np.maximum(counts.sum(axis=1, keepdims=True) / 2, 1)).T @ counts
    both = np.bincount(design.item * n_scorers + design.scorer, minlength=n_items * n_scorers)
    both = both.reshape(n_items, n_scorers)
    information[:n_items, n_items:] += both
    information[n_items:, :n_items] += both.T
    information[np.diag_indices(size)] += np.concatenate([both.sum(axis=1), both.sum(axis=0)])
    values, vectors = np.linalg.eigh(information)
    null = vectors[:, values < 1e-9 * max(values.max(), 1)]
    blocks = _equal_rows(null[n_items:])
    # What is still loose once severities sum to zero in each block.
    sums = np.zeros((blocks.max() + 1, null.shape[1]))
    np.add.at(sums, blocks, null[n_items:])
    values, vectors = np.linalg.eigh(sums.T @ sums)
    rest = null @ vectors[:, values < 1e-9]
    return blocks, _equal_rows(rest[:n_items])


def _equal_rows(matrix):
    """A code for each row, in order of appearance: the same for rows that are equal up to rounding."""
    if not matrix.shape[1]:
        return np.zeros(matrix.shape[0], int)
    _, first, code = np.unique(np.round(matrix, 6) + 0.0, axis=0, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[code.reshape(-1)]


def _shared(person, scorer, n_persons, n_scorers):
    """Responses two scorers both read, and the Laplacian of their graph.

    A response with m scorers ties each two of them with weight 2/m: what least squares makes of it, so that
    with two scorers a response weighs 1.
    """
    key = person.astype(np.int64) * n_scorers + scorer
    if (np.diff(key) < 0).any():
        key = np.sort(key)
    key = key[np.concatenate([[True], key[1:] != key[:-1]])]
    person, scorer = np.divmod(key, n_scorers)
    counts, weights = np.zeros(n_scorers * n_scorers), np.zeros(n_scorers * n_scorers)
    for m, rows in reads.blocks(person, n_persons).items():
        who = scorer[rows] if m else np.zeros((0, 0), int)
        found = np.zeros(n_scorers * n_scorers)
        if m > FEW_READS:
            for chunk in range(0, who.shape[0], 2048):
                part = who[chunk : chunk + 2048]
                there = np.zeros((part.shape[0], n_scorers))
                np.put_along_axis(there, part, 1.0, axis=1)
                found += (there.T @ there).reshape(-1)
        else:
            for a in range(m):
                for b in range(m):
                    found += np.bincount(who[:, a] * n_scorers + who[:, b], minlength=found.size)
        counts += found
        weights += found * (2 / m if m else 0)
    weights = weights.reshape(n_scorers, n_scorers)
    np.fill_diagonal(weights, 0)
    return counts.reshape(n_scorers, n_scorers), np.diag(weights.sum(axis=1)) - weights


def _resistance(laplacian, components):
    """Effective resistance between every two scorers (meaningful inside a component only)."""
    resistance = np.zeros_like(laplacian)
    for component in range(components.max(initial=-1) + 1):
        inside = np.flatnonzero(components == component)
        # Adding the constant direction makes the Laplacian invertible and leaves differences alone.
        inverse = np.linalg.inv(laplacian[np.ix_(inside, inside)] + 1 / inside.size)
        diagonal = np.diag(inverse)
        between = np.maximum(diagonal[:, None] + diagonal - 2 * inverse, 0)
        np.fill_diagonal(between, 0)
        resistance[np.ix_(inside, inside)] = between
    return resistance


def _connectivity(laplacian, components):
    for component in range(components.max(initial=-1) + 1):
        inside = components == component
        values = np.linalg.eigvalsh(laplacian[np.ix_(inside, inside)])
        yield float(max(values[1], 0)) if values.size > 1 else 0.0


def _sentences(found, design):
    n_blocks = int(found.blocks.max(initial=0)) + 1
    if found.n_components > 1:
        sets = "; ".join(_named(found, found.components == c) for c in range(found.n_components))
        both = "both sets" if found.n_components == 2 else "every set"
        yield (
            f"The scorers fall into {found.n_components} sets that never read the same response: {sets}. "
            f"Severities of different sets can not be compared. {ENOUGH} responses read by scorers of {both} "
            "would mend this."
        )
    elif n_blocks > 1:
        sets = "; ".join(_named(found, found.blocks == c) for c in range(n_blocks))
        yield (
            f"Scorers keep to traits of their own, in {n_blocks} sets: {sets}. A strict scorer can not be told "
            "from a hard trait across these sets, so scorers of different sets can not be compared."
        )
    weak = np.where(np.isfinite(found.effective) & (found.effective > 0), found.effective, np.inf)
    if weak.size and weak.min() < ENOUGH:
        a, b = divmod(int(weak.argmin()), len(found.scorers))
        yield (
            f"The weakest link is between {found.scorers[a]} and {found.scorers[b]}: as good as "
            f"{weak.min():.3g} shared responses, where {ENOUGH} are wanted."
        )
    if design.groups:
        for _, sentence in group_links(found, design.groups, design.group).values():
            if "can not" in sentence:
                yield sentence


def _named(found, which):
    names = [str(found.scorers[code]) for code in np.flatnonzero(which).tolist()]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
