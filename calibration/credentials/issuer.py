"""Who this installation is to the outside: its address, its name as an issuer, and what it publishes about its keys.

Addresses come from the setting PUBLIC_URL and never from a request, which could name any host.
"""

from urllib.parse import quote, urlsplit

import sqlalchemy as sa
from flask import current_app
from openbadgeslib.ob3.did import build_did_document

from calibration.credentials import keys
from scoring.db import db
from scoring.errors import Conflict
from scoring.people.models import Organization
from scoring.web import public_url

CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]


def require_address():
    """Refuse to sign with an address that leads nowhere."""
    if current_app.config["PRODUCTION"] and not (current_app.config["PUBLIC_URL"] or "").startswith(
        "https://"
    ):
        raise Conflict(
            "Credentials carry the address of this installation, and it is not set. Ask whoever runs it to set PUBLIC_URL."
        )


def issuer_id():
    """The name of this installation as an issuer: a did:web that leads to /credentials/did.json."""
    return id_of(public_url())


def id_of(url):
    """Return the did:web of the issuer at an address.

    >>> id_of("https://scores.example.org"), id_of("http://127.0.0.1:8000/rf")
    ('did:web:scores.example.org:credentials', 'did:web:127.0.0.1%3A8000:rf:credentials')
    """
    parts = urlsplit(url)
    path = [quote(part, safe="") for part in parts.path.split("/") if part]
    host = parts.hostname + (f":{parts.port}" if parts.port else "")
    return ":".join(["did:web", quote(host, safe=""), *path, "credentials"])


def status_address(number):
    """Where the list number so-and-so of revoked credentials is published."""
    return f"{public_url()}/credentials/status/{number}"


def key_name(thumbprint):
    """How a token names the key that signed it."""
    return f"{issuer_id()}#{thumbprint}"


def name():
    """The name of the network whose installation this is; of several, the address."""
    roots = db.session.scalars(
        sa.select(Organization.name)
        .where(Organization.parent_id.is_(None))
        .order_by(Organization.id)
        .limit(2)
    ).all()
    return roots[0] if len(roots) == 1 else urlsplit(public_url()).netloc


def profile():
    """The issuer's profile, as Open Badges 3.0 has it."""
    return {"@context": CONTEXT, "id": issuer_id(), "type": ["Profile"], "name": name(), "url": public_url()}


def did_document():
    """The issuer's name with all public keys that still count, the newest first; None before the first key is made."""
    known = list(keys.trusted().items())
    return build_did_document(issuer_id(), known) if known else None


def key_set():
    """The same keys as a JSON Web Key Set."""
    return {
        "keys": [
            jwk | {"kid": thumbprint, "use": "sig", "alg": "EdDSA"}
            for thumbprint, jwk in keys.trusted().items()
        ]
    }
