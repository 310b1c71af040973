"""A credential's way: a scorer earns it, a leader gives it, the holder shares it, strangers check it, and it is revoked."""

import base64

import pytest
from playwright.sync_api import expect

from calibration.credentials.models import Credential
from scoring.db import db
from tests.browser import axe, overflow
from tests.calibration.credentials.season import Season

PHONE, DESK = {"width": 320, "height": 640}, {"width": 1366, "height": 768}


def look(page):
    """Nothing for axe to say, on a phone in the dark and on a desk in the light; nothing that does not fit."""
    for size, scheme in ((PHONE, "dark"), (DESK, "light")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        axe(page)
        assert overflow(page) == 0, page.url


def saved(page, link, path):
    """Download a file by its link."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name=link).click()
    waiting.value.save_as(path)
    return path


@pytest.fixture
def season(app, ana, ben):
    return Season(ana, ben)


def test_a_credential_from_the_first_rule_to_its_end(app, season, desk, ana, lea, tmp_path):
    leader, scorer, stranger = desk.open(lea), desk.open(ana), desk.open()
    write_a_rule(leader)
    ask(scorer)
    give(leader)
    scorer.goto("/credentials/")
    scorer.get_by_role("link", name="Later start, rubric version 1").click()
    look(scorer)
    badge = saved(scorer, "Badge file", tmp_path / "badge.jwt")
    assert saved(scorer, "Certificate", tmp_path / "certificate.pdf").read_bytes().startswith(b"%PDF-1.7")
    address = share(scorer)
    see_what_is_shared(stranger, address)
    check(stranger, badge, tmp_path)
    check_offline(app, badge, 0)
    revoke(leader)
    stranger.goto(address)
    stranger.get_by_text("This credential was revoked").wait_for()
    look(stranger)
    check_file(stranger, badge)
    stranger.get_by_text("This badge was revoked").wait_for()
    look(stranger)
    check_offline(app, badge, 3)
    scorer.reload()
    scorer.get_by_text("Given to the wrong person.").wait_for()
    look(scorer)


def write_a_rule(leader):
    leader.goto("/calibration/")
    leader.get_by_role("link", name="Credentials of scorers").click()
    look(leader)
    leader.get_by_role("link", name="New rule").click()
    leader.get_by_label("Reads", exact=True).fill("10")
    leader.get_by_label("Double-read responses", exact=True).fill("4")
    leader.get_by_role("button", name="Save the rule").click()
    leader.locator(".error-summary").wait_for()
    look(leader)
    leader.get_by_label("Double-read responses", exact=True).fill("10")
    leader.get_by_role("button", name="Save the rule").click()
    leader.get_by_text("The rule is in use").wait_for()


def ask(scorer):
    scorer.goto("/calibration/")
    scorer.get_by_role("link", name="Ask for it: A credential is yours").click()
    scorer.get_by_text("You need 10 double-read responses; you have 10.").wait_for()
    look(scorer)
    scorer.get_by_role("button", name="Ask for the credential").click()
    scorer.get_by_text("You have asked for it").wait_for()


def give(leader):
    leader.goto("/credentials/rules")
    leader.get_by_role("link", name="Answer Ana Ortiz").click()
    leader.locator("summary", has_text="Decline").click()
    leader.get_by_role("button", name="Decline").click()
    leader.locator(".field-error").wait_for()
    look(leader)
    leader.get_by_role("button", name="Give to Ana Ortiz").click()
    leader.get_by_text("Ana Ortiz has the credential now").wait_for()


def share(scorer):
    scorer.get_by_label("The task and the rubric").check()
    scorer.get_by_label("Your reads, and how often").check()
    scorer.get_by_role("button", name="Share this").click()
    scorer.get_by_text("Whoever has the address sees what you chose").wait_for()
    look(scorer)
    return "/credentials/" + scorer.get_by_label("Address to share").input_value().rpartition("/")[2]


def see_what_is_shared(stranger, address):
    stranger.goto(address)
    stranger.get_by_text("This credential is genuine and in force").wait_for()
    stranger.get_by_text("90 of every 100").wait_for()
    expect(stranger.get_by_text("Ana Ortiz")).to_have_count(0)
    look(stranger)


def check(stranger, badge, folder):
    """The file as it was downloaded is genuine; with one figure changed it is refused."""
    check_file(stranger, badge, email="ana@example.org")
    stranger.get_by_text("This badge is genuine").wait_for()
    stranger.get_by_text("It was given to this e-mail").wait_for()
    look(stranger)
    changed = folder / "changed.jwt"
    changed.write_text(with_another_year(badge.read_text()))
    check_file(stranger, changed)
    stranger.get_by_text("This badge was changed").wait_for()
    expect(stranger.get_by_text("The badge says")).to_have_count(0)
    look(stranger)
    stranger.get_by_role("button", name="Check the badge").click()
    stranger.locator(".field-error").first.wait_for()
    look(stranger)


def with_another_year(text):
    """The badge with one figure changed in what it says."""
    head, said, signature = text.split(".")
    facts = base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))
    year = facts[facts.index(b"20") :][:4]
    changed = facts.replace(year, b"2099")
    return ".".join([head, base64.urlsafe_b64encode(changed).decode().rstrip("="), signature])


def check_file(stranger, file, email=""):
    stranger.goto("/credentials/verify")
    stranger.get_by_label("Or the badge file").set_input_files(file)
    stranger.get_by_label("E-mail of the holder").fill(email)
    stranger.get_by_role("button", name="Check the badge").click()


def check_offline(app, badge, wanted):
    db.session.rollback()
    assert app.test_cli_runner().invoke(args=["credentials", "verify", str(badge)]).exit_code == wanted


def revoke(leader):
    leader.goto(f"/credentials/given/{db.session.query(Credential.id).scalar()}")
    look(leader)
    leader.get_by_role("button", name="Revoke the credential").click()
    leader.locator(".field-error").first.wait_for()
    leader.get_by_label("Why").fill("Given to the wrong person.")
    leader.get_by_role("button", name="Revoke the credential").click()
    leader.get_by_text("The credential is revoked. Whoever checks it sees that.").wait_for()
    look(leader)
