"""Threads about a task, a line of a rubric or a paper; what people wrote in them, whom they named, and how far each read."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calibration.papers.models import Paper
from scoring.db import Base, now
from scoring.people.models import Organization, Person
from scoring.tasks.models import ScorePoint, Task, Trait


class SubjectKind(StrEnum):
    """What a thread is about."""

    TASK = "task"
    TRAIT = "trait"
    SCORE_POINT = "score_point"
    PAPER = "paper"


class Thread(Base):
    """A question and what came of it. It belongs to the organization of its subject: only its people may see it."""

    __tablename__ = "thread"
    __table_args__ = (
        sa.CheckConstraint(
            "(subject_kind IN ('trait', 'score_point')) = (trait_id IS NOT NULL)"
            " AND (subject_kind = 'score_point') = (score_point_id IS NOT NULL)"
            " AND (subject_kind = 'paper') = (paper_id IS NOT NULL)",
            name="one_subject",
        ),
        sa.CheckConstraint("posts >= 0", name="posts_are_counted"),
        sa.CheckConstraint("(resolved_at IS NULL) = (resolved_by_id IS NULL)", name="resolved_by_somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    subject_kind: Mapped[SubjectKind]
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), index=True)
    trait_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trait.id"), index=True)
    score_point_id: Mapped[int | None] = mapped_column(sa.ForeignKey("score_point.id"), index=True)
    paper_id: Mapped[int | None] = mapped_column(sa.ForeignKey("paper.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(160))
    started_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    started_at: Mapped[datetime] = mapped_column(default=now)
    posts: Mapped[int] = mapped_column(default=0)  # how many there are: the next one gets the next number
    last_at: Mapped[datetime] = mapped_column(default=now, index=True)
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    organization: Mapped[Organization] = relationship()
    task: Mapped[Task] = relationship()
    trait: Mapped[Trait | None] = relationship()
    score_point: Mapped[ScorePoint | None] = relationship()
    paper: Mapped[Paper | None] = relationship()
    started_by: Mapped[Person] = relationship(foreign_keys=[started_by_id])
    resolved_by: Mapped[Person | None] = relationship(foreign_keys=[resolved_by_id])
    opening: Mapped["Post"] = relationship(
        primaryjoin="and_(Post.thread_id == Thread.id, Post.number == 1)", viewonly=True, uselist=False
    )

    @property
    def is_resolved(self):
        return self.resolved_at is not None

    @property
    def shown_title(self):
        """Its title; not the words of a first post that nobody may read any more."""
        if self.opening is not None and self.opening.removed_at is not None:
            return "Removed by its author"
        if self.opening is not None and self.opening.hidden_at is not None:
            return "Hidden by a leader"
        return self.title


class Post(Base):
    """What one person wrote in a thread. A removed one keeps its place, without its words."""

    __tablename__ = "thread_post"
    __table_args__ = (
        sa.UniqueConstraint("thread_id", "number"),
        sa.Index("uq_thread_post_answer", "thread_id", unique=True,
                 sqlite_where=sa.text("is_answer"), postgresql_where=sa.text("is_answer")),
        sa.CheckConstraint("removed_at IS NULL OR words = ''", name="removed_without_words"),
        sa.CheckConstraint(
            "(hidden_at IS NULL) = (hidden_by_id IS NULL) AND (hidden_at IS NULL) = (hidden_because = '')",
            name="hidden_with_a_reason",
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(sa.ForeignKey("thread.id"))
    number: Mapped[int]
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    words: Mapped[str] = mapped_column(sa.Text)
    quoted_id: Mapped[int | None] = mapped_column(sa.ForeignKey("thread_post.id"))
    is_answer: Mapped[bool] = mapped_column(default=False)
    posted_at: Mapped[datetime] = mapped_column(default=now)
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    hidden_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    hidden_because: Mapped[str] = mapped_column(sa.String(300), default="")
    thread: Mapped[Thread] = relationship()
    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    hidden_by: Mapped[Person | None] = relationship(foreign_keys=[hidden_by_id])
    quoted: Mapped["Post | None"] = relationship(remote_side=[id])
    mentions: Mapped[list["Mention"]] = relationship(cascade="all, delete-orphan")

    @property
    def is_readable(self):
        """Whether its words are there for everybody who sees the thread."""
        return self.removed_at is None and self.hidden_at is None


class Mention(Base):
    """A person whom a post names with @: they are told."""

    __tablename__ = "thread_mention"

    post_id: Mapped[int] = mapped_column(sa.ForeignKey("thread_post.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    person: Mapped[Person] = relationship()


class ThreadReader(Base):
    """How far a person has read a thread, and whether they want to be told of more."""

    __tablename__ = "thread_reader"

    thread_id: Mapped[int] = mapped_column(sa.ForeignKey("thread.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    follows: Mapped[bool | None]  # None: never chose, so that being named makes one follow
    seen: Mapped[int] = mapped_column(default=0)  # the number of the last post that was read
