"""Builds the demonstration season through the public services: what it shows is what the product does."""

import csv
import io
import random
import zipfile
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from flask import current_app

from calibration.demo import (
    cast,
    clarifications,
    committees,
    community,
    comparisons,
    content,
    credentials,
    cycles,
    discussions,
    marking,
    qualification,
    scans,
    sessions,
)
from calibration.demo.scoring_year import Scoring
from calibration.papers import services as papers
from calibration.papers import sets
from calibration.papers.models import PaperKind, SetPurpose
from calibration.reports import exports
from calibration.reports.models import ExportFormat
from scoring import jobs
from scoring.db import at, db, now, transaction
from scoring.events import services as events
from scoring.events.models import EventResponse, Outcome
from scoring.jobs import Job, JobStatus
from scoring.responses import services as responses
from scoring.responses.models import Response, Student
from scoring.tasks import services as tasks

FIRST_NAMES = (
    "Avery Bella Caleb Diego Emma Farah Gabriel Hana Isaac Jada Kenji Layla Mateo Nora Omar Paige Quinn Rafael "
    "Sara Theo Uma Vera Wyatt Ximena Yara Zane"
).split()
LAST_NAMES = (
    "Adams Baptiste Cruz Dang Ellis Foster Garcia Hughes Ito Jensen Khan Lopez Moore Nguyen Ortiz Park Quiroz Rossi "
    "Singh Turner Ueda Varga Wong Xu Young Zamora"
).split()
FIRST_TEAM = 4  # scorers of each district in the event that is in progress
TEAM_STEP = 4  # every fourth scorer reads in the finished event: each has read enough to be told something
SIGNED = {
    "ARG-02",
    "SCI-06",
}  # work that its student signed: a district has to look before it becomes a paper
SHARE_FINISHED = 0.8  # of the work goes into the finished event, the rest into the one in progress


@dataclass
class Placed:
    """One piece of work, given to a student."""

    work: content.Work
    task: content.TaskContent
    district: cast.DistrictCast
    school: object
    pseudonym: str


def build(say=lambda words: None):
    """Build the whole season. Everything happens at its own moment in the past weeks."""
    today = now()
    chance = random.Random("rangefinder")
    with at(today - timedelta(days=60)):
        people = cast.assemble()
        contents = content.tasks()
        rubrics = {each.task["code"]: _publish(each, people) for each in contents}
    say("The network, its people and its tasks are there.")
    placed = _place(contents, people, chance)
    finished = [each for each in placed if each.work.key in _first_share(contents)]
    in_progress = [each for each in placed if each.work.key not in _first_share(contents)]
    with at(today - timedelta(days=40)):
        _import(finished, people, rubrics)
        _import_rosters(finished, people)
        fall = _event(people, rubrics, code="FALL-26", name="Fall field test", share_read_twice=100,
                      scorers=[scorer for each in people.districts for scorer in each.scorers[::TEAM_STEP]],
                      message="Thank you for scoring. Every response is read twice.")  # fmt: skip
    say(f"{len(finished)} responses are imported; scorers read them twice.")
    scoring = Scoring(people, {each.pseudonym: each for each in placed}, rubrics)
    scoring.read_all(fall, starting=today - timedelta(days=38), days=12)
    scoring.adjudicate_all(fall, people.districts, starting=today - timedelta(days=25))
    with at(today - timedelta(days=22)):
        _promote(fall, finished, people, rubrics)
        marking.mark_all(fall, people.network_admin)
        marking.ask_about_names(fall, people.network_admin)
        to_calibrate = _put_in_sets(people, rubrics)
        program = qualification.set_up(fall, finished, people, next(iter(rubrics.values())))
        events.close_event(fall, actor=people.network_admin)
    with at(today - timedelta(days=21)):
        alder = people.districts[0]
        _export(fall, alder.district, alder.admin)
        _export(fall, people.network, people.network_admin)
        do_jobs()
    clarifications.leave(next(iter(rubrics.values())), people, today)
    credentials.give_credentials(people, rubrics, today=today)
    with at(today - timedelta(days=6)):
        _import(in_progress, people, rubrics)
        winter = _event(people, rubrics, code="WINTER-26", name="Winter moderation", share_read_twice=100,
                        scorers=[scorer for each in people.districts for scorer in each.scorers[:FIRST_TEAM]],
                        message="Please score five responses before Friday. Look at the anchors first.")  # fmt: skip
    scoring.read_some(winter, starting=today - timedelta(days=5), days=4, share=0.3)
    comparisons.build(fall, finished, people)
    alder = people.districts[0]
    sessions.hold(
        to_calibrate,
        leader=alder.leader,
        scorers=alder.scorers,
        first_day=today - timedelta(days=18),
        today=today,
    )
    with at(today - timedelta(days=4)):
        community.build(people, rubrics)
    discussions.build(people, rubrics, starting=today - timedelta(days=3))
    committees.build(people, next(iter(rubrics.values())), fall, scoring, today)
    do_jobs()
    cycles.build(people, fall, winter, today)
    say(f"{len(in_progress)} more responses wait in the event that is in progress.")
    qualification.take_part(program, people, [today - timedelta(days=days) for days in (5, 4, 3)])


# Tasks and student work


def _publish(each, people):
    with transaction():
        task = tasks.create_task(people.network, actor=people.network_admin, **each.task)
        rubric = tasks.draft_rubric(task, each.rubric, actor=people.network_admin)
        return tasks.publish(rubric, actor=people.network_admin)


def _first_share(contents):
    """Keys of the work that belongs to the finished event: work with commentary always does."""
    keys = set()
    for each in contents:
        chosen = [work.key for work in each.works if work.commentary]
        rest = [work.key for work in each.works if not work.commentary]
        wanted = round(len(each.works) * SHARE_FINISHED) - len(chosen)
        keys.update(chosen + [rest[index * len(rest) // wanted] for index in range(wanted)])
    return keys


def _place(contents, people, chance):
    """Give every piece of work to a student; districts differ in what their students can do."""
    placed, numbers = [], {each.plan.prefix: 100 for each in people.districts}
    for task in contents:
        for work in task.works:
            pull = (work.standing(task.points) - 0.5) * 2
            weights = [1 + max(-0.8, 1.6 * pull * each.plan.ability) for each in people.districts]
            district = chance.choices(people.districts, weights)[0]
            prefix = district.plan.prefix
            numbers[prefix] += chance.randint(1, 7)
            placed.append(
                Placed(work, task, district, chance.choice(district.schools), f"{prefix}-{numbers[prefix]}")
            )
    return placed


def _import(placed, people, rubrics):
    """Bring the work in as districts do: text in a CSV file, scans in a ZIP with a manifest."""
    for code, rubric in rubrics.items():
        for district in people.districts:
            mine = [each for each in placed if each.district is district and each.task.task["code"] == code]
            texts = [each for each in mine if not each.work.is_scan]
            pages = [each for each in mine if each.work.is_scan]
            for found, file_name, data in (
                (texts, f"{code.lower()}.csv", _csv_file(texts)),
                (pages, f"{code.lower()}-scans.zip", _zip_file(pages)),
            ):
                if found:
                    batch = responses.upload(
                        district.district, rubric.task, file_name=file_name, data=data, actor=district.admin
                    )
                    responses.accept(batch, actor=district.admin)
    do_jobs()


def _csv_file(placed):
    rows = [["student", "school", "given_name", "family_name", "text"]]
    for each in placed:
        given, family = _name_of(each.pseudonym)
        signature = f"\n\nby {given}" if each.work.key in SIGNED else ""
        rows.append([each.pseudonym, each.school.name, given, family, each.work.text + signature])
    return _as_csv(rows)


def _zip_file(placed):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        manifest = [["file", "student", "school", "given_name", "family_name"]]
        for number, each in enumerate(placed):
            is_pdf = number % 2 == 0
            name = f"{each.pseudonym}.{'pdf' if is_pdf else 'jpg'}"
            draw = scans.as_pdf if is_pdf else scans.as_jpeg
            archive.writestr(name, draw(each.work.text, each.work.key))
            manifest.append([name, each.pseudonym, each.school.name, *_name_of(each.pseudonym)])
        archive.writestr("manifest.csv", _as_csv(manifest))
    return file.getvalue()


def _import_rosters(placed, people):
    """Each district's teachers have some students of their own school."""
    for district in people.districts:
        rows = [["teacher_email", "student"]]
        for each in placed:
            if each.district is district:
                teachers = [person for person in district.scorers if each.school in person.schools]
                rows.append([random.Random(each.pseudonym).choice(teachers).email, each.pseudonym])
        batch = responses.upload_roster(
            district.district, file_name="rosters.csv", data=_as_csv(rows), actor=district.admin
        )
        responses.accept(batch, actor=district.admin)
    do_jobs()


def _as_csv(rows):
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def _name_of(pseudonym):
    chance = random.Random(f"name {pseudonym}")
    return chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)


def do_jobs():
    """Do the waiting jobs here and now, and stop if one fails."""
    waiting = sa.select(Job.id).where(Job.status == JobStatus.QUEUED).order_by(Job.id)
    for job_id in db.session.scalars(waiting).all():
        jobs.run(job_id)
        job = db.session.get(Job, job_id, populate_existing=True)
        if job.status is not JobStatus.DONE:
            raise RuntimeError(f"{job.title} failed: {job.error}")


# Events and anchors


def _event(people, rubrics, **facts):
    event = events.create_event(
        people.network,
        task_rubrics=[(rubric.task, rubric) for rubric in rubrics.values()],
        districts=[each.district for each in people.districts],
        actor=people.network_admin,
        **facts,
    )
    return events.open_event(event, actor=people.network_admin)


def _export(event, organization, actor):
    tasks_of_event = [each.task_id for each in event.tasks]
    smallest = current_app.config["SMALLEST_CELL"]
    exports.ask(event, organization.id, ExportFormat.XLSX, tasks_of_event, actor=actor, smallest=smallest)


def _promote(event, placed, people, rubrics):
    """Make anchors of the papers that have commentary, where they are settled."""
    query = (
        sa.select(Student.pseudonym, Response)
        .join(Response, Response.student_id == Student.id)
        .join(EventResponse, EventResponse.response_id == Response.id)
        .where(EventResponse.event_id == event.id, EventResponse.outcome == Outcome.SETTLED)
    )
    settled = dict(db.session.execute(query).all())
    for each in placed:
        if each.work.commentary and each.pseudonym in settled:
            rubric = rubrics[each.task.task["code"]]
            traits = {trait.key: trait.id for trait in rubric.traits}
            papers.promote(
                settled[each.pseudonym], rubric, event=event, kind=PaperKind.SOLID, actor=people.network_admin,
                scores={traits[key]: score for key, score in each.work.expert.items()},
                commentaries={traits[key]: words for key, words in each.work.commentary.items()},
            )  # fmt: skip


def _put_in_sets(people, rubrics):
    """Put the first task's anchors in sets: a frozen one to calibrate by, which is returned, and one for practice."""
    rubric, admin = next(iter(rubrics.values())), people.network_admin
    anchors = papers.anchors_for(rubric)
    for name, purpose, chosen in (
        ("First calibration", SetPurpose.CALIBRATION, anchors),
        ("First practice", SetPurpose.PRACTICE, anchors[::2]),
    ):
        made = sets.create_set(people.network, rubric, name=name, purpose=purpose, actor=admin)
        sets.add_papers(made, chosen, actor=admin)
        if purpose is SetPurpose.CALIBRATION:
            to_calibrate = sets.freeze_set(made, actor=admin)
    return to_calibrate
