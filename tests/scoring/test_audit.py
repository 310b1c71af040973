"""The audit log: nobody changes it without being found, also not somebody who can re-make the hashes."""

import pytest
import sqlalchemy as sa

from scoring import audit
from scoring.db import at, db, now, transaction
from tests import build


@pytest.fixture
def log(app, ana, ben, alder):
    """Six entries of Ana's, three of Ben's, three of the installation's; the first half is signed."""
    for number in range(12):
        actor = [ana, ben, ana, None][number % 4]
        audit.record(
            "organization.renamed", alder, actor=actor, before={"n": number}, after={"n": number + 1}
        )
        if number == 5:
            audit.checkpoint()
    return f"person:{ana.id}"


def test_an_untouched_log_verifies(log, app):
    assert audit.problems() == []
    assert audit.checkpoint() > 0
    assert audit.checkpoint() == 0  # nothing moved since
    result = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert result.exit_code == 0, result.output


@pytest.mark.breaks_invariants
@pytest.mark.parametrize("sequence", [1, 3, 6])
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE audit_entry SET after = '{\"n\": 99}' WHERE chain = :chain AND sequence = :sequence",
        "UPDATE audit_entry SET actor_id = 1 - actor_id WHERE chain = :chain AND sequence = :sequence",
        "UPDATE audit_entry SET at = '2020-01-01' WHERE chain = :chain AND sequence = :sequence",
        "DELETE FROM audit_entry WHERE chain = :chain AND sequence = :sequence",
        "DELETE FROM audit_entry WHERE chain = :chain AND sequence >= :sequence",
        "UPDATE audit_entry SET sequence = sequence + 100 WHERE chain = :chain AND sequence = :sequence",
        "UPDATE audit_entry SET hash = previous WHERE chain = :chain AND sequence = :sequence",
    ],
)
def test_an_edited_deleted_or_cut_entry_is_found(log, damage, sequence):
    db.session.execute(sa.text(damage), {"chain": log, "sequence": sequence})
    db.session.commit()
    assert audit.problems() != []


@pytest.mark.breaks_invariants
def test_a_chain_made_anew_with_right_hashes_is_found_by_its_checkpoint(log):
    forge(log, lambda entry: entry.sequence == 2)
    assert any("is not the one that was signed" in problem for problem in audit.problems())


@pytest.mark.breaks_invariants
def test_a_chain_cut_clean_below_its_checkpoint_is_found(log):
    with transaction() as session:
        session.execute(sa.delete(audit.AuditEntry).where(audit.AuditEntry.chain == log))
        session.execute(
            sa.update(audit.AuditChain).where(audit.AuditChain.name == log).values(length=0, head=audit.START)
        )
    assert any("is not the one that was signed" in problem for problem in audit.problems())


@pytest.mark.breaks_invariants
def test_a_forged_or_cut_checkpoint_is_found(log):
    audit.checkpoint()
    path = audit.checkpoint_file()
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[1:]) + "\n")
    assert any("signature" in problem for problem in audit.problems())
    path.write_text(lines[0].replace("T", "t", 1) + "\n" + lines[1] + "\n")
    assert any("signature" in problem for problem in audit.problems())


def test_a_change_that_fails_leaves_no_entry(log, ana, alder):
    before = db.session.scalar(sa.select(sa.func.count(audit.AuditEntry.id)))

    def change_and_fail():
        with transaction():
            audit.record("organization.renamed", alder, actor=ana)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert db.session.scalar(sa.select(sa.func.count(audit.AuditEntry.id))) == before
    assert audit.problems() == []


def test_entries_carry_the_moment_they_were_made(app, ana, alder):
    moment = now().replace(year=2024)
    with at(moment):
        audit.record("organization.renamed", alder, actor=ana)
    newest = sa.select(audit.AuditEntry).order_by(audit.AuditEntry.id.desc()).limit(1)
    assert db.session.scalars(newest).one().at == moment


def test_a_read_is_on_record_with_its_scores(app):
    response = build.a_response()
    event = build.an_event(response.task)
    read = build.a_read(response, "ana", 2, event=event)
    entry = db.session.scalars(
        sa.select(audit.AuditEntry).where(audit.AuditEntry.action == "read.submitted")
    ).one()
    assert entry.subject_id == read.id
    assert set(entry.after["scores"].values()) == {2}


def forge(chain, chosen):
    """Change an entry and give it and all after it the hashes that follow."""
    with transaction() as session:
        query = (
            sa.select(audit.AuditEntry)
            .where(audit.AuditEntry.chain == chain)
            .order_by(audit.AuditEntry.sequence)
        )
        previous = audit.START
        for entry in session.scalars(query):
            if chosen(entry):
                entry.after = {"n": 1000}
            entry.previous, entry.hash = previous, None
            previous = entry.hash = audit.digest_of(entry)
        session.get(audit.AuditChain, chain).head = previous
