"""What a session left behind: papers with the scores it agreed on, clarifications it proposed, notes to the task."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calibration.papers.models import Paper
from calibration.sessions.models import CalibrationSession, SessionPaper
from scoring.db import Base, now
from scoring.people.models import Person
from scoring.tasks.models import Clarification, TaskNote


class Outcome(Base):
    """One thing that came out of a session: a paper, a clarification, or a note to the task's next version."""

    __tablename__ = "session_outcome"
    __table_args__ = (
        sa.CheckConstraint(
            "(CASE WHEN paper_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN clarification_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN note_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="is_one_thing",
        ),
        sa.CheckConstraint("(session_paper_id IS NULL) = (paper_id IS NULL)", name="papers_come_from_papers"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("calibration_session.id"), index=True)
    session_paper_id: Mapped[int | None] = mapped_column(sa.ForeignKey("session_paper.id"), unique=True)
    paper_id: Mapped[int | None] = mapped_column(sa.ForeignKey("paper.id"))
    clarification_id: Mapped[int | None] = mapped_column(sa.ForeignKey("clarification.id"), unique=True)
    note_id: Mapped[int | None] = mapped_column(sa.ForeignKey("task_note.id"), unique=True)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    session: Mapped[CalibrationSession] = relationship()
    session_paper: Mapped[SessionPaper | None] = relationship()
    paper: Mapped[Paper | None] = relationship()
    clarification: Mapped[Clarification | None] = relationship()
    note: Mapped[TaskNote | None] = relationship()
    made_by: Mapped[Person] = relationship()
