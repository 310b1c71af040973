"""Pages about the digest: when it comes, what it would say now, and the link that ends it."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration import digest as writing
from calibration.community import digests
from calibration.community.blueprint import bp
from calibration.community.forms import DigestForm
from calibration.community.models import Frequency
from scoring.db import now
from scoring.errors import Invalid
from scoring.permissions import Permission, requires
from scoring.web import csrf, limiter

DAYS = {Frequency.DAILY: 1, Frequency.WEEKLY: 7, Frequency.OFF: 7}


@bp.route("/digest", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def digest():
    """Choose when the digest comes, and see what it would say now."""
    form = DigestForm(obj=digests.choice_of(current_user))
    if form.validate_on_submit():
        try:
            digests.choose(current_user, frequency=form.frequency.data, weekday=form.weekday.data, hour=form.hour.data, zone=form.zone.data,
                           actor=current_user)  # fmt: skip
        except Invalid as error:
            form.frequency.errors = [error.message]
        else:
            flash("Your choice is saved.", "success")
            return redirect(url_for(".digest"))
    since = now() - timedelta(days=DAYS[digests.choice_of(current_user).frequency])
    page = render_template("community/digest.html", form=form, letter=writing.letter_for(current_user, since))
    return page, 422 if form.errors else 200


@bp.route("/digest/stop/<stop_token>", methods=["GET", "POST"])
@requires(Permission.ANYONE)
@csrf.exempt
@limiter.limit("60 per minute")
def stop_digest(stop_token):
    """End the digest by the link in an e-mail, without signing in. Programs for e-mail post here by themselves."""
    person = digests.person_of_stop_token(stop_token)
    if request.method == "POST":
        digests.stop(person)
    return render_template(
        "community/stop_digest.html", is_off=digests.choice_of(person).frequency is Frequency.OFF
    )
