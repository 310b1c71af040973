"""The people of the tests: Commons Network with its districts Alder and Birch.

Ana and Ben score for Alder, Lea leads there, Ada adjudicates; Eve scores for Birch, so what is Alder's is not hers.
"""

import secrets
from types import SimpleNamespace

from argon2 import PasswordHasher

from scoring.db import db, transaction
from scoring.people.models import Membership, Organization, OrganizationKind, Person
from scoring.permissions import Role

PASSWORD = "a long and quiet password"
ORGANIZATIONS = {  # name of the fixture: kind, name, fixture of the parent
    "network": (OrganizationKind.NETWORK, "Commons Network", None),
    "alder": (OrganizationKind.DISTRICT, "Alder", "network"),
    "birch": (OrganizationKind.DISTRICT, "Birch", "network"),
    "alder_high": (OrganizationKind.SCHOOL, "Alder High School", "alder"),
    "alder_middle": (OrganizationKind.SCHOOL, "Alder Middle School", "alder"),
    "birch_high": (OrganizationKind.SCHOOL, "Birch High School", "birch"),
    "birch_middle": (OrganizationKind.SCHOOL, "Birch Middle School", "birch"),
}
PEOPLE = {  # name of the fixture: full name, role and where, role and where ...
    "ana": ("Ana Ortiz", (Role.SCORER, "alder_high")),
    "ben": ("Ben Okafor", (Role.SCORER, "alder_middle")),
    "lea": ("Lea Lindqvist", (Role.LEADER, "alder")),
    "ada": ("Ada Abara", (Role.LEADER, "alder")),
    "dora": ("Dora Diaz", (Role.DISTRICT_ADMIN, "alder")),
    "nell": ("Nell Novak", (Role.NETWORK_ADMIN, "network")),
    "eve": ("Eve Eriksen", (Role.SCORER, "birch_high")),
    "dan": ("Dan Dube", (Role.DISTRICT_ADMIN, "birch")),
}


def assemble():
    """Write the cast into an empty database; return the ids of organizations and people by fixture name."""
    password = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with transaction() as session:
        organizations = {}
        for key, (kind, name, parent) in ORGANIZATIONS.items():
            organization = Organization(
                kind=kind, name=name, code=key.replace("_", "-"), parent=organizations.get(parent)
            )
            session.add(organization)
            session.flush()
            organizations[key] = organization
        people = {}
        for key, (name, *roles) in PEOPLE.items():
            person = Person(
                name=name,
                email=f"{key}@example.org",
                password_hash=password,
                session_key=secrets.token_urlsafe(32),
            )
            person.memberships = [
                Membership(role=role, organization=organizations[place]) for role, place in roles
            ]
            session.add(person)
            session.flush()
            people[key] = person
    ids = SimpleNamespace(
        organizations={key: row.id for key, row in organizations.items()},
        people={key: row.id for key, row in people.items()},
    )
    db.session.remove()
    return ids
