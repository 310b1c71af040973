"""Papers with their consensus scores and who agreed to them, and the sets that papers stand in."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scoring.db import Base, now
from scoring.people.models import Organization, Person
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
    is_kept: Mapped[bool] = mapped_column(
        default=False, server_default=sa.false()
    )  # for sets only: scorers never see it among the anchors
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
    agreements: Mapped[list["Agreement"]] = relationship(
        cascade="all, delete-orphan", order_by="Agreement.agreed_at, Agreement.person_id"
    )
    evidence: Mapped[list["PaperEvidence"]] = relationship(
        back_populates="paper", order_by="PaperEvidence.id"
    )

    @property
    def mean_score(self):
        """The middle of its consensus scores, by which papers stand in order."""
        return sum(each.score for each in self.scores) / len(self.scores)

    @property
    def described(self):
        """What it is, as a choice among papers: for those who know its scores."""
        scores = ", ".join(f"{each.trait.name} {each.score}" for each in self.scores)
        return f"{self.response.code}, {self.kind}: {scores}"


class ConsensusScore(Base):
    """The agreed expert score of one trait of a paper, and why."""

    __tablename__ = "consensus_score"

    paper_id: Mapped[int] = mapped_column(sa.ForeignKey("paper.id"), primary_key=True)
    trait_id: Mapped[int] = mapped_column(sa.ForeignKey("trait.id"), primary_key=True)
    score: Mapped[int]
    commentary: Mapped[str] = mapped_column(sa.Text, default="")
    trait: Mapped[Trait] = relationship()


class Agreement(Base):
    """Somebody who agrees to the consensus scores of a paper, and since when."""

    __tablename__ = "paper_agreement"

    paper_id: Mapped[int] = mapped_column(sa.ForeignKey("paper.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    agreed_at: Mapped[datetime] = mapped_column(default=now)
    person: Mapped[Person] = relationship()


class PaperEvidence(Base):
    """A marked place in the work of a paper, and what it shows: words of the text, or a region of a page.

    Places in the text count characters; regions are in thousandths of the page. A mark that was taken away stays.
    """

    __tablename__ = "paper_evidence"
    __table_args__ = (
        sa.CheckConstraint("(page IS NULL) <> (span_start IS NULL)", name="words_or_region"),
        sa.CheckConstraint(
            "(span_start IS NULL AND span_end IS NULL) OR (span_start >= 0 AND span_end > span_start)",
            name="span_has_characters",
        ),
        sa.CheckConstraint(
            "(page IS NULL AND x IS NULL AND y IS NULL AND width IS NULL AND height IS NULL) OR (page >= 1 AND x >= 0"
            " AND y >= 0 AND width > 0 AND height > 0 AND x + width <= 1000 AND y + height <= 1000)",
            name="region_lies_on_page",
        ),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name="removed_by_somebody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(sa.ForeignKey("paper.id"), index=True)
    trait_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trait.id"))  # none: about the whole work
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]
    page: Mapped[int | None]
    x: Mapped[int | None]
    y: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    words: Mapped[str] = mapped_column(sa.Text, default="")  # what it shows, and why
    marked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    marked_at: Mapped[datetime] = mapped_column(default=now)
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    paper: Mapped[Paper] = relationship(back_populates="evidence")
    trait: Mapped[Trait | None] = relationship()


class NameCheck(Base):
    """A district's look at a response in which a name may stand: asked for by a leader, answered by a district admin."""

    __tablename__ = "paper_name_check"
    __table_args__ = (
        sa.CheckConstraint(
            "(checked_at IS NULL) = (is_name IS NULL) AND (checked_at IS NULL) = (checked_by_id IS NULL)",
            name="answered_as_a_whole",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"), unique=True)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    is_name: Mapped[bool | None]  # it tells who the student is, so the work is kept from others
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    checked_at: Mapped[datetime | None]
    response: Mapped[Response] = relationship()
    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    checked_by: Mapped[Person | None] = relationship(foreign_keys=[checked_by_id])


class PaperUse(Base):
    """A further organization whose scorers see an anchor paper that another one shares."""

    __tablename__ = "paper_use"
    __table_args__ = (
        sa.Index("uq_paper_use_now", "paper_id", "organization_id", unique=True,
                 sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(sa.ForeignKey("paper.id"))
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    added_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    added_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    paper: Mapped[Paper] = relationship()
    organization: Mapped[Organization] = relationship()


class SetPurpose(StrEnum):
    """What a paper set is for."""

    ANCHOR = "anchor"
    PRACTICE = "practice"
    QUALIFICATION = "qualification"
    VALIDITY = "validity"
    CALIBRATION = "calibration"

    @property
    def is_secret(self):
        """Whether its papers must be new to those who score them."""
        return self in {SetPurpose.QUALIFICATION, SetPurpose.VALIDITY}


class PaperSet(Base):
    """Papers of one rubric version, in an order and with a purpose. Freezing it ends all changes."""

    __tablename__ = "paper_set"
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "rubric_id", "name", "version"),
        sa.CheckConstraint("version >= 1", name="version_counts_from_one"),
        sa.CheckConstraint(
            "(frozen_at IS NULL) = (frozen_count IS NULL) AND coalesce(frozen_count, 1) >= 1",
            name="frozen_with_papers",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    purpose: Mapped[SetPurpose]
    version: Mapped[int] = mapped_column(default=1)
    based_on_id: Mapped[int | None] = mapped_column(sa.ForeignKey("paper_set.id"))
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    frozen_at: Mapped[datetime | None]
    frozen_count: Mapped[int | None]  # how many papers it held then; a check compares
    frozen_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    retired_at: Mapped[datetime | None]
    retired_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    organization: Mapped[Organization] = relationship()
    rubric: Mapped[Rubric] = relationship()
    frozen_by: Mapped[Person | None] = relationship(foreign_keys=[frozen_by_id])
    items: Mapped[list["PaperSetItem"]] = relationship(
        back_populates="paper_set", cascade="all, delete-orphan", order_by="PaperSetItem.position"
    )

    @property
    def is_frozen(self):
        return self.frozen_at is not None

    @property
    def is_live(self):
        """Frozen and not retired: it may be used."""
        return self.is_frozen and self.retired_at is None

    @property
    def papers(self):
        """Its papers in order."""
        return [item.paper for item in self.items]


class PaperSetItem(Base):
    """A paper's place in a set."""

    __tablename__ = "paper_set_item"
    __table_args__ = (sa.UniqueConstraint("set_id", "paper_id"), sa.UniqueConstraint("set_id", "position"))

    id: Mapped[int] = mapped_column(primary_key=True)
    set_id: Mapped[int] = mapped_column(sa.ForeignKey("paper_set.id"))
    paper_id: Mapped[int] = mapped_column(sa.ForeignKey("paper.id"), index=True)
    position: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(default=now)
    paper_set: Mapped[PaperSet] = relationship(back_populates="items")
    paper: Mapped[Paper] = relationship()
