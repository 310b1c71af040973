"""Pages for discussions: the list, what may be discussed, a thread, and what is done with it."""

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.discussions import listing, mentions, post_views, reach, seeing, services  # noqa: F401  (post_views: its pages)
from calibration.discussions.blueprint import bp
from calibration.discussions.forms import HideForm, ReplyForm, StartForm
from calibration.discussions.models import Post, SubjectKind
from calibration.papers.blind import note_shown
from calibration.papers.evidence import marked
from scoring.db import db
from scoring.errors import Invalid, NotFound
from scoring.paging import PAGE_SIZE
from scoring.permissions import Permission, requires
from scoring.reads.serializer import page_links
from scoring.web import Paging

MOST_NAMES = 200


@bp.app_context_processor
def panels():
    """Let pages of other parts show the threads on what they are about, without knowing of discussions."""
    return {"discussions_about": _about}


def _about(kind, subject_id):
    """The threads on one thing; None where this person may not discuss it."""
    try:
        seeing.subject_of(kind, subject_id, current_user)
    except NotFound:
        return None
    return listing.rows_of(services.threads_on(kind, subject_id, current_user), current_user)


@bp.get("/")
@requires(Permission.SIGNED_IN)
def index():
    """List the discussions that are open to this person."""
    state, asked = request.args.get("state", "open"), request.args
    filters = listing.Filters(state if state in listing.STATES else "open", asked.get("whose", ""), asked.get("task", type=int),
                              asked.get("kind", ""), asked.get("words", "").strip()[:100])  # fmt: skip
    page = Paging(listing.found_threads(current_user, filters))
    return render_template("discussions/index.html", page=page, rows=listing.rows_of(page.items, current_user), filters=filters,
                           tasks=seeing.tasks_of(current_user), states=listing.STATES, whose=listing.WHOSE)  # fmt: skip


@bp.get("/tasks/<int:task_id>")
@requires(Permission.SIGNED_IN)
def about_task(task_id):
    """Show what of a task may be discussed: the task, each line of its rubric, and its papers."""
    task = seeing.task_by_id(task_id, current_user)
    return render_template("discussions/about_task.html", task=task, counts=listing.counts_on(task, current_user),
                           name_of=seeing.name_of, papers=seeing.papers_on(task, current_user),
                           rubrics=[each for each in reversed(task.rubrics) if each.is_published])  # fmt: skip


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def new():
    """Start a thread about one thing, or choose the task first."""
    kind, subject_id = request.args.get("kind"), request.args.get("id", type=int)
    if kind is None:
        page = render_template("discussions/choose.html", tasks=seeing.tasks_of(current_user))
        return page, 422 if request.method == "POST" else 200
    subject, form = seeing.subject_of(kind, subject_id, current_user), StartForm()
    if form.validate_on_submit():
        try:
            thread = services.start(
                kind, subject_id, title=form.title.data, words=form.words.data, actor=current_user
            )
        except Invalid as error:
            form.words.errors = [error.message]
        else:
            _say_who_was_not_told(thread.opening)
            return redirect(url_for(".show", thread_id=thread.id))
    rows = listing.rows_of(services.threads_on(kind, subject_id, current_user), current_user)
    page = render_template("discussions/new.html", subject=subject, form=form, rows=rows,
                           names=_names(reach.people_about(subject, current_user)))  # fmt: skip
    return page, 422 if form.errors else 200


@bp.get("/<int:thread_id>")
@requires(Permission.SIGNED_IN)
def show(thread_id):
    """Show a thread: what it is about, its posts, and where to reply."""
    thread = seeing.thread_by_id(thread_id, current_user)
    return _thread_page(thread, ReplyForm(formdata=None, quote=request.args.get("quote", "")))


@bp.post("/<int:thread_id>/reply")
@requires(Permission.SIGNED_IN)
def reply(thread_id):
    """Write a post in a thread."""
    thread, form = seeing.thread_by_id(thread_id, current_user), ReplyForm()
    if form.validate():
        try:
            post = services.reply(
                thread, words=form.words.data, quoted=_quoted(thread, form.quote.data), actor=current_user
            )
        except Invalid as error:
            form.words.errors = [error.message]
        else:
            _say_who_was_not_told(post)
            return redirect(post_views.address_of(post))
    return _thread_page(thread, form), 422


def _thread_page(thread, form):
    last = max(1, -(-thread.posts // PAGE_SIZE))
    page = Paging(
        listing.posts_in(thread),
        page=request.args.get("page", type=int) or (last if form.errors or form.quote.data else 1),
    )
    mark = services.reader_of(thread, current_user)
    return render_template(
        "discussions/show.html", thread=thread, page=page, form=form, hide_form=HideForm(formdata=None), mark=mark, parts=mentions.parts,
        subject=seeing.name_of(thread.trait, thread.score_point, thread.paper), seen=mark.seen if mark else 0,
        **_work_of(thread),
        quoted=_quoted(thread, form.quote.data), names=_names(reach.people_for(thread, current_user)), page_size=PAGE_SIZE,
        may_settle=services.may_settle(thread, current_user), may_moderate=services.may_moderate(thread, current_user),
        may_edit=services.may_edit, last_page=last, answer=_answer(thread),
    )  # fmt: skip


def _work_of(thread):
    """The marked work of a thread on a paper: whoever sees the thread may see the paper with its scores."""
    if thread.paper_id is None:
        return {}
    paper = thread.paper
    note_shown(current_user, [paper.response_id])
    return {"paper": paper, "marked": marked(paper), "pages": page_links(paper.response_id, current_user)}


def _answer(thread):
    return db.session.scalar(sa.select(Post).where(Post.thread_id == thread.id, Post.is_answer))


def _quoted(thread, number):
    """The post that is quoted, by its number; None when there is none to quote."""
    if not (number or "").isdecimal() or len(number) > 9:
        return None
    query = sa.select(Post).where(Post.thread_id == thread.id, Post.number == int(number))
    post = db.session.scalar(query)
    return post if post is not None and post.is_readable else None


def _names(people):
    """Names to choose from; a very long list is left to those who know whom they want."""
    return list(dict.fromkeys(person.name for person in people))[:MOST_NAMES]


def _say_who_was_not_told(post):
    unknown = services.unknown_names(post)
    if unknown:
        flash(
            f"Nobody called {' or '.join(unknown)} can read this, so nobody was told. Write the whole name after the @.",
            "info",
        )


@bp.post("/<int:thread_id>/resolve")
@requires(Permission.SIGNED_IN)
def resolve(thread_id):
    """Say that a thread has come to its end."""
    services.resolve(seeing.thread_by_id(thread_id, current_user), actor=current_user)
    flash("The discussion is resolved. You find it under Resolved.", "success")
    return redirect(url_for(".show", thread_id=thread_id))


@bp.post("/<int:thread_id>/reopen")
@requires(Permission.SIGNED_IN)
def reopen(thread_id):
    """Say that a thread is not at its end after all."""
    services.reopen(seeing.thread_by_id(thread_id, current_user), actor=current_user)
    flash("The discussion is open again.", "success")
    return redirect(url_for(".show", thread_id=thread_id))


@bp.post("/<int:thread_id>/follow")
@requires(Permission.SIGNED_IN)
def follow(thread_id):
    """Be told of what is new in a thread."""
    services.follow(seeing.thread_by_id(thread_id, current_user), actor=current_user)
    flash("You follow this discussion.", "success")
    return redirect(url_for(".show", thread_id=thread_id))


@bp.post("/<int:thread_id>/unfollow")
@requires(Permission.SIGNED_IN)
def unfollow(thread_id):
    """Be told no more of a thread."""
    services.unfollow(seeing.thread_by_id(thread_id, current_user), actor=current_user)
    flash(
        "You do not follow this discussion any more. You are still told when somebody names you.", "success"
    )
    return redirect(url_for(".show", thread_id=thread_id))


@bp.post("/<int:thread_id>/read")
@requires(Permission.SIGNED_IN)
def note_read(thread_id):
    """Remember how far this person has read; the page's script sends it, or the button."""
    thread = seeing.thread_by_id(thread_id, current_user)
    services.note_read(thread, request.form.get("number", 0, type=int), actor=current_user)
    return redirect(url_for(".show", thread_id=thread_id))


KINDS = {
    SubjectKind.TASK: "Task",
    SubjectKind.TRAIT: "Trait",
    SubjectKind.SCORE_POINT: "Score point",
    SubjectKind.PAPER: "Paper",
}
bp.add_app_template_global(KINDS, "discussion_kinds")
