"""Coming in and being locked out: signing in, own password, sessions, tokens, deactivation."""

from datetime import timedelta

import sqlalchemy as sa

from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Invalid, NotAllowed, NotFound
from scoring.people import passwords
from scoring.people.models import ApiToken, Person
from scoring.people.services import keep_an_admin, require_manage, set_password
from scoring.people.tokens import new_secret

NOTE_EVERY = timedelta(minutes=10)


def change_password(person, present, new):
    """Set one's own password; whoever asks must know the present one."""
    if not passwords.is_right(person.password_hash, present):
        words = "This is not your present password. Type it again."
        raise Invalid(words, fields={"present": words})
    set_password(person, new, actor=person)


def person_signing_in(email, password):
    """Return the active person with this e-mail and password, or None; it takes as long for unknown e-mails."""
    query = sa.select(Person).where(Person.email == email.strip().lower().replace("\0", ""))
    person = db.session.scalar(query)
    is_right = passwords.is_right(person and person.password_hash, password)
    return person if is_right and person.is_active else None


def was_away(seen_at):
    """Whether it is worth writing down that somebody is here again."""
    return seen_at is None or now() - seen_at > NOTE_EVERY


def note_seen(person):
    """Remember that somebody was here. This is no change of anything, so the audit log does not tell of it."""
    with transaction() as session:
        session.execute(sa.update(Person).where(Person.id == person.id).values(last_seen_at=now()))


def note_used(token):
    """Remember that a program used a token."""
    with transaction() as session:
        session.execute(sa.update(ApiToken).where(ApiToken.id == token.id).values(last_used_at=now()))


def end_sessions(person, *, actor=None):
    """Sign a person out everywhere."""
    if actor is not None and actor.id != person.id:
        require_manage(actor, person)
    with transaction() as session:
        person.session_key = new_secret()
        tokens = 0 if actor is not None and actor.id == person.id else _revoke_tokens(session, person)
        audit.record("person.sessions_ended", person, actor=actor, after={"tokens_revoked": tokens})


def deactivate(person, *, actor=None):
    """Lock somebody out at once. What they scored stays."""
    require_manage(actor, person)
    if actor is not None and actor.id == person.id:
        raise NotAllowed("You can not deactivate yourself. Ask another admin.")
    with transaction() as session:
        for membership in sorted(person.memberships, key=lambda each: each.organization_id):
            keep_an_admin(session, membership)
        if person.is_active:
            person.is_active = False
            person.session_key = new_secret()
            _revoke_tokens(session, person)
            audit.record("person.deactivated", person, actor=actor)


def reactivate(person, *, actor=None):
    """Let somebody in again, with the roles and the password they had."""
    require_manage(actor, person)
    with transaction():
        if not person.is_active:
            person.is_active = True
            audit.record("person.reactivated", person, actor=actor)


def tokens_of(person):
    """Return the tokens of a person that still work, newest first."""
    query = sa.select(ApiToken).where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None))
    return db.session.scalars(query.order_by(ApiToken.id.desc())).all()


def revoke_token(person, token_id):
    """End one of one's own tokens."""
    with transaction() as session:
        token = session.get(ApiToken, token_id)
        if token is None or token.person_id != person.id:
            raise NotFound("You have no such token.")
        if token.revoked_at is None:
            token.revoked_at = now()
            audit.record("token.revoked", token, actor=person)


def _revoke_tokens(session, person):
    live = sa.update(ApiToken).where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None))
    return session.execute(live.values(revoked_at=now())).rowcount
