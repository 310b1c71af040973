"""Anchor candidates: solid papers, papers on a line, and the score points nobody has a paper for."""

import numpy as np
import pytest

from calibration.measurement import anchors
from calibration.measurement.anchoring import cover, posterior, rasch, reading
from calibration.measurement.facets import publish
from calibration.measurement.ratings import Ratings

TRAITS = ("ideas", "organization", "conventions")
NAMES = {trait: trait.capitalize() for trait in TRAITS}


def ratings(papers, points=(1, 2, 3, 4), **more):
    """Papers as {response: [one tuple of scores per scorer]}."""
    rows = [
        (response, f"scorer {who}", trait, score)
        for response, reads in papers.items()
        for who, scores in enumerate(reads)
        for trait, score in zip(TRAITS, scores, strict=False)
    ]
    return Ratings.from_rows(
        rows, points=points if isinstance(points, dict) else dict.fromkeys(TRAITS, points), **more
    )


def search(papers, points=(1, 2, 3, 4), **more):
    return anchors.candidates(ratings(papers, points), trait_names=NAMES, **more)


def test_a_solid_paper_is_exact_on_every_trait_with_a_clean_profile():
    found = search(
        {"flat": [(3, 3, 3)] * 2, "steps": [(3, 2, 3)] * 2, "wild": [(4, 1, 3)] * 2, "one": [(3, 3, 3)]}
    )
    assert [paper.response for paper in found.solid] == ["flat", "steps"]
    assert found.solid[0].reason == "Both scorers gave the same score on every trait: 3."
    assert (
        found.solid[1].reason == "Both scorers gave the same scores: Ideas 3, Organization 2, Conventions 3."
    )
    assert [paper.response for paper in found.uneven] == ["wild"]
    assert found.uneven[0].reason.endswith("The traits stand far apart.")
    assert [paper.response for paper in found.for_point("organization", 2)] == ["steps"]


def test_a_borderline_paper_splits_on_exactly_one_line_of_one_trait():
    found = search(
        {
            "line": [(3, 2, 3), (3, 3, 3)],
            "two lines": [(3, 2, 3), (3, 3, 4)],
            "two apart": [(3, 1, 3), (3, 3, 3)],
            "even": [(2, 2, 2), (2, 2, 2), (3, 2, 2), (3, 2, 2)],
            "odd": [(2, 2, 2), (2, 2, 2), (2, 2, 2), (3, 2, 2)],
        }
    )
    assert [paper.response for paper in found.borderline] == ["even", "line", "odd"]
    even, line, odd = found.borderline
    assert (even.split, even.split_counts) == (("ideas", 2.0, 3.0), (2, 2))
    assert odd.split_counts == (3, 1)
    assert line.split == ("organization", 2.0, 3.0)
    assert line.scores == {"ideas": 3, "organization": None, "conventions": 3}
    assert line.reason == (
        "Scorers split between 2 and 3 in Organization and agreed on the rest: Ideas 3, Conventions 3."
    )
    assert "between 2 and 3 in Ideas, 2 to 2 and agreed" in even.reason
    assert [paper.response for paper in found.for_boundary("ideas", 2, 3)] == ["even", "odd"]
    assert found.solid == ()


def test_more_reads_come_first_then_a_flatter_profile_then_the_name():
    papers = {"d": [(3, 3, 3)] * 2, "c": [(3, 3, 3)] * 2, "b": [(3, 3, 2)] * 2, "a": [(3, 3, 2)] * 6}
    assert [paper.response for paper in search(papers).solid] == ["a", "c", "d", "b"]
    assert search(papers).solid[0].reason.startswith("All 6 scorers gave the same scores")
    assert [paper.response for paper in search(papers, min_reads=3).solid] == ["a"]


@pytest.mark.parametrize("missing", [None, float("nan"), "B"])
def test_a_paper_with_a_hole_in_any_read_is_left_out(missing):
    rows = ratings({"hole": [(3, 3, missing), (3, 3, 3)], "whole": [(3, 3, 3)] * 2}, condition_codes=("B",))
    assert [paper.response for paper in anchors.candidates(rows).solid] == ["whole"]
    third = ratings({"hole": [(3, 3, 3), (3, 3, missing), (3, 3, 3)]}, condition_codes=("B",))
    assert anchors.candidates(third).solid == ()
    short = ratings({"short": [(3, 3, 3), (3, 3)]})
    found = anchors.candidates(short)
    assert (found.solid, found.borderline, found.uneven) == ((), (), ())


def test_gaps_name_the_score_points_without_a_clear_paper():
    found = search({"flat": [(3, 3, 3)] * 2, "line": [(3, 2, 3), (3, 3, 3)], "apart": [(1, 3, 1), (3, 3, 4)]})
    said = {(gap.trait, gap.point): gap for gap in found.gaps}
    assert set(said) == {(trait, point) for trait in TRAITS for point in (1, 2, 4)}
    assert (
        said["organization", 2].sentence == "No clear 2 in Organization; 1 paper stands on a line next to it."
    )
    assert said["ideas", 1].sentence == "No clear 1 in Ideas; 1 paper got a 1 from at least one scorer."
    assert said["ideas", 4].sentence == "No clear 4 in Ideas: no scorer gave a 4."
    assert (said["organization", 2].n_borderline, said["organization", 2].n_given) == (1, 1)
    assert found.sentences[0] == (
        "Of 3 papers with enough reads, 1 could be a solid anchor paper and 1 could show a line between two score points."
    )
    wanted = search({"flat": [(3, 3, 3)] * 2}, wanted=2)
    assert {gap.sentence for gap in wanted.gaps if gap.point == 3} == {
        f"Only 1 clear 3 in {name}; 2 are wanted." for name in NAMES.values()
    }


def test_traits_with_different_ranges_are_compared_by_where_they_stand():
    points = {"ideas": range(1, 7), "organization": range(3), "conventions": range(1, 5)}
    found = search({"top": [(6, 2, 4)] * 2, "bottom": [(1, 0, 1)] * 2, "mixed": [(6, 0, 4)] * 2}, points)
    assert {paper.response: paper.spread for paper in (*found.solid, *found.uneven)} == {
        "top": 0,
        "bottom": 0,
        "mixed": 2,
    }
    assert [paper.response for paper in found.uneven] == ["mixed"]


def test_one_holistic_trait_and_named_score_points():
    rows = [
        (r, s, "whole", v)
        for r, two in {"A": (2, 2), "B": (1, 2)}.items()
        for s, v in zip("xy", two, strict=True)
    ]
    given = Ratings.from_rows(rows, points=[1, 2, 3])
    found = anchors.candidates(given, point_names={"whole": {1: "below", 2: "at", 3: "above"}})
    assert found.solid[0].reason == 'Both scorers gave the same score: "at".'
    assert found.borderline[0].reason == 'Scorers split between "below" and "at".'
    assert [gap.point for gap in found.gaps] == [1, 3]


def test_no_ratings_are_all_gaps():
    found = anchors.candidates(Ratings.from_rows([], points={"ideas": [1, 2]}))
    assert [gap.sentence for gap in found.gaps] == [
        "No clear 1 in ideas: no scorer gave a 1.",
        "No clear 2 in ideas: no scorer gave a 2.",
    ]
    with pytest.raises(ValueError, match="two blind reads"):
        anchors.candidates(Ratings.from_rows([], points={"ideas": [1, 2]}), min_reads=1)


def test_the_list_equals_one_made_by_hand():
    draw = np.random.default_rng(6)
    papers = {}
    for place in range(300):
        level = draw.integers(1, 5)
        base = np.clip(level + draw.integers(-1, 2, 3), 1, 4)
        papers[place] = [
            tuple(int(v) for v in np.clip(base + draw.choice([0, 0, 0, 0, 1], 3), 1, 4)) for _ in range(2)
        ]
    found = search(papers)
    solid = {p for p, (one, two) in papers.items() if one == two and max(one) - min(one) <= 1}
    steps = {p: sorted(np.abs(np.subtract(one, two)).tolist()) for p, (one, two) in papers.items()}
    line = {p for p, apart in steps.items() if apart == [0, 0, 1]}
    assert {paper.response for paper in found.solid} == solid
    assert {paper.response for paper in found.borderline} == line
    assert len(solid) > 20
    assert len(line) > 20


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


@pytest.mark.parametrize(("reads", "fewest"), [(3, 30), (6, 100)])
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
    assert np.mean(right) >= 0.95
    assert np.all(right, axis=1).mean() >= 0.94
    lines = [paper for paper in found.borderline if paper.ready]
    off = [
        abs(truth[paper.response, "abcd".index(paper.split[0])] - sum(paper.split[1:]) / 2) for paper in lines
    ]
    assert len(lines) >= 50
    assert np.mean(np.array(off) <= 0.5) >= 0.85
    assert np.mean(off) < 0.35


def test_two_reads_rarely_make_sure_of_a_score_and_say_so():
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
    assert len(waiting) > 0.95 * len(found.solid)
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
        assert abs(claimed[some].mean() - true[some].mean()) < 0.04
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
    assert first[more == 1].min() > 0.75
    assert first[more > 2].max(initial=0) < first[more == 1].max()


def test_few_papers_rest_on_agreement_alone():
    found = search({place: [(3, 3, 3)] * 2 for place in range(29)})
    assert all(np.isnan(paper.certainty) and not paper.ready for paper in found.solid)
    assert found.solid[0].more_reads is None
    assert found.solid[0].reasons == (found.solid[0].reason,)
    assert "this list rests on agreement alone" in found.sentences[1]
    assert [pick.fills for pick in found.proposed] == [tuple((trait, 3.0) for trait in TRAITS)]
    sure = search({place: [(1 + place % 4,) * 3] * 2 for place in range(40)})
    assert all(paper.ready and paper.certainty > 0.9 for paper in sure.solid)
    assert sure.gaps == ()


def test_all_but_one_of_six_scorers_are_enough(three_reads):
    given, *_ = event(1_500, 6)
    found = anchors.candidates(given)
    nearly = [paper for paper in found.solid if paper.entropy > 0]
    assert nearly
    assert all(paper.ready for paper in nearly)
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


def test_among_equals_the_paper_with_a_new_label_is_chosen():
    shows = np.array([[0, 1], [0, 1], [0, 1]])
    assert [paper for paper, _ in cover.choose(shows, np.array([2, 2]), np.array([[0], [0], [1]]))] == [0, 2]
    assert cover.choose(shows, np.array([0, 0]), np.zeros((3, 0), int)) == []
    assert cover.choose(np.zeros((0, 2), int), np.array([1]), np.zeros((0, 1), int)) == []


def test_no_greedy_step_could_fill_more():
    draw = np.random.default_rng(3)
    for _ in range(30):
        shows, wanted = draw.integers(-1, 8, (25, 3)), draw.integers(0, 3, 8)
        shows = np.array(
            [[n if n not in row[:i] else -1 for i, n in enumerate(row)] for row in shows.tolist()]
        )
        missing, left = wanted.copy(), set(range(25))
        for paper, fills in cover.choose(shows, wanted, np.zeros((25, 0), int)):
            gain = {each: sum(n >= 0 and missing[n] > 0 for n in shows[each]) for each in left}
            assert len(fills) == max(gain.values()) > 0
            missing[list(fills)] -= 1
            left.remove(paper)
        assert all(need < 0 or missing[need] == 0 for each in left for need in shows[each])


def test_surprising_reads_are_named():
    papers = {place: [(1 + place % 4,) * 3] * 3 for place in range(60)}
    papers["odd"] = [(1, 3, 3), (1, 3, 3), (4, 3, 3)]
    found = search(papers).posterior
    odd = found.responses.index("odd")
    assert found.misfit[odd] == found.misfit.max() > 2
    assert np.median(found.misfit) < 1


def test_measures_of_a_rasch_model_can_take_the_place_of_our_own():
    given = ratings({"a": [(3, 3, 3)] * 2, "b": [(3, 2, 3), (3, 3, 3)]})
    lines = dict.fromkeys(TRAITS, [-4.0, 0.0, 4.0])
    known = posterior.from_measures(["a", "b"], [2.0, 0.0], [0.5, 0.5], lines)
    found = anchors.candidates(given, true_points=known)
    assert found.solid[0].ready
    assert found.solid[0].certainty > 0.99
    assert found.borderline[0].sides == (0.5, 0.5)
    assert found.borderline[0].ready
    with pytest.raises(ValueError, match="of other responses"):
        anchors.candidates(given, true_points=posterior.from_measures(["a"], [2.0], [0.5], lines))
    with pytest.raises(ValueError, match="do not tell the chances of the score points of 'ideas'"):
        anchors.candidates(given, true_points=posterior.from_measures(["a", "b"], [2.0, 0], [1, 1], {}))
    with pytest.raises(ValueError, match="The standard error of response b is not above 0"):
        posterior.from_measures(["a", "b"], [2.0, 0.0], [0.5, 0.0], lines)
    with pytest.raises(ValueError, match="The lines of 'ideas' do not rise"):
        posterior.from_measures(["a"], [2.0], [0.5], {"ideas": [0.0, -1.0]})
    with pytest.raises(ValueError, match="one measure and one standard error for each"):
        posterior.from_measures(["a"], [2.0, 1.0], [0.5], lines)


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
    assert len(ready) > 30  # the traits' own two reads make sure of none
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
        rasch.true_points(ratings({"a": [(3, 3, 3)] * 2}), publish.fit(given))


def test_wishes_that_cannot_be_met_are_refused():
    given = ratings({"a": [(3, 3, 3)] * 2})
    with pytest.raises(ValueError, match=r"no label 'school' \(they have: none\)"):
        anchors.candidates(given, diverse=["school"])
    with pytest.raises(ValueError, match="between 0.5 and 1"):
        anchors.candidates(given, certain=1.0)


@pytest.mark.parametrize("scores", [(2, 2), (1, 4), (None, 3)])
def test_odd_events_are_answered_without_a_word_from_numpy(scores):
    rows = [(place, who, "t", score) for place in range(40) for who, score in zip("xy", scores, strict=True)]
    found = anchors.candidates(Ratings.from_rows(rows, points=[1, 2, 3, 4]))
    assert len(found.solid) == (40 if scores == (2, 2) else 0)
    assert len(found.gaps) == (3 if scores == (2, 2) else 4)


def test_patterns_too_many_for_one_number_are_still_told_apart():
    codes = np.sort(np.random.default_rng(1).integers(0, 3, (50, 12)), axis=1)
    for base in (3, 10_000):
        kinds, place = posterior._distinct(codes, base)
        assert (kinds[place] == codes).all()
        assert len(kinds) == len(set(map(tuple, codes.tolist())))
