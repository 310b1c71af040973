"""How long a generalizability study takes, and how often its 95 % intervals hold the truth.

Run from the repository: `python benchmarks/generalizability.py`. It takes about a minute.
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from calibration.measurement.generalizability import g_study

TRUTH = {"p": 1.0, "t": 0.25, "r": 0.16, "p x t": 0.36, "p x r": 0.09, "t x r": 0.04, "p x t x r": 0.36}


def scored(generator, n, scorers, *, tasks=1, reads=2, crossed=False):
    """Responses on each task, each read by scorers drawn anew, or all by the same."""
    p = np.repeat(np.arange(n), tasks * reads)
    t = np.tile(np.repeat(np.arange(tasks), reads), n)
    first = np.zeros(n * tasks, int) if crossed else generator.integers(0, scorers, n * tasks)
    r = ((first[:, None] + np.arange(reads) * (1 if crossed else 3)) % scorers).ravel()
    sizes, codes = {"p": n, "t": tasks, "r": scorers}, {"p": p, "t": t, "r": r}
    score = np.zeros(p.size)
    for label, variance in TRUTH.items():
        names = label.split(" x ")
        if tasks == 1 and "t" in names:
            variance = 0 if label in ("t", "t x r") else variance
        cell = np.zeros(p.size, int)
        for name in names:
            cell = cell * sizes[name] + codes[name]
        score += generator.normal(0, np.sqrt(variance), int(cell.max()) + 1)[cell]
    return {**codes, "score": score}


def covered(design, truth, make, studies=200):
    held = dict.fromkeys(truth, 0)
    for seed in range(studies):
        found = g_study.study(make(np.random.default_rng(seed)), design, seed=seed)
        for label, value in truth.items():
            held[label] += found.components[label].low <= value <= found.components[label].high
    return {label: 100 * count / studies for label, count in held.items()}


def main():
    two = {"p": 1.36, "r": 0.16, "p x r": 0.45}  # one task: what goes with the task goes with the response
    print("| Design | Holds the truth, % |\n|---|---|")
    for name, design, truth, make in (
        ("p x r, 50 responses, all read by the same 6", "p x r", two, lambda g: scored(g, 50, 6, reads=6, crossed=True)),
        ("p x r, 100 responses, 2 of 10 scorers each", "p x r", two, lambda g: scored(g, 100, 10)),
        ("p x r, 1,000 responses, 2 of 40 scorers each", "p x r", two, lambda g: scored(g, 1000, 40)),
        ("p x t x r, 100 responses, 3 tasks, 2 of 10 scorers each", "p x t x r", TRUTH, lambda g: scored(g, 100, 10, tasks=3)),
    ):  # fmt: skip
        held = covered(design, truth, make)
        print(f"| {name} | {', '.join(f'{label} {share:.0f}' for label, share in held.items())} |")
    print("\n| A million scores | Seconds |\n|---|---|")
    generator = np.random.default_rng(1)
    for name, design, data in (
        ("p x r, same 10 scorers", "p x r", scored(generator, 100_000, 10, reads=10, crossed=True)),
        ("p x r, 2 of 200 scorers each", "p x r", scored(generator, 500_000, 200)),
        ("p x t x r, 5 tasks, 2 of 200 scorers each", "p x t x r", scored(generator, 100_000, 200, tasks=5)),
    ):
        start = time.perf_counter()
        g_study.study(data, design)
        print(f"| {name} | {time.perf_counter() - start:.1f} |")


if __name__ == "__main__":
    main()
