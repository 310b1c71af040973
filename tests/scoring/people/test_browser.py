"""The pages of people in a browser: they can be used by all, on any screen, also without scripts."""

import pytest

from scoring.people import invitations, services
from tests.browser import axe, overflow
from tests.cast import PASSWORD

LIST = "name,email,role,school\nGil Gray,gil@example.org,scorer,Alder High School\nBad,bad,principal,Nowhere"


@pytest.mark.parametrize(("width", "scheme"), [(1366, "light"), (320, "dark")])
def test_everybody_can_use_these_pages(desk, dora, ana, width, scheme):
    services.issue_token(dora, "export")
    invitations.invite("Hal Hart,hal@example.org", actor=dora)
    page = desk.open(dora, viewport={"width": width, "height": 768}, color_scheme=scheme)

    def look():
        axe(page)
        assert overflow(page) <= 0, page.url

    for address in (
        "/people",
        "/people/invitations",
        "/people/organizations",
        f"/people/{ana.id}",
        "/account",
    ):
        page.goto(address)
        for summary in page.locator("main details > summary").all():
            summary.click()
        look()
    page.goto("/people/invite")
    page.get_by_role("button", name="Look at the list").click()
    look()  # with an error
    page.get_by_label("Paste the list").fill(LIST)
    page.get_by_role("button", name="Look at the list").click()
    look()
    page.get_by_role("button", name="Invite the 1 good row").click()
    look()
    page.goto(page.get_by_label("Link for Gil Gray").first.input_value())
    look()


def test_words_about_a_password_come_while_typing(desk, dora):
    _, (link,) = invitations.invite("Gil Gray,gil@example.org", actor=dora)
    page = desk.open()
    page.goto(f"/invitations/{link.secret}")
    password, words = page.get_by_label("Password", exact=True), page.locator("[data-password-words]")
    for typed, verdict in [
        ("four", "Keep going"), ("a" * 20, "easy to guess"), ("fifteen letters", "Good."),
        ("five words that do not match", "Very good."),
    ]:  # fmt: skip
        password.fill(typed)
        assert verdict in words.inner_text()
    page.get_by_role("button", name="Show password").click()
    assert password.get_attribute("type") == "text"
    page.get_by_role("button", name="Accept the invitation").click()
    page.get_by_text("Welcome to Alder.").wait_for()


def test_links_are_copied_with_one_button(desk, dora):
    page = desk.open(dora, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/people/invite")
    page.get_by_label("Paste the list").fill("Gil Gray,gil@example.org")
    page.get_by_role("button", name="Look at the list").click()
    page.get_by_role("button", name="Invite 1 person").click()
    page.get_by_role("button", name="Copy Link for Gil Gray").click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#link-1").input_value()


def test_signing_in_and_out_needs_no_script(desk, ana):
    page = desk.open(java_script_enabled=False)
    page.goto("/account")
    page.get_by_label("E-mail").fill(ana.email)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("do not belong together").wait_for()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Your account").wait_for()
    page.locator(".person-menu summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_text("You are signed out.").wait_for()
