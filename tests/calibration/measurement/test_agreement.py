"""The summary of a trait, its groups and its scorers: counts that add up, sentences that say them."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.measurement import agreement, alpha, groups, pairs, scorers, shares
from calibration.measurement.ratings import Ratings
from calibration.measurement.result import NO_VARIATION, SUPPRESSED, TOO_FEW, WIDE, Statistic

POINTS = [1, 2, 3, 4]


def rated(rows, **more):
    return Ratings.from_rows(rows, points={"t": POINTS}, **more).of("t")


def double_reads(n=120, names=("ana", "ben"), seed=4, **labels):
    """n responses read twice by two of the names, mostly alike."""
    draw, rows = np.random.default_rng(seed), []
    for response in range(n):
        level = draw.integers(1, 5)
        for scorer in draw.choice(names, 2, replace=False):
            score = int(np.clip(level + draw.choice([-1, 0, 0, 0, 1]), 1, 4))
            rows.append({"response": f"R{response}", "scorer": str(scorer), "trait": "t", "score": score})
            rows[-1].update({name: choose(response, rows[-1]["scorer"]) for name, choose in labels.items()})
    return rows


@pytest.fixture(scope="module")
def pooled():
    """120 responses, each read by two of five scorers, in three districts."""
    rows = double_reads(names=list("abcde"), district=lambda response, _: "NSW"[response % 3])
    return rated(rows)


def statistics(summary):
    return [getattr(summary, field.name) for field in fields(summary) if field.type is Statistic]


def test_everything_about_a_fixed_pair():
    summary = agreement.summarize(rated(double_reads()))
    assert summary.fixed_pair == ("ana", "ben")
    assert summary.qwk.method.startswith("Cohen")
    assert summary.exact.value + summary.adjacent.value == pytest.approx(summary.within.value)
    assert summary.within.value + summary.discrepant.value == pytest.approx(1)
    assert summary.exact_count == sum(summary.table[place][place] for place in range(4))
    assert sum(map(sum, summary.folded)) == summary.n_pairs == summary.n_double == 120
    assert sum(row.n for row in summary.distribution) == summary.n_reads == 240
    assert {
        scorer: sum(row.n for row in rows) for scorer, rows in summary.distribution_by_scorer.items()
    } == {
        "ana": 120,
        "ben": 120,
    }
    first, second = (
        sum(row.point * row.share for row in summary.distribution_by_scorer[name]) for name in ("ana", "ben")
    )
    assert summary.mean_difference.value == pytest.approx(second - first)
    for figure in statistics(summary):
        assert figure.status == "ok"
        assert figure.method
        assert figure.sentence
        if figure.has_interval:
            assert figure.low <= figure.value <= figure.high
    same, near = summary.exact_count, summary.within_count
    assert summary.sentences[0] == (
        f"The two scorers gave the same score on {same} of 120 papers; {near} were within one point."
    )


def test_pooled_pairs_get_the_symmetric_coefficient_and_it_says_so(pooled):
    summary = agreement.summarize(pooled)
    assert summary.fixed_pair is None
    for figure in (summary.kappa, summary.linear_kappa, summary.qwk):
        assert figure.method.startswith("Scott-type kappa of pooled pairs (symmetrized table)")
    assert not summary.mean_difference.defined
    assert not summary.smd.defined
    assert summary.sentences[0].startswith("Two scorers gave the same score on ")


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_names_of_scorers_matter(shuffle):
    rows = double_reads(40, names=list("abcd"))
    names = dict(zip("abcd", shuffle.sample("vwxyz", 4), strict=True))
    other = [row | {"scorer": names[row["scorer"]]} for row in rows]
    shuffle.shuffle(other)
    one, again = (agreement.summarize(rated(some), draws=20) for some in (rows, other))
    for name in ("exact", "within", "qwk", "kappa", "alpha_ordinal", "alpha_interval", "chance_within"):
        assert getattr(again, name).value == pytest.approx(getattr(one, name).value, abs=1e-12), name
    assert again.folded == one.folded
    assert again.boundaries == one.boundaries
    assert [row.agreement for row in again.by_point] == [row.agreement for row in one.by_point]


@pytest.mark.parametrize(
    ("n", "status"), [(1, SUPPRESSED), (29, SUPPRESSED), (30, WIDE), (99, WIDE), (100, "ok")]
)
def test_few_papers_hide_coefficients_but_never_counts(n, status):
    summary = agreement.summarize(rated(double_reads(n)))
    for figure in (
        summary.kappa,
        summary.linear_kappa,
        summary.qwk,
        summary.alpha_ordinal,
        summary.alpha_interval,
    ):
        assert figure.status == status or (n == 1 and figure.status == NO_VARIATION)
        assert figure.n_units == n
    assert summary.exact.status == "ok"
    assert summary.exact_count == pytest.approx(summary.exact.value * n)
    assert f"of {n} paper" in summary.sentences[0]


def test_nothing_scored_twice_is_said_and_not_counted_as_agreement():
    once = agreement.summarize(rated([("R1", "ana", "t", 3), ("R2", "ben", "t", 2)]))
    none = agreement.summarize(rated([]))
    for summary, single in ((once, 2), (none, 0)):
        assert summary.sentences[0] == "No paper has two scored reads yet, so there is no agreement to show."
        assert (summary.n_double, summary.n_pairs, summary.n_single) == (0, 0, single)
        assert summary.exact_count == 0
        for figure in (
            summary.exact,
            summary.within,
            summary.kappa,
            summary.alpha_ordinal,
            summary.chance_within,
        ):
            assert figure.status == TOO_FEW
            assert not figure.defined
    assert "2 papers had one scored read" in once.sentences[1]


def test_everybody_giving_one_score_agrees_and_proves_nothing():
    summary = agreement.summarize(rated([(r, s, "t", 3) for r in range(150) for s in ("ana", "ben")]))
    assert summary.exact.value == 1
    assert summary.exact.low > 0.97
    for figure in (summary.kappa, summary.qwk, summary.alpha_nominal, summary.alpha_ordinal, summary.smd):
        assert figure.status == NO_VARIATION
        assert not figure.defined
    assert "nothing to tell agreement from habit" in " ".join(summary.sentences)
    assert summary.chance_within.value == pytest.approx(1)


def test_one_scorer_alone_shows_nothing():
    ratings = rated([(r, "ana", "t", 1 + r % 4) for r in range(50)])
    assert agreement.summarize(ratings).n_single == 50
    assert scorers.compare(ratings)[0].sentence == "Not enough yet: 0 of the 15 shared papers this needs."
    assert groups.by_group(ratings, "scorer") == ()


def test_a_damaged_alpha_is_refused(monkeypatch):
    monkeypatch.setattr(alpha, "package_alpha", lambda *_, **__: 0.123)
    for given_to in (rated(double_reads()), pairs.count(rated(double_reads()))):
        with pytest.raises(alpha.NotReplicated):
            agreement.summarize(given_to, draws=5)


def test_guessing_is_shown_beside_within_one():
    summary = agreement.summarize(rated(double_reads()))
    share = np.array([row.share for row in summary.distribution])
    near = np.abs(np.subtract.outer(POINTS, POINTS)) <= 1
    assert summary.chance_within.value == pytest.approx(share @ near @ share)
    assert summary.chance_exact.value == pytest.approx(share @ share)
    assert (summary.coin_exact.value, summary.coin_within.value) == (0.25, 0.625)
    assert "guessing by habit would be within one point" in summary.sentences[1]


def test_agreement_at_a_score_point_and_what_the_others_gave():
    table = [[5, 0, 0], [0, 30, 10], [0, 20, 35]]
    one, two, three = shares.by_score_point(pairs.PairCounts.from_table(table, [1, 2, 3]))
    assert (one.n_reads, one.agreement.value, one.others) == (10, 1, (1, 0, 0))
    assert two.agreement.value == pytest.approx(2 * 30 / 90)
    assert two.others == pytest.approx((0, 60 / 90, 30 / 90))
    assert three.agreement.low < three.agreement.value < three.agreement.high
    assert three.agreement.sentence == "When one scorer gave 3, the other did too 70 of every 100 times."
    rare = shares.by_score_point(pairs.PairCounts.from_table([[4, 1], [0, 50]], [1, 2]))[0]
    assert (rare.n_reads, rare.agreement.status) == (9, SUPPRESSED)
    unused = shares.by_score_point(pairs.PairCounts.from_table([[0, 0], [0, 50]], [1, 2]))[0]
    assert (unused.agreement.status, unused.agreement.sentence) == (TOO_FEW, "No papers at 1.")


def test_the_line_that_splits_scorers():
    table = [[10, 3, 1, 0], [2, 20, 9, 0], [0, 8, 20, 2], [0, 0, 1, 10]]
    counts = pairs.PairCounts.from_table(table, POINTS)
    lines = shares.boundaries(counts)
    assert [(line.low, line.high, line.n_split, line.n_next_door) for line in lines] == [
        (1, 2, 6, 5),
        (2, 3, 18, 17),
        (3, 4, 3, 3),
    ]
    assert lines[1].share_of_disagreements == pytest.approx(18 / 26)
    assert lines[1].agreement.value == pytest.approx(1 - 18 / 86)
    assert (
        "The line between 2 and 3 splits scorers most: it runs through 18 of 26 papers with different scores."
        in (agreement.summarize(counts).sentences)
    )


def test_condition_codes_stand_aside():
    rows = [
        ("R1", "ana", "t", "B"),
        ("R1", "ben", "t", "B"),
        ("R2", "ana", "t", "B"),
        ("R2", "ben", "t", "T"),
    ]
    rows += [("R3", "ana", "t", "T"), ("R3", "ben", "t", 2), ("R4", "ana", "t", 2), ("R4", "ben", "t", 3)]
    summary = agreement.summarize(rated(rows, condition_codes=("B", "T")))
    codes = summary.conditions
    assert (codes.n_reads, codes.n_both_same, codes.n_both_differ, codes.n_one_only) == (5, 1, 1, 1)
    assert (summary.n_double, summary.n_conditions, summary.exact.n_excluded) == (1, 5, 6)
    assert (
        "every reader gave the same code on 1 paper, different codes on 1, and a code against a score on 1"
        in (codes.sentence)
    )
    assert agreement.summarize(rated(double_reads(3))).conditions is None
    third = agreement.conditions(
        rated(
            [("R1", "ana", "t", "B"), ("R1", "ben", "t", "B"), ("R1", "cy", "t", 2)], condition_codes=("B",)
        )
    )
    assert (third.n_both_same, third.n_one_only) == (0, 1)


@pytest.mark.parametrize(
    ("tolerance", "near"), [(0, "1 of 4 papers."), (1, "; 2 were within"), (2, "within 2 points")]
)
def test_the_event_s_tolerance_decides_what_is_adjacent(tolerance, near):
    pairs_of_scores = [(1, 1), (1, 2), (1, 3), (1, 4)]
    rows = [(r, s, "t", v) for r, two in enumerate(pairs_of_scores) for s, v in zip("ab", two, strict=True)]
    summary = agreement.summarize(rated(rows), tolerance=tolerance)
    assert summary.within_count == 1 + tolerance
    assert summary.discrepant_count == 3 - tolerance
    assert near in summary.sentences[0]
    with pytest.raises(ValueError, match="tolerance"):
        agreement.summarize(rated(rows), tolerance=-1)


def test_groups_in_one_count_equal_groups_one_by_one(pooled):
    rows = double_reads(names=list("abcde"), district=lambda response, _: "NSW"[response % 3])
    everything = Ratings.from_rows(rows, points={"t": POINTS})
    found = groups.by_group(pooled, "district")
    assert [row.label for row in found] == ["N", "S", "W"]
    for row in found:
        alone = agreement.summarize(everything.where(district=row.label).of("t"), draws=5)
        assert (row.n_units, row.n_pairs) == (alone.n_double, alone.n_pairs) == (40, 40)
        for name in ("exact", "adjacent", "within", "discrepant", "qwk"):
            one, other = getattr(row, name), getattr(alone, name)
            assert (one.value, one.low, one.high, one.se) == pytest.approx(
                (other.value, other.low, other.high, other.se)
            ), name
            assert one.status == other.status
        assert row.mean_difference is None
        assert row.sentence == alone.sentences[0]


def test_a_pair_between_two_districts_counts_in_both():
    rows = [("R", "ana", "t", 1), ("R", "ben", "t", 2), ("Q", "ana", "t", 3), ("Q", "abe", "t", 3)]
    rows = [(*row, None, "B" if row[1] == "ben" else "A") for row in rows]
    assert [
        (row.label, row.n_units, row.exact.value) for row in groups.by_group(rated(rows), "district")
    ] == [
        ("A", 2, 0.5),
        ("B", 1, 0),
    ]
    assert [(row.label, row.n_units) for row in groups.by_pair(rated(rows), "district")] == [
        (("A", "A"), 1),
        (("A", "B"), 1),
    ]


def test_pairs_of_scorers_are_set_against_each_other_in_order():
    rows = [(r, s, "t", v) for r in range(20) for s, v in (("ben", 2 + r % 2), ("ana", 1 + r % 2))]
    (met,) = groups.by_pair(rated(rows))
    assert met.label == ("ana", "ben")
    assert met.mean_difference.value == -1
    assert met.exact.value == 0
    assert met.qwk.status == SUPPRESSED


def test_a_scorer_is_compared_with_the_others_reads_of_the_same_papers():
    """Against a count by hand, with two to four reads a response."""
    draw, rows = np.random.default_rng(8), []
    for response in range(90):
        for scorer in draw.choice(list("abcdef"), draw.integers(1, 5), replace=False):
            rows.append((response, str(scorer), "t", int(draw.integers(1, 5))))
    given_to = {}
    for response, scorer, _, score in rows:
        given_to.setdefault(response, {})[scorer] = score
    for row in scorers.compare(rated(rows)):
        exact, apart = [], []
        for scores in given_to.values():
            others = [score for scorer, score in scores.items() if scorer != row.scorer]
            if row.scorer in scores and others:
                exact.append(np.mean([score == scores[row.scorer] for score in others]))
                apart.append(scores[row.scorer] - np.mean(others))
        assert row.n_units == len(exact) >= 15
        assert row.n_reads == sum(row.scorer in scores for scores in given_to.values())
        assert row.exact.value == pytest.approx(np.mean(exact))
        assert row.exact_count == pytest.approx(np.sum(exact))
        assert row.mean_difference.value == pytest.approx(np.mean(apart))
        assert row.mean_difference.se == pytest.approx(np.std(apart, ddof=1) / np.sqrt(len(apart)))


@pytest.mark.parametrize(("shared", "enough"), [(14, False), (15, True)])
def test_under_15_shared_papers_a_scorer_hears_not_enough_yet(shared, enough):
    rows = [(r, s, "t", 1 + r % 4) for r in range(shared) for s in ("ana", "ben")]
    rows += [(f"alone {r}", "ana", "t", 2) for r in range(30)]
    ana = scorers.compare(rated(rows))[0]
    assert (ana.n_reads, ana.n_units, ana.exact_count, ana.enough) == (shared + 30, shared, shared, enough)
    assert ana.exact.defined == enough
    assert ana.exact.status == ("ok" if enough else SUPPRESSED)
    assert ana.sentence.startswith(
        "Gave the same score as the other scorer on 15" if enough else "Not enough yet: 14"
    )


def test_a_strict_scorer_is_described_not_judged():
    rows = [(r, s, "t", 2 + r % 3 - (s == "ana" and r % 4 == 0)) for r in range(40) for s in ("ana", "ben")]
    ana, ben = scorers.compare(rated(rows))
    assert ana.sentence.startswith(
        "Gave the same score as the other scorer on 30 of 40 papers; 40 were within one"
    )
    assert "Scores 0.25 points lower than the other scorer on average (between 0.1" in ana.sentence
    assert ben.mean_difference.value == -ana.mean_difference.value == 0.25
