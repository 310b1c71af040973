"""A study: responses of a closed event, the people who compare them two at a time, and what they chose."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scoring.db import Base, now
from scoring.events.models import Event
from scoring.people.models import Organization, Person
from scoring.responses.models import Response
from scoring.tasks.models import Rubric, Trait


class StudyStatus(StrEnum):
    """Whether people can compare. A closed study is final: only then are there results."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class Study(Base):
    """A set of responses to be compared in pairs, and the question that is put about them."""

    __tablename__ = "comparison_study"
    __table_args__ = (
        sa.CheckConstraint("per_response BETWEEN 4 AND 60", name="comparisons_in_range"),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at_a_moment"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"))
    trait_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trait.id"))  # None: the work as a whole
    title: Mapped[str] = mapped_column(sa.String(120))
    question: Mapped[str] = mapped_column(sa.String(300))
    has_ties: Mapped[bool] = mapped_column(default=False)  # "I can not tell" may be chosen
    per_response: Mapped[int] = mapped_column(default=12)  # in how many comparisons each response shall stand
    status: Mapped[StudyStatus] = mapped_column(default=StudyStatus.DRAFT)
    deadline_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    organization: Mapped[Organization] = relationship()
    event: Mapped[Event] = relationship()
    rubric: Mapped[Rubric] = relationship()
    trait: Mapped[Trait | None] = relationship()
    responses: Mapped[list["StudyResponse"]] = relationship(
        cascade="all, delete-orphan", order_by="StudyResponse.id"
    )
    participants: Mapped[list["StudyParticipant"]] = relationship(
        cascade="all, delete-orphan", order_by="StudyParticipant.id"
    )

    @property
    def planned(self):
        """How many comparisons the study is made for."""
        return -(-len(self.responses) * self.per_response // 2)

    @property
    def is_waiting(self):
        """Whether people can compare now."""
        return self.status is StudyStatus.OPEN and (self.deadline_at is None or self.deadline_at > now())


class StudyResponse(Base):
    """A response in a study."""

    __tablename__ = "study_response"
    __table_args__ = (sa.UniqueConstraint("study_id", "response_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("comparison_study.id"))
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"), index=True)
    response: Mapped[Response] = relationship()


class StudyParticipant(Base):
    """Somebody who is invited to compare."""

    __tablename__ = "study_participant"
    __table_args__ = (sa.UniqueConstraint("study_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("comparison_study.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    invited_at: Mapped[datetime] = mapped_column(default=now)
    removed_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()
    study: Mapped[Study] = relationship(back_populates="participants")


class Choice(StrEnum):
    """Which of the two was chosen: the first or the second of the pair, wherever it stood on the page."""

    FIRST = "first"
    SECOND = "second"
    TIE = "tie"


class Comparison(Base):
    """One pair put to one participant, and the choice; none yet while it lies on the desk."""

    __tablename__ = "comparison"
    __table_args__ = (
        sa.UniqueConstraint("participant_id", "first_id", "second_id"),
        sa.CheckConstraint("first_id < second_id", name="pair_in_order"),
        sa.CheckConstraint("(choice IS NULL) = (chosen_at IS NULL)", name="chosen_at_a_moment"),
        sa.CheckConstraint("choice IS NULL OR set_aside_at IS NULL", name="chosen_or_set_aside"),
        sa.Index(
            "uq_comparison_on_the_desk", "participant_id", unique=True,
            sqlite_where=sa.text("choice IS NULL AND set_aside_at IS NULL"),
            postgresql_where=sa.text("choice IS NULL AND set_aside_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("comparison_study.id"), index=True)
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("study_participant.id"))
    first_id: Mapped[int] = mapped_column(sa.ForeignKey("study_response.id"))
    second_id: Mapped[int] = mapped_column(sa.ForeignKey("study_response.id"))
    first_is_left: Mapped[bool]
    handed_at: Mapped[datetime] = mapped_column(default=now)
    choice: Mapped[Choice | None]
    chosen_at: Mapped[datetime | None]
    set_aside_at: Mapped[datetime | None]  # the participant knows one of the students
    study: Mapped[Study] = relationship()
    participant: Mapped[StudyParticipant] = relationship()
    first: Mapped[StudyResponse] = relationship(foreign_keys=[first_id])
    second: Mapped[StudyResponse] = relationship(foreign_keys=[second_id])

    @property
    def left(self):
        return self.first if self.first_is_left else self.second

    @property
    def right(self):
        return self.second if self.first_is_left else self.first
