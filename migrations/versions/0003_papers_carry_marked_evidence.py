"""Papers carry marked evidence, and names in student work are looked at before it becomes a paper.

Evidence: places in the work that show why a paper has its scores.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"


def upgrade():
    op.create_table(
        "paper_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=True),
        sa.Column("span_start", sa.Integer(), nullable=True),
        sa.Column("span_end", sa.Integer(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("x", sa.Integer(), nullable=True),
        sa.Column("y", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("marked_by_id", sa.Integer(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(page IS NULL) <> (span_start IS NULL)", name=op.f("ck_paper_evidence_words_or_region")
        ),
        sa.CheckConstraint(
            "(span_start IS NULL AND span_end IS NULL) OR (span_start >= 0 AND span_end > span_start)",
            name=op.f("ck_paper_evidence_span_has_characters"),
        ),
        sa.CheckConstraint(
            "(page IS NULL AND x IS NULL AND y IS NULL AND width IS NULL AND height IS NULL) OR (page >= 1 AND x >= 0"
            " AND y >= 0 AND width > 0 AND height > 0 AND x + width <= 1000 AND y + height <= 1000)",
            name=op.f("ck_paper_evidence_region_lies_on_page"),
        ),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removed_by_id IS NULL)",
            name=op.f("ck_paper_evidence_removed_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_evidence_paper_id_paper")),
        sa.ForeignKeyConstraint(["trait_id"], ["trait.id"], name=op.f("fk_paper_evidence_trait_id_trait")),
        sa.ForeignKeyConstraint(
            ["marked_by_id"], ["person.id"], name=op.f("fk_paper_evidence_marked_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["removed_by_id"], ["person.id"], name=op.f("fk_paper_evidence_removed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_evidence")),
    )
    op.create_index(op.f("ix_paper_evidence_paper_id"), "paper_evidence", ["paper_id"], unique=False)
    op.create_table(
        "paper_name_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_name", sa.Boolean(), nullable=True),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(checked_at IS NULL) = (is_name IS NULL) AND (checked_at IS NULL) = (checked_by_id IS NULL)",
            name=op.f("ck_paper_name_check_answered_as_a_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_paper_name_check_response_id_response")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_paper_name_check_asked_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["person.id"], name=op.f("fk_paper_name_check_checked_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_name_check")),
        sa.UniqueConstraint("response_id", name=op.f("uq_paper_name_check_response_id")),
    )


def downgrade():
    # Work that its district keeps back because of a name would be shown again: its papers are retired instead.
    op.execute(
        "UPDATE paper SET retired_at = promoted_at WHERE retired_at IS NULL"
        " AND response_id IN (SELECT response_id FROM paper_name_check WHERE is_name)"
    )
    op.drop_table("paper_name_check")
    op.drop_table("paper_evidence")
