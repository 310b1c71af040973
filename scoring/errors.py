"""One family of errors and one handler: what happened, and what to do next, as a page or as JSON."""

import secrets

from flask import current_app, g, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException


class Misconfigured(RuntimeError):
    """The installation can not start as it is set up."""


class ScoringError(Exception):
    """Something a person asked for can not be done; the message says why and what to do next."""

    status = 422
    code = "not_possible"

    def __init__(self, message, *, fields=None):
        super().__init__(message)
        self.message = message
        self.fields = fields or {}


class Invalid(ScoringError):
    """What was sent does not have the right shape."""

    code = "invalid"


class NotFound(ScoringError):
    """There is no such thing, or not for this person."""

    status = 404
    code = "not_found"


class NotAllowed(ScoringError):
    """This person may not do that."""

    status = 403
    code = "not_allowed"


class Conflict(ScoringError):
    """Somebody or something else was faster; nothing was changed."""

    status = 409
    code = "conflict"


class NotAvailable(Conflict):
    """A lease is gone, or a response has been settled in the meantime."""

    code = "not_available"


WORDS = {
    400: ("That request could not be understood", "Go back and try again."),
    401: ("Please sign in", "Sign in, then try again."),
    403: ("This is not open to you", "If you think it should be, ask your leader."),
    404: ("There is nothing here", "The address may be wrong, or the page is not for you."),
    405: ("That can not be done here", "Go back and use the buttons on the page."),
    409: ("Something changed in the meantime", "Reload the page to see how things stand."),
    413: ("That file is too large", "Choose a smaller file, or split it into parts."),
    422: ("That could not be done", "Change what is named below and try again."),
    429: ("Too many tries", "Wait a minute, then try again."),
    500: (
        "Something went wrong on our side",
        "Nothing was saved. Try again; if it happens again, tell us the number below.",
    ),
    503: (
        "The database is busy",
        "Nothing was saved. Your work is still on your page: wait a moment and send it again.",
    ),
}
CODES = {400: "bad_request", 401: "unauthorized", 403: "not_allowed", 404: "not_found", 405: "bad_request",
         409: "conflict", 413: "too_large", 422: "invalid", 429: "too_many_requests", 500: "internal", 503: "unavailable"}  # fmt: skip


def init_app(app):
    """Answer every error with the one handler. Requests are numbered first of all, so that every error has a number."""
    app.before_request(number_request)
    for kind in (ScoringError, HTTPException, Exception):
        app.register_error_handler(kind, answer)


def number_request():
    g.request_id = secrets.token_hex(8)


def answer(error):
    """Turn any error into a reply a person or a program can act on."""
    if isinstance(error, HTTPException) and error.response is not None:
        return error.response
    status, code, message, fields = describe(error)
    if status >= 500 or isinstance(error, IntegrityError):
        current_app.logger.exception("request %s failed", g.get("request_id"), exc_info=error)
    retry = {"Retry-After": "2"} if status in {429, 503} else {}
    if wants_json():
        return (
            {"error": {"code": code, "message": message, "fields": fields, "request": g.get("request_id")}},
            status,
            retry,
        )
    title, advice = WORDS.get(status, WORDS[500])
    words = {"title": title, "message": message, "advice": advice, "fields": fields, "status": status}
    return page_of(words | {"request_id": g.get("request_id")}), status, retry


def page_of(words):
    """Draw the error's page; while the database is away, without what it knows about the person."""
    try:
        return render_template("error.html", **words)
    except SQLAlchemyError:
        nobody = {"navigation": [], "current_user": None, "theme": "auto", "demo_loaded": False}
        return current_app.jinja_env.get_template("error.html").render(nobody | words)


def describe(error):
    """Return status, code, message and fields of an error."""
    if isinstance(error, ScoringError):
        return error.status, error.code, error.message, error.fields
    if isinstance(error, CSRFError):
        return 400, "stale_page", "This page was open too long. Reload it and send it again.", {}
    if isinstance(error, HTTPException):
        status = error.code if error.code in WORDS else 500 if error.code >= 500 else 400
        return status, CODES[status], WORDS[status][0] + ". " + WORDS[status][1], {}
    if isinstance(
        error, IntegrityError
    ):  # the database kept a promise that two people at once would have broken
        return 409, CODES[409], WORDS[409][0] + ". Nothing was saved. " + WORDS[409][1], {}
    if isinstance(error, OperationalError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        return 503, CODES[503], WORDS[503][0] + ". " + WORDS[503][1], {}
    return 500, CODES[500], WORDS[500][0] + ". " + WORDS[500][1], {}


def wants_json():
    """The API and pages' own scripts get JSON; people get a page."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"
