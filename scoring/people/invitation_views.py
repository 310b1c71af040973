"""Inviting people, and what those do who were invited."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_limiter.util import get_remote_address
from flask_login import current_user

from scoring.errors import ScoringError
from scoring.fields import blame
from scoring.people import acceptance, directory, invitations
from scoring.people.account_views import begin_session
from scoring.people.blueprint import bp
from scoring.people.forms import AcceptForm, InviteForm, NewPasswordForm
from scoring.permissions import Permission, requires
from scoring.web import Paging, limiter


@bp.route("/people/invite", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def invite():
    """Take a list of people, show what would happen, and invite the good ones when told to."""
    form = InviteForm()
    if form.validate_on_submit():
        try:
            if request.form.get("action") == "send":
                return _send(form.list_text)
            if request.form.get("action") != "back":
                rows = invitations.preview(form.list_text, actor=current_user)
                return _preview_page(form.list_text, rows)
            form.text.data = form.rows.data
        except ScoringError as error:
            form.text.errors = [error.message]
    places = directory.places_of(current_user)
    page = render_template("people/invite.html", form=form, places=places)
    return page, 422 if form.errors else 200


def _preview_page(text, rows):
    counts = {outcome: sum(row.outcome == outcome for row in rows) for outcome in invitations.WORDS}
    good = sum(counts[outcome] for outcome in invitations.GOOD)
    return render_template("people/invite_preview.html", text=text, rows=rows, counts=counts, good=good,
                           problems=[problem for row in rows for problem in row.problems])  # fmt: skip


def _send(text):
    rows, links = invitations.invite(text, actor=current_user)
    joined = [row for row in rows if row.outcome == "role"]
    left_out = [row for row in rows if row.problems]
    return _links_page(links, joined=joined, left_out=left_out, lasts=invitations.INVITED_FOR)


def _links_page(links, *, lasts, joined=(), left_out=()):
    """Show links this once. They are in no address and in no log."""
    ready = [(link, url_for(".accept_invitation", token=link.secret, _external=True)) for link in links]
    return render_template(
        "people/links.html", links=ready, joined=joined, left_out=left_out, days=lasts.days
    )


@bp.get("/people/invitations")
@requires(Permission.MANAGE_PEOPLE)
def waiting():
    """List who was invited and has not come yet."""
    return render_template("people/waiting.html", invitations=Paging(invitations.waiting(current_user)))


@bp.post("/people/invitations/<int:invitation_id>/renew")
@requires(Permission.MANAGE_PEOPLE)
def renew(invitation_id):
    """Make a new link for an invitation; the old one ends."""
    found = invitations.invitation_within(current_user, invitation_id)
    return _links_page([invitations.renew(found, actor=current_user)], lasts=invitations.INVITED_FOR)


@bp.post("/people/invitations/<int:invitation_id>/withdraw")
@requires(Permission.MANAGE_PEOPLE)
def withdraw(invitation_id):
    """Take an invitation back."""
    found = invitations.invitation_within(current_user, invitation_id)
    invitations.withdraw(found, actor=current_user)
    flash(f"The invitation of {found.name} is withdrawn. The link no longer works.", "success")
    return redirect(url_for(".waiting"))


@bp.post("/people/<int:person_id>/password-link")
@requires(Permission.MANAGE_PEOPLE)
def password_link(person_id):
    """Make a link with which somebody who forgot the password sets a new one."""
    found = directory.person_within(current_user, person_id)
    link = invitations.password_link(found, actor=current_user)
    return _links_page([link], lasts=invitations.NEW_PASSWORD_FOR)


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@requires(Permission.ANYONE)
@limiter.limit(
    lambda: current_app.config["SIGN_IN_LIMIT"],
    key_func=get_remote_address,
    deduct_when=lambda reply: reply.status_code not in {200, 302},
)
def accept_invitation(token):
    """Come in through a link."""
    invitation = acceptance.by_token(token)
    return _new_password(invitation) if invitation.email is None else _accept(invitation)


def _accept(invitation):
    is_own = current_user.is_authenticated and current_user.email == invitation.email
    form = AcceptForm(name=invitation.name)
    if is_own and request.method == "POST":
        acceptance.accept_as(current_user._get_current_object(), invitation)
        flash(f"Welcome to {invitation.organization.name}.", "success")
        return redirect("/")
    if form.validate_on_submit():
        try:
            begin_session(acceptance.accept(invitation, name=form.name.data, password=form.password.data))
            flash(f"Welcome to {invitation.organization.name}.", "success")
            return redirect("/")
        except ScoringError as error:
            blame(form, error)
    page = render_template("people/accept.html", form=form, invitation=invitation, is_own=is_own,
                           shortest=current_app.config["PASSWORD_LENGTH"])  # fmt: skip
    return page, 422 if form.errors else 200


def _new_password(invitation):
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            begin_session(acceptance.set_new_password(invitation, form.password.data))
            flash("Your new password is set. You are signed in.", "success")
            return redirect("/")
        except ScoringError as error:
            blame(form, error)
    page = render_template("people/new_password.html", form=form, person=invitation.person,
                           shortest=current_app.config["PASSWORD_LENGTH"])  # fmt: skip
    return page, 422 if form.errors else 200
