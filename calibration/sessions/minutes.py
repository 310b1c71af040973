"""The minutes of a session, put together for one reader once it is over: nothing of a paper that this reader may not see.

Whoever has a seat reads about the papers that they scored, or chose to look on for. Leaders who look after the session
read everything, with the codes of the responses. Scores stand without names unless everybody who scored agreed to that.
"""

import sqlalchemy as sa

from calibration.papers.blind import owes
from calibration.sessions import attendance, discussing, finding, outcomes
from calibration.sessions.minutes_content import Decided, Minutes, PaperMinutes, Present, TraitMinutes, figure
from calibration.sessions.models import CalibrationSession, Remark
from calibration.sessions.room import PARTS, QUESTIONS
from calibration.sessions.sights import Sight, sights_of
from scoring.db import db
from scoring.errors import Conflict

FORMS = {"live": "Live", "asynchronous": "Asynchronous"}


def reader_of(session_id, person):
    """Return a session and this person's seat in it (None for a leader without one)."""
    meeting = db.session.scalar(finding.sessions_led(person).where(CalibrationSession.id == session_id))
    if meeting is None:
        seat = finding.seat_of(session_id, person)
        return seat.session, seat
    seats = [each for each in meeting.participants if each.person_id == person.id and each.removed_at is None]
    return meeting, seats[0] if seats else None


def minutes_of(meeting, seat, reader, *, leads):
    """Return the minutes of a session that is over, for the holder of a seat or for a leader who looks after it.

    Papers that the reader is still asked to score blind elsewhere are left out.
    """
    if meeting.cancelled_at is not None:
        raise Conflict("This session was called off, so there are no minutes.")
    if not meeting.is_over:
        raise Conflict("The minutes are written when the session is closed. Come back then.")
    seen = _seen(meeting, seat, reader, leads)
    named = _names_are_shown(meeting)
    return Minutes(
        title=meeting.title, organization=meeting.organization.name, task=meeting.rubric.task.title,
        rubric_version=meeting.rubric.version, protocol=meeting.protocol_name, form=FORMS[meeting.form],
        leader=meeting.leader.name, began=meeting.begun_at or meeting.created_at, ended=meeting.ended_at,
        people=_people(meeting), traits=_traits(meeting, seen),
        papers=tuple(_paper(each, named=named, with_code=leads) for each in seen),
        left_out=len(meeting.papers) - len(seen), notes=_notes(meeting), debrief=_debrief(meeting),
        outcomes=_outcomes(meeting, seen),
    )  # fmt: skip


def _seen(meeting, seat, reader, leads):
    if leads:
        owed = owes(reader, [each.paper.response_id for each in meeting.papers])
        return [each for each in meeting.papers if each.paper.response_id not in owed]
    sights = sights_of(meeting.papers, seat)
    return [each for each in meeting.papers if sights[each.id] is Sight.SHOWN]


def _people(meeting):
    return tuple(
        Present(seat.person.name, PARTS[seat.part], seat.joined_at, seat.last_seen_at, seconds)
        for seat, seconds in attendance.hours(meeting)
    )


def _names_are_shown(meeting):
    """Names stand beside scores when everybody with scores in the session agrees to it."""
    scored = {sheet.participant for paper in meeting.papers for sheet in paper.sheets}
    return bool(scored) and all(each.shows_name for each in scored)


# Agreement


def _traits(meeting, seen):
    """The agreement of blind scores; and for the same people and papers after the discussion, where any were revised."""
    blind = [each for paper in seen for each in paper.sheets if each.round == 1 and not each.is_late]
    revised = {(each.session_paper_id, each.participant_id): each.by_trait
               for paper in seen for each in paper.sheets if each.round == 2}  # fmt: skip
    told = []
    for trait in meeting.rubric.traits:
        before = [(each.session_paper_id, each.participant_id, each.by_trait[trait.id]) for each in blind]
        after = [
            (paper, who, revised.get((paper, who), {trait.id: score})[trait.id])
            for paper, who, score in before
        ]
        then = figure(after, trait.key, trait.values) if revised else None
        told.append(TraitMinutes(trait.name, figure(before, trait.key, trait.values), then))
    return tuple(told)


# Papers


def _paper(session_paper, *, named, with_code):
    said = _remarks(session_paper)
    sheets = [each for each in session_paper.sheets if each.round == 1]
    again = [each for each in session_paper.sheets if each.round == 2]
    return PaperMinutes(
        number=session_paper.position, code=session_paper.paper.response.code if with_code else "",
        traits=tuple(_decided(session_paper, trait, sheets, again, said.get(trait.id, ()), named)
                     for trait in session_paper.session.rubric.traits),
        remarks=said.get(None, ()) + tuple(sorted((each.reason for each in sheets if each.reason), key=str.casefold)),
    )  # fmt: skip


def _decided(session_paper, trait, sheets, again, remarks, named):
    agreed = session_paper.agreed(trait.id)
    words = [
        score.evidence
        for each in sheets
        for score in each.scores
        if score.trait_id == trait.id and score.evidence
    ]
    blind = [each.by_trait[trait.id] for each in sheets if not each.is_late]
    names = [(_named(each), each.by_trait[trait.id]) for each in sheets] if named else []
    return Decided(
        trait=trait.name, scores=tuple(sorted(blind)), late=len(sheets) - len(blind),
        revised=tuple(sorted(each.by_trait[trait.id] for each in again)), named=tuple(sorted(names)),
        consensus=agreed.score if agreed else None, reason=agreed.reason if agreed else "",
        evidence=tuple(sorted(words, key=str.casefold)), remarks=remarks,
    )  # fmt: skip


def _named(sheet):
    return sheet.participant.person.name + (" (late)" if sheet.is_late else "")


def _remarks(session_paper):
    """What was said about a paper by trait id (None: the whole paper), in order, without names."""
    query = sa.select(Remark).where(
        Remark.session_paper_id == session_paper.id, Remark.withdrawn_at.is_(None)
    )
    said = {}
    for each in db.session.scalars(query.order_by(Remark.created_at, Remark.id)):
        said.setdefault(each.trait_id, []).append(each.text)
    return {trait: tuple(texts) for trait, texts in said.items()}


def _notes(meeting):
    query = sa.select(Remark).where(
        Remark.session_id == meeting.id, Remark.step.is_not(None), Remark.withdrawn_at.is_(None)
    )
    found = db.session.scalars(query.order_by(Remark.step, Remark.created_at, Remark.id))
    return tuple((meeting.steps[each.step]["title"], each.text) for each in found)


def _debrief(meeting):
    answers = discussing.answers_of(meeting)
    told = ((words, tuple(each.text for each in answers if each.question is question))
            for question, words in QUESTIONS.items())  # fmt: skip
    return tuple((words, texts) for words, texts in told if texts)


# What came of it


def _outcomes(meeting, seen):
    ids = {each.id for each in seen}
    told = []
    for each in outcomes.outcomes_of(meeting):
        if each.clarification is not None:
            told.append(
                f"A clarification of {each.clarification.place} was proposed: {each.clarification.words}"
            )
        elif each.note is not None:
            told.append(f"A note to the next version of the task: {each.note.words}")
        elif each.session_paper_id in ids:
            told.append(
                f"The consensus scores of paper {each.session_paper.position} stand under the paper now."
            )
    return tuple(told)
