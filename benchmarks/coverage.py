"""How often do the 95 % intervals hold the true figure?

`python benchmarks/coverage.py [--only NAME ...] [--repetitions N] [--sizes N ...]` draws samples from
populations whose true figures are known and prints, for each figure and sample size: how many intervals
held the truth, their mean width, and how many samples gave no interval.
"""

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import designs  # noqa: E402

ROUNDING = 1e-9
LEAST, MOST = 0.92, 0.97  # coverage outside is marked with a star


def run(design, n, repetitions, seed=1):
    """Coverage of every figure of a design: {name: (intervals, coverage, mean width, share without one)}."""
    draw, sample, found = np.random.default_rng(seed), design(), defaultdict(list)
    for _ in range(repetitions):
        for name, truth, figure in sample(draw, n):
            found[name].append((truth, figure.low, figure.high))
    return {name: _summary(*np.array(rows, float).T) for name, rows in found.items()}


def _summary(truth, low, high):
    given = ~(np.isnan(low) | np.isnan(high))
    if not given.any():
        return 0, np.nan, np.nan, 1.0
    held = (low - ROUNDING <= truth) & (truth <= high + ROUNDING)
    return int(given.sum()), held[given].mean(), (high - low)[given].mean(), 1 - given.mean()


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", nargs="*", default=[], help="parts of the names of designs")
    options.add_argument("--repetitions", type=int, help="instead of the number that suits each design")
    options.add_argument("--sizes", type=int, nargs="*", default=[100, 1_000])
    asked = options.parse_args()
    for name, (design, usual) in designs.ALL.items():
        if asked.only and not any(part in name for part in asked.only):
            continue
        start, repetitions = time.perf_counter(), asked.repetitions or usual
        tables = {n: run(design, n, repetitions) for n in asked.sizes}
        print(f"\n### {name}\n{repetitions:,} samples of each size, {time.perf_counter() - start:.0f} s.\n")
        print("| figure".ljust(36), *(f"| n = {n:,} | width | undefined " for n in asked.sizes), "|", sep="")
        print("|---" + "|--:|--:|--:" * len(asked.sizes) + "|")
        for figure in dict.fromkeys(key for table in tables.values() for key in table):
            cells = [_cells(table.get(figure)) for table in tables.values()]
            print(f"| {figure}".ljust(36), *cells, sep="", end="|\n")


def _cells(row):
    if row is None or not row[0]:
        return "|  |  | 100 % "
    _, held, width, gone = row
    mark = " *" if not LEAST <= held <= MOST else ""
    return f"| {100 * held:.1f} %{mark} | {width:.3g} | {100 * gone:.1f} % "


if __name__ == "__main__":
    main()
