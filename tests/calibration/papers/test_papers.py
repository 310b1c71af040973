"""Anchor papers: who promotes what, what the finder offers, and what scorers may see of it."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import expect

from calibration.papers import collections, finder, services, showing
from calibration.papers.collections import collections_of, coverage_of
from scoring import storage
from scoring.db import at, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.events import services as events
from scoring.events.models import EventResponse, EventStatus
from scoring.reads import services as reads
from scoring.responses.models import Page, RosterEntry
from tests import build
from tests.browser import axe, overflow
from tests.calibration.papers.season import Season


@pytest.fixture
def season(ana, ben):
    made = Season(ana, ben)
    made.alert("worry", ana)
    return made


def shown_to(person, season):
    place = showing.event_task_for(season.event.id, season.task.id, person)
    return showing.shown(place, person)


def test_the_finder_sorts_candidates_and_names_gaps(season):
    found = finder.Search(season.event, season.task)
    codes = {response.id: name for name, response in season.responses.items()}
    assert [(codes[each.response.id], each.found.kind) for each in found.items] == [
        ("two", "solid"), ("three", "solid"), ("line", "borderline")]  # fmt: skip
    assert found.total == 4
    assert found.pages == 2
    assert "No clear 4 in Claim; 1 paper got a 4 from at least one scorer." in [
        gap.sentence for gap in found.gaps
    ]

    def names(**filters):
        return [codes[each.response.id] for each in finder.Search(season.event, season.task, **filters).items]

    assert names(point=2) == ["two", "line"]
    assert names(trait="claim", point=3) == ["three", "line"]
    assert names(trait="evidence", point=3) == ["three", "line"]
    assert names(trait="evidence") == ["two", "three", "uneven"]
    assert names(kind="uneven") == names(trait="claim", point=1) == ["uneven"]
    assert names(page=2) == ["uneven"]
    assert names(trait="claim", point=4) == []
    empty = build.an_event(build.a_task(), waiting=False)
    assert finder.Search(empty, empty.tasks[0].task).items == []


def test_what_the_reads_gave_is_chosen_on_the_form(season):
    claim, evidence = season.rubric.traits
    assert finder.given(season.event, season.responses["two"]).scores == {claim.id: 2, evidence.id: 2}
    line = finder.given(season.event, season.responses["line"])
    assert (line.scores, line.borderline) == ({evidence.id: 3}, True)


def test_a_promoted_response_is_shown_with_scores_and_reasons(season, lea, ana):
    claim, evidence = season.rubric.traits
    paper = season.promote(
        "three", lea, commentaries={claim.id: "It answers the other side. "}, commentary=" Whole "
    )
    season.promote("two", lea)
    assert [each.id for each in services.anchors_for(season.rubric)][1] == paper.id
    low, high = shown_to(ana, season)
    assert (low.number, high.number, high.commentary, high.text) == (
        1,
        2,
        "Whole",
        season.responses["three"].text,
    )
    assert [(each.trait, each.score, each.label, each.commentary) for each in high.scores] == [
        ("Claim", 3, "Level 3", "It answers the other side."), ("Evidence", 3, "Level 3", "")]  # fmt: skip
    cover = coverage_of(season.rubric, services.anchors_for(season.rubric))
    assert cover.gaps == (
        "No 1 or 4 in Claim yet.",
        "No 1 or 4 in Evidence yet.",
    )
    services.retire(paper, actor=lea)
    services.retire(paper, actor=lea)
    assert len(shown_to(ana, season)) == 1
    season.promote("three", lea)


def test_what_can_not_be_promoted_is_refused_in_words(season, lea, ana, eve, nell):
    for name, words in {"apart": "not settled yet", "worry": "sent an alert"}.items():
        with pytest.raises(Conflict, match=words):
            season.promote(name, lea)
    scores = {trait.id: 1 for trait in season.rubric.traits}
    with pytest.raises(Conflict, match="not settled yet"):
        services.promote(
            season.responses["once"], season.rubric, event=season.event, scores=scores, actor=lea
        )
    stranger, newer = build.a_response(season.task), build.a_rubric(season.task)
    with pytest.raises(NotFound):
        services.promote(stranger, season.rubric, event=season.event, scores=scores, actor=lea)
    with pytest.raises(Conflict, match="does not use that rubric"):
        services.promote(season.responses["two"], newer, event=season.event, actor=lea,
                         scores={trait.id: 1 for trait in newer.traits})  # fmt: skip
    with pytest.raises(Invalid, match="Claim has no score point 9"):
        season.promote("two", lea, score=9)
    with pytest.raises(Invalid, match="Choose the consensus score for Claim"):
        services.promote(season.responses["two"], season.rubric, event=season.event, scores={}, actor=lea)
    with pytest.raises(Invalid, match="solid or borderline"):
        season.promote("two", lea, kind="good")
    for person in (ana, eve):
        with pytest.raises(NotAllowed):
            season.promote("two", person)
    paper = season.promote("two", lea)
    with pytest.raises(Conflict, match="already"):
        season.promote("two", lea)
    with pytest.raises(NotAllowed):
        services.retire(paper, actor=eve)
    services.retire(paper, actor=nell)


def test_nobody_sees_a_paper_whose_response_may_still_be_scored(season, lea, ada, ana, ben):
    season.promote("two", lea)
    fresh = build.a_response(season.task)
    assert len(shown_to(ana, season)) == 1
    # Ben's read is minutes old: he may take it back, change it, or return the response, which goes on to others.
    with transaction() as session:
        session.add(EventResponse(event_id=season.event.id, response_id=fresh.id, task_id=season.task.id, rubric_id=season.rubric.id,
                                  district_id=fresh.district_id, random_key=0.5, required=2, remaining=2))  # fmt: skip
    with at(now() - timedelta(hours=1)):
        build.a_read(fresh, ana, 4, event=season.event)
    build.a_read(fresh, ben, 4, event=season.event)
    scores = {trait.id: 4 for trait in season.rubric.traits}
    paper = services.promote(fresh, season.rubric, event=season.event, scores=scores, actor=lea)
    assert [each.scores[0].score for each in shown_to(ana, season)] == [2]
    lease = reads.reopen_last(ben, season.event)
    assert services.hidden_ids([paper]) == {paper.id}
    reads.know_student(lease, ben, actor=ben)
    with at(now() + timedelta(hours=1)):
        assert [each.scores[0].score for each in shown_to(ana, season)] == [2]
    # A worry that comes later hides the paper too, and a closed event hands out nothing.
    with transaction() as session:
        session.merge(season.event).status = EventStatus.CLOSED
    assert [each.scores[0].score for each in shown_to(ana, season)] == [2, 4]
    season.alert("two", ben)
    assert [each.scores[0].score for each in shown_to(ana, season)] == [4]


def test_an_anchor_paper_never_comes_into_a_queue_again(season, lea, ana, nell):
    paper = season.promote("two", lea)
    other = events.create_event(season.event.organization, code="LATER", name="Later", actor=lea, scorers=[ana],
                                task_rubrics=[(season.task, season.rubric)], share_read_twice=0)  # fmt: skip
    fresh = build.a_response(season.task)
    events.open_event(other, actor=lea)
    queued = {assignment.response_id for assignment in [reads.take_next(ana, other)] if assignment}
    assert queued == {fresh.id}
    assert paper.response_id not in queued


def test_only_scorers_and_leaders_of_the_event_see_its_anchors(season, lea, ana, ben, eve, dora, dan, nell):
    paper = season.promote("two", lea)
    for person in (ana, ben, lea, nell):
        assert len(shown_to(person, season)) == 1
    for person in (eve, dora, dan):
        with pytest.raises(NotFound):
            shown_to(person, season)
    with pytest.raises(NotFound):
        showing.event_task_for(season.event.id, build.a_task().id, ana)
    # The same common rubric in another district's event: Alder's work stays in Alder.
    elsewhere = build.an_event(
        season.task, [eve], districts=("birch",), organization=build.organization("birch")
    )
    assert showing.shown(showing.event_task_for(elsewhere.id, season.task.id, eve), eve) == []
    with transaction() as session:
        session.add(RosterEntry(person_id=ana.id, student_id=paper.response.student_id))
    assert shown_to(ana, season) == []
    assert len(shown_to(ben, season)) == 1
    with pytest.raises(NotFound):
        services.paper_by_id(paper.id, eve)
    assert [each.rubric for each in collections_of(lea).items] == [season.rubric]


def test_collections_stand_some_to_a_page_by_task(season, lea, sign_in, monkeypatch):
    monkeypatch.setattr(collections, "COLLECTIONS", 1)
    build.an_event(build.a_task(title="Zebras"), waiting=False)
    season.promote("two", lea)
    first, second = collections_of(lea), collections_of(lea, 2)
    assert [(each.rubric.task.title, len(each.papers)) for each in first.items + second.items] == [
        ("Later start", 1), ("Zebras", 0)]  # fmt: skip
    client = sign_in(lea)
    assert "Page 1 of 2" in client.get("/anchors/").text
    assert "Zebras" in client.get("/anchors/?page=2").text


def page_image():
    data = io.BytesIO()
    Image.new("RGB", (30, 40), "white").save(data, "PNG")
    return data.getvalue()


def test_the_scorers_page_tells_nothing_of_the_student_the_school_or_the_reads(
    season, lea, ana, ben, sandbox
):
    scanned = season.responses["three"]
    with transaction() as session:
        key = storage.put(page_image(), area="pages")
        session.add(Page(response_id=scanned.id, number=1, key=key, media_type="image/png", sha256=storage.sha256(page_image()),
                         width=30, height=40))  # fmt: skip
    season.promote("three", lea, commentary="A clear three.")
    season.promote("two", lea, kind="borderline")
    canaries = ["Alder", "Ben Okafor", "Lea Lindqvist", season.event.code, season.event.name]
    for response in season.responses.values():
        canaries += [response.code, response.student.pseudonym]
    client = sandbox.app.test_client().sign_in(ana)
    url = f"/anchors/for/{season.event.id}/{season.task.id}"
    page = client.get(url)
    part = FlaskClient.open(client, f"{url}?fragment=1&trait=claim&score=3")  # a part of a page is no page
    for text in (page.text, part.text):
        assert "A clear three." in text
        assert [word for word in canaries if word in text] == []
    assert "<html" not in part.text
    assert "Anchor papers with a 3 in Claim" in part.text
    assert season.responses["two"].text in page.text
    assert scanned.text not in page.text, "a scanned response is shown by its pages alone"
    link = page.text.split('src="/files/')[1].split('"')[0]
    assert client.get(f"/files/{link}").data == page_image()
    assert sandbox.app.test_client().sign_in(ben).get(f"/files/{link}").status_code == 404
    assert (
        "No anchor paper has a 4 in Claim. These are the nearest."
        in client.get(f"{url}?trait=claim&score=4").text
    )
    assert "Anchor papers from low to high in Evidence" in client.get(f"{url}?trait=evidence").text


@pytest.mark.breaks_invariants
def test_what_another_scorer_gave_changes_nothing_of_the_page(ana, ben, lea, sandbox):
    season = Season(ana, ben)
    season.promote("two", lea)
    client, url = sandbox.app.test_client().sign_in(ana), f"/anchors/for/{season.event.id}/{season.task.id}"
    before = FlaskClient.open(client, f"{url}?fragment=1").data
    with transaction() as session:
        session.execute(sa.text("UPDATE trait_score SET score = 1 WHERE read_id IN (SELECT id FROM read WHERE scorer_id = :ben)"),
                        {"ben": ben.id})  # fmt: skip
    after = FlaskClient.open(client, f"{url}?fragment=1").data
    assert before == after


def test_the_leaders_pages_from_finder_to_retirement(season, lea, eve, ana, sign_in):
    client = sign_in(lea)
    page = client.get(season.url).text
    assert "Both scorers gave the same score on every trait: 2." in page
    assert season.responses["worry"].code not in page
    assert "No candidate fits" in client.get(f"{season.url}?point=4&trait=claim").text
    form = f"{season.url}/promote/{season.responses['two'].code}"
    assert "The reads gave 2 and 2." in client.get(form).text
    refused = client.post(form, data={"kind": "solid", "score-claim": "2"})
    assert refused.status_code == 422
    assert "Choose the consensus score for Evidence." in refused.text
    sent = {
        "kind": "solid",
        "score-claim": "2",
        "score-evidence": "2",
        "why-claim": "It only repeats.",
    }
    assert client.post(form, data=sent).location == season.url
    assert "is a paper already" in client.post(form, data=sent).text
    assert "See it" in client.get(season.url).text
    paper = services.anchors_for(season.rubric)[0]
    index = client.get("/anchors/").text
    assert season.responses["two"].code in index
    assert "No 1, 3 or 4 in Claim yet." in index
    assert "It only repeats." in client.get(f"/anchors/{paper.id}").text
    for path in (season.url, form, f"/anchors/{paper.id}"):
        assert sign_in(build.a_person("leader", build.organization("birch"))).get(path).status_code == 404, (
            path
        )
        assert sign_in(ana).get(path).status_code == 403, path
    assert client.get(f"{season.url}/promote/{season.responses['worry'].code}").status_code == 404
    client.post(f"/anchors/{paper.id}/retire")
    assert "Retired: 1" in client.get("/anchors/").text
    assert services.anchors_for(season.rubric) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit_a_phone(desk, season, lea, ana, scheme):
    paper = season.promote("two", lea, commentary="A first example.")
    page = desk.open(lea, color_scheme=scheme, viewport={"width": 320, "height": 700})
    paths = ["/anchors/", f"/anchors/{paper.id}", season.url, f"{season.url}?kind=borderline",
             f"{season.url}/promote/{season.responses['line'].code}"]  # fmt: skip
    for path in paths:
        page.goto(path)
        axe(page)
        assert overflow(page) == 0, path
    page.get_by_role("button", name="Promote to paper").click()
    expect(page.get_by_role("alert")).to_be_visible()
    axe(page)
    page = desk.open(ana, color_scheme=scheme)
    page.goto(f"/anchors/for/{season.event.id}/{season.task.id}")
    axe(page)
    page.get_by_role("link", name="Claim 2").click()
    axe(page)
