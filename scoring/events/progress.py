"""How far an event has come, counted from its queue: in all, by task and by district."""

from dataclasses import dataclass, fields

import sqlalchemy as sa

from scoring.db import db
from scoring.events.models import Event, EventResponse, Outcome


@dataclass(frozen=True)
class EventProgress:
    """Counts of one event, or of one part of it. `required` is every read it takes, as far as can be known now."""

    responses: int = 0
    required: int = 0
    reads: int = 0
    waiting: int = 0
    discrepant: int = 0
    settled: int = 0
    leased: int = 0
    unread: int = 0  # no read is in yet
    need_second: int = 0  # one read is in, a second one is due
    to_hand_out: int = 0  # reads that nobody holds yet

    def __add__(self, other):
        return EventProgress(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


def of_events(event_ids):
    """Return the progress of each event by its id."""
    found = {event_id: EventProgress() for event_id in event_ids}
    for event_id, _task, _district, counts in _cells(event_ids):
        found[event_id] += counts
    return found


def by_task(event):
    """Return (task, progress) for each task of the event, in its order."""
    found = dict.fromkeys((each.task for each in event.tasks), EventProgress())
    ids = {task.id: task for task in found}
    for _event, task_id, _district, counts in _cells([event.id]):
        found[ids[task_id]] += counts
    return list(found.items())


def by_district(event):
    """Return (district, progress) for each district of the event, by name."""
    found = dict.fromkeys(event.districts, EventProgress())
    ids = {district.id: district for district in found}
    for _event, _task, district_id, counts in _cells([event.id]):
        found[ids[district_id]] += counts
    return list(found.items())


def _cells(event_ids):
    """Count each event's queue by task and district: a few rows, however many responses there are."""
    row = EventResponse
    fresh = sa.and_(row.reads == 0, row.remaining == row.required)

    def rows(condition):
        return sa.func.sum(sa.case((condition, 1), else_=0))

    query = (
        sa.select(
            row.event_id, row.task_id, row.district_id, Event.share_read_twice,
            sa.func.count(), sa.func.sum(row.required), sa.func.sum(row.reads), sa.func.sum(row.remaining),
            rows(row.outcome == Outcome.WAITING), rows(row.outcome == Outcome.DISCREPANT),
            rows(row.outcome == Outcome.SETTLED), rows(row.reads == 0),
            rows(sa.and_(row.reads == 1, row.required == 2)), rows(sa.and_(fresh, row.required == 1)),
        )
        .join(Event, Event.id == row.event_id)
        .where(row.event_id.in_(event_ids))
        .group_by(row.event_id, row.task_id, row.district_id, Event.share_read_twice)
        .order_by(row.event_id, row.task_id, row.district_id)
    )  # fmt: skip
    for (event_id, task_id, district_id, share, responses, required, reads, remaining, waiting, discrepant, settled,
         unread, need_second, undrawn) in db.session.execute(query):  # fmt: skip
        # Which of the untouched responses get a second read is drawn as they are handed out: expect the share of them.
        expected = round(undrawn * share / 100)
        counts = EventProgress(
            responses=responses, required=required + expected, reads=reads, waiting=waiting, discrepant=discrepant,
            settled=settled, leased=required - reads - remaining, unread=unread, need_second=need_second,
            to_hand_out=remaining,
        )  # fmt: skip
        yield event_id, task_id, district_id, counts
