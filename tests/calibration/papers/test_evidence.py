"""Evidence in papers: what can be marked, who sees it, and how it is drawn."""

import io

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from playwright.sync_api import expect

from calibration.papers import evidence, marking, services, showing
from scoring import storage
from scoring.audit import AuditEntry
from scoring.db import db, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.responses.models import Page
from tests import build
from tests.browser import axe, overflow
from tests.calibration.papers.season import Season

TEXT = "Schools should start later.\n\nTeens need sleep. Schools know it, but buses come early."


@pytest.fixture
def season(ana, ben):
    made = Season(ana, ben)
    with transaction():
        made.responses["two"].text = TEXT
    return made


@pytest.fixture
def paper(season, lea):
    return season.promote("two", lea, commentary="A first two.")


def add_pages(response, count=1):
    data = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(data, "PNG")
    with transaction() as session:
        for number in range(1, count + 1):
            key = storage.put(data.getvalue(), area="pages")
            session.add(Page(response_id=response.id, number=number, key=key, media_type="image/png",
                             sha256=storage.sha256(data.getvalue()), width=300, height=400))  # fmt: skip


def actions(paper):
    query = sa.select(AuditEntry.action).where(
        AuditEntry.subject_kind == "paper", AuditEntry.subject_id == paper.id
    )
    return [each.removeprefix("paper.") for each in db.session.scalars(query.order_by(AuditEntry.id))]


def drawn(paper):
    return [(part.words, [note.number for note in part.notes]) for part in evidence.marked(paper).parts]


# The rules


SPANS = st.lists(st.tuples(st.integers(-2, 18), st.integers(-2, 18)), max_size=4)


@settings(max_examples=60)
@given(text=st.text(max_size=16), spans=SPANS)
def test_pieces_are_the_text_and_carry_exactly_the_marks_on_them(text, spans):
    numbered = [(number, *span) for number, span in enumerate(spans)]
    pieces = marking.segments(text, numbered)
    assert "".join(words for words, _ in pieces) == text
    at = 0
    for words, ids in pieces:
        for place in range(at, at + len(words)):
            assert ids == tuple(key for key, start, end in numbered if start <= place < end)
        at += len(words)


@given(text=st.text(alphabet="ab \n", max_size=20), start=st.integers(0, 19), length=st.integers(1, 8))
def test_words_taken_from_a_text_are_found_where_they_were_taken(text, start, length):
    quote = text[start : start + length]
    if quote.strip():
        first = start + len(quote) - len(quote.lstrip())
        found = marking.places(text, quote)
        assert marking.nearest(found, first) == (first, start + len(quote.rstrip()))


# What leaders do


def test_marked_words_are_shown_in_order_with_what_they_show(season, paper, lea):
    claim, proof = season.rubric.traits
    evidence.mark_words(paper, "Teens  need\nsleep", trait_id=proof.id, words="A reason, bare.", actor=lea)
    evidence.mark_words(paper, "start later.", trait_id=claim.id, words=" The claim. ", actor=lea)
    evidence.mark_words(paper, "need sleep. Schools know", words="It turns here.", actor=lea)
    assert drawn(paper) == [
        ("Schools should ", []), ("start later.", [1]), ("\n\n", []), ("Teens ", [2]), ("need sleep", [2, 3]),
        (". Schools know", [3]), (" it, but buses come early.", []),
    ]  # fmt: skip
    notes = evidence.marked(paper).notes
    assert [(note.trait, note.words, note.quote) for note in notes] == [
        ("Claim", "The claim.", "start later."), ("Evidence", "A reason, bare.", "Teens need sleep"),
        ("", "It turns here.", "need sleep. Schools know"),
    ]  # fmt: skip
    assert len({note.look for note in notes}) == 3
    parts = evidence.marked(paper).parts
    assert [[note.number for note in part.begins] for part in parts] == [[], [1], [], [2], [3], [], []]
    assert [[note.number for note in part.ends] for part in parts] == [[], [1], [], [], [2], [3], []]


def test_words_that_stand_twice_need_a_place_or_more_words(paper, lea):
    with pytest.raises(Invalid, match="stand 2 times") as refused:
        evidence.mark_words(paper, "Schools", words="Which?", actor=lea)
    assert "quote" in refused.value.fields
    second = evidence.mark_words(paper, "Schools", words="These.", near=40, actor=lea)
    assert TEXT[second.span_start :].startswith("Schools know")
    with pytest.raises(Invalid, match="do not stand in the work"):
        evidence.mark_words(paper, "schools should", words="Another case.", actor=lea)
    with pytest.raises(Invalid, match="Quote the words"):
        evidence.mark_words(paper, " \n", words="Nothing.", actor=lea)


def test_a_region_lies_on_a_page_of_the_work(season, lea):
    add_pages(season.responses["three"], 2)
    paper = season.promote("three", lea)
    claim = season.rubric.traits[0]
    evidence.mark_region(paper, 2, (0, 700, 1000, 200), trait_id=claim.id, words="The end.", actor=lea)
    evidence.mark_region(paper, 1, (10, 20, 30, 40), words="The title.", actor=lea)
    found = evidence.marked(paper)
    assert found.parts is None
    assert [(note.number, note.where, note.trait) for note in found.notes] == [
        (1, "Page 1, top left", ""), (2, "Page 2, bottom", "Claim")]  # fmt: skip
    assert [note.number for note in found.on_page(2)] == [2]
    with pytest.raises(Invalid, match="no page 3"):
        evidence.mark_region(paper, 3, (0, 0, 5, 5), words="Where?", actor=lea)
    for region in ((900, 0, 200, 10), (0, 0, 0, 10), (-1, 0, 5, 5)):
        with pytest.raises(Invalid, match="must lie on the page"):
            evidence.mark_region(paper, 1, region, words="Outside.", actor=lea)
    with pytest.raises(Conflict, match="page images"):
        evidence.mark_words(paper, "essay", words="Not shown.", actor=lea)


def test_a_mark_is_edited_taken_away_and_put_back_and_all_of_it_is_on_record(season, paper, lea, ada):
    claim, proof = season.rubric.traits
    mark = evidence.mark_words(paper, "start later", trait_id=claim.id, words="Claim.", actor=lea)
    evidence.edit_evidence(paper, mark.id, trait_id=proof.id, words="Support.", actor=ada)
    evidence.edit_evidence(paper, mark.id, trait_id=proof.id, words="Support.", actor=ada)  # says nothing new
    assert [(note.trait, note.words) for note in evidence.marked(paper).notes] == [("Evidence", "Support.")]
    for _ in range(2):
        evidence.remove_evidence(paper, mark.id, actor=ada)
    assert (evidence.marked(paper).notes, drawn(paper)) == ((), [(TEXT, [])])
    assert [note.words for note in evidence.taken_away(paper)] == ["Support."]
    for _ in range(2):
        evidence.restore_evidence(paper, mark.id, actor=lea)
    assert [note.number for note in evidence.marked(paper).notes] == [1]
    assert actions(paper)[1:] == [
        "evidence_marked", "evidence_edited", "evidence_removed", "evidence_restored"]  # fmt: skip


def test_who_may_not_mark_and_what_can_not_be_said(season, paper, lea, ana, eve, nell):
    for person in (ana, eve):
        with pytest.raises(NotAllowed):
            evidence.mark_words(paper, "start later", words="Mine.", actor=person)
    with pytest.raises(Invalid, match="Choose a trait of this rubric"):
        evidence.mark_words(paper, "start later", trait_id=0, words="Hm.", actor=lea)
    for words in ("", " ", "x" * (services.LONGEST + 1)):
        with pytest.raises(Invalid, match="what this shows"):
            evidence.mark_words(paper, "start later", words=words, actor=lea)
    other = season.promote("three", lea)
    mark = evidence.mark_words(paper, "start later", words="Here.", actor=nell)
    with pytest.raises(NotFound):
        evidence.remove_evidence(other, mark.id, actor=lea)
    services.retire(paper, actor=lea)
    with pytest.raises(Conflict, match="retired"):
        evidence.remove_evidence(paper, mark.id, actor=lea)


# What scorers see of it


def test_scorers_see_the_evidence_with_the_scores_and_nobody_s_name(season, paper, lea, ana, sandbox):
    evidence.mark_words(paper, "Teens need sleep", words="A bare reason.", actor=lea)
    gone = evidence.mark_words(paper, "buses", words="Taken away again.", actor=lea)
    evidence.remove_evidence(paper, gone.id, actor=lea)
    client = sandbox.app.test_client().sign_in(ana)
    url = f"/anchors/for/{season.event.id}/{season.task.id}"
    for text in (client.get(url).text, FlaskClient.open(client, f"{url}?fragment=1").text):
        assert ">Teens need sleep</mark>" in text
        assert "A bare reason." in text
        assert "Taken away again." not in text
        assert "Lindqvist" not in text


def test_work_to_be_scored_shows_no_evidence(paper, lea, ana):
    evidence.mark_words(paper, "Teens need sleep", words="A bare reason.", actor=lea)
    assert vars(showing.blind_work(paper, 1, ana)) == {"number": 1, "text": TEXT, "pages": []}


# The pages


def test_a_leader_marks_and_mends_on_the_page(season, paper, lea, ana, sign_in):
    client, url = sign_in(lea), f"/anchors/{paper.id}/evidence"
    claim = season.rubric.traits[0]
    assert "Nothing is marked yet." in client.get(url).text
    wrong = client.post(url, data={"quote": "not there", "words": ""})
    assert (wrong.status_code, "Say what this place shows." in wrong.text) == (422, True)
    wrong = client.post(url, data={"quote": "not there", "words": "Hm."})
    assert (wrong.status_code, "do not stand in the work" in wrong.text) == (422, True)
    sent = {"quote": "Schools", "near": "41", "trait": str(claim.id), "words": "Names who knows."}
    assert client.post(url, data=sent).location == url
    page = client.get(url).text
    assert "<mark" in page
    assert "Names who knows." in page
    [mark] = evidence.marked(paper).notes
    client.post(f"{url}/{mark.id}/edit", data={"trait": "", "words": "Says who."})
    assert "Says who." in client.get(f"/anchors/{paper.id}").text
    assert client.post(f"{url}/{mark.id}/edit", data={"trait": "x", "words": "Hm."}).status_code == 422
    client.post(f"{url}/{mark.id}/remove")
    assert "Taken away: 1" in client.get(url).text
    client.post(f"{url}/{mark.id}/restore")
    assert [note.words for note in evidence.marked(paper).notes] == ["Says who."]
    stranger = sign_in(build.a_person("leader", build.organization("birch")))
    assert stranger.get(url).status_code == stranger.post(f"{url}/{mark.id}/remove").status_code == 404
    assert sign_in(ana).get(url).status_code == 403
    services.retire(paper, actor=lea)
    assert "Mark a place" not in client.get(url).text


def test_words_are_marked_by_selecting_them(desk, paper, lea):
    page = desk.open(lea)
    page.goto(f"/anchors/{paper.id}/evidence")
    for expected in ("Schools should", "Schools know it"):
        start = TEXT.index(expected)
        page.evaluate(SELECT, [start, start + len(expected)])
        page.get_by_text("Now say what they show").wait_for()
        expect(page.get_by_label("Words in the work")).to_have_value(expected)
        page.get_by_label("Words in the work").evaluate("(field) => { field.value = 'Schools'; }")
        page.get_by_label("What it shows").first.fill(f"Begins with {expected}.")
        page.get_by_role("button", name="Mark it").click()
        page.get_by_text("The place is marked.").wait_for()
    expect(page.locator("mark")).to_have_count(2)
    assert [part.words for part in evidence.marked(paper).parts if part.notes] == ["Schools", "Schools"]
    axe(page)


SELECT = """([start, end]) => {
  const work = document.querySelector(".work-text"), range = document.createRange();
  const walker = document.createTreeWalker(work, NodeFilter.SHOW_TEXT);
  for (let at = 0, node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest("[data-not-work]")) continue;
    if (at <= start && start < at + node.length) range.setStart(node, start - at);
    if (at < end && end <= at + node.length) range.setEnd(node, end - at);
    at += node.length;
  }
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


def test_a_region_is_marked_by_two_clicks(desk, season, lea, ana):
    add_pages(season.responses["three"])
    paper = season.promote("three", lea)
    page = desk.open(lea)
    page.goto(f"/anchors/{paper.id}/evidence")
    image = page.locator(".work-page img")
    box = image.bounding_box()
    image.click(position={"x": box["width"] * 0.2, "y": box["height"] * 0.5})
    page.get_by_text("Click the opposite corner").wait_for()
    image.click(position={"x": box["width"] * 0.6, "y": box["height"] * 0.75})
    page.get_by_text("a region of page 1").wait_for()
    page.get_by_label("What it shows").fill("The conclusion.")
    page.get_by_role("button", name="Mark it").click()
    page.get_by_text("The place is marked.").wait_for()
    [note] = evidence.marked(paper).notes
    assert all(abs(got - wanted) <= 8 for got, wanted in zip(note.region, (200, 500, 400, 250), strict=True))
    axe(page)
    page = desk.open(ana, viewport={"width": 320, "height": 700})
    page.goto(f"/anchors/for/{season.event.id}/{season.task.id}")
    page.get_by_role("img", name="Marked on this page: 1").wait_for()
    axe(page)
    assert overflow(page) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_evidence_is_marked_without_scripts_on_a_phone(desk, season, paper, lea, scheme):
    page = desk.open(
        lea, java_script_enabled=False, color_scheme=scheme, viewport={"width": 320, "height": 700}
    )
    page.goto(f"/anchors/{paper.id}/evidence")
    page.get_by_label("Words in the work").fill("buses come early")
    page.get_by_label("Trait").first.select_option("Evidence")
    page.get_by_label("What it shows").first.fill("Names a cause.")
    page.get_by_role("button", name="Mark it").click()
    assert page.locator("mark").text_content() == "buses come early"
    looking = desk.open(lea, color_scheme=scheme, viewport={"width": 320, "height": 700})
    for path in (f"/anchors/{paper.id}/evidence", f"/anchors/{paper.id}"):
        looking.goto(path)
        axe(looking)
        assert overflow(looking) == 0, path
