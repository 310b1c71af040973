"""Committees, the papers proposed to them, what each member gave, and how consensus was found."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calibration.papers.models import Paper, PaperKind, PaperSet
from scoring.db import Base, now
from scoring.events.models import Event
from scoring.jobs import Job
from scoring.people.models import Organization, Person
from scoring.responses.models import Response
from scoring.tasks.models import Rubric, Trait


class CommitteeStatus(StrEnum):
    """How far a committee is."""

    DRAFT = "draft"  # papers and members are chosen; only leaders see it
    OPEN = "open"  # members score, then agree on consensus scores
    FINISHED = "finished"  # its papers are in sets, or it was ended


class Committee(Base):
    """People who look for the papers that fix a scale, under one rubric version."""

    __tablename__ = "committee"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"))
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"))  # whose reads brought the papers up
    name: Mapped[str] = mapped_column(sa.String(100))
    message: Mapped[str] = mapped_column(sa.Text, default="")  # what the leader asks of the members
    status: Mapped[CommitteeStatus] = mapped_column(default=CommitteeStatus.DRAFT)
    due_at: Mapped[datetime | None]  # by when scores are asked for
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    opened_at: Mapped[datetime | None]
    scoring_closed_at: Mapped[datetime | None]  # nobody sends scores any more
    finished_at: Mapped[datetime | None]
    organization: Mapped[Organization] = relationship()
    rubric: Mapped[Rubric] = relationship()
    event: Mapped[Event] = relationship()
    created_by: Mapped[Person] = relationship()
    members: Mapped[list["CommitteeMember"]] = relationship(
        back_populates="committee", cascade="all, delete-orphan", order_by="CommitteeMember.invited_at, CommitteeMember.person_id"
    )  # fmt: skip
    proposed: Mapped[list["ProposedPaper"]] = relationship(
        back_populates="committee", cascade="all, delete-orphan", order_by="ProposedPaper.position"
    )

    @property
    def is_open(self):
        return self.status is CommitteeStatus.OPEN

    @property
    def is_scoring(self):
        """Whether members may send scores."""
        return self.is_open and self.scoring_closed_at is None


class CommitteeMember(Base):
    """Somebody who was asked to score the proposed papers. Whoever leaves stays on record."""

    __tablename__ = "committee_member"

    committee_id: Mapped[int] = mapped_column(sa.ForeignKey("committee.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
    invited_at: Mapped[datetime] = mapped_column(default=now)
    left_at: Mapped[datetime | None]
    committee: Mapped[Committee] = relationship(back_populates="members")
    person: Mapped[Person] = relationship(lazy="selectin")


class ProposedPaper(Base):
    """A response that a committee looks at: scored blind by each member, then settled or dropped."""

    __tablename__ = "proposed_paper"
    __table_args__ = (
        sa.UniqueConstraint("committee_id", "response_id"),
        sa.UniqueConstraint("committee_id", "position"),
        sa.CheckConstraint("paper_id IS NULL OR dropped_at IS NULL", name="settled_or_dropped"),
        sa.CheckConstraint("(paper_id IS NULL) = (settled_at IS NULL)", name="settled_with_a_paper"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    committee_id: Mapped[int] = mapped_column(sa.ForeignKey("committee.id"))
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"), index=True)
    position: Mapped[int]
    dropped_at: Mapped[datetime | None]
    dropped_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    drop_reason: Mapped[str] = mapped_column(sa.Text, default="")
    paper_id: Mapped[int | None] = mapped_column(sa.ForeignKey("paper.id"), index=True)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    settle_reason: Mapped[str] = mapped_column(sa.Text, default="")  # given where not everybody agreed
    set_id: Mapped[int | None] = mapped_column(sa.ForeignKey("paper_set.id"))  # the set it went into
    committee: Mapped[Committee] = relationship(back_populates="proposed")
    response: Mapped[Response] = relationship(lazy="selectin")
    paper: Mapped[Paper | None] = relationship()
    paper_set: Mapped[PaperSet | None] = relationship()
    settled_by: Mapped[Person | None] = relationship(foreign_keys=[settled_by_id])
    dropped_by: Mapped[Person | None] = relationship(foreign_keys=[dropped_by_id])
    reads: Mapped[list["CommitteeRead"]] = relationship(
        back_populates="proposed", cascade="all, delete-orphan", order_by="CommitteeRead.id", lazy="selectin"
    )
    consensus: Mapped[list["ConsensusProposal"]] = relationship(
        back_populates="proposed", cascade="all, delete-orphan", order_by="ConsensusProposal.id"
    )

    @property
    def is_settled(self):
        return self.paper_id is not None

    @property
    def is_dropped(self):
        return self.dropped_at is not None

    @property
    def sent(self):
        """The members' reads that are in, in the order of their seats: never in the order of sending."""
        return sorted(
            (each for each in self.reads if each.sent_at is not None), key=lambda each: each.person_id
        )

    @property
    def on_the_table(self):
        """The newest proposal for consensus, or None."""
        return self.consensus[-1] if self.consensus else None


class CommitteeRead(Base):
    """One member's blind scores of a proposed paper: a draft until they are sent, and locked after that."""

    __tablename__ = "committee_read"
    __table_args__ = (
        sa.UniqueConstraint("proposed_id", "person_id"),
        sa.CheckConstraint("sent_at IS NULL OR passed_at IS NULL", name="sent_or_passed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposed_id: Mapped[int] = mapped_column(sa.ForeignKey("proposed_paper.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    draft: Mapped[dict | None] = mapped_column(sa.JSON(none_as_null=True))  # what was chosen and not yet sent
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    sent_at: Mapped[datetime | None]
    passed_at: Mapped[datetime | None]  # the member knows the student, and leaves the paper to others
    proposed: Mapped[ProposedPaper] = relationship(back_populates="reads")
    person: Mapped[Person] = relationship()
    scores: Mapped[list["CommitteeScore"]] = relationship(
        cascade="all, delete-orphan", order_by="CommitteeScore.trait_id", lazy="selectin"
    )

    @property
    def score_by_trait(self):
        """Scores by trait id."""
        return {each.trait_id: each.score for each in self.scores}


class CommitteeScore(Base):
    """The score a member gave to one trait, and what in the work shows it."""

    __tablename__ = "committee_score"
    __table_args__ = (sa.CheckConstraint("score BETWEEN 0 AND 20", name="score_in_range"),)

    read_id: Mapped[int] = mapped_column(sa.ForeignKey("committee_read.id"), primary_key=True)
    trait_id: Mapped[int] = mapped_column(sa.ForeignKey("trait.id"), primary_key=True)
    score: Mapped[int]
    evidence: Mapped[str] = mapped_column(sa.Text, default="")
    trait: Mapped[Trait] = relationship()


class ConsensusProposal(Base):
    """Consensus scores and commentary that somebody laid before the committee. A newer one takes its place."""

    __tablename__ = "consensus_proposal"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposed_id: Mapped[int] = mapped_column(sa.ForeignKey("proposed_paper.id"), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[PaperKind] = mapped_column(default=PaperKind.SOLID)
    commentary: Mapped[str] = mapped_column(sa.Text, default="")
    proposed: Mapped[ProposedPaper] = relationship(back_populates="consensus")
    author: Mapped[Person] = relationship()
    scores: Mapped[list["ProposedScore"]] = relationship(
        cascade="all, delete-orphan", order_by="ProposedScore.trait_id"
    )
    opinions: Mapped[list["Opinion"]] = relationship(
        cascade="all, delete-orphan", order_by="Opinion.given_at, Opinion.person_id"
    )

    @property
    def score_by_trait(self):
        """Proposed consensus scores by trait id."""
        return {each.trait_id: each.score for each in self.scores}

    @property
    def commentary_by_trait(self):
        """Proposed commentary by trait id."""
        return {each.trait_id: each.commentary for each in self.scores}

    @property
    def objections(self):
        return [each for each in self.opinions if not each.agrees]

    @property
    def agreeing(self):
        return [each for each in self.opinions if each.agrees]


class ProposedScore(Base):
    """The proposed consensus score of one trait, and why."""

    __tablename__ = "proposed_score"
    __table_args__ = (sa.CheckConstraint("score BETWEEN 0 AND 20", name="score_in_range"),)

    consensus_id: Mapped[int] = mapped_column(sa.ForeignKey("consensus_proposal.id"), primary_key=True)
    trait_id: Mapped[int] = mapped_column(sa.ForeignKey("trait.id"), primary_key=True)
    score: Mapped[int]
    commentary: Mapped[str] = mapped_column(sa.Text, default="")
    trait: Mapped[Trait] = relationship()


class Opinion(Base):
    """Whether somebody agrees to a proposal for consensus, or what they object."""

    __tablename__ = "opinion"
    __table_args__ = (sa.CheckConstraint("agrees OR words <> ''", name="objects_with_words"),)

    consensus_id: Mapped[int] = mapped_column(sa.ForeignKey("consensus_proposal.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    agrees: Mapped[bool]
    words: Mapped[str] = mapped_column(sa.Text, default="")
    given_at: Mapped[datetime] = mapped_column(default=now)
    person: Mapped[Person] = relationship()


class TrainingPacket(Base):
    """Anchors with commentary, practice papers with their key, and blank score sheets: one PDF and one workbook."""

    __tablename__ = "training_packet"
    __table_args__ = (
        sa.CheckConstraint("(pdf_key IS NULL) = (book_key IS NULL) AND (pdf_key IS NULL) = (finished_at IS NULL)",
                           name="both_files_or_none"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"))
    job_id: Mapped[int | None] = mapped_column(sa.ForeignKey("job.id"))
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    pdf_key: Mapped[str | None] = mapped_column(sa.String(80))
    pdf_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    pdf_size: Mapped[int | None]
    book_key: Mapped[str | None] = mapped_column(sa.String(80))
    book_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    book_size: Mapped[int | None]
    organization: Mapped[Organization] = relationship()
    rubric: Mapped[Rubric] = relationship()
    job: Mapped[Job | None] = relationship()
    created_by: Mapped[Person] = relationship()
    sets: Mapped[list[PaperSet]] = relationship(secondary="training_packet_set", order_by=PaperSet.id)


class TrainingPacketSet(Base):
    """A paper set that a packet was made from."""

    __tablename__ = "training_packet_set"

    packet_id: Mapped[int] = mapped_column(sa.ForeignKey("training_packet.id"), primary_key=True)
    set_id: Mapped[int] = mapped_column(sa.ForeignKey("paper_set.id"), primary_key=True)
