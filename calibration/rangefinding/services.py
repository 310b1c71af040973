"""Committees: begun, given papers and members, opened, closed for scores, and ended."""

import sqlalchemy as sa

from calibration.rangefinding import finding, standing
from calibration.rangefinding.models import Committee, CommitteeMember, CommitteeStatus
from calibration.rangefinding.rules import LEAST_MEMBERS, too_few_words
from calibration.reports.evidence import rubric_of
from scoring import audit
from scoring.db import now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.permissions import Permission
from scoring.reads.seen import note_seen

LONGEST_NAME, LONGEST_MESSAGE = 100, 2000


def begin(event, task, organization, *, name, message="", due_at=None, actor):
    """Begin a committee on the responses to one task of an event."""
    if organization.id not in {each.id for each in finding.homes(event, actor)}:
        raise NotAllowed("Only those who choose anchor papers there may begin a committee.")
    rubric, facts = rubric_of(event, task), _checked(name, message, due_at)
    with transaction() as session:
        made = Committee(
            organization_id=organization.id, rubric_id=rubric.id, event_id=event.id, due_at=due_at,
            created_by_id=actor.id, **facts,
        )  # fmt: skip
        session.add(made)
        session.flush()
        audit.record("committee.begun", made, actor=actor, after={
            "organization": organization.id, "rubric": rubric.id, "event": event.id, "name": facts["name"],
        })  # fmt: skip
    return made


def change(committee, *, name, message, due_at, actor):
    """Change what a committee is called, what it is asked, and by when."""
    facts = _checked(name, message, due_at, stood=committee.due_at)
    with transaction() as session:
        lock(session, committee, actor)
        if committee.status is CommitteeStatus.FINISHED:
            raise Conflict("This committee has finished. It stays as it is.")
        before = {"name": committee.name, "message": committee.message, "due_at": _said(committee.due_at)}
        committee.name, committee.message, committee.due_at = facts["name"], facts["message"], due_at
        audit.record(
            "committee.changed",
            committee,
            actor=actor,
            before=before,
            after={**facts, "due_at": _said(due_at)},
        )
    return committee


def _checked(name, message, due_at, stood=None):
    """Name and message, clean. The date is still to come, unless it is the one that stood before."""
    name, message = (name or "").strip(), (message or "").replace("\x00", "").strip()
    fields = {}
    if not name or len(name) > LONGEST_NAME:
        fields["name"] = f"Give the committee a name of at most {LONGEST_NAME} characters."
    if len(message) > LONGEST_MESSAGE:
        fields["message"] = f"The message has room for {LONGEST_MESSAGE:,} characters. Shorten it."
    if due_at not in {None, stood} and due_at <= now():
        fields["due_at"] = "This moment has passed. Choose a later one, or leave it empty."
    if fields:
        raise Invalid(" ".join(fields.values()), fields=fields)
    return {"name": name, "message": message}


def checked_words(words, missing, longest=LONGEST_MESSAGE):
    """Words that must be there and not be too long."""
    words = (words or "").replace("\x00", "").strip()
    if not words:
        raise Invalid(missing, fields={"words": missing})
    if len(words) > longest:
        said = f"There is room for {longest:,} characters. Shorten it."
        raise Invalid(said, fields={"words": said})
    return words


def _said(moment):
    return moment.isoformat() if moment else None


def lock(session, committee, actor):
    """Lock the committee for a change by one of its leaders."""
    if not finding.leads(committee, actor):
        raise NotFound(finding.NO_COMMITTEE)
    session.refresh(committee, with_for_update=True)


# Members


def invite(committee, people, *, actor):
    """Give people a seat; who had left gets the seat back."""
    with transaction() as session:
        lock(session, committee, actor)
        if committee.status is not CommitteeStatus.DRAFT and not committee.is_scoring:
            raise Conflict("Scoring is over in this committee. Nobody can join any more.")
        fitting = set(session.scalars(finding.people_to_invite(committee)))
        chosen = [person for person in people if person in fitting]
        if not chosen:
            raise Invalid("Choose at least one person.", fields={"people": "Choose at least one person."})
        for person in chosen:
            _seat(session, committee, person)
        if committee.is_open:
            note_seen(chosen, [each.response_id for each in committee.proposed])
        audit.record(
            "committee.invited", committee, actor=actor, after={"people": [person.id for person in chosen]}
        )
    return chosen


def _seat(session, committee, person):
    if committee.is_open and finding.leads(committee, person):
        raise Conflict(
            f"{person.name} leads this committee and may have seen what the members gave. "
            "Ask somebody else: leaders can take a seat only before a committee opens."
        )
    seat = session.get(CommitteeMember, (committee.id, person.id))
    if seat is None:
        committee.members.append(CommitteeMember(person_id=person.id))
    else:
        seat.left_at = None


def remove_member(committee, person_id, *, actor):
    """Take a seat away. What the member has sent stays."""
    with transaction() as session:
        lock(session, committee, actor)
        _leave(committee, person_id, actor)
    return committee


def leave(committee, *, actor):
    """Give one's own seat back."""
    with transaction() as session:
        session.refresh(committee, with_for_update=True)
        _leave(committee, actor.id, actor)
    return committee


def _leave(committee, person_id, actor):
    if committee.status is CommitteeStatus.FINISHED:
        raise Conflict("This committee has finished. It stays as it is.")
    seat = finding.seat_of(committee, person_id)
    if seat is None:
        raise NotFound(finding.NO_COMMITTEE)
    if committee.status is CommitteeStatus.DRAFT:
        committee.members.remove(seat)
    else:
        seat.left_at = now()
    audit.record("committee.left", committee, actor=actor, after={"person": person_id})


# From draft to the end


def open_committee(committee, *, actor):
    """Let the members see the papers and score them."""
    with transaction() as session:
        lock(session, committee, actor)
        if committee.status is not CommitteeStatus.DRAFT:
            raise Conflict("This committee is open already.")
        if missing := missing_before_opening(committee):
            raise Conflict(" ".join(missing))
        committee.status, committee.opened_at = CommitteeStatus.OPEN, now()
        members = [each.person for each in committee.members]
        note_seen(members, [each.response_id for each in committee.proposed])
        audit.record("committee.opened", committee, actor=actor, after={
            "people": [person.id for person in members], "responses": [each.response_id for each in committee.proposed],
        })  # fmt: skip
    return committee


def missing_before_opening(committee):
    """Say what a committee still needs before it can open."""
    missing = []
    if not committee.proposed:
        missing.append("Propose at least one paper.")
    if len(_seated(committee)) < LEAST_MEMBERS:
        missing.append(f"Invite at least {LEAST_MEMBERS} members: one opinion is no consensus.")
    elif few := too_few_can_score(committee):
        missing.append(too_few_words(few))
    return missing


def too_few_can_score(committee):
    """Codes of the proposed papers that fewer members than needed can score."""
    _, by_paper = standing.able(committee, _seated(committee))
    together = zip(committee.proposed, by_paper, strict=True)
    return [paper.response.code for paper, who in together if len(who) < LEAST_MEMBERS]


def _seated(committee):
    return [each.person_id for each in committee.members if each.left_at is None]


def close_scoring(committee, *, actor):
    """Take no more scores, so that everybody sees what was given."""
    with transaction() as session:
        lock(session, committee, actor)
        if not committee.is_scoring:
            raise Conflict("This committee takes no scores now.")
        committee.scoring_closed_at = now()
        audit.record("committee.scoring_closed", committee, actor=actor)
    return committee


def finish(committee, *, actor):
    """End a committee. What was settled stays."""
    with transaction() as session:
        lock(session, committee, actor)
        end(committee, actor)
    return committee


def end(committee, actor):
    """Mark a committee as finished, inside the transaction of whoever ends it."""
    if not committee.is_open:
        raise Conflict("Only an open committee can be ended.")
    moment = now()
    committee.status, committee.finished_at = CommitteeStatus.FINISHED, moment
    committee.scoring_closed_at = committee.scoring_closed_at or moment
    audit.record("committee.finished", committee, actor=actor)


def discard(committee, *, actor):
    """Throw away a committee that was never opened."""
    with transaction() as session:
        lock(session, committee, actor)
        if committee.status is not CommitteeStatus.DRAFT:
            raise Conflict("This committee was opened already. End it instead.")
        audit.record("committee.discarded", committee, actor=actor, before={"name": committee.name})
        session.delete(committee)


def open_seats(person):
    """Query the open committees in which this person has a seat, the one with the nearest date first."""
    return (
        sa.select(Committee)
        .join(CommitteeMember, CommitteeMember.committee_id == Committee.id)
        .where(CommitteeMember.person_id == person.id, CommitteeMember.left_at.is_(None), Committee.status == CommitteeStatus.OPEN)
        .order_by(Committee.due_at.is_(None), Committee.due_at, Committee.id)
    )  # fmt: skip


def led_and_open(person):
    """Query the open committees that this person leads, the oldest first."""
    return (
        sa.select(Committee)
        .where(
            Committee.organization_id.in_(person.reach(Permission.CALIBRATE)),
            Committee.status == CommitteeStatus.OPEN,
        )
        .order_by(Committee.opened_at, Committee.id)
    )
