"""Recalibration: after an absence a few papers come first, and the queue learns how they went."""

from datetime import timedelta

import pytest

from calibration.qualification import coaching, services, standings
from calibration.qualification.steps import State
from scoring.db import at, now
from scoring.errors import Conflict
from scoring.reads import qualifying
from scoring.reads import services as reads
from tests.calibration.qualification.world import finish, tried


def state(program, person):
    return standings.standing_of(program, person).place.state


def stands(person, program):
    latest = qualifying.latest_of([person.id], program.rubric_id)
    return qualifying.standings_of(latest.values(), now()).get(person.id)


@pytest.fixture
def qualified(world, ana):
    """Ana is qualified in a program that recalibrates."""
    program = world.a_program(practice=(), recalibration=(5, 5), expiry_days=100)
    tried(program, ana)
    return program


def away():
    return at(now() + timedelta(hours=25))


def test_after_a_day_away_a_few_papers_come_first(world, ana, qualified):
    assert state(qualified, ana) is State.QUALIFIED
    with pytest.raises(Conflict):
        services.begin_recalibration(qualified, ana)
    with away():
        assert (state(qualified, ana), stands(ana, qualified)) == (State.AWAY, qualifying.Standing.AWAY)
        attempt = finish(services.begin_recalibration(qualified, ana), ana)
        assert (len(attempt.papers), attempt.passed, state(qualified, ana)) == (5, True, State.QUALIFIED)
        assert stands(ana, qualified) is qualifying.Standing.QUALIFIED


def test_whoever_was_handed_something_meanwhile_was_not_away(world, ana, qualified):
    event = world.an_event()
    with at(now() + timedelta(hours=20)):
        assert reads.take_next(ana, event) is not None
    with at(now() + timedelta(hours=40)):
        assert state(qualified, ana) is State.QUALIFIED
    with at(now() + timedelta(hours=45)):
        assert state(qualified, ana) is State.AWAY


def test_a_recalibration_that_is_not_passed_holds_the_queue_back_until_one_is(world, ana, lea, qualified):
    until = qualifying.in_force(ana.id, qualified.rubric_id).expires_at
    with away():
        finish(services.begin_recalibration(qualified, ana), ana, off=1)
        assert (state(qualified, ana), stands(ana, qualified)) == (
            State.HELD_BACK,
            qualifying.Standing.WITHDRAWN,
        )
        finish(services.begin_recalibration(qualified, ana), ana, off=1)
        assert state(qualified, ana) is State.NEEDS_COACH
        with pytest.raises(Conflict):
            services.begin_recalibration(qualified, ana)
        coaching.coach(qualified, ana.id, note="Claim is about the reason, not the spelling.", actor=lea)
        assert state(qualified, ana) is State.HELD_BACK
        with pytest.raises(Conflict, match="has another try already"):
            coaching.coach(qualified, ana.id, note="Once more.", actor=lea)
        attempt = finish(services.begin_recalibration(qualified, ana), ana)
        assert (attempt.passed, state(qualified, ana)) == (True, State.QUALIFIED)
        assert qualifying.in_force(ana.id, qualified.rubric_id).expires_at == until


def test_recalibrations_take_new_papers_first_and_then_those_met_longest_ago(world, ana, qualified):
    met = []
    for day in range(1, 4):
        with at(now() + timedelta(days=2 * day)):
            attempt = finish(services.begin_recalibration(qualified, ana), ana)
            met.append({each.paper_id for each in attempt.papers})
    assert not met[0] & met[1]
    assert met[2] == met[0]


def test_a_leader_who_settles_it_meanwhile_is_not_overruled(world, ana, lea, qualified):
    with away():
        attempt = services.begin_recalibration(qualified, ana)
    with at(now() + timedelta(hours=26)):
        coaching.grant(qualified, ana.id, reason="We scored together today.", actor=lea)
        finish(attempt, ana, off=1)
        assert (attempt.passed, attempt.qualification_id, state(qualified, ana)) == (
            False,
            None,
            State.QUALIFIED,
        )


def test_a_qualification_that_expires_meanwhile_is_earned_anew(world, ana, qualified):
    with at(now() + timedelta(days=99, hours=23)):
        attempt = services.begin_recalibration(qualified, ana)
    with at(now() + timedelta(days=101)):
        finish(attempt, ana)
        assert state(qualified, ana) is State.EXPIRED
