"""What leaders do with studies: set one up from a closed event, invite people, open it and close it."""

import random

import sqlalchemy as sa

from calibration.judging import rules
from calibration.judging.models import Study, StudyParticipant, StudyResponse, StudyStatus
from calibration.papers import secrecy
from calibration.papers.services import closed_responses
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotFound
from scoring.events import choices
from scoring.events.models import EventResponse, EventStatus, Outcome
from scoring.events.services import visible_events
from scoring.people.models import Person
from scoring.permissions import Permission
from scoring.reads.models import ScoreOfRecord

LONGEST_TITLE, LONGEST_QUESTION = 120, 300
FEWEST, MOST = 6, 400  # responses in a study
FEWEST_PEOPLE = 2
draw = random.SystemRandom().random
NOT_THERE = "There is no such study, or it belongs to another district."


# Finding


def study_query(person):
    """Studies this person looks after, the newest first."""
    reach = person.reach(Permission.CALIBRATE)
    return (
        sa.select(Study)
        .where(Study.organization_id.in_(reach))
        .order_by(Study.created_at.desc(), Study.id.desc())
    )


def study_by_id(study_id, person):
    """Return a study this person looks after."""
    study = db.session.scalar(study_query(person).where(Study.id == study_id))
    if study is None:
        raise NotFound(NOT_THERE)
    return study


def sources(person):
    """Return (event, event's task) of every closed event of the organizations this person leads."""
    reach = person.reach(Permission.CALIBRATE)
    events = db.session.scalars(visible_events(person, Permission.CALIBRATE)).all()
    return [
        (event, each)
        for event in events
        if event.status is EventStatus.CLOSED and event.organization_id in reach
        for each in event.tasks
    ]


def candidates(study):
    """Query people who may be invited: scorers of the event's districts who are not invited yet, by name."""
    invited = sa.exists().where(
        StudyParticipant.study_id == study.id,
        StudyParticipant.person_id == Person.id,
        StudyParticipant.removed_at.is_(None),
    )
    return choices.scorers(study.event.districts).where(~invited)


def active_participants(study):
    """Those who were invited and not taken out again, by name."""
    return sorted(
        (each for each in study.participants if each.removed_at is None),
        key=lambda each: (each.person.name, each.id),
    )


# Setting up


def create_study(event_task, *, title, question, size, per_response, trait=None, has_ties=False, deadline_at=None,
                 actor):  # fmt: skip
    """Set up a study as a draft, with responses drawn from a closed event: each district and each score is there."""
    event = event_task.event
    fields = _problems(title, question, size, per_response, deadline_at)
    if fields:
        raise Invalid("The study is not complete. " + " ".join(fields.values()), fields=fields)
    with transaction() as session:
        _require_source(event, actor)
        rows = settled_scores(event, event_task.task_id, trait)
        if len(rows) < FEWEST:
            raise Invalid(
                f"Only {len(rows)} settled responses can be compared, and a study needs {FEWEST}. Choose another event.",
                fields={"source": "Too few settled responses."},
            )
        study = Study(
            organization_id=event.organization_id, event_id=event.id, rubric_id=event_task.rubric_id,
            trait_id=trait.id if trait is not None else None, title=title.strip(), question=question.strip(),
            has_ties=has_ties, per_response=per_response, deadline_at=deadline_at, created_by_id=actor.id,
        )  # fmt: skip
        study.responses = [StudyResponse(response_id=each) for each in sorted(rules.sample(rows, size, draw))]
        session.add(study)
        session.flush()
        audit.record("study.created", study, actor=actor, after=_facts(study))
    return study


def settled_scores(event, task_id, trait=None):
    """Return (response, district, score) of every settled response that may be compared.

    The score is that of the trait, or the mean over traits. Left out is work under a condition code, with an open
    alert, in a live validity set, kept back by its district, or that somebody may still have to score in another event.
    """
    mine = sa.select(
        EventResponse.response_id, EventResponse.district_id, sa.func.avg(ScoreOfRecord.score)
    ).join(ScoreOfRecord, ScoreOfRecord.event_response_id == EventResponse.id)
    if trait is not None:
        mine = mine.where(ScoreOfRecord.trait_id == trait.id)
    closed = sa.union(*closed_responses(), secrecy.live_validity_responses()).subquery()
    query = (
        mine.where(
            EventResponse.event_id == event.id,
            EventResponse.task_id == task_id,
            EventResponse.outcome == Outcome.SETTLED,
            ScoreOfRecord.superseded_at.is_(None),
            EventResponse.response_id.not_in(sa.select(closed.c[0])),
        )
        .group_by(EventResponse.response_id, EventResponse.district_id)
        .having(sa.func.count(ScoreOfRecord.score) == sa.func.count())
        .order_by(EventResponse.response_id)
    )
    return [(response, district, float(score)) for response, district, score in db.session.execute(query)]


def _require_source(event, actor):
    if event.organization_id not in actor.reach(Permission.CALIBRATE):
        raise NotFound("There is no such event for you to compare. Choose one of your own.")
    if event.status is not EventStatus.CLOSED:
        raise Conflict("Work can be compared when its event is closed. Close the event first.")


def _problems(title, question, size, per_response, deadline_at):
    fields = {}
    if not title.strip() or len(title.strip()) > LONGEST_TITLE:
        fields["title"] = f"Give the study a title of at most {LONGEST_TITLE} characters."
    if not question.strip() or len(question.strip()) > LONGEST_QUESTION:
        fields["question"] = f"Put a question of at most {LONGEST_QUESTION} characters."
    if not FEWEST <= size <= MOST:
        fields["size"] = f"Choose from {FEWEST} to {MOST} responses."
    if not 4 <= per_response <= 60:
        fields["per_response"] = "Choose from 4 to 60 comparisons for each response."
    if deadline_at is not None and deadline_at <= now():
        fields["deadline_at"] = "The last day is over already. Choose a later one."
    return fields


# People


def invite(study, people, *, actor):
    """Invite people to compare; whoever was taken out comes back. Returns how many are new."""
    with transaction() as session:
        study = _locked(session, study, actor)
        if study.status is StudyStatus.CLOSED:
            raise Conflict("This study is closed. Nobody can join it any more.")
        allowed = set(session.scalars(candidates(study).with_only_columns(Person.id).order_by(None)))
        chosen = [person for person in people if person.id in allowed]
        before = {each.person_id: each for each in study.participants}
        for person in chosen:
            if person.id in before:
                before[person.id].removed_at = None
            else:
                study.participants.append(StudyParticipant(person_id=person.id, person=person))
        audit.record(
            "study.invited", study, actor=actor, after={"people": sorted(each.id for each in chosen)}
        )
    return len(chosen)


def take_out(study, person_id, *, actor):
    """Take a participant out. What they chose stays and counts."""
    with transaction() as session:
        study = _locked(session, study, actor)
        found = next((each for each in active_participants(study) if each.person_id == person_id), None)
        if found is None:
            raise NotFound("This person is not in the study.")
        found.removed_at = now()
        audit.record("study.taken_out", study, actor=actor, before={"person": person_id})


# Open and closed


def open_study(study, *, actor):
    """Let people compare."""
    with transaction() as session:
        study = _locked(session, study, actor)
        if study.status is not StudyStatus.DRAFT:
            raise Conflict("This study has been opened already.")
        if len(active_participants(study)) < FEWEST_PEOPLE:
            raise Conflict(f"Invite at least {FEWEST_PEOPLE} people first.")
        study.status, study.opened_at = StudyStatus.OPEN, now()
        audit.record("study.opened", study, actor=actor, after=_facts(study))


def close_study(study, *, actor):
    """End a study: nobody compares any more, and the results are open to its leaders."""
    with transaction() as session:
        study = _locked(session, study, actor)
        if study.status is not StudyStatus.OPEN:
            raise Conflict("Only an open study can be closed.")
        study.status, study.closed_at = StudyStatus.CLOSED, now()
        audit.record("study.closed", study, actor=actor, after=_facts(study))


def discard_study(study, *, actor):
    """Delete a study that never opened."""
    with transaction() as session:
        study = _locked(session, study, actor)
        if study.status is not StudyStatus.DRAFT:
            raise Conflict("People have been asked to compare in it. Close it instead.")
        audit.record("study.discarded", study, actor=actor, before=_facts(study))
        session.delete(study)


def _locked(session, study, actor):
    session.refresh(study, with_for_update=True)
    if study.organization_id not in actor.reach(Permission.CALIBRATE):
        raise NotFound(NOT_THERE)
    return study


def _facts(study):
    return {
        "title": study.title, "event": study.event_id, "trait": study.trait_id, "status": str(study.status),
        "per_response": study.per_response, "responses": [each.response_id for each in study.responses],
    }  # fmt: skip
