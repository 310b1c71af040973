"""Work is compared in pairs.

A study draws settled responses of a closed event; its participants choose the better of two, many times.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0012", "0011"


def upgrade():

    op.create_table(
        "comparison_study",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("question", sa.String(length=300), nullable=False),
        sa.Column("has_ties", sa.Boolean(), nullable=False),
        sa.Column("per_response", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "open",
                "closed",
                name="studystatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL)",
            name=op.f("ck_comparison_study_closed_at_a_moment"),
        ),
        sa.CheckConstraint(
            "per_response BETWEEN 4 AND 60", name=op.f("ck_comparison_study_comparisons_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_comparison_study_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_comparison_study_event_id_event")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_comparison_study_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["rubric_id"], ["rubric.id"], name=op.f("fk_comparison_study_rubric_id_rubric")
        ),
        sa.ForeignKeyConstraint(["trait_id"], ["trait.id"], name=op.f("fk_comparison_study_trait_id_trait")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison_study")),
    )
    op.create_index(op.f("ix_comparison_study_event_id"), "comparison_study", ["event_id"], unique=False)
    op.create_index(
        op.f("ix_comparison_study_organization_id"), "comparison_study", ["organization_id"], unique=False
    )
    op.create_table(
        "study_participant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_study_participant_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["comparison_study.id"], name=op.f("fk_study_participant_study_id_comparison_study")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_participant")),
        sa.UniqueConstraint("study_id", "person_id", name=op.f("uq_study_participant_study_id_person_id")),
    )
    op.create_index(op.f("ix_study_participant_person_id"), "study_participant", ["person_id"], unique=False)
    op.create_table(
        "study_response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_study_response_response_id_response")
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["comparison_study.id"], name=op.f("fk_study_response_study_id_comparison_study")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_response")),
        sa.UniqueConstraint("study_id", "response_id", name=op.f("uq_study_response_study_id_response_id")),
    )
    op.create_index(op.f("ix_study_response_response_id"), "study_response", ["response_id"], unique=False)
    op.create_table(
        "comparison",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("first_is_left", sa.Boolean(), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "choice",
            sa.Enum(
                "first", "second", "tie", name="choice", native_enum=False, create_constraint=True, length=24
            ),
            nullable=True,
        ),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(choice IS NULL) = (chosen_at IS NULL)", name=op.f("ck_comparison_chosen_at_a_moment")
        ),
        sa.CheckConstraint(
            "choice IS NULL OR set_aside_at IS NULL", name=op.f("ck_comparison_chosen_or_set_aside")
        ),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_comparison_pair_in_order")),
        sa.ForeignKeyConstraint(
            ["first_id"], ["study_response.id"], name=op.f("fk_comparison_first_id_study_response")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["study_participant.id"],
            name=op.f("fk_comparison_participant_id_study_participant"),
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["study_response.id"], name=op.f("fk_comparison_second_id_study_response")
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["comparison_study.id"], name=op.f("fk_comparison_study_id_comparison_study")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison")),
        sa.UniqueConstraint(
            "participant_id",
            "first_id",
            "second_id",
            name=op.f("uq_comparison_participant_id_first_id_second_id"),
        ),
    )
    op.create_index(op.f("ix_comparison_study_id"), "comparison", ["study_id"], unique=False)
    op.create_index(
        "uq_comparison_on_the_desk",
        "comparison",
        ["participant_id"],
        unique=True,
        sqlite_where=sa.text("choice IS NULL AND set_aside_at IS NULL"),
        postgresql_where=sa.text("choice IS NULL AND set_aside_at IS NULL"),
    )


def downgrade():

    op.drop_index(
        "uq_comparison_on_the_desk",
        table_name="comparison",
        sqlite_where=sa.text("choice IS NULL AND set_aside_at IS NULL"),
        postgresql_where=sa.text("choice IS NULL AND set_aside_at IS NULL"),
    )
    op.drop_index(op.f("ix_comparison_study_id"), table_name="comparison")
    op.drop_table("comparison")
    op.drop_index(op.f("ix_study_response_response_id"), table_name="study_response")
    op.drop_table("study_response")
    op.drop_index(op.f("ix_study_participant_person_id"), table_name="study_participant")
    op.drop_table("study_participant")
    op.drop_index(op.f("ix_comparison_study_organization_id"), table_name="comparison_study")
    op.drop_index(op.f("ix_comparison_study_event_id"), table_name="comparison_study")
    op.drop_table("comparison_study")
