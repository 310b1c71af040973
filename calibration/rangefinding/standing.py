"""Where each proposed paper stands for one person: may they score it, are they in, may they see what others gave."""

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from calibration.papers.blind import collects_blind_scores, owes, teaches
from calibration.papers.secrecy import named_by
from calibration.papers.services import closed_responses
from calibration.rangefinding import finding, rules
from calibration.rangefinding.models import (
    Committee,
    CommitteeMember,
    CommitteeRead,
    CommitteeStatus,
    ProposedPaper,
)
from scoring.db import db
from scoring.reads.models import SeenWork
from scoring.responses.models import Response, RosterEntry


@dataclass(frozen=True)
class Place:
    """One proposed paper as it stands for one person. Nothing here tells a score."""

    proposed: object
    number: int
    mine: CommitteeRead | None
    is_asked: bool  # this person was asked to score it, and may
    is_hidden: bool  # nobody is shown the response now
    is_owed: bool  # this person is still asked to score it blind, here or elsewhere
    asked: frozenset  # ids of everybody who was asked and may score it, or has scored it
    sent: frozenset  # ids of those whose scores are in
    leads: bool
    is_scoring: bool

    @property
    def is_in(self):
        """Whether this person's own scores are in."""
        return self.mine is not None and self.mine.sent_at is not None

    @property
    def has_draft(self):
        return self.mine is not None and self.mine.draft is not None

    @property
    def everybody_in(self):
        return bool(self.sent) and self.asked <= self.sent

    @property
    def is_over(self):
        """Whether nothing is to be scored any more."""
        return not self.is_undecided or not self.is_scoring

    @property
    def is_undecided(self):
        return not self.proposed.is_settled and not self.proposed.is_dropped

    @property
    def may_score(self):
        return self.is_asked and not self.is_in and not self.is_over and not self.is_hidden

    @property
    def sees_scores(self):
        """Whether this person may see what the members gave."""
        return not self.is_hidden and not self.is_owed and rules.sees_scores(
            leads=self.leads, is_asked=self.is_asked, is_in=self.is_in, everybody_in=self.everybody_in,
            is_closed=not self.is_scoring,
        )  # fmt: skip

    @property
    def can_settle(self):
        """Whether everything is in that a decision needs."""
        return not self.is_hidden and bool(self.sent) and (self.everybody_in or not self.is_scoring)


class Standing:
    """All proposed papers of a committee as they stand for one person."""

    def __init__(self, committee, person):
        self.committee, self.person = committee, person
        self.leads = finding.leads(committee, person)
        self.seat = finding.seat_of(committee, person.id)
        seats = [each.person_id for each in committee.members if each.left_at is None]
        known = _own_students(committee, seats) | _met_before(committee, seats)
        self._hidden = _hidden(committee)
        self._owed = owes(person, [each.response_id for each in committee.proposed])
        self.places = [
            self._place(number, each, seats, known) for number, each in enumerate(committee.proposed, 1)
        ]

    def _place(self, number, proposed, seats, known):
        passed = {each.person_id for each in proposed.reads if each.passed_at is not None}
        sent = frozenset(each.person_id for each in proposed.reads if each.sent_at is not None)
        free = {each for each in seats if (each, proposed.response_id) not in known} - passed
        mine = next((each for each in proposed.reads if each.person_id == self.person.id), None)
        return Place(
            proposed, number, mine, self.person.id in free, proposed.response_id in self._hidden,
            proposed.response_id in self._owed, frozenset(free) | sent, sent, self.leads, self.committee.is_scoring,
        )  # fmt: skip

    @property
    def mine(self):
        """The papers this person was asked to score, dropped ones left out."""
        return [each for each in self.places if each.is_asked and not each.proposed.is_dropped]

    @property
    def next(self):
        """The next paper to score, or None."""
        return next((each for each in self.places if each.may_score), None)

    @property
    def left(self):
        """How many papers this person has still to score."""
        return sum(each.may_score for each in self.places)

    @property
    def sent_by(self):
        """How many papers each member has sent scores for, by the person's id."""
        return Counter(person_id for place in self.places for person_id in place.sent)

    def of(self, proposed_id):
        """The place of one proposed paper, or None."""
        return next((each for each in self.places if each.proposed.id == proposed_id), None)


def able(committee, people):
    """How many of the proposed papers each of these people may score, and who may score each paper; people by their ids."""
    known = _own_students(committee, people) | _met_before(committee, people)
    by_paper = [
        {person for person in people if (person, each.response_id) not in known}
        for each in committee.proposed
    ]
    return Counter(person for who in by_paper for person in who), by_paper


def _own_students(committee, seats):
    """(person, response) for every member who teaches the student."""
    by_student = {}
    for each in committee.proposed:
        by_student.setdefault(each.response.student_id, []).append(each.response_id)
    query = sa.select(RosterEntry.person_id, RosterEntry.student_id).where(
        RosterEntry.person_id.in_(seats), RosterEntry.student_id.in_(by_student)
    )
    return {(person, each) for person, student in db.session.execute(query) for each in by_student[student]}


def _met_before(committee, seats):
    """(person, response) for every member who met the response with its scores, or in an earlier committee."""
    proposed = [each.response_id for each in committee.proposed]
    earlier = sa.true() if committee.opened_at is None else Committee.opened_at < committee.opened_at
    query = (
        sa.select(CommitteeMember.person_id, ProposedPaper.response_id)
        .join(Committee, Committee.id == CommitteeMember.committee_id)
        .join(ProposedPaper, ProposedPaper.committee_id == Committee.id)
        .where(
            Committee.id != committee.id, Committee.opened_at.is_not(None), earlier, CommitteeMember.person_id.in_(seats),
            ProposedPaper.response_id.in_(proposed),
        )
    )  # fmt: skip
    knew = sa.select(SeenWork.person_id, SeenWork.response_id).where(
        SeenWork.person_id.in_(seats), SeenWork.response_id.in_(proposed)
    )
    if committee.opened_at is not None:
        knew = knew.join(
            CommitteeMember,
            sa.and_(
                CommitteeMember.committee_id == committee.id, CommitteeMember.person_id == SeenWork.person_id
            ),
        ).where(sa.or_(SeenWork.seen_at < committee.opened_at, SeenWork.seen_at < CommitteeMember.invited_at))
    return {tuple(row) for row in db.session.execute(sa.union(query, knew))}


def _hidden(committee):
    """Ids of its responses that nobody is shown now."""
    return named_by([each.response_id for each in committee.proposed], *closed_responses())


@collects_blind_scores
def still_asked():
    """Query (response, person) for everybody whose blind scores an open committee still waits for."""
    is_in = sa.exists().where(
        CommitteeRead.proposed_id == ProposedPaper.id, CommitteeRead.person_id == CommitteeMember.person_id,
        sa.or_(CommitteeRead.sent_at.is_not(None), CommitteeRead.passed_at.is_not(None)),
    )  # fmt: skip
    return (
        sa.select(ProposedPaper.response_id, CommitteeMember.person_id)
        .join(Committee, Committee.id == ProposedPaper.committee_id)
        .join(CommitteeMember, CommitteeMember.committee_id == Committee.id)
        .join(Response, Response.id == ProposedPaper.response_id)
        .where(
            Committee.status == CommitteeStatus.OPEN, Committee.scoring_closed_at.is_(None), CommitteeMember.left_at.is_(None),
            ProposedPaper.paper_id.is_(None), ProposedPaper.dropped_at.is_(None), ~is_in, ~teaches(CommitteeMember.person_id), ~_knew(),
        )
    )  # fmt: skip


def _knew():
    """Whether a member had met a proposed response with its scores before the committee asked them."""
    return sa.exists().where(
        SeenWork.person_id == CommitteeMember.person_id, SeenWork.response_id == ProposedPaper.response_id,
        sa.or_(SeenWork.seen_at < Committee.opened_at, SeenWork.seen_at < CommitteeMember.invited_at),
    )  # fmt: skip
