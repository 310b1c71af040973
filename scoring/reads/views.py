"""The scorer's pages: My work, the scoring screen, and what its script asks for."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from scoring.api import body
from scoring.db import now
from scoring.errors import Conflict, Invalid, NotAvailable
from scoring.events.services import event_by_code
from scoring.permissions import Permission, requires
from scoring.reads import desk as own_work
from scoring.reads import services
from scoring.reads.forms import ScoreSheet
from scoring.reads.models import AssignmentStatus
from scoring.reads.serializer import Card, draft_fields, read_fields

bp = Blueprint("reads", __name__, url_prefix="/reads")
HELD = {AssignmentStatus.OPEN, AssignmentStatus.LAPSED}


@bp.get("/")
@requires(Permission.SCORE)
def desk():
    """My work: where to go on, what is blocked and why, and the own recent reads."""
    return render_template(
        "reads/desk.html", places=own_work.places_of(current_user), quality=own_work.quality(current_user),
        reads=services.reopenable(current_user), now=now(), why_unqualified=own_work.why_unqualified,
    )  # fmt: skip


@bp.get("/next")
@requires(Permission.SCORE)
def take_next():
    """Go to the next response of one event, or of any."""
    event = _event(request.args.get("event"))
    assignment_id = services.take_next_id(services.as_scorer(current_user), event.id if event else None)
    if assignment_id is None:
        return render_template(
            "reads/empty.html",
            event=event,
            why=own_work.why_nothing_waits(event, current_user) if event else None,
        )
    return redirect(url_for(".score", assignment_id=assignment_id), 303)


@bp.get("/<int:assignment_id>")
@requires(Permission.SCORE)
def score(assignment_id):
    """Show one response and its rubric."""
    assignment = services.lease_of(assignment_id, current_user)
    if assignment.status not in HELD:
        flash("That response is not with you any more. Here is what is.")
        return redirect(url_for(".desk"))
    try:
        services.renew(assignment, current_user)
    except NotAvailable as error:
        flash(error.message, "error")
        return redirect(url_for(".desk"))
    card = Card(assignment_id, current_user)
    return _screen(card, ScoreSheet.from_json(card.sheet, draft_fields(card.sheet, card.draft)))


@bp.post("/<int:assignment_id>")
@requires(Permission.SCORE)
def submit(assignment_id):
    """Store a read and go to the next response: as a page for people, as JSON for the page's script."""
    sheet = services.sheet_for(assignment_id, current_user)
    if request.is_json:
        return _submit_json(assignment_id, sheet)
    form = ScoreSheet.from_form(sheet, request.form)
    try:
        receipt = services.submit(
            assignment_id, current_user, **form.as_read(), key=form.key, claim_next=True
        )
    except (Invalid, Conflict) as error:
        return _screen(Card(assignment_id, current_user), form.blame(error), error.status)
    if receipt.next_id is None:
        card = Card(assignment_id, current_user)
        return redirect(url_for(".take_next", event=card.event), 303)
    return redirect(url_for(".score", assignment_id=receipt.next_id), 303)


def _submit_json(assignment_id, sheet):
    sent = body()
    if "note" not in sent:  # browsers keep no words on the device: those saved here count
        kept = draft_fields(sheet, services.typed_for(services.lease_of(assignment_id, current_user)))
        sent = {"note": kept["note"], "comments": kept["comments"], **sent}
    form = ScoreSheet.from_json(sheet, sent, request.headers.get("Idempotency-Key"))
    receipt = services.submit(
        assignment_id, current_user, **form.as_read(), key=form.key, claim_next=sent.get("next") is True,
        having=_ids(sent.get("having")), seconds=_seconds(sent.get("seconds")),
    )  # fmt: skip
    return {"read": read_fields(receipt), "next": _desk_card(receipt.next_id)}, 201


@bp.post("/ahead")
@requires(Permission.SCORE)
def ahead():
    """Lease one more response for a page that reads ahead."""
    sent = body()
    event = _event(str(sent.get("event", "")))
    scorer = services.as_scorer(current_user)
    found = services.take_next_id(scorer, event.id, _ids(sent.get("having"))) if event else None
    return _desk_card(found) or nothing()


@bp.post("/undo")
@requires(Permission.SCORE)
def undo():
    """Take the own last read back and show it again."""
    sent = body() if request.is_json else request.form
    if not request.is_json:
        _keep_typed(request.form.get("assignment", type=int))
    try:
        assignment = services.reopen_last(current_user, _event(sent.get("event")))
    except NotAvailable as error:
        if request.is_json:
            raise
        flash(error.message, "error")
        return redirect(request.form.get("assignment", type=int) and url_for(
            ".score", assignment_id=request.form.get("assignment", type=int)) or url_for(".desk"), 303)  # fmt: skip
    if request.is_json:
        return _desk_card(assignment.id)
    return redirect(url_for(".score", assignment_id=assignment.id), 303)


@bp.post("/sent/<int:read_id>/reopen")
@requires(Permission.SCORE)
def reopen(read_id):
    """Take one of the own recent reads back."""
    read = next((each for each in services.reopenable(current_user) if each.id == read_id), None)
    if read is None:
        flash(
            "This read can not be reopened any more. If it should change, tell your leader its code.", "error"
        )
        return redirect(url_for(".desk"), 303)
    assignment = services.reopen(read, current_user)
    return redirect(url_for(".score", assignment_id=assignment.id), 303)


@bp.post("/<int:assignment_id>/draft")
@requires(Permission.SCORE)
def draft(assignment_id):
    """Keep what is typed; that renews the lease as well."""
    sheet = services.sheet_for(assignment_id, current_user)
    assignment = services.lease_of(assignment_id, current_user)
    services.save_draft(assignment, current_user, ScoreSheet.from_json(sheet, body()).as_draft())
    return {"seconds": Card(assignment_id, current_user).seconds_left}


@bp.post("/<int:assignment_id>/renew")
@requires(Permission.SCORE)
def renew(assignment_id):
    """Give the scorer the full time again."""
    services.renew(services.lease_of(assignment_id, current_user), current_user)
    if request.is_json:
        return {"seconds": Card(assignment_id, current_user).seconds_left}
    return redirect(url_for(".score", assignment_id=assignment_id), 303)


@bp.post("/<int:assignment_id>/concern")
@requires(Permission.SCORE)
def concern(assignment_id):
    """Flag the response, or raise an alert about the student."""
    assignment = services.lease_of(assignment_id, current_user)
    form = _keep_typed(assignment_id)
    try:
        raised = services.raise_concern(
            assignment, current_user, request.form.get("kind"), request.form.get("words")
        )
    except Invalid as error:
        if request.accept_mimetypes.best == "application/json":
            raise
        return _screen(Card(assignment_id, current_user), form.blame(error), error.status)
    words = CONCERN_WORDS[raised.kind]
    if request.accept_mimetypes.best == "application/json":
        return {"message": words}
    flash(words, "success")
    return redirect(url_for(".score", assignment_id=assignment_id), 303)


CONCERN_WORDS = {
    "flag": "Your leader can see your flag now. You may score the response or leave it.",
    "alert": "The alert was passed on to the person named for this event. If a student is in danger right now, also "
             "follow your school's emergency steps.",
}  # fmt: skip


@bp.post("/<int:assignment_id>/known")
@requires(Permission.SCORE)
def know_student(assignment_id):
    """Give the response to others, because the scorer knows whose work it is."""
    services.know_student(services.lease_of(assignment_id, current_user), current_user)
    message = (
        "Thank you. Somebody else will score that response, and you will not get that student's work again."
    )
    if request.accept_mimetypes.best == "application/json":
        return {"message": message}
    flash(message, "success")
    return redirect(url_for(".take_next"), 303)


@bp.post("/pause")
@requires(Permission.SCORE)
def pause():
    """Stop for now: what was fetched ahead goes back to the queue, what is on the screen stays."""
    sent = body() if request.is_json else {}
    if not request.is_json:
        _keep_typed(request.form.get("assignment", type=int))
    services.release_ahead(current_user, keep=_ids(sent.get("keep")))
    return nothing() if request.is_json else redirect(url_for(".desk"), 303)


@bp.get("/<int:assignment_id>/rubric")
@requires(Permission.SCORE)
def rubric(assignment_id):
    """The rubric beside a response, for a page that shows another one now."""
    services.lease_of(assignment_id, current_user)
    card = Card(assignment_id, current_user)
    return {"html": render_template("reads/_rubric.html", card=card, form=ScoreSheet(card.sheet))}


def _screen(card, form, status=200):
    standing = own_work.standing(current_user, card.event_id)
    return render_template("reads/score.html", card=card, form=form, standing=standing), status


def nothing():
    """Answer a script that all is well and there is nothing to tell."""
    return Response(status=204, content_type="application/json")


def _desk_card(assignment_id):
    return Card(assignment_id, current_user).as_desk() if assignment_id is not None else None


def _event(code):
    return event_by_code(code, current_user, Permission.SCORE) if code else None


def _keep_typed(assignment_id):
    """Without a script, each button sends the whole form: keep what was typed before doing something else."""
    if assignment_id is None:
        return None
    form = ScoreSheet.from_form(services.sheet_for(assignment_id, current_user), request.form)
    if form.scores or form.comments or form.condition_code or form.note:
        services.save_draft(services.lease_of(assignment_id, current_user), current_user, form.as_draft())
    return form


def _ids(sent):
    return [each for each in sent if isinstance(each, int)][:20] if isinstance(sent, list) else []


def _seconds(sent):
    return sent if isinstance(sent, int) and not isinstance(sent, bool) else None
