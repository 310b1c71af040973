"""What is new for a person in discussions: who named them, and where somebody wrote. Never what was written."""

import sqlalchemy as sa

from calibration.discussions import listing
from calibration.discussions.models import Post, Thread, ThreadReader
from calibration.discussions.seeing import name_of, visible_threads
from calibration.news import News
from scoring.db import db


def mentions_since(person, since):
    """Posts since then that name this person and that they have not read."""
    found = [(thread, post) for thread, post in listing.unread_mentions(person) if post.posted_at > since]
    return [
        News(f"{post.author.name} named you in a discussion about {_about(thread)}.", *_place(thread))
        for thread, post in found
    ]


def replies_since(person, since):
    """Threads this person follows in which others wrote since then, unread so far; those that name them are told above."""
    named = {thread.id for thread, post in listing.unread_mentions(person) if post.posted_at > since}
    mine = sa.and_(
        ThreadReader.thread_id == Thread.id, ThreadReader.person_id == person.id, ThreadReader.follows
    )
    query = (
        visible_threads(person)
        .join(ThreadReader, mine)
        .join(Post, sa.and_(Post.thread_id == Thread.id, Post.number > ThreadReader.seen))
        .where(
            Post.posted_at > since,
            Post.author_id != person.id,
            Post.removed_at.is_(None),
            Post.hidden_at.is_(None),
            Thread.id.not_in(named),
        )
        .group_by(Thread.id)
        .with_only_columns(
            Thread.id, sa.func.count(Post.id), sa.func.max(sa.cast(Post.is_answer, sa.Integer))
        )
        .order_by(Thread.id)
    )
    return [
        _replies(db.session.get(Thread, thread_id), count, answered)
        for thread_id, count, answered in db.session.execute(query)
    ]


def _replies(thread, count, answered):
    posts = "1 new post" if count == 1 else f"{count} new posts"
    answer = " One is marked as the answer." if answered else ""
    return News(f"{posts} in a discussion about {_about(thread)}.{answer}", *_place(thread))


def _about(thread):
    """The task and the line; a paper without its scores, for they would leave the house."""
    if thread.paper is not None:
        return f"a paper of {thread.task.title}"
    line = name_of(thread.trait, thread.score_point, None)
    return f"{thread.task.title}, {line}" if line else thread.task.title


def _place(thread):
    return "discussions.show", {"thread_id": thread.id}
