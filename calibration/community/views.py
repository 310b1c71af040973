"""Pages of the network library: what is shared, and sharing, using and taking back an anchor paper."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.community import digest_views, sharing  # noqa: F401  (digest_views: its pages)
from calibration.community import library as shelves
from calibration.community.blueprint import bp
from calibration.community.forms import ShareForm
from calibration.papers import services as papers
from calibration.papers.blind import note_shown
from calibration.papers.evidence import marked
from scoring.errors import Conflict, Invalid, NotAllowed
from scoring.permissions import Permission, requires
from scoring.reads.serializer import page_links


@bp.app_context_processor
def panels():
    """Let the page of a paper say whether it is shared, without knowing of the library."""
    return {
        "sharing_of": sharing.sharing_of,
        "may_share": lambda paper: sharing.may_share(paper, current_user),
    }


@bp.get("/library")
@requires(Permission.CHOOSE_ANCHORS)
def library():
    """Show what the districts of the network share."""
    asked = request.args
    filters = shelves.Filters(
        asked.get("kind", ""),
        asked.get("task", type=int),
        asked.get("trait", ""),
        asked.get("point", type=int),
    )
    shelf = shelves.shelf_for(current_user, filters, asked.get("page", 1, type=int))
    return render_template("community/library.html", shelf=shelf, filters=filters, sources=shelves.SOURCES)


@bp.get("/library/anchors/<int:shared_id>")
@requires(Permission.CHOOSE_ANCHORS)
def shared_paper(shared_id):
    """Show a shared anchor paper with its evidence, and where it may be used."""
    shared = sharing.shared_by_id(shared_id, current_user)
    note_shown(current_user, [shared.paper.response_id])
    users = sharing.users_of(shared.paper)
    return render_template("community/shared_paper.html", shared=shared, users=users, **_work_of(shared.paper),
                           name=shelves.name_of(None, None, shared.paper), evidence=shelves.evidence_of(shared.paper),
                           places=sharing.places_for(shared, current_user),
                           may_share=sharing.may_share(shared.paper, current_user))  # fmt: skip


@bp.post("/library/anchors/<int:shared_id>/use")
@requires(Permission.CHOOSE_ANCHORS)
def use(shared_id):
    """Let scorers of an own organization see a shared paper among the anchors, or not any more."""
    shared = sharing.shared_by_id(shared_id, current_user)
    place = _place(shared)
    if request.form.get("use") == "0":
        sharing.stop_using(shared, place, actor=current_user)
        flash(f"Scorers of {place.name} do not see this paper any more.", "success")
    else:
        sharing.use(shared, place, actor=current_user)
        flash(f"Scorers of {place.name} see this paper among the anchors of its task.", "success")
    return redirect(url_for(".shared_paper", shared_id=shared_id))


def _work_of(paper):
    return {"marked": marked(paper), "pages": page_links(paper.response_id, current_user)}


def _place(shared):
    """The organization named in the form, or the only one there is."""
    places = sharing.places_for(shared, current_user)
    asked = request.form.get("organization", type=int)
    chosen = [each for each in places if each.id == asked] or (
        places if asked is None and len(places) == 1 else []
    )
    if not chosen:
        raise NotAllowed("You can not decide that for this organization, or the task is not open to it.")
    return chosen[0]


@bp.post("/library/anchors/<int:shared_id>/take-back")
@requires(Permission.CHOOSE_ANCHORS)
def take_back(shared_id):
    """Take a shared paper out of the library, and out of use in other districts."""
    shared = sharing.shared_by_id(shared_id, current_user)
    sharing.withdraw(shared, actor=current_user)
    flash("The paper is taken back. Other districts do not see it any more.", "success")
    return redirect(url_for("papers.show", paper_id=shared.paper_id))


@bp.route("/share/<int:paper_id>", methods=["GET", "POST"])
@requires(Permission.CHOOSE_ANCHORS)
def share(paper_id):
    """Share an anchor paper with the network."""
    paper, form = papers.paper_by_id(paper_id, current_user), ShareForm()
    if not sharing.may_share(paper, current_user):
        raise NotAllowed("Only those who choose anchor papers where it belongs may share it.")
    problem = sharing.why_not(paper)
    if form.validate_on_submit():
        try:
            shared = sharing.share(paper, note=form.note.data, actor=current_user)
        except (Conflict, Invalid) as error:
            form.note.errors = [error.message]
        else:
            flash("The paper is shared. Leaders of the network find it in the library.", "success")
            return redirect(url_for(".shared_paper", shared_id=shared.id))
    page = render_template("community/share.html", paper=paper, form=form, problem=problem, shared=sharing.sharing_of(paper),
                           name=shelves.name_of(None, None, paper), **_work_of(paper))  # fmt: skip
    return page, 422 if form.errors else 200
