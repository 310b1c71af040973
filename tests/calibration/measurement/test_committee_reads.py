"""How sure the true score point of one paper is, from several independent reads of it."""

import numpy as np
import pytest

from calibration.measurement.anchoring import posterior, reading
from calibration.measurement.ratings import Ratings

POINTS = [1, 2, 3, 4]


def some_ratings(seed=7, papers=400):
    """Two reads of each paper by scorers who differ by chance only."""
    chance = np.random.default_rng(seed)
    places = chance.normal(0, 0.85, papers)
    rows = []
    for paper, place in enumerate(places):
        for scorer in ("ana", "ben"):
            read = place + chance.normal(0, 0.5)
            rows.append((paper, scorer, "t", int(np.digitize(read, [-0.8, 0, 0.8])) + 1))
    return Ratings.from_rows(rows, points=POINTS)


def test_two_reads_say_what_the_event_s_own_pairs_say():
    ratings = some_ratings()
    model = reading.fit(ratings.of("t"))
    known = posterior.true_points(ratings)
    for score in POINTS:
        alike = [
            paper
            for paper in range(400)
            if all(model.points[ratings.of("t").score[ratings.of("t").response.codes == paper]] == score)
        ]
        for_committee = posterior.of_reads(model, [score, score])
        assert known.chances["t"][alike[0]] == pytest.approx(for_committee, abs=0.05)


def test_more_reads_that_agree_make_surer_and_order_does_not_matter():
    model = reading.fit(some_ratings().of("t"))
    sure = [posterior.of_reads(model, [3] * reads)[2] for reads in range(1, 7)]
    assert sure == sorted(sure)
    assert posterior.of_reads(model, [2, 3, 3]) == pytest.approx(posterior.of_reads(model, [3, 2, 3]))


def test_chances_mean_what_they_say():
    """Papers whose score is called true with 70 to 90 of 100 have it about that often."""
    chance, model = np.random.default_rng(11), reading.fit(some_ratings().of("t"))
    average = model.chances[model.chances.shape[0] // 2]
    told, right = [], []
    for _ in range(3000):
        place = chance.choice(model.weights.size, p=model.weights)
        scores = [POINTS[chance.choice(4, p=average[:, place])] for _ in range(5)]
        chances = posterior.of_reads(model, scores)
        told.append(chances.max())
        right.append(model.memberships[place, chances.argmax()])
    told, right = np.array(told), np.array(right)
    for low, high in ((0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        some = (told >= low) & (told <= high)
        assert some.sum() > 100
        assert abs(told[some].mean() - right[some].mean()) < 0.05


@pytest.mark.parametrize("scores", [[], [5], [3, 2.5]])
def test_only_score_points_are_taken(scores):
    with pytest.raises(ValueError, match="score"):
        posterior.of_reads(reading.fit(some_ratings().of("t")), scores)


def test_scorers_who_differ_wildly_in_severity_do_not_break_the_model():
    rows = [(r, s, "t", 1 + (r + (s == "ben" and r % 4 == 0)) % 4) for r in range(80) for s in ("ana", "ben")]
    model = reading.fit(Ratings.from_rows(rows, points=POINTS).of("t"))
    assert model.noise > 0
