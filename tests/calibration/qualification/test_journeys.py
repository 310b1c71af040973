"""Whole ways in a real browser: failing, a coach, passing by keyboard alone; a phone; and the queue that waits meanwhile."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from calibration.qualification.steps import Stage
from scoring.db import now, transaction
from scoring.reads import qualifying
from tests.browser import axe, overflow
from tests.calibration.qualification.world import practiced, tried

PHONE = {"width": 320, "height": 640}


def score_all(page, keys, papers):
    """Score papers with the keyboard alone: a digit for each trait, then Enter."""
    for number in range(1, papers + 1):
        ready_for(page, f"score paper {number} of {papers}")
        for key in keys:
            page.keyboard.press(key)
        page.keyboard.press("Enter")


def ready_for(page, words):
    """Wait until a paper is there, and the script that takes the keys."""
    page.get_by_role("heading", name=words).wait_for(state="attached")
    page.wait_for_load_state()


def test_failing_then_a_coach_and_then_passing_by_keyboard_alone(world, desk, ana, lea):
    program = world.a_program(practice=(2,), qualification=(2,))
    event = world.an_event()
    page = desk.open(ana)
    page.goto("/reads/")
    expect(page.get_by_text("You need to qualify for Later start first.")).to_be_visible()
    page.get_by_role("link", name="Practice and qualify for").press("Enter")
    page.get_by_role("button", name="Start practice set 1").press("Enter")
    for words in ("Next paper", "See the summary"):
        ready_for(page, "score paper")
        for key in ("3", "2", "Enter"):
            page.keyboard.press(key)
        page.get_by_role("link", name=words).wait_for()
        expect(page.get_by_text("1 of 2 scores are the consensus scores.")).to_be_visible()
        expect(page.get_by_role("heading", name="Why a 3 in Evidence")).to_be_visible()
        page.locator("body").press("Enter")
    page.get_by_role("heading", name="Practice set done").wait_for()
    page.get_by_role("link", name="Go on").press("Enter")
    page.get_by_role("button", name="Start the try").press("Enter")
    score_all(page, "22", 2)
    page.get_by_role("heading", name="Not passed this time").wait_for()
    expect(page.get_by_text("You need 3 of 4 exact and none more than 1 apart.")).to_be_visible()
    expect(page.get_by_text("A coach comes next.")).to_be_visible()

    leader = desk.open(lea)
    leader.goto("/calibration/")
    leader.get_by_role("link", name="Look: Later start: Ana Ortiz needs a coach").click()
    leader.get_by_role("link", name="Ana Ortiz").click()
    leader.get_by_text("Paper by paper").first.click()
    axe(leader)
    leader.get_by_label("What you agreed on").fill("Read the descriptors of a 3 again.")
    leader.get_by_role("button", name="Save and give another try").click()
    leader.get_by_text("they have another try").wait_for()

    page.goto("/qualification/")
    expect(page.get_by_text("Read the descriptors of a 3 again.")).to_be_visible()
    page.get_by_role("button", name="Start the try").press("Enter")
    score_all(page, "33", 2)
    page.get_by_role("heading", name="You passed").wait_for()
    axe(page)
    page.get_by_role("link", name="Go to My work").press("Enter")
    page.get_by_role("link", name="Start scoring").press("Enter")
    page.get_by_role("button", name="Save and next").wait_for()
    assert qualifying.in_force(ana.id, program.rubric_id) is not None
    assert event.code in page.content()


def test_practice_goes_on_where_it_was_left_on_a_phone_and_without_scripts(world, desk, ana):
    world.a_program(practice=(2,), qualification=(2,))
    for number, options in enumerate(
        ({"viewport": PHONE, "color_scheme": "dark"}, {"viewport": PHONE, "java_script_enabled": False}), 1
    ):
        page = desk.open(ana, **options)
        page.goto("/qualification/")
        (
            page.get_by_role("button", name="Start practice set 1")
            if number == 1
            else page.get_by_role("link", name="Go on with practice set 1")
        ).click()
        expect(page.get_by_text(f"Paper {number} of 2", exact=True)).to_be_visible()
        page.get_by_role("button", name="Save and compare").click()
        expect(page.get_by_role("alert").get_by_text("Choose a score for Claim.")).to_be_visible()
        for trait in ("Claim", "Evidence"):
            page.get_by_role("group", name=trait).get_by_role("radio", name="3").check(force=True)
        page.get_by_role("button", name="Save and compare").click()
        page.get_by_text("2 of 2 scores are the consensus scores.").wait_for()
        if number == 1:
            axe(page)
            assert overflow(page) == 0
    page.get_by_role("link", name="See the summary").click()
    expect(page.get_by_role("heading", name="Practice set done")).to_be_visible()


@pytest.mark.parametrize(("key", "words"), [("3", "You passed"), ("1", "Not passed this time")])
def test_after_an_absence_a_recalibration_holds_the_queue_until_it_is_passed(world, desk, ana, key, words):
    program = world.a_program(practice=(), qualification=(2,), recalibration=(5,))
    tried(program, ana)
    event = world.an_event()
    long_ago(ana, program, recheck_at=now() - timedelta(hours=1))
    page = desk.open(ana)
    page.goto(f"/reads/next?event={event.code}")
    expect(page.get_by_text("A few papers come first, then the queue goes on.")).to_be_visible()
    page.get_by_role("link", name="Go to Practice and qualification").click()
    page.get_by_role("button", name="Start the recalibration").click()
    score_all(page, key * 2, 5)
    page.get_by_role("heading", name=words).wait_for()
    page.goto(f"/reads/next?event={event.code}")
    if words == "You passed":
        page.get_by_role("button", name="Save and next").wait_for()
    else:
        expect(page.get_by_text("You need to qualify for Later start again.")).to_be_visible()
        page.goto("/qualification/")
        expect(
            page.get_by_text("The recalibration was not passed, so the queue waits. You have 1 try.")
        ).to_be_visible()


def test_an_expired_qualification_is_said_and_earned_again(world, desk, ana):
    program = world.a_program(practice=(1,), qualification=(2, 2))
    practiced(program, ana)
    tried(program, ana)
    event = world.an_event()
    long_ago(ana, program, granted_at=now() - timedelta(days=400), expires_at=now() - timedelta(days=1))
    page = desk.open(ana)
    page.goto("/reads/")
    expect(page.get_by_text("Your qualification for Later start has expired.").first).to_be_visible()
    page.get_by_role("link", name="Practice and qualify for").click()
    page.get_by_role("button", name="Start the try").click()
    score_all(page, "33", 2)
    page.get_by_role("heading", name="You passed").wait_for()
    page.goto(f"/reads/next?event={event.code}")
    page.get_by_role("button", name="Save and next").wait_for()


def long_ago(person, program, **columns):
    """Move moments of somebody's qualification into the past: the browser's clock is the real one."""
    with transaction():
        fact = qualifying.in_force(person.id, program.rubric_id)
        for name, value in columns.items():
            setattr(fact, name, value)


def test_a_leader_sets_up_a_program_in_the_browser(world, desk, lea):
    world.a_set(Stage.PRACTICE, 2, name="First steps")
    world.a_set(Stage.QUALIFICATION, 2, name="Set A")
    page = desk.open(lea)
    page.goto("/calibration/")
    page.get_by_role("link", name="Qualification programs").click()
    axe(page)
    page.get_by_role("link", name="New program").click()
    page.get_by_label("Exact scores, in percent").fill("300")
    page.get_by_role("button", name="Begin the program").click()
    page.get_by_role("alert").get_by_text("Give a number from 1 to 100.").wait_for()
    axe(page)
    page.get_by_label("Exact scores, in percent").fill("80")
    page.get_by_role("button", name="Begin the program").click()
    page.get_by_text("It can not open yet").wait_for()
    for part in ("practice", "qualification"):
        form = page.locator("form", has=page.get_by_label(f"Add a {part} set"))
        form.get_by_role("button", name="Add it").click()
        page.get_by_text("The set is added.").wait_for()
    axe(page)
    page.set_viewport_size(PHONE)
    assert overflow(page) == 0
    page.get_by_role("button", name="Open to scorers").click()
    page.get_by_text("The program is open.").wait_for()
    expect(page.get_by_role("link", name="Ana Ortiz")).to_be_visible()
