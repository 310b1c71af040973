"""An improvement cycle in a real browser: planned, started, studied, decided on, shared, and read in another district."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from scoring.db import now
from scoring.permissions import Role
from tests import build
from tests.browser import axe, overflow
from tests.calibration.cycles.season import DAYS, Weeks

pytestmark = [
    pytest.mark.engines("sqlite"),
    pytest.mark.breaks_invariants,
]  # reads are written straight into the tables


def look(page):
    """The page as it stands is sound on a desk and on a phone."""
    for width in (320, 1366):
        page.set_viewport_size({"width": width, "height": 768})
        assert overflow(page) == 0, (page.url, width)
        axe(page)


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def confirm(page, ask, name):
    """Open what asks once more, and say yes."""
    page.locator("summary").filter(has_text=ask).click()
    press(page, name)


def as_typed(moment):
    return moment.strftime("%Y-%m-%dT%H:%M")


def test_from_the_plan_to_what_others_read_of_it(app, desk, clock, lea):
    weeks = Weeks({"alder": 120}, organization="alder", noise=(0.9, 0.1))
    planned = weeks.change - timedelta(days=1)
    clock.shift = planned - now()
    page = desk.open(lea)
    page.goto("/calibration/")
    page.get_by_role("link", name="Did it help?").first.click()
    page.get_by_role("link", name="New cycle").first.click()
    page.get_by_label("Name").fill("Talk first")
    press(page, "Begin the cycle")
    expect(
        page.get_by_label("What do you aim for?", exact=True)
    ).to_be_visible()  # not "(optional)": only later
    page.get_by_label("What do you aim for?").fill("Two scorers see the same line.")
    page.get_by_label("The change in your words").fill("We talk over five papers first.")
    page.get_by_label("The change is made at").fill(as_typed(weeks.change))
    page.get_by_role("radio", name="same score").first.check()
    page.get_by_label("You look at").fill(as_typed(weeks.look))
    press(page, "Save the plan")  # what is not said yet can be said later
    expect(page.get_by_text("Before you can start")).to_be_visible()
    page.get_by_role("link", name="Change the plan").click()
    page.get_by_label("What do you expect?").fill("More of the same scores.")
    page.get_by_label("What do you hope for?").fill("20")
    page.get_by_label("Papers read twice after the change").fill("60")
    look(page)
    press(page, "Save the plan")
    expect(page.get_by_text("such cycles").first).to_be_visible()
    confirm(page, "Start", "Start the cycle")
    expect(page.get_by_text("No verdict before the look")).to_be_visible()
    look(page)

    clock.shift = weeks.change + timedelta(days=1) - now() + clock.shift
    page.reload()
    page.locator("#done textarea").fill("We met and talked over five papers.")
    press(page, "Save")
    expect(page.locator(".own-words", has_text="We met and talked")).to_be_visible()
    expect(page.get_by_text("It helped")).to_have_count(0)

    clock.shift += timedelta(days=DAYS)
    page = desk.open(lea)
    page.goto("/calibration/")
    page.get_by_role("link", name="Did it help? Talk first").click()
    expect(page.get_by_text("The moment of the look has come")).to_be_visible()
    confirm(page, "Study it", "Close the study")
    expect(page.get_by_role("heading", name="Before and after")).to_be_visible()
    expect(page.get_by_role("heading", name="It helped")).to_be_visible()
    look(page)
    page.get_by_role("radio", name="Adopt").check()
    page.locator("#act textarea").fill("It costs half an hour.")
    press(page, "Decide")
    expect(page.get_by_role("heading", name="What follows: adopt")).to_be_visible()

    page.get_by_role("link", name="Share it").click()
    page.get_by_label("Aim").fill("Scorers see the same line.")
    look(page)
    press(page, "Share it")
    elsewhere = desk.open(build.a_person(Role.LEADER, build.organization("birch")))
    elsewhere.goto("/cycles")
    elsewhere.get_by_role("link", name="network").first.click()
    elsewhere.get_by_role("link", name="Talk first").click()
    expect(elsewhere.get_by_text("Scorers see the same line.")).to_be_visible()
    expect(elsewhere.get_by_text("Scorer Secret")).to_have_count(0)
    look(elsewhere)
    page.goto("/cycles")
    page.get_by_role("link", name="Talk first").click()
    press(page, "Stop sharing")
    elsewhere.reload()
    expect(elsewhere.get_by_text("There is nothing here")).to_be_visible()
