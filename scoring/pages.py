"""Pages that belong to no feature: home, appearance, files by signed link, jobs, and health."""

import shutil
import unicodedata
from urllib.parse import quote

import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user

from scoring import check, storage
from scoring.db import db
from scoring.jobs import Job, try_again
from scoring.people.models import Organization
from scoring.permissions import Permission, requires
from scoring.web import NAVIGATION, own_path

bp = Blueprint("pages", __name__)
DEMO_CODE = "demo-network"
ROOM_NEEDED = 50 * 1024 * 1024
INLINE = {"image/png", "image/jpeg", "image/webp", "text/plain"}
OFFICE = "application/vnd.openxmlformats-officedocument."
DOWNLOADED = {"application/pdf", "application/zip", "text/csv", f"{OFFICE}wordprocessingml.document",
              f"{OFFICE}spreadsheetml.sheet"}  # fmt: skip


def init_app(app):
    """Serve these pages and tell every template whether the demonstration season is loaded."""
    app.register_blueprint(bp)
    app.context_processor(lambda: {"demo_loaded": is_demo_loaded()})


def is_demo_loaded():
    """Whether the demonstration season is in this database."""
    return db.session.scalar(sa.select(Organization.id).where(Organization.code == DEMO_CODE)) is not None


@bp.get("/")
@requires(Permission.ANYONE)
def home():
    """Send people to the first place that is theirs; tell visitors what this is."""
    if not current_user.is_authenticated:
        return render_template("pages/home.html")
    place = next(
        (endpoint for endpoint, _, permission, _ in NAVIGATION if current_user.may(permission)),
        "people.account",
    )
    return redirect(url_for(place))


@bp.post("/theme")
@requires(Permission.ANYONE)
def theme():
    """Remember light, dark or automatic in a cookie."""
    answer = redirect(own_path(request.form.get("next")))
    choice = request.form.get("theme")
    if choice in {"auto", "light", "dark"}:
        answer.set_cookie(
            "theme", choice, max_age=31536000, samesite="Lax", secure=request.is_secure, httponly=True
        )
    return answer


@bp.get("/files/<token>")
@requires(Permission.SIGNED_IN)
def file(token):
    """Hand out one file to the person the link was made for."""
    return file_reply(token, current_user)


def file_reply(token, person):
    """Answer with a file. Pictures and text are shown in place, all else is a download; nothing in it can run."""
    key, media_type, name = storage.read_link(token, person)
    is_known = media_type in INLINE | DOWNLOADED
    answer = Response(storage.get(key), mimetype=media_type if is_known else "application/octet-stream")
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, no-store"
    if name or media_type not in INLINE:
        answer.headers.set("Content-Disposition", "attachment", **named(name or "file"))
    return answer


def named(name):
    """The parameters that name a download. Headers are plain ASCII, so other letters come as RFC 6266 has them."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return (
        {"filename": plain}
        if plain == name
        else {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
    )


@bp.get("/jobs/<int:job_id>")
@requires(Permission.SIGNED_IN)
def job(job_id):
    """Show how far a job has come."""
    return render_template("pages/job.html", job=_own_job(job_id))


@bp.get("/jobs/<int:job_id>/state")
@requires(Permission.SIGNED_IN)
def job_state(job_id):
    """The same for the page's script."""
    found = _own_job(job_id)
    return {"status": found.status, "progress": found.progress, "total": found.total, "message": found.message,
            "over": found.is_over}  # fmt: skip


@bp.post("/jobs/<int:job_id>/again")
@requires(Permission.SIGNED_IN)
def job_again(job_id):
    """Start a failed job once more."""
    try_again(_own_job(job_id), actor=current_user)
    return redirect(url_for(".job", job_id=job_id))


def _own_job(job_id):
    found = db.session.get(Job, job_id)
    if found is None or found.created_by_id != current_user.id:
        abort(404)
    return found


@bp.get("/healthz")
@requires(Permission.ANYONE)
def healthz():
    """Say whether database, storage and queue are well: 200 when all are, else 503."""
    checks = {
        "database": _database_is_well,
        "storage": _storage_is_well,
        "queue": lambda: not check.queue_problems(),
    }
    answers = {}
    for name, is_well in checks.items():
        try:
            answers[name] = "ok" if is_well() else "not well"
        except Exception:
            current_app.logger.exception("health: %s", name)
            answers[name] = "not well"
    well = set(answers.values()) == {"ok"}
    return {"status": "ok" if well else "not well", **answers}, 200 if well else 503


def _database_is_well():
    return db.session.scalar(sa.select(sa.literal(1))) == 1


def _storage_is_well():
    """Files can be written and read back, and a local disk still has room for them."""
    is_local = not current_app.config["STORAGE_URL"]
    has_room = not is_local or shutil.disk_usage(current_app.instance_path).free > ROOM_NEEDED
    return has_room and not check.storage_problems()
