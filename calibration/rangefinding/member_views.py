"""Pages for everybody in a committee: what there is, its papers, and the blind score sheet."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.papers.showing import blind_work
from calibration.rangefinding import finding, freezing, reading, results, services
from calibration.rangefinding.blueprint import bp
from calibration.rangefinding.forms import MemberSheet
from calibration.rangefinding.standing import Standing, able
from scoring.errors import Conflict, Invalid, NotFound
from scoring.permissions import Permission, requires
from scoring.web import Paging


@bp.get("/")
@requires(Permission.SIGNED_IN)
def index():
    """List the committees this person leads or was invited to."""
    page = Paging(finding.committee_query(current_user))
    standings = {each.id: Standing(each, current_user) for each in page.items}
    return render_template("rangefinding/index.html", page=page, standings=standings)


@bp.get("/<int:committee_id>")
@requires(Permission.SIGNED_IN)
def show(committee_id):
    """Show a committee: to its members what to score, to its leaders how far everybody is."""
    committee = finding.committee_by_id(committee_id, current_user)
    standing = Standing(committee, current_user)
    missing = services.missing_before_opening(committee) if standing.leads else []
    return render_template(
        "rangefinding/show.html", committee=committee, standing=standing, missing=missing,
        together=results.together(committee, standing.places), enough=results.ENOUGH, left=freezing.undecided(committee),
        settled=freezing.settled(committee), sent_by=standing.sent_by,
        able=able(committee, [each.person_id for each in committee.members])[0],
        sets=freezing.sets_of(committee) if standing.leads else [],
    )  # fmt: skip


@bp.post("/<int:committee_id>/leave")
@requires(Permission.SIGNED_IN)
def leave(committee_id):
    """Give one's own seat in a committee back."""
    committee = finding.committee_by_id(committee_id, current_user)
    services.leave(committee, actor=current_user)
    flash("You have left the committee. What you sent stays.", "success")
    return redirect(url_for("calibration.index"))


@bp.route("/<int:committee_id>/papers/<int:proposed_id>/score", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def score(committee_id, proposed_id):
    """Score a proposed paper blind."""
    committee, place, standing = asked(committee_id, proposed_id)
    if not place.may_score:
        return _seen(committee, place)
    sheet = reading.sheet(committee)
    form = MemberSheet.from_draft(sheet, place.mine.draft if place.mine else None)
    if request.method == "POST":
        form = MemberSheet.from_form(sheet, request.form)
        if request.form.get("deed") == "keep":
            reading.save_draft(committee, place.proposed, form.as_draft, actor=current_user)
            flash("Your scores so far are kept. Only you see them.", "success")
            return redirect(url_for(".show", committee_id=committee_id))
        try:
            reading.send(committee, place.proposed, scores=form.given["scores"], evidence=form.evidence_by_trait, reason=form.note, actor=current_user)  # fmt: skip
        except Invalid as error:
            form.blame(error)
        else:
            flash("Your scores are in. Now you see what the others gave.", "success")
            return redirect(url_for(".paper", committee_id=committee_id, proposed_id=proposed_id))
    work = blind_work(place.proposed, place.number, current_user)
    page = render_template("rangefinding/score.html", committee=committee, place=place, standing=standing, work=work, form=form)  # fmt: skip
    return page, 422 if form.errors else 200


@bp.post("/<int:committee_id>/papers/<int:proposed_id>/draft")
@requires(Permission.SIGNED_IN)
def keep_draft(committee_id, proposed_id):
    """Keep what was chosen so far, for the page's script."""
    committee, place, _ = asked(committee_id, proposed_id)
    form = MemberSheet.from_form(reading.sheet(committee), request.form)
    reading.save_draft(committee, place.proposed, form.as_draft, actor=current_user)
    return {"kept": True}


@bp.post("/<int:committee_id>/papers/<int:proposed_id>/pass")
@requires(Permission.SIGNED_IN)
def pass_on(committee_id, proposed_id):
    """Leave a paper to the others: this person knows the student."""
    committee, place, _ = asked(committee_id, proposed_id)
    reading.pass_on(committee, place.proposed, actor=current_user)
    flash("The others will score this paper. You do not get it again.", "success")
    return redirect(url_for(".show", committee_id=committee_id))


def asked(committee_id, proposed_id):
    """Return (committee, place, standing) of a paper that this person was asked to score; not found otherwise."""
    committee, proposed = finding.place_in(committee_id, proposed_id, current_user)
    standing = Standing(committee, current_user)
    place = standing.of(proposed.id)
    if not place.is_asked or place.is_hidden:
        raise NotFound(finding.NO_COMMITTEE)
    return committee, place, standing


def _seen(committee, place):
    """Nothing to score any more: go on to what was given, or say how things stand."""
    if place.sees_scores:
        return redirect(url_for(".paper", committee_id=committee.id, proposed_id=place.proposed.id))
    raise Conflict(
        "This paper takes no scores now. Nothing was saved. Go back to the committee to see how it stands."
    )
