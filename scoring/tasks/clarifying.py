"""Clarifications: proposed by whoever calibrates, decided by the leaders of the task, seen by scorers when accepted.

A published rubric never changes. A clarification stands beside its descriptor and says how it is meant.
"""

import sqlalchemy as sa

from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.permissions import Permission
from scoring.tasks.models import Clarification, ClarificationStatus, Rubric, Task, Trait
from scoring.tasks.services import may_edit, task_query
from scoring.tasks.settling import ACCEPTED, count_change

LONGEST, LONGEST_ORIGIN = 600, 200
NO_STUDENT = "Write about the rubric, not about one response. Name no student, school or scorer: everybody who scores reads it."
STANDING = (ClarificationStatus.PROPOSED, ClarificationStatus.ACCEPTED)


# Who sees what


def log_of(rubric, person):
    """Return a rubric's clarifications, newest first: all for its leaders, to others the accepted ones and their own."""
    query = sa.select(Clarification).where(Clarification.rubric_id == rubric.id)
    if not may_edit(rubric.task, person):
        query = query.where(sa.or_(ACCEPTED, Clarification.proposed_by_id == person.id))
    moment = sa.func.coalesce(Clarification.decided_at, Clarification.proposed_at)
    return db.session.scalars(query.order_by(moment.desc(), Clarification.id.desc())).all()


def clarification_by_id(task, clarification_id, person):
    """Return a clarification on one of a task's rubric versions, if this person may decide on it or has proposed it."""
    query = sa.select(Clarification).join(Rubric, Rubric.id == Clarification.rubric_id)
    found = db.session.scalar(query.where(Clarification.id == clarification_id, Rubric.task_id == task.id))
    if found is None or not (may_edit(task, person) or found.proposed_by_id == person.id):
        raise NotFound("There is no such clarification, or it is not yours to change.")
    return found


def words_by_place(rubric_id):
    """Return what scorers see: the accepted words by (trait key, score), oldest first; None stands for the whole.

    Nothing else about a clarification is for scorers: not who proposed it, where it came up, or why it was accepted.
    """
    query = (
        sa.select(Trait.key, Clarification.score, Clarification.words)
        .select_from(Clarification)
        .outerjoin(Trait, Trait.id == Clarification.trait_id)
        .where(Clarification.rubric_id == rubric_id, ACCEPTED)
        .order_by(Clarification.decided_at, Clarification.id)
    )
    found = {}
    for key, score, words in db.session.execute(query):
        found.setdefault((key, score), []).append(words)
    return {place: tuple(words) for place, words in found.items()}


def waiting_for(person):
    """Return (rubric, how many clarifications wait for a decision) for the tasks that this person may change."""
    query = (
        sa.select(Rubric, sa.func.count(Clarification.id))
        .join(Clarification, Clarification.rubric_id == Rubric.id)
        .join(Task, Task.id == Rubric.task_id)
        .where(
            Clarification.status == ClarificationStatus.PROPOSED,
            Task.organization_id.in_(person.reach(Permission.EDIT_TASKS)),
        )
        .group_by(Rubric.id)
        .order_by(sa.func.min(Clarification.proposed_at), Rubric.id)
    )
    return db.session.execute(query).all()


# What a clarification may be about


def places(rubric):
    """Return what can be chosen, as (value, words): the whole rubric, a whole trait, a score point."""
    found = [("", "The whole rubric")]
    for trait in rubric.traits:
        found.append((trait.key, f"{trait.name}: the whole trait"))
        for point in trait.points:
            label = f", {point.label}" if point.label else ""
            found.append((f"{trait.key}:{point.value}", f"{trait.name}: score point {point.value}{label}"))
    return found


def place_of(rubric, value):
    """Return the trait and the score point of a chosen value; None for the whole. Keys have no colon."""
    key, _, score = (value or "").partition(":")
    trait = next((each for each in rubric.traits if each.key == key), None)
    return trait, int(score) if trait and score.isdecimal() and len(score) < 4 else None


# What is done with them


def propose_clarification(rubric, *, trait=None, score=None, words, origin="", actor):
    """Propose words that say how a descriptor is meant: of a trait's score point, a whole trait, or the whole rubric."""
    words, origin = _checked_words(words), (origin or "").strip()
    if len(origin) > LONGEST_ORIGIN:
        told = f"At most {LONGEST_ORIGIN} characters fit here. Shorten it."
        raise Invalid(told, fields={"origin": told})
    _require_reach(rubric, actor)
    _require_place(rubric, trait, score)
    with transaction() as session:
        session.refresh(
            rubric.task, ["title"], with_for_update=True
        )  # two people propose one after the other
        _refuse_repeated(rubric, trait, score, words)
        made = Clarification(rubric=rubric, trait_id=trait.id if trait else None, score=score, words=words,
                             origin=origin, proposed_by_id=actor.id)  # fmt: skip
        session.add(made)
        session.flush()
        audit.record("clarification.proposed", made, actor=actor, after={
            "rubric": rubric.id, "trait": made.trait_id, "score": score, "words": words, "origin": origin,
        })  # fmt: skip
    return made


def add_clarification(rubric, *, trait=None, score=None, words, origin="", reason="", actor):
    """Propose a clarification and accept it at once: for the leaders of the task."""
    with transaction():
        made = propose_clarification(
            rubric, trait=trait, score=score, words=words, origin=origin, actor=actor
        )
        return accept(made, reason=reason, actor=actor)


def accept(clarification, *, words=None, reason="", actor):
    """Let scorers see a clarification beside its descriptor, with these words."""
    _require_leader(clarification, actor)
    with transaction():
        _require_open(clarification)
        if words is not None:
            _reword(clarification, _checked_words(words), actor)
        return _decide(clarification, ClarificationStatus.ACCEPTED, "clarification.accepted", reason, actor)


def decline(clarification, *, reason, actor):
    """Say no to a clarification, with the reason."""
    _require_leader(clarification, actor)
    reason = _required(reason, "Say why it is declined. Whoever proposed it reads this.")
    with transaction():
        _require_open(clarification)
        return _decide(clarification, ClarificationStatus.DECLINED, "clarification.declined", reason, actor)


def withdraw(clarification, *, reason="", actor):
    """Take a clarification back: one's own proposal, or as a leader one that scorers see, then with the reason."""
    with transaction() as session:
        session.refresh(clarification, with_for_update=True)
        if clarification.status not in STANDING:
            raise Conflict("This clarification does not stand any more. There is nothing to withdraw.")
        was_seen = clarification.is_accepted
        if was_seen or clarification.proposed_by_id != actor.id:
            _require_leader(clarification, actor)
            reason = _required(reason, "Say why it is withdrawn. It stays in the log with this reason.")
        _decide(clarification, ClarificationStatus.WITHDRAWN, "clarification.withdrawn", reason, actor)
        if was_seen:
            count_change(clarification.rubric.task)
    return clarification


def edit_words(clarification, *, words, actor):
    """Say better what a clarification says, before or after it is accepted."""
    _require_leader(clarification, actor)
    words = _checked_words(words)
    with transaction() as session:
        session.refresh(clarification, with_for_update=True)
        if clarification.status not in STANDING:
            raise Conflict("This clarification does not stand any more. Propose a new one.")
        if _reword(clarification, words, actor) and clarification.is_accepted:
            count_change(clarification.rubric.task)
    return clarification


def _reword(clarification, words, actor):
    if words == clarification.words:
        return False
    before, clarification.words = clarification.words, words
    clarification.reworded_by_id, clarification.reworded_at = actor.id, now()
    audit.record("clarification.reworded", clarification, actor=actor, before={"words": before}, after={"words": words})  # fmt: skip
    return True


def _decide(clarification, status, action, reason, actor):
    decided = {"status": status, "reason": _short(reason), "decided_by_id": actor.id, "decided_at": now()}
    for name, value in decided.items():  # all at once: asking for the actor's id may write what is half done
        setattr(clarification, name, value)
    audit.record(action, clarification, actor=actor, after={"words": clarification.words, "reason": clarification.reason})  # fmt: skip
    if status is ClarificationStatus.ACCEPTED:
        count_change(clarification.rubric.task)
    return clarification


def _checked_words(words):
    words = (words or "").strip()
    if not words or len(words) > LONGEST:
        told = f"Write one or two sentences, at most {LONGEST} characters."
        raise Invalid(told, fields={"words": told})
    return words


def _required(reason, told):
    if not (reason or "").strip():
        raise Invalid(told, fields={"reason": told})
    return reason


def _short(reason):
    reason = (reason or "").strip()
    if len(reason) > LONGEST:
        told = f"A reason has room for {LONGEST} characters. Shorten it."
        raise Invalid(told, fields={"reason": told})
    return reason


def _require_reach(rubric, actor):
    if db.session.scalar(task_query(actor).where(Task.id == rubric.task_id)) is None:
        raise NotFound("There is no such task, or it belongs to another district.")
    if not rubric.is_published:
        raise Conflict("This version is a draft. Change its descriptors instead.")


def _require_place(rubric, trait, score):
    if trait is not None and trait.rubric_id != rubric.id:
        raise NotFound("This rubric version has no such trait. Reload the page and choose again.")
    if score is not None and (trait is None or score not in trait.values):
        told = "Choose a score point of the trait, or the whole trait."
        raise Invalid(told, fields={"place": told})


def _refuse_repeated(rubric, trait, score, words):
    same = sa.select(Clarification.id).where(
        Clarification.rubric_id == rubric.id,
        Clarification.trait_id.is_(None) if trait is None else Clarification.trait_id == trait.id,
        Clarification.score.is_(None) if score is None else Clarification.score == score,
        Clarification.words == words,
        Clarification.status.in_(STANDING),
    )
    if db.session.scalar(same.limit(1)) is not None:
        raise Conflict("The same words stand in the rubric's log already.")


def _require_leader(clarification, actor):
    task = clarification.rubric.task
    if not may_edit(task, actor):
        raise NotAllowed(f"Only leaders of {task.organization.name} decide on clarifications of its rubrics.")


def _require_open(clarification):
    """Lock the clarification, and refuse when somebody has decided on it."""
    db.session.refresh(clarification, with_for_update=True)
    if not clarification.is_open:
        raise Conflict("Somebody has decided on this clarification already. Reload the page to see how.")
