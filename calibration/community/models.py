"""What districts share with their network, and the digests: who wants them when, and what was sent."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from calibration.papers.models import Paper
from scoring.db import Base, now
from scoring.people.models import Organization, Person


class SharedPaper(Base):
    """An anchor paper that its organization shows to the whole network, until it withdraws it."""

    __tablename__ = "shared_paper"
    __table_args__ = (
        sa.Index("uq_shared_paper_shared", "paper_id", unique=True,
                 sqlite_where=sa.text("withdrawn_at IS NULL"), postgresql_where=sa.text("withdrawn_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(sa.ForeignKey("paper.id"))
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"))
    network_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    note: Mapped[str] = mapped_column(
        sa.String(500), default=""
    )  # what others should know before they use it
    shared_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    shared_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    paper: Mapped[Paper] = relationship()
    organization: Mapped[Organization] = relationship(foreign_keys=[organization_id])


class Frequency(StrEnum):
    """How often somebody wants a digest."""

    OFF = "off"
    DAILY = "daily"
    WEEKLY = "weekly"


class DigestChoice(Base):
    """When a person wants the digest. Who never chose gets it weekly, at the usual time."""

    __tablename__ = "digest_choice"
    __table_args__ = (
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name="hour_of_a_day"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="day_of_a_week"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    frequency: Mapped[Frequency] = mapped_column(default=Frequency.WEEKLY)
    weekday: Mapped[int] = mapped_column(default=0)  # Monday is 0
    hour: Mapped[int] = mapped_column(default=7)
    zone: Mapped[str] = mapped_column(sa.String(40), default="America/New_York")
    changed_at: Mapped[datetime] = mapped_column(default=now)


class DigestStatus(StrEnum):
    """What became of a digest."""

    CLAIMED = "claimed"  # a worker is at it, or died at it: it is never sent again
    SENT = "sent"
    EMPTY = "empty"  # nothing was new, so nothing was sent
    FAILED = "failed"  # it did not go out, for certain: it is tried again
    UNSURE = "unsure"  # the line broke: it may have arrived, so it is not sent again


class Digest(Base):
    """One digest of one person. There is one row for each time it is due, so that nobody gets the same one twice."""

    __tablename__ = "digest"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "due_at"),
        sa.CheckConstraint("tries >= 1", name="tried_at_least_once"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    due_at: Mapped[datetime]
    since: Mapped[datetime]  # it tells what is new from here
    until: Mapped[datetime]  # to here
    status: Mapped[DigestStatus] = mapped_column(default=DigestStatus.CLAIMED)
    tries: Mapped[int] = mapped_column(default=1)
    problem: Mapped[str] = mapped_column(sa.String(300), default="")
    finished_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()
