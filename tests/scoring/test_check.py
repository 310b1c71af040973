"""The check: it finds nothing in sound data, and each promise that is broken, by name."""

import json

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from calibration.credentials.models import Answer, Credential, CredentialRequest, CredentialRule, SigningKey
from calibration.papers.models import Paper, PaperSet, PaperSetItem, SetPurpose
from scoring import check, replay, storage
from scoring.db import db, now, transaction
from tests import build

# What breaks each promise. Where the database itself refuses the damage, so much the better.
DAMAGE = {
    "I2 Nobody is handed": "UPDATE assignment SET response_id = (SELECT min(response_id) FROM assignment), "
                           "scorer_id = (SELECT min(scorer_id) FROM assignment)",
    "I3 An assignment has at most one": "UPDATE read SET assignment_id = (SELECT min(assignment_id) FROM read)",
    "I3 A read and its assignment tell": "UPDATE read SET scorer_id = (SELECT id FROM person WHERE email = 'eve@example.org') "
                                         "WHERE id = (SELECT min(id) FROM read)",
    "I3 A submitted assignment has": "UPDATE assignment SET status = 'returned' WHERE id = (SELECT min(id) FROM assignment)",
    "I4 Nobody reads": "INSERT INTO roster_entry (person_id, student_id, source, created_at) "
                       "SELECT scorer_id, student_id, 'roster', '2020-01-01' FROM read "
                       "JOIN response ON response.id = read.response_id WHERE read.id = (SELECT min(id) FROM read)",
    "I5 The count of reads": "UPDATE event_response SET reads = 1, outcome = 'waiting' WHERE reads = 2",
    "I5 Reads still to hand out": "UPDATE event_response SET remaining = 0 WHERE reads = 0",
    "I5 Partly read": "UPDATE event_response SET priority = 1 WHERE reads = 1",
    "I5 An adjudication comes": "UPDATE read SET purpose = 'adjudication' WHERE id = (SELECT min(id) FROM read)",
    "I5 At most one score of record": "UPDATE score_of_record SET trait_id = (SELECT min(trait_id) FROM score_of_record)",
    "I5 A settled response has": "DELETE FROM score_of_record",
    "I5 A response is settled or discrepant": "UPDATE event_response SET outcome = 'discrepant' WHERE reads = 1",
    "I1 Every score is one": "UPDATE trait_score SET score = 17",
    "I1 Every read has a score": "DELETE FROM trait_score WHERE trait_id = (SELECT min(trait_id) FROM trait_score)",
    "I1 No read has a score for a trait": "UPDATE trait_score SET trait_id = (SELECT max(id) FROM trait) "
                                          "WHERE trait_id = (SELECT min(trait_id) FROM trait_score)",
    "I7 An idempotency key": "UPDATE submit_key SET scorer_id = (SELECT id FROM person WHERE email = 'eve@example.org')",
    "I9 A response belongs": "UPDATE student SET district_id = (SELECT id FROM organization WHERE code = 'birch')",
    "I9 A school belongs": "UPDATE response SET school_id = (SELECT id FROM organization WHERE code = 'birch-high')",
    "I9 Organizations form": "UPDATE organization SET kind = 'district' WHERE code = 'alder-high'",
    "I9 An event reads only": "DELETE FROM event_district",
    "I9 A district's event": "UPDATE event_district SET district_id = (SELECT id FROM organization WHERE code = 'birch')",
    "I9 An event's rubric": "UPDATE event_task SET rubric_id = (SELECT max(id) FROM rubric)",
    "I10 Accepted, refused": "UPDATE import_batch SET total = 9",
    "I10 A finished import": "UPDATE import_batch SET accepted = 9, total = 9",
    "I11 A frozen paper set": "DELETE FROM paper_set_item WHERE id = (SELECT min(id) FROM paper_set_item)",
    "I11 The papers of a set": "UPDATE paper_set SET rubric_id = (SELECT max(id) FROM rubric)",
    "I11 No response of a live": "UPDATE paper SET is_kept = (1 = 0)",
    "I12 A credential is of": "UPDATE credential_rule SET rubric_id = (SELECT max(id) FROM rubric)",
    "I12 Nobody gave": "UPDATE credential SET issued_by_id = person_id",
    "I12 Who was given": "UPDATE credential_request SET person_id = (SELECT id FROM person WHERE email = 'ben@example.org')",
    "Everybody who may be told": "UPDATE person SET is_active = (1 = 0) WHERE email = 'lea@example.org'",
}  # fmt: skip


@pytest.fixture
def season(app, ana, ben, lea, alder):
    """Two reads of one response, one of another, none of a third; a second rubric; an import that is done."""
    task = build.a_task()
    found = build.responses(3, task)
    event = build.an_event(task, alert_to_id=lea.id)
    build.a_read(found[0], "ana", 3, event=event, key="one")
    build.a_read(found[0], "ben", 3, event=event)
    build.a_read(found[1], "ana", 2, event=event)
    build.a_task()
    a_validity_set(task, found[0], event)
    a_credential(task.published_rubric, alder, ana, lea)
    db.session.execute(
        sa.text(
            "INSERT INTO import_batch (district_id, kind, file_name, key, sha256, mapping, status, total, accepted, "
            "refused, duplicates, created_by_id, created_at) "
            "VALUES (:district, 'csv', 'a.csv', 'k', 's', '{}', 'done', 0, 0, 0, 0, :person, :now)"
        ),
        {"district": alder.id, "person": lea.id, "now": now()},
    )
    db.session.commit()
    return event


def a_credential(rubric, organization, holder, giver):
    with transaction() as session:
        rule = CredentialRule(
            organization_id=organization.id, rubric=rubric, fewest_reads=1, fewest_double=10, least_exact=1
        )
        key = SigningKey(thumbprint="x" * 43, public_jwk={})
        session.add_all([rule, key])
        session.flush()
        session.add(
            CredentialRequest(rule_id=rule.id, person_id=holder.id, answered_at=now(), answer=Answer.GIVEN)
        )
        session.add(Credential(person_id=holder.id, rule_id=rule.id, organization_id=organization.id, rubric_id=rubric.id,
                               identifier="urn:uuid:1", share_code="x", status_index=0, facts={}, badge="x", key_id=key.id,
                               issued_by_id=giver.id))  # fmt: skip


def a_validity_set(task, response, event):
    rubric, moment = task.published_rubric, now()
    with transaction() as session:
        paper = Paper(task_id=task.id, rubric=rubric, response=response, event_id=event.id, is_kept=True,
                      organization_id=event.organization_id)  # fmt: skip
        session.add(PaperSet(organization_id=event.organization_id, rubric=rubric, name="Seeds", purpose=SetPurpose.VALIDITY,
                             frozen_at=moment, frozen_count=1, items=[PaperSetItem(paper=paper, position=1, added_at=moment)]))  # fmt: skip


def test_sound_data_keeps_every_promise(season):
    assert check.problems() == []


def test_every_promise_is_tried_below(app):
    for name in check.promises():
        assert any(name.startswith(start) for start in DAMAGE), (
            f"break the promise {name!r} once, and see it found"
        )


@pytest.mark.breaks_invariants
@pytest.mark.parametrize("start", DAMAGE)
def test_a_broken_promise_is_found(season, start):
    try:
        changed = db.session.execute(sa.text(DAMAGE[start])).rowcount
        db.session.commit()
    except IntegrityError:
        db.session.rollback()  # the database keeps this promise by itself
        return
    assert changed > 0
    broken = [name for name, rows in check.broken_invariants().items() if rows]
    assert any(name.startswith(start) for name in broken), broken


@pytest.mark.breaks_invariants
@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE trait_score SET score = 4 WHERE read_id = (SELECT min(id) FROM read)", "is stored as"),
        ("UPDATE score_of_record SET score = 1", "scores of record"),
        ("UPDATE event_response SET outcome = 'waiting' WHERE outcome = 'settled'", "the log says settled"),
        ("UPDATE read SET reopened_at = submitted_at WHERE reads_nothing", "is not stored"),
    ],
)
def test_replaying_the_log_finds_scores_changed_behind_its_back(season, damage, words):
    db.session.execute(sa.text(damage.replace("reads_nothing", "id = (SELECT max(id) FROM read)")))
    db.session.commit()
    assert any(words in problem for problem in replay.problems())


@pytest.mark.breaks_invariants
def test_files_without_rows_and_rows_without_files_are_found(season, monkeypatch):
    monkeypatch.setattr(check, "IN_FLIGHT", -check.IN_FLIGHT)
    orphan = storage.put(b"nobody's", area="pages")
    found = check.file_problems()
    assert f"the file {orphan} belongs to no row" in found
    assert "import_batch: its file k is missing" in found


def test_the_command_names_what_is_wrong_and_exits_1(season, app, monkeypatch):
    db.session.execute(sa.text("DELETE FROM import_batch"))  # its file was never stored
    db.session.commit()
    runner = app.test_cli_runner()
    good = runner.invoke(args=["check", "--json"])
    assert (good.exit_code, json.loads(good.output)["ok"]) == (0, True), good.output
    monkeypatch.setattr(check, "queue_problems", lambda: ["job 7 has been waiting for a worker"])
    bad = runner.invoke(args=["check"])
    assert bad.exit_code == 1
    assert "job 7 has been waiting" in bad.output
