"""Student work and exports, in a local folder or an object store, under keys that tell nothing."""

import hashlib
import hmac
import secrets
from pathlib import Path

import obstore
from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, from_url

from scoring.errors import NotFound

LINK_LIFE = 12 * 3600


def init_app(app):
    """Open the store: a folder beside the database unless STORAGE_URL names another."""
    if app.config["STORAGE_URL"]:
        store = from_url(app.config["STORAGE_URL"])
    else:
        folder = Path(app.instance_path) / "storage"
        folder.mkdir(parents=True, exist_ok=True)
        store = LocalStore(str(folder))
    app.extensions["storage"] = store


def put(data, *, area):
    """Store bytes under a new opaque key in an area ("originals", "pages", "exports", "materials"); return the key."""
    key = f"{area}/{secrets.token_hex(16)}"
    obstore.put(_store(), key, data)
    return key


def settled_key(area, *parts):
    """A key that tells nothing, yet is the same whenever the same file is written again."""
    secret = current_app.config["SECRET_KEY"].encode()
    name = "/".join(map(str, (area, *parts))).encode()
    return f"{area}/{hmac.new(secret, name, hashlib.sha256).hexdigest()[:32]}"


def put_at(key, data):
    """Store bytes under a key from `settled_key`, so that doing it twice leaves one file."""
    obstore.put(_store(), key, data)


def get(key):
    """Return the bytes under a key."""
    try:
        return bytes(obstore.get(_store(), key).bytes())
    except (NotFoundError, FileNotFoundError) as error:
        raise NotFound(
            "This file is not in the store any more. Ask your administrator to run a check."
        ) from error


def remove(keys):
    """Delete files; those already gone do not matter."""
    for key in keys:
        try:
            obstore.delete(_store(), key)
        except (NotFoundError, FileNotFoundError):
            continue


def listing():
    """Return every key in the store and when its file was written."""
    return {item["path"]: item["last_modified"] for batch in obstore.list(_store()) for item in batch}


def sha256(data):
    """Return the fingerprint by which a file is known to be unchanged."""
    return hashlib.sha256(data).hexdigest()


def link_token(key, media_type, person, *, name=None):
    """Return a token that lets one person fetch one file for some hours; `name` makes it a download."""
    return _signer().dumps([key, media_type, person.id, name])


def read_link(token, person):
    """Return (key, media type, download name) of a link that was made for this person."""
    try:
        key, media_type, person_id, name = _signer().loads(token, max_age=LINK_LIFE)
    except BadSignature as error:
        raise NotFound("This link has expired. Reload the page you came from.") from error
    if person_id != person.id:
        raise NotFound("This link was made for somebody else.")
    return key, media_type, name


def _store():
    return current_app.extensions["storage"]


def _signer():
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="file-link")
