"""Sheets: scores go in once and stay; after the discussion a participant may add revised ones; or one looks on."""

from calibration.papers.blind import knew, require_nothing_owed
from calibration.papers.secrecy import named_by, secret_responses
from calibration.sessions import finding, rules
from calibration.sessions.models import Observer, Sheet, SheetScore
from calibration.sessions.services import bump, end_scoring_if_all_are_in, lock, seat_in
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid
from scoring.reads import checking
from scoring.reads.rubrics import sheet_of
from scoring.reads.seen import note_seen

LONGEST = 2000


def rubric_of(meeting):
    """The session's rubric version as plain values."""
    return sheet_of(meeting.rubric_id, meeting.rubric.published_at)


def submit(session_paper, *, scores, evidence=None, reason="", actor):
    """Put one's scores of a paper in (by trait id), with what shows them. They can not be changed afterwards."""
    with transaction() as session:
        meeting, seat = _begin(session, session_paper, actor)
        given = _checked(meeting, scores, evidence, reason)
        if sheet_by(session_paper, seat) is not None:
            raise Conflict("Your scores of this paper are in already. They stay as they are.")
        if session.get(Observer, (session_paper.id, seat.id)) is not None:
            raise Conflict("You chose to look on for this paper, so it can not be scored any more.")
        if seat.id in finding.sitting_out(session_paper, [seat]):
            raise Conflict("You sit this paper out. Nothing was saved.")
        response_id = session_paper.paper.response_id
        if session_paper.is_revealed:
            _require_open_scores(session_paper)
        is_late = session_paper.is_revealed or bool(knew(actor, [response_id]))
        sheet = _write(session, session_paper, seat, 1, given, is_late=is_late)
        stage = session_paper.is_revealed or bool(meeting.is_live and meeting.present_step["in_pairs"])
        bump(meeting, stage=stage)
        note_seen([actor], [response_id])
        audit.record("session.scored", sheet, actor=actor, after={"paper": session_paper.id, "round": 1})
        end_scoring_if_all_are_in(meeting)
    return sheet


def revise(session_paper, *, scores, evidence=None, reason="", actor):
    """After the discussion: say how one would score now. It may be changed until the session goes on or ends."""
    with transaction() as session:
        meeting, seat = _begin(session, session_paper, actor)
        given = _checked(meeting, scores, evidence, reason)
        if sheet_by(session_paper, seat) is None:
            raise Conflict("Revised scores follow your own first ones, and those are not in.")
        if not may_revise(session_paper):
            raise Conflict("Revised scores are for after the discussion. Nothing was saved.")
        earlier = sheet_by(session_paper, seat, 2)
        if earlier is not None:
            session.delete(earlier)
            session.flush()
        sheet = _write(session, session_paper, seat, 2, given, is_late=False)
        bump(meeting, stage=False)
        audit.record("session.scored", sheet, actor=actor, after={"paper": session_paper.id, "round": 2})
    return sheet


def observe(session_paper, *, actor):
    """Choose to look on for one paper: its scores are shown to this person, who never scores it."""
    with transaction() as session:
        meeting = session_paper.session
        session.refresh(meeting, with_for_update=True)
        seat = seat_in(meeting, actor)
        if meeting.cancelled_at is not None:
            raise Conflict("This session was called off.")
        if sheet_by(session_paper, seat) is not None:
            raise Conflict("Your scores of this paper are in already.")
        if meeting.is_open:
            _require_begun(meeting, session_paper)
        _require_open_scores(session_paper)
        if session.get(Observer, (session_paper.id, seat.id)) is None:
            session.add(Observer(session_paper_id=session_paper.id, participant_id=seat.id))
            session.flush()
            require_nothing_owed(
                actor, session_paper.paper.response_id
            )  # elsewhere: here nobody waits any more
            bump(meeting, stage=False)
            note_seen([actor], [session_paper.paper.response_id])
            audit.record("session.observed", meeting, actor=actor, after={"paper": session_paper.id})
            end_scoring_if_all_are_in(meeting)


def sheet_by(session_paper, seat, number=1):
    """A participant's own sheet of a paper, or None."""
    return db.session.scalar(
        db.select(Sheet).where(
            Sheet.session_paper_id == session_paper.id, Sheet.participant_id == seat.id, Sheet.round == number
        )
    )


def sheets_by(session_paper, seat):
    """A participant's own sheets of a paper by round: one look for both."""
    query = db.select(Sheet).where(
        Sheet.session_paper_id == session_paper.id, Sheet.participant_id == seat.id
    )
    return {each.round: each for each in db.session.scalars(query)}


def may_score(session_paper):
    """Whether sheets of this paper may come in: live, from its silent scoring on; else from the beginning."""
    meeting = session_paper.session
    return meeting.is_open and (not meeting.is_live or _reached(meeting, session_paper, "score"))


def may_revise(session_paper):
    """Whether revised scores may come in: live, while this paper is agreed on or scored again; else in the discussion."""
    meeting = session_paper.session
    if not meeting.is_open or not session_paper.is_revealed:
        return False
    if not meeting.is_live:
        return True
    phase, step = meeting.phases[meeting.phase], meeting.present_step
    again = rules.is_second_score(meeting.steps, phase.step)
    return meeting.present_paper is session_paper and (
        again or (step["kind"] == "agree" and not step["in_pairs"])
    )


def _reached(meeting, session_paper, kind):
    if meeting.phase is None:
        return False
    place = session_paper.position - 1
    so_far = meeting.phases[: meeting.phase + 1]
    return any(each.paper == place and meeting.steps[each.step]["kind"] == kind for each in so_far)


def _require_begun(meeting, session_paper):
    if not may_score(session_paper):
        raise Conflict("This paper is not scored yet. Wait until the facilitator comes to it.")


def _require_open_scores(session_paper):
    """Nobody comes late to work that tests people by now: they would read its key."""
    if named_by([session_paper.paper.response_id], secret_responses()):
        raise Conflict(
            "This work is in a qualification or validity set now, so its scores are shown to nobody new."
        )


def _begin(session, session_paper, actor):
    meeting = lock(session, session_paper.session)
    seat = seat_in(meeting, actor)
    _require_begun(meeting, session_paper)
    if seat.observes:
        raise Conflict("You look on in this session and score nothing.")
    if meeting.is_live and not seat.is_here:
        raise Conflict("Come in first, then score.")
    return meeting, seat


def _checked(meeting, scores, evidence, reason):
    """Hold what was sent against the rubric; return it clean."""
    rubric = rubric_of(meeting)
    sent = checking.by_trait_id(rubric, checking.cleaned(scores, None, reason, None))
    checking.checked(rubric, sent)
    ids = {trait.id for trait in rubric.traits}
    evidence = {key: _clean(words) for key, words in (evidence or {}).items() if key in ids}
    if any(len(words) > LONGEST for words in evidence.values()):
        words = f"Evidence has room for {LONGEST:,} characters for each trait. Shorten it."
        raise Invalid(words, fields={"evidence": words})
    return sent["scores"], evidence, sent["note"]


def _write(session, session_paper, seat, number, given, *, is_late):
    scores, evidence, reason = given
    sheet = Sheet(
        session_paper_id=session_paper.id, participant_id=seat.id, round=number, is_late=is_late, reason=reason,
        submitted_at=now(),
        scores=[SheetScore(trait_id=trait, score=score, evidence=evidence.get(trait, ""))
                for trait, score in scores.items()],
    )  # fmt: skip
    session.add(sheet)
    session.flush()
    session.expire(session_paper, ["sheets"])
    return sheet


def _clean(words):
    return (words or "").replace("\x00", "").strip()
