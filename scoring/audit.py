"""The audit log: append-only, hash-chained, written in the same transaction as the change it tells of.

Each actor has a chain of their own, so that two scorers never wait for each other; signed checkpoints in a file
outside the database bind the heads of all chains, so that a cut or re-made chain is found too.
"""

import hashlib
import hmac
import json
import os
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from flask import current_app, g, has_request_context
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from scoring.db import Base, db, now, snapshot, transaction
from scoring.jobs import every_minute

START = "0" * 64
SYSTEM = "system"


class AuditChain(Base):
    """The head of one actor's chain: how long it is and the hash of its last entry."""

    __tablename__ = "audit_chain"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    length: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(sa.String(64), default=START)


class AuditEntry(Base):
    """One change: who did what to which thing, and how the thing was before and after."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.UniqueConstraint("chain", "sequence"),
        sa.Index(None, "subject_kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(sa.ForeignKey("audit_chain.name"))
    sequence: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(sa.String(60), index=True)
    subject_kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int | None]
    before: Mapped[dict | None] = mapped_column(sa.JSON(none_as_null=True))
    after: Mapped[dict | None] = mapped_column(sa.JSON(none_as_null=True))
    request_id: Mapped[str | None] = mapped_column(sa.String(32))
    previous: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))


FACTS = ("chain", "sequence", "at", "actor_id", "action", "subject_kind", "subject_id", "before", "after",
         "request_id", "previous")  # fmt: skip


def digest(**facts):
    """Hash everything an entry says, together with the entry before it."""
    said = [facts["at"].isoformat() if name == "at" else facts[name] for name in FACTS]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def record(action, subject, *, actor=None, before=None, after=None):
    """Add one entry to the actor's chain. Call it inside the transaction that makes the change.

    `subject` is the changed row, already flushed if it is new; `before` and `after` hold plain JSON values.
    """
    with transaction() as session:
        session.flush()
        connection = session.connection()
        chain = _locked_chain(connection, f"person:{actor.id}" if actor is not None else SYSTEM)
        facts = {
            "chain": chain.name,
            "sequence": chain.length + 1,
            "at": now(),
            "actor_id": actor.id if actor is not None else None,
            "action": action,
            "subject_kind": subject.__tablename__,
            "subject_id": getattr(subject, "id", None),
            "before": _as_stored(before),
            "after": _as_stored(after),
            "request_id": g.get("request_id") if has_request_context() else None,
            "previous": chain.head,
        }
        facts["hash"] = digest(**facts)
        moved = {"moved": chain.name, "longer": facts["sequence"], "newest": facts["hash"]}
        # Plain statements: this runs with every score, and the unit of work would take three times as long.
        if connection.dialect.name == "postgresql":
            connection.execute(MOVE_AND_INSERT, facts | moved)
        else:
            connection.execute(MOVE_HEAD, moved)
            connection.execute(INSERT_ENTRY, facts)


def _as_stored(values):
    """What JSON makes of the values, so that the hash is the same when the entry is read back."""
    return None if values is None else json.loads(json.dumps(values))


_chain = AuditChain.__table__
FIND_CHAIN = sa.select(_chain).where(_chain.c.name == sa.bindparam("chain")).with_for_update()
MOVE_HEAD = (
    sa.update(_chain)
    .where(_chain.c.name == sa.bindparam("moved"))
    .values(length=sa.bindparam("longer"), head=sa.bindparam("newest"))
)
INSERT_ENTRY = sa.insert(AuditEntry.__table__)
MOVE_AND_INSERT = (
    sa.insert(AuditEntry.__table__)
    .values({name: sa.bindparam(name, type_=AuditEntry.__table__.c[name].type) for name in (*FACTS, "hash")})
    .add_cte(MOVE_HEAD.cte("moving"))
)  # PostgreSQL takes both in one trip


def _locked_chain(connection, name):
    """Return the chain, locked until the transaction ends; begin it if this is its first entry."""
    chain = connection.execute(FIND_CHAIN, {"chain": name}).one_or_none()
    if chain is None:
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        connection.execute(insert(_chain).values(name=name, length=0, head=START).on_conflict_do_nothing())
        chain = connection.execute(FIND_CHAIN, {"chain": name}).one()
    return chain


# Checkpoints and verification


def checkpoint_file():
    """Where this installation keeps its signed checkpoints, outside the database."""
    return Path(current_app.instance_path) / "audit" / "checkpoints.jsonl"


@every_minute
def checkpoint():
    """Sign the present heads of all chains that moved since the last checkpoint; return how many."""
    known, last = {}, START
    for line in _checkpoints():
        known.update(line["heads"])
        last = line["signature"]
    query = sa.select(AuditChain).order_by(AuditChain.name)
    heads = {chain.name: [chain.length, chain.head] for chain in db.session.scalars(query)}
    moved = {name: head for name, head in heads.items() if known.get(name) != head}
    if moved:
        line = {"at": now().isoformat(), "heads": moved, "previous": last}
        line["signature"] = _signature(line)
        path = checkpoint_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(json.dumps(line, sort_keys=True) + "\n")
            file.flush()
            os.fsync(file.fileno())
    return len(moved)


def _checkpoints():
    path = checkpoint_file()
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _signature(line):
    facts = json.dumps({key: line[key] for key in ("at", "heads", "previous")}, sort_keys=True)
    key = ("audit:" + current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, facts.encode(), hashlib.sha256).hexdigest()


def problems():
    """Walk every chain and every checkpoint; name each first entry that does not hold."""
    with snapshot():
        return _chain_problems() + _checkpoint_problems()


def _chain_problems():
    found, length, head, broken = [], {}, {}, set()
    query = (
        sa.select(AuditEntry)
        .order_by(AuditEntry.chain, AuditEntry.sequence)
        .execution_options(yield_per=1000)
    )
    for entry in db.session.scalars(query):
        name = entry.chain
        due = length.get(name, 0) + 1
        if name not in broken and (entry.sequence, entry.previous) != (due, head.get(name, START)):
            found.append(f"chain {name}: entry {due} is missing or does not follow the one before it")
            broken.add(name)
        elif name not in broken and digest_of(entry) != entry.hash:
            found.append(
                f"chain {name}: entry {entry.sequence} ({entry.action}) was changed after it was written"
            )
            broken.add(name)
        length[name], head[name] = entry.sequence, entry.hash
    for chain in db.session.scalars(sa.select(AuditChain).order_by(AuditChain.name)):
        if chain.name not in broken and (length.get(chain.name, 0), head.get(chain.name, START)) != (
            chain.length,
            chain.head,
        ):
            found.append(
                f"chain {chain.name}: it ends at entry {length.get(chain.name, 0)}, not at {chain.length}"
            )
    return found


def digest_of(entry):
    """Hash a stored entry again."""
    return digest(**{name: getattr(entry, name) for name in FACTS})


def _checkpoint_problems():
    found, last, expected = [], START, {}
    for number, line in enumerate(_checkpoints(), 1):
        if line["previous"] != last or not hmac.compare_digest(line["signature"], _signature(line)):
            return [f"checkpoint {number} does not carry this installation's signature"]
        last = line["signature"]
        expected.update(line["heads"])
    for name, (length, head) in sorted(expected.items()):
        if length == 0:
            continue
        query = sa.select(AuditEntry.hash).where(AuditEntry.chain == name, AuditEntry.sequence == length)
        if db.session.scalar(query) != head:
            found.append(f"chain {name}: entry {length} is not the one that was signed")
    return found
