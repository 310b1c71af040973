"""The finder on events of several designs with known truth: a quick version of `python benchmarks/anchors.py`."""

import numpy as np
import pytest

from benchmarks.anchors import Plan, event, finds_gap, proposals
from calibration.measurement import anchors

QUICK = [
    Plan("one trait, 3 points", traits=1, points=3),
    Plan("two reads, wide work", traits=3, severity=0.2, noise=0.3, spread=6),
    Plan("three reads", reads=3),
    Plan("six reads, scorers far apart", reads=6, traits=2, severity=1.0),
]


@pytest.fixture(scope="module")
def found():
    """Of each design: (which solid proposals are right, which on a line are near)."""
    return [
        proposals(anchors.candidates(ratings), truth) for ratings, truth in (event(plan, 3) for plan in QUICK)
    ]


def test_solid_proposals_are_right_on_every_trait(found):
    solid = np.concatenate([one for one, _ in found])
    assert solid.size > 150
    assert solid.mean() >= 0.95


def test_proposals_on_a_line_lie_near_it(found):
    near = np.concatenate([other for _, other in found])
    assert near.size > 100
    assert near.mean() >= 0.7


@pytest.mark.parametrize("plan", QUICK, ids=lambda plan: plan.name)
def test_a_score_point_no_paper_has_is_named_as_a_gap(plan):
    assert finds_gap(plan, 5)


def test_where_scorers_differ_too_much_nothing_is_called_solid():
    ratings, _ = event(Plan("much halo", halo=0.9, noise=1.5, papers=200), 3)
    search = anchors.candidates(ratings)
    assert len(search.solid) > 10
    assert not any(paper.ready for paper in search.solid)
