"""Inviting people: a list is looked through first, then everybody in it who is new gets a link that works once.

An admin learns nothing about people of other districts: an e-mail that is known elsewhere is invited with the same
words, rows and link as one that is new. Only the person behind it can accept, by typing the password of the account.
"""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from scoring import audit
from scoring.db import db, in_batches, now, transaction
from scoring.errors import Invalid, NotAllowed, NotFound
from scoring.people import directory, invite_list, rules, services
from scoring.people.models import Invitation, Membership, Organization, Person
from scoring.people.tokens import new_secret, token_hash
from scoring.permissions import Permission

INVITED_FOR = timedelta(days=14)
NEW_PASSWORD_FOR = timedelta(days=2)
WORDS = {
    "new": "Gets a link.",
    "again": "Was invited before. Gets a new link, and the old one ends.",
    "role": "Is here already. Gets the role at once.",
    "same": "Has this role already. Nothing changes.",
    "twice": "Stands in the list twice. Counts once.",
    "problem": "Needs a fix.",
}
GOOD = ("new", "again", "role")


@dataclass(frozen=True)
class Link:
    """One link, to be handed to one person. `secret` is shown now and never again."""

    name: str
    email: str
    roles: list[str]
    secret: str


# Looking through a list, then inviting


def preview(text, *, actor):
    """Say for every row of a list what would happen. Nothing is changed."""
    places = directory.places_of(actor)
    rows = invite_list.read(text, places, may_give=lambda role, place: rules.may_give(actor, role, place))
    here, invited = _known(rows, {place.id for place in places})
    seen = set()
    for row in rows:
        row.outcome = "problem" if row.problems else _outcome(row, here.get(row.email), invited, seen, actor)
        row.words = WORDS[row.outcome]
        if not row.problems:
            seen.add(_key(row))
    return rows


def _key(row):
    return row.email, row.place and row.place.id, row.role


def _known(rows, within):
    """The people and the open invitations the admin can see anyway, by e-mail."""
    emails = sorted({row.email for row in rows if not row.problems})
    here, invited = {}, set()
    for some in in_batches(emails):
        belongs = Person.memberships.any(Membership.organization_id.in_(within))
        for person in db.session.scalars(sa.select(Person).where(Person.email.in_(some), belongs)):
            here[person.email] = person
        waiting = sa.select(Invitation).where(
            Invitation.email.in_(some), Invitation.organization_id.in_(within)
        )
        for each in db.session.scalars(waiting.where(*is_waiting())):
            invited.add((each.email, each.organization_id, each.role))
    return here, invited


def is_waiting():
    return Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None)


def _outcome(row, person, invited, seen, actor):
    if _key(row) in seen:
        return "twice"
    if person is None:
        return "again" if _key(row) in invited else "new"
    if any((each.organization_id, each.role) == _key(row)[1:] for each in person.memberships):
        return "same"
    if not person.is_active:
        row.refuse("e-mail", row.email, f"{person.name} is deactivated.", "Reactivate the person first.")
    elif not rules.may_lift(actor, person, row.role):
        row.refuse(
            "role", rules.ROLE_NAMES[row.role], "You can not make yourself an admin.", "Ask another admin."
        )
    return "problem" if row.problems else "role"


def invite(text, *, actor):
    """Invite everybody in a list whose row is good; return all rows and the links to hand out."""
    rows = preview(text, actor=actor)
    links = {}
    with transaction():
        for row in rows:
            if row.outcome == "role":
                services.join(services.by_email(row.email), row.place, row.role, actor=actor)
            elif row.outcome in GOOD:
                secret = _offer(row.name, row.email, row.place, row.role, actor=actor)
                link = links.setdefault(row.email, Link(row.name, row.email, [], secret))
                link.roles.append(f"{rules.ROLE_NAMES[row.role]}, {row.place.name}")
    return rows, list(links.values())


def _offer(name, email, place, role, *, actor):
    """Write down one invitation, in place of an older one for the same; return the secret of its link."""
    secret = new_secret()
    with transaction() as session:
        same = (Invitation.email == email, Invitation.organization_id == place.id, Invitation.role == role)
        older = sa.update(Invitation).where(*same, *is_waiting())
        session.execute(older.values(withdrawn_at=now()))
        invitation = Invitation(
            name=name, email=email, organization_id=place.id, role=role, token_hash=token_hash(secret),
            created_by_id=actor.id, expires_at=now() + INVITED_FOR,
        )  # fmt: skip
        session.add(invitation)
        session.flush()
        after = {"email": email, "organization": place.id, "role": role}
        audit.record("invitation.sent", invitation, actor=actor, after=after)
    return secret


# Those who have not come yet


def waiting(actor):
    """Return the query of the invitations nobody has accepted yet, newest first."""
    within = Invitation.organization_id.in_(actor.reach(Permission.MANAGE_PEOPLE))
    return (
        sa.select(Invitation)
        .join(Organization, Organization.id == Invitation.organization_id)
        .where(within, *is_waiting())
        .order_by(Invitation.id.desc())
    )


def invitation_within(actor, invitation_id):
    """Return an open invitation to a place the admin looks after."""
    found = db.session.scalar(waiting(actor).where(Invitation.id == invitation_id))
    if found is None:
        raise NotFound(directory.NOTHING)
    return found


def renew(invitation, *, actor):
    """Make a new link for somebody who was invited before; the old one ends."""
    _check_may_offer(actor, invitation)
    secret = _offer(invitation.name, invitation.email, invitation.organization, invitation.role, actor=actor)
    role = f"{rules.ROLE_NAMES[invitation.role]}, {invitation.organization.name}"
    return Link(invitation.name, invitation.email, [role], secret)


def withdraw(invitation, *, actor):
    """Take an invitation back: its link ends."""
    _check_may_offer(actor, invitation)
    with transaction():
        invitation.withdrawn_at = now()
        audit.record("invitation.withdrawn", invitation, actor=actor)


def _check_may_offer(actor, invitation):
    if not rules.may_give(actor, invitation.role, invitation.organization):
        raise NotAllowed(f"You can not give roles in {invitation.organization.name}.")


# A new password for somebody who forgot it


def password_link(person, *, actor):
    """Make a link with which a person sets a new password."""
    services.require_manage(actor, person)
    if not person.is_active:
        raise Invalid(f"{person.name} is deactivated. Reactivate the person first.")
    secret = new_secret()
    with transaction() as session:
        older = sa.update(Invitation).where(
            Invitation.person_id == person.id, Invitation.email.is_(None), *is_waiting()
        )
        session.execute(older.values(withdrawn_at=now()))
        invitation = Invitation(
            person_id=person.id, token_hash=token_hash(secret), created_by_id=actor.id,
            expires_at=now() + NEW_PASSWORD_FOR,
        )  # fmt: skip
        session.add(invitation)
        session.flush()
        audit.record("invitation.password_link", invitation, actor=actor, after={"person": person.id})
    return Link(person.name, person.email, ["sets a new password"], secret)
