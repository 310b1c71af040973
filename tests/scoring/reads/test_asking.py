"""Asking for a second read: what becomes of a settled response, and when there is nothing to ask for."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from scoring.db import at, db, now, transaction
from scoring.errors import Conflict, NotAllowed
from scoring.events.models import EventResponse, EventStatus, Outcome
from scoring.reads import services as reads
from scoring.reads.models import Method, ScoreOfRecord
from tests import build


@pytest.fixture
def once(ana, ben):
    """A response read once by Ana an hour ago, where one read is enough."""
    response = build.a_response()
    event = build.an_event(response.task, [ana, ben], share_read_twice=0)
    with at(now() - timedelta(hours=1)):
        build.a_read(response, ana, 3, event=event)
    return db.session.scalars(sa.select(EventResponse).where(EventResponse.event_id == event.id)).one()


def records(place):
    query = sa.select(ScoreOfRecord).where(
        ScoreOfRecord.event_response_id == place.id, ScoreOfRecord.superseded_at.is_(None)
    )
    return {(each.score, each.method) for each in db.session.scalars(query)}


def test_a_settled_response_waits_again_and_both_reads_then_count(once, lea, ben):
    assert records(once) == {(3, Method.ONE_READ)}
    facts = reads.ask_for_second_read(once, actor=lea)
    assert (facts["outcome"], facts["record"]) == (Outcome.WAITING, None)
    db.session.refresh(once)
    assert (once.required, once.remaining, once.priority, once.outcome) == (2, 1, 0, Outcome.WAITING)
    assert records(once) == set()
    lease = reads.take_next(ben)
    assert lease.response_id == once.response_id
    reads.submit_read(lease, ben, scores={trait.id: 4 for trait in once.rubric.traits})
    db.session.refresh(once)
    assert once.outcome is Outcome.SETTLED
    assert records(once) == {(3.5, Method.TWO_READS)}


def test_a_second_read_that_is_far_off_goes_to_adjudication(ana, ben, lea):
    response = build.a_response()
    event = build.an_event(response.task, [ana, ben], share_read_twice=0)
    place = build.a_read(response, ana, 1, event=event).event_response
    reads.ask_for_second_read(place, actor=lea)
    build.a_read(response, ben, 4, event=event)
    db.session.refresh(place)
    assert (place.outcome, records(place)) == (Outcome.DISCREPANT, set())


def test_the_first_scorer_is_not_handed_it_again(once, lea, ana):
    reads.ask_for_second_read(once, actor=lea)
    assert reads.take_next(ana) is None


def test_the_first_read_can_still_be_taken_back(ana, ben, lea):
    response = build.a_response()
    event = build.an_event(response.task, [ana, ben], share_read_twice=0)
    place = build.a_read(response, ana, 1, event=event).event_response
    reads.ask_for_second_read(place, actor=lea)
    lease = reads.reopen_last(ana, event)
    reads.submit_read(lease, ana, scores={trait.id: 2 for trait in place.rubric.traits})
    build.a_read(response, ben, 2, event=event)
    assert records(place) == {(2, Method.TWO_READS)}


def test_a_second_read_is_asked_for_once_and_only_where_one_is_needed(once, lea, ana, ben):
    reads.ask_for_second_read(once, actor=lea)
    with pytest.raises(Conflict, match="twice already"):
        reads.ask_for_second_read(once, actor=lea)
    unread = build.a_response(once.task)
    event = build.an_event(build.a_task(), [ana, ben], share_read_twice=0, waiting=False)
    with transaction() as session:
        place = EventResponse(event_id=event.id, response_id=unread.id, task_id=once.task_id, rubric_id=once.rubric_id,
                              district_id=unread.district_id, random_key=0.5)  # fmt: skip
        session.add(place)
    with pytest.raises(Conflict, match="Nobody has read"):
        reads.ask_for_second_read(place, actor=lea)


@pytest.mark.parametrize(
    "columns", [{"status": EventStatus.CLOSED}, {"closes_at": now() - timedelta(minutes=1)}]
)
def test_an_event_that_is_over_takes_no_more_reads(once, lea, columns):
    with transaction():
        for name, value in columns.items():
            setattr(once.event, name, value)
    with pytest.raises(Conflict, match="no more reads"):
        reads.ask_for_second_read(once, actor=lea)
    assert records(once) == {(3, Method.ONE_READ)}


def test_somebody_else_must_be_there_to_read_it(ana, lea):
    response = build.a_response()
    event = build.an_event(response.task, [ana], share_read_twice=0)
    place = build.a_read(response, ana, 3, event=event).event_response
    with pytest.raises(Conflict, match="Everybody who scores in this event"):
        reads.ask_for_second_read(place, actor=lea)


def test_only_those_who_run_the_event_ask(once, ana, dora, nell):
    for person in (ana, dora):
        with pytest.raises(NotAllowed):
            reads.ask_for_second_read(once, actor=person)
    reads.ask_for_second_read(once, actor=nell)
