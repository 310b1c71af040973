"""Pages of an import, from the file to its undoing: choose, say what the columns hold, preview, import, result."""

from flask import Response as Reply
from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from scoring.db import db
from scoring.errors import Conflict, Invalid
from scoring.fields import blame
from scoring.jobs import Job
from scoring.permissions import Permission, requires
from scoring.responses import bad_rows, listing, services
from scoring.responses.blueprint import bp
from scoring.responses.forms import WorkForm, columns_form
from scoring.responses.models import ImportStatus
from scoring.tasks.services import visible_tasks
from scoring.web import Paging

STATES = {
    ImportStatus.UPLOADED: ("Columns to choose", "warning"),
    ImportStatus.PREVIEW: ("Waiting for you", "warning"),
    ImportStatus.RUNNING: ("Running", "info"),
    ImportStatus.DONE: ("Imported", "success"),
    ImportStatus.FAILED: ("Failed", "danger"),
    ImportStatus.UNDONE: ("Undone", "neutral"),
    ImportStatus.DISCARDED: ("Discarded", "neutral"),
}


@bp.get("/imports")
@requires(Permission.IMPORT_RESPONSES)
def imports():
    """List the imports of the own districts."""
    return render_template(
        "responses/imports.html", page=Paging(listing.visible_batches(current_user)), states=STATES
    )


@bp.route("/imports/new", methods=["GET", "POST"])
@requires(Permission.IMPORT_RESPONSES)
def new_import():
    """Choose a file of student work and the task it belongs to."""
    districts = listing.own_districts(current_user)
    tasks = db.session.scalars(visible_tasks(current_user)).all()
    form = WorkForm().offer(districts, tasks)
    if form.validate_on_submit():
        district, task = _chosen(form, "district", districts), _chosen(form, "task", tasks)
        try:
            return _received(form.file.data, district, task)
        except Invalid as error:
            blame(form, error)
    return render_template("responses/new_import.html", form=form, tasks=tasks), 422 if form.errors else 200


def _chosen(form, name, rows):
    return next(each for each in rows if name not in form or each.id == form[name].data)


def _received(file, district, task):
    batch = services.receive(district, task, file_name=file.filename, data=file.read(), actor=current_user)
    if batch.mapping.get("header"):
        return redirect(url_for(".columns", batch_id=batch.id))
    return _settled(batch, {})


def _settled(batch, columns):
    """Check the rows: at once, or by a job when there are many."""
    if services.is_large(batch):
        job = services.settle_columns_later(batch, columns, actor=current_user)
        return redirect(url_for("pages.job", job_id=job.id))
    services.settle_columns(batch, columns, actor=current_user)
    return redirect(url_for(".batch", batch_id=batch.id))


@bp.route("/imports/<int:batch_id>/columns", methods=["GET", "POST"])
@requires(Permission.IMPORT_RESPONSES)
def columns(batch_id):
    """Say what each column of the file holds."""
    batch = listing.batch_by_id(batch_id, current_user)
    if batch.status not in services.WAITING:
        return redirect(url_for(".batch", batch_id=batch.id))
    form = columns_form(batch)
    if form.validate_on_submit():
        try:
            return _settled(batch, form.columns)
        except Invalid as error:
            blame(form, error)
    return render_template("responses/columns.html", batch=batch, form=form), 422 if form.errors else 200


@bp.get("/imports/<int:batch_id>")
@requires(Permission.IMPORT_RESPONSES)
def batch(batch_id):
    """Show an import as it stands: preview, progress, or result; problems row by row."""
    found = listing.batch_by_id(batch_id, current_user)
    if found.status is ImportStatus.UPLOADED:
        return redirect(url_for(".columns", batch_id=batch_id))
    job = db.session.get(Job, found.job_id) if found.job_id else None
    return render_template(
        "responses/batch.html", batch=found, job=job, states=STATES, problems=Paging(listing.problems_of(found)),
        has_stopped=services.has_stopped(found), by_status=listing.statuses_of(found), failed=listing.failed_of(found),
    )  # fmt: skip


@bp.get("/imports/<int:batch_id>/bad-rows.csv")
@requires(Permission.IMPORT_RESPONSES)
def bad_rows_file(batch_id):
    """Give out the bad rows as a file to mend and upload again."""
    found = listing.batch_by_id(batch_id, current_user)
    reply = Reply("".join(bad_rows.lines(found)), mimetype="text/csv")
    reply.headers.set("Content-Disposition", "attachment", filename=f"rows-to-fix-{found.id}.csv")
    return reply


@bp.post("/imports/<int:batch_id>/accept")
@requires(Permission.IMPORT_RESPONSES)
def accept(batch_id):
    """Import the good rows."""
    job = services.accept(listing.batch_by_id(batch_id, current_user), actor=current_user)
    return redirect(url_for("pages.job", job_id=job.id))


@bp.post("/imports/<int:batch_id>/accept-instead")
@requires(Permission.IMPORT_RESPONSES)
def accept_instead(batch_id):
    """Import a roster in place of the present ones of its teachers."""
    job = services.accept_roster_instead(listing.batch_by_id(batch_id, current_user), actor=current_user)
    return redirect(url_for("pages.job", job_id=job.id))


@bp.post("/imports/<int:batch_id>/resume")
@requires(Permission.IMPORT_RESPONSES)
def resume(batch_id):
    """Go on with an import that stopped."""
    job = services.resume(listing.batch_by_id(batch_id, current_user), actor=current_user)
    return redirect(url_for("pages.job", job_id=job.id))


@bp.post("/imports/<int:batch_id>/discard")
@requires(Permission.IMPORT_RESPONSES)
def discard(batch_id):
    """Import none of it."""
    return _taken_back(batch_id, services.discard, "The file is discarded. Nothing was imported.")


@bp.post("/imports/<int:batch_id>/undo")
@requires(Permission.IMPORT_RESPONSES)
def undo(batch_id):
    """Take back a finished import."""
    return _taken_back(batch_id, services.undo, "The import is undone. Its responses and files are gone.")


def _taken_back(batch_id, verb, words):
    try:
        verb(listing.batch_by_id(batch_id, current_user), actor=current_user)
    except Conflict as error:
        flash(error.message, "error")
    else:
        flash(words, "success")
    return redirect(url_for(".batch", batch_id=batch_id))
