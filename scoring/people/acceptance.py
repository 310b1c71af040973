"""Coming in through a link: an invited person takes the roles offered, or a person sets a new password."""

import sqlalchemy as sa

from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Invalid, NotFound
from scoring.people import passwords, rules, services
from scoring.people.invitations import is_waiting
from scoring.people.models import Invitation, Person
from scoring.people.tokens import token_hash

ENDED = "This link was used already, or has ended. Ask the person who sent it for a new one."


def by_token(token):
    """Return the invitation a link stands for. It counts only while whoever made it still has the right to."""
    query = sa.select(Invitation).where(Invitation.token_hash == token_hash(token))
    invitation = db.session.scalar(query)
    if invitation is None or not invitation.is_open or not _still_stands(invitation):
        raise NotFound(ENDED)
    return invitation


def _still_stands(invitation):
    maker = invitation.created_by
    if maker is None or not maker.is_active:
        return False
    if invitation.email is None:
        return invitation.person.is_active and rules.may_manage(maker, invitation.person)
    return rules.may_give(maker, invitation.role, invitation.organization)


def accept(invitation, *, name, password):
    """Come in through a link: as somebody new with this password, or with the password of the account there is.

    The answer to a wrong password tells the holder of the link that there is an account; nothing else does.
    """
    person = db.session.scalar(sa.select(Person).where(Person.email == invitation.email))
    name = services.clean_name(name)
    hashed = services.hash_new_password(password, name=name, email=invitation.email)
    if person is not None:
        if not (passwords.is_right(person.password_hash, password) and person.is_active):
            words = "If you have an account here already, type the password you use for it."
            raise Invalid(words, fields={"password": words})
        return accept_as(person, invitation)
    with transaction():
        person = services.add_person(name=name, email=invitation.email, actor=invitation.created_by)
        services.store_password(person, hashed, actor=person)
        return accept_as(person, invitation)


def accept_as(person, invitation):
    """Take all roles that the same admin offered to this person's e-mail."""
    if person.email != invitation.email:
        raise NotFound(ENDED)
    maker = invitation.created_by
    with transaction() as session:
        _use(session, invitation, person)
        services.join(person, invitation.organization, invitation.role, actor=maker)
        same = (Invitation.email == person.email, Invitation.created_by_id == maker.id)
        others = sa.select(Invitation).where(*same, *is_waiting(), Invitation.expires_at > now())
        for other in session.scalars(others.order_by(Invitation.id)).all():
            if rules.may_give(maker, other.role, other.organization):
                _use(session, other, person)
                services.join(person, other.organization, other.role, actor=maker)
    return person


def set_new_password(invitation, password):
    """Set the password of the person a link was made for."""
    person = invitation.person
    hashed = services.hash_new_password(password, name=person.name, email=person.email)
    with transaction() as session:
        _use(session, invitation, person)
        services.store_password(person, hashed, actor=person)
    return person


def _use(session, invitation, person):
    """Mark a link as used. Of two who use it at once, only one succeeds."""
    used = sa.update(Invitation).where(Invitation.id == invitation.id, *is_waiting())
    if session.execute(used.values(accepted_at=now(), person_id=person.id)).rowcount != 1:
        raise NotFound(ENDED)
    audit.record("invitation.accepted", invitation, actor=person, after={"person": person.id})
