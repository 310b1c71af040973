"""Names in student work: work in which its student's own name may stand becomes no paper before the district has looked.

The leader who asks learns that a name may stand there, and never which. Only those who may open identities look.
"""

import sqlalchemy as sa

from calibration.papers import names
from calibration.papers.models import NameCheck
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import NotFound
from scoring.events.models import EventResponse
from scoring.permissions import Permission
from scoring.reads.models import Concern, ConcernKind
from scoring.responses import services as responses
from scoring.responses.models import Response, StudentIdentity

CLEARED = sa.select(NameCheck.response_id).where(NameCheck.is_name.is_(False))
KEPT = sa.select(NameCheck.response_id).where(NameCheck.is_name.is_(True))


def flagged_responses():
    """Ids of responses with a flag that nobody has settled: scorers flag names in the work, in their own words."""
    return sa.select(Concern.response_id).where(
        Concern.kind == ConcernKind.FLAG, Concern.settled_at.is_(None)
    )


def named_in(event, task):
    """Ids of those responses of an event's task in whose text the student's own name may stand, and not cleared."""
    in_event = sa.select(EventResponse.response_id).where(
        EventResponse.event_id == event.id, EventResponse.task_id == task.id, EventResponse.reads > 0
    )
    return _named(Response.id.in_(in_event))


def is_named(response):
    """Whether the student's own name may stand in this work, and nobody has said that it is none."""
    return bool(_named(Response.id == response.id))


def _named(condition):
    query = (
        sa.select(Response.id, Response.text, StudentIdentity.given_name, StudentIdentity.family_name)
        .join(StudentIdentity, StudentIdentity.student_id == Response.student_id)
        .where(condition, Response.text.is_not(None), Response.id.not_in(CLEARED))
    )
    return {
        row.id
        for row in db.session.execute(query)
        if names.stands_in(row.text, row.given_name, row.family_name)
    }


# Asking


def ask(event, task, *, actor):
    """Ask the districts to look at the work in which a name may stand; return for how many this is new."""
    found = named_in(event, task)
    with transaction() as session:
        known = session.scalars(sa.select(NameCheck.response_id).where(NameCheck.response_id.in_(found)))
        new = sorted(found - set(known))
        session.add_all(NameCheck(response_id=response_id, asked_by_id=actor.id) for response_id in new)
        if new:
            audit.record("event.names_asked_about", event, actor=actor, after={"responses": new})
    return len(new)


# Looking


def check_query(person):
    """What this person was asked to look at, as one of those who may open identities there: open ones first, the oldest on top."""
    reach = person.reach(Permission.OPEN_IDENTITY)
    return (
        sa.select(NameCheck)
        .join(Response, Response.id == NameCheck.response_id)
        .where(Response.district_id.in_(reach))
        .order_by(NameCheck.checked_at.is_not(None), NameCheck.asked_at, NameCheck.response_id)
    )


def check_by_id(check_id, person):
    """Return one question that was put to this person."""
    found = db.session.scalar(check_query(person).where(NameCheck.id == check_id))
    if found is None:
        raise NotFound("Nobody asked you to look at this work, or it belongs to another district.")
    return found


def places_of_name(check, *, actor):
    """Return where in the text the student's name may stand. That tells who the student is, so it is on record."""
    identity = responses.open_identity(check.response.student, actor=actor)
    return names.found_in(check.response.text, identity.given_name, identity.family_name)


def answer(check, is_name, *, actor):
    """Say whether it is the student's name. A later answer stands instead of an earlier one."""
    check_by_id(check.id, actor)
    with transaction() as session:
        check = session.get(NameCheck, check.id, with_for_update=True, populate_existing=True)
        before = check.is_name
        check.is_name, check.checked_at, check.checked_by_id = is_name, now(), actor.id
        audit.record("response.name_checked", check.response, actor=actor, before={"is_name": before},
                     after={"is_name": is_name})  # fmt: skip
    return check
