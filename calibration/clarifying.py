"""Clarifications that wait for somebody who may decide on them, and new ones of the rubrics that somebody scores by."""

import sqlalchemy as sa

from calibration.news import News
from calibration.waiting import Waiting
from scoring.db import db
from scoring.events.models import Event, EventScorer, EventStatus, EventTask
from scoring.permissions import Permission
from scoring.tasks import clarifying
from scoring.tasks.models import Clarification
from scoring.tasks.settling import ACCEPTED


def waiting_for(person):
    """Return one entry for each rubric version with proposed clarifications, the longest waiting first."""
    if not person.may(Permission.EDIT_TASKS):
        return []
    return [_entry(rubric, count) for rubric, count in clarifying.waiting_for(person)]


def _entry(rubric, count):
    title = (
        "1 clarification waits for your decision"
        if count == 1
        else f"{count} clarifications wait for your decision"
    )
    return Waiting(
        title, f"{rubric.task.title}, rubric version {rubric.version}. Scorers see what you accept.",
        "Look at the log", "tasks.rubric", {"task_id": rubric.task_id, "version": rubric.version},
    )  # fmt: skip


def news_since(person, since):
    """How many clarifications scorers see since then, for each task this person scores in events that are not over."""
    query = (
        sa.select(EventTask, sa.func.count(Clarification.id))
        .join(Event, Event.id == EventTask.event_id)
        .join(EventScorer, EventScorer.event_id == Event.id)
        .join(Clarification, Clarification.rubric_id == EventTask.rubric_id)
        .where(EventScorer.person_id == person.id, EventScorer.removed_at.is_(None),
               Event.status.in_([EventStatus.OPEN, EventStatus.PAUSED]),
               ACCEPTED, Clarification.decided_at > since, Clarification.decided_by_id != person.id)
        .group_by(EventTask)
        .order_by(EventTask.event_id, EventTask.task_id)
    )  # fmt: skip
    found = {}
    for place, count in db.session.execute(query):
        found.setdefault(place.rubric_id, _news(place, count))
    return list(found.values())


def _news(place, count):
    words = "1 new clarification" if count == 1 else f"{count} new clarifications"
    return News(
        f"{words} of the rubric for {place.task.title}.",
        "papers.anchors",
        {"event_id": place.event_id, "task_id": place.task_id},
    )
