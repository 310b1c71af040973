"""Pages of reports: events with their headline, the agreement in one of them, and the exports."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.reports import exports, figures, services
from calibration.reports.forms import export_form
from calibration.reports.models import ExportFormat
from calibration.reports.versions import versions
from scoring import storage
from scoring.permissions import Permission, requires
from scoring.web import Paging

bp = Blueprint("reports", __name__, url_prefix="/reports")
EVENTS_A_PAGE = 10
MEDIA_TYPES = {
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.CSV: "application/zip",
}


@bp.get("")
@requires(Permission.SEE_AGREEMENT)
def index():
    """List the events with how well their scorers agree."""
    page = Paging(services.report_events(current_user), size=EVENTS_A_PAGE)
    found = services.headlines(page.items, current_user, smallest=smallest())
    return render_template("reports/index.html", page=page, headlines=found, smallest=smallest())


@bp.get("/agreement/<code>")
@requires(Permission.SEE_AGREEMENT)
def agreement(code):
    """Show how well scorers agree on one task of an event, in words first."""
    event = services.report_event(code, current_user)
    task = services.task_of(event, request.args.get("task", type=int))
    content, scopes = services.agreement(
        event, task, current_user, smallest=smallest(), scope=request.args.get("scope")
    )
    trait = content.trait(request.args.get("trait"))
    return render_template("reports/agreement.html", event=event, content=content, trait=trait, scopes=scopes,
                           figures=figures, versions=versions(), smallest=smallest(),
                           can_export=bool(exports.organizations(event, current_user)))  # fmt: skip


@bp.get("/exports")
@requires(Permission.EXPORT)
def export_list():
    """List the exports of one's own organizations: who made each, when, from what, and its fingerprint."""
    page = Paging(exports.exports_of(current_user))
    links = {each.id: download(each) for each in page.items if each.key}
    return render_template(
        "reports/exports.html", page=page, links=links, tasks=exports.task_names(page.items)
    )


@bp.route("/exports/new/<code>", methods=["GET", "POST"])
@requires(Permission.EXPORT)
def new_export(code):
    """Ask for a comparability report on an event."""
    event = services.report_event(code, current_user)
    form = export_form(
        exports.must_have_organizations(event, current_user), [each.task for each in event.tasks]
    )
    if form.validate_on_submit():
        job = exports.ask(event, form.organization.data, form.format.data, form.tasks.data, actor=current_user,
                          smallest=smallest(), back=url_for(".export_list"))  # fmt: skip
        return redirect(url_for("pages.job", job_id=job.id))
    return render_template("reports/new_export.html", event=event, form=form), 422 if form.errors else 200


@bp.post("/exports/<int:export_id>/again")
@requires(Permission.EXPORT)
def export_again(export_id):
    """Make an export once more, with the same choices, from the data as they are now."""
    job = exports.ask_again(export_id, actor=current_user, smallest=smallest(), back=url_for(".export_list"))
    return redirect(url_for("pages.job", job_id=job.id))


def download(export):
    """Return the address under which this person may fetch the file for some hours."""
    token = storage.link_token(export.key, MEDIA_TYPES[export.format], current_user, name=export.file_name)
    return url_for("pages.file", token=token)


def smallest():
    """Return the number of students below which nothing is shown outside their district."""
    return current_app.config["SMALLEST_CELL"]
