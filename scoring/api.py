"""The API: bearer tokens instead of sessions, JSON in and out, the same services as the pages."""

from flask import Blueprint, current_app, request
from flask_login import current_user

from scoring.errors import Invalid
from scoring.web import api_limiter, csrf


def api_blueprint(name):
    """Return a blueprint under /api/v1 for one feature. It answers tokens only, so it needs no CSRF."""
    blueprint = Blueprint(f"api_{name}", f"scoring.api.{name}", url_prefix="/api/v1")
    csrf.exempt(blueprint)
    api_limiter.limit(lambda: current_app.config["API_LIMIT"], key_func=caller)(blueprint)
    return blueprint


def caller():
    """Whom the rate limit counts: the person behind the token."""
    return f"person:{current_user.id}" if current_user.is_authenticated else f"address:{request.remote_addr}"


def body():
    """Return the request's JSON object; an empty request is an empty object."""
    if not request.get_data():
        return {}
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Invalid("The body must be a JSON object, sent with Content-Type: application/json.")
    return sent
