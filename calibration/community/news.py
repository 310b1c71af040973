"""What is new for a person among anchors and in the library. Counts only of what they may see at this moment."""

import sqlalchemy as sa

from calibration.community import sharing
from calibration.community.models import SharedPaper
from calibration.news import News
from calibration.papers import showing
from calibration.papers.models import PaperUse
from scoring.db import db
from scoring.events.models import Event, EventScorer, EventStatus


def anchors_since(person, since):
    """New anchor papers of the tasks this person scores, in events that are not over."""
    query = (
        sa.select(Event)
        .join(EventScorer, EventScorer.event_id == Event.id)
        .where(EventScorer.person_id == person.id, EventScorer.removed_at.is_(None),
               Event.status.in_([EventStatus.OPEN, EventStatus.PAUSED]))
        .order_by(Event.id)
    )  # fmt: skip
    found = {}
    for event in db.session.scalars(query):
        for place in event.tasks:
            new = [paper for paper in showing.visible_papers(place, person) if _came(paper, event) > since]
            if new and place.task_id not in found:
                papers = "1 new anchor paper" if len(new) == 1 else f"{len(new)} new anchor papers"
                values = {"event_id": event.id, "task_id": place.task_id}
                found[place.task_id] = News(f"{papers} for {place.task.title}.", "papers.anchors", values)
    return list(found.values())


def _came(paper, event):
    """Since when scorers of an event see a paper: since it was promoted, or since their district uses it."""
    used = db.session.scalar(
        sa.select(PaperUse.added_at).where(
            PaperUse.paper_id == paper.id,
            PaperUse.organization_id == event.organization_id,
            PaperUse.ended_at.is_(None),
        )
    )
    return used or paper.promoted_at


def shared_since(person, since):
    """Papers that others shared, for those who choose anchors."""
    query = sharing.shared_papers(person).where(
        SharedPaper.shared_at > since, SharedPaper.shared_by_id != person.id
    )
    found = {}
    for shared in db.session.scalars(query):
        found.setdefault(
            (shared.organization.name, shared.paper.task.title, shared.paper.task_id), []
        ).append(shared)
    news = []
    for (organization, task, task_id), papers in found.items():
        count = "an anchor paper" if len(papers) == 1 else f"{len(papers)} anchor papers"
        news.append(
            News(f"{organization} shared {count} for {task}.", "community.library", {"task": task_id})
        )
    return news
