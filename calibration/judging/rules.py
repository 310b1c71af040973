"""Which pair comes next, and which responses a study takes. Pure: ids and counts in, ids out.

Pairs are spread evenly and at random. They never follow earlier choices: adaptive pairing makes the reliability of a
scale look far higher than it is (Bramley, T. (2015). *Investigating the reliability of adaptive comparative
judgment*. Cambridge Assessment).
"""

from collections import Counter, defaultdict


class Islands:
    """Which responses are joined by comparisons so far, directly or through others."""

    def __init__(self, pairs=()):
        self._above = {}
        for one, other in pairs:
            self.join(one, other)

    def of(self, item):
        """The name of an item's island: one of its items.

        >>> islands = Islands([(1, 2), (2, 3)])
        >>> islands.of(1) == islands.of(3), islands.of(1) == islands.of(4)
        (True, False)
        """
        while self._above.get(item, item) != item:
            self._above[item] = item = self._above.get(self._above[item], self._above[item])
        return item

    def join(self, one, other):
        """Make two islands one."""
        self._above[self.of(one)] = self.of(other)


def next_pair(free, made, had, draw):
    """Return the next pair for one participant as (left, right); None when there is none.

    Parameters
    ----------
    free : ids of the responses this participant may be given
    made : pairs (left, right) that all participants have got so far
    had : the pairs this participant has got already, as frozensets
    draw : a function that returns a random number from 0 to 1

    The response that stood in the fewest comparisons comes first. Its partner is the one with the fewest, rather
    from another island, rather one it was never put beside. On the left is the one that stood there less often.

    >>> next_pair([1, 2, 3], [(1, 2)], {frozenset((1, 2))}, lambda: 0.5)
    (3, 1)
    >>> next_pair([1, 2], [(1, 2)], {frozenset((1, 2))}, lambda: 0.5) is None
    True
    """
    made = list(made)
    counts = Counter(each for pair in made for each in pair)
    often = Counter(frozenset(pair) for pair in made)
    islands = Islands(made)
    for one in sorted(free, key=lambda each: (counts[each], draw())):
        partners = [each for each in free if each != one and frozenset((one, each)) not in had]
        if partners:
            other = min(partners, key=lambda each: (counts[each], islands.of(each) == islands.of(one),
                                                    often[frozenset((one, each))], draw()))  # fmt: skip
            return _placed(one, other, made, draw)
    return None


def _placed(one, other, made, draw):
    left = Counter(pair[0] for pair in made)
    right = Counter(pair[1] for pair in made)
    lean = (left[one] - right[one]) - (left[other] - right[other])
    return (other, one) if lean > 0 or (lean == 0 and draw() < 0.5) else (one, other)


def sample(rows, size, draw):
    """Choose responses for a study so that every district and every score is there.

    `rows` are (id, district, score). One response after another comes from the group of district and score that
    has given the smallest part of itself so far, so that each gives its share and none is left out.

    >>> rows = [(1, "a", 1), (2, "a", 1), (3, "a", 1), (4, "a", 2), (5, "b", 1)]
    >>> sorted(sample(rows, 3, lambda: 0.5)) == [1, 4, 5]
    True
    """
    groups = defaultdict(list)
    for row in sorted(rows, key=lambda row: (draw(), row[0])):
        groups[row[1:]].append(row[0])
    names = sorted(groups, key=lambda name: (len(groups[name]), draw()))
    taken = dict.fromkeys(names, 0)
    chosen = []
    while len(chosen) < min(size, len(rows)):
        name = min(
            (each for each in names if taken[each] < len(groups[each])),
            key=lambda each: (taken[each] > 0, taken[each] / len(groups[each])),
        )
        chosen.append(groups[name][taken[name]])
        taken[name] += 1
    return chosen


def own_share(planned, participants):
    """How many comparisons fall to each participant.

    >>> own_share(100, 8)
    13
    """
    return -(-planned // max(1, participants))
