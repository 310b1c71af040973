"""Pages that show student work, students under their pseudonyms, and who teaches whom."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from scoring import storage
from scoring.errors import Invalid, NotFound
from scoring.fields import blame
from scoring.permissions import Permission, requires
from scoring.responses import (
    import_views,  # noqa: F401  (its pages belong to the same blueprint)
    listing,
    repair,
    rosters,
    services,
)
from scoring.responses.blueprint import bp
from scoring.responses.forms import ReplacementForm, RosterForm
from scoring.responses.models import ResponseStatus
from scoring.web import Paging

STATES = {
    ResponseStatus.READY: "Ready",
    ResponseStatus.PREPARING: "Preparing",
    ResponseStatus.FAILED: "Failed",
}
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


@bp.get("/")
@requires(Permission.SEE_RESPONSES)
def index():
    """List the student work of the own districts: for leaders without any word on who did it."""
    asked = {name: request.args.get(name, type=int) for name in ("task", "school", "batch")}
    asked |= {name: request.args.get(name, "").strip() for name in ("code", "status")}
    page = Paging(listing.filtered_responses(current_user, **asked))
    return render_template(
        "responses/index.html", page=page, asked=asked, states=STATES, tasks=listing.tasks_with_work(current_user),
        schools=listing.schools_with_work(current_user), page_counts=listing.page_counts(page.items),
        opens=current_user.reach(Permission.OPEN_IDENTITY),
    )  # fmt: skip


@bp.get("/<int:response_id>")
@requires(Permission.SEE_RESPONSES)
def show(response_id):
    """Show one student's work."""
    return _response_page(listing.response_by_id(response_id, current_user), ReplacementForm(formdata=None))


def _response_page(response, form):
    pages = [
        {"url": url_for("pages.file", token=storage.link_token(page.key, page.media_type, current_user)),
         "alt": f"Page {page.number} of {len(response.pages)}", "width": page.width, "height": page.height}
        for page in response.pages
    ]  # fmt: skip
    is_ours = current_user.may(Permission.IMPORT_RESPONSES, response.district)
    original = None
    if is_ours and response.original_key:
        name = f"{response.code}.{ENDINGS.get(response.media_type, 'bin')}"
        token = storage.link_token(response.original_key, response.media_type, current_user, name=name)
        original = url_for("pages.file", token=token)
    return render_template(
        "responses/show.html", response=response, pages=pages, form=form, is_ours=is_ours, original=original, states=STATES,
        may_open=services.can_open_identity(current_user, response.student),
    )  # fmt: skip


@bp.post("/<int:response_id>/again")
@requires(Permission.IMPORT_RESPONSES)
def try_again(response_id):
    """Make the pages of a failed response once more."""
    job = repair.try_pages_again(_our_response(response_id), actor=current_user)
    return redirect(url_for("pages.job", job_id=job.id))


@bp.post("/<int:response_id>/replace")
@requires(Permission.IMPORT_RESPONSES)
def replace(response_id):
    """Put another file in the place of a failed one."""
    response, form = _our_response(response_id), ReplacementForm()
    if form.validate_on_submit():
        try:
            job = repair.replace_file(response, data=form.file.data.read(), actor=current_user)
        except Invalid as error:
            blame(form, error)
        else:
            return redirect(url_for("pages.job", job_id=job.id))
    return _response_page(response, form), 422


@bp.post("/<int:response_id>/remove")
@requires(Permission.IMPORT_RESPONSES)
def remove(response_id):
    """Remove a failed response."""
    repair.remove_response(_our_response(response_id), actor=current_user)
    flash("The response is removed.", "success")
    return redirect(url_for(".index"))


def _our_response(response_id):
    response = listing.response_by_id(response_id, current_user)
    if not current_user.may(Permission.IMPORT_RESPONSES, response.district):
        raise NotFound("There is no such response, or it belongs to another district.")
    return response


@bp.get("/students")
@requires(Permission.OPEN_IDENTITY)
def students():
    """List the students under their pseudonyms; names stay closed."""
    asked = {"words": request.args.get("words", "").strip(), "school": request.args.get("school", type=int)}
    page = Paging(listing.filtered_students(current_user, **asked))
    return render_template(
        "responses/students.html", page=page, asked=asked, counts=listing.work_counts(page.items),
        schools=listing.schools_with_work(current_user),
    )  # fmt: skip


@bp.get("/students/<int:student_id>")
@requires(Permission.OPEN_IDENTITY)
def student(student_id):
    """Show a student under the pseudonym, with all work."""
    found = listing.student_by_id(student_id, current_user)
    return render_template(
        "responses/student.html", student=found, identity=None, work=listing.work_of(found), states=STATES
    )


@bp.post("/students/<int:student_id>")
@requires(Permission.OPEN_IDENTITY)
def open_identity(student_id):
    """Say who the student is, on this one page; the opening is on record."""
    found = listing.student_by_id(student_id, current_user)
    try:
        identity = services.open_identity(found, actor=current_user)
    except NotFound as error:
        flash(error.message)
        return redirect(url_for(".student", student_id=student_id))
    return render_template(
        "responses/student.html", student=found, identity=identity, work=listing.work_of(found), states=STATES
    )


@bp.route("/rosters", methods=["GET", "POST"])
@requires(Permission.IMPORT_RESPONSES)
def rosters_page():
    """List who teaches how many students; take a new list."""
    districts = listing.own_districts(current_user)
    form = RosterForm().offer(districts)
    if form.validate_on_submit():
        file, chosen = form.file.data, form.district.data if "district" in form else None
        district = next((each for each in districts if each.id == chosen), districts[0])
        try:
            batch = services.receive(
                district, None, file_name=file.filename, data=file.read(), actor=current_user
            )
        except Invalid as error:
            blame(form, error)
        else:
            return redirect(url_for(".columns", batch_id=batch.id))
    page = Paging(rosters.rosters_of([each.id for each in districts]), scalars=False)
    return render_template("responses/rosters.html", form=form, page=page), 422 if form.errors else 200
