"""Which responses of an event the anchor finder leaves out, and why."""

from dataclasses import dataclass

import sqlalchemy as sa

from calibration.papers import secrecy
from calibration.papers.models import NameCheck
from calibration.papers.name_checks import flagged_responses, named_in
from calibration.papers.services import worrying_responses
from scoring.db import db
from scoring.events.models import EventResponse, Outcome
from scoring.responses.models import Response


@dataclass(frozen=True)
class LeftOut:
    """Ids of responses by the reason why they are no candidates now."""

    secret: frozenset  # an alert nobody has settled, or a validity set in use: not even told of
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

    def waiting_for_names(self):
        """How many of the named responses a district was not asked about, and about how many it has not answered."""
        query = sa.select(NameCheck.checked_at).where(NameCheck.response_id.in_(self.named))
        answers = db.session.scalars(query).all()
        return len(self.named) - len(answers), answers.count(None)


def left_out(event, task):
    """Return what the finder must leave out of an event's task."""
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
    return LeftOut(secret, flagged, frozenset(named_in(event, task)) - secret - flagged, discrepant)
