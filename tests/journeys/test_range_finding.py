"""A committee from the finder to the frozen sets and the packet, with four browsers at once.

Lea begins it from the anchor finder. Ana, Ben (on a phone) and Cy score blind, argue, and agree; Lea settles, fills
the sets, and downloads the training packet.
"""

import io

import openpyxl
import pypdfium2
import pytest
from playwright.sync_api import expect

from scoring.db import db, now, transaction
from scoring.events.models import EventStatus
from tests import build
from tests.browser import axe, overflow
from tests.calibration.rangefinding.season import Season

CANARY = "The third line decided it for me."
PHONE = {"viewport": {"width": 320, "height": 640}}


@pytest.fixture
def season(app, ana, ben):
    """An event that is over: twelve responses, read twice."""
    made = Season(ana, ben, count=12)
    with transaction():
        made.event.status, made.event.closed_at = EventStatus.CLOSED, now()
    return made


def button(page, name):
    return page.get_by_role("button", name=name)


def link(page, name):
    return page.get_by_role("link", name=name)


def begin(page, season):
    """Tick two candidates in the finder and begin a committee on them; invite three people; open it."""
    page.goto(f"/anchors/events/{season.event.code}/{season.task.id}")
    for tick in page.get_by_label("For a committee").all()[:2]:
        tick.check()
    button(page, "Begin a committee with those ticked").click()
    page.get_by_label("Name").fill("Fall anchors")
    page.get_by_label("Message to the members").fill("Two papers for a first set.")
    button(page, "Begin the committee").click()
    page.get_by_text("Invite at least 2 members").wait_for()
    expect(page.get_by_role("row").filter(has_text="Proposed")).to_have_count(2)
    link(page, "Invite members").click()
    for name in ("Ana Ortiz", "Ben Okafor", "Cy Young"):
        page.get_by_label(name).check()
    button(page, "Invite those ticked").click()
    page.get_by_text("3 people are invited.").wait_for()
    axe(page)
    link(page, "Done: 3 invited").click()
    page.locator("summary").filter(has_text="Open the committee").click()
    button(page, "Open it now").click()
    page.get_by_text("The committee is open.").wait_for()


def score(page, number, scores, words=""):
    """Score a paper by keys or by touch, and send."""
    page.goto("/calibration/")
    link(page, "Score the papers").click()
    link(page, f"Score paper {number}").first.click()
    page.get_by_role("group", name="Claim").wait_for()
    for trait, value in zip(("claim", "evidence"), scores, strict=True):
        page.locator(f"#trait-{trait}-{value}").check(force=True)
    if words:
        page.get_by_label("In short: why these scores?").fill(words)
    button(page, "Send my scores").click()
    page.get_by_text("Your scores are in.").wait_for()


def test_a_committee_from_the_finder_to_the_packet(season, desk, lea, ana, ben):
    cy = build.a_person(name="Cy Young")
    leader, first, phone, third = (
        desk.open(lea, accept_downloads=True),
        desk.open(ana),
        desk.open(ben, **PHONE),
        desk.open(cy),
    )
    begin(leader, season)
    nobody_sees_a_score_before_own_ones(leader, first, phone, third)
    url = consensus_after_an_objection(leader, first, phone, third)
    settled_without_everybody(leader, first)
    sets_and_packet(leader, season)
    phone.goto(url)
    phone.get_by_text("Settled").first.wait_for()
    assert overflow(phone) == 0
    axe(phone)


def nobody_sees_a_score_before_own_ones(leader, first, phone, third):
    score(first, 1, (3, 3), CANARY)
    place = first.url
    for page in (phone, third, leader):
        reply = page.goto(place)
        assert CANARY not in page.content()
        assert reply.status == (404 if page is leader else 200)  # members are led to their own score sheet
    leader.goto(place.partition("/papers/")[0])
    leader.get_by_role("row").filter(has_text="1 of 3").wait_for()
    axe(leader)
    phone.goto("/calibration/")
    link(phone, "Score the papers").click()
    link(phone, "Score paper 1").first.wait_for()
    assert overflow(phone) == 0
    score(phone, 1, (3, 2))
    phone.get_by_text(CANARY).first.wait_for()
    assert overflow(phone) == 0
    axe(phone)
    leader.goto(place)
    assert CANARY not in leader.content()
    score(third, 1, (3, 3))
    leader.goto(place)
    leader.get_by_text("All 3 members gave a 3.").wait_for()
    leader.get_by_text("2 of 3 gave a 3.").wait_for()
    assert CANARY in leader.content()
    axe(leader)


def consensus_after_an_objection(leader, first, phone, third):
    first.goto(leader.url)
    link(first, "Propose a consensus").click()
    expect(
        first.get_by_role("group", name="Claim: consensus score").get_by_label("3 Level 3")
    ).to_be_checked()
    first.get_by_label("Claim: why this score").fill("It takes one side.")
    axe(first)
    button(first, "Lay it before the committee").click()
    first.get_by_text("Your proposal is before the committee.").wait_for()
    phone.goto(leader.url)
    phone.locator("summary").filter(has_text="Object").click()
    phone.get_by_label("What should be different, and why?").fill("I see only one fact in it.")
    button(phone, "Object").click()
    phone.get_by_text("Ben Okafor objects").wait_for()
    assert overflow(phone) == 0
    first.reload()
    first.get_by_text("I see only one fact in it.").wait_for()
    link(first, "Propose another consensus").click()
    first.get_by_role("group", name="Evidence: consensus score").get_by_label("2 Level 2").check()
    button(first, "Lay it before the committee").click()
    for page in (phone, third):
        page.goto(leader.url)
        button(page, "I agree").click()
        page.get_by_text("Your name stands under this consensus.").wait_for()
    leader.reload()
    leader.get_by_text("Everybody agrees.").wait_for()
    leader.get_by_text("Earlier proposals: 1").wait_for()
    axe(leader)
    button(leader, "Settle this paper").click()
    leader.get_by_text("The paper is settled.").wait_for()
    for number, page in enumerate((first, phone, third)):
        score(page, 2, (number % 2 + 1, 2))
    return leader.url


def settled_without_everybody(leader, first):
    leader.goto(first.url)
    link(leader, "Propose a consensus").click()
    button(leader, "Lay it before the committee").click()
    button(leader, "Settle this paper").click()
    leader.get_by_text("Say why it is settled all the same.").wait_for()
    leader.get_by_label("Why settle it all the same?").fill("Two of three gave it, and the words fit.")
    button(leader, "Settle this paper").click()
    leader.get_by_text("The paper is settled.").wait_for()


def sets_and_packet(leader, season):
    link(leader, "Fall anchors").click()
    link(leader, "Fill the sets").click()
    leader.locator("select[name^=set-]").nth(0).select_option("anchor")
    leader.locator("select[name^=set-]").nth(1).select_option("practice")
    axe(leader)
    button(leader, "Make and freeze the sets").click()
    leader.get_by_text("2 sets are frozen.").wait_for()
    axe(leader)
    link(leader, "Make a training packet").click()
    button(leader, "Make the packet").click()
    files = {}
    for name in ("Download the PDF", "Download the workbook"):
        with leader.expect_download() as download:
            link(leader, name).click()
        files[name] = download.value.path().read_bytes()
    pages = [
        page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(files["Download the PDF"])
    ]
    assert "Anchor 1" in "".join(pages)
    assert "It takes one side." in "".join(pages)
    assert "Key to practice paper 1" in pages[-1]
    book = openpyxl.load_workbook(io.BytesIO(files["Download the workbook"]))
    assert book.sheetnames[-2:] == ["Score sheet", "Key"]
    db.session.expire_all()
