"""The peers' side of `benchmarks/agreement.py`: runs in an environment of their own and writes its medians.

`PYTHON agreement_peers.py RESPONSES ANSWER.json`. Also holds what both sides share: the reads and the clock.
"""

import importlib
import json
import os
import sys
import time
from importlib.metadata import PackageNotFoundError, version

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

POINTS = [1, 2, 3, 4]
CELLS = 250_000_000  # a matrix of scorers x responses beyond this is not built
MODULES = {
    "krippendorff": "krippendorff",
    "scikit-learn": "sklearn.metrics",
    "statsmodels": "statsmodels.stats.inter_rater",
    "pingouin": "pingouin",
    "irrCAC": "irrCAC.raw",
}


def reads_twice(responses, scorers, seed=1):
    """Every response read by two of so many scorers, who agree about as often as people do: long columns."""
    draw = np.random.default_rng(seed)
    quality = draw.normal(2.5, 0.8, responses)
    first = draw.integers(0, scorers, responses) if scorers > 2 else np.zeros(responses, np.int64)
    second = (first + draw.integers(1, scorers, responses)) % scorers
    score = [np.clip(np.rint(quality + draw.normal(0, 0.5, responses)), 1, 4).astype(np.int64) for _ in "12"]
    return {
        "response": np.tile(np.arange(responses), 2),
        "scorer": np.concatenate([first, second]),
        "trait": np.full(2 * responses, "ideas"),
        "score": np.concatenate(score),
    }


def value_counts(scores):
    """How often each response received each score point."""
    cells = (np.arange(len(scores)) * len(POINTS))[:, None] + scores - 1
    return np.bincount(cells.ravel(), minlength=len(scores) * len(POINTS)).reshape(-1, len(POINTS))


def median_ms(work, times):
    """The median of so many runs after a first one that warms up; of fewer where a run is long."""
    taken, until = [], time.perf_counter() + 20
    work()
    while len(taken) < times and (not taken or time.perf_counter() < until):
        start = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - start))
    return sorted(taken)[len(taken) // 2]


def work_of_peers():
    """The packages that are compared with, by the module that holds their figures."""
    return dict(MODULES)


def work(package, module, responses):
    """One package's figures, by the names `agreement.py` uses: {name: function}."""
    rows = reads_twice(responses, 2)
    scores = rows["score"].reshape(2, -1).T
    first, second = scores[:, 0].copy(), scores[:, 1].copy()
    if package == "krippendorff":
        return krippendorff_work(module, scores, responses)
    if package == "scikit-learn":
        return {
            f"kappa, {words or 'unweighted'}": (
                lambda words=words: module.cohen_kappa_score(first, second, weights=words)
            )
            for words in (None, "linear", "quadratic")
        }
    if package == "statsmodels":
        given = value_counts(scores)
        table = np.bincount((first - 1) * 4 + second - 1, minlength=16).reshape(4, 4)
        return {
            "quadratic kappa from a table": (
                lambda: module.cohens_kappa(table, weights=np.arange(4.0), wt="fc")
            ),
            "Fleiss' kappa": lambda: module.fleiss_kappa(module.aggregate_raters(scores)[0]),
            "Fleiss' kappa from counts": lambda: module.fleiss_kappa(given),
        }
    import pandas as pd

    if package == "pingouin":
        frame = pd.DataFrame({name: rows[name] for name in ("response", "scorer", "score")})
        return {
            "six ICCs": (
                lambda: module.intraclass_corr(frame, targets="response", raters="scorer", ratings="score")
            ),
            "Pearson": lambda: module.corr(first, second, method="pearson"),
            "Spearman": lambda: module.corr(first, second, method="spearman"),
        }
    return irrcac_work(module, pd, scores, responses)


def krippendorff_work(module, scores, responses):
    given, across = value_counts(scores), scores.T
    found = {
        f"{level} alpha": lambda level=level: module.alpha(across, level_of_measurement=level)
        for level in ("nominal", "ordinal", "interval", "ratio")
    }
    found["ordinal alpha from counts"] = lambda: module.alpha(
        value_counts=given, value_domain=POINTS, level_of_measurement="ordinal"
    )
    ten = found["ordinal alpha"]
    found["ordinal alpha, 1,000 bootstrap draws"] = lambda: [ten() for _ in range(10)]  # and no interval
    if responses * 200 <= CELLS:
        rows = reads_twice(responses, 200)
        matrix = as_matrix(rows, responses)
        found["ordinal alpha, 200 scorers, ready"] = lambda: module.alpha(
            matrix, level_of_measurement="ordinal"
        )
        found["ordinal alpha, 200 scorers, from rows"] = lambda: module.alpha(
            as_matrix(rows, responses), level_of_measurement="ordinal"
        )
    return found


def irrcac_work(module, pd, scores, responses):
    frame = pd.DataFrame(scores, columns=["first", "second"])
    found = {
        "AC2": lambda: module.CAC(frame, weights="quadratic").gwet(),
        "Fleiss' kappa": lambda: module.CAC(frame).fleiss(),
        "Brennan-Prediger": lambda: module.CAC(frame).bp(),
        "Conger's kappa": lambda: module.CAC(frame).conger(),
        "alpha with standard error": lambda: module.CAC(frame).krippendorff(),
    }
    if responses * 200 <= CELLS:
        rows = reads_twice(responses, 200)
        wide = pd.DataFrame(as_matrix(rows, responses).T)
        found["AC2, 200 scorers, ready"] = lambda: module.CAC(wide, weights="quadratic").gwet()
        found["AC2, 200 scorers, from rows"] = lambda: module.CAC(
            pd.DataFrame(as_matrix(rows, responses).T), weights="quadratic"
        ).gwet()
    return found


def as_matrix(rows, responses):
    """Scorers x responses, NaN where a scorer did not read a response."""
    matrix = np.full((200, responses), np.nan)
    matrix[rows["scorer"], rows["response"]] = rows["score"]
    return matrix


def main(responses, answer):
    times, absent = {}, []
    repeats = 51 if responses <= 10_000 else 5 if responses <= 200_000 else 1
    for package, name in MODULES.items():
        try:
            module, words = importlib.import_module(name), f"{package} {version(package)}"
        except (ImportError, PackageNotFoundError):
            absent.append(package)
            continue
        for figure, run in work(package, module, responses).items():
            said = f"10 alphas of {words}" if "bootstrap" in figure else words
            times.setdefault(figure, []).append([said, median_ms(run, repeats)])
    with open(answer, "w") as file:
        json.dump({"times": times, "absent": absent}, file)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
