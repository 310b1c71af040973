"""What every test may use: the app on both databases, clients that check pages, a browser, and the cast.

A test that asks for `app`, or for anybody of the cast, runs twice: on SQLite and on PostgreSQL. Each test starts
from the same few rows (the cast, see cast.py), and after each that wrote something the invariants are checked.
"""

import os
import shutil
import signal
import tempfile
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as wsgi.py does

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck
from hypothesis import settings as examples

from scoring import check, create_app
from scoring.api import calls
from scoring.db import db, upgrade
from scoring.people.models import Organization, Person
from scoring.reads.desk import _waiting_counts as desk_counts
from scoring.web import limiter
from tests import cast
from tests.browser import browser, desk, live_server, page  # noqa: F401  (fixtures)
from tests.clock import clock  # noqa: F401  (a fixture)
from tests.databases import PostgreSQL, PostgresSnapshot, SqliteSnapshot
from tests.pages import CheckingClient

ENGINES = ["sqlite", "postgresql"]
# How long an example takes says something about the machine at that moment, not about the code.
examples.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("any machine")
READING = ("SELECT", "PRAGMA", "BEGIN", "SHOW", "SET", "EXPLAIN")


def pytest_configure(config):
    """An ended run still stops its servers."""
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("Stopped.", returncode=143))


def pytest_generate_tests(metafunc):
    """Database tests run on both engines; `@pytest.mark.engines("sqlite")` and browser tests on one."""
    if "sandbox" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("engines")
        engines = marker.args if marker else ["sqlite"] if "live_server" in metafunc.fixturenames else ENGINES
        metafunc.parametrize("sandbox", engines, indirect=True)


class Sandbox:
    """One app on one database, its files in a folder of its own; `restore` puts both back as they were."""

    def __init__(self, folder, database_url):
        self.instance = folder / "instance"
        self.app = create_app(settings(self.instance, database_url))
        self.app.test_client_class = CheckingClient
        self.was_written = False
        with self.app.app_context():
            upgrade()
            self.ids = cast.assemble()
            self.engine = db.engine
            kind = PostgresSnapshot if self.engine.dialect.name == "postgresql" else SqliteSnapshot
            self.snapshot = kind(self.engine)
        sa.event.listen(self.engine, "before_cursor_execute", self._watch)

    def restore(self):
        """Forget what a test did, if it did anything."""
        if self.was_written:
            self.snapshot.restore()
            self.was_written = False
        for name in ("storage", "audit"):
            for entry in (self.instance / name).glob("*"):
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        desk_counts.clear()
        limiter.reset()
        calls.storage.reset()

    def close(self):
        self.snapshot.close()
        self.engine.dispose()

    def _watch(self, _connection, _cursor, statement, _parameters, _context, _many):
        self.was_written = self.was_written or not statement.lstrip().upper().startswith(READING)


def settings(instance, database_url, **others):
    """Return settings for an app under test: as in production, but quick with passwords and jobs done at once."""
    return {
        "TESTING": True,
        "PROPAGATE_EXCEPTIONS": False,  # errors answer as they would in production
        "INSTANCE_PATH": str(instance),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "tests only: 4b1f0c7a9d2e4f6081a3c5e7",
        "JOBS_IMMEDIATELY": True,
        "PASSWORD_MEMORY": 8,
        "PASSWORD_ROUNDS": 1,
        **others,
    }


@pytest.fixture(scope="session")
def scratch():
    """A folder for everything the tests write: in memory where there is room, so that no test waits for a disk."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1 << 30
    folder = Path(tempfile.mkdtemp(prefix="rangefinder-tests-", dir=memory if roomy else None))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of our own, started when `postgres.url("name")` first asks for an empty database."""
    server = PostgreSQL()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sandboxes(scratch, postgres):
    """The sandboxes by engine, each made when it is first asked for."""
    made = {}
    yield made
    for sandbox in made.values():
        sandbox.close()


@pytest.fixture
def sandbox(request, scratch, postgres, sandboxes):
    """The app and its database on one engine, as new."""
    engine = request.param
    if engine not in sandboxes:
        folder = Path(tempfile.mkdtemp(prefix=f"{engine}_", dir=scratch))
        sqlite = f"sqlite:///{folder / 'scoring.sqlite'}"
        sandboxes[engine] = Sandbox(folder, postgres.url(folder.name) if engine == "postgresql" else sqlite)
    yield sandboxes[engine]
    sandboxes[engine].restore()


@pytest.fixture
def app(sandbox, request):
    """The app, with its context open for services and queries; afterwards the invariants must hold.

    A test that breaks the data on purpose says so: `@pytest.mark.breaks_invariants`.
    """
    with sandbox.app.app_context():
        yield sandbox.app
        db.session.rollback()
        if sandbox.was_written and not request.node.get_closest_marker("breaks_invariants"):
            assert check.problems() == []
        db.session.remove()


@pytest.fixture(params=ENGINES)
def empty(request, tmp_path, postgres):
    """An app whose database has no tables yet."""
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    if request.param == "postgresql":
        url = postgres.url(f"empty_{tmp_path.parent.name}_{tmp_path.name}"[-60:].lower().replace("-", "_"))
    app = create_app(settings(tmp_path / "instance", url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app):
    """Somebody who has not signed in."""
    return app.test_client()


@pytest.fixture
def sign_in(app):
    """Return a client in which a person is signed in: `sign_in(ana).get("/")`."""
    return lambda person: app.test_client().sign_in(person)


def _one_of_the_cast(name, model, kind):
    def member(app, sandbox):
        return db.session.get(model, getattr(sandbox.ids, kind)[name])

    member.__doc__ = f"{name} of the cast (see cast.py)."
    return pytest.fixture(member, name=name)


for _name in cast.ORGANIZATIONS:
    globals()[_name] = _one_of_the_cast(_name, Organization, "organizations")
for _name in cast.PEOPLE:
    globals()[_name] = _one_of_the_cast(_name, Person, "people")
