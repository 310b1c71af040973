"""Sharing a cycle: other districts' leaders read what was tried and found, without names and small numbers."""

from dataclasses import dataclass

import sqlalchemy as sa

from calibration.cycles import content
from calibration.cycles.models import Cycle
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.people.models import Membership, Organization, Person
from scoring.permissions import Permission

TEXTS = ("name", "aim", "change", "prediction", "done", "decision_words")
LONGEST = 4000


@dataclass(frozen=True)
class SharedCycle:
    """What others may see of a cycle, and nothing else. `record` is None where it is about too few papers."""

    id: int
    organization: str
    task: str
    name: str
    aim: str
    change_kind: str
    change: str
    prediction: str
    done: str
    measure: str
    changed_at: object
    studied_at: object
    verdict: str
    decision: str
    decision_words: str
    shared_at: object
    record: dict | None


def as_others_see(cycle, smallest):
    """Field by field what may leave the district: words that were read over for it, and figures."""
    return SharedCycle(
        id=cycle.id, organization=cycle.organization.name, task=cycle.task.title, change_kind=cycle.change_kind,
        measure=cycle.measure, changed_at=cycle.changed_at, studied_at=cycle.studied_at, verdict=cycle.verdict,
        decision=cycle.decision, shared_at=cycle.shared_at, record=content.shared(cycle.record, smallest),
        **{name: cycle.shared_words[name] for name in TEXTS},
    )  # fmt: skip


def shared_query(person):
    """Query the cycles that are shared in the network in which this person calibrates, the newest first."""
    return (
        sa.select(Cycle)
        .where(Cycle.shared_at.is_not(None), Cycle.organization_id.in_(_network_of(person)))
        .order_by(Cycle.shared_at.desc(), Cycle.id.desc())
    )


def shared_cycle_by_id(cycle_id, person, smallest):
    """Return a cycle that is shared in this person's network, as others see it."""
    found = db.session.scalar(shared_query(person).where(Cycle.id == cycle_id))
    if found is None:
        raise NotFound("There is no such cycle, or it is not shared.")
    return as_others_see(found, smallest)


def _network_of(person):
    """Ids of all districts and the network around the places where this person calibrates."""
    above = sa.select(Organization.parent_id).where(Organization.id.in_(person.reach(Permission.CALIBRATE)))
    tops = sa.select(Organization.id).where(
        Organization.parent_id.is_(None),
        sa.or_(Organization.id.in_(above), Organization.id.in_(person.reach(Permission.CALIBRATE))),
    )
    return sa.select(Organization.id).where(
        sa.or_(Organization.id.in_(tops), Organization.parent_id.in_(tops))
    )


def own_words(cycle):
    """The words of a cycle by field, as they would be shared unchanged."""
    return {name: getattr(cycle, name) for name in TEXTS}


def share(cycle, words, *, actor):
    """Let the leaders of the other districts read a cycle that is decided, in these words (by field)."""
    _require_may_change(cycle, actor)
    words = {name: (words.get(name) or "").strip() for name in TEXTS}
    fields = {
        name: f"At most {LONGEST:,} characters fit here. Shorten it."
        for name in TEXTS
        if len(words[name]) > LONGEST
    }
    fields |= {} if words["name"] else {"name": "Give it a name."}
    people = _people_around(cycle)
    for name, text in words.items():
        named = content.names_in([text], people)
        if named:
            fields[name] = f"This names {', '.join(named)}. Say it without the name."
    if fields:
        raise Invalid(
            "It can not be shared like this. " + " ".join(dict.fromkeys(fields.values())), fields=fields
        )
    with transaction() as session:
        session.refresh(cycle, with_for_update=True)
        if cycle.decided_at is None:
            raise Conflict("A cycle is shared when it is decided what follows from it.")
        cycle.shared_at, cycle.shared_words = cycle.shared_at or now(), words
        audit.record("cycle.shared", cycle, actor=actor, after=words)
    return cycle


def _people_around(cycle):
    """Names of everybody in the network of a cycle."""
    places = [each.id for each in cycle.organization.network.below]
    return db.session.scalars(
        sa.select(Person.name).distinct().join(Membership, Membership.person_id == Person.id)
        .where(Membership.organization_id.in_(places)).order_by(Person.name)
    ).all()  # fmt: skip


def withdraw(cycle, *, actor):
    """Take a shared cycle back. From now on only its own leaders read it."""
    _require_may_change(cycle, actor)
    with transaction() as session:
        session.refresh(cycle, with_for_update=True)
        if cycle.shared_at is not None:
            cycle.shared_at = cycle.shared_words = None
            audit.record("cycle.withdrawn", cycle, actor=actor)
    return cycle


def _require_may_change(cycle, actor):
    if cycle.organization_id not in actor.reach(Permission.CALIBRATE):
        raise NotAllowed("Only leaders of this district or network may do that.")
