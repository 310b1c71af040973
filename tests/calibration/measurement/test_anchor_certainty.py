"""How sure the scores of candidate anchor papers are, on events whose true scores are known and on real reads."""

import csv
from pathlib import Path

import numpy as np
import pytest

from calibration.measurement import anchors
from calibration.measurement.anchoring import posterior, rasch, reading
from calibration.measurement.facets import publish
from calibration.measurement.ratings import Ratings

REAL = Path(__file__).parents[4] / "shared" / "data" / "wind_hua_writing.csv"


def event(papers, reads, *, scorers=30, n_traits=4, seed=1):
    """Reads by the rating scale model, and the true scores (what scorers of average severity give on average)."""
    draw = np.random.default_rng(seed)
    ability, severity = draw.normal(0, 3.3, papers), draw.normal(0, 0.54, scorers)
    who = draw.random((papers, scorers)).argsort(axis=1)[:, :reads]
    place = ability[:, None] - np.array([0.26, 0.63, -0.09, -0.81])[:n_traits]

    def chances(logits):
        sums = np.cumsum(logits[..., None] - np.array([-4.7, -0.2, 3.5]), axis=-1)
        each = np.exp(np.concatenate([np.zeros((*logits.shape, 1)), sums], axis=-1))
        return each / each.sum(axis=-1, keepdims=True)

    chance = chances(place[:, None, :] - severity[who][:, :, None])
    score = 1 + (draw.random((*chance.shape[:-1], 1)) > chance.cumsum(axis=-1)).sum(axis=-1)
    columns = (np.arange(papers)[:, None, None], who[:, :, None], np.array(list("abcd")[:n_traits]))
    response, scorer, trait = (np.broadcast_to(column, score.shape).ravel() for column in columns)
    schools = {"school": response % 7}
    given = Ratings.from_columns(response, scorer, trait, score.ravel(), points=[1, 2, 3, 4], **schools)
    return given, chances(place) @ np.arange(1, 5), score, severity


@pytest.fixture(scope="module")
def three_reads():
    given, truth, score, severity = event(2_000, 3)
    return given, truth, score, severity, anchors.candidates(given)


@pytest.mark.parametrize(("reads", "fewest"), [(2, 30), (3, 30), (6, 100)])
def test_ready_papers_have_the_true_score(reads, fewest):
    given, truth, *_ = event(2_000, reads)
    found = anchors.candidates(given)
    solid = [paper for paper in found.solid if paper.ready]
    right = [
        [
            abs(truth[paper.response, "abcd".index(trait)] - score) <= 0.5
            for trait, score in paper.scores.items()
        ]
        for paper in solid
    ]
    assert len(solid) >= fewest
    assert np.all(right, axis=1).mean() >= 0.95
    lines = [paper for paper in found.borderline if paper.ready]
    off = [
        abs(truth[paper.response, "abcd".index(paper.split[0])] - sum(paper.split[1:]) / 2) for paper in lines
    ]
    assert len(lines) >= 50
    assert np.mean(np.array(off) <= 0.5) >= 0.85
    assert np.mean(off) < 0.35


@pytest.mark.skipif(not REAL.exists(), reason="the real ratings are not here")
def test_on_real_reads_sure_scores_are_those_of_21_scorers():
    """Three of 21 scorers, drawn anew for each of 372 responses; the truth is the median of all 21."""
    with REAL.open(newline="") as file:
        rows = [tuple(row.values())[:4] for row in csv.DictReader(file)]
    draw, given = np.random.default_rng(1), {}
    for response, scorer, trait, score in rows:
        given.setdefault((response, trait), {})[scorer] = int(score)
    responses, names = sorted({row[0] for row in rows}), sorted({row[1] for row in rows})
    claimed, right = [], []
    for _ in range(3):
        chosen = {response: draw.choice(names, 3, replace=False).tolist() for response in responses}
        some = [(r, who, t, given[r, t][who]) for r, t in given for who in chosen[r]]
        found = posterior.true_points(Ratings.from_rows(some, points=[0, 1, 2, 3]))
        for place, response in enumerate(found.responses):
            for trait, chances in found.chances.items():
                scores = {given[response, trait][who] for who in chosen[response]}
                if len(scores) == 1:
                    claimed.append(chances[place, scores.copy().pop()])
                    right.append(scores.pop() == np.median(list(given[response, trait].values())))
    claimed, right = np.array(claimed), np.array(right)
    assert claimed.size > 600
    assert -0.08 < claimed.mean() - right.mean() < 0.02  # it claims too little, if anything
    assert right[claimed >= 0.9].mean() > 0.93


def test_two_reads_often_do_not_make_sure_of_a_score_and_say_so():
    given, truth, *_ = event(2_000, 2)
    found = anchors.candidates(given)
    waiting = [paper for paper in found.solid if not paper.ready]
    right = [
        all(
            abs(truth[paper.response, "abcd".index(trait)] - score) <= 0.5
            for trait, score in paper.scores.items()
        )
        for paper in waiting
    ]
    assert np.mean(right) < 0.8  # two scorers who agree on four traits are often wrong on one of them
    assert len(waiting) > 0.6 * len(found.solid)
    assert {paper.more_reads for paper in waiting} <= {1, 2, 3, 4, None}
    assert "Needs more readings: " in waiting[0].reasons[1]
    assert "would need more readings" in found.gaps[0].sentence
    assert "the others need more readings first" in found.sentences[1]


def test_chances_mean_what_they_say(three_reads):
    given, truth, *_, found = three_reads
    claimed = np.concatenate([found.posterior.chances[trait].ravel() for trait in "abcd"])
    points = np.arange(1, 5)
    true = np.concatenate([(np.rint(truth[:, [t]]) == points).ravel() for t in range(4)])
    for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1)):
        some = (claimed >= low) & (claimed < high)
        assert abs(claimed[some].mean() - true[some].mean()) < 0.07
    for trait in "abcd":
        assert found.posterior.chances[trait].sum(axis=1) == pytest.approx(np.ones(2_000))


def test_severities_and_confusion_are_found_again(three_reads):
    given, truth, score, severity, _ = three_reads
    model = reading.fit(given.of("a"))
    order = np.array(given.of("a").scorer.names)
    assert np.corrcoef(model.severity, severity[order])[0, 1] > 0.9
    true, read = np.rint(truth[:, 0]).astype(int) - 1, score[:, 0, 0] - 1
    counts = np.bincount(true * 4 + read, minlength=16).reshape(4, 4)
    assert np.abs(model.confusion - counts / counts.sum(axis=1, keepdims=True)).max() < 0.06


def test_a_strict_scorer_s_low_score_says_less():
    draw = np.random.default_rng(4)
    severities = {"strict": 0.5, "lenient": -0.5, "third": 0.0}
    rows = [
        (
            paper,
            who,
            "t",
            1 + int(np.searchsorted([-0.7, 0, 0.7], level - severities[who] + draw.normal(0, 0.4))),
        )
        for paper, level in enumerate(draw.normal(0, 1, 600))
        for who in (("strict", "third"), ("lenient", "third"))[paper % 2]
    ]
    chance = posterior.true_points(Ratings.from_rows(rows, points=[1, 2, 3, 4])).chances["t"]
    scores = np.array([row[3] for row in rows]).reshape(-1, 2)
    twos = (scores == 2).all(axis=1)
    strict, lenient = chance[twos & (np.arange(600) % 2 == 0)], chance[twos & (np.arange(600) % 2 == 1)]
    assert strict[0, 2:].sum() > lenient[0, 2:].sum() + 0.05  # likelier to be a 3 or 4 in truth
    assert strict[0, 0] < lenient[0, 0]
    assert np.ptp(strict, axis=0).max() == 0  # the same reads by the same scorers say the same


def test_more_reads_that_agree_make_surer(three_reads):
    given, *_, score, _, found = three_reads
    agreed = np.flatnonzero((score[:, :, 0] == score[:, :1, 0]).all(axis=1))
    first = np.concatenate([found.posterior.chances["a"][[unit], score[unit, 0, 0] - 1] for unit in agreed])
    more = found.posterior.more["a"][agreed]
    assert ((first >= 0.9) == (more == 0)).all()
    assert np.median(first[more == 1]) > 0.75
    assert first[more > 2].max(initial=0) < first[more == 1].max()


def test_all_but_one_of_six_scorers_are_enough(three_reads):
    given, *_ = event(1_500, 6)
    found = anchors.candidates(given)
    nearly = [paper for paper in found.solid if paper.entropy > 0]
    assert nearly
    assert all(paper.certainty > 0.9 for paper in nearly)
    assert {paper.reason[:10] for paper in nearly} <= {"At least 4", "At least 5"}


def test_the_proposed_set_covers_all_that_can_be_covered(three_reads):
    given, *_ = three_reads
    found = anchors.candidates(given, wanted=2, diverse=["school"])
    ready = [paper for paper in found.solid if paper.ready]
    for trait in "abcd":
        for point in (1, 2, 3, 4):
            there = sum(paper.scores[trait] == point for paper in ready)
            shown = sum((trait, point) in pick.fills for pick in found.proposed)
            assert shown == min(there, 2)
            assert ((trait, point) in {(gap.trait, gap.point) for gap in found.gaps}) == (there < 2)
        for low in (1, 2, 3):
            lean = [
                paper.sides[0] >= 0.5
                for paper in found.borderline
                if paper.ready and paper.split[:2] == (trait, low)
            ]
            lacking = (trait, low) in {(gap.trait, gap.low) for gap in found.line_gaps}
            assert lacking == (not (any(lean) and not all(lean)))
    assert len({pick.paper.response for pick in found.proposed}) == len(found.proposed)
    schools = [pick.paper.response % 7 for pick in found.proposed]
    assert len(set(schools[:7])) >= 5


def test_traits_that_share_one_ability_back_each_other_up():
    given, truth, *_ = event(1_000, 2)
    found = anchors.candidates(given, true_points=rasch.true_points(given, publish.fit(given)))
    ready = [paper for paper in found.solid if paper.ready]
    right = [
        [
            abs(truth[paper.response, "abcd".index(trait)] - score) <= 0.5
            for trait, score in paper.scores.items()
        ]
        for paper in ready
    ]
    assert len(ready) > 20  # the traits' own two reads make sure of none
    assert np.mean(right) >= 0.95
    for trait in "abcd":
        chance = found.posterior.chances[trait]
        true = np.rint(truth[:, "abcd".index(trait)]) == np.arange(1, 5)[chance.argmax(axis=1)]
        assert abs(chance.max(axis=1).mean() - true.mean()) < 0.04


def test_a_rasch_fit_passes_over_score_points_nobody_gave():
    draw = np.random.default_rng(2)
    rows = [
        (paper, who, "t", (2, 4, 6)[np.clip(level + draw.integers(0, 2), 0, 2)])
        for paper, level in enumerate(draw.integers(0, 3, 200))
        for who in "xyz"
    ]
    given = Ratings.from_rows(rows, points=range(1, 8))
    chance = rasch.true_points(given, publish.fit(given)).chances["t"]
    assert (chance[:, [0, 2, 4, 6]] == 0).all()
    assert chance.sum(axis=1) == pytest.approx(np.ones(200))
    with pytest.raises(ValueError, match="The fit has no item 'ideas'"):
        rasch.true_points(Ratings.from_rows([], points={"ideas": [1, 2]}), publish.fit(given))


def test_patterns_too_many_for_one_number_are_still_told_apart():
    codes = np.sort(np.random.default_rng(1).integers(0, 3, (50, 12)), axis=1)
    for base in (3, 10_000):
        kinds, place = posterior._distinct(codes, base)
        assert (kinds[place] == codes).all()
        assert len(kinds) == len(set(map(tuple, codes.tolist())))
