"""Migrations: an upgraded database is the one the models describe, and the way back is open."""

import importlib
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import scoring
from scoring.db import Base, alembic_config, db, downgrade, upgrade
from tests import cast

for path in sorted(Path(scoring.__file__).parent.parent.glob("*/*/models.py")):
    importlib.import_module(f"{path.parent.parent.name}.{path.parent.name}.models")

CATALOG = [  # what PostgreSQL knows of a schema beyond what Alembic compares: checks and the conditions of indexes
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'",
    "SELECT tablename, indexname, indexdef FROM pg_indexes"
    " WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
]


def tables():
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def catalog():
    with db.engine.connect() as connection:
        return {tuple(row) for query in CATALOG for row in connection.execute(sa.text(query))}


def test_upgrading_an_empty_database_gives_what_the_models_describe(empty):
    upgrade()
    with db.engine.connect() as connection:
        assert (
            compare_metadata(
                MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata
            )
            == []
        )


@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
def test_checks_and_partial_indexes_are_those_of_the_models(empty):
    upgrade()
    migrated = catalog()
    downgrade("base")
    Base.metadata.create_all(db.engine)
    assert migrated ^ catalog() == set()


def test_every_step_can_be_taken_forward_and_back(empty):
    steps = [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()][
        ::-1
    ]
    for number, step in enumerate(steps):
        upgrade(step)
        downgrade(steps[number - 1] if number else "base")
        upgrade(step)
    cast.assemble()
    downgrade("base")
    assert tables() == set()
    upgrade()
    assert tables() == set(Base.metadata.tables)


def test_revisions_are_numbered_in_one_line():
    scripts = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())[::-1]
    assert [script.revision for script in scripts] == [
        f"{number:04}" for number in range(1, len(scripts) + 1)
    ]
    for script in scripts:
        assert script.doc and script.path.rpartition("/")[2].startswith(f"{script.revision}_")


MOMENT = "'2026-01-02 03:04:05+00:00'"


def write_alone(*statements):
    """Write only the rows that a step reads: the rows around them do not matter to it, so keys are not looked up."""
    alone = "PRAGMA foreign_keys = OFF"
    if db.engine.dialect.name == "postgresql":
        alone = "SET session_replication_role = replica"
    connection = db.engine.raw_connection()
    cursor = connection.cursor()
    for statement in (alone, *statements):
        cursor.execute(statement)
    connection.commit()
    connection.close()
    db.engine.dispose()


def a_paper(number, person="1"):
    """Write a paper of a response with its own number."""
    columns = "id, task_id, rubric_id, response_id, organization_id, purpose, kind, commentary, promoted_by_id, promoted_at"
    values = f"{number}, 1, 1, {number}, 1, 'anchor', 'solid', '', {person}, {MOMENT}"
    return f"INSERT INTO paper ({columns}) VALUES ({values})"


def test_whoever_promoted_a_paper_has_agreed_to_it(empty):
    """0002: papers from before have one agreement each, of the person who promoted them."""
    upgrade("0001")
    cast.assemble()
    write_alone(a_paper(1), a_paper(2, "NULL"))
    upgrade()
    with db.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT paper_id, person_id FROM paper_agreement")).all()
        kept = connection.execute(sa.text("SELECT is_kept FROM paper ORDER BY id")).scalars().all()
    assert (found, list(map(bool, kept))) == ([(1, 1)], [False, False])


def test_work_that_its_district_keeps_back_is_no_anchor_on_the_way_back(empty):
    """0003: before it nothing tells that a name stands in the work, so its papers are retired."""
    upgrade("0003")
    cast.assemble()
    columns = "id, response_id, asked_by_id, asked_at, is_name, checked_by_id, checked_at"
    checks = [
        f"INSERT INTO paper_name_check ({columns}) VALUES ({number}, {number}, 1, {MOMENT}, {answer})"
        for number, answer in ((1, f"true, 1, {MOMENT}"), (2, f"false, 1, {MOMENT}"), (3, "NULL, NULL, NULL"))
    ]
    write_alone(*map(a_paper, (1, 2, 3)), *checks)
    downgrade("0002")
    with db.engine.connect() as connection:
        shown = connection.execute(sa.text("SELECT id FROM paper WHERE retired_at IS NULL ORDER BY id"))
        assert shown.scalars().all() == [2, 3]
