"""The room of a session as one participant sees it: where it stands, who is there, and what may be done now."""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from calibration.sessions import discussing, finding, rules, showing
from calibration.sessions.models import CalibrationSession, Part, Participant, Question, Remark
from calibration.sessions.sights import Sight, sight_of
from scoring.db import db, now

QUESTIONS = {
    Question.TASK: "What should change in the task?",
    Question.RUBRIC: "What should change in the rubric?",
    Question.TEACHING: "What should change in our teaching?",
}
PARTS = {
    Part.FACILITATOR: "Facilitator", Part.TIMEKEEPER: "Timekeeper", Part.RECORDER: "Recorder", Part.PRESENTER: "Presenter",
    Part.MEMBER: "Member",
}  # fmt: skip


@dataclass(frozen=True)
class PersonShown:
    """Somebody with a seat."""

    id: int
    name: str
    part: str
    is_me: bool
    is_here: bool
    was_here: bool


@dataclass(frozen=True)
class StepShown:
    """One step of the protocol on the way through a session."""

    number: int
    title: str
    words: str
    minutes: int
    is_now: bool
    is_done: bool


@dataclass(frozen=True)
class Room:
    """A session as one participant sees it."""

    id: int
    title: str
    task: str
    directions: str
    version: int
    protocol: str
    state: str  # lobby, running, scoring, discussing, closed, cancelled
    is_live: bool
    starts_at: object
    score_by: object
    closes_at: object
    ended_at: object
    minutes: int
    phase: int | None
    steps: tuple
    step: dict | None
    place: str
    seconds_left: int | None
    is_paused: bool
    people: tuple
    me: PersonShown
    shows_name: bool
    leads: bool
    keeps_time: bool
    records: bool
    may_set_up: bool
    who_scores: dict  # words by the id of a paper, for whoever leads
    not_agreed: tuple  # (number of the paper, names of traits without a consensus score), for whoever leads
    next_step: str
    has_previous: bool
    versions: tuple  # (state, stage): what the page watches
    notes: tuple
    debrief_is_open: bool
    own_answers: dict
    answers: tuple  # (question, text)
    papers: tuple
    present: object = None


def room_of(seat):
    """Return the session as this participant sees it at present."""
    meeting = seat.session
    step, paper = meeting.present_step, meeting.present_paper
    is_at_work = paper is not None and meeting.is_open and seat.is_here
    present = showing.paper_shown(paper, seat) if is_at_work else None
    leads = finding.controls(seat)
    mine = [each for each in discussing.answers_of(meeting) if each.participant_id == seat.id]
    papers = finding.papers_at_hand(meeting)
    is_open, listed = discussing.debrief_is_open(meeting), _listed(papers, seat, present)
    # Answers may tell of any paper.
    tells = is_open and all(each.sight is not showing.Sight.BLIND for each in listed)
    return Room(
        id=meeting.id, title=meeting.title, task=meeting.rubric.task.title, version=meeting.rubric.version,
        directions=meeting.rubric.task.directions, protocol=meeting.protocol_name, state=state_of(meeting),
        is_live=meeting.is_live, starts_at=meeting.starts_at, score_by=meeting.score_by, closes_at=meeting.closes_at, ended_at=meeting.ended_at, phase=meeting.phase,
        minutes=rules.minutes_in_all(meeting.steps, len(meeting.papers)), steps=_steps(meeting), step=step,
        place=f"Paper {paper.position} of {len(meeting.papers)}" if paper else "", seconds_left=seconds_left(meeting),
        is_paused=meeting.step_seconds_left is not None, people=_people(meeting, seat), me=_person(seat, seat),
        shows_name=seat.shows_name, leads=leads, keeps_time=finding.controls(seat, Part.TIMEKEEPER),
        records=finding.controls(seat, Part.RECORDER), may_set_up=seat.person_id == meeting.leader_id,
        who_scores=who_scores(meeting, papers, named=True) if leads else {},
        not_agreed=_not_agreed(meeting, papers) if leads else (), next_step=_next(meeting), has_previous=bool(meeting.phase), versions=(meeting.state_version, meeting.stage_version),
        notes=_notes(meeting, seat), debrief_is_open=is_open, own_answers={each.question: each.text for each in mine},
        answers=tuple((QUESTIONS[each.question], each.text) for each in discussing.answers_of(meeting)) if tells else (),
        papers=listed, present=present,
    )  # fmt: skip


def _listed(papers, seat, present):
    """The papers in the list of papers; the one on the stage is not looked up again."""
    if present is None:
        return tuple(showing.papers_listed(papers, seat))
    others = showing.papers_listed([each for each in papers if each.id != present.id], seat)
    agreed = tuple((trait.name, trait.agreed.score) for trait in present.traits if trait.agreed)
    mine = replace(present, work=None, traits=(), agreed=agreed)
    return tuple(sorted([*others, mine], key=lambda each: each.position))


def state_of(meeting):
    """Say in one word where a session stands."""
    if meeting.cancelled_at is not None:
        return "cancelled"
    if meeting.is_over:
        return "closed"
    if meeting.is_live:
        return "lobby" if meeting.phase is None else "running"
    return "discussing" if meeting.scoring_is_over else "scoring"


def seconds_left(meeting):
    """Seconds left in the present step, below 0 when its time is up; None when no timer is set."""
    if meeting.step_seconds_left is not None:
        return meeting.step_seconds_left
    if meeting.step_ends_at is None or not meeting.is_open:
        return None
    return int((meeting.step_ends_at - now()).total_seconds())


def _steps(meeting):
    now_at = None if meeting.phase is None else meeting.phases[meeting.phase].step
    return tuple(
        StepShown(number, each["title"], each["words"], each["minutes"], number - 1 == now_at, now_at is not None and number - 1 < now_at)
        for number, each in enumerate(meeting.steps, 1)
    )  # fmt: skip


def _people(meeting, seat):
    found = [_person(each, seat) for each in meeting.participants if each.removed_at is None]
    return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.id)))


def _person(each, seat):
    return PersonShown(each.id, each.person.name, PARTS[each.part], each.id == seat.id, each.is_here, each.joined_at is not None)  # fmt: skip


def _next(meeting):
    """What the button for the next phase says; empty at the end."""
    if meeting.phase is None or meeting.phase + 1 >= len(meeting.phases):
        return ""
    here, there = meeting.phases[meeting.phase], meeting.phases[meeting.phase + 1]
    title = meeting.steps[there.step]["title"]
    if there.paper is not None and there.paper != here.paper:
        return f"{title}, paper {there.paper + 1}"
    return title


def who_scores(meeting, papers, *, named):
    """Say of each paper, by its id, how many can score it and who sits it out; never why, for that tells who teaches whom."""
    return {
        paper_id: _able_words(*found, named=named)
        for paper_id, found in finding.who_scores(meeting, papers).items()
    }


def _able_words(able, out, *, named):
    if not able:
        return "Nobody can score it at present."
    words = f"{len(able)} can score it."
    if not out:
        return words
    sits = "sits" if len(out) == 1 else "sit"
    if not named:
        return f"{words} {len(out)} {sits} it out."
    return f"{words} {', '.join(each.person.name for each in out)} {sits} it out."


def _not_agreed(meeting, papers):
    """Where the group has yet to agree, paper by paper; nowhere when the protocol does not ask for it."""
    if meeting.is_live and not any(
        each["kind"] == "agree" and not each["in_pairs"] for each in meeting.steps
    ):
        return ()
    found = [(paper.position, [trait.name for trait in meeting.rubric.traits if not paper.agreed(trait.id)])
             for paper in papers]  # fmt: skip
    return tuple((position, ", ".join(names)) for position, names in found if names)


def _notes(meeting, seat):
    step = None if meeting.phase is None else meeting.phases[meeting.phase].step
    if step is None or meeting.steps[step]["kind"] not in rules.SPOKEN:
        return ()
    return showing.remarks_of(meeting, seat, Remark.step == step).get(None, ())


# What an open page asks for every few seconds


STATE = (
    sa.select(
        CalibrationSession.state_version, CalibrationSession.stage_version, Participant.id, Participant.last_seen_at
    )
    .join(Participant, Participant.session_id == CalibrationSession.id)
    .where(
        Participant.session_id == sa.bindparam("session"), Participant.person_id == sa.bindparam("person"),
        Participant.removed_at.is_(None),
    )
)  # fmt: skip


def versions_for(session_id, person):
    """Return (state version, stage version, seat id, last seen) in one look at indexed rows; None for strangers."""
    return db.session.execute(STATE, {"session": session_id, "person": person.id}).one_or_none()


def state_for(seat):
    """What an open page is told when something has changed: how many are in, and the timer."""
    meeting = seat.session
    paper = meeting.present_paper if meeting.is_open else None
    counted = {Sight.BLIND, Sight.IN, Sight.LOOKS_ON, Sight.SHOWN}
    is_counted = paper is not None and sight_of(paper, seat) in counted
    return {
        "counts": showing.counts(paper)[0] if is_counted else "", "left": seconds_left(meeting),
        "paused": meeting.step_seconds_left is not None,
    }  # fmt: skip
