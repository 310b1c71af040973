"""Which papers somebody may be given: nobody meets work of their own students, or work whose scores they may know."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from calibration.papers import secrecy, showing
from calibration.papers.blind import collects_blind_scores
from calibration.papers.models import Agreement, Paper, PaperSetItem
from calibration.qualification import rules
from calibration.qualification.models import Attempt, AttemptPaper
from calibration.qualification.steps import Stage
from scoring.db import db
from scoring.errors import NotAvailable
from scoring.reads.models import Assignment, SeenWork
from scoring.reads.seen import seen_by

TOO_FEW = (
    "There are not enough papers that are new to you. Papers of your own students, and work that you have read or seen "
    "before, are left out. Your leader can add a set or give you the qualification with a reason: tell them."
)


@dataclass(frozen=True)
class Chosen:
    """A paper to be scored, and the set it comes from."""

    paper: Paper
    set_id: int


def papers_for(paper_set, person, stage, *, again=False):
    """The papers of a set that somebody may be given at this stage, in order; with `again` also those of earlier tries."""
    query = (
        sa.select(Paper)
        .join(PaperSetItem, PaperSetItem.paper_id == Paper.id)
        .where(PaperSetItem.set_id == paper_set.id, Paper.retired_at.is_(None))
        .order_by(PaperSetItem.position)
        .options(joinedload(Paper.response))
    )
    papers = db.session.scalars(query).all()
    if not papers:
        return []
    out = showing.not_for(papers, person)
    known = _known(person, [paper.response_id for paper in papers], stage, again)
    return [paper for paper in papers if paper.id not in out and paper.response_id not in known]


def for_practice(paper_set, person):
    """The papers of a practice set; none where somebody knows them all."""
    return [Chosen(paper, paper_set.id) for paper in papers_for(paper_set, person, Stage.PRACTICE)]


def for_try(program, person, seen, *, is_coached):
    """The papers of a try: sets nobody has shown this person yet; after coaching, and for want of others, old ones.

    `seen` holds the ids of sets of earlier tries, the oldest first.
    """
    sets = [step.paper_set for step in program.steps_of(Stage.QUALIFICATION)]
    order = [(each, False) for each in sets if each.id not in seen]
    if is_coached:
        order += [(each, True) for each in sorted((each for each in sets if each.id in seen), key=lambda each: seen.index(each.id))]  # fmt: skip
    found, used, wanted = [], 0, program.rule.sets_to_see
    for paper_set, again in order:
        papers = papers_for(paper_set, person, Stage.QUALIFICATION, again=again)
        if used < wanted and rules.enough_of(len(papers), paper_set.frozen_count):
            found += [Chosen(paper, paper_set.id) for paper in papers]
            used += 1
    if used < wanted:
        raise NotAvailable(TOO_FEW)
    return found


def for_recalibration(program, person):
    """A few papers that are new to this person; where they run out, those of earlier recalibrations, the oldest first."""
    wanted, found = program.recalibration_papers, []
    sets = [step.paper_set for step in program.steps_of(Stage.RECALIBRATION)]
    for again in (False, True):
        chosen = [
            Chosen(paper, each.id) for each in sets
            for paper in papers_for(each, person, Stage.RECALIBRATION, again=again)
            if paper.id not in {other.paper.id for other in found}
        ]  # fmt: skip
        if again:
            order = _order_of_meeting(person)
            chosen.sort(key=lambda each: order.get(each.paper.id, 0))
        found += chosen[: wanted - len(found)]
    if not rules.enough_of(len(found), wanted):
        raise NotAvailable(TOO_FEW)
    return found


def _order_of_meeting(person):
    """When this person last met each paper, as a number that grows."""
    query = (
        sa.select(AttemptPaper.paper_id, sa.func.max(AttemptPaper.id))
        .join(Attempt, Attempt.id == AttemptPaper.attempt_id)
        .where(Attempt.person_id == person.id)
        .group_by(AttemptPaper.paper_id)
    )
    return dict(db.session.execute(query).all())


def _known(person, response_ids, stage, again):
    """Ids of those responses this person may not be given, because they read them or may know their scores."""
    sources = [
        sa.select(Assignment.response_id).where(
            Assignment.scorer_id == person.id, Assignment.response_id.in_(response_ids)
        )
    ]
    if stage is not Stage.PRACTICE:
        stages = [Stage.PRACTICE] if again else list(Stage)
        sources += [
            secrecy.shown_responses().where(Paper.response_id.in_(response_ids)),
            seen_by(person).where(SeenWork.response_id.in_(response_ids)),
            sa.select(Paper.response_id)
            .join(Agreement, Agreement.paper_id == Paper.id)
            .where(Agreement.person_id == person.id, Paper.response_id.in_(response_ids)),
            sa.select(Paper.response_id)
            .join(AttemptPaper, AttemptPaper.paper_id == Paper.id)
            .join(Attempt, Attempt.id == AttemptPaper.attempt_id)
            .where(Attempt.person_id == person.id, Attempt.stage.in_(stages), Paper.response_id.in_(response_ids)),
        ]  # fmt: skip
    return set(db.session.scalars(sa.union(*sources)))


@collects_blind_scores
def still_asked():
    """Query (response, person) for everybody whose scores a try that has begun still waits for."""
    return (
        sa.select(Paper.response_id, Attempt.person_id)
        .join(AttemptPaper, AttemptPaper.paper_id == Paper.id)
        .join(Attempt, Attempt.id == AttemptPaper.attempt_id)
        .where(
            Attempt.ended_at.is_(None), Attempt.stage != Stage.PRACTICE, AttemptPaper.submitted_at.is_(None)
        )
    )
