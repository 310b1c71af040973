"""Checking a badge: genuine, changed, revoked, expired, foreign; here, offline, and with another program."""

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier

from calibration.credentials import badge, issuer, keys, services, signatures, verifying
from calibration.credentials.models import Credential
from calibration.credentials.verifying import State
from scoring.db import at, db, now, transaction
from tests.calibration.credentials.season import Season, a_credential

pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def given(app, ana, ben, lea, alder):
    return a_credential(Season(ana, ben), alder, lea)


def state(text):
    return verifying.check(text).state


def signed(payload, **more):
    """Sign values with the installation's own key, as nobody outside can."""
    key = keys.at_hand()
    return signatures.sign(payload | more, key.private, issuer.key_name(key.row.thumbprint))


def payload_of(given):
    return signatures.read(given.badge, keys.trusted())[0]


def without(badge_text, place):
    return badge_text[:place] + badge_text[place + 1 :]


def test_a_badge_as_it_was_given_is_genuine(given):
    found = verifying.check(f"\n {given.badge} \n")
    assert found.is_good
    said = dict(found.said)
    assert said["Badge"] == "Calibrated scorer: Later start, rubric version 1"
    assert (said["Reads"], said["Same score, of every 100"]) == ("10", "90.0")


def test_changed_anywhere_it_is_refused(given):
    text = given.badge
    for place in range(0, len(text), 37):
        for changed in (
            without(text, place),
            text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :],
        ):
            found = verifying.check(changed)
            assert not found.is_good and found.payload is None, place
    body = payload_of(given)
    body["credentialSubject"]["result"][2]["value"] = "99.0"
    head, _, tail = text.split(".")
    assert state(".".join([head, badge_part(body), tail])) is State.TAMPERED


def badge_part(values):
    return signatures.base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def test_a_revoked_badge_is_revoked(given, lea):
    services.revoke(given, "Given by mistake.", actor=lea)
    found = verifying.check(given.badge)
    assert (found.state, found.is_good) == (State.REVOKED, False)
    assert "mistake" not in str(found.said) + found.advice


def test_an_expired_badge_has_expired(given):
    with at(given.expires_at - timedelta(minutes=1)):
        assert state(given.badge) is State.VALID
    with at(given.expires_at):
        assert state(given.badge) is State.EXPIRED
    with at(given.issued_at - timedelta(days=1)):
        assert state(given.badge) is State.NOT_YET


def test_whoever_signs_with_another_key_is_unknown(given):
    own = Ed25519PrivateKey.generate()
    name = signatures.thumbprint(signatures.public_jwk(own.public_key()))
    assert state(signatures.sign(payload_of(given), own, issuer.key_name(name))) is State.UNKNOWN_KEY
    assert (
        state(signatures.sign(payload_of(given), own, issuer.key_name(keys.at_hand().row.thumbprint)))
        is State.TAMPERED
    )


def test_a_badge_of_another_issuer_is_refused_even_under_our_key(given):
    elsewhere = "did:web:elsewhere.example:credentials"
    body = payload_of(given)
    body["issuer"]["id"] = body["iss"] = elsewhere
    assert state(signed(body)) is State.WRONG_ISSUER
    assert state(signed(payload_of(given), iss=elsewhere)) is State.NO_BADGE  # says two different things


def test_a_badge_that_is_not_on_our_list_is_refused_even_under_our_key(given):
    body = payload_of(given)
    assert state(signed(body | {"id": "urn:uuid:1", "jti": "urn:uuid:1"})) is State.NOT_GIVEN
    assert state(signed(body, extra="more")) is State.NOT_GIVEN  # the right name on other words
    for missing in ("jti", "nbf", "issuer", "credentialSubject", "type", "@context", "validFrom"):
        assert (
            state(signed({name: value for name, value in body.items() if name != missing})) is State.NO_BADGE
        ), missing
    for strange in ({"type": "x"}, {"credentialSubject": []}, {"issuer": 1}, {"validFrom": "soon"}, {"nbf": 1}, {"exp": None},
                    {"credentialSubject": {"achievement": 3}}):  # fmt: skip
        assert state(signed(body | strange)) is State.NO_BADGE, strange


def test_a_status_list_and_other_signed_things_are_no_badges(given):
    assert state(badge.status_list(1)) is State.NO_BADGE
    for junk in ("", "a.b.c", "..", "eyJ", "{}", "x" * 1000, "é.è.ê"):
        assert state(junk) is State.NO_BADGE


def test_what_can_be_no_badge_is_not_even_read():
    assert verifying.text_of(b"x" * (verifying.LARGEST + 1)) is None
    assert verifying.text_of(b"\x89PNG\r\n") is None
    assert verifying.text_of(b" abc\n") == "abc"


def test_the_holder_is_in_it_as_a_fingerprint_only(given, ana):
    body = payload_of(given)
    text = json.dumps(body)
    assert ana.name not in text and ana.email not in text
    assert badge.is_of(body, " ANA@example.org ")
    assert not badge.is_of(body, "ben@example.org")
    assert len(body["credentialSubject"]["identifier"][0]["salt"]) == 32


# Without us


def outside(given, status=True):
    """What a stranger saved beforehand, and what they find out with it."""
    document = json.loads(json.dumps(issuer.did_document()))
    return verifying.elsewhere(given.badge, document, badge.status_list(1) if status else None).state


def test_elsewhere_it_is_checked_with_two_saved_files(given, lea):
    assert outside(given) is State.VALID
    assert outside(given, status=False) is State.UNCHECKED
    old = badge.status_list(1)
    services.revoke(given, "Given by mistake.", actor=lea)
    assert outside(given) is State.REVOKED
    document = issuer.did_document()
    assert verifying.elsewhere(given.badge, document, old).state is State.VALID  # it says what it said then
    with at(now() + timedelta(days=8)):
        assert (
            verifying.elsewhere(given.badge, document, old).state is State.UNCHECKED
        )  # and that is too old by now
    assert (
        verifying.elsewhere(given.badge, document | {"id": "did:web:other.example"}).state
        is State.WRONG_ISSUER
    )
    assert verifying.elsewhere(given.badge, document | {"verificationMethod": []}).state is State.UNKNOWN_KEY


@pytest.mark.parametrize("nothing", [{}, [], None, "x", {"id": 3}])
def test_what_is_no_did_document_is_said_to_be_none(given, nothing):
    with pytest.raises(ValueError, match="did.json"):
        verifying.elsewhere(given.badge, nothing)


def test_what_is_no_status_list_is_said_to_be_none(given):
    for text in ("", "x", given.badge, signed({"iss": issuer.issuer_id()})):
        with pytest.raises(ValueError, match="list of revoked"):
            verifying.elsewhere(given.badge, issuer.did_document(), text)


def test_another_program_comes_to_the_same_results(given, lea):
    """The verifier of openbadgeslib, given our did.json and our list as if it had fetched them."""
    pages = {}

    def download(address, *_more, **_others):
        pages[address] = pages.get(address, 0) + 1
        if address.endswith("did.json"):
            return json.dumps(issuer.did_document()).encode()
        return badge.status_list(1).encode()

    def verify(text):
        verifier = OB3Verifier.for_issuer_did(issuer.issuer_id(), download=download)
        return verifier.verify(text, check_status=True, download=download)

    assert verify(given.badge).id == given.identifier
    with pytest.raises(OB3VerificationError):
        verify(given.badge[:-3] + "AAA")
    services.revoke(given, "Given by mistake.", actor=lea)
    with pytest.raises(OB3VerificationError, match="revocation"):
        verify(given.badge)
    assert any(address.startswith("https://127.0.0.1") for address in pages)


# Keys


def test_after_a_new_key_old_badges_are_still_good(given, ana, ben, alder, lea):
    before = keys.at_hand().row.thumbprint
    made = keys.rotate()
    assert (made.thumbprint != before, keys.at_hand().row.thumbprint) == (True, made.thumbprint)
    assert state(given.badge) is State.VALID
    assert outside(given) is State.VALID
    newer = services.give_anew(given, actor=lea)
    assert (newer.key.thumbprint, state(newer.badge)) == (made.thumbprint, State.VALID)
    assert [method["id"].partition("#")[2] for method in issuer.did_document()["verificationMethod"]] == [
        made.thumbprint,
        before,
    ]


def test_what_a_distrusted_key_signed_counts_no_more_until_it_is_signed_again(given):
    before, old_text = keys.at_hand().row, given.badge
    with pytest.raises(Exception, match="still signs"):
        keys.distrust(before)
    keys.rotate()
    keys.distrust(before)
    assert state(old_text) is State.UNKNOWN_KEY
    assert services.sign_again(before) == 1
    assert (state(given.badge), state(old_text)) == (State.VALID, State.UNKNOWN_KEY)
    assert before.thumbprint not in str(issuer.did_document())


def test_the_key_is_for_its_owner_only_and_made_once(given):
    path = keys.key_file()
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_bytes()
    keys._write_new(path)  # somebody else was faster
    assert path.read_bytes() == text
    assert [each.name for each in path.parent.glob(f"{path.name}*")] == [path.name]


def test_many_credentials_never_share_a_place_in_the_list(given, monkeypatch):
    chosen = iter([given.status_index, given.status_index, 7])
    monkeypatch.setattr(badge.secrets, "randbelow", lambda _size: next(chosen))
    assert badge.free_place() == 7
    assert badge.status_list(0) is None and badge.status_list(2) is None
    with transaction():
        db.session.get(Credential, given.id).status_index = badge.LIST_SIZE + 3
    assert badge.status_list(2) is not None


def test_a_production_without_an_address_signs_nothing(app, ana, ben, lea, alder, monkeypatch):
    monkeypatch.setitem(app.config, "PRODUCTION", True)
    with pytest.raises(Exception, match="PUBLIC_URL"):
        a_credential(Season(ana, ben), alder, lea)
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://scores.example.org/")
    assert issuer.issuer_id() == "did:web:scores.example.org:credentials"
