"""The harness itself: what it should catch, it catches."""

import pytest
import sqlalchemy as sa

from scoring.db import db, transaction
from scoring.people.models import Person
from tests.browser import Desk
from tests.pages import check_reply, page_problems

GOOD = (
    '<!doctype html><html lang="en"><head><title>A page</title></head><body><h1>A page</h1>{}</body></html>'
)
FAULTS = {
    '<p style="color: red">x</p>': "style=",
    '<button onclick="go()">x</button>': "onclick=",
    "<style>p { color: red }</style>": "<style>",
    "<script>go()</script>": "without src",
    '<script src="https://elsewhere.example/x.js"></script>': "another host",
    '<img src="//elsewhere.example/x.png" alt="">': "another host",
    '<a href="javascript:go()">x</a>': "holds script",
    "<h1>Again</h1>": "2 <h1>",
    '<p id="a"></p><p id="a"></p>': "stands twice",
    '<label for="gone">x</label>': "not there",
    '<form method="post"><button>Send</button></form>': "without csrf_token",
}


def test_a_good_page_has_no_problems():
    assert (
        page_problems(GOOD.format('<form><input name="q"></form><a href="https://example.org/">out</a>'))
        == []
    )
    assert page_problems("<p>x</p>") == ["<html> names no language", "no <title>", "0 <h1> instead of one"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_in_a_page_is_found(fault):
    problems = page_problems(GOOD.format(fault))
    assert any(FAULTS[fault] in problem for problem in problems), problems


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    "header", ["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"]
)
def test_a_missing_header_is_found(app, sign_in, ana, header):
    reply = sign_in(ana).get("/healthz")
    del reply.headers[header]
    with pytest.raises(AssertionError):
        check_reply(reply, is_signed_in=True)


def test_each_test_starts_as_new(app, ana, sandbox):
    """Runs twice on each engine, see below: the second time nothing of the first is left."""
    assert ana.name == "Ana Ortiz"
    assert db.session.scalar(sa.select(sa.func.count(Person.id))) == 8
    with transaction() as session:
        ana.name = "Somebody else"
        made = Person(name="Zoe", email="zoe@example.org", session_key="zoe")
        session.add(made)
    assert made.id == 9
    assert sandbox.was_written


test_each_test_starts_as_new_again = test_each_test_starts_as_new


def test_a_request_has_a_session_of_its_own(app, sign_in, ana, ben):
    """Two people signed in at once stay two people."""
    ours, theirs = sign_in(ana), sign_in(ben)
    for client in (ours, theirs, ours):
        assert client.get("/healthz").status_code == 200
    with ours.session_transaction() as session:
        assert session["_user_id"] == ana.session_key
    with theirs.session_transaction() as session:
        assert session["_user_id"] == ben.session_key


PLANTED_PAGES = {  # words of the problem: the page, its policy
    "console": ("<script>console.error('planted')</script>", None),
    "script error": ("<script>setTimeout(() => { throw new Error('planted') })</script>", None),
    "another host": ("<img src='http://127.0.0.2:9/x.png' alt=''>", None),
    "404 for": ("<img src='/static/there-is-no-such.png' alt=''>", None),
    "Content Security Policy": ("<p style='color: red'>x</p>", "default-src 'none'"),
}


@pytest.fixture
def loose_desk(browser, live_server, app):
    """A desk whose problems do not fail the test."""
    opened = Desk(browser, live_server, app)
    yield opened
    opened.close()


@pytest.mark.parametrize("words", PLANTED_PAGES)
def test_the_browser_tells_of_what_goes_wrong(loose_desk, words):
    page = loose_desk.open()
    body, policy = PLANTED_PAGES[words]
    headers = {"Content-Security-Policy": policy} if policy else {}
    page.route(
        "**/planted", lambda route: route.fulfill(body=body, content_type="text/html", headers=headers)
    )
    page.goto("/planted", wait_until="networkidle")
    assert any(words in problem for problem in loose_desk.problems), loose_desk.problems
