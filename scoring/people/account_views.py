"""Signing in and out, and what everybody can do with the own account."""

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user

from scoring.errors import ScoringError
from scoring.fields import blame
from scoring.people import access, services
from scoring.people.blueprint import bp
from scoring.people.forms import ChangePasswordForm, NameForm, SignInForm, TokenForm
from scoring.permissions import Permission, requires
from scoring.web import limiter, own_path


def guarded_sign_in(view):
    """Slow down guessing: count failed tries by address and by e-mail. A school behind one address can all come in."""
    for counted in (get_remote_address, typed_email):
        view = limiter.limit(
            lambda: current_app.config["SIGN_IN_LIMIT"],
            key_func=counted,
            methods=["POST"],
            deduct_when=lambda reply: reply.status_code != 302,
        )(view)
    return view


def typed_email():
    """Whom somebody tries to be; an unknown e-mail counts like a known one."""
    return "e-mail:" + request.form.get("email", "").strip().lower()[:254]


def begin_session(person):
    """Sign somebody in with a new session, so that nothing planted in the old one stays."""
    session.clear()
    login_user(person)
    session.permanent = True
    access.note_seen(person)


@bp.route("/sign-in", methods=["GET", "POST"])
@requires(Permission.ANYONE)
@guarded_sign_in
def sign_in():
    """Let people in who have the password."""
    going = own_path(request.args.get("next"))
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(going)
    form = SignInForm(email=request.args.get("email", ""))
    if form.validate_on_submit():
        person = access.person_signing_in(form.email.data or "", form.password.data or "")
        if person is not None:
            begin_session(person)
            return redirect(going)
    status = 422 if form.is_submitted() else 200
    return render_template(
        "people/sign_in.html", sign_in_form=form, going=going, failed=status == 422
    ), status


@bp.post("/sign-out")
@requires(Permission.SIGNED_IN)
def sign_out():
    """End this session."""
    return end_session()


def end_session():
    """Forget who is signed in; a shared computer forgets what it kept."""
    logout_user()
    session.clear()
    flash("You are signed out.", "success")
    reply = redirect(url_for(".sign_in"))
    reply.headers["Clear-Site-Data"] = '"cache", "storage"'
    return reply


# The own account


@bp.get("/account")
@requires(Permission.SIGNED_IN)
def account():
    """Show the own account."""
    return _account_page()


def _account_page(*, status=200, secret=None, **forms):
    page = render_template(
        "people/account.html",
        form=next(iter(forms.values()), None),
        name_form=forms.get("name_form") or NameForm(formdata=None, obj=current_user),
        password_form=forms.get("password_form") or ChangePasswordForm(formdata=None),
        token_form=forms.get("token_form") or TokenForm(formdata=None),
        tokens=access.tokens_of(current_user),
        shortest=current_app.config["PASSWORD_LENGTH"],
        secret=secret,
    )
    return page, status


@bp.post("/account/name")
@requires(Permission.SIGNED_IN)
def change_name():
    """Change the own name."""
    form = NameForm()
    if form.validate_on_submit():
        try:
            services.rename(current_user, form.name.data, actor=current_user)
            flash("Your name is saved.", "success")
            return redirect(url_for(".account"))
        except ScoringError as error:
            blame(form, error)
    return _account_page(name_form=form, status=422)


@bp.post("/account/password")
@requires(Permission.SIGNED_IN)
@limiter.limit(
    lambda: current_app.config["SIGN_IN_LIMIT"],
    key_func=lambda: current_user.get_id(),
    deduct_when=lambda reply: reply.status_code != 302,
)
def change_password():
    """Change the own password; other computers are signed out, this one stays in."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        person = current_user._get_current_object()
        try:
            access.change_password(person, form.present.data, form.password.data)
            begin_session(person)
            flash("Your password is changed. You are signed out everywhere else.", "success")
            return redirect(url_for(".account"))
        except ScoringError as error:
            blame(form, error)
    return _account_page(password_form=form, status=422)


@bp.post("/account/tokens")
@requires(Permission.SIGNED_IN)
def issue_token():
    """Make an API token and show it this once."""
    form = TokenForm()
    if form.validate_on_submit():
        try:
            secret = services.issue_token(current_user, form.token_name.data, actor=current_user)
            return _account_page(secret=secret)
        except ScoringError as error:
            form.token_name.errors = [error.message]
    return _account_page(token_form=form, status=422)


@bp.post("/account/tokens/<int:token_id>/revoke")
@requires(Permission.SIGNED_IN)
def revoke_token(token_id):
    """End one of the own API tokens."""
    access.revoke_token(current_user, token_id)
    flash("The token no longer works.", "success")
    return redirect(url_for(".account"))


@bp.post("/account/sign-out-everywhere")
@requires(Permission.SIGNED_IN)
def sign_out_everywhere():
    """End all own sessions, this one too."""
    access.end_sessions(current_user, actor=current_user)
    return end_session()
