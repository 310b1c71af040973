"""The anchor papers there are: how they cover each rubric, and in which events to look for more."""

from dataclasses import dataclass

from calibration.papers.services import hidden_ids, paper_query
from scoring.db import db
from scoring.events.models import EventStatus
from scoring.events.services import visible_events
from scoring.permissions import Permission


@dataclass(frozen=True)
class Cover:
    """How many anchor papers a rubric has at each score point, and which have none, in words."""

    rows: tuple  # (trait, ((score point, how many), ...))
    gaps: tuple


def coverage(rubric, papers):
    """Count a rubric's anchor papers at each score point of each trait."""
    rows, gaps = [], []
    for trait in rubric.traits:
        scores = [each.score for paper in papers for each in paper.scores if each.trait_id == trait.id]
        row = tuple((point, scores.count(point.value)) for point in trait.points)
        rows.append((trait, row))
        missing = [f"{point.value}" for point, number in row if number == 0]
        if missing:
            listed = missing[0] if len(missing) == 1 else f"{', '.join(missing[:-1])} or {missing[-1]}"
            gaps.append(f"No anchor paper for a {listed} in {trait.name}.")
    return Cover(tuple(rows), tuple(gaps))


@dataclass(frozen=True)
class Collection:
    """The anchor papers of one rubric version, how they cover it, and the events in which to look for more."""

    rubric: object
    papers: tuple
    retired: tuple
    hidden: frozenset  # ids of papers that scorers can not see at present
    cover: Cover
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
        retired = tuple(paper for paper in mine if paper.retired_at is not None)
        used_in = tuple(
            event
            for event in events
            if event.status is not EventStatus.DRAFT and rubric.id in {each.rubric_id for each in event.tasks}
        )
        made.append(Collection(rubric, in_use, retired, frozenset(hidden), coverage(rubric, in_use), used_in))
    return made
