"""Asynchronous sessions: the clock decides when scores are shown."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from calibration.sessions import attendance, discussing, finding, running, services, sheets
from calibration.sessions.models import Form, Participant
from scoring.audit import AuditEntry
from scoring.db import at, db, now
from scoring.errors import Conflict, NotAllowed, NotFound
from tests import build
from tests.calibration.sessions.room import DAYS


def test_scores_are_shown_when_the_deadline_has_passed(room, ana, ben):
    meeting = room.open(Form.ASYNCHRONOUS)
    paper, seat = meeting.papers[0], room.seat(meeting, ana)
    room.score(paper, ana)
    assert not meeting.scoring_is_over and not discussing.sees(paper, seat)
    with at(meeting.score_by):
        assert meeting.scoring_is_over and discussing.sees(paper, seat)
        assert not discussing.sees(paper, room.seat(meeting, ben))
        assert room.score(paper, ben).is_late
        assert discussing.sees(paper, room.seat(meeting, ben))


def test_scores_are_shown_when_everybody_is_in(room, ana, ben, ada, lea):
    meeting = room.open(Form.ASYNCHRONOUS)
    first, second = meeting.papers
    for person in (ana, ben, lea):
        for paper in meeting.papers:
            room.score(paper, person)
    room.score(first, ada)
    assert not meeting.scoring_is_over
    sheets.observe(second, actor=ada)
    assert meeting.scoring_is_over and meeting.scoring_ended_at is not None
    with pytest.raises(Conflict, match="nobody can be invited"):
        services.invite(meeting, [build.a_person()], actor=lea)
    with pytest.raises(Conflict, match="deadline stay"):
        services.change(meeting, title="New", score_by=now() + DAYS, actor=lea)


def test_the_deadline_can_be_moved_while_scoring_goes_on(room, lea, ana):
    meeting = room.open(Form.ASYNCHRONOUS)
    services.change(meeting, title="New", score_by=now() + 9 * DAYS, closes_at=now() + 12 * DAYS, actor=lea)
    with at(now() + 5 * DAYS):
        assert not meeting.scoring_is_over
    with at(now() + 10 * DAYS):
        assert meeting.scoring_is_over and not meeting.is_over
    with at(now() + 12 * DAYS + timedelta(seconds=1)):
        assert meeting.is_over
        with pytest.raises(Conflict, match="closed"):
            room.score(meeting.papers[0], ana)


def test_a_proposal_counts_once_everybody_who_scored_supports_it(room, ana, ben, ada, lea):
    meeting = room.open(Form.ASYNCHRONOUS)
    paper = meeting.papers[0]
    for person in (ana, ben):
        room.score(paper, person)
    with pytest.raises(Conflict, match="not shown"):
        discussing.propose(paper, room.claim.id, score=3, reason="It is clear.", actor=ana)
    with at(meeting.score_by):
        with pytest.raises(Conflict, match="not shown"):
            discussing.propose(paper, room.claim.id, score=3, reason="It is clear.", actor=ada)
        made = discussing.propose(paper, room.claim.id, score=3, reason="It is clear.", actor=ana)
        assert paper.agreed(room.claim.id) is None
        sheets.observe(paper, actor=ada)
        with pytest.raises(NotAllowed):
            discussing.support(made.id, paper, actor=ada)
        discussing.support(made.id, paper, actor=ben)
        assert (paper.agreed(room.claim.id).score, paper.agreed(room.claim.id).reason) == (3, "It is clear.")
        with pytest.raises(Conflict, match="stands already"):
            discussing.propose(paper, room.claim.id, score=4, reason="No.", actor=ben)
        with pytest.raises(NotFound):
            discussing.withdraw_proposal(made.id, paper, actor=ben)


def test_a_proposal_counts_once_the_last_who_held_back_has_no_seat(room, ana, ben, ada, lea):
    meeting = room.open(Form.ASYNCHRONOUS, papers=1)
    paper = meeting.papers[0]
    for person in (ana, ben, ada, lea):
        room.score(paper, person)
    first = discussing.propose(paper, room.claim.id, score=3, reason="It is clear.", actor=ana)
    other = discussing.propose(paper, room.claim.id, score=4, reason="It is strong.", actor=ben)
    for person in (ben, lea):
        discussing.support(first.id, paper, actor=person)
    discussing.support(other.id, paper, actor=lea)
    services.remove(room.seat(meeting, ada), actor=lea)
    agreed = paper.agreed(room.claim.id)
    assert (agreed.score, agreed.reason, agreed.settled_by.person_id) == (3, "It is clear.", ana.id)
    assert paper.agreed(room.evidence.id) is None


def test_the_log_tells_alike_of_every_consensus(room, ana, ben, lea):
    meeting = room.open(Form.ASYNCHRONOUS, papers=1, people=[ana, ben], leader_scores=False)
    paper = meeting.papers[0]
    for person in (ana, ben):
        room.score(paper, person)
    made = discussing.propose(paper, room.claim.id, score=3, reason="It is clear.", actor=ana)
    discussing.support(made.id, paper, actor=ben)
    settled = discussing.settle(paper, room.evidence.id, score=2, reason="Decided.", actor=lea)
    told = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "session.agreed").order_by(AuditEntry.id)
    )
    facts = {"paper": paper.id, "pair": 0}
    assert [(each.subject_kind, each.subject_id, each.actor_id, each.after) for each in told] == [
        ("session_consensus", paper.agreed(room.claim.id).id, ben.id,
         facts | {"trait": room.claim.id, "score": 3, "reason": "It is clear."}),
        ("session_consensus", settled.id, lea.id, facts | {"trait": room.evidence.id, "score": 2, "reason": "Decided."}),
    ]  # fmt: skip


def test_the_leader_may_decide_after_looking(room, ana, lea):
    meeting = room.open(Form.ASYNCHRONOUS, leader_scores=False)
    paper = meeting.papers[0]
    room.score(paper, ana)
    with pytest.raises(Conflict, match="not shown"):
        discussing.settle(paper, room.claim.id, score=3, reason="Decided.", actor=lea)
    with at(meeting.score_by):
        discussing.settle(paper, room.claim.id, score=3, reason="Decided.", actor=lea)
        with pytest.raises(Conflict, match="Scores|score nothing"):
            room.score(paper, lea)
        running.close(meeting, actor=lea)
    assert meeting.is_over


def test_an_asynchronous_session_is_not_closed_before_the_deadline(room, lea):
    meeting = room.open(Form.ASYNCHRONOUS)
    with pytest.raises(Conflict, match="not over yet"):
        running.close(meeting, actor=lea)
    with pytest.raises(Conflict, match="no common steps"):
        running.begin(meeting, actor=lea)


def test_every_change_raises_the_version_that_pages_watch(room, ana, lea):
    meeting = room.go_to(room.begin(), "score")
    state, stage = meeting.state_version, meeting.stage_version
    room.score(meeting.papers[0], ana)
    assert (meeting.state_version, meeting.stage_version) == (state + 1, stage)
    attendance.show_name(meeting, True, actor=ana)
    assert meeting.stage_version == stage + 1


def test_participants_are_told_apart_by_district(room, lea, eve):
    meeting = room.open()
    assert (
        finding.sessions_of(eve).column_descriptions
        and not db.session.scalars(finding.sessions_of(eve)).all()
    )
    with pytest.raises(NotFound):
        finding.led(meeting.id, eve)
    assert finding.led(meeting.id, lea) is meeting
    assert db.session.scalar(sa.select(sa.func.count(Participant.id))) == 4
