"""Who was put beside whom and who was chosen: judgments counted by pair, and whether they hang together."""

from dataclasses import dataclass

import numpy as np

NAMED = 6  # at most so many scripts are named in a sentence


class Disconnected(ValueError):
    """The judgments fall apart into groups of scripts that no judgment joins: there is no common scale."""


@dataclass(frozen=True, eq=False)
class Tournament:
    """All judgments as whole numbers, and the same counted by pair of scripts.

    A judgment has `first` and `second` (codes of scripts, first below second), and `score`: 1 where the first
    was chosen, 0 where the second was, 0.5 for a tie. `pair` is the place of its pair in the table of pairs:
    `left`, `right`, and how often the left one was chosen, the right one, neither.
    """

    scripts: tuple
    judges: tuple
    judge: np.ndarray
    first: np.ndarray
    second: np.ndarray
    score: np.ndarray
    pair: np.ndarray
    left: np.ndarray
    right: np.ndarray
    left_chosen: np.ndarray
    right_chosen: np.ndarray
    neither: np.ndarray

    @classmethod
    def of(cls, judge, chosen, not_chosen, tied=None):
        """Read columns of equal length: judge, chosen script, script not chosen, and whether it was a tie.

        >>> Tournament.of(["j", "j", "j"], ["a", "b", "a"], ["b", "a", "c"]).left_chosen.tolist()
        [1, 1]
        """
        judge = ["all judges"] * len(chosen) if judge is None else judge
        tied = np.zeros(len(chosen), bool) if tied is None else _ties(tied)
        lengths = {len(column) for column in (judge, chosen, not_chosen, tied)}
        if len(lengths) > 1:
            raise ValueError("The columns of the judgments are not equally long.")
        if not len(chosen):
            raise ValueError("There are no judgments yet.")
        scripts, both = _encode([*_listed(chosen), *_listed(not_chosen)], "script", len(chosen))
        judges, judge = _encode(_listed(judge), "judge", len(chosen))
        winner, loser = both[: len(chosen)], both[len(chosen) :]
        same = np.flatnonzero(winner == loser)
        if same.size:
            raise ValueError(
                f"Row {same[0] + 1} judges {scripts[winner[same[0]]]} against itself; "
                "a judgment needs two different scripts."
            )
        score = np.where(tied, 0.5, winner < loser)
        return cls._counted(
            scripts, judges, judge, np.minimum(winner, loser), np.maximum(winner, loser), score
        )

    @classmethod
    def _counted(cls, scripts, judges, judge, first, second, score):
        n = len(scripts)
        key, pair = np.unique(first * n + second, return_inverse=True)
        often = [np.bincount(pair[score == value], minlength=key.size) for value in (1.0, 0.0, 0.5)]
        return cls(scripts, judges, judge, first, second, score, pair, key // n, key % n, *often)

    def by_judges(self, chosen):
        """Only the judgments of these judges (a mask over judges), and only the scripts they saw."""
        rows = chosen[self.judge]
        seen = np.zeros(len(self.scripts), bool)
        seen[self.first[rows]] = seen[self.second[rows]] = True
        place = np.cumsum(seen) - 1
        names = tuple(name for name, kept in zip(self.scripts, seen.tolist(), strict=True) if kept)
        return Tournament._counted(
            names,
            self.judges,
            self.judge[rows],
            place[self.first[rows]],
            place[self.second[rows]],
            self.score[rows],
        )

    @property
    def n_pairs(self):
        """Different pairs of scripts that were judged."""
        return self.left.size

    @property
    def times(self):
        """How often each pair was judged."""
        return self.left_chosen + self.right_chosen + self.neither

    @property
    def points(self):
        """For each script, how often it was chosen, a tie counting half."""
        won = self.left_chosen + self.neither / 2, self.right_chosen + self.neither / 2
        return self.by_script(*won)

    @property
    def judgments(self):
        """For each script, in how many judgments it stood."""
        return self.by_script(self.times, self.times)

    def by_script(self, left, right):
        """Add up for each script what its pairs give the left and the right one."""
        n = len(self.scripts)
        return np.bincount(self.left, left, minlength=n) + np.bincount(self.right, right, minlength=n)

    def groups(self):
        """A code for each script: the same for scripts joined by a chain of judgments."""
        n, ends = (
            len(self.scripts),
            (
                np.concatenate([self.left, self.right]),
                np.concatenate([self.right, self.left]),
            ),
        )
        code, found = np.full(n, -1), 0
        while (code < 0).any():
            code[_reached(*ends, n, int(np.argmax(code < 0)))] = found
            found += 1
        return code

    def beatable(self):
        """Can every script be reached from every other by a chain of choices? Only then do estimates exist.

        Source: Ford (1957). A tie counts in both directions.
        """
        n = len(self.scripts)
        down = (self.left_chosen > 0) | (self.neither > 0)
        up = (self.right_chosen > 0) | (self.neither > 0)
        winner = np.concatenate([self.left[down], self.right[up]])
        loser = np.concatenate([self.right[down], self.left[up]])
        return bool(_reached(winner, loser, n, 0).all() and _reached(loser, winner, n, 0).all())

    def refuse_disconnected(self):
        """Raise Disconnected, naming the groups, when no common scale can be made."""
        groups = self.groups()
        if groups.max() == 0:
            return
        sizes = np.bincount(groups)
        small = int(np.argmin(sizes))
        names = [self.scripts[code] for code in np.flatnonzero(groups == small)]
        raise Disconnected(
            f"The judgments fall into {sizes.size} groups of scripts that were never put beside each other, so "
            f"there is no common scale. One group is {listed(names)}. Judge some pairs across the groups."
        )


def listed(names):
    """A few names in words: 'A, B and 3 more'.

    >>> listed(["A", "B"]), listed(list("ABCDEFGH"))
    ('A and B', 'A, B, C, D, E, F and 2 more')
    """
    names = [str(name) for name in names]
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _reached(start, end, n, root):
    """The scripts that can be reached from one script along the given directed pairs."""
    reached = np.zeros(n, bool)
    reached[root] = True
    while True:
        fresh = end[reached[start] & ~reached[end]]
        if not fresh.size:
            return reached
        reached[fresh] = True


def _listed(column):
    return column.tolist() if isinstance(column, np.ndarray) else list(column)


def _encode(values, what, n_rows):
    """Small whole numbers for labels, in the order of the labels, so that the order of rows does not matter."""
    seen = {}
    codes = np.fromiter((seen.setdefault(value, len(seen)) for value in values), np.int64, len(values))
    for name, code in seen.items():
        if name is None or name == "" or name != name:
            row = int(np.argmax(codes == code)) % n_rows + 1
            raise ValueError(f"Row {row} has no {what}.")
    names = sorted(
        seen,
        key=lambda name: (isinstance(name, str), name if isinstance(name, (int, float, str)) else str(name)),
    )
    place = np.empty(len(names), np.int64)
    place[[seen[name] for name in names]] = np.arange(len(names))
    return tuple(names), place[codes]


def _ties(tied):
    values = _listed(tied)
    for row, value in enumerate(values):
        if value not in (0, 1):
            raise ValueError(f"Row {row + 1}: a tie is true or false, not {value!r}.")
    return np.array(values, bool)
