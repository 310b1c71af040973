"""What a session leaves: consensus scores under papers and in sets, clarifications in the log, notes to the task."""

import pytest

from calibration.papers import evidence as marking
from calibration.papers import services as papers
from calibration.papers import sets
from calibration.sessions import discussing, outcomes, running, sheets
from calibration.sessions.models import Form
from scoring.errors import Conflict, NotAllowed, NotFound
from scoring.tasks import clarifying, noting
from tests import build
from tests.browser import axe, overflow


def agree(room, meeting, session_paper, claim, evidence):
    for trait, score in ((room.claim, claim), (room.evidence, evidence)):
        discussing.settle(
            session_paper, trait.id, score=score, reason=f"Because {trait.key}.", actor=room.lea
        )


def hold(room, claim=3, evidence=3, *, revised=None, **facts):
    """A live session: Ana, Ben and Ada score the first paper, and the group agrees on it."""
    ana, ben, ada = room.people
    meeting = room.begin(leader_scores=False, **facts)
    first = meeting.papers[0]
    room.go_to(meeting, "score")
    for person in room.people:
        room.score(first, person, 2, 3)
    room.go_to(meeting, "reveal")
    room.go_to(meeting, "agree")
    agree(room, meeting, first, claim, evidence)
    if revised:
        sheets.revise(first, scores={room.claim.id: revised, room.evidence.id: evidence}, actor=ben)
    running.close(meeting, actor=room.lea)
    return meeting


def scores_of(paper):
    return {each.trait.key: each.score for each in paper.scores}


def names(paper):
    return {each.person.name for each in paper.agreements}


def test_the_same_scores_add_the_names_of_those_who_agreed(room, lea):
    meeting = hold(room, 2, 2, papers=1)  # the paper has them already
    [paper] = outcomes.take_over(meeting, meeting.papers, actor=lea)
    assert paper is meeting.papers[0].paper
    assert names(paper) == {"Lea Lindqvist", "Ana Ortiz", "Ben Okafor", "Ada Abara"}
    assert {each.commentary for each in paper.scores} == {"Because claim.", "Because evidence."}


def test_other_scores_replace_those_of_the_paper_and_their_names(room, lea, ben):
    meeting = hold(room, 3, 2, papers=1, revised=4)
    [paper] = outcomes.take_over(meeting, meeting.papers, actor=lea)
    assert paper is meeting.papers[0].paper
    assert scores_of(paper) == {"claim": 3, "evidence": 2}
    assert names(paper) == {"Ana Ortiz", "Ada Abara"}, (
        "Ben was of another mind in the end, and Lea scored nothing"
    )


def test_a_paper_in_a_frozen_set_is_written_anew(room, lea):
    organization = room.season.event.organization
    frozen = sets.create_set(organization, room.rubric, name="Old", purpose="calibration", actor=lea)
    sets.add_papers(frozen, room.papers[:1], actor=lea)
    sets.freeze_set(frozen, actor=lea)
    draft = sets.create_set(organization, room.rubric, name="New", purpose="practice", actor=lea)
    sets.add_papers(draft, room.papers[:1], actor=lea)
    old = room.papers[0]
    for trait in (None, room.claim.id, room.evidence.id):
        marking.mark_words(old, "Schools should", trait_id=trait, words=f"Of {trait}.", actor=lea)
    meeting = hold(room, 2, 4, papers=1)
    [paper] = outcomes.take_over(meeting, meeting.papers, paper_set=draft, actor=lea)
    assert (paper.id != old.id, paper.response_id, paper.is_kept) == (True, old.response_id, old.is_kept)
    assert scores_of(paper) == {"claim": 2, "evidence": 4}
    kept = {mark.trait_id for mark in paper.evidence}
    assert kept == {None, room.claim.id}, "what showed the old score of Evidence stays with the old paper"
    assert scores_of(old) == {"claim": 2, "evidence": 2}
    assert old.retired_at is not None
    assert frozen.papers == [old], "what was measured with the set stays as it was"
    assert draft.papers == [paper]


def test_all_of_them_go_into_a_set_or_none(room, lea, birch, alder):
    meeting = hold(room, papers=1)
    other = sets.create_set(
        alder, build.a_task().published_rubric, name="Other", purpose="practice", actor=lea
    )
    with pytest.raises(NotFound):
        outcomes.take_over(meeting, meeting.papers, paper_set=other, actor=lea)
    assert scores_of(meeting.papers[0].paper) == {"claim": 2, "evidence": 2}
    assert outcomes.outcomes_of(meeting) == []


def test_scores_are_taken_over_once_from_closed_sessions_by_their_leaders(room, lea, ana, dora):
    meeting = room.begin(papers=2)
    with pytest.raises(Conflict, match="not closed"):
        outcomes.take_over(meeting, meeting.papers, actor=lea)
    running.close(meeting, actor=lea)
    with pytest.raises(Conflict, match="not agreed"):
        outcomes.take_over(meeting, meeting.papers, actor=lea)
    done = hold(room, papers=1)
    for person in (ana, dora):
        with pytest.raises(NotAllowed):
            outcomes.take_over(done, done.papers, actor=person)
    outcomes.take_over(done, done.papers, actor=lea)
    with pytest.raises(Conflict, match="already"):
        outcomes.take_over(done, done.papers, actor=lea)


def test_a_retired_paper_keeps_its_scores(room, lea):
    meeting = hold(room, papers=1)
    papers.retire(meeting.papers[0].paper, actor=lea)
    with pytest.raises(Conflict, match="retired"):
        outcomes.take_over(meeting, meeting.papers, actor=lea)


def test_in_the_asynchronous_form_those_agree_who_supported_the_proposals(room, lea, ana, ben, ada):
    meeting = room.open(Form.ASYNCHRONOUS, papers=1, leader_scores=False)
    place = meeting.papers[0]
    for person in room.people:
        room.score(place, person, 3, 3)
    for trait in (room.claim, room.evidence):
        made = discussing.propose(place, trait.id, score=4, reason="Clear.", actor=ana)
        for person in (ben, ada):
            discussing.support(made.id, place, actor=person)
    running.close(meeting, actor=lea)
    assert set(outcomes.agreeing(place)) == {ana.id, ben.id, ada.id}


def test_clarifications_and_notes_come_from_those_with_a_seat(room, ana, lea, eve, nell):
    meeting = room.begin()
    made = outcomes.propose_clarification(
        meeting, trait=room.claim, score=2, words="One side is enough.", actor=ana
    )
    assert made.origin.startswith("Calibration session “November session”, ")
    assert clarifying.log_of(room.rubric, nell) == [made]
    note = outcomes.write_note(meeting, words="Shorten it.", actor=ana)
    assert noting.open_notes(room.rubric.task) == [note]
    assert [(each.clarification_id, each.note_id) for each in outcomes.outcomes_of(meeting)] == [
        (made.id, None),
        (None, note.id),
    ]
    for verb in (outcomes.propose_clarification, outcomes.write_note):
        with pytest.raises(NotFound):
            verb(meeting, words="Mine.", actor=eve)


def test_the_way_from_minutes_to_papers_log_and_task_by_hand(room, lea, ana, eve, sign_in):
    meeting = hold(room, papers=1)
    url, leader, scorer = f"/sessions/{meeting.id}", sign_in(lea), sign_in(ana)
    page = leader.get(f"{url}/minutes").text
    assert "Take consensus scores over" in page
    assert meeting.papers[0].paper.response.code in page
    form = leader.get(f"{url}/take-over").text
    assert "Claim 3 (was 2)" in form
    assert leader.post(f"{url}/take-over", data={"set": 0}).status_code == 422
    place = meeting.papers[0]
    assert leader.post(f"{url}/take-over", data={"papers": [place.id], "set": 0}).status_code == 302
    assert "The consensus scores of paper 1 stand under the paper now." in leader.get(f"{url}/minutes").text
    assert "Nothing to take over" in leader.get(f"{url}/take-over").text
    page = scorer.get(f"{url}/minutes").text
    assert "Take consensus scores over" not in page
    assert place.paper.response.code not in page
    assert scorer.get(f"{url}/take-over").status_code == 403
    assert scorer.post(f"{url}/clarify", data={"words": ""}).status_code == 422
    scorer.post(f"{url}/clarify", data={"place": "claim:2", "words": "One side is enough."})
    again = scorer.post(f"{url}/clarify", data={"place": "claim:2", "words": "One side is enough."})
    assert again.status_code == 409
    scorer.post(f"{url}/note", data={"words": "Shorten it."})
    page = scorer.get(f"{url}/minutes").text
    assert "One side is enough." in page
    assert "Shorten it." in page
    assert scorer.get(f"{url}/minutes/pdf").data.startswith(b"%PDF")
    assert scorer.get(f"{url}/minutes/workbook").data.startswith(b"PK")
    for path in ("minutes", "minutes/pdf", "minutes/workbook", "clarify", "note"):
        other, nothing = sign_in(eve).get(f"{url}/{path}"), sign_in(eve).get(f"/sessions/987654/{path}")
        assert other.status_code == nothing.status_code == 404, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_and_fit_a_phone(desk, room, lea, scheme):
    meeting = hold(room, papers=1)
    page = desk.open(lea, color_scheme=scheme, viewport={"width": 320, "height": 700})
    for path in (
        f"{meeting.id}/minutes",
        f"{meeting.id}/take-over",
        f"{meeting.id}/clarify",
        f"{meeting.id}/note",
        "hours",
        "hours/people",
    ):
        page.goto(f"/sessions/{path}")
        axe(page)
        assert overflow(page) == 0, path
