"""Work that people have met with its scores outside their own reads, as in a committee: the queue passes it by."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from scoring.db import now, transaction
from scoring.reads.models import SeenWork

INSERT = {
    dialect.dialect.name: dialect.insert(SeenWork).on_conflict_do_nothing()
    for dialect in (sqlite, postgresql)
}


def note_seen(people, response_ids):
    """Remember that these people may look at these responses from now on, inside the transaction that lets them."""
    rows = [
        {"person_id": person.id, "response_id": each, "seen_at": now()}
        for person in people
        for each in response_ids
    ]
    if rows:
        with transaction() as session:
            session.execute(INSERT[session.get_bind().dialect.name], rows)


def seen_by(person):
    """Ids of responses that this person has met in a committee or the like: these can not test them any more."""
    return sa.select(SeenWork.response_id).where(SeenWork.person_id == person.id)
