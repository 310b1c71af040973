"""Pages for notes to the next version of a task."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from scoring.permissions import Permission, requires
from scoring.tasks import noting, services
from scoring.tasks.blueprint import bp
from scoring.tasks.forms import NoteForm, OutcomeForm


@bp.route("/<int:task_id>/notes/new", methods=["GET", "POST"])
@requires(Permission.EDIT_TASKS)
def write_note(task_id):
    """Leave a note to the next version of a task."""
    task, form = services.task_by_id(task_id, current_user), NoteForm()
    if form.validate_on_submit():
        noting.write_note(task, words=form.words.data, origin=form.origin.data, actor=current_user)
        flash("The note is saved. Whoever writes the next version reads it.", "success")
        return redirect(url_for(".show", task_id=task_id) + "#notes")
    return render_template("tasks/write_note.html", task=task, form=form), 422 if form.errors else 200


@bp.route("/<int:task_id>/notes/<int:note_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_TASKS)
def note(task_id, note_id):
    """Settle a note to a task: say what came of it."""
    task = services.task_by_id(task_id, current_user)
    found, form = noting.note_by_id(task, note_id, current_user), OutcomeForm()
    if form.validate_on_submit():
        noting.settle_note(found, outcome=form.outcome.data, actor=current_user)
        flash("The note is settled.", "success")
        return redirect(url_for(".show", task_id=task_id) + "#notes")
    return render_template("tasks/note.html", task=task, note=found, form=form), 422 if form.errors else 200


@bp.post("/<int:task_id>/notes/<int:note_id>/reopen")
@requires(Permission.EDIT_TASKS)
def reopen_note(task_id, note_id):
    """Take a settled note up again."""
    task = services.task_by_id(task_id, current_user)
    noting.reopen_note(noting.note_by_id(task, note_id, current_user), actor=current_user)
    flash("The note is open again.", "success")
    return redirect(url_for(".show", task_id=task_id) + "#notes")
