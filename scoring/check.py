"""Every promise the data must keep, checked on the rows themselves. See `invariants.sql` for the list."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from scoring import audit, replay, storage
from scoring.db import alembic_config, db, now
from scoring.jobs import LOST_AFTER, Job, JobStatus

INVARIANTS = Path(__file__).with_name("invariants.sql")
MOST_ROWS = 20
IN_FLIGHT = timedelta(minutes=10)
CLOCK_TOLERANCE = timedelta(seconds=5)
# Where files are named: table, column of the key, column of the fingerprint.
FILES = [
    ("material", "key", "sha256"),
    ("page", "key", "sha256"),
    ("response", "original_key", None),
    ("import_batch", "key", "sha256"),
    ("export", "key", "sha256"),
    ("training_packet", "pdf_key", "pdf_sha256"),
    ("training_packet", "book_key", "book_sha256"),
]


def run():
    """Return the findings of every check by name; an empty list is a promise kept."""
    return {
        **broken_invariants(),
        "I6 The audit chains and their checkpoints hold": audit.problems(),
        "I6 Replaying the audit log gives the stored scores": replay.problems(),
        "I8 Every file is named by a row, and every row finds its file unchanged": file_problems(),
        "Migrations: the tables are those of this version": migration_problems(),
        "Storage: what is written can be read back": storage_problems(),
        "Queue: no job waits without a worker": queue_problems(),
        "Clock: this computer and the database agree": clock_problems(),
    }


def problems():
    """Return every finding about the data as one line each: what the tests ask for after each test that writes."""
    findings = broken_invariants()
    findings["I6 audit chains"] = audit.problems()
    findings["I6 replay"] = replay.problems()
    return [f"{name}: {row}" for name, rows in findings.items() for row in rows]


def promises():
    """Return the SQL of each promise by its name."""
    parts = re.split(r"^-- ((?:I\d+ |Everybody ).*)$", INVARIANTS.read_text(), flags=re.MULTILINE)
    return {name.strip(): sql.strip().rstrip(";") for name, sql in zip(parts[1::2], parts[2::2], strict=True)}


def broken_invariants():
    """Ask the database for the rows that break each promise; show the first of them."""
    found = {}
    for name, sql in promises().items():
        rows = db.session.execute(sa.text(sql)).mappings().fetchmany(MOST_ROWS)
        found[name] = [", ".join(f"{column} {value}" for column, value in row.items()) for row in rows]
    return found


def file_problems():
    """Compare the store with the rows: files nobody names, rows without their file, files that were changed."""
    expected, found = {}, []
    for table, column, fingerprint in FILES:
        query = f"SELECT {column}, {fingerprint or 'NULL'} FROM {table} WHERE {column} IS NOT NULL"  # names from FILES
        expected.update({key: (table, sha256) for key, sha256 in db.session.execute(sa.text(query))})
    stored = storage.listing()
    for key, (table, sha256) in expected.items():
        if key not in stored:
            found.append(f"{table}: its file {key} is missing")
        elif sha256 and storage.sha256(storage.get(key)) != sha256:
            found.append(f"{table}: its file {key} was changed")
    young = now() - IN_FLIGHT
    found += [
        f"the file {key} belongs to no row"
        for key, at in stored.items()
        if key not in expected and at < young
    ]
    return found[:MOST_ROWS]


def migration_problems():
    """Name the revision of the database if it is not the newest one."""
    with db.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    return (
        []
        if present == newest
        else [f"the database is at {present}, the newest is {newest}: run `flask migrate`"]
    )


def storage_problems():
    """Write a small file, read it back, and take it away."""
    key = storage.put(b"well", area="health")
    well = storage.get(key) == b"well"
    storage.remove([key])
    return [] if well else ["a file read back differs from what was written"]


def queue_problems():
    """Ask the queue for its length, and look for jobs that wait for a worker that is not there."""
    current_app.extensions["huey"].pending_count()
    waiting = sa.select(Job.id).where(Job.status == JobStatus.QUEUED, Job.created_at < now() - 2 * LOST_AFTER)
    return [
        f"job {job_id} has been waiting for a worker"
        for job_id in db.session.scalars(waiting.order_by(Job.id))
    ]


def clock_problems():
    """Compare this computer's clock with the database's: leases depend on both."""
    if db.engine.dialect.name == "sqlite":
        theirs = datetime.fromisoformat(
            db.session.scalar(sa.text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"))
        ).replace(tzinfo=UTC)
    else:
        theirs = db.session.scalar(sa.text("SELECT clock_timestamp()"))
    apart = abs(theirs - now())
    return [] if apart < CLOCK_TOLERANCE else [f"the clocks are {apart.total_seconds():.0f} seconds apart"]
