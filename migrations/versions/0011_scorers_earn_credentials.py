"""Scorers earn credentials: the rules, who asks for one, the credentials, and the public keys they were signed with."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0011", "0010"


def upgrade():
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("public_jwk", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("distrusted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "distrusted_at IS NULL OR retired_at IS NOT NULL",
            name=op.f("ck_signing_key_distrusted_is_retired"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("thumbprint", name=op.f("uq_signing_key_thumbprint")),
    )
    op.create_table(
        "credential_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("fewest_reads", sa.Integer(), nullable=False),
        sa.Column("fewest_double", sa.Integer(), nullable=False),
        sa.Column("least_exact", sa.Integer(), nullable=False),
        sa.Column(
            "measure",
            sa.Enum(
                "value", "lower_end", name="measure", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("least_validity", sa.Integer(), nullable=True),
        sa.Column("fewest_hours", sa.Integer(), nullable=False),
        sa.Column("needs_qualification", sa.Boolean(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "fewest_reads >= 1 AND fewest_double >= 10 AND fewest_hours >= 0",
            name=op.f("ck_credential_rule_asks_for_enough"),
        ),
        sa.CheckConstraint(
            "least_exact BETWEEN 0 AND 100 AND coalesce(least_validity, 0) BETWEEN 0 AND 100",
            name=op.f("ck_credential_rule_shares_are_percentages"),
        ),
        sa.CheckConstraint(
            "months IS NULL OR months BETWEEN 1 AND 120", name=op.f("ck_credential_rule_lasts_a_while")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_credential_rule_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_credential_rule_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["rubric_id"], ["rubric.id"], name=op.f("fk_credential_rule_rubric_id_rubric")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_rule")),
    )
    op.create_index(op.f("ix_credential_rule_rubric_id"), "credential_rule", ["rubric_id"], unique=False)
    op.create_index(
        "uq_credential_rule_in_use",
        "credential_rule",
        ["organization_id", "rubric_id"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("identifier", sa.String(length=60), nullable=False),
        sa.Column("share_code", sa.String(length=24), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("badge", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("revoke_reason", sa.String(length=500), nullable=True),
        sa.Column("shared", sa.JSON(), nullable=True),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoke_reason IS NULL)", name=op.f("ck_credential_revoked_with_a_reason")
        ),
        sa.CheckConstraint(
            "expires_at IS NULL OR expires_at > issued_at", name=op.f("ck_credential_expires_after_issue")
        ),
        sa.CheckConstraint("status_index >= 0", name=op.f("ck_credential_status_index_counts_from_zero")),
        sa.ForeignKeyConstraint(
            ["issued_by_id"], ["person.id"], name=op.f("fk_credential_issued_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["signing_key.id"], name=op.f("fk_credential_key_id_signing_key")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_credential_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_credential_person_id_person")),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["person.id"], name=op.f("fk_credential_revoked_by_id_person")
        ),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubric.id"], name=op.f("fk_credential_rubric_id_rubric")),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["credential_rule.id"], name=op.f("fk_credential_rule_id_credential_rule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
        sa.UniqueConstraint("identifier", name=op.f("uq_credential_identifier")),
        sa.UniqueConstraint("share_code", name=op.f("uq_credential_share_code")),
        sa.UniqueConstraint("status_index", name=op.f("uq_credential_status_index")),
    )
    op.create_index(op.f("ix_credential_organization_id"), "credential", ["organization_id"], unique=False)
    op.create_index(op.f("ix_credential_person_id"), "credential", ["person_id"], unique=False)
    op.create_index(op.f("ix_credential_rule_id"), "credential", ["rule_id"], unique=False)
    op.create_index(
        "uq_credential_in_force",
        "credential",
        ["person_id", "organization_id", "rubric_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "credential_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "answer",
            sa.Enum("given", "declined", name="answer", native_enum=False, create_constraint=True, length=24),
            nullable=True,
        ),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answer IS NULL)",
            name=op.f("ck_credential_request_answered_with_an_answer"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["person.id"], name=op.f("fk_credential_request_answered_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_credential_request_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["credential_rule.id"], name=op.f("fk_credential_request_rule_id_credential_rule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_request")),
    )
    op.create_index(
        op.f("ix_credential_request_person_id"), "credential_request", ["person_id"], unique=False
    )
    op.create_index(
        "uq_credential_request_open",
        "credential_request",
        ["rule_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )


def downgrade():
    for table in ("credential_request", "credential", "credential_rule", "signing_key"):
        op.drop_table(table)
