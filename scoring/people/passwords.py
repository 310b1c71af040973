"""Passwords: hashed with Argon2, long rather than fancy, and never one that everybody uses."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from scoring.errors import Invalid

LONGEST = 200  # hashing more would only give strangers a way to keep the server busy
COMMON = {
    "passwordpassword", "password12345678", "123456789012345", "1234567890123456", "qwertyuiopasdfg",
    "qwertyuiop12345", "iloveyouiloveyou", "adminadminadmin", "administrator123", "letmeinletmeinletmein",
    "changemechangeme", "correcthorsebatterystaple", "teacherteacher", "welcomewelcome1", "schoolschool123",
}  # fmt: skip


def hash_password(password):
    """Return the hash to store."""
    return _hasher().hash(password)


def is_right(password_hash, password):
    """Whether the password is the one that was hashed. Without a hash it takes just as long and says no."""
    if len(password) > LONGEST:
        return False
    try:
        return _hasher().verify(password_hash or _decoy(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def check_strength(password, *, person_words=()):
    """Raise Invalid unless the password is long enough and not one that is easily guessed."""
    shortest = current_app.config["PASSWORD_LENGTH"]
    plain = password.lower()
    if len(password) < shortest:
        _refuse(f"Use at least {shortest} characters. Four or five words make a good password.")
    if len(password) > LONGEST:
        _refuse(f"Use at most {LONGEST} characters.")
    if plain in COMMON or len(set(plain)) < 5 or plain in {word.lower() for word in person_words}:
        _refuse("This password is easily guessed. Use four or five words that do not belong together.")


def _refuse(words):
    raise Invalid(words, fields={"password": words})


def _hasher():
    config = current_app.config
    return PasswordHasher(
        time_cost=config["PASSWORD_ROUNDS"], memory_cost=config["PASSWORD_MEMORY"], parallelism=1
    )


def _decoy():
    """A hash nobody has the password of, made once for each app, so that unknown e-mails cost the same time."""
    extensions = current_app.extensions
    if "decoy_hash" not in extensions:
        extensions["decoy_hash"] = _hasher().hash("nobody has this password")
    return extensions["decoy_hash"]
