"""Codes drawn at random: they say nothing about anybody and no two letters in them look alike."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 O, 1 I L, U


def draw(count):
    """Return so many random characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def response_code():
    """A code for a response, such as K7M3Q-9TXBW."""
    return f"{draw(5)}-{draw(5)}"


def pseudonym():
    """A pseudonym for a student for whom the file brings only the local ID."""
    return f"S-{draw(7)}"


def distinct(count, make, is_taken):
    """Return so many different codes, none of them taken; `is_taken` answers which of a list are."""
    found = set()
    while len(found) < count:
        drawn = {make() for _ in range(count - len(found))} - found
        found |= drawn - set(is_taken(sorted(drawn)))
    return sorted(found, key=lambda _: secrets.randbits(32))
