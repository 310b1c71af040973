"""The anchor finder: which responses of an event would make good anchor papers, and which score points have none."""

from dataclasses import dataclass, replace

import numpy as np
import sqlalchemy as sa

from calibration.measurement import anchors
from calibration.measurement.ratings import Labels
from calibration.papers import ranking
from calibration.papers.eligibility import left_out
from calibration.papers.models import ConsensusScore, Paper, PaperKind
from calibration.papers.services import (
    IN_USE,
    SHOWN,
    changeable_responses,
    waiting_responses,
)
from calibration.reports import evidence
from scoring.db import db
from scoring.errors import NotFound
from scoring.events.models import EventResponse
from scoring.events.services import event_by_code
from scoring.paging import ListPage
from scoring.people.models import Organization
from scoring.permissions import Permission
from scoring.reads.models import Method, ScoreOfRecord
from scoring.reads.services import reads_of
from scoring.responses.models import Page, Response
from scoring.tasks.models import Trait

PROPOSED = "proposed"
KINDS = (PROPOSED, anchors.SOLID, anchors.BORDERLINE, anchors.UNEVEN)
FORMS = ("text", "pages")
SIDE_BY_SIDE = 3


@dataclass(frozen=True)
class Candidate:
    """A response that may become an anchor paper, with all a leader needs to judge it."""

    found: anchors.AnchorCandidate
    response: Response
    home: str  # its school and district, where this person may know them
    paper_id: int | None  # it is one already
    is_waiting: bool  # its scores are not settled
    is_changeable: bool  # a scorer may still take a read back

    @property
    def may_be_chosen(self):
        """Whether it can be promoted, or ticked for a committee."""
        return self.paper_id is None and not self.is_waiting


@dataclass(frozen=True)
class Facts:
    """What filters ask about a response."""

    words: int | None
    has_pages: bool
    school_id: int | None
    district_id: int
    paper_id: int | None


@dataclass(frozen=True)
class Filters:
    """What a leader wants to see; whatever stands in an address is allowed and means nothing where it fits nothing."""

    trait: str = ""
    point: int | None = None
    kind: str = ""
    form: str = ""
    shortest: int | None = None
    longest: int | None = None
    school: int | None = None
    district: int | None = None
    unused: bool = False

    @property
    def as_values(self):
        """The filters that are set, as they stand in an address."""
        return {name: value for name, value in vars(self).items() if value not in ("", None, False)}


class Search(ListPage):
    """The candidates for one task of an event, narrowed by filters, three to a page."""

    def __init__(self, event, task, person=None, *, page=1, **filters):
        self.event, self.task, self.person = event, task, person
        self.rubric = evidence.rubric_of(event, task)
        self.filters = self._checked(Filters(**filters))
        self.left_out = left_out(event, task, person)
        self.facts = _facts(event, task, self.rubric)
        self.ratings = _ratings(event, task, self.left_out.unmeasured, self.facts)
        self.all = _candidates(self.ratings, self.rubric)
        chosen = [each for each in self._in_order() if self._fits(each)]
        super().__init__(chosen, page, SIDE_BY_SIDE)
        self.items = self._with_work(self.items)
        trait, point = self.filters.trait, self.filters.point
        anchored = _anchored(self.event, self.rubric)
        self.gaps = [
            gap
            for gap in self.all.gaps
            if trait in {"", gap.trait}
            and point in {None, gap.point}
            and (gap.trait, gap.point) not in anchored
        ]

    def _checked(self, filters):
        return replace(
            filters,
            trait=filters.trait if filters.trait in {each.key for each in self.rubric.traits} else "",
            kind=filters.kind if filters.kind in KINDS else "",
            form=filters.form if filters.form in FORMS else "",
        )

    @property
    def values(self):
        """Every score point of the traits that are asked for."""
        asked = [trait for trait in self.rubric.traits if self.filters.trait in {"", trait.key}]
        return sorted({value for trait in asked for value in trait.values})

    @property
    def impossible(self):
        """The score point that was asked for where none of the traits asked for has it, in words; empty otherwise."""
        if self.filters.point in {None, *self.values}:
            return ""
        trait = next((each.name for each in self.rubric.traits if each.key == self.filters.trait), "No trait")
        return f"{trait} has {'no' if self.filters.trait else 'a'} {self.filters.point}."

    @property
    def places(self):
        """Schools and districts of this event's work that this person may know of, each as (id, name)."""
        seen = self._reach()
        schools = {each.school_id for each in self.facts.values() if _is_seen(each, seen)}
        districts = {each.district_id for each in self.facts.values() if each.district_id in seen}
        return _named(schools), _named(districts)

    def _reach(self):
        return self.person.reach(Permission.SEE_RESPONSES) if self.person is not None else set()

    def _in_order(self):
        found = self.all
        if self.filters.kind == PROPOSED:
            return [pick.paper for pick in found.proposed]
        return ranking.alternate(
            [*found.solid, *found.borderline, *found.uneven],
            grade=lambda paper: (paper.kind, paper.ready, paper.n_reads),
            home=lambda paper: (self.facts[paper.response].district_id, self.facts[paper.response].school_id),
        )

    def _fits(self, paper):
        return (
            paper.response not in self.left_out.discrepant
            and self.filters.kind in {"", PROPOSED, paper.kind}
            and self._fits_scores(paper)
            and self._fits_work(self.facts[paper.response])
        )

    def _fits_scores(self, paper):
        trait, point = self.filters.trait, self.filters.point
        if point is None:
            return not trait or paper.split is None or paper.split[0] == trait
        if paper.split and trait in {"", paper.split[0]}:
            return point in paper.split[1:]
        scores = [paper.scores[trait]] if trait else paper.scores.values()
        return point in scores

    def _fits_work(self, facts):
        asked = self.filters
        if asked.unused and facts.paper_id is not None:
            return False
        if asked.form and asked.form != ("pages" if facts.has_pages else "text"):
            return False
        if (asked.shortest is not None or asked.longest is not None) and facts.words is None:
            return False
        if not (asked.shortest or 0) <= (facts.words or 0) <= (asked.longest or float("inf")):
            return False
        if asked.school is None and asked.district is None:
            return True
        is_here = asked.school in {None, facts.school_id} and asked.district in {None, facts.district_id}
        return is_here and _is_seen(facts, self._reach())

    def _with_work(self, chosen):
        ids = [paper.response for paper in chosen]
        query = sa.select(Response).where(Response.id.in_(ids))
        responses = {each.id: each for each in db.session.scalars(query)}
        waiting, changeable = (
            set(db.session.scalars(query.where(EventResponse.response_id.in_(ids))))
            for query in (waiting_responses(), changeable_responses())
        )
        seen = self._reach()
        return [
            Candidate(
                paper, responses[paper.response], _home(responses[paper.response], seen), self.facts[paper.response].paper_id,
                paper.response in waiting, paper.response in changeable,
            )
            for paper in chosen
        ]  # fmt: skip


def _is_seen(facts, reach):
    return facts.district_id in reach or facts.school_id in reach


def _home(response, reach):
    if response.district_id not in reach and response.school_id not in reach:
        return ""
    return ", ".join(each.name for each in (response.school, response.district) if each is not None)


def _named(ids):
    query = sa.select(Organization.id, Organization.name).where(Organization.id.in_(ids - {None}))
    return db.session.execute(query.order_by(Organization.name, Organization.id)).all()


def _facts(event, task, rubric):
    """What is known of every response of an event's task that was read, by its id."""
    query = (
        sa.select(
            Response.id, Response.word_count, sa.exists().where(Page.response_id == Response.id), Response.school_id,
            Response.district_id, Paper.id,
        )
        .join(EventResponse, EventResponse.response_id == Response.id)
        .outerjoin(Paper, sa.and_(Paper.response_id == Response.id, Paper.rubric_id == rubric.id, *IN_USE))
        .where(EventResponse.event_id == event.id, EventResponse.task_id == task.id, EventResponse.reads > 0)
    )  # fmt: skip
    return {response_id: Facts(*facts) for response_id, *facts in db.session.execute(query)}


def _anchored(event, rubric):
    """(trait, score point) that solid anchor papers show to the event's scorers already, the trait by its key."""
    homes = {event.organization_id, event.organization.network.id}
    query = (
        sa.select(Trait.key, ConsensusScore.score)
        .join(ConsensusScore, ConsensusScore.trait_id == Trait.id)
        .join(Paper, Paper.id == ConsensusScore.paper_id)
        .where(
            *SHOWN,
            Paper.rubric_id == rubric.id,
            Paper.kind == PaperKind.SOLID,
            Paper.organization_id.in_(homes),
        )
    )
    return {tuple(row) for row in db.session.execute(query)}


def _ratings(event, task, unmeasured, facts):
    """The blind reads of the work that may come into question, with the school of each response."""
    ratings = evidence.ratings(event, task)
    if unmeasured:
        ratings = ratings.where(response=set(ratings.response.names) - unmeasured)
    schools = [facts[name].school_id or 0 for name in ratings.response.names]
    names, codes = np.unique(np.array(schools, np.int64), return_inverse=True)
    return replace(
        ratings,
        labels={**ratings.labels, "school": Labels(tuple(names.tolist()), codes[ratings.response.codes])},
    )


def _candidates(ratings, rubric):
    names = {trait.key: trait.name for trait in rubric.traits}
    labels = {trait.key: {point.value: point.label for point in trait.points} for trait in rubric.traits}
    return anchors.candidates(
        ratings,
        trait_names=names,
        point_names=labels if rubric.is_single_point else None,
        diverse=("district", "school"),
    )


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


def response_in(event, task, code, person):
    """Return the rubric and the response with this code, if the event has it and this person may know its reads."""
    query = (
        sa.select(Response).join(EventResponse, EventResponse.response_id == Response.id)
        .where(EventResponse.event_id == event.id, EventResponse.task_id == task.id, Response.code == code)
    )  # fmt: skip
    response, hidden = db.session.scalar(query), left_out(event, task, person)
    if response is None or response.id in hidden.secret | hidden.discrepant:
        raise NotFound("There is no such response to promote in this event. Go back to the anchor finder.")
    return evidence.rubric_of(event, task), response
