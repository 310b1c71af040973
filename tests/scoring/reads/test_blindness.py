"""Blindness: nothing of the student, the school, the other read or the purpose reaches a scorer."""

import re
from datetime import timedelta

import pytest

from scoring import storage
from scoring.db import transaction
from scoring.events.models import EventResponse
from scoring.reads import claiming, desk, services
from scoring.responses.models import ImportBatch, ImportStatus, Page, StudentIdentity
from tests import build

CANARIES = ["CANARY-STUDENT", "CANARY-GIVEN", "CANARY-SCHOOL", "CANARY-FILE", "CANARY-NOTE", "CANARY-KEY"]
TELLING = [
    "Ben Okafor",
    "Alder High",
    "second read",
    "first read",
    "operational",
    "district",
    "discrepant",
]


@pytest.fixture
def planted(app, ana, ben, dora, alder):
    """Two responses full of canaries, one of them read by Ben with a note; Ana is next."""
    school = build.a_school(name="CANARY-SCHOOL", code="canary-school")
    task = build.a_task()
    with transaction() as session:
        batch = ImportBatch(
            district_id=alder.id, task_id=task.id, kind="zip", file_name="CANARY-FILE.zip", key="originals/CANARY-KEY",
            sha256="0" * 64, created_by_id=dora.id, status=ImportStatus.DONE, total=2, accepted=2,
        )  # fmt: skip
        session.add(batch)
        session.flush()
        for number in range(2):
            student = build.a_student(school, pseudonym=f"CANARY-STUDENT-{number}")
            session.flush()
            session.add(StudentIdentity(student_id=student.id, given_name="CANARY-GIVEN"))
            response = build.a_response(
                task, student, batch_id=batch.id, original_key=f"originals/CANARY-KEY-{number}"
            )
            session.flush()
            key = storage.put(b"a page", area="pages")
            session.add(Page(response_id=response.id, number=1, key=key, media_type="image/png",
                             sha256=storage.sha256(b"a page"), width=10, height=10))  # fmt: skip
    event = build.an_event(task)
    lease = services.take_next(ben)
    scores = {trait.id: 2 for trait in task.published_rubric.traits}
    services.submit_read(lease, ben, scores=scores, note="CANARY-NOTE")
    return event


def replies(client):
    """Everything a scorer's browser gets while scoring two responses, as (what, bytes with headers)."""

    def seen(reply):
        return reply.request.full_path, reply.get_data() + str(reply.headers).encode()

    yield seen(client.get("/reads/"))
    for _ in range(2):
        to_next = client.get("/reads/next")
        yield seen(to_next)
        address = to_next.location
        page = client.get(address)
        yield seen(page)
        yield seen(client.get(f"{address}/rubric"))
        yield seen(client.post("/reads/ahead", json={"event": field(page, "event"), "having": []}))
        yield seen(client.post(address, data={"trait-claim": "3"}))
        json = {"Accept": "application/json", "Idempotency-Key": address}
        sent = {"scores": {"claim": 3, "evidence": 3}, "note": "", "next": True}
        yield seen(client.post(address, json=sent, headers=json))
        yield seen(client.post(address, json=sent | {"note": "x"}, headers=json))
        yield seen(client.get(address))
    yield seen(client.get("/reads/next"))
    yield seen(client.get("/reads/"))
    yield seen(client.post("/reads/undo", json={"event": ""}))


def field(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page.get_data(as_text=True))[1]


@pytest.mark.engines("sqlite")
def test_no_reply_holds_a_canary(planted, ana, sign_in):
    for what, raw in replies(sign_in(ana)):
        found = [word for word in CANARIES + TELLING if word.encode() in raw]
        assert not found, f"{what} tells {found}"


@pytest.mark.engines("sqlite")
def test_a_planted_leak_is_found(planted, ana, sign_in, monkeypatch):
    from scoring.reads import serializer

    told = serializer.Card.as_desk
    monkeypatch.setattr(
        serializer.Card, "as_desk", lambda card: {**told(card), "student": "CANARY-STUDENT-1"}
    )
    assert any(b"CANARY-STUDENT" in raw for _, raw in replies(sign_in(ana)))


VARYING = re.compile(
    rb'(name="(csrf_token|key)" value="[^"]*")|(X-Request-ID: \S+)|(/files/[\w.-]+)|("?(expires_at|submitted_at)[^,}]*)'
    rb"|(\"request\":\"\w+\")|(datetime=[^<]*)|(X-RateLimit\S* \S+)|(Set-Cookie: [^\n]*)|(Date: [^\n]*)|([&#;\w]*seconds[^,}]*)|(Content-Length: \d+)"
)


@pytest.mark.engines("sqlite")
def test_the_other_scorer_s_scores_change_nothing(sandbox, monkeypatch):
    """Two worlds that differ only in what Ben gave answer Ana byte for byte the same, to the last reply."""
    worlds = []
    for value in (3, 1):  # exact with Ana's scores, or discrepant
        with sandbox.app.app_context():
            worlds.append(one_world(sandbox, value, monkeypatch))
        sandbox.restore()
    assert len(worlds[0]) == len(worlds[1])
    for (what, one), (_, other) in zip(*worlds, strict=True):
        assert one == other, what


def one_world(sandbox, value, monkeypatch):
    import itertools
    import random

    build.numbers = itertools.count(1)
    random.seed(4)
    monkeypatch.setattr(claiming, "draw", random.Random(7).random)
    monkeypatch.setattr(
        desk, "COUNTED_FOR", timedelta(0)
    )  # on a slow day one world is counted anew and the other is not
    ana, ben = build.person("ana"), build.person("ben")
    task = build.a_task()
    build.responses(4, task)
    event = build.an_event(task)
    with transaction():
        for index, place in enumerate(build.db.session.query(EventResponse).order_by(EventResponse.id)):
            place.random_key = index / 10
    scores = {trait.id: value for trait in task.published_rubric.traits}
    for _ in range(4):
        services.submit_read(services.take_next(ben, event), ben, scores=scores)
    client = sandbox.app.test_client().sign_in(ana)
    return [(what, VARYING.sub(b"", raw)) for what, raw in replies(client)]
