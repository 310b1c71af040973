"""What is done with one post: change it, take it back, hide it, mark it as the answer."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from calibration.discussions import seeing, services
from calibration.discussions.blueprint import bp
from calibration.discussions.forms import EditForm, HideForm
from scoring.errors import Invalid, NotAllowed
from scoring.paging import PAGE_SIZE
from scoring.permissions import Permission, requires


def address_of(post):
    """Where a post stands: its page of the thread, and its place there."""
    page = -(-post.number // PAGE_SIZE)
    values = {"page": page} if page > 1 else {}
    return url_for("discussions.show", thread_id=post.thread_id, **values) + f"#post-{post.number}"


@bp.route("/posts/<int:post_id>/edit", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def edit_post(post_id):
    """Change one's own words within some minutes."""
    post = seeing.post_by_id(post_id, current_user)
    if post.author_id != current_user.id:
        raise NotAllowed("Only whoever wrote this may do that.")
    form = EditForm(words=post.words)
    if form.validate_on_submit():
        try:
            services.edit(post, words=form.words.data, actor=current_user)
        except Invalid as error:
            form.words.errors = [error.message]
        else:
            flash("Your post is changed.", "success")
            return redirect(address_of(post))
    page = render_template("discussions/edit.html", post=post, form=form, may_edit=services.may_edit(post, current_user),
                           minutes=services.EDIT_FOR.seconds // 60)  # fmt: skip
    return page, 422 if form.errors else 200


@bp.post("/posts/<int:post_id>/remove")
@requires(Permission.SIGNED_IN)
def remove_post(post_id):
    """Take one's own words back for good."""
    post = services.remove(seeing.post_by_id(post_id, current_user), actor=current_user)
    flash("Your words are removed. The place stays, so that the replies make sense.", "success")
    return redirect(address_of(post))


@bp.post("/posts/<int:post_id>/hide")
@requires(Permission.SIGNED_IN)
def hide_post(post_id):
    """Take a post out of sight, with a reason."""
    post, form = seeing.post_by_id(post_id, current_user), HideForm()
    try:
        services.hide(post, reason=form.reason.data, actor=current_user)
    except Invalid as error:
        flash(error.message, "error")
    else:
        flash("The post is hidden. Leaders can still read it.", "success")
    return redirect(address_of(post))


@bp.post("/posts/<int:post_id>/show-again")
@requires(Permission.SIGNED_IN)
def show_post_again(post_id):
    """Bring a hidden post back into sight."""
    post = services.show_again(seeing.post_by_id(post_id, current_user), actor=current_user)
    flash("Everybody in the thread can read the post again.", "success")
    return redirect(address_of(post))


@bp.post("/posts/<int:post_id>/answer")
@requires(Permission.SIGNED_IN)
def mark_answer(post_id):
    """Say that a post answers the thread, or that it does not after all."""
    post = seeing.post_by_id(post_id, current_user)
    verb = services.unmark_answer if request.form.get("is") == "0" else services.mark_answer
    verb(post, actor=current_user)
    return redirect(address_of(post))
