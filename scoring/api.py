"""The API: bearer tokens instead of sessions, JSON in and out, the same services as the pages."""

from functools import cache

from flask import Blueprint, abort, current_app, request
from flask_login import current_user
from limits import parse
from limits.strategies import FixedWindowRateLimiter

from scoring.counters import ProcessCounters
from scoring.errors import Invalid
from scoring.web import csrf

calls = FixedWindowRateLimiter(ProcessCounters())
parsed = cache(parse)


def api_blueprint(name):
    """Return a blueprint under /api/v1 for one feature. It answers tokens only, so it needs no CSRF."""
    blueprint = Blueprint(f"api_{name}", f"scoring.api.{name}", url_prefix="/api/v1")
    csrf.exempt(blueprint)
    blueprint.before_request(count_call)
    return blueprint


def count_call():
    """Refuse a caller's requests above the limit; each web process counts for itself."""
    if not calls.hit(parsed(current_app.config["API_LIMIT"]), caller()):
        abort(429)


def caller():
    """Whom the limit counts: the person behind the token."""
    return f"person:{current_user.id}" if current_user.is_authenticated else f"address:{request.remote_addr}"


def body():
    """Return the request's JSON object; an empty request is an empty object."""
    if not request.get_data():
        return {}
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Invalid("The body must be a JSON object, sent with Content-Type: application/json.")
    return sent
