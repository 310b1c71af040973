"""Pages of sessions for those who take part: the list, the room, and the buttons of a live session."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.sessions import (  # noqa: F401  (further pages of this feature)
    attendance,
    discussing,
    finding,
    hours_views,
    leader_views,
    minutes_views,
    outcome_views,
    paper_views,
    protocol_views,
    room,
    running,
    services,
)
from calibration.sessions.blueprint import bp
from calibration.sessions.models import Part
from scoring.errors import NotFound, ScoringError
from scoring.permissions import Permission, requires
from scoring.web import Paging


@bp.get("/")
@requires(Permission.SIGNED_IN)
def index():
    """List the calibration sessions to which this person is invited, and those they lead."""
    leads = current_user.may(Permission.CALIBRATE)
    mine = Paging(finding.sessions_of(current_user))
    others = finding.sessions_led_by_others(current_user) if leads else []
    rows = [(each, room.state_of(each)) for each in mine.items]
    return render_template("sessions/index.html", page=mine, sessions=rows, leads=leads,
                           others=[(each, room.state_of(each)) for each in others])  # fmt: skip


@bp.get("/<int:session_id>")
@requires(Permission.SIGNED_IN)
def show(session_id):
    """Show a session as it stands for this person: the lobby, the present step, or what was agreed."""
    return paper_views.show_room(finding.seat_of(session_id, current_user))


@bp.get("/<int:session_id>/state")
@requires(Permission.SIGNED_IN)
def state(session_id):
    """Tell an open page whether anything has changed, and how many are in."""
    found = room.versions_for(session_id, current_user)
    if found is None:
        raise NotFound(finding.NOTHING)
    if attendance.is_due(found.last_seen_at):
        attendance.note_seen(finding.seat_of(session_id, current_user))
    tag = f"{found.state_version}-{found.stage_version}"
    if request.if_none_match.contains(tag):
        return "", 304, {"ETag": f'"{tag}"'}
    told = room.state_for(finding.seat_of(session_id, current_user))
    return {"version": tag, "stage": found.stage_version, **told}, 200, {"ETag": f'"{tag}"'}


def _to_room(session_id):
    return redirect(url_for("sessions.show", session_id=session_id))


def _seat(session_id):
    return finding.seat_of(session_id, current_user)


@bp.post("/<int:session_id>/come-in")
@requires(Permission.SIGNED_IN)
def come_in(session_id):
    """Come into a live session, or come back."""
    attendance.come_in(_seat(session_id).session, actor=current_user)
    return _to_room(session_id)


@bp.post("/<int:session_id>/leave")
@requires(Permission.SIGNED_IN)
def leave(session_id):
    """Leave a live session; one may come back as long as it is open."""
    attendance.leave(_seat(session_id), actor=current_user)
    flash("You have left the session. You can come back as long as it is open.", "success")
    return _to_room(session_id)


@bp.post("/<int:session_id>/people/<int:participant_id>/away")
@requires(Permission.SIGNED_IN)
def note_away(session_id, participant_id):
    """Note that somebody has left, so that nobody waits for them."""
    attendance.leave(_other(session_id, participant_id), actor=current_user)
    return _to_room(session_id)


@bp.post("/<int:session_id>/people/<int:participant_id>/part")
@requires(Permission.SIGNED_IN)
def give_part(session_id, participant_id):
    """Give somebody a part: facilitator, timekeeper, recorder, presenter."""
    part = request.form.get("part", "")
    services.give_part(_other(session_id, participant_id), part if part in set(Part) else Part.MEMBER, actor=current_user)  # fmt: skip
    return _to_room(session_id)


def _other(session_id, participant_id):
    meeting = _seat(session_id).session
    found = next((each for each in meeting.participants if each.id == participant_id and each.removed_at is None), None)  # fmt: skip
    if found is None:
        raise NotFound("This person has no seat in the session.")
    return found


@bp.post("/<int:session_id>/name")
@requires(Permission.SIGNED_IN)
def show_name(session_id):
    """Say whether the own name may stand beside the own scores."""
    attendance.show_name(_seat(session_id).session, request.form.get("show") == "1", actor=current_user)
    return _to_room(session_id)


@bp.post("/<int:session_id>/begin")
@requires(Permission.SIGNED_IN)
def begin(session_id):
    """Leave the lobby: the first step begins."""
    running.begin(_seat(session_id).session, actor=current_user)
    return _to_room(session_id)


@bp.post("/<int:session_id>/move")
@requires(Permission.SIGNED_IN)
def move(session_id):
    """Go to the next step, or back to the one before."""
    meeting, by = _seat(session_id).session, -1 if request.form.get("by") == "-1" else 1
    try:
        running.move(meeting, by, seen=request.form.get("phase", -1, int), actor=current_user)
    except ScoringError as error:
        flash(error.message, "error")
    return _to_room(session_id)


@bp.post("/<int:session_id>/timer")
@requires(Permission.SIGNED_IN)
def timer(session_id):
    """Pause the timer, let it go on, or give the step more time."""
    meeting, wish = _seat(session_id).session, request.form.get("wish")
    if wish == "pause":
        running.pause(meeting, actor=current_user)
    elif wish == "go-on":
        running.go_on(meeting, actor=current_user)
    else:
        running.extend(meeting, request.form.get("minutes", 2, int), actor=current_user)
    return _to_room(session_id)


@bp.post("/<int:session_id>/close")
@requires(Permission.SIGNED_IN)
def close(session_id):
    """End a session for good."""
    running.close(_seat(session_id).session, actor=current_user)
    flash("The session is closed. What was agreed stays as it is.", "success")
    return _to_room(session_id)


@bp.post("/<int:session_id>/notes")
@requires(Permission.SIGNED_IN)
def take_note(session_id):
    """Write a note in a step made for talking: a question, warm or cool feedback, a reflection."""
    seat = _seat(session_id)
    try:
        discussing.say(seat.session, request.form.get("text"), step=request.form.get("step", type=int),
                       reply_to_id=request.form.get("reply_to", type=int), actor=current_user)  # fmt: skip
    except ScoringError as error:
        flash(error.message, "error")
        return paper_views.show_room(seat, typed=request.form, status=error.status)
    return _to_room(session_id)


@bp.post("/<int:session_id>/debrief")
@requires(Permission.SIGNED_IN)
def debrief(session_id):
    """Say what should change in the task, in the rubric, or in teaching."""
    seat = _seat(session_id)
    answers = {each.value: request.form.get(each.value, "") for each in room.QUESTIONS}
    try:
        discussing.answer_debrief(seat.session, answers, actor=current_user)
    except ScoringError as error:
        flash(error.message, "error")
        return paper_views.show_room(seat, typed=request.form, status=error.status)
    flash("Your answers are saved. You can change them until the session is closed.", "success")
    return _to_room(session_id)


@bp.post("/<int:session_id>/remarks/<int:remark_id>/withdraw")
@requires(Permission.SIGNED_IN)
def withdraw_remark(session_id, remark_id):
    """Take one's own remark back."""
    remark = discussing.withdraw(remark_id, _seat(session_id).session, actor=current_user)
    flash("Your remark is withdrawn.", "success")
    return paper_views.back_to(_seat(session_id).session, remark.session_paper_id)
