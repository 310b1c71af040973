"""Pages for what a session leaves: clarifications, notes to the task, consensus scores under papers and in sets."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from wtforms import SelectChoice

from calibration.sessions import finding, minutes, outcomes
from calibration.sessions.blueprint import bp
from calibration.sessions.outcome_forms import NoteForm, ProposalForm, TakeOverForm
from scoring.errors import Conflict, Invalid
from scoring.permissions import Permission, requires
from scoring.tasks import clarifying


@bp.route("/<int:session_id>/clarify", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def clarify(session_id):
    """Propose a clarification of the rubric that came up in a session."""
    meeting, _ = minutes.reader_of(session_id, current_user)
    form, problem = ProposalForm(), None
    form.place.choices = [SelectChoice(*each) for each in clarifying.places(meeting.rubric)]
    if form.validate_on_submit():
        trait, score = clarifying.place_of(meeting.rubric, form.place.data)
        try:
            outcomes.propose_clarification(
                meeting, trait=trait, score=score, words=form.words.data, actor=current_user
            )
        except (Conflict, Invalid) as error:
            problem = error
        else:
            flash("The clarification is proposed. Leaders of the task decide on it.", "success")
            return _back(meeting)
    page = render_template(
        "sessions/clarify.html", meeting=meeting, form=form, problem=problem, back=_address(meeting)
    )
    return page, problem.status if problem else 422 if form.errors else 200


@bp.route("/<int:session_id>/note", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def write_note(session_id):
    """Leave a note to the next version of the task that a session was about."""
    meeting, _ = minutes.reader_of(session_id, current_user)
    form = NoteForm()
    if form.validate_on_submit():
        outcomes.write_note(meeting, words=form.words.data, actor=current_user)
        flash("The note is saved. Whoever writes the next version of the task reads it.", "success")
        return _back(meeting)
    page = render_template("sessions/note.html", meeting=meeting, form=form, back=_address(meeting))
    return page, 422 if form.errors else 200


@bp.route("/<int:session_id>/take-over", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def take_over(session_id):
    """Put the consensus scores of a closed session under its papers, and the papers into a set."""
    meeting = finding.led(session_id, current_user)
    waiting, drafts = outcomes.to_take_over(meeting), outcomes.draft_sets(meeting, current_user)
    form, problem = TakeOverForm(papers=[each.id for each in waiting]), None
    form.papers.choices = [SelectChoice(each.id, _described(each)) for each in waiting]
    form.set.choices = [SelectChoice(0, "No set")] + [SelectChoice(each.id, f"{each.name} ({each.purpose})") for each in drafts]  # fmt: skip
    if form.validate_on_submit():
        chosen = [each for each in waiting if each.id in form.papers.data]
        paper_set = next((each for each in drafts if each.id == form.set.data), None)
        try:
            outcomes.take_over(meeting, chosen, paper_set=paper_set, actor=current_user)
        except (Conflict, Invalid) as error:
            problem = error
        else:
            flash("The consensus scores stand under the papers now.", "success")
            return redirect(url_for("sessions.show_minutes", session_id=session_id))
    page = render_template("sessions/take_over.html", meeting=meeting, form=form, problem=problem)
    return page, problem.status if problem else 422 if form.errors else 200


def _described(session_paper):
    """A paper with what it has now and what was agreed, so that a leader sees what would change."""
    before = {each.trait_id: each.score for each in session_paper.paper.scores}
    told = []
    for trait in session_paper.session.rubric.traits:
        score = session_paper.agreed(trait.id).score
        is_same = score == before.get(trait.id)
        told.append(
            f"{trait.name} {score}" if is_same else f"{trait.name} {score} (was {before.get(trait.id)})"
        )
    return f"Paper {session_paper.position}, {session_paper.paper.response.code}: {', '.join(told)}"


def _address(meeting):
    has_seat = any(
        each.person_id == current_user.id and each.removed_at is None for each in meeting.participants
    )
    if meeting.is_over and meeting.cancelled_at is None:
        return url_for("sessions.show_minutes", session_id=meeting.id)
    return url_for("sessions.show" if has_seat else "sessions.set_up", session_id=meeting.id)


def _back(meeting):
    return redirect(_address(meeting))
