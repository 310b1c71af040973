"""What may be chosen for an event: whose it is, its tasks, its districts and its people."""

import sqlalchemy as sa

from scoring.db import db
from scoring.people.models import Membership, Organization, OrganizationKind, Person
from scoring.permissions import ALLOWED, Permission, Role
from scoring.tasks.models import Rubric, Task


def organizations(person):
    """Networks and districts in which this person may run events; networks first."""
    query = (
        sa.select(Organization)
        .where(
            Organization.id.in_(person.reach(Permission.RUN_EVENTS)),
            Organization.kind != OrganizationKind.SCHOOL,
        )
        .order_by(Organization.parent_id.is_not(None), Organization.name, Organization.id)
    )
    return db.session.scalars(query).all()


def districts(organization):
    """Districts whose work an event of this organization may read."""
    if organization.kind is OrganizationKind.NETWORK:
        return list(organization.children)
    return [organization] if organization.kind is OrganizationKind.DISTRICT else []


def tasks(organization):
    """Tasks with a published rubric that an event of this organization may use: common ones, and a district's own."""
    owners = {organization.id, organization.network.id}
    published = sa.exists().where(Rubric.task_id == Task.id, Rubric.published_at.is_not(None))
    query = (
        sa.select(Task)
        .where(Task.organization_id.in_(owners), Task.retired_at.is_(None), published)
        .order_by(Task.code, Task.id)
    )
    return db.session.scalars(query).all()


def published_rubrics(task):
    """The versions of a task's rubric that may be scored by, newest first."""
    return [rubric for rubric in reversed(task.rubrics) if rubric.is_published]


def scorers(some_districts):
    """Query active scorers of these districts, their schools, and the network above them, by name."""
    places = {below.id for district in some_districts for below in district.below}
    places |= {district.network.id for district in some_districts}
    scores = sa.exists().where(
        Membership.person_id == Person.id,
        Membership.role == Role.SCORER,
        Membership.organization_id.in_(places),
    )
    return sa.select(Person).where(Person.is_active, scores).order_by(Person.name, Person.id)


def people_to_alert(organization):
    """Query those who can be told that a student may be in danger: active people who see the event's pages."""
    places = {below.id for below in organization.below} | {organization.network.id}
    leads = sa.exists().where(
        Membership.person_id == Person.id,
        Membership.role.in_([role for role in Role if Permission.RUN_EVENTS in ALLOWED[role]]),
        Membership.organization_id.in_(places),
    )
    return sa.select(Person).where(Person.is_active, leads).order_by(Person.name, Person.id)
