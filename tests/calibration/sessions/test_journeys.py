"""Sessions in real browsers: a live one of five people, an asynchronous one over days, and pairs."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from calibration.sessions import attendance, minutes, running
from calibration.sessions.models import Form
from scoring.db import db, now
from tests import build
from tests.browser import axe, overflow
from tests.calibration.sessions.room import DAYS


def look(page, themes=("light", "dark")):
    """The page as it stands is sound: light and dark, and it fits its window."""
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        axe(page)
    page.emulate_media(color_scheme="light")
    assert overflow(page) == 0


def fill_in(page, claim, evidence, words=""):
    page.locator(f"#trait-claim-{claim}").check()
    page.locator(f"#trait-evidence-{evidence}").check()
    if words:
        page.locator("#evidence-claim").fill(words)


def score(page, claim, evidence, words=""):
    fill_in(page, claim, evidence, words)
    page.get_by_role("button", name="Put my scores in").click()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def refreshed(page, words):
    """Wait for what the page shows after its next look at the state, which comes sooner when a window is shown again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_text(words).first.wait_for(timeout=15_000)


def test_a_live_session_of_five(desk, room, ana, ben, ada, lea):
    """Lea leads; Ana reloads in every phase; Ben sits at a phone; Ada leads nothing; Cy joins late."""
    cy = build.a_person(name="Cy Late", email="cy@example.org")
    meeting = room.open(people=[ana, ben, ada, cy], papers=1)
    address = f"/sessions/{meeting.id}"
    leader, first, phone, other = (
        desk.open(person, **({"viewport": {"width": 320, "height": 640}} if person is ben else {}))
        for person in (lea, ana, ben, ada)
    )
    for page in (leader, first, phone, other):
        page.goto(address)
        press(page, "Come in")
    for page in (leader, phone):
        look(page)
    press(leader, "Begin the session")
    for page in (first, phone, other):
        refreshed(page, "We respect the work")
    look(phone)
    press(leader, "Next: Read the rubric and the paper, paper 1")
    refreshed(phone, "This is essay number")
    first.reload()
    first.get_by_text("Read first. The score sheet comes").wait_for()
    look(phone)
    press(leader, "Next: Score silently")
    for page in (phone, other):
        page.locator("#trait-claim-2").wait_for(timeout=15_000)
    first.reload()
    look(phone)
    score(first, 1, 3, "No side is taken.")
    first.get_by_text("They stay as they are").wait_for()
    first.reload()
    expect(first.get_by_text("No side is taken.")).to_be_visible()
    refreshed(phone, "1 of 4 are in")
    fill_in(phone, 3, 3, "It begins with a side.")  # and is not sent yet
    score(leader, 2, 2, "The words of the leader.")
    score(other, 4, 3, "Both sides are named.")
    refreshed(leader, "3 of 4 are in")
    look(leader, ["light"])
    leader.get_by_text("Next: See all scores").click()
    press(leader, "Go on without them")
    refreshed(first, "From 1 to 4, 3 points apart.")
    expect(phone.locator("#evidence-claim")).to_have_value("It begins with a side.")
    expect(phone.get_by_text("No side is taken.")).to_have_count(0)
    late = desk.open(cy)
    late.goto(address)
    press(late, "Come in")
    late.locator("#trait-claim-2").wait_for()
    expect(late.get_by_text("No side is taken.")).to_have_count(0)
    late.get_by_text("Look on instead").click()
    press(late, "Look on for this paper")
    late.get_by_text("No side is taken.").wait_for()
    press(phone, "Put my scores in")
    phone.get_by_text("not counted as blind").wait_for()
    first.reload()
    expect(first.get_by_text("The words of the leader.")).to_have_count(0)
    assert first.locator("h3").first.text_content() == "Claim"  # the widest difference stands first
    expect(first.locator(".session-mark.is-own")).to_have_count(2 + 1)  # one a trait, and the legend's
    look(phone)
    look(first)
    press(leader, "Show the leader's scores")
    refreshed(first, "The words of the leader.")
    press(leader, "Next: Discuss the widest differences")
    refreshed(first, "Begin with the trait on top.")
    first.get_by_text("Write a remark about Claim").click()
    first.locator("[name=text]").first.fill("Line 1 names a side.")
    first.get_by_role("button", name="Write the remark").first.click()
    refreshed(late, "Line 1 names a side.")
    look(phone)
    first.reload()
    press(leader, "Next: Agree on a consensus score")
    refreshed(phone, "Agree on a score for each trait")
    leader.locator(".session-trait").first.get_by_label("3", exact=True).check()
    leader.locator(".session-trait").first.locator("[name^=reason]").fill("A side is taken and kept.")
    leader.locator(".session-trait").last.locator("[name^=reason]").fill("It is taken from the source.")
    leader.get_by_role("button", name="Write it down: Claim").click()
    leader.get_by_text(
        "Choose a score for Evidence."
    ).wait_for()  # all or nothing, and all that was typed is kept
    leader.locator(".session-trait").last.get_by_label("3", exact=True).check()
    leader.get_by_role("button", name="Write it down: Claim").click()
    leader.get_by_text("Written down: Claim 3, Evidence 3.").wait_for()
    refreshed(late, "A side is taken and kept.")
    look(leader, ["light"])
    look(phone)
    first.reload()
    first.get_by_text("Score it once more").click()
    fill_in(first, 3, 3)
    press(first, "Put my revised scores in")
    first.get_by_text("Your revised score: 3.").first.wait_for()
    press(leader, "Next: Debrief")
    refreshed(first, "What should change in the task?")
    first.reload()
    first.get_by_label("What should change in the rubric?").fill("Say what a side is.")
    press(first, "Save my answers")
    refreshed(phone, "Say what a side is.")
    look(phone)
    leader.reload()
    leader.locator("summary", has_text="Close the session").click()
    press(leader, "Close the session")
    leader.get_by_text("How far the scores agreed").wait_for()
    refreshed(phone, "How far the scores agreed")
    look(phone)
    look(leader, ["light"])
    db.session.expire_all()
    claim, _ = minutes.minutes_of(meeting, None, lea, leads=True).traits
    assert (claim.before.people, claim.before.exact, claim.after.near) == (3, 0, pytest.approx(2 / 3))


def test_a_room_works_without_scripts(desk, room, ana, lea):
    meeting = room.open(papers=1)
    page = desk.open(ana, java_script_enabled=False)
    page.goto(f"/sessions/{meeting.id}")
    press(page, "Come in")
    attendance.come_in(meeting, actor=lea)
    running.begin(meeting, actor=lea)
    room.go_to(meeting, "score")
    page.get_by_role("link", name="Refresh").click()
    score(page, 2, 2)
    expect(page.get_by_text("1 of 2 are in")).to_be_visible()


def test_an_asynchronous_session_over_days(desk, room, ana, ben, ada, lea, clock):
    people = {name: desk.open(person) for name, person in (("ana", ana), ("ben", ben), ("ada", ada))}
    meeting = room.open(
        Form.ASYNCHRONOUS, people=[ana, ben, ada], papers=2, leader_scores=False, closes_at=now() + 9 * DAYS
    )
    first, second, third = people.values()
    first.goto("/calibration/")
    first.get_by_role("link", name="Score the papers: November session").click()
    first.get_by_role("link", name="Paper 1").click()
    look(first)
    score(first, 1, 2, "Ana's evidence.")
    first.get_by_role("link", name="Next paper").click()
    score(first, 4, 4)
    look(first)
    expect(first.get_by_text("1 of 3 are in")).to_be_visible()
    clock.shift = timedelta(days=1)
    second.goto(f"/sessions/{meeting.id}/papers/{meeting.papers[0].id}")
    press(second, "Put my scores in")
    second.get_by_text("Nothing was saved yet").first.wait_for()
    look(second)
    score(second, 3, 2, "Ben's evidence.")
    assert second.get_by_text("Ana's evidence.").count() == 0
    clock.shift = timedelta(days=2)
    first.goto(f"/sessions/{meeting.id}/papers/{meeting.papers[0].id}")
    expect(first.get_by_text("Ben's evidence.")).to_have_count(0)
    clock.shift = timedelta(days=3, minutes=1)
    first.reload()
    first.get_by_text("Ben's evidence.").wait_for()
    third.goto(f"/sessions/{meeting.id}/papers/{meeting.papers[0].id}")
    assert (
        third.get_by_text("Ben's evidence.").count() == 0
    )  # the deadline has passed, but own scores are not in
    score(third, 2, 2)
    third.get_by_text("not counted as blind").wait_for()
    first.get_by_text("Write a remark about Claim").click()
    first.locator("[name=text]").first.fill("Where is the reason?")
    first.get_by_role("button", name="Write the remark").first.click()
    clock.shift = timedelta(days=4)
    second.reload()
    second.get_by_text("Answer Ana Ortiz").click()
    second.locator("[name=text]").first.fill("In the second line.")
    press(second, "Answer")
    second.get_by_text("Propose a consensus score for Claim").click()
    second.get_by_role("group", name="Your proposal for Claim").get_by_label("2").check()
    second.locator(".session-trait", has=second.get_by_role("heading", name="Claim")).locator(
        "[name=reason]"
    ).last.fill("A side without a reason.")
    second.get_by_role("button", name="Propose it: Claim").click()
    look(second)
    clock.shift = timedelta(days=5)
    for page in (first, third):
        page.reload()
        page.get_by_role("button", name="I agree with a 2 for Claim").click()
    third.get_by_text("Agreed on").wait_for()
    look(third)
    first.goto(f"/sessions/{meeting.id}")
    look(first)
    clock.shift = timedelta(days=9, minutes=1)
    first.reload()
    first.get_by_text("How far the scores agreed").wait_for()
    look(first)


def test_a_leader_opens_a_session_and_changes_a_protocol(desk, room, ana, ben, lea):
    page = desk.open(lea)
    page.goto("/calibration/")
    page.get_by_role("link", name="Calibration sessions").click()
    page.get_by_role("link", name="Protocols").click()
    page.get_by_role("link", name="Calibration", exact=True).last.click()
    page.get_by_label("Name of the copy").fill("Ours")
    press(page, "Copy this protocol")
    page.get_by_role("button", name="Take out Norms, step 1").click()
    page.get_by_role("link", name="See all scores").click()
    page.get_by_label("Minutes").fill("4")
    press(page, "Save")
    page.get_by_role("button", name="Take out See all scores, step 3").click()
    page.get_by_text("No session can use it yet").wait_for()
    look(page)
    page.get_by_role("link", name="Add a step").click()
    page.get_by_label("Kind").select_option("reveal")
    page.get_by_label("Title").fill("See all scores")
    press(page, "Add the step")
    for _ in range(3):
        page.get_by_role("button", name="Up See all scores").click()
    expect(page.get_by_text("No session can use it yet")).to_have_count(0)
    page.goto("/sessions/new")
    look(page)
    page.get_by_role("link", name="Live session on Later start, rubric version 1").click()
    press(page, "Set up the session")
    page.get_by_text("Nothing was saved yet").wait_for()
    look(page)
    page.get_by_label("Title").fill("Tuesday")
    page.get_by_label("Ours").check()
    page.locator("[name=papers]").first.check()
    page.get_by_text("Choose people one by one").click()
    page.get_by_label("Ana Ortiz").check()
    press(page, "Set up the session")
    page.get_by_text("The session is set up.").wait_for()
    look(page)
    page.get_by_role("link", name="Go to the session").click()
    page.get_by_text("Ours, about").wait_for()
