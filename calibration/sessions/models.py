"""Calibration sessions: protocols, who takes part, sheets of scores, what was said, and what was agreed."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calibration.papers.models import Paper
from calibration.sessions import rules
from scoring.db import Base, now
from scoring.people.models import Organization, Person
from scoring.tasks.models import Rubric, Trait


class Protocol(Base):
    """A protocol of one organization: its own copy, which it may change. Sessions keep the steps they began with."""

    __tablename__ = "protocol"
    __table_args__ = (sa.UniqueConstraint("organization_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"))
    name: Mapped[str] = mapped_column(sa.String(120))
    summary: Mapped[str] = mapped_column(sa.String(500), default="")
    steps: Mapped[list]
    copied_from: Mapped[str] = mapped_column(
        sa.String(120), default=""
    )  # the name of what it was copied from
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]
    organization: Mapped[Organization] = relationship()


class Form(StrEnum):
    """A live session has one moment for all; in an asynchronous one everybody comes when it suits them."""

    LIVE = "live"
    ASYNCHRONOUS = "asynchronous"


class Part(StrEnum):
    """What a person does in a session besides scoring."""

    FACILITATOR = "facilitator"
    TIMEKEEPER = "timekeeper"
    RECORDER = "recorder"
    PRESENTER = "presenter"
    MEMBER = "member"


class CalibrationSession(Base):
    """One session on certain papers, with the steps of its protocol as they were when it was set up."""

    __tablename__ = "calibration_session"
    __table_args__ = (
        sa.CheckConstraint("(form = 'asynchronous') = (score_by IS NOT NULL)", name="only_asynchronous_has_a_deadline"),
        sa.CheckConstraint("closes_at IS NULL OR closes_at > score_by", name="closes_after_scoring"),
        sa.CheckConstraint("phase IS NULL OR (phase >= 0 AND begun_at IS NOT NULL)", name="phases_begin"),
        sa.CheckConstraint("step_ends_at IS NULL OR step_seconds_left IS NULL", name="timer_runs_or_stands"),
        sa.CheckConstraint("cancelled_at IS NULL OR closed_at IS NULL", name="cancelled_or_closed"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"), index=True)
    set_id: Mapped[int | None] = mapped_column(sa.ForeignKey("paper_set.id"))  # where its papers come from
    title: Mapped[str] = mapped_column(sa.String(120))
    form: Mapped[Form]
    protocol_name: Mapped[str] = mapped_column(sa.String(120))
    steps: Mapped[list]
    leader_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    starts_at: Mapped[datetime | None]
    score_by: Mapped[datetime | None]  # asynchronous: until then everybody scores
    closes_at: Mapped[datetime | None]  # when it is over by itself
    begun_at: Mapped[datetime | None]
    scoring_ended_at: Mapped[datetime | None]  # asynchronous: everybody was in before the deadline
    closed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    phase: Mapped[int | None]  # live: where in rules.phases() everybody is; None in the lobby
    step_ends_at: Mapped[datetime | None]
    step_seconds_left: Mapped[int | None]  # while the timer stands still
    state_version: Mapped[int] = mapped_column(default=1)  # goes up with everything that anybody could see
    stage_version: Mapped[int] = mapped_column(default=1)  # the same without how many are in
    organization: Mapped[Organization] = relationship()
    rubric: Mapped[Rubric] = relationship()
    leader: Mapped[Person] = relationship()
    papers: Mapped[list["SessionPaper"]] = relationship(
        back_populates="session", cascade="all, delete-orphan", order_by="SessionPaper.position"
    )
    participants: Mapped[list["Participant"]] = relationship(
        back_populates="session", cascade="all, delete-orphan", order_by="Participant.id"
    )

    @property
    def is_live(self):
        return self.form is Form.LIVE

    @property
    def phases(self):
        """Every phase of a live session in order."""
        return rules.phases(self.steps, len(self.papers))

    @property
    def is_over(self):
        """Whether nothing can change any more: closed, or the date has come at which it closes by itself."""
        return self.closed_at is not None or (self.closes_at is not None and now() >= self.closes_at)

    @property
    def is_open(self):
        """Whether people may do something in it at present."""
        return self.cancelled_at is None and not self.is_over

    @property
    def scoring_is_over(self):
        """Asynchronous: whether everybody is in, or the deadline has passed. The clock decides, not a job."""
        if self.is_live:
            return False
        return self.scoring_ended_at is not None or self.is_over or now() >= self.score_by

    @property
    def ended_at(self):
        """When it was closed, or closed by itself; None while it is open."""
        return self.closed_at or (self.closes_at if self.is_over else None)

    @property
    def present_step(self):
        """The step a live session is in, as plain values; None in the lobby."""
        return None if self.phase is None else self.steps[self.phases[self.phase].step]

    @property
    def present_paper(self):
        """The paper a live session is at; None between papers and in the lobby."""
        at = None if self.phase is None else self.phases[self.phase].paper
        return None if at is None else self.papers[at]


class SessionPaper(Base):
    """A paper's place in a session, and how far its scores are shown."""

    __tablename__ = "session_paper"
    __table_args__ = (
        sa.UniqueConstraint("session_id", "paper_id"),
        sa.UniqueConstraint("session_id", "position"),
        sa.CheckConstraint("leader_shown_at IS NULL OR leader_shown_at >= revealed_at", name="leader_comes_last"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("calibration_session.id"))
    paper_id: Mapped[int] = mapped_column(sa.ForeignKey("paper.id"), index=True)
    position: Mapped[int]
    revealed_at: Mapped[datetime | None]  # live: when the facilitator showed all scores
    leader_shown_at: Mapped[datetime | None]
    session: Mapped[CalibrationSession] = relationship(back_populates="papers")
    paper: Mapped[Paper] = relationship()
    sheets: Mapped[list["Sheet"]] = relationship(
        back_populates="session_paper", cascade="all, delete-orphan", order_by="Sheet.id"
    )
    consensus: Mapped[list["Consensus"]] = relationship(
        cascade="all, delete-orphan", order_by="Consensus.pair, Consensus.trait_id"
    )

    @property
    def is_revealed(self):
        """Whether scores of this paper are shown to those who may see them. In the asynchronous form the clock decides."""
        return self.revealed_at is not None or self.session.scoring_is_over

    def agreed(self, trait_id, pair=0):
        """What the group (or a pair) agreed on for a trait, or None."""
        return next((each for each in self.consensus if (each.trait_id, each.pair) == (trait_id, pair)), None)


class Participant(Base):
    """A person's seat in a session."""

    __tablename__ = "session_participant"
    __table_args__ = (
        sa.UniqueConstraint("session_id", "person_id"),
        sa.CheckConstraint("pair IS NULL OR pair >= 1", name="pairs_count_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("calibration_session.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    part: Mapped[Part] = mapped_column(default=Part.MEMBER)
    observes: Mapped[bool] = mapped_column(default=False)  # looks on in the whole session and scores nothing
    shows_name: Mapped[bool] = mapped_column(default=False)  # names stand beside scores once everybody agrees
    pair: Mapped[int | None]
    invited_at: Mapped[datetime] = mapped_column(default=now)
    joined_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    session: Mapped[CalibrationSession] = relationship(back_populates="participants")
    person: Mapped[Person] = relationship(lazy="joined")
    attendance: Mapped[list["Attendance"]] = relationship(
        cascade="all, delete-orphan", order_by="Attendance.step"
    )

    @property
    def is_here(self):
        """In a live session: came in, and did not leave."""
        return self.joined_at is not None and self.left_at is None and self.removed_at is None

    @property
    def seconds(self):
        """How long this person was there in all."""
        return sum(each.seconds for each in self.attendance)


class Attendance(Base):
    """How many seconds a participant was there in one step of the protocol; -1 is the lobby."""

    __tablename__ = "session_attendance"
    __table_args__ = (sa.CheckConstraint("seconds >= 0 AND step >= -1", name="time_does_not_run_backward"),)

    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("session_participant.id"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seconds: Mapped[int] = mapped_column(default=0)


class Sheet(Base):
    """One participant's scores of one paper: once before the discussion, and once more after it if they like."""

    __tablename__ = "session_sheet"
    __table_args__ = (
        sa.UniqueConstraint("session_paper_id", "participant_id", "round"),
        sa.CheckConstraint("round BETWEEN 1 AND 2", name="before_or_after"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_paper_id: Mapped[int] = mapped_column(sa.ForeignKey("session_paper.id"))
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("session_participant.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)  # 1 before the discussion, 2 after it
    is_late: Mapped[bool] = mapped_column(
        default=False
    )  # came in when others could see scores: not counted as blind
    reason: Mapped[str] = mapped_column(sa.Text, default="")  # about the paper as a whole
    submitted_at: Mapped[datetime] = mapped_column(default=now)
    session_paper: Mapped[SessionPaper] = relationship(back_populates="sheets")
    participant: Mapped[Participant] = relationship()
    scores: Mapped[list["SheetScore"]] = relationship(
        cascade="all, delete-orphan", order_by="SheetScore.trait_id", lazy="selectin"
    )

    @property
    def by_trait(self):
        """Scores by trait id."""
        return {each.trait_id: each.score for each in self.scores}


class SheetScore(Base):
    """The score of one trait on a sheet, and what in the work shows it."""

    __tablename__ = "session_sheet_score"

    sheet_id: Mapped[int] = mapped_column(sa.ForeignKey("session_sheet.id"), primary_key=True)
    trait_id: Mapped[int] = mapped_column(sa.ForeignKey("trait.id"), primary_key=True)
    score: Mapped[int]
    evidence: Mapped[str] = mapped_column(sa.Text, default="")
    trait: Mapped[Trait] = relationship()


class Observer(Base):
    """Somebody who chose to look on for one paper, and so never scores it."""

    __tablename__ = "session_observer"

    session_paper_id: Mapped[int] = mapped_column(sa.ForeignKey("session_paper.id"), primary_key=True)
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("session_participant.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(default=now)


class Remark(Base):
    """What a participant wrote: about a trait of a paper, about a paper, or in a step of the protocol."""

    __tablename__ = "session_remark"
    __table_args__ = (
        sa.CheckConstraint("session_paper_id IS NOT NULL OR trait_id IS NULL", name="traits_are_of_papers"),
        sa.CheckConstraint("(session_paper_id IS NULL) <> (step IS NULL)", name="about_a_paper_or_a_step"),
        sa.Index(None, "session_id", "session_paper_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("calibration_session.id"))
    session_paper_id: Mapped[int | None] = mapped_column(sa.ForeignKey("session_paper.id"))
    trait_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trait.id"))
    step: Mapped[int | None]
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("session_participant.id"))
    reply_to_id: Mapped[int | None] = mapped_column(sa.ForeignKey("session_remark.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]
    author: Mapped[Participant] = relationship()


class Consensus(Base):
    """What the group agreed on for one trait of a paper, and why; with a pair's number, what that pair agreed on."""

    __tablename__ = "session_consensus"
    __table_args__ = (sa.UniqueConstraint("session_paper_id", "trait_id", "pair"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_paper_id: Mapped[int] = mapped_column(sa.ForeignKey("session_paper.id"))
    trait_id: Mapped[int] = mapped_column(sa.ForeignKey("trait.id"))
    pair: Mapped[int] = mapped_column(default=0)  # 0 is the whole group
    score: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.Text)
    settled_at: Mapped[datetime] = mapped_column(default=now)
    settled_by_id: Mapped[int] = mapped_column(sa.ForeignKey("session_participant.id"))
    trait: Mapped[Trait] = relationship()
    settled_by: Mapped[Participant] = relationship()


class Proposal(Base):
    """A consensus score that a participant of an asynchronous session proposes; it counts once all others support it."""

    __tablename__ = "session_proposal"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_paper_id: Mapped[int] = mapped_column(sa.ForeignKey("session_paper.id"), index=True)
    trait_id: Mapped[int] = mapped_column(sa.ForeignKey("trait.id"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("session_participant.id"))
    score: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]
    session_paper: Mapped[SessionPaper] = relationship()
    author: Mapped[Participant] = relationship()
    supports: Mapped[list["Support"]] = relationship(
        cascade="all, delete-orphan", order_by="Support.participant_id"
    )


class Support(Base):
    """A participant who agrees to a proposal."""

    __tablename__ = "session_support"

    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("session_proposal.id"), primary_key=True)
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("session_participant.id"), primary_key=True)
    agreed_at: Mapped[datetime] = mapped_column(default=now)


class Question(StrEnum):
    """What the debrief asks: what should change."""

    TASK = "task"
    RUBRIC = "rubric"
    TEACHING = "teaching"


class DebriefAnswer(Base):
    """A participant's answer to one question of the debrief."""

    __tablename__ = "session_debrief"
    __table_args__ = (sa.UniqueConstraint("participant_id", "question"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("calibration_session.id"), index=True)
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("session_participant.id"))
    question: Mapped[Question]
    text: Mapped[str] = mapped_column(sa.Text)
    written_at: Mapped[datetime] = mapped_column(default=now)
    participant: Mapped[Participant] = relationship()
