"""Committees find the range: proposed papers, blind scores, consensus, and training packets; work somebody has seen."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0006", "0005"


def upgrade():
    op.create_table(
        "committee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "open",
                "finished",
                name="committeestatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scoring_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_committee_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_committee_event_id_event")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_committee_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubric.id"], name=op.f("fk_committee_rubric_id_rubric")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee")),
    )
    op.create_index(op.f("ix_committee_organization_id"), "committee", ["organization_id"], unique=False)
    op.create_table(
        "training_packet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("rubric_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pdf_key", sa.String(length=80), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("pdf_size", sa.Integer(), nullable=True),
        sa.Column("book_key", sa.String(length=80), nullable=True),
        sa.Column("book_sha256", sa.String(length=64), nullable=True),
        sa.Column("book_size", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(pdf_key IS NULL) = (book_key IS NULL) AND (pdf_key IS NULL) = (finished_at IS NULL)",
            name=op.f("ck_training_packet_both_files_or_none"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["person.id"], name=op.f("fk_training_packet_created_by_id_person")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_training_packet_job_id_job")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_training_packet_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(
            ["rubric_id"], ["rubric.id"], name=op.f("fk_training_packet_rubric_id_rubric")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_packet")),
    )
    op.create_index(
        op.f("ix_training_packet_organization_id"), "training_packet", ["organization_id"], unique=False
    )
    op.create_table(
        "committee_member",
        sa.Column("committee_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name=op.f("fk_committee_member_committee_id_committee")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_committee_member_person_id_person")
        ),
        sa.PrimaryKeyConstraint("committee_id", "person_id", name=op.f("pk_committee_member")),
    )
    op.create_index(op.f("ix_committee_member_person_id"), "committee_member", ["person_id"], unique=False)
    op.create_table(
        "seen_work",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seen_work_person_id_person")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_seen_work_response_id_response")
        ),
        sa.PrimaryKeyConstraint("person_id", "response_id", name=op.f("pk_seen_work")),
    )
    op.create_index(op.f("ix_seen_work_response_id"), "seen_work", ["response_id"], unique=False)
    op.create_table(
        "training_packet_set",
        sa.Column("packet_id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["packet_id"],
            ["training_packet.id"],
            name=op.f("fk_training_packet_set_packet_id_training_packet"),
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["paper_set.id"], name=op.f("fk_training_packet_set_set_id_paper_set")
        ),
        sa.PrimaryKeyConstraint("packet_id", "set_id", name=op.f("pk_training_packet_set")),
    )
    op.create_table(
        "proposed_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("committee_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_by_id", sa.Integer(), nullable=True),
        sa.Column("drop_reason", sa.Text(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("settle_reason", sa.Text(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(paper_id IS NULL) = (settled_at IS NULL)", name=op.f("ck_proposed_paper_settled_with_a_paper")
        ),
        sa.CheckConstraint(
            "paper_id IS NULL OR dropped_at IS NULL", name=op.f("ck_proposed_paper_settled_or_dropped")
        ),
        sa.ForeignKeyConstraint(
            ["committee_id"], ["committee.id"], name=op.f("fk_proposed_paper_committee_id_committee")
        ),
        sa.ForeignKeyConstraint(
            ["dropped_by_id"], ["person.id"], name=op.f("fk_proposed_paper_dropped_by_id_person")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_proposed_paper_paper_id_paper")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_proposed_paper_response_id_response")
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["paper_set.id"], name=op.f("fk_proposed_paper_set_id_paper_set")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["person.id"], name=op.f("fk_proposed_paper_settled_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposed_paper")),
        sa.UniqueConstraint("committee_id", "position", name=op.f("uq_proposed_paper_committee_id_position")),
        sa.UniqueConstraint(
            "committee_id", "response_id", name=op.f("uq_proposed_paper_committee_id_response_id")
        ),
    )
    op.create_index(op.f("ix_proposed_paper_paper_id"), "proposed_paper", ["paper_id"], unique=False)
    op.create_index(op.f("ix_proposed_paper_response_id"), "proposed_paper", ["response_id"], unique=False)
    op.create_table(
        "committee_read",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposed_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("draft", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "sent_at IS NULL OR passed_at IS NULL", name=op.f("ck_committee_read_sent_or_passed")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_committee_read_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_id"], ["proposed_paper.id"], name=op.f("fk_committee_read_proposed_id_proposed_paper")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_read")),
        sa.UniqueConstraint("proposed_id", "person_id", name=op.f("uq_committee_read_proposed_id_person_id")),
    )
    op.create_index(op.f("ix_committee_read_person_id"), "committee_read", ["person_id"], unique=False)
    op.create_table(
        "consensus_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposed_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "solid", "borderline", name="paperkind", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("commentary", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_consensus_proposal_author_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_id"],
            ["proposed_paper.id"],
            name=op.f("fk_consensus_proposal_proposed_id_proposed_paper"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consensus_proposal")),
    )
    op.create_index(
        op.f("ix_consensus_proposal_proposed_id"), "consensus_proposal", ["proposed_id"], unique=False
    )
    op.create_table(
        "committee_score",
        sa.Column("read_id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 20", name=op.f("ck_committee_score_score_in_range")),
        sa.ForeignKeyConstraint(
            ["read_id"], ["committee_read.id"], name=op.f("fk_committee_score_read_id_committee_read")
        ),
        sa.ForeignKeyConstraint(["trait_id"], ["trait.id"], name=op.f("fk_committee_score_trait_id_trait")),
        sa.PrimaryKeyConstraint("read_id", "trait_id", name=op.f("pk_committee_score")),
    )
    op.create_table(
        "opinion",
        sa.Column("consensus_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("agrees OR words <> ''", name=op.f("ck_opinion_objects_with_words")),
        sa.ForeignKeyConstraint(
            ["consensus_id"],
            ["consensus_proposal.id"],
            name=op.f("fk_opinion_consensus_id_consensus_proposal"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opinion_person_id_person")),
        sa.PrimaryKeyConstraint("consensus_id", "person_id", name=op.f("pk_opinion")),
    )
    op.create_table(
        "proposed_score",
        sa.Column("consensus_id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("commentary", sa.Text(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 20", name=op.f("ck_proposed_score_score_in_range")),
        sa.ForeignKeyConstraint(
            ["consensus_id"],
            ["consensus_proposal.id"],
            name=op.f("fk_proposed_score_consensus_id_consensus_proposal"),
        ),
        sa.ForeignKeyConstraint(["trait_id"], ["trait.id"], name=op.f("fk_proposed_score_trait_id_trait")),
        sa.PrimaryKeyConstraint("consensus_id", "trait_id", name=op.f("pk_proposed_score")),
    )


def downgrade():
    op.drop_table("proposed_score")
    op.drop_table("opinion")
    op.drop_table("committee_score")
    op.drop_index(op.f("ix_consensus_proposal_proposed_id"), table_name="consensus_proposal")
    op.drop_table("consensus_proposal")
    op.drop_index(op.f("ix_committee_read_person_id"), table_name="committee_read")
    op.drop_table("committee_read")
    op.drop_index(op.f("ix_proposed_paper_response_id"), table_name="proposed_paper")
    op.drop_index(op.f("ix_proposed_paper_paper_id"), table_name="proposed_paper")
    op.drop_table("proposed_paper")
    op.drop_table("training_packet_set")
    op.drop_index(op.f("ix_seen_work_response_id"), table_name="seen_work")
    op.drop_table("seen_work")
    op.drop_index(op.f("ix_committee_member_person_id"), table_name="committee_member")
    op.drop_table("committee_member")
    op.drop_index(op.f("ix_training_packet_organization_id"), table_name="training_packet")
    op.drop_table("training_packet")
    op.drop_index(op.f("ix_committee_organization_id"), table_name="committee")
    op.drop_table("committee")
