"""From reads to scores of record: which reads count, what they come to, and the record that is kept."""

import sqlalchemy as sa

from scoring.db import db, now, transaction
from scoring.events.models import Event, EventResponse, Outcome
from scoring.reads import resolution
from scoring.reads.models import Method, Purpose, Read, ScoreOfRecord, TraitScore
from scoring.tasks.models import Trait

read, score, record = Read.__table__, TraitScore.__table__, ScoreOfRecord.__table__
place, event, trait = EventResponse.__table__, Event.__table__, Trait.__table__
COUNTS = read.c.reopened_at.is_(None)
IS_BLIND = read.c.purpose == sa.literal_column("'operational'")


def reads_of(event_response):
    """Return the blind reads of a response that count, the first read first.

    The first read is the one that was handed out first: reopening a read and sending it again does not change that.
    """
    query = (
        sa.select(Read)
        .where(
            Read.event_response_id == event_response.id,
            Read.purpose == Purpose.OPERATIONAL,
            Read.reopened_at.is_(None),
        )
        .order_by(Read.assignment_id)
    )
    return db.session.scalars(query).all()


def settle(event_response, *, adjudicated=None, reason="", decided_by=None):
    """Work out what the reads of a response come to by its event's rule, and keep the scores of record.

    `adjudicated` is the adjudicator's Judgment (scores by trait id, or the id of a condition code), which stands
    alone. Returns the audit facts: {"outcome", "record"}; put them into the entry of the change that led here.
    """
    with transaction() as session:
        session.flush()
        connection = session.connection()
        facts = settle_place(
            connection, event_response.id, adjudicated=adjudicated, reason=reason, decided_by=decided_by
        )
        session.expire(event_response)
        return facts


RULES = (
    sa.select(place.c.required, place.c.rubric_id, event.c.resolution_rule, event.c.tolerance)
    .join(event, event.c.id == place.c.event_id)
    .where(place.c.id == sa.bindparam("place"))
)
BLIND_SCORES = (
    sa.select(read.c.id, read.c.scorer_id, read.c.condition_code_id, score.c.trait_id, score.c.score)
    .outerjoin(score, score.c.read_id == read.c.id)
    .where(read.c.event_response_id == sa.bindparam("place"), IS_BLIND, COUNTS)
    .order_by(read.c.assignment_id)
)
SUPERSEDE = (
    sa.update(record)
    .where(record.c.event_response_id == sa.bindparam("place"), record.c.superseded_at.is_(None))
    .values(superseded_at=sa.bindparam("moment", type_=record.c.superseded_at.type))
)
INSERT_RECORDS = sa.insert(record)
SET_OUTCOME = (
    sa.update(place)
    .where(place.c.id == sa.bindparam("place"))
    .values(
        outcome=sa.bindparam("outcome_now", type_=place.c.outcome.type),
        settled_at=sa.bindparam("moment", type_=place.c.settled_at.type),
        reads=sa.bindparam("reads_now"),
        priority=sa.bindparam("priority_now"),
    )
)  # fmt: skip
TRAITS = sa.select(trait.c.id).where(trait.c.rubric_id == sa.bindparam("rubric")).order_by(trait.c.position)
OUTCOMES = {
    resolution.NEEDS_READ: Outcome.WAITING,
    resolution.DISCREPANT: Outcome.DISCREPANT,
    resolution.SETTLED: Outcome.SETTLED,
}


def blind_judgments(connection, place_id):
    """Return (scorer id, Judgment) of each blind read that counts, the first read first."""
    found = {}
    for row in connection.execute(BLIND_SCORES, {"place": place_id}):
        _, scores, _ = found.setdefault(row.id, (row.scorer_id, {}, row.condition_code_id))
        if row.trait_id is not None:
            scores[row.trait_id] = row.score
    return [(scorer_id, resolution.Judgment(scores, code)) for scorer_id, scores, code in found.values()]


def settle_place(connection, place_id, *, judgments=None, rules=None, had_record=True, **adjudication):
    """Do what `settle` does, on the row's id. The caller holds the row. Counts the reads as well.

    `judgments` and `rules` save two queries where the caller has them; `had_record=False` says that nothing can be
    superseded.
    """
    if judgments is None:
        judgments = [judgment for _, judgment in blind_judgments(connection, place_id)]
    rules = rules or connection.execute(RULES, {"place": place_id}).one()
    resolved = resolution.resolve(
        judgments, required=rules.required, rule=rules.resolution_rule, tolerance=rules.tolerance,
        adjudicated=adjudication.get("adjudicated"),
    )  # fmt: skip
    outcome, moment = OUTCOMES[resolved.outcome], now()
    if had_record:
        connection.execute(SUPERSEDE, {"place": place_id, "moment": moment})
    rows = _records(connection, place_id, rules, resolved, moment, **adjudication)
    if rows:
        connection.execute(INSERT_RECORDS, rows)
    connection.execute(SET_OUTCOME, {
        "place": place_id, "outcome_now": outcome, "moment": moment if rows else None,
        "reads_now": len(judgments), "priority_now": 0 if judgments else 1,
    })  # fmt: skip
    return {"event_response": place_id, "outcome": outcome, "record": _facts(resolved, rows)}


def _records(connection, place_id, rules, resolved, moment, adjudicated=None, reason="", decided_by=None):
    if resolved.outcome != resolution.SETTLED:
        return []
    common = {
        "event_response_id": place_id, "method": Method(resolved.method), "rule": str(rules.resolution_rule),
        "reason": reason, "decided_by_id": decided_by.id if decided_by is not None else None, "settled_at": moment,
    }  # fmt: skip
    if resolved.code is not None:
        trait_ids = connection.execute(TRAITS, {"rubric": rules.rubric_id}).scalars()
        return [
            {**common, "trait_id": each, "score": None, "condition_code_id": resolved.code}
            for each in trait_ids
        ]
    return [
        {**common, "trait_id": each, "score": value, "condition_code_id": None}
        for each, value in sorted(resolved.scores.items())
    ]


def _facts(resolved, rows):
    """What the audit log keeps of a record: enough to make the scores of record again."""
    if not rows:
        return None
    return {
        "method": resolved.method, "rule": rows[0]["rule"], "condition_code": resolved.code,
        "scores": {str(row["trait_id"]): row["score"] for row in rows},
    }  # fmt: skip
