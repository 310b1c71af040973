"""From the first file to the last figure, as the people do it: in a browser, by clicking and typing.

Dora brings in student work, Lea opens an event, Ana and Ben score, Lea settles where they lie apart and chooses an
anchor paper, and Dora takes the workbook home. Nothing is set up behind their backs but the task.
"""

import csv
import io
import re
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from calibration.papers import services as papers
from scoring.db import db
from scoring.reads.models import Read
from scoring.responses.models import Page, Response
from tests import build
from tests.scoring.responses.files import a_csv, a_zip, jpeg, pdf

ESSAYS = [f"A-{number:02},Alder {('High', 'Middle')[number % 2]} School,Essay {number}. Schools should start later because sleep matters."
          for number in range(1, 17)]  # fmt: skip
BAD_ROWS = [
    "A-40,Atlantis,A school nobody knows.",
    "A-01,Alder Middle School,Another text of the same student.",
]
PAGES = {
    "manifest.csv": "file,student,school\nscan-1.pdf,A-51,Alder High School\nscan-2.jpg,A-52,Alder High School\nfake.png,A-53,\n",
    "scan-1.pdf": pdf(2, title="By Paula Perez"),
    "scan-2.jpg": jpeg((300, 400)),
    "fake.png": b"\x00\x01\x02 no picture",
}
REASON = "The claim takes a side and gives one reason, as level 2 describes."
WHY = "It takes a side and backs it with one source."


@pytest.fixture
def task(app):
    """A published task with two traits, scored 1 to 4."""
    return build.a_task(title="Start later?", code="LATER")


def open_at(desk, person, path="/"):
    page = desk.open(person, accept_downloads=True)
    page.goto(path)
    return page


def button(page, name):
    return page.get_by_role("button", name=name)


def bring_in(page, name, kind, data):
    """Upload a file, leave the columns as they were guessed, and stop at the preview."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Responses").click()
    page.get_by_role("link", name="Imports", exact=True).click()
    page.get_by_role("link", name="Import work").first.click()
    page.get_by_label("Task").select_option(label="Start later? (LATER)")
    page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": kind, "buffer": data})
    button(page, "Upload and look at it").click()
    button(page, "Look through the rows").click()
    page.get_by_text("nothing is imported yet").wait_for()


def problems(page):
    """The table of what is wrong: row, field, value, problem, mend."""
    rows = page.locator("#problems ~ div tbody tr").all()
    return [[cell.inner_text() for cell in row.locator("th, td").all()] for row in rows]


def bad_rows(page):
    with page.expect_download() as download:
        page.get_by_role("link", name="Download rows to fix").click()
    return list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))


def accept(page, words):
    button(page, words).click()
    page.get_by_text("It is done").wait_for()
    page.get_by_role("link", name="Go on").click()


def dora_imports(desk, dora):
    page = open_at(desk, dora)
    bring_in(page, "essays.csv", "text/csv", a_csv(*ESSAYS, *BAD_ROWS))
    expect(page.get_by_text("16 ready, 2 to fix, 0 duplicates")).to_be_visible()
    unknown, again = problems(page)
    assert unknown[:3] == ["Row 18", "School", "Atlantis"]
    assert "Alder High School" in unknown[4]
    assert again[:3] == ["Row 19", "Student (pseudonym)", "A-01"]
    assert all(words for row in (unknown, again) for words in row)
    kept = bad_rows(page)
    assert [row["student"] for row in kept] == ["A-40", "A-01"]
    assert all(row["Error"] for row in kept)
    accept(page, "Import the 16 good rows")
    expect(page.get_by_text("Imported: 16 of 18 rows")).to_be_visible()
    bring_in(page, "scans.zip", "application/zip", a_zip(PAGES))
    expect(page.get_by_text("2 ready, 1 to fix, 0 duplicates")).to_be_visible()
    assert "fake.png" in " ".join(problems(page)[0])
    accept(page, "Import the 2 good rows")
    assert db.session.scalar(sa.select(sa.func.count(Response.id))) == 18
    assert db.session.scalar(sa.select(sa.func.count(Page.id))) == 3


def lea_opens_an_event(desk, lea):
    page = open_at(desk, lea)
    page.get_by_role("link", name="New event").click()
    page.get_by_label("Name").fill("Winter moderation")
    page.get_by_label("Code", exact=True).fill("WINTER")
    page.get_by_label("Start later?").check()
    page.get_by_label("Share read twice").fill("100")
    button(page, "Save event").click()
    page.get_by_text("Now choose who scores.").wait_for()
    button(page, "Add everybody").click()
    page.get_by_role("cell", name="Alder Middle School").first.wait_for()
    page.get_by_role("link", name="Done").click()
    button(page, "Open the event").click()
    page.get_by_text("0 of 36").wait_for()


def score(page, keys_for, most):
    """Score by keyboard what comes, until `most` reads are in; returns the keys pressed by code, in order."""
    pressed = {}
    while len(pressed) < most:
        page.locator(".trait.is-current").wait_for()
        code = page.locator("[data-code]").inner_text()
        pressed[code] = keys_for(code, len(pressed))
        for key in (*pressed[code], "Enter"):
            page.keyboard.press(key)
        page.locator("[data-progress]", has_text=re.compile(rf"^{len(pressed)} of")).wait_for()
    page.locator("[data-save-state]", has_text=re.compile("^Saved$")).wait_for()
    return pressed


def two_people_score(desk, ana, ben):
    """Ana scores 17, Ben 12: the same as Ana but for one response far away and one beside."""
    page = open_at(desk, ana, "/reads/")
    page.get_by_role("link", name="Start scoring").click()
    given = score(page, lambda _code, number: ("12344321"[number % 8], "2233"[number % 4]), 17)
    page = open_at(desk, ben, "/reads/")
    page.get_by_role("link", name="Start scoring").click()
    apart = {}

    def answer(code, number):
        claim, evidence = given.get(code, ("3", "3"))
        if number == 1:
            apart["far"] = code
            claim = "4" if claim in "12" else "1"
        elif number == 2:
            apart["beside"] = code
            evidence = {"2": "3", "3": "2"}[evidence]
        return claim, evidence

    score(page, answer, 12)
    return page, apart["far"]


def lea_settles(desk, lea, code):
    page = open_at(desk, lea, "/events/WINTER")
    page.get_by_role("link", name="Adjudicate", exact=True).click()
    expect(page.get_by_role("rowheader", name=code)).to_be_visible()
    button(page, "Settle the next one").click()
    page.get_by_text("Score it yourself first.").wait_for()
    expect(page.get_by_role("columnheader", name="First read")).to_have_count(0)
    page.locator("#trait-claim-2").check()
    page.locator("#trait-evidence-2").check()
    button(page, "Save and see both reads").click()
    page.get_by_role("heading", name="Your decision").wait_for()
    row = page.get_by_role("row", name=re.compile("Claim.*Discrepant", re.DOTALL))
    first, second = (int(cell) for cell in row.locator("td").all_inner_texts()[:2])
    assert abs(first - second) > 1
    button(page, "Settle this response").click()
    page.locator(".error-summary").wait_for()
    page.get_by_label("Reason").fill(REASON)
    button(page, "Settle this response").click()
    page.get_by_text("is settled. Your scores are its scores of record.").wait_for()
    expect(page.get_by_text(REASON)).to_be_visible()
    return page


def lea_chooses_an_anchor(page):
    """Promote the first solid candidate, by both scorers' scores and a reason."""
    page.goto("/events/WINTER")
    page.get_by_role("link", name="Candidates: Start later?").click()
    page.get_by_label("Kind").select_option("solid")
    button(page, "Show").click()
    page.get_by_role("link", name="Promote").first.click()
    for words in page.get_by_label("why this score").all():
        words.fill(WHY)
    button(page, "Promote to paper").click()
    page.locator(".flash-success").wait_for()


def ben_sees_the_anchor(page):
    page.keyboard.press("a")
    pane = page.locator("[data-anchors-pane]")
    pane.get_by_text(WHY).first.wait_for()
    page.keyboard.press("Escape")
    expect(pane).to_be_hidden()


def figures_on_the_page(page):
    """Papers, exact, adjacent and discrepant by trait, as the agreement page says them."""
    page.get_by_role("heading", name="In words").wait_for()
    rows = (
        page.locator("table", has=page.locator("caption", has_text="Agreement by trait"))
        .locator("tbody tr")
        .all()
    )
    cells = [[cell.inner_text() for cell in row.locator("th, td").all()] for row in rows]
    return {name: (int(papers), *(int(re.match(r"\d+", each).group()) for each in shares[:3]))
            for name, papers, *shares in cells}  # fmt: skip


def figures_in_the_workbook(path):
    """The same figures out of the file."""
    sheet = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), data_only=True)["Agreement by trait"]
    rows = list(sheet.iter_rows(values_only=True))
    top = next(index for index, row in enumerate(rows) if "Trait" in row)
    found = [dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :] if any(row)]
    return {
        (row["Trait"], row["Papers read twice"], *(round(100 * row[name]) for name in ("Exact", "Adjacent", "Discrepant")))
        for row in found
    }  # fmt: skip


def dora_takes_the_workbook_home(desk, dora):
    page = open_at(desk, dora, "/reports")
    page.get_by_role("link", name="Winter moderation").click()
    shown = figures_on_the_page(page)
    page.get_by_role("link", name="Make a workbook").click()
    button(page, "Make the report").click()
    page.get_by_text("It is done").wait_for()
    page.get_by_role("link", name="Go on").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=".xlsx").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    return shown, figures_in_the_workbook(download.value.path())


def test_a_season_from_the_first_file_to_the_workbook(desk, task, dora, lea, ana, ben, monkeypatch):
    dora_imports(desk, dora)
    lea_opens_an_event(desk, lea)
    at_work, far = two_people_score(desk, ana, ben)
    page = lea_settles(desk, lea, far)
    monkeypatch.setattr(papers, "WINDOW", timedelta(0))  # as if the time to take a read back were over
    lea_chooses_an_anchor(page)
    ben_sees_the_anchor(at_work)
    shown, filed = dora_takes_the_workbook_home(desk, dora)
    assert set(shown) == {"Claim", "Evidence"}
    assert {(name, *figures) for name, figures in shown.items()} == filed  # one district, so all is its own
    assert shown["Claim"][0] >= 10
    assert shown["Claim"][3] > 0  # the discrepant one
    assert shown["Evidence"][2] > 0  # the one beside
    assert db.session.scalar(sa.select(sa.func.count(Read.id))) == 17 + 12 + 1
