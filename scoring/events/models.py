"""A scoring event: its districts, tasks, scorers and rules, and the responses that wait in it."""

from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scoring.db import Base, now
from scoring.people.models import Organization, Person
from scoring.responses.models import Response
from scoring.tasks.models import Rubric, Task


class EventStatus(StrEnum):
    """Whether scorers can read. Draft and paused events hand out nothing; a closed one is final."""

    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class ResolutionRule(StrEnum):
    """How two reads that are close enough become the score of record. Reads further apart go to adjudication."""

    MEAN = "mean"
    SUM = "sum"
    FIRST = "first"
    HIGHER = "higher"
    ADJUDICATOR = (
        "adjudicator"  # any difference at all is settled by the adjudicator, whose scores replace both
    )


class Event(Base):
    """A time in which certain scorers read certain responses by stated rules."""

    __tablename__ = "event"
    __table_args__ = (
        sa.CheckConstraint("share_read_twice BETWEEN 0 AND 100", name="share_is_a_percentage"),
        sa.CheckConstraint("tolerance BETWEEN 0 AND 5", name="tolerance_in_range"),
        sa.CheckConstraint("lease_minutes BETWEEN 5 AND 1440", name="lease_in_range"),
        sa.CheckConstraint(
            "closes_at IS NULL OR opens_at IS NULL OR closes_at > opens_at", name="dates_in_order"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    message: Mapped[str] = mapped_column(sa.Text, default="")  # what the leader tells the scorers
    status: Mapped[EventStatus] = mapped_column(default=EventStatus.DRAFT)
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    share_read_twice: Mapped[int] = mapped_column(default=20)
    tolerance: Mapped[int] = mapped_column(default=1)
    resolution_rule: Mapped[ResolutionRule] = mapped_column(default=ResolutionRule.MEAN)
    lease_minutes: Mapped[int] = mapped_column(default=45)
    exclude_own_students: Mapped[bool] = mapped_column(default=True)
    exclude_own_school: Mapped[bool] = mapped_column(default=False)
    exclude_own_district: Mapped[bool] = mapped_column(default=False)
    qualified_since: Mapped[datetime | None]  # from then on only qualified scorers are handed anything
    alert_to_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id")
    )  # who is told that a student may be in danger
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    organization: Mapped[Organization] = relationship()
    alert_to: Mapped[Person | None] = relationship(foreign_keys=[alert_to_id])
    districts: Mapped[list[Organization]] = relationship(
        secondary="event_district", order_by=Organization.name
    )
    tasks: Mapped[list["EventTask"]] = relationship(
        back_populates="event", order_by="EventTask.id", cascade="all, delete-orphan"
    )
    scorers: Mapped[list["EventScorer"]] = relationship(
        back_populates="event", order_by="EventScorer.id", cascade="all, delete-orphan"
    )

    @property
    def qualified_only(self):
        """Whether a response is handed only to scorers who are qualified for its rubric version."""
        return self.qualified_since is not None

    @qualified_only.setter
    def qualified_only(self, is_on):
        # The rule holds at once. The check counts from a minute later, for who is being handed something just now.
        self.qualified_since = (self.qualified_since or now() + timedelta(minutes=1)) if is_on else None


class EventDistrict(Base):
    """A district that takes part: its responses are read in the event."""

    __tablename__ = "event_district"

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), primary_key=True)


class EventTask(Base):
    """A task in an event, with the rubric version it is scored by from first read to last."""

    __tablename__ = "event_task"
    __table_args__ = (sa.UniqueConstraint("event_id", "task_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"))
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"))
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"))
    event: Mapped[Event] = relationship(back_populates="tasks")
    task: Mapped[Task] = relationship()
    rubric: Mapped[Rubric] = relationship()


class EventScorer(Base):
    """A scorer in an event, and where they stand in their quota of responses to be read twice."""

    __tablename__ = "event_scorer"
    __table_args__ = (sa.UniqueConstraint("event_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    component: Mapped[int] = mapped_column(
        default=0
    )  # scorers linked by shared responses carry the same number
    first_reads: Mapped[int] = mapped_column(
        default=0
    )  # how many responses this scorer was the first to take
    next_twice: Mapped[int] = mapped_column(
        default=0
    )  # the count of first reads at which the next is read twice
    added_at: Mapped[datetime] = mapped_column(default=now)
    removed_at: Mapped[datetime | None]
    event: Mapped[Event] = relationship(back_populates="scorers")
    person: Mapped[Person] = relationship()


class Outcome(StrEnum):
    """What has become of a response in an event."""

    WAITING = "waiting"  # still needs a read
    DISCREPANT = "discrepant"  # the reads are too far apart: a leader settles it
    SETTLED = "settled"  # has its scores of record


class EventResponse(Base):
    """One response in one event: how many reads it needs, has, and still has to hand out."""

    __tablename__ = "event_response"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "response_id"),
        sa.CheckConstraint("remaining >= 0 AND reads >= 0", name="counts_are_not_negative"),
        sa.CheckConstraint("reads + remaining <= required", name="never_more_reads_than_required"),
        sa.CheckConstraint("required BETWEEN 1 AND 2", name="once_or_twice"),
        sa.Index(
            "ix_event_response_queue", "event_id", "priority", "random_key",
            sqlite_where=sa.text("remaining > 0"), postgresql_where=sa.text("remaining > 0"),
        ),
        sa.Index("ix_event_response_outcome", "event_id", "outcome"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"))
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"), index=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"))
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"))
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"))
    school_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organization.id"))
    random_key: Mapped[float]
    priority: Mapped[int] = mapped_column(default=1)  # 0 partly read, 1 unread
    required: Mapped[int] = mapped_column(default=1)
    remaining: Mapped[int] = mapped_column(default=1)  # required, less reads in, less leases out
    reads: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[Outcome] = mapped_column(default=Outcome.WAITING)
    settled_at: Mapped[datetime | None]
    event: Mapped[Event] = relationship()
    response: Mapped[Response] = relationship()
    task: Mapped[Task] = relationship()
    rubric: Mapped[Rubric] = relationship()
