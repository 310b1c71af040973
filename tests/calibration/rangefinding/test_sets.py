"""What a committee leaves: frozen sets, anchors that scorers see, and secrets that stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.papers import secrecy, sets
from calibration.papers import services as papers
from calibration.papers.collections import coverage_of
from calibration.papers.models import SetPurpose
from calibration.rangefinding import coverage, freezing, proposing, settling
from calibration.rangefinding.models import CommitteeStatus
from scoring.db import db
from scoring.errors import Conflict, Invalid, NotFound
from scoring.reads.seen import seen_by
from tests.calibration.rangefinding.season import Season


@pytest.fixture
def season(app, ana, ben, lea):
    """A committee with four settled papers: 1, 2, 3 and 4 on both traits."""
    made = Season(ana, ben)
    made.open(lea, [ana, ben])
    for number in range(4):
        for person in (ana, ben):
            made.send(person, number, claim=number + 1)
        consensus = settling.propose_consensus(
            made.committee,
            made.paper(number),
            scores=made.scores(number + 1),
            commentaries={},
            kind="solid",
            actor=ana,
        )
        settling.agree(made.committee, made.paper(number), consensus.id, actor=ben)
        settling.settle(made.committee, made.paper(number), consensus.id, actor=lea)
    return made


def plan(season, *purposes):
    return {each.id: purpose for each, purpose in zip(season.committee.proposed, purposes, strict=True)}


def test_one_click_makes_and_freezes_a_set_for_each_purpose(season, lea):
    made = freezing.freeze(
        season.committee, plan(season, "anchor", "qualification", "anchor", "practice"), actor=lea
    )
    assert [(each.name, each.purpose, each.is_live, len(each.items)) for each in made] == [
        ("Fall anchors, anchor", SetPurpose.ANCHOR, True, 2), ("Fall anchors, practice", SetPurpose.PRACTICE, True, 1),
        ("Fall anchors, qualification", SetPurpose.QUALIFICATION, True, 1),
    ]  # fmt: skip
    assert season.committee.status is CommitteeStatus.FINISHED
    assert freezing.sets_of(season.committee) == made
    shown = [each.response for each in papers.anchors_for(season.rubric)]
    assert shown == [season.responses[0], season.responses[2]]
    assert [each.paper.is_kept for each in season.committee.proposed] == [False, True, False, True]


def test_members_have_seen_what_stands_in_the_secret_sets(season, lea, ana, ada):
    freezing.freeze(season.committee, plan(season, "qualification", "validity", "", ""), actor=lea)
    secret = set(db.session.scalars(secrecy.secret_responses()))
    assert secret == {season.responses[0].id, season.responses[1].id}
    assert secret <= set(db.session.scalars(seen_by(ana)))
    assert set(db.session.scalars(seen_by(ada))) == set()


def test_the_proposal_begins_with_anchors_that_cover_the_rubric(season, lea):
    assert set(freezing.proposal(season.committee, lea).values()) == {"anchor"}
    settled = [each.paper for each in freezing.settled(season.committee)]
    assert coverage_of(season.rubric, settled).gaps == ()


def test_undecided_papers_come_first(season, lea):
    settling.take_back(season.committee, season.paper(1), actor=lea)
    chosen = {each.id: "practice" for each in season.committee.proposed}
    with pytest.raises(Conflict, match="1 paper is neither settled nor dropped"):
        freezing.freeze(season.committee, chosen, actor=lea)
    proposing.drop(season.committee, season.paper(1), reason="No agreement.", actor=lea)
    (made,) = freezing.freeze(season.committee, chosen, actor=lea)
    assert len(made.items) == 3


def test_nothing_is_made_when_one_set_can_not_be(season, lea, alder):
    sets.create_set(alder, season.rubric, name="Fall anchors, practice", purpose="practice", actor=lea)
    with pytest.raises(Conflict, match="already"):
        freezing.freeze(season.committee, plan(season, "anchor", "anchor", "practice", "practice"), actor=lea)
    assert season.committee.is_open
    assert papers.anchors_for(season.rubric) == []
    with pytest.raises(Invalid, match="at least one paper"):
        freezing.freeze(season.committee, plan(season, "", "", "", ""), actor=lea)


def test_only_leaders_fill_sets_and_only_once(season, lea, ana, eve):
    chosen = plan(season, "practice", "", "", "")
    for person in (ana, eve):
        with pytest.raises(NotFound):
            freezing.freeze(season.committee, chosen, actor=person)
    freezing.freeze(season.committee, chosen, actor=lea)
    with pytest.raises(Conflict, match="open committee"):
        freezing.freeze(season.committee, chosen, actor=lea)


def test_a_paper_in_a_secret_set_is_not_shown(season, lea, alder):
    paper = season.paper().paper
    secret = sets.create_set(alder, season.rubric, name="Test", purpose="qualification", actor=lea)
    sets.add_paper(secret, paper, actor=lea)
    with pytest.raises(Conflict, match="qualification or validity set"):
        papers.show(paper, actor=lea)
    papers.retire(paper, actor=lea)
    with pytest.raises(Conflict, match="retired"):
        papers.show(paper, actor=lea)


@pytest.mark.engines("sqlite")
def test_the_page_offers_a_set_for_each_paper(season, sign_in, lea, ana):
    client = sign_in(lea)
    page = client.get(f"{season.url}/sets").get_data(as_text=True)
    assert page.count('<select name="set-') == 4
    assert sign_in(ana).get(f"{season.url}/sets").status_code == 403
    form = {f"set-{each.id}": "practice" for each in season.committee.proposed}
    assert client.post(f"{season.url}/sets", data=form).status_code == 302
    assert "Fall anchors, practice" in client.get(season.url).get_data(as_text=True)
    assert "Fall anchors, practice" not in sign_in(ana).get(season.url).get_data(as_text=True)
    assert b"Nothing to fill sets with" in client.get(f"{season.url}/sets").data


settled = st.lists(
    st.builds(
        coverage.Settled, key=st.integers(0, 10_000), is_solid=st.booleans(), is_unanimous=st.booleans(),
        scores=st.fixed_dictionaries({"claim": st.integers(1, 4), "evidence": st.integers(0, 3)}),
    ),
    unique_by=lambda each: each.key, max_size=40,
)  # fmt: skip


@given(settled)
def test_every_paper_gets_one_set_and_anchors_are_solid_and_cover(some):
    found = coverage.split(some)
    assert list(found) == [each.key for each in some]
    anchors = [each for each in some if found[each.key] == coverage.ANCHOR]
    assert all(each.is_solid for each in anchors)
    for trait in ("claim", "evidence"):
        assert {each.scores[trait] for each in anchors} == {
            each.scores[trait] for each in some if each.is_solid
        }
    tests = sum(found[each.key] == coverage.QUALIFICATION for each in some)
    assert tests in {0, coverage.TEST_SIZE}


@given(settled)
def test_no_anchor_is_more_than_needed_to_begin_with(some):
    chosen = coverage.cover(some)
    by_key = {each.key: each for each in some}
    seen = set()
    for key in chosen:
        new = set(by_key[key].scores.items()) - seen
        assert new
        seen |= new
