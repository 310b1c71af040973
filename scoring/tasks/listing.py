"""The list of tasks and the filters above it."""

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from scoring.db import db
from scoring.people.models import Organization, OrganizationKind
from scoring.tasks.models import Task
from scoring.tasks.services import task_query


def filtered_tasks(person, *, words="", subject="", owner="", status=""):
    """Tasks a person may see that fit the filters; without `status` those in use."""
    query = task_query(person).options(selectinload(Task.rubrics))
    if words:
        pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(
            sa.or_(Task.title.ilike(pattern, escape="\\"), Task.code.ilike(pattern, escape="\\"))
        )
    if subject:
        query = query.where(Task.subject == subject)
    if owner in {"common", "local"}:
        is_network = Organization.kind == OrganizationKind.NETWORK
        query = query.join(Task.organization).where(is_network if owner == "common" else ~is_network)
    if status != "all":
        query = query.where(
            Task.retired_at.is_not(None) if status == "retired" else Task.retired_at.is_(None)
        )
    return query


def subjects(person):
    """Every subject of the tasks a person may see, in order."""
    query = task_query(person).with_only_columns(Task.subject).order_by(None).distinct()
    return sorted(db.session.scalars(query))
