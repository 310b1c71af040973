"""Practice, tries and recalibration: what scorers go through, and what the queue learns of it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from calibration.papers import services as papers
from calibration.qualification import choosing, coaching, programs, results, services, standings
from calibration.qualification.models import Attempt, AttemptScore
from calibration.qualification.rules import Judging, Rule, Scope
from calibration.qualification.steps import Stage, State
from scoring.audit import AuditEntry
from scoring.db import at, db, now, transaction
from scoring.errors import Conflict, Invalid, NotAvailable, NotFound
from scoring.reads import qualifying
from scoring.responses.models import RosterEntry
from tests import build
from tests.calibration.qualification.world import World, finish, practiced, shifted, tried


def state(program, person):
    return standings.standing_of(program, person).place.state


def stands(person, program):
    latest = qualifying.latest_of([person.id], program.rubric_id)
    return qualifying.standings_of(latest.values(), now()).get(person.id)


# Practice


def test_practice_comes_in_order_and_then_a_try(world, ana):
    program = world.a_program(practice=(2, 1))
    first, second = program.steps_of(Stage.PRACTICE)
    assert state(program, ana) is State.NOT_BEGUN
    for begin in (
        lambda: services.begin_practice(program, second.id, ana),
        lambda: services.begin_try(program, ana),
    ):
        with pytest.raises(Conflict, match="Practice set 1 comes first"):
            begin()
    attempt = services.begin_practice(program, first.id, ana)
    assert services.begin_practice(program, first.id, ana).id == attempt.id
    assert state(program, ana) is State.PRACTICING
    finish(attempt, ana)
    assert attempt.ended_at is not None and attempt.passed is None
    finish(services.begin_practice(program, second.id, ana), ana)
    assert state(program, ana) is State.READY


def test_a_practice_set_can_be_repeated_but_only_one_goes_on_at_a_time(world, ana):
    program = world.a_program(practice=(1, 2))
    first, second = program.steps_of(Stage.PRACTICE)
    finish(services.begin_practice(program, first.id, ana), ana)
    repeated = services.begin_practice(program, first.id, ana)
    assert repeated.number == 2
    with pytest.raises(Conflict, match="another practice set"):
        services.begin_practice(program, second.id, ana)
    finish(repeated, ana)
    services.begin_practice(program, second.id, ana)


def test_practice_goes_on_where_it_was_left(world, ana):
    program = world.a_program(practice=(3,))
    attempt = services.begin_practice(program, program.steps_of(Stage.PRACTICE)[0].id, ana)
    paper = services.next_paper(attempt, ana)
    services.submit(attempt, ana, paper.position, shifted(paper.paper))
    assert services.next_paper(attempt, ana).position == 2
    assert standings.standing_of(program, ana).open_of(Stage.PRACTICE).done == 1


def test_what_is_in_stays_and_what_is_not_next_is_refused(world, ana):
    program = world.a_program(practice=(3,))
    attempt = services.begin_practice(program, program.steps_of(Stage.PRACTICE)[0].id, ana)
    first = attempt.papers[0]
    services.submit(attempt, ana, 1, shifted(first.paper, 1))
    services.submit(attempt, ana, 1, shifted(first.paper, 0))
    given = db.session.scalars(
        sa.select(AttemptScore.score).where(AttemptScore.attempt_paper_id == first.id)
    ).all()
    assert given == [2, 2]
    with pytest.raises(Conflict, match="Another paper comes first"):
        services.submit(attempt, ana, 3, shifted(first.paper))
    with pytest.raises(Conflict):
        services.submit(attempt, ana, 99, shifted(first.paper))


@pytest.mark.parametrize(
    "scores", [{}, {"claim": 3}, {"claim": 9, "evidence": 3}, {"claim": 3, "evidence": 3, "voice": 3}]
)
def test_scores_are_held_against_the_rubric(world, ana, scores):
    program = world.a_program(practice=(1,))
    attempt = services.begin_practice(program, program.steps_of(Stage.PRACTICE)[0].id, ana)
    with pytest.raises(Invalid):
        services.submit(attempt, ana, 1, scores)
    assert not attempt.papers[0].is_in


def test_consensus_scores_are_told_of_practice_papers_that_are_in_and_of_nothing_else(world, ana, ben):
    program = world.a_program(practice=(2,))
    attempt = services.begin_practice(program, program.steps_of(Stage.PRACTICE)[0].id, ana)
    services.submit(attempt, ana, 1, shifted(attempt.papers[0].paper, 1))
    rows = results.compare(services.scored_paper(attempt, 1), services.sheet_for(attempt))
    assert [(row.own, row.consensus, row.words) for row in rows] == [(2, 3, "You gave 1 point less")] * 2
    for number in (2, 3):
        with pytest.raises(NotFound):
            services.scored_paper(attempt, number)
    finish(attempt, ana)
    a_try = services.begin_try(program, ana)
    services.submit(a_try, ana, 1, shifted(a_try.papers[0].paper))
    with pytest.raises(NotFound):
        services.scored_paper(a_try, 1)
    with pytest.raises(NotFound):
        services.attempt_by_id(attempt.id, ben)


# A try


def test_passing_grants_the_qualification_until_it_expires(world, ana):
    program = world.a_program(expiry_days=30, recalibration=(5,))
    practiced(program, ana)
    attempt = tried(program, ana)
    fact = attempt.qualification
    assert (attempt.passed, fact.person_id, fact.rubric_id, fact.away_hours) == (
        True,
        ana.id,
        program.rubric_id,
        24,
    )
    assert abs(fact.expires_at - now() - timedelta(days=30)) < timedelta(minutes=1)
    assert state(program, ana) is State.QUALIFIED
    with pytest.raises(Conflict, match="nothing of this kind"):
        services.begin_try(program, ana)
    with at(now() + timedelta(days=31)):
        assert state(program, ana) is State.EXPIRED
        assert stands(ana, program) is qualifying.Standing.EXPIRED


def test_without_recalibration_sets_nobody_is_sent_away(world, ana):
    program = world.a_program(expiry_days=None)
    practiced(program, ana)
    fact = tried(program, ana).qualification
    assert (fact.away_hours, fact.recheck_at, fact.expires_at) == (None, None, None)


def test_failing_withholds_and_a_second_try_has_other_papers(world, ana):
    program = world.a_program()
    practiced(program, ana)
    first = tried(program, ana, off=1)
    assert (first.passed, first.qualification_id, state(program, ana)) == (False, None, State.MAY_TRY_AGAIN)
    second = tried(program, ana, off=2, wrong=1)
    assert not {each.paper_id for each in first.papers} & {each.paper_id for each in second.papers}
    assert state(program, ana) is State.NEEDS_COACH
    with pytest.raises(Conflict):
        services.begin_try(program, ana)
    assert stands(ana, program) is None


def test_after_the_last_try_comes_a_coach_and_then_another_try_with_the_oldest_papers(world, ana, lea):
    program = world.a_program()
    practiced(program, ana)
    with pytest.raises(Conflict, match="no failed try"):
        coaching.coach(program, ana.id, note="Read the anchors.", actor=lea)
    first, _ = tried(program, ana, off=1), tried(program, ana, off=1)
    assert [each.person.id for each in standings.needing_coach(program, lea)] == [ana.id]
    with pytest.raises(Invalid, match="what you agreed on"):
        coaching.coach(program, ana.id, note=" ", actor=lea)
    coaching.coach(program, ana.id, note="Read the anchors for Claim again.", actor=lea)
    assert state(program, ana) is State.MAY_TRY_AGAIN
    assert standings.needing_coach(program, lea) == []
    with pytest.raises(Conflict, match="has another try already"):
        coaching.coach(program, ana.id, note="Once more.", actor=lea)
    third = tried(program, ana)
    assert [each.paper_id for each in third.papers] == [each.paper_id for each in first.papers]
    assert (third.passed, state(program, ana)) == (True, State.QUALIFIED)


def test_without_another_set_a_coach_comes_after_the_first_try(world, ana, lea):
    program = world.a_program(qualification=(4,))
    practiced(program, ana)
    tried(program, ana, off=1)
    assert state(program, ana) is State.NEEDS_COACH
    coaching.coach(program, ana.id, note="Slow down.", actor=lea)
    assert tried(program, ana).passed


def test_a_try_keeps_the_rule_it_began_with(world, ana, lea):
    program = world.a_program(practice=())
    attempt = services.begin_try(program, ana)
    programs.change_program(program, rule=Rule(exact_share=100), actor=lea)
    finish(attempt, ana, off=1, wrong=1)
    assert attempt.passed


def test_a_try_may_have_several_sets(world, ana):
    rule = Rule(sets_to_see=2, sets_to_pass=1)
    program = world.a_program(practice=(), qualification=(3, 3, 3), rule=rule)
    attempt = tried(program, ana, off=1, wrong=3)
    outcome = results.result_of(attempt)
    assert [part.passed for part in outcome.result.parts] == [False, True]
    assert (attempt.passed, len({each.set_id for each in attempt.papers})) == (True, 2)
    together = Rule(sets_to_see=2, judging=Judging.TOGETHER, scope=Scope.ALL_TRAITS)
    other = build.a_person()
    programs.change_program(program, rule=together, actor=world.lea)
    assert not tried(program, other, off=1, wrong=3).passed


def test_requalifying_needs_no_practice_again_and_tries_count_anew(world, ana, lea):
    program = world.a_program(qualification=(4, 4, 4), expiry_days=10)
    practiced(program, ana)
    tried(program, ana, off=1)
    tried(program, ana)
    with at(now() + timedelta(days=11)):
        place = standings.standing_of(program, ana).place
        assert (place.state, place.next, place.tries_left) == (State.EXPIRED, Stage.QUALIFICATION, 2)
        assert tried(program, ana).passed
        assert state(program, ana) is State.QUALIFIED


# Who gets which papers


def test_nobody_is_given_papers_of_their_own_students_or_of_work_they_know(world, ana, ben, lea):
    shared = [world.a_paper() for _ in range(11)]
    own, read, anchored, agreed, practiced_on, *new = shared
    with transaction() as session:
        session.add(RosterEntry(person_id=ana.id, student_id=own.response.student_id, source="roster"))
    event = build.an_event(world.task, waiting=False)
    put_into(event, read.response)
    build.a_read(read.response, ana, 3, event=event)
    with transaction():
        event.status, event.closed_at = "closed", now()
    newer = World(lea)
    newer.a_paper(response=anchored.response, is_kept=False)
    papers.agree(agreed, actor=lea)
    with transaction():
        agreed.agreements[0].person_id = ana.id
    practice = world.a_set(Stage.PRACTICE, [practiced_on])
    program = world.a_program(practice=(practice,), qualification=(4,))
    practiced(program, ana)
    chosen = choosing.papers_for(world.a_set(Stage.QUALIFICATION, shared), ana, Stage.QUALIFICATION)
    assert [each.id for each in chosen] == [each.id for each in new]
    theirs = choosing.papers_for(world.sets[-1], ben, Stage.QUALIFICATION)
    assert {own.id, read.id, practiced_on.id} <= {each.id for each in theirs}


def put_into(event, response):
    from scoring.events.models import EventResponse

    task = event.tasks[0]
    with transaction() as session:
        session.add(EventResponse(
            event_id=event.id, response_id=response.id, task_id=task.task_id, rubric_id=task.rubric_id, district_id=response.district_id,
            school_id=response.school_id, random_key=0.5, required=1, remaining=1,
        ))  # fmt: skip


def test_work_that_somebody_may_still_have_to_score_is_left_out(world, ana):
    waiting, free = world.a_paper(), world.a_paper()
    event = build.an_event(world.task, waiting=False)
    put_into(event, waiting.response)
    chosen = choosing.papers_for(world.a_set(Stage.PRACTICE, [waiting, free]), ana, Stage.PRACTICE)
    assert chosen == [free]


def test_a_set_with_too_few_new_papers_is_skipped_for_somebody_and_nobody_else(world, ana, ben):
    known = world.a_set(Stage.QUALIFICATION, 5)
    program = world.a_program(practice=(), qualification=(known, 5))
    with transaction() as session:
        for paper in known.papers[:2]:
            session.add(RosterEntry(person_id=ana.id, student_id=paper.response.student_id, source="roster"))
    mine, theirs = services.begin_try(program, ana), services.begin_try(program, ben)
    assert {each.set_id for each in mine.papers} == {world.sets[-1].id}
    assert {each.set_id for each in theirs.papers} == {known.id}
    with transaction() as session:
        for paper in world.sets[-1].papers:
            session.add(
                RosterEntry(person_id=world.lea.id, student_id=paper.response.student_id, source="roster")
            )


def test_where_no_set_is_new_enough_it_is_said(world, ana):
    program = world.a_program(practice=(), qualification=(5,))
    with transaction() as session:
        for paper in world.sets[-1].papers[:2]:
            session.add(RosterEntry(person_id=ana.id, student_id=paper.response.student_id, source="roster"))
    with pytest.raises(NotAvailable, match="not enough papers that are new to you"):
        services.begin_try(program, ana)
    assert db.session.scalar(sa.select(sa.func.count(Attempt.id))) == 0


def test_a_practice_set_with_nothing_new_is_done_at_once(world, ana):
    program = world.a_program(practice=(1,))
    paper = world.sets[0].papers[0]
    with transaction() as session:
        session.add(RosterEntry(person_id=ana.id, student_id=paper.response.student_id, source="roster"))
    attempt = services.begin_practice(program, program.steps_of(Stage.PRACTICE)[0].id, ana)
    assert (attempt.papers, attempt.ended_at is None, state(program, ana)) == ([], False, State.READY)


def test_a_paper_that_becomes_an_own_student_s_is_skipped_and_too_many_make_a_try_void(world, ana):
    program = world.a_program(practice=(), qualification=(5, 5))
    attempt = services.begin_try(program, ana)
    first, second = (each.paper.response.student_id for each in attempt.papers[:2])
    with transaction() as session:
        session.add(RosterEntry(person_id=ana.id, student_id=first, source="roster"))
    assert services.next_paper(attempt, ana).position == 2
    with transaction() as session:
        session.add(RosterEntry(person_id=ana.id, student_id=second, source="roster"))
    finish(attempt, ana)
    assert (attempt.ended_at is None, attempt.passed) == (False, None)
    place = standings.standing_of(program, ana).place
    assert (place.state, place.tries_left) == (State.READY, 2)


# By hand, and on record


def test_leaders_grant_and_withdraw_by_hand_with_a_reason(world, ana, lea, eve):
    program = world.a_program()
    for reason in ("", "  "):
        with pytest.raises(Invalid, match="reason"):
            coaching.grant(program, ana.id, reason=reason, actor=lea)
    coaching.grant(
        program, ana.id, reason="Scored with us for years.", expires_at=now() + timedelta(days=5), actor=lea
    )
    assert state(program, ana) is State.QUALIFIED
    with pytest.raises(Invalid, match="lies ahead"):
        coaching.grant(program, ana.id, reason="x", expires_at=now() - timedelta(days=5), actor=lea)
    coaching.withdraw(program, ana.id, reason="Two scores far apart.", actor=lea)
    assert state(program, ana) is State.WITHDRAWN
    with pytest.raises(Conflict, match="not qualified"):
        coaching.withdraw(program, ana.id, reason="again", actor=lea)
    with pytest.raises(NotFound):
        coaching.grant(program, eve.id, reason="x", actor=lea)


def test_everything_stands_in_the_audit_log(world, ana, lea):
    program = world.a_program(qualification=(1,), practice=())
    tried(program, ana, off=1)
    coaching.coach(program, ana.id, note="Again.", actor=lea)
    tried(program, ana)
    coaching.withdraw(program, ana.id, reason="By hand.", actor=lea)
    told = db.session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.action.like("qualification%")).order_by(AuditEntry.id)
    ).all()
    tries = ["qualification_attempt.begun", "qualification_attempt.scored"]
    assert told == [
        "qualification_program.created", "qualification_program.set_added", "qualification_program.opened",
        *tries, "qualification_attempt.ended", "qualification_coaching.written",
        *tries, "qualification.granted", "qualification_attempt.ended", "qualification.withdrawn",
    ]  # fmt: skip
