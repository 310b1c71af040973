"""Calibration sessions have tables: protocols, seats, sheets, remarks and what was agreed."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0008", "0007"


def upgrade():
    op.create_table(
        "protocol",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("summary", sa.String(length=500), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("copied_from", sa.String(length=120), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_protocol_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_protocol_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_protocol_organization_id_name")),
    )
    op.create_table(
        "calibration_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "live", "asynchronous", name="form", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("protocol_name", sa.String(length=120), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scoring_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("phase", sa.Integer(), nullable=True),
        sa.Column("step_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("step_seconds_left", sa.Integer(), nullable=True),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("stage_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(form = 'asynchronous') = (score_by IS NOT NULL)",
            name=op.f("ck_calibration_session_only_asynchronous_has_a_deadline"),
        ),
        sa.CheckConstraint(
            "cancelled_at IS NULL OR closed_at IS NULL",
            name=op.f("ck_calibration_session_cancelled_or_closed"),
        ),
        sa.CheckConstraint(
            "closes_at IS NULL OR closes_at > score_by",
            name=op.f("ck_calibration_session_closes_after_scoring"),
        ),
        sa.CheckConstraint(
            "phase IS NULL OR (phase >= 0 AND begun_at IS NOT NULL)",
            name=op.f("ck_calibration_session_phases_begin"),
        ),
        sa.CheckConstraint(
            "step_ends_at IS NULL OR step_seconds_left IS NULL",
            name=op.f("ck_calibration_session_timer_runs_or_stands"),
        ),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["person.id"], name=op.f("fk_calibration_session_leader_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_calibration_session_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["rubric_id"], ["rubric.id"], name=op.f("fk_calibration_session_rubric_id_rubric")
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["paper_set.id"], name=op.f("fk_calibration_session_set_id_paper_set")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_session")),
    )
    op.create_index(
        op.f("ix_calibration_session_organization_id"),
        "calibration_session",
        ["organization_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_calibration_session_rubric_id"), "calibration_session", ["rubric_id"], unique=False
    )
    op.create_table(
        "session_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leader_shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "leader_shown_at IS NULL OR leader_shown_at >= revealed_at",
            name=op.f("ck_session_paper_leader_comes_last"),
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_session_paper_paper_id_paper")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["calibration_session.id"],
            name=op.f("fk_session_paper_session_id_calibration_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_paper")),
        sa.UniqueConstraint("session_id", "paper_id", name=op.f("uq_session_paper_session_id_paper_id")),
        sa.UniqueConstraint("session_id", "position", name=op.f("uq_session_paper_session_id_position")),
    )
    op.create_index(op.f("ix_session_paper_paper_id"), "session_paper", ["paper_id"], unique=False)
    op.create_table(
        "session_participant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "facilitator",
                "timekeeper",
                "recorder",
                "presenter",
                "member",
                name="part",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("observes", sa.Boolean(), nullable=False),
        sa.Column("shows_name", sa.Boolean(), nullable=False),
        sa.Column("pair", sa.Integer(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "pair IS NULL OR pair >= 1", name=op.f("ck_session_participant_pairs_count_from_one")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_session_participant_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["calibration_session.id"],
            name=op.f("fk_session_participant_session_id_calibration_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_participant")),
        sa.UniqueConstraint(
            "session_id", "person_id", name=op.f("uq_session_participant_session_id_person_id")
        ),
    )
    op.create_index(
        op.f("ix_session_participant_person_id"), "session_participant", ["person_id"], unique=False
    )
    op.create_table(
        "session_attendance",
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "seconds >= 0 AND step >= -1", name=op.f("ck_session_attendance_time_does_not_run_backward")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["session_participant.id"],
            name=op.f("fk_session_attendance_participant_id_session_participant"),
        ),
        sa.PrimaryKeyConstraint("participant_id", "step", name=op.f("pk_session_attendance")),
    )
    op.create_table(
        "session_consensus",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_paper_id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=False),
        sa.Column("pair", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_paper_id"],
            ["session_paper.id"],
            name=op.f("fk_session_consensus_session_paper_id_session_paper"),
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"],
            ["session_participant.id"],
            name=op.f("fk_session_consensus_settled_by_id_session_participant"),
        ),
        sa.ForeignKeyConstraint(["trait_id"], ["trait.id"], name=op.f("fk_session_consensus_trait_id_trait")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_consensus")),
        sa.UniqueConstraint(
            "session_paper_id",
            "trait_id",
            "pair",
            name=op.f("uq_session_consensus_session_paper_id_trait_id_pair"),
        ),
    )
    op.create_table(
        "session_debrief",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column(
            "question",
            sa.Enum(
                "task",
                "rubric",
                "teaching",
                name="question",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["session_participant.id"],
            name=op.f("fk_session_debrief_participant_id_session_participant"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["calibration_session.id"],
            name=op.f("fk_session_debrief_session_id_calibration_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_debrief")),
        sa.UniqueConstraint(
            "participant_id", "question", name=op.f("uq_session_debrief_participant_id_question")
        ),
    )
    op.create_index(op.f("ix_session_debrief_session_id"), "session_debrief", ["session_id"], unique=False)
    op.create_table(
        "session_observer",
        sa.Column("session_paper_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["session_participant.id"],
            name=op.f("fk_session_observer_participant_id_session_participant"),
        ),
        sa.ForeignKeyConstraint(
            ["session_paper_id"],
            ["session_paper.id"],
            name=op.f("fk_session_observer_session_paper_id_session_paper"),
        ),
        sa.PrimaryKeyConstraint("session_paper_id", "participant_id", name=op.f("pk_session_observer")),
    )
    op.create_table(
        "session_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_paper_id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["session_participant.id"],
            name=op.f("fk_session_proposal_author_id_session_participant"),
        ),
        sa.ForeignKeyConstraint(
            ["session_paper_id"],
            ["session_paper.id"],
            name=op.f("fk_session_proposal_session_paper_id_session_paper"),
        ),
        sa.ForeignKeyConstraint(["trait_id"], ["trait.id"], name=op.f("fk_session_proposal_trait_id_trait")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_proposal")),
    )
    op.create_index(
        op.f("ix_session_proposal_session_paper_id"), "session_proposal", ["session_paper_id"], unique=False
    )
    op.create_table(
        "session_remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("session_paper_id", sa.Integer(), nullable=True),
        sa.Column("trait_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("reply_to_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(session_paper_id IS NULL) <> (step IS NULL)",
            name=op.f("ck_session_remark_about_a_paper_or_a_step"),
        ),
        sa.CheckConstraint(
            "session_paper_id IS NOT NULL OR trait_id IS NULL",
            name=op.f("ck_session_remark_traits_are_of_papers"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["session_participant.id"],
            name=op.f("fk_session_remark_author_id_session_participant"),
        ),
        sa.ForeignKeyConstraint(
            ["reply_to_id"], ["session_remark.id"], name=op.f("fk_session_remark_reply_to_id_session_remark")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["calibration_session.id"],
            name=op.f("fk_session_remark_session_id_calibration_session"),
        ),
        sa.ForeignKeyConstraint(
            ["session_paper_id"],
            ["session_paper.id"],
            name=op.f("fk_session_remark_session_paper_id_session_paper"),
        ),
        sa.ForeignKeyConstraint(["trait_id"], ["trait.id"], name=op.f("fk_session_remark_trait_id_trait")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_remark")),
    )
    op.create_index(
        op.f("ix_session_remark_session_id_session_paper_id"),
        "session_remark",
        ["session_id", "session_paper_id"],
        unique=False,
    )
    op.create_table(
        "session_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_paper_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("round BETWEEN 1 AND 2", name=op.f("ck_session_sheet_before_or_after")),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["session_participant.id"],
            name=op.f("fk_session_sheet_participant_id_session_participant"),
        ),
        sa.ForeignKeyConstraint(
            ["session_paper_id"],
            ["session_paper.id"],
            name=op.f("fk_session_sheet_session_paper_id_session_paper"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_sheet")),
        sa.UniqueConstraint(
            "session_paper_id",
            "participant_id",
            "round",
            name=op.f("uq_session_sheet_session_paper_id_participant_id_round"),
        ),
    )
    op.create_index(
        op.f("ix_session_sheet_participant_id"), "session_sheet", ["participant_id"], unique=False
    )
    op.create_table(
        "session_sheet_score",
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["session_sheet.id"], name=op.f("fk_session_sheet_score_sheet_id_session_sheet")
        ),
        sa.ForeignKeyConstraint(
            ["trait_id"], ["trait.id"], name=op.f("fk_session_sheet_score_trait_id_trait")
        ),
        sa.PrimaryKeyConstraint("sheet_id", "trait_id", name=op.f("pk_session_sheet_score")),
    )
    op.create_table(
        "session_support",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["session_participant.id"],
            name=op.f("fk_session_support_participant_id_session_participant"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["session_proposal.id"],
            name=op.f("fk_session_support_proposal_id_session_proposal"),
        ),
        sa.PrimaryKeyConstraint("proposal_id", "participant_id", name=op.f("pk_session_support")),
    )


def downgrade():
    op.drop_table("session_support")
    op.drop_table("session_sheet_score")
    op.drop_index(op.f("ix_session_sheet_participant_id"), table_name="session_sheet")
    op.drop_table("session_sheet")
    op.drop_index(op.f("ix_session_remark_session_id_session_paper_id"), table_name="session_remark")
    op.drop_table("session_remark")
    op.drop_index(op.f("ix_session_proposal_session_paper_id"), table_name="session_proposal")
    op.drop_table("session_proposal")
    op.drop_table("session_observer")
    op.drop_index(op.f("ix_session_debrief_session_id"), table_name="session_debrief")
    op.drop_table("session_debrief")
    op.drop_table("session_consensus")
    op.drop_table("session_attendance")
    op.drop_index(op.f("ix_session_participant_person_id"), table_name="session_participant")
    op.drop_table("session_participant")
    op.drop_index(op.f("ix_session_paper_paper_id"), table_name="session_paper")
    op.drop_table("session_paper")
    op.drop_index(op.f("ix_calibration_session_rubric_id"), table_name="calibration_session")
    op.drop_index(op.f("ix_calibration_session_organization_id"), table_name="calibration_session")
    op.drop_table("calibration_session")
    op.drop_table("protocol")
