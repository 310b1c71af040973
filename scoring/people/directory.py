"""Who can be seen by whom: an admin sees the people and places below, and nothing tells of others."""

import sqlalchemy as sa

from scoring.db import db
from scoring.errors import NotFound
from scoring.people.models import Membership, Organization, OrganizationKind, Person
from scoring.permissions import Permission

NOTHING = "There is nothing here. The address may be wrong, or the page is not for you."


def people_found(actor, *, words="", role=None, place=None, state="active"):
    """Return the query of the people an admin looks after, by name, narrowed by what was asked for."""
    within = {each.id for each in place.below} if place is not None else actor.reach(Permission.MANAGE_PEOPLE)
    belongs = Membership.organization_id.in_(within)
    if role:
        belongs = sa.and_(belongs, Membership.role == role)
    query = sa.select(Person).where(Person.memberships.any(belongs))
    for word in words.split()[:8]:
        if word.isprintable():
            query = query.where(
                sa.or_(
                    Person.name.icontains(word, autoescape=True),
                    Person.email.icontains(word, autoescape=True),
                )
            )
    if state == "active":
        query = query.where(Person.is_active)
    elif state == "deactivated":
        query = query.where(~Person.is_active)
    return query.order_by(sa.func.lower(Person.name), Person.id)


def person_within(actor, person_id):
    """Return a person the admin looks after; everybody else is as if not there."""
    belongs = Membership.organization_id.in_(actor.reach(Permission.MANAGE_PEOPLE))
    person = db.session.scalar(
        sa.select(Person).where(Person.id == person_id, Person.memberships.any(belongs))
    )
    if person is None:
        raise NotFound(NOTHING)
    return person


def memberships_within(actor, person):
    """Return those roles of a person that the admin may see."""
    within = actor.reach(Permission.MANAGE_PEOPLE)
    return [each for each in person.memberships if each.organization_id in within]


def membership_within(actor, person, membership_id):
    """Return one of them."""
    for membership in memberships_within(actor, person):
        if membership.id == membership_id:
            return membership
    raise NotFound(NOTHING)


def organization_within(actor, organization_id):
    """Return an organization whose people the admin looks after."""
    if organization_id not in actor.reach(Permission.MANAGE_PEOPLE):
        raise NotFound(NOTHING)
    return db.session.get(Organization, organization_id)


def places_of(actor):
    """Return the organizations whose people the admin looks after, each district followed by its schools."""
    within = actor.reach(Permission.MANAGE_PEOPLE)
    query = (
        sa.select(Organization).where(Organization.id.in_(within)).order_by(sa.func.lower(Organization.name))
    )
    found = db.session.scalars(query).all()
    below = {}
    for place in found:
        below.setdefault(place.parent_id if place.parent_id in within else None, []).append(place)
    ordered, waiting = [], below.get(None, [])[::-1]
    while waiting:
        place = waiting.pop()
        ordered.append(place)
        waiting += below.get(place.id, [])[::-1]
    return ordered


def networks_and_districts(person, permission):
    """Return the networks and districts in which this person has a permission, by name."""
    query = sa.select(Organization).where(
        Organization.id.in_(person.reach(permission)), Organization.kind != OrganizationKind.SCHOOL
    )
    return db.session.scalars(query.order_by(Organization.name, Organization.id)).all()


def ids_with_network_above(person, permission):
    """Query the ids of the organizations where this person has a permission, and of the network above their districts."""
    reach = person.reach(permission)
    above = sa.select(Organization.parent_id).where(
        Organization.id.in_(reach), Organization.kind == OrganizationKind.DISTRICT
    )
    return sa.select(Organization.id).where(sa.or_(Organization.id.in_(reach), Organization.id.in_(above)))


def networks():
    """Return all networks of this installation, by name; for commands, which see everything."""
    query = sa.select(Organization).where(Organization.parent_id.is_(None)).order_by(Organization.name)
    return db.session.scalars(query).all()


def head_counts(places):
    """Count the active people of each organization, by its id; a person with two roles counts once."""
    query = (
        sa.select(Membership.organization_id, sa.func.count(Membership.person_id.distinct()))
        .join(Person, Person.id == Membership.person_id)
        .where(Person.is_active, Membership.organization_id.in_([place.id for place in places]))
        .group_by(Membership.organization_id)
    )
    return dict(db.session.execute(query).all())


def district_and_name(place):
    """How a place is called in a list of many: a school with its district."""
    if place.kind is OrganizationKind.SCHOOL:
        return f"{place.name}, {place.parent.name}"
    return place.name
