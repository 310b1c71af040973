"""Students under pseudonyms, their work as the scorers see it, and the imports that brought it in."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scoring.db import Base, now
from scoring.people.models import Organization
from scoring.tasks.models import Task


class Student(Base):
    """A student under a pseudonym. Who it is stands in StudentIdentity, which only the district may open."""

    __tablename__ = "student"
    __table_args__ = (sa.UniqueConstraint("district_id", "pseudonym"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"))
    school_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    pseudonym: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)
    district: Mapped[Organization] = relationship(foreign_keys=[district_id])
    school: Mapped[Organization | None] = relationship(foreign_keys=[school_id])


class StudentIdentity(Base):
    """Who a student is. In a table of its own, opened by the district's admin only, each time on record."""

    __tablename__ = "student_identity"

    student_id: Mapped[int] = mapped_column(sa.ForeignKey("student.id"), primary_key=True)
    given_name: Mapped[str] = mapped_column(sa.String(120), default="")
    family_name: Mapped[str] = mapped_column(sa.String(120), default="")
    local_id: Mapped[str] = mapped_column(sa.String(80), default="", index=True)
    student: Mapped[Student] = relationship()


class RosterEntry(Base):
    """This teacher teaches this student, so must not score their work."""

    __tablename__ = "roster_entry"
    __table_args__ = (sa.UniqueConstraint("person_id", "student_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("student.id"), index=True)
    source: Mapped[str] = mapped_column(
        sa.String(20), default="roster"
    )  # "roster", or "known" when the scorer said so
    created_at: Mapped[datetime] = mapped_column(default=now)


class ImportStatus(StrEnum):
    """How far an import has come."""

    UPLOADED = "uploaded"  # the file is here; what its columns mean is not settled yet
    PREVIEW = "preview"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"
    DISCARDED = "discarded"


class ImportBatch(Base):
    """One uploaded file of student work or rosters, and what became of its rows."""

    __tablename__ = "import_batch"
    __table_args__ = (sa.CheckConstraint("accepted + refused + duplicates <= total", name="rows_add_up"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(sa.ForeignKey("task.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))  # "csv", "zip" or "roster"
    file_name: Mapped[str] = mapped_column(sa.String(200))
    key: Mapped[str | None] = mapped_column(sa.String(80))  # none once it was discarded or undone
    sha256: Mapped[str] = mapped_column(sa.String(64))
    mapping: Mapped[dict] = mapped_column(default=dict)
    status: Mapped[ImportStatus] = mapped_column(default=ImportStatus.PREVIEW)
    total: Mapped[int] = mapped_column(default=0)
    accepted: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    duplicates: Mapped[int] = mapped_column(default=0)
    job_id: Mapped[int | None] = mapped_column(sa.ForeignKey("job.id"))
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    district: Mapped[Organization] = relationship()
    task: Mapped[Task | None] = relationship()
    problems: Mapped[list["ImportProblem"]] = relationship(
        order_by="ImportProblem.row, ImportProblem.id", cascade="all, delete-orphan"
    )


class ImportProblem(Base):
    """One thing wrong with one row, and how to mend it."""

    __tablename__ = "import_problem"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batch.id"), index=True)
    row: Mapped[int]
    field: Mapped[str] = mapped_column(sa.String(80))
    value: Mapped[str] = mapped_column(sa.String(200), default="")
    problem: Mapped[str] = mapped_column(sa.String(300))
    mend: Mapped[str] = mapped_column(sa.String(300))


class ResponseStatus(StrEnum):
    """Whether a response can be read yet."""

    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


class Response(Base):
    """One student's work on one task. Its code is drawn at random and says nothing about anybody."""

    __tablename__ = "response"
    __table_args__ = (
        sa.UniqueConstraint("task_id", "student_id"),
        sa.Index(None, "district_id", "task_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(16), unique=True)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("task.id"))
    student_id: Mapped[int] = mapped_column(sa.ForeignKey("student.id"), index=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("organization.id"))
    school_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organization.id"))
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("import_batch.id"), index=True)
    text: Mapped[str | None] = mapped_column(sa.Text)
    media_type: Mapped[str] = mapped_column(sa.String(40), default="text/plain")
    original_key: Mapped[str | None] = mapped_column(sa.String(80))
    sha256: Mapped[str] = mapped_column(sa.String(64))  # of the text or of the original file
    word_count: Mapped[int | None]
    status: Mapped[ResponseStatus] = mapped_column(default=ResponseStatus.READY)
    trouble: Mapped[str] = mapped_column(sa.String(300), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    task: Mapped[Task] = relationship()
    student: Mapped[Student] = relationship()
    district: Mapped[Organization] = relationship(foreign_keys=[district_id])
    school: Mapped[Organization | None] = relationship(foreign_keys=[school_id])
    pages: Mapped[list["Page"]] = relationship(order_by="Page.number", cascade="all, delete-orphan")


class Page(Base):
    """One page of a response as an image without metadata: what scorers see of a PDF, scan or photo."""

    __tablename__ = "page"
    __table_args__ = (sa.UniqueConstraint("response_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id"))
    number: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    media_type: Mapped[str] = mapped_column(sa.String(40))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    width: Mapped[int]
    height: Mapped[int]
