"""Were scripts put beside others of like standing? Then the scale looks surer than it is.

Adaptive pairing picks the next pair by earlier results. The same luck then decides both who wins and who
meets whom, and separation reliability comes out high even for judges who toss coins.

References
----------
Bramley, T. (2015). *Investigating the reliability of adaptive comparative judgment*. Cambridge Assessment.
"""

from dataclasses import dataclass

import numpy as np

FEWEST = 5  # judgments per script, on average; under this standings say little
SHUFFLES = 100
HANDLED = 4_000_000  # standings shuffled in all; many judgments need fewer shuffles
SURE = -4.0  # standard deviations below what chance pairing gives
CLOSER = 0.9  # and at least a tenth closer than that


@dataclass(frozen=True)
class Pairing:
    """How alike the standings of paired scripts are, beside what pairing by lot would give."""

    distance: float
    expected: float
    z: float
    adaptive: bool
    sentence: str


def look(tournament, *, seed=1):
    """Recognize pairing that followed results, from the judgments alone and in any order.

    A script's standing is the share of its judgments that it won, without the judgment at hand. The mean
    distance between the two standings of a pair is compared with shuffled partners.
    """
    n, rows = len(tournament.scripts), tournament.first.size
    if n < 4 or rows < FEWEST * n / 2:
        return Pairing(np.nan, np.nan, np.nan, False, "Too few judgments to tell how scripts were paired.")
    standing = _standings(tournament)
    distance = float(np.abs(standing[0] - standing[1]).mean())
    draw, everyone = np.random.default_rng(seed), standing.ravel()
    shuffles = min(SHUFFLES, max(10, HANDLED // everyone.size))
    shuffled = np.array([_distance_by_lot(everyone, draw) for _ in range(shuffles)])
    expected, spread = float(shuffled.mean()), float(shuffled.std(ddof=1))
    z = (distance - expected) / spread if spread > 1e-12 else 0.0
    adaptive = z < SURE and distance < CLOSER * expected
    said = "Nothing suggests that pairs were picked by earlier results."
    if adaptive:
        said = (
            "Scripts were mostly put beside scripts of like standing, as adaptive pairing does. Separation "
            "reliability is then far too high, and the split-half figure somewhat; pair at random next time."
        )
    return Pairing(distance, expected, z, bool(adaptive), said)


def _standings(tournament):
    """For each judgment, the share won by either script in all its other judgments (2 x judgments)."""
    score = np.stack([tournament.score, 1 - tournament.score])
    code = np.stack([tournament.first, tournament.second])
    others = tournament.judgments[code] - 1
    won = tournament.points[code] - score
    # a script judged once has no standing yet: it stands in the middle
    return np.where(others > 0, won / np.maximum(others, 1), 0.5)


def _distance_by_lot(standing, draw):
    shuffled = draw.permutation(standing)
    half = shuffled.size // 2
    return np.abs(shuffled[:half] - shuffled[half:]).mean()
