"""Page images of a response: made from the original in a child process, stored without any metadata."""

import json
import logging
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from scoring import jobs, storage
from scoring.db import db, transaction
from scoring.responses import render
from scoring.responses.models import Page, Response, ResponseStatus

PATIENCE = 90  # seconds; shorter than what makes a job count as lost
MEDIA_TYPE = "image/webp"
STUCK = "This file could not be turned into pages: it takes too long or too much memory. Save it again as PDF, or scan it."
OUR_FAULT = "Something went wrong on our side while the pages were made. Try again."


@dataclass(frozen=True)
class Image:
    """One page as it will be stored."""

    data: bytes
    width: int
    height: int


def drawn(data):
    """Return the pages of a PDF or picture; raise render.Refused with words when there are none to be had."""
    with tempfile.TemporaryDirectory(prefix="pages-") as name:
        folder = Path(name)
        (folder / "work").write_bytes(data)
        command = [sys.executable, "-I", render.__file__, name]
        try:
            subprocess.run(command, cwd=name, env={"LANG": "C.UTF-8"}, timeout=PATIENCE, check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
            answer = json.loads((folder / "answer.json").read_text())
        except (subprocess.SubprocessError, OSError, ValueError) as error:
            raise render.Refused(STUCK) from error
        if "refused" in answer:
            raise render.Refused(answer["refused"])
        return [
            Image((folder / f"page-{number}").read_bytes(), size["width"], size["height"])
            for number, size in enumerate(answer["pages"], 1)
        ]


def prepare(response_id):
    """Make the pages of one response that waits for them; afterwards it is READY, or FAILED and says why."""
    response = db.session.get(Response, response_id, populate_existing=True)
    if response is None or response.status is not ResponseStatus.PREPARING:
        return
    code, sha256, key = response.code, response.sha256, response.original_key
    db.session.commit()  # drawing takes long; no reader may keep writers waiting meanwhile
    try:
        images = drawn(storage.get(key))
    except render.Refused as error:
        _settle(response_id, ResponseStatus.FAILED, trouble=str(error))
        return
    except Exception:
        logging.getLogger(__name__).exception("the pages of response %s", response_id)
        _settle(response_id, ResponseStatus.FAILED, trouble=OUR_FAULT)
        return
    rows = []
    for number, image in enumerate(images, 1):
        key = storage.settled_key("pages", code, sha256, number)
        storage.put_at(key, image.data)
        rows.append({"response_id": response_id, "number": number, "key": key, "media_type": MEDIA_TYPE,
                     "sha256": storage.sha256(image.data), "width": image.width, "height": image.height})  # fmt: skip
    _settle(response_id, ResponseStatus.READY, rows)


def _settle(response_id, status, rows=(), trouble=""):
    with transaction() as session:
        change = (
            sa.update(Response)
            .where(Response.id == response_id, Response.status == ResponseStatus.PREPARING)
            .values(status=status, trouble=trouble)
        )
        if session.execute(change).rowcount == 1 and rows:  # else another run was faster
            session.execute(sa.insert(Page), rows)


@jobs.kind("responses.pages")
def run_pages(progress, response_id):
    """Make the pages of one response again, or of a file that took another's place."""
    progress.advance(0, 1, "Preparing pages.")
    prepare(response_id)
    progress.advance(1, 1, "The pages are done.")


def keys_of(session, response_ids):
    """The keys of all files of some responses; `response_ids` is a query."""
    originals = sa.select(Response.original_key).where(
        Response.id.in_(response_ids), Response.original_key.is_not(None)
    )
    pages = sa.select(Page.key).where(Page.response_id.in_(response_ids))
    return {*session.scalars(originals), *session.scalars(pages)}


def remove_pages(session, response_ids):
    """Delete the pages of some responses; their files go after the transaction."""
    session.execute(sa.delete(Page).where(Page.response_id.in_(response_ids)))
