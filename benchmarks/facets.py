"""How long a many-facet Rasch fit takes, beside RaschPy, and how far the logits of each estimator are off.

`python benchmarks/facets.py [--peers PYTHON] [--students N ...] [--large N ...] [--bias REPETITIONS] [--coverage REPETITIONS]`

RaschPy runs with the PYTHON of its own environment (`python3 -m venv peers; peers/bin/pip install raschpy`) and is
skipped without one. All runs use one BLAS thread. Every size runs in a process of its own, so that its peak memory
is its own. `--bias` prints the size of logits over their true size for joint and marginal estimation, `--coverage`
how many 95 % intervals of marginal estimates hold the truth.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
STEPS = np.array([-1.5, 0.0, 1.5])
RASCHPY_MOST = 10_000  # students; more would take minutes


def reads(n, traits, scorers, *, seed=1, sd=1.2, spread=0.5):
    """Every student read by two scorers on every trait, scores 0 to 3 by the model; with the true severities."""
    draw = np.random.default_rng(seed)
    severity, difficulty = draw.normal(0, spread, scorers), np.linspace(-0.5, 0.5, traits)
    severity -= severity.mean()
    first = draw.integers(0, scorers, n)
    who = np.column_stack([first, (first + draw.integers(1, scorers, n)) % scorers])
    ability = draw.normal(0, sd, n)
    columns = []
    for begin in range(0, n, 50_000):
        some = slice(begin, begin + 50_000)
        ease = ability[some, None, None] - severity[who[some]][:, :, None] - difficulty
        chance = np.exp(ease[..., None] * np.arange(4) - np.r_[0, np.cumsum(STEPS)])
        chance = np.cumsum(chance / chance.sum(axis=-1, keepdims=True), axis=-1)
        score = (draw.random(ease.shape)[..., None] > chance[..., :3]).sum(axis=-1)
        response, read, trait = np.indices(score.shape).reshape(3, -1)
        columns.append((begin + response, who[some][response, read], trait, score.ravel()))
    return tuple(np.concatenate(part) for part in zip(*columns, strict=True)), severity


def median_ms(work, times):
    """The middle of several runs, in milliseconds, and what the last one gave."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        found = work()
        taken.append(1000 * (time.perf_counter() - start))
    return sorted(taken)[len(taken) // 2], found


def run(n, traits, scorers, times):
    """Time every way of fitting one simulated event; print as JSON. Runs in a process of its own."""
    from calibration.measurement.facets import jml, mml, model, publish
    from calibration.measurement.ratings import Ratings

    columns, severity = reads(n, traits, scorers)
    ratings = Ratings.from_columns(*columns, points=range(4))
    simulated = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    design = model.Design.of(ratings)
    mml.estimate(design)  # the first run loads what is needed
    found = {
        "rows to ratings": median_ms(lambda: Ratings.from_columns(*columns, points=range(4)), times)[0],
        "MML estimates with standard errors": median_ms(lambda: mml.estimate(design), times)[0],
        "MML, everything, from ratings": 0.0,
        "JML, everything, from a design": median_ms(lambda: jml.estimate(design), times)[0],
    }
    found["MML, everything, from ratings"], fitted = median_ms(lambda: publish.fit(ratings), times)
    estimate = fitted.parameters.severity
    json.dump(
        {
            "ms": found,
            "slope": float(severity @ estimate / (severity @ severity)),
            "error": float(np.sqrt(np.mean((estimate - severity) ** 2))),
            "se": float(np.mean([each.se for each in fitted.scorers.values()])),
            "rounds": fitted.iterations,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "data_mb": simulated / 1024,
        },
        sys.stdout,
    )


def beside(python, n, traits, scorers, times):
    """RaschPy's time for the same reads, and its severities against the true ones; None where it does not run."""
    columns, severity = reads(n, traits, scorers)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reads.npz"
        np.savez(path, **dict(zip(("response", "scorer", "trait", "score"), columns, strict=True)))
        command = [python, "-P", str(ROOT / "benchmarks" / "facets_peer.py"), str(path), str(times)]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | ONE_THREAD)
    if done.returncode:
        return None, (done.stderr.strip().splitlines() or ["no word"])[-1]
    told = json.loads(done.stdout)
    estimate = np.array(told["severity"]) - np.mean(told["severity"])
    return told["ms"], float(severity @ estimate / (severity @ severity))


def size(n, traits, scorers, times, python):
    command = [sys.executable, __file__, "--run", *map(str, (n, traits, scorers, times))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | ONE_THREAD)
    told = json.loads(done.stdout)
    print(f"\n{n:,} students, {traits} traits, {scorers} scorers, 2 reads: {2 * n * traits:,} scores")
    for name, ms in told["ms"].items():
        print(f"  {name:40} {ms:12,.1f} ms")
    print(
        f"  logits {told['slope']:.3f} of their true size, off by {told['error']:.3f} (standard errors {told['se']:.3f}), "
        f"{told['rounds']} rounds, peak memory {told['peak_mb']:,.0f} MB (data and ratings {told['data_mb']:,.0f} MB)"
    )
    if n > RASCHPY_MOST:
        return
    if not python:
        print("  RaschPy skipped: name its Python with --peers")
        return
    ms, slope = beside(python, n, traits, scorers, min(times, 3))
    if ms is None:
        print(f"  RaschPy skipped: {slope}")
        return
    print(f"  {'RaschPy, estimates only':40} {ms:12,.1f} ms   logits {slope:.3f} of their true size")
    for name in ("MML estimates with standard errors", "MML, everything, from ratings"):
        print(f"  {'RaschPy / ' + name:40} {ms / told['ms'][name]:12,.1f} times")


def bias(repetitions):
    """Size of severities, thresholds and the spread of abilities over the true ones, for each estimator."""
    from calibration.measurement.facets import jml, mml, model
    from calibration.measurement.ratings import Ratings

    print(f"\nSize of logits over their true size, means of {repetitions} events with 2,000 students")
    print(f"{'':26}{'JML':>8}{'corrected':>11}{'MML':>8}   (severities); MML: thresholds, sd of abilities")
    for traits in (1, 2, 5):
        rows = []
        for seed in range(repetitions):
            columns, severity = reads(2_000, traits, 20, seed=seed, spread=0.8)
            design = model.Design.of(Ratings.from_columns(*columns, points=range(4)))
            marginal = mml.estimate(design)
            fits = [
                jml.estimate(design).parameters,
                jml.estimate(design, correct=True).parameters,
                marginal.parameters,
            ]
            sizes = [severity @ each.severity / (severity @ severity) for each in fits]
            rows.append(
                [*sizes, np.ptp(marginal.parameters.thresholds) / np.ptp(STEPS), marginal.ability.sd / 1.2]
            )
        joint, corrected, mean, steps, sd = np.mean(rows, axis=0)
        print(
            f"{traits} traits x 2 reads{'':10}{joint:8.3f}{corrected:11.3f}{mean:8.3f}   {steps:.3f}  {sd:.3f}"
        )


def coverage(repetitions):
    """How many 95 % intervals of a marginal fit hold the true figure."""
    from calibration.measurement.facets import mml, model
    from calibration.measurement.ratings import Ratings

    print(f"\nCoverage of 95 % intervals, {repetitions} events of 2 traits x 2 reads")
    print(f"{'':40}{'severities':>11}{'traits':>9}{'thresholds':>12}{'sd of abilities':>17}")
    for n, scorers, sd in ((100, 6, 1.2), (1_000, 20, 1.2), (1_000, 20, 3.3)):
        held = []
        for seed in range(repetitions):
            columns, severity = reads(n, 2, scorers, seed=1_000 + seed, sd=sd)
            found = mml.estimate(model.Design.of(Ratings.from_columns(*columns, points=range(4))))
            truth = np.concatenate([[-0.5, 0.5], severity, STEPS, [np.log(sd)]])
            estimate = np.r_[found.parameters.vector, found.ability.log_sd]
            error = np.sqrt(np.delete(np.diag(found.covariance), -2))
            held.append(np.abs(estimate - truth) < 1.96 * error)
        share = 100 * np.mean(held, axis=0)
        parts = (share[2:-4].mean(), share[:2].mean(), share[-4:-1].mean(), share[-1])
        name = f"{n:,} students, {scorers} scorers, sd {sd}"
        print(f"{name:40}{parts[0]:9.1f} %{parts[1]:7.1f} %{parts[2]:10.1f} %{parts[3]:15.1f} %")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--peers", help="a Python that has RaschPy")
    options.add_argument(
        "--students", type=int, nargs="*", default=[1_000, 10_000], help="with 4 traits, 50 scorers"
    )
    options.add_argument("--large", type=int, nargs="*", default=[100_000], help="with 5 traits, 200 scorers")
    options.add_argument("--bias", type=int, default=0, metavar="REPETITIONS")
    options.add_argument("--coverage", type=int, default=0, metavar="REPETITIONS")
    options.add_argument("--run", type=int, nargs=4, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.run:
        run(*asked.run)
        return
    for n in asked.students:
        size(n, 4, 50, 7 if n <= 1_000 else 5, asked.peers)
    for n in asked.large:
        size(n, 5, 200, 3 if n <= 100_000 else 1, None)
    if asked.bias:
        bias(asked.bias)
    if asked.coverage:
        coverage(asked.coverage)


if __name__ == "__main__":
    main()
