"""The positive list of blindness: every field a scorer may be told about a response, for page, API and files alike.

Nothing else about a response leaves this feature. A new field must be added here, and tests plant canaries in all
that is left out: student, school, district, file name, the other read, and why the response was handed out.
"""

import sqlalchemy as sa
from flask import url_for

from scoring import storage
from scoring.db import db, now
from scoring.events.models import Event, EventResponse
from scoring.reads.models import Assignment
from scoring.reads.rubrics import sheet_of
from scoring.responses.models import Page, Response
from scoring.tasks.models import Rubric, Task

lease, response, page = Assignment.__table__, Response.__table__, Page.__table__
place, event, rubric, task = EventResponse.__table__, Event.__table__, Rubric.__table__, Task.__table__

CARD = (
    sa.select(
        lease.c.id, lease.c.leased_until, lease.c.draft, lease.c.event_id, event.c.code.label("event"),
        event.c.name.label("event_name"), response.c.code, response.c.text, lease.c.response_id, place.c.rubric_id,
        rubric.c.published_at, task.c.clarified, task.c.id.label("task_id"), task.c.title.label("task"), task.c.directions,
        sa.exists().where(page.c.response_id == lease.c.response_id).label("has_pages"),
    )
    .select_from(lease)
    .join(place, place.c.id == lease.c.event_response_id)
    .join(event, event.c.id == lease.c.event_id)
    .join(response, response.c.id == lease.c.response_id)
    .join(rubric, rubric.c.id == place.c.rubric_id)
    .join(task, task.c.id == place.c.task_id)
    .where(lease.c.id == sa.bindparam("lease"))
)  # fmt: skip
PAGES = (
    sa.select(page.c.key, page.c.media_type, page.c.width, page.c.height)
    .where(page.c.response_id == sa.bindparam("response"))
    .order_by(page.c.number)
)


class Card:
    """One leased response as its scorer may see it."""

    def __init__(self, assignment_id, person, files="pages.file"):
        row = db.session.connection().execute(CARD, {"lease": assignment_id}).one()
        self.id, self.event_id, self.event, self.event_name = row.id, row.event_id, row.event, row.event_name
        self.expires_at = row.leased_until
        self.code, self.text = row.code, row.text
        self.task_id, self.task, self.directions = row.task_id, row.task, row.directions
        self.draft = row.draft or {}
        self.sheet = sheet_of(row.rubric_id, row.published_at, row.clarified)
        self.pages = page_links(row.response_id, person, files) if row.has_pages else []

    @property
    def seconds_left(self):
        """Seconds until the lease runs out: clocks of browsers are not to be trusted."""
        return max(0, int((self.expires_at - now()).total_seconds()))

    def as_json(self):
        """The card as the API tells it."""
        return {**self.as_response(), "rubric": rubric_fields(self.sheet)}

    def as_response(self):
        """The card without its rubric: for a page that has the rubric already."""
        pages = [{"url": each["url"], "alt": each["alt"]} for each in self.pages]
        return {
            "id": self.id, "expires_at": self.expires_at.isoformat(), "event": self.event,
            "response": {"code": self.code, "text": self.text, "pages": pages},
        }  # fmt: skip

    def as_desk(self):
        """The card for the scoring screen's script: also its draft, and which rubric and task it belongs to."""
        return {
            **self.as_response(), "draft": draft_fields(self.sheet, self.draft), "task": self.task,
            "rubric": f"{self.sheet.rubric_id}-{self.sheet.changes}", "address": url_for("reads.score", assignment_id=self.id),
            "seconds": self.seconds_left, "task_id": self.task_id, "event_id": self.event_id,
            "sizes": [[each["width"], each["height"]] for each in self.pages],
        }  # fmt: skip


def rubric_fields(sheet):
    """A rubric as scorers see it, with the clarifications beside what they are about."""

    def said(trait=None, score=None):
        return list(sheet.clarified.get((trait, score), ()))

    return {
        "version": sheet.version,
        "clarifications": said(),
        "traits": [
            {
                "key": trait.key, "name": trait.name, "clarifications": said(trait.key),
                "points": [
                    {"value": point.value, "label": point.label, "descriptor": point.descriptor,
                     "clarifications": said(trait.key, point.value)}
                    for point in trait.points
                ],
            }
            for trait in sheet.traits
        ],
        "condition_codes": [
            {"code": each.code, "name": each.name, "description": each.description} for each in sheet.condition_codes
        ],
    }  # fmt: skip


def read_fields(receipt):
    """What a scorer is told about an own read that was stored."""
    return {"id": receipt.read_id, "submitted_at": receipt.submitted_at.isoformat()}


def draft_fields(sheet, draft):
    """A draft with traits by key and the condition code by letter: as forms and scripts name them."""
    keys = {str(trait.id): trait.key for trait in sheet.traits}
    codes = {each.id: each.code for each in sheet.condition_codes}
    return {
        "scores": {keys[each]: score for each, score in draft.get("scores", {}).items() if each in keys},
        "comments": {keys[each]: pair for each, pair in draft.get("comments", {}).items() if each in keys},
        "condition_code": codes.get(draft.get("condition_code"), ""),
        "note": draft.get("note", ""),
    }


def page_links(response_id, person, files="pages.file"):
    """The page images of a response, each under a link that works for this person only."""
    rows = db.session.connection().execute(PAGES, {"response": response_id}).all()
    return [
        {
            "url": url_for(files, token=storage.link_token(row.key, row.media_type, person)),
            "alt": f"Page {number} of {len(rows)}", "width": row.width, "height": row.height,
        }
        for number, row in enumerate(rows, 1)
    ]  # fmt: skip
