"""Pages of improvement cycles: what is tried, whether it helped, and what others have tried."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.cycles import content, services, sharing, studying
from calibration.cycles import forms as shapes
from calibration.cycles.chart import as_csv, draw
from calibration.cycles.models import Stage
from scoring.db import now
from scoring.errors import Conflict, ScoringError
from scoring.fields import blame
from scoring.permissions import Permission, requires
from scoring.web import Paging

bp = Blueprint("cycles", __name__, url_prefix="/cycles")


@bp.get("")
@requires(Permission.CALIBRATE)
def index():
    """List the improvement cycles of one's own organizations."""
    page = Paging(services.listed_cycles(current_user))
    return render_template("cycles/index.html", page=page, can_begin=bool(services.tasks(current_user)))


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def new():
    """Begin an improvement cycle on a task."""
    owners, tasks = services.owners(current_user), services.tasks(current_user)
    form = shapes.NewCycleForm()
    form.task.choices = [(each.id, each.title) for each in tasks]
    form.organization.choices = [(each.id, each.name) for each in owners]
    if form.validate_on_submit():
        owner = next(each for each in owners if each.id == form.organization.data)
        task = next(each for each in tasks if each.id == form.task.data)
        try:
            made = services.draft_cycle(owner, task, name=form.name.data, actor=current_user)
        except ScoringError as error:
            blame(form, error)
        else:
            return redirect(url_for(".plan", cycle_id=made.id))
    return render_template("cycles/new.html", form=form, tasks=tasks), 422 if form.errors else 200


@bp.get("/<int:cycle_id>")
@requires(Permission.CALIBRATE)
def show(cycle_id):
    """Show an improvement cycle: its plan, what was done, whether it helped, and what follows."""
    return _page(services.cycle_by_id(cycle_id, current_user))


def _page(cycle, done=None, decision=None):
    is_begun = cycle.started_at is not None
    record = cycle.record or (studying.present_record(cycle) if is_begun else None)
    done = done or shapes.DoneForm(words=cycle.done, done_at=cycle.done_at or cycle.changed_at)
    page = render_template(
        "cycles/show.html", cycle=cycle, record=record, chart=draw(record["chart"]) if record else None, content=content,
        lacks=services.lacks(cycle), baseline=cycle.baseline or (None if is_begun else studying.baseline(cycle)),
        traits=studying.traits_of(cycle.events, cycle.task), history=services.history(cycle), kinds=shapes.KINDS,
        others=studying.earlier_cycles(cycle), done=done, decision=decision or shapes.DecisionForm(),
        decision_help=shapes.DECISION_HELP, Stage=Stage, now=now(),
    )  # fmt: skip
    return page, 422 if done.errors or (decision and decision.errors) else 200


@bp.route("/<int:cycle_id>/plan", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def plan(cycle_id):
    """Write the plan of a cycle that is not started."""
    cycle = services.cycle_by_id(cycle_id, current_user)
    if cycle.started_at is not None:
        raise Conflict("This cycle is started. Its plan does not change any more.")
    possible = services.possible_events(cycle.organization, cycle.task)
    form = shapes.PlanForm(**shapes.present_plan(cycle)).offer(
        possible, studying.traits_of(cycle.events, cycle.task)
    )
    if form.validate_on_submit():
        events = [each for each in possible if each.id in form.events.data]
        try:
            services.edit_plan(cycle, events=events, actor=current_user, **form.values)
        except ScoringError as error:
            blame(form, error)
        else:
            flash("The plan is saved.", "success")
            return redirect(url_for(".show", cycle_id=cycle_id))
    page = render_template("cycles/plan.html", form=form, cycle=cycle, measure_help=shapes.MEASURE_HELP)
    return page, 422 if form.errors else 200


@bp.post("/<int:cycle_id>/start")
@requires(Permission.CALIBRATE)
def start(cycle_id):
    """End all changes to a plan."""
    words = "The cycle is started. Its plan does not change any more."
    return _do(cycle_id, services.start, words)


@bp.post("/<int:cycle_id>/back-to-draft")
@requires(Permission.CALIBRATE)
def back_to_draft(cycle_id):
    """Open a plan again before the change is made."""
    return _do(cycle_id, services.back_to_draft, "The plan is open again.")


@bp.post("/<int:cycle_id>/discard")
@requires(Permission.CALIBRATE)
def discard(cycle_id):
    """Put a draft away."""
    return _do(cycle_id, services.discard, "The draft is discarded. You can bring it back here.")


@bp.post("/<int:cycle_id>/bring-back")
@requires(Permission.CALIBRATE)
def bring_back(cycle_id):
    """Bring a discarded draft back."""
    return _do(cycle_id, services.bring_back, "The draft is back.")


@bp.post("/<int:cycle_id>/study")
@requires(Permission.CALIBRATE)
def study(cycle_id):
    """Work out whether it helped, once, and keep the figures."""
    return _do(cycle_id, studying.close_study, "The study is closed. Its figures are kept as they are.")


def _do(cycle_id, verb, words):
    """Do one thing to a cycle, and say what became of it on its page."""
    cycle = services.cycle_by_id(cycle_id, current_user)
    try:
        verb(cycle, actor=current_user)
    except ScoringError as error:
        flash(error.message, "error")
    else:
        flash(words, "success")
    return redirect(url_for(".show", cycle_id=cycle_id))


@bp.post("/<int:cycle_id>/done")
@requires(Permission.CALIBRATE)
def note_done(cycle_id):
    """Write down what was done, and when."""
    cycle, form = services.cycle_by_id(cycle_id, current_user), shapes.DoneForm()
    if form.validate_on_submit():
        try:
            services.note_done(cycle, form.words.data, done_at=form.done_at.data, actor=current_user)
        except ScoringError as error:
            blame(form, error)
        else:
            flash("What was done is saved.", "success")
            return redirect(url_for(".show", cycle_id=cycle_id))
    return _page(cycle, done=form)


@bp.post("/<int:cycle_id>/decision")
@requires(Permission.CALIBRATE)
def decide(cycle_id):
    """Say what follows from a cycle, and why."""
    cycle, form = services.cycle_by_id(cycle_id, current_user), shapes.DecisionForm()
    if form.validate_on_submit():
        try:
            studying.decide(cycle, form.decision.data, form.words.data, actor=current_user)
        except ScoringError as error:
            blame(form, error)
        else:
            flash("It is decided what follows.", "success")
            return redirect(url_for(".show", cycle_id=cycle_id))
    return _page(cycle, decision=form)


@bp.post("/<int:cycle_id>/next")
@requires(Permission.CALIBRATE)
def next_cycle(cycle_id):
    """Begin the next cycle from this one."""
    before = services.cycle_by_id(cycle_id, current_user)
    made = services.draft_cycle(before.organization, before.task, name=request.form.get("name") or before.name,
                                based_on=before, actor=current_user)  # fmt: skip
    flash("The next cycle is begun with the aim and the measure of the one before.", "success")
    return redirect(url_for(".plan", cycle_id=made.id))


@bp.get("/<int:cycle_id>/run-chart.csv")
@requires(Permission.CALIBRATE)
def chart_file(cycle_id):
    """The points of a cycle's run chart as a CSV file."""
    cycle = services.cycle_by_id(cycle_id, current_user)
    if cycle.started_at is None:
        raise Conflict("This cycle is not started yet. There is no run chart so far.")
    record = cycle.record or studying.present_record(cycle)
    headers = {"Content-Disposition": f"attachment; filename=cycle-{cycle.id}.csv"}
    return current_app.response_class(as_csv(record["chart"]), mimetype="text/csv", headers=headers)


# Sharing


@bp.route("/<int:cycle_id>/share", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def share(cycle_id):
    """Read over what other districts will see of a cycle, and share it."""
    cycle = services.cycle_by_id(cycle_id, current_user)
    if cycle.decided_at is None:
        raise Conflict("A cycle is shared when it is decided what follows from it.")
    form = shapes.ShareForm(
        data=None if request.method == "POST" else cycle.shared_words or sharing.own_words(cycle)
    )
    if form.validate_on_submit():
        words = {field.name: field.data for field in form if field.name != "csrf_token"}
        try:
            sharing.share(cycle, words, actor=current_user)
        except ScoringError as error:
            blame(form, error)
        else:
            flash("The cycle is shared. Leaders of the other districts can read it.", "success")
            return redirect(url_for(".shared_show", cycle_id=cycle_id))
    record = content.shared(cycle.record, smallest())
    page = render_template("cycles/share.html", form=form, cycle=cycle, record=record, smallest=smallest())
    return page, 422 if form.errors else 200


@bp.post("/<int:cycle_id>/withdraw")
@requires(Permission.CALIBRATE)
def withdraw(cycle_id):
    """Take a shared cycle back."""
    return _do(cycle_id, sharing.withdraw, "The cycle is not shared any more.")


@bp.get("/shared")
@requires(Permission.CALIBRATE)
def shared():
    """List what the districts of the network have tried, and what they found."""
    page = Paging(sharing.shared_query(current_user))
    found = [sharing.as_others_see(each, smallest()) for each in page.items]
    return render_template("cycles/shared.html", page=page, cycles=found, kinds=shapes.KINDS)


@bp.get("/shared/<int:cycle_id>")
@requires(Permission.CALIBRATE)
def shared_show(cycle_id):
    """Show a shared cycle as other districts see it."""
    cycle = sharing.shared_cycle_by_id(cycle_id, current_user, smallest())
    chart = draw(cycle.record["chart"]) if cycle.record else None
    return render_template("cycles/shared_show.html", cycle=cycle, record=cycle.record, chart=chart, content=content,
                           kinds=shapes.KINDS, smallest=smallest())  # fmt: skip


def smallest():
    """Return the number of papers below which nothing is shown outside the district."""
    return current_app.config["SMALLEST_CELL"]
