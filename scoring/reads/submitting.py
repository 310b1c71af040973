"""Sending a read: everything that follows from it happens in one transaction, once, however often it is sent."""

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAvailable, NotFound
from scoring.events.models import EventStatus
from scoring.reads import claiming, leasing, queue, settling
from scoring.reads.checking import by_trait_id, checked, cleaned, digest_of
from scoring.reads.models import Assignment, AssignmentStatus, Read, SubmitKey
from scoring.reads.resolution import Judgment
from scoring.reads.rubrics import sheet_of
from scoring.tasks.models import Rubric

LONGEST_KEY = 80
LONGEST_DRAFT = 20_000
place, lease, seat, event = queue.place, queue.lease, queue.seat, queue.event
rubric, key_table = Rubric.__table__, SubmitKey.__table__

WORK = (
    sa.select(
        lease.c.id, lease.c.event_response_id, lease.c.response_id, lease.c.status.label("lease_status"),
        lease.c.leased_at, place.c.required, place.c.reads, place.c.rubric_id, rubric.c.published_at, *queue.SEAT,
    )
    .select_from(lease)
    .join(place, place.c.id == lease.c.event_response_id)
    .join(event, event.c.id == lease.c.event_id)
    .join(rubric, rubric.c.id == place.c.rubric_id)
    .outerjoin(seat, sa.and_(seat.c.event_id == lease.c.event_id, seat.c.person_id == lease.c.scorer_id))
    .where(lease.c.id == sa.bindparam("lease"), lease.c.scorer_id == sa.bindparam("scorer"), queue.IS_OPERATIONAL)
    .with_for_update(of=(place, lease), key_share=True)  # in this order, as everywhere
)  # fmt: skip
CLOSE = (
    sa.update(lease)
    .where(lease.c.id == sa.bindparam("lease"), lease.c.status == sa.bindparam("was", type_=lease.c.status.type))
    .values(status=AssignmentStatus.SUBMITTED, draft=sa.null())
)  # fmt: skip
INSERT_READ = (
    sa.insert(settling.read)
    .values(purpose="operational", reopened_at=sa.null())
    .returning(settling.read.c.id)
)
INSERT_SCORES = sa.insert(settling.score)
FIND_KEY = (
    sa.select(
        key_table.c.request_hash, key_table.c.read_id, key_table.c.next_assignment_id,
        lease.c.status.label("next_status"), settling.read.c.submitted_at,
    )
    .join(settling.read, settling.read.c.id == key_table.c.read_id)
    .outerjoin(lease, lease.c.id == key_table.c.next_assignment_id)
    .where(key_table.c.scorer_id == sa.bindparam("scorer"), key_table.c.key == sa.bindparam("key"))
)  # fmt: skip
INSERT_KEY = {
    "sqlite": sqlite.insert(key_table).on_conflict_do_nothing().returning(key_table.c.read_id),
    "postgresql": postgresql.insert(key_table).on_conflict_do_nothing().returning(key_table.c.read_id),
}


@dataclass(frozen=True)
class Receipt:
    """What came of sending a read: its id, when it was stored, and the next lease if there is one."""

    read_id: int
    submitted_at: datetime
    next_id: int | None


def submit_read(assignment, scorer, **sent):
    """Do what `submit` does and return the read and the next lease (or None) as objects."""
    receipt = submit(assignment.id, scorer, **sent)
    return db.session.get(Read, receipt.read_id), leasing.loaded(receipt.next_id)


def submit(assignment_id, scorer, *, scores, condition_code=None, note="", comments=None, key=None, claim_next=False,
           having=(), seconds=None):  # fmt: skip
    """Record one read and what follows from it; lease the next response if asked for. Returns a Receipt.

    `scores` holds a score point for every trait by its id or key (comments likewise), or is empty where
    `condition_code` (its letter or id) is given. Sending the same again with the same `key` gives the first result. `having` names leases that a browser
    has already.
    """
    scorer = leasing.as_scorer(scorer)
    sent = cleaned(scores, condition_code, note, comments)
    digest = digest_of(assignment_id, sent) if key is not None else None
    try:
        with transaction() as session:
            turn = claiming.Turn(session.connection(), scorer, now())
            work = _work(turn.connection, scorer, assignment_id)
            if work.lease_status is not AssignmentStatus.OPEN and _is_known(turn, key):
                raise Repeated
            read_id = _record(turn, work, sent, seconds)
            next_id = _next(turn, work, having) if claim_next else None
            _keep_result(turn, key, digest, read_id, next_id)
    except Repeated:
        return _first_result(scorer, key, digest)
    if claim_next and next_id is None and turn.lost:
        next_id = claiming.take_next_id(scorer, work.event_id, having)
    return Receipt(read_id, turn.moment, next_id)


def save_draft(assignment, scorer, draft):
    """Keep what was typed and not yet sent; that is activity, so the lease starts anew."""
    if len(json.dumps(draft)) > LONGEST_DRAFT:
        raise Invalid("This draft is too long to keep. Shorten the note or the comments.")
    return leasing.renew(assignment, scorer, draft=draft)


# Step by step


class Repeated(Exception):
    """The key of this request is on record already: what was done again here is undone, and the first result told."""


def _is_known(turn, key):
    values = {"scorer": turn.scorer.id, "key": key}
    return key is not None and turn.connection.execute(FIND_KEY, values).first() is not None


def _keep_result(turn, key, digest, read_id, next_id):
    """Store what came of this request under its key, so that sending it again gives the same."""
    if key is None:
        return
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise Invalid(f"The Idempotency-Key must have 1 to {LONGEST_KEY} printable characters.")
    kept = turn.connection.execute(INSERT_KEY[turn.connection.dialect.name], {
        "scorer_id": turn.scorer.id, "key": key, "request_hash": digest, "read_id": read_id,
        "next_assignment_id": next_id, "created_at": turn.moment,
    })  # fmt: skip
    if kept.first() is None:
        raise Repeated


def _first_result(scorer, key, digest):
    """Return what came of the request that used this key first."""
    row = db.session.connection().execute(FIND_KEY, {"scorer": scorer.id, "key": key}).one()
    if row.request_hash != digest:
        raise Conflict("This Idempotency-Key was used for another request. Use a new key for a new read.")
    still_held = row.next_assignment_id if row.next_status is AssignmentStatus.OPEN else None
    return Receipt(row.read_id, row.submitted_at, still_held)


def _work(connection, scorer, assignment_id):
    """Return the lease with all that must be known to record a read on it; hold the response's row."""
    work = connection.execute(WORK, {"lease": assignment_id, "scorer": scorer.id}).one_or_none()
    if work is None:
        raise NotFound("There is no such response in your work. Go back to My work.")
    if work.seat_id is None or work.removed_at is not None:
        raise NotAvailable("You do not score in this event any more. Ask your leader if that is a mistake.")
    if work.status not in {EventStatus.OPEN, EventStatus.PAUSED}:
        raise NotAvailable("This event is closed. Your scores were not saved; go back to My work.")
    return work


def _record(turn, work, sent, seconds):
    """Close the lease, store the read, settle what can be settled, and write it all into the audit log."""
    connection = turn.connection
    sheet = sheet_of(
        work.rubric_id, work.published_at, 0
    )  # clarifications change nothing of what may be given
    sent = by_trait_id(sheet, sent)
    code = checked(sheet, sent)
    _close(connection, work)
    took = int((turn.moment - work.leased_at).total_seconds())
    read_id = connection.execute(INSERT_READ, {
        "assignment_id": work.id, "event_id": work.event_id, "event_response_id": work.event_response_id,
        "response_id": work.response_id, "scorer_id": turn.scorer.id, "note": sent["note"],
        "condition_code_id": code.id if code else None, "submitted_at": turn.moment,
        "seconds": took if seconds is None else max(0, min(seconds, took)),
    }).scalar_one()  # fmt: skip
    judgment = Judgment(sent["scores"], code.id if code else None)
    if sent["scores"]:
        connection.execute(INSERT_SCORES, _score_rows(read_id, sent))
    facts, others = _settle(connection, work, judgment)
    audit.record("read.submitted", Read(id=read_id), actor=turn.scorer, after={
        "assignment": work.id, "scores": {str(trait): score for trait, score in sorted(sent["scores"].items())},
        "condition_code": judgment.code, **facts,
    })  # fmt: skip
    if others:
        queue.link(connection, work.event_id, {turn.scorer.id, *others})
    return read_id


def _score_rows(read_id, sent):
    rows = []
    for trait_id, score in sent["scores"].items():
        below, above = sent["comments"].get(trait_id, ("", ""))
        rows.append(
            {
                "read_id": read_id,
                "trait_id": trait_id,
                "score": score,
                "comment_below": below,
                "comment_above": above,
            }
        )
    return rows


def _close(connection, work):
    """Turn the lease into a read: a live one at once, a lapsed one if its place in the queue is still free."""
    status = work.lease_status
    is_closed = status in {AssignmentStatus.OPEN, AssignmentStatus.LAPSED}
    if status is AssignmentStatus.LAPSED:
        is_closed = queue.take_again(connection, work.event_response_id)
    if is_closed and connection.execute(CLOSE, {"lease": work.id, "was": status}).rowcount == 1:
        return
    if status is AssignmentStatus.SUBMITTED:
        raise NotAvailable(
            "This response was scored by you already, perhaps in another tab. Those scores stand."
        )
    raise NotAvailable(
        "The time for this response ran out and somebody else has it now. Your scores were not saved."
    )


def _settle(connection, work, judgment):
    """Work out what the reads come to now; return the audit facts and who else has read the response."""
    if work.reads == 0:
        return settling.settle_place(
            connection, work.event_response_id, judgments=[judgment], rules=work, had_record=False
        ), []
    found = settling.blind_judgments(connection, work.event_response_id)
    facts = settling.settle_place(
        connection,
        work.event_response_id,
        judgments=[each for _, each in found],
        rules=work,
        had_record=False,
    )
    return facts, [scorer_id for scorer_id, _ in found]


def _next(turn, work, having):
    """Lease the next response of the same event, in the same transaction."""
    return claiming.next_of(turn, claiming.seats_to_claim(turn, work.event_id), having)


def lease_of(assignment_id, scorer):
    """Return this scorer's own lease; another's is not found, so that nobody learns what others have."""
    found = db.session.get(Assignment, assignment_id)
    if found is None or found.scorer_id != scorer.id or found.purpose != "operational":
        raise NotFound("There is no such response in your work. Go back to My work.")
    return found
