"""Committees: who begins, joins and opens one, which papers it may look at, and who learns of it."""

from datetime import timedelta

import pytest

from calibration.papers import services as papers
from calibration.papers import sets
from calibration.rangefinding import finding, proposing, services
from calibration.rangefinding.models import CommitteeStatus
from calibration.rangefinding.standing import Standing
from calibration.rangefinding.waiting import waiting_for
from scoring.db import at, db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.permissions import Role
from scoring.reads.models import Concern, ConcernKind
from scoring.reads.seen import seen_by
from scoring.responses.models import RosterEntry
from tests import build
from tests.calibration.papers.season import keep_back
from tests.calibration.rangefinding.season import Season, seat


@pytest.fixture
def season(app, ana, ben):
    return Season(ana, ben)


def test_a_committee_begins_as_a_draft_that_only_leaders_see(season, lea, ada, ana, eve, nell):
    made = season.begin(lea, [ana, ada])
    assert made.status is CommitteeStatus.DRAFT
    for leader in (lea, ada, nell):
        assert finding.committee_by_id(made.id, leader) is made
    for other in (ana, eve):
        with pytest.raises(NotFound):
            finding.committee_by_id(made.id, other)
    assert waiting_for(ana) == []


def test_members_see_an_open_committee_and_others_never(season, lea, ana, ben, eve):
    made = season.open(lea, [ana, ben])
    assert finding.committee_by_id(made.id, ana) is made
    assert [each.title for each in waiting_for(ana)] == ["Range-finding: Fall anchors"]
    assert '4 papers of "Later start" wait' in waiting_for(ana)[0].detail
    with pytest.raises(NotFound):
        finding.committee_by_id(made.id, eve)
    for stranger in (ana, eve):
        with pytest.raises(NotFound):
            finding.led_by_id(made.id, stranger)


def test_only_those_who_choose_anchors_there_begin_one(season, ana, eve, alder, birch, lea):
    for person, home in ((ana, alder), (eve, birch), (lea, birch)):
        with pytest.raises(NotAllowed):
            services.begin(season.event, season.task, home, name="Mine", actor=person)


@pytest.mark.parametrize(("name", "message"), [("", ""), ("x" * 101, ""), ("Fine", "x" * 2001)])
def test_a_committee_needs_a_name_and_a_message_that_fits(season, lea, alder, name, message):
    with pytest.raises(Invalid):
        services.begin(season.event, season.task, alder, name=name, message=message, actor=lea)


def test_it_opens_with_papers_and_two_members(season, lea, ana, ben, alder):
    empty = services.begin(season.event, season.task, alder, name="Empty", actor=lea)
    with pytest.raises(Conflict, match=r"at least one paper.*at least 2 members"):
        services.open_committee(empty, actor=lea)
    season.begin(lea, [ana])
    with pytest.raises(Conflict, match="2 members"):
        services.open_committee(season.committee, actor=lea)
    services.invite(season.committee, [ben], actor=lea)
    assert services.open_committee(season.committee, actor=lea).is_scoring
    with pytest.raises(Conflict, match="open already"):
        services.open_committee(season.committee, actor=lea)


def test_people_of_other_districts_are_not_invited(season, lea, ana, eve):
    season.begin(lea, [ana])
    with pytest.raises(Invalid):
        services.invite(season.committee, [eve], actor=lea)
    assert eve not in db.session.scalars(finding.people_to_invite(season.committee)).all()


def test_a_network_committee_invites_across_districts(app, ana, ben, nell, eve, network):
    season = Season(ana, ben, districts=("alder", "birch"))
    season.open(nell, [ana, eve], organization=network)
    assert finding.committee_by_id(season.committee.id, eve) is season.committee


def test_admins_of_a_district_are_not_asked_to_score(season, lea, dora):
    season.begin(lea)
    assert dora not in db.session.scalars(finding.people_to_invite(season.committee)).all()


def test_the_list_is_put_in_order_before_it_opens(season, lea, ana, ben):
    season.begin(lea, [ana, ben])
    first, second, third, fourth = season.committee.proposed
    proposing.move(season.committee, first, 1, actor=lea)
    proposing.move(season.committee, second, -1, actor=lea)  # at the start already
    proposing.withdraw(season.committee, third, actor=lea)
    assert season.committee.proposed == [second, first, fourth]
    services.open_committee(season.committee, actor=lea)
    for change in (proposing.withdraw, lambda *args, **who: proposing.move(*args, 1, **who)):
        with pytest.raises(Conflict, match="list stays"):
            change(season.committee, first, actor=lea)


def test_responses_that_may_still_be_scored_are_not_proposed(season, lea, ana, alder):
    waiting, worrying = build.responses(2, season.task)
    made = services.begin(season.event, season.task, alder, name="Late", actor=lea)
    with transaction() as session:
        session.add(Concern(event_id=season.event.id, response_id=season.responses[0].id, scorer_id=ana.id,
                            kind=ConcernKind.ALERT, words="They write about being hurt."))  # fmt: skip
    for response in (waiting, worrying, season.responses[0]):
        with pytest.raises(Conflict, match="can not be proposed"):
            proposing.propose(made, [response.id], actor=lea)
    assert len(proposing.Suggestions(made, "twice").items) == 3
    assert made.proposed == []


def test_anchors_and_papers_in_sets_are_known_and_not_proposed(season, lea, alder):
    shown, in_set, kept, _ = season.responses
    made = [
        verb(response, season.rubric, event=season.event, scores=season.scores(2), actor=lea)
        for verb, response in ((papers.promote, shown), (papers.keep, in_set), (papers.keep, kept))
    ]
    practice = sets.create_set(alder, season.rubric, name="Practice", purpose="practice", actor=lea)
    sets.add_paper(practice, made[1], actor=lea)
    committee = services.begin(season.event, season.task, alder, name="Anew", actor=lea)
    assert [each.response for each in proposing.Suggestions(committee, "kept").items] == [kept]
    for response in (shown, in_set):
        with pytest.raises(Conflict):
            proposing.propose(committee, [response.id], actor=lea)


def test_suggestions_of_the_finder_come_with_their_reason(season, lea, alder):
    made = services.begin(season.event, season.task, alder, name="Solid", actor=lea)
    found = proposing.Suggestions(made, "solid")
    assert (found.total, found.pages, found.has_next) == (4, 1, False)
    assert "same score on every trait" in found.items[0].why
    proposing.propose(made, proposing.by_codes(made, [found.items[0].response.code, "NOT-THERE"]), actor=lea)
    assert proposing.Suggestions(made, "solid").total == 3


def test_whoever_is_in_a_committee_has_seen_its_papers(season, lea, ana, ben, ada):
    def seen(person):
        return set(db.session.scalars(seen_by(person)))

    season.begin(lea, [ana, ben], papers=2)
    assert seen(ana) == set()
    services.open_committee(season.committee, actor=lea)
    first, second, third, _ = season.responses
    assert seen(ana) == seen(ben) == {first.id, second.id}
    proposing.propose(season.committee, [third.id], actor=lea)
    assert seen(ana) == {first.id, second.id, third.id}
    late = build.a_person()
    services.invite(season.committee, [late], actor=lea)
    assert seen(late) == seen(ana)
    services.remove_member(season.committee, late.id, actor=lea)
    assert seen(late) == seen(ana)
    assert seen(ada) == set()


def test_nobody_is_given_the_work_of_an_own_student(season, lea, ana, ben):
    with transaction() as session:
        session.add(RosterEntry(person_id=ana.id, student_id=season.responses[1].student_id, source="roster"))
    cy = build.a_person()
    season.open(lea, [ana, ben, cy])
    assert [place.is_asked for place in Standing(season.committee, ana).places] == [True, False, True, True]
    assert season.place(ana, 1).asked == {ben.id, cy.id}
    with pytest.raises(NotFound):
        season.send(ana, 1)


def test_a_leader_joins_only_before_it_opens(season, lea, ana, ben, ada):
    season.open(lea, [ana, ben])
    with pytest.raises(Conflict, match="may have seen"):
        services.invite(season.committee, [ada], actor=lea)
    assert seat(season.committee, ada) is None


def test_who_leaves_gets_nothing_more_and_what_was_sent_stays(season, lea, ana, ben):
    third = build.a_person()
    season.open(lea, [ana, ben, third])
    season.send(ana)
    services.leave(season.committee, actor=ana)
    with pytest.raises(NotFound):
        finding.committee_by_id(season.committee.id, ana)
    assert season.place(ben).asked == {ana.id, ben.id, third.id}
    assert season.place(ben, 1).asked == {ben.id, third.id}
    with pytest.raises(NotFound):
        services.leave(season.committee, actor=ana)
    services.invite(season.committee, [ana], actor=lea)
    assert season.place(ana).is_in


def test_a_seat_in_a_draft_leaves_no_trace(season, lea, ana, ben):
    season.begin(lea, [ana, ben])
    services.remove_member(season.committee, ana.id, actor=lea)
    assert [each.person_id for each in season.committee.members] == [ben.id]


def test_a_committee_is_closed_ended_or_discarded_by_its_leaders_only(season, lea, ana, ben, eve):
    season.open(lea, [ana, ben])
    for deed in (services.close_scoring, services.finish, services.discard):
        for person in (ana, eve):
            with pytest.raises(NotFound):
                deed(season.committee, actor=person)
    with pytest.raises(Conflict, match="opened already"):
        services.discard(season.committee, actor=lea)
    services.close_scoring(season.committee, actor=lea)
    with pytest.raises(Conflict, match="no scores now"):
        services.close_scoring(season.committee, actor=lea)
    with pytest.raises(Conflict, match="Scoring is over"):
        services.invite(season.committee, [build.a_person()], actor=lea)
    services.finish(season.committee, actor=lea)
    with pytest.raises(Conflict, match="finished"):
        services.change(season.committee, name="New", message="", due_at=None, actor=lea)
    assert waiting_for(ana) == []


def test_a_date_that_has_passed_is_refused_and_the_year_is_told(season, lea, ana, ben, sign_in):
    committee, due = season.open(lea, [ana, ben]), now() + timedelta(days=2)
    client, facts = sign_in(lea), {"name": "Fall anchors", "message": ""}
    for page in (f"{season.url}/edit", f"/range-finding/new/{season.event.code}/{season.task.id}"):
        sent = facts | {"organization": committee.organization_id, "due_at": "2020-01-01T00:00"}
        reply = client.post(page, data=sent)
        assert reply.status_code == 422 and b"This moment has passed." in reply.data
    services.change(committee, **facts, due_at=due, actor=lea)
    assert f"asked for by {due:%B} {due.day}, {due.year}." in waiting_for(ana)[0].detail
    with at(due + timedelta(days=1)):
        services.change(
            committee, **facts | {"name": "Late"}, due_at=due, actor=lea
        )  # the date that stood may stay
    assert committee.name == "Late"


def test_a_draft_can_be_thrown_away(season, lea, ana):
    made = season.begin(lea, [ana])
    services.discard(made, actor=lea)
    with pytest.raises(NotFound):
        finding.committee_by_id(made.id, lea)


def test_a_dropped_paper_has_a_reason_and_can_be_taken_up_again(season, lea, ana, ben):
    season.open(lea, [ana, ben])
    with pytest.raises(Invalid, match="Say why"):
        proposing.drop(season.committee, season.paper(), reason=" ", actor=lea)
    proposing.drop(season.committee, season.paper(), reason="The scan is cut off.", actor=lea)
    with pytest.raises(Conflict):
        season.send(ana)
    assert Standing(season.committee, ana).left == 3
    proposing.take_up(season.committee, season.paper(), actor=lea)
    season.send(ana)
    with pytest.raises(NotFound):
        proposing.drop(season.committee, season.paper(), reason="I say so.", actor=ana)


def test_work_that_its_district_keeps_back_is_scored_by_nobody(season, lea, ana, ben):
    season.open(lea, [ana, ben])
    keep_back(season.responses[0])
    assert season.place(ana).is_hidden
    assert not season.place(ana).may_score
    with pytest.raises(Conflict):
        season.send(ana)


def test_a_hidden_response_is_scored_by_nobody(season, lea, ana, ben):
    season.open(lea, [ana, ben])
    with transaction() as session:
        session.add(Concern(event_id=season.event.id, response_id=season.responses[0].id, scorer_id=ben.id,
                            kind=ConcernKind.ALERT, words="They write about being hurt."))  # fmt: skip
    assert season.place(ana).is_hidden
    with pytest.raises(Conflict):
        season.send(ana)
    assert Standing(season.committee, ana).left == 3


def test_a_leader_of_another_district_is_nobody_here(season, lea, ana, ben):
    season.open(lea, [ana, ben])
    bo = build.a_person(Role.LEADER, build.organization("birch"))
    assert not finding.leads(season.committee, bo)
    for deed in (
        lambda: services.invite(season.committee, [build.a_person()], actor=bo),
        lambda: proposing.drop(season.committee, season.paper(), reason="Mine", actor=bo),
        lambda: services.close_scoring(season.committee, actor=bo),
    ):
        with pytest.raises(NotFound):
            deed()


def test_nobody_scores_a_paper_again_that_they_met_in_an_earlier_committee(season, lea, ana, ben):
    first = season.open(lea, [ana, ben], papers=2)
    cy, dee = build.a_person(), build.a_person()
    second = season.open(lea, [ana, cy, dee], papers=3, name="Once more")
    asked = [place.asked for place in Standing(second, lea).places]
    assert asked == [{cy.id, dee.id}, {cy.id, dee.id}, {ana.id, cy.id, dee.id}]
    assert [place.asked for place in Standing(first, lea).places] == [{ana.id, ben.id}] * 2
    with pytest.raises(NotFound):
        season.send(ana)


def test_every_paper_needs_two_members_who_can_score_it(season, sign_in, lea, ana, ben):
    season.open(lea, [ana, ben], papers=1)
    made = season.begin(lea, [ana, ben], papers=2, name="Once more")
    known = season.responses[0].code
    with pytest.raises(
        Conflict, match=f"Fewer than 2 members can score {known}: .* Invite others, or leave it out"
    ):
        services.open_committee(made, actor=lea)
    client = sign_in(lea)
    page = client.get(season.url).get_data(as_text=True)
    assert page.count('data-label="Can score">1 of 2<') == 2
    assert f"can score {known}" in page
    cy, dee = build.a_person(), build.a_person()
    page = client.get(f"{season.url}/members").get_data(as_text=True)
    assert page.count('data-label="Can score">2 of 2<') >= 2
    services.invite(made, [cy, dee], actor=lea)
    assert services.open_committee(made, actor=lea).is_scoring
    services.remove_member(made, cy.id, actor=lea)
    services.remove_member(made, ana.id, actor=lea)
    with transaction() as session:
        session.add(RosterEntry(person_id=dee.id, student_id=season.responses[2].student_id, source="roster"))
    with pytest.raises(
        Conflict, match=f"Nothing was added. Fewer than 2 members can score {season.responses[2].code}"
    ):
        proposing.propose(made, [season.responses[2].id], actor=lea)
    assert len(made.proposed) == 2
    proposing.propose(made, [season.responses[3].id], actor=lea)
