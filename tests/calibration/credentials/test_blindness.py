"""Blindness: credentials tell nothing of open events, of the other scorer, of students, or of events at all."""

import base64
import itertools
import re
import uuid
from datetime import UTC, datetime
from types import SimpleNamespace

import pypdfium2
import pytest

from calibration.credentials import badge, services
from scoring import db as database
from scoring.db import db, transaction
from tests import build
from tests.calibration.credentials.season import Season, a_rule
from tests.trust.test_non_interference import MASKS

pytestmark = pytest.mark.engines("sqlite")
MOMENT = datetime(2031, 3, 4, 15, 0, tzinfo=UTC)
CANARIES = ("zqeventqz", "zqschoolqz", "zqpseudonymqz", "zqotherqz")


@pytest.fixture
def still(monkeypatch):
    """A time that stands, and no luck."""
    monkeypatch.setattr(database, "_clock", SimpleNamespace(get=lambda: MOMENT))
    monkeypatch.setattr(services.uuid, "uuid4", lambda: uuid.UUID(int=7))
    monkeypatch.setattr(services.secrets, "randbits", lambda _bits: 12345)
    monkeypatch.setattr(badge.secrets, "randbelow", lambda _size: 77)
    monkeypatch.setattr(badge.secrets, "token_hex", lambda size=32: "5a" * size)


def everything(person, client, visitor, given, rule):
    """Every reply about credentials that a scorer or a stranger gets, as bytes, with the readable text of what is packed."""
    own = f"/credentials/own/{given.id}"
    asked = [
        (client, "GET", "/credentials/"), (client, "GET", "/calibration/"), (client, "GET", "/reads/"), (client, "GET", own),
        (client, "GET", f"{own}/badge.jwt"), (client, "GET", f"{own}/certificate.pdf"),
        (client, "POST", f"/credentials/rules/{rule.id}/ask"), (client, "GET", "/credentials/"),
        (visitor, "GET", f"/credentials/{given.share_code}"), (visitor, "GET", "/credentials/status/1"),
        (visitor, "POST", "/credentials/verify"), (client, "GET", f"/credentials/rules/{rule.id}"),
        (client, "GET", f"/credentials/given/{given.id}"), (client, "POST", f"/credentials/rules/{rule.id}/give-all"),
    ]  # fmt: skip
    for who, method, path in asked:
        sent = {"data": {"badge": given.badge, "email": person.email}} if path.endswith("verify") else {}
        yield path, who.open(path, method=method, **sent)


def readable(reply):
    """What a reply says, also inside a PDF or a signed token (but for its signature: that covers a salt)."""
    text = reply.get_data()
    if reply.mimetype == "application/pdf":
        document = pypdfium2.PdfDocument(text)
        words = document[0].get_textpage().get_text_bounded()
        document.close()
        return words.encode()
    if "jwt" in reply.mimetype:
        return b".".join(base64.urlsafe_b64decode(part + b"==") for part in text.strip().split(b".")[:2])
    return text


def masked(reply):
    head = "\n".join(
        f"{name}: {value}"
        for name, value in sorted(reply.headers)
        if name not in {"Set-Cookie", "Content-Length"}
    )
    text = f"{reply.status}\n{head}\n{readable(reply).decode('latin-1')}".replace(
        reply.headers["X-Request-ID"], "*"
    )
    for mask, instead in MASKS:
        text = mask.sub(instead, text)
    text = re.sub(r'("encodedList":"u).{16}', r"\1*", text)  # when the list was packed
    return re.sub(r'(name="csrf_token"[^>]*value)="[^"]*"', r"\1=*", text)


def play(sandbox, sign_in, client, ana, ben, lea, alder, apart):
    """One closed event, the same each time; one open event in which Ben's scores differ. Return Ana's replies."""
    closed = Season(ana, ben, apart=2)
    given = services.give(a_rule(alder, closed.rubric, lea), ana, actor=lea)
    services.share(given, ["name", "rubric", "date", "rates", "hours"], actor=ana)
    running = Season(ana, ben, apart=apart, is_closed=False)
    rule = a_rule(alder, running.rubric, lea)
    replies = everything(ana, sign_in(ana), client, given, rule)
    return [(path, masked(reply)) for path, reply in replies]


def test_what_the_other_scorer_gives_in_an_open_event_changes_nothing(
    app, sandbox, still, sign_in, client, ana, ben, lea, alder, monkeypatch
):
    transcripts = []
    for apart in (0, 10, 3):
        sandbox.restore()
        db.session.expire_all()
        monkeypatch.setattr(build, "numbers", itertools.count(1))
        transcripts.append(play(sandbox, sign_in, client, ana, ben, lea, alder, apart))
    first, *others = transcripts
    assert len(first) == 14
    for other in others:
        for (path, before), (_, after) in zip(first, other, strict=True):
            assert before == after, path


def test_the_comparison_above_would_notice(
    app, sandbox, still, sign_in, client, ana, ben, lea, alder, monkeypatch
):
    """The same with the event closed: then the figures differ, as they should."""
    pages = []
    for apart in (2, 2, 10):
        sandbox.restore()
        db.session.expire_all()
        monkeypatch.setattr(build, "numbers", itertools.count(1))
        season = Season(ana, ben, apart=apart)
        a_rule(alder, season.rubric, lea)
        pages.append(masked(sign_in(ana).get("/credentials/")))
    assert pages[0] == pages[1] != pages[2]


def test_nothing_of_students_schools_events_or_the_other_scorer_is_told(
    app, sign_in, client, ana, ben, lea, alder
):
    season = Season(ana, ben, name="zqeventqz", code="ZQEVENTQZ")
    given = services.give(a_rule(alder, season.rubric, lea), ana, actor=lea)
    services.share(given, ["name", "rubric", "date", "rates", "hours"], actor=ana)
    rule = a_rule(alder, build.a_task().published_rubric, lea)
    with transaction():
        ben.name = "zqotherqz"
        season.responses[0].student.pseudonym = "zqpseudonymqz"
        season.responses[0].school.name = "zqschoolqz"
    replies = list(everything(ana, sign_in(ana), client, given, rule))
    assert len(replies) == 14
    found = [
        (path, canary)
        for path, reply in replies if path != "/reads/"  # My work names the scorer's own events
        for canary in CANARIES if canary in readable(reply).decode("latin-1").lower()
    ]  # fmt: skip
    assert found == []
