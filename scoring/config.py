"""Every setting and its default. `docs/operating.md` explains each; production may not start on weak ones."""

import os
import secrets
from datetime import timedelta
from pathlib import Path

from scoring.counters import FileCounters
from scoring.db import sqlite3
from scoring.errors import Misconfigured

WEAK_KEYS = {"dev", "secret", "changeme", "change-me", "password", "rangefinder"}
SHORTEST_KEY = 32

PRODUCTION = False
SECRET_KEY = None
DATABASE_URL = None
STORAGE_URL = None
QUEUE_URL = None
JOBS_IMMEDIATELY = False
RATE_LIMIT_STORAGE = None
SIGN_IN_LIMIT = "10 per minute; 60 per hour"
API_LIMIT = "1200 per minute"
TRUSTED_PROXIES = 0
PUBLIC_URL = None
CREDENTIALS_KEY = None
PASSWORD_LENGTH = 15
PASSWORD_MEMORY = 19 * 1024
PASSWORD_ROUNDS = 2
UPLOAD_LIMIT = 200 * 1024 * 1024
SMALLEST_CELL = 10
MAIL_URL = "console:"
MAIL_FROM = "Rangefinder <rangefinder@localhost>"

MAX_CONTENT_LENGTH = UPLOAD_LIMIT
MAX_FORM_MEMORY_SIZE = 4 * 1024 * 1024
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
PERMANENT_SESSION_LIFETIME = timedelta(hours=12)
WTF_CSRF_TIME_LIMIT = None
WTF_CSRF_SSL_STRICT = False


def settle(app):
    """Fill in what depends on where the app runs; refuse to start in production on a weak secret key."""
    config = app.config
    Path(app.instance_path).mkdir(parents=True, exist_ok=True)
    config["DATABASE_URL"] = config["DATABASE_URL"] or os.environ.get("DATABASE_URL") or default_database(app)
    config["SQLALCHEMY_DATABASE_URI"] = with_driver(config["DATABASE_URL"])
    # The connection used last comes first: it still knows the statements it prepared and the pages it read.
    config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_use_lifo": True, "pool_size": 8}
    if config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite:"):
        config["SQLALCHEMY_ENGINE_OPTIONS"] |= {"module": sqlite3}
    tries = FileCounters.address(Path(app.instance_path) / "tries.sqlite")
    config["RATELIMIT_STORAGE_URI"] = config["RATE_LIMIT_STORAGE"] or tries
    config["SECRET_KEY"] = config["SECRET_KEY"] or os.environ.get("SECRET_KEY") or None
    if config["PRODUCTION"]:
        refuse_weak_key(config["SECRET_KEY"])
        config["SESSION_COOKIE_SECURE"] = True
        config["SESSION_COOKIE_NAME"] = "__Host-session"
    elif not config["SECRET_KEY"]:
        config["SECRET_KEY"] = own_key(Path(app.instance_path) / "secret_key")


def default_database(app):
    """Without DATABASE_URL everything lives in one SQLite file in the instance folder."""
    return f"sqlite:///{Path(app.instance_path) / 'scoring.sqlite'}"


def with_driver(url):
    """Name the PostgreSQL driver we ship, whichever way the address was written."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} and separator else url


def own_key(path):
    """Read this installation's secret key, or make one that only its owner may read."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()


def refuse_weak_key(key):
    """Stop a production start whose secret key is missing, short, or one that everybody knows."""
    if not key:
        raise Misconfigured(
            "SECRET_KEY is missing. Set it to 32 or more random characters, then start again."
        )
    if len(key) < SHORTEST_KEY or len(set(key)) < 8 or key.lower() in WEAK_KEYS:
        raise Misconfigured(
            "SECRET_KEY is too weak. Set it to 32 or more random characters, then start again."
        )
