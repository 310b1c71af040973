"""Evidence: which reads are measured, and under which labels."""

import pytest
import sqlalchemy as sa

from calibration.measurement import agreement
from calibration.reports import evidence
from scoring.adjudication import services as adjudication
from scoring.db import db, transaction
from scoring.errors import NotFound
from scoring.events.models import EventResponse
from scoring.people.models import Membership
from scoring.permissions import Role
from scoring.reads import services as reads
from scoring.reads.models import Read
from tests import build


def places(ratings):
    """The rows as people would write them."""
    columns = (ratings.response, ratings.scorer, ratings.trait, *ratings.labels.values())
    named = [
        [column.names[code] if code >= 0 else None for code in column.codes.tolist()] for column in columns
    ]
    scores = ratings.score.tolist()
    codes = [
        ratings.condition.names[code] if code >= 0 else None for code in ratings.condition.codes.tolist()
    ]
    return list(zip(*named, scores, codes, strict=True))


def test_only_blind_reads_that_count_are_measured(app, ana, ben, lea, alder, birch, network, eve):
    """Two reads, an adjudication, a read taken back and given anew, and a condition code."""
    task = build.a_task()
    school = db.session.scalar(
        sa.select(evidence.Organization).where(evidence.Organization.code == "birch-high")
    )
    here, there = build.a_response(task), build.a_response(task, school=school)
    event = build.an_event(task, ["ana", "ben", "eve"], districts=("alder", "birch"))
    build.a_read(there, "ana", 2, event=event)
    build.a_read(here, "ana", 1, event=event)
    build.a_read(here, "ben", 4, event=event)
    reopened = reads.reopen_last(ana, event)
    assert reopened.response_id == here.id
    reads.submit_read(reopened, ana, scores={trait.id: 3 for trait in event.tasks[0].rubric.traits})
    build.a_read(there, "eve", condition_code="B", event=event)
    found = evidence.ratings(event, task)
    claim = [row for row in places(found) if row[2] == "claim"]
    assert sorted(claim, key=lambda row: row[:2]) == sorted([
        (here.id, ben.id, "claim", alder.id, alder.id, 3, None),
        (here.id, ana.id, "claim", alder.id, alder.id, 2, None),
        (there.id, ana.id, "claim", birch.id, alder.id, 1, None),
        (there.id, eve.id, "claim", birch.id, birch.id, -1, "B"),
    ], key=lambda row: row[:2])  # fmt: skip
    summary = agreement.summarize(found.of("claim"))
    assert summary.table[3][2] == 1, "in order of submission: Ben was first, for Ana gave hers anew"
    assert (summary.n_double, summary.n_conditions) == (1, 1)
    assert db.session.scalar(sa.select(sa.func.count(Read.id))) == 5, "the read taken back is still on record"
    only = evidence.ratings(event, task, districts=[birch.id])
    assert {row[0] for row in places(only)} == {there.id}
    assert (
        evidence.fingerprint(found)
        == evidence.fingerprint(evidence.ratings(event, task))
        != evidence.fingerprint(only)
    )
    with pytest.raises(NotFound, match="not part of the event"):
        evidence.ratings(event, build.a_task())


def test_an_adjudicators_decision_is_not_evidence(app, ana, ben, ada):
    task = build.a_task()
    response = build.a_response(task)
    event = build.an_event(task)
    build.a_read(response, "ana", 1, event=event)
    build.a_read(response, "ben", 4, event=event)
    before = evidence.fingerprint(evidence.ratings(event, task))
    place = db.session.scalar(sa.select(EventResponse).where(EventResponse.response_id == response.id))
    scores = {trait.id: 2 for trait in event.tasks[0].rubric.traits}
    assignment = adjudication.begin(place, ada)
    adjudication.submit_blind(assignment, ada, scores=scores)
    adjudication.decide(place, ada, scores=scores, reason="The claim is there, and thin.")
    assert evidence.fingerprint(evidence.ratings(event, task)) == before
    counts = evidence.counts(event, task)
    assert (counts.responses, counts.settled, counts.blind_reads, counts.adjudications) == (1, 1, 2, 1)
    assert counts.up_to is not None
    rows = evidence.records(event, task, response.district)
    assert [tuple(row)[2:4] for row in rows] == [("Claim", 2.0), ("Evidence", 2.0)]
    assert evidence.headlines({event.id: [response.district_id]})[event.id] == evidence.Headline(1, 2, 0, 0)


def test_a_scorer_counts_for_the_district_where_they_score(app, ana, birch, alder):
    """Ana also administers Birch; she scores for Alder."""
    task = build.a_task()
    response = build.a_response(task)
    event = build.an_event(task)
    with transaction() as session:
        session.add(Membership(person_id=ana.id, organization_id=birch.id, role=Role.DISTRICT_ADMIN))
    build.a_read(response, "ana", event=event)
    assert [(each.name, each.district_id) for each in evidence.scorers(event)] == [("Ana Ortiz", alder.id)]


def test_nothing_read_is_no_evidence_and_no_error(app):
    task = build.a_task()
    build.a_response(task)
    event = build.an_event(task)
    ratings = evidence.ratings(event, task)
    assert ratings.score.size == 0
    assert "no agreement to show" in agreement.summarize(ratings.of("claim")).sentences[0]
    assert evidence.headlines({}) == {}
