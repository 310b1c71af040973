"""From blind scores to consensus: proposals, agreement, objections, and the leader who settles."""

import pytest
import sqlalchemy as sa

from calibration.papers import services as papers
from calibration.papers import sets
from calibration.papers.models import Paper, PaperKind
from calibration.rangefinding import proposing, reading, results, services, settling
from scoring.audit import AuditEntry
from scoring.db import db
from scoring.errors import Conflict, Invalid, NotFound
from tests import build
from tests.calibration.rangefinding.season import Season


@pytest.fixture
def season(app, ana, ben, lea):
    """A committee of Ana and Ben whose scores of the first paper are in."""
    made = Season(ana, ben)
    made.open(lea, [ana, ben])
    made.send(ana, claim=3, evidence=2)
    made.send(ben, claim=3, evidence=3)
    return made


def propose(season, person, claim=3, evidence=3, kind="solid", number=0):
    traits = season.rubric.traits
    return settling.propose_consensus(
        season.committee, season.paper(number), scores=season.scores(claim, evidence), kind=kind, actor=person,
        commentaries={traits[0].id: "It takes one side.", traits[1].id: "Two facts."}, commentary="A clear case.",
    )  # fmt: skip


def settle(season, made, leader, **more):
    return settling.settle(season.committee, season.paper(), made.id, actor=leader, **more)


def test_when_everybody_agrees_it_becomes_a_kept_paper_under_their_names(season, lea, ana, ben):
    made = propose(season, ana)
    settling.agree(season.committee, season.paper(), made.id, actor=ben)
    paper = settle(season, made, lea)
    assert (paper.is_kept, paper.kind, paper.commentary) == (True, PaperKind.SOLID, "A clear case.")
    assert [(each.score, each.commentary) for each in paper.scores] == [
        (3, "It takes one side."),
        (3, "Two facts."),
    ]
    assert {each.person_id: each.agreed_at for each in paper.agreements} == {
        each.person_id: each.given_at for each in made.opinions
    }
    assert (season.paper().paper, season.paper().settled_by_id) == (paper, lea.id)


def test_without_everybody_it_takes_a_reason(season, lea, ana, ben):
    made = propose(season, ana)
    with pytest.raises(Invalid, match="Not everybody agrees"):
        settle(season, made, lea)
    settling.object_to(season.committee, season.paper(), made.id, words="I see a 2 in evidence.", actor=ben)
    with pytest.raises(Invalid, match="Not everybody agrees"):
        settle(season, made, lea, reason="  ")
    paper = settle(season, made, lea, reason="The descriptor of a 3 asks for two facts, and there are two.")
    assert [each.person_id for each in paper.agreements] == [ana.id]
    assert season.paper().settle_reason.startswith("The descriptor")


def test_an_objection_needs_words_and_can_be_taken_back(season, ana, ben):
    made = propose(season, ana)
    with pytest.raises(Invalid, match="what should be different"):
        settling.object_to(season.committee, season.paper(), made.id, words=" ", actor=ben)
    settling.object_to(season.committee, season.paper(), made.id, words="A 2.", actor=ben)
    assert [each.words for each in made.objections] == ["A 2."]
    settling.agree(season.committee, season.paper(), made.id, actor=ben)
    assert (made.objections, len(made.agreeing)) == ([], 2)


def test_a_newer_proposal_takes_the_place_of_an_older_one(season, lea, ana, ben):
    older = propose(season, ana)
    newer = propose(season, ben, evidence=2)
    assert season.paper().on_the_table is newer
    for deed in (
        lambda: settling.agree(season.committee, season.paper(), older.id, actor=ben),
        lambda: settle(season, older, lea, reason="The first one."),
    ):
        with pytest.raises(Conflict, match="newer proposal"):
            deed()
    assert [each.person_id for each in newer.agreeing] == [ben.id]


def test_nobody_settles_while_scores_are_coming_in(season, lea, ana, ben):
    third = build.a_person()
    services.invite(season.committee, [third], actor=lea)
    made = propose(season, ana)
    settling.agree(season.committee, season.paper(), made.id, actor=ben)
    with pytest.raises(NotFound):  # the leader has no seat, and does not even see it
        settle(season, made, lea, reason="Quick.")
    services.close_scoring(season.committee, actor=lea)
    assert settle(season, made, lea, reason="The third did not score it.")


def test_only_leaders_settle_and_only_who_has_seen_the_scores_speaks(season, lea, ana, ben, eve):
    made = propose(season, lea)
    for person in (ana, eve):
        with pytest.raises(NotFound):
            settle(season, made, person, reason="Mine.")
    with pytest.raises(NotFound):
        settling.agree(season.committee, season.paper(), made.id, actor=eve)
    with pytest.raises(NotFound):
        propose(season, ana, number=1)


@pytest.mark.parametrize(("claim", "kind"), [(9, "solid"), (3, "perfect")])
def test_a_proposal_fits_the_rubric(season, ana, claim, kind):
    with pytest.raises(Invalid):
        propose(season, ana, claim=claim, kind=kind)


def test_a_settled_paper_is_closed_until_it_is_taken_back(season, lea, ana, ben):
    made = propose(season, ana)
    paper = settle(season, made, lea, reason="Clear enough.")
    for deed in (
        lambda: propose(season, ben),
        lambda: settling.agree(season.committee, season.paper(), made.id, actor=ben),
        lambda: proposing.drop(season.committee, season.paper(), reason="No.", actor=lea),
        lambda: settle(season, made, lea, reason="Again."),
    ):
        with pytest.raises(Conflict):
            deed()
    settling.take_back(season.committee, season.paper(), actor=lea)
    assert paper.retired_at is not None
    assert not season.paper().is_settled
    again = propose(season, ben, evidence=2)
    assert settle(season, again, lea, reason="Better.").id != paper.id
    with pytest.raises(NotFound):
        settling.take_back(season.committee, season.paper(), actor=ana)


def test_a_paper_in_a_set_is_not_taken_back(season, lea, ana, alder):
    paper = settle(season, propose(season, ana), lea, reason="Clear.")
    practice = sets.create_set(alder, season.rubric, name="Practice", purpose="practice", actor=lea)
    sets.add_paper(practice, paper, actor=lea)
    with pytest.raises(Conflict, match="stands in a set"):
        settling.take_back(season.committee, season.paper(), actor=lea)


@pytest.mark.parametrize("same", [True, False])
def test_a_kept_paper_stays_when_the_committee_finds_the_same(app, ana, ben, lea, same):
    season = Season(ana, ben)
    kept = papers.keep(
        season.responses[0], season.rubric, event=season.event, scores=season.scores(3), actor=lea
    )
    season.open(lea, [ana, ben])
    for person in (ana, ben):
        season.send(person)
    made = propose(season, ana, evidence=3 if same else 2)
    settling.agree(season.committee, season.paper(), made.id, actor=ben)
    paper = settle(season, made, lea)
    assert (paper.id == kept.id) is same
    assert (kept.retired_at is None) is same
    assert {ana.id, ben.id} <= {each.person_id for each in paper.agreements}
    told = [f"{name} {words}" for _, name, words in papers.history_of_agreement(paper)]
    assert told == (["Lea Lindqvist agreed"] if same else []) + ["Ana Ortiz agreed", "Ben Okafor agreed"]
    assert paper.scores[0].commentary == "It takes one side."
    in_use = sa.select(sa.func.count()).where(*papers.IN_USE, Paper.response_id == season.responses[0].id)
    assert db.session.scalar(in_use) == 1


def test_every_step_stands_in_the_audit_log(season, lea, ana, ben):
    made = propose(season, ana)
    settling.object_to(season.committee, season.paper(), made.id, words="No.", actor=ben)
    settling.agree(season.committee, season.paper(), made.id, actor=ben)
    settle(season, made, lea)
    actions = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    wanted = ["committee.begun", "committee.papers_proposed", "committee.invited", "committee.opened", "committee_read.sent",
              "committee_read.sent", "consensus.proposed", "consensus.objected", "consensus.agreed", "paper.kept",
              "committee.paper_settled"]  # fmt: skip
    assert [each for each in actions if each.startswith(("committee", "consensus", "paper"))] == wanted


def test_results_say_the_spread_and_how_sure_it_is(app, ana, ben, lea):
    season = Season(ana, ben, count=40)
    third = build.a_person()
    season.open(lea, [ana, ben, third], papers=2)
    for person, claim in ((ana, 3), (ben, 3), (third, 2)):
        season.send(person, claim=claim, evidence=4)
    models = results.models_of(season.committee)
    claim, evidence = results.Results(season.committee, season.paper(), ana, models).traits
    assert (
        claim.agreement
        == "2 of 3 gave a 3. Of 3 pairs of members, 1 gave the same score; 2 were one point apart."
    )
    assert evidence.agreement == "All 3 members gave a 4."
    assert evidence.certainty.startswith("Sure: a 4")
    assert [count for _, _, count, _ in claim.rows] == [0, 2, 1, 0]
    assert sum(claim.chances) == pytest.approx(1)
    assert claim.mine == 3
    few = results.Results(season.committee, season.paper(), ana, {})
    assert "can not be worked out" in few.traits[0].certainty
    assert few.suggested == {claim.trait.id: 3, evidence.trait.id: 4}


def test_agreement_over_all_papers_counts_only_what_may_be_seen(season, lea, ana, ben):
    season.send(ana, 1, claim=1)
    places = [season.place(ana, number) for number in range(4)]
    assert (
        results.together(season.committee, places)[0][1]
        == "The same score: 100 %. Within one point: 100 %. From 1 paper and 1 pair of scores."
    )
    places = [season.place(lea, number) for number in range(4)]
    assert len(results.together(season.committee, places)) == 2


def test_agreement_over_papers_counts_each_paper_once(app, ana, ben, lea):
    """Four members agree on one paper, two differ on each of the others: 6 of 10 pairs, and 1 of 5 papers."""
    season = Season(ana, ben, count=5)
    members = [build.a_person() for _ in range(4)]
    season.open(lea, members)
    for number in range(5):
        for place, member in enumerate(members if number == 0 else members[:2]):
            season.send(member, number, claim=3 if number == 0 else 3 - place)
    for number in range(1, 5):
        for member in members[2:]:
            reading.pass_on(season.committee, season.paper(number), actor=member)
    said = dict(results.together(season.committee, [season.place(lea, number) for number in range(5)]))
    assert (
        said["Claim"]
        == "The same score: 20 % (4 % to 62 %). Within one point: 100 %. From 5 papers and 10 pairs of scores."
    )


@pytest.mark.engines("sqlite")
def test_the_page_of_a_paper_leads_to_consensus(season, sign_in, lea, ana, ben):
    member, leader = sign_in(ana), sign_in(lea)
    form = {
        "score-claim": "3",
        "score-evidence": "3",
        "why-claim": "One side.",
        "why-evidence": "",
        "kind": "solid",
        "commentary": "",
    }
    assert member.post(season.paper_url(part="/consensus"), data=form).status_code == 302
    made = season.paper().on_the_table
    page = sign_in(ben).get(season.paper_url()).get_data(as_text=True)
    assert "Proposed by Ana Ortiz" in page
    assert "I agree" in page
    wrong = leader.post(season.paper_url(part="/settle"), data={"consensus": made.id, "reason": ""})
    assert (wrong.status_code, b"Not everybody agrees" in wrong.data) == (422, True)
    assert sign_in(ben).post(season.paper_url(part="/agree"), data={"consensus": made.id}).status_code == 302
    assert "Everybody agrees." in leader.get(season.paper_url()).get_data(as_text=True)
    assert leader.post(season.paper_url(part="/settle"), data={"consensus": made.id}).status_code == 302
    assert b"Settled" in member.get(season.paper_url()).data
    assert (
        member.post(
            season.paper_url(part="/object"), data={"consensus": made.id, "words": "Late."}
        ).status_code
        == 409
    )


def test_settling_other_scores_than_an_anchor_has_says_what_it_retires(season, sign_in, lea, ana, ben, alder):
    made = propose(season, ana)
    settling.agree(season.committee, season.paper(), made.id, actor=ben)
    anchor = papers.promote(
        season.responses[0], season.rubric, event=season.event, scores=season.scores(2, 3), actor=lea
    )
    practice = sets.create_set(alder, season.rubric, name="Spring", purpose="practice", actor=lea)
    sets.add_paper(practice, anchor, actor=lea)
    client, words = sign_in(lea), "Claim 2 becomes 3. That paper is retired"
    page = client.get(season.paper_url()).get_data(as_text=True)
    assert words in page and "It stands in Spring (practice, begun)" in page
    assert words not in sign_in(ana).get(season.paper_url()).get_data(as_text=True)
    client.post(season.paper_url(part="/settle"), data={"consensus": made.id})
    assert words in client.get(season.paper_url()).get_data(as_text=True)
    assert anchor.retired_at is not None


def test_a_trait_on_which_members_are_split_is_left_open(season, sign_in, ana):
    found = results.Results(season.committee, season.paper(), ana, {})
    claim, evidence = season.rubric.traits
    assert (found.suggested, [each.split for each in found.traits]) == ({claim.id: 3}, ["", "2 and 3"])
    page = sign_in(ana).get(season.paper_url(part="/consensus")).get_data(as_text=True)
    assert "split between 2 and 3, so nothing is chosen for you" in page
    assert page.count("checked") == 2  # the claim, and the kind


def test_quotes_are_counted_in_words_that_no_score_could_be(season, sign_in, lea, ana):
    season.paper().reads[0].scores[1].evidence = "It names a number."
    db.session.commit()
    assert "What 1 member points to, Evidence" in sign_in(ana).get(season.paper_url()).get_data(as_text=True)
