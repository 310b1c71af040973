"""Pages about one paper of a session: scoring it, seeing all scores, discussing them, and agreeing."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.sessions import attendance, discussing, finding, room, running, sheets, showing
from calibration.sessions.blueprint import bp
from calibration.sessions.minutes_views import written
from scoring.errors import ScoringError
from scoring.permissions import Permission, requires
from scoring.score_sheet import ScoreSheet


def empty_sheet(meeting):
    """A sheet to fill in."""
    return ScoreSheet(sheets.rubric_of(meeting))


def show_room(seat, form=None, typed=None, status=200):
    """Draw the room; a form that could not be taken keeps what was typed."""
    attendance.note_seen(seat)
    meeting, shown = seat.session, room.room_of(seat)
    sheet = form or empty_sheet(meeting)
    told = written(meeting, seat) if shown.state == "closed" else {}
    part = "sessions/_room.html" if request.args.get("fragment") else "sessions/room.html"
    return render_template(part, room=shown, sheet=sheet, questions=room.QUESTIONS, parts=room.PARTS,
                           typed=typed or {}, **told), status  # fmt: skip


def _is_on_stage(meeting, session_paper_id):
    """Whether a live session is at this paper: it is talked about in the room then, else on the paper's own page."""
    present = meeting.present_paper if meeting.is_live and meeting.is_open else None
    return present is not None and present.id == session_paper_id


def back_to(meeting, session_paper_id):
    """Go back to where a paper is talked about: the room of a live session, else the paper's own page."""
    if session_paper_id is None or _is_on_stage(meeting, session_paper_id):
        return redirect(url_for("sessions.show", session_id=meeting.id))
    return redirect(url_for("sessions.paper", session_id=meeting.id, session_paper_id=session_paper_id))


def show_paper(session_paper, seat, form=None, typed=None, status=200):
    """Draw the page of a paper; a form that could not be taken keeps what was typed."""
    attendance.note_seen(seat)
    meeting = seat.session
    return render_template(
        "sessions/paper.html", room=room.room_of(seat), paper=showing.paper_shown(session_paper, seat),
        sheet=form or empty_sheet(meeting), typed=typed or {},
    ), status  # fmt: skip


def _again(session_paper, seat, error, form=None):
    """Draw the room or the page anew with what was typed, and say why it could not be taken."""
    if form is not None and error.fields:
        form.blame(error)
    else:
        flash(error.message, "error")
    draw = show_room if _is_on_stage(seat.session, session_paper.id) else partial(show_paper, session_paper)
    return draw(seat, form, None if form else request.form, error.status)


@bp.route("/<int:session_id>/papers/<int:session_paper_id>", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def paper(session_id, session_paper_id):
    """Score a paper of a session; once all scores are shown, see and discuss them."""
    found, seat = finding.paper_of(session_id, session_paper_id, current_user)
    if request.method == "GET":
        return show_paper(found, seat)
    form = ScoreSheet.from_form(sheets.rubric_of(seat.session), request.form)
    try:
        sheets.submit(found, scores=form.given["scores"], evidence=form.evidence_by_trait, reason=form.note, actor=current_user)  # fmt: skip
    except ScoringError as error:
        return _again(found, seat, error, form)
    flash("Your scores are in.", "success")
    return back_to(seat.session, found.id)


@bp.post("/<int:session_id>/papers/<int:session_paper_id>/revise")
@requires(Permission.SIGNED_IN)
def revise(session_id, session_paper_id):
    """Say how one would score a paper after the discussion."""
    found, seat = finding.paper_of(session_id, session_paper_id, current_user)
    form = ScoreSheet.from_form(sheets.rubric_of(seat.session), request.form)
    try:
        sheets.revise(found, scores=form.given["scores"], reason=form.note, actor=current_user)
    except ScoringError as error:
        return _again(found, seat, error, form)
    flash("Your revised scores are in.", "success")
    return back_to(seat.session, found.id)


@bp.post("/<int:session_id>/papers/<int:session_paper_id>/observe")
@requires(Permission.SIGNED_IN)
def observe(session_id, session_paper_id):
    """Look on for one paper instead of scoring it."""
    found, seat = finding.paper_of(session_id, session_paper_id, current_user)
    sheets.observe(found, actor=current_user)
    return back_to(seat.session, found.id)


@bp.post("/<int:session_id>/papers/<int:session_paper_id>/show-leader")
@requires(Permission.SIGNED_IN)
def show_leader(session_id, session_paper_id):
    """Show the leader's scores, after everybody has seen the others'."""
    found, seat = finding.paper_of(session_id, session_paper_id, current_user)
    running.show_leader(found, actor=current_user)
    return back_to(seat.session, found.id)


@bp.post("/<int:session_id>/papers/<int:session_paper_id>/remarks")
@requires(Permission.SIGNED_IN)
def say(session_id, session_paper_id):
    """Write a remark about a paper or one of its traits, or answer one."""
    found, seat = finding.paper_of(session_id, session_paper_id, current_user)
    try:
        discussing.say(
            seat.session, request.form.get("text"), session_paper=found, trait_id=request.form.get("trait", type=int),
            reply_to_id=request.form.get("reply_to", type=int), actor=current_user,
        )  # fmt: skip
    except ScoringError as error:
        return _again(found, seat, error)
    return back_to(seat.session, found.id)


@bp.post("/<int:session_id>/papers/<int:session_paper_id>/consensus")
@requires(Permission.SIGNED_IN)
def settle(session_id, session_paper_id):
    """Write down the consensus scores of the traits that are filled in, and why: of the group, or of the own pair."""
    found, seat = finding.paper_of(session_id, session_paper_id, current_user)
    pair = seat.pair or 0 if request.form.get("pair") else 0
    given = _filled_in(seat.session.rubric.traits)
    if not given:
        flash("Choose a score and say why, for one trait at least. Nothing was written down.", "error")
        return back_to(seat.session, found.id)
    try:
        discussing.settle_all(found, given, pair=pair, actor=current_user)
    except ScoringError as error:
        return _again(found, seat, error)
    told = ", ".join(
        f"{trait.name} {given[trait.id][0]}" for trait in seat.session.rubric.traits if trait.id in given
    )
    flash(f"Written down: {told}.", "success")
    return back_to(seat.session, found.id)


def _filled_in(traits):
    """What was filled in for each trait; what still is as it stood on the page is left alone, whatever stands by now."""
    given = {}
    for trait in traits:
        score, reason, stood = (
            request.form.get(f"{name}-{trait.id}", "") for name in ("score", "reason", "stood")
        )
        if (score or reason.strip()) and f"{score} {reason}" != stood:
            given[trait.id] = request.form.get(f"score-{trait.id}", type=int), reason
    return given


@bp.post("/<int:session_id>/papers/<int:session_paper_id>/proposals")
@requires(Permission.SIGNED_IN)
def propose(session_id, session_paper_id):
    """Propose a consensus score for a trait."""
    found, seat = finding.paper_of(session_id, session_paper_id, current_user)
    try:
        discussing.propose(
            found, request.form.get("trait", type=int), score=request.form.get("score", type=int),
            reason=request.form.get("reason", ""), actor=current_user,
        )  # fmt: skip
    except ScoringError as error:
        return _again(found, seat, error)
    flash("Your proposal stands. The others who scored this paper can agree to it now.", "success")
    return back_to(seat.session, found.id)


@bp.post("/<int:session_id>/papers/<int:session_paper_id>/proposals/<int:proposal_id>/agree")
@requires(Permission.SIGNED_IN)
def support(session_id, session_paper_id, proposal_id):
    """Agree to a proposed consensus score."""
    found, seat = finding.paper_of(session_id, session_paper_id, current_user)
    discussing.support(proposal_id, found, actor=current_user)
    return back_to(seat.session, found.id)


@bp.post("/<int:session_id>/papers/<int:session_paper_id>/proposals/<int:proposal_id>/withdraw")
@requires(Permission.SIGNED_IN)
def withdraw_proposal(session_id, session_paper_id, proposal_id):
    """Take one's own proposal back."""
    found, seat = finding.paper_of(session_id, session_paper_id, current_user)
    discussing.withdraw_proposal(proposal_id, found, actor=current_user)
    return back_to(seat.session, found.id)
