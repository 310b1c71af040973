"""What an event may consist of; whatever can not be is said in words."""

import re

import sqlalchemy as sa

from scoring.db import db
from scoring.errors import Conflict, Invalid, NotAllowed
from scoring.events import choices
from scoring.events.models import Event, EventStatus, EventTask, ResolutionRule
from scoring.people.models import Person
from scoring.permissions import Permission

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")
RESERVED = {"new", "concerns"}  # addresses of other pages below /events
RULES = {
    "message", "opens_at", "closes_at", "share_read_twice", "tolerance", "resolution_rule", "lease_minutes",
    "exclude_own_students", "exclude_own_school", "exclude_own_district", "qualified_only", "alert_to_id",
}  # fmt: skip
FROZEN_BY_READS = {
    "tolerance": "how far apart reads may be",
    "resolution_rule": "how two reads become one score",
}
RANGES = {"share_read_twice": (0, 100), "tolerance": (0, 5), "lease_minutes": (5, 1440)}


def must_run(organization_id, actor):
    if organization_id not in actor.reach(Permission.RUN_EVENTS):
        raise NotAllowed("Only those who run events of this organization can do that. Ask its leader.")


def must_be_draft(event):
    if event.status is not EventStatus.DRAFT:
        raise Conflict(
            "Tasks and districts are fixed once an event has opened. Set up another event for further ones."
        )


def must_not_be_closed(event):
    if event.status is EventStatus.CLOSED:
        raise Conflict(f"{event.name} is closed. A closed event stays as it is.")


def must_be_free_code(code):
    if not CODE.fullmatch(code) or code in RESERVED:
        words = "Use 2 to 40 letters, digits, dashes or underscores, and no word that pages use."
        raise Invalid(f"The code {code!r} can not be used. {words}", fields={"code": words})
    if db.session.scalar(sa.select(Event.id).where(sa.func.lower(Event.code) == code.lower())) is not None:
        raise Invalid(
            f"The code {code} is taken. Choose another one.", fields={"code": "This code is taken."}
        )


def must_be_name(name):
    if not 1 <= len(name) <= 200:
        words = "Give a name of up to 200 characters."
        raise Invalid(words, fields={"name": words})


def chosen_tasks(organization, task_rubrics):
    allowed = {task.id for task in choices.tasks(organization)}
    for task, rubric in task_rubrics:
        if task.id not in allowed:
            raise Invalid(f"{task.title} can not be used here. Choose a common task, or one of the district's own, "
                          "with a published rubric.", fields={"tasks": "Choose tasks that are open to this event."})  # fmt: skip
        if rubric.task_id != task.id or not rubric.is_published:
            raise Invalid(f"This rubric is not a published version for {task.title}. Publish it first.",
                          fields={"tasks": "Choose a published rubric version."})  # fmt: skip
    if len({task.id for task, _ in task_rubrics}) != len(task_rubrics):
        raise Invalid("A task is in the event twice. Choose one rubric version for each task.")
    return [EventTask(task=task, rubric=rubric) for task, rubric in task_rubrics]


def chosen_districts(organization, some_districts):
    allowed = choices.districts(organization)
    if not some_districts and len(allowed) == 1:
        return allowed
    strange = [district.name for district in some_districts if district not in allowed]
    if strange:
        raise Invalid(f"{', '.join(strange)} can not take part in an event of {organization.name}. Choose its own districts.",
                      fields={"districts": "Choose districts of this organization."})  # fmt: skip
    return list(dict.fromkeys(some_districts))


def checked_rules(event, rules):
    """Return the rules as they will be stored, or say which one can not be."""
    rules = dict(rules)
    if "alert_to" in rules:
        person = rules.pop("alert_to")
        rules["alert_to_id"] = person.id if person is not None else None
    unknown = rules.keys() - RULES
    if unknown:
        raise Invalid(f"There is no rule called {', '.join(sorted(unknown))}. Check the spelling.")
    problems = {}
    for name, (low, high) in RANGES.items():
        if name in rules and (rules[name] is None or not low <= rules[name] <= high):
            problems[name] = f"Give a number from {low} to {high}."
    opens, closes = rules.get("opens_at", event.opens_at), rules.get("closes_at", event.closes_at)
    if opens and closes and closes <= opens:
        problems["closes_at"] = "Choose an end after the start."
    if rules.get("alert_to_id") and not _may_be_alerted(event.organization, rules["alert_to_id"]):
        problems["alert_to_id"] = "Choose an active person who runs events here."
    if "resolution_rule" in rules:
        rules["resolution_rule"] = ResolutionRule(rules["resolution_rule"])
    if problems:
        raise Invalid("A rule can not be as it is. " + " ".join(problems.values()), fields=problems)
    return rules


def _may_be_alerted(organization, person_id):
    return db.session.scalar(choices.people_to_alert(organization).where(Person.id == person_id)) is not None
