"""Who sees which student work, imports and students."""

import sqlalchemy as sa

from scoring.db import db
from scoring.errors import NotFound
from scoring.permissions import Permission
from scoring.responses.models import ImportBatch, Response, Student


def visible_responses(person):
    """Student work of the districts and schools where a person may see it, newest first."""
    reach = person.reach(Permission.SEE_RESPONSES)
    mine = sa.or_(Response.district_id.in_(reach), Response.school_id.in_(reach))
    return sa.select(Response).where(mine).order_by(Response.id.desc())


def response_by_id(response_id, person):
    """Return a response this person may see."""
    response = db.session.scalar(visible_responses(person).where(Response.id == response_id))
    if response is None:
        raise NotFound("There is no such response, or it belongs to another district.")
    return response


def visible_batches(person):
    """Imports of the districts for which a person may import, newest first."""
    reach = person.reach(Permission.IMPORT_RESPONSES)
    return sa.select(ImportBatch).where(ImportBatch.district_id.in_(reach)).order_by(ImportBatch.id.desc())


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


def student_by_id(student_id, person):
    """Return a student this person may see under the pseudonym."""
    student = db.session.scalar(visible_students(person).where(Student.id == student_id))
    if student is None:
        raise NotFound("There is no such student, or the student belongs to another district.")
    return student
