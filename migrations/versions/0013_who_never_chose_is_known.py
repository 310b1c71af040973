"""Who never chose to follow a thread is told apart from who does not want to.

Marks from before keep what they say: nobody can tell any more who only read and who said no.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0013", "0012"


def upgrade():
    with op.batch_alter_table("thread_reader") as table:
        table.alter_column("follows", existing_type=sa.Boolean(), nullable=True)


def downgrade():
    op.execute(sa.text("UPDATE thread_reader SET follows = :no WHERE follows IS NULL").bindparams(no=False))
    with op.batch_alter_table("thread_reader") as table:
        table.alter_column("follows", existing_type=sa.Boolean(), nullable=False)
