"""Pages for clarifications: propose one on a published rubric, decide on it."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from wtforms import SelectChoice

from scoring.errors import Conflict, Invalid
from scoring.fields import blame
from scoring.permissions import Permission, requires
from scoring.tasks import clarifying, services
from scoring.tasks.blueprint import bp
from scoring.tasks.forms import ClarificationForm, DecisionForm

DONE = {
    "propose": "The clarification is proposed. Leaders of the task decide on it.",
    "add": "Scorers see the clarification now, beside the descriptor.",
    "accept": "Scorers see the clarification now, beside the descriptor.",
    "decline": "The clarification is declined. It stays in the log with your reason.",
    "withdraw": "The clarification is withdrawn. It stays in the log.",
    "reword": "The words are saved.",
}


@bp.route("/<int:task_id>/rubrics/<int:version>/clarify", methods=["GET", "POST"])
@requires(Permission.EDIT_TASKS)
def clarify(task_id, version):
    """Propose a clarification of a descriptor."""
    task = services.task_by_id(task_id, current_user)
    rubric = services.rubric_by_version(task, version)
    form = ClarificationForm(place=request.args.get("place"))
    form.place.choices = [SelectChoice(*each) for each in clarifying.places(rubric)]
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        wanted = request.form.get("do") == "add" and services.may_edit(task, current_user)
        verb = clarifying.add_clarification if wanted else clarifying.propose_clarification
        trait, score = clarifying.place_of(rubric, form.place.data)
        try:
            verb(rubric, trait=trait, score=score, words=form.words.data, origin=form.origin.data, actor=current_user)  # fmt: skip
        except (Conflict, Invalid) as error:
            status = error.status
            blame(form, error)
        else:
            flash(DONE["add" if wanted else "propose"], "success")
            return redirect(url_for(".rubric", task_id=task_id, version=version) + "#log")
    page = render_template("tasks/clarify.html", task=task, rubric=rubric, form=form,
                           may_edit=services.may_edit(task, current_user))  # fmt: skip
    return page, status


@bp.route("/<int:task_id>/clarifications/<int:clarification_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_TASKS)
def clarification(task_id, clarification_id):
    """Decide on a clarification: accept, reword, decline or withdraw it."""
    task = services.task_by_id(task_id, current_user)
    found = clarifying.clarification_by_id(task, clarification_id, current_user)
    form = DecisionForm(words=found.words)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            _do(request.form.get("do"), found, form)
        except (Conflict, Invalid) as error:
            status = error.status
            blame(form, error)
        else:
            flash(DONE[request.form["do"]], "success")
            return redirect(url_for(".rubric", task_id=task_id, version=found.rubric.version) + "#log")
    page = render_template("tasks/clarification.html", task=task, found=found, form=form,
                           may_edit=services.may_edit(task, current_user))  # fmt: skip
    return page, status


def _do(verb, found, form):
    words, reason = form.words.data, form.reason.data
    if verb == "accept":
        clarifying.accept(found, words=words, reason=reason, actor=current_user)
    elif verb == "decline":
        clarifying.decline(found, reason=reason, actor=current_user)
    elif verb == "withdraw":
        clarifying.withdraw(found, reason=reason, actor=current_user)
    elif verb == "reword":
        clarifying.edit_words(found, words=words, actor=current_user)
    else:
        raise Invalid("Choose what to do with the clarification.")
