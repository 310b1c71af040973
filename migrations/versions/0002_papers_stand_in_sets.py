"""Papers stand in sets, and say who agreed to their scores.

Whoever promoted a paper before this revision is the one who is known to have agreed to its scores.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade():
    op.add_column("paper", sa.Column("is_kept", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "paper_agreement",
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_agreement_paper_id_paper")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_paper_agreement_person_id_person")
        ),
        sa.PrimaryKeyConstraint("paper_id", "person_id", name=op.f("pk_paper_agreement")),
    )
    op.execute(
        "INSERT INTO paper_agreement (paper_id, person_id, agreed_at)"
        " SELECT id, promoted_by_id, promoted_at FROM paper WHERE promoted_by_id IS NOT NULL"
    )
    op.create_table(
        "paper_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "anchor",
                "practice",
                "qualification",
                "validity",
                "calibration",
                name="setpurpose",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("based_on_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frozen_count", sa.Integer(), nullable=True),
        sa.Column("frozen_by_id", sa.Integer(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("ck_paper_set_version_counts_from_one")),
        sa.CheckConstraint(
            "(frozen_at IS NULL) = (frozen_count IS NULL) AND coalesce(frozen_count, 1) >= 1",
            name=op.f("ck_paper_set_frozen_with_papers"),
        ),
        sa.ForeignKeyConstraint(
            ["based_on_id"], ["paper_set.id"], name=op.f("fk_paper_set_based_on_id_paper_set")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_paper_set_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["frozen_by_id"], ["person.id"], name=op.f("fk_paper_set_frozen_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_paper_set_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["retired_by_id"], ["person.id"], name=op.f("fk_paper_set_retired_by_id_person")
        ),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubric.id"], name=op.f("fk_paper_set_rubric_id_rubric")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_set")),
        sa.UniqueConstraint(
            "organization_id",
            "rubric_id",
            "name",
            "version",
            name=op.f("uq_paper_set_organization_id_rubric_id_name_version"),
        ),
    )
    op.create_index(op.f("ix_paper_set_organization_id"), "paper_set", ["organization_id"], unique=False)
    op.create_index(op.f("ix_paper_set_rubric_id"), "paper_set", ["rubric_id"], unique=False)
    op.create_table(
        "paper_set_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_set_item_paper_id_paper")),
        sa.ForeignKeyConstraint(
            ["set_id"], ["paper_set.id"], name=op.f("fk_paper_set_item_set_id_paper_set")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_set_item")),
        sa.UniqueConstraint("set_id", "paper_id", name=op.f("uq_paper_set_item_set_id_paper_id")),
        sa.UniqueConstraint("set_id", "position", name=op.f("uq_paper_set_item_set_id_position")),
    )
    op.create_index(op.f("ix_paper_set_item_paper_id"), "paper_set_item", ["paper_id"], unique=False)


def downgrade():
    # A paper that was kept from scorers would be an anchor to them: it is retired instead.
    op.execute("UPDATE paper SET retired_at = promoted_at WHERE is_kept AND retired_at IS NULL")
    op.drop_table("paper_set_item")
    op.drop_table("paper_set")
    op.drop_table("paper_agreement")
    op.drop_column("paper", "is_kept")
