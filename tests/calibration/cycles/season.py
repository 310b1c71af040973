"""Reads over some weeks around a change, written straight into the tables: quicker than scoring them."""

import random
from datetime import timedelta

import sqlalchemy as sa

from scoring.db import db, now, transaction
from scoring.events.models import EventResponse, Outcome
from scoring.people.models import Organization
from scoring.permissions import Role
from scoring.reads.models import Assignment, AssignmentStatus, Purpose, Read, TraitScore
from scoring.responses.models import Response, Student
from tests import build

DAYS = 10  # on either side of the change


class Weeks:
    """An event whose responses were read twice, half of them before the change. `start` is long enough ago."""

    def __init__(
        self, counts=None, *, scorers=5, noise=(0.6, 0.6), seed=1, organization="network", code="WEEKS"
    ):
        self.counts = counts or {"alder": 60}
        self.start = now().replace(microsecond=0) - timedelta(days=30)
        self.change = self.start + timedelta(days=DAYS)
        self.look = self.change + timedelta(days=DAYS)
        self.task = build.a_task(title="Later start")
        high = build.organization("alder-high")
        self.scorers = [build.a_person(Role.SCORER, high, name=f"Scorer Secret{n}") for n in range(scorers)]
        self.event = build.an_event(self.task, self.scorers, districts=tuple(self.counts), code=code, name="Weeks of scoring",
                                    organization=build.organization(organization), waiting=False)  # fmt: skip
        self.draw = random.Random(seed)
        self.rubric = self.event.tasks[0].rubric
        with transaction() as session:
            self._write(
                session,
                [row for district, number in self.counts.items() for row in self._rows(district, number)],
                noise,
            )

    def _rows(self, district, number):
        """A student and a response for each place, with the moment of its first read and its side of the change."""
        home = build.organization(district)
        school = db.session.scalar(
            sa.select(Organization).where(Organization.parent_id == home.id).order_by(Organization.id)
        )
        for place in range(number):
            side = 0 if place < number // 2 else 1
            moment = self.start + timedelta(days=DAYS * side + self.draw.random() * (DAYS - 0.1))
            where = {"district_id": home.id, "school_id": school.id}
            student = Student(pseudonym=f"{self.event.code}{home.id}-{place}", **where)
            response = Response(code=f"{self.event.code[:3]}{home.id}{place:04}", task_id=self.task.id, text="Work.",
                                sha256="0" * 64, **where)  # fmt: skip
            yield student, response, moment, side

    def _write(self, session, rows, noise):
        """Write everything in as few trips as there are tables."""
        session.add_all(student for student, *_ in rows)
        session.flush()
        for student, response, _, _ in rows:
            response.student_id = student.id
        session.add_all(response for _, response, _, _ in rows)
        session.flush()
        event = {"event_id": self.event.id}
        places = [
            EventResponse(
                response_id=response.id, task_id=self.task.id, rubric_id=self.rubric.id, district_id=response.district_id,
                school_id=response.school_id, random_key=self.draw.random(), priority=0, required=2, remaining=0, reads=2,
                outcome=Outcome.SETTLED, settled_at=moment, **event,
            )
            for _, response, moment, _ in rows
        ]  # fmt: skip
        session.add_all(places)
        session.flush()
        held = [
            (place, Assignment(event_response_id=place.id, response_id=place.response_id, scorer_id=person.id, leased_until=moment,
                               status=AssignmentStatus.SUBMITTED, **event), moment, side, level)
            for place, (_, _, moment, side) in zip(places, rows, strict=True)
            for level in [self.draw.gauss(2.5, 0.8)]
            for person in self.draw.sample(self.scorers, 2)
        ]  # fmt: skip
        session.add_all(assignment for _, assignment, *_ in held)
        session.flush()
        session.add_all(
            Read(assignment_id=assignment.id, event_response_id=place.id, response_id=place.response_id,
                 scorer_id=assignment.scorer_id, purpose=Purpose.OPERATIONAL, submitted_at=moment,
                 scores=self._scores(level, noise[side]), **event)
            for place, assignment, moment, side, level in held
        )  # fmt: skip

    def _scores(self, level, noise):
        return [
            TraitScore(trait_id=trait.id, score=min(4, max(1, round(level + self.draw.gauss(0, noise)))))
            for trait in self.rubric.traits
        ]
