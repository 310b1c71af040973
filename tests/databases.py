"""The two databases under test: a SQLite file, and a PostgreSQL server of our own; how each is put back.

The server lives in a temporary folder, listens on a socket in that folder only, and dies with the tests: also
when they are interrupted or killed. It does not wait for the disk, unless it is to be measured.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from scoring.db import sqlite3

SETTINGS = {"listen_addresses": "", "max_connections": 250, "shared_buffers": "64MB"}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
PR_SET_PDEATHSIG = 1  # Linux: "send me this signal when my parent dies"


class PostgreSQL:
    """A throwaway PostgreSQL server; `url(name)` makes an empty database in it, and starts it if need be.

    With `safe` every commit waits for the disk, as it does in production.
    """

    def __init__(self, *, safe=False):
        self.settings = SETTINGS if safe else SETTINGS | CARELESS
        self.process = self.folder = None

    def start(self):
        self.binaries = find_binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="rf-pg-", dir="/tmp"))  # a socket's path must be short
        self.owner = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.owner = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        data = self.folder / "data"
        self._run(
            "initdb", "--pgdata", data, "--username=tests", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"
        )  # fmt: skip
        settings = [f"--{name}={value}" for name, value in self.settings.items()]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", data, f"--unix_socket_directories={self.folder}", *settings],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=_die_with_parent, **self.owner,
            )  # fmt: skip
        deadline = time.monotonic() + 30
        while self._run("pg_isready", "-q", "-h", self.folder, check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start:\n" + (self.folder / "log").read_text())
            time.sleep(0.05)
        return self

    def url(self, name):
        """Make the empty database `name` and return its address."""
        if self.process is None:
            self.start()
        self._run("createdb", "-h", self.folder, "-U", "tests", name)
        return f"postgresql+psycopg://tests@/{name}?host={self.folder}"

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth saving
            self.process.wait(timeout=20)
            self.process = None
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *arguments, check=True):
        done = subprocess.run(
            [self.binaries / program, *arguments],
            cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, **self.owner,
        )  # fmt: skip
        if check and done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")
        return done


def find_binaries():
    """The folder with initdb: Debian keeps it out of PATH, others in it. The newest version wins."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(debian, key=lambda path: float(path.parent.parent.name), default=None)
    if newest is not None:
        return newest.parent
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise RuntimeError("No PostgreSQL found. On Debian: apt-get install --no-install-recommends postgresql")


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class SqliteSnapshot:
    """A SQLite file as it was once; `restore` puts it back while others may have it open."""

    def __init__(self, engine):
        self.path = engine.url.database
        self.saved = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self.path)) as now:
            now.backup(self.saved)

    def restore(self):
        with closing(sqlite3.connect(self.path, timeout=30)) as now:
            self.saved.backup(now)

    def close(self):
        self.saved.close()


class PostgresSnapshot:
    """The rows of a PostgreSQL database as they were once; `restore` puts them back in one round trip.

    Emptying tables with DELETE takes 2 ms where TRUNCATE takes 40 and a new database 30.
    """

    def __init__(self, engine):
        self.engine = engine
        with engine.begin() as connection:
            tables = connection.scalars(
                sa.text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
            ).all()
            connection.execute(sa.text("CREATE SCHEMA saved"))
            steps = [
                "SET LOCAL session_replication_role = 'replica'"
            ]  # neither foreign keys nor triggers now
            for table in tables:
                steps.append(f"DELETE FROM public.{table}")
                if connection.scalar(sa.text(f"SELECT EXISTS (SELECT FROM public.{table})")):
                    connection.execute(sa.text(f"CREATE TABLE saved.{table} AS TABLE public.{table}"))
                    steps.append(f"INSERT INTO public.{table} SELECT * FROM saved.{table}")
            query = "SELECT quote_ident(sequencename), coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences"
            for name, value, is_called in connection.execute(sa.text(query)):
                steps.append(f"PERFORM setval('public.{name}', {value}, {is_called})")
            self.script = "DO $$ BEGIN " + "; ".join(steps) + "; END $$"

    def restore(self):
        with self.engine.begin() as connection:
            connection.execute(sa.text("SET LOCAL lock_timeout = '10s'"))
            connection.exec_driver_sql(self.script)

    def close(self):
        self.engine.dispose()
