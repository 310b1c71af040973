"""The scorer's pages as plain forms: everything works without a script."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from scoring.db import db, now, transaction
from scoring.events.models import EventStatus
from scoring.reads import services
from scoring.reads.models import AssignmentStatus, Concern, Read
from scoring.tasks.models import RubricKind
from tests import build


def fields(page, **more):
    """The hidden fields of the scoring form, as a browser would send them."""
    html = page.get_data(as_text=True)
    hidden = {
        name: re.search(rf'name="{name}" value="([^"]*)"', html)[1] for name in ("key", "assignment", "event")
    }
    return hidden | more


@pytest.fixture
def scoring(event, ana, sign_in):
    """Ana's browser on her first response: the client, the address and the page."""
    client = sign_in(ana)
    address = client.get(f"/reads/next?event={event.code}").location
    return client, address, client.get(address)


def test_scoring_without_a_script(scoring, ana):
    client, address, page = scoring
    form = fields(page, **{"trait-claim": "3", "trait-evidence": "4", "note": "fine"})
    reply = client.post(address, data=form)
    assert reply.status_code == 303
    assert reply.location != address
    read = db.session.scalars(sa.select(Read)).one()
    assert sorted(read.score_by_trait.values()) == [3, 4]
    assert read.note == "fine"
    again = client.post(address, data=form)  # a double click
    assert again.location == reply.location
    assert client.get(reply.location).status_code == 200


def test_a_missing_score_is_asked_for_and_what_was_typed_stays(scoring):
    client, address, page = scoring
    reply = client.post(address, data=fields(page, **{"trait-claim": "3", "note": "a note"}))
    html = reply.get_data(as_text=True)
    assert reply.status_code == 422
    assert 'href="#trait-evidence"' in html
    assert "Choose a score for Evidence." in html
    assert "<title>Fix: " in html
    assert 'id="trait-claim-3" name="trait-claim" value="3"' in html
    assert html.count(" checked") >= 2  # the score, and "none" of the condition codes
    assert "a note" in html
    assert db.session.scalar(sa.select(sa.func.count(Read.id))) == 0


def test_a_condition_code_sends_no_scores(scoring):
    client, address, page = scoring
    client.post(address, data=fields(page, **{"trait-claim": "3", "condition_code": "B"}))
    read = db.session.scalars(sa.select(Read)).one()
    assert (read.condition_code.code, read.scores) == ("B", [])


def test_a_lost_response_keeps_what_was_typed_on_the_page(scoring, ana, ben):
    client, address, page = scoring
    lease = services.take_next(ana)
    with transaction():
        lease.status = AssignmentStatus.LAPSED
        lease.event_response.remaining = 0
        lease.event_response.required = 1
        lease.event_response.reads = 0
        build.an_assignment(lease.event, lease.response, ben)
        lease.event_response.remaining = 0
    reply = client.post(address, data=fields(page, **{"trait-claim": "3", "trait-evidence": "2"}))
    html = reply.get_data(as_text=True)
    assert reply.status_code == 409
    assert "somebody else has it now" in html
    assert html.count(" checked") >= 3


def test_undo_without_a_script_keeps_what_is_typed(scoring, ana):
    client, address, page = scoring
    following = client.post(
        address, data=fields(page, **{"trait-claim": "3", "trait-evidence": "4"})
    ).location
    form = fields(client.get(following), **{"trait-claim": "1"})
    reply = client.post("/reads/undo", data=form)
    assert reply.location == address
    html = client.get(address).get_data(as_text=True)
    assert html.count(" checked") >= 3
    kept = services.lease_of(int(form["assignment"]), ana)
    assert list(kept.draft["scores"].values()) == [1]


def test_undo_with_nothing_to_undo_says_so(scoring):
    client, address, page = scoring
    reply = client.post("/reads/undo", data=fields(page))
    assert reply.location == address
    assert b"There is no read to go back to" in client.get(address).data


def test_a_flag_and_an_alert(scoring):
    client, address, page = scoring
    reply = client.post(f"{address}/concern", data=fields(page, kind="flag", words=""))
    assert reply.status_code == 422
    assert b"Write 1 to 2000 characters." in reply.data
    client.post(
        f"{address}/concern", data=fields(page, kind="alert", words="Needs help", **{"trait-claim": "2"})
    )
    assert [each.kind for each in db.session.scalars(sa.select(Concern))] == ["alert"]
    assert 'value="2"' in client.get(address).get_data(as_text=True)


def test_i_know_this_student(scoring):
    client, address, page = scoring
    reply = client.post(f"{address}/known", data=fields(page))
    assert reply.status_code == 303
    assert client.get(address).status_code == 302
    following = client.get("/reads/next").location
    assert following not in {None, address}


def test_stopping_keeps_what_is_typed(scoring, ana):
    client, address, page = scoring
    client.post("/reads/pause", data=fields(page, **{"trait-claim": "4"}))
    assert services.take_next(ana).draft["scores"]


def test_a_single_point_rubric_keeps_its_comments(app, ana, sign_in):
    task = build.a_task(rubric=False)
    build.a_rubric(task, ("explanation",), (0, 1, 2), kind=RubricKind.SINGLE_POINT)
    build.responses(1, task)
    build.an_event(task)
    client = sign_in(ana)
    address = client.get("/reads/next").location
    page = client.get(address)
    assert b"What falls short" in page.data
    form = fields(
        page, **{"trait-explanation_below": "No units", "trait-explanation_above": "A second method"}
    )
    assert b"No units" in client.post(address, data=form).data
    client.post(address, data=form | {"trait-explanation": "1"})
    [score] = db.session.scalars(sa.select(Read)).one().scores
    assert (score.score, score.comment_below, score.comment_above) == (1, "No units", "A second method")


def test_others_responses_are_not_found(event, ana, ben, sign_in):
    lease = services.take_next(ana)
    client = sign_in(ben)
    address = f"/reads/{lease.id}"
    assert client.get(address).status_code == 404
    assert client.get(f"{address}/rubric").status_code == 404
    for path in ("", "/renew", "/known", "/concern", "/draft"):
        assert client.post(address + path, json={}).status_code == 404, path


def test_only_scorers_score(event, lea, sign_in):
    assert sign_in(lea).get("/reads/").status_code == 403


def test_what_the_page_s_script_gets(scoring, event, ana):
    client, address, page = scoring
    json = {"Accept": "application/json", "Idempotency-Key": "one"}
    ahead = client.post("/reads/ahead", json={"event": event.code, "having": [services.take_next(ana).id]})
    assert ahead.json["address"] != address
    sent = {"scores": {"claim": 3, "evidence": 3}, "next": True, "having": [ahead.json["id"]], "seconds": 12}
    saved = client.post(address, json=sent, headers=json)
    assert saved.status_code == 201
    assert (
        saved.json["next"]["id"] not in {ahead.json["id"], services.take_next(ana).id} or saved.json["next"]
    )
    assert client.post(address, json=sent, headers=json).json["read"] == saved.json["read"]
    wrong = client.post(ahead.json["address"], json={"scores": {}}, headers=json | {"Idempotency-Key": "two"})
    assert (wrong.status_code, wrong.json["error"]["code"]) == (422, "invalid")
    back = client.post("/reads/undo", json={"event": event.code}, headers=json)
    assert back.json["draft"]["scores"] == {"claim": 3, "evidence": 3}
    assert client.post(f"{address}/draft", json={"scores": {"claim": 1}}).json["seconds"] > 2000
    assert client.post("/reads/pause", json={"keep": []}).status_code == 204


# My work


def test_my_work_says_where_to_go_on_and_what_is_blocked(event, ana, sign_in, read_next):
    paused = build.an_event(scorers=["ana"], status=EventStatus.PAUSED)
    read_next(ana)
    html = sign_in(ana).get("/reads/").get_data(as_text=True)
    assert "Continue scoring" in html
    assert f"/reads/next?event={event.code}" in html
    assert "1 done" in html
    assert paused.name in html
    assert "Your leader has paused this event" in html
    assert "Reopen" in html


def test_my_work_of_somebody_without_events(app, eve, sign_in):
    assert "You are in no scoring event yet" in sign_in(eve).get("/reads/").get_data(as_text=True)


def test_an_empty_queue_says_so(event, ana, sign_in, read_next):
    for _ in range(6):
        read_next(ana)
    client = sign_in(ana)
    assert "No responses are waiting for you" in client.get("/reads/").get_data(as_text=True)
    page = client.get(f"/reads/next?event={event.code}").get_data(as_text=True)
    assert "Your scores are saved." in page


def test_reopening_from_my_work(event, ana, sign_in, read_next):
    read = read_next(ana)
    client = sign_in(ana)
    assert client.post(f"/reads/sent/{read.id}/reopen").location == f"/reads/{read.assignment_id}"
    assert client.post(f"/reads/sent/{read.id}/reopen").location == "/reads/"
    assert b"can not be reopened any more" in client.get("/reads/").data


def test_own_quality_comes_from_ten_responses_of_closed_events_only(app, ana, ben, sign_in, read_next):
    task = build.a_task()
    build.responses(10, task)
    event = build.an_event(task)
    for _ in range(10):
        read_next(ana, 3)
        read_next(ben, 3, claim=4)
    client = sign_in(ana)
    assert "same score" not in client.get("/reads/").get_data(as_text=True)
    with transaction():
        event.status, event.closed_at = EventStatus.CLOSED, now()
    html = client.get("/reads/").get_data(as_text=True)
    assert "the same score 50 of every 100 times" in html
    assert "within one point 100 of every 100 times" in html
    with transaction():
        event.closed_at = now() - timedelta(days=40)
    assert event.name not in client.get("/reads/").get_data(as_text=True)
