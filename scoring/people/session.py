"""Who is asking: the session cookie of a browser, or the bearer token of a program."""

import sqlalchemy as sa
from flask import abort, g, redirect, request, url_for
from flask_login import AnonymousUserMixin, LoginManager, current_user
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from scoring.db import db
from scoring.people import access
from scoring.people.models import ApiToken, Membership, Person
from scoring.people.tokens import token_hash

manager = LoginManager()

# Every request asks who it is and what they may do: one query, put together once.
MAY = joinedload(Person.memberships).joinedload(Membership.organization)
BY_SESSION = sa.select(Person).where(Person.session_key == sa.bindparam("key"), Person.is_active).options(MAY)
BY_TOKEN = (
    sa.select(Person, ApiToken)
    .join(ApiToken, ApiToken.person_id == Person.id)
    .where(ApiToken.token_hash == sa.bindparam("hash"), ApiToken.revoked_at.is_(None), Person.is_active)
    .options(MAY)
)


class Visitor(AnonymousUserMixin):
    """Somebody who is not signed in: may see what is open to anyone."""

    permissions = frozenset()

    def may(self, _permission, _organization=None):
        return False


def init_app(app):
    """Teach Flask-Login who people are."""
    manager.anonymous_user = Visitor
    manager.session_protection = (
        None  # schools change addresses mid-session; sessions end by session_key instead
    )
    manager.user_loader(person_of_session)
    manager.request_loader(person_of_token)
    manager.unauthorized_handler(ask_to_sign_in)
    manager.init_app(app)
    app.before_request(note_visit)


def person_of_session(session_key):
    """Return the active person whose sessions carry this key. Programs' requests never use a session."""
    if request.path.startswith("/api/"):
        return None
    return db.session.execute(BY_SESSION, {"key": session_key}).unique().scalar_one_or_none()


def person_of_token(a_request):
    """Return the active person whose API token the request carries."""
    scheme, _, token = a_request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or not a_request.path.startswith("/api/"):
        return None
    found = db.session.execute(BY_TOKEN, {"hash": token_hash(token)}).unique().one_or_none()
    if found is None:
        return None
    person, g.api_token = found
    return person


def note_visit():
    """Remember when a person or a token was last here, at most every few minutes and never at the cost of a request."""
    if request.endpoint in {None, "static"} or not current_user.is_authenticated:
        return
    try:
        if access.was_away(current_user.last_seen_at):
            access.note_seen(current_user)
        if "api_token" in g and access.was_away(g.api_token.last_used_at):
            access.note_used(g.api_token)
    except OperationalError:
        db.session.rollback()


def ask_to_sign_in():
    """Send a person to the sign-in page and back afterwards; tell a program 401."""
    if request.path.startswith("/api/"):
        abort(401)
    going = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("people.sign_in", next=going))
