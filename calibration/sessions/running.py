"""A live session as its facilitator leads it: from phase to phase, with a timer, up to the end."""

from datetime import timedelta

from calibration.sessions import finding, rules
from calibration.sessions.models import Part
from calibration.sessions.services import bump, lock, seat_in
from scoring import audit
from scoring.db import now, transaction
from scoring.errors import Conflict, Invalid

LONGEST_EXTENSION = 60  # minutes
LONGEST = timedelta(hours=24)  # a live session that nobody closed is over a day after it began


def begin(meeting, *, actor):
    """Leave the lobby: the first step begins for everybody. A day later the session is over by itself."""
    with transaction() as session:
        _lock_live(session, meeting, actor)
        if meeting.begun_at is not None:
            raise Conflict("The session has begun already.")
        meeting.begun_at, meeting.closes_at = now(), now() + LONGEST
        _enter(meeting, 0)
        audit.record("session.begun", meeting, actor=actor)
    return meeting


def move(meeting, by, *, seen, actor):
    """Go one phase on (1) or back (-1). `seen` is the phase that was on the page, so that two clicks move once."""
    with transaction() as session:
        _lock_live(session, meeting, actor)
        if meeting.phase is None:
            raise Conflict("The session has not begun yet. Begin it first.")
        if meeting.phase != seen:
            raise Conflict("Somebody has moved the session in the meantime. Look where it is now.")
        to = meeting.phase + by
        if not 0 <= to < len(meeting.phases):
            raise Conflict("There is no further step this way.")
        before = meeting.phase
        _enter(meeting, to)
        audit.record("session.moved", meeting, actor=actor, before={"phase": before}, after={"phase": to})
    return meeting


def _enter(meeting, phase):
    """Begin a phase: its timer, and what belongs to its kind of step."""
    meeting.phase = phase
    step, paper = meeting.present_step, meeting.present_paper
    if step["kind"] == "reveal" and paper.revealed_at is None:
        found, waiting = finding.standing(paper)
        if waiting and not found:
            raise Conflict(
                "Nobody's scores are in yet, so there is nothing to reveal. Wait for the first ones."
            )
        paper.revealed_at = now()
    if step["in_pairs"]:
        _pair_up(meeting)
    meeting.step_ends_at = now() + timedelta(minutes=step["minutes"])
    meeting.step_seconds_left = None
    bump(meeting, stage=True)


def _pair_up(meeting):
    """Put everybody who is here and scores in pairs, once; the leader stays outside, whose scores come last."""
    here = [each for each in meeting.participants
            if each.is_here and not each.observes and each.person_id != meeting.leader_id]  # fmt: skip
    if not any(each.pair for each in here):
        for each, pair in rules.pairs_of(here).items():
            each.pair = pair
    for each in here:
        if each.pair is None:
            sizes = {
                pair: sum(one.pair == pair for one in here) for pair in {one.pair for one in here} - {None}
            }
            each.pair = min(sizes, key=lambda pair: (sizes[pair], pair))


def show_leader(session_paper, *, actor):
    """Show the leader's scores of a paper, after everybody has seen the others'."""
    with transaction() as session:
        meeting = lock(session, session_paper.session)
        finding.require_control(seat_in(meeting, actor))
        if not session_paper.is_revealed:
            raise Conflict("The scores are not shown yet. The leader's come after those of all others.")
        if session_paper.leader_shown_at is None:
            session_paper.revealed_at = session_paper.revealed_at or now()
            session_paper.leader_shown_at = now()
            bump(meeting, stage=True)
            audit.record("session.leader_shown", meeting, actor=actor, after={"paper": session_paper.id})
    return session_paper


# The timer


def pause(meeting, *, actor):
    """Let the timer stand still."""
    with transaction() as session:
        _lock_live(session, meeting, actor, Part.TIMEKEEPER)
        if meeting.step_ends_at is not None:
            meeting.step_seconds_left = int((meeting.step_ends_at - now()).total_seconds())
            meeting.step_ends_at = None
            bump(meeting, stage=True)
            audit.record("session.timer_paused", meeting, actor=actor)


def go_on(meeting, *, actor):
    """Let the timer run again."""
    with transaction() as session:
        _lock_live(session, meeting, actor, Part.TIMEKEEPER)
        if meeting.step_seconds_left is not None:
            meeting.step_ends_at = now() + timedelta(seconds=meeting.step_seconds_left)
            meeting.step_seconds_left = None
            bump(meeting, stage=True)
            audit.record("session.timer_resumed", meeting, actor=actor)


def extend(meeting, minutes, *, actor):
    """Give the present step more time, counted from now where its time is up already."""
    if not 1 <= minutes <= LONGEST_EXTENSION:
        raise Invalid(f"Add 1 to {LONGEST_EXTENSION} minutes.")
    with transaction() as session:
        _lock_live(session, meeting, actor, Part.TIMEKEEPER)
        more = timedelta(minutes=minutes)
        if meeting.step_seconds_left is not None:
            meeting.step_seconds_left = max(meeting.step_seconds_left, 0) + minutes * 60
        elif meeting.step_ends_at is not None:
            meeting.step_ends_at = max(meeting.step_ends_at, now()) + more
        else:
            raise Conflict("The session has not begun yet. Begin it first.")
        bump(meeting, stage=True)
        audit.record("session.time_added", meeting, actor=actor, after={"minutes": minutes})


# The end


def close(meeting, *, actor):
    """End a session for good: what was agreed stays as it is."""
    with transaction() as session:
        lock(session, meeting)
        finding.require_control(seat_in(meeting, actor))
        if meeting.is_live and meeting.begun_at is None:
            raise Conflict("The session has not begun. Begin it, or call it off.")
        if not meeting.is_live and not meeting.scoring_is_over:
            raise Conflict("Scoring is not over yet. Wait for the deadline, or call the session off.")
        meeting.closed_at = now()
        meeting.step_ends_at = meeting.step_seconds_left = None
        bump(meeting, stage=True)
        audit.record("session.closed", meeting, actor=actor)
    return meeting


def _lock_live(session, meeting, actor, *parts):
    lock(session, meeting)
    if not meeting.is_live:
        raise Conflict("This session has no common steps: everybody comes when it suits them.")
    finding.require_control(seat_in(meeting, actor), *parts)
