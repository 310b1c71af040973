"""Sending a read: everything that follows from it happens in one transaction, once, however often it is sent."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAvailable, NotFound
from scoring.events.models import EventStatus
from scoring.reads import claiming, queue, settling
from scoring.reads.models import Assignment, AssignmentStatus, Read, SubmitKey
from scoring.reads.resolution import Judgment
from scoring.reads.rubrics import sheet_of
from scoring.tasks.models import Rubric

LONGEST_NOTE = 2000
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
INSERT_KEY = sa.insert(key_table)


@dataclass(frozen=True)
class Receipt:
    """What came of sending a read: its id, when it was stored, and the next lease if there is one."""

    read_id: int
    submitted_at: datetime
    next_id: int | None


def submit_read(assignment, scorer, **sent):
    """Do what `submit` does and return the read and the next lease (or None) as objects."""
    receipt = submit(assignment.id, scorer, **sent)
    return db.session.get(Read, receipt.read_id), claiming.loaded(receipt.next_id)


def submit(assignment_id, scorer, *, scores, condition_code=None, note="", comments=None, key=None, claim_next=False,
           having=(), seconds=None):  # fmt: skip
    """Record one read and what follows from it; lease the next response if asked for. Returns a Receipt.

    `scores` holds a score point for every trait by its id, or is empty where `condition_code` (its letter or id) is
    given. Sending the same again with the same `key` gives the first result. `having` names leases that a browser
    has already.
    """
    scorer = claiming.as_scorer(scorer)
    sent = cleaned(scores, condition_code, note, comments)
    digest = _digest(assignment_id, sent) if key is not None else None
    with transaction() as session:
        turn = claiming.Turn(session.connection(), scorer, now())
        receipt = _known_result(turn, key, digest)
        if receipt is not None:
            return receipt
        work = _work(turn.connection, scorer, assignment_id)
        if work.lease_status is AssignmentStatus.SUBMITTED and (receipt := _known_result(turn, key, digest)):
            return receipt  # the same request held the row until just now
        read_id = _record(turn, work, sent, seconds)
        next_id = _next(turn, work, having) if claim_next else None
        if key is not None:
            turn.connection.execute(INSERT_KEY, {
                "scorer_id": scorer.id, "key": key, "request_hash": digest, "read_id": read_id,
                "next_assignment_id": next_id, "created_at": turn.moment,
            })  # fmt: skip
    if claim_next and next_id is None and turn.lost:
        next_id = claiming.take_next_id(scorer, work.event_id, having)
    return Receipt(read_id, turn.moment, next_id)


def save_draft(assignment, scorer, draft):
    """Keep what was typed and not yet sent; that is activity, so the lease starts anew."""
    if len(json.dumps(draft)) > LONGEST_DRAFT:
        raise Invalid("This draft is too long to keep. Shorten the note or the comments.")
    return claiming.renew(assignment, scorer, draft=draft)


# Step by step


def _known_result(turn, key, digest):
    """Return what came of the same request before; None if it is new."""
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise Invalid(f"The Idempotency-Key must have 1 to {LONGEST_KEY} printable characters.")
    row = turn.connection.execute(FIND_KEY, {"scorer": turn.scorer.id, "key": key}).one_or_none()
    if row is None:
        return None
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
    sheet = sheet_of(work.rubric_id, work.published_at)
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


# What was sent


def cleaned(scores, condition_code, note, comments):
    return {
        "scores": dict(scores or {}),
        "condition_code": condition_code or None,
        "note": (note or "").replace("\x00", "").strip(),
        "comments": {
            trait: tuple((words or "").replace("\x00", "").strip() for words in pair)
            for trait, pair in (comments or {}).items()
        },
    }


def checked(sheet, sent):
    """Hold what was sent against the rubric; return the condition code, if one was given."""
    fields = {}
    code = sheet.code_named(sent["condition_code"]) if sent["condition_code"] else None
    if sent["condition_code"] and code is None:
        fields["condition_code"] = "Choose a condition code of this rubric."
    if code is not None and sent["scores"]:
        fields["condition_code"] = "Give scores or a condition code, not both."
    by_id = {trait.id: trait for trait in sheet.traits}
    for trait in sheet.traits if not sent["condition_code"] else ():
        score = sent["scores"].get(trait.id)
        if score is None:
            fields[trait.key] = f"Choose a score for {trait.name}."
        elif isinstance(score, bool) or not isinstance(score, int) or score not in trait.values:
            fields[trait.key] = f"{trait.name} is scored {_listed(trait.values)}."
    if sent["scores"].keys() - by_id.keys() or sent["comments"].keys() - by_id.keys():
        fields["scores"] = "There is a score for a trait that this rubric does not have."
    long = [words for pair in sent["comments"].values() for words in pair if len(words) > LONGEST_NOTE]
    if len(sent["note"]) > LONGEST_NOTE or long:
        fields["note"] = f"Notes and comments have at most {LONGEST_NOTE} characters."
    if fields:
        raise Invalid("Nothing was saved yet. " + " ".join(dict.fromkeys(fields.values())), fields=fields)
    return code


def _listed(values):
    return ", ".join(map(str, values[:-1])) + f" or {values[-1]}" if len(values) > 1 else str(values[0])


def _digest(assignment_id, sent):
    facts = [assignment_id, sorted(sent["scores"].items()), sent["condition_code"], sent["note"],
             sorted(sent["comments"].items())]  # fmt: skip
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def lease_of(assignment_id, scorer):
    """Return this scorer's own lease; another's is not found, so that nobody learns what others have."""
    found = db.session.get(Assignment, assignment_id)
    if found is None or found.scorer_id != scorer.id or found.purpose != "operational":
        raise NotFound("There is no such response in your work. Go back to My work.")
    return found
