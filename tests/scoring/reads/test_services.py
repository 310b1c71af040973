"""Reads: what the queue promises to scorers."""

import pytest
import sqlalchemy as sa

from scoring.db import db
from scoring.events.models import Outcome
from scoring.reads import services
from scoring.reads.models import Method, ScoreOfRecord
from tests import build


@pytest.fixture
def event(app):
    """Three responses, each waiting for two reads by Ana and Ben."""
    task = build.a_task()
    build.responses(3, task)
    return build.an_event(task)


def scores_of(assignment, value=3):
    return {trait.id: value for trait in assignment.event_response.rubric.traits}


def test_two_scorers_read_everything_once_each(event, ana, ben):
    for scorer in (ana, ben):
        seen = set()
        while (assignment := services.take_next(scorer)) is not None:
            read, _ = services.submit_read(assignment, scorer, scores=scores_of(assignment))
            seen.add(read.response_id)
        assert len(seen) == 3


def test_whoever_holds_a_lease_gets_it_again(event, ana):
    assert services.take_next(ana).id == services.take_next(ana).id


def test_a_first_read_waits_and_a_second_settles(event, ana, ben):
    first = services.take_next(ana)
    services.submit_read(first, ana, scores=scores_of(first, 3))
    place = first.event_response
    assert (place.outcome, place.reads, place.remaining, place.priority) == (Outcome.WAITING, 1, 1, 0)
    second = services.take_next(ben)
    assert second.event_response_id == place.id  # partly read ones go first
    services.submit_read(second, ben, scores=scores_of(second, 4))
    assert place.outcome is Outcome.SETTLED
    assert {row.score for row in records(place)} == {3.5}
    assert {row.method for row in records(place)} == {Method.TWO_READS}
    assert [read.scorer_id for read in services.reads_of(place)] == [ana.id, ben.id]


def records(place):
    query = sa.select(ScoreOfRecord).where(
        ScoreOfRecord.event_response_id == place.id, ScoreOfRecord.superseded_at.is_(None)
    )
    return db.session.scalars(query).all()
