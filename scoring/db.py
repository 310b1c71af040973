"""The database: one base class, UTC times, enums by value, and the one way to write."""

import threading
import time
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from weakref import WeakKeyDictionary

import alembic.command
import alembic.config
import flask_sqlalchemy.session
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase

try:
    from pysqlite3 import (
        dbapi2 as sqlite3,  # brings a SQLite whose WAL is mended; Python's own is often older
    )
except ImportError:  # no wheel for this computer
    import sqlite3

MIGRATIONS = Path(__file__).parent.parent / "migrations"
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_writing = ContextVar("writing", default=False)
_clock = ContextVar("clock", default=None)
_next_writer = threading.Lock()
PATIENCE = 30  # seconds to wait for other writers


class UtcDateTime(sa.types.TypeDecorator):
    """A moment in UTC: aware in Python on every engine, refused when it is naive."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; use db.now()")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Foundation(DeclarativeBase):
    """Every table: constraints named by rule, enums stored by value, times in UTC."""

    registry = sa.orm.registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UtcDateTime(),
            StrEnum: sa.Enum(StrEnum, native_enum=False, create_constraint=True, length=24,
                             values_callable=lambda kind: [member.value for member in kind]),
            dict: sa.JSON(),
            list: sa.JSON(),
        },
    )  # fmt: skip


class Session(flask_sqlalchemy.session.Session):
    """A session that opens a transaction on PostgreSQL only to write, or for a `snapshot`.

    There, a statement that reads sees all that was committed before it anyway. A transaction around reading would cost
    two trips, and the ROLLBACK at its end makes the driver forget every statement that it had prepared.
    """

    def get_bind(self, *arguments, **named):
        engine = super().get_bind(*arguments, **named)
        if self.info.get("in_transaction") or engine.dialect.name == "sqlite":
            return engine
        return self._db.ways[engine]["snapshot" if self.info.get("in_snapshot") else "reading"]


db = SQLAlchemy(
    model_class=Foundation,
    session_options={"class_": Session, "expire_on_commit": False},
    disable_autonaming=True,
)
db.ways = WeakKeyDictionary()  # PostgreSQL's engines, each with the ways in which it reads
Base = db.Model


def init_app(app):
    """Connect the app to its database, with the safeguards of the engine it uses."""
    db.init_app(app)
    with app.app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", guard_sqlite)
            event.listen(engine, "begin", begin_sqlite)
        else:
            event.listen(engine, "connect", guard_postgresql)
            event.listen(engine, "begin", begin_postgresql)
            db.ways[engine] = {
                "reading": engine.execution_options(isolation_level="AUTOCOMMIT"),
                "snapshot": engine.execution_options(isolation_level="REPEATABLE READ"),
            }


def now():
    """The present moment in UTC. Everything that needs the time asks here."""
    return _clock.get() or datetime.now(UTC)


@contextmanager
def at(moment):
    """Let everything inside the block happen at another moment: for tests, and for a demonstration with a past."""
    token = _clock.set(moment)
    try:
        yield
    finally:
        _clock.reset(token)


@contextmanager
def transaction():
    """Commit if the block succeeds, roll back if it raises. Inside another transaction, join it.

    The block starts from fresh rows: what was loaded before may have been changed by others since.
    """
    session = db.session()
    if session.info.get("in_transaction"):
        yield session
        return
    session.commit()  # ends the reading transaction of this request, so that SQLite can take its write lock first
    session.expire_all()
    with _turn(session.get_bind()):
        token = _writing.set(True)
        try:
            with _marked(session, "in_transaction"):
                yield session
        finally:
            _writing.reset(token)


@contextmanager
def snapshot():
    """Let everything that is read inside the block be as it was at one moment, however much others write meanwhile."""
    session = db.session()
    if session.info.get("in_transaction") or session.info.get("in_snapshot"):
        yield session
        return
    session.commit()
    with _marked(session, "in_snapshot"):
        yield session


@contextmanager
def _marked(session, mark):
    """Let the session know what it is in, and end that with the block: commit if it succeeds, roll back if it raises."""
    session.info[mark] = True
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info[mark] = False


@contextmanager
def _turn(engine):
    """Let the threads of one process write to SQLite one after the other; PostgreSQL sees to that by itself.

    SQLite lets everybody who waits sleep and try again, ever longer: many threads would wait long for a free lock.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    is_mine = _next_writer.acquire(
        timeout=PATIENCE
    )  # else SQLite says that it is busy, as to another process
    try:
        yield
    finally:
        if is_mine:
            _next_writer.release()


def guard_sqlite(connection, _record):
    """Foreign keys on, patient with other writers, and nothing acknowledged before it is on disk."""
    connection.isolation_level = None  # we say BEGIN ourselves: see begin_sqlite
    for pragma in (
        "foreign_keys=ON",
        f"busy_timeout={PATIENCE * 1000}",
        "synchronous=FULL",
        f"journal_mode={sqlite_journal()}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def begin_sqlite(connection):
    """Writers take the write lock at once: a reader that turns writer half-way could only fail.

    Who waits for another process looks again every half millisecond. SQLite itself would look ever more rarely, and the
    lock would lie free for most of the time.
    """
    if not _writing.get():
        connection.exec_driver_sql("BEGIN")
        return
    driver, until = connection.connection.driver_connection, time.monotonic() + PATIENCE
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while not _is_begun(driver):
            if time.monotonic() > until:
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # tells in SQLAlchemy's words what is wrong
                return
            time.sleep(0.0005)
    finally:
        driver.execute(f"PRAGMA busy_timeout={PATIENCE * 1000:.0f}")


def guard_postgresql(connection, _record):
    """Never compile a statement before it is run: that takes longer than any answer that a page waits for."""
    with connection.cursor() as cursor:
        cursor.execute("SET jit = off")
    connection.commit()


def begin_postgresql(connection):
    """Have statements of a change planned for large tables: they find single rows, and their plans are kept.

    A plan made while a table was nearly empty would read all of it each time, until the statistics are renewed.
    """
    if _writing.get():
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")


def _is_begun(driver):
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


def sqlite_journal(version=sqlite3.sqlite_version_info):
    """WAL where its reset bug is mended (3.51.3, 3.50.7, 3.44.6 and later in their lines), else DELETE."""
    mended = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return "WAL" if mended else "DELETE"


def alembic_config():
    """Return Alembic's configuration; the migrations run on the app's own connection."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def upgrade(revision="head"):
    """Bring the database's tables up to a revision."""
    alembic.command.upgrade(alembic_config(), revision)


def downgrade(revision):
    """Take the database's tables back to a revision."""
    alembic.command.downgrade(alembic_config(), revision)


def in_batches(items, size=500):
    """Yield a list in parts small enough for one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
