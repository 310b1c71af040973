"""How often are proposed anchor papers right? `python benchmarks/anchors.py [papers]` on events with known truth.

Four traits, 30 scorers; abilities, thresholds, trait difficulties and severities spread as in real scoring.
A paper's true score is what scorers of average severity give it on average; the true score point is the
nearest score point, and a line paper is right when its true score lies within half a point of its line.
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from calibration.measurement import anchors  # noqa: E402
from calibration.measurement.anchoring import rasch  # noqa: E402
from calibration.measurement.facets import publish  # noqa: E402
from calibration.measurement.ratings import Ratings  # noqa: E402

POINTS = np.arange(1, 5)
TRAITS = {"ideas": 0.26, "organization": 0.63, "voice": -0.09, "conventions": -0.81}
STEPS = np.array([-4.7, -0.2, 3.5])


def chances(logits):
    """Chance of each score point by the rating scale model."""
    sums = np.cumsum(logits[..., None] - STEPS, axis=-1)
    each = np.exp(np.concatenate([np.zeros((*logits.shape, 1)), sums], axis=-1))
    return each / each.sum(axis=-1, keepdims=True)


def event(papers, reads, *, scorers=30, seed=1):
    """An event in which every paper is read by `reads` of the scorers: (Ratings, true scores papers x traits)."""
    draw = np.random.default_rng(seed)
    ability, severity = draw.normal(0, 3.3, papers), draw.normal(0, 0.54, scorers)
    who = draw.random((papers, scorers)).argsort(axis=1)[:, :reads]
    place = ability[:, None] - np.array(list(TRAITS.values()))
    chance = chances(place[:, None, :] - severity[who][:, :, None])
    score = POINTS[(draw.random((*chance.shape[:-1], 1)) > chance.cumsum(axis=-1)).sum(axis=-1)]
    shape = score.shape
    columns = (np.arange(papers)[:, None, None], who[:, :, None], np.array(list(TRAITS)))
    response, scorer, trait = (np.broadcast_to(column, shape).ravel() for column in columns)
    ratings = Ratings.from_columns(response, scorer, trait, score.ravel(), points=POINTS)
    return ratings, chances(place) @ POINTS


def figures(search, truth, *, ready=True):
    """Shares that are right, and how many papers they rest on."""
    place = {trait: column for column, trait in enumerate(TRAITS)}
    solid = [paper for paper in search.solid if paper.ready or not ready]
    lines = [paper for paper in search.borderline if paper.ready or not ready]
    right = np.array(
        [
            [abs(truth[paper.response, place[trait]] - score) <= 0.5 for trait, score in paper.scores.items()]
            for paper in solid
        ]
    ).reshape(-1, len(TRAITS))
    off = np.array(
        [abs(truth[paper.response, place[paper.split[0]]] - sum(paper.split[1:]) / 2) for paper in lines]
    )
    return {
        "solid": len(solid),
        "scores right": right.mean() if len(solid) else np.nan,
        "papers all right": right.all(axis=1).mean() if len(solid) else np.nan,
        "borderline": len(lines),
        "within 1/2 point": (off <= 0.5).mean() if len(lines) else np.nan,
        "within 1/4 point": (off <= 0.25).mean() if len(lines) else np.nan,
    }


def main(papers=5_000):
    for reads in (2, 3, 6):
        ratings, truth = event(papers, reads)
        start = time.perf_counter()
        search = anchors.candidates(ratings)
        took = time.perf_counter() - start
        print(f"{papers:,} papers, {reads} reads, four traits: {took:.2f} s")
        by_rasch = anchors.candidates(ratings, true_points=rasch.true_points(ratings, publish.fit(ratings)))
        for found, ready, name in (
            (search, True, "ready"),
            (search, False, "by agreement alone"),
            (by_rasch, True, "ready by a Rasch fit"),
        ):
            row = figures(found, truth, ready=ready)
            said = (f"{key} {value:,}" if isinstance(value, int) else f"{key} {value:.3f}" for key, value in row.items())  # fmt: skip
            print(f"  {name:21}", ", ".join(said))
        print(
            f"  missing: {len(search.gaps)} score points and {len(search.line_gaps)} lines; proposed: {len(search.proposed)}"
        )


if __name__ == "__main__":
    main(*(int(size) for size in sys.argv[1:]))
