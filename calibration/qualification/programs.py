"""Programs: a leader says which sets scorers go through, in which order, and by which rule they qualify."""

import sqlalchemy as sa

from calibration.papers import sets
from calibration.papers.models import PaperSet, SetPurpose
from calibration.places import change_places
from calibration.qualification import rules
from calibration.qualification.models import Attempt, Program, ProgramStep
from calibration.qualification.steps import Stage
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.people.directory import ids_with_network_above
from scoring.permissions import ALLOWED, Permission
from scoring.tasks.models import Rubric, Task

FITTING = {  # what a set must be for, to stand at a stage
    Stage.PRACTICE: SetPurpose.PRACTICE,
    Stage.QUALIFICATION: SetPurpose.QUALIFICATION,
    Stage.RECALIBRATION: SetPurpose.QUALIFICATION,
}
USUAL = {"expiry_days": 365, "away_hours": 24, "recalibration_papers": 5}
RANGES = {"expiry_days": (1, 3660), "away_hours": (1, 8760), "recalibration_papers": (1, 30)}


# Who sees what


def program_query(person):
    """Programs a leader sees: of their own organizations, and of the network above. Those in use first, by task."""
    return (
        sa.select(Program)
        .join(Rubric, Rubric.id == Program.rubric_id)
        .join(Task, Task.id == Rubric.task_id)
        .where(Program.organization_id.in_(ids_with_network_above(person, Permission.CALIBRATE)))
        .order_by(Program.closed_at.is_not(None), Task.title, Task.id, Rubric.version.desc(), Program.id)
    )


def program_by_id(program_id, person):
    """Return a program this leader sees."""
    found = db.session.scalar(program_query(person).where(Program.id == program_id))
    if found is None:
        raise NotFound("There is no such program, or it belongs to another district.")
    return found


def may_change(program, person):
    """Whether this leader looks after the program: it belongs to one of their own organizations."""
    return program.organization_id in person.reach(Permission.CALIBRATE)


def own_program(program_id, person):
    """Return a program this leader may change."""
    found = program_by_id(program_id, person)
    _require_change(found, person)
    return found


def open_programs(person):
    """The programs a scorer may practice and qualify in: of their districts, and of the network; by task."""
    places = [each.organization for each in person.memberships if Permission.SCORE in ALLOWED[each.role]]
    homes = {each.network.id for each in places} | {each.district.id for each in places if each.district}
    if not homes:
        return []
    return db.session.scalars(
        sa.select(Program)
        .join(Rubric, Rubric.id == Program.rubric_id)
        .join(Task, Task.id == Rubric.task_id)
        .where(Program.organization_id.in_(homes), Program.opened_at.is_not(None), Program.closed_at.is_(None))
        .order_by(Task.title, Task.id, Rubric.version.desc(), Program.id)
    ).all()  # fmt: skip


def open_program(program_id, person):
    """Return an open program this scorer may use; any other is not found."""
    found = next((each for each in open_programs(person) if each.id == program_id), None)
    if found is None:
        raise NotFound("There is no such program for you. Go back to Practice and qualification.")
    return found


def fitting_sets(program, stage):
    """Live sets that may stand at a stage of the program and are in none yet, by name."""
    homes = {program.organization_id, program.organization.network.id}
    query = (
        sa.select(PaperSet)
        .where(
            PaperSet.rubric_id == program.rubric_id, PaperSet.organization_id.in_(homes), PaperSet.purpose == FITTING[stage],
            PaperSet.frozen_at.is_not(None), PaperSet.retired_at.is_(None),
            PaperSet.id.not_in([each.set_id for each in program.steps]),
        )
        .order_by(PaperSet.name, PaperSet.version, PaperSet.id)
    )  # fmt: skip
    return db.session.scalars(query).all()


# What is done with programs


def create_program(organization, rubric, *, actor, rule=None, **more):
    """Begin a program for a rubric version; scorers see it when it opens. What is not given is as usual."""
    if organization.id not in {each.id for each in sets.owners(actor)}:
        raise NotAllowed("Only those who run calibration there may set up a program.")
    if not rubric.is_published or rubric.task.organization_id not in {
        organization.id,
        organization.network.id,
    }:
        raise NotFound("There is no such published rubric version there. Choose another one.")
    rule = rule or rules.usual_rule([len(trait.points) for trait in rubric.traits])
    values = _checked(rubric, rule, USUAL | more)
    with transaction() as session:
        session.refresh(
            organization, with_for_update=True
        )  # two leaders begin one program one after the other
        if session.scalar(
            sa.select(Program.id).where(
                Program.organization_id == organization.id,
                Program.rubric_id == rubric.id,
                Program.closed_at.is_(None),
            )
        ):
            words = "There is a program for this rubric version already. Change that one, or close it first."
            raise Conflict(words, fields={"rubric": words})
        made = Program(
            organization=organization,
            rubric=rubric,
            rule_values=rule.as_dict(),
            created_by_id=actor.id,
            **values,
        )
        session.add(made)
        session.flush()
        audit.record("qualification_program.created", made, actor=actor, after=_facts(made))
    return made  # fmt: skip


def change_program(program, *, actor, rule, **more):
    """Change the rule. Tries that have begun keep the rule they began with."""
    _require_change(program, actor)
    values = _checked(program.rubric, rule, more)
    with transaction() as session:
        _require_in_use(session, program)
        before = _facts(program)
        program.rule_values = rule.as_dict()
        for name, value in values.items():
            setattr(program, name, value)
        session.flush()
        if _facts(program) != before:
            audit.record(
                "qualification_program.changed", program, actor=actor, before=before, after=_facts(program)
            )
    return program


def add_step(program, stage, set_id, *, actor):
    """Put a live set at the end of a stage."""
    _require_change(program, actor)
    stage = _checked_stage(stage)
    with transaction() as session:
        _require_in_use(session, program)
        chosen = next((each for each in fitting_sets(program, stage) if each.id == set_id), None)
        if chosen is None:
            words = "Choose a frozen set of this rubric version that is not in the program yet."
            raise Invalid(words, fields={"set": words})
        position = max((each.position for each in program.steps if each.stage is stage), default=0) + 1
        program.steps.append(ProgramStep(set_id=chosen.id, paper_set=chosen, stage=stage, position=position))
        session.flush()
        audit.record(
            "qualification_program.set_added", program, actor=actor, after={"stage": stage, "set": set_id}
        )
    return program  # fmt: skip


def move_step(program, step_id, by, *, actor):
    """Move a set one place up (-1) or down (1) within its stage."""
    _require_change(program, actor)
    with transaction() as session:
        _require_in_use(session, program)
        step = _step(program, step_id)
        order = sorted(
            (each for each in program.steps if each.stage is step.stage), key=lambda each: each.position
        )
        moved = change_places(session, order, step, by)
        if moved is None:
            return program
        session.expire(program, ["steps"])
        audit.record("qualification_program.set_moved", program, actor=actor,
                     before={"set": step.set_id, "place": moved[0]}, after={"set": step.set_id, "place": moved[1]})  # fmt: skip
    return program


def remove_step(program, step_id, *, actor):
    """Take a set out of a program. What people have scored of it stays."""
    _require_change(program, actor)
    with transaction() as session:
        _require_in_use(session, program)
        step = _step(program, step_id)
        if program.is_open and program.steps_of(Stage.QUALIFICATION) == [step]:
            raise Conflict("An open program needs a qualification set. Add another one first.")
        program.steps.remove(step)
        session.flush()
        audit.record("qualification_program.set_removed", program, actor=actor,
                     before={"stage": step.stage, "set": step.set_id})  # fmt: skip
    return program


def missing_before_opening(program):
    """Say what a program lacks before scorers can use it, one sentence each."""
    found, rule = [], program.rule
    n_sets = len(program.steps_of(Stage.QUALIFICATION))
    if n_sets < rule.sets_to_see:
        found.append(f"A try takes {_sets(rule.sets_to_see)} for qualification. The program has {n_sets}.")
    return found


def advice(program):
    """Say what would make a program better, one sentence each."""
    found, rule = [], program.rule
    n_sets = len(program.steps_of(Stage.QUALIFICATION))
    if n_sets < rule.sets_to_see * rule.tries:
        found.append(
            f"{_sets(rule.sets_to_see * rule.tries)} would give every try new papers. The program has {n_sets}."
        )
    if not program.steps_of(Stage.PRACTICE):
        found.append("There is no practice set, so scorers go straight to qualification.")
    if program.away_hours and not program.steps_of(Stage.RECALIBRATION):
        found.append("There is no recalibration set, so nobody is asked to recalibrate.")
    n_papers = sum(len(each.paper_set.items) for each in program.steps_of(Stage.RECALIBRATION))
    if program.away_hours and 0 < n_papers < program.recalibration_papers:
        found.append(
            f"A recalibration asks for {program.recalibration_papers} papers, and its sets hold {n_papers}. "
            "Add a set, or ask for fewer."
        )
    return found  # fmt: skip


def open_to_scorers(program, *, actor):
    """Let scorers practice and qualify."""
    _require_change(program, actor)
    with transaction() as session:
        _require_in_use(session, program)
        missing = missing_before_opening(program)
        if missing:
            raise Invalid("The program can not open yet. " + " ".join(missing))
        if program.opened_at is None:
            program.opened_at = now()
            audit.record("qualification_program.opened", program, actor=actor)
    return program


def close(program, *, actor):
    """End a program, and with it every try that goes on: those are void. Qualifications that were earned in it stay."""
    _require_change(program, actor)
    with transaction() as session:
        session.refresh(program, with_for_update=True)
        if program.closed_at is None:
            program.closed_at = now()
            audit.record("qualification_program.closed", program, actor=actor)
            _end_attempts(session, program, actor)
    return program


def _end_attempts(session, program, actor):
    going_on = sa.select(Attempt).where(Attempt.program_id == program.id, Attempt.ended_at.is_(None))
    for attempt in session.scalars(going_on.order_by(Attempt.id).with_for_update()):
        attempt.ended_at = program.closed_at
        audit.record("qualification_attempt.ended", attempt, actor=actor, after={
            "passed": None, "qualification": None, "program_closed": True,
        })  # fmt: skip


def rechecks_after(program):
    """After how many hours away somebody is recalibrated; None where the program has no papers for it."""
    return program.away_hours if program.steps_of(Stage.RECALIBRATION) else None


def _checked(rubric, rule, more):
    """Return the values beside the rule as they will be stored, or say what can not be."""
    fields = rules.problems(rule, len(rubric.traits))
    unknown = more.keys() - RANGES.keys()
    if unknown:
        raise Invalid(f"There is no setting called {', '.join(sorted(unknown))}.")
    for name, (low, high) in RANGES.items():
        value = more.get(name)
        is_open = value is None and name != "recalibration_papers"
        if name in more and not is_open and (value is None or not low <= value <= high):
            fields[name] = f"Give a number from {low} to {high:,}."
    if fields:
        raise Invalid("The rule can not be as it is. " + " ".join(fields.values()), fields=fields)
    return more


def _checked_stage(stage):
    try:
        return Stage(stage)
    except ValueError as error:
        words = "Say what the set is for in this program."
        raise Invalid(words, fields={"stage": words}) from error


def _require_change(program, actor):
    if not may_change(program, actor):
        raise NotAllowed("Only those who run calibration where the program belongs may change it.")


def _require_in_use(session, program):
    """Lock the program, and refuse when its time is over."""
    session.refresh(program, with_for_update=True)
    if program.closed_at is not None:
        raise Conflict("This program is closed. Set up a new one.")


def _step(program, step_id):
    found = next((each for each in program.steps if each.id == step_id), None)
    if found is None:
        raise NotFound("This set is not in the program. Reload the page.")
    return found


def _sets(number):
    return "1 set" if number == 1 else f"{number} sets"


def _facts(program):
    return {
        "organization": program.organization_id, "rubric": program.rubric_id, "rule": program.rule_values,
        "expiry_days": program.expiry_days, "away_hours": program.away_hours,
        "recalibration_papers": program.recalibration_papers,
    }  # fmt: skip
