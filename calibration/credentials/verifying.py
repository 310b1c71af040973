"""Checking a badge that somebody hands over: genuine or not, and why not, without asking any other host.

Here it is checked against this installation's keys and its own rows. Elsewhere, `elsewhere` checks it against what another
installation publishes (did.json and a status list), saved as files beforehand.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from openbadgeslib.ob3.credential import OpenBadgeCredential
from openbadgeslib.ob3.status import decode_encoded_list

from calibration.credentials import content, issuer, keys, signatures
from calibration.credentials.models import Credential
from scoring.db import db, now

LEEWAY = timedelta(minutes=5)
LARGEST = 4 * signatures.LONGEST


class State(StrEnum):
    """What a check may find."""

    VALID = "valid"
    UNCHECKED = "unchecked"  # all is well, but nobody could say whether it was revoked
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    TAMPERED = "tampered"
    UNKNOWN_KEY = "unknown_key"
    WRONG_ISSUER = "wrong_issuer"
    NOT_GIVEN = "not_given"
    NO_BADGE = "no_badge"


WORDS = {
    State.VALID: ("This badge is genuine", "It bears the signature of its issuer, nothing in it was changed, and it is in force."),
    State.UNCHECKED: ("The signature is genuine", "Nothing was changed. Whether the badge was revoked since is not known: that takes the list of revoked badges."),
    State.REVOKED: ("This badge was revoked", "It was given once, and was taken back. It does not count any more."),
    State.EXPIRED: ("This badge has expired", "It is genuine, and its time is over. Ask its holder for a newer one."),
    State.NOT_YET: ("This badge is not in force yet", "Its time begins later. Check the date of this computer."),
    State.TAMPERED: ("This badge was changed", "It does not bear the signature that it should. Do not rely on it. Ask its holder for the file as it was downloaded."),
    State.UNKNOWN_KEY: ("We do not know who signed this", "It was not signed with a key that counts here. It may come from another installation: check it there."),
    State.WRONG_ISSUER: ("This badge names another issuer", "It says that it comes from somewhere else than its signature does. Do not rely on it."),
    State.NOT_GIVEN: ("We did not give this badge", "It is signed, and it is not on our list. Do not rely on it, and tell whoever runs this installation."),
    State.NO_BADGE: ("This is not a badge that we can read", "Paste the whole text of the badge file, or choose the file. It begins with the letters ey and has two dots in it."),
}  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What a check found. `payload` holds what a badge says only where its signature is genuine."""

    state: State
    payload: dict | None = None

    @property
    def title(self):
        return WORDS[self.state][0]

    @property
    def advice(self):
        return WORDS[self.state][1]

    @property
    def is_good(self):
        return self.state is State.VALID

    @property
    def said(self):
        """What the badge says, as (term, words)."""
        return _said(self.payload) if self.payload else []


def text_of(data):
    """Read an uploaded file as text; None when it is too large or no plain text."""
    if len(data) > LARGEST:
        return None
    try:
        return data.decode("ascii").strip()
    except UnicodeDecodeError:
        return None


def check(text):
    """Check a badge that this installation should have given."""
    verdict = _genuine(text, keys.trusted())
    if verdict.payload is None:
        return verdict
    payload = verdict.payload
    given = db.session.scalar(sa.select(Credential).where(Credential.identifier == payload["id"]))
    if given is None or given.badge != text.strip():
        return Verdict(State.NOT_GIVEN if payload["iss"] == issuer.issuer_id() else State.WRONG_ISSUER)
    if given.revoked_at is not None:
        return Verdict(State.REVOKED, payload)
    return _in_time(payload)


def elsewhere(text, did_document, status_token=None):
    """Check a badge of another installation against its did.json, and its list of revoked badges where there is one."""
    known, whose = _published(did_document)
    verdict = _genuine(text, known)
    if verdict.payload is None:
        return verdict
    payload = verdict.payload
    if payload["iss"] != whose:
        return Verdict(State.WRONG_ISSUER)
    revoked = None if status_token is None else _is_revoked(payload, status_token, known, whose)
    if revoked:
        return Verdict(State.REVOKED, payload)
    found = _in_time(payload)
    return Verdict(State.UNCHECKED, payload) if found.is_good and revoked is None else found


def _genuine(text, known):
    """Check signature and shape; a verdict without payload is a refusal."""
    try:
        payload, _ = signatures.read(text.strip(), known)
    except signatures.NotAToken:
        return Verdict(State.NO_BADGE)
    except signatures.UnknownKey:
        return Verdict(State.UNKNOWN_KEY)
    except signatures.BadSignature:
        return Verdict(State.TAMPERED)
    return Verdict(State.VALID, payload) if _is_badge(payload) else Verdict(State.NO_BADGE)


def _is_badge(payload):
    """Whether the signed values are a badge: its parts are there, and its two ways of saying the same agree."""
    try:
        found = OpenBadgeCredential.from_jwt_payload(payload)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
        return False
    types = payload.get("type")
    return (
        isinstance(types, list)
        and {"VerifiableCredential", "OpenBadgeCredential"}
        <= {each for each in types if isinstance(each, str)}
        and isinstance(payload.get("validFrom"), str)
        and payload.get("iss") == found.issuer.id
        and payload.get("jti") == found.id
        and payload.get("nbf") == int(found.issuance_date.timestamp())
        and (payload.get("exp") is None) == (found.expiration_date is None)
        and isinstance(payload["credentialSubject"], dict)
    )


def _in_time(payload):
    found = OpenBadgeCredential.from_jwt_payload(payload)
    if found.issuance_date > now() + LEEWAY:
        return Verdict(State.NOT_YET, payload)
    if found.expiration_date is not None and found.expiration_date <= now():
        return Verdict(State.EXPIRED, payload)
    return Verdict(State.VALID, payload)


def _published(did_document):
    """Return the public keys by thumbprint, and the issuer, of a did.json."""
    if not isinstance(did_document, dict) or not isinstance(did_document.get("id"), str):
        raise ValueError("This is not the did.json of an issuer.")
    found = {}
    for method in did_document.get("verificationMethod") or []:
        jwk = method.get("publicKeyJwk") if isinstance(method, dict) else None
        if (
            isinstance(jwk, dict)
            and (jwk.get("kty"), jwk.get("crv")) == ("OKP", "Ed25519")
            and isinstance(jwk.get("x"), str)
        ):
            jwk = {name: jwk[name] for name in ("kty", "crv", "x")}
            found[signatures.thumbprint(jwk)] = jwk
    return found, did_document["id"]


def _is_revoked(payload, status_token, known, whose):
    """Look a badge up in a signed list of revoked ones; None when this list says nothing about it."""
    try:
        listed, _ = signatures.read(status_token.strip(), known)
        entry, subject = payload["credentialStatus"], listed["credentialSubject"]
        fits = listed["iss"] == whose and entry["statusListCredential"] == listed["id"]
        is_fresh = datetime.fromisoformat(listed["validUntil"]) > now()
        bits = decode_encoded_list(subject["encodedList"])
        byte, bit = divmod(int(entry["statusListIndex"]), 8)
    except (KeyError, ValueError, TypeError) as error:
        raise ValueError("This is not a list of revoked badges of that issuer.") from error
    return bool(bits[byte] & 0x80 >> bit) if fits and is_fresh else None


def _said(payload):
    subject = payload["credentialSubject"]
    given = subject["achievement"]
    found = OpenBadgeCredential.from_jwt_payload(payload)
    rows = [("Badge", given["name"]), ("Issuer", found.issuer.name)]
    rows.append(("Given on", content.day_in_words(found.issuance_date)))
    if found.expiration_date is not None:
        rows.append(("Good until", content.day_in_words(found.expiration_date)))
    names = {each.id: each.name for each in found.achievement.result_descriptions}
    rows += [
        (names[each.result_description], each.value)
        for each in found.results
        if each.result_description in names
    ]
    rows.append(("Asked for", found.achievement.criteria_narrative))
    return [(term, words) for term, words in rows if words]
