"""The anchor papers there are: how they cover each rubric, and in which events to look for more."""

from dataclasses import dataclass

from calibration.papers import coverage
from calibration.papers.models import PaperKind
from calibration.papers.services import hidden_ids, paper_query
from scoring.db import db
from scoring.events.models import EventStatus
from scoring.events.services import visible_events
from scoring.permissions import Permission


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


def collections_of(person):
    """Return the collection of every rubric version that a person's events or papers use, by task and newest version."""
    papers = db.session.scalars(paper_query(person)).all()
    events = db.session.scalars(visible_events(person, Permission.CHOOSE_ANCHORS)).all()
    rubrics = {paper.rubric for paper in papers} | {each.rubric for event in events for each in event.tasks}
    hidden = hidden_ids([paper for paper in papers if paper.retired_at is None])
    made = []
    for rubric in sorted(rubrics, key=lambda each: (each.task.title, each.task_id, -each.version)):
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
