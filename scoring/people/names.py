"""Names, e-mails and codes as people type them: tidied, or refused in words."""

import re
import unicodedata

from scoring.errors import Invalid

EMAIL = re.compile(r"[^@\s]{1,64}@(?=.{3,190}$)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z0-9-]{2,}")
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def clean_name(name, *, longest=120):
    """Return a name without stray blanks, or say what is wrong with it."""
    name = " ".join(name.split())
    if not name or len(name) > longest or not name.isprintable():
        words = f"Write a name of 1 to {longest} letters."
        raise Invalid(words, fields={"name": words})
    return name


def clean_email(email):
    """Return an e-mail in small letters, or say what is wrong with it."""
    email = email.strip().lower()
    if len(email) > 254 or not email.isprintable() or not EMAIL.fullmatch(email):
        words = "This is no e-mail address. Write it like name@school.org."
        raise Invalid(words, fields={"email": words})
    return email


def clean_code(code):
    """Return a code in small letters, or say what is wrong with it."""
    code = code.strip().lower()
    if len(code) > 40 or not CODE.fullmatch(code):
        raise Invalid("Write the code with small letters, digits and single hyphens, at most 40 characters.")
    return code


def code_from(name, above=""):
    """Make a code out of a name; that of a school begins with the code of its district.

    >>> code_from("Jos\u00e9 Mart\u00ed School", "alder"), code_from("Alder High School", "alder")
    ('alder-jose-marti-school', 'alder-high-school')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    code = "-".join(re.findall("[a-z0-9]+", plain)) or "place"
    if above and not f"{code}-".startswith(f"{above}-"):
        code = f"{above}-{code}"
    return code[:36].strip("-")
