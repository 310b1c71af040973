"""In what order candidates stand: the better ones first, and among equals those from schools and districts not seen yet.

Pure: candidates are whatever the caller has, grades and homes come from functions of them.
"""

from collections import Counter
from itertools import groupby


def alternate(items, grade, home):
    """Keep the order of grades, and within one grade take turns between homes (such as district and school).

    `items` stand best first; those with the same grade next to each other. The first part of a home weighs most.

    >>> alternate(["a1", "a2", "a3", "b1"], grade=lambda item: 0, home=lambda item: (item[0],))
    ['a1', 'b1', 'a2', 'a3']
    >>> alternate(["a1", "a2", "b1"], grade=lambda item: item == "b1", home=lambda item: (item[0],))
    ['a1', 'a2', 'b1']
    """
    chosen, taken = [], Counter()
    for _, equals in groupby(items, key=grade):
        rows = {}
        for place, item in enumerate(equals):
            rows.setdefault(tuple(home(item)), []).append((place, item))
        waiting = {key: row[::-1] for key, row in rows.items()}
        while waiting:
            key = min(waiting, key=lambda each: (_seen(each, taken), waiting[each][-1][0]))
            chosen.append(waiting[key].pop()[1])
            taken.update(_parts(key))
            if not waiting[key]:
                del waiting[key]
    return chosen


def _seen(home, taken):
    return tuple(taken[part] for part in _parts(home))


def _parts(home):
    return [home[: length + 1] for length in range(len(home))]
