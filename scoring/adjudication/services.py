"""Settling discrepant responses: a leader scores blind, then sees both reads, decides, and says why."""

from datetime import timedelta

from scoring import audit
from scoring.adjudication import finding
from scoring.adjudication.finding import discrepant_responses
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotAvailable, NotFound
from scoring.events.models import EventResponse, Outcome
from scoring.reads import queue
from scoring.reads import services as reads
from scoring.reads.models import Assignment, AssignmentStatus, Method, Purpose, Read, TraitScore
from scoring.reads.resolution import Judgment
from scoring.reads.rubrics import sheet_of
from scoring.reads.submitting import checked, cleaned

__all__ = ["begin", "decide", "discrepant_responses", "give_back", "reopen", "submit_blind"]
LONGEST_REASON = 2000
SETTLED_ALREADY = "This response is not discrepant any more. Nothing was changed; go on with the next one."


def begin(event_response, leader):
    """Hand a discrepant response to a leader who has never seen it, for a blind read of their own.

    Who has begun it already gets the same again.
    """
    place_id = event_response.id
    with transaction() as session:
        place = _locked(place_id, leader)
        _must_be_discrepant(place)
        _must_not_be_held(place, leader)
        own = finding.own_assignment(place, leader)
        if own is None:
            _must_be_allowed_to_read(place, leader)
            own = Assignment(event_id=place.event_id, event_response_id=place.id, response_id=place.response_id,
                             scorer_id=leader.id, purpose=Purpose.ADJUDICATION, leased_until=_lease_end(place))  # fmt: skip
            session.add(own)
            session.flush()
            audit.record("adjudication.begun", own, actor=leader, after={"place": place.id})
        elif own.status is not AssignmentStatus.SUBMITTED:
            own.status, own.leased_until = AssignmentStatus.OPEN, _lease_end(place)
        return own


def submit_blind(assignment, leader, *, scores, condition_code=None, note="", comments=None, seconds=None):
    """Record the leader's own read. Until it is in, they are shown nobody else's."""
    assignment_id, sent = assignment.id, cleaned(scores, condition_code, note, comments)
    with transaction() as session:
        assignment = session.get(Assignment, assignment_id)
        if (
            assignment is None
            or assignment.scorer_id != leader.id
            or assignment.purpose is not Purpose.ADJUDICATION
        ):
            raise NotFound("There is no such response in your work. Go back to Adjudication.")
        place = _locked(assignment.event_response_id, leader)
        assignment = session.get(Assignment, assignment_id, populate_existing=True)
        if assignment.status is AssignmentStatus.RETURNED:
            raise NotAvailable("You left this response to another leader. Go on with the next one.")
        if assignment.status is AssignmentStatus.SUBMITTED:
            raise NotAvailable(
                "Your own scores are in already, perhaps from another tab. Those stand; decide now."
            )
        _must_be_discrepant(place)
        _must_not_be_held(place, leader)
        code = checked(sheet_of(place.rubric_id, place.rubric.published_at), sent)
        read = _read(assignment, sent, code, seconds)
        assignment.status, assignment.draft = AssignmentStatus.SUBMITTED, None
        session.add(read)
        session.flush()
        audit.record("adjudication.submitted", read, actor=leader, after={
            "assignment": assignment.id, "scores": _by_trait(sent["scores"]), "condition_code": read.condition_code_id,
        })  # fmt: skip
        return read


def give_back(event_response, leader):
    """Leave a response to another leader for good, because one knows whose it is. Only before one's own read is in."""
    place_id = event_response.id
    with transaction():
        place = _locked(place_id, leader)
        own = finding.own_assignment(place, leader)
        if own is None or own.status is AssignmentStatus.SUBMITTED:
            raise Conflict(
                "This response is not yours to give back any more. Reload the page to see how it stands."
            )
        own.status, own.draft = AssignmentStatus.RETURNED, None
        audit.record("adjudication.returned", own, actor=leader, after={"why": "knows the student"})


def decide(event_response, leader, *, scores, reason, condition_code=None):
    """Settle a discrepant response by these scores, which stand alone; return its scores of record."""
    place_id, sent = event_response.id, cleaned(scores, condition_code, "", None)
    reason = _cleaned_reason(reason)
    with transaction():
        place = _locked(place_id, leader)
        _must_be_discrepant(place)
        if finding.own_read(place, leader) is None:
            raise Conflict(
                "Score this response yourself first, without the other reads. Then you can decide."
            )
        code = checked(sheet_of(place.rubric_id, place.rubric.published_at), sent)
        judgment = Judgment(sent["scores"], code.id if code else None)
        facts = reads.settle(place, adjudicated=judgment, reason=reason, decided_by=leader)
        audit.record("adjudication.decided", place, actor=leader, after={**facts, "reason": reason})
        return finding.current_record(place)


def reopen(event_response, leader, *, reason):
    """Take an adjudicated response up again. What was decided is kept as superseded."""
    place_id, reason = event_response.id, _cleaned_reason(reason)
    with transaction():
        place = _locked(place_id, leader)
        before = finding.current_record(place)
        if not before or before[0].method is not Method.ADJUDICATED:
            raise Conflict("Only a response that a leader has settled can be reopened. Reload the page.")
        told = {str(each.trait_id): each.score for each in before}
        facts = reads.settle(place)
        audit.record("adjudication.reopened", place, actor=leader,
                     before={"scores": told, "condition_code": before[0].condition_code_id},
                     after={**facts, "reason": reason})  # fmt: skip
        return place


# How it is done


def _locked(place_id, leader):
    """Return the response's place in its event, its row held; only leaders of the event get this far."""
    queue.lock(db.session.connection(), place_id)
    place = db.session.get(EventResponse, place_id, populate_existing=True)
    if not finding.may_adjudicate(place.event_id, leader):
        raise NotAllowed("Only leaders of this event can settle its responses. Ask one of them.")
    return place


def _must_be_discrepant(place):
    if place.outcome is Outcome.DISCREPANT:
        return
    record = finding.current_record(place)
    if record and record[0].decided_by is not None:
        raise Conflict(
            f"{record[0].decided_by.name} has settled this response. Nothing was changed; go on with the next one."
        )
    raise Conflict(SETTLED_ALREADY)


def _must_not_be_held(place, leader):
    holder = finding.holders([place.id]).get(place.id)
    if holder is not None and holder.id != leader.id:
        raise Conflict(
            f"{holder.name} is settling this response now. Nothing was changed; go on with another one."
        )


def _must_be_allowed_to_read(place, leader):
    words = finding.why_not(place, leader)
    if words is not None:
        raise Conflict(words)


def _lease_end(place):
    return now() + timedelta(minutes=place.event.lease_minutes)


def _read(assignment, sent, code, seconds):
    taken = int((now() - assignment.leased_at).total_seconds())
    read = Read(
        assignment_id=assignment.id, event_id=assignment.event_id, event_response_id=assignment.event_response_id,
        response_id=assignment.response_id, scorer_id=assignment.scorer_id, purpose=Purpose.ADJUDICATION,
        condition_code_id=code.id if code else None, note=sent["note"],
        seconds=taken if seconds is None else max(0, min(seconds, taken)),
    )  # fmt: skip
    for trait_id, score in sent["scores"].items():
        below, above = sent["comments"].get(trait_id, ("", ""))
        read.scores.append(
            TraitScore(trait_id=trait_id, score=score, comment_below=below, comment_above=above)
        )
    return read


def _by_trait(scores):
    return {str(trait_id): score for trait_id, score in sorted(scores.items())}


def _cleaned_reason(reason):
    reason = (reason or "").replace("\x00", "").strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Invalid("Say in a sentence why, in the words of the rubric. Nothing was saved yet.",
                      fields={"reason": f"Write 1 to {LONGEST_REASON} characters."})  # fmt: skip
    return reason
