"""The pages of discussions, with and without a mouse, a script and a friend."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from calibration.discussions import listing, services
from calibration.papers import evidence
from scoring.db import at, db, now
from tests import build
from tests.browser import axe, overflow
from tests.calibration.papers.season import Season


@pytest.fixture
def place(app, ana, ben, lea):
    task = build.a_task(title="Later start")
    build.an_event(task, [ana, ben])
    trait = task.published_rubric.traits[0]
    thread = services.start("trait", trait.id, title="What is a claim?", words="I am not sure.", actor=ana)
    return SimpleNamespace(task=task, trait=trait, thread=thread, url=f"/discussions/{thread.id}")


def text(reply):
    return reply.get_data(as_text=True)


def test_a_scorer_finds_the_way_to_a_new_discussion(place, ana, sign_in):
    client = sign_in(ana)
    assert "/discussions/" in text(client.get("/calibration/"))
    assert f"/discussions/tasks/{place.task.id}" in text(client.get("/discussions/new"))
    page = text(client.get(f"/discussions/tasks/{place.task.id}"))
    assert "1 discussion" in page
    assert f"/discussions/new?kind=trait&amp;id={place.trait.id}" in page
    assert "What is a claim?" in text(client.get(f"/discussions/new?kind=trait&id={place.trait.id}"))


def test_a_thread_is_started_replied_to_and_resolved(place, ben, lea, sign_in):
    client = sign_in(ben)
    address = f"/discussions/new?kind=task&id={place.task.id}"
    assert client.post(address, data={"title": "", "words": ""}).status_code == 422
    started = client.post(
        address, data={"title": "How long?", "words": "Asking @Lea Lindqvist and @Nobody Known."}
    )
    assert started.status_code == 302
    page = text(client.get(started.location))
    assert "Nobody called Nobody Known can read this" in page
    assert '<b class="mention">@Lea Lindqvist</b>' in page
    leader = sign_in(lea)
    assert "Ben Okafor named you" in text(leader.get("/calibration/"))
    assert leader.post(f"{started.location}/reply", data={"words": ""}).status_code == 422
    quoted = text(leader.get(f"{started.location}?quote=1"))
    assert "You quote Ben Okafor, post 1." in quoted
    replied = leader.post(f"{started.location}/reply", data={"words": "Two periods.", "quote": "1"})
    assert replied.location.endswith("#post-2")
    leader.post(f"{started.location}/resolve")
    assert "Resolved" in text(client.get(started.location))
    client.post(f"{started.location}/reopen")
    assert "Open" in text(client.get(started.location))
    client.post(f"{started.location}/unfollow")
    assert "Follow" in text(client.get(started.location))
    client.post(f"{started.location}/follow")


def test_words_are_shown_as_words(place, ben, sign_in):
    services.reply(place.thread, words="<script>alert(1)</script> & @Ana Ortiz <b>", actor=ben)
    page = text(sign_in(ben).get(place.url))
    assert '&lt;script&gt;alert(1)&lt;/script&gt; &amp; <b class="mention">@Ana Ortiz</b> &lt;b&gt;' in page


def test_a_post_is_edited_removed_hidden_and_marked(place, ana, ben, lea, sign_in):
    post = services.reply(place.thread, words="First words.", actor=ben)
    own, leader = sign_in(ben), sign_in(lea)
    edit = f"/discussions/posts/{post.id}/edit"
    assert own.post(edit, data={"words": ""}).status_code == 422
    assert own.post(edit, data={"words": "Better words."}).status_code == 302
    assert "edited" in text(own.get(place.url))
    with at(now() - timedelta(hours=1)):
        late = services.reply(place.thread, words="Old words.", actor=ben)
    assert "That time is over" in text(own.get(f"/discussions/posts/{late.id}/edit"))
    assert own.post(f"/discussions/posts/{late.id}/edit", data={"words": "New"}).status_code == 409
    sign_in(ana).post(f"/discussions/posts/{post.id}/answer")
    assert "The answer" in text(own.get(place.url))
    leader.post(f"/discussions/posts/{post.id}/hide", data={"reason": ""})
    assert "Better words." in text(own.get(place.url))
    leader.post(f"/discussions/posts/{post.id}/hide", data={"reason": "It names a student."})
    assert "Better words." not in text(own.get(place.url))
    assert "Hidden by Lea Lindqvist: It names a student." in text(own.get(place.url))
    assert "Better words." in text(leader.get(place.url))
    leader.post(f"/discussions/posts/{post.id}/show-again")
    own.post(f"/discussions/posts/{post.id}/remove")
    assert "Removed by its author." in text(leader.get(place.url))


def test_a_quote_of_words_that_are_gone_shows_nothing_of_them(place, ana, ben, sign_in):
    services.reply(place.thread, words="I quote.", quoted=place.thread.opening, actor=ben)
    services.remove(place.thread.opening, actor=ana)
    page = text(sign_in(ben).get(place.url))
    assert "These words are not there any more." in page
    assert "I am not sure." not in page


def test_a_long_thread_comes_in_pages(place, ana, ben, sign_in):
    for number in range(30):
        services.reply(place.thread, words=f"Number {number}", actor=(ana, ben)[number % 2])
    client = sign_in(ana)
    assert "Page 1 of 2" in text(client.get(place.url))
    assert "Number 29" in text(client.get(f"{place.url}?page=2"))
    assert (
        client.post(f"{place.url}/reply", data={"words": "At the end"}).location
        == f"{place.url}?page=2#post-32"
    )
    assert "Number 29" in text(client.get(f"{place.url}?quote=3"))


def test_looking_at_a_page_marks_nothing_as_read(place, ana, ben, sign_in):
    services.reply(place.thread, words="New.", actor=ben)
    client = sign_in(ana)
    assert "Mark as read" in text(client.get(place.url))
    assert listing.count_unread(ana) == 1
    client.post(f"{place.url}/read", data={"number": "2"})
    assert listing.count_unread(ana) == 0


def test_pages_of_tasks_rubrics_and_papers_show_what_is_discussed(place, lea, dora, sign_in):
    services.start("task", place.task.id, title="About the task", words="Words", actor=lea)
    assert "About the task" in text(sign_in(lea).get(f"/tasks/{place.task.id}"))
    assert "Discuss a line of this rubric" in text(sign_in(lea).get(f"/tasks/{place.task.id}/rubrics/1"))


def test_a_discussion_of_a_paper_shows_it_with_what_is_marked_in_it(place, ana, ben, lea, sign_in):
    season = Season(ana, ben)
    paper = season.promote("three", lea, commentary="A clear position.")
    first = paper.response.text.split()[0]
    evidence.mark_words(paper, first, words="Here it begins.", near=0, actor=lea)
    thread = services.start("paper", paper.id, title="Why a 3?", words="I gave a 2.", actor=ana)
    page = text(sign_in(ben).get(f"/discussions/{thread.id}"))
    assert all(words in page for words in (f">{first}</mark>", "Here it begins.", "A clear position."))


@pytest.mark.engines("sqlite")
def test_in_a_browser_names_are_offered_and_reading_is_noted(place, ana, ben, lea, desk):
    services.reply(place.thread, words="New for you.", actor=ben)
    page = desk.open(ana)
    page.goto("/discussions/")
    page.get_by_text("1 new").wait_for()
    page.get_by_role("link", name="What is a claim?").click()
    page.get_by_role("heading", name="What is a claim?").wait_for()
    page.get_by_label("Your reply").press_sequentially("Thank you @ben")
    page.get_by_role("button", name="Ben Okafor").click()
    page.keyboard.type("and @lin")
    page.get_by_role("button", name="Lea Lindqvist").click()
    axe(page)
    page.get_by_role("button", name="Post the reply").click()
    page.locator(".mention").nth(1).wait_for()
    assert page.locator("#post-3 .post-words").inner_text() == "Thank you @Ben Okafor and @Lea Lindqvist"
    db.session.expire_all()
    assert listing.count_unread(ana) == 0
    assert [len(listing.unread_mentions(each)) for each in (ben, lea)] == [1, 1]


@pytest.mark.engines("sqlite")
def test_on_a_phone_without_scripts_a_thread_can_be_answered(place, ana, ben, desk):
    services.reply(place.thread, words="A very-long-word-" + "x" * 200, actor=ben)
    page = desk.open(
        ana, java_script_enabled=False, viewport={"width": 320, "height": 640}, color_scheme="dark"
    )
    page.goto(place.url)
    expect(page.get_by_role("button", name="Mark as read")).to_be_visible()
    page.get_by_label("Your reply").fill("Good, @Ben Okafor")
    page.get_by_role("button", name="Post the reply").click()
    page.get_by_text("Good, @Ben Okafor").first.wait_for()
    with_scripts = desk.open(ana, viewport={"width": 320, "height": 640}, color_scheme="dark")
    with_scripts.goto(place.url)
    assert overflow(with_scripts) == 0
    axe(with_scripts)
