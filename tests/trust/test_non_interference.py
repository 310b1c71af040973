"""Blindness: whatever the first scorer gives, the second scorer's replies are the same, byte for byte.

Each test plays the same day twice, on the same rows, at the same times and with the same luck. Only the first
scorer's scores, notes and condition codes are different.
"""

import difflib
import itertools
import json
import random
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from scoring import db as database
from scoring import storage
from scoring.db import db, transaction
from scoring.events.models import EventResponse, EventStatus
from scoring.reads import claiming, serializer
from scoring.reads import desk as own_work
from scoring.reads import services as reads
from scoring.reads.models import Read, TraitScore
from scoring.responses.models import Page, Response
from tests import build
from tests.trust import walking
from tests.trust.searching import LINK, unpacked

RESPONSES, READ_BEFORE, READ_MEANWHILE = 9, 5, (2, 4)
GIVEN = {  # what the first scorer gives to the response of this number: scores, code, note
    "same for all": lambda number: ((3, 3), None, ""),
    "extremes": lambda number: (((1, 4), (4, 1))[number % 2], None, "I was not sure. " * number),
    "codes": lambda number: ((), "BILTM"[number % 5], "Nothing to score."),
    "as the second": lambda number: ((2, 3), None, "") if number % 2 else ((4, 4), None, "x"),
}
MASKS = [
    (re.compile(r'(name="(?:csrf_token|key)"[^>]* value)="[^"]*"'), r"\1=*"),
    (re.compile(r"(?m)^(X-RateLimit-[A-Za-z]+|Retry-After|X-Request-ID): .*$"), r"\1: *"),
]


class Transcript:
    """Writes down every reply, without what is different each time for everybody."""

    def __init__(self):
        self.entries = []

    def look(self, reply, *, about_reads=False):
        if reply.request.path.startswith("/static/"):
            return
        head = "\n".join(f"{name}: {value}" for name, value in sorted(reply.headers))
        text = f"{reply.request.method} {reply.request.path}\n{reply.status}\n{head}\n\n{reply.get_data().decode('latin-1')}"
        text = text.replace(reply.headers["X-Request-ID"], "*")
        for mask, instead in MASKS:
            text = mask.sub(instead, text)
        text = re.sub(r"session=([\w.-]+);", lambda found: cookie(found[1]), text)
        self.entries.append(LINK.sub(lambda found: b"/files/" + unpacked(found[1]), text.encode()).decode())


def cookie(token):
    """What the session cookie holds, without the secret of forms."""
    held = json.loads(unpacked(token.encode()) or b"{}")
    return f"session={ {name: value for name, value in held.items() if name != 'csrf_token'} };"


class Clock:
    """A time that only goes on when it is told to; stands in for the context variable behind `now()`."""

    def __init__(self):
        self.moment = datetime(2031, 3, 4, 15, 0, tzinfo=UTC)

    def get(self):
        return self.moment

    def go_on(self, seconds=21):
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def play(sandbox, app, monkeypatch):
    """Return a function that plays one day from the start and returns its transcript."""

    def one_day(given, share):
        clock = Clock()
        monkeypatch.setattr(database, "_clock", clock)
        monkeypatch.setattr(build, "numbers", itertools.count(1))
        monkeypatch.setattr(claiming, "draw", random.Random(11).random)
        monkeypatch.setitem(app.config, "API_LIMIT", "100000 per minute")
        random.seed(11)
        own_work._waiting_counts.clear()
        db.session.remove()
        sandbox.was_written = True
        sandbox.restore()
        return _day(app, clock, given, share)

    yield one_day
    own_work._waiting_counts.clear()


def _day(app, clock, given, share):
    task = build.a_task()
    build.responses(RESPONSES, task, school=build.organization("birch-high"))
    _draw_pages(RESPONSES)
    planted = SimpleNamespace(
        task=task, event=build.an_event(task, ["ana", "ben"], districts=["birch"], share_read_twice=share)
    )
    order = itertools.count()
    for _ in range(READ_BEFORE):
        _first_reads(planted, clock, given(next(order)))
    transcript = Transcript()
    ben = Patient(app, lambda person: app.test_client().sign_in(person), build.person("ben"), transcript)
    ben.clock = clock

    def meanwhile(turn):
        if turn in READ_MEANWHILE:
            _first_reads(planted, clock, given(next(order)))

    walking.crawl(ben, "/", "/account")
    walking.a_day(ben, planted, meanwhile)
    walking.crawl(ben, "/", f"/anchors/for/{planted.event.id}/{task.id}?trait=claim&score=2&fragment=1")
    for kind in (Read, EventResponse):
        for number in db.session.scalars(sa.select(kind.id).order_by(kind.id)).all():
            ben.post(f"/reads/sent/{number}/reopen")
            ben.get(f"/reads/{number}")
    with transaction():
        planted.event.status, planted.event.closed_at = EventStatus.CLOSED, clock.moment
    walking.crawl(ben, "/")
    return transcript.entries


class Patient(walking.Scorer):
    """A scorer whose requests all come at the same distance."""

    def ask(self, method, path, **sent):
        self.clock.go_on()
        return super().ask(method, path, **sent)


def _draw_pages(count):
    """The last two responses are pictures."""
    with transaction() as session:
        for response in session.scalars(sa.select(Response).order_by(Response.id).offset(count - 2)):
            data, key = b"picture", f"pages/{response.id:032}"
            storage.put_at(key, data)
            response.text, response.word_count = None, None
            response.pages = [
                Page(
                    number=1, key=key, media_type="image/webp", sha256=storage.sha256(data), width=9, height=9
                )
            ]


def _first_reads(planted, clock, given):
    clock.go_on()
    values, code, note = given
    ana = build.person("ana")
    assignment = reads.take_next(ana, planted.event)
    if assignment is not None:
        clock.go_on()
        scores = dict(zip([trait.id for trait in planted.task.published_rubric.traits], values, strict=False))
        comments = dict.fromkeys(scores, (note, note)) if note else {}
        reads.submit_read(assignment, ana, scores=scores, condition_code=code, note=note, comments=comments)


def differences(one, other):
    """The first lines in which two transcripts are not the same."""
    pairs = itertools.zip_longest(one, other, fillvalue="(nothing)")
    for first, second in pairs:
        if first != second:
            lines = difflib.unified_diff(first.splitlines(), second.splitlines(), lineterm="", n=0)
            return [first.partition("\n")[0], *itertools.islice(lines, 8)]
    return []


@pytest.mark.parametrize("share", [100, 40])
def test_the_second_scorer_can_not_tell_what_the_first_gave(play, share):
    days = {name: play(given, share) for name, given in GIVEN.items()}
    usual, *others = days.values()
    statuses = {entry.split("\n")[1][:3] for entry in usual}
    assert len(usual) > 130
    assert {"200", "201", "302", "303", "400", "404", "409", "422"} <= statuses
    assert [differences(usual, other) for other in others] == [[]] * len(others)


def hint(card):
    """A planted leak: whether the other read was low."""
    query = (
        sa.select(sa.func.min(TraitScore.score))
        .join(Read, Read.id == TraitScore.read_id)
        .join(Response, Response.id == Read.response_id)
        .where(Response.code == card.code, Read.scorer_id != 2)
    )
    return {**TRUE_CARD(card), "hint": db.session.scalar(query)}


TRUE_CARD = serializer.Card.as_response


@pytest.mark.engines("sqlite")
def test_a_planted_hint_is_found(play, monkeypatch):
    monkeypatch.setattr(serializer.Card, "as_response", hint)
    days = [play(GIVEN[name], 100) for name in ("same for all", "extremes")]
    assert "hint" in "".join(differences(*days))


@pytest.mark.engines("sqlite")
def test_a_planted_order_by_the_other_scores_is_found(play, monkeypatch):
    """Handing out sooner what the first scorer found weak shows in nothing but the order."""
    usual = claiming.queue.take

    def take(connection, seat, scorer, candidate, moment, draw):
        score = connection.scalar(
            sa.select(sa.func.min(TraitScore.score))
            .join(Read, Read.id == TraitScore.read_id)
            .where(Read.event_response_id == candidate.id, Read.scorer_id != scorer.id)
        )
        return None if score == 1 else usual(connection, seat, scorer, candidate, moment, draw)

    monkeypatch.setattr(claiming.queue, "take", take)
    days = [play(GIVEN[name], 100) for name in ("same for all", "extremes")]
    assert differences(*days) != []
