"""Clarifications stand beside the descriptors of published rubrics, and tasks have notes to their next version."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0004", "0003"


def enum(name, *values):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade():
    op.add_column("task", sa.Column("clarified", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "clarification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column(
            "status",
            enum("clarificationstatus", "proposed", "accepted", "declined", "withdrawn"),
            nullable=False,
        ),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reworded_by_id", sa.Integer(), nullable=True),
        sa.Column("reworded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "settlement", enum("settlement", "worked_in", "carried_over", "left_out"), nullable=True
        ),
        sa.Column("settled_in_id", sa.Integer(), nullable=True),
        sa.Column("carried_from_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "score IS NULL OR trait_id IS NOT NULL", name=op.f("ck_clarification_score_of_a_trait")
        ),
        sa.CheckConstraint(
            "(status = 'proposed') = (decided_at IS NULL)", name=op.f("ck_clarification_decided_or_proposed")
        ),
        sa.CheckConstraint(
            "(settlement IS NULL) = (settled_in_id IS NULL)",
            name=op.f("ck_clarification_settled_in_a_version"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_clarification_{column}_{table}"))
            for column, table in (
                ("rubric_id", "rubric"), ("trait_id", "trait"), ("proposed_by_id", "person"),
                ("decided_by_id", "person"), ("reworded_by_id", "person"), ("settled_in_id", "rubric"),
                ("carried_from_id", "clarification"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clarification")),
    )  # fmt: skip
    op.create_index(op.f("ix_clarification_rubric_id"), "clarification", ["rubric_id"], unique=False)
    op.create_index(op.f("ix_clarification_settled_in_id"), "clarification", ["settled_in_id"], unique=False)
    op.create_table(
        "task_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (outcome = '')", name=op.f("ck_task_note_settled_with_an_outcome")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_task_note_{column}_{table}"))
            for column, table in (
                ("task_id", "task"), ("written_by_id", "person"), ("settled_by_id", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_note")),
    )  # fmt: skip
    op.create_index(op.f("ix_task_note_task_id"), "task_note", ["task_id"], unique=False)


def downgrade():
    op.drop_table("task_note")
    op.drop_table("clarification")
    with op.batch_alter_table("task") as table:
        table.drop_column("clarified")
