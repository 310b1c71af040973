"""The certificate: one page to print, of what a scorer has earned."""

from calibration import pdf
from calibration.credentials import content, issuer


def address_of(credential):
    """Where others see what the holder shares of a credential."""
    return f"{issuer.public_url()}/credentials/{credential.share_code}"


def certificate(credential):
    """Return the certificate of a credential as a PDF."""
    facts = credential.facts
    signed_by = credential.issued_by.name if credential.issued_by else None
    return pdf.render("certificate.typ", {
        "title": f"Certificate of {credential.person.name}",
        "name": credential.person.name,
        "task": credential.rubric.task.title,
        "rubric": f"Rubric version {credential.rubric.version}",
        "given_by": credential.organization.name,
        "network": credential.organization.network.name,
        "sentence": content.sentence(facts),
        "figures": [list(row) for row in _figures(facts)],
        "asked": facts["asked"],
        "method": content.method(facts),
        "issued": content.day_in_words(credential.issued_at),
        "expires": content.day_in_words(credential.expires_at) if credential.expires_at else "",
        "signed_by": signed_by or "",
        "code": credential.share_code,
        "address": address_of(credential),
        "check_at": f"{issuer.public_url().partition('//')[2]}/credentials/verify",
    })  # fmt: skip


def _figures(facts):
    rows = content.figures(facts)
    if facts.get("hours"):
        rows.append(("Calibration", content.hours_in_words(facts["hours"])))
    return rows
