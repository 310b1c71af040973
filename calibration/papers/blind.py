"""Blind scores that are still owed: whoever is asked for them is shown no score of that work, wherever it stands.

In an event a response waits for everybody, so its papers are hidden from all (see `services.hidden_ids`). A committee, a
session and a try ask some people only; these features say here whom they wait for. The other way round, whoever looks at
work together with its scores is remembered, and is not counted as blind later (`scoring/reads/seen.py`).
"""

import sqlalchemy as sa

from calibration.papers.secrecy import named_by
from scoring.db import db
from scoring.errors import NotAvailable
from scoring.reads.models import SeenWork
from scoring.reads.seen import note_seen, seen_by
from scoring.responses.models import Response, RosterEntry

FIRST = "You are still asked to score this work blind, in a committee, a session or a try. Its scores show here when yours are in."
_collectors = []


def collects_blind_scores(asked):
    """Register a feature: `asked()` returns a query of (response id, person id) of everybody it still waits for."""
    _collectors.append(asked)
    return asked


def owed_by(person):
    """Query the ids of responses that this person is still asked to score blind; for IN and NOT IN."""
    return sa.union_all(*_owed_by(person))


def owes(person, response_ids):
    """Return those of these responses that this person is still asked to score blind."""
    return named_by(response_ids, *_owed_by(person))


def awaited(response_ids):
    """Return those of these responses that somebody is still asked to score blind."""
    return named_by(
        response_ids, *(asked().with_only_columns(asked().selected_columns[0]) for asked in _collectors)
    )


def _owed_by(person):
    for asked in _collectors:
        query = asked()
        response_id, person_id = query.selected_columns
        yield query.with_only_columns(response_id).where(person_id == person.id)


def require_nothing_owed(person, response_id):
    """Refuse to show the scores of a response to somebody who is still asked to score it blind."""
    if owes(person, [response_id]):
        raise NotAvailable(FIRST)


def teaches(person_id):
    """Whether a person (a column) teaches the student of a row of `Response`: nobody is asked for scores of such work."""
    return sa.exists().where(
        RosterEntry.person_id == person_id, RosterEntry.student_id == Response.student_id
    )


def knew(person, response_ids, *, since=None):
    """Return those of these responses that this person has met with their scores; with `since`, after that moment."""
    query = seen_by(person).where(SeenWork.response_id.in_(list(response_ids)))
    return set(db.session.scalars(query if since is None else query.where(SeenWork.seen_at > since)))


def note_shown(person, response_ids):
    """Remember that this person looks at these responses together with their scores. Mostly that is known already."""
    if new := set(response_ids) - knew(person, response_ids):
        note_seen([person], new)
