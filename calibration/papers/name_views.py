"""Pages on which a district admin looks at work in which a student's own name may stand."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.papers import marking, name_checks
from calibration.papers.blueprint import bp
from scoring.permissions import Permission, requires
from scoring.reads.serializer import page_links
from scoring.web import Paging


@bp.get("/names")
@requires(Permission.OPEN_IDENTITY)
def name_index():
    """List the work that leaders asked a district to look at before it may become a paper."""
    page = Paging(name_checks.check_query(current_user))
    return render_template("papers/names.html", page=page)


@bp.get("/names/<int:check_id>")
@requires(Permission.OPEN_IDENTITY)
def check_name(check_id):
    """Show one piece of work, to decide whether a name in it tells who the student is."""
    return _page(name_checks.check_by_id(check_id, current_user), None)


@bp.post("/names/<int:check_id>/show")
@requires(Permission.OPEN_IDENTITY)
def show_name(check_id):
    """Highlight the words that look like the student's name; each opening is on record."""
    check = name_checks.check_by_id(check_id, current_user)
    return _page(check, name_checks.places_of_name(check, actor=current_user))


@bp.post("/names/<int:check_id>")
@requires(Permission.OPEN_IDENTITY)
def answer_name(check_id):
    """Say whether it is the student's name."""
    is_name = request.form.get("answer") != "no"
    name_checks.answer(name_checks.check_by_id(check_id, current_user), is_name, actor=current_user)
    flash("The work is kept from others." if is_name else "The work may become a paper.", "success")
    return redirect(url_for(".name_index"))


def _page(check, places):
    text = check.response.text or ""
    spans = [(number, start, end) for number, (start, end) in enumerate(places or (), 1)]
    return render_template("papers/name.html", check=check, parts=marking.segments(text, spans), found=places,
                           pages=page_links(check.response_id, current_user))  # fmt: skip
