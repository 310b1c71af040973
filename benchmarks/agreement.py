"""How long agreement takes: `python benchmarks/agreement.py [responses ...]` prints medians in milliseconds."""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from calibration.measurement import agreement, alpha, anchors, groups, kappa, pairs, scorers  # noqa: E402
from calibration.measurement.ratings import Ratings  # noqa: E402

POINTS = [1, 2, 3, 4]


def reads_twice(responses, n_scorers=200, seed=1):
    """Every response read by two of many scorers, with scores 1 to 4 that agree about as often as people do."""
    draw = np.random.default_rng(seed)
    quality = draw.normal(2.5, 0.8, responses)
    first = draw.integers(0, n_scorers, responses)
    second = (first + draw.integers(1, n_scorers, responses)) % n_scorers
    scores = [np.clip(np.rint(quality + draw.normal(0, 0.5, responses)), 1, 4) for _ in range(2)]
    response = np.tile(np.arange(responses), 2)
    return response, np.concatenate([first, second]), np.full(response.size, "ideas"), np.concatenate(scores)


def median_ms(work, times):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - start))
    return sorted(taken)[len(taken) // 2]


def main(sizes):
    for responses in sizes:
        columns = reads_twice(responses)
        ratings = Ratings.from_columns(*columns, points=POINTS)
        ideas = ratings.of("ideas")
        counts = pairs.count(ideas)
        work = {
            "rows to ratings": lambda columns=columns: Ratings.from_columns(*columns, points=POINTS),
            "ratings to counts": lambda ideas=ideas: pairs.count(ideas),
            "ordinal alpha, 1,000 bootstrap draws": lambda counts=counts: alpha.alpha(counts),
            "ordinal alpha by the krippendorff package": lambda ideas=ideas: alpha.replicate_alpha(ideas),
            "quadratic kappa with standard error": lambda counts=counts: kappa.pooled(counts),
            "whole summary of a trait, replicated": lambda ideas=ideas: agreement.summarize(ideas),
            "whole summary from a table": lambda counts=counts: agreement.summarize(counts),
            "200 scorers, leave-one-out": lambda ideas=ideas: scorers.compare(ideas),
            "200 scorers, agreement and kappa": lambda ideas=ideas: groups.by_group(ideas, "scorer"),
            "anchor candidates": lambda ratings=ratings: anchors.candidates(ratings),
        }
        print(f"{responses:,} responses read twice, {len(POINTS)} score points")
        for name, run in work.items():
            print(f"  {name:45} {median_ms(run, 5 if responses < 500_000 else 3):10.2f} ms")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1_000, 100_000])
