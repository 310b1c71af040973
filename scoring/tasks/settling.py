"""What becomes of clarifications in the next version of a rubric: worked in, carried over, or left out."""

import sqlalchemy as sa

from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Invalid
from scoring.tasks.models import Clarification, ClarificationStatus, Rubric, Settlement, Task
from scoring.tasks.specification import Problem

ACCEPTED = Clarification.status == ClarificationStatus.ACCEPTED


def to_settle(draft):
    """Return the accepted clarifications of earlier versions that this draft must do something about, oldest first."""
    query = (
        sa.select(Clarification)
        .join(Rubric, Rubric.id == Clarification.rubric_id)
        .where(
            Rubric.task_id == draft.task_id,
            ACCEPTED,
            sa.or_(Clarification.settled_in_id.is_(None), Clarification.settled_in_id == draft.id),
        )
        .order_by(Rubric.version, Clarification.id)
    )
    return db.session.scalars(query).all()


def problems(draft):
    """Return what is still to be said about clarifications before a draft can be published."""
    found = []
    for each in to_settle(draft):
        if each.settlement is None:
            words = f"Say what becomes of the clarification of {each.place} of version {each.rubric.version}."
            found.append(Problem(f"settle-{each.id}", words))
        elif each.settlement is Settlement.CARRIED_OVER and not _fits(each, draft):
            words = f"This version has no {each.place}, so its clarification can not be carried over. Choose another way."
            found.append(Problem(f"settle-{each.id}", words))
    return found


def settle(draft, choices, *, actor):
    """Note what becomes of clarifications in a draft: `choices` has worked_in, carried_over, left_out or "" by id."""
    with transaction():
        for each in to_settle(draft):
            if each.id not in choices:
                continue
            choice = _checked(choices[each.id])
            if choice is not each.settlement:
                before = each.settlement
                each.settlement, each.settled_in_id = choice, draft.id if choice else None
                audit.record("clarification.settled", each, actor=actor, before={"settlement": before},
                             after={"settlement": choice, "in": draft.id})  # fmt: skip


def carry_over(draft, *, actor):
    """Put the clarifications that are carried over beside the descriptors of the version that is being published."""
    with transaction() as session:
        carried = [each for each in to_settle(draft) if each.settlement is Settlement.CARRIED_OVER]
        for each in carried:
            copy = Clarification(
                rubric_id=draft.id, trait_id=_same_trait(each, draft), score=each.score, words=each.words,
                origin=each.origin, status=ClarificationStatus.ACCEPTED, proposed_by_id=each.proposed_by_id,
                proposed_at=each.proposed_at, decided_by_id=actor.id, decided_at=now(), carried_from_id=each.id,
                reason=f"Carried over from version {each.rubric.version}.",
            )  # fmt: skip
            session.add(copy)
            session.flush()
            audit.record("clarification.carried_over", copy, actor=actor, after={"from": each.id})
        if carried:
            count_change(draft.task)


def release(draft):
    """Forget what was said about clarifications in a draft that is thrown away."""
    with transaction():
        for each in to_settle(draft):
            each.settlement = each.settled_in_id = None


def count_change(task):
    """Let every scoring page read the clarifications anew; call it in the transaction that changes them."""
    with transaction() as session:
        counted = sa.update(Task).where(Task.id == task.id).values(clarified=Task.clarified + 1)
        session.execute(counted, execution_options={"synchronize_session": False})
        session.expire(task, ["clarified"])


def _checked(choice):
    try:
        return Settlement(choice) if choice else None
    except ValueError as error:
        words = "Choose worked in, carried over, or left out."
        raise Invalid(words, fields={"": words}) from error


def _fits(clarification, draft):
    if clarification.trait_id is None:
        return True
    trait = _trait_like(clarification, draft)
    return trait is not None and (clarification.score is None or clarification.score in trait.values)


def _trait_like(clarification, draft):
    return next((trait for trait in draft.traits if trait.key == clarification.trait.key), None)


def _same_trait(clarification, draft):
    return _trait_like(clarification, draft).id if clarification.trait_id is not None else None
