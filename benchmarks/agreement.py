"""How long agreement takes, beside other Python packages, in one run.

    python benchmarks/agreement.py [responses ...] [--peers PYTHON]

Medians in milliseconds. The peers (krippendorff, scikit-learn, statsmodels, pingouin, irrCAC) live in an
environment of their own; without --peers, or where one of them is absent, its lines are left out and named.
Both sides start from the same input, which every line names, lying ready in memory in the form each side
likes best: numpy arrays here, a numpy array or a data frame there. Ours always gives the interval too, except
for alpha beside the krippendorff package, which has none: there it is the bare figure on both sides.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads would only wait for each other

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from agreement_peers import POINTS, median_ms, reads_twice, value_counts, work_of_peers

from calibration.measurement import (
    agreement,
    alpha,
    association,
    chance,
    coefficients,
    counting,
    groups,
    gwet,
    icc,
    kappa,
    live,
    pairs,
    reml,
)
from calibration.measurement.ratings import Ratings

ARRAY = "array of scores, responses x 2"
COUNTS = "counts, responses x score points"
TABLE = "table, 4 x 4"
LONG = "rows (response, scorer, score), 2 scorers"
SPARSE = "rows (response, scorer, score), 200 scorers"
READY = "ratings encoded here, a matrix 200 x responses there"


def rated(rows):
    """Long columns as ratings of the one trait: checked, encoded, nothing counted yet."""
    columns = (rows["response"], rows["scorer"], rows["trait"], rows["score"])
    return Ratings.from_columns(*columns, points=POINTS).of("ideas")


def ours(responses):
    """What we do, by the same names as the peers' work: {name: (input, function)}."""
    two, many = reads_twice(responses, 2), reads_twice(responses, 200)
    scores = two["score"].reshape(2, -1).T
    table = np.bincount((scores[:, 0] - 1) * 4 + scores[:, 1] - 1, minlength=16).reshape(4, 4)
    given = value_counts(scores)

    def count():
        return counting.from_scores(scores, POINTS)

    ready = rated(many)

    work = {
        f"{level} alpha": (ARRAY, lambda level=level: alpha.alpha(count(), level=level, draws=0))
        for level in alpha.LEVELS
    }
    work |= {
        "ordinal alpha from counts": (
            COUNTS,
            lambda: alpha.alpha(counting.from_value_counts(given, POINTS), draws=0),
        ),
        "ordinal alpha, 1,000 bootstrap draws": (ARRAY, lambda: alpha.alpha(count())),
    }
    work |= {
        f"kappa, {words}": (ARRAY, lambda power=power: kappa.cohen(count(), power=power))
        for power, words in enumerate(("unweighted", "linear", "quadratic"))
    }
    work |= {
        "quadratic kappa from a table": (
            TABLE,
            lambda: kappa.cohen(pairs.PairCounts.from_table(table, POINTS, fixed_pair=(1, 2))),
        ),
        "Fleiss' kappa": (ARRAY, lambda: chance.fleiss(count())),
        "Fleiss' kappa from counts": (
            COUNTS,
            lambda: chance.fleiss(counting.from_value_counts(given, POINTS)),
        ),
        "AC2": (ARRAY, lambda: gwet.ac2(count())),
        "Brennan-Prediger": (ARRAY, lambda: chance.brennan_prediger(count())),
        "Conger's kappa": (ARRAY, lambda: chance.conger(None, count())),
        "alpha with standard error": (ARRAY, lambda: alpha.linearized(count())),
        "six ICCs": (LONG, lambda: icc.six(rated(two))),
        "Pearson": (ARRAY, lambda: association.pearson(count())),
        "Spearman": (ARRAY, lambda: association.spearman(count())),
        "ordinal alpha, 200 scorers, ready": (READY, lambda: alpha.alpha(pairs.count(ready), draws=0)),
        "ordinal alpha, 200 scorers, from rows": (
            SPARSE,
            lambda: alpha.alpha(pairs.count(rated(many)), draws=0),
        ),
        "AC2, 200 scorers, ready": (READY, lambda: gwet.ac2(pairs.count(ready))),
        "AC2, 200 scorers, from rows": (SPARSE, lambda: gwet.ac2(pairs.count(rated(many)))),
    }
    return work


def alone(responses):
    """What no peer offers: {name: function}."""
    rows = reads_twice(responses, 200)
    ratings, both = rated(rows), rated(reads_twice(responses, 2))
    counts, follow = pairs.count(ratings), live.LiveCounts(POINTS)
    for place in range(min(responses, 5000)):
        follow.add(
            [
                (int(rows["scorer"][place + k * responses]), int(rows["score"][place + k * responses]))
                for k in (0, 1)
            ]
        )

    def one_more():
        follow.add([(1, 2), (2, 3)])
        follow.take_away([(1, 2), (2, 3)])

    return {
        "counting reads of 200 scorers": lambda: pairs.count(ratings),
        "1,000 bootstrap draws of alpha, once counted": lambda: alpha.alpha(counts),
        "every coefficient with its interval, 2 scorers": lambda: coefficients.every(both),
        "every coefficient with its interval, 200 scorers": lambda: coefficients.every(ratings),
        "summary of a page, three alphas replicated": lambda: agreement.summarize(ratings),
        "200 scorers: exact ... kappa, AC2, alpha of each": lambda: groups.by_group(ratings, "scorer"),
        "REML components, 200 scorers": lambda: reml.components(ratings),
        "one response added and taken away again": one_more,
    }


def peers(python, responses):
    """Run the peers in their own environment: {name: [package, milliseconds]}, and what was absent."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        script = Path(__file__).with_name("agreement_peers.py")
        command = [python, "-P", "-W", "ignore", str(script), str(responses), str(answer)]
        subprocess.run(command, check=True)  # -P: this folder's queue.py is not Python's
        found = json.loads(answer.read_text())
    return found["times"], found["absent"]


def times(responses):
    """How often to repeat: the median of many where a run is short."""
    return 51 if responses <= 10_000 else 7 if responses <= 200_000 else 3


def compare(responses, python):
    theirs, absent = peers(python, responses) if python else ({}, sorted(work_of_peers()))
    print(f"\n{responses:,} responses read twice, score points 1 to 4; medians in milliseconds")
    print(f"  {'':38}{'ours':>9}  {'peer':>9} {'ratio':>8}  package; input")
    mine = {}
    for name, (form, run) in ours(responses).items():
        mine[name] = median_ms(run, times(responses))
        for package, taken in theirs.get(name, [["", None]]):
            beside = f"{taken:9.2f} {taken / mine[name]:7.1f}x" if taken else f"{'':9} {'':8}"
            print(f"  {name:38}{mine[name]:9.3f}  {beside}  {f'{package}; ' if package else ''}{form}")
    print("  ours alone")
    for name, run in alone(responses).items():
        print(f"    {name:50}{median_ms(run, times(responses)):9.2f}")
    if absent:
        print(f"  not compared, because absent: {', '.join(absent)}")
    return mine, theirs


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("responses", nargs="*", type=int, default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--peers", metavar="PYTHON", help="the Python of an environment that holds the peers")
    chosen = parser.parse_args()
    for responses in chosen.responses:
        compare(responses, chosen.peers)


if __name__ == "__main__":
    main()
