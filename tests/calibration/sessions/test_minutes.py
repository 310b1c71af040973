"""Minutes: what is written down of a session, for whom, and as which files."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest

from calibration.sessions import attendance, discussing, minutes, minutes_files, running, sheets
from calibration.sessions.models import Remark
from scoring.db import at, now, transaction
from scoring.errors import Conflict, NotFound


def hold(room, *, revise=True):
    """A live session of two papers from begin to end: Ana, Ben and Ada score, agree on the first paper, and debrief."""
    ana, ben, ada = room.people
    start = now()
    with at(start):
        meeting = room.begin(leader_scores=False)
    first, second = meeting.papers
    with at(start + timedelta(minutes=1)):
        room.go_to(meeting, "score")
        room.score(first, ana, 2, 3, words="CANARY-EVIDENCE")
        room.score(first, ben, 3, 3)
        room.score(first, ada, 4, 3)
        room.go_to(meeting, "reveal")
        room.go_to(meeting, "discuss")
        discussing.say(meeting, "CANARY-REMARK", session_paper=first, trait_id=room.claim.id, actor=ben)
        room.go_to(meeting, "agree")
        for trait, score in ((room.claim, 3), (room.evidence, 3)):
            discussing.settle(
                first, trait.id, score=score, reason=f"CANARY-REASON {trait.key}", actor=room.lea
            )
        if revise:
            sheets.revise(first, scores={room.claim.id: 3, room.evidence.id: 3}, actor=ana)
        room.go_to(meeting, "score")
        for person in (ana, ada):
            room.score(second, person, 4, 2)
        for person in room.people:
            attendance.note_seen(room.seat(meeting, person))
        room.go_to(meeting, "reveal")
        room.go_to(meeting, "debrief")
        discussing.answer_debrief(meeting, {"rubric": "CANARY-DEBRIEF"}, actor=ada)
        running.close(meeting, actor=room.lea)
    return meeting


def read(meeting, person):
    meeting, seat = minutes.reader_of(meeting.id, person)
    return minutes.minutes_of(meeting, seat, person, leads=person.may("calibrate", meeting.organization))


def test_minutes_hold_attendance_agreement_decisions_and_words(room, ana, lea):
    meeting = hold(room)
    told = read(meeting, lea)
    assert [each.name for each in told.people] == ["Ada Abara", "Ana Ortiz", "Ben Okafor", "Lea Lindqvist"]
    assert [each.seconds for each in told.people] == [60, 60, 60, 0]
    claim, evidence = told.traits
    assert (claim.before.papers, claim.before.people, claim.before.exact) == (2, 3, 0.5)
    assert claim.after.exact == pytest.approx((1 / 3 + 1) / 2)
    assert not claim.before.has_interval, "two papers are too few"
    first, second = told.papers
    assert (first.traits[0].scores, first.traits[0].revised) == ((2, 3, 4), (3,))
    assert (first.traits[0].consensus, first.traits[0].reason) == (3, "CANARY-REASON claim")
    assert (first.traits[0].evidence, first.traits[0].remarks) == (("CANARY-EVIDENCE",), ("CANARY-REMARK",))
    assert (first.is_settled, second.is_settled) == (True, False)
    assert told.debrief == (("What should change in the rubric?", ("CANARY-DEBRIEF",)),)
    assert first.code == meeting.papers[0].paper.response.code


def test_a_participant_reads_about_papers_they_scored_and_no_codes(room, ben, ana):
    meeting = hold(room)
    told = read(meeting, ben)
    assert [each.number for each in told.papers] == [1]
    assert (told.left_out, told.papers[0].code) == (1, "")
    assert told.traits[0].before.papers == 1, "figures come from the papers this reader may see"
    assert read(meeting, ana).left_out == 0
    sheets.observe(meeting.papers[1], actor=ben)
    assert read(meeting, ben).left_out == 0


def test_names_stand_beside_scores_only_when_everybody_agrees(room, lea, ana, ben, ada):
    meeting = room.begin()
    for person in (ana, ben):
        attendance.show_name(meeting, True, actor=person)
    room.go_to(meeting, "score")
    for person in (ana, ben, ada):
        room.score(meeting.papers[0], person, 2, 3)
    room.go_to(meeting, "reveal")
    running.close(meeting, actor=lea)
    assert read(meeting, lea).papers[0].traits[0].named == ()
    with transaction():
        room.seat(meeting, ada).shows_name = True
    named = read(meeting, lea).papers[0].traits[0].named
    assert named == (("Ada Abara", 2), ("Ana Ortiz", 2), ("Ben Okafor", 2))


def test_late_scores_are_told_apart_from_blind_ones(room, lea, ana, ben, ada):
    meeting = room.begin(papers=1, leader_scores=False)
    room.go_to(meeting, "score")
    for person in (ana, ada):
        room.score(meeting.papers[0], person, 2, 3)
    room.go_to(meeting, "reveal")
    room.score(meeting.papers[0], ben, 4, 3)
    running.close(meeting, actor=lea)
    told = read(meeting, lea)
    claim = told.papers[0].traits[0]
    assert (claim.scores, claim.late) == ((2, 2), 1)
    assert (told.traits[0].before.people, told.traits[0].before.exact) == (2, 1)
    book = openpyxl.load_workbook(io.BytesIO(minutes_files.as_workbook(told)))
    decided = [[cell.value for cell in row] for row in book["Decisions"] if row[2].value == "Claim"]
    assert decided[0][3:5] == ["2, 2", 1]
    assert minutes_files.as_pdf(told).startswith(b"%PDF")
    with transaction():
        for person in (ana, ben, ada):
            room.seat(meeting, person).shows_name = True
    named = read(meeting, lea).papers[0].traits[0].named
    assert named == (("Ada Abara", 2), ("Ana Ortiz", 2), ("Ben Okafor (late)", 4))


def test_nobody_reads_minutes_before_the_end_or_of_other_peoples_sessions(room, ana, eve, lea, dora):
    meeting = room.begin()
    with pytest.raises(Conflict, match="closed"):
        read(meeting, ana)
    running.close(meeting, actor=lea)
    for person in (eve, dora):
        with pytest.raises(NotFound):
            read(meeting, person)


def test_the_files_hold_the_same(room, lea):
    told = read(hold(room), lea)
    made = minutes_files.as_pdf(told)
    assert made.startswith(b"%PDF")
    assert b"pdfuaid:part" in made
    book = openpyxl.load_workbook(io.BytesIO(minutes_files.as_workbook(told)))
    assert book.sheetnames == ["Session", "Attendance", "Agreement", "Decisions", "Words"]
    cells = " ".join(str(cell.value) for sheet in book for row in sheet for cell in row)
    for words in ("CANARY-EVIDENCE", "CANARY-REASON claim", "CANARY-REMARK", "CANARY-DEBRIEF", "Ana Ortiz"):
        assert words in cells
    assert minutes_files.as_workbook(told) == minutes_files.as_workbook(told)


def test_the_page_of_a_closed_session_holds_the_figures_of_its_minutes(room, ben, lea, sign_in):
    meeting = hold(room)

    def agreement(client, path):
        page = client.get(f"/sessions/{meeting.id}{path}").text
        return re.search(r"Agreement by trait</caption>.*?</table>", page, re.S).group()

    for person in (ben, lea):
        client = sign_in(person)
        assert agreement(client, "") == agreement(client, "/minutes")
    assert "too few papers to say" in agreement(client, "")
    assert "1 paper is left out here" in sign_in(ben).get(f"/sessions/{meeting.id}").text


def test_no_byte_tells_of_a_paper_whose_scores_this_reader_may_not_see(room, ben, ada, sign_in):
    meeting = hold(room)
    second, url = meeting.papers[1], f"/sessions/{meeting.id}/minutes"
    sheet = next(each for each in second.sheets if each.participant.person_id == ada.id)
    with transaction() as session:
        sheet.reason = sheet.scores[0].evidence = "CANARY-SECOND"
        session.add(Remark(session_id=meeting.id, session_paper_id=second.id, author_id=sheet.participant_id, text="CANARY-SECOND"))  # fmt: skip
    client = sign_in(ben)

    def seen():
        page = re.sub(r'name="csrf_token" value="[^"]*"', "", client.get(url).text)
        return page, client.get(f"{url}/workbook").data, read(meeting, ben)

    before = seen()
    assert "CANARY-EVIDENCE" in before[0], "the first paper is there"
    cells = [
        cell.value for one in openpyxl.load_workbook(io.BytesIO(before[1])) for row in one for cell in row
    ]
    assert not any("CANARY-SECOND" in text for text in (before[0], str(cells), str(before[2])))
    with transaction():
        for score in sheet.scores:
            score.score = 1
    assert seen() == before, "what somebody else gave to that paper changes nothing"
    assert "CANARY-SECOND" in sign_in(ada).get(url).text
