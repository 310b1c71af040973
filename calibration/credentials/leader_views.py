"""Pages on which leaders and admins write the rules, give credentials, and revoke them."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.credentials import content, overview, rulebook, services
from calibration.credentials.blueprint import bp
from calibration.credentials.forms import MEASURE_HELP, ReasonForm, RuleForm
from scoring.db import db
from scoring.errors import Conflict, ScoringError
from scoring.fields import blame
from scoring.paging import ListPage
from scoring.permissions import Permission, requires
from scoring.web import Paging, asked_page


@bp.get("/rules")
@requires(Permission.GIVE_CREDENTIALS)
def rules():
    """List the rules by which scorers earn credentials, and who asks for one."""
    return render_template(
        "credentials/rules.html",
        rules=db.session.scalars(rulebook.rule_query(current_user)).all(),
        asking=services.open_requests(current_user),
        given=Paging(services.given_query(current_user), size=10),
        can_write=bool(rulebook.rubrics(current_user)),
    )


@bp.route("/rules/new", methods=["GET", "POST"])
@requires(Permission.GIVE_CREDENTIALS)
def new_rule():
    """Write a rule: what a scorer must show for the credential of a rubric version."""
    rubrics, owners = rulebook.rubrics(current_user), rulebook.owners(current_user)
    form = RuleForm()
    form.rubric.choices = [(each.id, f"{each.task.title}, version {each.version}") for each in rubrics]
    form.organization.choices = [(each.id, each.name) for each in owners]
    if form.validate_on_submit():
        rubric = next(each for each in rubrics if each.id == form.rubric.data)
        owner = next(each for each in owners if each.id == form.organization.data)
        made = _tried(form, lambda: rulebook.write_rule(owner, rubric, actor=current_user, **form.facts))
        if made is not None:
            flash("The rule is in use. Scorers see what it takes.", "success")
            return redirect(url_for(".rule", rule_id=made.id))
    return _rule_form(form)


@bp.route("/rules/<int:rule_id>/change", methods=["GET", "POST"])
@requires(Permission.GIVE_CREDENTIALS)
def change_rule(rule_id):
    """Ask for more or less from now on."""
    found = rulebook.own_rule_by_id(rule_id, current_user)
    form = RuleForm(rule=found)
    if form.validate_on_submit() and _tried(
        form, lambda: rulebook.change_rule(found, actor=current_user, **form.facts)
    ):
        flash("The rule is changed. What was given before stays as it is.", "success")
        return redirect(url_for(".rule", rule_id=rule_id))
    return _rule_form(form, found)


def _tried(form, act):
    """Do it, or put what is wrong with it beside the fields."""
    try:
        return act()
    except ScoringError as error:
        blame(form, error)
        return None


def _rule_form(form, rule=None):
    page = render_template("credentials/rule_form.html", form=form, rule=rule, measure_help=MEASURE_HELP)
    return page, 422 if form.errors else 200


@bp.post("/rules/<int:rule_id>/retire")
@requires(Permission.GIVE_CREDENTIALS)
def retire_rule(rule_id):
    """Give nothing more by a rule."""
    rulebook.retire_rule(rulebook.own_rule_by_id(rule_id, current_user), actor=current_user)
    flash("The rule is retired. Credentials that were given stay good.", "success")
    return redirect(url_for(".rules"))


@bp.get("/rules/<int:rule_id>")
@requires(Permission.GIVE_CREDENTIALS)
def rule(rule_id):
    """Show how far each scorer of one's own has come by a rule."""
    return _rule_page(rulebook.rule_by_id(rule_id, current_user))


def _rule_page(found, form=None, declining=None, status=200):
    table = overview.of_rule(found, current_user)
    return render_template(
        "credentials/rule.html", rule=found, table=table, page=ListPage(table.begun, asked_page()), form=form or ReasonForm(formdata=None),
        declining=declining, page_url=lambda number: url_for(".rule", rule_id=found.id, page=number),
        may_change=rulebook.may_change(found, current_user), asked=rulebook.in_words(found),
    ), status  # fmt: skip


@bp.post("/rules/<int:rule_id>/give/<int:person_id>")
@requires(Permission.GIVE_CREDENTIALS)
def give(rule_id, person_id):
    """Give a credential to a scorer who has earned it."""
    found, person = services.rule_and_person(rule_id, person_id, current_user)
    try:
        services.give(found, person, actor=current_user)
    except Conflict as error:
        flash(error.message, "error")
    else:
        flash(f"{person.name} has the credential now.", "success")
    return redirect(url_for(".rule", rule_id=rule_id))


@bp.post("/rules/<int:rule_id>/give-all")
@requires(Permission.GIVE_CREDENTIALS)
def give_all(rule_id):
    """Give a credential to every scorer of one's own who has earned it."""
    made = services.give_all(rulebook.rule_by_id(rule_id, current_user), actor=current_user)
    flash("1 credential is given." if len(made) == 1 else f"{len(made)} credentials are given.", "success")
    return redirect(url_for(".rule", rule_id=rule_id))


@bp.post("/rules/<int:rule_id>/decline/<int:person_id>")
@requires(Permission.GIVE_CREDENTIALS)
def decline(rule_id, person_id):
    """Say no to a scorer who asks for a credential, and why."""
    found, person = services.rule_and_person(rule_id, person_id, current_user)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _rule_page(found, form, person.id, 422)
    services.decline(found, person, form.reason.data, actor=current_user)
    flash(f"{person.name} sees your answer.", "success")
    return redirect(url_for(".rule", rule_id=rule_id))


@bp.get("/given/<int:credential_id>")
@requires(Permission.GIVE_CREDENTIALS)
def given(credential_id):
    """Show a credential that was given to a scorer of one's own."""
    return _given_page(services.given_by_id(credential_id, current_user))


def _given_page(found, form=None, status=200):
    page = render_template("credentials/given.html", credential=found, form=form or ReasonForm(formdata=None),
                           figures=content.figures(found.facts), method=content.method(found.facts))  # fmt: skip
    return page, status


@bp.post("/given/<int:credential_id>/revoke")
@requires(Permission.GIVE_CREDENTIALS)
def revoke(credential_id):
    """Take a credential back, with a reason."""
    found = services.given_by_id(credential_id, current_user)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _given_page(found, form, 422)
    services.revoke(found, form.reason.data, actor=current_user)
    flash("The credential is revoked. Whoever checks it sees that.", "success")
    return redirect(url_for(".given", credential_id=credential_id))


@bp.post("/given/<int:credential_id>/anew")
@requires(Permission.GIVE_CREDENTIALS)
def give_anew(credential_id):
    """Give a credential again with the figures of today."""
    try:
        made = services.give_anew(services.given_by_id(credential_id, current_user), actor=current_user)
    except Conflict as error:
        flash(error.message, "error")
        return redirect(request.path.removesuffix("/anew"))
    flash("The credential is given anew. The one before is revoked.", "success")
    return redirect(url_for(".given", credential_id=made.id))
