"""Pages on which leaders open sessions and look after them."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from wtforms import SelectChoice

from calibration.papers import choosing
from calibration.sessions import finding, protocols, room, rules, services
from calibration.sessions.blueprint import bp
from calibration.sessions.forms import FORM_HELP, EditForm, InviteForm, SessionForm
from calibration.sessions.models import Form
from scoring.db import db
from scoring.errors import NotFound, ScoringError
from scoring.fields import blame
from scoring.permissions import Permission, requires


@bp.get("/new")
@requires(Permission.CALIBRATE)
def choose():
    """Choose what a new session is about: a calibration set, or papers of a rubric version; live or asynchronous."""
    return render_template("sessions/choose.html", sets=finding.calibration_sets(current_user),
                           rubrics=finding.rubrics_with_papers(current_user), help=FORM_HELP)  # fmt: skip


@bp.route("/new/details", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def open_session():
    """Open a session on a calibration set, or on chosen papers of a rubric version."""
    kind, set_id, rubric_id = (
        request.args.get(name, type=kind) for name, kind in (("form", str), ("set", int), ("rubric", int))
    )
    paper_set = next((each for each in finding.calibration_sets(current_user) if each.id == set_id), None)
    rubric = next((each for each in finding.rubrics_with_papers(current_user) if each.id == rubric_id), None)
    if kind not in set(Form) or (paper_set is None and rubric is None):
        return redirect(url_for("sessions.choose"))
    if paper_set is not None:
        return _open(Form(kind), paper_set.rubric, paper_set.papers, paper_set)
    return _open(Form(kind), rubric, None, None)


def _open(kind, rubric, papers, paper_set):
    """Show the form of a new session, or open it."""
    owners = finding.homes(current_user)
    offered = papers or finding.papers_of(rubric, owners, current_user)
    kept = _protocols(kind)
    people, events = finding.people_within(owners, current_user), finding.events_to_invite(current_user)
    form = SessionForm(papers=[paper.id for paper in papers or ()]).offer(
        form=kind, protocols=[SelectChoice(key, each.name) for key, each in kept.items()],
        papers=[SelectChoice(paper.id, paper.described) for paper in offered],
        people=[SelectChoice(each.id, each.name) for each in people if each.id != current_user.id],
        events=[SelectChoice(each.id, each.name) for each in events],
        owners=[SelectChoice(each.id, each.name) for each in owners],
    )  # fmt: skip
    if form.validate_on_submit():
        chosen = _chosen_people(form, people, events)
        owner = next(
            (each for each in owners if "organization" in form and each.id == form.organization.data),
            owners[0],
        )
        try:
            made = services.open_session(
                owner, rubric, title=form.title.data, form=kind, protocol=kept[form.protocol.data],
                papers=[paper for paper in offered if paper.id in form.papers.data], people=chosen, paper_set=paper_set,
                leader_scores=form.leader_scores.data, actor=current_user, **_dates(form),
            )  # fmt: skip
        except ScoringError as error:
            blame(form, error)
        else:
            flash("The session is set up. The people you invited find it under Calibration.", "success")
            return redirect(url_for("sessions.set_up", session_id=made.id))
    summaries = {key: _summary(each) for key, each in kept.items()}
    page = render_template(
        "sessions/open.html", form=form, kind=kind, rubric=rubric, set=paper_set, summaries=summaries,
        beside=choosing.beside(offered, current_user),
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _protocols(kind):
    """Protocols that fit this form, by key; the usual one first."""
    kept = {each.key: each for each in protocols.built_in()}
    kept |= {f"own-{each.id}": each for each in db.session.scalars(protocols.protocol_query(current_user))}
    return {key: each for key, each in kept.items() if not services.why_not_protocol(kind, each)}


def _summary(protocol):
    minutes = rules.minutes_in_all(protocol.steps, 1)
    return f"{protocol.summary} About {minutes} minutes with one paper.".strip()


def _chosen_people(form, people, events):
    ids = set(form.people.data or ())
    for event in events if "events" in form else ():
        if event.id in (form.events.data or ()):
            ids |= finding.scorers_of(event)
    return [each for each in people if each.id in ids]


def _dates(form):
    names = ("starts_at", "score_by", "closes_at")
    return {name: form[name].data for name in names if name in form}


@bp.get("/<int:session_id>/set-up")
@requires(Permission.CALIBRATE)
def set_up(session_id):
    """Look after a session: its papers, people and dates."""
    meeting = finding.led(session_id, current_user)
    seats = [each for each in meeting.participants if each.removed_at is None]
    known = {each.person_id for each in seats}
    invite = InviteForm()
    people = finding.people_within([meeting.organization], current_user)
    invite.people.choices = [SelectChoice(each.id, each.name) for each in people if each.id not in known]
    leads = any(finding.controls(each) for each in seats if each.person_id == current_user.id)
    papers = finding.papers_at_hand(meeting)
    found, able = finding.standings(papers), room.who_scores(meeting, papers, named=leads)
    standings = [(each, *map(len, found[each.id]), able[each.id]) for each in papers]
    return render_template(
        "sessions/set_up.html", meeting=meeting, state=room.state_of(meeting), seats=sorted(seats, key=lambda each: each.person.name.casefold()),
        parts=room.PARTS, invite=invite, standings=standings, has_seat=current_user.id in known,
        minutes=rules.minutes_in_all(meeting.steps, len(meeting.papers)),
    )  # fmt: skip


def _to_set_up(session_id):
    return redirect(url_for("sessions.set_up", session_id=session_id))


@bp.post("/<int:session_id>/people")
@requires(Permission.CALIBRATE)
def invite(session_id):
    """Invite further people to a session."""
    meeting = finding.led(session_id, current_user)
    ids = set(request.form.getlist("people", type=int))
    chosen = [each for each in finding.people_within([meeting.organization], current_user) if each.id in ids]
    try:
        count = services.invite(meeting, chosen, actor=current_user)
    except ScoringError as error:
        flash(error.message, "error")
    else:
        flash("1 person is invited." if count == 1 else f"{count} people are invited.", "success")
    return _to_set_up(session_id)


@bp.post("/<int:session_id>/people/<int:participant_id>/remove")
@requires(Permission.CALIBRATE)
def remove_person(session_id, participant_id):
    """Take somebody's seat away."""
    meeting = finding.led(session_id, current_user)
    seat = next((each for each in meeting.participants if each.id == participant_id), None)
    if seat is None:
        raise NotFound("This person has no seat in the session.")
    services.remove(seat, actor=current_user)
    flash(f"{seat.person.name} has no seat in this session any more.", "success")
    return _to_set_up(session_id)


@bp.post("/<int:session_id>/papers/<int:session_paper_id>/move")
@requires(Permission.CALIBRATE)
def move_paper(session_id, session_paper_id):
    """Move a paper up or down before the session begins."""
    by = 1 if request.form.get("by") == "1" else -1
    services.move_paper(finding.led(session_id, current_user), session_paper_id, by, actor=current_user)
    return redirect(url_for("sessions.set_up", session_id=session_id) + "#papers")


@bp.route("/<int:session_id>/edit", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def edit(session_id):
    """Change the title and the times of a session: live before it begins, else as long as scoring goes on."""
    meeting = finding.led(session_id, current_user)
    form = EditForm(obj=meeting).fit(meeting.form)
    if form.validate_on_submit():
        try:
            services.change(meeting, title=form.title.data, actor=current_user, **_dates(form))
        except ScoringError as error:
            blame(form, error)
        else:
            flash("The session is saved.", "success")
            return _to_set_up(session_id)
    return render_template("sessions/edit.html", form=form, meeting=meeting), 422 if form.errors else 200


@bp.post("/<int:session_id>/cancel")
@requires(Permission.CALIBRATE)
def cancel(session_id):
    """Call a session off."""
    services.cancel(finding.led(session_id, current_user), actor=current_user)
    flash("The session is called off.", "success")
    return _to_set_up(session_id)
