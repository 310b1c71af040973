"""The API of the queue: exact shapes, exact errors, the same rules as the pages."""

import secrets

import pytest

from scoring import storage
from scoring.db import transaction
from scoring.people.models import ApiToken
from scoring.people.session import token_hash
from scoring.responses.models import Page
from tests import build


@pytest.fixture
def call(app):
    """Return a way to call the API as somebody."""

    def as_person(person):
        secret = secrets.token_hex(16)
        with transaction() as session:
            session.add(ApiToken(person_id=person.id, name="test", token_hash=token_hash(secret)))
        client = app.test_client()

        def post(path, body=None, key=None, **options):
            headers = {"Authorization": f"Bearer {secret}"} | ({"Idempotency-Key": key} if key else {})
            return client.post(f"/api/v1{path}", json=body, headers=headers, csrf=False, **options)

        post.get = lambda path: client.get(path, headers={"Authorization": f"Bearer {secret}"})
        return post

    return as_person


def test_taking_the_next_response_tells_exactly_this(event, ana, call):
    reply = call(ana)("/reads/next", {"event": event.code})
    assert reply.status_code == 200
    card = reply.json["assignment"]
    assert reply.json.keys() == {"assignment"}
    assert card.keys() == {"id", "expires_at", "event", "response", "rubric"}
    assert card["event"] == event.code
    assert card["expires_at"].endswith("+00:00")
    assert card["response"].keys() == {"code", "text", "pages"}
    assert card["rubric"].keys() == {"version", "clarifications", "traits", "condition_codes"}
    assert [trait["key"] for trait in card["rubric"]["traits"]] == ["claim", "evidence"]
    assert card["rubric"]["traits"][0].keys() == {"key", "name", "clarifications", "points"}
    assert card["rubric"]["traits"][0]["points"][0] == {
        "value": 1, "label": "Level 1", "descriptor": "claim at level 1", "clarifications": [],
    }  # fmt: skip
    assert card["rubric"]["condition_codes"][0] == {"code": "B", "name": "Blank", "description": ""}


def test_a_read_and_the_next_in_one_call(event, ana, call):
    post = call(ana)
    held = post("/reads/next").json["assignment"]
    sent = {"assignment": held["id"], "scores": {"claim": 3, "evidence": 2}, "note": "hm", "next": True}
    reply = post("/reads", sent, key="k1")
    assert reply.status_code == 201
    assert reply.json.keys() == {"read", "next"}
    assert reply.json["read"].keys() == {"id", "submitted_at"}
    assert reply.json["next"].keys() == held.keys()
    assert reply.json["next"]["response"]["code"] != held["response"]["code"]
    again = post("/reads", sent, key="k1")
    assert (again.status_code, again.json) == (201, reply.json)
    last = reply.json["next"]
    coded = post("/reads", {"assignment": last["id"], "condition_code": "T"}, key="k2")
    assert coded.json["next"] is None


def test_an_empty_queue_answers_204(event, eve, call):
    reply = call(eve)("/reads/next")
    assert (reply.status_code, reply.data) == (204, b"")


def test_pages_come_by_links_of_one_s_own(app, ana, ben, call):
    task = build.a_task()
    response = build.a_response(task, text=None, media_type="application/pdf")
    with transaction() as session:
        key = storage.put(b"an image", area="pages")
        session.add(Page(response_id=response.id, number=1, key=key, media_type="image/png",
                         sha256=storage.sha256(b"an image"), width=10, height=10))  # fmt: skip
    build.an_event(task)
    post = call(ana)
    [page] = post("/reads/next").json["assignment"]["response"]["pages"]
    assert page["alt"] == "Page 1 of 1"
    assert post.get(page["url"]).data == b"an image"
    assert call(ben).get(page["url"]).status_code == 404


@pytest.mark.parametrize(
    ("body", "key", "status", "code", "fields"),
    [
        ({}, None, 400, "bad_request", set()),
        ({}, "k", 422, "invalid", {"assignment"}),
        ({"assignment": "1"}, "k", 422, "invalid", {"assignment"}),
        ({"assignment": 10**12}, "k", 422, "invalid", {"assignment"}),
        ({"assignment": 999999}, "k", 404, "not_found", set()),
        ({"scores": [3]}, "k", 422, "invalid", {"scores"}),
        ({"scores": {"voice": 3}}, "k", 422, "invalid", {"voice", "claim", "evidence"}),
        ({"scores": {"claim": 3}}, "k", 422, "invalid", {"evidence"}),
        ({"scores": {"claim": 3, "evidence": 9}}, "k", 422, "invalid", {"evidence"}),
        ({"scores": {"claim": 3, "evidence": 2.5}}, "k", 422, "invalid", {"evidence"}),
        ({"condition_code": 4}, "k", 422, "invalid", {"condition_code"}),
        ({"condition_code": "?"}, "k", 422, "invalid", {"condition_code"}),
        ({"scores": {"claim": 3, "evidence": 3}, "note": "x" * 2001}, "k", 422, "invalid", {"note"}),
        ({"scores": {"claim": 3, "evidence": 3}}, "k" * 81, 422, "invalid", set()),
    ],
)
def test_what_is_wrong_is_said(event, ana, call, body, key, status, code, fields):
    post = call(ana)
    held = post("/reads/next").json["assignment"]
    if key and "assignment" not in body and body:
        body = {"assignment": held["id"], **body}
    reply = post("/reads", body, key=key)
    error = reply.json["error"]
    assert (reply.status_code, error["code"], set(error["fields"])) == (status, code, fields), error
    assert error["message"].endswith(".")


def test_who_may_not_is_told_so(event, ana, ben, lea, call, client):
    assert client.post("/api/v1/reads/next", csrf=False).status_code == 401
    assert call(lea)("/reads/next").status_code == 403
    assert call(ana)("/reads/next", {"event": "NOWHERE"}).status_code == 404
    held = call(ben)("/reads/next").json["assignment"]
    sent = {"assignment": held["id"], "scores": {"claim": 3, "evidence": 3}}
    assert call(ana)("/reads", sent, key="k").status_code == 404
    assert call(lea)("/reads", sent, key="k").status_code == 403


def test_the_key_of_another_request_is_a_conflict(event, ana, call):
    post = call(ana)
    held = post("/reads/next").json["assignment"]
    sent = {"assignment": held["id"], "scores": {"claim": 3, "evidence": 3}}
    post("/reads", sent, key="k")
    reply = post("/reads", sent | {"scores": {"claim": 3, "evidence": 4}}, key="k")
    assert (reply.status_code, reply.json["error"]["code"]) == (409, "conflict")
    reply = post("/reads", sent, key="another")
    assert (reply.status_code, reply.json["error"]["code"]) == (409, "not_available")
