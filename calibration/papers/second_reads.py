"""More reads for promising work: responses read once whose scores are those that anchors lack, and asking for a second read."""

from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from calibration.measurement.anchoring import cover
from calibration.measurement.anchoring.profiles import profiles, spread
from calibration.papers.models import Paper
from scoring.db import db, transaction
from scoring.errors import Conflict, NotFound
from scoring.events.models import EventResponse, EventStatus
from scoring.events.services import may_run
from scoring.reads import services as reads
from scoring.responses.models import Response

FOR_EACH_GAP = 3  # second reads often differ, so that one paper is rarely enough
MOST = 12


@dataclass(frozen=True)
class Promising:
    """A response read once, and the gaps that it would fill if a second read agreed: (trait, score point)."""

    response: Response
    fills: tuple


def promising(search, person):
    """Return the work read once that would fill most of what is missing, most useful first.

    The search leaves out what this person may still be handed themselves.
    """
    event = search.event
    if event.status not in {EventStatus.OPEN, EventStatus.PAUSED} or not may_run(event, person):
        return []
    chosen = _chosen(search, _askable(event, search.task))
    found = {each.id: each for each in db.session.scalars(sa.select(Response).where(Response.id.in_(chosen)))}
    return [Promising(found[response_id], fills) for response_id, fills in chosen.items()]


def _askable(event, task):
    """Ids of responses read once, that nobody decided to have read twice, and that never were papers."""
    was_paper = sa.exists().where(Paper.response_id == EventResponse.response_id)
    query = sa.select(EventResponse.response_id).where(
        EventResponse.event_id == event.id, EventResponse.task_id == task.id, EventResponse.required == 1,
        EventResponse.reads == 1, ~was_paper,
    )  # fmt: skip
    return set(db.session.scalars(query))


def _chosen(search, askable):
    """Choose by what is missing: {response id: ((trait, point), ...)}. Profiles that stand far apart are left out."""
    ratings, table = search.ratings, profiles(search.ratings)
    steps = np.array([ratings.points[trait].size - 1 for trait in ratings.traits])
    clean = spread(table.lowest.astype(float), steps) <= 1
    names = ratings.response.names
    units = [
        unit for unit in np.flatnonzero(table.complete & (table.reads == 1) & clean) if names[unit] in askable
    ]
    gaps = [(gap.trait, gap.point) for gap in search.gaps]
    needs = {gap: place for place, gap in enumerate(gaps)}
    shows = np.full((len(units), max(len(ratings.traits), 1)), cover.NOTHING)
    for column, trait in enumerate(ratings.traits):
        points = ratings.points[trait][table.lowest[units, column]].tolist() if units else []
        shows[:, column] = [needs.get((trait, point), cover.NOTHING) for point in points]
    facts = [search.facts[names[unit]] for unit in units]
    homes = np.array([(each.district_id, each.school_id or 0) for each in facts], np.int64)
    picks = cover.choose(shows, np.full(len(gaps), FOR_EACH_GAP), homes.reshape(-1, 2))
    called = {trait.key: trait.name for trait in search.rubric.traits}
    return {
        names[units[place]]: tuple((called[gaps[need][0]], f"{gaps[need][1]:g}") for need in fills)
        for place, fills in picks[:MOST]
    }


def request(event, response, *, actor):
    """Ask for a second read of a response that was read once."""
    with transaction() as session:
        session.refresh(response, with_for_update=True)  # nobody makes a paper of it meanwhile
        place = session.scalar(
            sa.select(EventResponse).where(
                EventResponse.event_id == event.id, EventResponse.response_id == response.id
            )
        )
        if place is None:
            raise NotFound("There is no such response in this event. Go back to the anchor finder.")
        if session.scalar(sa.select(Paper.id).where(Paper.response_id == response.id).limit(1)):
            raise Conflict(
                "This response is or was a paper, so scorers may know its scores. Choose another one."
            )
        return reads.ask_for_second_read(place, actor=actor)
