"""Run migrations on the app's own connection."""

from alembic import context

from scoring.db import Base, db


def run():
    """Upgrade or downgrade inside one transaction; SQLite alters tables by making new ones."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
