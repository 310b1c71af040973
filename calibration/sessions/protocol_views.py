"""Pages of protocols: what comes with the product, and an organization's own copies."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.sessions import finding, protocols, rules
from calibration.sessions.blueprint import bp
from calibration.sessions.forms import CopyForm, ProtocolForm, StepForm
from scoring.db import db
from scoring.errors import NotFound, ScoringError
from scoring.permissions import Permission, requires


@bp.get("/protocols")
@requires(Permission.CALIBRATE)
def list_protocols():
    """List the protocols by which sessions can be run."""
    own = db.session.scalars(protocols.protocol_query(current_user)).all()
    return render_template("sessions/protocols.html", built_in=protocols.built_in(), own=own)


@bp.route("/protocols/built-in", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def built_in():
    """Show a protocol that comes with the product, and make a copy of it."""
    return _show(protocols.built_in_by_key(request.args.get("key", protocols.built_in()[0].key)), None)


@bp.route("/protocols/<int:protocol_id>", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def protocol(protocol_id):
    """Show an organization's own protocol, and make a copy of it."""
    found = protocols.protocol_by_id(protocol_id, current_user)
    return _show(found, found)


def _show(source, own):
    """Show a protocol with its steps; a name that was sent makes a copy."""
    owners = finding.homes(current_user)
    form = CopyForm()
    form.organization.choices = [(each.id, each.name) for each in owners]
    if len(owners) == 1:
        del form.organization
    if form.validate_on_submit():
        owner = next(
            (each for each in owners if "organization" in form and each.id == form.organization.data),
            owners[0],
        )
        try:
            made = protocols.copy(source, owner, name=form.name.data, actor=current_user)
        except ScoringError as error:
            form.name.errors = [*form.name.errors, error.message]
        else:
            flash("The copy is made. Change it as you like.", "success")
            return redirect(url_for("sessions.protocol", protocol_id=made.id))
    page = render_template(
        "sessions/protocol.html", source=source, own=own, form=form, kinds=rules.KINDS, problems=rules.problems(source.steps),
        minutes=rules.minutes_in_all(source.steps, 1), may_change=own is not None and protocols.may_change(own, current_user),
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _changeable(protocol_id):
    found = protocols.protocol_by_id(protocol_id, current_user)
    if not protocols.may_change(found, current_user):
        raise NotFound("This protocol is not yours to change. Make a copy of it and change that.")
    return found


@bp.route("/protocols/<int:protocol_id>/edit", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def edit_protocol(protocol_id):
    """Give a protocol another name and say what it is good for."""
    found = _changeable(protocol_id)
    form = ProtocolForm(obj=found)
    if form.validate_on_submit():
        try:
            protocols.describe(found, name=form.name.data, summary=form.summary.data, actor=current_user)
        except ScoringError as error:
            form.name.errors = [*form.name.errors, error.message]
        else:
            return redirect(url_for("sessions.protocol", protocol_id=protocol_id))
    page = render_template("sessions/edit_protocol.html", form=form, protocol=found)
    return page, 422 if form.errors else 200


@bp.route("/protocols/<int:protocol_id>/steps/<int:number>", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def step(protocol_id, number):
    """Write a step of a protocol anew; the number after the last one adds a step."""
    found = _changeable(protocol_id)
    if not 1 <= number <= len(found.steps) + 1:
        raise NotFound("There is no such step in the protocol.")
    known = found.steps[number - 1] if number <= len(found.steps) else {}
    form = StepForm(data={**rules.step("norms"), "title": "", **known})
    if form.validate_on_submit():
        try:
            protocols.put_step(found, number - 1, form.step, actor=current_user)
        except ScoringError as error:
            form.form_errors.append(error.message)
        else:
            return redirect(url_for("sessions.protocol", protocol_id=protocol_id))
    page = render_template("sessions/step.html", form=form, protocol=found, number=number, is_new=not known)
    return page, 422 if form.errors else 200


@bp.post("/protocols/<int:protocol_id>/steps/<int:number>/move")
@requires(Permission.CALIBRATE)
def move_step(protocol_id, number):
    """Move a step up or down."""
    by = 1 if request.form.get("by") == "1" else -1
    protocols.move_step(_changeable(protocol_id), number - 1, by, actor=current_user)
    return redirect(url_for("sessions.protocol", protocol_id=protocol_id) + "#steps")


@bp.post("/protocols/<int:protocol_id>/steps/<int:number>/remove")
@requires(Permission.CALIBRATE)
def remove_step(protocol_id, number):
    """Take a step out of a protocol."""
    protocols.remove_step(_changeable(protocol_id), number - 1, actor=current_user)
    return redirect(url_for("sessions.protocol", protocol_id=protocol_id) + "#steps")


@bp.post("/protocols/<int:protocol_id>/retire")
@requires(Permission.CALIBRATE)
def retire_protocol(protocol_id):
    """Take a protocol out of the list."""
    protocols.retire(_changeable(protocol_id), actor=current_user)
    flash("The protocol is retired. Sessions that use it keep their steps.", "success")
    return redirect(url_for("sessions.list_protocols"))
