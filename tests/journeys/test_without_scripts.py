"""The whole job with JavaScript switched off: signing in, bringing work in, scoring, a mistake, undo, signing out."""

import sqlalchemy as sa
from playwright.sync_api import expect

from scoring.db import db
from scoring.reads.models import Read
from scoring.responses.models import Response
from tests import build
from tests.browser import overflow
from tests.cast import PASSWORD
from tests.scoring.responses.files import a_csv


def sign_in(desk, name, **options):
    """Sign in by the form, as people do."""
    page = desk.open(java_script_enabled=False, **options)
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def button(page, name):
    return page.get_by_role("button", name=name)


def code(page):
    return page.locator("[data-code]").inner_text()


def reads():
    db.session.commit()
    query = sa.select(Read).where(Read.reopened_at.is_(None)).order_by(Read.id)
    return [{each.trait.key: each.score for each in read.scores} for read in db.session.scalars(query)]


def test_scoring_with_a_mistake_and_undo(desk):
    event = build.an_event(waiting=False)
    build.responses(3, event.tasks[0].task)
    build.fill(event)
    page = sign_in(desk, "ana", viewport={"width": 320, "height": 700})
    page.get_by_role("link", name="Start scoring").click()
    first = code(page)
    page.locator("#trait-claim-3").check()
    page.locator("summary", has_text="Private note").click()
    page.get_by_label("Note").fill("A strong start.")
    button(page, "Save and next").last.click()

    assert (
        page.title().startswith("Fix: ")
        or "Nothing was saved yet" in page.locator(".error-summary").inner_text()
    )
    expect(page.get_by_text("Choose a score for Evidence.").first).to_be_visible()
    assert code(page) == first
    expect(page.locator("#trait-claim-3")).to_be_checked()
    expect(page.get_by_label("Note")).to_have_value("A strong start.")
    assert overflow(page) == 0
    assert reads() == []
    page.locator(".error-summary a").click()
    page.locator("#trait-evidence-2").check()
    button(page, "Save and next").last.click()

    assert code(page) != first
    assert reads() == [{"claim": 3, "evidence": 2}]
    second = code(page)
    page.locator("#trait-claim-1").check()
    button(page, "Undo").click()
    assert code(page) == first
    expect(page.locator("#trait-evidence-2")).to_be_checked()
    page.locator("#trait-evidence-4").check()
    button(page, "Save and next").last.click()

    assert code(page) == second
    expect(page.locator("#trait-claim-1")).to_be_checked()  # what was begun before the undo
    assert reads() == [{"claim": 3, "evidence": 4}]
    page.get_by_role("link", name="Anchors").click()
    button(page, "Pause").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()


def test_bringing_work_in(desk):
    build.a_task(title="Start later?", code="LATER")
    page = sign_in(desk, "dora")
    page.goto("/responses/imports/new")
    button(page, "Upload and look at it").click()
    expect(page.locator(".error-summary").get_by_text("Choose a file.")).to_be_visible()
    page.get_by_label("Task").select_option(label="Start later? (LATER)")
    rows = a_csv("A-1,Alder High School,A text.", "A-2,Atlantis,A text.")
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "work.csv", "mimeType": "text/csv", "buffer": rows}
    )
    button(page, "Upload and look at it").click()
    button(page, "Look through the rows").click()
    expect(page.get_by_text("1 ready, 1 to fix, 0 duplicates")).to_be_visible()
    button(page, "Import the 1 good row").click()
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_text("Imported: 1 of 2 rows")).to_be_visible()
    page.get_by_text("Undo this import").click()
    button(page, "Undo it").click()
    expect(page.get_by_text("This import was undone")).to_be_visible()
    assert db.session.scalar(sa.select(sa.func.count(Response.id))) == 0
    page.locator(".person-menu summary").click()
    button(page, "Sign out").click()
    page.goto("/responses/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
