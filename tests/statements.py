"""How many statements something sends to the database."""

from contextlib import contextmanager

import sqlalchemy as sa

from scoring.db import db


@contextmanager
def watched():
    """Every statement that the database is sent meanwhile."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def statements(call):
    """The statements that a call sends to the database, one by one."""
    with watched() as sent:
        call()
    return [each for each in sent if not each.startswith(("SET", "BEGIN"))]
