"""Oversight: the leader's page of a running event, scorers taken out of it, and what scorers reported."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from scoring.db import at, db, now
from scoring.errors import Conflict, Invalid, NotFound
from scoring.events import services as events
from scoring.events.models import EventResponse
from scoring.oversight import concerns, services, wording
from scoring.reads import services as reads
from tests import build


@pytest.fixture
def event(app):
    """An open event with three responses, each to be read twice."""
    made = build.an_event(waiting=False, code="RUN", alert_to=build.person("lea"))
    build.responses(3, made.tasks[0].task)
    build.fill(made)
    return made


def test_a_scorer_taken_out_gives_back_what_they_hold(event, lea, ana, ben):
    assignment = reads.take_next(ana, event)
    bens = reads.take_next(ben, event)
    services.remove_scorer(event, ana.id, actor=lea)
    waiting = db.session.get(EventResponse, assignment.event_response_id)
    others = 1 if waiting.id == bens.event_response_id else 0
    assert waiting.remaining == 2 - others
    assert reads.take_next(ana, event) is None
    with pytest.raises(Conflict):
        reads.submit_read(assignment, ana, scores={trait.id: 3 for trait in waiting.rubric.traits})
    assert reads.take_next(ben, event).id == bens.id


def test_what_scorers_did_is_counted_from_reads_that_count(event, ana):
    with at(now() - timedelta(minutes=30)):
        assignment = reads.take_next(ana, event)
    reads.submit_read(
        assignment, ana, scores={trait.id: 3 for trait in event.tasks[0].rubric.traits}, seconds=70
    )
    mine, bens = services.activity(event, list(db.session.scalars(services.seats(event))))
    assert (mine.seat.person, mine.reads, mine.median_seconds) == (ana, 1, 70)
    assert (bens.reads, bens.last_read_at, bens.median_seconds) == (0, None, None)
    reads.reopen_last(ana, event)
    assert services.activity(event, [mine.seat])[0].reads == 0


def test_alerts_come_first_and_are_settled_with_words(event, lea, ada, ana, dan):
    assignment = reads.take_next(ana, event)
    flag = reads.raise_concern(assignment, ana, "flag", "A name is on the page.")
    alert = reads.raise_concern(assignment, ana, "alert", "Not safe at home.")
    listed = [concern for concern, _ in db.session.execute(concerns.visible_concerns(lea, event))]
    assert listed == [alert, flag]
    assert concerns.open_counts(event) == (1, 1)
    with pytest.raises(NotFound):
        concerns.concern_by_id(alert.id, dan)
    concerns.acknowledge(alert, actor=lea)
    with pytest.raises(Conflict, match="acknowledged this already"):
        concerns.acknowledge(alert, actor=ada)
    with pytest.raises(Invalid):
        concerns.settle(alert, "  ", actor=ada)
    concerns.settle(alert, "The counselor has talked to the student.", actor=ada)
    with pytest.raises(Conflict, match="settled already"):
        concerns.settle(alert, "Again.", actor=lea)
    assert concerns.open_counts(event) == (0, 1)
    assert concerns.people_of(alert) == {"acknowledged": lea, "settled": ada}


@pytest.mark.engines("sqlite")
def test_the_leaders_page_says_what_waits(event, sign_in, lea, ana):
    assignment = reads.take_next(ana, event)
    alert = reads.raise_concern(assignment, ana, "alert", "Not safe at home.")
    build.responses(2, event.tasks[0].task)
    client = sign_in(lea)
    page = client.get("/events/RUN").text
    for words in ("3 of 3 responses have no read yet.", "1 alert: a student may be in danger.", "2 responses imported since.",
                  "Every response is read twice.", "Reads more than 1 point apart on any trait go to a leader."):  # fmt: skip
        assert words in page
    client.post("/events/RUN/add-responses")
    assert "5 of 5 responses have no read yet." in client.get("/events/RUN").text
    assert "Not safe at home." in client.get("/events/concerns").text
    page = client.get(f"/events/concerns/{alert.id}").text
    assert assignment.response.text in page
    assert "less than a minute ago" in page
    client.post(f"/events/concerns/{alert.id}/acknowledge")
    reply = client.post(f"/events/concerns/{alert.id}/settle", data={"outcome": ""})
    assert reply.status_code == 422
    assert "Say in a sentence what was done." in reply.text
    client.post(f"/events/concerns/{alert.id}/settle", data={"outcome": "Talked to the counselor."})
    assert "Talked to the counselor." in client.get(f"/events/concerns/{alert.id}").text
    assert "Not safe at home." in client.get("/events/RUN/concerns?settled=1").text
    client.post(f"/events/RUN/scorers/{ana.id}/remove")
    assert "(removed)" in client.get("/events/RUN").text


def test_an_empty_queue_is_said(event, lea, ana, ben):
    def words():
        return [each.words for each in wording.actions(event, events.progress(event), moment=now())]

    assert words() == []
    for row in db.session.scalars(sa.select(EventResponse).where(EventResponse.event_id == event.id)).all():
        for scorer, score in (("ana", 1), ("ben", 4)):
            build.a_read(row.response, scorer, score, event=event)
    assert words() == [
        "3 responses to adjudicate.",
        "The queue is empty. Scorers have nothing left to read here.",
    ]
