"""Districts on exchanged papers: dense linear algebra, promised error rates, and designs that can not tell."""

import math

import numpy as np
import pytest

from calibration.measurement.comparability import (
    contrasts,
    distributions,
    districts,
    equivalence,
    exchange,
    mixed,
    robust,
)
from calibration.measurement.ratings import Ratings

SIX = "A" * 6 + "B" * 6


def exchanged(
    draw, home, readers, *, severity=None, traits=("t",), ability=None, noise=0.5, points=range(1, 7)
):
    """Rows of reads; `readers` holds the scorers of each response."""
    points = list(points)
    severity = np.zeros(len(home)) if severity is None else np.asarray(severity)
    rows = []
    for response, scorers in enumerate(readers):
        level = draw.normal(3.5, 1) if ability is None else ability[response]
        for scorer in scorers:
            for trait in traits:
                score = round(level + severity[scorer] + draw.normal(0, noise))
                rows.append(
                    (
                        response,
                        f"s{scorer:02}",
                        trait,
                        min(max(score, points[0]), points[-1]),
                        None,
                        home[scorer],
                    )
                )
    return Ratings.from_rows(rows, points=points)


def one_each(draw, n, size=6):
    """One scorer of A and one of B for every response."""
    return np.column_stack([draw.integers(0, size, n), size + draw.integers(0, size, n)]).tolist()


def small_design(seed):
    """Nine scorers of three districts; two to four of them read each response."""
    draw, home = np.random.default_rng(seed), "AAAABBBCC"
    readers = [draw.choice(9, draw.integers(2, 5), replace=False).tolist() for _ in range(40)]
    return exchanged(draw, home, readers, severity=draw.normal(0, 0.5, 9))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_figure_is_that_of_dense_linear_algebra(seed):
    reads = exchange.gather(small_design(seed), trait="t")
    cells = exchange.fold(reads)
    fit = mixed.solve(cells, reads.district_of, 3)
    y, n = reads.score, reads.score.size
    responses, scorers = np.eye(reads.n_units)[reads.unit], np.eye(9)[reads.scorer]
    home = np.eye(3)[reads.district_of[reads.scorer]]
    fixed = np.hstack([responses, home[:, 1:]])

    def spread(scorer_variance, read_variance):
        return read_variance * np.eye(n) + scorer_variance * scorers @ scorers.T

    def restricted(*variances):
        inverse = np.linalg.inv(spread(*variances))
        information = fixed.T @ inverse @ fixed
        rest = inverse - inverse @ fixed @ np.linalg.solve(information, fixed.T @ inverse)
        return np.linalg.slogdet(spread(*variances))[1] + np.linalg.slogdet(information)[1] + y @ rest @ y

    best = (fit.scorer_variance, fit.read_variance)
    for nearby in ((1.03, 1), (0.97, 1), (1, 1.03), (1, 0.97)):
        assert restricted(*best) <= restricted(best[0] * nearby[0] + 1e-9, best[1] * nearby[1])
    inverse = np.linalg.inv(spread(*best))
    covariance = np.linalg.inv(fixed.T @ inverse @ fixed)
    effect = (covariance @ fixed.T @ inverse @ y)[-2:]
    assert fit.effect[1:] - fit.effect[0] == pytest.approx(effect, abs=1e-9)

    out = np.eye(n) - responses @ np.linalg.pinv(responses)
    for contrast in ([-1, 1, 0], [2 / 3, -1 / 3, -1 / 3]):
        contrast = np.array(contrast)
        over_first = contrast[1:]
        found = robust.estimate(contrast, fit, cells, math.inf)
        model = over_first @ covariance[-2:, -2:] @ over_first
        assert fit.variance(contrast) == pytest.approx(model, rel=1e-8)
        pull = out @ scorers @ fit.weights.T @ contrast
        assert pull @ y == pytest.approx(found.value, abs=1e-9)
        residual_maker = out - out @ home @ fit.weights @ scorers.T @ out
        by_scorer = np.zeros((n, 9))
        by_scorer[np.arange(n), reads.scorer] = pull
        left = by_scorer.T @ residual_maker @ spread(*best) @ residual_maker.T @ by_scorer
        target = np.diag(by_scorer.T @ spread(*best) @ by_scorer)
        stretch = np.sqrt(target / np.diag(left))
        assert target.sum() == pytest.approx(model, rel=1e-8)
        contributions = stretch * (by_scorer.T @ residual_maker @ y)
        assert found.se == pytest.approx(math.sqrt((contributions**2).sum()), rel=1e-8)
        shared = (np.outer(stretch, stretch) * left) ** 2
        by_model, parts, own_df = target.sum() ** 2 / shared.sum(), [], []
        for mine in (reads.district_of == place for place in range(3)):
            own_df.append(target[mine].sum() ** 2 / shared[np.ix_(mine, mine)].sum())
            parts.append((contributions[mine] ** 2).sum())
        welch = sum(parts) ** 2 / sum(part**2 / df for part, df in zip(parts, own_df, strict=True))
        assert found.df == pytest.approx(min(by_model, welch), rel=1e-8)


def test_two_districts_with_steady_scorers_are_welch_s_t_test():
    """Every scorer reads every paper: then only the scorers' means count."""
    draw = np.random.default_rng(5)
    severity = np.append(draw.normal(0, 0.3, 6), draw.normal(0.2, 0.6, 4))
    ratings = exchanged(
        draw, "AAAAAABBBB", [range(10)] * 60, severity=10 * severity, noise=0.5, points=range(-40, 60)
    )
    pair = districts.compare(ratings).overall.pairs[0]
    reads = exchange.gather(ratings, trait="t")
    means = np.bincount(reads.scorer, reads.score) / np.bincount(reads.scorer)
    one, other = means[:6], means[6:]
    parts = one.var(ddof=1) / 6, other.var(ddof=1) / 4
    assert pair.difference.value == pytest.approx(one.mean() - other.mean(), abs=1e-9)
    assert pair.difference.se == pytest.approx(math.sqrt(sum(parts)), rel=1e-6)
    welch = sum(parts) ** 2 / (parts[0] ** 2 / 5 + parts[1] ** 2 / 3)
    assert pair.df == pytest.approx(welch, rel=1e-6)


def test_the_equivalence_test_by_its_definition():
    # the critical points of Student's t with 20 degrees of freedom: 1.724718 and 2.085963
    at_edge = equivalence.both_tests(0.25 - 1.724718 * 0.1, 0.1, 20, 0.25)
    assert at_edge.p_equivalence == pytest.approx(0.05, abs=1e-6)
    assert at_edge.high == pytest.approx(0.25, abs=1e-6)
    assert equivalence.both_tests(2.085963 * 0.1, 0.1, 20, 0.25).p_difference == pytest.approx(0.05, abs=1e-6)
    mirrored = equivalence.both_tests(-0.1, 0.1, 20, 0.25)
    assert mirrored.p_equivalence == equivalence.both_tests(0.1, 0.1, 20, 0.25).p_equivalence
    assert equivalence.verdict(0.01, 0.01) == "comparable"
    assert equivalence.verdict(0.01, 0.06) == "different"
    assert equivalence.verdict(0.06, 0.06) == "not enough evidence yet"


def test_the_chance_to_decide_is_that_of_simulation():
    draw = np.random.default_rng(1)
    for value, se in ((0.0, 0.1), (0.1, 0.08), (0.2, 0.1), (0.4, 0.2), (0.0, 0.3)):
        seen = draw.normal(value, se, 20_000)
        inside = np.abs(seen) < 0.25 - 1.697261 * se  # t with 30 degrees of freedom
        outside = np.abs(seen) > 2.042272 * se
        decided = (inside | outside).mean()
        assert equivalence.chance_to_decide(value, se, 30, 0.25) == pytest.approx(decided, abs=0.012)


def simulated(repetitions, difference, seed):
    """Two districts of six scorers; every paper read once in each. Fine score points keep the difference."""
    draw = np.random.default_rng(seed)
    for _ in range(repetitions):
        severity = draw.normal(0, 1, 12) + difference * (np.arange(12) >= 6)
        response = np.tile(np.arange(120), 2)
        scorer = np.array(one_each(draw, 120)).T.ravel()
        ability = draw.normal(0, 20, 120)
        score = np.clip(np.rint(ability[response] + severity[scorer] + draw.normal(0, 2, 240)), -99, 99)
        trait, label = np.full(240, "t"), np.array(["A", "B"])[scorer // 6]
        yield Ratings.from_columns(response, scorer, trait, score, points=range(-99, 100), district=label)


def test_intervals_hold_the_truth_and_rarely_call_a_margin_comparable():
    found = [districts.compare(r, margin=2.0).overall.pairs[0] for r in simulated(120, 2.0, 11)]
    held = np.mean([pair.difference.low <= -2 <= pair.difference.high for pair in found])
    assert 0.90 <= held <= 0.99  # 0.95 with 120 studies; the benchmark has more
    assert np.mean([pair.verdict == "comparable" for pair in found]) <= 0.08
    assert all(5 < pair.df <= 10 for pair in found)  # scorers, not papers


@pytest.mark.parametrize("seed", [2, 9])
def test_as_many_more_papers_as_asked_for_lead_to_a_verdict(seed):
    draw = np.random.default_rng(seed)
    severity = np.tile([-0.05, 0.05, 0.02, -0.02, 0.0, 0.0], 2)  # scorers alike: papers are what is missing
    ratings = exchanged(draw, SIX, one_each(draw, 40), severity=severity, noise=0.8, points=range(-10, 18))
    pair = districts.compare(ratings).overall.pairs[0]
    assert pair.verdict == "not enough evidence yet"
    assert pair.responses_needed > 20
    assert "papers more" in pair.difference.sentence
    decided = 0
    for _ in range(30):
        shift = severity + np.repeat([pair.difference.value, 0], 6)
        n = 40 + pair.responses_needed
        again = exchanged(draw, SIX, one_each(draw, n), severity=shift, noise=0.8, points=range(-10, 18))
        decided += districts.compare(again).verdict != "not enough evidence yet"
    assert decided >= 18  # 24 are promised if the first study saw the spread as it is


def test_where_scorers_differ_more_papers_are_not_the_answer():
    draw = np.random.default_rng(3)
    severity = np.tile([-1.5, 1.5, 0.8, -0.8, 0.0, 0.1], 2)
    found = districts.compare(exchanged(draw, SIX, one_each(draw, 400), severity=severity))
    pair = found.overall.pairs[0]
    assert (pair.verdict, pair.responses_needed) == ("not enough evidence yet", None)
    assert pair.scorers_needed > 12
    assert "scorers in each district, instead of 6" in found.overall.sentence
    assert found.overall.scorer_sd > 0.5


def test_three_verdicts_in_words():
    draw = np.random.default_rng(4)
    readers = one_each(draw, 400)
    alike = districts.compare(exchanged(draw, SIX, readers))
    assert alike.verdict == "comparable"
    assert alike.sentences[0].endswith("surely within the 0.25 points that matter. Comparable.")
    apart = districts.compare(exchanged(draw, SIX, readers, severity=np.repeat([0.0, 0.8], 6)))
    assert apart.verdict == "different"
    assert "more than the 0.25 points that matter" in apart.sentences[0]
    assert apart.overall.effects[1].effect.value > 0 > apart.overall.effects[0].effect.value
    real = districts.compare(
        exchanged(draw, SIX, one_each(draw, 2000), severity=np.repeat([0.0, 0.12], 6), noise=0.3), margin=0.3
    )
    assert real.overall.pairs[0].p_difference < 0.01
    assert real.verdict == "comparable"
    assert "a real difference, but surely within" in real.sentences[0]
    few = districts.compare(exchanged(draw, SIX, one_each(draw, 12), noise=1.0))
    assert few.verdict == "not enough evidence yet"
    assert few.overall.pairs[0].difference.status == "warning:small_n"


def test_plain_means_mislead_and_it_is_said():
    draw = np.random.default_rng(6)
    shared, own_a, own_b = one_each(draw, 200), draw.integers(0, 6, (100, 1)), draw.integers(6, 12, (100, 1))
    ability = np.concatenate(
        [draw.normal(3.5, 0.7, 200), draw.normal(2.5, 0.7, 100), draw.normal(4.5, 0.7, 100)]
    )
    found = districts.compare(
        exchanged(draw, SIX, [*shared, *own_a.tolist(), *own_b.tolist()], ability=ability, noise=0.3)
    )
    pair = found.overall.pairs[0]
    assert pair.raw_difference < -0.5
    assert abs(pair.difference.value) < 0.15
    assert found.verdict == "comparable"
    assert any("Do not compare plain means" in said for said in found.sentences)
    assert found.overall.n_excluded == 200
    one, other = found.traits[0].distributions
    assert one.shared_mean - other.shared_mean == pytest.approx(pair.difference.value, abs=0.05)
    assert one.mean - other.mean == pytest.approx(pair.raw_difference)
    assert sum(share.n for share in one.everything) == 300
    assert sum(share.n for share in one.shared) == 200


@pytest.mark.parametrize(
    ("home", "readers", "words", "mend"),
    [
        (SIX, [[u % 6] if u % 2 else [6 + u % 6] for u in range(60)], "never read the same papers", "30 or more papers"),
        (SIX, [[0, 1 + u % 5] if u % 2 else [6, 7 + u % 5] for u in range(60)], "never read the same papers", "6 or more scorers"),
        ("AB", [[0, 1]] * 60, "A and B have one scorer each", "at least 6 scorers"),
        ("AAAB", [[u % 3, 3] for u in range(60)], "B has one scorer", "at least 6 scorers"),
        ("AAA", [[0, 1 + u % 2] for u in range(60)], "All reads are from A", "scorers of another district"),
    ],
)  # fmt: skip
def test_designs_that_can_not_tell_are_refused_with_the_mend(home, readers, words, mend):
    found = districts.compare(exchanged(np.random.default_rng(1), home, readers))
    assert found.verdict == "not enough evidence yet"
    assert words in found.sentences[0]
    assert mend in found.sentences[0]
    for pair in found.overall.pairs:
        assert pair.difference.status in {"undefined:not_linked", "undefined:too_few"}
        assert (pair.difference.status == "undefined:not_linked") == ("never read" in words)
        assert pair.responses_needed is None
        assert not pair.difference.defined
    assert not any(effect.effect.defined for effect in found.overall.effects)


def test_chains_of_districts_link_and_what_is_not_linked_is_left_out():
    draw = np.random.default_rng(2)
    home = "AAAABBBBCCCCDDDD"
    steps = [(0, 4), (4, 8), (12, 12)]
    readers = [
        [steps[u % 3][0] + draw.integers(0, 2), steps[u % 3][1] + 2 + draw.integers(0, 2)] if u % 3 == 2
        else [steps[u % 3][0] + draw.integers(0, 4), steps[u % 3][1] + draw.integers(0, 4)]
        for u in range(600)
    ]  # fmt: skip
    severity = np.repeat([0.0, 0.5, 1.0, 0.0], 4)
    found = districts.compare(exchanged(draw, home, readers, severity=severity, points=range(-5, 15)))
    chained = found.overall.pair("A", "C")
    assert chained.n_shared == 0
    assert chained.difference.value == pytest.approx(-1.0, abs=0.3)
    assert found.overall.pair("A", "B").difference.value == pytest.approx(-0.5, abs=0.2)
    assert not found.overall.pair("A", "D").difference.defined
    assert "A and D never read" in found.overall.pair("A", "D").difference.sentence
    effects = {effect.district: effect.effect for effect in found.overall.effects}
    assert sum(effects[name].value for name in "ABC") == pytest.approx(0, abs=1e-9)
    assert not effects["D"].defined


def test_without_any_spread_there_is_no_interval_of_width_zero():
    draw = np.random.default_rng(1)
    constant = districts.compare(exchanged(draw, SIX, one_each(draw, 50), ability=[3] * 50, noise=0))
    assert constant.overall.pairs[0].difference.status == "undefined:no_variation"
    assert constant.verdict == "not enough evidence yet"
    alike = districts.compare(exchanged(draw, SIX, one_each(draw, 50), noise=0))
    assert (alike.verdict, alike.overall.pairs[0].difference.has_interval) == ("comparable", False)
    few = districts.compare(exchanged(draw, SIX, one_each(draw, 20), noise=0))
    assert (few.verdict, few.overall.pairs[0].responses_needed) == ("not enough evidence yet", 10)
    shifted = exchanged(
        draw, SIX, one_each(draw, 50), noise=0, severity=np.repeat([0, 1], 6), points=range(-9, 18)
    )
    assert districts.compare(shifted).verdict == "different"


def test_traits_of_one_read_are_not_independent():
    """Copying a trait changes nothing: what repeats the same reads adds no evidence."""
    draw = np.random.default_rng(7)
    ratings = exchanged(draw, SIX, one_each(draw, 80), severity=draw.normal(0, 0.3, 12))
    one = districts.compare(ratings).overall.pairs[0]
    rows = [(int(r), int(s), t, float(v), None, SIX[s]) for t in "xyz" for r, s, v in zip(
        ratings.response.codes, ratings.scorer.codes, ratings.points["t"][ratings.score], strict=True)]  # fmt: skip
    copied = districts.compare(Ratings.from_rows(rows, points=range(1, 7)))
    pooled = copied.overall.pairs[0]
    assert len(copied.traits) == 3
    assert pooled.difference.value == pytest.approx(one.difference.value, abs=1e-9)
    assert pooled.difference.se == pytest.approx(one.difference.se, rel=1e-6)
    assert pooled.df == pytest.approx(one.df, rel=1e-6)
    assert pooled.n_shared == one.n_shared


def test_neither_order_nor_names_nor_the_zero_of_the_scale_matter():
    draw = np.random.default_rng(9)
    ratings = exchanged(draw, SIX, one_each(draw, 90), severity=draw.normal(0, 0.3, 12))
    rows = [(int(r), f"s{s:02}", "t", float(v), None, SIX[s]) for r, s, v in zip(
        ratings.response.codes, ratings.scorer.codes, ratings.points["t"][ratings.score], strict=True)]  # fmt: skip
    plain = districts.compare(ratings).overall.pairs[0]
    shuffled = [rows[place] for place in draw.permutation(len(rows))]
    again = districts.compare(Ratings.from_rows(shuffled, points=range(1, 7))).overall.pairs[0]
    renamed = [(f"p{r}", s[::-1], t, v + 100, None, {"A": "Z", "B": "Y"}[d]) for r, s, t, v, _, d in rows]
    turned = districts.compare(Ratings.from_rows(renamed, points=range(101, 107))).overall.pairs[0]
    for other, sign in ((again, 1), (turned, -1)):
        assert sign * other.difference.value == pytest.approx(plain.difference.value, abs=1e-7)
        assert other.difference.se == pytest.approx(plain.difference.se, rel=1e-5)
        assert other.p_equivalence == pytest.approx(plain.p_equivalence, rel=1e-4)


def test_many_reads_of_a_response_are_counted_by_either_road():
    draw = np.random.default_rng(1)
    value = draw.normal(size=24)
    for m, size in ((3, 24), (9, 24)):
        scorers = np.stack([np.sort(draw.choice(size, m, replace=False)) for _ in range(30)])
        count, part = draw.integers(1, 4, 30), draw.normal(size=(30, m))
        cells = exchange.Cells(((scorers, count, part),), size, 0, 0, 0.0)
        by_hand = np.zeros((size, size))
        for row in range(30):
            for a in range(m):
                for b in range(m):
                    by_hand[scorers[row, a], scorers[row, b]] += (
                        count[row] / m * part[row, a] * value[scorers[row, b]]
                    )
        assert cells.crossed([part], [value[scorers]]) == pytest.approx(by_hand)


def test_bad_input_is_named():
    draw = np.random.default_rng(1)
    ratings = exchanged(draw, SIX, one_each(draw, 10))
    with pytest.raises(ValueError, match="margin must be above 0"):
        districts.compare(ratings, margin=0)
    with pytest.raises(ValueError, match="alpha between 0 and 0.5"):
        districts.compare(ratings, alpha=0.7)
    with pytest.raises(ValueError, match="no column 'school'"):
        districts.compare(ratings, by="school")
    rows = [
        ("R1", "ana", "t", 1, None, "A"),
        ("R1", "ben", "t", 1, None, "B"),
        ("R2", "ana", "t", 2, None, "B"),
    ]
    with pytest.raises(ValueError, match="Scorer ana has reads in two districts, A and B"):
        districts.compare(Ratings.from_rows(rows, points=[1, 2]))
    with pytest.raises(ValueError, match="no comparison of 'A' with 'Q'"):
        districts.compare(ratings).overall.pair("A", "Q")


def test_reads_without_score_or_district_are_counted():
    rows = [("R1", "ana", "t", 1, None, "A"), ("R1", "ben", "t", 2, None, "B"), ("R1", "cy", "t", None, None, "A"),
            ("R2", "ana", "t", 2, None, "A"), ("R2", "di", "t", 2, None, None)]  # fmt: skip
    ratings = Ratings.from_rows(rows, points=[1, 2])
    reads = exchange.gather(ratings)
    assert (reads.n_shared, reads.n_single, reads.n_without, reads.score.size) == (1, 1, 2, 2)
    assert districts.compare(ratings).overall.n_excluded == 3
    assert [one.district for one in distributions.by_district(ratings, "t")] == ["A", "B"]
    assert contrasts.FEWEST == 2
