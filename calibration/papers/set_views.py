"""Pages for paper sets: what there is, a new one, its papers in order, and what becomes of it."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.papers import blind, choosing, services, sets
from calibration.papers.blueprint import bp
from calibration.papers.collections import coverage_of
from calibration.papers.forms import PURPOSE_HELP, AddForm, SetForm
from calibration.papers.models import Paper
from scoring.db import db
from scoring.errors import ScoringError
from scoring.permissions import Permission, requires


@bp.get("/sets")
@requires(Permission.CHOOSE_ANCHORS)
def sets_index():
    """List the paper sets of each task: begun, frozen and retired."""
    found = db.session.scalars(sets.set_query(current_user)).all()
    return render_template("papers/sets.html", sets=found, can_begin=bool(sets.rubrics(current_user)))


@bp.route("/sets/new", methods=["GET", "POST"])
@requires(Permission.CHOOSE_ANCHORS)
def new_set():
    """Begin a paper set for a purpose."""
    rubrics, owners = sets.rubrics(current_user), sets.owners(current_user)
    form = SetForm(rubric=request.args.get("rubric", type=int))
    form.rubric.choices = [(each.id, f"{each.task.title}, version {each.version}") for each in rubrics]
    form.organization.choices = [(each.id, each.name) for each in owners]
    if form.validate_on_submit():
        rubric = next(each for each in rubrics if each.id == form.rubric.data)
        owner = next(each for each in owners if each.id == form.organization.data)
        try:
            made = sets.create_set(owner, rubric, name=form.name.data, purpose=form.purpose.data, actor=current_user)  # fmt: skip
        except ScoringError as error:
            form.name.errors = [error.message]
        else:
            return redirect(url_for(".show_set", set_id=made.id))
    page = render_template("papers/new_set.html", form=form, purpose_help=PURPOSE_HELP)
    return page, 422 if form.errors else 200


@bp.get("/sets/<int:set_id>")
@requires(Permission.CHOOSE_ANCHORS)
def show_set(set_id):
    """Show a paper set: its papers in order, and how they cover the rubric."""
    found = sets.set_by_id(set_id, current_user)
    mine = db.session.scalars(services.paper_query(current_user).with_only_columns(Paper.id).order_by(None))
    return render_template("papers/set.html", set=found, cover=coverage_of(found.rubric, found.papers), mine=set(mine),
                           owed=blind.owes(current_user, [each.response_id for each in found.papers]),
                           may_change=sets.may_change(found, current_user), events=sets.used_in(found, current_user))  # fmt: skip


@bp.route("/sets/<int:set_id>/add", methods=["GET", "POST"])
@requires(Permission.CHOOSE_ANCHORS)
def add_to_set(set_id):
    """Add papers of the task to a set that is not frozen."""
    found = sets.draft_by_id(set_id, current_user)
    fitting = sets.fitting_papers(found, current_user)
    form = AddForm()
    form.papers.choices = [(paper.id, paper.described) for paper, problem in fitting if not problem]
    if form.validate_on_submit():
        chosen = [paper for paper, _ in fitting if paper.id in form.papers.data]
        sets.add_papers(found, chosen, actor=current_user)
        flash("1 paper is added." if len(chosen) == 1 else f"{len(chosen)} papers are added.", "success")
        return redirect(url_for(".show_set", set_id=set_id))
    page = render_template("papers/add_to_set.html", form=form, set=found, beside=choosing.beside([paper for paper, problem in fitting if not problem], current_user),
                           others=[each for each in fitting if each[1]])  # fmt: skip
    return page, 422 if form.errors else 200


@bp.post("/sets/<int:set_id>/papers/<int:paper_id>/move")
@requires(Permission.CHOOSE_ANCHORS)
def move_in_set(set_id, paper_id):
    """Move a paper up or down in a set."""
    by = 1 if request.form.get("by") == "1" else -1
    sets.move_paper(sets.set_by_id(set_id, current_user), paper_id, by, actor=current_user)
    return redirect(url_for(".show_set", set_id=set_id) + "#papers")


@bp.post("/sets/<int:set_id>/papers/<int:paper_id>/remove")
@requires(Permission.CHOOSE_ANCHORS)
def remove_from_set(set_id, paper_id):
    """Take a paper out of a set."""
    sets.remove_paper(sets.set_by_id(set_id, current_user), paper_id, actor=current_user)
    flash("The paper is out of the set.", "success")
    return redirect(url_for(".show_set", set_id=set_id) + "#papers")


@bp.post("/sets/<int:set_id>/freeze")
@requires(Permission.CHOOSE_ANCHORS)
def freeze_set(set_id):
    """End all changes to a set, so that it can be used."""
    found = sets.set_by_id(set_id, current_user)
    try:
        sets.freeze_set(found, actor=current_user)
    except ScoringError as error:
        flash(error.message, "error")
    else:
        flash("The set is frozen. It can be used now, and does not change any more.", "success")
    return redirect(url_for(".show_set", set_id=set_id))


@bp.post("/sets/<int:set_id>/new-version")
@requires(Permission.CHOOSE_ANCHORS)
def new_version_of_set(set_id):
    """Begin the next version of a frozen set."""
    made = sets.new_version(sets.set_by_id(set_id, current_user), actor=current_user)
    flash(f"Version {made.version} is begun with the papers of the version before.", "success")
    return redirect(url_for(".show_set", set_id=made.id))


@bp.post("/sets/<int:set_id>/retire")
@requires(Permission.CHOOSE_ANCHORS)
def retire_set(set_id):
    """Take a set out of use."""
    sets.retire_set(sets.set_by_id(set_id, current_user), actor=current_user)
    flash("The set is retired. It stays on record.", "success")
    return redirect(url_for(".show_set", set_id=set_id))


@bp.post("/sets/<int:set_id>/put-back")
@requires(Permission.CHOOSE_ANCHORS)
def put_back_set(set_id):
    """Put a retired set back into use."""
    found = sets.set_by_id(set_id, current_user)
    try:
        sets.put_back_set(found, actor=current_user)
    except ScoringError as error:
        flash(error.message, "error")
    else:
        flash("The set is in use again.", "success")
    return redirect(url_for(".show_set", set_id=set_id))
