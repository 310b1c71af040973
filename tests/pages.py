"""A test client that reads every page it gets the way a strict reviewer would."""

import contextvars
from html.parser import HTMLParser
from urllib.parse import urlsplit

from flask import current_app
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from scoring.db import db

CONTENT_SECURITY_POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:", "font-src 'self'",
    "media-src 'self' blob:", "connect-src 'self'", "worker-src 'self'", "manifest-src 'self'", "form-action 'self'",
    "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'",
}  # fmt: skip
LOADED = {
    "script": "src",
    "img": "src",
    "link": "href",
    "source": "src",
    "audio": "src",
    "video": "src",
    "iframe": "src",
}
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


class CheckingClient(FlaskClient):
    """Sends each request as a browser would, with a session of its own, and checks each reply.

    POST carries the CSRF token by itself; `csrf=False` leaves it out. The rows a test holds are fresh afterwards.
    """

    person = None

    def open(self, *args, csrf=True, **kwargs):
        method = kwargs.get("method", "GET")
        if csrf and method in CHANGES:
            kwargs["headers"] = [*_pairs(kwargs.get("headers")), ("X-CSRFToken", self._csrf_token())]
        session = db.session()
        session.commit()  # a reading transaction of the test would keep the request from writing to SQLite
        # An empty context: the request shares neither `g` nor database session with the test.
        response = contextvars.Context().run(super().open, *args, **kwargs)
        session.expire_all()
        check_reply(response, is_signed_in=self.person is not None)
        return response

    def sign_in(self, person):
        """Sign in without the form; the form has tests of its own."""
        self.person = person.id
        with self.session_transaction() as session:
            session["_user_id"] = person.get_id()
            session["_fresh"] = True
        return self

    def _csrf_token(self):
        with self.session_transaction() as session:
            session.setdefault("csrf_token", "0" * 40)
            signer = URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="wtf-csrf-token")
            return signer.dumps(session["csrf_token"])


def _pairs(headers):
    return list(headers.items() if hasattr(headers, "items") else headers or [])


def check_reply(response, *, is_signed_in=False):
    """Fail on what no reply may lack and on what no page may hold."""
    headers = response.headers
    where = f"{response.request.method} {response.request.path}"
    policy = {part.strip() for part in headers.get("Content-Security-Policy", "").split(";") if part.strip()}
    if response.mimetype == "text/html":
        assert policy == CONTENT_SECURITY_POLICY, (
            f"{where}: another Content-Security-Policy: {sorted(policy)}"
        )
    else:
        assert policy, f"{where}: no Content-Security-Policy"
    assert headers.get("X-Content-Type-Options") == "nosniff", f"{where}: no nosniff"
    assert headers.get("Referrer-Policy") in {"no-referrer", "same-origin"}, f"{where}: the referrer leaves"
    if is_signed_in and not response.request.path.startswith("/static/"):
        assert "no-store" in headers.get("Cache-Control", ""), (
            f"{where}: a shared computer may keep this reply"
        )
    if (
        response.mimetype == "text/html"
        and not 300 <= response.status_code < 400
        and response.request.method != "HEAD"
    ):
        problems = page_problems(response.get_data(as_text=True))
        assert not problems, f"{where}: " + "; ".join(problems)


def page_problems(html):
    """Return what is wrong with a page, in words."""
    page = _Page()
    page.feed(html)
    page.close()
    found = list(page.problems)
    if page.language is None:
        found.append("<html> names no language")
    if not page.title.strip():
        found.append("no <title>")
    if page.headings != 1:
        found.append(f"{page.headings} <h1> instead of one")
    found += [
        f"id {name!r} stands twice"
        for name in sorted({each for each in page.ids if page.ids.count(each) > 1})
    ]
    found += [
        f"{owner} refers to {name!r}, which is not there"
        for owner, name in page.references
        if name not in page.ids
    ]
    return found


class _Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.problems, self.ids, self.references = [], [], []
        self.language, self.title, self.headings = None, "", 0
        self.inside, self.in_body = None, False
        self.form_is_open_to_forgery = False

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        self.inside = tag if tag == "script" or (tag == "title" and not self.in_body) else None
        if tag == "body":
            self.in_body = True
        elif tag == "html":
            self.language = given.get("lang") or None
        elif tag == "h1":
            self.headings += 1
        elif tag == "style":
            self.problems.append("a <style> element")
        elif tag == "form":
            self.form_is_open_to_forgery = given.get("method", "get").lower() == "post"
        elif tag == "input" and given.get("name") == "csrf_token":
            self.form_is_open_to_forgery = False
        self._check_attributes(tag, given)

    def _check_attributes(self, tag, given):
        for name, value in given.items():
            if name == "style" or name.startswith("on"):
                self.problems.append(f'<{tag} {name}="{value}">')
            if name in {"href", "src", "action", "formaction"} and value.strip().lower().startswith(
                "javascript:"
            ):
                self.problems.append(f"<{tag} {name}> holds script")
        address = given.get(LOADED.get(tag, ""), "")
        if tag == "script" and not address:
            self.problems.append("a <script> without src")
        if urlsplit(address).netloc:
            self.problems.append(f"<{tag}> loads {address} from another host")
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "label" and "for" in given:
            self.references.append(("label for", given["for"]))
        for name in ("aria-describedby", "aria-labelledby", "aria-controls", "list"):
            self.references += [(name, each) for each in given.get(name, "").split()]

    def handle_endtag(self, tag):
        self.inside = None
        if tag == "form" and self.form_is_open_to_forgery:
            self.problems.append("a form that posts without csrf_token")
            self.form_is_open_to_forgery = False

    def handle_data(self, data):
        if self.inside == "title":
            self.title += data
        elif self.inside == "script" and data.strip():
            self.problems.append("script inside the page")
