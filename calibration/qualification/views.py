"""The scorer's pages: practice and qualification, paper by paper, and what came of it."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.papers import evidence, showing
from calibration.qualification import (
    people_views,  # noqa: F401  (its pages)
    program_views,  # noqa: F401  (its pages)
    programs,
    results,
    rules,
    services,
    standings,
    wording,
)
from calibration.qualification.blueprint import bp
from calibration.qualification.steps import Stage
from scoring.errors import Conflict, Invalid
from scoring.permissions import Permission, requires
from scoring.score_sheet import ScoreSheet


@bp.get("/")
@requires(Permission.SCORE)
def mine():
    """Show where a scorer stands in each program: practice, qualification, and what is next."""
    found = [standings.standing_of(program, current_user) for program in programs.open_programs(current_user)]
    return render_template(
        "qualification/mine.html", standings=found, words=wording.next_words, sentences=rules.sentences
    )


@bp.post("/programs/<int:program_id>/practice/<int:step_id>")
@requires(Permission.SCORE)
def begin_practice(program_id, step_id):
    """Begin a practice set, or go on with it."""
    return _begin(lambda program: services.begin_practice(program, step_id, current_user), program_id)


@bp.post("/programs/<int:program_id>/try")
@requires(Permission.SCORE)
def begin_try(program_id):
    """Begin a try to qualify, or go on with it."""
    return _begin(lambda program: services.begin_try(program, current_user), program_id)


@bp.post("/programs/<int:program_id>/recalibration")
@requires(Permission.SCORE)
def begin_recalibration(program_id):
    """Begin a recalibration, or go on with it."""
    return _begin(lambda program: services.begin_recalibration(program, current_user), program_id)


def _begin(begin, program_id):
    program = programs.open_program(program_id, current_user)
    try:
        attempt = begin(program)
    except Conflict as error:
        flash(error.message, "error")
        return redirect(url_for(".mine"), 303)
    return redirect(url_for(".score", attempt_id=attempt.id), 303)


@bp.route("/attempts/<int:attempt_id>", methods=["GET", "POST"])
@requires(Permission.SCORE)
def score(attempt_id):
    """Score the next paper; after the last one, see what came of it."""
    attempt = services.attempt_by_id(attempt_id, current_user)
    form = ScoreSheet(services.sheet_for(attempt))
    number = request.form.get("number", type=int)
    if request.method == "POST":
        form = ScoreSheet.from_form(form.sheet, request.form)
        try:
            services.submit(attempt, current_user, number, form.given["scores"])
        except Invalid as error:
            form.blame(error)
        except Conflict as error:
            flash(error.message, "error")
            return redirect(url_for(".score", attempt_id=attempt_id), 303)
        else:
            return redirect(_after_a_paper(attempt, number), 303)
    return _desk(attempt, form)


def _after_a_paper(attempt, number):
    if attempt.stage is Stage.PRACTICE and any(
        each.position == number and each.is_in for each in attempt.papers
    ):
        return url_for(".compare", attempt_id=attempt.id, number=number)
    return url_for(".score", attempt_id=attempt.id)


def _desk(attempt, form):
    paper = services.next_paper(attempt, current_user)
    if paper is None:
        if attempt.ended_at is not None:
            return redirect(url_for(".result", attempt_id=attempt.id), 303)
        return render_template("qualification/nothing_left.html", attempt=attempt)
    work = showing.blind_work(paper.paper, paper.position, current_user)
    page = render_template(
        "qualification/score.html", attempt=attempt, form=form, work=work, total=len(attempt.papers)
    )
    return page, 422 if form.errors else 200


@bp.get("/attempts/<int:attempt_id>/papers/<int:number>")
@requires(Permission.SCORE)
def compare(attempt_id, number):
    """Show a practice paper with the own scores beside the consensus scores, and why."""
    attempt = services.attempt_by_id(attempt_id, current_user)
    paper = services.scored_paper(attempt, number)
    work = showing.blind_work(paper.paper, number, current_user)
    rows = results.compare(paper, services.sheet_for(attempt))
    return render_template(
        "qualification/compare.html",
        marked=evidence.marked(paper.paper),
        attempt=attempt,
        paper=paper,
        work=work,
        rows=rows,
        total=len(attempt.papers),
    )


@bp.get("/attempts/<int:attempt_id>/result")
@requires(Permission.SCORE)
def result(attempt_id):
    """Say what came of a practice set or a try: the rule in words, each trait, how sure it is, and what is next."""
    attempt = services.attempt_by_id(attempt_id, current_user)
    if attempt.ended_at is None:
        return redirect(url_for(".score", attempt_id=attempt_id), 303)
    standing = standings.standing_of(attempt.program, current_user)
    return render_template("qualification/result.html", attempt=attempt, outcome=results.result_of(attempt), standing=standing,
                           next_words=wording.next_words(standing), lean=results.lean_words)  # fmt: skip
