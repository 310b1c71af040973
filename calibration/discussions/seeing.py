"""Who may see which thread. One condition for pages, counts, notices and e-mail: what is closed here is nowhere.

Leaders see the threads of their organizations. Scorers see those on tasks of events in which they score, and those on
anchor papers that they may see with its scores at present. Whoever may still have to score a paper's response, or
teaches its student, sees nothing of a thread on it: not its title, not that there is one.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from calibration.discussions.models import Post, SubjectKind, Thread
from calibration.papers.blind import owed_by
from calibration.papers.models import Paper
from calibration.papers.services import SHOWN, changeable_responses, closed_responses, paper_query
from scoring.db import db
from scoring.errors import NotFound
from scoring.events.models import Event, EventResponse, EventScorer, EventStatus, EventTask
from scoring.people.models import Organization
from scoring.permissions import Permission
from scoring.responses.models import Response, RosterEntry
from scoring.tasks.models import Rubric, ScorePoint, Task, Trait

NOT_HERE = "There is no such discussion, or it is not open to you."


@dataclass(frozen=True)
class Subject:
    """What a thread is about: the row, the task it belongs to, the organization that discusses it, and its name."""

    kind: SubjectKind
    id: int
    task: Task
    organization_id: int
    trait: Trait | None = None
    point: ScorePoint | None = None
    paper: Paper | None = None

    @property
    def name(self):
        """What it is, in words that tell nothing of student, school or response."""
        return name_of(self.trait, self.point, self.paper) or "The task"

    @property
    def columns(self):
        """The columns of a thread that say what it is about."""
        return {
            "subject_kind": self.kind, "organization_id": self.organization_id, "task": self.task,
            "trait": self.trait, "score_point": self.point, "paper": self.paper,
        }  # fmt: skip


def name_of(trait, point, paper):
    """Name a line of a rubric or a paper; empty for a whole task."""
    if paper is not None:
        scores = ", ".join(f"{each.trait.name} {each.score}" for each in paper.scores)
        return f"{'Kept' if paper.is_kept else 'Anchor'} paper: {scores}"
    if point is not None:
        return f"{trait.name} {point.value}"
    return trait.name if trait is not None else ""


# Conditions


class Sight:
    """What one person may see, as conditions for queries."""

    def __init__(self, person):
        self.person = person
        self.leads_in = person.reach(Permission.CALIBRATE)
        places = [each.organization for each in person.memberships]
        networks = {each.organization.network.id for each in person.memberships
                    if each.organization_id in self.leads_in}  # fmt: skip
        self.leads_for = self.leads_in | networks
        self.own = {each.network.id for each in places} | {each.id for each in person.districts}

    def of_task(self, organization_id, task_id):
        """Whether a task of an organization may be discussed: by its leaders, and by scorers of its events."""
        scored = (
            sa.select(EventTask.task_id)
            .join(Event, Event.id == EventTask.event_id)
            .join(EventScorer, EventScorer.event_id == Event.id)
            .where(*self._sits())
        )
        return sa.or_(
            organization_id.in_(self.leads_for),
            sa.and_(organization_id.in_(self.own), task_id.in_(scored)),
        )

    def of_paper(self, organization_id):
        """Whether a row of `Paper` may be discussed. The enclosing query must name that table."""
        looked_after = paper_query(self.person).with_only_columns(Paper.id).order_by(None)
        leads = sa.and_(
            organization_id.in_(self.leads_for), Paper.id.in_(looked_after), ~self._may_have_to_score()
        )
        sees = sa.and_(
            organization_id.in_(self.own), *SHOWN, self._is_anchor_in_own_event(), ~is_hidden(),
            ~self._teaches_its_student(),
        )  # fmt: skip
        return sa.and_(sa.or_(leads, sees), Paper.response_id.not_in(owed_by(self.person)))

    def _sits(self):
        """Where this person scores: an event that has begun and from which nobody removed them."""
        return (
            EventScorer.person_id == self.person.id,
            EventScorer.removed_at.is_(None),
            Event.status != EventStatus.DRAFT,
        )

    def _is_anchor_in_own_event(self):
        """As in `papers.showing`: of this rubric version, of the event's organization or the network above it."""
        shows = sa.or_(
            Paper.organization_id == Event.organization_id, Paper.organization_id == Organization.parent_id
        )
        return (
            sa.select(EventTask.id)
            .join(Event, Event.id == EventTask.event_id)
            .join(EventScorer, EventScorer.event_id == Event.id)
            .join(Organization, Organization.id == Event.organization_id)
            .where(EventTask.rubric_id == Paper.rubric_id, *self._sits(), shows)
            .correlate(Paper)
            .exists()
        )

    def _may_have_to_score(self):
        """Also a leader may sit in an event that could still hand out the response."""
        seat = sa.exists().where(
            EventScorer.event_id == EventResponse.event_id, EventScorer.person_id == self.person.id,
            EventScorer.removed_at.is_(None),
        )  # fmt: skip
        return (
            changeable_responses()
            .where(EventResponse.response_id == Paper.response_id, seat)
            .correlate(Paper)
            .exists()
        )

    def _teaches_its_student(self):
        return (
            sa.select(RosterEntry.id)
            .join(Response, Response.student_id == RosterEntry.student_id)
            .where(Response.id == Paper.response_id, RosterEntry.person_id == self.person.id)
            .correlate(Paper)
            .exists()
        )


def is_hidden():
    """Whether a paper's response is closed to scorers at present: `papers.hidden_ids` as a condition."""
    closed = (ids.where(ids.selected_columns[0] == Paper.response_id) for ids in closed_responses())
    return sa.or_(*(ids.correlate(Paper).exists() for ids in closed))


# Threads and posts


def visible_threads(person):
    """The threads that this person may see, in no order."""
    sight = Sight(person)
    return (
        sa.select(Thread)
        .outerjoin(Paper, Paper.id == Thread.paper_id)
        .where(
            sa.or_(
                sa.and_(Thread.paper_id.is_(None), sight.of_task(Thread.organization_id, Thread.task_id)),
                sa.and_(Thread.paper_id.is_not(None), sight.of_paper(Thread.organization_id)),
            )
        )
    )


def thread_by_id(thread_id, person):
    """Return a thread that this person may see."""
    thread = db.session.scalar(visible_threads(person).where(Thread.id == thread_id))
    if thread is None:
        raise NotFound(NOT_HERE)
    return thread


def post_by_id(post_id, person):
    """Return a post in a thread that this person may see."""
    thread_ids = visible_threads(person).with_only_columns(Thread.id)
    post = db.session.scalar(sa.select(Post).where(Post.id == post_id, Post.thread_id.in_(thread_ids)))
    if post is None:
        raise NotFound(NOT_HERE)
    return post


# Subjects


def tasks_of(person):
    """Tasks that this person may discuss, by title."""
    query = sa.select(Task).where(Sight(person).of_task(Task.organization_id, Task.id))
    return db.session.scalars(query.order_by(Task.title, Task.id)).all()


def task_by_id(task_id, person):
    """Return a task that this person may discuss."""
    query = sa.select(Task).where(Task.id == task_id, Sight(person).of_task(Task.organization_id, Task.id))
    task = db.session.scalar(query)
    if task is None:
        raise NotFound("There is no such task, or it is not one that you score or lead.")
    return task


def papers_on(task, person):
    """Papers of a task that this person may discuss, lowest consensus scores first; retired ones are left out."""
    query = sa.select(Paper).where(
        Paper.task_id == task.id, Paper.retired_at.is_(None), Sight(person).of_paper(Paper.organization_id)
    )
    return sorted(db.session.scalars(query), key=lambda paper: (paper.is_kept, paper.mean_score, paper.id))


def subject_of(kind, subject_id, person):
    """Return what a thread could be about, if this person may discuss it."""
    if kind not in set(SubjectKind) or subject_id is None:
        raise NotFound("Say what the discussion is about: choose a task, a line of its rubric or a paper.")
    kind = SubjectKind(kind)
    if kind is SubjectKind.PAPER:
        return _paper_subject(subject_id, person)
    if kind is SubjectKind.TASK:
        task, trait, point = task_by_id(subject_id, person), None, None
    else:
        task, trait, point = _line(kind, subject_id, person)
    return Subject(kind, subject_id, task, task.organization_id, trait, point)


def _paper_subject(paper_id, person):
    query = sa.select(Paper).where(Paper.id == paper_id, Sight(person).of_paper(Paper.organization_id))
    paper = db.session.scalar(query)
    if paper is None:
        raise NotFound("There is no such paper, or it is not open to you now.")
    return Subject(SubjectKind.PAPER, paper.id, paper.task, paper.organization_id, paper=paper)


def _line(kind, line_id, person):
    """A trait or a score point of a published rubric: drafts still lose and gain lines."""
    point = db.session.get(ScorePoint, line_id) if kind is SubjectKind.SCORE_POINT else None
    trait = (
        db.session.get(Trait, point.trait_id if point else line_id)
        if kind is SubjectKind.TRAIT or point
        else None
    )
    rubric = db.session.get(Rubric, trait.rubric_id) if trait else None
    if rubric is None or not rubric.is_published:
        raise NotFound("There is no such line in a published rubric.")
    return task_by_id(rubric.task_id, person), trait, point
