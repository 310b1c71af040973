"""Small builders: `a_task()`, `a_response()`, `a_read()` ... Each stands on sensible defaults; keywords override.

They write rows as they are after the fact, without the services, so that a test of one service needs no other. Only
`a_read` goes through the service: what a read brings about is more than its rows.
"""

import itertools
import random
from datetime import timedelta

import sqlalchemy as sa

from scoring.db import db, now, transaction
from scoring.events.models import Event, EventDistrict, EventResponse, EventScorer, EventStatus, EventTask
from scoring.people.models import Membership, Organization, OrganizationKind, Person
from scoring.permissions import Role
from scoring.reads import services as reads
from scoring.reads.models import Assignment, AssignmentStatus, Purpose
from scoring.responses.models import Response, Student
from scoring.storage import sha256
from scoring.tasks.models import ConditionCode, Rubric, RubricKind, ScorePoint, Task, Trait

numbers = itertools.count(1)
LEASE = timedelta(minutes=45)
CONDITION_CODES = {"B": "Blank", "I": "Insufficient", "L": "Language", "T": "Off topic", "M": "Off purpose"}


def organization(code):
    """The organization of the cast with this code."""
    return db.session.scalars(sa.select(Organization).where(Organization.code == code)).one()


def person(name):
    """The person of the cast with this first name, or None outside the cast."""
    return db.session.scalars(sa.select(Person).where(Person.email == f"{name}@example.org")).one_or_none()


def a_person(role=Role.SCORER, at=None, **columns):
    """Somebody who is not in the cast; a scorer at Alder High School unless said otherwise."""
    number = next(numbers)
    columns = {
        "name": f"Person {number}",
        "email": f"person{number}@example.org",
        "session_key": f"key{number}",
    } | columns
    with transaction() as session:
        made = Person(**columns)
        made.memberships = [Membership(role=role, organization=at or organization("alder-high"))]
        session.add(made)
    return made


def a_school(district=None, **columns):
    """A further school, in Alder unless said otherwise."""
    number = next(numbers)
    columns = {"name": f"School {number}", "code": f"school-{number}"} | columns
    with transaction() as session:
        made = Organization(kind=OrganizationKind.SCHOOL, parent=district or organization("alder"), **columns)
        session.add(made)
    return made


def a_task(*, rubric=True, **columns):
    """A common task with a published analytic rubric; `rubric=False` leaves it without one."""
    number = next(numbers)
    columns = {
        "code": f"TASK-{number}", "title": f"Task {number}", "subject": "English", "grade_band": "6-8",
        "directions": "Read both sources. Then argue for one side.",
    } | columns  # fmt: skip
    columns.setdefault("organization", organization("network"))
    with transaction() as session:
        made = Task(**columns)
        session.add(made)
        session.flush()
        if rubric:
            a_rubric(made)
    return made


def a_rubric(task, traits=("claim", "evidence"), values=(1, 2, 3, 4), *, published=True, **columns):
    """A version of a task's rubric. `traits` are keys, or a mapping of key to score points.

    >>> a_rubric(task, {"claim": [1, 2, 3], "evidence": range(5)}, published=False)  # doctest: +SKIP
    """
    points = traits if isinstance(traits, dict) else dict.fromkeys(traits, values)
    with transaction() as session:
        latest = session.scalar(sa.select(sa.func.max(Rubric.version)).where(Rubric.task_id == task.id)) or 0
        columns = {"kind": RubricKind.ANALYTIC, "title": "Rubric", "version": latest + 1} | columns
        made = Rubric(task=task, published_at=now() if published else None, **columns)
        made.traits = [
            Trait(
                key=key, name=key.replace("-", " ").capitalize(), position=position,
                points=[ScorePoint(value=value, label=f"Level {value}", descriptor=f"{key} at level {value}")
                        for value in values],
            )
            for position, (key, values) in enumerate(points.items())
        ]  # fmt: skip
        made.condition_codes = [
            ConditionCode(code=code, name=name, position=position)
            for position, (code, name) in enumerate(CONDITION_CODES.items())
        ]
        session.add(made)
    return made


def a_student(school=None, **columns):
    """A student under a pseudonym, at Alder High School unless said otherwise."""
    school = school or organization("alder-high")
    columns = {"pseudonym": f"S{next(numbers):05}"} | columns
    with transaction() as session:
        made = Student(school=school, district=school.district, **columns)
        session.add(made)
    return made


def a_response(task=None, student=None, *, school=None, **columns):
    """One student's text on a task; both are made when not given."""
    task = task or a_task()
    student = student or a_student(school)
    number = next(numbers)
    text = columns.setdefault("text", f"Schools should start later. This is essay number {number}.")
    columns = {
        "code": f"R{number:06}",
        "sha256": sha256((text or "").encode()),
        "word_count": len((text or "").split()),
    } | columns
    with transaction() as session:
        made = Response(
            task=task, student=student, district=student.district, school=student.school, **columns
        )
        session.add(made)
    return made


def responses(count, task=None, *, school=None):
    """Several responses on one task, each of another student."""
    task = task or a_task()
    with transaction():
        return [a_response(task, school=school) for _ in range(count)]


def an_event(task=None, scorers=("ana", "ben"), *, districts=("alder",), waiting=True, **columns):
    """An open event in which every response is read twice, with the responses of its districts waiting in it.

    `task` may be a list; scorers are people or names of the cast, districts are organizations or codes.
    `waiting=False` leaves the queue empty.
    """
    tasks = task if isinstance(task, (list, tuple)) else [task or a_task()]
    number = next(numbers)
    columns = {
        "code": f"EVENT-{number}", "name": f"Event {number}", "status": EventStatus.OPEN, "share_read_twice": 100,
        "opened_at": now(),
    } | columns  # fmt: skip
    districts = [organization(each) if isinstance(each, str) else each for each in districts]
    columns.setdefault("organization", districts[0] if len(districts) == 1 else organization("network"))
    with transaction() as session:
        made = Event(**columns)
        made.tasks = [EventTask(task=each, rubric=each.published_rubric) for each in tasks]
        made.scorers = [
            EventScorer(person=person(each) if isinstance(each, str) else each) for each in scorers
        ]
        made.districts = districts
        session.add(made)
        session.flush()
        if waiting:
            fill(made)
    return made


def fill(event):
    """Put every response on the event's tasks, of the event's districts, into its queue; return how many."""
    in_event = sa.select(EventDistrict.district_id).where(EventDistrict.event_id == event.id)
    rubrics = {each.task_id: each.rubric_id for each in event.tasks}
    query = (
        sa.select(Response)
        .where(Response.task_id.in_(rubrics), Response.district_id.in_(in_event))
        .order_by(Response.id)
    )
    required = 2 if event.share_read_twice == 100 else 1
    with transaction() as session:
        found = session.scalars(query).all()
        session.add_all(
            EventResponse(
                event_id=event.id, response_id=each.id, task_id=each.task_id, rubric_id=rubrics[each.task_id],
                district_id=each.district_id, school_id=each.school_id, random_key=random.random(),
                required=required, remaining=required,
            )
            for each in found
        )  # fmt: skip
    return len(found)


def an_assignment(event, response, scorer, **columns):
    """A lease on one certain response of an event, as the queue would have given it."""
    with transaction() as session:
        place = session.scalars(
            sa.select(EventResponse).where(
                EventResponse.event_id == event.id, EventResponse.response_id == response.id
            )
        ).one()
        columns = {"purpose": Purpose.OPERATIONAL, "status": AssignmentStatus.OPEN} | columns
        columns.setdefault("leased_until", now() + LEASE)
        made = Assignment(event=event, event_response=place, response=response, scorer=scorer, **columns)
        if made.purpose is Purpose.OPERATIONAL:
            place.remaining -= 1
            place.priority = 0
        session.add(made)
    return made


def a_read(response, scorer="ana", scores=3, *, event, condition_code=None, note="", key=None):
    """One scorer's scores of one response, submitted. `scores` is one score for all traits, or a score by trait key."""
    scorer = person(scorer) if isinstance(scorer, str) else scorer
    assignment = an_assignment(event, response, scorer)
    traits = assignment.event_response.rubric.traits
    given = scores if isinstance(scores, dict) else {trait.key: scores for trait in traits}
    by_id = {} if condition_code else {trait.id: given[trait.key] for trait in traits}
    made, _ = reads.submit_read(
        assignment, scorer, scores=by_id, condition_code=condition_code, note=note, key=key
    )
    return made
