"""Pages of comparative judgment: a leader's studies, the comparing page, and what a closed study tells."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.judging import comparing, results, rules, services
from calibration.judging.forms import InviteForm, StudyForm
from calibration.judging.models import StudyStatus
from scoring.db import db
from scoring.errors import Conflict, Invalid
from scoring.fields import blame
from scoring.permissions import Permission, requires
from scoring.reads.serializer import page_links
from scoring.web import Paging

bp = Blueprint("judging", __name__, url_prefix="/comparisons")
SECONDS_A_PAIR = 90


# Leaders


@bp.get("/")
@requires(Permission.CALIBRATE)
def index():
    """List the studies of comparative judgment this leader looks after."""
    page = Paging(services.study_query(current_user))
    return render_template("judging/index.html", page=page, can_begin=bool(services.sources(current_user)))


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def new():
    """Set up a study from the settled responses of a closed event."""
    sources = {f"{event.id}-{each.task_id}": each for event, each in services.sources(current_user)}
    form = StudyForm()
    form.source.choices = [(key, f"{each.event.name}: {each.task.title}") for key, each in sources.items()]
    traits = {
        f"{each.rubric_id}-{trait.key}": trait for each in sources.values() for trait in each.rubric.traits
    }
    form.trait.choices = [("", "The work as a whole")] + [
        (key, f"{trait.rubric.task.title}: {trait.name}") for key, trait in traits.items()
    ]
    if form.validate_on_submit():
        try:
            study = _created(form, sources[form.source.data], traits.get(form.trait.data))
        except Invalid as error:
            blame(form, error, deadline_at="last_day")
        else:
            return redirect(url_for(".show", study_id=study.id))
    page = render_template("judging/new.html", form=form, has_sources=bool(sources))
    return page, 422 if form.errors else 200


def _created(form, source, trait):
    if trait is not None and trait.rubric_id != source.rubric_id:
        words = "This trait belongs to another task. Choose one of the task you compare."
        raise Invalid(words, fields={"trait": words})
    return services.create_study(
        source, title=form.title.data, question=form.question.data, size=form.size.data, trait=trait,
        per_response=form.per_response.data, has_ties=form.has_ties.data, deadline_at=form.deadline_at, actor=current_user,
    )  # fmt: skip


@bp.get("/<int:study_id>")
@requires(Permission.CALIBRATE)
def show(study_id):
    """Show a study: what it compares, who takes part and how far they are; when it is closed, what it tells."""
    study = services.study_by_id(study_id, current_user)
    people = services.active_participants(study)
    standings = {each.id: comparing.standing(each) for each in people}
    found = results.of_study(study) if study.status is StudyStatus.CLOSED else None
    share = rules.own_share(study.planned, len(people) or 1)
    return render_template("judging/show.html", study=study, people=people, standings=standings, results=found, share=share,
                           reach=current_user.reach(Permission.SEE_RESPONSES),
                           minutes=-(-share * SECONDS_A_PAIR // 60), done=comparing.compared(study))  # fmt: skip


@bp.route("/<int:study_id>/people", methods=["GET", "POST"])
@requires(Permission.CALIBRATE)
def people(study_id):
    """Invite scorers of the event's districts to compare."""
    study = services.study_by_id(study_id, current_user)
    found = db.session.scalars(services.candidates(study)).all()
    form = InviteForm()
    form.people.choices = [(each.id, f"{each.name}, {_home(each)}") for each in found]
    if form.validate_on_submit():
        number = services.invite(
            study, [each for each in found if each.id in form.people.data], actor=current_user
        )
        flash("1 person is invited." if number == 1 else f"{number} people are invited.", "success")
        return redirect(url_for(".show", study_id=study_id))
    return render_template("judging/people.html", study=study, form=form), 422 if form.errors else 200


def _home(person):
    return ", ".join(each.name for each in person.districts) or "the network"


@bp.post("/<int:study_id>/people/<int:person_id>/remove")
@requires(Permission.CALIBRATE)
def remove(study_id, person_id):
    """Take a participant out of a study; their choices stay."""
    services.take_out(services.study_by_id(study_id, current_user), person_id, actor=current_user)
    flash("The participant is out. What they chose still counts.", "success")
    return redirect(url_for(".show", study_id=study_id))


@bp.post("/<int:study_id>/open")
@requires(Permission.CALIBRATE)
def open_study(study_id):
    """Open a study: participants can compare."""
    return _changed(
        study_id, services.open_study, "The study is open. Participants find it under Calibration."
    )


@bp.post("/<int:study_id>/close")
@requires(Permission.CALIBRATE)
def close_study(study_id):
    """Close a study for good."""
    return _changed(study_id, services.close_study, "The study is closed. Here is what it tells.")


def _changed(study_id, deed, words):
    try:
        deed(services.study_by_id(study_id, current_user), actor=current_user)
    except Conflict as error:
        flash(error.message, "error")
    else:
        flash(words, "success")
    return redirect(url_for(".show", study_id=study_id))


@bp.post("/<int:study_id>/discard")
@requires(Permission.CALIBRATE)
def discard(study_id):
    """Delete a study that never opened."""
    services.discard_study(services.study_by_id(study_id, current_user), actor=current_user)
    flash("The draft is gone.", "success")
    return redirect(url_for(".index"))


@bp.get("/<int:study_id>/choices.csv")
@requires(Permission.CALIBRATE)
def choices_file(study_id):
    """Give out every choice of a closed study as a file without names."""
    study = services.study_by_id(study_id, current_user)
    if study.status is not StudyStatus.CLOSED:
        raise Conflict("Close the study first: then its choices can be downloaded.")
    name = f"comparisons-{study.id}.csv"
    return Response(results.as_csv(study), mimetype="text/csv",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})  # fmt: skip


# Participants


@bp.get("/<int:study_id>/compare")
@requires(Permission.SIGNED_IN)
def compare(study_id):
    """Show a participant the next pair of responses."""
    seat = comparing.seat_of(study_id, current_user)
    pair = comparing.take_pair(seat)
    works = [] if pair is None else [_work(pair.left.response), _work(pair.right.response)]
    return render_template("judging/compare.html", study=seat.study, pair=pair, works=works,
                           standing=comparing.standing(seat), undo=comparing.last_choice(seat) is not None)  # fmt: skip


def _work(response):
    """The work alone: no code, no score, nothing of where it comes from."""
    pages = page_links(response.id, current_user)
    return {"text": None if pages else response.text, "pages": pages}


@bp.post("/<int:study_id>/compare/<int:comparison_id>")
@requires(Permission.SIGNED_IN)
def choose(study_id, comparison_id):
    """Store which of two responses was chosen, and go to the next pair."""
    seat = comparing.seat_of(study_id, current_user)
    try:
        if request.form.get("side") == "known":
            comparing.set_aside(seat, comparison_id)
            flash("The pair is set aside. You will not get either of the two again.", "success")
        else:
            comparing.choose(seat, comparison_id, request.form.get("side", ""))
    except (Conflict, Invalid) as error:
        flash(error.message, "error")
    return redirect(url_for(".compare", study_id=study_id))


@bp.post("/<int:study_id>/undo")
@requires(Permission.SIGNED_IN)
def undo(study_id):
    """Put the participant's last pair back before them."""
    try:
        comparing.take_back(comparing.seat_of(study_id, current_user))
    except Conflict as error:
        flash(error.message, "error")
    return redirect(url_for(".compare", study_id=study_id))
