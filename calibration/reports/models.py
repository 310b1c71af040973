"""Exports: which report was made for whom, when, from what, and the fingerprint of the file."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scoring.db import Base, now
from scoring.events.models import Event
from scoring.jobs import Job
from scoring.people.models import Organization, Person


class ExportFormat(StrEnum):
    """What kind of file was asked for."""

    XLSX = "xlsx"
    CSV = "csv"  # a ZIP of CSV files, one for each sheet of the workbook


class Export(Base):
    """One comparability report, made in a job, kept as a file."""

    __tablename__ = "export"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    organization_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organization.id"), index=True
    )  # for whom it was made
    format: Mapped[ExportFormat]
    filters: Mapped[dict] = mapped_column(default=dict)
    job_id: Mapped[int | None] = mapped_column(sa.ForeignKey("job.id"))
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    file_name: Mapped[str] = mapped_column(sa.String(200), default="")
    key: Mapped[str | None] = mapped_column(sa.String(80))
    size: Mapped[int | None]
    rows: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(sa.String(64))
    event: Mapped[Event] = relationship()
    organization: Mapped[Organization] = relationship()
    job: Mapped[Job | None] = relationship()
    created_by: Mapped[Person] = relationship()
