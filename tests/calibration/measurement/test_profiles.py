"""Profiles of scorers: shrunken agreement, flags with multiplicity control, sentences that blame nobody."""

import math

import numpy as np
import pytest

from calibration.measurement import beta_binomial, profiles, scorers
from calibration.measurement.ratings import Ratings
from calibration.measurement.result import TOO_FEW

POINTS = [1, 2, 3, 4]


def ratings(draw, *, n=300, names=8, m=2, traits=("ideas", "style"), strict=0.0, slope=1.0, noise=0.5):
    """Scorer 0 may be strict and central; the others differ by luck only."""
    who = np.argsort(draw.random((n, names)), axis=1)[:, :m]
    level = draw.normal(0, 0.9, (n, 1, len(traits)))
    first = (who == 0)[:, :, None]
    value = 2.5 + np.where(first, slope, 1.0) * (level + draw.normal(0, noise, (n, m, len(traits))))
    score = np.clip(np.rint(value - strict * first), 1, 4)
    unit, name = np.repeat(np.arange(n), m * len(traits)), np.repeat(who.ravel(), len(traits))
    return Ratings.from_columns(unit, name, np.tile(traits, n * m), score.ravel(), points=POINTS)


def test_shares_lean_the_more_the_fewer_the_papers():
    found = beta_binomial.shares([8, 80, 45, 60], [10, 100, 75, 90])
    plain = np.array([0.8, 0.8, 0.6, 2 / 3])
    pulled = (plain - found.value) / (plain - found.mean)
    assert (pulled > 0).all() and (pulled < 1).all()
    assert pulled[0] > pulled[2] > pulled[3] > pulled[1]
    assert (found.low < found.value).all() and (found.value < found.high).all()


def test_shares_of_a_known_prior_are_its_posterior_means():
    draw = np.random.default_rng(1)
    reads = np.full(4000, 40)
    share = draw.beta(0.7 * 25, 0.3 * 25, 4000)
    hits = draw.binomial(40, share)
    found = beta_binomial.shares(hits, reads)
    assert found.mean == pytest.approx(0.7, abs=0.01)
    assert found.prior_reads == pytest.approx(25, rel=0.1)
    assert found.value == pytest.approx((hits + 0.7 * 25) / 65, abs=0.01)


def test_intervals_of_shares_hold_the_true_ones():
    draw = np.random.default_rng(2)
    for alike in (8, 30, 400):
        held = []
        for _ in range(25):
            reads = draw.integers(10, 120, 15)
            share = draw.beta(0.7 * alike, 0.3 * alike, 15)
            found = beta_binomial.shares(draw.binomial(reads, share), reads)
            held.append((found.low <= share) & (share <= found.high))
        assert 0.91 <= np.mean(held) <= 0.995


def test_all_or_nothing_is_never_called_certain():
    every = beta_binomial.shares([10, 100, 75], [10, 100, 75])
    assert (every.value < 1).all() and (every.low < 0.995).all()
    none = beta_binomial.shares([0, 0, 0], [10, 100, 75])
    assert none.value == pytest.approx(1 - every.value)


def test_shares_refuse_what_cannot_be():
    with pytest.raises(ValueError, match="Scorer 2 has 11 hits in 10 reads"):
        beta_binomial.shares([1, 11], [10, 10])
    with pytest.raises(ValueError, match="Scorer 1"):
        beta_binomial.shares([math.nan], [10])
    assert np.isnan(beta_binomial.shares([1, 2], [10, 10]).value).all()
    assert np.isnan(beta_binomial.shares([], []).value).all()
    unread = beta_binomial.shares([5, 6, 7, 0], [10, 10, 10, 0])
    assert unread.value[3] == pytest.approx(unread.mean)


@pytest.mark.parametrize("x", [1e-3, 0.3, 1.0, 2.5, 8.9, 123.4, 1e6])
def test_log_gamma(x):
    assert float(beta_binomial.log_gamma(x)) == pytest.approx(math.lgamma(x), rel=1e-12, abs=1e-12)


def test_agreement_leans_on_the_team():
    draw = np.random.default_rng(3)
    rows = scorers.compare(ratings(draw, traits=("ideas",)).of("ideas"))
    found = scorers.lean(rows)
    assert [row.scorer for row in found] == [row.scorer for row in rows]
    plain = np.array([row.exact.value for row in rows])
    lean = np.array([row.exact.value for row in found])
    assert lean.std() < plain.std()
    assert {row.sentence for row in found} <= {"In line with most scorers."}
    assert scorers.lean(rows[:2])[0].exact.status == TOO_FEW
    assert scorers.lean(()) == ()


def test_a_strict_scorer_is_flagged_and_described():
    found = profiles.build(ratings(np.random.default_rng(4), strict=0.45))
    first = found.scorers[0]
    assert all("severity" in row.flags for row in first.traits)
    assert "stricter than the team (about" in first.of("ideas").sentence
    assert not any("severity" in row.flags for other in found.scorers[1:] for row in other.traits)
    assert [row.scorer for row in found.scorers] == list(range(8))


def test_a_central_scorer_is_flagged():
    found = profiles.build(ratings(np.random.default_rng(5), n=500, slope=0.45))
    flags = found.scorers[0].of("ideas").flags
    assert "spread" in flags and "severity" not in flags
    assert "closer to the middle" in found.scorers[0].of("ideas").sentence


def test_luck_alone_seldom_flags_anybody():
    draw, teams = np.random.default_rng(6), []
    for _ in range(40):
        found = profiles.build(ratings(draw, n=240, traits=("ideas",)))
        teams.append(any(row.flags for scorer in found.scorers for row in scorer.traits))
    assert np.mean(teams) <= 0.12


def test_nobody_is_flagged_on_few_papers():
    few = profiles.build(ratings(np.random.default_rng(7), n=110, strict=1.2))  # about 27 papers each
    assert few.n_tests == 0
    assert not any(row.flags for scorer in few.scorers for row in scorer.traits)
    assert "Too few papers yet to say more" in few.scorers[0].of("ideas").sentence
    fewer = profiles.build(ratings(np.random.default_rng(7), n=40, strict=1.2))
    assert fewer.scorers[0].of("ideas").sentence.startswith("Not enough yet: ")


def test_a_sure_but_tiny_difference_is_not_worth_a_flag():
    found = profiles.build(ratings(np.random.default_rng(8), n=12_000, traits=("ideas",), strict=0.08))
    first = found.scorers[0].of("ideas")
    assert first.severity.p < 1e-4 and "severity" not in first.flags
    assert found.scorers[0].sentences[0].endswith("In line with the team.")


def test_halo_is_flagged_across_traits():
    draw = np.random.default_rng(9)
    n, names, traits = 400, 6, ("a", "b", "c", "d")
    who = np.argsort(draw.random((n, names)), axis=1)[:, :3]
    mood = draw.normal(0, 1, (n, 3, 1)) * np.where(who == 0, 1.0, 0.1)[:, :, None]
    score = np.clip(
        np.rint(2.5 + draw.normal(0, 0.8, (n, 1, 4)) + mood + draw.normal(0, 0.5, (n, 3, 4))), 1, 4
    )
    columns = np.repeat(np.arange(n), 12), np.repeat(who.ravel(), 4), np.tile(traits, n * 3), score.ravel()
    found = profiles.build(Ratings.from_columns(*columns, points=POINTS))
    assert found.scorers[0].flags == ("halo",)
    assert "move together more" in found.scorers[0].sentences[-1]
    assert [scorer.flags for scorer in found.scorers[1:]] == [()] * 5


def test_every_test_goes_into_one_family():
    found = profiles.build(ratings(np.random.default_rng(10), traits=("a", "b", "c")))
    assert found.n_tests == 8 * 3 * 5 + 8
    assert found.sentences[-1].count(f"{found.n_tests} comparisons") == 1


def test_no_word_judges():
    found = profiles.build(ratings(np.random.default_rng(11), n=500, strict=0.6, slope=0.5))
    said = " ".join(line for scorer in found.scorers for line in scorer.sentences).lower()
    assert not any(word in said for word in ("wrong", "error", "bad", "fail", "worst", "rank"))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_degenerate_ratings_have_profiles_too(n):
    rows = [(r, s, t, 2) for r in range(n) for s in "ab"[: n or 1] for t in ("x", "y")]
    found = profiles.build(Ratings.from_rows(rows, points={"x": POINTS, "y": POINTS}))
    assert len(found.scorers) == n
    assert found.n_tests == 0
    assert all("Not enough yet" in line for scorer in found.scorers for line in scorer.sentences)


def test_a_trait_somebody_never_scored_is_left_out_of_their_profile():
    rows = [(r, s, "x", 1 + r % 4) for r in range(60) for s in "ab"] + [(r, "a", "y", 2) for r in range(5)]
    found = profiles.build(Ratings.from_rows(rows, points={"x": POINTS, "y": POINTS}))
    assert found.scorers[1].of("y") is None
    assert found.scorers[0].of("y").n_units == 0
