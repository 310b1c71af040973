"""Pages on which scorers see what they have earned, ask for a credential, and choose what others see of it."""

from flask import Response, flash, redirect, render_template, url_for
from flask_login import current_user

from calibration.credentials import (  # the pages in two of these files belong to the same blueprint
    certificate,
    content,
    earning,
    leader_views,  # noqa: F401
    public_views,  # noqa: F401
    rulebook,
    services,
)
from calibration.credentials.blueprint import bp
from calibration.credentials.forms import ShareForm
from calibration.credentials.models import CredentialRequest
from calibration.reports.evidence import reads_in_open_events
from scoring.db import db
from scoring.errors import Conflict
from scoring.pages import named
from scoring.permissions import Permission, requires


@bp.get("/")
@requires(Permission.SIGNED_IN)
def index():
    """Show a scorer what they have earned, and what is still missing."""
    mine = services.own_credentials(current_user)
    held = {(each.organization_id, each.rubric_id): each for each in mine if each.revoked_at is None}
    asked = db.session.scalars(
        services.asked_by(current_user).with_only_columns(CredentialRequest.rule_id)
    ).all()
    open_to = earning.earned_for(current_user, rulebook.rules_open_to(current_user))
    free = [
        each
        for each in open_to
        if services.may_be_given(held.get((each.rule.organization_id, each.rule.rubric_id)))
    ]
    return render_template("credentials/index.html", mine=mine, free=free, asked=set(asked),
                           declined=services.declined(current_user),
                           running=reads_in_open_events(current_user.id, [each.rule.rubric_id for each in free]))  # fmt: skip


@bp.post("/rules/<int:rule_id>/ask")
@requires(Permission.SIGNED_IN)
def ask(rule_id):
    """Ask for a credential that one has earned."""
    rule = services.open_rule_by_id(rule_id, current_user)
    try:
        made = services.ask(rule, actor=current_user)
    except Conflict as error:
        flash(error.message, "error")
        return redirect(url_for(".index"))
    if made is None:
        flash("Your leader sees that you ask for it.", "success")
        return redirect(url_for(".index"))
    flash("The credential is yours.", "success")
    return redirect(url_for(".own", earned_id=made.id))


@bp.get("/own/<int:earned_id>")
@requires(Permission.SIGNED_IN)
def own(earned_id):
    """Show one's own credential: the figures, the files, and what others see of it."""
    found = services.own_credential_by_id(earned_id, current_user)
    form = ShareForm(formdata=None, data={"fields": found.shared or []})
    return _own_page(found, form)


def _own_page(found, form, status=200):
    shown = content.shown(found.shared, found.facts, name=found.person.name, title=found.title,
                          issued=found.issued_at, expires=found.expires_at)  # fmt: skip
    page = render_template("credentials/own.html", credential=found, form=form, shown=shown,
                           figures=content.figures(found.facts), sentence=content.sentence(found.facts),
                           method=content.method(found.facts), address=certificate.address_of(found))  # fmt: skip
    return page, status


@bp.post("/own/<int:earned_id>/share")
@requires(Permission.SIGNED_IN)
def share(earned_id):
    """Show others what one chooses of a credential."""
    found = services.own_credential_by_id(earned_id, current_user)
    form = ShareForm()
    if not form.validate_on_submit():
        return _own_page(found, form, 422)
    services.share(found, form.fields.data or [], actor=current_user)
    flash("Whoever has the address sees what you chose.", "success")
    return redirect(url_for(".own", earned_id=earned_id) + "#sharing")


@bp.post("/own/<int:earned_id>/withdraw")
@requires(Permission.SIGNED_IN)
def withdraw(earned_id):
    """Show nobody anything of a credential any more."""
    services.withdraw(services.own_credential_by_id(earned_id, current_user), actor=current_user)
    flash("Nothing is shared any more. The address leads nowhere now.", "success")
    return redirect(url_for(".own", earned_id=earned_id) + "#sharing")


@bp.get("/own/<int:earned_id>/certificate.pdf")
@requires(Permission.SIGNED_IN)
def certificate_file(earned_id):
    """Hand out the certificate of one's own credential, to print."""
    found = services.own_credential_by_id(earned_id, current_user)
    services.require_in_force(found)
    return _file(certificate.certificate(found), "application/pdf", f"certificate {found.title}.pdf")


@bp.get("/own/<int:earned_id>/badge.jwt")
@requires(Permission.SIGNED_IN)
def badge_file(earned_id):
    """Hand out the signed badge of one's own credential."""
    found = services.own_credential_by_id(earned_id, current_user)
    services.require_in_force(found)
    return _file(found.badge + "\n", "application/jwt", f"badge {found.title}.jwt")


def _file(data, media_type, name):
    """Answer with a download. Nothing in it can run here."""
    answer = Response(data, mimetype=media_type)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers.set("Content-Disposition", "attachment", **named(name))
    return answer
