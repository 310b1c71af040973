"""What people do in discussions: start, reply, edit, remove, hide, resolve, follow.

The audit log tells who did what and when, never the words: somebody may have to take words back for good.
"""

from datetime import timedelta

import sqlalchemy as sa

from calibration.discussions import mentions, reach
from calibration.discussions.models import Mention, Post, SubjectKind, Thread, ThreadReader
from calibration.discussions.seeing import Sight, subject_of, thread_by_id, visible_threads
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed

LONGEST, LONGEST_TITLE, LONGEST_REASON = 4000, 160, 300
EDIT_FOR = timedelta(minutes=15)
TWICE_WITHIN = timedelta(minutes=1)  # the same words again within this time are one click too many


def threads_on(kind, subject_id, person):
    """Return the threads about one thing that this person may see: open ones first, the last used first."""
    column = {SubjectKind.TASK: Thread.task_id, SubjectKind.TRAIT: Thread.trait_id, SubjectKind.PAPER: Thread.paper_id,
              SubjectKind.SCORE_POINT: Thread.score_point_id}[SubjectKind(kind)]  # fmt: skip
    query = visible_threads(person).where(column == subject_id, Thread.subject_kind == SubjectKind(kind))
    return db.session.scalars(
        query.order_by(Thread.resolved_at.is_not(None), Thread.last_at.desc(), Thread.id.desc())
    ).all()


def may_moderate(thread, person):
    """Whether this person may hide posts and settle threads of others: who leads where it belongs."""
    return thread.organization_id in Sight(person).leads_for


def may_settle(thread, person):
    """Whether this person may resolve the thread and mark its answer: who began it, and leaders."""
    return thread.started_by_id == person.id or may_moderate(thread, person)


def may_edit(post, person):
    """Whether this person may still change the words of a post: own ones, for some minutes."""
    is_fresh = post.posted_at > now() - EDIT_FOR
    return post.author_id == person.id and post.is_readable and is_fresh


# Writing


def start(kind, subject_id, *, title, words, actor):
    """Begin a thread about a task, a line of a rubric or a paper. Return it."""
    subject = subject_of(kind, subject_id, actor)
    title, words = (title or "").strip(), _checked(words)
    if not title or len(title) > LONGEST_TITLE:
        problem = f"Say in at most {LONGEST_TITLE} characters what it is about."
        raise Invalid(problem, fields={"title": problem})
    with transaction() as session:
        again = _just_started(subject, title, words, actor)
        if again is not None:
            return again
        thread = Thread(**subject.columns, title=title, started_by=actor, started_at=now(), last_at=now())
        session.add(thread)
        session.flush()
        post = _add_post(session, thread, words, actor)
        audit.record("thread.started", thread, actor=actor, after={
            "about": subject.kind, "subject": subject.id, "mentions": _ids(post)})  # fmt: skip
    return thread


def reply(thread, *, words, quoted=None, actor):
    """Write a post in a thread, perhaps quoting another of its posts. Return it."""
    words = _checked(words)
    with transaction() as session:
        thread = _locked(session, thread, actor)
        query = sa.select(Post).where(Post.thread_id == thread.id, Post.number == thread.posts)
        last = session.scalars(query).one()
        if last.author_id == actor.id and last.words == words and last.posted_at > now() - TWICE_WITHIN:
            return last
        if quoted is not None and quoted.thread_id != thread.id:
            raise Invalid("The quoted post is not in this thread. Reload the page.")
        post = _add_post(session, thread, words, actor, quoted)
        audit.record("thread.replied", post, actor=actor, after={
            "thread": thread.id, "number": post.number, "quotes": post.quoted_id, "mentions": _ids(post)})  # fmt: skip
    return post


def edit(post, *, words, actor):
    """Change one's own words within some minutes; the post says that it was edited."""
    words = _checked(words)
    with transaction() as session:
        _locked(session, post.thread, actor)
        session.refresh(post)
        _require_author(post, actor)
        if not may_edit(post, actor):
            minutes = EDIT_FOR.seconds // 60
            raise Conflict(f"Words can be changed for {minutes} minutes. Write a reply to say it better.")
        if words != post.words:
            post.words, post.edited_at = words, now()
            post.mentions = []
            session.flush()
            _mention(session, post, actor)
            audit.record("thread.post_edited", post, actor=actor, after={"mentions": _ids(post)})
    return post


def unknown_names(post):
    """What stands after an @ in a post and is nobody who could be told."""
    people = reach.people_for(post.thread, post.author)
    return mentions.named(post.words, [person.name for person in people])[1]


def remove(post, *, actor):
    """Take one's own words out of a thread for good. The place stays, so that the replies still make sense."""
    with transaction() as session:
        thread = _locked(session, post.thread, actor)
        session.refresh(post)
        _require_author(post, actor)
        if post.removed_at is None:
            post.words, post.removed_at, post.is_answer, post.mentions = "", now(), False, []
            if post.number == 1:
                thread.title = ""
            audit.record("thread.post_removed", post, actor=actor)
    return post


def _checked(words):
    words = (words or "").replace("\r\n", "\n").strip()
    problem = None
    if not words:
        problem = "Write something first."
    elif len(words) > LONGEST:
        problem = f"A post has room for {LONGEST:,} characters. Shorten it, or write two."
    if problem:
        raise Invalid(problem, fields={"words": problem})
    return words


def _just_started(subject, title, words, actor):
    query = (
        sa.select(Thread)
        .join(Thread.opening)
        .filter_by(words=words)
        .where(
            Thread.started_by_id == actor.id, Thread.title == title, Thread.started_at > now() - TWICE_WITHIN,
            *(getattr(Thread, name) == value for name, value in subject.columns.items()),
        )
    )  # fmt: skip
    return db.session.scalars(query.order_by(Thread.id.desc())).first()


def _locked(session, thread, actor):
    """The thread, changed by one person at a time; it may have closed to this person since the page was drawn."""
    session.execute(sa.select(Thread.id).where(Thread.id == thread.id).with_for_update())
    session.refresh(thread)
    return thread_by_id(thread.id, actor)


def _add_post(session, thread, words, actor, quoted=None):
    thread.posts, thread.last_at = thread.posts + 1, now()
    post = Post(thread=thread, number=thread.posts, author=actor, words=words, quoted=quoted, posted_at=now())
    session.add(post)
    session.flush()
    _mention(session, post, actor)
    reader = _reader(session, thread, actor)
    reader.follows, reader.seen = True, post.number
    return post


def _mention(session, post, actor):
    """Write down who is named; they follow the thread from now on, unless they said that they do not want to."""
    people = reach.people_for(post.thread, actor)
    names, _ = mentions.named(post.words, [person.name for person in people])
    called = {name.casefold() for name in names}
    for person in people:
        if person.name.casefold() in called and person.id != actor.id:
            post.mentions.append(Mention(person=person))
            reader = _reader(session, post.thread, person)
            reader.follows = reader.follows is not False
    session.flush()


def _reader(session, thread, person):
    """The mark of this person in the thread; a new one says nothing yet of following."""
    reader = session.get(ThreadReader, (thread.id, person.id))
    if reader is None:
        reader = ThreadReader(thread_id=thread.id, person_id=person.id, seen=0)
        session.add(reader)
        session.flush()
    return reader


def _ids(post):
    return [each.person.id for each in post.mentions]


def _require_author(post, actor):
    if post.author_id != actor.id:
        raise NotAllowed("Only whoever wrote this may do that.")


# Settling


def resolve(thread, *, actor):
    """Say that a thread has come to its end. It can be reopened at any time."""
    return _set_resolved(thread, now(), actor)


def reopen(thread, *, actor):
    """Say that a thread is not at its end after all."""
    return _set_resolved(thread, None, actor)


def _set_resolved(thread, moment, actor):
    with transaction() as session:
        thread = _locked(session, thread, actor)
        _require_settling(thread, actor)
        if thread.is_resolved != (moment is not None):
            thread.resolved_at, thread.resolved_by_id = moment, actor.id if moment else None
            audit.record("thread.resolved" if moment else "thread.reopened", thread, actor=actor)
    return thread


def mark_answer(post, *, actor):
    """Say that this post answers the thread; another answer gives way."""
    with transaction() as session:
        thread = _locked(session, post.thread, actor)
        _require_settling(thread, actor)
        session.refresh(post)
        if post.number == 1 or not post.is_readable:
            raise Conflict("This post can not be the answer. Choose a reply that can be read.")
        if not post.is_answer:
            session.execute(
                sa.update(Post).where(Post.thread_id == thread.id, Post.is_answer).values(is_answer=False)
            )
            post.is_answer = True
            audit.record("thread.answered", post, actor=actor, after={"thread": thread.id})
    return post


def unmark_answer(post, *, actor):
    """Say that this post is not the answer after all."""
    with transaction() as session:
        thread = _locked(session, post.thread, actor)
        _require_settling(thread, actor)
        session.refresh(post)
        if post.is_answer:
            post.is_answer = False
            audit.record("thread.answer_unmarked", post, actor=actor, after={"thread": thread.id})
    return post


def _require_settling(thread, actor):
    if not may_settle(thread, actor):
        raise NotAllowed("Only whoever began the thread, or a leader, may do that.")


# Looking after


def hide(post, *, reason, actor):
    """Take a post out of sight, for example because it names a student. Leaders still read it, all see why it is hidden."""
    reason = (reason or "").strip()
    with transaction() as session:
        thread = _locked(session, post.thread, actor)
        if not may_moderate(thread, actor):
            raise NotAllowed("Only leaders may hide a post. Tell your leader about it.")
        if not reason or len(reason) > LONGEST_REASON:
            words = (
                f"Say in at most {LONGEST_REASON} characters why. Everybody in the thread sees the reason."
            )
            raise Invalid(words, fields={"reason": words})
        session.refresh(post)
        if post.removed_at is not None:
            raise Conflict("Its author removed this post already. There is nothing left to hide.")
        if post.hidden_at is None:
            post.hidden_at, post.hidden_by_id, post.hidden_because, post.is_answer = (
                now(),
                actor.id,
                reason,
                False,
            )
            audit.record("thread.post_hidden", post, actor=actor, after={"thread": thread.id})
    return post


def show_again(post, *, actor):
    """Bring a hidden post back into sight."""
    with transaction() as session:
        thread = _locked(session, post.thread, actor)
        if not may_moderate(thread, actor):
            raise NotAllowed("Only leaders may show a hidden post again.")
        session.refresh(post)
        if post.hidden_at is not None:
            post.hidden_at, post.hidden_by_id, post.hidden_because = None, None, ""
            audit.record("thread.post_shown_again", post, actor=actor, after={"thread": thread.id})
    return post


# Following. How far somebody read is no change of anything, so the audit log does not tell of it.


def reader_of(thread, person):
    """How far this person has read the thread, and whether they follow it; None when they never did either."""
    return db.session.get(ThreadReader, (thread.id, person.id))


def follow(thread, *, actor):
    """Be told of what is new in a thread."""
    return _set_follows(thread, True, actor)


def unfollow(thread, *, actor):
    """Be told no more, unless somebody names one."""
    return _set_follows(thread, False, actor)


def _set_follows(thread, wanted, actor):
    with transaction() as session:
        reader = _reader(session, _locked(session, thread, actor), actor)
        reader.follows = wanted
    return reader


def note_read(thread, number, *, actor):
    """Remember that this person has read up to a post; never back to an earlier one."""
    with transaction() as session:
        thread = _locked(session, thread, actor)
        reader = _reader(session, thread, actor)
        reader.seen = max(reader.seen, min(number, thread.posts))
    return reader
