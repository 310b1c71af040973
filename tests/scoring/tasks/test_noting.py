"""Notes to the next version of a task: who writes, who settles, where they are read."""

import pytest

from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.tasks import noting, services
from tests import build
from tests.browser import axe, overflow


@pytest.fixture
def task(alder):
    return build.a_task(organization=alder)


def test_whoever_sees_the_task_writes_and_its_leaders_settle(task, ana, lea, eve):
    note = noting.write_note(task, words=" Shorten the directions. ", origin="Session", actor=ana)
    assert (note.words, note.written_by_id, note.outcome) == ("Shorten the directions.", ana.id, "")
    with pytest.raises(NotFound):
        noting.write_note(task, words="x", actor=eve)
    with pytest.raises(NotAllowed):
        noting.settle_note(note, outcome="Done.", actor=ana)
    with pytest.raises(Invalid):
        noting.settle_note(note, outcome=" ", actor=lea)
    noting.settle_note(note, outcome="They are shorter now.", actor=lea)
    assert noting.open_notes(task) == []
    with pytest.raises(Conflict):
        noting.settle_note(note, outcome="Again.", actor=lea)
    noting.reopen_note(note, actor=lea)
    assert (noting.open_notes(task), note.outcome, note.settled_by_id) == ([note], "", None)


@pytest.mark.parametrize("wrong", [{"words": ""}, {"words": "x" * 2001}, {"origin": "x" * 201}])
def test_a_note_needs_words_that_fit(task, lea, wrong):
    with pytest.raises(Invalid) as refused:
        noting.write_note(task, **{"words": "Fine.", "actor": lea} | wrong)
    assert refused.value.fields.keys() == wrong.keys()


def test_notes_stand_at_the_task_and_in_the_editor_of_the_next_version(task, ana, lea, sign_in):
    client, url = sign_in(lea), f"/tasks/{task.id}"
    assert "No notes yet" in client.get(url).text
    assert client.post(f"{url}/notes/new", data={"words": ""}).status_code == 422
    client.post(f"{url}/notes/new", data={"words": "Shorten it.", "origin": "Fall event"})
    page = client.get(url).text
    assert "Shorten it." in page
    assert "From: Fall event." in page
    note = noting.open_notes(task)[0]
    draft = services.new_version(task.published_rubric, actor=lea)
    editor = f"{url}/rubrics/{draft.version}/edit"
    assert "Shorten it." in client.get(editor).text
    assert client.post(f"{url}/notes/{note.id}", data={"outcome": ""}).status_code == 422
    client.post(f"{url}/notes/{note.id}", data={"outcome": "It is shorter."})
    assert "It is shorter." in client.get(url).text
    assert "Shorten it." not in client.get(editor).text
    client.post(f"{url}/notes/{note.id}/reopen")
    assert note.settled_at is None


def test_leaders_of_other_places_see_their_own_notes_only(lea, nell, birch, sign_in):
    common, other = build.a_task(), build.a_person("leader", birch)
    mine = noting.write_note(common, words="Of Alder.", actor=lea)
    noting.write_note(common, words="Of Birch.", actor=other)
    page = sign_in(lea).get(f"/tasks/{common.id}").text
    assert "Of Alder." in page
    assert "Of Birch." not in page
    assert sign_in(lea).get(f"/tasks/{common.id}/notes/{mine.id}").status_code == 404
    assert len(noting.notes_of(common, nell)) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_and_fit_a_phone(desk, task, lea, scheme):
    note = noting.write_note(task, words="Shorten it.", actor=lea)
    page = desk.open(lea, color_scheme=scheme, viewport={"width": 320, "height": 700})
    for path in ("", "/notes/new", f"/notes/{note.id}"):
        page.goto(f"/tasks/{task.id}{path}")
        axe(page)
        assert overflow(page) == 0, path
    page.get_by_role("button", name="Settle the note").click()
    page.get_by_role("alert").wait_for()
    axe(page)
