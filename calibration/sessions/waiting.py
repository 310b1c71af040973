"""What waits for a person in calibration sessions: papers to score, a discussion, a live session that is on or planned."""

from datetime import timedelta

import sqlalchemy as sa

from calibration.papers.models import Paper
from calibration.papers.showing import not_for
from calibration.sessions.models import CalibrationSession, Observer, Participant, SessionPaper, Sheet
from calibration.waiting import Waiting
from scoring.db import db, now

AHEAD = timedelta(days=7)  # a planned session is named a week before
MOST = 10


def waiting_for(person):
    """Return the sessions in which this person is asked to do something, the most urgent first."""
    found = []
    for meeting, seat in db.session.execute(_open_ones(person)):
        if meeting.is_open and (
            each := _live(meeting, seat) if meeting.is_live else _asynchronous(meeting, seat)
        ):
            found.append(each)
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


def _open_ones(person):
    return (
        sa.select(CalibrationSession, Participant)
        .join(Participant, Participant.session_id == CalibrationSession.id)
        .where(
            Participant.person_id == person.id, Participant.removed_at.is_(None), CalibrationSession.closed_at.is_(None),
            CalibrationSession.cancelled_at.is_(None),
            sa.or_(CalibrationSession.closes_at.is_(None), CalibrationSession.closes_at > now()),
        )
        .order_by(CalibrationSession.id.desc())
        .limit(MOST)
    )  # fmt: skip


def _live(meeting, seat):
    values = {"session_id": meeting.id}
    if meeting.begun_at is not None:
        words = "You are in." if seat.is_here else "It has begun. Come in."
        return 0, Waiting(meeting.title, f"This calibration session is on now. {words}", "Go to the session", "sessions.show", values)  # fmt: skip
    if meeting.starts_at is None or meeting.starts_at - AHEAD <= now():
        detail = "A live calibration session is planned. Its lobby is open."
        return 3, Waiting(meeting.title, detail, "Go to the lobby", "sessions.show", values)
    return None


def _asynchronous(meeting, seat):
    values = {"session_id": meeting.id}
    if meeting.scoring_is_over:
        detail = "All scores are shown. Talk about the differences, and agree on consensus scores."
        return 2, Waiting(meeting.title, detail, "Go to the discussion", "sessions.show", values)
    left = 0 if seat.observes else _to_score(meeting, seat)
    if not left:
        return None
    detail = f"{left} {'paper' if left == 1 else 'papers'} to score by yourself. The others see your scores when all are shown."
    return 1, Waiting(meeting.title, detail, "Score the papers", "sessions.show", values)


def _to_score(meeting, seat):
    """How many papers of an asynchronous session still wait for this person's scores."""
    mine = sa.select(Sheet.session_paper_id).where(Sheet.participant_id == seat.id)
    given_up = sa.select(Observer.session_paper_id).where(Observer.participant_id == seat.id)
    query = sa.select(Paper).join(SessionPaper, SessionPaper.paper_id == Paper.id)
    left = db.session.scalars(query.where(
        SessionPaper.session_id == meeting.id, SessionPaper.id.not_in(mine), SessionPaper.id.not_in(given_up)
    )).all()  # fmt: skip
    return len({each.id for each in left} - not_for(left, seat.person)) if left else 0
