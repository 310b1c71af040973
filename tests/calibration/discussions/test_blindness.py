"""Blindness: a thread on a paper is nowhere for whoever may still have to score its response, or must meet it blind."""

import difflib
import itertools
import random
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from calibration.discussions import listing, news, reach, seeing, services, waiting
from calibration.discussions.models import Thread
from scoring.db import at, db, now, transaction
from scoring.errors import NotFound
from scoring.events.models import EventStatus
from scoring.reads.models import Concern
from scoring.responses.models import RosterEntry
from tests import build
from tests.calibration.papers.season import Season, keep_back

TITLE, WORDS, REASON, NAMED = "zqtitleqz", "zqwordsqz", "zqreasonqz", "zqanchorqz"


@pytest.fixture
def season(ana, ben, eve):
    return Season(ana, ben)


@pytest.fixture
def thread(season, lea, ana, ben):
    """A thread full of canaries on an anchor paper that Ana and Ben may see; both follow it and are named in it."""
    paper = season.promote("three", lea)
    made = services.start("paper", paper.id, title=TITLE, words=f"{WORDS} @Ben Okafor", actor=ana)
    services.reply(made, words=f"{WORDS} more, @Ana Ortiz @Ben Okafor", actor=lea)
    hidden = services.reply(made, words=WORDS, actor=lea)
    services.hide(hidden, reason=REASON, actor=lea)
    return made


def pages(client, thread, event, task):
    """Every page on which something of a thread could stand."""
    post = db.session.scalar(sa.select(services.Post.id).where(services.Post.thread_id == thread.id))
    addresses = [
        "/", "/reads/", "/calibration/", "/discussions/", "/discussions/?state=all", "/discussions/?whose=unread&state=all",
        "/discussions/?whose=mentions&state=all", "/discussions/?whose=mine", f"/discussions/?words={TITLE[:-1]}", "/discussions/?kind=paper",
        "/discussions/new", f"/discussions/tasks/{task.id}", f"/discussions/new?kind=task&id={task.id}",
        f"/discussions/new?kind=paper&id={thread.paper_id}", f"/discussions/{thread.id}", f"/discussions/posts/{post}/edit",
        f"/anchors/for/{event.id}/{task.id}", "/account", "/community/digest",
    ]  # fmt: skip
    replies = [client.get(address) for address in addresses]
    for deed in ("reply", "resolve", "reopen", "follow", "unfollow", "read"):
        replies.append(
            client.post(f"/discussions/{thread.id}/{deed}", data={"words": "Let me in", "number": 1})
        )
    for deed in ("edit", "remove", "hide", "show-again", "answer"):
        replies.append(client.post(f"/discussions/posts/{post}/{deed}", data={"words": "x", "reason": "x"}))
    replies.append(
        client.post(f"/discussions/new?kind=paper&id={thread.paper_id}", data={"title": "x", "words": "y"})
    )
    return replies


def found_in(replies):
    """The canaries that stand in any byte of the replies."""
    text = "\n".join(f"{reply.headers}\n{reply.get_data(as_text=True)}" for reply in replies)
    return {each for each in (TITLE, WORDS, REASON) if each in text}


def hide_by_an_alert(season, thread, ana):
    season.alert("three", ana)


def hide_by_a_name(season, thread, ana):
    keep_back(season.responses["three"])


def hide_by_another_event(season, thread, ana):
    other = build.an_event(season.task, ["ana", "ben"], waiting=False)
    build.fill(other)


def hide_by_a_read_to_undo(season, thread, ana):
    """In an event that is over for now, Eve's read may be taken back for ten minutes."""
    other = build.an_event(season.task, ["eve"], waiting=False, share_read_twice=0)
    build.fill(other)
    build.a_read(season.responses["three"], "eve", 3, event=other)


def hide_from_own_teacher(season, thread, ana):
    with transaction() as session:
        for name in ("ana", "ben"):
            session.add(
                RosterEntry(
                    person_id=build.person(name).id,
                    student_id=season.responses["three"].student_id,
                    source="roster",
                )
            )


def hide_by_retiring(season, thread, ana):
    with transaction():
        db.session.get(Thread, thread.id).paper.retired_at = now()


def hide_by_keeping(season, thread, ana):
    with transaction():
        db.session.get(Thread, thread.id).paper.is_kept = True


def hide_by_losing_the_seat(season, thread, ana):
    with transaction():
        for seat in season.event.scorers:
            seat.removed_at = now()


WAYS = [hide_by_an_alert, hide_by_a_name, hide_by_another_event, hide_by_a_read_to_undo, hide_from_own_teacher, hide_by_retiring, hide_by_keeping,
        hide_by_losing_the_seat]  # fmt: skip


def test_who_may_see_the_paper_sees_the_thread(season, thread, ana, ben, sign_in):
    assert waiting.waiting_for(ben)[0].detail.startswith(TITLE)
    assert found_in(pages(sign_in(ana), thread, season.event, season.task)) == {TITLE, WORDS, REASON}


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nothing_of_a_closed_thread_reaches_a_scorer(season, thread, ana, ben, sign_in, way):
    """Ana began it and Ben is named in it: neither finds a byte of it any more."""
    way(season, thread, ana)
    replies = pages(sign_in(ben), thread, season.event, season.task)
    assert found_in([*replies, *pages(sign_in(ana), thread, season.event, season.task)]) == set()
    assert {reply.status_code for reply in replies[13:16] + replies[19:]} == {404}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_closed_thread_is_in_no_count_no_notice_and_takes_no_word(season, thread, ana, ben, way):
    way(season, thread, ana)
    for person in (ana, ben):
        assert waiting.waiting_for(person) == []
        assert listing.unread_mentions(person) == []
        assert listing.count_unread(person) == 0
        assert services.threads_on("paper", thread.paper_id, person) == []
        assert news.mentions_since(person, now() - timedelta(days=7)) == []
        assert news.replies_since(person, now() - timedelta(days=7)) == []
        for words in (TITLE, WORDS):
            assert (
                db.session.scalars(
                    listing.found_threads(person, listing.Filters(state="all", words=words))
                ).all()
                == []
            )
        with pytest.raises(NotFound):
            services.reply(thread, words="Let me in", actor=person)
        with pytest.raises(NotFound):
            services.start("paper", thread.paper_id, title="x", words="y", actor=person)


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_closed_thread_looks_like_one_that_never_was(season, thread, ben, ana, sign_in, way):
    way(season, thread, ana)
    client = sign_in(ben)
    client.get("/account")  # the session has its cookie from here on
    theirs, nobodys = client.get(f"/discussions/{thread.id}"), client.get("/discussions/987654")
    assert plain(theirs) == plain(nobodys)
    closed, none = (
        client.get(f"/discussions/new?kind=paper&id={thread.paper_id}"),
        client.get("/discussions/new?kind=paper&id=987654"),
    )
    assert plain(closed) == plain(none)


@pytest.mark.parametrize("way", WAYS[:3] + WAYS[4:6], ids=lambda way: way.__name__)
def test_leaders_go_on_with_a_thread_that_is_closed_to_scorers(season, thread, ana, lea, way):
    way(season, thread, ana)
    services.reply(seeing.thread_by_id(thread.id, lea), words="We wait.", actor=lea)
    assert listing.found_threads(lea, listing.Filters(words=TITLE)) is not None
    assert [
        each.id for each in db.session.scalars(listing.found_threads(lea, listing.Filters(words=TITLE)))
    ] == [thread.id]


def test_a_leader_who_scores_the_response_themselves_is_shut_out_too(season, thread, ana, lea):
    other = build.an_event(season.task, [ana, lea])
    assert db.session.scalars(listing.found_threads(lea, listing.Filters())).all() == []
    with pytest.raises(NotFound):
        seeing.thread_by_id(thread.id, lea)
    with transaction():
        other.status, other.closed_at = EventStatus.CLOSED, now()
    assert seeing.thread_by_id(thread.id, lea).id == thread.id


def test_the_thread_opens_again_by_itself(season, thread, ana, ben):
    hide_by_a_read_to_undo(season, thread, ana)
    assert waiting.waiting_for(ben) == []
    with at(now() + timedelta(minutes=11)):
        assert waiting.waiting_for(ben)[0].action == "Read it"
    season.alert("three", ana)
    with at(now() + timedelta(minutes=11)):
        assert waiting.waiting_for(ben) == []
        with transaction() as session:
            for concern in session.scalars(sa.select(Concern)):
                concern.settled_at = now()
        assert waiting.waiting_for(ben) != []


def test_kept_papers_are_for_leaders_only(season, lea, ana, sign_in):
    paper = season.keep("two", lea)
    made = services.start("paper", paper.id, title=TITLE, words=f"{WORDS} @Ana Ortiz", actor=lea)
    assert made.opening.mentions == []
    assert found_in(pages(sign_in(ana), made, season.event, season.task)) == set()
    assert "Only leaders see this" in sign_in(lea).get(f"/discussions/new?kind=paper&id={paper.id}").get_data(
        as_text=True
    )


def test_whom_one_may_name_does_not_tell_whose_student_it_is(season, thread, ana, ben):
    """Ben teaches the student: the list of names that Ana gets stays the same, and he is told nothing."""
    before = [person.id for person in reach.people_for(thread, ana)]
    with transaction() as session:
        session.add(
            RosterEntry(person_id=ben.id, student_id=season.responses["three"].student_id, source="roster")
        )
    assert [person.id for person in reach.people_for(thread, ana)] == before
    assert ben.id in before
    assert listing.unread_mentions(ben) == []


# Non-interference: two seasons that differ only in what others gave

MASKS = [
    (re.compile(r'(name="csrf_token"[^>]* value)="[^"]*"'), r"\1=*"),
    (re.compile(r"(?m)^(X-RateLimit-[A-Za-z]+|Retry-After|X-Request-ID|Set-Cookie): .*$"), r"\1: *"),
]


def plain(reply):
    """The reply without what is different each time: the request's number and the address asked for."""
    head = "\n".join(f"{name}: {value}" for name, value in reply.headers if name != "Content-Length")
    text = f"{reply.status}\n{head}\n\n{reply.get_data(as_text=True)}".replace(
        reply.headers["X-Request-ID"], "*"
    )
    for mask, instead in MASKS:
        text = mask.sub(instead, text)
    return re.sub(r'name="next" value="[^"]*"', "", text)


def difference(one, other):
    """The lines in which two replies are not the same."""
    return list(difflib.unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=0))


@pytest.mark.engines("sqlite")
def test_no_page_tells_what_others_gave_before_own_scores_are_in(sandbox, app, monkeypatch):
    """Eve's scores of what has to be read again differ; Ben's pages of discussions are the same, byte for byte."""

    def one_day(scores):
        monkeypatch.setattr(build, "numbers", itertools.count(1))
        random.seed(7)
        db.session.remove()
        sandbox.was_written = True
        sandbox.restore()
        with at(MOMENT - timedelta(days=1)):
            ana, ben, lea = (build.person(name) for name in ("ana", "ben", "lea"))
            season = Season(ana, ben)
            paper = season.promote("three", lea)
            thread = services.start("paper", paper.id, title=TITLE, words=WORDS, actor=lea)
            services.start("task", season.task.id, title="Open to all", words="@Ben Okafor", actor=lea)
            again = build.an_event(season.task, ["eve", ben])
        with at(MOMENT):
            for name, score in zip(("two", "three", "line"), scores, strict=True):
                build.a_read(season.responses[name], "eve", score, event=again)
            client = app.test_client().sign_in(ben)
            return [plain(each) for each in pages(client, thread, season.event, season.task)]

    MOMENT = now()
    with at(MOMENT):
        days = [one_day(scores) for scores in ((1, 1, 1), (4, 2, 3), (3, 3, 2))]
    assert "Open to all" in "".join(days[0])
    assert TITLE not in "".join(days[0])
    for usual, *others in zip(*days, strict=True):
        assert [difference(usual, other) for other in others] == [[], []]
