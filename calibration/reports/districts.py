"""Whether scorers of different districts score alike, as one reader may see it. Pure."""

from dataclasses import dataclass, replace

import numpy as np

from calibration.measurement.comparability import districts
from calibration.measurement.comparability.contrasts import DistrictPair
from calibration.measurement.ratings import Labels

MARGIN = 0.25  # points; a smaller difference between districts is taken to be too small to matter


@dataclass(frozen=True)
class Pair:
    """Two districts by name; `comparison` is None where too few students stand behind it to be shown."""

    first: str
    second: str
    comparison: DistrictPair | None


@dataclass(frozen=True)
class Compared:
    """Whether a 3 here is a 3 there: the verdict over all traits, and every two districts."""

    verdict: str
    margin: float
    sentences: tuple
    pairs: tuple


def compare(ratings, names, *, smallest, is_open):
    """Compare the districts of the scorers on the papers they share; None where all scorers are from one.

    `names` are the districts' names by id. Unless `is_open`, what rests on fewer than `smallest` shared papers is
    left out, words included.
    """
    column = ratings.labels["scorer_district"]
    if np.unique(column.codes[column.codes >= 0]).size < 2:
        return None
    named = Labels(tuple(names[each] for each in column.names), column.codes)
    ratings = replace(ratings, labels={**ratings.labels, "scorer_district": named})
    found = districts.compare(ratings, margin=MARGIN, by="scorer_district")
    pairs = [
        Pair(each.first, each.second, each if is_open or each.n_shared >= smallest else None)
        for each in found.overall.pairs
    ]
    if all(each.comparison for each in pairs):
        return Compared(found.verdict, MARGIN, found.sentences, tuple(pairs))
    said = tuple(each.comparison.difference.sentence for each in pairs if each.comparison)
    return Compared("", MARGIN, said, tuple(pairs))
