"""Which responses of an event the anchor finder leaves out, and why."""

from dataclasses import dataclass

import sqlalchemy as sa

from calibration.papers import secrecy
from calibration.papers.blind import owed_by
from calibration.papers.models import NameCheck
from calibration.papers.name_checks import flagged_responses, named_in
from calibration.papers.services import changeable_responses, worrying_responses
from scoring.db import db
from scoring.events.models import EventResponse, EventScorer, EventStatus, Outcome
from scoring.reads.models import Read
from scoring.responses.models import Response


@dataclass(frozen=True)
class LeftOut:
    """Ids of responses by the reason why they are no candidates now."""

    secret: frozenset  # not even told of: an alert nobody has settled, a validity set in use, or the person may score it
    flagged: frozenset
    named: frozenset
    discrepant: frozenset  # whoever settles them must not know the reads

    @property
    def unmeasured(self):
        """Responses whose reads are not looked at at all."""
        return self.secret | self.flagged | self.named

    def flagged_codes(self):
        """Codes of flagged work, for those who settle flags."""
        query = sa.select(Response.code).where(Response.id.in_(self.flagged)).order_by(Response.code)
        return db.session.scalars(query).all()

    def names(self):
        """How many of the named responses a district was not asked about, has not answered, and keeps from others."""
        query = sa.select(NameCheck.is_name).where(NameCheck.response_id.in_(self.named))
        answers = db.session.scalars(query).all()
        return len(self.named) - len(answers), answers.count(None), answers.count(True)


def left_out(event, task, person=None):
    """Return what the finder must leave out of an event's task, for a person who looks."""
    mine = sa.select(EventResponse.response_id).where(
        EventResponse.event_id == event.id, EventResponse.task_id == task.id
    )
    secret, flagged, discrepant = (
        frozenset(db.session.scalars(query))
        for query in (
            mine.where(EventResponse.response_id.in_(sa.union(worrying_responses(), secrecy.live_validity_responses()))),
            mine.where(EventResponse.response_id.in_(flagged_responses())),
            mine.where(EventResponse.outcome == Outcome.DISCREPANT),
        )
    )  # fmt: skip
    flagged -= secret
    secret |= _may_be_handed_to(person, event, mine)
    return LeftOut(secret, flagged, frozenset(named_in(event, task)) - secret - flagged, discrepant)


def _may_be_handed_to(person, event, mine):
    """Ids of responses this person scores, or may yet be asked to score, in the event: not even counts tell what they got."""
    if person is None:
        return frozenset()
    owed = frozenset(db.session.scalars(mine.where(EventResponse.response_id.in_(owed_by(person)))))
    seat = sa.select(EventScorer.id).where(
        EventScorer.event_id == event.id, EventScorer.person_id == person.id, EventScorer.removed_at.is_(None)
    )
    if event.status is EventStatus.CLOSED or db.session.scalar(seat) is None:
        return owed
    own = sa.select(Read.response_id).where(Read.scorer_id == person.id, Read.reopened_at.is_(None))
    open_ones = sa.or_(EventResponse.reads < 2, EventResponse.response_id.in_(changeable_responses()))
    return owed.union(db.session.scalars(mine.where(open_ones, EventResponse.response_id.not_in(own))))
