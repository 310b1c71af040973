"""Replays the audit log: from its entries alone come the reads and scores that must be in the tables.

Entries of one response stand in the order of their ids, because whoever changes a response holds its row. Only two
shapes matter: what was read ("read.submitted" and the like, with the scores), and what became of the response (any
entry with an "outcome" and a "record").
"""

import sqlalchemy as sa

from scoring.audit import AuditEntry
from scoring.db import db, snapshot

MOST = 20
READS = """
    SELECT read.id, read.condition_code_id, trait_score.trait_id, trait_score.score
    FROM read LEFT JOIN trait_score ON trait_score.read_id = read.id
    WHERE read.reopened_at IS NULL ORDER BY read.id"""
RECORDS = """
    SELECT event_response_id, trait_id, score, condition_code_id, method FROM score_of_record
    WHERE superseded_at IS NULL ORDER BY event_response_id"""
OUTCOMES = "SELECT id, outcome FROM event_response ORDER BY id"


def problems():
    """Name every read and every score of record that is stored otherwise than the log tells."""
    with snapshot():
        reads, records, outcomes = told()
        found = _differences("read", reads, _stored_reads())
        found += _differences("scores of record of event response", records, _stored_records())
        stored = dict(db.session.execute(sa.text(OUTCOMES)).all())
        for place, outcome in sorted(outcomes.items()):
            if stored.get(place) != outcome:
                found.append(f"event response {place} is {stored.get(place)}, and the log says {outcome}")
    return found[:MOST]


def told():
    """Return what the log tells: reads that count, scores of record, and outcomes."""
    ever, reads, records, outcomes = {}, {}, {}, {}
    query = (
        sa.select(AuditEntry.action, AuditEntry.subject_kind, AuditEntry.subject_id, AuditEntry.after)
        .where(AuditEntry.after.is_not(None))
        .order_by(AuditEntry.id)
        .execution_options(yield_per=1000)
    )
    for action, kind, subject, after in db.session.execute(query):
        if kind == "read" and action.endswith(".submitted"):
            ever[subject] = reads[subject] = _read(after["scores"], after["condition_code"])
        elif action == "read.reopened":
            reads.pop(subject, None)
        elif action == "read.reinstated":
            reads[subject] = ever[subject]
        if "event_response" in after and "outcome" in after:
            place, record = after["event_response"], after["record"]
            outcomes[place] = after["outcome"]
            records.pop(place, None)
            if record is not None:
                records[place] = _record(record["scores"], record["condition_code"], record["method"])
    return reads, records, outcomes


def _read(scores, code):
    return {int(trait): score for trait, score in scores.items()}, code


def _record(scores, code, method):
    return (
        {int(trait): None if score is None else float(score) for trait, score in scores.items()},
        code,
        method,
    )


def _stored_reads():
    found = {}
    for read, code, trait, score in db.session.execute(sa.text(READS)):
        scores, _ = found.setdefault(read, ({}, code))
        if trait is not None:
            scores[trait] = score
    return found


def _stored_records():
    found = {}
    for place, trait, score, code, method in db.session.execute(sa.text(RECORDS)):
        scores, _, _ = found.setdefault(place, ({}, code, method))
        scores[trait] = score
    return found


def _differences(what, logged, stored):
    found = []
    for subject in sorted(logged.keys() | stored.keys()):
        if subject not in logged:
            found.append(f"{what} {subject} is stored, and the log does not tell of it")
        elif subject not in stored:
            found.append(f"{what} {subject} is in the log, and is not stored")
        elif logged[subject] != stored[subject]:
            found.append(
                f"{what} {subject} is stored as {stored[subject]}, and the log says {logged[subject]}"
            )
    return found
