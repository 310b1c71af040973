"""Comparative judgment: how often a study says that scores order the work alike, and how often that is luck.

`python benchmarks/judging.py` takes about a minute on one core; a number of studies in each row may follow.
"""

import os
import sys
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from calibration.judging import verdict
from calibration.measurement.judgment import rubric, scale

EACH = 12  # comparisons of a response
PEOPLE = 6
SPREAD = 1.5  # logits
GOES_WITH = {"unrelated to the work": 0.0, "at .5": 0.5, "at .9": 0.9}
RESPONSES = (6, 12, 20, 40, 80)


def study(n, goes_with, seed):
    """What a study of n responses says, where scores (1 to 4) go with the work by this correlation before rounding."""
    draw = np.random.default_rng(seed)
    work = draw.normal(size=n)
    pairs = [pair for _ in range(EACH) for pair in draw.permutation(n)[: n // 2 * 2].reshape(-1, 2)]
    wins = [draw.random() < 1 / (1 + np.exp(SPREAD * (work[b] - work[a]))) for a, b in pairs]
    chosen = [int(a if won else b) for (a, b), won in zip(pairs, wins, strict=True)]
    other = [int(b if won else a) for (a, b), won in zip(pairs, wins, strict=True)]
    scored = goes_with * work + np.sqrt(1 - goes_with**2) * draw.normal(size=n)
    scores = dict(enumerate(np.clip(np.rint(2.5 + scored), 1, 4)))
    found = scale.fit([place % PEOPLE for place in range(len(pairs))], chosen, other, splits=0)
    return verdict.words(rubric.against_scores(found, scores).spearman)


def main(repetitions):
    print(
        f"{'responses':>9}  {'scores':22}{'alike':>7}{'differently':>13}{'neither':>9}   of 100, {repetitions} studies"
    )
    for n in RESPONSES:
        for name, goes_with in GOES_WITH.items():
            said = [study(n, goes_with, seed) for seed in range(repetitions)]
            alike, differently = (100 * np.mean([f"the work {how}" in each and "Too few" not in each for each in said])
                                  for how in ("alike", "differently"))  # fmt: skip
            print(
                f"{n:9}  {name:22}{alike:7.1f}{differently:13.1f}{100 - alike - differently:9.1f}", flush=True
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
