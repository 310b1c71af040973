"""The anchor papers there are: how they cover each rubric, and in which events to look for more."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from calibration.papers import coverage
from calibration.papers.models import Paper, PaperKind
from calibration.papers.services import LISTED, hidden_ids, paper_query
from scoring.db import db
from scoring.events.models import Event, EventStatus, EventTask
from scoring.events.services import visible_events
from scoring.paging import ListPage
from scoring.permissions import Permission
from scoring.tasks.models import Rubric

COLLECTIONS = 10  # on a page


def coverage_of(rubric, papers):
    """Count the papers of a rubric at each score point of each trait."""
    traits = [(trait.id, trait.name, trait.values) for trait in rubric.traits]
    counted = [
        (paper.kind is PaperKind.SOLID, {each.trait_id: each.score for each in paper.scores})
        for paper in papers
    ]
    return coverage.grid(traits, counted)


@dataclass(frozen=True)
class Collection:
    """The anchor papers of one rubric version, how they cover it, and the events in which to look for more."""

    rubric: object
    papers: tuple
    kept: tuple  # for sets only
    retired: tuple
    hidden: frozenset  # ids of papers that scorers can not see at present
    cover: coverage.Grid
    events: tuple


def collections_of(person, page=1):
    """Return a page of the collections of all rubric versions that a person's events or papers use, by task and newest version."""
    uses = selectinload(Event.tasks).joinedload(EventTask.rubric).joinedload(Rubric.task)
    events = db.session.scalars(visible_events(person, Permission.CHOOSE_ANCHORS).options(uses)).all()
    ids = paper_query(person).with_only_columns(Paper.rubric_id).order_by(None)
    with_papers = sa.select(Rubric).where(Rubric.id.in_(ids)).options(joinedload(Rubric.task))
    rubrics = {each.rubric for event in events for each in event.tasks} | set(db.session.scalars(with_papers))
    found = ListPage(
        sorted(rubrics, key=lambda each: (each.task.title, each.task_id, -each.version)), page, COLLECTIONS
    )
    found.items = _collections(person, found.items, events)
    return found


def _collections(person, rubrics, events):
    query = paper_query(person).where(Paper.rubric_id.in_([each.id for each in rubrics])).options(*LISTED)
    papers = db.session.scalars(query).all()
    hidden = hidden_ids([paper for paper in papers if paper.retired_at is None])
    made = []
    for rubric in rubrics:
        mine = sorted(
            (paper for paper in papers if paper.rubric_id == rubric.id),
            key=lambda each: (each.mean_score, each.id),
        )
        in_use = tuple(paper for paper in mine if paper.retired_at is None)
        shown = tuple(paper for paper in in_use if not paper.is_kept)
        kept = tuple(paper for paper in in_use if paper.is_kept)
        retired = tuple(paper for paper in mine if paper.retired_at is not None)
        used_in = tuple(
            event
            for event in events
            if event.status is not EventStatus.DRAFT and rubric.id in {each.rubric_id for each in event.tasks}
        )
        made.append(
            Collection(rubric, shown, kept, retired, frozenset(hidden), coverage_of(rubric, shown), used_in)
        )
    return made
