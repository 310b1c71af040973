r"""How scores were really made: how much of each effect is in an object's mean score, in the cells that were seen.

For effect :math:`a` the weight is :math:`c_a`, the mean over objects of :math:`\sum_l w_l^2`, where :math:`w_l` is
the share of the object's scores made at level l. With two scorers it is 1/2 for the scorer effect; with three, one
and one scores on three tasks 11/25 for the task effect.
"""

import numpy as np


def shares(found, scores):
    """The weight of each effect in the error of an object's mean score: 1 for effects of the object itself."""
    about, n_objects = found.about, scores.n_levels(found.about)
    per_object = scores.rows_alike(about)
    known = {}
    for effect in scores.design.effects:
        both = effect | about
        if both not in known:
            known[both] = float((scores.rows_alike(both) / per_object**2).sum() / n_objects)
    return {effect: known[effect | about] for effect in scores.design.effects}


def numbers(found, share):
    """For each facet, how many of its conditions stand behind a score; harmonic means where they vary.

    Facets are taken one inside the other, the one with fewest conditions first, so that the numbers multiply to the
    number of scores: five tasks read by two scorers each are 5 and 2, whoever the ten scorers were.
    """
    taken, left, counted = found.about, [*found.random, *sorted(found.fixed)], {}
    while left:
        ready = [name for name in left if found.design.nests[name] <= taken]
        inside = {name: _whole(share[taken] / share[taken | {name}]) for name in ready}
        fewest = min(ready, key=inside.get)
        counted[fewest] = inside[fewest]
        taken = taken | {fewest}
        left.remove(fewest)
    return {name: counted[name] for name in found.design.facets if name in counted}


def _whole(number):
    """A number without the dust of division, where it should be whole."""
    return float(round(number)) if abs(number - round(number)) < 1e-9 else number


def shared(found, scores, share):
    """How much of each effect two objects have in common, on average: it cancels when they are compared.

    All of it where everybody met the same conditions; none where everybody met others.
    """
    per_object, n_objects = scores.rows_alike(found.about), scores.n_levels(found.about)
    common = {}
    for effect in scores.design.effects:
        if found.about <= effect:
            common[effect] = 0.0
            continue
        together = float((scores.sums(effect, 1 / per_object) ** 2).sum())
        common[effect] = (together - n_objects * share[effect]) / (n_objects * (n_objects - 1))
    return common


def as_scored(found, scores, share):
    """Weights of the error in comparing two objects that may have met different conditions."""
    common = shared(found, scores, share)
    random = set(found.random)
    return np.array(
        [
            max(share[effect] - common[effect], 0) if effect & random else 0.0
            for effect in scores.design.effects
        ]
    )
