"""Pages for anchor papers: what there is, the finder, promoting, and what scorers see."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.papers import (
    blind,
    evidence,
    finder,
    marking_views,  # noqa: F401  (its pages)
    name_checks,
    name_views,  # noqa: F401  (its pages)
    putting_back,
    second_reads,
    services,
    set_views,  # noqa: F401  (its pages)
    sets,
    showing,
)
from calibration.papers.blueprint import bp
from calibration.papers.collections import collections_of
from calibration.papers.forms import KIND_HELP, SHOWING_HELP, commentary_form, promotion_form
from scoring import storage
from scoring.errors import Conflict, Invalid, ScoringError
from scoring.permissions import Permission, requires
from scoring.reads.serializer import page_links
from scoring.web import asked_page


@bp.get("/")
@requires(Permission.CHOOSE_ANCHORS)
def index():
    """Show the anchor papers of each task, how they cover its rubric, and where to look for more."""
    return render_template("papers/index.html", page=collections_of(current_user, asked_page()))


@bp.get("/<int:paper_id>")
@requires(Permission.CHOOSE_ANCHORS)
def show(paper_id):
    """Show one paper to those who look after it."""
    paper = services.paper_by_id(paper_id, current_user)
    blind.note_shown(current_user, [paper.response_id])
    return render_template(
        "papers/show.html", paper=paper, is_hidden=bool(services.hidden_ids([paper])), pages=page_links(paper.response.id, current_user),
        marked=evidence.marked(paper), sets=sets.sets_with(paper, current_user),
        history=services.history_of_agreement(paper), is_fixed=services.stands_in_frozen_set(paper),
    )  # fmt: skip


@bp.route("/<int:paper_id>/commentary", methods=["GET", "POST"])
@requires(Permission.CHOOSE_ANCHORS)
def edit_commentary(paper_id):
    """Say anew why a paper has its scores."""
    paper = services.paper_by_id(paper_id, current_user)
    form = commentary_form(paper)
    if form.validate_on_submit():
        services.edit_commentary(
            paper, commentary=form.commentary.data, commentaries=form.commentaries, actor=current_user
        )
        flash("The commentary is saved.", "success")
        return redirect(url_for(".show", paper_id=paper_id))
    page = render_template(
        "papers/commentary.html", paper=paper, form=form, pages=page_links(paper.response.id, current_user)
    )
    return page, 422 if form.errors else 200


@bp.post("/<int:paper_id>/agree")
@requires(Permission.CHOOSE_ANCHORS)
def agree(paper_id):
    """Put one's name to the consensus scores of a paper."""
    services.agree(services.paper_by_id(paper_id, current_user), actor=current_user)
    flash("Your name stands under the consensus scores.", "success")
    return redirect(url_for(".show", paper_id=paper_id))


@bp.post("/<int:paper_id>/withdraw")
@requires(Permission.CHOOSE_ANCHORS)
def withdraw(paper_id):
    """Take one's name back from the consensus scores of a paper."""
    services.withdraw(services.paper_by_id(paper_id, current_user), actor=current_user)
    flash("Your name does not stand under the consensus scores any more.", "success")
    return redirect(url_for(".show", paper_id=paper_id))


@bp.post("/<int:paper_id>/retire")
@requires(Permission.CHOOSE_ANCHORS)
def retire(paper_id):
    """Take a paper out of use."""
    services.retire(services.paper_by_id(paper_id, current_user), actor=current_user)
    flash("The paper is retired. Scorers do not see it among the anchors any more.", "success")
    return redirect(url_for(".index"))


@bp.post("/<int:paper_id>/put-back")
@requires(Permission.CHOOSE_ANCHORS)
def put_back(paper_id):
    """Put a retired paper back into use."""
    paper = services.paper_by_id(paper_id, current_user)
    try:
        putting_back.put_back(paper, actor=current_user)
    except ScoringError as error:
        flash(error.message, "error")
    else:
        flash("The paper is in use again.", "success")
    return redirect(url_for(".show", paper_id=paper_id))


@bp.get("/events/<code>/<int:task_id>")
@requires(Permission.CHOOSE_ANCHORS)
def candidates(code, task_id):
    """Find responses of an event that would make good anchor papers."""
    event, task = finder.event_and_task(code, task_id, current_user)
    search = finder.Search(event, task, current_user, **_filters(), page=asked_page())
    works = {each.response.id: page_links(each.response.id, current_user) for each in search.items}
    return render_template(
        "papers/candidates.html", event=event, task=task, search=search, works=works,
        promising=second_reads.promising(search, current_user), names=search.left_out.names(),
    )  # fmt: skip


def _filters():
    words = {name: request.args.get(name, "") for name in ("trait", "kind", "form")}
    numbers = {
        name: request.args.get(name, type=int)
        for name in ("point", "shortest", "longest", "school", "district")
    }
    return {**words, **numbers, "unused": bool(request.args.get("unused"))}


@bp.post("/events/<code>/<int:task_id>/second-read/<response_code>")
@requires(Permission.CHOOSE_ANCHORS)
def request_second_read(code, task_id, response_code):
    """Ask for a second read of a response that was read once."""
    event, task = finder.event_and_task(code, task_id, current_user)
    _, response = finder.response_in(event, task, response_code, current_user)
    second_reads.request(event, response, actor=current_user)
    flash(f"{response.code} is in the queue for a second read. Look here again when it was read.", "success")
    return redirect(url_for(".candidates", code=code, task_id=task_id) + "#promising")


@bp.post("/events/<code>/<int:task_id>/names")
@requires(Permission.CHOOSE_ANCHORS)
def ask_about_names(code, task_id):
    """Ask the districts to look at the work in which a name may stand."""
    event, task = finder.event_and_task(code, task_id, current_user)
    name_checks.ask(event, task, actor=current_user)
    flash("The district admins find the question under Calibration.", "success")
    return redirect(url_for(".candidates", code=code, task_id=task_id) + "#left-out")


@bp.route("/events/<code>/<int:task_id>/promote/<response_code>", methods=["GET", "POST"])
@requires(Permission.CHOOSE_ANCHORS)
def promote(code, task_id, response_code):
    """Make a response a paper, with a consensus score and a reason for each trait."""
    event, task = finder.event_and_task(code, task_id, current_user)
    rubric, response = finder.response_in(event, task, response_code, current_user)
    given = finder.given(event, response)
    form, problem = promotion_form(rubric, given), None
    if form.validate_on_submit():
        try:
            make = services.keep if form.showing.data == "kept" else services.promote
            make(response, rubric, event=event, scores=form.scores, commentaries=form.commentaries,
                             commentary=form.commentary.data, kind=form.kind.data, actor=current_user)  # fmt: skip
        except (Conflict, Invalid) as error:
            problem = error
        else:
            words = "a paper for sets" if form.showing.data == "kept" else "an anchor paper"
            flash(f"{response.code} is {words} now.", "success")
            return redirect(url_for(".candidates", code=code, task_id=task_id))
    status = problem.status if problem else 422 if form.errors else 200
    return render_template("papers/promote.html", form=form, event=event, task=task, rubric=rubric, response=response, problem=problem,
                           given=given, pages=page_links(response.id, current_user), kind_help=KIND_HELP, showing_help=SHOWING_HELP), status  # fmt: skip


@bp.get("/for/<int:event_id>/<int:task_id>")
@requires(Permission.SIGNED_IN)
def anchors(event_id, task_id):
    """Show a scorer the anchor papers of an event's task; `?fragment=1` answers only the part beside a response."""
    place = showing.event_task_for(event_id, task_id, current_user)
    shelf = showing.Shelf(
        place, current_user, trait=request.args.get("trait", ""), score=request.args.get("score", type=int)
    )
    blind.note_shown(current_user, [each.response_id for each in shelf.papers])
    works = {each.number: [_page(*page) for page in each.pages] for each in shelf.papers}
    template = "papers/_anchors.html" if request.args.get("fragment") else "papers/anchors.html"
    return render_template(template, shelf=shelf, works=works, event_id=event_id, task_id=task_id)


def _page(key, media_type, width, height):
    url = url_for("pages.file", token=storage.link_token(key, media_type, current_user))
    return {"url": url, "width": width, "height": height}
