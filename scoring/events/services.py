"""What leaders do with scoring events: set them up, open, pause and close them, and change their rules."""

import sqlalchemy as sa

from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotFound
from scoring.events import checks, choices, queue
from scoring.events import progress as counting
from scoring.events.defaults import default_share
from scoring.events.models import (
    Event,
    EventDistrict,
    EventScorer,
    EventStatus,
    EventTask,
)
from scoring.people.models import Person
from scoring.permissions import Permission

# Finding


def visible_events(person, permission):
    """Query the events in which this person has a permission, newest first.

    Besides their own organization's these are the shared events that their district takes part in. A scorer's
    are those they score in.
    """
    newest_first = sa.select(Event).order_by(Event.created_at.desc(), Event.id.desc())
    if permission is Permission.SCORE:
        scores = (
            EventScorer.event_id == Event.id,
            EventScorer.person_id == person.id,
            EventScorer.removed_at.is_(None),
        )
        return newest_first.where(sa.exists().where(*scores))
    reach = person.reach(permission)
    shared = sa.exists().where(EventDistrict.event_id == Event.id, EventDistrict.district_id.in_(reach))
    return newest_first.where(sa.or_(Event.organization_id.in_(reach), shared))


def event_by_code(code, person, permission):
    """Return the event with this code, if this person has the permission in it."""
    event = db.session.scalar(visible_events(person, permission).where(Event.code == code))
    if event is None:
        raise NotFound(f"There is no event {code}, or it is not open to you. Check the code.")
    return event


def listed_events(person, status=""):
    """Query the events a leader sees in the list; `status` narrows it."""
    query = visible_events(person, Permission.RUN_EVENTS)
    return query.where(Event.status == EventStatus(status)) if status in set(EventStatus) else query


def may_run(event, person):
    """Whether this person may change the event: those who run events where it belongs."""
    return event.organization_id in person.reach(Permission.RUN_EVENTS)


def progress(event):
    """Count how far the event has come."""
    return counting.of_events([event.id])[event.id]


def ready_count(task_ids, districts):
    """How many responses could go into a new event on these tasks in these districts."""
    query = queue.new_responses(task_ids, [district.id for district in districts])
    return db.session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery()))


def fixed_parts(event):
    """Name what can not be changed any more: tasks and districts after opening, the scoring rules after a read."""
    fixed = set() if event.status is EventStatus.DRAFT else {"tasks", "districts"}
    return fixed | (set(checks.FROZEN_BY_READS) if queue.has_reads(db.session, event) else set())


# Setting up


def create_event(organization, *, code, name, task_rubrics=(), districts=(), scorers=(), actor, **rules):
    """Set up an event as a draft. Rules that are not given get the usual value."""
    code, name = code.strip(), name.strip()
    with transaction() as session:
        checks.must_run(organization.id, actor)
        checks.must_be_free_code(code)
        checks.must_be_name(name)
        event = Event(
            organization=organization, code=code, name=name, created_by_id=actor.id, alert_to_id=actor.id
        )
        event.districts = checks.chosen_districts(organization, districts)
        event.tasks = checks.chosen_tasks(organization, task_rubrics)
        if rules.get("share_read_twice") is None:
            found = ready_count([each.task.id for each in event.tasks], event.districts)
            rules["share_read_twice"] = default_share(found)
        values = checks.checked_rules(event, rules)
        for rule, value in values.items():
            setattr(event, rule, value)
        session.add(event)
        session.flush()
        _add_scorers(session, event, scorers)
        audit.record("event.created", event, actor=actor, after=_facts(event))
        return event


def change_set_up(event, *, actor, name=None, task_rubrics=None, districts=None, **rules):
    """Change a draft: its name, tasks, districts and rules. Once it has opened, only name and rules change."""
    with transaction() as session:
        event = _locked(session, event, actor)
        before = _facts(event)
        if name is not None:
            checks.must_be_name(name.strip())
            event.name = name.strip()
        if task_rubrics is not None or districts is not None:
            checks.must_be_draft(event)
        if districts is not None:
            event.districts = checks.chosen_districts(event.organization, districts)
            allowed = _allowed_scorers(session, event)
            event.scorers = [each for each in event.scorers if each.person_id in allowed]
        if task_rubrics is not None:
            _replace_tasks(session, event, task_rubrics)
        if rules:
            _apply_rules(session, event, rules)
        _record_change("event.changed", event, before, actor)
        return event


def change_rules(event, *, actor, **rules):
    """Change rules, also while scoring goes on.

    How reads become scores is fixed by the first read. Raising the share read twice to 100 asks for a second read
    of everything that waits; lowering it lets go only of second reads that nobody has begun. What is settled stays.
    """
    with transaction() as session:
        event = _locked(session, event, actor)
        before = _facts(event)
        _apply_rules(session, event, rules)
        _record_change("event.rules_changed", event, before, actor)
        return event


def discard_draft(event, *, actor):
    """Delete an event that never opened."""
    with transaction() as session:
        event = _locked(session, event, actor)
        checks.must_be_draft(event)
        audit.record("event.discarded", event, actor=actor, before=_facts(event))
        event.districts = []
        session.flush()
        session.delete(event)


def add_scorers(event, people, *, actor):
    """Let people score in the event; who was removed before comes back. Return how many are new."""
    with transaction() as session:
        event = _locked(session, event, actor)
        checks.must_not_be_closed(event)
        added = _add_scorers(session, event, people)
        if added:
            audit.record("event.scorers_added", event, actor=actor, after={"people": added})
        return len(added)


def remove_scorer(event, person_id, *, actor):
    """Hand nothing more of the event to this scorer. Their reads stay; oversight takes back what they hold."""
    with transaction() as session:
        event = _locked(session, event, actor)
        place = next((each for each in event.scorers if each.person_id == person_id), None)
        if place is None or place.removed_at is not None:
            raise NotFound("This person does not score in the event. Reload the page to see who does.")
        place.removed_at = now()
        audit.record("event.scorer_removed", event, actor=actor, after={"person": person_id})
        return place


# Running


def open_event(event, *, actor):
    """Let scorers read, and put in whatever responses have become ready. Return the event."""
    with transaction() as session:
        event = _locked(session, event, actor)
        checks.must_not_be_closed(event)
        missing = queue.missing_before_opening(event)
        if missing:
            raise Invalid(f"{event.name} can not open yet. " + " ".join(missing))
        before = event.status
        event.status = EventStatus.OPEN
        event.opened_at = event.opened_at or now()
        added = queue.fill(session, event)
        audit.record(
            "event.opened",
            event,
            actor=actor,
            before={"status": before},
            after={"status": event.status, "responses_added": added},
        )
        return event


def add_new_responses(event, *, actor):
    """Put responses that became ready since the event opened into its queue; return how many."""
    with transaction() as session:
        event = _locked(session, event, actor)
        if event.status not in {EventStatus.OPEN, EventStatus.PAUSED}:
            raise Conflict(
                "Responses can be added while an event is open or paused. Opening it adds all that are ready."
            )
        added = queue.fill(session, event)
        if added:
            audit.record("event.responses_added", event, actor=actor, after={"responses_added": added})
        return added


def pause_event(event, *, actor):
    """Hand out nothing until it is opened again. Work that scorers hold can still be sent."""
    return _change_status(event, {EventStatus.OPEN}, EventStatus.PAUSED, "event.paused", actor)


def close_event(event, *, actor):
    """End the event for good. What has no score of record then, gets none in this event."""
    allowed = {EventStatus.OPEN, EventStatus.PAUSED}
    return _change_status(event, allowed, EventStatus.CLOSED, "event.closed", actor)


# How it is done


def _change_status(event, allowed, target, action, actor):
    with transaction() as session:
        event = _locked(session, event, actor)
        if event.status not in allowed:
            raise Conflict(f"{event.name} is {event.status} now. Reload the page to see what can be done.")
        before, event.status = event.status, target
        if target is EventStatus.CLOSED:
            event.closed_at = now()
        audit.record(action, event, actor=actor, before={"status": before}, after={"status": target})
        return event


def _locked(session, event, actor):
    """Return the event with its row held, so that two leaders change it one after the other."""
    event = session.get(Event, event.id, with_for_update={"key_share": True}, populate_existing=True)
    if event is None:
        raise NotFound("This event is gone. Somebody deleted the draft.")
    checks.must_run(event.organization_id, actor)
    return event


def _add_scorers(session, event, people):
    may_score = _allowed_scorers(session, event)
    strangers = [person.name for person in people if person.id not in may_score]
    if strangers:
        raise Invalid(f"{', '.join(strangers)} can not score in this event. Only active scorers of its districts can.",
                      fields={"scorers": "Choose scorers of the event's districts."})  # fmt: skip
    present = {each.person_id: each for each in event.scorers}
    added = []
    for person in dict.fromkeys(people):
        place = present.get(person.id)
        if place is None:
            event.scorers.append(EventScorer(person_id=person.id))
        elif place.removed_at is not None:
            place.removed_at = None
        else:
            continue
        added.append(person.id)
    session.flush()
    return added


def _allowed_scorers(session, event):
    query = choices.scorers(event.districts).with_only_columns(Person.id).order_by(None)
    return set(session.scalars(query))


def _replace_tasks(session, event, task_rubrics):
    """Exchange the tasks of a draft, keeping the rows of those that stay."""
    chosen = {each.task.id: each.rubric.id for each in checks.chosen_tasks(event.organization, task_rubrics)}
    event.tasks = [each for each in event.tasks if each.task_id in chosen]
    for each in event.tasks:
        each.rubric_id = chosen.pop(each.task_id)
    event.tasks += [EventTask(task_id=task_id, rubric_id=rubric_id) for task_id, rubric_id in chosen.items()]
    session.flush()
    session.expire(event, ["tasks"])


def _apply_rules(session, event, rules):
    checks.must_not_be_closed(event)
    values = {
        rule: value
        for rule, value in checks.checked_rules(event, _with_usual_share(event, rules)).items()
        if value != getattr(event, rule)
    }
    frozen = [words for rule, words in checks.FROZEN_BY_READS.items() if rule in values]
    if frozen and queue.has_reads(session, event):
        raise Conflict(
            f"The first read has fixed {' and '.join(frozen)}. Every response is settled by the same rule."
        )
    before = event.share_read_twice
    for rule, value in values.items():
        setattr(event, rule, value)
    session.flush()
    if event.share_read_twice != before:
        queue.change_share(session, event, before)


def _with_usual_share(event, rules):
    """Fill in the usual share where it was left empty, by all responses the event has or would have."""
    if rules.get("share_read_twice", 0) is not None:
        return rules
    found = ready_count([each.task_id for each in event.tasks], event.districts) + progress(event).responses
    return {**rules, "share_read_twice": default_share(found)}


def _facts(event):
    """What the audit log tells of an event."""
    rules = {rule: getattr(event, rule) for rule in sorted(checks.RULES)}
    rules = {
        rule: value.isoformat() if hasattr(value, "isoformat") else value for rule, value in rules.items()
    }
    return {
        "code": event.code, "name": event.name, "status": event.status, **rules,
        "tasks": {str(each.task_id): each.rubric_id for each in event.tasks},
        "districts": [each.id for each in event.districts],
        "scorers": [each.person_id for each in event.scorers if each.removed_at is None],
    }  # fmt: skip


def _record_change(action, event, before, actor):
    """Tell only what is different."""
    after = _facts(event)
    changed = [key for key in after if after[key] != before[key]]
    if changed:
        audit.record(action, event, actor=actor, before={key: before[key] for key in changed},
                     after={key: after[key] for key in changed})  # fmt: skip
