"""Improvement cycles: what is tried, how it will be judged, what was found, and what follows from it."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scoring.db import Base, now
from scoring.events.models import Event
from scoring.people.models import Organization, Person
from scoring.tasks.models import Task


class ChangeKind(StrEnum):
    """What is changed."""

    SESSION = "session"
    CLARIFICATION = "clarification"
    ANCHORS = "anchors"
    PRACTICE = "practice"
    OTHER = "other"


class Measure(StrEnum):
    """The one figure that gives the verdict, chosen before anybody looks."""

    EXACT = "exact"
    SPREAD = "spread"
    LINE = "line"


class Verdict(StrEnum):
    """Did it help?"""

    BETTER = "better"
    NO_EVIDENCE = "no evidence yet"
    WORSE = "worse"


class Decision(StrEnum):
    """What follows."""

    ADOPT = "adopt"
    ADAPT = "adapt"
    ABANDON = "abandon"


class Stage(StrEnum):
    """How far a cycle has come."""

    PLAN = "plan"
    DO = "do"
    STUDY = "study"
    ACT = "act"
    CLOSED = "closed"


class Cycle(Base):
    """One improvement cycle. Starting it ends all changes to its plan; its figures are kept as they were found."""

    __tablename__ = "improvement_cycle"
    __table_args__ = (
        sa.CheckConstraint("looks_at IS NULL OR changed_at IS NULL OR looks_at > changed_at", name="look_after_change"),
        sa.CheckConstraint(
            "started_at IS NULL OR (changed_at IS NOT NULL AND looks_at IS NOT NULL AND measure IS NOT NULL)",
            name="started_with_a_plan",
        ),
        sa.CheckConstraint("(measure = 'line') = (line_trait IS NOT NULL) OR measure IS NULL", name="a_line_has_a_trait"),
        sa.CheckConstraint("(line_trait IS NULL) = (line_place IS NULL)", name="a_line_has_a_place"),
        sa.CheckConstraint(
            "(studied_at IS NULL) = (verdict IS NULL) AND (studied_at IS NULL OR (started_at IS NOT NULL AND studied_at >= looks_at))",
            name="studied_after_the_look",
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decision IS NULL) AND (decided_at IS NULL OR studied_at IS NOT NULL)",
            name="decided_after_the_study",
        ),
        sa.CheckConstraint(
            "(shared_at IS NULL) = (shared_words IS NULL) AND (shared_at IS NULL OR decided_at IS NOT NULL)",
            name="shared_when_decided",
        ),
        sa.CheckConstraint("planned_papers IS NULL OR planned_papers BETWEEN 1 AND 100000", name="planned_papers_in_range"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), index=True)
    based_on_id: Mapped[int | None] = mapped_column(sa.ForeignKey("improvement_cycle.id"))
    name: Mapped[str] = mapped_column(sa.String(120))
    # Plan
    aim: Mapped[str] = mapped_column(sa.Text, default="")
    change_kind: Mapped[ChangeKind] = mapped_column(default=ChangeKind.SESSION)
    change: Mapped[str] = mapped_column(sa.Text, default="")
    reference: Mapped[str] = mapped_column(sa.String(200), default="")  # an address on this site
    prediction: Mapped[str] = mapped_column(sa.Text, default="")
    measure: Mapped[Measure | None]
    traits: Mapped[list] = mapped_column(default=list)  # keys; none are all
    line_trait: Mapped[str | None] = mapped_column(sa.String(40))
    line_place: Mapped[int | None]  # the line above this score point, from the lowest (0)
    changed_at: Mapped[datetime | None]
    looks_at: Mapped[datetime | None]
    planned_papers: Mapped[int | None]  # to be read twice after the change
    hoped: Mapped[float | None]  # a share for exact and line, points for spread
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    discarded_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    baseline: Mapped[dict | None] = mapped_column(sa.JSON(none_as_null=True))  # what was known at the start
    # Do
    done: Mapped[str] = mapped_column(sa.Text, default="")
    done_at: Mapped[datetime | None]
    # Study
    studied_at: Mapped[datetime | None]
    verdict: Mapped[Verdict | None]
    record: Mapped[dict | None] = mapped_column(
        sa.JSON(none_as_null=True)
    )  # every figure, with what it was made from
    # Act
    decision: Mapped[Decision | None]
    decision_words: Mapped[str] = mapped_column(sa.Text, default="")
    decided_at: Mapped[datetime | None]
    shared_at: Mapped[datetime | None]
    shared_words: Mapped[dict | None] = mapped_column(
        sa.JSON(none_as_null=True)
    )  # what others read, by field
    organization: Mapped[Organization] = relationship()
    task: Mapped[Task] = relationship()
    based_on: Mapped["Cycle | None"] = relationship(remote_side=[id])
    created_by: Mapped[Person] = relationship()
    events: Mapped[list[Event]] = relationship(secondary="improvement_cycle_event", order_by=Event.id)

    @property
    def stage(self):
        """What is to be done next."""
        if self.decided_at is not None:
            return Stage.CLOSED
        if self.studied_at is not None:
            return Stage.ACT
        if self.started_at is None:
            return Stage.PLAN
        return Stage.STUDY if self.looks_at <= now() else Stage.DO

    @property
    def line(self):
        """The line that gives the verdict, as measurement takes it."""
        return (self.line_trait, self.line_place) if self.measure is Measure.LINE else None

    @property
    def stated_late(self):
        """Whether it was started after the change, when its effect could be seen already."""
        return self.started_at is not None and self.started_at > self.changed_at


class CycleEvent(Base):
    """An event whose reads a cycle looks at."""

    __tablename__ = "improvement_cycle_event"

    cycle_id: Mapped[int] = mapped_column(sa.ForeignKey("improvement_cycle.id"), primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), primary_key=True)
