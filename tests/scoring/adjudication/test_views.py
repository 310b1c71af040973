"""Adjudication pages: nothing of the reads before one's own scores are in, and the whole way by hand."""

import pytest
from playwright.sync_api import expect

from scoring.adjudication import finding, services
from scoring.events.models import Outcome
from tests import build
from tests.browser import axe, overflow
from tests.scoring.adjudication.test_services import REASON, a_discrepant, scores_of, settled

CANARIES = (
    "Ana Ortiz",
    "Ben Okafor",
    "Ana&#39;s own note",
    "own note",
    "First read",
    "Second read",
    "Discrepant",
)


@pytest.mark.engines("sqlite")
def test_the_blind_page_shows_nothing_of_the_reads(app, sign_in, ada):
    pages = []
    for first, second in ((1, 4), (4, 1)):
        place = a_discrepant(first=first, second=second)
        client = sign_in(ada)
        assert client.post(f"/adjudication/{place.id}/begin").location == f"/adjudication/{place.id}/score"
        page = client.get(f"/adjudication/{place.id}/score").text
        assert place.response.text in page
        assert [words for words in CANARIES if words in page] == []
        early = client.get(f"/adjudication/{place.id}/decide")
        assert early.location == f"/adjudication/{place.id}/score"
        assert client.get(f"/adjudication/{place.id}").status_code == 302
        pages.append(page.replace(place.response.text, "").replace(place.response.code, ""))
        assert " checked" not in page.replace(
            ' id="condition_code-none" name="condition_code" value="" checked', ""
        )
    for word in ("Level 1", "Level 4"):
        assert pages[0].count(word) == pages[1].count(word)


@pytest.mark.engines("sqlite")
def test_a_response_is_settled_by_hand(app, sign_in, ada):
    place = a_discrepant()
    client = sign_in(ada)
    assert place.response.code in client.get("/adjudication/").text
    client.post(f"/adjudication/{place.id}/begin")
    reply = client.post(f"/adjudication/{place.id}/score", data={"trait-claim": "2", "note": "Kept"})
    assert reply.status_code == 422
    assert "Choose a score for Evidence." in reply.text
    assert ">Kept</textarea>" in reply.text
    reply = client.post(f"/adjudication/{place.id}/score", data={"trait-claim": "2", "trait-evidence": "3"})
    assert reply.location == f"/adjudication/{place.id}/decide"
    page = client.get(reply.location).text
    for words in ("First read: Ana Ortiz.", "Second read: Ben Okafor.", "Ana&#39;s own note"):
        assert words in page
    given = {"trait-claim": "3", "trait-evidence": "3"}
    reply = client.post(f"/adjudication/{place.id}/decide", data=given)
    assert (reply.status_code, "Say in a sentence why" in reply.text or "Write 1 to 2000" in reply.text) == (
        422,
        True,
    )
    client.post(f"/adjudication/{place.id}/decide", data=given | {"reason": REASON})
    assert place.outcome is Outcome.SETTLED
    page = client.get(f"/adjudication/{place.id}").text
    assert REASON in page
    assert f"/promote/{place.response.code}" in page
    assert place.response.code in client.get("/adjudication/?settled=1").text
    assert client.post(f"/adjudication/{place.id}/reopen", data={"reason": ""}).status_code == 422
    client.post(f"/adjudication/{place.id}/reopen", data={"reason": "Look again."})
    assert place.outcome is Outcome.DISCREPANT
    assert client.post(f"/adjudication/{place.id}/begin").location == f"/adjudication/{place.id}/decide"


@pytest.mark.engines("sqlite")
def test_a_second_leader_is_told_and_a_stranger_finds_nothing(app, sign_in, ada, lea, birch):
    place = a_discrepant()
    services.submit_blind(services.begin(place, ada), ada, scores=scores_of(place, 2))
    client = sign_in(lea)
    assert "With Ada Abara" in client.get("/adjudication/").text
    reply = client.post(f"/adjudication/{place.id}/begin")
    assert (reply.status_code, "Ada Abara is settling this response now" in reply.text) == (409, True)
    stranger = sign_in(build.a_person(at=birch, role="leader"))
    for path in ("", "/score", "/decide"):
        assert stranger.get(f"/adjudication/{place.id}{path}").status_code == 404
    for path in ("begin", "score", "decide", "reopen"):
        assert stranger.post(f"/adjudication/{place.id}/{path}", data={"reason": "x"}).status_code == 404


def test_in_a_browser_without_scripts(desk, ada):
    place = a_discrepant()
    page = desk.open(ada, java_script_enabled=False)
    page.goto("/adjudication/")
    page.get_by_role("button", name="Settle the next one").click()
    page.get_by_role("button", name="Save and see both reads").click()
    page.get_by_role("link", name="Choose a score for Claim.").click()
    for trait in ("claim", "evidence"):
        page.locator(f"#trait-{trait}-3").check()
    page.get_by_role("button", name="Save and see both reads").click()
    page.get_by_role("cell", name="4").first.wait_for()
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Settle this response").click()
    page.get_by_text("is settled. Your scores are its scores of record.").wait_for()
    assert finding.own_read(place, ada).score_by_trait == scores_of(place, 3)
    assert place.outcome is Outcome.SETTLED


@pytest.mark.parametrize(("width", "scheme"), [(1366, "light"), (320, "dark")])
def test_in_a_browser_by_keyboard_alone(desk, ada, width, scheme):
    place = a_discrepant()
    page = desk.open(ada, color_scheme=scheme, viewport={"width": width, "height": 768})

    def is_sound():
        axe(page)
        assert overflow(page) == 0

    page.goto("/adjudication/")
    is_sound()
    page.get_by_role("button", name="Settle the next one").press("Enter")
    page.get_by_text("Score it yourself first.").wait_for()
    is_sound()
    page.keyboard.press("2")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your decision").wait_for()
    expect(page.get_by_role("cell", name="4").first).to_be_visible()  # the second read
    is_sound()
    expect(page.locator("#trait-claim-2")).to_be_checked()
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Settle this response").press("Enter")
    page.get_by_text("is settled. Your scores are its scores of record.").wait_for()
    is_sound()
    claim, evidence = place.rubric.traits
    assert [each.score for each in finding.current_record(place)] == [2.0, 3.0]
    assert finding.own_read(place, ada).score_by_trait == {claim.id: 2, evidence.id: 3}


@pytest.mark.engines("sqlite")
def test_the_same_leader_goes_on_to_the_next(app, sign_in, ada):
    event = build.an_event(waiting=False)
    first, second = a_discrepant(event), a_discrepant(event)
    settled(first, ada)
    page = sign_in(ada).get(f"/adjudication/{first.id}").text
    assert f"/adjudication/{second.id}/begin" in page
