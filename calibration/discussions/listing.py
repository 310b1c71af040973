"""The list of discussions: filters, search, and what is unread."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, selectinload

from calibration.discussions.models import Mention, Post, SubjectKind, Thread, ThreadReader
from calibration.discussions.seeing import name_of, visible_threads
from scoring.db import db

STATES = {"open": "Open", "resolved": "Resolved", "all": "All"}
WHOSE = {
    "": "Everybody's",
    "mine": "I wrote in",
    "mentions": "Mentions me",
    "followed": "I follow",
    "unread": "New for me",
}
OPENING = sa.orm.aliased(Post)


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to."""

    state: str = "open"
    whose: str = ""
    task_id: int | None = None
    kind: str = ""
    words: str = ""

    @property
    def is_usual(self):
        return self == Filters()


@dataclass(frozen=True)
class Row:
    """One thread in the list."""

    thread: Thread
    subject: str
    unread: int
    has_answer: bool
    mentions_me: bool


def found_threads(person, filters):
    """The threads this person may see that fit the filters, the last used first."""
    query = visible_threads(person).join(
        OPENING, sa.and_(OPENING.thread_id == Thread.id, OPENING.number == 1)
    )
    query = query.options(
        contains_eager(Thread.opening.of_type(OPENING)),
        selectinload(Thread.task),
        selectinload(Thread.started_by),
    )
    if filters.state != "all":
        query = query.where(
            Thread.resolved_at.is_not(None) if filters.state == "resolved" else Thread.resolved_at.is_(None)
        )
    if filters.task_id:
        query = query.where(Thread.task_id == filters.task_id)
    if filters.kind in set(SubjectKind):
        query = query.where(Thread.subject_kind == SubjectKind(filters.kind))
    if filters.words:
        query = query.where(_holds(filters.words))
    if filters.whose in WHOSE and filters.whose:
        query = query.where(_is_about(filters.whose, person))
    return query.order_by(Thread.last_at.desc(), Thread.id.desc())


def _holds(words):
    """The words stand in the title or in a post that can be read; nothing else is searched."""
    pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    in_title = sa.and_(
        Thread.title.ilike(pattern, escape="\\"), OPENING.hidden_at.is_(None), OPENING.removed_at.is_(None)
    )
    in_post = sa.exists().where(
        Post.thread_id == Thread.id, Post.hidden_at.is_(None), Post.removed_at.is_(None),
        Post.words.ilike(pattern, escape="\\"),
    )  # fmt: skip
    return sa.or_(in_title, in_post)


def _is_about(whose, person):
    if whose == "mine":
        return sa.exists().where(Post.thread_id == Thread.id, Post.author_id == person.id)
    if whose == "mentions":
        return sa.exists().where(
            Post.thread_id == Thread.id, Mention.post_id == Post.id, Mention.person_id == person.id
        )
    mark = (ThreadReader.thread_id == Thread.id, ThreadReader.person_id == person.id, ThreadReader.follows)
    if whose == "unread":
        mark = (*mark, ThreadReader.seen < Thread.posts)
    return sa.exists().where(*mark)


def rows_of(threads, person):
    """What the list says about these threads, for this person."""
    ids = [thread.id for thread in threads]
    marks = {each.thread_id: each for each in db.session.scalars(
        sa.select(ThreadReader).where(ThreadReader.person_id == person.id, ThreadReader.thread_id.in_(ids)))}  # fmt: skip
    answered = set(
        db.session.scalars(sa.select(Post.thread_id).where(Post.thread_id.in_(ids), Post.is_answer))
    )
    named = set(db.session.scalars(
        sa.select(Post.thread_id).join(Mention, Mention.post_id == Post.id)
        .where(Post.thread_id.in_(ids), Mention.person_id == person.id)))  # fmt: skip
    rows = []
    for thread in threads:
        mark = marks.get(thread.id)
        unread = thread.posts - mark.seen if mark is not None and mark.follows else 0
        subject = name_of(thread.trait, thread.score_point, thread.paper)
        rows.append(Row(thread, subject, unread, thread.id in answered, thread.id in named))
    return rows


def counts_on(task, person):
    """How many threads on each thing of a task this person may see: a number by kind and id; what has none is left out."""
    subject = sa.func.coalesce(Thread.paper_id, Thread.score_point_id, Thread.trait_id, Thread.task_id)
    query = visible_threads(person).where(Thread.task_id == task.id).group_by(Thread.subject_kind, subject)
    rows = db.session.execute(query.with_only_columns(Thread.subject_kind, subject, sa.func.count()))
    return {(kind, subject_id): number for kind, subject_id, number in rows}


def may_have_news(person):
    """Whether it is worth looking for news: a quick question, for it is asked on every visit to My work."""
    query = (
        sa.select(ThreadReader.thread_id)
        .join(Thread, Thread.id == ThreadReader.thread_id)
        .where(ThreadReader.person_id == person.id, ThreadReader.seen < Thread.posts)
    )
    return db.session.scalar(query.limit(1)) is not None


def unread_mentions(person):
    """Posts that name this person and that they have not read: (thread, post), the newest first."""
    seen = sa.and_(ThreadReader.thread_id == Thread.id, ThreadReader.person_id == person.id)
    query = (
        visible_threads(person)
        .join(Post, Post.thread_id == Thread.id)
        .join(Mention, sa.and_(Mention.post_id == Post.id, Mention.person_id == person.id))
        .outerjoin(ThreadReader, seen)
        .where(
            Post.number > sa.func.coalesce(ThreadReader.seen, 0),
            Post.removed_at.is_(None),
            Post.hidden_at.is_(None),
        )
        .add_columns(Post)
        .order_by(Post.posted_at.desc(), Post.id.desc())
    )
    return db.session.execute(query).all()


def count_unread(person):
    """In how many threads that this person follows something is new."""
    query = visible_threads(person).where(_is_about("unread", person)).with_only_columns(Thread.id).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(query))


def posts_in(thread):
    """The posts of a thread in their order, with all that the page shows of them."""
    return (
        sa.select(Post).where(Post.thread_id == thread.id).order_by(Post.number)
        .options(selectinload(Post.author), selectinload(Post.mentions).selectinload(Mention.person),
                 selectinload(Post.quoted).selectinload(Post.author), selectinload(Post.hidden_by))
    )  # fmt: skip
