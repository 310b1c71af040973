"""Rosters: who teaches whom comes in by list, and a new list can take the place of the old."""

import pytest
import sqlalchemy as sa

from scoring.db import db, transaction
from scoring.errors import Conflict
from scoring.people.models import Person
from scoring.responses import rosters, services
from scoring.responses.models import ImportStatus, RosterEntry, Student, StudentIdentity
from tests import build
from tests.scoring.responses.files import a_csv

HEADER = "teacher_email,student"


@pytest.fixture
def students(app, birch_high):
    build.a_student(birch_high, pseudonym="B-1")
    return [build.a_student(pseudonym=f"A-{number}") for number in (1, 2, 3)]


@pytest.fixture
def upload(alder, dora, students):
    return lambda *rows, header=HEADER: services.upload_roster(
        alder, file_name="roster.csv", data=a_csv(*rows, header=header), actor=dora
    )


def entries():
    db.session.expire_all()
    query = (
        sa.select(Person.email, Student.pseudonym, RosterEntry.source)
        .join_from(RosterEntry, Person, Person.id == RosterEntry.person_id)
        .join(Student, Student.id == RosterEntry.student_id)
        .order_by(Person.email, Student.pseudonym)
    )
    return [
        (email.partition("@")[0], pseudonym, source) for email, pseudonym, source in db.session.execute(query)
    ]


def counts(batch):
    db.session.expire_all()
    return batch.total, batch.accepted, batch.refused, batch.duplicates


def test_a_roster_is_checked_row_by_row_and_added(upload, dora):
    batch = upload("ANA@example.org,A-1", "ana@example.org,A-1", "ben@example.org,A-1", "eve@example.org,A-1",
                   "ana@example.org,B-1", ",A-2", "ana@example.org,")  # fmt: skip
    assert counts(batch) == (7, 2, 4, 1)
    assert [(each.row, each.field) for each in batch.problems] == [
        (5, "Teacher's e-mail"), (6, "Student (pseudonym)"), (7, "Teacher's e-mail"), (8, "Student (pseudonym)"),
    ]  # fmt: skip
    assert entries() == []
    services.accept(batch, actor=dora)
    assert (batch.status, counts(batch)) == (ImportStatus.DONE, (7, 2, 4, 1))
    assert entries() == [("ana", "A-1", "roster"), ("ben", "A-1", "roster")]
    services.accept(upload("ana@example.org,A-1", "ana@example.org,A-2"), actor=dora)
    assert entries() == [("ana", "A-1", "roster"), ("ana", "A-2", "roster"), ("ben", "A-1", "roster")]
    with pytest.raises(Conflict, match="roster"):
        services.undo(batch, actor=dora)
    [(name, _email, students, _changed), _ben] = db.session.execute(rosters.rosters_of([batch.district_id]))
    assert (name, students) == ("Ana Ortiz", 2)


def test_a_new_roster_takes_the_place_of_the_old_for_its_teachers_only(upload, dora, ana, students):
    services.accept(upload("ana@example.org,A-1", "ana@example.org,A-2", "ben@example.org,A-2"), actor=dora)
    with transaction() as session:
        session.add(RosterEntry(person_id=ana.id, student_id=students[2].id, source="known"))
    batch = upload("ana@example.org,A-1")
    assert counts(batch) == (1, 0, 0, 1)
    services.accept_roster_instead(batch, actor=dora)
    assert (batch.status, counts(batch)) == (ImportStatus.DONE, (1, 1, 0, 0))
    assert entries() == [("ana", "A-1", "roster"), ("ana", "A-3", "known"), ("ben", "A-2", "roster")]


def test_students_are_also_found_by_their_local_id(upload, dora, students):
    with transaction() as session:
        session.add(StudentIdentity(student_id=students[1].id, local_id="77"))
    batch = upload("ana@example.org,77", "ana@example.org,78", header="Email,Student ID")
    assert counts(batch) == (2, 1, 1, 0)
    services.accept(batch, actor=dora)
    assert entries() == [("ana", "A-2", "roster")]
