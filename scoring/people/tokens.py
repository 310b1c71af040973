"""Secrets that are shown once: links of invitations and tokens of programs. Only their hashes are kept."""

import hashlib
import secrets


def new_secret():
    """Return a random secret of 256 bits that fits into an address."""
    return secrets.token_urlsafe(32)


def token_hash(token):
    """What the database keeps of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()
