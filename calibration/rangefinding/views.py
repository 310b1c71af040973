"""Pages for whoever leads a committee: beginning one, its papers and members, and its way from draft to frozen sets."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.papers.collections import coverage_of
from calibration.papers.finder import event_and_task
from calibration.papers.models import SetPurpose
from calibration.rangefinding import (  # noqa: F401  (the other views: their pages)
    finding,
    freezing,
    member_views,
    packet_views,
    proposing,
    services,
    settling_views,
)
from calibration.rangefinding.blueprint import bp
from calibration.rangefinding.forms import CommitteeForm
from calibration.rangefinding.standing import able
from scoring.db import db
from scoring.errors import ScoringError
from scoring.fields import blame
from scoring.permissions import Permission, requires
from scoring.web import Paging, asked_page


@bp.route("/new/<code>/<int:task_id>", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def new(code, task_id):
    """Begin a committee on an event's responses to a task; responses ticked in the finder are proposed at once."""
    event, task = event_and_task(code, task_id, current_user)
    homes = finding.homes(event, current_user)
    form, ticked = CommitteeForm(), list(dict.fromkeys(request.values.getlist("response")))
    if request.args.get("ticked") and not ticked:
        flash("Nothing was ticked. Tick the work for the committee, then try again.", "error")
        asked = {
            name: value for name, value in request.args.items() if name not in {"ticked", "code", "task_id"}
        }
        return redirect(url_for("papers.candidates", code=code, task_id=task_id, **asked))
    form.organization.choices = [(each.id, each.name) for each in homes]
    if form.validate_on_submit():
        home = next(each for each in homes if each.id == form.organization.data)
        try:
            made = services.begin(event, task, home, name=form.name.data, message=form.message.data, due_at=form.due_at.data, actor=current_user)  # fmt: skip
        except ScoringError as error:
            blame(form, error)
        else:
            if chosen := proposing.by_codes(made, ticked):
                proposing.propose(made, chosen, actor=current_user)
            if len(chosen) < len(ticked):
                flash(
                    "Some of what you ticked can not be proposed: it is not settled, or known with its scores.",
                    "info",
                )
            return redirect(url_for(".show", committee_id=made.id))
    page = render_template("rangefinding/new.html", form=form, event=event, task=task, ticked=ticked)
    return page, 422 if form.errors else 200


@bp.route("/<int:committee_id>/edit", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def edit(committee_id):
    """Change what a committee is called, what it is asked, and by when."""
    committee = finding.led_by_id(committee_id, current_user)
    form = CommitteeForm(obj=committee)
    del form.organization
    if form.validate_on_submit():
        try:
            services.change(committee, name=form.name.data, message=form.message.data, due_at=form.due_at.data, actor=current_user)  # fmt: skip
        except ScoringError as error:
            blame(form, error)
        else:
            flash("The committee is saved.", "success")
            return redirect(url_for(".show", committee_id=committee_id))
    return render_template(
        "rangefinding/edit.html", form=form, committee=committee
    ), 422 if form.errors else 200


@bp.route("/<int:committee_id>/papers", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def propose(committee_id):
    """Propose responses to a committee: candidates of the finder, kept papers, or whatever was read twice."""
    committee = finding.led_by_id(committee_id, current_user)
    if request.method == "POST":
        chosen = [int(each) for each in request.form.getlist("responses") if each.isdecimal()]
        if _tried(lambda: proposing.propose(committee, chosen, actor=current_user) if chosen else None):
            words = "1 paper is proposed." if len(chosen) == 1 else f"{len(chosen)} papers are proposed."
            flash(
                words if chosen else "Nothing was ticked. Tick the papers to propose, then try again.",
                "success" if chosen else "error",
            )
        return redirect(url_for(".propose", committee_id=committee_id, source=request.args.get("source")))
    found = proposing.Suggestions(committee, request.args.get("source", ""), asked_page())
    return render_template(
        "rangefinding/propose.html", committee=committee, found=found, sources=proposing.SOURCES
    )


@bp.post("/<int:committee_id>/papers/<int:proposed_id>/move")
@requires(Permission.CALIBRATE)
def move(committee_id, proposed_id):
    """Move a proposed paper up or down before the committee opens."""
    committee, proposed = finding.led_place(committee_id, proposed_id, current_user)
    by = 1 if request.form.get("by") == "1" else -1
    _tried(lambda: proposing.move(committee, proposed, by, actor=current_user))
    return _back(committee, "papers")


@bp.post("/<int:committee_id>/papers/<int:proposed_id>/withdraw")
@requires(Permission.CALIBRATE)
def withdraw(committee_id, proposed_id):
    """Take a paper off the list before the committee opens."""
    committee, proposed = finding.led_place(committee_id, proposed_id, current_user)
    _tried(lambda: proposing.withdraw(committee, proposed, actor=current_user))
    return _back(committee, "papers")


@bp.post("/<int:committee_id>/papers/<int:proposed_id>/drop")
@requires(Permission.CALIBRATE)
def drop(committee_id, proposed_id):
    """Drop a paper, with a reason."""
    committee, proposed = finding.led_place(committee_id, proposed_id, current_user)
    reason = request.form.get("reason", "")
    if _tried(lambda: proposing.drop(committee, proposed, reason=reason, actor=current_user)):
        flash("The paper is dropped. It can be taken up again.", "success")
    return _back(committee, "papers")


@bp.post("/<int:committee_id>/papers/<int:proposed_id>/take-up")
@requires(Permission.CALIBRATE)
def take_up(committee_id, proposed_id):
    """Take a dropped paper up again."""
    committee, proposed = finding.led_place(committee_id, proposed_id, current_user)
    _tried(lambda: proposing.take_up(committee, proposed, actor=current_user))
    return _back(committee, "papers")


@bp.route("/<int:committee_id>/members", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def members(committee_id):
    """Invite members: scorers and leaders of the organization."""
    committee = finding.led_by_id(committee_id, current_user)
    if request.method == "POST":
        ids = {int(each) for each in request.form.getlist("people") if each.isdecimal()}
        chosen = [
            person for person in db.session.scalars(finding.people_to_invite(committee)) if person.id in ids
        ]
        if _tried(lambda: services.invite(committee, chosen, actor=current_user)):
            flash(
                "1 person is invited." if len(chosen) == 1 else f"{len(chosen)} people are invited.",
                "success",
            )
        return redirect(url_for(".members", committee_id=committee_id))
    words = request.args.get("words", "").strip()
    page = Paging(finding.people_to_invite(committee, words))
    return render_template("rangefinding/members.html", committee=committee, page=page, words=words, where=finding.groups_of(page.items),
                           able=able(committee, [each.id for each in page.items])[0])  # fmt: skip


@bp.post("/<int:committee_id>/members/<int:person_id>/remove")
@requires(Permission.CALIBRATE)
def remove_member(committee_id, person_id):
    """Take a member's seat away."""
    committee = finding.led_by_id(committee_id, current_user)
    if finding.seat_of(committee, person_id):
        _tried(lambda: services.remove_member(committee, person_id, actor=current_user))
    return _back(committee, "members")


@bp.post("/<int:committee_id>/open")
@requires(Permission.CALIBRATE)
def open_committee(committee_id):
    """Let the members see the papers and score them."""
    committee = finding.led_by_id(committee_id, current_user)
    if _tried(lambda: services.open_committee(committee, actor=current_user)):
        flash("The committee is open. Its members find it under Calibration.", "success")
    return _back(committee)


@bp.post("/<int:committee_id>/close-scoring")
@requires(Permission.CALIBRATE)
def close_scoring(committee_id):
    """Take no more scores, so that everybody sees what was given."""
    committee = finding.led_by_id(committee_id, current_user)
    if _tried(lambda: services.close_scoring(committee, actor=current_user)):
        flash("Scoring is closed. Members and leaders see what was given.", "success")
    return _back(committee)


@bp.post("/<int:committee_id>/finish")
@requires(Permission.CALIBRATE)
def finish(committee_id):
    """End a committee without sets."""
    committee = finding.led_by_id(committee_id, current_user)
    if _tried(lambda: services.finish(committee, actor=current_user)):
        flash("The committee has finished. What was settled stays.", "success")
    return _back(committee)


@bp.post("/<int:committee_id>/discard")
@requires(Permission.CALIBRATE)
def discard(committee_id):
    """Throw away a committee that was never opened."""
    committee = finding.led_by_id(committee_id, current_user)
    if not _tried(lambda: services.discard(committee, actor=current_user)):
        return _back(committee)
    flash("The committee is discarded.", "success")
    return redirect(url_for(".index"))


@bp.route("/<int:committee_id>/sets", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def fill_sets(committee_id):
    """Spread the settled papers over sets and freeze them."""
    committee = finding.led_by_id(committee_id, current_user)
    plan, problem = freezing.proposal(committee, current_user), None
    if request.method == "POST":
        plan = {each.id: request.form.get(f"set-{each.id}", "") for each in freezing.settled(committee)}
        try:
            made = freezing.freeze(committee, plan, actor=current_user)
        except ScoringError as error:
            problem = error
        else:
            flash("1 set is frozen." if len(made) == 1 else f"{len(made)} sets are frozen.", "success")
            return _back(committee, "sets")
    settled = freezing.settled(committee)
    cover = coverage_of(committee.rubric, [each.paper for each in settled])
    page = render_template("rangefinding/sets.html", committee=committee, plan=plan, problem=problem, settled=settled,
                           left=freezing.undecided(committee), cover=cover, purposes=list(SetPurpose))  # fmt: skip
    return page, problem.status if problem else 200


def _tried(deed):
    """Do something; say in words why it could not be done."""
    try:
        deed()
    except ScoringError as error:
        flash(error.message, "error")
        return False
    return True


def _back(committee, part=None):
    return redirect(url_for(".show", committee_id=committee.id, _anchor=part))
