"""Who is asking: the session cookie of a browser, or the bearer token of a program."""

import sqlalchemy as sa
from flask import abort, redirect, request, url_for
from flask_login import AnonymousUserMixin, LoginManager

from scoring.db import db
from scoring.people.models import ApiToken, Person
from scoring.people.tokens import token_hash

manager = LoginManager()


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


def person_of_session(session_key):
    """Return the active person whose sessions carry this key. Programs' requests never use a session."""
    if request.path.startswith("/api/"):
        return None
    return db.session.scalar(sa.select(Person).where(Person.session_key == session_key, Person.is_active))


def person_of_token(a_request):
    """Return the active person whose API token the request carries."""
    scheme, _, token = a_request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or not a_request.path.startswith("/api/"):
        return None
    query = (
        sa.select(Person)
        .join(ApiToken, ApiToken.person_id == Person.id)
        .where(ApiToken.token_hash == token_hash(token), ApiToken.revoked_at.is_(None), Person.is_active)
    )
    return db.session.scalar(query)


def ask_to_sign_in():
    """Send a person to the sign-in page and back afterwards; tell a program 401."""
    if request.path.startswith("/api/"):
        abort(401)
    going = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("people.sign_in", next=going))
