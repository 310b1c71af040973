"""The key with which this installation signs credentials, and the public halves of all keys it ever signed with.

The private key lies in one file of the instance folder, made when it is first needed; only its owner may read it. The
public halves are rows, so that old credentials can be checked after the key was changed, on every host, and from a backup.
"""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app

from calibration.credentials import signatures
from calibration.credentials.models import SigningKey
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict


@dataclass(frozen=True)
class Present:
    """The key that signs now, and its row."""

    private: Ed25519PrivateKey
    row: SigningKey


def key_file():
    """Where the private key lies."""
    chosen = current_app.config["CREDENTIALS_KEY"]
    return Path(chosen) if chosen else Path(current_app.instance_path) / "credentials_key.pem"


def present():
    """Return the key that signs now. Makes it when there is none yet; call it inside a transaction."""
    path = key_file()
    if not path.exists():
        _write_new(path)
    private = _read(path)
    jwk = signatures.public_jwk(private.public_key())
    thumbprint = signatures.thumbprint(jwk)
    with transaction() as session:
        row = session.scalar(sa.select(SigningKey).where(SigningKey.thumbprint == thumbprint))
        if row is None:
            row = SigningKey(thumbprint=thumbprint, public_jwk=jwk)
            session.add(row)
            session.flush()
            audit.record("signing_key.made", row, after={"thumbprint": thumbprint})
        if row.retired_at is not None:
            raise Conflict(
                f"The key in {path.name} was retired. Make a new one: flask --app wsgi credentials rotate-key"
            )
    return Present(private, row)


def at_hand():
    """The key that signs now, for whoever only looks: None when none has been made yet, or its row is missing."""
    path = key_file()
    if not path.exists():
        return None
    private = _read(path)
    name = signatures.thumbprint(signatures.public_jwk(private.public_key()))
    row = db.session.scalar(sa.select(SigningKey).where(SigningKey.thumbprint == name))
    return Present(private, row) if row is not None else None


def rotate():
    """Make a new key and sign with it from now on. What the old one signed stays good."""
    with transaction():
        before = present()
        _replace(key_file())
        before.row.retired_at = now()
        audit.record("signing_key.retired", before.row)
        return present().row


def distrust(row):
    """Let nothing count any more that a retired key signed: it may be in wrong hands."""
    with transaction() as session:
        session.refresh(row, with_for_update=True)
        if row.retired_at is None:
            raise Conflict("This key still signs. Change it first: flask --app wsgi credentials rotate-key")
        if row.distrusted_at is None:
            row.distrusted_at = now()
            audit.record("signing_key.distrusted", row)
    return row


def all_keys():
    """Every key there ever was, the newest first."""
    return db.session.scalars(sa.select(SigningKey).order_by(SigningKey.id.desc())).all()


def trusted():
    """Public keys by thumbprint with which a credential of this installation may be signed, the newest first."""
    return {row.thumbprint: row.public_jwk for row in all_keys() if row.distrusted_at is None}


def _read(path):
    return serialization.load_pem_private_key(path.read_bytes(), password=None)


def _new_file(path):
    """Write a new key beside the place it is meant for, readable by its owner only."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return made


def _write_new(path):
    """Put a key in place, whole, unless somebody else was faster: then theirs stands."""
    made = _new_file(path)
    try:
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        made.unlink()


def _replace(path):
    os.replace(_new_file(path), path)
