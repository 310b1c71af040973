"""Imports of student work: every row is accounted for, nothing comes twice, and what was brought can be taken back."""

import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter

import pytest
import sqlalchemy as sa

from scoring import check, jobs, storage
from scoring.audit import AuditEntry
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotFound
from scoring.events.models import EventResponse
from scoring.responses import importing, pages, repair, services
from scoring.responses.models import ImportStatus, Page, Response, ResponseStatus, Student, StudentIdentity
from tests import build
from tests.scoring.responses.files import a_csv, a_zip, jpeg, pdf

ROWS = ["A-1,Alder High School,First text", "A-2,alder-MIDDLE,Second text", "A-3,,Third text"]


@pytest.fixture
def task(app):
    return build.a_task()


@pytest.fixture
def upload(alder, task, dora):
    """Upload a file for Alder: `upload(data)`."""
    return lambda data, **more: services.upload(
        alder, task, file_name="work.csv", data=data, actor=dora, **more
    )


def count(model, *where):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))


def counts(batch):
    db.session.expire_all()
    return batch.total, batch.accepted, batch.refused, batch.duplicates


def test_good_rows_come_in_and_bad_ones_are_named(upload, dora, alder_high, alder_middle):
    batch = upload(
        a_csv(*ROWS, "A-4,Atlantis,text", "A-1,Alder High School,First text", "A-2,,Other text", ",,")
    )
    assert batch.status is ImportStatus.PREVIEW
    assert counts(batch) == (6, 3, 2, 1)
    assert [(each.row, each.field, each.value) for each in batch.problems] == [
        (5, "School", "Atlantis"), (7, "Student (pseudonym)", "A-2"),
    ]  # fmt: skip
    assert "Alder High School, Alder Middle School" in batch.problems[0].mend
    assert count(Response) == count(Student) == 0
    job = services.accept(batch, actor=dora)
    db.session.expire_all()
    assert (job.status, batch.status, counts(batch)) == (jobs.JobStatus.DONE, ImportStatus.DONE, (6, 3, 2, 1))
    found = db.session.scalars(services.ready_responses([batch.task_id], [batch.district_id])).all()
    assert [(each.student.pseudonym, each.text, each.school) for each in found] == [
        ("A-1", "First text", alder_high), ("A-2", "Second text", alder_middle), ("A-3", "Third text", None),
    ]  # fmt: skip
    assert len({each.code for each in found}) == 3
    assert all(len(each.code) == 11 and not set("01OILU") & set(each.code) for each in found)
    with pytest.raises(Conflict):
        services.accept(batch, actor=dora)


def test_the_same_file_again_changes_nothing(upload, dora):
    data = a_csv(*ROWS)
    services.accept(upload(data), actor=dora)
    before = db.session.scalars(sa.select(Response.code).order_by(Response.id)).all()
    again = upload(data)
    assert counts(again) == (3, 0, 0, 3)
    with pytest.raises(Invalid):
        services.accept(again, actor=dora)
    more = upload(a_csv(*ROWS, "A-9,,New text", "A-1,,Changed text"))
    assert counts(more) == (5, 1, 1, 3)
    services.accept(more, actor=dora)
    assert counts(more) == (5, 1, 1, 3)
    assert db.session.scalars(sa.select(Response.code).order_by(Response.id)).all()[:3] == before
    assert count(Student) == 4


def test_names_are_kept_apart_and_a_local_id_alone_gets_a_pseudonym(upload, dora, alder, app):
    header = "student,local_id,first name,last name,essay"
    batch = upload(
        a_csv("A-1,77,Mia,Canary,one", ",78,Leo,Canary,two", "A-1,79,,,three", "A-3,78,,,four", header=header)
    )
    assert counts(batch) == (4, 2, 2, 0)
    services.accept(batch, actor=dora)
    named = {
        each.local_id: db.session.get(Student, each.student_id)
        for each in db.session.scalars(sa.select(StudentIdentity))
    }
    assert set(named) == {"77", "78"}
    assert named["77"].pseudonym == "A-1"
    assert named["78"].pseudonym.startswith("S-")
    # The same student in another file: by the local ID, and by the pseudonym that was drawn.
    other = build.a_task()
    for row in (",78,,,five", f"{named['78'].pseudonym},78,,,five"):
        again = services.upload(alder, other, file_name="x", data=a_csv(row, header=header), actor=dora)
        if again.accepted:
            services.accept(again, actor=dora)
    assert counts(again) == (1, 0, 0, 1)
    assert count(Student) == 2
    words = " ".join(str(each.after) + str(each.before) for each in db.session.scalars(sa.select(AuditEntry)))
    assert "Canary" not in words
    assert "Mia" not in words


def test_a_student_of_another_district_is_somebody_else(upload, dora, dan, birch, task):
    services.accept(upload(a_csv("A-1,,Alder text")), actor=dora)
    theirs = services.upload(
        birch, task, file_name="x", data=a_csv("A-1,Birch High School,Birch text"), actor=dan
    )
    assert counts(theirs) == (1, 1, 0, 0)
    services.accept(theirs, actor=dan)
    assert count(Student, Student.pseudonym == "A-1") == 2
    assert counts(upload(a_csv("A-2,Birch High School,text"))) == (1, 0, 1, 0)


def test_what_can_not_be_read_at_all_leaves_nothing(upload, alder, alder_high, dora, birch):
    local = build.a_task(organization=birch)
    for data in (b"", b"\x89PNG\r\n\x1a\n", a_zip({"[Content_Types].xml": "x"}), pdf()):
        with pytest.raises(Invalid):
            upload(data)
    with pytest.raises(Invalid):
        upload(a_csv("x", header="colour"))
    with pytest.raises(Invalid):
        services.upload(alder, local, file_name="x", data=a_csv(*ROWS), actor=dora)
    with pytest.raises(Invalid):
        services.upload(alder_high, local, file_name="x", data=a_csv(*ROWS), actor=dora)
    assert count(Response) == 0
    assert check.file_problems() == []


def test_a_zip_brings_texts_pictures_and_pdfs(upload, dora):
    files = {
        "A-1.txt": "typed",
        "A-2.pdf": pdf(2),
        "A-3.jpg": jpeg(),
        "A-4.pdf": b"%PDF-1.4 broken",
        "../A-5.txt": "x",
    }
    batch = upload(a_zip(files))
    assert counts(batch) == (5, 4, 1, 0)
    services.accept(batch, actor=dora)
    assert (batch.status, counts(batch)) == (ImportStatus.DONE, (5, 4, 1, 0))
    made = {each.student.pseudonym: each for each in db.session.scalars(sa.select(Response))}
    assert {name: (each.status.value, len(each.pages)) for name, each in made.items()} == {
        "A-1": ("ready", 0), "A-2": ("ready", 2), "A-3": ("ready", 1), "A-4": ("failed", 0),
    }  # fmt: skip
    page = made["A-2"].pages[1]
    assert storage.sha256(storage.get(page.key)) == page.sha256
    assert storage.get(made["A-3"].original_key) == files["A-3.jpg"]
    assert "damaged" in made["A-4"].trouble
    assert counts(upload(a_zip(files))) == (5, 0, 1, 4)
    assert check.file_problems() == []


def test_a_failed_file_is_tried_again_replaced_or_removed(upload, dora):
    batch = upload(a_zip({"A-1.pdf": b"%PDF-1.4 broken", "A-2.pdf": b"%PDF-1.4 broken too"}))
    services.accept(batch, actor=dora)
    first, second = db.session.scalars(sa.select(Response).order_by(Response.id))
    repair.try_pages_again(first, actor=dora)
    db.session.expire_all()
    assert first.status is ResponseStatus.FAILED
    with pytest.raises(Invalid):
        repair.replace_file(first, data=b"text", actor=dora)
    repair.replace_file(first, data=pdf(2), actor=dora)
    db.session.expire_all()
    assert (first.status, len(first.pages), first.trouble) == (ResponseStatus.READY, 2, "")
    with pytest.raises(Conflict):
        repair.remove_response(first, actor=dora)
    repair.remove_response(second, actor=dora)
    assert counts(batch) == (2, 1, 1, 0)
    assert count(Response) == count(Student) == 1
    assert check.file_problems() == []


def test_undo_takes_back_everything_until_a_scorer_has_one(upload, dora, ana, alder, task):
    keeps = build.a_student(pseudonym="A-1")
    batch = upload(a_zip({"A-1.pdf": pdf(), "A-2.txt": "text"}))
    services.accept(batch, actor=dora)
    event = build.an_event(task)
    response = db.session.scalars(services.ready_responses([task.id], [alder.id])).first()
    assert count(EventResponse) == 2
    services.undo(batch, actor=dora)
    assert (batch.status, batch.key, count(Response), count(Page), count(EventResponse)) == (
        ImportStatus.UNDONE, None, 0, 0, 0,
    )  # fmt: skip
    assert db.session.scalars(sa.select(Student.id)).all() == [keeps.id]
    assert [key for key in storage.listing() if not key.startswith("health")] == []
    batch = upload(a_csv(*ROWS))
    services.accept(batch, actor=dora)
    build.fill(event)
    response = db.session.scalars(services.ready_responses([task.id], [alder.id])).first()
    build.an_assignment(event, response, ana)
    with pytest.raises(Conflict, match="scorer"):
        services.undo(batch, actor=dora)
    assert count(Response) == count(EventResponse) == 3
    assert batch.status is ImportStatus.DONE


def test_an_upload_can_be_dropped_and_old_ones_are_forgotten(upload, dora):
    batch, old = upload(a_csv(*ROWS, ",,x")), upload(a_csv(*ROWS))
    services.discard(batch, actor=dora)
    assert (batch.status, batch.key, batch.problems) == (ImportStatus.DISCARDED, None, [])
    assert "A-1" not in str(batch.mapping)
    with pytest.raises(Conflict):
        services.accept(batch, actor=dora)
    with transaction():
        old.created_at = now() - services.KEPT * 2
    services.forget_old_uploads()
    db.session.expire_all()
    assert old.status is ImportStatus.DISCARDED
    assert storage.listing() == {}


def test_an_import_that_fails_leaves_nothing_and_can_be_tried_again(upload, dora, monkeypatch):
    monkeypatch.setattr(importing, "FILES_AT_ONCE", 1)
    whole, calls = importing._write, []

    def breaks(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("the disk is full")
        return whole(*arguments)

    monkeypatch.setattr(importing, "_write", breaks)
    batch = upload(a_zip({"A-1.pdf": pdf(), "A-2.txt": "text", "A-3.jpg": jpeg()}))
    job = services.accept(batch, actor=dora)
    db.session.expire_all()
    assert (job.status, batch.status) == (jobs.JobStatus.FAILED, ImportStatus.FAILED)
    assert count(Response) == count(Student) == 0
    assert check.file_problems() == []
    services.resume(batch, actor=dora)
    db.session.expire_all()
    assert (batch.status, counts(batch)) == (ImportStatus.DONE, (3, 3, 0, 0))


KILLED = """
    import os, signal, sys
    from scoring import create_app, jobs
    from scoring.responses import importing, pages
    app = create_app({"INSTANCE_PATH": sys.argv[1], "DATABASE_URL": sys.argv[2], "SECRET_KEY": sys.argv[3],
                      "JOBS_IMMEDIATELY": True})
    importing.FILES_AT_ONCE = 2
    die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    left = [int(sys.argv[6])]
    def counted(verb):
        def step(*arguments):
            if left[0] == 0: die()
            left[0] -= 1
            return verb(*arguments)
        return step
    if sys.argv[5] == "rows": importing._write = counted(importing._write)
    else: pages._settle = counted(pages._settle)
    with app.app_context():
        jobs.run(int(sys.argv[4]))
"""


@pytest.mark.parametrize(("moment", "times"), [("rows", 2), ("pages", 1)])
def test_an_import_killed_half_way_is_finished_by_the_next_run(app, upload, dora, monkeypatch, moment, times):
    monkeypatch.setitem(app.extensions, "run_job", lambda _job_id: None)
    files = {f"A-{number}.txt": f"text {number}" for number in range(7)} | {
        "A-8.pdf": pdf(),
        "A-9.jpg": jpeg(),
    }
    batch = upload(a_zip(files | {"../bad.txt": "x"}))
    job = services.accept(batch, actor=dora)
    db.session.commit()
    config = app.config
    command = [sys.executable, "-c", textwrap.dedent(KILLED), app.instance_path, config["DATABASE_URL"], config["SECRET_KEY"],
               str(job.id), moment, str(times)]  # fmt: skip
    ended = subprocess.run(command, cwd=os.getcwd(), capture_output=True, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    db.session.expire_all()
    assert (job.status, batch.status) == (jobs.JobStatus.RUNNING, ImportStatus.RUNNING)
    states = Counter(db.session.scalars(sa.select(Response.status)))
    if moment == "rows":
        assert sum(states.values()) == 2 * times
        assert states[ResponseStatus.READY] == 0  # nobody scores half an import
    with transaction():
        job.heartbeat_at = now() - 2 * jobs.LOST_AFTER
    jobs.run(job.id)
    db.session.expire_all()
    assert (job.status, batch.status, counts(batch)) == (
        jobs.JobStatus.DONE,
        ImportStatus.DONE,
        (10, 9, 1, 0),
    )
    assert set(db.session.scalars(sa.select(Response.status))) == {ResponseStatus.READY}
    assert (count(Response), count(Student), count(Page)) == (9, 9, 2)
    assert check.file_problems() == []


def test_an_import_that_stopped_can_be_discarded_whole(app, upload, dora, monkeypatch):
    monkeypatch.setitem(app.extensions, "run_job", lambda _job_id: None)
    monkeypatch.setattr(pages, "prepare", lambda _response_id: (_ for _ in ()).throw(KeyboardInterrupt))
    batch = upload(a_zip({"A-1.pdf": pdf(), "A-2.txt": "text"}))
    job = services.accept(batch, actor=dora)
    with pytest.raises(Conflict, match="running"):
        services.discard(batch, actor=dora)
    with pytest.raises(KeyboardInterrupt):
        jobs.run(job.id)
    with transaction():
        job.status = jobs.JobStatus.FAILED
    db.session.rollback()
    assert count(Response) == 2
    services.discard(batch, actor=dora)
    assert (batch.status, count(Response), count(Student)) == (ImportStatus.DISCARDED, 0, 0)
    assert storage.listing() == {}


def test_only_the_districts_admin_opens_a_name_and_each_time_is_on_record(upload, dora, dan, lea, nell):
    services.accept(upload(a_csv("A-1,Mia,one", "A-2,,two", header="student,given_name,text")), actor=dora)
    mia, other = db.session.scalars(sa.select(Student).order_by(Student.pseudonym))
    assert [services.can_open_identity(person, mia) for person in (dora, dan, lea, nell)] == [
        True,
        False,
        False,
        False,
    ]
    for person in (dan, lea, nell):
        with pytest.raises(NotFound):
            services.open_identity(mia, actor=person)
    for _ in range(2):
        assert services.open_identity(mia, actor=dora).given_name == "Mia"
    with pytest.raises(NotFound, match="No file"):
        services.open_identity(other, actor=dora)
    opened = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "student.identity_opened")
    ).all()
    assert [(each.actor_id, each.subject_id, each.after) for each in opened] == [(dora.id, mia.id, None)] * 2


@pytest.mark.engines("sqlite")
def test_thousands_of_rows_take_few_statements(app, upload, dora):
    batch = upload(a_csv(*(f"A-{number},Alder High School,text {number}" for number in range(3000))))
    statements = []
    watch = lambda *arguments: statements.append(arguments[2])  # noqa: E731
    sa.event.listen(db.engine, "before_cursor_execute", watch)
    services.accept(batch, actor=dora)
    sa.event.remove(db.engine, "before_cursor_execute", watch)
    assert counts(batch) == (3000, 3000, 0, 0)
    assert len(statements) < 200
