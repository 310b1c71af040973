r"""What a score made from several conditions is worth: error variances and coefficients for any numbers of them.

An effect that holds the object of measurement (responses, say) and any random facet changes the order of the
responses: relative error. Every effect with a random facet moves scores up or down: absolute error. Each counts
:math:`\sigma^2_e / \prod n'_f` over its facets other than the object. Effects of the object alone, or of the object
with fixed facets, are real differences: the universe score.

.. math:: E\rho^2 = \frac{\sigma^2_\tau}{\sigma^2_\tau + \sigma^2_\delta}, \qquad
          \Phi = \frac{\sigma^2_\tau}{\sigma^2_\tau + \sigma^2_\Delta}
"""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
WIDEST = {1: 20, 2: 6}  # the usual grid by the number of random facets; 4 with three or more


@dataclass(frozen=True, eq=False)
class Weights:
    """How much of each variance component is in the universe score and in the two kinds of error."""

    universe: np.ndarray
    relative: np.ndarray
    absolute: np.ndarray

    def variances(self, components):
        """Universe score variance, relative and absolute error variance (of one set of components, or many)."""
        return tuple(components @ part for part in (self.universe, self.relative, self.absolute))


@dataclass(frozen=True, eq=False)
class Universe:
    """What scores are generalized over: the object of measurement, the fixed facets, and the random ones."""

    design: object
    object: str
    fixed: frozenset

    @property
    def about(self):
        """The object of measurement with all it is nested in."""
        return self.design.whole(self.object)

    @property
    def random(self):
        """The facets generalized over, in the order written."""
        return tuple(name for name in self.design.facets if name not in self.about | self.fixed)

    def weights(self, share):
        """Weights of every effect from its share: 1 / (the number of its conditions in one score)."""
        effects, random = self.design.effects, set(self.random)
        share = np.array([share(effect) for effect in effects])
        varies = np.array([bool(effect & random) for effect in effects])
        differs = np.array([bool(effect & self.about) for effect in effects])
        return Weights(share * (differs & ~varies), share * (differs & varies), share * varies)

    def planned(self, conditions):
        """Weights for scores made from these numbers of conditions, all crossed and nested as the design says."""
        return self.weights(lambda effect: 1 / math.prod(conditions[facet] for facet in effect - self.about))


def universe(design, *, object_of_measurement=None, fixed=()):
    """Sort the facets of a design; refuse a design with nothing to generalize over."""
    chosen = design.object_of_measurement(object_of_measurement)
    unknown = [name for name in fixed if name not in design.facets]
    if unknown:
        raise ValueError(f"The design has no facet {unknown[0]!r} that could be fixed.")
    if chosen in fixed:
        raise ValueError(f"{chosen!r} is the object of measurement and cannot be fixed as well.")
    found = Universe(design, chosen, frozenset(fixed))
    if not found.random:
        raise ValueError(
            f"Nothing is left to generalize over: every facet but {chosen!r} is fixed or around it."
        )
    return found


def coefficients(variances):
    """The generalizability coefficient and Phi from the three variances; NaN where there is no variance."""
    tau, delta, capital = (np.asarray(part, float) for part in variances)
    with np.errstate(invalid="ignore", divide="ignore"):
        return tau / (tau + delta), tau / (tau + capital)


def grid(found, observed, conditions=None):
    """Every combination of numbers of conditions: the ones asked for, else 1 up to a few and those observed.

    A facet that is fixed stays as it was observed.
    """
    conditions = dict(conditions or {})
    wrong = [name for name in conditions if name not in found.random]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no facet to vary; those are {', '.join(found.random)}.")
    widest = WIDEST.get(len(found.random), 4)
    numbers = []
    for facet in found.random:
        usual = {*range(1, widest + 1), max(1, round(observed[facet]))}
        chosen = sorted(conditions.get(facet, usual))
        if not chosen or any(number != int(number) or number < 1 for number in chosen):
            raise ValueError(f"Numbers of {facet} must be whole and at least 1.")
        numbers.append([int(number) for number in chosen])
    steady = {facet: observed[facet] for facet in found.fixed}
    return [dict(zip(found.random, chosen, strict=True)) | steady for chosen in product(*numbers)]


def rows(found, components, combinations):
    """One row per combination: numbers of conditions, E rho^2 (relative), Phi (absolute), and both errors."""
    made = []
    for conditions in combinations:
        variances = found.planned(conditions).variances(components)
        relative, absolute = (float(value) for value in coefficients(variances))
        made.append(
            {
                **conditions,
                "relative": relative,
                "absolute": absolute,
                "relative_sem": math.sqrt(variances[1]),
                "sem": math.sqrt(variances[2]),
            }
        )
    return made


def advice(found, components, observed):
    """What one more condition of each facet would do: 'A second task helps more than a third scorer: ...'.

    Compared from the numbers in use, by Phi, because scores are used as they stand.
    """
    now = {facet: max(1, round(observed[facet])) for facet in found.random}
    steady = {facet: observed[facet] for facet in found.fixed}
    base = _phi(found, components, now | steady)
    if math.isnan(base) or base in (0, 1):
        return ""
    more = {facet: _phi(found, components, now | steady | {facet: now[facet] + 1}) for facet in found.random}
    best, *others = sorted(more, key=more.get, reverse=True)
    start = "" if now == {facet: observed[facet] for facet in now} else f"From {_listed(now)}: "
    said = f"{start}{_another(best, now)} would take Phi from {base:.2f} to {more[best]:.2f}"
    if not others:
        return f"{said}."
    second = others[0]
    if f"{more[best]:.2f}" == f"{more[second]:.2f}":
        return f"{said}, and {_inside(_another(second, now))} would do about as much."
    return (
        f"{start}{_another(best, now)} helps more than {_inside(_another(second, now))}: it would take Phi from "
        f"{base:.2f} to {more[best]:.2f}, not {more[second]:.2f}."
    )


def _phi(found, components, conditions):
    return float(coefficients(found.planned(conditions).variances(components))[1])


def _listed(numbers):
    return ", ".join(f"{facet} {number}" for facet, number in numbers.items())


def _another(facet, now):
    number = now[facet]
    return f"A {ORDINALS[number]} {facet}" if number < len(ORDINALS) else f"One more {facet}"


def _inside(said):
    """The same words inside a sentence; the name of a facet stays as it is."""
    return said[0].lower() + said[1:]
