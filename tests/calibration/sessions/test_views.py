"""Pages of sessions: who gets them, what they say, what an open room asks for, and what waits."""

import pytest
import sqlalchemy as sa

from calibration.sessions import attendance, discussing, protocols, rules, running, services
from calibration.sessions.models import Form, Protocol
from calibration.sessions.waiting import waiting_for
from scoring.db import at, db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.responses.models import RosterEntry
from scoring.tasks import clarifying
from tests.calibration.sessions.room import DAYS
from tests.statements import watched


def test_an_unchanged_room_answers_that_nothing_has_changed(room, ana, lea, sign_in):
    meeting = room.go_to(room.begin(papers=1), "score")
    place, client = f"/sessions/{meeting.id}/state", sign_in(ana)
    first = client.get(place)
    assert first.json["counts"] == "0 of 4 are in" and 300 < first.json["left"] <= 360
    again = client.get(place, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    room.score(meeting.papers[0], lea)
    third = client.get(place, headers={"If-None-Match": first.headers["ETag"]})
    assert (third.status_code, third.json["counts"]) == (200, "1 of 4 are in")
    assert third.json["stage"] == first.json["stage"]


def test_an_unchanged_room_costs_one_look_beside_signing_in(room, ana, sign_in):
    meeting = room.begin(papers=1)
    client = sign_in(ana)
    client.get("/account")
    tag = client.get(f"/sessions/{meeting.id}/state").headers["ETag"]
    with watched() as asked:
        client.get(f"/sessions/{meeting.id}/state", headers={"If-None-Match": tag})
    assert len([each for each in asked if "session_participant" in each]) == 1
    assert not [each for each in asked if not each.lstrip().upper().startswith(("SELECT", "BEGIN"))]


@pytest.mark.parametrize("who", ["ana", "lea"])
def test_a_room_asks_as_often_for_many_papers_as_for_one(room, ana, ben, lea, sign_in, who):
    client, asked = sign_in({"ana": ana, "lea": lea}[who]), []
    for papers in (1, 1, 3):  # the first time the person is looked up anew
        meeting = room.open(Form.ASYNCHRONOUS, papers=papers)
        room.score(meeting.papers[0], ben)
        place = f"/sessions/{meeting.id}"
        client.get(place)
        with watched() as seen:
            page = client.get(place).text
        assert (page.count("To score"), page.count("1 of 4 are in")) == (papers, 1)
        asked.append(len(seen))
    assert asked[1] == asked[2]


def test_strangers_get_the_same_answer_as_for_what_is_not_there(room, ana, eve, sign_in):
    meeting = room.open()
    client = sign_in(eve)
    for path in ("", "/state", f"/papers/{meeting.papers[0].id}"):
        assert client.get(f"/sessions/{meeting.id}{path}").status_code == 404
    services.remove(room.seat(meeting, ana), actor=room.lea)
    assert sign_in(ana).get(f"/sessions/{meeting.id}").status_code == 404


def test_whoever_has_not_come_in_sees_no_work(room, ana, lea, sign_in):
    meeting = room.go_to(room.begin(lea, papers=1), "score")
    page = sign_in(ana).get(f"/sessions/{meeting.id}")
    assert b"Come in" in page.data and b"This is essay number" not in page.data


def test_the_rubric_and_the_task_are_there_wherever_a_paper_is_read_or_talked_about(
    room, ana, lea, nell, sign_in
):
    meeting = room.go_to(room.begin(lea, ana, papers=1), "read")
    clarifying.add_clarification(
        room.rubric, trait=room.claim, score=2, words="A side that is kept.", actor=nell
    )
    client, place = sign_in(ana), f"/sessions/{meeting.id}"
    page = client.get(place).text
    for words in ("What students were asked", "Then argue for one side.", room.claim.points[0].descriptor, "A side that is kept."):  # fmt: skip
        assert words in page
    assert "<summary>The rubric</summary>" not in page
    room.go_to(meeting, "score")
    assert client.get(place).text.count("What students were asked") == 1
    room.score(meeting.papers[0], ana)
    for kind in ("reveal", "discuss", "agree"):
        room.go_to(meeting, kind)
        page = client.get(place).text
        assert "<summary>The rubric</summary>" in page and "A side that is kept." in page


def test_a_sheet_that_can_not_be_taken_keeps_what_was_typed(room, ana, lea, sign_in):
    meeting = room.go_to(room.begin(papers=1), "score")
    place = f"/sessions/{meeting.id}/papers/{meeting.papers[0].id}"
    reply = sign_in(ana).post(place, data={"trait-claim": "2", "evidence-claim": "Line 1."})
    assert reply.status_code == 422
    assert b"Choose a score for Evidence." in reply.data and b"Line 1." in reply.data
    assert b"data-room" in reply.data and b"0 of 4 are in" in reply.data  # still in the room, with its timer


def test_a_running_room_has_no_badge_that_would_grow_stale(room, ana, lea, sign_in):
    meeting, badges = room.open(papers=1), (b"Not begun</span>", b"Running</span>")
    client, place = sign_in(ana), f"/sessions/{meeting.id}"
    assert not any(each in client.get(place).data for each in badges)
    attendance.come_in(meeting, actor=lea)
    running.begin(meeting, actor=lea)
    assert not any(each in client.get(place).data for each in badges)
    running.close(meeting, actor=lea)
    assert b"Closed</span>" in client.get(place).data


def test_all_consensus_scores_that_are_filled_in_are_written_down_at_once(room, ana, ben, lea, sign_in):
    meeting = room.go_to(room.begin(papers=1), "score")
    paper, claim, evidence = meeting.papers[0], room.claim.id, room.evidence.id
    room.score(paper, lea)
    room.go_to(meeting, "agree")
    client, place = sign_in(lea), f"/sessions/{meeting.id}/papers/{paper.id}/consensus"
    reply = client.post(place, data={f"score-{claim}": 3, f"reason-{claim}": "Kept.", f"score-{evidence}": 2})
    assert reply.status_code == 422 and paper.agreed(claim) is None
    assert (
        b"Say why Evidence gets this score" in reply.data
        and b"Kept." in reply.data
        and b"data-room" in reply.data
    )
    assert f'id="settle-{evidence}-2" name="score-{evidence}" value="2" form="settle" checked' in reply.text
    sent = {
        f"score-{claim}": 3,
        f"reason-{claim}": "Kept.",
        f"score-{evidence}": 2,
        f"reason-{evidence}": "Named.",
    }
    assert client.post(place, data=sent).status_code == 302
    assert [paper.agreed(each).score for each in (claim, evidence)] == [3, 2]
    discussing.settle(paper, claim, score=4, reason="Looked again.", actor=lea)  # in another window
    client.post(
        place,
        data=sent | {f"stood-{claim}": "3 Kept.", f"stood-{evidence}": "2 Named.", f"score-{evidence}": 1},
    )
    assert [paper.agreed(each).score for each in (claim, evidence)] == [
        4,
        1,
    ]  # what nobody touched is left alone
    client.post(place, data={})
    assert b"for one trait at least" in client.get(f"/sessions/{meeting.id}").data


def test_what_is_not_agreed_on_is_named_before_the_session_goes_on_and_ends(room, ana, lea, sign_in):
    meeting = room.begin(lea, ana)
    client, other, place = sign_in(lea), sign_in(ana), f"/sessions/{meeting.id}"
    for paper in meeting.papers:
        room.go_to(meeting, "score")
        room.score(paper, lea)
        room.score(paper, ana)
        room.go_to(meeting, "agree")
        assert "Not agreed on yet: Claim, Evidence." in client.get(place).text
        discussing.settle(paper, room.claim.id, score=3, reason="Kept.", actor=lea)
        assert "Not agreed on yet: Evidence." in client.get(place).text
    discussing.settle(paper, room.evidence.id, score=3, reason="Named.", actor=lea)
    assert "Not agreed" not in client.get(place).text
    room.go_to(meeting, "debrief")
    page = client.get(place).text
    assert "after that. Not agreed on yet: paper 1 (Evidence). What is not written down" in page
    assert "Not agreed" not in other.get(place).text
    discussing.settle(meeting.papers[0], room.evidence.id, score=3, reason="Named.", actor=lea)
    assert "Not agreed" not in client.get(place).text


@pytest.mark.parametrize("form", list(Form))
def test_who_sits_a_paper_out_is_named_to_the_facilitator_only(room, ana, ben, ada, lea, sign_in, form):
    meeting = room.open(form) if form is Form.ASYNCHRONOUS else room.go_to(room.begin(), "score")
    with transaction() as session:
        session.add(RosterEntry(person_id=ben.id, student_id=meeting.papers[0].paper.response.student_id))
    words, place = "3 can score it. Ben Okafor sits it out.", f"/sessions/{meeting.id}"
    client = sign_in(lea)
    assert words in client.get(place).text and words in client.get(f"{place}/set-up").text
    assert "can score it" not in sign_in(ana).get(place).text
    services.remove(room.seat(meeting, ada), actor=lea)
    page = sign_in(ada).get(f"{place}/set-up").text  # she leads calibration there, but not this session
    assert "2 can score it. 1 sits it out." in page
    if form is Form.ASYNCHRONOUS:
        assert "You sit it out" in sign_in(ben).get(place).text


def test_a_remark_that_can_not_be_taken_keeps_what_was_typed(room, ana, ben, lea, sign_in):
    meeting = room.open(Form.ASYNCHRONOUS, papers=1, leader_scores=False, people=[ana, ben])
    paper = meeting.papers[0]
    room.score(paper, ana)
    room.score(paper, ben)
    sent = {
        "trait": room.claim.id,
        "score": "9",
        "reason": "My long reason.",
        "key": f"propose-{room.claim.id}",
    }
    reply = sign_in(ana).post(f"/sessions/{meeting.id}/papers/{paper.id}/proposals", data=sent)
    assert reply.status_code == 422 and b"My long reason." in reply.data


def test_what_waits_is_named_and_goes_away(room, ana, ben, ada, lea):
    live = room.open(papers=1, title="Live", starts_at=now() + DAYS)
    slow = room.open(Form.ASYNCHRONOUS, papers=2, title="Slow")
    assert [(each.title, each.action) for each in waiting_for(ana)] == [
        ("Slow", "Score the papers"),
        ("Live", "Go to the lobby"),
    ]
    room.score(slow.papers[0], ana)
    assert waiting_for(ana)[0].detail.startswith("1 paper to score")
    room.score(slow.papers[1], ana)
    assert [each.title for each in waiting_for(ana)] == ["Live"]
    attendance.come_in(live, actor=lea)
    running.begin(live, actor=lea)
    assert "is on now. It has begun" in waiting_for(ana)[0].detail
    with at(slow.score_by):
        assert [each.action for each in waiting_for(ben)] == [
            "Go to the discussion"
        ]  # the live one is over by itself
        running.close(slow, actor=lea)
        assert waiting_for(ben) == []


def test_a_live_session_nobody_closed_is_over_a_day_later(room, ana):
    meeting = room.begin(papers=1)
    with at(now() + DAYS):
        assert meeting.is_over
        with pytest.raises(Conflict, match="closed"):
            attendance.come_in(meeting, actor=ana)


def test_protocols_that_come_with_the_product_are_sound(app):
    assert [each.key for each in protocols.built_in()] == ["calibration", "consensus-pairs", "tuning"]
    for each in protocols.built_in():
        assert rules.problems(each.steps) == []
        assert all(set(step) == set(rules.FIELDS) for step in each.steps)
    assert 35 <= rules.minutes_in_all(protocols.built_in()[0].steps, 1) <= 40


def test_a_copy_is_changed_and_its_source_is_not(app, lea, alder, ana, eve):
    source = protocols.built_in_by_key("calibration")
    mine = protocols.copy(source, alder, name="Ours", actor=lea)
    protocols.move_step(mine, 0, 1, actor=lea)
    protocols.move_step(mine, 0, -1, actor=lea)
    protocols.put_step(mine, 7, rules.step("reflect", "Think"), actor=lea)
    protocols.remove_step(mine, 1, actor=lea)
    assert [each["kind"] for each in mine.steps] == [
        "read",
        "score",
        "reveal",
        "discuss",
        "agree",
        "debrief",
        "reflect",
    ]
    assert source.steps[0]["kind"] == "norms"
    with pytest.raises(Invalid, match="1 to 240 minutes"):
        protocols.put_step(mine, 0, rules.step("read", minutes=0), actor=lea)
    with pytest.raises(Conflict, match="already"):
        protocols.copy(source, alder, name="Ours", actor=lea)
    with pytest.raises(NotAllowed):
        protocols.copy(source, alder, name="Mine", actor=ana)
    with pytest.raises(NotFound):
        protocols.protocol_by_id(mine.id, eve)
    protocols.describe(mine, name="Ours, short", summary="For Mondays.", actor=lea)
    protocols.retire(mine, actor=lea)
    assert db.session.scalars(protocols.protocol_query(lea)).all() == []
    with pytest.raises(Conflict, match="retired"):
        protocols.remove_step(mine, 0, actor=lea)
    assert db.session.scalar(sa.select(sa.func.count(Protocol.id))) == 1


def test_a_leader_looks_after_sessions_of_other_leaders(room, ada, lea, ana, ben, sign_in):
    meeting = room.open(people=[ana, ben])
    client = sign_in(ada)
    assert b"Led by others" in client.get("/sessions/").data
    assert client.get(f"/sessions/{meeting.id}").status_code == 404
    page = client.get(f"/sessions/{meeting.id}/set-up")
    assert page.status_code == 200 and b"Go to the session" not in page.data
    assert sign_in(ana).get(f"/sessions/{meeting.id}/set-up").status_code == 403
    first = meeting.papers[0].id
    client.post(f"/sessions/{meeting.id}/papers/{first}/move", data={"by": 1})
    assert [paper.position for paper in meeting.papers if paper.id == first] == [2]
    assert client.post(f"/sessions/{meeting.id}/cancel").status_code == 302
    assert b"called off" in sign_in(ana).get(f"/sessions/{meeting.id}").data


def test_title_and_times_are_edited_until_a_session_begins(room, lea, sign_in):
    meeting = room.open(starts_at=now() + DAYS)
    client, place, wanted = sign_in(lea), f"/sessions/{meeting.id}", now() + 5 * DAYS
    assert f'href="{place}/edit"' in client.get(f"{place}/set-up").text
    for sent, field in (
        ({"title": " "}, "title"),
        ({"title": "Later", "starts_at": "2020-01-01T00:00"}, "starts_at"),
    ):
        reply = client.post(f"{place}/edit", data=sent)
        assert reply.status_code == 422 and f'id="{field}-error"' in reply.text
    assert (
        client.post(
            f"{place}/edit", data={"title": "Later", "starts_at": f"{wanted:%Y-%m-%dT%H:%M}"}
        ).status_code
        == 302
    )
    assert meeting.title == "Later" and abs((meeting.starts_at - wanted).total_seconds()) < 60
    with at(meeting.starts_at + DAYS):  # a start that has passed since may stay
        services.change(meeting, title="Late", starts_at=meeting.starts_at, actor=lea)
    attendance.come_in(meeting, actor=lea)
    running.begin(meeting, actor=lea)
    assert b"has begun" in client.post(f"{place}/edit", data={"title": "Too late"}).data
    assert meeting.title == "Late" and f'href="{place}/edit"' not in client.get(f"{place}/set-up").text


def test_the_deadline_is_edited_while_scoring_goes_on(room, lea, sign_in):
    meeting = room.open(Form.ASYNCHRONOUS)
    client, place = sign_in(lea), f"/sessions/{meeting.id}/edit"
    assert client.post(place, data={"title": "New", "score_by": "2020-01-01T00:00"}).status_code == 422
    wanted = now() + 5 * DAYS
    assert (
        client.post(place, data={"title": "New", "score_by": f"{wanted:%Y-%m-%dT%H:%M}"}).status_code == 302
    )
    assert meeting.title == "New" and abs((meeting.score_by - wanted).total_seconds()) < 60


def test_answers_to_the_debrief_stand_without_names(room, ana, ben, lea, sign_in):
    meeting = room.open(Form.ASYNCHRONOUS, papers=1, people=[ana, ben], leader_scores=False)
    for person in (ana, ben):
        room.score(meeting.papers[0], person)
    reply = sign_in(ana).post(f"/sessions/{meeting.id}/debrief", data={"task": "More time."})
    assert reply.status_code == 302
    assert b"More time." in sign_in(ben).get(f"/sessions/{meeting.id}").data
    assert [each.text for each in discussing.answers_of(meeting)] == ["More time."]
