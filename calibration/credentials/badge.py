"""The badge: a credential as Open Badges 3.0 has it, signed, and the public list of those that are revoked.

A badge names no student and no event. Its holder is in it only as a salted fingerprint of the e-mail, so that whoever
knows the e-mail can check that the badge is theirs, and nobody else learns it.
"""

import secrets
from datetime import timedelta

import sqlalchemy as sa
from openbadgeslib.ob3.credential import (
    Achievement,
    Evidence,
    IdentityObject,
    Issuer,
    OpenBadgeCredential,
    Result,
    ResultDescription,
)
from openbadgeslib.ob3.status_list import DEFAULT_SIZE_BITS, build_status_list_credential, status_entry

from calibration.credentials import content, issuer, keys, signatures
from calibration.credentials.models import Credential
from scoring.db import db, now

LIST_SIZE = DEFAULT_SIZE_BITS  # so many credentials to a list: one revoked among them gives nobody away
LIST_LASTS = timedelta(days=7)


def title_of(rule):
    """The name of the badge."""
    return f"Calibrated scorer: {rule.title}"


def signed(credential, rule, person, facts, key):
    """Return the badge of a credential that is about to be stored, signed."""
    payload = document(credential, rule, person, facts).to_jwt_payload()
    return signatures.sign(payload, key.private, issuer.key_name(key.row.thumbprint))


def document(credential, rule, person, facts):
    """The badge before it is signed."""
    number, index = divmod(credential.status_index, LIST_SIZE)
    home, found = f"{issuer.issuer_id()}#rule-{rule.id}", _results(facts)
    achievement = Achievement(
        id=home,
        name=title_of(rule),
        description=f"Scores student work by the rubric of {rule.title}, measured on blind second reads. Given by {rule.organization.name}.",
        criteria_narrative=facts["asked"],
        achievement_type="Certification",
        result_descriptions=[
            ResultDescription(id=f"{home}-{key}", name=words, result_type=kind)
            for key, words, kind, _ in found
        ],
    )
    return OpenBadgeCredential(
        id=credential.identifier,
        issuer=Issuer(id=issuer.issuer_id(), name=rule.organization.network.name, url=issuer.public_url()),
        recipient_id=None,
        identifiers=[IdentityObject.create(person.email, salt=secrets.token_hex(16))],
        achievement=achievement,
        issuance_date=credential.issued_at,
        expiration_date=credential.expires_at,
        evidence=[Evidence(name="How these figures were made", narrative=content.method(facts))],
        results=[Result(value=value, result_description=f"{home}-{key}") for key, _, _, value in found],
        credential_status=[status_entry(issuer.status_address(number + 1), "revocation", index)],
    )


def _results(facts):
    """The figures as (key, name, kind, value); what was not measured is not in it."""

    def of_100(share):
        return f"{share['hits'] * 100 / share['total']:.1f}"

    exact = facts["exact"]
    limits = f"{exact['low'] * 100:.1f} to {exact['high'] * 100:.1f}"
    by_trait = "; ".join(f"{each['name']} {of_100(each['exact'])}" for each in facts["traits"])
    validity, hours = facts.get("validity"), facts.get("hours")
    rows = [
        ("reads", "Reads", "RawScore", str(facts["reads"])),
        ("double", "Responses also scored by somebody else", "RawScore", str(facts["double"])),
        ("exact", "Same score, of every 100", "Percent", of_100(exact)),
        ("limits", "Same score, 95 % interval, of every 100", "Result", limits),
        ("within", "Same score or 1 point apart, of every 100", "Percent", of_100(facts["within"])),
        ("traits", "Same score by trait, of every 100", "Result", by_trait),
        (
            "validity",
            "Consensus score on validity papers, of every 100",
            "Percent",
            validity and of_100(validity),
        ),
        ("hours", "Calibration", "Result", hours and content.hours_in_words(hours)),
    ]
    return [row for row in rows if row[-1]]


def is_of(payload, email):
    """Whether a badge was given to whoever has this e-mail."""
    for each in payload["credentialSubject"].get("identifier", []):
        made = IdentityObject.create(email.strip().lower(), salt=each.get("salt"))
        if secrets.compare_digest(made.identity_hash, each.get("identityHash", "")):
            return True
    return False


# The public list of revoked credentials


def free_place():
    """Choose a place in the list that nobody has: by chance, so that places tell nothing of who came when."""
    count = db.session.scalar(sa.select(sa.func.count(Credential.id)))
    number = 2 * count // LIST_SIZE  # lists are kept half empty, so that a free place is soon found
    while True:
        place = number * LIST_SIZE + secrets.randbelow(LIST_SIZE)
        if db.session.scalar(sa.select(Credential.id).where(Credential.status_index == place)) is None:
            return place


def status_list(number):
    """Return a list of revoked credentials, signed just now; None when there is no such list or key."""
    last = db.session.scalar(sa.select(sa.func.max(Credential.status_index)))
    if last is None or not 1 <= number <= last // LIST_SIZE + 1:
        return None
    start = (number - 1) * LIST_SIZE
    revoked = db.session.scalars(
        sa.select(Credential.status_index)
        .where(
            Credential.revoked_at.is_not(None), Credential.status_index.between(start, start + LIST_SIZE - 1)
        )
        .order_by(Credential.status_index)
    )
    moment, address = now(), issuer.status_address(number)
    payload = build_status_list_credential(
        issuer.issuer_id(), address, "revocation", [place - start for place in revoked],
        issued=moment, valid_until=moment + LIST_LASTS, ttl=300_000,
    )  # fmt: skip
    payload |= {"iss": issuer.issuer_id(), "jti": address, "nbf": int(moment.timestamp())}
    key = keys.at_hand()
    return key and signatures.sign(payload, key.private, issuer.key_name(key.row.thumbprint))
