"""Pages on which a leader settles discrepant responses: blind first, then with both reads in view."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from scoring.adjudication import comparing, finding, listing, services
from scoring.adjudication.forms import DecisionSheet
from scoring.db import db
from scoring.errors import Invalid
from scoring.events.models import Outcome
from scoring.events.services import event_by_code, visible_events
from scoring.permissions import Permission, requires
from scoring.reads.models import AssignmentStatus
from scoring.reads.rubrics import sheet_of
from scoring.reads.serializer import Card, page_links
from scoring.web import Paging

bp = Blueprint("adjudication", __name__, url_prefix="/adjudication")


@bp.get("/")
@requires(Permission.ADJUDICATE)
def index():
    """List the discrepant responses of this leader's events, or those already settled."""
    events = db.session.scalars(visible_events(current_user, Permission.ADJUDICATE)).all()
    code, settled = request.args.get("event", ""), request.args.get("settled") == "1"
    chosen = event_by_code(code, current_user, Permission.ADJUDICATE) if code else None
    ids = [chosen.id] if chosen else [event.id for event in events]
    page = Paging(finding.adjudicated_responses(ids) if settled else finding.discrepant_responses(ids))
    following = finding.next_discrepant(current_user, event_id=chosen.id if chosen else None)
    return render_template(
        "adjudication/index.html", page=page, rows=listing.rows(page.items, current_user), events=events, event=chosen,
        settled=settled, following=following, alerts=listing.open_alerts(ids),
    )  # fmt: skip


@bp.post("/<int:place_id>/begin")
@requires(Permission.ADJUDICATE)
def begin(place_id):
    """Take a discrepant response to settle it."""
    assignment = services.begin(finding.place_by_id(place_id, current_user), current_user)
    is_scored = assignment.status is AssignmentStatus.SUBMITTED
    return redirect(url_for(".decide" if is_scored else ".score", place_id=place_id))


@bp.route("/<int:place_id>/score", methods=["GET", "POST"])
@requires(Permission.ADJUDICATE)
def score(place_id):
    """Score a discrepant response blind, before either read is shown."""
    place = finding.place_by_id(place_id, current_user)
    assignment = finding.own_assignment(place, current_user)
    if assignment is None:
        return redirect(url_for(".index", event=place.event.code))
    if assignment.status is AssignmentStatus.SUBMITTED:
        return redirect(url_for(".decide", place_id=place_id))
    card, form = Card(assignment.id, current_user), DecisionSheet(_sheet(place))
    if request.method == "POST":
        form = DecisionSheet.from_form(form.sheet, request.form)
        try:
            services.submit_blind(
                assignment, current_user, **form.given, note=form.note, comments=form.comments_by_trait
            )
        except Invalid as error:
            form.blame(error)
        else:
            return redirect(url_for(".decide", place_id=place_id))
    return render_template(
        "adjudication/score.html", place=place, card=card, form=form
    ), 422 if form.errors else 200


@bp.post("/<int:place_id>/give-back")
@requires(Permission.ADJUDICATE)
def give_back(place_id):
    """Leave a response to another leader."""
    place = finding.place_by_id(place_id, current_user)
    services.give_back(place, current_user)
    flash(f"Another leader will settle response {place.response.code}.", "success")
    return redirect(url_for(".index", event=place.event.code))


@bp.route("/<int:place_id>/decide", methods=["GET", "POST"])
@requires(Permission.ADJUDICATE)
def decide(place_id):
    """See both reads beside one's own scores, and decide with a reason."""
    place = finding.place_by_id(place_id, current_user)
    own, sheet = finding.own_read(place, current_user), _sheet(place)
    if own is None or (place.outcome is not Outcome.DISCREPANT and request.method == "GET"):
        return redirect(url_for(".show" if place.outcome is Outcome.SETTLED else ".score", place_id=place_id))
    form = DecisionSheet.from_read(sheet, own)
    if request.method == "POST":
        form = DecisionSheet.from_form(sheet, request.form)
        try:
            services.decide(place, current_user, **form.given, reason=form.reason)
        except Invalid as error:
            form.blame(error)
        else:
            flash(
                f"Response {place.response.code} is settled. Your scores are its scores of record.", "success"
            )
            return redirect(url_for(".show", place_id=place_id))
    return _with_work(
        "adjudication/decide.html", place, form=form, compared=comparing.compare(place, sheet, own)
    )


@bp.get("/<int:place_id>")
@requires(Permission.ADJUDICATE)
def show(place_id):
    """Show how a response was settled, with its reads and every earlier decision."""
    place = finding.place_by_id(place_id, current_user)
    if not finding.decisions(place) or place.outcome is not Outcome.SETTLED:
        return redirect(url_for(".index", event=place.event.code))
    return _outcome_page(place)


@bp.post("/<int:place_id>/reopen")
@requires(Permission.ADJUDICATE)
def reopen(place_id):
    """Take an adjudicated response up again, with a reason."""
    place = finding.place_by_id(place_id, current_user)
    reason = request.form.get("reason", "")
    try:
        services.reopen(place, current_user, reason=reason)
    except Invalid as error:
        return _outcome_page(place, error=error.message, reason=reason)
    flash(f"Response {place.response.code} is discrepant again. What was decided before is kept.", "success")
    return redirect(url_for(".index", event=place.event.code))


def _outcome_page(place, error=None, reason=""):
    own = comparing.own_or_decisive_read(place, current_user)
    return _with_work(
        "adjudication/show.html", place, compared=comparing.compare(place, _sheet(place), own), error=error,
        decisions=finding.decisions(place), following=finding.next_discrepant(current_user), reason=reason,
    )  # fmt: skip


def _with_work(template, place, form=None, error=None, **values):
    pages = page_links(place.response_id, current_user)
    page = render_template(template, place=place, pages=pages, form=form, error=error, **values)
    return page, 422 if error or (form is not None and form.errors) else 200


def _sheet(place):
    return sheet_of(place.rubric_id, place.rubric.published_at, place.rubric.task.clarified)
