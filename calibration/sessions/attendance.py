"""Who is there: coming in, leaving, whether the own name may be shown, and the time that people spend in a session."""

import sqlalchemy as sa

from calibration.sessions import finding
from calibration.sessions.models import Attendance, Participant
from calibration.sessions.services import bump, lock, seat_in
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict

NOTE_EVERY = 45  # seconds: a page that is open asks more often, and most of that is not worth a write
LONGEST_GAP = {
    True: 120,
    False: 600,
}  # seconds between two signs of life that count as being there: live, asynchronous
LOBBY = -1


def come_in(meeting, *, actor):
    """Enter a live session, or enter it again."""
    with transaction() as session:
        lock(session, meeting)
        seat = seat_in(meeting, actor)
        if not seat.is_here:
            is_first = seat.joined_at is None
            seat.joined_at, seat.left_at, seat.last_seen_at = seat.joined_at or now(), None, now()
            bump(meeting, stage=True)
            audit.record("session.joined" if is_first else "session.came_back", seat, actor=actor)
    return seat


def leave(seat, *, actor):
    """Leave a live session, or note that somebody has left it; nobody waits for them any more."""
    with transaction() as session:
        meeting = lock(session, seat.session)
        mine = seat_in(meeting, actor)
        if mine.id != seat.id:
            finding.require_control(mine)
        if not seat.is_here:
            raise Conflict("This person is not in the session now.")
        seat.left_at = now()
        bump(meeting, stage=True)
        audit.record("session.left", seat, actor=actor)


def show_name(meeting, wish, *, actor):
    """Say whether the own name may stand beside the own scores. Names are shown only when everybody says yes."""
    with transaction() as session:
        lock(session, meeting)
        seat = seat_in(meeting, actor)
        if seat.shows_name != bool(wish):
            seat.shows_name = bool(wish)
            bump(meeting, stage=True)
            audit.record("session.name_shown" if wish else "session.name_hidden", seat, actor=actor)


def is_due(seen_at):
    """Whether it is worth noting a sign of life."""
    return seen_at is None or (now() - seen_at).total_seconds() >= NOTE_EVERY


def note_seen(seat):
    """Remember that somebody is there, and count the time since the last sign. It changes nothing that others see."""
    meeting, moment = seat.session, now()
    gap = None if seat.last_seen_at is None else int((moment - seat.last_seen_at).total_seconds())
    if (
        not meeting.is_open
        or (gap is not None and gap < NOTE_EVERY)
        or (meeting.is_live and not seat.is_here)
    ):
        return
    step = LOBBY if meeting.phase is None else meeting.phases[meeting.phase].step
    seen_before = (
        Participant.last_seen_at == seat.last_seen_at
        if gap is not None
        else Participant.last_seen_at.is_(None)
    )
    values = {"last_seen_at": moment} | ({} if seat.joined_at else {"joined_at": moment})
    with transaction() as session:
        noted = session.execute(
            sa.update(Participant).where(Participant.id == seat.id, seen_before).values(values)
        )
        if noted.rowcount != 1 or gap is None or gap > LONGEST_GAP[meeting.is_live]:
            return  # another window of the same person was faster, or nobody was there in between
        spent = session.get(Attendance, (seat.id, step))
        if spent is None:
            session.add(Attendance(participant_id=seat.id, step=step, seconds=gap))
        else:
            spent.seconds += gap


def hours(meeting):
    """Return (participant, seconds) for everybody who was there, by name."""
    query = (
        sa.select(Participant.id, sa.func.sum(Attendance.seconds))
        .join(Attendance, Attendance.participant_id == Participant.id)
        .where(Participant.session_id == meeting.id)
        .group_by(Participant.id)
    )
    spent = dict(db.session.execute(query).all())
    there = [each for each in meeting.participants if each.joined_at is not None]
    return [
        (each, int(spent.get(each.id, 0)))
        for each in sorted(there, key=lambda each: (each.person.name, each.id))
    ]
