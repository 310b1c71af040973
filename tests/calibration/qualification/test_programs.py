"""Programs: what a leader sets up, what is refused, and who sees it."""

import pytest
import sqlalchemy as sa

from calibration.papers import sets
from calibration.papers.models import SetPurpose
from calibration.qualification import programs, services, standings, wording
from calibration.qualification.rules import Rule
from calibration.qualification.steps import Stage
from calibration.qualification.waiting import waiting_for
from scoring.audit import AuditEntry
from scoring.db import db
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.permissions import Role
from tests import build
from tests.calibration.qualification.world import World, practiced, shifted, tried


def names(program, stage):
    return [each.paper_set.name for each in program.steps_of(stage)]


def test_a_program_begins_with_the_usual_rule_of_its_rubric(world, lea):
    four = programs.create_program(world.home, world.rubric, actor=lea)
    three = programs.create_program(world.home, build.a_rubric(world.task, values=(1, 2, 3)), actor=lea)
    assert (four.rule.exact_share, three.rule.exact_share, four.rule.most_discrepant, four.rule.tries) == (
        70,
        80,
        0,
        2,
    )
    assert (four.expiry_days, four.away_hours, four.recalibration_papers, four.is_open) == (365, 24, 5, False)


def test_a_program_refuses_what_can_not_be(world, lea, ana, nell, birch):
    with pytest.raises(NotAllowed):
        programs.create_program(world.home, world.rubric, actor=ana)
    with pytest.raises(NotAllowed):
        programs.create_program(birch, world.rubric, actor=lea)
    with pytest.raises(NotFound):
        programs.create_program(world.home, build.a_rubric(world.task, published=False), actor=lea)
    with pytest.raises(NotFound):
        programs.create_program(world.home.network, world.rubric, actor=nell)
    for name, value in (("expiry_days", 0), ("away_hours", 10_000), ("recalibration_papers", None)):
        with pytest.raises(Invalid) as caught:
            programs.create_program(world.home, world.rubric, actor=lea, **{name: value})
        assert set(caught.value.fields) == {name}
    with pytest.raises(Invalid) as caught:
        programs.create_program(world.home, world.rubric, actor=lea, rule=Rule(tries=9))
    assert set(caught.value.fields) == {"tries"}
    programs.create_program(world.home, world.rubric, actor=lea)
    with pytest.raises(Conflict, match="already"):
        programs.create_program(world.home, world.rubric, actor=lea)


def test_sets_stand_in_order_and_must_fit(world, lea):
    program = world.a_program(practice=(2, 2, 2), qualification=(2,), is_open=False)
    first, second, third = names(program, Stage.PRACTICE)
    step = program.steps_of(Stage.PRACTICE)[2]
    programs.move_step(program, step.id, -1, actor=lea)
    assert names(program, Stage.PRACTICE) == [first, third, second]
    programs.move_step(program, step.id, -1, actor=lea)
    programs.move_step(program, step.id, -1, actor=lea)
    assert names(program, Stage.PRACTICE) == [third, first, second]
    programs.remove_step(program, step.id, actor=lea)
    assert names(program, Stage.PRACTICE) == [first, second]
    with pytest.raises(NotFound):
        programs.remove_step(program, step.id, actor=lea)
    practice, draft = (
        world.a_set(Stage.PRACTICE, 1),
        sets.create_set(world.home, world.rubric, name="Draft", purpose="qualification", actor=lea),
    )
    other = World(lea).a_set(Stage.QUALIFICATION, 1)
    for wrong in (practice, draft, other, program.steps_of(Stage.QUALIFICATION)[0].paper_set):
        with pytest.raises(Invalid, match="frozen set of this rubric version"):
            programs.add_step(program, Stage.QUALIFICATION, wrong.id, actor=lea)
    with pytest.raises(Invalid, match="what the set is for"):
        programs.add_step(program, "exam", practice.id, actor=lea)


def test_a_program_opens_when_a_try_has_its_sets(world, lea, ana):
    program = world.a_program(qualification=(), is_open=False, rule=Rule(sets_to_see=2, sets_to_pass=1))
    with pytest.raises(Invalid, match="A try takes 2 sets"):
        programs.open_to_scorers(program, actor=lea)
    assert programs.open_programs(ana) == []
    for _ in range(2):
        programs.add_step(program, Stage.QUALIFICATION, world.a_set(Stage.QUALIFICATION, 1).id, actor=lea)
    programs.open_to_scorers(program, actor=lea)
    assert programs.open_programs(ana) == [program]
    assert any("4 sets would give every try new papers" in each for each in programs.advice(program))
    assert any("nobody is asked to recalibrate" in each for each in programs.advice(program))
    programs.close(program, actor=lea)
    assert programs.open_programs(ana) == []
    for change in (
        lambda: programs.open_to_scorers(program, actor=lea),
        lambda: programs.change_program(program, rule=Rule(), actor=lea),
    ):
        with pytest.raises(Conflict, match="closed"):
            change()
    programs.create_program(world.home, world.rubric, actor=lea)


def test_what_goes_on_when_a_program_closes_is_void(world, lea, ana, ben):
    program = world.a_program(practice=(2,), qualification=(2,))
    practice = services.begin_practice(program, program.steps_of(Stage.PRACTICE)[0].id, ben)
    practiced(program, ana)
    attempt = services.begin_try(program, ana)
    last = attempt.papers[1].paper
    services.submit(attempt, ana, 1, shifted(attempt.papers[0].paper))
    programs.close(program, actor=lea)
    services.submit(attempt, ana, 2, shifted(last))
    assert [(each.ended_with_program, each.passed, each.qualification) for each in (attempt, practice)] == [
        (True, None, None)
    ] * 2
    assert not attempt.papers[1].is_in
    assert standings.standing_of(program, ana).fact is None
    query = sa.select(AuditEntry.actor_id).where(AuditEntry.action == "qualification_attempt.ended")
    assert db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(2)).all() == [lea.id, lea.id]
    assert "closed" in wording.next_words(standings.standing_of(program, ana))
    for begin in (
        lambda: services.begin_try(program, ana),
        lambda: services.begin_practice(program, practice.set_id, ben),
        lambda: services.begin_recalibration(program, ana),
    ):
        with pytest.raises(Conflict, match="closed"):
            begin()


def test_a_recalibration_that_asks_for_more_papers_than_there_are_is_told(world, lea):
    program = world.a_program(recalibration=(2, 2), away_hours=24, recalibration_papers=5)
    assert (
        "A recalibration asks for 5 papers, and its sets hold 4. Add a set, or ask for fewer."
        in programs.advice(program)
    )
    programs.add_step(program, Stage.RECALIBRATION, world.a_set(Stage.RECALIBRATION, 1).id, actor=lea)
    assert not any("recalibration" in each.lower() for each in programs.advice(program))


def test_an_open_program_keeps_a_qualification_set(world, lea):
    program = world.a_program(qualification=(2,))
    with pytest.raises(Conflict, match="needs a qualification set"):
        programs.remove_step(program, program.steps_of(Stage.QUALIFICATION)[0].id, actor=lea)


def test_retired_sets_are_not_used_any_more(world, lea, ana):
    program = world.a_program(practice=(2, 2))
    sets.retire_set(program.steps_of(Stage.PRACTICE)[0].paper_set, actor=lea)
    assert len(standings.standing_of(program, ana).practice) == 1


def test_scorers_find_the_programs_of_their_district_and_of_the_network_only(
    app, lea, nell, ana, eve, network
):
    ours, theirs = (
        World(lea).a_program(),
        World(build.a_person(Role.LEADER, build.organization("birch")), at="birch").a_program(),
    )
    shared = build.a_task(title="Everybody's")
    common = programs.create_program(network, shared.published_rubric, actor=nell)
    open_to = World.__new__(World)
    open_to.__dict__.update(
        lea=nell,
        home=network,
        school=build.organization("alder-high"),
        task=shared,
        rubric=shared.published_rubric,
        sets=[],
    )
    programs.add_step(common, Stage.QUALIFICATION, open_to.a_set(Stage.QUALIFICATION, 2).id, actor=nell)
    programs.open_to_scorers(common, actor=nell)
    assert {each.id for each in programs.open_programs(ana)} == {ours.id, common.id}
    assert {each.id for each in programs.open_programs(eve)} == {theirs.id, common.id}
    assert programs.open_programs(lea) == []
    with pytest.raises(NotFound):
        programs.open_program(theirs.id, ana)
    with pytest.raises(NotFound):
        programs.program_by_id(theirs.id, lea)
    assert programs.program_by_id(common.id, lea) is common
    with pytest.raises(NotAllowed):
        programs.close(common, actor=lea)
    with pytest.raises(NotAllowed):
        programs.own_program(common.id, lea)


def test_leaders_see_their_own_scorers_of_a_shared_program(app, lea, nell, network):
    shared = build.a_task()
    program = programs.create_program(network, shared.published_rubric, actor=nell)
    assert {each.name for each in db.session.scalars(standings.people_query(program, lea))} == {
        "Ana Ortiz",
        "Ben Okafor",
    }
    assert {each.name for each in db.session.scalars(standings.people_query(program, nell))} == {
        "Ana Ortiz",
        "Ben Okafor",
        "Eve Eriksen",
    }


def test_what_waits_is_said_to_scorers_and_to_leaders(world, ana, lea):
    assert waiting_for(ana) == []
    program = world.a_program(practice=(1,), qualification=(1,))
    [first] = waiting_for(ana)
    assert (first.title, first.action) == ("Later start: practice", "Practice")
    assert first.detail.startswith("Practice set 1 first.")
    practiced(program, ana)
    assert waiting_for(ana)[0].title == "Later start: qualification"
    assert waiting_for(lea) == []
    tried(program, ana, off=2)
    assert waiting_for(ana) == []
    [coach] = waiting_for(lea)
    assert (coach.title, coach.endpoint) == ("Later start: Ana Ortiz needs a coach", "qualification.show")


def test_purposes_of_sets_fit_the_stages():
    assert set(programs.FITTING) == set(Stage)
    assert programs.FITTING[Stage.RECALIBRATION] is SetPurpose.QUALIFICATION
