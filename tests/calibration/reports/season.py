"""A season for report tests: many double reads written straight into the tables, quicker than scoring them."""

import random

import sqlalchemy as sa

from scoring.db import db, now, transaction
from scoring.events.models import EventResponse, Outcome
from scoring.people.models import Organization
from scoring.reads.models import (
    Assignment,
    AssignmentStatus,
    Method,
    Purpose,
    Read,
    ScoreOfRecord,
    TraitScore,
)
from scoring.responses.models import Response, Student
from tests import build


def a_season(
    counts, scorers=("ana", "ben", "eve"), *, title="Start later", seed=4, traits=("claim", "evidence")
):
    """An event of the network in which each response was read twice; `counts` are responses by district code.

    Scorers of Alder read with scorers of Birch, so their names meet on every page. One response of each ten carries
    a condition code from both readers.
    """
    draw = random.Random(seed)
    task = build.a_task(title=title, rubric=False)
    build.a_rubric(task, traits)
    db.session.refresh(task)
    event = build.an_event(task, scorers, districts=tuple(counts), code="WINTER", name="Winter essays",
                           organization=build.organization("network"), waiting=False)  # fmt: skip
    rubric, people = event.tasks[0].rubric, [build.person(name) for name in scorers]
    with transaction() as session:
        for code, number in counts.items():
            district = build.organization(code)
            school = session.scalar(
                sa.select(Organization).where(Organization.parent_id == district.id).order_by(Organization.id)
            )
            for place in range(number):
                _a_response(session, draw, event, task, rubric, district, school, people, place)
    return event, task


def _a_response(session, draw, event, task, rubric, district, school, people, place):
    student = Student(district_id=district.id, school_id=school.id, pseudonym=f"={district.code}-{place:04}")
    session.add(student)
    session.flush()
    response = Response(code=f"{district.code[:2].upper()}{place:05}", task_id=task.id, student_id=student.id,
                        district_id=district.id, school_id=school.id, text="Work.", sha256="0" * 64)  # fmt: skip
    session.add(response)
    session.flush()
    waiting = EventResponse(
        event_id=event.id, response_id=response.id, task_id=task.id, rubric_id=rubric.id, district_id=district.id,
        school_id=school.id, random_key=draw.random(), priority=0, required=2, remaining=0, reads=2,
        outcome=Outcome.SETTLED, settled_at=now(),
    )  # fmt: skip
    session.add(waiting)
    session.flush()
    quality, is_coded = draw.choice([1, 2, 2, 3, 3, 3, 4]), place % 10 == 9
    given = []
    for person in draw.sample(people, 2):
        assignment = Assignment(
            event_id=event.id, event_response_id=waiting.id, response_id=response.id, scorer_id=person.id,
            status=AssignmentStatus.SUBMITTED, leased_until=now(),
        )  # fmt: skip
        session.add(assignment)
        session.flush()
        scores = {} if is_coded else {
            trait.id: min(4, max(1, quality + draw.choice([0, 0, 0, 1, -1]))) for trait in rubric.traits
        }  # fmt: skip
        given.append(scores)
        session.add(Read(
            assignment_id=assignment.id, event_id=event.id, event_response_id=waiting.id, response_id=response.id,
            scorer_id=person.id, purpose=Purpose.OPERATIONAL,
            condition_code_id=rubric.condition_codes[0].id if is_coded else None,
            scores=[TraitScore(trait_id=trait, score=score) for trait, score in scores.items()],
        ))  # fmt: skip
    for trait in rubric.traits:
        session.add(ScoreOfRecord(
            event_response_id=waiting.id, trait_id=trait.id, method=Method.TWO_READS, rule="mean",
            score=None if is_coded else (given[0][trait.id] + given[1][trait.id]) / 2,
            condition_code_id=rubric.condition_codes[0].id if is_coded else None,
        ))  # fmt: skip
