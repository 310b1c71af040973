"""Signed tokens: compact JSON Web Tokens with Ed25519, read strictly.

Every byte counts: a token whose text could be written in another way is refused, and so is every algorithm but the one.
Which key checks a token is looked up among the keys that are known beforehand; a key that a token brings along is
never used.
"""

import base64
import hashlib
import json
import re

import jwt
from jwt.algorithms import OKPAlgorithm

ALGORITHM = "EdDSA"
LONGEST = 64 * 1024
PART = re.compile(r"[A-Za-z0-9_-]+")
HEADER = {"alg", "typ", "kid", "jwk"}
DEEPEST = 40


class NotAToken(ValueError):
    """This is no signed token that we could read."""


class UnknownKey(ValueError):
    """The token names no key that is known here."""


class BadSignature(ValueError):
    """The token does not bear the signature of the key it names."""


def public_jwk(key):
    """The public half of a key as a JSON Web Key."""
    return json.loads(OKPAlgorithm.to_jwk(key))


def thumbprint(jwk):
    """The fingerprint by which keys are named (RFC 7638).

    >>> thumbprint({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'
    """
    facts = json.dumps(
        {name: jwk[name] for name in ("crv", "kty", "x")}, separators=(",", ":"), sort_keys=True
    )
    return base64.urlsafe_b64encode(hashlib.sha256(facts.encode()).digest()).decode().rstrip("=")


def sign(payload, private, key_name):
    """Sign plain values. The header names the key, and brings its public half for programs that can not look it up."""
    jwk = public_jwk(private.public_key())
    return jwt.encode(payload, private, algorithm=ALGORITHM, headers={"kid": key_name, "jwk": jwk})


def read(token, keys):
    """Return the values a token was signed with, by one of `keys` (public keys by thumbprint), and that thumbprint."""
    header, payload = _parts(token)
    known = keys.get(_named_key(header))
    if known is None:
        raise UnknownKey("no key of that name is known here")
    try:
        # Times are judged by the caller, whose clock is the database's.
        jwt.decode(token, OKPAlgorithm.from_jwk(json.dumps(known)), algorithms=[ALGORITHM],
                   options={"verify_signature": True, "verify_exp": False, "verify_nbf": False, "verify_iat": False,
                            "verify_aud": False, "verify_iss": False, "verify_sub": False, "verify_jti": False})  # fmt: skip
    except jwt.exceptions.PyJWTError as error:
        raise BadSignature(str(error)) from error
    return payload, thumbprint(known)


def _parts(token):
    if len(token) > LONGEST:
        raise NotAToken("too long")
    parts = token.split(".")
    if len(parts) != 3:
        raise NotAToken("a token has three parts")
    header, payload, _ = [_decoded(part) for part in parts]
    header, payload = _json(header), _json(payload)
    if header.get("alg") != ALGORITHM or not set(header) <= HEADER:
        raise BadSignature("another algorithm, or something in the header that does not belong there")
    return header, payload


def _decoded(part):
    """Decode one part, and refuse every other way to write the same bytes."""
    if not PART.fullmatch(part):
        raise NotAToken("letters that do not belong there")
    try:
        found = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise NotAToken("not base64url") from error
    if base64.urlsafe_b64encode(found).decode().rstrip("=") != part:
        raise NotAToken("written in another way than it was signed")
    return found


def _json(data):
    try:
        found = json.loads(data.decode(), object_pairs_hook=_each_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise NotAToken("not JSON") from error
    if not isinstance(found, dict) or _depth(found) > DEEPEST:
        raise NotAToken("no JSON object that could be a credential")
    return found


def _each_once(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(name):
    raise ValueError(f"{name} is no JSON")


def _depth(value):
    depth, level = 0, [value]
    while level:
        depth += 1
        children = [each for node in level if isinstance(node, (dict, list))
                    for each in (node.values() if isinstance(node, dict) else node)]  # fmt: skip
        level = children if depth <= DEEPEST else []
    return depth


def _named_key(header):
    """The thumbprint by which a header names its key: after the # of `kid`."""
    name = header.get("kid")
    return name.rpartition("#")[2] if isinstance(name, str) else None
