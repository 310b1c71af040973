"""The first tables: people, tasks, responses, events, reads, papers, exports, jobs and the audit log."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade():
    op.create_table(
        "audit_chain",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audit_chain")),
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "network",
                "district",
                "school",
                name="organizationkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'network') = (parent_id IS NULL)",
            name=op.f("ck_organization_only_a_network_stands_alone"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organization.id"], name=op.f("fk_organization_parent_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("code", name=op.f("uq_organization_code")),
        sa.UniqueConstraint("parent_id", "name", name=op.f("uq_organization_parent_id_name")),
    )
    op.create_index(op.f("ix_organization_parent_id"), "organization", ["parent_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("session_key", sa.String(length=43), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("session_key", name=op.f("uq_person_session_key")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_person_id"), "api_token", ["person_id"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["chain"], ["audit_chain.name"], name=op.f("fk_audit_entry_chain_audit_chain")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("chain", "sequence", name=op.f("uq_audit_entry_chain_sequence")),
    )
    op.create_index(op.f("ix_audit_entry_action"), "audit_entry", ["action"], unique=False)
    op.create_index(op.f("ix_audit_entry_actor_id"), "audit_entry", ["actor_id"], unique=False)
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index(
        op.f("ix_audit_entry_subject_kind_subject_id"),
        "audit_entry",
        ["subject_kind", "subject_id"],
        unique=False,
    )

    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "open",
                "paused",
                "closed",
                name="eventstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("share_read_twice", sa.Integer(), nullable=False),
        sa.Column("tolerance", sa.Integer(), nullable=False),
        sa.Column(
            "resolution_rule",
            sa.Enum(
                "mean",
                "sum",
                "first",
                "higher",
                "adjudicator",
                name="resolutionrule",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("lease_minutes", sa.Integer(), nullable=False),
        sa.Column("exclude_own_students", sa.Boolean(), nullable=False),
        sa.Column("exclude_own_school", sa.Boolean(), nullable=False),
        sa.Column("exclude_own_district", sa.Boolean(), nullable=False),
        sa.Column("alert_to_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "closes_at IS NULL OR opens_at IS NULL OR closes_at > opens_at",
            name=op.f("ck_event_dates_in_order"),
        ),
        sa.CheckConstraint("lease_minutes BETWEEN 5 AND 1440", name=op.f("ck_event_lease_in_range")),
        sa.CheckConstraint("share_read_twice BETWEEN 0 AND 100", name=op.f("ck_event_share_is_a_percentage")),
        sa.CheckConstraint("tolerance BETWEEN 0 AND 5", name=op.f("ck_event_tolerance_in_range")),
        sa.ForeignKeyConstraint(["alert_to_id"], ["person.id"], name=op.f("fk_event_alert_to_id_person")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_event_created_by_id_person")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_event_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("code", name=op.f("uq_event_code")),
    )
    op.create_index(op.f("ix_event_organization_id"), "event", ["organization_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "scorer",
                "leader",
                "district_admin",
                "network_admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(email IS NULL) = (organization_id IS NULL) AND (email IS NULL) = (role IS NULL)",
            name=op.f("ck_invitation_offers_a_role"),
        ),
        sa.CheckConstraint(
            "email IS NOT NULL OR person_id IS NOT NULL", name=op.f("ck_invitation_is_for_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_invitation_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_invitation_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index(op.f("ix_invitation_email"), "invitation", ["email"], unique=False)
    op.create_index(op.f("ix_invitation_organization_id"), "invitation", ["organization_id"], unique=False)
    op.create_index(op.f("ix_invitation_person_id"), "invitation", ["person_id"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                name="jobstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("back", sa.String(length=300), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("progress >= 0 AND total >= 0", name=op.f("ck_job_progress")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_job_created_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_created_by_id"), "job", ["created_by_id"], unique=False)
    op.create_index(op.f("ix_job_status"), "job", ["status"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "scorer",
                "leader",
                "district_admin",
                "network_admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_membership_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint(
            "person_id", "organization_id", "role", name=op.f("uq_membership_person_id_organization_id_role")
        ),
    )
    op.create_index(op.f("ix_membership_organization_id"), "membership", ["organization_id"], unique=False)

    op.create_table(
        "student",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("pseudonym", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_student_district_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organization.id"], name=op.f("fk_student_school_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student")),
        sa.UniqueConstraint("district_id", "pseudonym", name=op.f("uq_student_district_id_pseudonym")),
    )
    op.create_index(op.f("ix_student_school_id"), "student", ["school_id"], unique=False)

    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("grade_band", sa.String(length=20), nullable=False),
        sa.Column("standards", sa.JSON(), nullable=False),
        sa.Column("directions", sa.Text(), nullable=False),
        sa.Column("teacher_guide", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_task_created_by_id_person")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_task_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("organization_id", "code", name=op.f("uq_task_organization_id_code")),
    )
    op.create_table(
        "event_district",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_event_district_district_id_organization")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_district_event_id_event")),
        sa.PrimaryKeyConstraint("event_id", "district_id", name=op.f("pk_event_district")),
    )
    op.create_table(
        "event_scorer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("component", sa.Integer(), nullable=False),
        sa.Column("first_reads", sa.Integer(), nullable=False),
        sa.Column("next_twice", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_scorer_event_id_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_event_scorer_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_scorer")),
        sa.UniqueConstraint("event_id", "person_id", name=op.f("uq_event_scorer_event_id_person_id")),
    )
    op.create_index(op.f("ix_event_scorer_person_id"), "event_scorer", ["person_id"], unique=False)

    op.create_table(
        "export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "format",
            sa.Enum("xlsx", "csv", name="exportformat", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_export_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_export_event_id_event")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_export_job_id_job")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_export_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    op.create_index(op.f("ix_export_event_id"), "export", ["event_id"], unique=False)
    op.create_index(op.f("ix_export_organization_id"), "export", ["organization_id"], unique=False)

    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "uploaded",
                "preview",
                "running",
                "done",
                "failed",
                "undone",
                "discarded",
                name="importstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "accepted + refused + duplicates <= total", name=op.f("ck_import_batch_rows_add_up")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_import_batch_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_import_batch_district_id_organization")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_import_batch_job_id_job")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_import_batch_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(op.f("ix_import_batch_district_id"), "import_batch", ["district_id"], unique=False)

    op.create_table(
        "material",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_material_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material")),
        sa.UniqueConstraint("key", name=op.f("uq_material_key")),
    )
    op.create_index(op.f("ix_material_task_id"), "material", ["task_id"], unique=False)

    op.create_table(
        "roster_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_roster_entry_person_id_person")),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_roster_entry_student_id_student")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entry")),
        sa.UniqueConstraint("person_id", "student_id", name=op.f("uq_roster_entry_person_id_student_id")),
    )
    op.create_index(op.f("ix_roster_entry_student_id"), "roster_entry", ["student_id"], unique=False)

    op.create_table(
        "rubric",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "analytic",
                "holistic",
                "single_point",
                name="rubrickind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("based_on_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["based_on_id"], ["rubric.id"], name=op.f("fk_rubric_based_on_id_rubric")),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["person.id"], name=op.f("fk_rubric_published_by_id_person")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_rubric_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric")),
        sa.UniqueConstraint("task_id", "version", name=op.f("uq_rubric_task_id_version")),
    )
    op.create_table(
        "student_identity",
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("given_name", sa.String(length=120), nullable=False),
        sa.Column("family_name", sa.String(length=120), nullable=False),
        sa.Column("local_id", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_student_identity_student_id_student")
        ),
        sa.PrimaryKeyConstraint("student_id", name=op.f("pk_student_identity")),
    )
    op.create_index(op.f("ix_student_identity_local_id"), "student_identity", ["local_id"], unique=False)

    op.create_table(
        "condition_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rubric_id"], ["rubric.id"], name=op.f("fk_condition_code_rubric_id_rubric")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition_code")),
        sa.UniqueConstraint("rubric_id", "code", name=op.f("uq_condition_code_rubric_id_code")),
    )
    op.create_table(
        "event_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_task_event_id_event")),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubric.id"], name=op.f("fk_event_task_rubric_id_rubric")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_event_task_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_task")),
        sa.UniqueConstraint("event_id", "task_id", name=op.f("uq_event_task_event_id_task_id")),
    )
    op.create_table(
        "import_problem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("mend", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_problem_batch_id_import_batch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problem")),
    )
    op.create_index(op.f("ix_import_problem_batch_id"), "import_problem", ["batch_id"], unique=False)

    op.create_table(
        "response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("original_key", sa.String(length=80), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("word_count", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "preparing",
                "ready",
                "failed",
                name="responsestatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("trouble", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_response_batch_id_import_batch")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_response_district_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organization.id"], name=op.f("fk_response_school_id_organization")
        ),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_response_student_id_student")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_response_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("code", name=op.f("uq_response_code")),
        sa.UniqueConstraint("task_id", "student_id", name=op.f("uq_response_task_id_student_id")),
    )
    op.create_index(op.f("ix_response_batch_id"), "response", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_response_district_id_task_id"), "response", ["district_id", "task_id"], unique=False
    )
    op.create_index(op.f("ix_response_student_id"), "response", ["student_id"], unique=False)

    op.create_table(
        "trait",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.CheckConstraint("weight > 0", name=op.f("ck_trait_weight_is_positive")),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubric.id"], name=op.f("fk_trait_rubric_id_rubric")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trait")),
        sa.UniqueConstraint("rubric_id", "key", name=op.f("uq_trait_rubric_id_key")),
    )
    op.create_table(
        "concern",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("scorer_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "flag", "alert", name="concernkind", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["person.id"], name=op.f("fk_concern_acknowledged_by_id_person")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_concern_event_id_event")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_concern_response_id_response")
        ),
        sa.ForeignKeyConstraint(["scorer_id"], ["person.id"], name=op.f("fk_concern_scorer_id_person")),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["person.id"], name=op.f("fk_concern_settled_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern")),
    )
    op.create_index(op.f("ix_concern_event_id"), "concern", ["event_id"], unique=False)
    op.create_index(op.f("ix_concern_response_id"), "concern", ["response_id"], unique=False)

    op.create_table(
        "event_response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("random_key", sa.Double(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("required", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "waiting",
                "discrepant",
                "settled",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reads + remaining <= required", name=op.f("ck_event_response_never_more_reads_than_required")
        ),
        sa.CheckConstraint(
            "remaining >= 0 AND reads >= 0", name=op.f("ck_event_response_counts_are_not_negative")
        ),
        sa.CheckConstraint("required BETWEEN 1 AND 2", name=op.f("ck_event_response_once_or_twice")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_event_response_district_id_organization")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_response_event_id_event")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_event_response_response_id_response")
        ),
        sa.ForeignKeyConstraint(
            ["rubric_id"], ["rubric.id"], name=op.f("fk_event_response_rubric_id_rubric")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organization.id"], name=op.f("fk_event_response_school_id_organization")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_event_response_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_response")),
        sa.UniqueConstraint("event_id", "response_id", name=op.f("uq_event_response_event_id_response_id")),
    )
    op.create_index("ix_event_response_outcome", "event_response", ["event_id", "outcome"], unique=False)
    op.create_index(
        "ix_event_response_queue",
        "event_response",
        ["event_id", "priority", "random_key"],
        unique=False,
        sqlite_where=sa.text("remaining > 0"),
        postgresql_where=sa.text("remaining > 0"),
    )
    op.create_index(op.f("ix_event_response_response_id"), "event_response", ["response_id"], unique=False)

    op.create_table(
        "page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_page_response_id_response")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
        sa.UniqueConstraint("key", name=op.f("uq_page_key")),
        sa.UniqueConstraint("response_id", "number", name=op.f("uq_page_response_id_number")),
    )
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("anchor", name="paperpurpose", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "solid", "borderline", name="paperkind", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("commentary", sa.Text(), nullable=False),
        sa.Column("promoted_by_id", sa.Integer(), nullable=True),
        sa.Column("promoted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_paper_event_id_event")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_paper_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["promoted_by_id"], ["person.id"], name=op.f("fk_paper_promoted_by_id_person")
        ),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_paper_response_id_response")),
        sa.ForeignKeyConstraint(["retired_by_id"], ["person.id"], name=op.f("fk_paper_retired_by_id_person")),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubric.id"], name=op.f("fk_paper_rubric_id_rubric")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_paper_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
    )
    op.create_index(op.f("ix_paper_response_id"), "paper", ["response_id"], unique=False)
    op.create_index(op.f("ix_paper_task_id"), "paper", ["task_id"], unique=False)
    op.create_index(
        "uq_paper_in_use",
        "paper",
        ["rubric_id", "response_id", "purpose"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )

    op.create_table(
        "score_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("descriptor", sa.Text(), nullable=False),
        sa.CheckConstraint("value >= 0 AND value <= 20", name=op.f("ck_score_point_value_in_range")),
        sa.ForeignKeyConstraint(["trait_id"], ["trait.id"], name=op.f("fk_score_point_trait_id_trait")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_point")),
        sa.UniqueConstraint("trait_id", "value", name=op.f("uq_score_point_trait_id_value")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("event_response_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("scorer_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "operational",
                "adjudication",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "lapsed",
                "returned",
                "submitted",
                name="assignmentstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("leased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("draft", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_assignment_event_id_event")),
        sa.ForeignKeyConstraint(
            ["event_response_id"],
            ["event_response.id"],
            name=op.f("fk_assignment_event_response_id_event_response"),
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_assignment_response_id_response")
        ),
        sa.ForeignKeyConstraint(["scorer_id"], ["person.id"], name=op.f("fk_assignment_scorer_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("scorer_id", "response_id", name=op.f("uq_assignment_scorer_id_response_id")),
    )
    op.create_index(op.f("ix_assignment_event_id"), "assignment", ["event_id"], unique=False)
    op.create_index(
        op.f("ix_assignment_event_response_id"), "assignment", ["event_response_id"], unique=False
    )
    op.create_index(
        "ix_assignment_held",
        "assignment",
        ["scorer_id"],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_assignment_leases",
        "assignment",
        ["leased_until"],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )

    op.create_table(
        "consensus_score",
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("commentary", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_consensus_score_paper_id_paper")),
        sa.ForeignKeyConstraint(["trait_id"], ["trait.id"], name=op.f("fk_consensus_score_trait_id_trait")),
        sa.PrimaryKeyConstraint("paper_id", "trait_id", name=op.f("pk_consensus_score")),
    )
    op.create_table(
        "score_of_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_response_id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("condition_code_id", sa.Integer(), nullable=True),
        sa.Column(
            "method",
            sa.Enum(
                "one_read",
                "two_reads",
                "adjudicated",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("rule", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(score IS NULL) <> (condition_code_id IS NULL)",
            name=op.f("ck_score_of_record_score_or_condition_code"),
        ),
        sa.ForeignKeyConstraint(
            ["condition_code_id"],
            ["condition_code.id"],
            name=op.f("fk_score_of_record_condition_code_id_condition_code"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_score_of_record_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["event_response_id"],
            ["event_response.id"],
            name=op.f("fk_score_of_record_event_response_id_event_response"),
        ),
        sa.ForeignKeyConstraint(["trait_id"], ["trait.id"], name=op.f("fk_score_of_record_trait_id_trait")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_of_record")),
    )
    op.create_index(
        "uq_score_of_record_current",
        "score_of_record",
        ["event_response_id", "trait_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )

    op.create_table(
        "read",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("event_response_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("scorer_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "operational",
                "adjudication",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("condition_code_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_read_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(
            ["condition_code_id"],
            ["condition_code.id"],
            name=op.f("fk_read_condition_code_id_condition_code"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_read_event_id_event")),
        sa.ForeignKeyConstraint(
            ["event_response_id"],
            ["event_response.id"],
            name=op.f("fk_read_event_response_id_event_response"),
        ),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_read_response_id_response")),
        sa.ForeignKeyConstraint(["scorer_id"], ["person.id"], name=op.f("fk_read_scorer_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read")),
    )
    op.create_index(op.f("ix_read_event_id_scorer_id"), "read", ["event_id", "scorer_id"], unique=False)
    op.create_index(op.f("ix_read_event_response_id"), "read", ["event_response_id"], unique=False)
    op.create_index(op.f("ix_read_response_id"), "read", ["response_id"], unique=False)
    op.create_index(
        "uq_read_assignment",
        "read",
        ["assignment_id"],
        unique=True,
        sqlite_where=sa.text("reopened_at IS NULL"),
        postgresql_where=sa.text("reopened_at IS NULL"),
    )
    op.create_index(
        "uq_read_scorer_response",
        "read",
        ["scorer_id", "response_id"],
        unique=True,
        sqlite_where=sa.text("reopened_at IS NULL"),
        postgresql_where=sa.text("reopened_at IS NULL"),
    )

    op.create_table(
        "submit_key",
        sa.Column("scorer_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("read_id", sa.Integer(), nullable=False),
        sa.Column("next_assignment_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["next_assignment_id"],
            ["assignment.id"],
            name=op.f("fk_submit_key_next_assignment_id_assignment"),
        ),
        sa.ForeignKeyConstraint(["read_id"], ["read.id"], name=op.f("fk_submit_key_read_id_read")),
        sa.ForeignKeyConstraint(["scorer_id"], ["person.id"], name=op.f("fk_submit_key_scorer_id_person")),
        sa.PrimaryKeyConstraint("scorer_id", "key", name=op.f("pk_submit_key")),
    )
    op.create_index(op.f("ix_submit_key_created_at"), "submit_key", ["created_at"], unique=False)

    op.create_table(
        "trait_score",
        sa.Column("read_id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment_below", sa.Text(), nullable=False),
        sa.Column("comment_above", sa.Text(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 20", name=op.f("ck_trait_score_score_in_range")),
        sa.ForeignKeyConstraint(["read_id"], ["read.id"], name=op.f("fk_trait_score_read_id_read")),
        sa.ForeignKeyConstraint(["trait_id"], ["trait.id"], name=op.f("fk_trait_score_trait_id_trait")),
        sa.PrimaryKeyConstraint("read_id", "trait_id", name=op.f("pk_trait_score")),
    )


def downgrade():
    op.drop_table("trait_score")
    op.drop_index(op.f("ix_submit_key_created_at"), table_name="submit_key")

    op.drop_table("submit_key")
    op.drop_index(
        "uq_read_scorer_response",
        table_name="read",
        sqlite_where=sa.text("reopened_at IS NULL"),
        postgresql_where=sa.text("reopened_at IS NULL"),
    )
    op.drop_index(
        "uq_read_assignment",
        table_name="read",
        sqlite_where=sa.text("reopened_at IS NULL"),
        postgresql_where=sa.text("reopened_at IS NULL"),
    )
    op.drop_index(op.f("ix_read_response_id"), table_name="read")
    op.drop_index(op.f("ix_read_event_response_id"), table_name="read")
    op.drop_index(op.f("ix_read_event_id_scorer_id"), table_name="read")

    op.drop_table("read")
    op.drop_index(
        "uq_score_of_record_current",
        table_name="score_of_record",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )

    op.drop_table("score_of_record")
    op.drop_table("consensus_score")
    op.drop_index(
        "ix_assignment_leases",
        table_name="assignment",
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.drop_index(
        "ix_assignment_held",
        table_name="assignment",
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.drop_index(op.f("ix_assignment_event_response_id"), table_name="assignment")
    op.drop_index(op.f("ix_assignment_event_id"), table_name="assignment")

    op.drop_table("assignment")
    op.drop_table("score_point")
    op.drop_index(
        "uq_paper_in_use",
        table_name="paper",
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.drop_index(op.f("ix_paper_task_id"), table_name="paper")
    op.drop_index(op.f("ix_paper_response_id"), table_name="paper")

    op.drop_table("paper")
    op.drop_table("page")
    op.drop_index(op.f("ix_event_response_response_id"), table_name="event_response")
    op.drop_index(
        "ix_event_response_queue",
        table_name="event_response",
        sqlite_where=sa.text("remaining > 0"),
        postgresql_where=sa.text("remaining > 0"),
    )
    op.drop_index("ix_event_response_outcome", table_name="event_response")

    op.drop_table("event_response")
    op.drop_index(op.f("ix_concern_response_id"), table_name="concern")
    op.drop_index(op.f("ix_concern_event_id"), table_name="concern")

    op.drop_table("concern")
    op.drop_table("trait")
    op.drop_index(op.f("ix_response_student_id"), table_name="response")
    op.drop_index(op.f("ix_response_district_id_task_id"), table_name="response")
    op.drop_index(op.f("ix_response_batch_id"), table_name="response")

    op.drop_table("response")
    op.drop_index(op.f("ix_import_problem_batch_id"), table_name="import_problem")

    op.drop_table("import_problem")
    op.drop_table("event_task")
    op.drop_table("condition_code")
    op.drop_index(op.f("ix_student_identity_local_id"), table_name="student_identity")

    op.drop_table("student_identity")
    op.drop_table("rubric")
    op.drop_index(op.f("ix_roster_entry_student_id"), table_name="roster_entry")

    op.drop_table("roster_entry")
    op.drop_index(op.f("ix_material_task_id"), table_name="material")

    op.drop_table("material")
    op.drop_index(op.f("ix_import_batch_district_id"), table_name="import_batch")

    op.drop_table("import_batch")
    op.drop_index(op.f("ix_export_organization_id"), table_name="export")
    op.drop_index(op.f("ix_export_event_id"), table_name="export")

    op.drop_table("export")
    op.drop_index(op.f("ix_event_scorer_person_id"), table_name="event_scorer")

    op.drop_table("event_scorer")
    op.drop_table("event_district")
    op.drop_table("task")
    op.drop_index(op.f("ix_student_school_id"), table_name="student")

    op.drop_table("student")
    op.drop_index(op.f("ix_membership_organization_id"), table_name="membership")

    op.drop_table("membership")
    op.drop_index(op.f("ix_job_status"), table_name="job")
    op.drop_index(op.f("ix_job_created_by_id"), table_name="job")

    op.drop_table("job")
    op.drop_index(op.f("ix_invitation_person_id"), table_name="invitation")
    op.drop_index(op.f("ix_invitation_organization_id"), table_name="invitation")
    op.drop_index(op.f("ix_invitation_email"), table_name="invitation")

    op.drop_table("invitation")
    op.drop_index(op.f("ix_event_organization_id"), table_name="event")

    op.drop_table("event")
    op.drop_index(op.f("ix_audit_entry_subject_kind_subject_id"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_actor_id"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_action"), table_name="audit_entry")

    op.drop_table("audit_entry")
    op.drop_index(op.f("ix_api_token_person_id"), table_name="api_token")

    op.drop_table("api_token")
    op.drop_table("person")
    op.drop_index(op.f("ix_organization_parent_id"), table_name="organization")

    op.drop_table("organization")
    op.drop_table("audit_chain")
