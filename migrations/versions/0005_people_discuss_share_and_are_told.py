"""People discuss tasks, rubric lines and papers; districts share anchor papers; digests go out by e-mail."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0005", "0004"


def upgrade():
    op.create_table(
        "digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "claimed",
                "sent",
                "empty",
                "failed",
                "unsure",
                name="digeststatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries >= 1", name=op.f("ck_digest_tried_at_least_once")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("person_id", "due_at", name=op.f("uq_digest_person_id_due_at")),
    )
    op.create_table(
        "digest_choice",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "frequency",
            sa.Enum(
                "off",
                "daily",
                "weekly",
                name="frequency",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_digest_choice_hour_of_a_day")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_digest_choice_day_of_a_week")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_choice_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_digest_choice")),
    )
    op.create_table(
        "paper_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_paper_use_added_by_id_person")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_paper_use_ended_by_id_person")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_paper_use_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_use_paper_id_paper")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_use")),
    )
    op.create_index(op.f("ix_paper_use_organization_id"), "paper_use", ["organization_id"], unique=False)
    op.create_index(
        "uq_paper_use_now",
        "paper_use",
        ["paper_id", "organization_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "shared_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("shared_by_id", sa.Integer(), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["network_id"], ["organization.id"], name=op.f("fk_shared_paper_network_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_shared_paper_organization_id_organization"),
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_shared_paper_paper_id_paper")),
        sa.ForeignKeyConstraint(
            ["shared_by_id"], ["person.id"], name=op.f("fk_shared_paper_shared_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["person.id"], name=op.f("fk_shared_paper_withdrawn_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_paper")),
    )
    op.create_index(op.f("ix_shared_paper_network_id"), "shared_paper", ["network_id"], unique=False)
    op.create_index(
        "uq_shared_paper_shared",
        "shared_paper",
        ["paper_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "thread",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "subject_kind",
            sa.Enum(
                "task",
                "trait",
                "score_point",
                "paper",
                name="subjectkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("trait_id", sa.Integer(), nullable=True),
        sa.Column("score_point_id", sa.Integer(), nullable=True),
        sa.Column("paper_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(subject_kind IN ('trait', 'score_point')) = (trait_id IS NOT NULL) AND (subject_kind = 'score_point') = (score_point_id IS NOT NULL) AND (subject_kind = 'paper') = (paper_id IS NOT NULL)",
            name=op.f("ck_thread_one_subject"),
        ),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by_id IS NULL)", name=op.f("ck_thread_resolved_by_somebody")
        ),
        sa.CheckConstraint("posts >= 0", name=op.f("ck_thread_posts_are_counted")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_thread_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_thread_paper_id_paper")),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"], ["person.id"], name=op.f("fk_thread_resolved_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["score_point_id"], ["score_point.id"], name=op.f("fk_thread_score_point_id_score_point")
        ),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["person.id"], name=op.f("fk_thread_started_by_id_person")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_thread_task_id_task")),
        sa.ForeignKeyConstraint(["trait_id"], ["trait.id"], name=op.f("fk_thread_trait_id_trait")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
    )
    op.create_index(op.f("ix_thread_last_at"), "thread", ["last_at"], unique=False)
    op.create_index(op.f("ix_thread_organization_id"), "thread", ["organization_id"], unique=False)
    op.create_index(op.f("ix_thread_paper_id"), "thread", ["paper_id"], unique=False)
    op.create_index(op.f("ix_thread_score_point_id"), "thread", ["score_point_id"], unique=False)
    op.create_index(op.f("ix_thread_task_id"), "thread", ["task_id"], unique=False)
    op.create_index(op.f("ix_thread_trait_id"), "thread", ["trait_id"], unique=False)
    op.create_table(
        "thread_post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("quoted_id", sa.Integer(), nullable=True),
        sa.Column("is_answer", sa.Boolean(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_by_id", sa.Integer(), nullable=True),
        sa.Column("hidden_because", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "(hidden_at IS NULL) = (hidden_by_id IS NULL) AND (hidden_at IS NULL) = (hidden_because = '')",
            name=op.f("ck_thread_post_hidden_with_a_reason"),
        ),
        sa.CheckConstraint(
            "removed_at IS NULL OR words = ''", name=op.f("ck_thread_post_removed_without_words")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_thread_post_author_id_person")),
        sa.ForeignKeyConstraint(
            ["hidden_by_id"], ["person.id"], name=op.f("fk_thread_post_hidden_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["quoted_id"], ["thread_post.id"], name=op.f("fk_thread_post_quoted_id_thread_post")
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_thread_post_thread_id_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_post")),
        sa.UniqueConstraint("thread_id", "number", name=op.f("uq_thread_post_thread_id_number")),
    )
    op.create_index(op.f("ix_thread_post_author_id"), "thread_post", ["author_id"], unique=False)
    op.create_index(
        "uq_thread_post_answer",
        "thread_post",
        ["thread_id"],
        unique=True,
        sqlite_where=sa.text("is_answer"),
        postgresql_where=sa.text("is_answer"),
    )
    op.create_table(
        "thread_reader",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("follows", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_thread_reader_person_id_person")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_thread_reader_thread_id_thread")),
        sa.PrimaryKeyConstraint("thread_id", "person_id", name=op.f("pk_thread_reader")),
    )
    op.create_index(op.f("ix_thread_reader_person_id"), "thread_reader", ["person_id"], unique=False)
    op.create_table(
        "thread_mention",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_thread_mention_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["thread_post.id"], name=op.f("fk_thread_mention_post_id_thread_post")
        ),
        sa.PrimaryKeyConstraint("post_id", "person_id", name=op.f("pk_thread_mention")),
    )
    op.create_index(op.f("ix_thread_mention_person_id"), "thread_mention", ["person_id"], unique=False)


def downgrade():
    for table in (
        "thread_reader", "thread_mention", "thread_post", "thread", "shared_paper", "paper_use", "digest_choice", "digest",
    ):  # fmt: skip
        op.drop_table(table)
