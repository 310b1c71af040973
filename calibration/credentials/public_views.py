"""Pages for strangers: checking a badge, what a holder shares, and what programs need to check badges by themselves."""

from flask import abort, redirect, render_template, request, url_for

from calibration.credentials import badge, content, issuer, services, verifying
from calibration.credentials.blueprint import bp
from calibration.credentials.forms import CodeForm, VerifyForm
from calibration.credentials.rules import read_code
from scoring.permissions import Permission, requires
from scoring.web import limiter

TRIES = "60 per minute"
LARGEST_REQUEST = verifying.LARGEST + 64 * 1024


@bp.url_value_preprocessor
def take_little(endpoint, _values):
    """Nobody need sign in to check a badge, so nobody may send more than a badge. Asked before the form is read."""
    if endpoint == "credentials.verify":
        request.max_content_length = LARGEST_REQUEST


@bp.route("/verify", methods=["GET", "POST"])
@requires(Permission.ANYONE)
@limiter.limit(TRIES, methods=["POST"])
def verify():
    """Find out whether a badge is genuine, without signing in."""
    form, by_code = VerifyForm(), CodeForm(request.args)
    if request.method == "GET" and by_code.code.data:
        code = read_code(by_code.code.data)
        if code is not None:
            return redirect(url_for(".shared", share_code=code))
        by_code.code.errors = [
            "This is not such a code. It has 16 letters and digits, as in 7K2M-9QXD-4T8B-HN3P."
        ]
        return _verify_page(form, by_code, status=422)
    if not form.validate_on_submit():
        return _verify_page(form, by_code, status=422 if form.errors else 200)
    text = _given_text(form)
    if text == "":
        form.badge.errors = ["Paste the text of a badge, or choose its file."]
        return _verify_page(form, by_code, status=422)
    verdict = verifying.Verdict(verifying.State.NO_BADGE) if text is None else verifying.check(text)
    is_theirs = None
    if verdict.payload and form.email.data:
        is_theirs = badge.is_of(verdict.payload, form.email.data)
    return _verify_page(form, by_code, verdict=verdict, is_theirs=is_theirs)


def _given_text(form):
    """What was pasted, or else what the file holds; None when that can be no badge."""
    pasted = (form.badge.data or "").strip()
    if pasted or not form.file.data:
        return pasted if pasted.isascii() else None
    return verifying.text_of(form.file.data.read(verifying.LARGEST + 1))


def _verify_page(form, by_code, *, verdict=None, is_theirs=None, status=200):
    page = render_template(
        "credentials/verify.html", form=form, by_code=by_code, verdict=verdict, is_theirs=is_theirs
    )
    return page, status


@bp.get("/<share_code>")
@requires(Permission.ANYONE)
@limiter.limit(TRIES)
def shared(share_code):
    """Show what a holder shares of a credential, and whether it is in force."""
    found = services.shared_by_code(share_code)
    rows = content.shown(found.shared, found.facts, name=found.person.name, title=found.title,
                         issued=found.issued_at, expires=found.expires_at)  # fmt: skip
    has_figures = "rates" in found.shared
    return render_template("credentials/shared.html", state=found.state, rows=rows, given_by=found.organization.name,
                           method=content.method(found.facts) if has_figures else None)  # fmt: skip


# For programs


@bp.get("/issuer")
@requires(Permission.ANYONE)
def issuer_profile():
    """Say who gives badges here, as Open Badges 3.0 has it."""
    return _published(issuer.profile())


@bp.get("/did.json")
@requires(Permission.ANYONE)
def did_document():
    """Publish the issuer's name with its public keys."""
    return _published(issuer.did_document() or abort(404))


@bp.get("/jwks.json")
@requires(Permission.ANYONE)
def key_set():
    """Publish the public keys as a key set."""
    return _published(issuer.key_set())


@bp.get("/status/<int:list_id>")
@requires(Permission.ANYONE)
def status_list(list_id):
    """Publish the signed list of revoked badges."""
    return _published(badge.status_list(list_id) or abort(404), "application/vc+jwt")


def _published(content_of_it, media_type=None):
    """Answer to any site: there is nothing private in it."""
    headers = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
    if media_type:
        headers["Content-Type"] = media_type
    return content_of_it, 200, headers
