"""Severities as a random sample: scorers with few reads are pulled toward the mean of all."""

from dataclasses import dataclass

import numpy as np

SMALLEST = 1e-3  # logits; scorers who do not differ measurably keep a hair's breadth


@dataclass(frozen=True)
class Rule:
    """Severities come from a normal curve with this standard deviation (infinite: no shrinkage).

    >>> Rule(np.inf).sd
    inf
    """

    sd: float

    @property
    def weight(self):
        """Precision of the curve: 0 without shrinkage."""
        return 1 / self.sd**2

    def penalty(self, parameters):
        """What the severities cost, to be taken off the log-likelihood."""
        return 0.5 * self.weight * float(parameters.severity @ parameters.severity)

    def added(self, now, basis, parameters):
        """Gradient, information and complete information of an evaluation with the curve added."""
        if not self.weight:
            return now.gradient, now.information, now.complete
        first = parameters.item.size
        severe = np.zeros((parameters.severity.size, now.gradient.size))
        severe[:, :-2] = basis[first : first + parameters.severity.size]
        more = self.weight * severe.T @ severe
        gradient = now.gradient - self.weight * severe.T @ parameters.severity
        return gradient, now.information + more, now.complete + more


NONE = Rule(np.inf)


def rule(design, basis, covariance, parameters):
    """How much severities differ beyond what chance explains, as a `Rule`.

    The estimates are taken as normal with their covariance V; their spread s is the most likely one for
    severities that vary normally about zero, given their number of free ones: in the axes of V each estimate has
    variance s^2 + v (empirical Bayes).
    """
    first = len(design.items)
    severe = basis[first : first + len(design.scorers)]
    columns = np.flatnonzero(severe.any(axis=0))
    if not columns.size:
        return NONE
    axes, lengths, _ = np.linalg.svd(severe[:, columns], full_matrices=False)
    axes = axes[:, lengths > 1e-9]
    spread = severe[:, columns] @ covariance[np.ix_(columns, columns)] @ severe[:, columns].T
    noise, turn = np.linalg.eigh(axes.T @ spread @ axes)
    estimates = turn.T @ (axes.T @ parameters.severity)
    return Rule(max(SMALLEST, float(np.sqrt(between(estimates, np.maximum(noise, 0))))))


def between(estimates, noise):
    """The variance among true values, given estimates about zero and the variance of each one's error.

    Most likely value under normal curves, by halving: 0 when the errors alone explain the spread.

    >>> round(between(np.array([1.0, -1.0]), np.array([0.2, 0.2])), 6)
    0.8
    >>> between(np.array([0.1, -0.1]), np.array([0.2, 0.2]))
    0.0
    """

    def slope(variance):
        total = variance + noise
        return float(np.sum((estimates**2 - total) / np.maximum(total, 1e-300) ** 2))

    low, high = 0.0, float((estimates**2).max())
    if high == 0 or slope(low) <= 0:
        return 0.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2
