"""Pages of comparative judgment: blind while people compare, and the whole way in two browsers."""

import re

import pytest

from calibration.judging import comparing, services
from scoring.db import at, now
from tests.browser import axe, overflow
from tests.calibration.judging.season import Season

MASKED = re.compile(r'name="csrf_token" value="[^"]*"|/files/[^"]*')


@pytest.fixture
def season(app, nell):
    return Season(nell).open()


def page_of(client, path):
    reply = client.get(path)
    return reply.status_code, MASKED.sub("", reply.text)


@pytest.mark.engines("sqlite")
def test_the_comparing_page_tells_nothing_but_the_work(season, sign_in, ana):
    client, seat = sign_in(ana), season.seat(ana)
    text = client.get(f"/comparisons/{season.study.id}/compare").text
    pair = comparing.take_pair(seat)
    for side in (pair.left, pair.right):
        response = side.response
        assert response.text in text
        for canary in (response.code, response.student.pseudonym, response.school.name, response.district.name,
                       "Reader 1", "Reader 2", "Fall"):  # fmt: skip
            assert canary not in text, canary


@pytest.mark.engines("sqlite")
def test_what_others_chose_changes_no_byte_of_a_participant_s_pages(
    app, nell, sign_in, ana, eve, sandbox, monkeypatch
):
    """Two worlds that differ only in what Eve chose answer Ana alike, also by the pair that comes next."""
    monkeypatch.setattr(comparing, "draw", lambda: 0.25)
    moment, told = now(), []
    for side in ("left", "right"):
        with at(moment):
            season = Season(nell).open()
            other, client = season.seat(eve), sign_in(ana)
            pages = []
            for _ in range(4):
                comparing.choose(other, comparing.take_pair(other).id, side)
                pages.append(page_of(client, f"/comparisons/{season.study.id}/compare"))
                pages.append(page_of(client, "/calibration/"))
                comparing.choose(season.seat(ana), comparing.take_pair(season.seat(ana)).id, "left")
        told.append(
            [
                (status, re.sub(r"essay number \d+|/comparisons/\d+(/compare/\d+)?", "", text))
                for status, text in pages
            ]
        )
        numbers = sorted({each.text for each in season.responses})
        told[-1].append(
            [
                [numbers.index(words) for words in re.findall(r"Schools should start later[^<]*", text)]
                for _, text in pages
            ]
        )
        sandbox.restore()
    assert told[0] == told[1]


@pytest.mark.engines("sqlite")
def test_only_those_invited_find_a_study(season, sign_in, dan, lea, ana):
    path = f"/comparisons/{season.study.id}/compare"
    assert sign_in(ana).get(path).status_code == 200
    for stranger in (dan, lea):
        assert sign_in(stranger).get(path).status_code == 404
        assert sign_in(stranger).post(f"{path}/1", data={"side": "left"}).status_code == 404


@pytest.mark.engines("sqlite")
def test_no_leader_sees_choices_before_the_study_is_closed(season, sign_in, nell, ana, ben, eve):
    client, path = sign_in(nell), f"/comparisons/{season.study.id}"
    season.compare_all(ana, ben, eve)
    page = client.get(path).text
    assert "What it tells" not in page
    assert client.get(f"{path}/choices.csv").status_code == 409
    client.post(f"{path}/close")
    page = client.get(path).text
    assert "What it tells" in page
    assert client.get(f"{path}/choices.csv").text.startswith("participant,chosen,not_chosen,tie")
    assert "Draw" not in page


@pytest.mark.engines("sqlite")
def test_a_second_tab_with_an_old_pair_is_told_and_changes_nothing(season, sign_in, ana):
    client, path = sign_in(ana), f"/comparisons/{season.study.id}/compare"
    client.get(path)
    pair = comparing.take_pair(season.seat(ana))
    client.post(f"{path}/{pair.id}", data={"side": "left"})
    client.get(path)
    answer = client.post(f"{path}/{pair.id}", data={"side": "right"})
    assert answer.status_code == 302
    assert "You have answered this pair already" in client.get(path).text


def test_two_districts_compare_by_keys_and_their_leader_reads_the_result(season, desk, nell, ana, eve):
    path, pages = f"/comparisons/{season.study.id}/compare", {}
    for person, size in ((ana, (1366, 768)), (eve, (320, 640))):
        page = pages[person] = desk.open(person, viewport={"width": size[0], "height": size[1]})
        page.goto("/reads/")
        page.get_by_role("link", name="Compare").first.click()
        page.get_by_role("heading", name="Which is the better work?").wait_for()
        axe(page)
        assert overflow(page) == 0
    for number in range(16):
        for page in pages.values():
            page.locator("[data-compare]").wait_for()
            page.wait_for_load_state()  # the script that takes the keys
            action = page.locator("[data-compare]").get_attribute("action")
            page.keyboard.press("1" if number % 2 else "ArrowRight")
            page.wait_for_url("**/compare")
            page.locator(f"[data-compare]:not([action='{action}']), .empty-state").first.wait_for()
    pages[ana].keyboard.press("u")
    pages[ana].get_by_text("15 pairs done").wait_for()
    leader = desk.open(nell, color_scheme="dark")
    leader.goto(f"/comparisons/{season.study.id}")
    leader.get_by_text("Close", exact=True).click()
    leader.get_by_role("button", name="Close the study").click()
    leader.get_by_role("heading", name="What it tells").wait_for()
    axe(leader)
    pages[eve].goto(path)
    pages[eve].get_by_text("This study is over").wait_for()


def test_who_can_begin_a_study_is_said_to_those_who_can_not(season, sign_in, lea):
    page = sign_in(lea).get("/comparisons/").text
    assert "for an event of the network, that is the network" in page
    assert "New study" not in page


def test_plain_words_come_before_the_terms_of_the_field(season, sign_in, nell, ana, eve):
    season.compare_all(ana, eve)
    services.close_study(season.study, actor=nell)
    page = sign_in(nell).get(f"/comparisons/{season.study.id}").text
    for term in ("rank correlation", "split-half", "separation reliability", "infit"):
        assert f"({term})" in page, term


def test_a_leader_sets_a_study_up_and_is_told_what_is_wrong(app, nell, desk):
    Season(nell)
    page = desk.open(nell)
    page.goto("/comparisons/")
    page.get_by_role("link", name="New study").click()
    page.get_by_label("Number of responses").fill("2")
    page.get_by_role("button", name="Draw the responses").click()
    page.locator(".error-summary").wait_for()
    axe(page)
    page.get_by_label("Title").fill("A look at argument")
    page.get_by_label("Number of responses").fill("10")
    page.get_by_role("button", name="Draw the responses").click()
    page.get_by_text("10 responses, 12 comparisons for each").wait_for()
    page.get_by_role("link", name="Invite people").click()
    page.get_by_role("button", name="Invite").click()
    page.locator(".error-summary").wait_for()
    for name in ("Ana Ortiz", "Eve Eriksen"):
        page.get_by_label(name).check()
    page.get_by_role("button", name="Invite").click()
    page.get_by_text("2 people are invited").wait_for()
    page.get_by_text("Open", exact=True).click()
    page.get_by_role("button", name="Open the study").click()
    page.get_by_text("The study is open").wait_for()
    axe(page)
