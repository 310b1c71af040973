"""The positive list of a session: every field a participant may be told. Nothing else leaves this feature.

Before the scores of a paper are shown, and to whoever has not scored it, that is the work and how many are in. Afterwards
scores stand in the order of the rubric and evidence in the order of its words, so that order tells nothing of people.
"""

from dataclasses import dataclass, field

import sqlalchemy as sa

from calibration.papers.showing import blind_work
from calibration.sessions import finding, rules, sheets
from calibration.sessions.consensus import voters_of
from calibration.sessions.models import Proposal, Remark
from calibration.sessions.sights import Sight, sight_of, sights_of
from scoring.db import db


@dataclass(frozen=True)
class Mark:
    """One person's score: whether it is the own one, the leader's, and a name if names are shown."""

    is_own: bool
    is_leaders: bool
    name: str = ""


@dataclass(frozen=True)
class Evidence:
    """What somebody pointed to, beside the score it goes with."""

    score: int
    words: str
    is_own: bool


@dataclass(frozen=True)
class Agreed:
    """A consensus score and why."""

    score: int
    reason: str


@dataclass(frozen=True)
class Said:
    """One remark with its answers."""

    id: int
    author: str
    at: object
    text: str  # empty once it was withdrawn
    is_own: bool
    answers: tuple = ()


@dataclass(frozen=True)
class Proposed:
    """A proposal for a consensus score, how many support it, and whether this person does."""

    id: int
    author: str
    score: int
    reason: str
    supports: int
    needed: int
    is_own: bool
    is_supported: bool


@dataclass(frozen=True)
class TraitShown:
    """One trait of a paper whose scores are shown."""

    id: int
    key: str
    name: str
    columns: tuple  # (score point, its label, marks) from low to high
    evidence: tuple
    words: str  # how far the scores lie apart
    own: int | None
    revised: int | None
    agreed: Agreed | None
    pairs: tuple
    said: tuple
    proposed: tuple


@dataclass(frozen=True)
class PaperShown:
    """A paper as one participant may see it at present."""

    id: int
    position: int
    sight: Sight
    counts: str = ""  # how many are in
    all_are_in: bool = False
    work: object = None
    own: tuple = ()  # (trait, score, evidence) of the own sheet
    own_reason: str = ""
    is_late: bool = False
    traits: tuple = ()  # the widest difference first
    leader_is_waiting: bool = False
    said: tuple = ()
    reasons: tuple = ()
    may_revise: bool = False
    pair: object = None
    agreed: tuple = ()  # (trait, consensus score), where scores are shown
    earlier: str = ""  # the paper's consensus scores from before, once the group has agreed


@dataclass(frozen=True)
class PairShown:
    """What the members of a pair see of each other while they agree: nothing before both are in."""

    number: int
    partners: tuple
    traits: tuple = ()  # (trait id, name, points, scores of the pair, agreed)
    waits: bool = field(default=True)


def papers_listed(session_papers, seat):
    """Return what a list tells of papers: how they stand, and what was agreed where that may be seen."""
    sights = sights_of(session_papers, seat)
    counted = [each for each in session_papers if sights[each.id] in {Sight.BLIND, Sight.IN, Sight.LOOKS_ON}]
    found = finding.standings(counted) | {
        each.id: finding.standing(each, 2) for each in counted if _is_second(each)
    }
    return [
        PaperShown(
            each.id, each.position, sights[each.id], _counts(*found[each.id])[0] if each.id in found else "",
            agreed=_all_agreed(each) if sights[each.id] is Sight.SHOWN else (),
        )
        for each in session_papers
    ]  # fmt: skip


def _all_agreed(session_paper):
    found = [(trait.name, session_paper.agreed(trait.id)) for trait in session_paper.session.rubric.traits]
    return tuple((name, each.score) for name, each in found if each)


def paper_shown(session_paper, seat):
    """Return a paper as a participant may see it at present."""
    mine = sheets.sheets_by(session_paper, seat)
    own, sight = mine.get(1), sight_of(session_paper, seat)
    facts = {"id": session_paper.id, "position": session_paper.position, "sight": sight}
    if sight in {Sight.OUT, Sight.LATER, Sight.MISSED}:
        return PaperShown(**facts)
    facts["work"] = blind_work(session_paper.paper, session_paper.position, seat.person)
    if sight is Sight.READ:
        return PaperShown(**facts)
    facts["counts"], facts["all_are_in"] = counts(session_paper)
    if own is not None:
        facts |= _own(session_paper, own)
        facts["pair"] = pair_shown(session_paper, seat)
    if sight is Sight.SHOWN:
        facts |= _shown(session_paper, seat, mine)
    return PaperShown(**facts)


def counts(session_paper):
    """How many are in, in words; and whether nobody is waited for."""
    number = 2 if _is_second(session_paper) else 1
    return _counts(*finding.standing(session_paper, number))


def _counts(found, waiting):
    return f"{len(found)} of {len(found) + len(waiting)} are in", bool(found) and not waiting


def _is_second(session_paper):
    meeting = session_paper.session
    if not meeting.is_live or meeting.phase is None or meeting.present_paper is not session_paper:
        return False
    return rules.is_second_score(meeting.steps, meeting.phases[meeting.phase].step)


def _own(session_paper, own):
    given = {each.trait_id: each for each in own.scores}
    traits = session_paper.session.rubric.traits
    return {
        "own": tuple((trait.name, given[trait.id].score, given[trait.id].evidence) for trait in traits),
        "own_reason": own.reason, "is_late": own.is_late,
    }  # fmt: skip


# Once the scores are shown


def _shown(session_paper, seat, mine):
    meeting = session_paper.session
    visible = _visible_sheets(session_paper, seat)
    names = _names(meeting, visible)
    remarks = remarks_of(meeting, seat, Remark.session_paper_id == session_paper.id)
    proposals = _proposals(session_paper, seat)
    revised = mine.get(2)
    leader = next((each.id for each in meeting.participants if each.person_id == meeting.leader_id), None)
    traits = {}
    for trait in meeting.rubric.traits:
        marks = {point.value: [] for point in trait.points}
        evidence = []
        for sheet in visible:
            given = next(each for each in sheet.scores if each.trait_id == trait.id)
            is_own = sheet.participant_id == seat.id
            marks[given.score].append(
                Mark(is_own, sheet.participant_id == leader, names.get(sheet.participant_id, ""))
            )
            if given.evidence:
                evidence.append(Evidence(given.score, given.evidence, is_own))
        own = next((each.by_trait[trait.id] for each in visible if each.participant_id == seat.id), None)
        given = sorted(score for score, found in marks.items() for _ in found)
        traits[trait.key] = given, TraitShown(
            id=trait.id, key=trait.key, name=trait.name, words=_spread(given), own=own,
            columns=tuple((point.value, point.label, tuple(sorted(marks[point.value], key=_by_mark))) for point in trait.points),
            evidence=tuple(sorted(evidence, key=lambda each: (each.score, each.words.casefold(), each.words))),
            revised=revised.by_trait[trait.id] if revised else None, agreed=_agreed(session_paper, trait.id),
            pairs=_pairs(session_paper, trait.id), said=remarks.get(trait.id, ()), proposed=proposals.get(trait.id, ()),
        )  # fmt: skip
    order = rules.widest_first({key: given for key, (given, _) in traits.items()})
    return {
        "traits": tuple(traits[key][1] for key in order), "said": remarks.get(None, ()),
        "reasons": tuple(sorted((each.reason for each in visible if each.reason), key=str.casefold)),
        "leader_is_waiting": _leader_is_waiting(session_paper), "may_revise": 1 in mine and sheets.may_revise(session_paper),
        "earlier": _earlier(session_paper),
    }  # fmt: skip


def _visible_sheets(session_paper, seat):
    """First sheets of everybody; the leader's only once it is shown, or to the leader."""
    hides = _leader_is_waiting(session_paper)
    leader_id = session_paper.session.leader_id
    return [
        each for each in session_paper.sheets
        if each.round == 1
        and (not hides or each.participant.person_id != leader_id or each.participant_id == seat.id)
    ]  # fmt: skip


def _leader_is_waiting(session_paper):
    """Whether the leader has scored this paper and it is still to be shown. At the end of the session it is."""
    meeting = session_paper.session
    if session_paper.leader_shown_at is not None or meeting.is_over:
        return False
    return any(
        each.round == 1 and each.participant.person_id == meeting.leader_id for each in session_paper.sheets
    )


def _names(meeting, visible):
    """Names by participant, once everybody agrees who scored the paper, seat or not, or has a seat and scores."""
    asked = {each for each in meeting.participants if each.removed_at is None and not each.observes}
    if not all(each.shows_name for each in asked | {sheet.participant for sheet in visible}):
        return {}
    return {each.participant_id: each.participant.person.name for each in visible}


def _by_mark(mark):
    return (mark.is_leaders, not mark.is_own, mark.name.casefold())


def _spread(given):
    if len(given) < 2:
        return "There are not two scores to compare."
    wide = given[-1] - given[0]
    if wide == 0:
        return f"All gave a {given[0]}."
    return f"From {given[0]} to {given[-1]}, {wide} point{'s' if wide > 1 else ''} apart."


def _agreed(session_paper, trait_id):
    found = session_paper.agreed(trait_id)
    return Agreed(found.score, found.reason) if found else None


def _pairs(session_paper, trait_id):
    """What the pairs agreed on, lowest first: which pair it was is not told."""
    found = [each for each in session_paper.consensus if each.pair and each.trait_id == trait_id]
    return tuple(sorted((Agreed(each.score, each.reason) for each in found), key=lambda each: (each.score, each.reason.casefold())))  # fmt: skip


def _earlier(session_paper):
    """The consensus scores that the paper had before, once the group has agreed on every trait."""
    traits = session_paper.session.rubric.traits
    if not all(session_paper.agreed(trait.id) for trait in traits):
        return ""
    before = {each.trait_id: each.score for each in session_paper.paper.scores}
    return ", ".join(f"{trait.name} {before[trait.id]}" for trait in traits)


# Pairs


def pair_shown(session_paper, seat):
    """What a member of a pair sees in the step for pairs; None in any other step and for those outside of pairs."""
    meeting = session_paper.session
    step = meeting.present_step if meeting.is_live and meeting.is_open else None
    if (
        step is None
        or not step["in_pairs"]
        or meeting.present_paper is not session_paper
        or seat.pair is None
    ):
        return None
    members = [each for each in meeting.participants if each.pair == seat.pair and each.removed_at is None]
    partners = tuple(sorted(each.person.name for each in members if each.id != seat.id))
    found = [sheet for each in members if (sheet := sheets.sheet_by(session_paper, each)) is not None]
    here = [each for each in members if each.is_here]
    asked = (
        {each.id for each in here}
        - finding.observing(session_paper)
        - finding.sitting_out(session_paper, here)
    )
    waits = len(found) < 2 or not asked <= {each.participant_id for each in found}
    if waits:
        return PairShown(seat.pair, partners)
    traits = tuple(
        (trait.id, trait.name, tuple(trait.values), tuple(sorted(each.by_trait[trait.id] for each in found)),
         _pair_agreed(session_paper, trait.id, seat.pair))
        for trait in meeting.rubric.traits
    )  # fmt: skip
    return PairShown(seat.pair, partners, traits, waits=False)


def _pair_agreed(session_paper, trait_id, pair):
    found = session_paper.agreed(trait_id, pair)
    return Agreed(found.score, found.reason) if found else None


# What was said


def remarks_of(meeting, seat, *conditions):
    """Return threads by trait id (None: no trait), the oldest first. The caller has made sure that they may be seen."""
    query = sa.select(Remark).where(Remark.session_id == meeting.id, *conditions)
    found = db.session.scalars(query.order_by(Remark.created_at, Remark.id)).all()
    answers = {}
    for each in found:
        if each.reply_to_id and not each.withdrawn_at:
            answers.setdefault(each.reply_to_id, []).append(_said(each, seat))
    threads = {}
    for each in found:
        if each.reply_to_id is None and (not each.withdrawn_at or each.id in answers):
            threads.setdefault(each.trait_id, []).append(_said(each, seat, tuple(answers.get(each.id, ()))))
    return {trait: tuple(said) for trait, said in threads.items()}


def _said(remark, seat, answers=()):
    text = "" if remark.withdrawn_at else remark.text
    return Said(
        remark.id, remark.author.person.name, remark.created_at, text, remark.author_id == seat.id, answers
    )


def _proposals(session_paper, seat):
    """Proposals by trait id that were not withdrawn, the oldest first."""
    query = sa.select(Proposal).where(
        Proposal.session_paper_id == session_paper.id, Proposal.withdrawn_at.is_(None)
    )
    needed, made = voters_of(session_paper), {}
    for each in db.session.scalars(query.order_by(Proposal.created_at, Proposal.id)):
        supports = {one.participant_id for one in each.supports} & needed
        made.setdefault(each.trait_id, []).append(Proposed(
            each.id, each.author.person.name, each.score, each.reason, len(supports), len(needed),
            each.author_id == seat.id, seat.id in supports,
        ))  # fmt: skip
    return {trait: tuple(found) for trait, found in made.items()}
