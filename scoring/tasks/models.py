"""A task and its rubric versions: traits, score points, condition codes, clarifications; and notes to the next version."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scoring.db import Base, now
from scoring.people.models import Organization, OrganizationKind, Person


class Task(Base):
    """A performance task: what students are asked to do. Common when the network owns it, local when a district does."""

    __tablename__ = "task"
    __table_args__ = (sa.UniqueConstraint("organization_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str] = mapped_column(sa.String(200))
    subject: Mapped[str] = mapped_column(sa.String(80))
    grade_band: Mapped[str] = mapped_column(sa.String(20))
    standards: Mapped[list] = mapped_column(default=list)
    directions: Mapped[str] = mapped_column(sa.Text, default="")
    teacher_guide: Mapped[str] = mapped_column(sa.Text, default="")
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]
    # How often the clarifications that scorers see have changed: by this number a page knows that it must read them anew.
    clarified: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    organization: Mapped[Organization] = relationship()
    materials: Mapped[list["Material"]] = relationship(
        order_by="Material.position", cascade="all, delete-orphan"
    )
    rubrics: Mapped[list["Rubric"]] = relationship(back_populates="task", order_by="Rubric.version")

    @property
    def is_common(self):
        return self.organization.kind is OrganizationKind.NETWORK

    @property
    def published_rubric(self):
        """The newest version that is published, or None."""
        return next((rubric for rubric in reversed(self.rubrics) if rubric.is_published), None)

    @property
    def draft_rubric(self):
        """The version being worked on, or None."""
        return next((rubric for rubric in reversed(self.rubrics) if not rubric.is_published), None)


class Material(Base):
    """A file that goes with a task: a source text, a data sheet, a picture."""

    __tablename__ = "material"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))


class RubricKind(StrEnum):
    """How a rubric is built."""

    ANALYTIC = "analytic"
    HOLISTIC = "holistic"
    SINGLE_POINT = "single_point"


class Rubric(Base):
    """One version of a task's rubric. Publishing freezes it; a change after that is a new version."""

    __tablename__ = "rubric"
    __table_args__ = (sa.UniqueConstraint("task_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"))
    version: Mapped[int]
    kind: Mapped[RubricKind]
    title: Mapped[str] = mapped_column(sa.String(200))
    changes: Mapped[str] = mapped_column(sa.Text, default="")  # what is different from the version before
    based_on_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rubric.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    task: Mapped[Task] = relationship(back_populates="rubrics")
    traits: Mapped[list["Trait"]] = relationship(
        back_populates="rubric", order_by="Trait.position", cascade="all, delete-orphan", lazy="selectin"
    )
    condition_codes: Mapped[list["ConditionCode"]] = relationship(
        order_by="ConditionCode.position", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def is_published(self):
        return self.published_at is not None

    @property
    def is_single_point(self):
        return self.kind is RubricKind.SINGLE_POINT


class Trait(Base):
    """One dimension of a rubric with its own score points."""

    __tablename__ = "trait"
    __table_args__ = (
        sa.UniqueConstraint("rubric_id", "key"),
        sa.CheckConstraint("weight > 0", name="weight_is_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"))
    position: Mapped[int] = mapped_column(default=0)
    key: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(120))
    description: Mapped[str] = mapped_column(sa.Text, default="")
    weight: Mapped[float] = mapped_column(default=1.0)
    rubric: Mapped[Rubric] = relationship(back_populates="traits")
    points: Mapped[list["ScorePoint"]] = relationship(
        order_by="ScorePoint.value", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def values(self):
        """The score points that may be given, lowest first."""
        return [point.value for point in self.points]


class ScorePoint(Base):
    """One level of a trait: its value, its label and what work at this level shows."""

    __tablename__ = "score_point"
    __table_args__ = (
        sa.UniqueConstraint("trait_id", "value"),
        sa.CheckConstraint("value >= 0 AND value <= 20", name="value_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trait_id: Mapped[int] = mapped_column(sa.ForeignKey("trait.id"))
    value: Mapped[int]
    label: Mapped[str] = mapped_column(sa.String(80), default="")
    descriptor: Mapped[str] = mapped_column(sa.Text, default="")


class ConditionCode(Base):
    """Why a response has no score, such as blank or off topic."""

    __tablename__ = "condition_code"
    __table_args__ = (sa.UniqueConstraint("rubric_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"))
    position: Mapped[int] = mapped_column(default=0)
    code: Mapped[str] = mapped_column(sa.String(8))
    name: Mapped[str] = mapped_column(sa.String(80))
    description: Mapped[str] = mapped_column(sa.Text, default="")


class ClarificationStatus(StrEnum):
    """How a clarification stands. Scorers see the accepted ones."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Settlement(StrEnum):
    """What became of a clarification in the next version of its rubric."""

    WORKED_IN = "worked_in"
    CARRIED_OVER = "carried_over"
    LEFT_OUT = "left_out"


class Clarification(Base):
    """Words that stand beside a descriptor of a published rubric and say how it is meant. The rubric itself stays."""

    __tablename__ = "clarification"
    __table_args__ = (
        sa.CheckConstraint("score IS NULL OR trait_id IS NOT NULL", name="score_of_a_trait"),
        sa.CheckConstraint("(status = 'proposed') = (decided_at IS NULL)", name="decided_or_proposed"),
        sa.CheckConstraint("(settlement IS NULL) = (settled_in_id IS NULL)", name="settled_in_a_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"), index=True)
    trait_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trait.id"))  # None: about the whole rubric
    score: Mapped[int | None]  # None: about the whole trait
    words: Mapped[str] = mapped_column(sa.Text)
    origin: Mapped[str] = mapped_column(sa.String(200), default="")  # where it came up, in words
    status: Mapped[ClarificationStatus] = mapped_column(default=ClarificationStatus.PROPOSED)
    proposed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=now)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    reworded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    reworded_at: Mapped[datetime | None]
    settlement: Mapped[Settlement | None]
    settled_in_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rubric.id"), index=True)
    carried_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("clarification.id"))
    rubric: Mapped[Rubric] = relationship(foreign_keys=[rubric_id])
    trait: Mapped[Trait | None] = relationship()
    proposed_by: Mapped[Person | None] = relationship(foreign_keys=[proposed_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
    reworded_by: Mapped[Person | None] = relationship(foreign_keys=[reworded_by_id])
    settled_in: Mapped[Rubric | None] = relationship(foreign_keys=[settled_in_id])

    @property
    def is_open(self):
        """Whether nobody has decided on it yet."""
        return self.status is ClarificationStatus.PROPOSED

    @property
    def is_accepted(self):
        """Whether scorers see it."""
        return self.status is ClarificationStatus.ACCEPTED

    @property
    def place(self):
        """What it is about, in words."""
        if self.trait is None:
            return "The whole rubric"
        return self.trait.name if self.score is None else f"{self.trait.name}, score point {self.score}"


class TaskNote(Base):
    """A word to whoever writes the next version of a task."""

    __tablename__ = "task_note"
    __table_args__ = (
        sa.CheckConstraint("(settled_at IS NULL) = (outcome = '')", name="settled_with_an_outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), index=True)
    words: Mapped[str] = mapped_column(sa.Text)
    origin: Mapped[str] = mapped_column(sa.String(200), default="")
    written_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    written_at: Mapped[datetime] = mapped_column(default=now)
    settled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    task: Mapped[Task] = relationship()
    written_by: Mapped[Person | None] = relationship(foreign_keys=[written_by_id])
    settled_by: Mapped[Person | None] = relationship(foreign_keys=[settled_by_id])
