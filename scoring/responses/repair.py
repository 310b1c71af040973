"""Single responses whose pages could not be made: try again, put another file in their place, or remove them."""

import sqlalchemy as sa

from scoring import audit, jobs, storage
from scoring.db import transaction
from scoring.errors import Conflict, Invalid
from scoring.responses import archive, importing, pages
from scoring.responses.models import ImportBatch, ImportStatus, Response, ResponseStatus


def try_pages_again(response, *, actor):
    """Make the pages of a failed response once more; returns the job."""
    with transaction() as session:
        response = _failed(session, response)
        response.status, response.trouble = ResponseStatus.PREPARING, ""
        audit.record("response.tried_again", response, actor=actor)
    return _start_pages(response, actor)


def replace_file(response, *, data, actor):
    """Put another file in the place of one that could not become pages; returns the job that makes them."""
    media_type, words = archive.kind_of(data[:2048])
    if words or media_type == "text/plain" or len(data) > archive.LARGEST_FILE:
        raise Invalid(
            "Choose a PDF, JPG, PNG or WEBP file of up to 50 MB.",
            fields={"file": "This file can not be used."},
        )
    with transaction() as session:
        response = _failed(session, response)
        before, old = response.sha256, response.original_key
        response.sha256, response.media_type = storage.sha256(data), media_type
        response.original_key = storage.settled_key("originals", "response", response.id, response.sha256)
        response.status, response.trouble = ResponseStatus.PREPARING, ""
        storage.put_at(response.original_key, data)
        audit.record(
            "response.file_replaced",
            response,
            actor=actor,
            before={"sha256": before},
            after={"sha256": response.sha256},
        )
    if old != response.original_key:
        storage.remove([old])
    return _start_pages(response, actor)


def remove_response(response, *, actor):
    """Remove a response that could not become pages; its row counts as refused from now on."""
    with transaction() as session:
        response = _failed(session, response)
        mine = sa.select(Response.id).where(Response.id == response.id)
        files = pages.keys_of(session, mine)
        audit.record(
            "response.removed",
            response,
            actor=actor,
            before={"code": response.code, "trouble": response.trouble},
        )
        batch, student_id, since = response.batch_id, response.student_id, response.created_at
        if batch is not None:
            batch = session.get(ImportBatch, batch)
            since = batch.created_at
            if batch.status is ImportStatus.DONE:
                batch.accepted, batch.refused = batch.accepted - 1, batch.refused + 1
        pages.remove_pages(session, mine)
        session.execute(sa.delete(Response).where(Response.id == response.id))
        importing.remove_idle_students(session, [student_id], since=since)
    storage.remove(files)


def _failed(session, response):
    response = session.get(Response, response.id)
    if response is None or response.status is not ResponseStatus.FAILED:
        raise Conflict("This response is no longer waiting for help. Reload the page to see how it stands.")
    return response


def _start_pages(response, actor):
    return jobs.start("responses.pages", f"Pages of {response.code}", actor=actor, back=f"/responses/{response.id}",
                      response_id=response.id)  # fmt: skip
