"""Two districts that have one of everything, so that each can be asked for what belongs to the other."""

from datetime import timedelta
from types import SimpleNamespace

import sqlalchemy as sa

from calibration.community import digests, sharing
from calibration.credentials import rulebook
from calibration.credentials import services as credentials
from calibration.cycles import content
from calibration.cycles.models import ChangeKind, Cycle, Decision, Measure, Verdict
from calibration.discussions import services as discussions
from calibration.judging import comparing
from calibration.judging import services as studies
from calibration.measurement.change import study
from calibration.measurement.ratings import Ratings
from calibration.papers import evidence, sets
from calibration.papers import services as papers
from calibration.papers.models import NameCheck
from calibration.qualification import services as qualification
from calibration.rangefinding import proposing, reading
from calibration.rangefinding import services as committees
from calibration.rangefinding.models import TrainingPacket
from calibration.reports.models import Export, ExportFormat
from calibration.sessions import discussing, protocols, sheets
from calibration.sessions import services as sessions
from scoring import storage
from scoring.db import db, now, transaction
from scoring.events.models import EventStatus
from scoring.jobs import Job, JobStatus
from scoring.people import invitations
from scoring.people import services as people
from scoring.people.models import ApiToken, Invitation, Person
from scoring.permissions import Role
from scoring.reads import services as reads
from scoring.reads.models import Concern, ConcernKind
from scoring.responses import services as responses
from scoring.responses.models import ResponseStatus, StudentIdentity
from scoring.tasks import clarifying, materials, noting
from tests import build
from tests.calibration.credentials.season import Season
from tests.calibration.qualification.world import World, shifted


def settle():
    """Fill Alder and Birch; return (people by name, what Alder has, what Birch has)."""
    cast = {name: build.person(name) for name in ("ana", "ben", "lea", "dora", "nell", "eve", "dan")}
    cast["bo"] = build.a_person(Role.LEADER, build.organization("birch"), name="Bo", email="bo@example.org")
    erin = build.a_person(Role.SCORER, build.organization("birch-middle"), name="Erin")
    team = SimpleNamespace
    alder = _fill(
        "alder", team(first=cast["ana"], second=cast["ben"], leader=cast["lea"], admin=cast["dora"])
    )
    birch = _fill("birch", team(first=cast["eve"], second=erin, leader=cast["bo"], admin=cast["dan"]))
    return cast, alder, birch


def was_here_just_now():
    """Note every person and token as seen, so that looking at a page writes nothing."""
    with transaction() as session:
        session.execute(sa.update(Person).values(last_seen_at=now()))
        session.execute(sa.update(ApiToken).values(last_used_at=now()))


def _fill(code, team):
    """Return for each name that stands in an address one thing of this district."""
    district, school = build.organization(code), build.organization(f"{code}-high")
    task = build.a_task(organization=district)
    event, works = _event(district, school, task, team)
    values = {
        "task_id": task.id, "version": 1, "code": event.code, "event_id": event.id,
        "organization_id": school.id, "parent_id": district.id, "person_id": team.second.id,
        "membership_id": team.second.memberships[0].id, **works,
    }  # fmt: skip
    values |= _intake(district, school, task, team) | _paper(district, school, team)
    values |= _comparisons(district, school, team)
    said = clarifying.propose_clarification(
        task.published_rubric, words="Two sources count.", actor=team.leader
    )
    note = noting.write_note(task, words="Shorten the directions.", actor=team.leader)
    values |= {"clarification_id": said.id, "note_id": note.id}
    values |= _committee(district, school, team)
    values |= _qualification(code, team)
    values["cycle_id"] = _cycle(district, task, event, team)
    build.a_rubric(task, published=False)
    made = materials.add_material(task, file_name="source.txt", data=b"One source.", actor=team.leader)
    invitation = invitations.invite(f"New, new@{code}.example.org, scorer, {school.name}", actor=team.admin)
    values |= _credential(district, school, team)
    values |= {"material_id": made.id, **_own_things(team), "invitation_token": invitation[1][0].secret}
    values["invitation_id"] = _last(Invitation)
    return SimpleNamespace(values=values, team=team, district=district, code=code)


def _event(district, school, task, team):
    """One response on a desk, one discrepant, one settled, one with a flag; more wait."""
    held, apart, settled, *_ = build.responses(6, task, school=school)
    event = build.an_event(
        task, [team.first, team.second], districts=[district], created_by_id=team.leader.id
    )
    lease = build.an_assignment(event, held, team.first)
    reads.raise_concern(lease, team.first, ConcernKind.FLAG, "A name stands in the work.")
    read = build.a_read(apart, team.first, 1, event=event)
    build.a_read(apart, team.second, 4, event=event)
    for scorer in (team.first, team.second):
        build.a_read(settled, scorer, 3, event=event)
    return event, {
        "assignment_id": lease.id, "read_id": read.id, "place_id": read.event_response_id, "concern_id": _last(Concern),
        "response_code": settled.code,
    }  # fmt: skip


def _intake(district, school, task, team):
    data = f"student,school,text\nX1,{school.name},Words.\nX2,,".encode()
    batch = responses.upload(district, task, file_name="work.csv", data=data, actor=team.admin)
    student = build.a_student(school)
    with transaction() as session:
        session.add(StudentIdentity(student_id=student.id, given_name="Given", family_name="Family"))
    key = storage.put(b"%PDF-1.4 broken", area="originals")
    failed = build.a_response(task, student, status=ResponseStatus.FAILED, text=None, original_key=key,
                              media_type="application/pdf", sha256=storage.sha256(b"%PDF-1.4 broken"))  # fmt: skip
    return {"batch_id": batch.id, "student_id": student.id, "response_id": failed.id}


def _paper(district, school, team):
    """Two anchor papers from an event that is over, one with a name in it, and the report on the event."""
    task = build.a_task(organization=district)
    work, other = build.responses(2, task, school=school)
    event = build.an_event(task, [team.first, team.second], districts=[district])
    for scorer in (team.first, team.second):
        build.a_read(work, scorer, 3, event=event)
        build.a_read(other, scorer, 3, event=event)
    with transaction():
        event.status, event.closed_at = EventStatus.CLOSED, now()
    rubric = task.published_rubric
    scores = {trait.id: 3 for trait in rubric.traits}
    paper, second = (
        papers.promote(each, rubric, event=event, scores=scores, actor=team.leader) for each in (work, other)
    )
    mark = evidence.mark_words(paper, "Schools", words="A claim.", actor=team.leader)
    with transaction() as session:
        check = NameCheck(response_id=work.id, asked_by_id=team.leader.id)
        session.add_all([check, StudentIdentity(student_id=work.student_id, given_name="Schools")])
    paper_set = sets.create_set(district, rubric, name="Practice", purpose="practice", actor=team.leader)
    sets.add_paper(paper_set, paper, actor=team.leader)
    with transaction() as session:
        export = Export(event_id=event.id, organization_id=district.id, format=ExportFormat.CSV,
                        filters={"tasks": [task.id], "smallest": 10}, created_by_id=team.admin.id)  # fmt: skip
        session.add(export)
    return {
        "paper_id": paper.id,
        "set_id": paper_set.id,
        "export_id": export.id,
        "evidence_id": mark.id,
        "check_id": check.id,
        **_community(second, task, team),
        **_session(district, rubric, second, team),
    }


def _comparisons(district, school, team):
    """An open study of the district's own work, with a pair on the first scorer's desk."""
    task = build.a_task(organization=district)
    works = build.responses(6, task, school=school)
    readers = [build.a_person(Role.SCORER, school) for _ in range(2)]
    event = build.an_event(task, readers, districts=[district])
    for work in works:
        for reader in readers:
            build.a_read(work, reader, 3, event=event)
    with transaction():
        event.status, event.closed_at = EventStatus.CLOSED, now()
    study = studies.create_study(event.tasks[0], title="Second look", question="Which is better?", size=6,
                                 per_response=4, actor=team.leader)  # fmt: skip
    studies.invite(study, [team.first, team.second], actor=team.leader)
    studies.open_study(study, actor=team.leader)
    pair = comparing.take_pair(comparing.seat_of(study.id, team.first))
    return {"study_id": study.id, "comparison_id": pair.id}


def _community(paper, task, team):
    """A thread that the first scorer began, the shared paper, and the link that ends a digest."""
    thread = discussions.start("task", task.id, title="A question", words="Words", actor=team.first)
    shared = sharing.share(paper, actor=team.leader)
    return {"thread_id": thread.id, "post_id": thread.opening.id, "shared_id": shared.id,
            "stop_token": digests.stop_token(team.first)}  # fmt: skip


def _credential(district, school, team):
    """A credential that the leader gave to the first scorer, and that is shared. The first list of revoked ones."""
    season = Season(
        team.first, team.second, task=build.a_task(organization=district), school=school, districts=[district]
    )
    asked = {"fewest_reads": 10, "fewest_double": 10, "least_exact": 50}
    rule = rulebook.write_rule(district, season.rubric, actor=team.leader, **asked)
    given = credentials.give(rule, team.first, actor=team.leader)
    credentials.share(given, ["name"], actor=team.first)
    return {"rule_id": rule.id, "credential_id": given.id, "earned_id": given.id, "share_code": given.share_code,
            "list_id": 1}  # fmt: skip


def _session(district, rubric, paper, team):
    """A live session in its discussion: a remark is written, a second asynchronous one has a proposal."""
    usual, people = protocols.built_in_by_key("calibration"), [team.first, team.second]
    facts = {"protocol": usual, "papers": [paper], "people": people, "actor": team.leader}
    meeting = sessions.open_session(district, rubric, title="Session", form="asynchronous", score_by=now() + timedelta(days=1), **facts)  # fmt: skip
    place, scores = meeting.papers[0], {trait.id: 3 for trait in rubric.traits}
    for person in (*people, team.leader):
        sheets.submit(place, scores=scores, actor=person)
    trait = rubric.traits[0]
    remark = discussing.say(meeting, "Why?", session_paper=place, trait_id=trait.id, actor=team.first)
    proposal = discussing.propose(place, trait.id, score=3, reason="It is clear.", actor=team.first)
    own = protocols.copy(usual, district, name=f"Ours in {district.code}", actor=team.leader)
    seat = next(each for each in meeting.participants if each.person_id == team.second.id)
    return {"session_id": meeting.id, "session_paper_id": place.id, "participant_id": seat.id, "remark_id": remark.id,
            "proposal_id": proposal.id, "protocol_id": own.id, "number": 1}  # fmt: skip


def _committee(district, school, team):
    """A committee of both scorers, whose scores of its one paper are in; and a packet."""
    task = build.a_task(organization=district)
    work, rubric = build.a_response(task, school=school), task.published_rubric
    event = build.an_event(task, [team.first, team.second], districts=[district])
    for scorer in (team.first, team.second):
        build.a_read(work, scorer, 3, event=event)
    with transaction():
        event.status, event.closed_at = EventStatus.CLOSED, now()
    committee = committees.begin(event, task, district, name="Anchors", actor=team.leader)
    proposing.propose(committee, [work.id], actor=team.leader)
    committees.invite(committee, [team.first, team.second], actor=team.leader)
    committees.open_committee(committee, actor=team.leader)
    (proposed,) = committee.proposed
    for scorer in (team.first, team.second):
        reading.send(committee, proposed, scores={trait.id: 3 for trait in rubric.traits}, actor=scorer)
    with transaction() as session:
        packet = TrainingPacket(
            organization_id=district.id, rubric_id=rubric.id, created_by_id=team.leader.id
        )
        session.add(packet)
    return {"committee_id": committee.id, "proposed_id": proposed.id, "packet_id": packet.id}


def _qualification(code, team):
    """A program that is open; the first scorer is in the middle of practice, with one paper scored."""
    world = World(team.leader, at=code)
    program = world.a_program(practice=(2,), qualification=(2,))
    attempt = qualification.begin_practice(program, program.steps[0].id, team.first)
    qualification.submit(attempt, team.first, 1, shifted(attempt.papers[0].paper))
    return {"program_id": program.id, "step_id": program.steps[0].id, "attempt_id": attempt.id, "number": 1}


def _cycle(district, task, event, team):
    """An improvement cycle that was shared: the other district's leaders may read it, and nothing else of it."""
    moment = now()
    with transaction() as session:
        made = Cycle(
            organization_id=district.id, task_id=task.id, name="Talk first", aim="Agree more.", change_kind=ChangeKind.SESSION,
            change="A session.", prediction="More agreement.", measure=Measure.EXACT, traits=[], events=[event],
            changed_at=moment - timedelta(days=2), looks_at=moment - timedelta(days=1), started_at=moment - timedelta(days=3),
            studied_at=moment, verdict=Verdict.NO_EVIDENCE, record=_nothing_found(), decision=Decision.ADAPT, decision_words="Again.",
            decided_at=moment, shared_at=moment, created_by_id=team.leader.id,
            shared_words={"name": "Talk first", "aim": "", "change": "", "prediction": "", "done": "", "decision_words": ""},
        )  # fmt: skip
        session.add(made)
    return made.id


def _nothing_found():
    """The record of a study that found no reads at all."""
    nothing = Ratings.from_columns([], [], [], [], points={"claim": [1, 2, 3, 4]}, moment=[])
    inputs = {"fingerprint": "0" * 64, "scores": 0, "responses": 0, "versions": {}}
    return content.record(study.compare(nothing, 0.0), {"claim": "Claim"}) | {"inputs": inputs}


def _own_things(team):
    """What belongs to one person alone: a job, an API token, a link to a file."""
    people.issue_token(team.first, "notes")
    with transaction() as session:
        job = Job(kind="x", title="Import", status=JobStatus.FAILED, created_by_id=team.first.id, back="/")
        session.add(job)
    key = storage.put(b"RIFF", area="pages")
    return {"job_id": job.id, "token_id": _last(ApiToken),
            "token": storage.link_token(key, "image/webp", team.first)}  # fmt: skip


def _last(model):
    return db.session.scalar(sa.select(sa.func.max(model.id)))
