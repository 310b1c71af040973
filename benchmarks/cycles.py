"""Did it help? How often the verdict is wrong where nothing has changed, and how often it finds a real change.

`python benchmarks/cycles.py` takes some ten minutes on two idle cores; `python benchmarks/cycles.py 100` is quicker
and rougher.
"""

import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # not this folder: its queue.py is not Python's

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from concurrent.futures import ProcessPoolExecutor

import numpy as np

from calibration.measurement.change import examples, power, shift, spread, study
from calibration.measurement.change.sides import split

TURNED = np.array([0.2, 0.2, 1, 1, 1, 1, 3, 3])
NOTHING_CHANGED = {
    "8 scorers, 200 + 200 papers": {},
    "8 scorers, 60 + 60": {"papers": (60, 60)},
    "6 scorers, 20 + 20": {"papers": (20, 20), "scorers": 6},
    "4 scorers, 100 + 100": {"papers": (100, 100), "scorers": 4},
    "5 scorers, 400 + 50": {"papers": (400, 50), "scorers": 5},
    "12 scorers, 120 + 120": {"papers": (120, 120), "scorers": 12},
    "4 traits, 150 + 150": {"papers": (150, 150), "traits": ("a", "b", "c", "d")},
    "other scorers do most of the work": {"take_part": (TURNED, TURNED[::-1])},
    "3 of 8 scorers leave, 3 come": {"take_part": ([1] * 8 + [0] * 3, [0] * 3 + [1] * 8), "scorers": 11},
    "stronger papers (half a deviation)": {"middle": (2.5, 2.9), "papers": (400, 400)},
    "much stronger papers (a deviation)": {"middle": (2.5, 3.3), "papers": (400, 400)},
    "scorers wander (correlation 0.8), 8": {"steady": 0.8},
    "scorers wander (0.8), 4, 400 + 400": {"steady": 0.8, "scorers": 4, "papers": (400, 400)},
    "scorers wander (0.5), 12, 400 + 400": {"steady": 0.5, "scorers": 12, "papers": (400, 400)},
    "scorers wander (0.5), 6, 1000 + 1000": {"steady": 0.5, "scorers": 6, "papers": (1000, 1000)},
    "scorers do not differ, 60 + 300": {"spread": (0, 0), "papers": (60, 300)},
    "made 4 days later than planned": {"done": 14},
    "made 4 days earlier than planned": {"done": 6},
}
CHANGED = [
    (scorers, papers, noise)
    for scorers in (4, 8, 16)
    for papers in (60, 120, 250, 500)
    for noise in ((0.6, 0.45), (0.6, 0.3))
]
CLOSER = [
    (scorers, papers, apart)
    for scorers in (4, 8, 16)
    for papers in (60, 120, 250)
    for apart in ((0.5, 0.3), (0.5, 0.2))
]
LOOKS = 20  # days after the change on which an impatient leader looks


def verdicts(arguments):
    """Shares of better and worse for both measures, and for a line."""
    _name, settings, repetitions = arguments
    counts = np.zeros((3, 2))
    settings = dict(settings)
    done = settings.pop("done", None)
    for seed in range(repetitions):
        ratings = examples.reads(seed=seed + 1, **settings)
        trait = ratings.traits[0]
        for row, (measure, line) in enumerate((("exact", None), ("spread", None), ("line", (trait, 1)))):
            found = study.compare(ratings, 10, done=done, measure=measure, line=line).verdict
            counts[row] += (found == study.BETTER, found == study.WORSE)
    return counts / repetitions


def found_shares(arguments):
    """How often a change of this size is found, and what the formula said; shares before and after."""
    scorers, papers, noise, repetitions = arguments
    better, shares = 0, []
    for seed in range(repetitions):
        alike = split(examples.reads((papers, papers), scorers, noise=noise, seed=seed + 1), 10).comparable()
        same = shift.same_score(alike)
        better += shift.estimate(alike, same).low > 0
        shares.append([same[alike.side == side].mean() for side in (0, 1)])
    before, after = np.mean(shares, axis=0)
    said = power.of_shares(before, after, n_before=papers, n_after=papers, n_scorers=scorers)
    return before, after, better / repetitions, said


def found_spreads(arguments):
    """The same for scorers who lie closer together."""
    scorers, papers, apart, repetitions = arguments
    better, seen = 0, []
    for seed in range(repetitions):
        found = spread.compare(
            split(examples.reads((papers, papers), scorers, spread=apart, seed=seed + 1), 10).comparable()
        )
        better += found.high < 1
        seen.append((found.before.value, found.after.value, found.before.noise, found.after.noise))
    before, after, noise, later = np.nanmean(seen, axis=0)
    said = power.of_spreads(before, after, noise_before=noise, noise_after=later, n_scorers=scorers)
    return before, after, better / repetitions, said


def peeking(seed):
    """Whether nothing but luck shows an improvement: on the day set beforehand, and on any of many days."""
    ratings = examples.reads(papers=(200, 400), seed=seed)
    found = []
    for day in np.linspace(10, 20, LOOKS + 1)[1:]:
        alike = split(ratings, 10, until=day).comparable()
        found.append(shift.estimate(alike, shift.same_score(alike)).low > 0)
    return found[-1], any(found)


def main(repetitions):
    with ProcessPoolExecutor() as pool:
        print(f"Nothing changed: verdicts per 100 cycles, better / worse ({repetitions} cycles each)")
        print(f"  {'':38}{'same score':>14}{'spread':>14}{'line 2 or 3':>14}")
        work = [(name, settings, repetitions) for name, settings in NOTHING_CHANGED.items()]
        for (name, *_), found in zip(work, pool.map(verdicts, work), strict=True):
            print(f"  {name:38}" + "".join(f"{100 * b:8.1f} / {100 * w:3.1f}" for b, w in found), flush=True)
        once, often = np.mean(list(pool.map(peeking, range(1, repetitions + 1))), axis=0)
        print(f"\nLooking once, on the day set beforehand: {100 * once:.1f} false better of 100.")
        print(f"Looking on {LOOKS} days until one shows better: {100 * often:.1f} of 100.")
        print("\nAgreement rises: found of 100 cycles (and said beforehand)")
        work = [(*each, repetitions) for each in CHANGED]
        for (scorers, papers, *_), (before, after, found, said) in zip(
            work, pool.map(found_shares, work), strict=True
        ):
            print(
                f"  {scorers:2} scorers, {papers:3} + {papers:3} papers, {100 * before:.0f} to {100 * after:.0f} of 100: "
                f"{100 * found:5.1f} ({100 * said:.0f})",
                flush=True,
            )
        print("\nScorers come closer: found of 100 cycles (and said beforehand)")
        work = [(*each, repetitions) for each in CLOSER]
        for (scorers, papers, *_), (before, after, found, said) in zip(
            work, pool.map(found_spreads, work), strict=True
        ):
            print(
                f"  {scorers:2} scorers, {papers:3} + {papers:3} papers, {before:.2f} to {after:.2f} points: "
                f"{100 * found:5.1f} ({100 * said:.0f})",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
