"""Assignments under lease, reads and their scores, scores of record, and what scorers reported."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scoring.db import Base, now
from scoring.events.models import Event, EventResponse
from scoring.people.models import Person
from scoring.responses.models import Response
from scoring.tasks.models import ConditionCode, Trait


class Purpose(StrEnum):
    """Why a response was handed out. Never shown to the scorer."""

    OPERATIONAL = "operational"
    ADJUDICATION = "adjudication"


class AssignmentStatus(StrEnum):
    """What became of a lease."""

    OPEN = "open"  # the scorer holds it, until `leased_until`
    LAPSED = "lapsed"  # the time ran out and the place went back to the queue; the scorer may get it again
    RETURNED = "returned"  # given back for good: the scorer knows the student
    SUBMITTED = "submitted"  # a read came of it


class Assignment(Base):
    """One response handed to one scorer for one read. Nobody is ever handed the same response twice."""

    __tablename__ = "assignment"
    __table_args__ = (
        sa.UniqueConstraint("scorer_id", "response_id"),  # led by scorer_id: the claim asks "what had I before?"
        sa.Index("ix_assignment_leases", "leased_until", sqlite_where=sa.text("status = 'open'"),
                 postgresql_where=sa.text("status = 'open'")),
        sa.Index("ix_assignment_held", "scorer_id", sqlite_where=sa.text("status = 'open'"),
                 postgresql_where=sa.text("status = 'open'")),
        sa.Index(None, "event_response_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    event_response_id: Mapped[int] = mapped_column(sa.ForeignKey("event_response.id"))
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"))
    scorer_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    purpose: Mapped[Purpose] = mapped_column(default=Purpose.OPERATIONAL)
    status: Mapped[AssignmentStatus] = mapped_column(default=AssignmentStatus.OPEN)
    leased_at: Mapped[datetime] = mapped_column(default=now)
    leased_until: Mapped[datetime]
    draft: Mapped[dict | None] = mapped_column(sa.JSON(none_as_null=True))  # what was typed and not yet sent
    event: Mapped[Event] = relationship()
    event_response: Mapped[EventResponse] = relationship()
    response: Mapped[Response] = relationship()
    scorer: Mapped[Person] = relationship()


class Read(Base):
    """One scorer's complete judgment of one response. Written once; reopening it keeps the old one on record."""

    __tablename__ = "read"
    __table_args__ = (
        sa.Index("uq_read_assignment", "assignment_id", unique=True,
                 sqlite_where=sa.text("reopened_at IS NULL"), postgresql_where=sa.text("reopened_at IS NULL")),
        sa.Index("uq_read_scorer_response", "scorer_id", "response_id", unique=True,
                 sqlite_where=sa.text("reopened_at IS NULL"), postgresql_where=sa.text("reopened_at IS NULL")),
        sa.Index(None, "event_id", "scorer_id"),
        sa.Index(None, "event_response_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"))
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"))
    event_response_id: Mapped[int] = mapped_column(sa.ForeignKey("event_response.id"))
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"), index=True)
    scorer_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    purpose: Mapped[Purpose] = mapped_column(default=Purpose.OPERATIONAL)
    condition_code_id: Mapped[int | None] = mapped_column(sa.ForeignKey("condition_code.id"))
    note: Mapped[str] = mapped_column(
        sa.Text, default=""
    )  # private to the scorer and, after adjudication, the leader
    seconds: Mapped[int | None]  # from opening to submitting
    submitted_at: Mapped[datetime] = mapped_column(default=now)
    reopened_at: Mapped[datetime | None]  # set when its scorer took it back; it counts no more
    scorer: Mapped[Person] = relationship()
    response: Mapped[Response] = relationship()
    event_response: Mapped[EventResponse] = relationship()
    condition_code: Mapped[ConditionCode | None] = relationship()
    scores: Mapped[list["TraitScore"]] = relationship(
        cascade="all, delete-orphan", order_by="TraitScore.trait_id"
    )

    @property
    def score_by_trait(self):
        """Scores by trait id; empty when a condition code was given."""
        return {score.trait_id: score.score for score in self.scores}


class TraitScore(Base):
    """The score of one trait in one read; below and above hold the comments of a single-point rubric."""

    __tablename__ = "trait_score"
    __table_args__ = (sa.CheckConstraint("score BETWEEN 0 AND 20", name="score_in_range"),)

    read_id: Mapped[int] = mapped_column(sa.ForeignKey("read.id"), primary_key=True)
    trait_id: Mapped[int] = mapped_column(sa.ForeignKey("trait.id"), primary_key=True)
    score: Mapped[int]
    comment_below: Mapped[str] = mapped_column(sa.Text, default="")
    comment_above: Mapped[str] = mapped_column(sa.Text, default="")
    trait: Mapped[Trait] = relationship()


class Method(StrEnum):
    """Where a score of record comes from."""

    ONE_READ = "one_read"
    TWO_READS = "two_reads"
    ADJUDICATED = "adjudicated"


class ScoreOfRecord(Base):
    """The score that counts for one trait of one response in one event. A newer one supersedes it; all are kept."""

    __tablename__ = "score_of_record"
    __table_args__ = (
        sa.Index("uq_score_of_record_current", "event_response_id", "trait_id", unique=True,
                 sqlite_where=sa.text("superseded_at IS NULL"), postgresql_where=sa.text("superseded_at IS NULL")),
        sa.CheckConstraint("(score IS NULL) <> (condition_code_id IS NULL)", name="score_or_condition_code"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    event_response_id: Mapped[int] = mapped_column(sa.ForeignKey("event_response.id"))
    trait_id: Mapped[int] = mapped_column(sa.ForeignKey("trait.id"))
    score: Mapped[float | None]
    condition_code_id: Mapped[int | None] = mapped_column(sa.ForeignKey("condition_code.id"))
    method: Mapped[Method]
    rule: Mapped[str] = mapped_column(sa.String(24))  # the event's rule when it was settled
    reason: Mapped[str] = mapped_column(sa.Text, default="")  # the adjudicator's
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    settled_at: Mapped[datetime] = mapped_column(default=now)
    superseded_at: Mapped[datetime | None]
    trait: Mapped[Trait] = relationship()
    condition_code: Mapped[ConditionCode | None] = relationship()
    decided_by: Mapped[Person | None] = relationship()


class ConcernKind(StrEnum):
    """What a scorer wants somebody to look at."""

    FLAG = "flag"  # unreadable, wrong task, a name in the work ...
    ALERT = "alert"  # this student may be in danger


class Concern(Base):
    """A scorer's word that somebody must look at this response."""

    __tablename__ = "concern"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"), index=True)
    scorer_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[ConcernKind]
    words: Mapped[str] = mapped_column(sa.Text, default="")
    raised_at: Mapped[datetime] = mapped_column(default=now)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    outcome: Mapped[str] = mapped_column(sa.Text, default="")
    response: Mapped[Response] = relationship()
    scorer: Mapped[Person] = relationship(foreign_keys=[scorer_id])


class Qualification(Base):
    """The fact that somebody may be handed responses of one rubric version. Calibration grants and withdraws it.

    One that ended stays on record. Whoever was handed nothing for `away_hours` is looked at again from `recheck_at` on.
    """

    __tablename__ = "qualification"
    __table_args__ = (
        sa.Index("uq_qualification_in_force", "person_id", "rubric_id", unique=True,
                 sqlite_where=sa.text("revoked_at IS NULL"), postgresql_where=sa.text("revoked_at IS NULL")),
        sa.CheckConstraint("expires_at IS NULL OR expires_at > granted_at", name="expires_after_it_was_granted"),
        sa.CheckConstraint("(away_hours IS NULL) = (recheck_at IS NULL)", name="rechecked_by_a_rule"),
        sa.CheckConstraint("coalesce(away_hours, 1) >= 1", name="away_for_an_hour_or_more"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"), index=True)
    granted_at: Mapped[datetime] = mapped_column(default=now)
    granted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    expires_at: Mapped[datetime | None]
    away_hours: Mapped[int | None]
    recheck_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    revoked_because: Mapped[str] = mapped_column(sa.Text, default="")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    granted_by: Mapped[Person | None] = relationship(foreign_keys=[granted_by_id])
    revoked_by: Mapped[Person | None] = relationship(foreign_keys=[revoked_by_id])


class SeenWork(Base):
    """A response that somebody has met outside their own reads, such as in a committee. It can not test them any more."""

    __tablename__ = "seen_work"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"), primary_key=True, index=True)
    seen_at: Mapped[datetime] = mapped_column(default=now)


class SubmitKey(Base):
    """An Idempotency-Key: one scorer, one request, one result, stored with the read itself."""

    __tablename__ = "submit_key"

    scorer_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    read_id: Mapped[int] = mapped_column(sa.ForeignKey("read.id"))
    next_assignment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("assignment.id"))
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
