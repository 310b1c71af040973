"""The database layer: what a session promises while others write, and how it waits for them."""

import re
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from scoring import db as layer
from scoring.db import db, snapshot, transaction
from scoring.people.models import Person
from scoring.reads import searching

NAMES = sa.select(Person.name).order_by(Person.id).limit(1)


def rename(app, person_id, name):
    """Change a name as another request would, on a connection of its own."""

    def change():
        with app.app_context(), transaction() as session:
            session.get(Person, person_id).name = name

    thread = threading.Thread(target=change)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


def test_reading_sees_what_others_have_written_meanwhile(app, ana):
    ana_id = ana.id
    db.session.commit()
    before = db.session.scalar(NAMES)
    db.session.commit()
    rename(app, ana_id, "Ana Another")
    assert db.session.get(Person, ana_id, populate_existing=True).name == "Ana Another" != before


def test_a_snapshot_stays_as_it_was(app, ana):
    ana_id, name = ana.id, ana.name
    query = sa.select(Person.name).where(Person.id == ana_id)
    with snapshot() as session:
        assert session.scalar(query) == name
        rename(app, ana_id, "Ana Another")
        with snapshot() as inner:
            assert inner.scalar(query) == name
    assert db.session.scalar(query) == "Ana Another"
    with pytest.raises(ZeroDivisionError), snapshot():
        raise ZeroDivisionError
    assert db.session.info["in_snapshot"] is False


def test_statements_stay_prepared_from_one_request_to_the_next(app, client, ana, sign_in):
    """A ROLLBACK would make PostgreSQL's driver forget them all: each page would be planned anew."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite keeps statements by itself")
    client = sign_in(ana)
    for _ in range(8):
        client.get("/")
    db.session.remove()
    with db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert len(driver._prepared._names) > 0
        assert connection.scalar(sa.text("SELECT count(*) FROM pg_prepared_statements")) > 0


def test_whoever_waits_too_long_for_sqlite_is_told_that_it_is_busy(app, ana, monkeypatch):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has locks of its own")
    monkeypatch.setattr(layer, "PATIENCE", 0.05)
    ana_id = ana.id
    db.session.remove()
    with db.engine.connect() as other:
        other.connection.driver_connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"), transaction() as session:
            session.get(Person, ana_id).name = "Never"
        other.connection.driver_connection.execute("ROLLBACK")
    with transaction() as session:
        session.get(Person, ana_id).name = "Ana Again"
    assert db.session.get(Person, ana_id).name == "Ana Again"


def plan_of(connection, query, values):
    """How the engine would answer a query, as text."""
    compiled = query.compile(dialect=connection.dialect)
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    given = {**compiled.params, **values}
    if compiled.positional:
        given = tuple(given[name] for name in compiled.positiontup)
    rows = connection.exec_driver_sql(f"{explain} {compiled}", given)
    return "\n".join(str(row[-1]) for row in rows)


def test_a_claim_never_reads_a_whole_table(empty):
    """Not even with a plan made while the tables are as good as empty: plans are kept while tables grow."""
    layer.upgrade()
    ends = {
        f"{name}_{end}": value for name in "pquv" for end, value in (("low", 0.0), ("high", 1.0), ("size", 4))
    }
    with transaction() as session:
        plan = plan_of(session.connection(), searching.EVERYTHING[0], {"event": 1, "scorer": 1, **ends})
    for table in ("assignment", "event_response", "response", "roster_entry"):
        assert not re.search(rf"(Seq Scan on|SCAN) {table}\b(?! USING)", plan), plan
    assert "ix_event_response_queue" in plan
