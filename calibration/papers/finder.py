"""The anchor finder: which responses of an event would make good anchor papers, and which score points have none."""

from dataclasses import dataclass

import sqlalchemy as sa

from calibration.measurement import anchors
from calibration.papers import secrecy
from calibration.papers.models import Paper
from calibration.papers.services import (
    IN_USE,
    changeable_responses,
    waiting_responses,
    worrying_responses,
)
from calibration.reports import evidence
from scoring.db import db
from scoring.errors import NotFound
from scoring.events.models import EventResponse
from scoring.events.services import event_by_code
from scoring.permissions import Permission
from scoring.reads.models import Concern, ConcernKind, Method, ScoreOfRecord
from scoring.reads.services import reads_of
from scoring.responses.models import Response

KINDS = (anchors.SOLID, anchors.BORDERLINE, anchors.UNEVEN)
SIDE_BY_SIDE = 3


@dataclass(frozen=True)
class Candidate:
    """A response that may become an anchor paper, with all a leader needs to judge it."""

    found: anchors.AnchorCandidate
    response: Response
    paper_id: int | None  # it is one already
    is_waiting: bool  # its scores are not settled
    is_changeable: bool  # a scorer may still take a read back
    is_flagged: bool


class Search:
    """The candidates for one task of an event, narrowed by trait, score point and kind, three to a page."""

    def __init__(self, event, task, *, trait="", point=None, kind="", page=1):
        self.rubric = evidence.rubric_of(event, task)
        traits = {each.key: each for each in self.rubric.traits}
        self.trait, self.point = trait if trait in traits else "", point
        self.kind = kind if kind in KINDS else ""
        self.all = _candidates(event, task, self.rubric)
        chosen = [each for each in _in_order(self.all) if self._fits(each)]
        self.total, self.pages = len(chosen), max(1, -(-len(chosen) // SIDE_BY_SIDE))
        self.page = min(max(1, page), self.pages)
        start = (self.page - 1) * SIDE_BY_SIDE
        self.items = _with_work(chosen[start : start + SIDE_BY_SIDE], self.rubric)
        self.gaps = [
            gap for gap in self.all.gaps if self.trait in {"", gap.trait} and point in {None, gap.point}
        ]

    @property
    def values(self):
        """Every score point of the traits that are asked for."""
        asked = [trait for trait in self.rubric.traits if self.trait in {"", trait.key}]
        return sorted({value for trait in asked for value in trait.values})

    @property
    def has_prev(self):
        return self.page > 1

    @property
    def has_next(self):
        return self.page < self.pages

    def _fits(self, paper):
        if self.kind and paper.kind != self.kind:
            return False
        if self.point is None:
            return not self.trait or paper.split is None or paper.split[0] == self.trait
        if paper.split and self.trait in {"", paper.split[0]}:
            return self.point in paper.split[1:]
        scores = [paper.scores[self.trait]] if self.trait else paper.scores.values()
        return self.point in scores


def _candidates(event, task, rubric):
    ratings = evidence.ratings(event, task)
    left_out = set(db.session.scalars(sa.union(worrying_responses(), secrecy.live_validity_responses())))
    if left_out:
        ratings = ratings.where(response=[name for name in ratings.response.names if name not in left_out])
    names = {trait.key: trait.name for trait in rubric.traits}
    labels = {trait.key: {point.value: point.label for point in trait.points} for trait in rubric.traits}
    return anchors.candidates(
        ratings, trait_names=names, point_names=labels if rubric.is_single_point else None
    )


def _in_order(found):
    return [*found.solid, *found.borderline, *found.uneven]


def _with_work(chosen, rubric):
    ids = [paper.response for paper in chosen]
    if not ids:
        return []
    responses = {
        each.id: each for each in db.session.scalars(sa.select(Response).where(Response.id.in_(ids)))
    }
    promoted = dict(
        db.session.execute(
            sa.select(Paper.response_id, Paper.id).where(
                *IN_USE, Paper.rubric_id == rubric.id, Paper.response_id.in_(ids)
            )
        ).all()
    )
    waiting, changeable = (
        set(db.session.scalars(query.where(EventResponse.response_id.in_(ids))))
        for query in (waiting_responses(), changeable_responses())
    )
    flags = sa.select(Concern.response_id).where(
        Concern.response_id.in_(ids), Concern.kind == ConcernKind.FLAG, Concern.settled_at.is_(None)
    )
    flagged = set(db.session.scalars(flags))
    return [
        Candidate(paper, responses[paper.response], promoted.get(paper.response), paper.response in waiting,
                  paper.response in changeable,
                  paper.response in flagged)
        for paper in chosen
    ]  # fmt: skip


@dataclass(frozen=True)
class Given:
    """What the reads of one response came to, for the page on which it is promoted."""

    scores: dict  # trait id: the score all reads agree on, or the adjudicator's
    reads: tuple  # per read: {trait id: score}
    borderline: bool


def given(event, response):
    """Return what the blind reads of a response in an event gave, and what an adjudicator decided."""
    place = db.session.scalars(
        sa.select(EventResponse).where(
            EventResponse.event_id == event.id, EventResponse.response_id == response.id
        )
    ).one()
    reads = tuple(read.score_by_trait for read in reads_of(place) if read.scores)
    agreed = {}
    for trait_id in reads[0] if reads else ():
        values = {read.get(trait_id) for read in reads}
        if len(values) == 1:
            agreed[trait_id] = values.pop()
    is_split = bool(reads) and len(agreed) < len(reads[0])
    decided = sa.select(ScoreOfRecord.trait_id, ScoreOfRecord.score).where(
        ScoreOfRecord.event_response_id == place.id, ScoreOfRecord.superseded_at.is_(None),
        ScoreOfRecord.method == Method.ADJUDICATED, ScoreOfRecord.score.is_not(None),
    )  # fmt: skip
    for trait_id, score in db.session.execute(decided):
        agreed[trait_id] = int(score)
    return Given(agreed, reads, is_split)


def event_and_task(code, task_id, person):
    """Return an event and one of its tasks for somebody who chooses anchor papers there."""
    event = event_by_code(code, person, Permission.CHOOSE_ANCHORS)
    task = next((each.task for each in event.tasks if each.task_id == task_id), None)
    if task is None:
        raise NotFound(
            "This task is not part of the event. Go back to the event and choose one of its tasks."
        )
    return event, task


def response_in(event, task, code):
    """Return the rubric and the response with this code, if the event has it for the task."""
    query = (
        sa.select(Response).join(EventResponse, EventResponse.response_id == Response.id)
        .where(EventResponse.event_id == event.id, EventResponse.task_id == task.id, Response.code == code)
    )  # fmt: skip
    response = db.session.scalar(query)
    if response is None or db.session.scalar(sa.select(sa.literal(response.id).in_(worrying_responses()))):
        raise NotFound("There is no such response to promote in this event. Go back to the anchor finder.")
    return evidence.rubric_of(event, task), response
