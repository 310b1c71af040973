"""Blindness: nothing that was planted beside the work reaches the second scorer, in no byte of any reply."""

import pytest
from flask import Response as Reply
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from scoring.db import db
from scoring.people.models import Organization
from scoring.reads import serializer
from scoring.responses.models import Response
from tests.trust import planting, walking
from tests.trust.planting import CANARIES
from tests.trust.searching import Search

pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def planted(app):
    return planting.plant()


@pytest.fixture
def scorer(app, sign_in, planted, eve, monkeypatch):
    monkeypatch.setitem(app.config, "API_LIMIT", "100000 per minute")
    return walking.Scorer(app, sign_in, eve, Search(planted.canaries))


def test_the_second_scorer_finds_no_canary_anywhere(app, scorer, planted):
    search = scorer.search
    walking.crawl(scorer, "/", "/account", f"/anchors/for/{planted.event.id}/{planted.task.id}?fragment=1")
    scored = walking.a_day(scorer, planted)
    assert planting.adjudicate_one(planted) > 5
    walking.crawl(scorer, "/", "/reads/")
    walking.every_rule(scorer, planted)
    for path in ("/account/sign-out-everywhere", "/sign-out"):
        scorer.post(path)

    told_on_purpose = [
        (where, name) for where, name in search.leaks if name == "leader" and " /discussions/" in where
    ]
    assert [
        leak for leak in search.leaks if leak not in told_on_purpose
    ] == []  # whom one may name in a discussion
    reachable = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods & {"GET", "POST"}
        if app.view_functions[rule.endpoint].permission in walking.OPEN_TO_SCORERS
    }
    assert reachable - scorer.visited == set()
    assert scored >= planting.TEXTS + planting.PDFS
    assert (search.replies > 900, search.files > 300, search.bytes > 3_000_000) == (True, True, True), vars(
        search
    )


def leak_school(card):
    query = select(Organization.name).join(Response, Response.school_id == Organization.id)
    return {**TRUE_CARD(card), "place": db.session.scalar(query.where(Response.code == card.code))}


TRUE_CARD = serializer.Card.as_response


def test_a_planted_leak_is_found_on_the_page_and_in_the_api(scorer, planted, monkeypatch):
    """One more field in the serializer, and the search tells where it stands."""
    monkeypatch.setattr(serializer.Card, "as_response", leak_school)
    page = scorer.get(scorer.get("/reads/next").location)
    answer = scorer.post("/api/v1/reads/next", json={})
    assert (page.status_code, answer.status_code) == (200, 200)
    assert {(path.split()[1].rstrip("0123456789"), name) for path, name in scorer.search.leaks} == {
        ("/reads/", "school"), ("/api/v1/reads/next", "school"),
    }  # fmt: skip


def sign(value):
    return URLSafeTimedSerializer("key").dumps(value)


HIDDEN = {
    "header": lambda: Reply("", headers={"X-File": CANARIES["filename"]}),
    "another case": lambda: Reply(CANARIES["school"].upper()),
    "in an address": lambda: Reply(
        "/x?from=" + "".join(f"%{ord(letter):02x}" for letter in CANARIES["school"])
    ),
    "as other systems write": lambda: Reply(CANARIES["pdftitle"].encode("utf-16-be")),
    "signed link": lambda: Reply(f"/files/{sign(['pages/1', 'image/webp', 3, CANARIES['member']])}"),
    "packed link": lambda: Reply(f"/api/v1/files/{sign([CANARIES['member'], 'word ' * 200])}"),
    "session cookie": lambda: Reply(
        headers={"Set-Cookie": f"session={sign({'note': CANARIES['note']})}; Path=/"}
    ),
    "photo as it came": lambda: Reply(planting.photo(), mimetype="image/jpeg"),
    "scan as it came": lambda: Reply(planting.scan(), mimetype="image/webp"),
    "document as it came": lambda: Reply(planting.document(1), mimetype="application/pdf"),
    "why it was handed out": lambda: Reply('{"purpose": 2}', mimetype="application/json"),
}


@pytest.mark.parametrize("place", HIDDEN)
def test_the_search_finds_what_is_hidden(place, client):
    search = Search(CANARIES)
    search.look(client.get("/healthz"), about_reads=True)
    assert search.leaks == []
    hidden = HIDDEN[place]()
    hidden.request = client.get("/healthz").request
    search.look(hidden, about_reads=True)
    assert search.leaks != []
