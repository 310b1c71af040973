"""The page on which a leader marks evidence in the work of a paper, and takes marks away again."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.papers import evidence, services
from calibration.papers.blueprint import bp
from calibration.papers.forms import chosen_trait, region_form, words_form
from scoring.errors import Invalid
from scoring.fields import blame
from scoring.permissions import Permission, requires
from scoring.reads.serializer import page_links


@bp.route("/<int:paper_id>/evidence", methods=["GET", "POST"])
@requires(Permission.CHOOSE_ANCHORS)
def mark_evidence(paper_id):
    """Mark places in the work of a paper that show why it has its scores."""
    paper = services.paper_by_id(paper_id, current_user)
    pages = page_links(paper.response_id, current_user)
    form = region_form(paper.rubric, len(pages)) if pages else words_form(paper.rubric)
    if form.validate_on_submit():
        try:
            form.mark(paper, current_user)
        except Invalid as error:
            blame(form, error)
        else:
            flash("The place is marked.", "success")
            return redirect(url_for(".mark_evidence", paper_id=paper_id))
    page = render_template("papers/evidence.html", paper=paper, form=form, pages=pages, marked=evidence.marked(paper),
                           taken_away=evidence.taken_away(paper))  # fmt: skip
    return page, 422 if form.errors else 200


@bp.post("/<int:paper_id>/evidence/<int:evidence_id>/edit")
@requires(Permission.CHOOSE_ANCHORS)
def edit_evidence(paper_id, evidence_id):
    """Say anew what a marked place shows."""
    paper = services.paper_by_id(paper_id, current_user)
    evidence.edit_evidence(
        paper, evidence_id, trait_id=chosen_trait(request.form.get("trait")), words=request.form.get("words"), actor=current_user
    )  # fmt: skip
    flash("The words are saved.", "success")
    return redirect(url_for(".mark_evidence", paper_id=paper_id))


@bp.post("/<int:paper_id>/evidence/<int:evidence_id>/remove")
@requires(Permission.CHOOSE_ANCHORS)
def remove_evidence(paper_id, evidence_id):
    """Take a mark away."""
    evidence.remove_evidence(services.paper_by_id(paper_id, current_user), evidence_id, actor=current_user)
    flash("The mark is taken away. You can put it back below.", "success")
    return redirect(url_for(".mark_evidence", paper_id=paper_id))


@bp.post("/<int:paper_id>/evidence/<int:evidence_id>/restore")
@requires(Permission.CHOOSE_ANCHORS)
def restore_evidence(paper_id, evidence_id):
    """Put a mark back that was taken away."""
    evidence.restore_evidence(services.paper_by_id(paper_id, current_user), evidence_id, actor=current_user)
    flash("The mark is back.", "success")
    return redirect(url_for(".mark_evidence", paper_id=paper_id))
