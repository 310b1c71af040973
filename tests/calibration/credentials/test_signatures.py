"""Signed tokens: every byte counts, one algorithm, and no key but those that are known beforehand."""

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.credentials import signatures

KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
JWK = signatures.public_jwk(KEY.public_key())
NAME = signatures.thumbprint(JWK)
KNOWN = {NAME: JWK}
PAYLOAD = {"iss": "did:web:example.org", "words": "Zoë scored 71 of 100", "list": [1, 2.5, None, True]}
TOKEN = signatures.sign(PAYLOAD, KEY, f"did:web:example.org#{NAME}")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
REFUSALS = (signatures.NotAToken, signatures.UnknownKey, signatures.BadSignature)


def part(values):
    data = values if isinstance(values, bytes) else json.dumps(values).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def forged(header, payload=PAYLOAD, signature=b"x" * 64):
    return ".".join([part(header), part(payload), part(signature)])


def test_a_token_gives_back_what_was_signed():
    assert signatures.read(TOKEN, KNOWN) == (PAYLOAD, NAME)


def test_any_other_letter_anywhere_is_refused():
    accepted = []
    for place, letter in enumerate(TOKEN):
        for step in (1, 2, 4, 8, 16, 32):
            other = ALPHABET[(ALPHABET.find(letter) ^ step) % 64] if letter != "." else "A"
            try:
                signatures.read(TOKEN[:place] + other + TOKEN[place + 1 :], KNOWN)
            except REFUSALS:
                continue
            accepted.append((place, other))
    assert accepted == []


@given(st.integers(0, len(TOKEN) * 8 - 1))
@settings(max_examples=200, deadline=None)
def test_any_flipped_bit_is_refused(bit):
    data = bytearray(TOKEN.encode())
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(REFUSALS):
        signatures.read(data.decode("latin-1"), KNOWN)


@given(st.integers(0, len(TOKEN)), st.text(max_size=3), st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_anything_put_in_or_left_out_is_refused(place, more, less):
    changed = TOKEN[:place] + more + TOKEN[place + less :]
    if changed != TOKEN:
        with pytest.raises(REFUSALS):
            signatures.read(changed, KNOWN)


@given(
    st.one_of(
        st.text(max_size=400),
        st.lists(st.text(alphabet=ALPHABET, max_size=80), min_size=3, max_size=3).map(".".join),
    )
)
@settings(max_examples=200, deadline=None)
def test_junk_is_refused_and_never_crashes(text):
    with pytest.raises(REFUSALS):
        signatures.read(text, KNOWN)


json_values = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
                           lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3))  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(["alg", "kid", "jwk", "typ", "crit", "b64"]), json_values), json_values
)
@settings(max_examples=100, deadline=None)
def test_strange_headers_are_refused_and_never_crash(header, payload):
    with pytest.raises(REFUSALS):
        signatures.read(forged(header, payload), KNOWN)


def public_pem(key):
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_no_algorithm_at_all_is_refused():
    for alg in ("none", "None", "NONE", "nOnE", "", None):
        for signature in (b"", b"x"):
            header = {"alg": alg, "kid": NAME, "typ": "JWT"}
            with pytest.raises(REFUSALS):
                signatures.read(forged(header, signature=signature), KNOWN)
            with pytest.raises(REFUSALS):
                signatures.read(f"{part(header)}.{part(PAYLOAD)}.", KNOWN)


def test_a_public_key_is_never_used_as_a_shared_secret():
    import hashlib
    import hmac

    raw = base64.urlsafe_b64decode(JWK["x"] + "=")
    for secret in (public_pem(KEY), raw, JWK["x"].encode(), json.dumps(JWK).encode()):
        for alg in ("HS256", "EdDSA"):
            said = f"{part({'alg': alg, 'kid': NAME, 'typ': 'JWT'})}.{part(PAYLOAD)}"
            signature = hmac.new(secret, said.encode(), hashlib.sha256).digest()
            with pytest.raises(signatures.BadSignature):
                signatures.read(f"{said}.{part(signature)}", KNOWN)


def test_another_kind_of_key_is_refused_even_if_it_takes_the_name():
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(signatures.BadSignature):
        signatures.read(jwt.encode(PAYLOAD, key, algorithm="ES256", headers={"kid": NAME}), KNOWN)


def test_a_key_that_a_token_brings_along_is_never_used():
    own = signatures.public_jwk(OTHER.public_key())
    for kid, refusal in (
        (signatures.thumbprint(own), signatures.UnknownKey),
        (NAME, signatures.BadSignature),
    ):
        token = jwt.encode(PAYLOAD, OTHER, algorithm="EdDSA", headers={"kid": kid, "jwk": own})
        with pytest.raises(refusal):
            signatures.read(token, KNOWN)
    with pytest.raises(signatures.UnknownKey):
        signatures.read(jwt.encode(PAYLOAD, KEY, algorithm="EdDSA", headers={"jwk": JWK}), KNOWN)


def test_headers_that_change_the_meaning_are_refused():
    for more in (
        {"crit": ["exp"]},
        {"b64": False},
        {"zip": "DEF"},
        {"jku": "https://evil.example"},
        {"x5u": "https://evil.example"},
    ):
        token = jwt.encode(PAYLOAD, KEY, algorithm="EdDSA", headers={"kid": NAME} | more)
        with pytest.raises(REFUSALS):
            signatures.read(token, KNOWN)


def test_a_name_that_stands_twice_and_what_is_no_json_are_refused():
    for payload in (
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"[1]",
        b'"x"',
        b"{",
        b"\xff",
        b"[" * 5000 + b"]" * 5000,
    ):
        said = f"{part({'alg': 'EdDSA', 'kid': NAME, 'typ': 'JWT'})}.{part(payload)}"
        with pytest.raises(signatures.NotAToken):
            signatures.read(f"{said}.{part(KEY.sign(said.encode()))}", KNOWN)


def test_what_is_too_long_or_too_deep_is_refused():
    with pytest.raises(signatures.NotAToken):
        signatures.read(signatures.sign({"x": "a" * signatures.LONGEST}, KEY, NAME), KNOWN)
    deep = "x"
    for _ in range(signatures.DEEPEST + 2):
        deep = [deep]
    with pytest.raises(signatures.NotAToken):
        signatures.read(signatures.sign({"x": deep}, KEY, NAME), KNOWN)
