"""Anchor candidates: solid papers, papers on a line, and the score points nobody has a paper for."""

import numpy as np
import pytest

from calibration.measurement import anchors
from calibration.measurement.anchoring import cover, posterior
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
