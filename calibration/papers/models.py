"""Papers and their consensus scores."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scoring.db import Base, now
from scoring.people.models import Person
from scoring.responses.models import Response
from scoring.tasks.models import Rubric, Task, Trait


class PaperPurpose(StrEnum):
    """What a paper is for."""

    ANCHOR = "anchor"


class PaperKind(StrEnum):
    """A solid paper sits in the middle of its score points, a borderline one close to a line between two."""

    SOLID = "solid"
    BORDERLINE = "borderline"


class Paper(Base):
    """A response with consensus scores and commentary, under one rubric version."""

    __tablename__ = "paper"
    __table_args__ = (
        sa.Index("uq_paper_in_use", "rubric_id", "response_id", "purpose", unique=True,
                 sqlite_where=sa.text("retired_at IS NULL"), postgresql_where=sa.text("retired_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"), index=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"))
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event.id"))  # whose reads brought it up
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"))  # who may show it
    purpose: Mapped[PaperPurpose] = mapped_column(default=PaperPurpose.ANCHOR)
    kind: Mapped[PaperKind] = mapped_column(default=PaperKind.SOLID)
    commentary: Mapped[str] = mapped_column(sa.Text, default="")
    promoted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    promoted_at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]
    retired_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    task: Mapped[Task] = relationship()
    rubric: Mapped[Rubric] = relationship()
    response: Mapped[Response] = relationship()
    promoted_by: Mapped[Person | None] = relationship(foreign_keys=[promoted_by_id])
    scores: Mapped[list["ConsensusScore"]] = relationship(
        cascade="all, delete-orphan", order_by="ConsensusScore.trait_id"
    )

    @property
    def mean_score(self):
        """The middle of its consensus scores, by which papers stand in order."""
        return sum(each.score for each in self.scores) / len(self.scores)


class ConsensusScore(Base):
    """The agreed expert score of one trait of a paper, and why."""

    __tablename__ = "consensus_score"

    paper_id: Mapped[int] = mapped_column(sa.ForeignKey("paper.id"), primary_key=True)
    trait_id: Mapped[int] = mapped_column(sa.ForeignKey("trait.id"), primary_key=True)
    score: Mapped[int]
    commentary: Mapped[str] = mapped_column(sa.Text, default="")
    trait: Mapped[Trait] = relationship()
