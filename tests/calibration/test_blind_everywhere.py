"""One piece of work in two places at once: whoever is asked to score it blind meets its scores in neither."""

import re
from datetime import timedelta

import pytest

from calibration.community import sharing
from calibration.discussions import seeing
from calibration.discussions import services as discussions
from calibration.papers import blind, finder, secrecy, services, sets
from calibration.papers.models import Paper, SetPurpose
from calibration.papers.services import paper_query
from calibration.qualification import coaching
from calibration.qualification import services as qualification
from calibration.qualification.steps import Stage
from calibration.rangefinding import proposing
from calibration.rangefinding import services as committees
from calibration.rangefinding.standing import Standing
from calibration.sessions import discussing, minutes, room, running, sheets, sights
from calibration.sessions.models import Form
from scoring.db import at, db, now, transaction
from scoring.errors import Conflict, NotAllowed, NotAvailable, NotFound
from scoring.people.models import Membership
from scoring.permissions import Role
from scoring.responses.models import RosterEntry
from tests import build
from tests.calibration.qualification.world import World
from tests.calibration.rangefinding.season import Season
from tests.calibration.sessions.room import DAYS, Room, shown_as_anchor

GAVE = re.compile(r"All (?:2 members )?gave a \d")


@pytest.fixture
def met(lea, ana, ben, ada):
    """Lea's room; Ada is a leader beside her."""
    return Room(lea, ana, ben, ada)


def committee_on(met, members, actor):
    """An open committee on the first paper's response."""
    season = met.season
    made = committees.begin(season.event, season.task, season.event.organization, name="Beside", actor=actor)
    proposing.propose(made, [met.papers[0].response_id], actor=actor)
    committees.invite(made, members, actor=actor)
    return committees.open_committee(made, actor=actor)


# Asked, so nothing is shown


def test_a_leader_who_is_asked_in_one_committee_reads_nothing_in_another(app, ana, ben, ada, lea, sign_in):
    season = Season(ana, ben)
    asked = season.begin(lea, [lea, build.a_person()], papers=1, name="Asked")
    committees.open_committee(asked, actor=lea)
    led = season.begin(lea, [ada, build.a_person()], papers=1, name="Led")
    committees.open_committee(led, actor=lea)
    for member in led.members:
        season.send(member.person, 0, 4)
    page, response = f"/range-finding/{led.id}/papers/{led.proposed[0].id}", season.responses[0]
    assert blind.owes(lea, [response.id]) == {response.id}
    assert not GAVE.search(sign_in(lea).get(page).text)
    with pytest.raises(NotFound):
        finder.response_in(season.event, season.task, response.code, lea)
    season.committee = asked
    season.send(lea, 0, 4)
    assert blind.owes(lea, [response.id]) == set()
    assert GAVE.search(sign_in(lea).get(page).text)
    assert finder.response_in(season.event, season.task, response.code, lea)[1] == response


def test_who_teaches_the_student_or_passed_or_left_owes_nothing(app, ana, ben, ada, lea):
    season = Season(ana, ben)
    teacher, other = build.a_person(), build.a_person()
    with transaction() as session:
        session.add(RosterEntry(person_id=teacher.id, student_id=season.responses[0].student_id))
    season.open(lea, [teacher, ada, other], papers=1)
    ids = [season.responses[0].id]
    assert [bool(blind.owes(each, ids)) for each in (teacher, ada, other, lea)] == [False, True, True, False]
    committees.leave(season.committee, actor=other)
    assert blind.owes(other, ids) == set()


def test_a_paper_of_a_session_is_on_no_shelf_for_those_who_have_not_scored_it(
    app, met, ana, ben, ada, lea, sign_in
):
    paper = met.papers[0]
    shown_as_anchor(met, paper)
    thread = discussions.start("paper", paper.id, title="Why?", words="A secret.", actor=lea)
    sharing.share(paper, actor=lea)
    shelf = f"/anchors/for/{met.season.event.id}/{met.season.task.id}"
    meeting = met.open(Form.ASYNCHRONOUS, papers=1, people=[ana, ben, ada])

    def places(person):
        found = [db.session.scalar(seeing.visible_threads(person)) == thread]
        if person is ada:
            found += [
                db.session.scalar(query) is not None
                for query in (paper_query(ada).where(Paper.id == paper.id), sharing.shared_papers(ada))
            ]
        else:
            found.append('class="anchor ' in sign_in(person).get(shelf).text)
        return set(found)

    before = [places(ana), places(ada)]
    for person in (ana, ada):
        met.score(meeting.papers[0], person)
    assert (before, [places(ana), places(ada)]) == ([{False}] * 2, [{True}] * 2)
    assert places(ben) == {False}
    assert db.session.scalar(paper_query(lea).where(Paper.id == paper.id)) is not None  # who leads prepares


def test_a_session_shows_nothing_while_a_committee_waits(app, met, ana, ben, ada, lea):
    committee_on(met, [ana, ada], lea)
    meeting = met.open(Form.ASYNCHRONOUS, papers=1, people=[ana, ben])
    for person in (ana, ben, lea):
        met.score(meeting.papers[0], person, 2, 3)
    found = [sights.sight_of(meeting.papers[0], met.seat(meeting, person)) for person in (ana, ben)]
    assert found == [sights.Sight.IN, sights.Sight.SHOWN]
    with at(now() + 4 * DAYS):
        running.close(meeting, actor=lea)
        told = [
            minutes.minutes_of(meeting, met.seat(meeting, each), each, leads=False) for each in (ana, ben)
        ]
    assert [(len(each.papers), each.left_out) for each in told] == [(0, 1), (1, 0)]


def test_nobody_looks_on_at_work_they_are_asked_to_score_elsewhere(app, met, ana, ben, ada, lea):
    meeting = met.open(Form.ASYNCHRONOUS, papers=1, people=[ana, ben])
    committee_on(met, [ana, ada], lea)
    with pytest.raises(NotAvailable, match="still asked to score this work blind"):
        sheets.observe(meeting.papers[0], actor=ana)
    sheets.observe(meeting.papers[0], actor=ben)


def test_a_set_shows_no_scores_of_what_its_leader_is_asked_to_score(app, lea, ana, nell, sign_in):
    with transaction() as session:
        session.add(Membership(person=lea, role=Role.SCORER, organization=build.organization("alder-high")))
    db.session.refresh(lea)
    world = World(lea)
    tested = world.a_set(Stage.QUALIFICATION, [world.a_paper(score) for score in (1, 2, 3, 4)])
    for item in tested.items:
        item.paper.agreements.clear()
    db.session.commit()
    program = world.a_program(practice=(), qualification=(tested,))
    page = f"/anchors/sets/{tested.id}"
    assert "Score it blind first" not in sign_in(lea).get(page).text
    qualification.begin_try(program, lea)
    text = sign_in(lea).get(page).text
    assert text.count("Score it blind first") == 4
    assert "Claim 1" not in text
    with pytest.raises(NotAllowed, match="themselves"):
        coaching.grant(program, lea.id, reason="Me.", actor=lea)


# Met, so not counted as blind


def test_scores_after_a_look_at_the_anchors_are_not_blind(app, met, ana, ben, sign_in):
    shown_as_anchor(met, met.papers[0])
    sign_in(ana).get(f"/anchors/for/{met.season.event.id}/{met.season.task.id}")
    meeting = met.open(Form.ASYNCHRONOUS, papers=2, people=[ana, ben])
    late = [met.score(paper, person).is_late for paper in meeting.papers for person in (ana, ben)]
    assert late == [True, False, False, False]


def test_the_second_session_on_a_paper_is_not_blind_for_those_of_the_first(app, met, ana, ben, ada, lea):
    first = met.open(Form.ASYNCHRONOUS, papers=1, people=[ana, ben])
    for person in (ana, ben, lea):
        met.score(first.papers[0], person)
    second = met.open(Form.ASYNCHRONOUS, papers=1, people=[ana, ada])
    assert [met.score(second.papers[0], person).is_late for person in (ana, ada)] == [True, False]


def test_a_committee_does_not_ask_those_who_met_the_work_in_a_session(app, met, ana, ben, ada, lea):
    meeting = met.open(Form.ASYNCHRONOUS, papers=1, people=[ana, ben])
    for person in (ana, ben, lea):
        met.score(meeting.papers[0], person)
    committee = committee_on(met, [ana, ada, build.a_person()], lea)
    assert [Standing(committee, each).places[0].is_asked for each in (ana, ada)] == [False, True]


# Tests that nobody can read the key of


def test_nobody_comes_late_to_work_that_tests_people_by_now(app, met, ana, ben, lea):
    cara = build.a_person()
    meeting = met.open(Form.ASYNCHRONOUS, papers=1, people=[ana, ben, cara])
    for person in (ana, ben):
        met.score(meeting.papers[0], person)
    with at(now() + 4 * DAYS):
        tested = sets.create_set(
            met.season.event.organization,
            met.rubric,
            name="Test",
            purpose=SetPurpose.QUALIFICATION,
            actor=lea,
        )
        sets.add_papers(tested, [met.papers[0]], actor=lea)
        sets.freeze_set(tested, actor=lea)
        with pytest.raises(Conflict, match="shown to nobody new"):
            sheets.observe(meeting.papers[0], actor=cara)
        with pytest.raises(Conflict, match="shown to nobody new"):
            met.score(meeting.papers[0], cara)


def test_what_somebody_learns_during_a_try_is_taken_out_of_it(app, lea, ana):
    world = World(lea)
    tested = world.a_set(Stage.QUALIFICATION, 4)
    attempt = qualification.begin_try(world.a_program(practice=(), qualification=(tested,)), ana)
    with at(now() + timedelta(seconds=5)):
        blind.note_shown(ana, [attempt.papers[0].paper.response_id])
        assert qualification.next_paper(attempt, ana).position == 2


def test_the_debrief_is_not_told_to_who_has_still_to_score(app, met, ana, ben, ada, lea):
    meeting = met.begin(lea, ana, ben, papers=1)
    met.go_to(meeting, "score")
    for person in (ana, ben, lea):
        met.score(meeting.papers[0], person)
    met.go_to(meeting, "debrief")
    discussing.answer_debrief(meeting, {"rubric": "The claim was a clear 2."}, actor=ana)
    seats = [met.seat(meeting, person) for person in (ben, ada)]
    assert [bool(room.room_of(seat).answers) for seat in seats] == [True, False]


def test_papers_that_test_people_stand_in_no_set_that_shows_scores(app, lea):
    world = World(lea)
    papers = [world.a_paper(score) for score in (1, 2)]
    world.a_set(Stage.QUALIFICATION, papers)
    for purpose in (SetPurpose.PRACTICE, SetPurpose.CALIBRATION, SetPurpose.ANCHOR, SetPurpose.VALIDITY):
        assert secrecy.why_not(papers[0], purpose), purpose
    assert secrecy.why_not(papers[0], SetPurpose.QUALIFICATION) is None
    practice = world.a_set(Stage.PRACTICE, 1)
    assert "another purpose" in secrecy.why_not(practice.papers[0], SetPurpose.QUALIFICATION)


def test_a_retired_anchor_tests_nobody(app, met, lea):
    paper = met.papers[0]
    shown_as_anchor(met, paper)
    services.retire(paper, actor=lea)
    again = met.season.keep("two", lea)
    assert "or did" in secrecy.why_not(again, SetPurpose.QUALIFICATION)
    assert "or did" in secrecy.why_not(again, SetPurpose.VALIDITY)


def test_what_a_committee_still_scores_is_shown_to_no_scorer(app, met, ana, ada, lea):
    committee = committee_on(met, [ana, ada], lea)
    with pytest.raises(Conflict, match="still waits for blind scores"):
        services.show(met.papers[0], actor=lea)
    committees.close_scoring(committee, actor=lea)
    assert not services.show(met.papers[0], actor=lea).is_kept
