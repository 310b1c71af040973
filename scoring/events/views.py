"""Pages on which leaders set events up, choose scorers, and open, pause and close them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from scoring.db import db
from scoring.errors import Invalid, ScoringError
from scoring.events import choices, progress, seats, services, wording
from scoring.events.defaults import RULE_SENTENCES
from scoring.events.forms import EventForm, present_values, starting_values
from scoring.events.models import EventStatus
from scoring.fields import blame
from scoring.people.models import Person
from scoring.permissions import Permission, requires
from scoring.web import Paging

bp = Blueprint("events", __name__, url_prefix="/events")


@bp.get("/")
@requires(Permission.RUN_EVENTS)
def index():
    """List the events this person sees, with how far each has come."""
    status = request.args.get("status", "")
    page = Paging(services.listed_events(current_user, status))
    return render_template("events/index.html", page=page, status=status, statuses=list(EventStatus),
                           progress=progress.of_events([event.id for event in page.items]))  # fmt: skip


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.RUN_EVENTS)
def new():
    """Set up a new event: first whose it is, if there is a choice, then everything else."""
    possible = choices.organizations(current_user)
    asked = request.args.get("owner", type=int)
    organization = (
        possible[0] if len(possible) == 1 else next((each for each in possible if each.id == asked), None)
    )
    if organization is None:
        return render_template("events/owner.html", organizations=possible)
    form = EventForm(data=starting_values(current_user)).offer(organization)
    if form.validate_on_submit():
        try:
            event = services.create_event(organization, actor=current_user, **form.values)
        except Invalid as error:
            blame(form, error)
        else:
            flash(f"{event.name} is set up as a draft. Now choose who scores.", "success")
            return redirect(url_for(".scorers", code=event.code))
    return _form_page(form, organization)


@bp.route("/<code>/edit", methods=["GET", "POST"])
@requires(Permission.RUN_EVENTS)
def edit(code):
    """Change an event, as far as it can still be changed."""
    event = _own_event(code)
    form = EventForm(data=present_values(event)).offer(event.organization)
    form.leave_out("code", *services.fixed_parts(event))
    if form.validate_on_submit():
        try:
            services.change_set_up(event, actor=current_user, **form.values)
        except ScoringError as error:
            blame(form, error)
        else:
            flash("The changes are saved.", "success")
            return redirect(url_for("oversight.event", code=code))
    return _form_page(form, event.organization, event)


def _form_page(form, organization, event=None):
    page = render_template(
        "events/edit.html", form=form, organization=organization, event=event, rule_help=RULE_SENTENCES
    )
    return page, 422 if form.errors else 200


@bp.get("/<code>/scorers")
@requires(Permission.RUN_EVENTS)
def scorers(code):
    """Choose who scores in an event."""
    event = _own_event(code)
    words = request.args.get("words", "").strip()
    return render_template("events/scorers.html", event=event, words=words, page=Paging(seats.candidates(event, words)),
                           groups=seats.candidate_groups(event), seated=seats.active_scorers(event))  # fmt: skip


@bp.post("/<code>/scorers")
@requires(Permission.RUN_EVENTS)
def add_scorers(code):
    """Add the people ticked, or everybody of a school or district."""
    event = _own_event(code)
    query = seats.candidates(event)
    if group := request.form.get("everybody_of", type=int):
        query = seats.candidates(event, organization_id=group)
    else:
        query = query.where(Person.id.in_(request.form.getlist("people", type=int)))
    added = services.add_scorers(event, db.session.scalars(query).all(), actor=current_user)
    people = "1 scorer is" if added == 1 else f"{added} scorers are"
    flash(
        f"{people} added." if added else "Nobody was added. Tick somebody first.",
        "success" if added else "message",
    )
    return redirect(url_for(".scorers", code=code))


@bp.post("/<code>/open")
@requires(Permission.RUN_EVENTS)
def open_event(code):
    """Let scorers read."""
    event = _own_event(code)
    try:
        services.open_event(event, actor=current_user)
    except Invalid as error:
        flash(error.message, "error")
    else:
        flash(f"{event.name} is open. Scorers find it under My work.", "success")
    return redirect(url_for("oversight.event", code=code))


@bp.post("/<code>/pause")
@requires(Permission.RUN_EVENTS)
def pause_event(code):
    """Hand out nothing new for a while."""
    event = services.pause_event(_own_event(code), actor=current_user)
    flash(f"{event.name} is paused. Scorers can still send what they hold.", "success")
    return redirect(url_for("oversight.event", code=code))


@bp.post("/<code>/close")
@requires(Permission.RUN_EVENTS)
def close_event(code):
    """End an event for good."""
    event = services.close_event(_own_event(code), actor=current_user)
    flash(f"{event.name} is closed.", "success")
    return redirect(url_for("oversight.event", code=code))


@bp.post("/<code>/add-responses")
@requires(Permission.RUN_EVENTS)
def add_responses(code):
    """Put in what was imported since the event opened."""
    added = services.add_new_responses(_own_event(code), actor=current_user)
    words = (
        f"{wording.responses(added)} added to the queue."
        if added
        else "There are no new responses for this event."
    )
    flash(words, "success" if added else "message")
    return redirect(url_for("oversight.event", code=code))


@bp.post("/<code>/discard")
@requires(Permission.RUN_EVENTS)
def discard(code):
    """Delete a draft that never opened."""
    event = _own_event(code)
    name = event.name
    services.discard_draft(event, actor=current_user)
    flash(f"The draft {name} is deleted.", "success")
    return redirect(url_for(".index"))


def _own_event(code):
    return services.event_by_code(code, current_user, Permission.RUN_EVENTS)
