"""Live sessions: what each verb promises."""

from datetime import timedelta

import pytest

from calibration.sessions import attendance, discussing, finding, minutes, running, services, sheets
from scoring.db import at, db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.responses.models import RosterEntry


def test_phases_go_through_papers_one_by_one(room, lea):
    meeting = room.begin()
    seen = [(meeting.present_step["kind"], meeting.present_paper and meeting.present_paper.position)]
    while meeting.phase + 1 < len(meeting.phases):
        if meeting.present_step["kind"] == "score":
            room.score(meeting.present_paper, lea)
        running.move(meeting, 1, seen=meeting.phase, actor=lea)
        seen.append((meeting.present_step["kind"], meeting.present_paper and meeting.present_paper.position))
    block = ["read", "score", "reveal", "discuss", "agree"]
    assert seen == [
        ("norms", None),
        *[(each, 1) for each in block],
        *[(each, 2) for each in block],
        ("debrief", None),
    ]
    with pytest.raises(Conflict, match="no further step"):
        running.move(meeting, 1, seen=meeting.phase, actor=lea)


def test_two_clicks_move_a_session_once(room, lea):
    meeting = room.begin()
    running.move(meeting, 1, seen=0, actor=lea)
    with pytest.raises(Conflict, match="in the meantime"):
        running.move(meeting, 1, seen=0, actor=lea)
    assert meeting.phase == 1


def test_only_the_facilitator_leads_and_the_timekeeper_keeps_time(room, ana, ben, lea):
    meeting = room.begin()
    for deed in (
        lambda: running.move(meeting, 1, seen=0, actor=ana),
        lambda: running.pause(meeting, actor=ana),
        lambda: running.close(meeting, actor=ana),
    ):
        with pytest.raises(NotAllowed):
            deed()
    services.give_part(room.seat(meeting, ben), "timekeeper", actor=lea)
    running.pause(meeting, actor=ben)
    with pytest.raises(NotAllowed):
        running.move(meeting, 1, seen=0, actor=ben)


def test_the_timer_pauses_goes_on_and_takes_more_time(room, lea):
    start = now()
    with at(start):
        meeting = room.begin()
        assert meeting.step_ends_at == start + timedelta(minutes=3)
    with at(start + timedelta(minutes=1)):
        running.pause(meeting, actor=lea)
        assert (meeting.step_ends_at, meeting.step_seconds_left) == (None, 120)
    with at(start + timedelta(minutes=10)):
        running.extend(meeting, 2, actor=lea)
        running.go_on(meeting, actor=lea)
        assert meeting.step_ends_at == start + timedelta(minutes=14)
    with at(start + timedelta(minutes=20)):
        running.extend(meeting, 5, actor=lea)
        assert meeting.step_ends_at == start + timedelta(minutes=25)
        running.move(meeting, 1, seen=0, actor=lea)
        assert meeting.step_ends_at == start + timedelta(minutes=25)
    with pytest.raises(Invalid):
        running.extend(meeting, 0, actor=lea)


def test_scores_go_in_once_and_stay(room, ana, lea):
    meeting = room.begin()
    paper = meeting.papers[0]
    with pytest.raises(Conflict, match="not scored yet"):
        room.score(paper, ana)
    room.go_to(meeting, "score")
    room.score(paper, ana, 2, 4, words="The claim stands in line 1.")
    with pytest.raises(Conflict, match="They stay as they are"):
        room.score(paper, ana, 4, 4)
    with pytest.raises(Conflict, match="not scored yet"):
        room.score(meeting.papers[1], ana)
    assert sheets.sheet_by(paper, room.seat(meeting, ana)).by_trait == {room.claim.id: 2, room.evidence.id: 4}


@pytest.mark.parametrize(
    "scores", [{}, {"claim": 9, "evidence": 1}, {"claim": 1}, {"claim": 1, "evidence": 1, "x": 1}]
)
def test_a_sheet_is_complete_and_keeps_to_the_rubric(room, ana, lea, scores):
    meeting = room.go_to(room.begin(), "score")
    with pytest.raises(Invalid):
        sheets.submit(meeting.papers[0], scores=scores, actor=ana)
    assert finding.scored_by(meeting.papers[0]) == set()


def test_nothing_is_revealed_before_somebody_is_in(room, ana, lea):
    meeting = room.go_to(room.begin(), "score")
    with pytest.raises(Conflict, match="nothing to reveal"):
        running.move(meeting, 1, seen=meeting.phase, actor=lea)
    room.score(meeting.papers[0], ana)
    running.move(meeting, 1, seen=meeting.phase, actor=lea)
    assert meeting.papers[0].revealed_at is not None


def test_whoever_scores_after_the_reveal_is_late_and_not_counted(room, ana, ben, lea):
    meeting = room.go_to(room.begin(), "score")
    room.score(meeting.papers[0], ana, 3, 3)
    room.go_to(meeting, "reveal")
    late = room.score(meeting.papers[0], ben, 1, 1)
    assert late.is_late
    running.close(meeting, actor=lea)
    told = minutes.minutes_of(meeting, None, lea, leads=True)
    assert [trait.before.exact for trait in told.traits] == [None, None]


def test_scores_are_seen_after_the_reveal_by_those_who_are_in_or_look_on(room, ana, ben, ada, lea):
    meeting = room.go_to(room.begin(), "score")
    paper = meeting.papers[0]
    room.score(paper, ana)
    sheets.observe(paper, actor=ada)
    assert not any(discussing.sees(paper, each) for each in meeting.participants)
    room.go_to(meeting, "reveal")
    assert [each.person_id for each in meeting.participants if discussing.sees(paper, each)] == [
        ana.id,
        ada.id,
    ]
    with pytest.raises(Conflict, match="look on for this paper"):
        room.score(paper, ada)
    with pytest.raises(Conflict, match="in already"):
        sheets.observe(paper, actor=ana)
    with pytest.raises(Conflict, match="not shown to you yet"):
        discussing.say(meeting, "A 3.", session_paper=paper, actor=ben)


def test_own_students_work_is_sat_out(room, ana, ben, lea):
    meeting = room.go_to(room.begin(), "score")
    paper = meeting.papers[0]
    with transaction() as session:
        session.add(RosterEntry(person_id=ben.id, student_id=paper.paper.response.student_id))
    assert finding.standing(paper)[1] == {
        room.seat(meeting, each).id for each in (lea, *room.people) if each != ben
    }
    with pytest.raises(Conflict, match="sit this paper out"):
        room.score(paper, ben)
    room.score(paper, ana)
    room.go_to(meeting, "reveal")
    sheets.observe(paper, actor=ben)
    assert not discussing.sees(paper, room.seat(meeting, ben))


def test_only_those_who_are_here_are_waited_for(room, ana, ben, ada, lea):
    meeting = room.go_to(room.begin(lea, ana, ben), "score")
    paper = meeting.papers[0]
    room.score(paper, ana)
    assert finding.standing(paper) == (
        {room.seat(meeting, ana).id},
        {room.seat(meeting, each).id for each in (lea, ben)},
    )
    attendance.leave(room.seat(meeting, ben), actor=lea)
    attendance.come_in(meeting, actor=ada)
    assert finding.standing(paper)[1] == {room.seat(meeting, each).id for each in (lea, ada)}
    with pytest.raises(Conflict, match="Come in first"):
        room.score(paper, ben)
    with pytest.raises(NotAllowed):
        attendance.leave(room.seat(meeting, lea), actor=ana)


def test_the_leaders_scores_come_after_the_reveal(room, ana, lea):
    meeting = room.go_to(room.begin(), "score")
    paper = meeting.papers[0]
    room.score(paper, lea)
    with pytest.raises(Conflict, match="after those of all others"):
        running.show_leader(paper, actor=lea)
    room.go_to(meeting, "reveal")
    with pytest.raises(NotAllowed):
        running.show_leader(paper, actor=ana)
    running.show_leader(paper, actor=lea)
    assert paper.leader_shown_at is not None


def test_the_recorder_writes_down_the_consensus_with_a_reason(room, ana, ben, lea):
    meeting = room.go_to(room.begin(), "score")
    paper = meeting.papers[0]
    room.score(paper, ana)
    room.score(paper, ben)
    room.go_to(meeting, "agree")
    services.give_part(room.seat(meeting, ana), "recorder", actor=lea)
    with pytest.raises(NotAllowed):
        discussing.settle(paper, room.claim.id, score=3, reason="Because.", actor=ben)
    with pytest.raises(Invalid):
        discussing.settle(paper, room.claim.id, score=3, reason=" ", actor=ana)
    with pytest.raises(Invalid):
        discussing.settle(paper, room.claim.id, score=7, reason="Because.", actor=ana)
    discussing.settle(paper, room.claim.id, score=3, reason="Because.", actor=ana)
    discussing.settle(paper, room.claim.id, score=2, reason="We looked again.", actor=ana)
    assert (paper.agreed(room.claim.id).score, paper.agreed(room.claim.id).reason) == (2, "We looked again.")
    assert paper.agreed(room.evidence.id) is None


def test_revised_scores_follow_the_discussion_and_change_the_agreement(room, ana, ben, lea):
    meeting = room.go_to(room.begin(), "score")
    paper = meeting.papers[0]
    room.score(paper, ana, 1, 3)
    room.score(paper, ben, 3, 3)
    room.go_to(meeting, "reveal")
    revised = {room.claim.id: 3, room.evidence.id: 3}
    with pytest.raises(Conflict, match="after the discussion"):
        sheets.revise(paper, scores=revised, actor=ana)
    room.go_to(meeting, "agree")
    with pytest.raises(Conflict, match="first ones"):
        sheets.revise(paper, scores=revised, actor=lea)
    sheets.revise(paper, scores={**revised, room.claim.id: 2}, actor=ana)
    sheets.revise(paper, scores=revised, actor=ana)
    running.close(meeting, actor=lea)
    claim, evidence = minutes.minutes_of(meeting, None, lea, leads=True).traits
    assert [(each.papers, each.people, each.exact, each.near) for each in (claim.before, claim.after)] == [
        (1, 2, 0, 0),
        (1, 2, 1, 1),
    ]
    assert (evidence.before.exact, evidence.after.exact) == (1, 1)


def test_pairs_agree_before_all_scores_are_shown(room, ana, ben, ada, lea):
    meeting = room.begin(protocol="consensus-pairs")
    room.go_to(meeting, "score")
    paper = meeting.papers[0]
    room.score(paper, ana)
    room.go_to(meeting, "agree", in_pairs=True)
    pairs = {each.person_id: each.pair for each in meeting.participants}
    assert pairs == {ana.id: 1, ben.id: 1, ada.id: 1, lea.id: None}
    with pytest.raises(Conflict, match="own scores in first"):
        discussing.settle(paper, room.claim.id, score=3, reason="We agree.", actor=ben, pair=1)
    with pytest.raises(Conflict, match="each on its own"):
        discussing.settle(paper, room.claim.id, score=3, reason="We agree.", actor=ana, pair=2)
    discussing.settle(paper, room.claim.id, score=3, reason="We agree.", actor=ana, pair=1)
    assert paper.agreed(room.claim.id, 1).score == 3
    room.go_to(meeting, "reveal")
    with pytest.raises(Conflict, match="own step"):
        discussing.settle(paper, room.claim.id, score=2, reason="No.", actor=ana, pair=1)


def test_notes_belong_to_steps_made_for_talking(room, ana, lea):
    meeting = room.begin(protocol="tuning")
    asking = [each["kind"] for each in meeting.steps].index("question")
    with pytest.raises(Conflict, match="not come to this step"):
        discussing.say(meeting, "How long did they have?", step=asking, actor=ana)
    room.go_to(meeting, "question")
    asked = discussing.say(meeting, "How long did they have?", step=asking, actor=ana)
    answer = discussing.say(meeting, "Two lessons.", step=asking, reply_to_id=asked.id, actor=lea)
    more = discussing.say(meeting, "Thank you.", step=asking, reply_to_id=answer.id, actor=ana)
    assert more.reply_to_id == asked.id
    with pytest.raises(NotFound):
        discussing.say(meeting, "Norms?", step=0, actor=ana)
    with pytest.raises(NotFound):
        discussing.withdraw(asked.id, meeting, actor=lea)
    discussing.withdraw(asked.id, meeting, actor=ana)
    assert asked.withdrawn_at is not None


def test_the_debrief_comes_at_the_end_and_may_be_changed(room, ana, ben, lea):
    meeting = room.go_to(room.begin(), "score")
    with pytest.raises(Conflict, match="at the end"):
        discussing.answer_debrief(meeting, {"task": "Give more time."}, actor=ana)
    for paper in meeting.papers:
        if meeting.present_paper is not paper:
            room.go_to(meeting, "score")
        room.score(paper, ana)
    room.go_to(meeting, "debrief")
    discussing.answer_debrief(meeting, {"task": "Give more time.", "rubric": "", "teaching": "b"}, actor=ana)
    discussing.answer_debrief(meeting, {"task": "a"}, actor=ben)
    discussing.answer_debrief(meeting, {"teaching": ""}, actor=ana)
    assert [(each.question, each.text) for each in discussing.answers_of(meeting)] == [
        ("task", "a"),
        ("task", "Give more time."),
    ]


def test_a_closed_session_stays_as_it_is(room, ana, ben, lea):
    meeting = room.go_to(room.begin(), "score")
    paper = meeting.papers[0]
    room.score(paper, ana)
    room.go_to(meeting, "reveal")
    running.close(meeting, actor=lea)
    assert meeting.is_over and meeting.ended_at == meeting.closed_at
    for deed in (
        lambda: room.score(paper, ben),
        lambda: discussing.say(meeting, "Late.", session_paper=paper, actor=ana),
        lambda: running.close(meeting, actor=lea),
        lambda: services.invite(meeting, [ben], actor=lea),
        lambda: services.cancel(meeting, actor=lea),
    ):
        with pytest.raises(Conflict, match="closed"):
            deed()
    sheets.observe(paper, actor=ben)
    assert discussing.sees(paper, room.seat(meeting, ben))


def test_time_in_the_room_is_counted_step_by_step(room, ana, lea):
    start = now()
    with at(start):
        meeting = room.begin()
    seat = room.seat(meeting, ana)
    for seconds in (20, 50, 100, 500, 560):
        with at(start + timedelta(seconds=seconds)):
            attendance.note_seen(seat)
            db.session.expire_all()
    assert [(each.step, each.seconds) for each in seat.attendance] == [(0, 50 + 50 + 60)]
    with at(start + timedelta(seconds=570)):
        running.move(meeting, 1, seen=0, actor=lea)
    with at(start + timedelta(seconds=610)):
        attendance.note_seen(seat)
        db.session.expire_all()
    assert (seat.seconds, [each.step for each in seat.attendance]) == (210, [0, 1])
    assert {each.person_id: spent for each, spent in attendance.hours(meeting)}[ana.id] == 210
