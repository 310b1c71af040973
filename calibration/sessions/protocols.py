"""Protocols: those that come with the product, and the copies that an organization changes as it likes."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from calibration.sessions import rules
from calibration.sessions.models import Protocol
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.people.directory import ids_with_network_above
from scoring.permissions import Permission

FOLDER = Path(__file__).parent / "protocols"
LONGEST_NAME, LONGEST_SUMMARY = 120, 500


@dataclass(frozen=True)
class BuiltIn:
    """A protocol that comes with the product. It is not changed; copies of it are."""

    key: str
    name: str
    summary: str
    steps: list


@cache
def built_in():
    """The protocols that come with the product, the usual one first."""
    found = [BuiltIn(**json.loads(path.read_text())) for path in FOLDER.glob("*.json")]
    return tuple(sorted(found, key=lambda each: (each.key != "calibration", each.name)))


def built_in_by_key(key):
    """Return one of them."""
    found = next((each for each in built_in() if each.key == key), None)
    if found is None:
        raise NotFound("There is no such protocol. Choose one from the list.")
    return found


def protocol_query(person):
    """Protocols that a leader may use: of the own organizations and of the network above, by name."""
    mine = Protocol.organization_id.in_(ids_with_network_above(person, Permission.CALIBRATE))
    return sa.select(Protocol).where(mine, Protocol.retired_at.is_(None)).order_by(Protocol.name, Protocol.id)


def protocol_by_id(protocol_id, person):
    """Return a protocol that a leader may use."""
    found = db.session.scalar(protocol_query(person).where(Protocol.id == protocol_id))
    if found is None:
        raise NotFound("There is no such protocol, or it belongs to another district.")
    return found


def may_change(protocol, person):
    """Whether this person looks after the protocol."""
    return protocol.organization_id in person.reach(Permission.CALIBRATE)


def copy(source, organization, *, name, actor):
    """Make an organization's own copy of a protocol, to change as it likes."""
    if organization.id not in actor.reach(Permission.CALIBRATE):
        raise NotAllowed("Only those who lead calibration there may keep protocols.")
    name = _checked_name(name)
    with transaction() as session:
        session.refresh(organization, with_for_update=True)  # two leaders choose a name one after the other
        _require_free(organization.id, name)
        made = Protocol(organization_id=organization.id, name=name, summary=source.summary, copied_from=source.name,
                        steps=[dict(each) for each in source.steps], created_by_id=actor.id)  # fmt: skip
        session.add(made)
        session.flush()
        audit.record("protocol.copied", made, actor=actor, after={"name": name, "from": source.name})
    return made


def describe(protocol, *, name, summary, actor):
    """Give a protocol another name and say what it is good for."""
    name, summary = _checked_name(name), (summary or "").strip()
    if len(summary) > LONGEST_SUMMARY:
        words = f"The description has room for {LONGEST_SUMMARY} characters. Shorten it."
        raise Invalid(words, fields={"summary": words})
    with transaction() as session:
        _lock(session, protocol, actor)
        if name != protocol.name:
            _require_free(protocol.organization_id, name)
        before = {"name": protocol.name, "summary": protocol.summary}
        protocol.name, protocol.summary = name, summary
        audit.record("protocol.described", protocol, actor=actor, before=before, after={"name": name, "summary": summary})  # fmt: skip
    return protocol


def put_step(protocol, number, step, *, actor):
    """Write one step anew, or add one at the end (`number` counts from 0)."""
    return _change(protocol, actor, lambda steps: steps[:number] + [step] + steps[number + 1 :])


def remove_step(protocol, number, *, actor):
    """Take a step out."""
    return _change(protocol, actor, lambda steps: steps[:number] + steps[number + 1 :])


def move_step(protocol, number, by, *, actor):
    """Move a step one place up (-1) or down (1); at the end it stays."""

    def moved(steps):
        steps, to = list(steps), number + by
        if 0 <= number < len(steps) and 0 <= to < len(steps):
            steps[number], steps[to] = steps[to], steps[number]
        return steps

    return _change(protocol, actor, moved)


def retire(protocol, *, actor):
    """Take a protocol out of the list. Sessions that use it keep their steps."""
    with transaction() as session:
        _lock(session, protocol, actor)
        if protocol.retired_at is None:
            protocol.retired_at = now()
            protocol.name = f"{protocol.name[: LONGEST_NAME - 30]} (retired {protocol.id})"
            audit.record("protocol.retired", protocol, actor=actor)


def _change(protocol, actor, changed):
    """Change the steps. What is not usable yet may stand: a session refuses it, and the page says what is missing."""
    with transaction() as session:
        _lock(session, protocol, actor)
        before, after = protocol.steps, changed(protocol.steps)
        single = [
            words for number, each in enumerate(after, 1) for words in rules.problems_of_step(number, each)
        ]
        if len(after) > rules.MOST_STEPS:
            single.append(f"A protocol has at most {rules.MOST_STEPS} steps.")
        if single:
            raise Invalid("The step was not saved. " + " ".join(single), fields={"step": " ".join(single)})
        if after != before:
            protocol.steps = after
            audit.record("protocol.changed", protocol, actor=actor, before={"steps": before}, after={"steps": after})  # fmt: skip
    return protocol


def _lock(session, protocol, actor):
    session.refresh(protocol, with_for_update=True)
    if not may_change(protocol, actor):
        raise NotAllowed(
            "This protocol belongs to the network or to another district. Make a copy and change that."
        )
    if protocol.retired_at is not None:
        raise Conflict("This protocol is retired. Make a copy of another one.")


def _checked_name(name):
    name = (name or "").strip()
    if not name or len(name) > LONGEST_NAME:
        words = f"Give the protocol a name of at most {LONGEST_NAME} characters."
        raise Invalid(words, fields={"name": words})
    return name


def _require_free(organization_id, name):
    taken = sa.select(Protocol.id).where(Protocol.organization_id == organization_id, Protocol.name == name)
    if name in {each.name for each in built_in()} or db.session.scalar(taken):
        words = f"There is a protocol {name} already. Choose another name."
        raise Conflict(words, fields={"name": words})
