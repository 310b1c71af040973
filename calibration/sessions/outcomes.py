"""What a session leaves: consensus scores under papers and in sets, proposed clarifications, notes to the task."""

import sqlalchemy as sa

from calibration.papers import sets
from calibration.papers.consensus import settle_anew
from calibration.papers.models import PaperSet
from calibration.sessions import finding
from calibration.sessions.models import Proposal
from calibration.sessions.outcome_models import Outcome
from calibration.sessions.sheets import sheet_by
from scoring import audit
from scoring.db import db, transaction
from scoring.errors import Conflict, Invalid, NotFound
from scoring.tasks import clarifying, noting


def outcomes_of(meeting):
    """Everything a session has left so far, oldest first."""
    query = sa.select(Outcome).where(Outcome.session_id == meeting.id)
    return db.session.scalars(query.order_by(Outcome.id)).all()


def origin_of(meeting):
    """How a rubric's log names a session."""
    moment = meeting.begun_at or meeting.starts_at or meeting.created_at
    return f"Calibration session “{meeting.title}”, {moment:%B} {moment.day}, {moment.year}"


def propose_clarification(meeting, *, trait=None, score=None, words, actor):
    """Propose a clarification that came up in a session: for everybody who has a seat, and for its leaders."""
    _require_place(meeting, actor)
    with transaction() as session:
        made = clarifying.propose_clarification(
            meeting.rubric, trait=trait, score=score, words=words, origin=origin_of(meeting), actor=actor
        )
        session.add(Outcome(session_id=meeting.id, clarification_id=made.id, made_by_id=actor.id))
        audit.record("session.clarification_proposed", meeting, actor=actor, after={"clarification": made.id})
    return made


def write_note(meeting, *, words, actor):
    """Leave a note to the next version of the task that a session was about."""
    _require_place(meeting, actor)
    with transaction() as session:
        made = noting.write_note(meeting.rubric.task, words=words, origin=origin_of(meeting), actor=actor)
        session.add(Outcome(session_id=meeting.id, note_id=made.id, made_by_id=actor.id))
        audit.record("session.note_written", meeting, actor=actor, after={"note": made.id})
    return made


# Consensus scores into papers and sets


def is_settled(session_paper):
    """Whether the group has agreed on every trait of a paper."""
    return all(session_paper.agreed(trait.id) for trait in session_paper.session.rubric.traits)


def to_take_over(meeting):
    """Papers of a session on which the group has agreed, and whose scores nobody has taken over yet, in order."""
    done = {each.session_paper_id for each in outcomes_of(meeting)}
    return [each for each in meeting.papers if is_settled(each) and each.id not in done]


def draft_sets(meeting, person):
    """Sets of the session's rubric version that this person may still change."""
    query = sets.set_query(person).where(
        PaperSet.rubric_id == meeting.rubric_id, PaperSet.frozen_at.is_(None), PaperSet.retired_at.is_(None)
    )
    return [each for each in db.session.scalars(query) if sets.may_change(each, person)]


def take_over(meeting, session_papers, *, paper_set=None, actor):
    """Put the consensus scores of a closed session under its papers, and the papers into a set that is being made.

    All of them or none. Returns the papers that have the scores now.
    """
    finding.require_lead(meeting, actor)
    if not session_papers:
        words = "Choose at least one paper."
        raise Invalid(words, fields={"papers": words})
    with transaction() as session:
        session.refresh(meeting, with_for_update=True)
        if not meeting.is_over or meeting.cancelled_at is not None:
            raise Conflict("The session is not closed yet. Its scores may still change.")
        waiting = to_take_over(meeting)
        if any(each not in waiting for each in session_papers):
            raise Conflict("Some of these papers are not agreed on, or their scores are taken over already. Reload the page.")  # fmt: skip
        return [_take_over(session, each, paper_set, actor) for each in session_papers]


def _take_over(session, session_paper, paper_set, actor):
    agreed = {each.trait_id: each for each in session_paper.consensus if each.pair == 0}
    paper = settle_anew(
        session_paper.paper, actor=actor, agreed=agreeing(session_paper),
        scores={trait: each.score for trait, each in agreed.items()},
        reasons={trait: each.reason for trait, each in agreed.items()},
    )  # fmt: skip
    if paper_set is not None:
        _put_in_set(session, session_paper, paper, paper_set, actor)
    session.add(Outcome(session_id=session_paper.session_id, session_paper_id=session_paper.id, paper_id=paper.id,
                        made_by_id=actor.id))  # fmt: skip
    session.flush()
    audit.record("session.scores_taken_over", session_paper, actor=actor, after={
        "paper": paper.id, "set": paper_set.id if paper_set else None,
    })  # fmt: skip
    return paper


def _put_in_set(session, session_paper, paper, paper_set, actor):
    """Where the paper was written anew, it takes the place of the old one in the set that is being made."""
    inside = {item.paper_id for item in paper_set.items}
    if paper.id != session_paper.paper_id and session_paper.paper_id in inside:
        sets.remove_paper(paper_set, session_paper.paper_id, actor=actor)
    if paper.id not in inside:
        sets.add_paper(paper_set, paper, actor=actor)
        session.expire(paper_set, ["items"])


def agreeing(session_paper):
    """Who agreed to the consensus scores of a paper and when, by person id.

    Asynchronous: those who supported every score that was proposed. Live: those who scored the paper and did not put in
    other scores after the discussion. Where nobody agreed to all of them, those who wrote them down.
    """
    agreed = [each for each in session_paper.consensus if each.pair == 0]
    moment = max(each.settled_at for each in agreed)
    if session_paper.session.is_live:
        seats = _not_of_another_mind(session_paper, {each.trait_id: each.score for each in agreed})
    else:
        seats = set.intersection(*(_supporters(session_paper, each) for each in agreed))
    seats = seats or {each.settled_by_id for each in agreed}
    people = {each.id: each.person_id for each in session_paper.session.participants}
    return dict.fromkeys(sorted(people[each] for each in seats), moment)


def _not_of_another_mind(session_paper, scores):
    found = set()
    for seat in session_paper.session.participants:
        revised = sheet_by(session_paper, seat, 2)
        if sheet_by(session_paper, seat) is not None and (revised is None or revised.by_trait == scores):
            found.add(seat.id)
    return found


def _supporters(session_paper, consensus):
    query = sa.select(Proposal).where(
        Proposal.session_paper_id == session_paper.id, Proposal.trait_id == consensus.trait_id,
        Proposal.score == consensus.score, Proposal.withdrawn_at.is_(None),
    )  # fmt: skip
    supports = {each.participant_id for made in db.session.scalars(query) for each in made.supports}
    return supports | {consensus.settled_by_id}


def _require_place(meeting, actor):
    has_seat = any(each.person_id == actor.id and each.removed_at is None for each in meeting.participants)
    leads = db.session.scalar(finding.sessions_led(actor).where(type(meeting).id == meeting.id)) is not None
    if meeting.cancelled_at is not None or not (has_seat or leads):
        raise NotFound(finding.NOTHING)
