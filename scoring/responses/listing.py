"""Who sees which student work, imports and students."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from scoring.db import db
from scoring.errors import NotAllowed, NotFound
from scoring.people.models import Organization, OrganizationKind
from scoring.permissions import Permission
from scoring.responses.models import ImportBatch, ImportProblem, Page, Response, ResponseStatus, Student
from scoring.tasks.models import Task


def visible_responses(person):
    """Student work of the districts and schools where a person may see it, newest first."""
    reach = person.reach(Permission.SEE_RESPONSES)
    mine = sa.or_(Response.district_id.in_(reach), Response.school_id.in_(reach))
    return sa.select(Response).where(mine).order_by(Response.id.desc())


def filtered_responses(person, *, code="", task=None, school=None, status="", batch=None):
    """Responses a person may see that fit the filters."""
    query = visible_responses(person).options(
        joinedload(Response.task),
        joinedload(Response.school),
        joinedload(Response.district),
        joinedload(Response.student),
    )
    if code:
        query = query.where(Response.code.startswith(code.strip().upper(), autoescape=True))
    if status in set(ResponseStatus):
        query = query.where(Response.status == status)
    for column, wanted in (
        (Response.task_id, task),
        (Response.school_id, school),
        (Response.batch_id, batch),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    return query


def tasks_with_work(person):
    """Tasks to which a person may see responses, by title."""
    seen = visible_responses(person).with_only_columns(Response.task_id).order_by(None)
    return db.session.scalars(sa.select(Task).where(Task.id.in_(seen)).order_by(Task.title, Task.id)).all()


def schools_with_work(person):
    """Schools whose responses a person may see, by name."""
    seen = visible_responses(person).with_only_columns(Response.school_id).order_by(None)
    query = sa.select(Organization).where(Organization.id.in_(seen)).options(joinedload(Organization.parent))
    return db.session.scalars(query.order_by(Organization.name, Organization.id)).all()


def page_counts(responses):
    """How many pages each of these responses has: {response id: pages}."""
    query = sa.select(Page.response_id, sa.func.count(Page.id)).group_by(Page.response_id)
    return dict(db.session.execute(query.where(Page.response_id.in_([each.id for each in responses]))).all())


def own_districts(person):
    """Districts for which a person may import, by name."""
    query = sa.select(Organization).where(
        Organization.id.in_(person.reach(Permission.IMPORT_RESPONSES)),
        Organization.kind == OrganizationKind.DISTRICT,
    )
    found = db.session.scalars(query.order_by(Organization.name)).all()
    if not found:
        raise NotAllowed(
            "Student work is imported for a whole district. Ask your district's admin to import yours."
        )
    return found


def response_by_id(response_id, person):
    """Return a response this person may see."""
    response = db.session.scalar(visible_responses(person).where(Response.id == response_id))
    if response is None:
        raise NotFound("There is no such response, or it belongs to another district.")
    return response


def visible_batches(person):
    """Imports of the districts for which a person may import, newest first."""
    reach = person.reach(Permission.IMPORT_RESPONSES)
    query = sa.select(ImportBatch).where(ImportBatch.district_id.in_(reach)).order_by(ImportBatch.id.desc())
    return query.options(joinedload(ImportBatch.task), joinedload(ImportBatch.district))


def batch_by_id(batch_id, person):
    """Return an import this person may see."""
    batch = db.session.scalar(visible_batches(person).where(ImportBatch.id == batch_id))
    if batch is None:
        raise NotFound("There is no such import, or it belongs to another district.")
    return batch


def visible_students(person):
    """Students under pseudonyms, of the districts whose student names a person may open."""
    reach = person.reach(Permission.OPEN_IDENTITY)
    return sa.select(Student).where(Student.district_id.in_(reach)).order_by(Student.pseudonym, Student.id)


def filtered_students(person, *, words="", school=None):
    """Students a person may see who fit the filters."""
    query = visible_students(person).options(joinedload(Student.school), joinedload(Student.district))
    if words:
        query = query.where(Student.pseudonym.icontains(words.strip(), autoescape=True))
    return query if school is None else query.where(Student.school_id == school)


def work_counts(students):
    """How many responses each of these students has: {student id: responses}."""
    query = sa.select(Response.student_id, sa.func.count(Response.id)).group_by(Response.student_id)
    return dict(
        db.session.execute(query.where(Response.student_id.in_([each.id for each in students]))).all()
    )


def work_of(student):
    """A student's responses, oldest first."""
    query = sa.select(Response).where(Response.student_id == student.id).options(joinedload(Response.task))
    return db.session.scalars(query.order_by(Response.id)).all()


def student_by_id(student_id, person):
    """Return a student this person may see under the pseudonym."""
    student = db.session.scalar(visible_students(person).where(Student.id == student_id))
    if student is None:
        raise NotFound("There is no such student, or the student belongs to another district.")
    return student


def problems_of(batch):
    """What is wrong with the rows of an import, by row."""
    query = sa.select(ImportProblem).where(ImportProblem.batch_id == batch.id)
    return query.order_by(ImportProblem.row, ImportProblem.id)


def statuses_of(batch):
    """How many responses of an import are ready, preparing or failed: {status: number}."""
    query = sa.select(Response.status, sa.func.count(Response.id)).where(Response.batch_id == batch.id)
    return dict(db.session.execute(query.group_by(Response.status)).all())


def failed_of(batch, most=50):
    """The first responses of an import whose pages could not be made."""
    query = sa.select(Response).where(Response.batch_id == batch.id, Response.status == ResponseStatus.FAILED)
    return db.session.scalars(
        query.options(joinedload(Response.student)).order_by(Response.id).limit(most)
    ).all()
