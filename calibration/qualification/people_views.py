"""Leaders' pages about one scorer in a program: results, coaching, and the qualification by hand; and all as a file."""

from flask import Response as Reply
from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from calibration.qualification import coaching, overview, programs, results, standings
from calibration.qualification.blueprint import bp
from calibration.qualification.forms import CoachingForm, GrantForm, WithdrawForm
from calibration.qualification.steps import State
from scoring.errors import ScoringError
from scoring.permissions import Permission, requires


@bp.get("/programs/<int:program_id>/scorers.csv")
@requires(Permission.CALIBRATE)
def scorers_file(program_id):
    """Give out who stands where as a CSV file."""
    program = programs.program_by_id(program_id, current_user)
    reply = Reply("".join(overview.lines(program, current_user)), mimetype="text/csv")
    reply.headers.set("Content-Disposition", "attachment", filename=f"qualification-{program.id}.csv")
    return reply


@bp.get("/programs/<int:program_id>/people/<int:person_id>")
@requires(Permission.CALIBRATE)
def person(program_id, person_id):
    """Show one scorer's results, trait by trait and paper by paper, and what can be done."""
    return _page(*_found(program_id, person_id))


@bp.post("/programs/<int:program_id>/people/<int:person_id>/coach")
@requires(Permission.CALIBRATE)
def coach(program_id, person_id):
    """Write down what was agreed with a scorer; with it they get another try."""
    program, who = _found(program_id, person_id)
    form = CoachingForm()
    return _act(program, who, form, "Saved. They can read it, and they have another try.", lambda: coaching.coach(
        program, person_id, note=form.note.data, actor=current_user))  # fmt: skip


@bp.post("/programs/<int:program_id>/people/<int:person_id>/grant")
@requires(Permission.CALIBRATE)
def grant(program_id, person_id):
    """Give a scorer the qualification by hand, with a reason."""
    program, who = _found(program_id, person_id)
    form = GrantForm()
    return _act(program, who, form, f"{who.name} is qualified.", lambda: coaching.grant(
        program, person_id, reason=form.grant_reason.data, expires_at=form.expires_at, actor=current_user))  # fmt: skip


@bp.post("/programs/<int:program_id>/people/<int:person_id>/withdraw")
@requires(Permission.CALIBRATE)
def withdraw(program_id, person_id):
    """Take a scorer's qualification back, with a reason."""
    program, who = _found(program_id, person_id)
    form = WithdrawForm()
    return _act(program, who, form, f"The qualification of {who.name} is withdrawn.", lambda: coaching.withdraw(
        program, person_id, reason=form.withdraw_reason.data, actor=current_user))  # fmt: skip


def _found(program_id, person_id):
    program = programs.program_by_id(program_id, current_user)
    return program, coaching.person_in(program, person_id, current_user)


def _act(program, who, form, words, do):
    if not form.validate_on_submit():
        return _page(program, who, form), 422
    try:
        do()
    except ScoringError as error:
        flash(error.message, "error")
    else:
        flash(words, "success")
    return redirect(url_for(".person", program_id=program.id, person_id=who.id), 303)


def _page(program, who, form=None):
    """The page of one scorer; `form` is the one that was filled in wrongly."""
    forms = {
        kind: form if isinstance(form, kind) else kind(formdata=None)
        for kind in (CoachingForm, GrantForm, WithdrawForm)
    }
    standing = standings.standing_of(program, who)
    ended = [each.attempt for each in standing.progress if each.attempt.ended_at is not None][::-1]
    return render_template(
        "qualification/person.html", program=program, person=who, standing=standing, place=standing.place, form=form,
        attempts=[(each, results.result_of(each) if each.papers else None) for each in ended], lean=results.lean_words,
        papers=overview.papers_of, may_grant=programs.may_change(program, current_user), coaching_form=forms[CoachingForm],
        grant_form=forms[GrantForm], withdraw_form=forms[WithdrawForm], can_coach=standing.place.state is State.NEEDS_COACH,
        is_in_force=standing.place.state in coaching.IN_FORCE,
    )  # fmt: skip
