"""Who sees which session, and from which papers and people a new one is made."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from calibration.papers import secrecy
from calibration.papers.blind import collects_blind_scores, teaches
from calibration.papers.models import Paper, PaperSet, PaperSetItem, SetPurpose
from calibration.papers.services import IN_USE, hidden_ids, paper_query
from calibration.papers.sets import set_query
from calibration.sessions.models import (
    CalibrationSession,
    Form,
    Observer,
    Part,
    Participant,
    SessionPaper,
    Sheet,
)
from scoring.db import db, now
from scoring.errors import NotAllowed, NotFound
from scoring.events.models import Event, EventScorer, EventStatus
from scoring.events.services import visible_events
from scoring.people.directory import networks_and_districts
from scoring.people.models import Membership, Organization, Person
from scoring.permissions import Permission, Role
from scoring.responses.models import Response, RosterEntry
from scoring.tasks.models import Rubric, Task

NOTHING = "There is no such session, or it is not yours. Go back to Calibration."
MOST_LISTED = 50
NEWEST_FIRST = (CalibrationSession.created_at.desc(), CalibrationSession.id.desc())


# Sessions


def sessions_of(person):
    """Query the sessions in which a person has a seat, the newest first."""
    seat = sa.exists().where(
        Participant.session_id == CalibrationSession.id, Participant.person_id == person.id, Participant.removed_at.is_(None)
    )  # fmt: skip
    return sa.select(CalibrationSession).where(seat).order_by(*NEWEST_FIRST)


def sessions_led(person):
    """Query the sessions that a leader looks after: those of the own organizations, the newest first."""
    reach = person.reach(Permission.CALIBRATE)
    return (
        sa.select(CalibrationSession)
        .where(CalibrationSession.organization_id.in_(reach))
        .order_by(*NEWEST_FIRST)
    )


def sessions_led_by_others(person):
    """Sessions of the own organizations in which this leader has no seat, the newest first."""
    mine = sessions_of(person).with_only_columns(CalibrationSession.id).order_by(None)
    return db.session.scalars(
        sessions_led(person).where(CalibrationSession.id.not_in(mine)).limit(MOST_LISTED)
    ).all()


def led(session_id, person):
    """Return a session that this leader looks after."""
    found = db.session.scalar(sessions_led(person).where(CalibrationSession.id == session_id))
    if found is None:
        raise NotFound(NOTHING)
    return found


def require_lead(meeting, actor):
    """Refuse whoever does not look after the session."""
    if meeting.organization_id not in actor.reach(Permission.CALIBRATE):
        raise NotAllowed("Only those who lead calibration there may do that.")


def seat_of(session_id, person):
    """Return a person's seat in a session; whoever has none learns nothing, not even that it exists."""
    seat = db.session.scalar(
        sa.select(Participant).where(
            Participant.session_id == session_id, Participant.person_id == person.id, Participant.removed_at.is_(None)
        )
    )  # fmt: skip
    if seat is None:
        raise NotFound(NOTHING)
    return seat


def paper_of(session_id, session_paper_id, person):
    """Return a paper of a session and the person's seat there."""
    seat = seat_of(session_id, person)
    found = next((each for each in seat.session.papers if each.id == session_paper_id), None)
    if found is None:
        raise NotFound(NOTHING)
    return found, seat


def controls(seat, *parts):
    """Whether a participant may use buttons meant for these parts. The leader of the session always may."""
    return seat.part in {Part.FACILITATOR, *parts} or seat.person_id == seat.session.leader_id


def require_control(seat, *parts):
    """Refuse whoever has another part."""
    if not controls(seat, *parts):
        raise NotAllowed("In this session that is for the facilitator. Ask them to do it.")


def papers_at_hand(meeting):
    """Return the papers of a session in order, loaded together with their responses and with what was agreed."""
    work = joinedload(SessionPaper.paper).joinedload(Paper.response)
    query = (
        sa.select(SessionPaper).where(SessionPaper.session_id == meeting.id).order_by(SessionPaper.position)
    )
    return db.session.scalars(query.options(work, selectinload(SessionPaper.consensus))).all()


# Who scores which paper


def sitting_out(session_paper, seats):
    """Ids of participants who may not be given this paper: own students, or work that somebody may still score."""
    return _sitting_out([session_paper], seats)[session_paper.id]


def _sitting_out(session_papers, seats):
    hidden = hidden_ids([each.paper for each in session_papers])
    taught = sa.select(RosterEntry.student_id, RosterEntry.person_id).where(
        RosterEntry.student_id.in_({each.paper.response.student_id for each in session_papers}),
        RosterEntry.person_id.in_([seat.person_id for seat in seats]),
    )
    teachers = {tuple(each) for each in db.session.execute(taught)}
    return {
        each.id: {seat.id for seat in seats
                  if each.paper_id in hidden or (each.paper.response.student_id, seat.person_id) in teachers}
        for each in session_papers
    }  # fmt: skip


def observing(session_paper):
    """Ids of participants who chose to look on for this paper."""
    query = sa.select(Observer.participant_id).where(Observer.session_paper_id == session_paper.id)
    return set(db.session.scalars(query))


def scored_by(session_paper, number=1):
    """Ids of participants whose scores of this paper are in: of the first round, or of the second."""
    query = sa.select(Sheet.participant_id).where(
        Sheet.session_paper_id == session_paper.id, Sheet.round == number
    )
    return set(db.session.scalars(query))


def standing(session_paper, number=1):
    """Return the ids of participants who are in, and of those who are waited for."""
    if number == 1:
        return standings([session_paper])[session_paper.id]
    meeting, found = session_paper.session, scored_by(session_paper, number)
    here = {each.id for each in meeting.participants if each.is_here or not meeting.is_live}
    return found, (scored_by(session_paper) & here) - found


def standings(session_papers):
    """Return for papers of one session, by their ids, who is in with the first scores and who is waited for."""
    if not session_papers:
        return {}
    meeting = session_papers[0].session
    seats = [each for each in meeting.participants if each.removed_at is None and not each.observes]
    if meeting.is_live:
        seats = [each for each in seats if each.is_here]
    ids = [each.id for each in session_papers]
    scored = _by_paper(Sheet, Sheet.session_paper_id.in_(ids), Sheet.round == 1)
    look_on, out = (
        _by_paper(Observer, Observer.session_paper_id.in_(ids)),
        _sitting_out(session_papers, seats),
    )
    told = {}
    for each in ids:
        found = scored.get(each, set())
        told[each] = found, {seat.id for seat in seats} - found - look_on.get(each, set()) - out[each]
    return told


def _by_paper(kind, *conditions):
    """Ids of participants by the paper of the session that they scored, or looked on for."""
    found = {}
    query = sa.select(kind.session_paper_id, kind.participant_id).where(*conditions)
    for place, seat in db.session.execute(query):
        found.setdefault(place, set()).add(seat)
    return found


def who_scores(meeting, papers):
    """Return for each paper, by its id, the participants who can score it or did, and those who sit it out, by name.

    Why they do is nobody's matter.
    """
    seats = [each for each in meeting.participants if each.removed_at is None and not each.observes]
    seats.sort(key=lambda each: (each.person.name.casefold(), each.id))
    scored = _by_paper(Sheet, Sheet.session_paper_id.in_([each.id for each in papers]), Sheet.round == 1)
    told = {}
    for paper_id, may_not in _sitting_out(papers, seats).items():
        out = may_not - scored.get(paper_id, set())
        told[paper_id] = (
            [each for each in seats if each.id not in out],
            [each for each in seats if each.id in out],
        )
    return told


@collects_blind_scores
def still_asked():
    """Query (response, person) for everybody whose blind scores a session still waits for.

    A live session waits from its beginning until the scores of a paper are shown. Whoever leads a session prepares it, and
    so may look at its papers; their scores are not counted as blind then.
    """
    is_in = sa.exists().where(
        Sheet.session_paper_id == SessionPaper.id, Sheet.participant_id == Participant.id
    )
    looks_on = sa.exists().where(
        Observer.session_paper_id == SessionPaper.id, Observer.participant_id == Participant.id
    )
    return (
        sa.select(Paper.response_id, Participant.person_id)
        .join(SessionPaper, SessionPaper.paper_id == Paper.id)
        .join(CalibrationSession, CalibrationSession.id == SessionPaper.session_id)
        .join(Participant, Participant.session_id == CalibrationSession.id)
        .join(Response, Response.id == Paper.response_id)
        .where(
            *_collects(), SessionPaper.revealed_at.is_(None), Participant.removed_at.is_(None), Participant.observes.is_(False),
            Participant.person_id != CalibrationSession.leader_id, ~is_in, ~looks_on, ~teaches(Participant.person_id),
        )
    )  # fmt: skip


def _collects():
    """Sessions in which scores are silent at present."""
    live, moment = CalibrationSession.begun_at.is_not(None), now()
    by_deadline = sa.and_(
        CalibrationSession.scoring_ended_at.is_(None),
        sa.or_(CalibrationSession.score_by.is_(None), CalibrationSession.score_by > moment),
    )
    return (
        CalibrationSession.closed_at.is_(None),
        CalibrationSession.cancelled_at.is_(None),
        sa.or_(CalibrationSession.closes_at.is_(None), CalibrationSession.closes_at > moment),
        sa.case((CalibrationSession.form == Form.LIVE, live), else_=by_deadline),
    )


# What a new session is made from


def homes(person):
    """The networks and districts for which this person may open sessions, by name."""
    return networks_and_districts(person, Permission.CALIBRATE)


def calibration_sets(person):
    """Live calibration sets that this person may use, by task and name."""
    query = set_query(person).where(
        PaperSet.purpose == SetPurpose.CALIBRATION, PaperSet.frozen_at.is_not(None), PaperSet.retired_at.is_(None)
    )  # fmt: skip
    return db.session.scalars(query).all()


def papers_in_use(rubric, owners, person):
    """Papers of a rubric version in use in one of these places or in their network, lowest consensus scores first."""
    allowed = {each.id for each in owners} | {each.network.id for each in owners}
    query = paper_query(person).where(
        *IN_USE, Paper.rubric_id == rubric.id, Paper.organization_id.in_(allowed)
    )
    found = db.session.scalars(query.options(joinedload(Paper.response), selectinload(Paper.scores)))
    return sorted(found, key=lambda each: (each.mean_score, each.id))


def papers_of(rubric, owners, person):
    """Papers of a rubric version that can be used at present in one of these places, lowest consensus scores first."""
    found = papers_in_use(rubric, owners, person)
    refused = refusals(found)
    return [paper for paper in found if paper.id not in refused]


def rubrics_with_papers(person):
    """Published rubric versions of which a leader has papers in use, by task and newest version."""
    mine = paper_query(person).where(*IN_USE).with_only_columns(Paper.rubric_id).order_by(None)
    query = sa.select(Rubric).join(Task, Task.id == Rubric.task_id).where(Rubric.id.in_(mine))
    return db.session.scalars(query.order_by(Task.title, Task.id, Rubric.version.desc())).all()


def refusals(papers):
    """Say in words why papers can not be talked about in a session at present, by their ids; nothing of those that can."""
    tests = (
        sa.select(Paper.response_id).join(PaperSetItem, PaperSetItem.paper_id == Paper.id)
        .join(PaperSet, PaperSet.id == PaperSetItem.set_id)
        .where(PaperSet.purpose == SetPurpose.QUALIFICATION, *secrecy.LIVE)
    )  # fmt: skip
    hidden, tested = hidden_ids(papers), secrecy.named_by({each.response_id for each in papers}, tests)
    problems = secrecy.problems(papers, SetPurpose.CALIBRATION)
    told = {}
    for paper in papers:
        if paper.retired_at is not None:
            told[paper.id] = "It is retired."
        elif paper.id in hidden:
            told[paper.id] = "Somebody may still have to score this response, or an alert about it is open."
        elif paper.response_id in tested:
            told[paper.id] = (
                "It is in a qualification set that is in use. A paper that was talked about tests nobody."
            )
        elif paper.id in problems:
            told[paper.id] = problems[paper.id]
    return told


def people_within(organizations, person):
    """Active scorers and leaders of organizations and of all below them, by name: whom their leader may invite."""
    reach, tops = person.reach(Permission.CALIBRATE), set(organizations)
    near = db.session.scalars(sa.select(Organization).where(Organization.id.in_(reach))).all()
    places = [each.id for each in near if tops & {each, each.parent, each.network}]
    belongs = sa.and_(Membership.organization_id.in_(places), Membership.role.in_([Role.SCORER, Role.LEADER]))
    query = sa.select(Person).where(Person.is_active, Person.memberships.any(belongs))
    return db.session.scalars(query.order_by(sa.func.lower(Person.name), Person.id)).all()


def events_to_invite(person):
    """Events whose scorers a leader may invite together, the newest first."""
    query = visible_events(person, Permission.CALIBRATE).where(Event.status != EventStatus.DRAFT)
    return db.session.scalars(query).all()


def scorers_of(event):
    """Ids of the people who score in an event."""
    query = sa.select(EventScorer.person_id).where(
        EventScorer.event_id == event.id, EventScorer.removed_at.is_(None)
    )
    return set(db.session.scalars(query))
