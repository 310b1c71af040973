"""How often are proposed anchor papers right, and is every gap found? `python benchmarks/anchors.py [events] [designs]`.

Events with known truth in several designs. Reads come about by the rating scale model in logits: a place of the work on
each trait (one part common to all traits, one its own), less the scorer's severity, plus what this scorer happens to
feel about this paper (one part on all traits alike, which is halo, one on the trait alone). A paper's true score is
what scorers of average severity give it on average; the true score point is the nearest score point, and a line paper
is right when its true score lies within half a point of its line. For gaps, all papers truly at one score point of
one trait are taken out of the event, so that no paper can show it.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from calibration.measurement import anchors  # noqa: E402
from calibration.measurement.ratings import Ratings  # noqa: E402


@dataclass(frozen=True)
class Plan:
    """One design of an event. Spread, severity and noise are standard deviations in logits."""

    name: str
    papers: int = 300
    reads: int = 2
    traits: int = 4
    points: int = 4
    scorers: int = 20
    spread: float = 3.3  # of the work
    together: float = 0.9  # squared correlation of the traits of the work with what is common
    severity: float = 0.5
    noise: float = 0.6
    halo: float = 0.5  # share of the noise that a scorer feels on all traits alike


PLANS = (
    Plan("usual"),
    Plan("few papers", papers=80),
    Plan("many papers", papers=1_500),
    Plan("one trait, 3 points", traits=1, points=3),
    Plan("one trait, 4 points", traits=1),
    Plan("two traits", traits=2),
    Plan("six traits, 6 points", traits=6, points=6, spread=5),
    Plan("3 points", traits=3, points=3),
    Plan("traits of one piece", together=1.0, halo=0.0),
    Plan("traits apart", together=0.5),
    Plan("much halo", halo=0.9, noise=1.2),
    Plan("scorers far apart", severity=1.0),
    Plan("scorers alike, wide work", severity=0.2, noise=0.3, spread=6),
    Plan("narrow work", spread=1.8),
    Plan("3 reads", reads=3),
    Plan("3 reads, few papers", reads=3, papers=80),
    Plan("3 reads, two traits", reads=3, traits=2),
    Plan("6 reads", reads=6),
    Plan("6 reads, scorers far apart", reads=6, severity=1.0),
)


def event(plan, seed, *, gap=None):
    """One event: (Ratings, true scores papers x traits). `gap` is (trait, score point) that no paper truly has."""
    draw = np.random.default_rng(seed)
    steps = np.linspace(-1, 1, plan.points - 1) * plan.spread * 1.15 if plan.points > 2 else np.zeros(1)
    made = plan.papers * (6 if gap else 1)
    common, own = draw.normal(size=(made, 1)), draw.normal(size=(made, plan.traits))
    place = plan.spread * (np.sqrt(plan.together) * common + np.sqrt(1 - plan.together) * own)
    place -= draw.normal(0, 0.5, plan.traits)
    truth = _chances(place, steps) @ np.arange(1, plan.points + 1)
    if gap:
        kept = np.flatnonzero(np.rint(truth[:, gap[0]]) != gap[1])[: plan.papers]
        place, truth = place[kept], truth[kept]
    severity = draw.normal(0, plan.severity, plan.scorers)
    who = draw.random((len(place), plan.scorers)).argsort(axis=1)[:, : plan.reads]
    shape = (len(place), plan.reads, plan.traits)
    feeling = plan.noise * (
        np.sqrt(plan.halo) * draw.normal(size=(*shape[:2], 1))
        + np.sqrt(1 - plan.halo) * draw.normal(size=shape)
    )
    chance = _chances(place[:, None, :] - severity[who][:, :, None] + feeling, steps)
    score = 1 + (draw.random((*shape, 1)) > chance.cumsum(axis=-1)).sum(axis=-1)
    columns = (np.arange(len(place))[:, None, None], who[:, :, None], np.arange(plan.traits))
    response, scorer, trait = (np.broadcast_to(column, shape).ravel() for column in columns)
    return Ratings.from_columns(
        response, scorer, trait, score.ravel(), points=np.arange(1, plan.points + 1)
    ), truth


def _chances(logits, steps):
    """Chance of each score point by the rating scale model."""
    sums = np.cumsum(logits[..., None] - steps, axis=-1)
    each = np.exp(np.concatenate([np.zeros((*logits.shape, 1)), sums], axis=-1))
    return each / each.sum(axis=-1, keepdims=True)


def proposals(search, truth):
    """Which proposed papers are right: (of each solid one, are all scores true?; of each on a line, is it near?)."""
    solid = [
        all(abs(truth[paper.response, trait] - score) <= 0.5 for trait, score in paper.scores.items())
        for paper in search.solid
        if paper.ready
    ]
    near = [
        abs(truth[paper.response, paper.split[0]] - sum(paper.split[1:]) / 2) <= 0.5
        for paper in search.borderline
        if paper.ready
    ]
    return np.array(solid, bool), np.array(near, bool)


def finds_gap(plan, seed):
    """Whether the search names a score point that no paper of the event truly has."""
    draw = np.random.default_rng(seed)
    gap = int(draw.integers(plan.traits)), int(draw.integers(1, plan.points + 1))
    ratings, _ = event(plan, seed + 1, gap=gap)
    return gap in {(each.trait, each.point) for each in anchors.candidates(ratings).gaps}


def measure(plan, events, seed=1):
    """Figures of one design over several events."""
    solid, near, agreed, took = [], [], 0, 0.0
    for number in range(events):
        ratings, truth = event(plan, (seed, number))
        start = time.process_time()
        search = anchors.candidates(ratings)
        took += time.process_time() - start
        one, other = proposals(search, truth)
        solid, near, agreed = [*solid, one], [*near, other], agreed + len(search.solid)
    found = [finds_gap(plan, 10_000 + 7 * number) for number in range(events)]
    return np.concatenate(solid), np.concatenate(near), agreed, sum(found), took / events


def main(events="6", *names):
    """Try every design, or those whose names hold one of the words."""
    events = int(events)
    print(f"{events} events of each design, and {events} with a planted gap")
    print(
        "design | papers x reads | traits x points | agreed | proposed solid | right | on a line | near | gaps found | s"
    )
    every_solid, every_near = [], []
    for plan in (each for each in PLANS if not names or any(name in each.name for name in names)):
        solid, near, agreed, found, took = measure(plan, events)
        every_solid, every_near = [*every_solid, solid], [*every_near, near]
        print(f"{plan.name} | {plan.papers:,} x {plan.reads} | {plan.traits} x {plan.points} | {agreed:,} | {solid.size:,} | {_share(solid)} | "
              f"{near.size:,} | {_share(near)} | {found} of {events} | {took:.2f}", flush=True)  # fmt: skip
    print(f"all | | | | {np.concatenate(every_solid).size:,} | {_share(np.concatenate(every_solid))} | "
          f"{np.concatenate(every_near).size:,} | {_share(np.concatenate(every_near))} | |")  # fmt: skip


def _share(right):
    return f"{100 * right.mean():.1f} %" if right.size else "none"


if __name__ == "__main__":
    main(*sys.argv[1:])
