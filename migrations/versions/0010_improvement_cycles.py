"""Improvement cycles: plans, what was done, figures as they were found, decisions, and the words that are shared."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0010", "0009"


def upgrade():
    op.create_table(
        "improvement_cycle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("based_on_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("aim", sa.Text(), nullable=False),
        sa.Column(
            "change_kind",
            sa.Enum(
                "session",
                "clarification",
                "anchors",
                "practice",
                "other",
                name="changekind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("prediction", sa.Text(), nullable=False),
        sa.Column(
            "measure",
            sa.Enum(
                "exact",
                "spread",
                "line",
                name="measure",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("traits", sa.JSON(), nullable=False),
        sa.Column("line_trait", sa.String(length=40), nullable=True),
        sa.Column("line_place", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looks_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_papers", sa.Integer(), nullable=True),
        sa.Column("hoped", sa.Double(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("baseline", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("studied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "verdict",
            sa.Enum(
                "better",
                "no evidence yet",
                "worse",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("record", sa.JSON(none_as_null=True), nullable=True),
        sa.Column(
            "decision",
            sa.Enum(
                "adopt",
                "adapt",
                "abandon",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("decision_words", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shared_words", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "(measure = 'line') = (line_trait IS NOT NULL) OR measure IS NULL",
            name=op.f("ck_improvement_cycle_a_line_has_a_trait"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decision IS NULL) AND (decided_at IS NULL OR studied_at IS NOT NULL)",
            name=op.f("ck_improvement_cycle_decided_after_the_study"),
        ),
        sa.CheckConstraint(
            "(line_trait IS NULL) = (line_place IS NULL)",
            name=op.f("ck_improvement_cycle_a_line_has_a_place"),
        ),
        sa.CheckConstraint(
            "(shared_at IS NULL) = (shared_words IS NULL) AND (shared_at IS NULL OR decided_at IS NOT NULL)",
            name=op.f("ck_improvement_cycle_shared_when_decided"),
        ),
        sa.CheckConstraint(
            "(studied_at IS NULL) = (verdict IS NULL) AND (studied_at IS NULL OR (started_at IS NOT NULL AND studied_at >= looks_at))",
            name=op.f("ck_improvement_cycle_studied_after_the_look"),
        ),
        sa.CheckConstraint(
            "looks_at IS NULL OR changed_at IS NULL OR looks_at > changed_at",
            name=op.f("ck_improvement_cycle_look_after_change"),
        ),
        sa.CheckConstraint(
            "planned_papers IS NULL OR planned_papers BETWEEN 1 AND 100000",
            name=op.f("ck_improvement_cycle_planned_papers_in_range"),
        ),
        sa.CheckConstraint(
            "started_at IS NULL OR (changed_at IS NOT NULL AND looks_at IS NOT NULL AND measure IS NOT NULL)",
            name=op.f("ck_improvement_cycle_started_with_a_plan"),
        ),
        sa.ForeignKeyConstraint(
            ["based_on_id"],
            ["improvement_cycle.id"],
            name=op.f("fk_improvement_cycle_based_on_id_improvement_cycle"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_improvement_cycle_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_improvement_cycle_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_improvement_cycle_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvement_cycle")),
    )
    op.create_index(
        op.f("ix_improvement_cycle_organization_id"), "improvement_cycle", ["organization_id"], unique=False
    )
    op.create_index(op.f("ix_improvement_cycle_task_id"), "improvement_cycle", ["task_id"], unique=False)
    op.create_table(
        "improvement_cycle_event",
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_id"],
            ["improvement_cycle.id"],
            name=op.f("fk_improvement_cycle_event_cycle_id_improvement_cycle"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_improvement_cycle_event_event_id_event")
        ),
        sa.PrimaryKeyConstraint("cycle_id", "event_id", name=op.f("pk_improvement_cycle_event")),
    )


def downgrade():
    op.drop_table("improvement_cycle_event")
    op.drop_table("improvement_cycle")
