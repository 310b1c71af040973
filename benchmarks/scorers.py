"""Scorers: how long the figures take, and whether their intervals and flags keep what they promise.

`python benchmarks/scorers.py` takes about half a minute on one core.
"""

import os
import sys
import time
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from calibration.measurement import habits, profiles, scorers, sequential, severity
from calibration.measurement.ratings import Ratings

POINTS = [1, 2, 3, 4]


def reads(draw, responses, n_scorers, m=2, strict=0.0, spread=0.5):
    """Responses read by m scorers at random; severities differ by `strict` (standard deviation)."""
    first = draw.integers(0, n_scorers, responses)
    step = draw.integers(1, n_scorers // m + 1, responses)
    who = (first[:, None] + step[:, None] * np.arange(m)) % n_scorers
    severities = draw.normal(0, strict, n_scorers) if strict else np.zeros(n_scorers)
    level = draw.normal(2.5, 0.8, responses)
    value = level[:, None] - severities[who] + draw.normal(0, spread, who.shape)
    score = np.clip(np.rint(value), 1, 4)
    unit = np.repeat(np.arange(responses), m)
    columns = unit, who.ravel(), np.full(unit.size, "ideas"), score.ravel()
    return Ratings.from_columns(*columns, points=POINTS)


def median_ms(work, times=5):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - start))
    return sorted(taken)[times // 2]


def times():
    draw = np.random.default_rng(1)
    for responses in (1_000, 100_000):
        ratings = reads(draw, responses, 200)
        ideas = ratings.of("ideas")
        compared = scorers.compare(ideas)
        work = {
            "severity, shrunken, with intervals": lambda ideas=ideas: severity.fit(ideas),
            "use of the scale": lambda ideas=ideas: habits.compare(ideas),
            "leave-one-out agreement": lambda ideas=ideas: scorers.compare(ideas),
            "agreement leaning on the team": lambda rows=compared: scorers.lean(rows),
            "profiles with flags": lambda ratings=ratings: profiles.build(ratings),
        }
        print(f"{responses:,} responses read twice by 2 of 200 scorers")
        for name, run in work.items():
            print(f"  {name:40} {median_ms(run):8.1f} ms")
    print(
        f"  {'threshold for a false-alarm rate':40} {median_ms(lambda: sequential.for_false_alarms(0.05)):8.1f} ms"
    )


def coverage(repetitions=200):
    """95 % intervals of severity, with rounded scores: of differences, which need no common zero."""
    print("\nCoverage of 95 % intervals of a difference of severities, scores 1 to 4 rounded and cut off")
    for responses in (100, 1_000):
        draw, held = np.random.default_rng(2), []
        for _ in range(repetitions):
            found = severity.fit(reads(draw, responses, 8).of("ideas"))
            others = [found.difference(0, other) for other in range(1, 8)]
            held += [row.low <= 0 <= row.high for row in others if row.has_interval]
        print(f"  {responses:5,} responses, 8 scorers, 2 reads: {np.mean(held):.3f} of {len(held):,}")


def flags(repetitions=200):
    """Of all flags of strict or lenient scorers, how many fall on scorers without a difference."""
    print(
        "\nFlags at a false discovery rate of 0.05: 40 scorers, 5 of them 0.4 points stricter, about 58 papers each"
    )
    draw, false, found, alone = np.random.default_rng(3), [], [], []
    for _ in range(repetitions):
        for strict, keep in ((True, False), (False, True)):
            names = np.array([f"{code:02}" for code in range(40)])
            who = np.stack([draw.permutation(np.repeat(np.arange(40), 30)) for _ in range(2)], 1)
            who = who[who[:, 0] != who[:, 1]]
            value = draw.normal(2.5, 0.8, len(who))[:, None] + draw.normal(0, 0.5, who.shape)
            score = np.clip(np.rint(value - 0.4 * ((who < 5) & strict)), 1, 4)
            unit = np.repeat(np.arange(len(who)), 2)
            columns = unit, names[who.ravel()], np.full(unit.size, "ideas"), score.ravel()
            built = profiles.build(Ratings.from_columns(*columns, points=POINTS))
            flagged = np.array(["severity" in row.traits[0].flags for row in built.scorers])
            if keep:
                alone.append(any(row.traits[0].flags for row in built.scorers))
            else:
                false.append(flagged[5:].sum() / max(flagged.sum(), 1))
                found.append(flagged[:5].mean())
    print(
        f"  false flags among severity flags: {np.mean(false):.3f}; strict scorers found: {np.mean(found):.3f}"
    )
    print(f"  teams without any difference in which somebody is flagged for anything: {np.mean(alone):.3f}")


if __name__ == "__main__":
    times()
    coverage()
    flags()
