"""How the demonstration's scorers score: a rating-scale Rasch model with strict and lenient scorers and districts.

Pure: numbers in, numbers out, the same every time for the same seed.
"""

import math
import random
from dataclasses import dataclass

THRESHOLD_SPACING = 4.1  # logits between the steps of a scale, as found in real essay scoring
SEVERITY_SPREAD = 0.54  # standard deviation of scorers' severity, in logits
WIDEST = 9.0


@dataclass(frozen=True)
class ScorerTraits:
    """How one simulated scorer scores: severity in logits (positive is strict), and habits."""

    severity: float
    halo: bool = False  # lets the whole impression of a response decide every trait
    central: bool = False  # keeps to the middle of the scale


def draw_scorer(seed, district_severity):
    """Return a scorer of a district: mostly ordinary, now and then one with a habit."""
    chance = random.Random(f"scorer {seed}")
    severity = district_severity + chance.gauss(0, SEVERITY_SPREAD)
    habit = chance.random()
    return ScorerTraits(severity, halo=habit < 0.05, central=0.05 <= habit < 0.10)


def scores(quality, points, scorer, seed):
    """Score one response: for each trait its quality on the trait's own scale becomes a score point.

    `quality` and `points` are dictionaries by trait: a number within the scale, and the list of score points.

    >>> strict, lenient = ScorerTraits(severity=8.0), ScorerTraits(severity=-8.0)
    >>> scores({"claim": 2.5}, {"claim": [1, 2, 3, 4]}, strict, 1)["claim"] < 2.5
    True
    >>> scores({"claim": 2.5}, {"claim": [1, 2, 3, 4]}, lenient, 1)["claim"] > 2.5
    True
    """
    chance = random.Random(f"read {seed}")
    if scorer.halo:
        quality = _with_halo(quality, points)
    return {trait: _score(quality[trait], points[trait], scorer, chance) for trait in points}


def _with_halo(quality, points):
    """Pull every trait half-way to the response's general impression."""
    share = {
        trait: (quality[trait] - points[trait][0]) / (points[trait][-1] - points[trait][0])
        for trait in points
    }
    general = sum(share.values()) / len(share)
    return {
        trait: points[trait][0] + (share[trait] + general) / 2 * (points[trait][-1] - points[trait][0])
        for trait in points
    }


def _score(quality, points, scorer, chance):
    location = _location(quality, points) - scorer.severity
    if scorer.central:
        location *= 0.6
    shares = _shares(location, len(points))
    return chance.choices(points, weights=shares)[0]


def _location(quality, points):
    """Find the place on the logit scale where the expected score is the quality."""
    low, high = -WIDEST - THRESHOLD_SPACING * len(points) / 2, WIDEST + THRESHOLD_SPACING * len(points) / 2
    for _ in range(40):
        middle = (low + high) / 2
        expected = sum(
            point * share for point, share in zip(points, _shares(middle, len(points)), strict=True)
        )
        low, high = (middle, high) if expected < quality else (low, middle)
    return (low + high) / 2


def _shares(location, categories):
    """Chances of each score point at a place on the logit scale, by the rating-scale model."""
    thresholds = [THRESHOLD_SPACING * (step - (categories - 2) / 2) for step in range(categories - 1)]
    logits = [0.0]
    for threshold in thresholds:
        logits.append(logits[-1] + location - threshold)
    highest = max(logits)
    weights = [math.exp(logit - highest) for logit in logits]
    return [weight / sum(weights) for weight in weights]
