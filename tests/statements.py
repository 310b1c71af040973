"""How many statements something sends to the database."""

import sqlalchemy as sa

from scoring.db import db


def statements(call):
    """The statements that a call sends to the database, one by one."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    return [each for each in sent if not each.startswith(("SET", "BEGIN"))]
