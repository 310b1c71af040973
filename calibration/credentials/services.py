"""Credentials: asked for, given, declined, revoked, given anew; and shared by their holders, as far as they want."""

import secrets
import uuid
from datetime import timedelta

import sqlalchemy as sa

from calibration.credentials import badge, earning, issuer, keys, rulebook, rules
from calibration.credentials.content import SHARED
from calibration.credentials.models import Answer, Credential, CredentialRequest, CredentialRule
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.people.models import Membership, Person
from scoring.permissions import Permission

LONGEST_REASON = 500
REPLACED = "Replaced by a newer credential."
SHOWN_FOR = timedelta(days=30)
NO_SCORER = "There is no such scorer, or they belong to another district."
NO_CREDENTIAL = "There is no such credential, or it is not yours to look after."


# Who sees what


def own_credentials(person):
    """Everything a person was given, the newest first."""
    query = sa.select(Credential).where(Credential.person_id == person.id)
    return db.session.scalars(query.order_by(Credential.issued_at.desc(), Credential.id.desc())).all()


def in_force(person):
    """The credentials of a person that nobody revoked."""
    return [each for each in own_credentials(person) if each.revoked_at is None]


def asked_by(person):
    """The requests of a person that nobody has answered yet."""
    return sa.select(CredentialRequest).where(
        CredentialRequest.person_id == person.id, CredentialRequest.answered_at.is_(None)
    )


def declined(person):
    """Answers of the last weeks that were a no, the newest first; a later credential by the same rule ends them."""
    given = sa.exists().where(Credential.rule_id == CredentialRequest.rule_id, Credential.person_id == person.id,
                              Credential.issued_at >= CredentialRequest.answered_at)  # fmt: skip
    query = sa.select(CredentialRequest).where(
        CredentialRequest.person_id == person.id, CredentialRequest.answer == Answer.DECLINED,
        CredentialRequest.answered_at > now() - SHOWN_FOR, ~given,
    )  # fmt: skip
    return db.session.scalars(
        query.order_by(CredentialRequest.answered_at.desc(), CredentialRequest.id.desc())
    ).all()


def own_credential_by_id(credential_id, person):
    """Return a credential of this person's own."""
    found = db.session.get(Credential, credential_id)
    if found is None or found.person_id != person.id:
        raise NotFound(NO_CREDENTIAL)
    return found


def given_query(actor):
    """Credentials this person looks after: given by their own organizations, or to their own people. The newest first."""
    reach = actor.reach(Permission.GIVE_CREDENTIALS)
    ours = Credential.person.has(_belongs(reach))
    above = [each.id for each in db.session.scalars(rulebook.rule_query(actor))]
    return (
        sa.select(Credential)
        .where(sa.or_(Credential.organization_id.in_(reach), sa.and_(Credential.rule_id.in_(above), ours)))
        .order_by(Credential.issued_at.desc(), Credential.id.desc())
    )


def _belongs(reach):
    return Person.memberships.any(Membership.organization_id.in_(reach))


def given_by_id(credential_id, actor):
    """Return a credential this person looks after."""
    found = db.session.scalar(given_query(actor).where(Credential.id == credential_id))
    if found is None:
        raise NotFound(NO_CREDENTIAL)
    return found


def open_rule_by_id(rule_id, person):
    """Return a rule by which this person can earn something."""
    found = next((rule for rule in rulebook.rules_open_to(person) if rule.id == rule_id), None)
    if found is None:
        raise NotFound(rulebook.NO_RULE)
    return found


def rule_and_person(rule_id, person_id, actor):
    """Return a rule this person may see, and a scorer of theirs who can earn something by it."""
    rule = rulebook.rule_by_id(rule_id, actor)
    person = next((each for each in rulebook.people_for(rule, actor) if each.id == person_id), None)
    if person is None:
        raise NotFound(NO_SCORER)
    return rule, person


def require_in_force(credential):
    """Refuse to hand out the files of a credential that was revoked."""
    if credential.revoked_at is not None:
        raise Conflict("This credential was revoked. There is no certificate and no badge of it any more.")


def open_requests(actor):
    """Who asks this person's organizations for a credential, the longest waiting first."""
    reach = actor.reach(Permission.GIVE_CREDENTIALS)
    if not reach:
        return []
    return db.session.scalars(
        sa.select(CredentialRequest)
        .join(CredentialRule, CredentialRule.id == CredentialRequest.rule_id)
        .where(CredentialRequest.answered_at.is_(None), CredentialRequest.person_id != actor.id, rulebook.IN_USE,
               CredentialRequest.person.has(_belongs(reach)),
               CredentialRule.id.in_(rulebook.rule_query(actor).with_only_columns(CredentialRule.id).order_by(None)))
        .order_by(CredentialRequest.asked_at, CredentialRequest.id)
    ).all()  # fmt: skip


def has_earned(rule, person):
    """Whether a person has what a rule asks for."""
    return earning.earned_for(person, [rule])[0].is_earned


def shared_by_code(typed):
    """Return the credential whose holder shares it under this code."""
    code = rules.read_code(typed)
    found = code and db.session.scalar(sa.select(Credential).where(Credential.share_code == code))
    if not found or not found.is_shared:
        raise NotFound(
            "Nobody shares a credential under this code. Check the code, or ask the holder to share the credential."
        )
    return found


def may_be_given(held):
    """Whether there is room for a (new) credential beside the one in force: none, or one that ends or has ended."""
    return held is None or held.has_expired or rules.ends_soon(held.issued_at, held.expires_at, now())


# What scorers do


def ask(rule, *, actor):
    """Ask for a credential one has earned. By some rules that is enough; else a leader gives it."""
    open_rule_by_id(rule.id, actor)
    with transaction() as session:
        session.refresh(rule, with_for_update=True)
        earned = _require_earned(rule, actor, "You have not earned this yet.")
        if rule.is_automatic:
            return _give(rule, earned, by=None, actor=actor)
        waiting = _open_request(rule, actor)
        if waiting is not None:
            raise Conflict("You have asked already. Your leader sees it.")
        asked = CredentialRequest(rule_id=rule.id, person_id=actor.id)
        session.add(asked)
        session.flush()
        audit.record("credential.asked_for", asked, actor=actor, after={"rule": rule.id})
    return None


def share(credential, fields, *, actor):
    """Show others what one chooses of a credential, and nothing else."""
    own_credential_by_id(credential.id, actor)
    chosen = [each for each in SHARED if each in set(fields)]
    if len(chosen) != len(set(fields)):
        raise Invalid("Choose what to share from the list.", fields={"fields": "Choose from the list."})
    with transaction() as session:
        session.refresh(credential, with_for_update=True)
        before = credential.shared
        credential.shared, credential.shared_at = chosen, now()
        audit.record(
            "credential.shared", credential, actor=actor, before={"shared": before}, after={"shared": chosen}
        )
    return credential


def withdraw(credential, *, actor):
    """Show nobody anything of a credential any more. The address answers like one that does not exist."""
    own_credential_by_id(credential.id, actor)
    with transaction() as session:
        session.refresh(credential, with_for_update=True)
        if credential.is_shared:
            before = credential.shared
            credential.shared = credential.shared_at = None
            audit.record("credential.withdrawn", credential, actor=actor, before={"shared": before})
    return credential


# What leaders and admins do


def give(rule, person, *, actor):
    """Give a credential to a scorer of one's own who has earned it."""
    _require_own(rule, person, actor)
    with transaction() as session:
        session.refresh(rule, with_for_update=True)
        earned = _require_earned(rule, person, f"{person.name} has not earned this yet.")
        return _give(rule, earned, by=actor, actor=actor)


def give_all(rule, *, actor):
    """Give a credential to everybody of one's own who has earned it and has none in force; return them."""
    people = [each for each in rulebook.people_for(rule, actor) if each.id != actor.id]
    with transaction() as session:
        session.refresh(rule, with_for_update=True)
        _require_in_use(rule)
        held = rulebook.given_by(rule, [each.id for each in people])
        waiting = [
            each
            for each in earning.earned_by(people, rule)
            if each.is_earned and may_be_given(held.get(each.person.id))
        ]
        return [_give(rule, earned, by=actor, actor=actor) for earned in waiting]


def decline(rule, person, reason, *, actor):
    """Say no to a scorer who asks, and why."""
    _require_own(rule, person, actor)
    reason = _checked_reason(reason, "Say why, so that the scorer knows what to do.")
    with transaction() as session:
        session.refresh(rule, with_for_update=True)
        waiting = _open_request(rule, person)
        if waiting is None:
            raise Conflict("This scorer does not ask any more.")
        _answer(waiting, Answer.DECLINED, actor, reason)
        audit.record("credential.declined", waiting, actor=actor, after={"reason": reason})
    return waiting


def revoke(credential, reason, *, actor):
    """Take a credential back, with a reason. It stands in the public list of revoked ones from now on."""
    given_by_id(credential.id, actor)
    reason = _checked_reason(reason, "Say why. The holder sees it.")
    with transaction() as session:
        session.refresh(credential, with_for_update=True)
        if credential.revoked_at is not None:
            raise Conflict("This credential is revoked already.")
        _revoke(credential, reason, actor)
    return credential


def give_anew(credential, *, actor):
    """Give a credential again with the figures of today; the one before is revoked."""
    given_by_id(credential.id, actor)
    rule, person = credential.rule, credential.person
    _require_own(rule, person, actor)
    with transaction() as session:
        session.refresh(rule, with_for_update=True)
        session.refresh(credential, with_for_update=True)
        earned = _evidence(rule, person, f"{person.name} does not reach the rule with the figures of today.")
        if credential.revoked_at is None:
            _revoke(credential, REPLACED, actor)
        return _give(rule, earned, by=actor, actor=actor)


def sign_again(key):
    """Sign the credentials in force of a distrusted key with the present one, figures as they were; return how many."""
    with transaction() as session:
        if key.distrusted_at is None:
            raise Conflict("This key is trusted. What it signed is good as it is.")
        query = sa.select(Credential).where(Credential.key_id == key.id, Credential.revoked_at.is_(None))
        found = session.scalars(query.order_by(Credential.id).with_for_update()).all()
        present = keys.present()
        for each in found:
            each.badge = badge.signed(each, each.rule, each.person, each.facts, present)
            each.key_id = present.row.id
            audit.record("credential.signed_again", each, after={"key": present.row.thumbprint})
    return len(found)


def _require_own(rule, person, actor):
    rulebook.rule_by_id(rule.id, actor)
    if person.id not in {each.id for each in rulebook.people_for(rule, actor)}:
        raise NotFound(NO_SCORER)
    if person.id == actor.id:
        raise NotAllowed(
            "Nobody gives a credential to themselves. Ask another leader or your district admin."
        )


def _require_in_use(rule):
    if rule.retired_at is not None:
        raise Conflict("This rule is retired. Nothing is given by it any more.")


def _require_earned(rule, person, words):
    earned = _evidence(rule, person, words)
    if not may_be_given(rulebook.given_by(rule, [person.id]).get(person.id)):
        raise Conflict("There is a credential in force already.")
    return earned


def _evidence(rule, person, words):
    """What the person has to show today, if that is enough."""
    _require_in_use(rule)
    earned = earning.earned_for(person, [rule])[0]
    if not earned.is_earned:
        missing = " ".join(each.sentence for each in earned.demands if not each.is_met)
        raise Conflict(f"{words} {missing}")
    return earned


def _give(rule, earned, *, by, actor):
    """Sign and store; whatever ended or ends soon is replaced, and a request is answered."""
    issuer.require_address()
    person, moment = earned.person, now()
    before = rulebook.given_by(rule, [person.id]).get(person.id)
    if before is not None:
        _revoke(before, REPLACED, actor)
    key, facts = keys.present(), earning.facts_of(earned)
    made = Credential(
        person_id=person.id, rule_id=rule.id, organization_id=rule.organization_id, rubric_id=rule.rubric_id,
        identifier=f"urn:uuid:{uuid.uuid4()}", share_code=rules.share_code(secrets.randbits(80)),
        status_index=badge.free_place(), facts=facts, key_id=key.row.id, issued_at=moment,
        issued_by_id=by.id if by else None, expires_at=rules.ends(moment, rule.months),
    )  # fmt: skip
    made.badge = badge.signed(made, rule, person, facts, key)
    with transaction() as session:
        session.add(made)
        session.flush()
        waiting = _open_request(rule, person)
        if waiting is not None:
            _answer(waiting, Answer.GIVEN, actor)
        audit.record("credential.given", made, actor=actor, after={
            "person": person.id, "rule": rule.id, "facts": facts, "by_the_rule": by is None, "identifier": made.identifier,
        })  # fmt: skip
    return made


def _revoke(credential, reason, actor):
    with transaction() as session:
        credential.revoked_at, credential.revoked_by_id, credential.revoke_reason = now(), actor.id, reason
        session.flush()
        audit.record("credential.revoked", credential, actor=actor, after={"reason": reason})


def _open_request(rule, person):
    return db.session.scalar(
        sa.select(CredentialRequest).where(
            CredentialRequest.rule_id == rule.id, CredentialRequest.person_id == person.id,
            CredentialRequest.answered_at.is_(None),
        )
    )  # fmt: skip


def _answer(waiting, answer, actor, reason=""):
    waiting.answered_at, waiting.answered_by_id, waiting.answer, waiting.reason = (
        now(),
        actor.id,
        answer,
        reason,
    )


def _checked_reason(reason, words):
    reason = " ".join((reason or "").split())
    if not reason or len(reason) > LONGEST_REASON:
        words = words if not reason else f"At most {LONGEST_REASON} characters fit here. Shorten it."
        raise Invalid(words, fields={"reason": words})
    return reason
