"""Pages for tasks, their files and their rubrics."""

import re

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from wtforms import SelectChoice

from scoring import storage
from scoring.errors import Conflict, Invalid, ScoringError
from scoring.fields import blame
from scoring.permissions import Permission, requires
from scoring.tasks import (
    clarification_views,  # noqa: F401  (its pages)
    clarifying,
    editing,
    listing,
    materials,
    note_views,  # noqa: F401  (its pages)
    noting,
    services,
    settling,
    specification,
)
from scoring.tasks.blueprint import bp
from scoring.tasks.forms import CloneForm, MaterialForm, RubricForm, TaskForm
from scoring.web import Paging


@bp.get("/")
@requires(Permission.EDIT_TASKS)
def index():
    """List the tasks this person may see."""
    filters = {name: request.args.get(name, "").strip() for name in ("words", "subject", "owner", "status")}
    page = Paging(listing.filtered_tasks(current_user, **filters))
    return render_template(
        "tasks/index.html", page=page, filters=filters, subjects=listing.subjects(current_user)
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.EDIT_TASKS)
def new():
    """Write a new task."""
    form = TaskForm()
    homes = _offer_homes(form)
    if form.validate_on_submit():
        try:
            task = services.create_task(homes[form.organization.data], **form.values, actor=current_user)
        except Invalid as error:
            return _again("tasks/edit.html", form, error)
        flash("The task is saved. Now add files or a rubric.", "success")
        return redirect(url_for(".show", task_id=task.id))
    return render_template("tasks/edit.html", form=form, task=None), 422 if form.errors else 200


@bp.get("/<int:task_id>")
@requires(Permission.EDIT_TASKS)
def show(task_id):
    """Show a task with its directions, files and rubric versions."""
    task = services.task_by_id(task_id, current_user)
    return _task_page(task, MaterialForm(formdata=None))


@bp.route("/<int:task_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_TASKS)
def edit(task_id):
    """Change what a task says."""
    task = services.task_by_id(task_id, current_user)
    form = TaskForm(data=TaskForm.describe(task))
    del form.organization
    if form.validate_on_submit():
        try:
            services.change_task(task, **form.values, actor=current_user)
        except Invalid as error:
            return _again("tasks/edit.html", form, error, task=task)
        flash("The task is saved.", "success")
        return redirect(url_for(".show", task_id=task.id))
    return render_template("tasks/edit.html", form=form, task=task), 422 if form.errors else 200


@bp.route("/<int:task_id>/clone", methods=["GET", "POST"])
@requires(Permission.EDIT_TASKS)
def clone(task_id):
    """Copy a task into an organization of one's own."""
    task = services.task_by_id(task_id, current_user)
    form = CloneForm(code=f"{task.code[:35]}-2")
    homes = _offer_homes(form)
    if form.validate_on_submit():
        try:
            copy = services.clone(
                task, homes[form.organization.data], code=form.code.data, actor=current_user
            )
        except Invalid as error:
            return _again("tasks/clone.html", form, error, task=task)
        flash("This is your copy. Change what you like; the original stays as it is.", "success")
        return redirect(url_for(".show", task_id=copy.id))
    return render_template("tasks/clone.html", form=form, task=task), 422 if form.errors else 200


@bp.post("/<int:task_id>/retire")
@requires(Permission.EDIT_TASKS)
def retire(task_id):
    """Take a task out of use."""
    services.retire(services.task_by_id(task_id, current_user), actor=current_user)
    flash("The task is retired. Events that have it go on; new ones can not choose it.", "success")
    return redirect(url_for(".show", task_id=task_id))


@bp.post("/<int:task_id>/reactivate")
@requires(Permission.EDIT_TASKS)
def reactivate(task_id):
    """Bring a task back into use."""
    services.reactivate(services.task_by_id(task_id, current_user), actor=current_user)
    flash("The task is in use again.", "success")
    return redirect(url_for(".show", task_id=task_id))


# Files


@bp.post("/<int:task_id>/materials")
@requires(Permission.EDIT_TASKS)
def upload(task_id):
    """Add files to a task."""
    task, form = services.task_by_id(task_id, current_user), MaterialForm()
    if form.validate():
        try:
            for file in form.files.data:
                materials.add_material(task, file_name=file.filename, data=file.read(), actor=current_user)
                flash(f"{materials.clean_name(file.filename)} is added.", "success")
        except ScoringError as error:
            form.files.errors = [error.message]
        else:
            return redirect(url_for(".show", task_id=task_id) + "#task-files")
    return _task_page(task, form), 422


@bp.post("/<int:task_id>/materials/<int:material_id>/move")
@requires(Permission.EDIT_TASKS)
def move_material(task_id, material_id):
    """Move a file up or down in the list."""
    task = services.task_by_id(task_id, current_user)
    by = 1 if request.form.get("by") == "1" else -1
    materials.move_material(task, materials.material_by_id(task, material_id), by, actor=current_user)
    return redirect(url_for(".show", task_id=task_id) + "#task-files")


@bp.post("/<int:task_id>/materials/<int:material_id>/remove")
@requires(Permission.EDIT_TASKS)
def remove_material(task_id, material_id):
    """Take a file away."""
    task = services.task_by_id(task_id, current_user)
    materials.remove_material(task, materials.material_by_id(task, material_id), actor=current_user)
    flash("The file is removed.", "success")
    return redirect(url_for(".show", task_id=task_id) + "#task-files")


# Rubrics


@bp.post("/<int:task_id>/rubrics")
@requires(Permission.EDIT_TASKS)
def start_rubric(task_id):
    """Start a rubric of one kind."""
    task = services.task_by_id(task_id, current_user)
    rubric = services.start_rubric(task, request.form.get("kind"), actor=current_user)
    return redirect(url_for(".edit_rubric", task_id=task_id, version=rubric.version))


@bp.get("/<int:task_id>/rubrics/<int:version>")
@requires(Permission.EDIT_TASKS)
def rubric(task_id, version):
    """Show a rubric version as scorers see it."""
    task = services.task_by_id(task_id, current_user)
    found = services.rubric_by_version(task, version)
    return render_template(
        "tasks/rubric.html", task=task, rubric=found, may_edit=services.may_edit(task, current_user),
        problems=[] if found.is_published else services.problems(found),
        clarified=clarifying.words_by_place(found.id), log=clarifying.log_of(found, current_user),
    )  # fmt: skip


@bp.route("/<int:task_id>/rubrics/<int:version>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_TASKS)
def edit_rubric(task_id, version):
    """Edit a draft: every button sends the whole form, so that it works without scripts and keeps what was typed."""
    task = services.task_by_id(task_id, current_user)
    draft = services.draft_by_version(task, version, current_user)
    if request.method == "GET":
        return _editor(draft, RubricForm(data=specification.describe(draft)))
    form, button = RubricForm(), request.form.get("do", "save")
    wanted = form.specification | {"kind": str(draft.kind)}
    if button not in {"save", "preview"}:
        changed, focus = editing.press(wanted, button)
        return _editor(draft, RubricForm(formdata=None, data=changed), focus=focus, unsaved=True)
    try:
        services.draft_rubric(
            task, wanted, actor=current_user, seen=request.form.get("seen"), settlements=_settlements()
        )
    except (Invalid, Conflict) as error:
        form.mark(error.fields or {"": error.message})
        return _editor(draft, form, problems=error.fields or {"": error.message}, unsaved=True), error.status
    flash("The draft is saved.", "success")
    return redirect(
        url_for(".rubric" if button == "preview" else ".edit_rubric", task_id=task_id, version=version)
    )


@bp.post("/<int:task_id>/rubrics/<int:version>/publish")
@requires(Permission.EDIT_TASKS)
def publish_rubric(task_id, version):
    """Freeze a draft as the version scorers use."""
    task = services.task_by_id(task_id, current_user)
    services.publish(services.rubric_by_version(task, version), actor=current_user)
    flash(f"Version {version} is published. Events can use it now.", "success")
    return redirect(url_for(".rubric", task_id=task_id, version=version))


@bp.post("/<int:task_id>/rubrics/<int:version>/new-version")
@requires(Permission.EDIT_TASKS)
def new_version(task_id, version):
    """Start the next version from this one."""
    task = services.task_by_id(task_id, current_user)
    draft = services.new_version(services.rubric_by_version(task, version), actor=current_user)
    return redirect(url_for(".edit_rubric", task_id=task_id, version=draft.version))


@bp.post("/<int:task_id>/rubrics/<int:version>/discard")
@requires(Permission.EDIT_TASKS)
def discard_draft(task_id, version):
    """Throw a draft away."""
    task = services.task_by_id(task_id, current_user)
    services.discard_draft(services.rubric_by_version(task, version), actor=current_user)
    flash("The draft is discarded.", "success")
    return redirect(url_for(".show", task_id=task_id))


# What several pages need


def _offer_homes(form):
    homes = {home.id: home for home in services.homes(current_user)}
    form.organization.choices = [
        SelectChoice(
            home.id, f"{home.name} ({'common to all districts' if home.parent_id is None else 'local'})"
        )
        for home in homes.values()
    ]
    return homes


def _again(template, form, error, task=None):
    """Show a form again with what the service found wrong beside the fields."""
    return render_template(template, form=blame(form, error), task=task), error.status


def _task_page(task, form):
    links = {each.id: url_for("pages.file", token=storage.link_token(each.key, each.media_type, current_user, name=each.name))
             for each in task.materials}  # fmt: skip
    return render_template("tasks/show.html", task=task, links=links, form=form,
                           may_edit=services.may_edit(task, current_user), notes=noting.notes_of(task, current_user))  # fmt: skip


def _editor(draft, form, **more):
    seen = specification.fingerprint(specification.describe(draft))
    chosen = _settlements()
    to_settle = [(each, chosen.get(each.id, each.settlement or "")) for each in settling.to_settle(draft)]
    return render_template(
        "tasks/edit_rubric.html", task=draft.task, rubric=draft, form=form, seen=seen, to_settle=to_settle,
        notes=noting.open_notes(draft.task), **more,
    )  # fmt: skip


def _settlements():
    """What becomes of clarifications, as it was chosen on the page of the editor."""
    names = [name for name in request.form if re.fullmatch(r"settle-[0-9]{1,9}", name)]
    return {int(name.removeprefix("settle-")): request.form[name] for name in names}
