"""Leaders' pages about programs: what there is, a new one, its rule and its sets, and who stands where."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.papers import sets
from calibration.qualification import overview, programs, rules
from calibration.qualification.blueprint import bp
from calibration.qualification.forms import (
    JUDGING_HELP,
    SCOPE_HELP,
    STAGE_HELP,
    STAGE_NAMES,
    ProgramForm,
    StepForm,
)
from calibration.qualification.steps import WORDS
from scoring.db import db
from scoring.errors import ScoringError
from scoring.fields import blame
from scoring.permissions import Permission, requires


@bp.get("/programs")
@requires(Permission.CALIBRATE)
def index():
    """List the qualification programs, with how many scorers stand where."""
    found = db.session.scalars(programs.program_query(current_user)).all()
    tallies = {each.id: overview.tally(each, current_user) for each in found if each.closed_at is None}
    return render_template(
        "qualification/index.html",
        programs=found,
        tallies=tallies,
        words=WORDS,
        can_begin=bool(sets.rubrics(current_user)),
    )


@bp.route("/programs/new", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def new():
    """Set up a program for a rubric version."""
    rubrics, owners = sets.rubrics(current_user), sets.owners(current_user)
    form = ProgramForm(data=_starting_values(rubrics))
    form.rubric.choices = [(each.id, f"{each.task.title}, version {each.version}") for each in rubrics]
    form.organization.choices = [(each.id, each.name) for each in owners]
    if form.validate_on_submit():
        rubric = next(each for each in rubrics if each.id == form.rubric.data)
        owner = next(each for each in owners if each.id == form.organization.data)
        try:
            made = programs.create_program(owner, rubric, rule=form.rule, actor=current_user, **form.more)
        except ScoringError as error:
            blame(form, error)
        else:
            flash("The program is begun. Now add its sets.", "success")
            return redirect(url_for(".show", program_id=made.id))
    return _form_page(form)


def _starting_values(rubrics):
    """What a new program's form says before anybody has changed it."""
    asked = request.args.get("rubric", type=int)
    chosen = next((each for each in rubrics if each.id == asked), rubrics[0] if rubrics else None)
    points = [len(trait.points) for trait in chosen.traits] if chosen else []
    return {**rules.usual_rule(points).as_dict(), **programs.USUAL, "rubric": chosen.id if chosen else None}


@bp.route("/programs/<int:program_id>/edit", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def edit(program_id):
    """Change the rule of a program."""
    program = programs.own_program(program_id, current_user)
    values = {name: getattr(program, name) for name in programs.USUAL}
    form = ProgramForm(data={**program.rule.as_dict(), **values})
    del form.rubric, form.organization
    if form.validate_on_submit():
        try:
            programs.change_program(program, rule=form.rule, actor=current_user, **form.more)
        except ScoringError as error:
            blame(form, error)
        else:
            flash("The rule is saved. Tries that have begun keep the old one.", "success")
            return redirect(url_for(".show", program_id=program_id))
    return _form_page(form, program)


def _form_page(form, program=None):
    page = render_template(
        "qualification/edit.html",
        form=form,
        program=program,
        scope_help=SCOPE_HELP,
        judging_help=JUDGING_HELP,
    )
    return page, 422 if form.errors or form.form_errors else 200


@bp.get("/programs/<int:program_id>")
@requires(Permission.CALIBRATE)
def show(program_id):
    """Show a program: who stands where, its sets and its rule."""
    program = programs.program_by_id(program_id, current_user)
    table = overview.Table(program, current_user, state=request.args.get("state", ""))
    return render_template(
        "qualification/show.html", program=program, table=table, may_change=programs.may_change(program, current_user),
        missing=programs.missing_before_opening(program), advice=programs.advice(program), sentences=rules.sentences(program.rule),
        stages=_stages(program), odds=overview.let_through(program), by_state=_by_state(program, table),
    )  # fmt: skip


def _by_state(program, table):
    """Links that narrow the table of scorers, with how many stand in each state."""
    states = [(None, "All", table.total)] + [(state, WORDS[state], n) for state, n in table.tally]
    return [
        {"label": label, "count": n, "current": table.state is state,
         "href": url_for(".show", program_id=program.id, state=state.value if state else None)}
        for state, label, n in states
    ]  # fmt: skip


def _stages(program):
    """The stages with their sets, and a form with the sets that may be added."""
    found = []
    for stage, name in STAGE_NAMES.items():
        form = StepForm(formdata=None, prefix=stage.value)
        form.set.choices = [
            (each.id, f"{each.name}, version {each.version}: {len(each.items)} papers")
            for each in programs.fitting_sets(program, stage)
        ]
        steps = [each for each in program.steps if each.stage is stage]
        found.append({"stage": stage, "name": name, "help": STAGE_HELP[stage], "steps": steps, "form": form,
                      "purpose": programs.FITTING[stage]})  # fmt: skip
    return found


@bp.post("/programs/<int:program_id>/sets")
@requires(Permission.CALIBRATE)
def add_set(program_id):
    """Put a paper set into a program."""
    program, stage = programs.own_program(program_id, current_user), request.form.get("stage", "")
    chosen = request.form.get(f"{stage}-set", type=int)
    return _change(
        program, lambda: programs.add_step(program, stage, chosen, actor=current_user), "The set is added."
    )


@bp.post("/programs/<int:program_id>/sets/<int:step_id>/move")
@requires(Permission.CALIBRATE)
def move_set(program_id, step_id):
    """Move a set up or down within its stage."""
    program, by = programs.own_program(program_id, current_user), 1 if request.form.get("by") == "1" else -1
    return _change(program, lambda: programs.move_step(program, step_id, by, actor=current_user))


@bp.post("/programs/<int:program_id>/sets/<int:step_id>/remove")
@requires(Permission.CALIBRATE)
def remove_set(program_id, step_id):
    """Take a set out of a program."""
    program = programs.own_program(program_id, current_user)
    return _change(
        program,
        lambda: programs.remove_step(program, step_id, actor=current_user),
        "The set is out of the program.",
    )


@bp.post("/programs/<int:program_id>/open")
@requires(Permission.CALIBRATE)
def open_program(program_id):
    """Let scorers practice and qualify in a program."""
    program = programs.own_program(program_id, current_user)
    return _change(program, lambda: programs.open_to_scorers(program, actor=current_user),
                   "The program is open. Scorers find it under Calibration and in My work.")  # fmt: skip


@bp.post("/programs/<int:program_id>/close")
@requires(Permission.CALIBRATE)
def close_program(program_id):
    """End a program. What was earned in it stays."""
    program = programs.own_program(program_id, current_user)
    return _change(program, lambda: programs.close(program, actor=current_user), "The program is closed.")


def _change(program, do, words=None):
    try:
        do()
    except ScoringError as error:
        if error.status == 404:
            raise
        flash(error.message, "error")
    else:
        if words:
            flash(words, "success")
    return redirect(url_for(".show", program_id=program.id) + "#sets", 303)
