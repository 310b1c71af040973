"""Consensus scores that a group agreed on anew: put under the paper, or on a new paper where a frozen set rests on the old one."""

from calibration.papers.models import ConsensusScore, Paper, PaperEvidence
from calibration.papers.services import LONGEST, agreements, paper_by_id, stands_in_frozen_set
from scoring import audit
from scoring.db import now, transaction
from scoring.errors import Conflict, Invalid


def settle_anew(paper, *, scores, reasons, agreed, actor):
    """Put the consensus scores of a group under a paper; return the paper that has them now.

    `scores` and `reasons` are by trait id, `agreed` says who agreed and when, by person id. Where the scores are the
    same, the names are added. A paper in a frozen set is written anew, and the old one retired: what was measured with
    it stays as it was.
    """
    paper = paper_by_id(paper.id, actor)
    _require_complete(paper, scores, reasons)
    with transaction() as session:
        session.refresh(
            paper.response, with_for_update=True
        )  # whoever freezes a set holds the responses of its papers
        session.refresh(paper, with_for_update=True)
        if paper.retired_at is not None:
            raise Conflict(f"{paper.response.code} is retired. Its scores stay as they were.")
        before = {each.trait_id: each.score for each in paper.scores}
        if before == scores:
            for each in paper.scores:
                each.commentary = each.commentary or reasons.get(each.trait_id, "")
            return confirm(paper, agreed, actor=actor)
        if stands_in_frozen_set(paper):
            return _write_anew(session, paper, scores, reasons, agreed, actor)
        return _change(session, paper, scores, reasons, agreed, actor)


def confirm(paper, agreed, *, actor):
    """Add the names of those who agreed to the scores that a paper has already (by person id: when)."""
    with transaction():
        known = {each.person_id for each in paper.agreements}
        added = {person: moment for person, moment in agreed.items() if person not in known}
        paper.agreements += agreements(added)
        audit.record("paper.confirmed", paper, actor=actor, after={"agreed": sorted(added)})
    return paper


def _change(session, paper, scores, reasons, agreed, actor):
    before = {str(each.trait_id): each.score for each in paper.scores}
    paper.agreements = []
    session.flush()  # the old names go first: a person may stand among the new ones
    paper.agreements = agreements(agreed)
    for each in paper.scores:
        if each.score != scores[each.trait_id]:
            each.score, each.commentary = scores[each.trait_id], reasons.get(each.trait_id, "")
    session.flush()
    audit.record("paper.settled_anew", paper, actor=actor, before={"scores": before},
                 after={"scores": _told(scores), "agreed": sorted(agreed)})  # fmt: skip
    return paper


def _write_anew(session, paper, scores, reasons, agreed, actor):
    paper.retired_at, paper.retired_by_id = now(), actor.id
    session.flush()  # a response is one paper in use only
    before = {each.trait_id: each for each in paper.scores}
    stands = {None} | {trait for trait, score in scores.items() if before[trait].score == score}
    made = Paper(
        task_id=paper.task_id, rubric_id=paper.rubric_id, response_id=paper.response_id, event_id=paper.event_id,
        organization_id=paper.organization_id, purpose=paper.purpose, is_kept=paper.is_kept, kind=paper.kind,
        promoted_by_id=actor.id, agreements=agreements(agreed),
        scores=[
            ConsensusScore(
                trait_id=trait_id, score=score,
                commentary=before[trait_id].commentary if trait_id in stands else reasons.get(trait_id, ""),
            )
            for trait_id, score in scores.items()
        ],
        evidence=[_copy(mark) for mark in paper.evidence if mark.removed_at is None and mark.trait_id in stands],
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record("paper.retired", paper, actor=actor, after={"written_anew_as": made.id})
    audit.record("paper.written_anew", made, actor=actor, before={"paper": paper.id},
                 after={"scores": _told(scores), "agreed": sorted(agreed)})  # fmt: skip
    return made


def _copy(mark):
    """The same marked place, in the same words, for another paper of the same work."""
    place = {name: getattr(mark, name) for name in "span_start span_end page x y width height".split()}
    return PaperEvidence(
        trait_id=mark.trait_id, words=mark.words, marked_by_id=mark.marked_by_id, marked_at=mark.marked_at, **place
    )  # fmt: skip


def _told(scores):
    return {str(trait): score for trait, score in scores.items()}


def _require_complete(paper, scores, reasons):
    points = {trait.id: trait.values for trait in paper.rubric.traits}
    if scores.keys() != points.keys() or any(score not in points[trait] for trait, score in scores.items()):
        words = f"{paper.response.code} needs a consensus score for each trait."
        raise Invalid(words, fields={"scores": words})
    if any(len(words) > LONGEST for words in reasons.values()):
        words = f"A reason has room for {LONGEST:,} characters. Shorten it."
        raise Invalid(words, fields={"reasons": words})
