"""A clock for the whole process, so that a server in its threads sees the same time as the test."""

from contextvars import ContextVar
from datetime import timedelta

import pytest

from scoring import db as database


class Clock:
    """The real time, moved by `shift`; what a block does at another moment stays as it is."""

    def __init__(self):
        self.shift = timedelta(0)
        self.own = ContextVar("own", default=None)

    def get(self):
        return self.own.get() or (database.datetime.now(database.UTC) + self.shift)

    def set(self, moment):
        return self.own.set(moment)

    def reset(self, token):
        self.own.reset(token)


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves: `clock.shift = timedelta(days=1)`."""
    made = Clock()
    monkeypatch.setattr(database, "_clock", made)
    return made
