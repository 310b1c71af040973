"""Undo: how long it is open, what it keeps, and what it does to the outcome."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from scoring.db import at, db, now, transaction
from scoring.errors import NotAvailable
from scoring.events.models import EventStatus, Outcome
from scoring.reads import services
from scoring.reads.models import Purpose, Read
from tests import build


def test_undo_brings_the_read_back_as_a_draft(event, ana, read_next):
    read = read_next(ana, 2)
    place = read.event_response
    lease = services.reopen_last(ana)
    assert lease.id == read.assignment_id
    assert set(lease.draft["scores"].values()) == {2}
    assert (place.reads, place.remaining, place.priority) == (0, 1, 1)
    again, _ = services.submit_read(lease, ana, scores=dict.fromkeys(read.score_by_trait, 4))
    assert set(again.score_by_trait.values()) == {4}
    assert set(read.score_by_trait.values()) == {2}  # kept on record
    assert read.reopened_at is not None
    assert services.reads_of(place) == [again]


def test_undo_of_a_settled_response_settles_it_anew(event, ana, ben, read_next, records):
    read_next(ana, 3)
    place = read_next(ben, 3).event_response
    assert place.outcome is Outcome.SETTLED
    lease = services.reopen_last(ana)
    assert place.outcome is Outcome.WAITING
    assert records(place) == {}
    services.submit_read(lease, ana, scores=dict.fromkeys([trait.id for trait in place.rubric.traits], 1))
    assert place.outcome is Outcome.DISCREPANT
    assert [read.scorer_id for read in services.reads_of(place)] == [
        ana.id,
        ben.id,
    ]  # the first stays the first


def test_undo_ends_after_ten_minutes(event, ana, read_next):
    read_next(ana)
    with at(now() + timedelta(minutes=11)), pytest.raises(NotAvailable, match="ten minutes"):
        services.reopen_last(ana)


def test_undo_ends_after_five_further_reads(event, ana, read_next):
    first = read_next(ana)
    for _ in range(4):
        read_next(ana)
    assert first in services.reopenable(ana)
    read_next(ana)
    with pytest.raises(NotAvailable):
        services.reopen(first, ana)


def test_undo_ends_when_a_leader_begins_to_settle(event, ana, ben, lea, read_next):
    read_next(ana, 1)
    read = read_next(ben, 4)
    build.an_assignment(event, read.response, lea, purpose=Purpose.ADJUDICATION)
    with pytest.raises(NotAvailable, match="tell your leader"):
        services.reopen_last(ben)


def test_undo_ends_with_the_event(event, ana, read_next):
    read_next(ana)
    with transaction():
        event.status = EventStatus.CLOSED
    with pytest.raises(NotAvailable):
        services.reopen_last(ana)


def test_nobody_reopens_another_s_read(event, ana, ben, read_next):
    read = read_next(ana)
    with pytest.raises(NotAvailable):
        services.reopen(read, ben)


@pytest.mark.parametrize("ending", ["reap", "release"])
def test_a_reopened_read_that_nothing_came_of_stands_again(event, ana, ben, read_next, records, ending):
    read_next(ana, 3)
    place = read_next(ben, 3).event_response
    lease = services.reopen_last(ana)
    with at(now() + timedelta(hours=1)):
        services.reap() if ending == "reap" else services.release(lease, ana)
    assert place.outcome is Outcome.SETTLED
    assert {each.score for each in records(place).values()} == {3.0}
    assert db.session.scalar(sa.select(sa.func.count(Read.id)).where(Read.reopened_at.is_(None))) == 2


def test_a_reopened_response_may_still_be_given_away(event, ana, read_next):
    place = read_next(ana).event_response
    services.know_student(services.reopen_last(ana), ana)
    assert (place.reads, place.remaining, place.outcome) == (0, 2, Outcome.WAITING)
