"""Who teaches whom: a list of teachers and students keeps teachers from scoring their own students' work."""

import sqlalchemy as sa

from scoring import audit, jobs, storage
from scoring.db import db, in_batches, now, transaction
from scoring.errors import ScoringError
from scoring.people.models import Membership, Organization, Person
from scoring.responses import intake
from scoring.responses.checking import in_chunks, students_named, table_in
from scoring.responses.importing import begin_again, write_problems
from scoring.responses.models import ImportBatch, ImportStatus, RosterEntry, Student

SAMPLE = 5
ROSTER = "roster"  # as against "known", which a scorer said while reading


def rows_of(batch):
    """Yield the rows of a roster, each checked as far as the file alone allows."""
    table, columns = table_in(batch.mapping), batch.mapping["columns"]
    for row in intake.rows(storage.get(batch.key), table, columns):
        if not row.problems:
            intake.check_student(row)
            if not row.get("teacher_email"):
                row.blame(
                    "teacher_email", "", "There is no teacher in this row.", "Write the teacher's e-mail."
                )
        yield row


class RosterComparison:
    """Compares the rows of a roster with the people and students of the district."""

    def __init__(self, batch):
        self.batch = batch
        schools = sa.select(Organization.id).where(Organization.parent_id == batch.district_id)
        query = (
            sa.select(Person.email, Person.id)
            .join(Membership, Membership.person_id == Person.id)
            .where(
                sa.or_(
                    Membership.organization_id == batch.district_id, Membership.organization_id.in_(schools)
                )
            )
        )
        self.teachers = dict(db.session.execute(query).all())
        self.pairs = set()  # (teacher, student) of earlier rows

    def sort(self, rows):
        """Return (ready, duplicates, refused); ready holds (row, teacher id, student id)."""
        ready, duplicates, refused = [], [], []
        by_pseudonym, by_local_id = students_named(
            self.batch.district_id, [row for row in rows if not row.problems]
        )
        found = {each.id for each in (*by_pseudonym.values(), *by_local_id.values())}
        query = sa.select(RosterEntry.person_id, RosterEntry.student_id).where(
            RosterEntry.student_id.in_(found)
        )
        present = set(map(tuple, db.session.execute(query)))
        for row in rows:
            pair = None if row.problems else self._pair(row, by_pseudonym, by_local_id)
            if row.problems:
                refused.append(row)
            elif pair in self.pairs or pair in present:
                duplicates.append(row)
            else:
                self.pairs.add(pair)
                ready.append((row, *pair))
        return ready, duplicates, refused

    def _pair(self, row, by_pseudonym, by_local_id):
        email = row.get("teacher_email").lower()
        teacher = self.teachers.get(email)
        if teacher is None:
            row.blame("teacher_email", email, f"Nobody in {self.batch.district.name} has this e-mail.",
                      "Invite the teacher under People first, or correct the e-mail.")  # fmt: skip
        name, local_id = row.get("student"), row.get("local_id")
        student = by_pseudonym.get(name) if name else by_local_id.get(local_id)
        if student is None:
            row.blame("student" if name else "local_id", name or local_id, "There is no work by this student yet.",
                      "Import the student's work first, or correct the pseudonym.")  # fmt: skip
            return None
        return teacher, student.id


def check(batch, tell=lambda rows: None):
    """Go through all rows of a roster and count them; nothing changes."""
    comparison, sample, problems = RosterComparison(batch), [], []
    counts = {"total": 0, "accepted": 0, "refused": 0, "duplicates": 0}
    for chunk in in_chunks(rows_of(batch)):
        ready, duplicates, refused = comparison.sort(chunk)
        _count(counts, total=chunk, accepted=ready, duplicates=duplicates, refused=refused)
        problems += [problem for row in refused for problem in row.problems]
        sample += [{"teacher_email": row.get("teacher_email"), "student": row.get("student") or row.get("local_id")}
                   for row, _, _ in ready[: SAMPLE - len(sample)]]  # fmt: skip
        db.session.commit()  # a reader that stays for long keeps writers waiting on SQLite
        tell(counts["total"])
    with transaction() as session:
        batch = session.get(ImportBatch, batch.id)
        if batch.status not in {ImportStatus.UPLOADED, ImportStatus.PREVIEW}:
            return
        for name, number in counts.items():
            setattr(batch, name, number)
        batch.mapping = {**batch.mapping, "sample": sample}
        batch.status = ImportStatus.PREVIEW
        write_problems(session, batch.id, problems)


@jobs.kind("responses.roster")
def run_roster_import(progress, batch_id):
    """Write an accepted roster, all of it in one transaction."""
    progress.advance(0, 0, "Writing the roster.")
    try:
        with transaction() as session:
            session.get(ImportBatch, batch_id, with_for_update=True)
            batch = begin_again(batch_id)
            if batch is not None:
                _write(session, batch)
    except Exception as error:
        with transaction() as session:
            batch = session.get(ImportBatch, batch_id)
            batch.status, batch.finished_at = ImportStatus.FAILED, now()
            words = error.message if isinstance(error, ScoringError) else type(error).__name__
            audit.record("import.failed", batch, after={"error": words})
        raise


def _write(session, batch):
    comparison, problems = RosterComparison(batch), []
    counts = {"total": 0, "accepted": 0, "refused": 0, "duplicates": 0}
    replaced = _teachers_named(batch, comparison) if batch.mapping.get("replace") else set()
    removed = _remove(session, batch, replaced)
    for chunk in in_chunks(rows_of(batch)):
        ready, duplicates, refused = comparison.sort(chunk)
        _count(counts, total=chunk, accepted=ready, duplicates=duplicates, refused=refused)
        problems += [problem for row in refused for problem in row.problems]
        if ready:
            session.execute(sa.insert(RosterEntry), [
                {"person_id": person_id, "student_id": student_id, "source": ROSTER, "created_at": now()}
                for _, person_id, student_id in ready])  # fmt: skip
    for name, number in counts.items():
        setattr(batch, name, number)
    write_problems(session, batch.id, problems)
    batch.status, batch.finished_at = ImportStatus.DONE, now()
    audit.record("roster.imported", batch, after={**counts, "removed": removed})


def _count(counts, **found):
    for name, rows in found.items():
        counts[name] += len(rows)


def _teachers_named(batch, comparison):
    found = set()
    for row in rows_of(batch):
        found.add(comparison.teachers.get(row.get("teacher_email").lower()))
    return found - {None}


def _remove(session, batch, teachers):
    """Take away what earlier rosters say of these teachers in this district; what scorers said themselves stays."""
    students = sa.select(Student.id).where(Student.district_id == batch.district_id)
    removed = 0
    for part in in_batches(sorted(teachers)):
        gone = sa.delete(RosterEntry).where(
            RosterEntry.person_id.in_(part),
            RosterEntry.source == ROSTER,
            RosterEntry.student_id.in_(students),
        )
        removed += session.execute(gone.execution_options(synchronize_session=False)).rowcount
    return removed


def rosters_of(district_ids):
    """Teachers and how many students each has, by name: rows of (name, email, students, newest entry)."""
    return (
        sa.select(
            Person.name, Person.email, sa.func.count(RosterEntry.id), sa.func.max(RosterEntry.created_at)
        )
        .join(RosterEntry, RosterEntry.person_id == Person.id)
        .join(Student, Student.id == RosterEntry.student_id)
        .where(Student.district_id.in_(district_ids))
        .group_by(Person.id, Person.name, Person.email)
        .order_by(Person.name, Person.id)
    )
