"""Reports: what of an event's agreement a person may see, and who may do what with it."""

from collections import Counter

import sqlalchemy as sa

from calibration.reports import content, evidence
from scoring.db import db
from scoring.errors import NotFound
from scoring.events import services as events
from scoring.people.models import Organization, OrganizationKind
from scoring.permissions import ALLOWED, Permission


def report_events(person):
    """Query the events whose agreement this person may see, newest first."""
    return events.visible_events(person, Permission.SEE_AGREEMENT)


def report_event(code, person):
    """Return the event with this code, if this person may see its agreement."""
    return events.event_by_code(code, person, Permission.SEE_AGREEMENT)


def task_of(event, task_id=None):
    """Return the chosen task of an event, the first one when none is chosen."""
    tasks = [each.task for each in event.tasks if task_id is None or each.task_id == task_id]
    if not tasks:
        raise NotFound("This task is not part of the event. Choose one of its tasks.")
    return tasks[0]


def agreement(event, task, person, *, smallest, scope=None):
    """Return the agreement on one task as this person may see it, and the scopes to choose from."""
    reader = reader_of(event, person, smallest=smallest)
    found = content.agree(subject(event, task), evidence.ratings(event, task), reader, scope=scope)
    return found, content.scopes(reader)


def subject(event, task):
    """Say what a report is about."""
    rubric = evidence.rubric_of(event, task)
    return content.Subject(
        event_code=event.code,
        event=event.name,
        task_id=task.id,
        task_code=task.code,
        task=task.title,
        rubric_version=rubric.version,
        tolerance=event.tolerance,
        traits={trait.key: trait.name for trait in rubric.traits},
    )


def reader_of(event, person, *, smallest):
    """Say for whom a report is made: a district's people know their own district, others only in numbers."""
    reach = person.reach(Permission.SEE_AGREEMENT)
    own = _homes(person, Permission.SEE_AGREEMENT) & {district.id for district in event.districts}
    names, named = _names_of_scorers(event, reach)
    return content.Reader(
        own=frozenset(own),
        runs=event.organization_id in reach,
        districts=district_names(event),
        scorers=names,
        named=frozenset(named),
        smallest=smallest,
    )


def district_names(event):
    """Names of all districts around an event, by id."""
    network = event.organization.network
    query = sa.select(Organization.id, Organization.name).where(
        Organization.parent_id == network.id, Organization.kind == OrganizationKind.DISTRICT
    )
    return dict(db.session.execute(query.order_by(Organization.id)).all())


def headlines(some_events, person, *, smallest):
    """Return the numbers behind each event's headline by event id; None where they are about too few students.

    Those who run an event see all of it, others what their own districts' students wrote.
    """
    reach, homes = person.reach(Permission.SEE_AGREEMENT), _homes(person, Permission.SEE_AGREEMENT)
    taking_part = {event.id: {district.id for district in event.districts} for event in some_events}
    wanted = {
        event.id: taking_part[event.id] if event.organization_id in reach else taking_part[event.id] & homes
        for event in some_events
    }
    found = evidence.headlines(wanted)
    return {
        event.id: None
        if event.id in found and found[event.id].papers < smallest and not wanted[event.id] <= homes
        else found.get(event.id, evidence.Headline(0, 0, 0, 0))
        for event in some_events
    }


def _homes(person, permission):
    """Ids of the organizations where a person has a permission by a membership of their own, not from above."""
    return {each.organization_id for each in person.memberships if permission in ALLOWED[each.role]}


def _names_of_scorers(event, reach):
    """What this reader may call each scorer: own ones by name, others by district. Nobody shares a name here."""
    network, districts = event.organization.network, district_names(event)
    names, named, seen = {}, set(), Counter()
    for scorer in evidence.scorers(event):
        is_own = (scorer.district_id or network.id) in reach
        name = scorer.name if is_own else f"Scorer in {districts.get(scorer.district_id, network.name)}"
        seen[name] += 1
        names[scorer.id] = f"{name} ({seen[name]})" if seen[name] > 1 else name
        if is_own:
            named.add(names[scorer.id])
    return names, named
