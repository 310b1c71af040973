"""Long work: a durable Job row holds the state, Huey only carries the row's id.

A worker that dies loses Huey's copy, never the row: `requeue_lost` hands out again what stopped beating.
So a job may run twice, and every job's function must be harmless when it does.
"""

import sqlite3
import traceback
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
from flask import current_app
from huey import MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey, crontab
from sqlalchemy.orm import Mapped, mapped_column

from scoring.db import Base, db, now, sqlite_journal, transaction
from scoring.errors import ScoringError

LOST_AFTER = timedelta(minutes=2)
MOST_TRIES = 3
KINDS = {}
SWEEPS = []


class JobStatus(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """One piece of long work and how far it has come."""

    __tablename__ = "job"
    __table_args__ = (sa.CheckConstraint("progress >= 0 AND total >= 0", name="progress"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(sa.String(200))
    arguments: Mapped[dict] = mapped_column(default=dict)
    status: Mapped[JobStatus] = mapped_column(default=JobStatus.QUEUED, index=True)
    progress: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(sa.String(500), default="")
    error: Mapped[str | None] = mapped_column(sa.Text)
    back: Mapped[str] = mapped_column(sa.String(300), default="/")
    tries: Mapped[int] = mapped_column(default=0)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def is_over(self):
        return self.status in {JobStatus.DONE, JobStatus.FAILED}


class Progress:
    """What a running job tells about itself: `advance(done, total, message)` also proves that it is alive."""

    def __init__(self, job_id):
        self.job_id = job_id

    def advance(self, done, total, message=""):
        with transaction() as session:
            session.execute(
                sa.update(Job).where(Job.id == self.job_id)
                .values(progress=done, total=total, message=message, heartbeat_at=now())
            )  # fmt: skip


def init_app(app):
    """Open the queue: in memory and at once for tests, in a file of its own otherwise."""
    if app.config["JOBS_IMMEDIATELY"]:
        huey = MemoryHuey("rangefinder", immediate=True)
    elif app.config["QUEUE_URL"]:
        huey = _shared_queue(app.config["QUEUE_URL"])
    else:
        file = Path(app.instance_path) / "queue.sqlite"
        journal = sqlite_journal(sqlite3.sqlite_version_info)  # Huey uses Python's own SQLite
        huey = SqliteHuey("rangefinder", filename=str(file), journal_mode=journal)

    @huey.task(name="run_job")
    def run_job(job_id):
        with app.app_context():
            run(job_id)

    @huey.periodic_task(crontab(minute="*"), name="sweep")
    def sweep():
        with app.app_context():
            run_sweeps()

    app.extensions["huey"], app.extensions["run_job"] = huey, run_job


def _shared_queue(url):
    """Several hosts share one queue: in PostgreSQL, or in Redis where its client is installed."""
    return (
        RedisHuey("rangefinder", url=url) if url.startswith("redis") else PostgresHuey("rangefinder", dsn=url)
    )


def kind(name):
    """Register the function that does one kind of job: `function(progress, **arguments)`, safe to run twice."""

    def register(function):
        KINDS[name] = function
        return function

    return register


def every_minute(function):
    """Register something the worker does each minute, such as taking back leases that ran out."""
    SWEEPS.append(function)
    return function


def run_sweeps():
    """Do everything that is due each minute; one that fails does not stop the others."""
    for function in SWEEPS:
        try:
            function()
        except Exception:
            db.session.rollback()
            current_app.logger.exception("sweep %s failed", function.__name__)


def start(name, title, *, actor, back="/", **arguments):
    """Write down a job and hand it to the worker. Call it after the transaction that it depends on."""
    with transaction() as session:
        job = Job(
            kind=name, title=title, arguments=arguments, back=back, created_by_id=actor.id if actor else None
        )
        session.add(job)
        session.flush()
    current_app.extensions["run_job"](job.id)
    return job


def run(job_id):
    """Do one job. Claiming it is a compare-and-set, so two workers never do it at once."""
    if not _claimed(job_id):
        return
    job = db.session.get(Job, job_id, populate_existing=True)
    try:
        KINDS[job.kind](Progress(job_id), **job.arguments)
    except Exception as error:
        db.session.rollback()
        if not isinstance(error, ScoringError):
            current_app.logger.exception("job %s failed", job_id)
        words = error.message if isinstance(error, ScoringError) else traceback.format_exc(limit=-1)
        _finish(job_id, JobStatus.FAILED, words)
    else:
        _finish(job_id, JobStatus.DONE, None)


def _claimed(job_id):
    lost = sa.and_(Job.status == JobStatus.RUNNING, Job.heartbeat_at < now() - LOST_AFTER)
    with transaction() as session:
        claim = (
            sa.update(Job).where(Job.id == job_id, sa.or_(Job.status == JobStatus.QUEUED, lost))
            .values(status=JobStatus.RUNNING, started_at=now(), heartbeat_at=now(), tries=Job.tries + 1, error=None)
        )  # fmt: skip
        return session.execute(claim).rowcount == 1


def _finish(job_id, status, error):
    with transaction() as session:
        session.execute(
            sa.update(Job).where(Job.id == job_id)
            .values(status=status, error=error, finished_at=now(), heartbeat_at=now())
        )  # fmt: skip


def try_again(job, *, actor):
    """Queue a failed job once more."""
    with transaction() as session:
        session.execute(sa.update(Job).where(Job.id == job.id, Job.status == JobStatus.FAILED)
                        .values(status=JobStatus.QUEUED, error=None, progress=0))  # fmt: skip
    current_app.extensions["run_job"](job.id)


@every_minute
def requeue_lost():
    """Hand out again the jobs whose worker died or whose queue entry got lost; give up after three tries."""
    quiet = now() - LOST_AFTER
    stuck = sa.or_(
        sa.and_(Job.status == JobStatus.RUNNING, Job.heartbeat_at < quiet),
        sa.and_(Job.status == JobStatus.QUEUED, Job.created_at < quiet),
    )
    lost = db.session.scalars(sa.select(Job).where(stuck).order_by(Job.id)).all()
    for job in lost:
        if job.tries >= MOST_TRIES:
            _finish(
                job.id, JobStatus.FAILED, "It stopped three times without an answer. Try again, or tell us."
            )
        else:
            current_app.extensions["run_job"](job.id)
    return len(lost)
