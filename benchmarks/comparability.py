"""Do the intervals and verdicts on districts keep their promises? `python benchmarks/comparability.py [repetitions]`.

Two districts with different students exchange papers. Each simulated study draws new scorers, papers and reads;
the table shows how often the 95 % interval holds the true difference, how often districts are called comparable
when their true difference is exactly the margin (at most 5 % is promised), and the verdicts when there is no
difference at all. Scores are rounded to the score points, and the halo column gives the reads of two traits
something in common. The true difference after rounding is found from very many reads.
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from calibration.measurement.comparability import districts, equivalence  # noqa: E402
from calibration.measurement.ratings import Ratings  # noqa: E402

MARGIN = 0.25
POINTS = list(range(41))  # fine score points, so that rounding does not move the true difference


def study(draw, n_scorers, n_responses, difference, *, scorer_sd=0.2, uneven=False, halo=0.0, n_traits=1):
    """Long columns of one exchange: every response read once in A and once in B, with a half more in A."""
    home = np.repeat([0, 1], n_scorers)
    spread = np.where(home == 1, 2.0, 0.5) if uneven else np.ones(home.size)
    severity = draw.normal(0, scorer_sd, home.size) * spread + difference * home
    ability = draw.normal(20, 3, n_responses) + 2 * (np.arange(n_responses) % 2)
    first = draw.integers(0, n_scorers, n_responses)
    second = n_scorers + draw.integers(0, n_scorers, n_responses)
    third = (first + draw.integers(1, n_scorers, n_responses)) % n_scorers
    again = np.arange(n_responses // 2)
    response = np.concatenate([np.arange(n_responses), np.arange(n_responses), again])
    scorer = np.concatenate([first, second, third[again]])
    common = draw.normal(0, 1, scorer.size) * halo
    columns = []
    for trait in range(n_traits):
        exact = ability[response] + trait + severity[scorer] + common + draw.normal(0, 1, scorer.size)
        score = np.clip(np.floor(exact + draw.random(scorer.size)), 0, 40)  # rounds without moving the mean
        columns.append((response, scorer, np.full(scorer.size, f"t{trait}"), score, home[scorer]))
    response, scorer, trait, score, home = (np.concatenate(part) for part in zip(*columns, strict=True))
    return Ratings.from_columns(
        response, scorer, trait, score, points=POINTS, district=np.array(["A", "B"])[home]
    )


def promises(repetitions, seed=1, **kind):
    """Coverage, false 'comparable' at the margin, and the shares of each verdict without a difference."""
    draw = np.random.default_rng(seed)
    held, false, verdicts, df = 0, 0, [], []
    for _ in range(repetitions):
        at_margin = districts.compare(study(draw, difference=MARGIN, **kind), margin=MARGIN).overall.pairs[0]
        held += at_margin.difference.low <= -MARGIN <= at_margin.difference.high
        false += at_margin.verdict == equivalence.COMPARABLE
        equal = districts.compare(study(draw, difference=0.0, **kind), margin=MARGIN).overall.pairs[0]
        verdicts.append(equal.verdict)
        held += equal.difference.low <= 0 <= equal.difference.high
        df.append(equal.df)
    share = [verdicts.count(name) / repetitions for name in equivalence.VERDICTS]
    return [held / (2 * repetitions), false / repetitions, *share, float(np.median(df))]


def main(repetitions):
    print(f"{repetitions} studies of each kind, true difference 0 and {MARGIN} points each")
    print(
        f"{'scorers, papers, kind':48} {'held':>6} {'false':>6} {'comp.':>6} {'diff.':>6} {'open':>6} {'df':>5}"
    )
    kinds = [
        {"n_scorers": scorers, "n_responses": papers} | more
        for papers in (100, 1000)
        for scorers, more in (
            (6, {}),
            (12, {}),
            (6, {"uneven": True}),
            (12, {"uneven": True}),
            (6, {"scorer_sd": 0.0}),
            (6, {"halo": 0.7, "n_traits": 3}),
        )
    ]
    for seed, kind in enumerate(kinds, start=1):
        figures = promises(repetitions, seed=seed, **kind)
        more = ", ".join(
            f"{name} {value}"
            for name, value in kind.items()
            if not name.startswith("n_s") and name != "n_responses"
        )
        name = f"{kind['n_scorers']}, {kind['n_responses']}, {more or 'plain'}"
        print(
            f"{name:48} "
            + " ".join(f"{100 * figure:5.1f}%" for figure in figures[:-1])
            + f" {figures[-1]:5.1f}"
        )
    columns = study(np.random.default_rng(1), 100, 40_000, 0.1)
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        districts.compare(columns, margin=MARGIN)
        taken.append(time.perf_counter() - start)
    print(f"{columns.score.size:,} shared reads by 200 scorers: {1000 * sorted(taken)[2]:.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
