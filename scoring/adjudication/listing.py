"""The list of discrepant responses as one leader sees it: since when each waits, who has it, and what can be done."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from scoring.adjudication import finding
from scoring.db import db
from scoring.events.models import EventResponse, Outcome
from scoring.people.models import Person
from scoring.reads.models import Concern, ConcernKind


@dataclass(frozen=True)
class Row:
    """One response in the list."""

    place: EventResponse
    since: datetime | None
    holder: Person | None
    is_mine: bool
    why_not: str | None


def rows(places, leader):
    """Return a row for each response of one page of the list."""
    ids = [place.id for place in places]
    since, held = finding.waiting_since(ids), finding.holders(ids)
    return [_row(place, leader, since.get(place.id), held.get(place.id)) for place in places]


def _row(place, leader, since, holder):
    is_open = place.outcome is Outcome.DISCREPANT
    mine = is_open and finding.own_assignment(place, leader) is not None
    why_not = None if mine or not is_open else finding.why_not(place, leader)
    return Row(place, since, holder, mine, why_not)


def open_alerts(event_ids):
    """Count the alerts of these events that nobody has settled."""
    return db.session.scalar(
        sa.select(sa.func.count(Concern.id)).where(
            Concern.event_id.in_(event_ids), Concern.kind == ConcernKind.ALERT, Concern.settled_at.is_(None)
        )
    )
