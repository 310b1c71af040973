"""What the tests of reads share: an event that waits, and ways to read it."""

import pytest
import sqlalchemy as sa

from scoring.db import db
from scoring.reads import services
from scoring.reads.models import ScoreOfRecord
from tests import build


@pytest.fixture
def event(app):
    """Six responses on one task, each waiting for two reads by Ana and Ben."""
    task = build.a_task()
    build.responses(6, task)
    return build.an_event(task)


@pytest.fixture
def scores_of():
    """Return the scores a lease needs: the same score on every trait, or those given by key."""

    def make(assignment, value=3, **by_key):
        traits = assignment.event_response.rubric.traits
        return {trait.id: by_key.get(trait.key, value) for trait in traits}

    return make


@pytest.fixture
def read_next(scores_of):
    """Let somebody take the next response and score it; returns the read."""

    def make(scorer, value=3, event=None, **by_key):
        assignment = services.take_next(scorer, event)
        read, _ = services.submit_read(assignment, scorer, scores=scores_of(assignment, value, **by_key))
        return read

    return make


@pytest.fixture
def records():
    """Return the scores of record of a response that count now, by trait key."""

    def found(place):
        query = sa.select(ScoreOfRecord).where(
            ScoreOfRecord.event_response_id == place.id, ScoreOfRecord.superseded_at.is_(None)
        )
        return {each.trait.key: each for each in db.session.scalars(query)}

    return found
