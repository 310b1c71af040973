"""A closed event of two districts whose responses can be compared, and people of both who have not read them."""

from datetime import timedelta

from calibration.judging import comparing, services
from scoring.db import at, db, now, transaction
from scoring.events.models import EventStatus
from scoring.permissions import Role
from tests import build


class Season:
    """Twelve responses read by two scorers, closed; a study on all of them, with Ana, Ben and Eve invited."""

    def __init__(self, actor, *, count=12, people=("ana", "ben", "eve"), **study):
        self.actor = actor
        self.task = build.a_task(title="Later start")
        half = count // 2
        self.responses = build.responses(half, self.task) + build.responses(
            count - half, self.task, school=build.organization("birch-high")
        )
        readers = [build.a_person(Role.SCORER, name=f"Reader {number}") for number in (1, 2)]
        self.event = build.an_event(
            self.task, readers, districts=("alder", "birch"), code="CLOSED", name="Fall"
        )
        with at(now() - timedelta(hours=2)):
            for number, response in enumerate(self.responses):
                for reader in readers:
                    build.a_read(response, reader, 1 + number % 4, event=self.event)
        with transaction():
            self.event.status, self.event.closed_at = EventStatus.CLOSED, now()
        facts = {
            "title": "Second look",
            "question": "Which is the better work?",
            "size": count,
            "per_response": 6,
        } | study
        self.study = services.create_study(self.event.tasks[0], actor=actor, **facts)
        services.invite(self.study, [build.person(name) for name in people], actor=actor)

    def open(self):
        services.open_study(self.study, actor=self.actor)
        return self

    def seat(self, person):
        return comparing.seat_of(self.study.id, person)

    def compare_all(self, *people, better=lambda response: response.id):
        """Let everybody choose by a rule until nothing waits; return how many pairs there were."""
        count = 0
        while True:
            pairs = [(seat, comparing.take_pair(seat)) for seat in map(self.seat, people)]
            if not any(pair for _, pair in pairs):
                return count
            for seat, pair in pairs:
                if pair is not None:
                    left = better(pair.left.response) > better(pair.right.response)
                    comparing.choose(seat, pair.id, "left" if left else "right")
                    count += 1

    def close(self):
        services.close_study(self.study, actor=self.actor)
        db.session.expire_all()
        return self
