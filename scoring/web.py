"""What every page needs: headers, navigation, filters and paging."""

import math
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa
from flask import current_app, g, request, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix

from scoring import asking
from scoring.db import db
from scoring.paging import PAGE_SIZE, ListPage
from scoring.permissions import Permission

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, headers_enabled=True)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NAVIGATION = [
    ("reads.desk", "My work", Permission.SCORE, "home"),
    ("events.index", "Events", Permission.RUN_EVENTS, "event"),
    ("adjudication.index", "Adjudication", Permission.ADJUDICATE, "scale"),
    ("tasks.index", "Tasks", Permission.EDIT_TASKS, "task"),
    ("papers.index", "Anchors", Permission.CHOOSE_ANCHORS, "anchor"),
    ("calibration.index", "Calibration", Permission.SIGNED_IN, "balance"),
    ("responses.index", "Responses", Permission.SEE_RESPONSES, "response"),
    ("reports.index", "Reports", Permission.SEE_AGREEMENT, "report"),
    ("people.index", "People", Permission.MANAGE_PEOPLE, "people"),
]
SHOWN_UNDER = {  # parts that have no word of their own in the navigation
    "oversight": "events", "discussions": "calibration", "rangefinding": "calibration", "qualification": "calibration",
    "sessions": "calibration", "judging": "calibration", "cycles": "calibration", "credentials": "calibration",
    "community": "calibration",
}  # fmt: skip
AT_HOME = "http://127.0.0.1:8000"  # where ./run serves


def init_app(app):
    """Put the headers, the filters and the navigation on every page."""
    asking.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    app.after_request(add_headers)
    app.context_processor(common_context)
    app.jinja_env.filters.update(when=when, count=count, decimal=decimal, of_100=of_100, filesize=filesize)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    add_fingerprints(app)


def add_headers(response):
    """Strict headers on every reply; nothing behind sign-in is kept by a browser or a proxy."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static" or response.status_code >= 400:  # an error's page names who is signed in
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def add_fingerprints(app):
    """Give each static file's address its fingerprint, so that browsers keep it for a year and never a stale one."""
    prints = {}

    @app.url_defaults
    def fingerprint(endpoint, values):
        if endpoint == "static" and "v" not in values:
            path = Path(app.static_folder) / values["filename"]
            if path.is_file():
                known = prints.get(path)
                stamp = path.stat().st_mtime_ns
                if known is None or known[0] != stamp:
                    known = prints[path] = (stamp, sha256(path.read_bytes()).hexdigest()[:12])
                values["v"] = known[1]

    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31536000


@dataclass(frozen=True)
class NavigationItem:
    """One word in the main navigation."""

    label: str
    href: str
    current: bool
    icon: str


def common_context():
    """What base.html needs."""
    return {"navigation": navigation(), "theme": request.cookies.get("theme", "auto")}


def navigation():
    """The places this person may go."""
    if not current_user.is_authenticated:
        return []
    return [
        NavigationItem(
            label,
            url_for(endpoint),
            SHOWN_UNDER.get(request.blueprint, request.blueprint) == endpoint.partition(".")[0],
            icon,
        )
        for endpoint, label, permission, icon in NAVIGATION
        if current_user.may(permission)
    ]


class Paging(ListPage):
    """One page of a query's rows. `query` states its order; `scalars=False` keeps whole rows."""

    def __init__(self, query, *, page=None, size=PAGE_SIZE, scalars=True):
        counted = sa.select(sa.func.count()).select_from(query.order_by(None).subquery())
        self._turn_to(page or asked_page(), db.session.scalar(counted) or 0, size)
        rows = db.session.execute(query.limit(size).offset(self.start))
        self.items = rows.scalars().unique().all() if scalars else rows.all()


def asked_page():
    """The page that the address asks for."""
    return request.args.get("page", 1, type=int)


def public_url():
    """The address under which others reach this installation: from the settings, never from a request, which could name any host."""
    return (current_app.config["PUBLIC_URL"] or AT_HOME).rstrip("/")


def own_path(target, otherwise="/"):
    """Return a path of this site to go on to; anything that leads elsewhere becomes `otherwise`."""
    is_own = target and target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target
    return target if is_own and target.isprintable() else otherwise


# Filters


def when(moment: datetime | None):
    """A moment as <time>; the page's script turns it into the reader's own time zone."""
    if moment is None:
        return ""
    return Markup('<time datetime="{}">{}</time>').format(
        moment.isoformat(), f"{moment:%b} {moment.day}, {moment:%Y, %H:%M} UTC"
    )


def count(number):
    """1234 as 1,234."""
    return f"{number:,}"


def decimal(number, places=2):
    """A number with so many decimals; a dash where there is none."""
    return "–" if number is None or math.isnan(number) else f"{number:.{places}f}"


def of_100(share):
    """0.76 as "76 of every 100"."""
    return "–" if share is None or math.isnan(share) else f"{round(share * 100)} of every 100"


def filesize(size):
    """2048 as 2 KB."""
    for unit in ("bytes", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"
