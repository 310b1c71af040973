"""Improvement cycles: who sees them, and how a plan is written, started, done and taken back."""

import re

import sqlalchemy as sa

from calibration.cycles import studying
from calibration.cycles.models import Cycle, Measure
from scoring import audit
from scoring.audit import AuditEntry
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.events.models import Event, EventDistrict, EventStatus, EventTask
from scoring.people.directory import networks_and_districts
from scoring.people.models import Person
from scoring.permissions import ALLOWED, Permission
from scoring.tasks.models import Task

LONGEST = 4000
LONGEST_NAME = 120
PLAN = ("name", "aim", "change_kind", "change", "reference", "prediction", "measure", "traits", "line_trait", "line_place",
        "changed_at", "looks_at", "planned_papers", "hoped")  # fmt: skip


# Who sees what


def cycle_query(person):
    """Query the cycles of this person's own organizations, the newest first."""
    reach = person.reach(Permission.CALIBRATE)
    return (
        sa.select(Cycle)
        .where(Cycle.organization_id.in_(reach))
        .order_by(Cycle.created_at.desc(), Cycle.id.desc())
    )


def listed_cycles(person):
    """The same without those that were discarded."""
    return cycle_query(person).where(Cycle.discarded_at.is_(None))


def cycle_by_id(cycle_id, person):
    """Return a cycle of one of this person's own organizations."""
    found = db.session.scalar(cycle_query(person).where(Cycle.id == cycle_id))
    if found is None:
        raise NotFound("There is no such cycle, or it belongs to another district.")
    return found


def owners(person):
    """The networks and districts for which this person may plan cycles, by name."""
    return networks_and_districts(person, Permission.CALIBRATE)


def tasks(person):
    """The tasks that an event of this person's organizations reads, by title."""
    wanted = sa.or_(*(_has_event(owner) for owner in owners(person)), sa.false())
    return db.session.scalars(sa.select(Task).where(wanted).order_by(Task.title, Task.id)).all()


def _has_event(owner):
    return sa.exists().where(EventTask.task_id == Task.id, EventTask.event_id.in_(_events_of(owner)))


def _events_of(owner):
    """Ids of the events that an organization runs or takes part in, drafts aside."""
    shared = sa.exists().where(EventDistrict.event_id == Event.id, EventDistrict.district_id == owner.id)
    return sa.select(Event.id).where(
        Event.status != EventStatus.DRAFT, sa.or_(Event.organization_id == owner.id, shared)
    )


def possible_events(owner, task):
    """The events with reads of a task that a cycle of this organization may look at, the newest first."""
    return db.session.scalars(
        sa.select(Event)
        .join(EventTask, EventTask.event_id == Event.id)
        .where(Event.id.in_(_events_of(owner)), EventTask.task_id == task.id)
        .order_by(Event.created_at.desc(), Event.id.desc())
    ).all()


def waiting_cycles(person):
    """Cycles of the places where this person leads whose look has come, or that wait for a decision."""
    homes = {
        each.organization_id for each in person.memberships if Permission.CALIBRATE in ALLOWED[each.role]
    }
    return db.session.scalars(
        sa.select(Cycle)
        .where(Cycle.organization_id.in_(homes), Cycle.started_at.is_not(None), Cycle.looks_at <= now(), Cycle.decided_at.is_(None))
        .order_by(Cycle.looks_at, Cycle.id)
    ).all()  # fmt: skip


def history(cycle):
    """What happened to a cycle: action, moment and name of each entry, in order."""
    return db.session.execute(
        sa.select(AuditEntry.action, AuditEntry.at, Person.name)
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .where(AuditEntry.subject_kind == Cycle.__tablename__, AuditEntry.subject_id == cycle.id)
        .order_by(AuditEntry.at, AuditEntry.id)
    ).all()


# Plan


def draft_cycle(owner, task, *, name, actor, based_on=None):
    """Begin a cycle on a task; its plan can be changed until it is started."""
    name = _checked_name(name)
    if owner.id not in {each.id for each in owners(actor)}:
        raise NotAllowed("Only leaders of this district or network may plan a cycle there.")
    events = possible_events(owner, task)
    if not events:
        raise Invalid(
            "No event here reads this task. Choose another task.", fields={"task": "Choose another task."}
        )
    with transaction() as session:
        cycle = Cycle(organization_id=owner.id, task_id=task.id, name=name, created_by_id=actor.id, traits=[],
                      based_on_id=based_on.id if based_on else None)  # fmt: skip
        cycle.events = events[:1]
        if based_on is not None:
            cycle.events = [each for each in based_on.events if each in events] or events[:1]
            for field in ("aim", "change_kind", "measure", "traits", "line_trait", "line_place"):
                setattr(cycle, field, getattr(based_on, field))
        session.add(cycle)
        session.flush()
        audit.record("cycle.drafted", cycle, actor=actor,
                     after={"task": task.id, "name": name, "based_on": cycle.based_on_id})  # fmt: skip
    return cycle


def edit_plan(cycle, *, events, actor, **plan):
    """Change a plan that is not started. `events` are some of the possible ones."""
    fields = _problems(cycle, events, plan)
    if fields:
        raise Invalid(
            "The plan can not be saved like this. " + " ".join(dict.fromkeys(fields.values())), fields=fields
        )
    with transaction() as session:
        cycle = _locked(session, cycle, actor)
        _require_draft(cycle)
        before = _facts(cycle)
        for name in PLAN:
            if name in plan:
                setattr(cycle, name, plan[name])
        if cycle.measure is not Measure.LINE:
            cycle.line_trait = cycle.line_place = None
        possible = {each.id: each for each in possible_events(cycle.organization, cycle.task)}
        cycle.events = [possible[each.id] for each in events]
        if _facts(cycle) != before:
            audit.record("cycle.planned", cycle, actor=actor, before=before, after=_facts(cycle))
    return cycle


def _checked_name(name):
    name = (name or "").strip()
    if not name or len(name) > LONGEST_NAME:
        words = f"Give the cycle a name of at most {LONGEST_NAME} characters."
        raise Invalid(words, fields={"name": words})
    return name


def _problems(cycle, events, plan):
    """Say what can not be saved, by field."""
    found = {}
    if "name" in plan:
        try:
            plan["name"] = _checked_name(plan["name"])
        except Invalid as error:
            found |= error.fields
    possible = {each.id for each in possible_events(cycle.organization, cycle.task)}
    if not events or {each.id for each in events} - possible:
        found["events"] = "Choose at least one event of this task."
    for name in ("aim", "change", "prediction"):
        if len(plan.get(name) or "") > LONGEST:
            found[name] = f"At most {LONGEST:,} characters fit here. Shorten it."
    reference = plan.get("reference") or ""
    if len(reference) > 200 or (reference and not re.fullmatch(r"/(?![/\\\\])[\w/.\-?=&#%]*", reference)):
        found["reference"] = "Paste the address of a page of this site, such as /anchors/sets/3."
    changed, looks = plan.get("changed_at"), plan.get("looks_at")
    if changed and looks and looks <= changed:
        found["looks_at"] = "The look comes after the change. Choose a later moment."
    if plan.get("planned_papers") is not None and not 1 <= plan["planned_papers"] <= 100_000:
        found["planned_papers"] = "Give a number of papers from 1 to 100,000."
    if "events" not in found:
        found |= _problems_of_measure(plan, studying.traits_of(events, cycle.task))
    return found


def _problems_of_measure(plan, traits):
    found = {}
    if set(plan.get("traits") or ()) - set(traits):
        found["traits"] = "Choose traits that all chosen events score on the same points."
    if plan.get("measure") == Measure.LINE:
        trait, place = plan.get("line_trait"), plan.get("line_place")
        if trait not in traits or place is None or not 0 <= place < len(traits[trait].values) - 1:
            found["line"] = "Choose the line that you hope to make clearer."
        elif plan.get("traits") and trait not in plan["traits"]:
            found["line"] = "Choose a line of one of the chosen traits."
    hoped = plan.get("hoped")
    if hoped is not None and not 0 <= hoped <= (20 if plan.get("measure") == Measure.SPREAD else 1):
        found["hoped"] = "Give a number of papers from 0 to 100, or points for the spread of severity."
    return found


def start(cycle, *, actor):
    """End all changes to a plan. What is known now is kept beside it."""
    lacking = lacks(cycle)
    if lacking:
        raise Invalid(
            "The plan is not complete yet. " + " ".join(lacking), fields={"plan": " ".join(lacking)}
        )
    baseline = studying.baseline(cycle)
    with transaction() as session:
        cycle = _locked(session, cycle, actor)
        _require_draft(cycle)
        if cycle.looks_at <= now():
            raise Invalid(
                "The moment of the look is past. Choose a later one, so that nobody has looked yet."
            )
        cycle.started_at, cycle.baseline = now(), baseline
        audit.record("cycle.started", cycle, actor=actor, after=_facts(cycle) | {"baseline": baseline})
    return cycle


def lacks(cycle):
    """What a plan still needs before it can be started, in words."""
    wanted = {
        "Say what you aim for.": cycle.aim.strip(),
        "Say what you change.": cycle.change.strip(),
        "Say what you expect.": cycle.prediction.strip(),
        "Choose the measure that decides.": cycle.measure,
        "Say when the change is made.": cycle.changed_at,
        "Say when you will look.": cycle.looks_at,
    }
    return [words for words, given in wanted.items() if not given]


def back_to_draft(cycle, *, actor):
    """Open a plan again, as long as the change has not been made."""
    with transaction() as session:
        cycle = _locked(session, cycle, actor)
        if cycle.started_at is None:
            return cycle
        if cycle.changed_at <= now():
            raise Conflict("The change has been made. The plan stays as it was stated.")
        cycle.started_at, cycle.baseline = None, None
        audit.record("cycle.reopened", cycle, actor=actor)
    return cycle


def discard(cycle, *, actor):
    """Put a draft away. It can be brought back."""
    with transaction() as session:
        cycle = _locked(session, cycle, actor)
        _require_draft(cycle)
        cycle.discarded_at = now()
        audit.record("cycle.discarded", cycle, actor=actor)
    return cycle


def bring_back(cycle, *, actor):
    """Bring a discarded draft back."""
    with transaction() as session:
        cycle = _locked(session, cycle, actor)
        if cycle.discarded_at is not None:
            cycle.discarded_at = None
            audit.record("cycle.brought_back", cycle, actor=actor)
    return cycle


# Do


def note_done(cycle, words, *, done_at, actor):
    """Write down what was done, and when. It can be written anew until the study is closed."""
    words = (words or "").strip()
    if not words or len(words) > LONGEST:
        said = "Say what was done." if not words else f"At most {LONGEST:,} characters fit here. Shorten it."
        raise Invalid(said, fields={"words": said})
    if done_at is None or done_at > now():
        raise Invalid("Give the moment when it was done.", fields={"done_at": "Give a moment that is past."})
    with transaction() as session:
        cycle = _locked(session, cycle, actor)
        if cycle.started_at is None or cycle.studied_at is not None:
            raise Conflict("This belongs between the start of a cycle and its study. Reload the page.")
        before = {"done": cycle.done, "done_at": cycle.done_at and cycle.done_at.isoformat()}
        cycle.done, cycle.done_at = words, done_at
        audit.record("cycle.done", cycle, actor=actor, before=before,
                     after={"done": words, "done_at": done_at.isoformat()})  # fmt: skip
    return cycle


def _locked(session, cycle, actor):
    """The cycle, locked and fresh, if this person may change it."""
    session.refresh(cycle, with_for_update=True)
    if cycle.organization_id not in actor.reach(Permission.CALIBRATE):
        raise NotAllowed("Only leaders of this district or network may do that.")
    return cycle


def _require_draft(cycle):
    if cycle.started_at is not None:
        raise Conflict("This cycle is started. Its plan does not change any more.")
    if cycle.discarded_at is not None:
        raise Conflict("This draft is discarded. Bring it back first.")


def _facts(cycle):
    """The plan as plain values."""
    found = {name: getattr(cycle, name) for name in PLAN}
    found |= {name: found[name] and found[name].isoformat() for name in ("changed_at", "looks_at")}
    return found | {"events": [each.id for each in cycle.events]}
