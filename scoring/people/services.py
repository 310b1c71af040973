"""What can be done with organizations, people, roles, passwords and tokens.

`actor` is who does it and must have the right to; without an actor it is the installation itself, from a command.
"""

import sqlalchemy as sa

from scoring import audit
from scoring.db import db, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.people import passwords, rules
from scoring.people.models import ApiToken, Membership, Organization, OrganizationKind, Person
from scoring.people.names import clean_code, clean_email, clean_name, code_from
from scoring.people.tokens import new_secret, token_hash
from scoring.permissions import Permission, Role

ABOVE = {
    OrganizationKind.NETWORK: None,
    OrganizationKind.DISTRICT: OrganizationKind.NETWORK,
    OrganizationKind.SCHOOL: OrganizationKind.DISTRICT,
}


# Organizations


def add_organization(kind, *, name, code=None, parent=None, actor=None):
    """Add a network, a district to a network, or a school to a district. Without a code one is made from the name."""
    kind, name = OrganizationKind(kind), clean_name(name)
    if (parent.kind if parent else None) != ABOVE[kind]:
        raise Invalid("A network stands alone, a district belongs to a network, and a school to a district.")
    if not _may_add(actor, kind, parent):
        raise NotAllowed(f"You can not add a {kind} here. Ask your network admin.")
    with transaction() as session:
        _refuse_same_name(session, name, parent)
        organization = Organization(
            kind=kind, name=name, code=_free_code(session, code, name, parent), parent=parent
        )
        session.add(organization)
        session.flush()
        after = {"kind": kind, "name": name, "code": organization.code, "parent": parent and parent.id}
        audit.record("organization.added", organization, actor=actor, after=after)
    return organization


def rename_organization(organization, name, *, actor):
    """Give an organization another name. Its code stays, so that files and links keep working."""
    if not actor.may(Permission.MANAGE_PEOPLE, organization):
        raise NotAllowed(f"You can not rename {organization.name}. Ask your network admin.")
    name = clean_name(name)
    with transaction() as session:
        before = organization.name
        if name != before:
            _refuse_same_name(session, name, organization.parent)
            organization.name = name
            audit.record(
                "organization.renamed",
                organization,
                actor=actor,
                before={"name": before},
                after={"name": name},
            )
    return organization


def organization_by_code(code):
    """Return the organization with this code."""
    found = db.session.scalar(sa.select(Organization).where(Organization.code == code.strip().lower()))
    if found is None:
        raise NotFound(f"There is no organization with the code {code}. Look at `people organizations`.")
    return found


def _may_add(actor, kind, parent):
    if actor is None:
        return True
    if kind is OrganizationKind.SCHOOL and actor.may(Permission.MANAGE_PEOPLE, parent):
        return True
    return parent is not None and actor.may(Permission.MANAGE_ORGANIZATIONS, parent)


def _refuse_same_name(session, name, parent):
    siblings = sa.select(Organization.id).where(
        sa.func.lower(Organization.name) == name.lower(),
        Organization.parent_id == parent.id if parent else Organization.parent_id.is_(None),
    )
    if session.scalar(siblings) is not None:
        words = f"There is already one called {name}. Choose another name."
        raise Invalid(words, fields={"name": words})


def _free_code(session, code, name, parent):
    """Check the wished code, or make one nobody uses yet out of the name."""
    if code is not None:
        code = clean_code(code)
        if session.scalar(sa.select(Organization.id).where(Organization.code == code)) is not None:
            raise Invalid(f"The code {code} is taken. Choose another one.")
        return code
    start = code_from(name, parent.code if parent and parent.kind is OrganizationKind.DISTRICT else "")
    taken = set(session.scalars(sa.select(Organization.code).where(Organization.code.startswith(start))))
    number = 1
    while (code := start if number == 1 else f"{start}-{number}") in taken:
        number += 1
    return code


# People


def add_person(*, name, email, actor=None):
    """Add somebody who has no role and no password yet."""
    name, email = clean_name(name), clean_email(email)
    with transaction() as session:
        if session.scalar(sa.select(Person.id).where(Person.email == email)) is not None:
            raise Invalid(f"{email} is already somebody's e-mail. Give that person a role instead.")
        person = Person(name=name, email=email, session_key=new_secret())
        session.add(person)
        try:
            session.flush()
        except sa.exc.IntegrityError:
            raise Conflict(f"{email} was added by somebody else just now. Reload the page.") from None
        audit.record("person.added", person, actor=actor, after={"name": name, "email": email})
    return person


def by_email(email):
    """Return the person with this e-mail."""
    found = db.session.scalar(sa.select(Person).where(Person.email == email.strip().lower()))
    if found is None:
        raise NotFound(f"Nobody here has the e-mail {email}.")
    return found


def people_in(organization_ids, role=None):
    """Return the query of the active people in these organizations, by name."""
    belongs = Membership.organization_id.in_(organization_ids)
    if role is not None:
        belongs = sa.and_(belongs, Membership.role == role)
    return (
        sa.select(Person)
        .where(Person.memberships.any(belongs), Person.is_active)
        .order_by(sa.func.lower(Person.name), Person.id)
    )


def rename(person, name, *, actor=None):
    """Give a person another name."""
    if actor is not None and actor.id != person.id:
        require_manage(actor, person)
    name = clean_name(name)
    with transaction():
        before = person.name
        if name != before:
            person.name = name
            audit.record("person.renamed", person, actor=actor, before={"name": before}, after={"name": name})


# Roles


def join(person, organization, role, *, actor=None):
    """Give a person a role in an organization. Giving it twice changes nothing."""
    role = Role(role)
    if not rules.fits(role, organization.kind):
        raise Invalid(
            f"Nobody can be {rules.ROLE_NAMES[role]} of a {organization.kind}. Choose another role."
        )
    if actor is not None and not rules.may_give(actor, role, organization):
        raise NotAllowed(f"You can not make people {rules.ROLE_NAMES[role]} of {organization.name}.")
    if actor is not None and not rules.may_lift(actor, person, role):
        raise NotAllowed("You can not make yourself an admin. Ask another admin.")
    with transaction() as session:
        for membership in person.memberships:
            if (membership.organization_id, membership.role) == (organization.id, role):
                return membership
        membership = Membership(organization_id=organization.id, role=role)
        person.memberships.append(membership)
        try:
            session.flush()
        except sa.exc.IntegrityError:
            raise Conflict("Somebody else gave this role just now. Reload the page.") from None
        audit.record("membership.added", membership, actor=actor, after=_as_entry(membership))
    return membership


def leave(membership, *, actor=None):
    """Take a role away. It ends with the person's next request."""
    if actor is not None and not rules.may_give(actor, membership.role, membership.organization):
        raise NotAllowed(f"You can not take roles away in {membership.organization.name}.")
    with transaction() as session:
        keep_an_admin(session, membership)
        audit.record("membership.removed", membership, actor=actor, before=_as_entry(membership))
        membership.person.memberships.remove(membership)


def _as_entry(membership):
    return {"person": membership.person_id, "organization": membership.organization_id,
            "role": membership.role}  # fmt: skip


def require_manage(actor, person):
    if actor is not None and not rules.may_manage(actor, person):
        raise NotAllowed(f"{person.name} also has a role that you do not look after. Ask a network admin.")


def keep_an_admin(session, membership):
    """Refuse to take the last admin from an organization. The lock makes two admins who leave at once queue up."""
    if membership.role not in rules.ADMINS or not membership.person.is_active:
        return
    place = membership.organization
    session.execute(sa.select(Organization.id).where(Organization.id == place.id).with_for_update())
    others = sa.select(sa.func.count(Person.id)).join(Membership, Membership.person_id == Person.id).where(
        Membership.organization_id == place.id, Membership.role == membership.role,
        Person.id != membership.person_id, Person.is_active, Person.password_hash.is_not(None),
    )  # fmt: skip
    if session.scalar(others) == 0:
        raise Conflict(
            f"{membership.person.name} is the last {rules.ROLE_NAMES[membership.role]} of {place.name}. "
            "Make somebody else one first."
        )


# Passwords and tokens (what a person does with them: access.py)


def set_password(person, password, *, actor=None):
    """Set a person's password. It ends all sessions that were open."""
    hashed = hash_new_password(password, name=person.name, email=person.email)
    with transaction():
        store_password(person, hashed, actor=actor)


def hash_new_password(password, *, name, email):
    """Check and hash a password. Do this before a transaction: it takes its time on purpose."""
    passwords.check_strength(password, person_words=(name, email, email.partition("@")[0]))
    return passwords.hash_password(password)


def store_password(person, hashed, *, actor=None):
    """Keep a password that was hashed already, and end all sessions that were open."""
    with transaction():
        person.password_hash = hashed
        person.session_key = new_secret()
        audit.record("person.password_set", person, actor=actor)


def issue_token(person, name, *, actor=None):
    """Make an API token for a person; return its secret, which can never be shown again."""
    name = clean_name(name, longest=80)
    secret = "rf_" + new_secret()
    with transaction() as session:
        token = ApiToken(person_id=person.id, name=name, token_hash=token_hash(secret))
        session.add(token)
        session.flush()
        audit.record("token.issued", token, actor=actor, after={"person": person.id, "name": name})
    return secret
