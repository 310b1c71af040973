"""The scoring screen in a real browser: keys, undo, drafts, the outbox, and no barriers."""

import gzip
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from scoring.db import db
from scoring.reads.models import Read
from tests import build
from tests.browser import axe, overflow

SCRIPT = Path(__file__).parents[3] / "static" / "scoring.js"


@pytest.fixture
def event(app):
    """Eight responses on a task with three traits, read once each."""
    task = build.a_task(rubric=False)
    build.a_rubric(task, {"claim": [1, 2, 3, 4], "evidence": [0, 1, 2], "voice": list(range(13))})
    build.responses(8, task)
    return build.an_event(task, share_read_twice=0)


@pytest.fixture
def open_screen(desk, event, ana):
    """Open the scoring screen as Ana, with its script at work."""

    def make(**options):
        page = desk.open(ana, **options)
        page.goto(f"/reads/next?event={event.code}")
        page.locator(".trait.is-current").wait_for()
        page.wait_for_load_state("networkidle")
        return page

    return make


def code(page):
    return page.locator("[data-code]").inner_text()


def is_saved(page, done):
    page.locator("[data-progress]", has_text=f"{done} of").wait_for()
    page.locator("[data-save-state][data-state=saved]").wait_for()


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def stored():
    db.session.commit()
    query = sa.select(Read).where(Read.reopened_at.is_(None)).order_by(Read.id)
    return [{score.trait.key: score.score for score in read.scores} for read in db.session.scalars(query)]


def test_a_response_takes_one_key_a_trait_and_enter(open_screen):
    page = open_screen()
    first = code(page)
    press(page, "3", "0", "1", "2", "Enter")  # voice goes to 12: two digits
    is_saved(page, 1)
    assert code(page) != first
    assert stored() == [{"claim": 3, "evidence": 0, "voice": 12}]
    press(page, "4", "2", "5", "Enter")
    is_saved(page, 2)
    assert stored()[1] == {"claim": 4, "evidence": 2, "voice": 5}


def test_a_missing_score_is_named_and_nothing_is_sent(open_screen):
    page = open_screen()
    press(page, "3", "Enter")
    assert page.locator(".field-error").all_inner_texts() == [
        "Choose a score for Evidence.",
        "Choose a score for Voice.",
    ]
    assert page.locator(".trait.is-current").get_attribute("data-trait") == "evidence"
    press(page, "9")  # no score point of this trait
    expect(page.locator(".trait input:checked")).to_have_count(1)
    axe(page)
    assert stored() == []


def test_undo_brings_the_last_response_back_with_its_scores(open_screen):
    page = open_screen()
    first = code(page)
    press(page, "3", "0", "5", "Enter")
    is_saved(page, 1)
    press(page, "u")
    page.locator("[data-code]", has_text=first).wait_for()
    expect(page.locator(".trait input:checked")).to_have_count(3)
    press(page, "4", "Enter")
    is_saved(page, 1)
    assert stored() == [{"claim": 4, "evidence": 0, "voice": 5}]


def test_what_is_typed_survives_a_reload(open_screen):
    page = open_screen()
    press(page, "3", "n")
    page.keyboard.type("Strong start, 2 sources")  # digits in a note are words, not scores
    press(page, "Escape", "1")
    with page.expect_response("**/draft"):
        pass
    shown = code(page)
    page.reload()
    page.locator(".trait.is-current").wait_for()
    assert code(page) == shown
    expect(page.locator("#note")).to_have_value("Strong start, 2 sources")
    expect(page.locator(".trait input:checked")).to_have_count(2)
    assert "Strong" not in page.evaluate("JSON.stringify(localStorage)")


def test_offline_scores_arrive_once_after_the_tab_was_closed(open_screen, desk):
    page = open_screen()
    context = page.context
    context.set_offline(True)
    for value in ("1", "2", "3"):
        press(page, value, value if value != "3" else "0", "7", "Enter")
    page.locator("[data-save-state]", has_text="Offline - scores stay on this device (3 waiting)").wait_for()
    axe(page)
    page.close()
    assert stored() == []
    desk.problems = [each for each in desk.problems if "ERR_INTERNET_DISCONNECTED" not in each]
    context.set_offline(False)
    page = context.new_page()
    page.goto("/reads/next")
    is_saved(page, 3)
    assert sorted(read["claim"] for read in stored()) == [1, 2, 3]
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_the_other_keys(open_screen):
    page = open_screen()
    press(page, "ArrowDown")
    assert page.locator(".trait.is-current").get_attribute("data-trait") == "evidence"
    press(page, "r")
    expect(page.locator(".trait.is-folded")).to_have_count(0)
    press(page, "r", "+", "+")
    assert "zoom-2" in page.locator("#response").get_attribute("class")
    press(page, "z", "?")
    expect(page.locator("dialog[open]")).to_have_count(1)
    axe(page)
    page.locator("#keys-on").uncheck()
    press(page, "Escape", "1")
    expect(page.locator(".trait input:checked")).to_have_count(0)
    press(page, "?")
    expect(page.locator("dialog[open]")).to_have_count(0)  # switched off; the button stays
    page.locator("[data-help]").click()
    page.locator("#keys-on").check()
    press(page, "Escape")
    page.locator("body").evaluate("() => document.activeElement.blur()")
    press(page, "c")
    page.locator("#condition_code-T").check()
    press(page, "Enter")
    is_saved(page, 1)
    assert stored() == [{}]


def test_flags_and_students_one_knows_without_leaving_the_page(open_screen):
    page = open_screen()
    press(page, "2", "f")
    page.keyboard.type("There is a name on page 1")
    page.get_by_role("button", name="Flag it").click()
    page.get_by_text("Your leader can see your flag now.").wait_for()
    expect(page.locator(".trait input:checked")).to_have_count(1)
    shown = code(page)
    page.get_by_text("I know this student").click()
    page.get_by_role("button", name="Give it to somebody else").click()
    page.get_by_text("Somebody else will score that response").wait_for()
    assert code(page) != shown


def test_the_end_of_a_lease_is_announced_and_can_be_put_off(open_screen):
    page = open_screen()
    warning = page.get_by_text("This response is kept for you for 2 more minutes.")
    expect(warning).to_be_hidden()
    page.route("**/draft", lambda route: route.fulfill(json={"seconds": 110}))
    press(page, "3")
    warning.wait_for()
    axe(page)
    page.get_by_role("button", name="Keep it longer").click()
    warning.wait_for(state="hidden")


def test_the_last_response_leads_to_the_empty_queue(open_screen):
    page = open_screen()
    for done in range(1, 9):
        press(page, "1", "1", "5", "Enter")
        if done < 8:
            is_saved(page, done)
    page.get_by_role("heading", name="Nothing is waiting for you").wait_for()
    assert len(stored()) == 8


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 320])
def test_no_barriers(open_screen, scheme, width):
    page = open_screen(color_scheme=scheme, viewport={"width": width, "height": 700})
    axe(page)
    assert overflow(page) == 0
    page.goto("/reads/")
    axe(page)
    assert overflow(page) == 0


def test_the_script_stays_small():
    assert len(gzip.compress(SCRIPT.read_bytes(), 9)) < 15_000
