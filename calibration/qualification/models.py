"""Qualification programs with their sets, what people scored in them, and what a coach wrote."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calibration.papers.models import Paper, PaperSet
from calibration.qualification.rules import Rule
from calibration.qualification.steps import Stage
from scoring.db import Base, now
from scoring.people.models import Organization, Person
from scoring.reads.models import Qualification
from scoring.tasks.models import Rubric, Trait


class Program(Base):
    """How scorers of one organization qualify for a rubric version: which sets, in which order, and by which rule."""

    __tablename__ = "qualification_program"
    __table_args__ = (
        sa.Index("uq_qualification_program_in_use", "organization_id", "rubric_id", unique=True,
                 sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")),
        sa.CheckConstraint("expiry_days IS NULL OR expiry_days BETWEEN 1 AND 3660", name="expires_in_time"),
        sa.CheckConstraint("away_hours IS NULL OR away_hours BETWEEN 1 AND 8760", name="away_within_a_year"),
        sa.CheckConstraint("recalibration_papers BETWEEN 1 AND 30", name="a_few_papers"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"), index=True)
    rule_values: Mapped[dict]  # a Rule; each try keeps the one it began with
    expiry_days: Mapped[int | None]  # None: for good
    away_hours: Mapped[int | None]  # so many hours without scoring bring a recalibration; None: never
    recalibration_papers: Mapped[int] = mapped_column(default=5)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    organization: Mapped[Organization] = relationship()
    rubric: Mapped[Rubric] = relationship()
    steps: Mapped[list["ProgramStep"]] = relationship(
        back_populates="program", cascade="all, delete-orphan", order_by="ProgramStep.position"
    )

    @property
    def rule(self):
        return Rule.from_dict(self.rule_values)

    @property
    def is_open(self):
        """Whether scorers may practice and qualify in it."""
        return self.opened_at is not None and self.closed_at is None

    @property
    def title(self):
        """What people call it: the task, and the rubric version where there are several."""
        return f"{self.rubric.task.title}, rubric version {self.rubric.version}"

    def steps_of(self, stage):
        """The steps of one stage whose sets may be used, in order."""
        return [each for each in self.steps if each.stage is stage and each.paper_set.is_live]


class ProgramStep(Base):
    """A paper set's place in a program."""

    __tablename__ = "qualification_step"
    __table_args__ = (
        sa.UniqueConstraint("program_id", "set_id"),
        sa.UniqueConstraint("program_id", "stage", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(sa.ForeignKey("qualification_program.id"))
    set_id: Mapped[int] = mapped_column(sa.ForeignKey("paper_set.id"), index=True)
    stage: Mapped[Stage]
    position: Mapped[int]
    program: Mapped[Program] = relationship(back_populates="steps")
    paper_set: Mapped[PaperSet] = relationship()


class Attempt(Base):
    """One go through papers: a practice set, a try to qualify, or a recalibration."""

    __tablename__ = "qualification_attempt"
    __table_args__ = (
        sa.UniqueConstraint("program_id", "person_id", "stage", "number"),
        sa.Index("uq_qualification_attempt_open", "program_id", "person_id", "stage", unique=True,
                 sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")),
        sa.CheckConstraint("passed IS NULL OR ended_at IS NOT NULL", name="decided_at_the_end"),
        sa.CheckConstraint("(stage = 'practice') = (set_id IS NOT NULL)", name="practice_is_of_a_set"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(sa.ForeignKey("qualification_program.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    stage: Mapped[Stage]
    number: Mapped[int]  # counts this person's attempts of this stage
    set_id: Mapped[int | None] = mapped_column(sa.ForeignKey("paper_set.id"))  # the practice set
    rule_values: Mapped[dict]
    begun_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    passed: Mapped[bool | None]  # never said of practice
    qualification_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("qualification.id")
    )  # the fact that was granted, confirmed or withdrawn in the end
    program: Mapped[Program] = relationship()
    person: Mapped[Person] = relationship()
    practice_set: Mapped[PaperSet | None] = relationship()
    qualification: Mapped[Qualification | None] = relationship()
    papers: Mapped[list["AttemptPaper"]] = relationship(
        back_populates="attempt", cascade="all, delete-orphan", order_by="AttemptPaper.position"
    )

    @property
    def rule(self):
        return Rule.from_dict(self.rule_values)

    @property
    def ended_with_program(self):
        """Whether it was still going on when its program closed."""
        return self.ended_at is not None and self.ended_at == self.program.closed_at


class AttemptPaper(Base):
    """One paper of an attempt, and the scores given to it once they are in. They are never changed."""

    __tablename__ = "qualification_paper"
    __table_args__ = (
        sa.UniqueConstraint("attempt_id", "position"),
        sa.UniqueConstraint("attempt_id", "paper_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("qualification_attempt.id"))
    paper_id: Mapped[int] = mapped_column(sa.ForeignKey("paper.id"), index=True)
    set_id: Mapped[int] = mapped_column(sa.ForeignKey("paper_set.id"), index=True)
    position: Mapped[int]
    submitted_at: Mapped[datetime | None]
    attempt: Mapped[Attempt] = relationship(back_populates="papers")
    paper: Mapped[Paper] = relationship()
    scores: Mapped[list["AttemptScore"]] = relationship(
        cascade="all, delete-orphan", order_by="AttemptScore.trait_id"
    )

    @property
    def is_in(self):
        return self.submitted_at is not None


class AttemptScore(Base):
    """The score somebody gave to one trait of a paper."""

    __tablename__ = "qualification_score"

    attempt_paper_id: Mapped[int] = mapped_column(sa.ForeignKey("qualification_paper.id"), primary_key=True)
    trait_id: Mapped[int] = mapped_column(sa.ForeignKey("trait.id"), primary_key=True)
    score: Mapped[int]
    trait: Mapped[Trait] = relationship()


class Coaching(Base):
    """A coach's note and plan for somebody, with which they get another try."""

    __tablename__ = "qualification_coaching"
    __table_args__ = (sa.Index(None, "program_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    program_id: Mapped[int] = mapped_column(sa.ForeignKey("qualification_program.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    stage: Mapped[Stage]  # what the further try is for
    note: Mapped[str] = mapped_column(sa.Text)
    coach_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    coached_at: Mapped[datetime] = mapped_column(default=now)
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    coach: Mapped[Person] = relationship(foreign_keys=[coach_id])
