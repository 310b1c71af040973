"""Scorers practice and qualify; an event may hand its responses to qualified scorers only.

Events so far asked for no qualification, and go on like that.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0007", "0006"

STAGE = sa.Enum(
    "practice", "qualification", "recalibration", name="stage", native_enum=False, create_constraint=True, length=24
)  # fmt: skip
TABLES = (  # in the order in which they refer to each other
    "qualification", "qualification_program", "qualification_step", "qualification_attempt", "qualification_paper",
    "qualification_score", "qualification_coaching",
)  # fmt: skip
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.add_column("event", sa.Column("qualified_since", MOMENT))
    _facts()
    _programs()
    _attempts()


def downgrade():
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("event", "qualified_since")


def _key(table, column, target):
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def _index(table, *columns):
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _unique_where(name, table, columns, condition):
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def _facts():
    table = "qualification"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("granted_by_id", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("away_hours", sa.Integer()),
        sa.Column("recheck_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.Column("revoked_by_id", sa.Integer()),
        sa.Column("revoked_because", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "expires_at IS NULL OR expires_at > granted_at", name=op.f(f"ck_{table}_expires_after_it_was_granted")
        ),
        sa.CheckConstraint(
            "(away_hours IS NULL) = (recheck_at IS NULL)", name=op.f(f"ck_{table}_rechecked_by_a_rule")
        ),
        sa.CheckConstraint("coalesce(away_hours, 1) >= 1", name=op.f(f"ck_{table}_away_for_an_hour_or_more")),
        _key(table, "person_id", "person"),
        _key(table, "rubric_id", "rubric"),
        _key(table, "granted_by_id", "person"),
        _key(table, "revoked_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )  # fmt: skip
    _index(table, "person_id")
    _index(table, "rubric_id")
    _unique_where("uq_qualification_in_force", table, ["person_id", "rubric_id"], "revoked_at IS NULL")


def _programs():
    table = "qualification_program"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("rule_values", sa.JSON(), nullable=False),
        sa.Column("expiry_days", sa.Integer()),
        sa.Column("away_hours", sa.Integer()),
        sa.Column("recalibration_papers", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.CheckConstraint(
            "expiry_days IS NULL OR expiry_days BETWEEN 1 AND 3660", name=op.f(f"ck_{table}_expires_in_time")
        ),
        sa.CheckConstraint(
            "away_hours IS NULL OR away_hours BETWEEN 1 AND 8760", name=op.f(f"ck_{table}_away_within_a_year")
        ),
        sa.CheckConstraint("recalibration_papers BETWEEN 1 AND 30", name=op.f(f"ck_{table}_a_few_papers")),
        _key(table, "organization_id", "organization"),
        _key(table, "rubric_id", "rubric"),
        _key(table, "created_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    _index(table, "organization_id")
    _index(table, "rubric_id")
    _unique_where(
        "uq_qualification_program_in_use", table, ["organization_id", "rubric_id"], "closed_at IS NULL"
    )
    table = "qualification_step"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("program_id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("stage", STAGE, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _key(table, "program_id", "qualification_program"),
        _key(table, "set_id", "paper_set"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("program_id", "set_id", name=op.f(f"uq_{table}_program_id_set_id")),
        sa.UniqueConstraint("program_id", "stage", "position", name=op.f(f"uq_{table}_program_id_stage_position")),
    )  # fmt: skip
    _index(table, "set_id")


def _attempts():
    table = "qualification_attempt"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("program_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("stage", STAGE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer()),
        sa.Column("rule_values", sa.JSON(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("passed", sa.Boolean()),
        sa.Column("qualification_id", sa.Integer()),
        sa.CheckConstraint("passed IS NULL OR ended_at IS NOT NULL", name=op.f(f"ck_{table}_decided_at_the_end")),
        sa.CheckConstraint(
            "(stage = 'practice') = (set_id IS NOT NULL)", name=op.f(f"ck_{table}_practice_is_of_a_set")
        ),
        _key(table, "program_id", "qualification_program"),
        _key(table, "person_id", "person"),
        _key(table, "set_id", "paper_set"),
        _key(table, "qualification_id", "qualification"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "program_id", "person_id", "stage", "number", name=op.f(f"uq_{table}_program_id_person_id_stage_number")
        ),
    )  # fmt: skip
    _index(table, "person_id")
    _unique_where(
        "uq_qualification_attempt_open", table, ["program_id", "person_id", "stage"], "ended_at IS NULL"
    )
    table = "qualification_paper"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("submitted_at", MOMENT),
        _key(table, "attempt_id", "qualification_attempt"),
        _key(table, "paper_id", "paper"),
        _key(table, "set_id", "paper_set"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("attempt_id", "position", name=op.f(f"uq_{table}_attempt_id_position")),
        sa.UniqueConstraint("attempt_id", "paper_id", name=op.f(f"uq_{table}_attempt_id_paper_id")),
    )
    _index(table, "paper_id")
    _index(table, "set_id")
    table = "qualification_score"
    op.create_table(
        table,
        sa.Column("attempt_paper_id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        _key(table, "attempt_paper_id", "qualification_paper"),
        _key(table, "trait_id", "trait"),
        sa.PrimaryKeyConstraint("attempt_paper_id", "trait_id", name=op.f(f"pk_{table}")),
    )
    _coachings()


def _coachings():
    table = "qualification_coaching"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("program_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("stage", STAGE, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("coached_at", MOMENT, nullable=False),
        _key(table, "program_id", "qualification_program"),
        _key(table, "person_id", "person"),
        _key(table, "coach_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    _index(table, "program_id", "person_id")
