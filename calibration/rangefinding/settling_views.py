"""Pages on which a committee comes from blind scores to consensus."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.papers.models import PaperKind
from calibration.papers.showing import blind_work
from calibration.rangefinding import finding, results, rules, settling
from calibration.rangefinding.blueprint import bp
from calibration.rangefinding.forms import KIND_HELP, consensus_form
from calibration.rangefinding.standing import Standing
from scoring.errors import NotFound, ScoringError
from scoring.permissions import Permission, requires


@bp.get("/<int:committee_id>/papers/<int:proposed_id>")
@requires(Permission.SIGNED_IN)
def paper(committee_id, proposed_id):
    """Show what a committee gave to a paper, how sure the scores are, and the consensus on the table."""
    committee, place, standing = seen(committee_id, proposed_id)
    if place is None:
        return redirect(url_for(".score", committee_id=committee_id, proposed_id=proposed_id))
    return _paper_page(committee, place, standing)


@bp.route("/<int:committee_id>/papers/<int:proposed_id>/consensus", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def consensus(committee_id, proposed_id):
    """Propose consensus scores and commentary for a paper."""
    committee, place, _ = seen(committee_id, proposed_id, must=True)
    found = results.Results(committee, place.proposed, current_user, results.models_of(committee))
    form, problem = consensus_form(committee.rubric, **_start(place.proposed, found)), None
    if form.validate_on_submit():
        try:
            settling.propose_consensus(committee, place.proposed, scores=form.scores, commentaries=form.commentaries,
                                       commentary=form.commentary.data, kind=form.kind.data, actor=current_user)  # fmt: skip
        except ScoringError as error:
            problem = error
        else:
            flash("Your proposal is before the committee.", "success")
            return _back(committee, place)
    work = blind_work(place.proposed, place.number, current_user)
    page = render_template("rangefinding/consensus.html", committee=committee, place=place, results=found, form=form, problem=problem,
                           work=work, kind_help=KIND_HELP, of_hundred=rules.of_hundred)  # fmt: skip
    return page, problem.status if problem else 422 if form.errors else 200


@bp.post("/<int:committee_id>/papers/<int:proposed_id>/agree")
@requires(Permission.SIGNED_IN)
def agree(committee_id, proposed_id):
    """Put one's name to the consensus on the table."""
    committee, place, _ = seen(committee_id, proposed_id, must=True)
    return _said(committee, place, "Your name stands under this consensus.", lambda: settling.agree(
        committee, place.proposed, _on_the_table(), actor=current_user))  # fmt: skip


@bp.post("/<int:committee_id>/papers/<int:proposed_id>/object")
@requires(Permission.SIGNED_IN)
def object_to(committee_id, proposed_id):
    """Object to the consensus on the table, with words."""
    committee, place, _ = seen(committee_id, proposed_id, must=True)
    return _said(committee, place, "Your objection is before the committee.", lambda: settling.object_to(
        committee, place.proposed, _on_the_table(), words=request.form.get("words", ""), actor=current_user))  # fmt: skip


@bp.post("/<int:committee_id>/papers/<int:proposed_id>/settle")
@requires(Permission.CALIBRATE)
def settle(committee_id, proposed_id):
    """Make the consensus on the table the consensus scores of a paper."""
    finding.led_place(committee_id, proposed_id, current_user)
    committee, place, _ = seen(committee_id, proposed_id, must=True)
    words = [
        "The paper is settled. It is kept for sets.",
        settling.what_it_replaces(committee, place.proposed, current_user),
    ]
    return _said(committee, place, " ".join(filter(None, words)), lambda: settling.settle(
        committee, place.proposed, _on_the_table(), reason=request.form.get("reason", ""), actor=current_user))  # fmt: skip


@bp.post("/<int:committee_id>/papers/<int:proposed_id>/take-back")
@requires(Permission.CALIBRATE)
def take_back(committee_id, proposed_id):
    """Take a settled paper up again."""
    committee, _ = finding.led_place(committee_id, proposed_id, current_user)
    place = Standing(committee, current_user).of(proposed_id)
    return _said(committee, place, "The paper is open for another consensus.", lambda: settling.take_back(
        committee, place.proposed, actor=current_user))  # fmt: skip


def seen(committee_id, proposed_id, *, must=False):
    """Return (committee, place, standing) of a paper whose scores this person may see.

    The place is None where own scores come first; with `must`, and for everybody else, the paper is not found.
    """
    committee, proposed = finding.place_in(committee_id, proposed_id, current_user)
    standing = Standing(committee, current_user)
    place = standing.of(proposed.id)
    if place.sees_scores:
        return committee, place, standing
    if place.may_score and not must:
        return committee, None, standing
    raise NotFound(finding.NO_COMMITTEE)


def _paper_page(committee, place, standing, error=None, status=200):
    proposed, consensus_now = place.proposed, place.proposed.on_the_table
    page = render_template(
        "rangefinding/paper.html", committee=committee, place=place, standing=standing, error=error, proposed=proposed,
        results=results.Results(committee, proposed, current_user, results.models_of(committee)), consensus=consensus_now,
        work=blind_work(proposed, place.number, current_user), words=request.form.get("words", ""),
        reason=request.form.get("reason", ""), of_hundred=rules.of_hundred,
        unanimous=consensus_now is not None and settling.is_unanimous(place, consensus_now),
        replaced=settling.what_it_replaces(committee, proposed, current_user) if standing.leads else None,
        mine=next((each for each in consensus_now.opinions if each.person_id == current_user.id), None) if consensus_now else None,
    )  # fmt: skip
    return page, status


def _start(proposed, found):
    """What a proposal begins with: the one on the table, or what most members gave."""
    now = proposed.on_the_table
    if now is not None:
        return {
            "scores": now.score_by_trait,
            "commentaries": now.commentary_by_trait,
            "commentary": now.commentary,
            "kind": now.kind,
        }
    return {"scores": found.suggested, "commentaries": {}, "commentary": "",
            "kind": PaperKind.SOLID if found.is_solid else PaperKind.BORDERLINE}  # fmt: skip


def _on_the_table():
    return request.form.get("consensus", 0, type=int)


def _said(committee, place, words, deed):
    """Do something with a paper; what is wrong is said beside it, and what was typed stays."""
    try:
        deed()
    except ScoringError as error:
        standing = Standing(committee, current_user)
        place = standing.of(place.proposed.id)
        if not place.sees_scores:
            raise
        return _paper_page(committee, place, standing, error=error.message, status=error.status)
    flash(words, "success")
    return _back(committee, place)


def _back(committee, place):
    return redirect(
        url_for(".paper", committee_id=committee.id, proposed_id=place.proposed.id, _anchor="consensus")
    )
