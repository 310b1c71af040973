"""Errors: what went wrong and what to do next, with a number, as a page or as JSON; and nothing half-saved."""

import contextlib
import io
import re

import pytest
import sqlalchemy as sa

from scoring import pages, storage
from scoring.audit import AuditEntry
from scoring.db import db
from scoring.people import services as people
from scoring.reads import services as reads
from scoring.reads.models import Read, SubmitKey, TraitScore
from tests import build

SCORES = {"trait-claim": "3", "trait-evidence": "2"}
SCRIPT = {"Accept": "application/json"}


@contextlib.contextmanager
def failing(engine, where=lambda statement: True, sort="OperationalError"):
    """Let the database fail as its driver would; returns the statements that failed."""
    failed = []

    def refuse(_cursor, statement, *_others):
        if where(statement):
            failed.append(statement)
            raise getattr(engine.dialect.dbapi, sort)("planted: the database went away")

    events = ("do_execute", "do_executemany", "do_execute_no_params")
    for event in events:
        sa.event.listen(engine, event, refuse)
    try:
        yield failed
    finally:
        for event in events:
            sa.event.remove(engine, event, refuse)


def is_reading_a_read(statement):
    return statement.startswith("INSERT INTO read")


@pytest.fixture
def lease(app, ana):
    """Ana holds a response."""
    task = build.a_task()
    build.responses(2, task)
    return reads.take_next(ana, build.an_event(task))


def is_whole(reply, status):
    """Check one error, page or JSON: status, number, words, and nothing from the inside."""
    number, text = reply.headers["X-Request-ID"], reply.get_data(as_text=True)
    assert reply.status_code == status, text
    assert re.fullmatch("[0-9a-f]{16}", number)
    assert number in text
    assert not re.search(r"Traceback|planted|sqlalchemy|File &#34;|\bSELECT\b", text)
    if reply.is_json:
        error = reply.json["error"]
        assert set(error) == {"code", "message", "fields", "request"}
        assert re.fullmatch(r"[a-z_]+", error["code"])
        assert error["message"][-1] in ".:" and " " in error["message"]
        assert isinstance(error["fields"], dict)
    else:
        assert reply.mimetype == "text/html"
        assert "Go to the start page" in text
    return True


def counts():
    kinds = (Read, TraitScore, SubmitKey, AuditEntry)
    return [db.session.scalar(sa.select(sa.func.count()).select_from(kind)) for kind in kinds]


def test_a_read_the_database_could_not_take_is_not_half_there(app, sandbox, sign_in, ana, lease):
    address, client = f"/reads/{lease.id}", sign_in(ana)
    bearer = {"Authorization": f"Bearer {people.issue_token(ana, 'notes')}", "Idempotency-Key": "k1"}
    client.get("/reads/")
    client.post("/api/v1/reads/next", headers=bearer)  # notes that the token was used
    before, scores = counts(), {"claim": 3, "evidence": 2}
    ways = {
        "page": lambda: client.post(address, data=SCORES | {"key": "k1"}),
        "script": lambda: client.post(address, json={"scores": scores}, headers=SCRIPT | {"Idempotency-Key": "k1"}),
        "program": lambda: client.post("/api/v1/reads", json={"assignment": lease.id, "scores": scores}, headers=bearer),
    }  # fmt: skip
    for place in (
        is_reading_a_read,
        lambda text: "INSERT INTO audit_entry" in text,
        lambda text: "trait_score" in text,
    ):
        for way, send in ways.items():
            with failing(sandbox.engine, place) as failed:
                reply = send()
            assert is_whole(reply, 503), way
            assert (len(failed), reply.headers["Retry-After"].isdigit()) == (1, True), way
            assert "Nothing was saved" in reply.text
            assert counts() == before, way
    again = ways["script"]()
    assert again.status_code == 201
    assert counts()[:3] == [before[0] + 1, before[1] + 2, before[2] + 1]
    assert ways["script"]().json["read"] == again.json["read"]  # the key still stands for the one read


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("first_with_words", [True, False])
def test_a_lost_reply_is_given_again_to_a_browser_that_kept_no_words(sign_in, ana, lease, first_with_words):
    """After a reload only scores are on the device: sent again without note and comments, the read is the same."""
    client, address, keyed = sign_in(ana), f"/reads/{lease.id}", SCRIPT | {"Idempotency-Key": "k1"}
    plain = {"scores": {"claim": 3, "evidence": 2}, "next": True}
    words = plain | {"note": " typed ", "comments": {"claim": ["", "above"]}}
    client.post(f"{address}/draft", json=words, headers=SCRIPT)
    first = client.post(address, json=words if first_with_words else plain, headers=keyed)
    assert first.status_code == 201
    for sent in (plain, words, plain):
        again = client.post(address, json=sent, headers=keyed)
        assert (again.status_code, again.json["read"]) == (201, first.json["read"])
    other = client.post(address, json=plain | {"note": "another"}, headers=keyed)
    assert (other.status_code, db.session.scalars(sa.select(Read.note)).all()) == (409, ["typed"])


def test_without_a_database_every_address_says_so_in_words(app, sandbox, sign_in, ana, lease, client):
    signed_in = sign_in(ana)
    bearer = {"Authorization": f"Bearer {people.issue_token(ana, 'notes')}"}
    address = f"/reads/{lease.id}"
    with failing(sandbox.engine):
        replies = [
            signed_in.get("/"), signed_in.get("/reads/"), signed_in.get(address), signed_in.get("/account"),
            signed_in.post(address, data=SCORES), signed_in.post(address, json={}, headers=SCRIPT),
            signed_in.post("/sign-out"), client.get("/"), client.get("/sign-in"),
            client.post("/sign-in", data={"email": "ana@example.org", "password": "x"}),
            client.post("/api/v1/reads/next", headers=bearer),
            client.get("/api/v1/events/X/progress", headers=bearer), signed_in.get("/there-is-nothing"),
        ]  # fmt: skip
        health = client.get("/healthz")
        static = client.get("/static/app.css", buffered=True)
    assert [is_whole(reply, 503) for reply in replies[:-1]] == [True] * 12
    assert is_whole(replies[-1], replies[-1].status_code)
    assert all(reply.headers["Retry-After"].isdigit() for reply in replies[:-1])
    assert (health.status_code, health.json["database"], static.status_code) == (503, "not well", 200)
    assert [reply.is_json for reply in replies].count(True) == 3
    assert signed_in.get("/reads/").status_code == 200  # and it goes on as if nothing had been


@pytest.mark.parametrize("sort", ["ProgrammingError", "DataError"])
def test_other_faults_of_the_database_are_ours_and_save_nothing(app, sandbox, sign_in, ana, lease, sort):
    client = sign_in(ana)
    before = counts()
    with failing(sandbox.engine, is_reading_a_read, sort):
        reply = client.post(f"/reads/{lease.id}", data=SCORES)
    assert is_whole(reply, 500)
    assert counts() == before


@pytest.mark.engines("sqlite")
def test_every_kind_of_error_has_words_and_a_number(app, client, sign_in, ana, dora, lease, monkeypatch):
    monkeypatch.setattr(storage, "read_link", lambda *_: 1 / 0)
    scorer, admin = sign_in(ana), sign_in(dora)
    bearer = {"Authorization": f"Bearer {people.issue_token(ana, 'notes')}"}
    large = {"file": (io.BytesIO(b"x" * 5000), "x.csv")}

    def too_much(sender, path, **sent):
        monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)
        reply = sender.post(path, **sent)
        monkeypatch.undo()
        return reply

    read = {**bearer, "Idempotency-Key": "k"}
    found = [
        (400, scorer.post("/reads/pause", csrf=False)), (403, scorer.get("/people")), (404, scorer.get("/nothing")),
        (404, scorer.get("/reads/9999")), (405, client.post("/healthz")), (500, scorer.get("/files/x")),
        (413, too_much(admin, "/responses/imports/new", data=large)),
        (413, too_much(scorer, f"/reads/{lease.id}", data={"note": "x" * 5000})),
        (413, too_much(client, "/api/v1/reads", json={"note": "x" * 5000}, headers=read)),
        (401, client.post("/api/v1/reads/next")), (404, client.get("/api/v1/nothing")),
        (403, client.get("/api/v1/events/X/progress", headers=bearer)), (405, client.get("/api/v1/reads")),
        (400, client.post("/api/v1/reads", headers=bearer)), (422, client.post("/api/v1/reads", data="[", headers=read)),
        (422, client.post("/api/v1/reads", json={"assignment": lease.id, "scores": {"claim": 9}}, headers=read)),
        (404, client.post("/api/v1/reads", json={"assignment": 9999}, headers=read)),
        (404, scorer.post("/reads/9999/renew", json={}, headers=SCRIPT)),
        (409, scorer.post("/reads/undo", json={}, headers=SCRIPT)),
    ]  # fmt: skip
    assert [is_whole(reply, status) for status, reply in found] == [True] * len(found)
    assert len({reply.headers["X-Request-ID"] for _, reply in found}) == len(found)


@pytest.mark.engines("sqlite")
def test_a_page_that_fails_tells_nothing_of_its_inside(app, client, monkeypatch):
    def broken():
        raise RuntimeError("planted: secret key of a student")

    broken.permission = pages.home.permission
    monkeypatch.setitem(app.view_functions, "pages.home", broken)
    assert is_whole(client.get("/"), 500)
    assert is_whole(client.get("/", headers=SCRIPT), 500)
