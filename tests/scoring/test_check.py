"""The check: it finds nothing in sound data, and each promise that is broken, by name."""

import json

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from calibration.community.models import SharedPaper
from calibration.credentials.models import Answer, Credential, CredentialRequest, CredentialRule, SigningKey
from calibration.cycles.models import Cycle
from calibration.discussions import services as discussions
from calibration.judging.models import Comparison, Study, StudyParticipant, StudyResponse
from calibration.papers.models import (
    Paper,
    PaperEvidence,
    PaperSet,
    PaperSetItem,
    PaperUse,
    SetPurpose,
)
from calibration.rangefinding.models import (
    Committee,
    CommitteeMember,
    CommitteeRead,
    CommitteeScore,
    ProposedPaper,
)
from calibration.sessions.models import CalibrationSession, Form, Participant, SessionPaper, Sheet, SheetScore
from calibration.sessions.outcome_models import Outcome
from scoring import check, replay, storage
from scoring.db import db, now, transaction
from scoring.reads.models import SeenWork
from scoring.tasks import clarifying
from tests import build
from tests.calibration.qualification.world import World, tried

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
    "I2 Nobody is handed work": "UPDATE seen_work SET seen_at = '2020-01-01'",
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
    "I20 A comparison is of two": "UPDATE comparison SET study_id = (SELECT max(id) FROM comparison_study)",
    "I20 A study compares": "UPDATE comparison_study SET rubric_id = (SELECT max(id) FROM rubric)",
    "I20 Nobody compares": "INSERT INTO roster_entry (person_id, student_id, source, created_at) "
                           "SELECT study_participant.person_id, response.student_id, 'roster', '2020-01-01' FROM comparison "
                           "JOIN study_participant ON study_participant.id = comparison.participant_id "
                           "JOIN study_response ON study_response.id = comparison.first_id "
                           "JOIN response ON response.id = study_response.response_id",
    "I13 A clarification stands": "UPDATE clarification SET trait_id = (SELECT max(id) FROM trait), score = NULL",
    "I13 A clarification is settled": "UPDATE clarification SET settlement = 'left_out', settled_in_id = (SELECT max(id) FROM rubric)",
    "I17 The papers of a session": "UPDATE calibration_session SET rubric_id = (SELECT max(id) FROM rubric)",
    "I17 A sheet belongs": "UPDATE session_participant SET session_id = (SELECT max(id) FROM calibration_session) "
                           "WHERE id = (SELECT min(participant_id) FROM session_sheet)",
    "I17 A sheet has a score": "DELETE FROM session_sheet_score WHERE trait_id = (SELECT min(trait_id) FROM session_sheet_score)",
    "I17 Every score of a sheet": "UPDATE session_sheet_score SET score = 17",
    "I17 Nobody scores a paper": "INSERT INTO session_observer (session_paper_id, participant_id, since) "
                                 "SELECT session_paper_id, participant_id, submitted_at FROM session_sheet WHERE round = 1",
    "I17 Revised scores": "UPDATE session_sheet SET submitted_at = '2099-01-01' WHERE round = 1",
    "I15 A member's scores": "DELETE FROM committee_score WHERE trait_id = (SELECT min(trait_id) FROM committee_score)",
    "I15 Whoever scored in a committee": "DELETE FROM seen_work",
    "I15 A settled paper": "UPDATE proposed_paper SET response_id = (SELECT max(id) FROM response)",
    "I12 Marked evidence lies": "UPDATE response SET text = 'Gone.'",
    "I12 Marked evidence is": "UPDATE paper_evidence SET trait_id = (SELECT max(id) FROM trait)",
    "I16 In an event for qualified": "UPDATE event SET qualified_since = '2020-01-01'",
    "I16 Every paper scored": "UPDATE qualification_score SET score = 17",
    "I16 The sets and papers": "UPDATE paper_set SET frozen_at = NULL, frozen_count = NULL "
                               "WHERE id IN (SELECT set_id FROM qualification_step)",
    "I16 Whoever passed a try": "UPDATE qualification_attempt SET qualification_id = NULL",
    "I17 What a session left": "UPDATE session_outcome SET session_id = (SELECT max(id) FROM calibration_session)",
    "I18 An improvement cycle looks at events that": "UPDATE improvement_cycle SET task_id = (SELECT max(id) FROM task)",
    "I18 An improvement cycle looks at events of": "UPDATE improvement_cycle SET organization_id = "
                                                   "(SELECT id FROM organization WHERE code = 'birch')",
    "I14 The posts of a thread": "UPDATE thread_post SET number = 7",
    "I14 A thread belongs": "UPDATE thread SET organization_id = (SELECT id FROM organization WHERE code = 'birch')",
    "I14 A thread on a line": "UPDATE thread SET task_id = (SELECT max(id) FROM task) WHERE trait_id IS NOT NULL",
    "I14 A post quotes": "UPDATE thread_post SET quoted_id = (SELECT min(id) FROM thread_post) WHERE id = (SELECT max(id) FROM thread_post)",
    "I14 A paper is used": "UPDATE shared_paper SET withdrawn_at = '2020-01-01'",
    "I14 A paper is shared by": "UPDATE shared_paper SET organization_id = (SELECT id FROM organization WHERE code = 'birch')",
    "I19 A credential is of": "UPDATE credential_rule SET rubric_id = (SELECT max(id) FROM rubric)",
    "I19 Nobody gave": "UPDATE credential SET issued_by_id = person_id",
    "I19 Who was given": "UPDATE credential_request SET person_id = (SELECT id FROM person WHERE email = 'ben@example.org')",
    "Everybody who may be told": "UPDATE person SET is_active = (1 = 0) WHERE email = 'lea@example.org'",
}  # fmt: skip


@pytest.fixture
def season(app, ana, ben, lea, alder):
    """Two reads of one response, one of another, none of two more; a second rubric; an import that is done."""
    task = build.a_task()
    found = build.responses(4, task)
    event = build.an_event(task, alert_to_id=lea.id)
    build.a_read(found[0], "ana", 3, event=event, key="one")
    build.a_read(found[0], "ben", 3, event=event)
    build.a_read(found[1], "ana", 2, event=event)
    build.a_task()
    a_committee(task, found[0], event, a_validity_set(task, found[0], event, lea), ana)
    a_comparison(event, found, build.a_person())
    clarifying.propose_clarification(task.published_rubric, words="Two sources are enough.", actor=lea)
    a_session(task, found[1], event, ana)
    a_passed_try(lea, ana)
    with transaction() as session:
        session.add(Cycle(organization_id=alder.id, task_id=task.id, name="Talk first", traits=[], events=[event],
                          created_by_id=lea.id))  # fmt: skip
    two_threads_and_a_shared_paper(task, found[3], event, lea)
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


def a_passed_try(lea, ana):
    program = World(lea).a_program(practice=(), qualification=(1,))
    assert tried(program, ana).passed


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


def a_validity_set(task, response, event, leader):
    rubric, moment = task.published_rubric, now()
    mark = PaperEvidence(
        trait_id=rubric.traits[0].id, span_start=0, span_end=20, words="A claim.", marked_by_id=leader.id
    )
    with transaction() as session:
        paper = Paper(task_id=task.id, rubric=rubric, response=response, event_id=event.id, is_kept=True,
                      organization_id=event.organization_id, evidence=[mark])  # fmt: skip
        session.add(PaperSet(organization_id=event.organization_id, rubric=rubric, name="Seeds", purpose=SetPurpose.VALIDITY,
                             frozen_at=moment, frozen_count=1, items=[PaperSetItem(paper=paper, position=1, added_at=moment)]))  # fmt: skip
    return paper


def a_committee(task, response, event, paper, member):
    rubric, moment = task.published_rubric, now()
    read = CommitteeRead(
        person_id=member.id,
        sent_at=moment,
        scores=[CommitteeScore(trait_id=trait.id, score=3) for trait in rubric.traits],
    )
    proposed = ProposedPaper(
        response_id=response.id, position=1, paper=paper, settled_at=moment, reads=[read]
    )
    with transaction() as session:
        session.add(SeenWork(person_id=member.id, response_id=response.id))
        session.add(Committee(organization_id=event.organization_id, rubric_id=rubric.id, event_id=event.id, name="Anchors",
                              created_by_id=member.id, members=[CommitteeMember(person_id=member.id)], proposed=[proposed]))  # fmt: skip


def a_comparison(event, responses, person):
    with transaction() as session:
        for _ in range(2):
            study = Study(organization_id=event.organization_id, event_id=event.id, title="Second look", per_response=4,
                          rubric_id=event.tasks[0].rubric_id, question="Which is better?")  # fmt: skip
            study.responses = [StudyResponse(response_id=each.id) for each in responses]
            study.participants = [StudyParticipant(person_id=person.id)]
            session.add(study)
            session.flush()
            if len(session.scalars(sa.select(Study.id)).all()) == 1:
                first, second, *_ = study.responses
                session.add(Comparison(study_id=study.id, participant_id=study.participants[0].id, first_id=first.id,
                                       second_id=second.id, first_is_left=True))  # fmt: skip


def a_session(task, response, event, scorer):
    """A session on one paper, scored twice by one scorer; and another session, without anything."""
    rubric, facts = (
        task.published_rubric,
        {"organization_id": event.organization_id, "leader_id": event.alert_to_id},
    )
    facts |= {"rubric_id": rubric.id, "form": Form.LIVE, "protocol_name": "Calibration", "steps": []}
    with transaction() as session:
        paper = Paper(task_id=task.id, rubric=rubric, response=response, event_id=event.id, is_kept=True,
                      organization_id=event.organization_id)  # fmt: skip
        seat, place = Participant(person_id=scorer.id), SessionPaper(paper=paper, position=1)
        session.add(CalibrationSession(title="One", papers=[place], participants=[seat], **facts))
        session.flush()
        session.add(CalibrationSession(title="Two", **facts))
        session.add_all(
            Sheet(session_paper=place, participant=seat, round=number, submitted_at=now(),
                  scores=[SheetScore(trait_id=trait.id, score=3) for trait in rubric.traits])
            for number in (1, 2)
        )  # fmt: skip
        session.flush()
        session.add(Outcome(session_id=place.session_id, session_paper_id=place.id, paper_id=paper.id, made_by_id=scorer.id))  # fmt: skip


def two_threads_and_a_shared_paper(task, response, event, lea):
    rubric, moment, network = task.published_rubric, now(), build.organization("network").id
    with transaction() as session:
        paper = Paper(
            task_id=task.id, rubric=rubric, response=response, event_id=event.id, organization_id=network
        )
        use = PaperUse(
            paper=paper, organization_id=build.organization("birch").id, added_by_id=lea.id, added_at=moment
        )
        shared = SharedPaper(
            paper=paper, organization_id=network, network_id=network, shared_by_id=lea.id, shared_at=moment
        )
        session.add_all([paper, use, shared])
    discussions.start("trait", rubric.traits[0].id, title="One", words="Words", actor=lea)
    discussions.start("task", task.id, title="Two", words="Words", actor=lea)


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
