"""What the rows of a file mean for the students, schools and responses that are there already."""

from dataclasses import dataclass, field
from itertools import islice

import sqlalchemy as sa

from scoring import storage
from scoring.db import db
from scoring.people.models import Organization, OrganizationKind
from scoring.responses import archive, intake
from scoring.responses.models import Response, Student, StudentIdentity

CHUNK = 500
MOST_KNOWN_SCHOOLS = 12


@dataclass(slots=True)
class Known:
    """A student who is there already."""

    id: int
    pseudonym: str
    school_id: int | None
    has_identity: bool
    local_id: str


@dataclass
class Sorted:
    """Rows of one part of a file, by what is to become of them."""

    ready: list = field(default_factory=list)  # (row, Known or None, school id or None)
    imported: list = field(default_factory=list)  # rows that an earlier run of the same import brought in
    duplicates: list = field(default_factory=list)
    refused: list = field(default_factory=list)


def table_in(mapping):
    """Return how to read the batch's table, as it was found at the upload; None for a ZIP without manifest."""
    if not mapping.get("header"):
        return None
    return intake.Table(mapping["encoding"], mapping["delimiter"], tuple(mapping["header"]))


def rows_of(batch):
    """Yield the rows of a batch's file, each checked as far as the file alone allows."""
    data = storage.get(batch.key)
    table, columns = table_in(batch.mapping), batch.mapping.get("columns", {})
    if batch.kind == "csv":
        rows = intake.rows(data, table, columns)
    else:
        manifest = archive.Archive(data).manifest_data()
        listed = None if manifest is None else intake.rows(manifest, table, columns)
        rows = archive.rows(data, listed)
    for row in rows:
        if not row.problems:
            intake.check_student(row)
            if batch.kind == "csv":
                intake.check_text(row)
        yield row


def in_chunks(rows, size=CHUNK):
    """Yield rows in lists of a size that memory and the database can bear."""
    rows = iter(rows)
    while chunk := list(islice(rows, size)):
        yield chunk


class Comparison:
    """Compares the rows of one import, part after part, with the district and with each other."""

    def __init__(self, batch):
        self.batch = batch
        query = (
            sa.select(Organization)
            .where(Organization.parent_id == batch.district_id, Organization.kind == OrganizationKind.SCHOOL)
            .order_by(Organization.name)
        )
        self.schools = {}
        self.known_schools = []
        for school in db.session.scalars(query):
            self.known_schools.append(school.name)
            self.schools[plain(school.name)] = self.schools[plain(school.code)] = school.id
        self.seen = {}  # student -> (row number, fingerprint)
        self.local_ids = {}  # local ID -> pseudonym, as the file tells it

    def sort(self, rows):
        """Sort one part of the file; problems are written on the rows that are refused."""
        found = Sorted()
        sound = [row for row in rows if not row.problems]
        by_pseudonym, by_local_id = students_named(self.batch.district_id, sound)
        work = self._work_of({each.id for each in (*by_pseudonym.values(), *by_local_id.values())})
        for row in rows:
            student, school_id = None, None
            if not row.problems:
                student = self._student(row, by_pseudonym, by_local_id)
                school_id = self._school(row)
            twin = self._twin(row) if not row.problems else None
            present = work.get(student.id) if student and not row.problems else None
            if present and present[0] != row.sha256:
                row.blame("student", row.get("student") or row.get("local_id"),
                          "This student has other work for this task already.",
                          "Leave this row out, or remove the response that is there first.")  # fmt: skip
            if row.problems:
                found.refused.append(row)
                continue
            self._remember(row)
            if twin:
                found.duplicates.append(row)
            elif present:
                (found.imported if present[1] == self.batch.id else found.duplicates).append(row)
            else:
                found.ready.append((row, student, school_id))
        return found

    def _work_of(self, student_ids):
        """The present responses of these students to the task: {student id: (fingerprint, batch)}."""
        query = sa.select(Response.student_id, Response.sha256, Response.batch_id)
        query = query.where(Response.task_id == self.batch.task_id, Response.student_id.in_(student_ids))
        return {student_id: (sha256, batch_id) for student_id, sha256, batch_id in db.session.execute(query)}

    def _student(self, row, by_pseudonym, by_local_id):
        name, local_id = row.get("student"), row.get("local_id")
        owner = by_local_id.get(local_id) if local_id else None
        if not name:
            return owner
        student = by_pseudonym.get(name)
        told = owner.pseudonym if owner else self.local_ids.get(local_id, name)
        if local_id and told != name:
            row.blame(
                "local_id",
                local_id,
                "Another student has this local ID.",
                "Check the local ID and the pseudonym.",
            )
        elif local_id and student and student.local_id not in ("", local_id):
            row.blame("local_id", local_id, "This student has another local ID already.",
                      "Check the local ID and the pseudonym.")  # fmt: skip
        return student

    def _school(self, row):
        name = row.get("school")
        if not name:
            return None
        school_id = self.schools.get(plain(name))
        if school_id is None:
            row.blame(
                "school",
                name,
                f"{self.batch.district.name} has no school of this name or code.",
                self._schools_in_words(),
            )
        return school_id

    def _schools_in_words(self):
        if not self.known_schools:
            return "Add the school under People first, or leave the cell empty."
        shown = ", ".join(self.known_schools[:MOST_KNOWN_SCHOOLS])
        more = len(self.known_schools) - MOST_KNOWN_SCHOOLS
        return f"Write one of: {shown}" + (f", and {more} more." if more > 0 else ".")

    def _keys(self, row):
        names = [("student", row.get("student")), ("local", row.get("local_id"))]
        return [key for key in names if key[1]]

    def _twin(self, row):
        """The earlier row of this file with the same student and work; other work by the same student is a problem."""
        earlier = next((self.seen[key] for key in self._keys(row) if key in self.seen), None)
        if earlier and earlier[1] != row.sha256:
            row.blame("student", row.get("student") or row.get("local_id"),
                      f"Row {earlier[0]} holds other work by the same student.",
                      "Keep one of the two rows. Several pages of one student go into one PDF.")  # fmt: skip
        return earlier

    def _remember(self, row):
        for key in self._keys(row):
            self.seen.setdefault(key, (row.number, row.sha256))
        if row.get("local_id") and row.get("student"):
            self.local_ids.setdefault(row.get("local_id"), row.get("student"))


def students_named(district_id, rows):
    """Return the district's students whom rows name: ({pseudonym: Known}, {local ID: Known})."""
    names = {row.get("student") for row in rows} - {""}
    local_ids = {row.get("local_id") for row in rows} - {""}
    query = (
        sa.select(Student.id, Student.pseudonym, Student.school_id, StudentIdentity.student_id, StudentIdentity.local_id)
        .join_from(Student, StudentIdentity, isouter=True)
        .where(Student.district_id == district_id)
        .order_by(Student.id)
    )  # fmt: skip
    by_pseudonym = (
        {each.pseudonym: each for each in _known(query.where(Student.pseudonym.in_(names)))} if names else {}
    )
    by_local_id = {}
    if local_ids:
        by_local_id = {
            each.local_id: each for each in _known(query.where(StudentIdentity.local_id.in_(local_ids)))
        }
    return by_pseudonym, by_local_id


def _known(query):
    for student_id, pseudonym, school_id, identity_id, local_id in db.session.execute(query):
        yield Known(student_id, pseudonym, school_id, identity_id is not None, local_id or "")


def plain(name):
    """A name as it is compared: without regard to capitals and spaces."""
    return " ".join(name.casefold().split())
