"""A small season for tests of credentials: responses read twice in an event, and a rule that fits.

Rows are written as they are after the fact: two dozen reads through the service would be most of each test.
"""

from datetime import timedelta

from calibration.credentials import rulebook, services
from scoring import audit
from scoring.db import db, now, transaction
from scoring.events.models import EventResponse, EventStatus, Outcome
from scoring.reads.models import Assignment, AssignmentStatus, Method, Read, ScoreOfRecord, TraitScore
from tests import build

RULE = {"fewest_reads": 10, "fewest_double": 10, "least_exact": 70, "months": 24}


class Season:
    """Ana and Ben read ten responses; they give the same scores, but for `apart` of them on one trait."""

    def __init__(
        self, ana, ben, *, apart=2, double=10, task=None, is_closed=True, unscorable=0, school=None, **event
    ):
        self.ana, self.ben = ana, ben
        self.task = task or build.a_task(title="Later start")
        self.rubric = self.task.published_rubric
        self.responses = build.responses(double + unscorable, self.task, school=school)
        self.event = build.an_event(self.task, [ana, ben], **event)
        with transaction() as session:
            for number, place in enumerate(self.places):
                code = self.rubric.condition_codes[0] if number >= double else None
                mine = {"claim": 3, "evidence": 2}
                self._read(session, place, ana, None if code else mine, code)
                self._read(session, place, ben, mine | {"evidence": 3 if number < apart else 2}, None)
                self._settle(session, place)
        if is_closed:
            close(self.event)

    @property
    def places(self):
        ids = [each.id for each in self.responses]
        return db.session.query(EventResponse).filter(
            EventResponse.event_id == self.event.id, EventResponse.response_id.in_(ids)
        ).order_by(EventResponse.response_id).all()  # fmt: skip

    def _read(self, session, place, scorer, scores, code):
        """One read with its lease and its entry in the audit log."""
        moment = now() - timedelta(hours=2)
        lease = Assignment(event_id=self.event.id, event_response=place, response_id=place.response_id, scorer_id=scorer.id,
                           status=AssignmentStatus.SUBMITTED, leased_at=moment, leased_until=moment)  # fmt: skip
        session.add(lease)
        session.flush()
        by_id = {trait.id: scores[trait.key] for trait in self.rubric.traits} if scores else {}
        read = Read(assignment_id=lease.id, event_id=self.event.id, event_response=place, response_id=place.response_id,
                    scorer_id=scorer.id, submitted_at=moment, condition_code_id=code and code.id,
                    scores=[TraitScore(trait_id=trait, score=score) for trait, score in by_id.items()])  # fmt: skip
        session.add(read)
        session.flush()
        told = {str(trait): score for trait, score in by_id.items()}
        audit.record(
            "read.submitted", read, actor=scorer, after={"scores": told, "condition_code": code and code.id}
        )

    def _settle(self, session, place):
        place.reads, place.remaining, place.outcome, place.settled_at = 2, 0, Outcome.SETTLED, now()
        traits = [trait.id for trait in self.rubric.traits]
        session.add_all(
            ScoreOfRecord(
                event_response_id=place.id, trait_id=trait, score=2.0, method=Method.TWO_READS, rule="mean"
            )
            for trait in traits
        )
        record = {
            "scores": dict.fromkeys(map(str, traits), 2.0),
            "condition_code": None,
            "method": "two_reads",
        }
        audit.record(
            "response.settled",
            place,
            after={"event_response": place.id, "outcome": "settled", "record": record},
        )


def close(event):
    with transaction():
        event.status, event.closed_at = EventStatus.CLOSED, now()


def a_rule(organization, rubric, actor, **facts):
    return rulebook.write_rule(organization, rubric, actor=actor, **(RULE | facts))


def a_credential(season, organization, leader, **facts):
    """Ana's credential, given by a leader."""
    return services.give(a_rule(organization, season.rubric, leader, **facts), season.ana, actor=leader)
