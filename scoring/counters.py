"""Counts tries for the rate limits: in a small file for all processes of one computer, or in the memory of one process.

The memory store of the `limits` library starts a thread for each request, and two that start one at once fail.
"""

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from limits.storage import Storage

TABLE = (
    "CREATE TABLE IF NOT EXISTS tries (key TEXT PRIMARY KEY, count INTEGER NOT NULL, expires REAL NOT NULL)"
)
COUNT = """
    INSERT INTO tries (key, count, expires) VALUES (:key, :amount, :until)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN expires <= :now THEN :amount ELSE count + :amount END,
        expires = CASE WHEN expires <= :now THEN :until ELSE expires END
    RETURNING count"""


class FileCounters(Storage):
    """A store of limits at `counters:///path/to/file`. Losing it loses nothing but the present minute's counts."""

    STORAGE_SCHEME = ["counters"]
    base_exceptions = sqlite3.Error

    def __init__(self, uri, wrap_exceptions=False, **_options):
        super().__init__(uri, wrap_exceptions)
        self.path = Path(uri.partition("://")[2])

    @staticmethod
    def address(path):
        """Return the address of a store in this file, as settings name it."""
        return f"counters://{path}"

    def incr(self, key, expiry, amount=1):
        moment = time.time()
        values = {"key": key, "amount": amount, "now": moment, "until": moment + expiry}
        return self._ask(COUNT, values)[0][0]

    def get(self, key):
        rows = self._ask("SELECT count FROM tries WHERE key = ? AND expires > ?", (key, time.time()))
        return rows[0][0] if rows else 0

    def get_expiry(self, key):
        rows = self._ask("SELECT expires FROM tries WHERE key = ?", (key,))
        return rows[0][0] if rows else time.time()

    def check(self):
        return self._ask("SELECT 1", ()) == [(1,)]

    def reset(self):
        return len(self._ask("DELETE FROM tries RETURNING key", ()))

    def clear(self, key):
        self._ask("DELETE FROM tries WHERE key = ? OR expires <= ?", (key, time.time()))

    def _ask(self, statement, values):
        with closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(TABLE)
            return connection.execute(statement, values).fetchall()


class ProcessCounters(Storage):
    """A store of limits at `process://`: quick, and each process counts for itself."""

    STORAGE_SCHEME = ["process"]
    base_exceptions = ()
    MOST = 100_000  # keys before those that ran out are thrown away

    def __init__(self, uri=None, wrap_exceptions=False, **_options):
        super().__init__(uri, wrap_exceptions)
        self.lock, self.tries = threading.Lock(), {}

    def incr(self, key, expiry, amount=1):
        with self.lock:
            moment = time.time()
            count, until = self.tries.get(key, (0, 0))
            if until <= moment:
                count, until = 0, moment + expiry
                self._forget(moment)
            self.tries[key] = count + amount, until
            return count + amount

    def get(self, key):
        count, until = self.tries.get(key, (0, 0))
        return count if until > time.time() else 0

    def get_expiry(self, key):
        return self.tries.get(key, (0, time.time()))[1]

    def check(self):
        return True

    def reset(self):
        with self.lock:
            self.tries, gone = {}, len(self.tries)
        return gone

    def clear(self, key):
        with self.lock:
            self.tries.pop(key, None)

    def _forget(self, moment):
        if len(self.tries) > self.MOST:
            self.tries = {key: (count, until) for key, (count, until) in self.tries.items() if until > moment}
