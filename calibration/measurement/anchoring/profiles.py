"""Every response in numbers: how many read it, what they gave on each trait, how far they agree."""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.ratings import NO_SCORE


@dataclass(frozen=True, eq=False)
class Profiles:
    """What the reads of every response came to, responses in rows, traits (in the rubric's order) in columns.

    `lowest` and `highest` are places among the score points, `n_low` how many reads gave the lowest. A
    response is `complete` when every reader scored every trait. `given[t][k]` counts the responses that got
    score point k on trait t from anybody. `entropy` is that of the scores of a trait, in bits, averaged
    over traits: 0 when all reads are the same.
    """

    reads: np.ndarray
    complete: np.ndarray
    counts: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    n_low: np.ndarray
    entropy: np.ndarray
    given: np.ndarray


def profiles(ratings):
    """Look at every response once, all traits together.

    Parameters
    ----------
    ratings : Ratings

    Returns
    -------
    Profiles
    """
    n, traits = len(ratings.response.names), len(ratings.traits)
    widest = max((ratings.points[name].size for name in ratings.traits), default=1)
    place = {name: column for column, name in enumerate(ratings.traits)}
    trait = np.array([place[name] for name in ratings.trait.names], np.int64)[ratings.trait.codes]
    scored = ratings.score != NO_SCORE
    cell = ((ratings.response.codes * traits + trait) * widest + ratings.score)[scored]
    counts = np.bincount(cell, minlength=n * traits * widest).reshape(n, traits, widest)
    some = counts > 0
    lowest, highest = some.argmax(axis=2), widest - 1 - some[:, :, ::-1].argmax(axis=2)
    often, reads = counts.sum(axis=2), _readers(ratings)
    share = counts / np.maximum(often, 1)[:, :, None]
    bits = -(share * np.log2(np.where(some, share, 1))).sum(axis=2)
    return Profiles(
        reads=reads,
        complete=(often == reads[:, None]).all(axis=1),
        counts=counts,
        lowest=lowest,
        highest=highest,
        n_low=np.take_along_axis(counts, lowest[:, :, None], axis=2)[:, :, 0],
        entropy=bits.sum(axis=1) / max(traits, 1) + 0.0,
        given=some.sum(axis=0),
    )


def spread(levels, steps):
    """How far apart the traits of each response stand, in score points of the trait with the fewest.

    >>> spread(np.array([[5, 0, 3]]), np.array([5, 2, 3])).tolist()
    [2.0]
    """
    if not steps.size:
        return np.zeros(len(levels))
    standing = levels / steps
    return (standing.max(axis=1) - standing.min(axis=1)) * steps.min()


def _readers(ratings):
    scorers = max(len(ratings.scorer.names), 1)
    readers = np.unique(ratings.response.codes * scorers + ratings.scorer.codes)
    return np.bincount(readers // scorers, minlength=len(ratings.response.names))
