"""Sessions remember what they left: papers, clarifications, and notes to the next version of the task."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0009", "0008"


def upgrade():
    op.create_table(
        "session_outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("session_paper_id", sa.Integer(), nullable=True),
        sa.Column("paper_id", sa.Integer(), nullable=True),
        sa.Column("clarification_id", sa.Integer(), nullable=True),
        sa.Column("note_id", sa.Integer(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN paper_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN clarification_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN note_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_session_outcome_is_one_thing"),
        ),
        sa.CheckConstraint(
            "(session_paper_id IS NULL) = (paper_id IS NULL)",
            name=op.f("ck_session_outcome_papers_come_from_papers"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_session_outcome_{column}_{table}")
            )
            for column, table in (
                ("session_id", "calibration_session"), ("session_paper_id", "session_paper"), ("paper_id", "paper"),
                ("clarification_id", "clarification"), ("note_id", "task_note"), ("made_by_id", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_outcome")),
        *(
            sa.UniqueConstraint(column, name=op.f(f"uq_session_outcome_{column}"))
            for column in ("session_paper_id", "clarification_id", "note_id")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_session_outcome_session_id"), "session_outcome", ["session_id"], unique=False)


def downgrade():
    op.drop_table("session_outcome")
