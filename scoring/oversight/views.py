"""The leader's pages of a running event: how it stands, who scores, and what scorers reported."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user

from scoring.db import now
from scoring.errors import Invalid
from scoring.events import progress, queue
from scoring.events import services as events
from scoring.events import wording as event_words
from scoring.events.models import EventStatus
from scoring.oversight import concerns, services, wording
from scoring.permissions import Permission, requires
from scoring.reads.serializer import page_links
from scoring.web import Paging

bp = Blueprint("oversight", __name__, url_prefix="/events")


@bp.get("/<code>")
@requires(Permission.RUN_EVENTS)
def event(code):
    """Show how an event stands and what waits for its leader."""
    found = _event(code)
    counted = events.progress(found)
    alerts, flags = concerns.open_counts(found)
    page = Paging(services.seats(found))
    new = events.ready_count([each.task_id for each in found.tasks], found.districts)
    is_draft = found.status is EventStatus.DRAFT
    return render_template(
        "oversight/event.html", event=found, progress=counted, may_run=events.may_run(found, current_user), new=new,
        sentences=event_words.sentences(found, counted), rules=event_words.rule_sentences(found),
        missing=queue.missing_before_opening(found) if is_draft else [],
        share_advice=event_words.share_advice(found, new) if is_draft else None,
        actions=wording.actions(found, counted, alerts=alerts, flags=flags, new=0 if is_draft else new, moment=now()),
        by_task=progress.by_task(found), by_district=progress.by_district(found), closing=event_words.left_at_closing(counted),
        scorers=page, activity=services.activity(found, page.items), open_concerns=alerts + flags,
    )  # fmt: skip


@bp.post("/<code>/scorers/<int:person_id>/remove")
@requires(Permission.RUN_EVENTS)
def remove_scorer(code, person_id):
    """Take a scorer out of an event."""
    person = services.remove_scorer(_event(code), person_id, actor=current_user)
    flash(f"{person.name} scores here no more. What they held is back in the queue.", "success")
    return redirect(url_for("events.scorers", code=code))


@bp.get("/concerns")
@requires(Permission.RUN_EVENTS)
def all_concerns():
    """List the flags and alerts of every event this person sees."""
    return _concern_list(None)


@bp.get("/<code>/concerns")
@requires(Permission.RUN_EVENTS)
def event_concerns(code):
    """List the flags and alerts of one event."""
    return _concern_list(_event(code))


def _concern_list(of_event):
    settled = request.args.get("settled") == "1"
    page = Paging(concerns.visible_concerns(current_user, of_event, settled=settled), scalars=False)
    return render_template("oversight/concerns.html", event=of_event, page=page, settled=settled, ago=_ago)


@bp.get("/concerns/<int:concern_id>")
@requires(Permission.RUN_EVENTS)
def concern(concern_id):
    """Show one flag or alert with the student's work, to acknowledge or settle it."""
    return _concern_page(concern_id)


def _concern_page(concern_id, error=None, words=""):
    found, of_event = concerns.concern_by_id(concern_id, current_user)
    shows_work = concerns.may_see_work(of_event, current_user)
    page = render_template(
        "oversight/concern.html", concern=found, event=of_event, ago=_ago, error=error, words=words,
        pages=page_links(found.response_id, current_user) if shows_work else [], shows_work=shows_work, people=concerns.people_of(found),
    )  # fmt: skip
    return page, 422 if error else 200


@bp.post("/concerns/<int:concern_id>/acknowledge")
@requires(Permission.RUN_EVENTS)
def acknowledge(concern_id):
    """Say that one is on it."""
    found, _ = concerns.concern_by_id(concern_id, current_user)
    concerns.acknowledge(found, actor=current_user)
    flash("You are on record as the one who looks after it.", "success")
    return redirect(url_for(".concern", concern_id=concern_id))


@bp.post("/concerns/<int:concern_id>/settle")
@requires(Permission.RUN_EVENTS)
def settle(concern_id):
    """Close a flag or an alert with words."""
    found, of_event = concerns.concern_by_id(concern_id, current_user)
    words = request.form.get("outcome", "")
    try:
        concerns.settle(found, words, actor=current_user)
    except Invalid as error:
        return _concern_page(concern_id, error.message, words)
    flash("It is settled, with your words.", "success")
    return redirect(url_for(".event_concerns", code=of_event.code))


def _event(code):
    return events.event_by_code(code, current_user, Permission.RUN_EVENTS)


def _ago(moment):
    return wording.ago(moment, now())
