"""The rules by which credentials are earned: who may see them, who writes them, and whose people they are for."""

import sqlalchemy as sa

from calibration.credentials import rules
from calibration.credentials.earning import wanted
from calibration.credentials.models import Credential, CredentialRule, Measure
from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.people.directory import ids_with_network_above, networks_and_districts
from scoring.people.models import Membership, Person
from scoring.permissions import ALLOWED, Permission, Role
from scoring.tasks.models import Rubric, Task

IN_USE = CredentialRule.retired_at.is_(None)
NO_RULE = "There is no such rule, or it belongs to another district."
FACTS = ("fewest_reads", "fewest_double", "least_exact", "measure", "least_validity", "fewest_hours",
         "needs_qualification", "months", "is_automatic")  # fmt: skip
BOUNDS = {  # field: least, most, what to do about it
    "fewest_reads": (1, 100_000, "Ask for 1 to 100,000 reads."),
    "fewest_double": (10, 100_000, "Ask for 10 to 100,000 double-read responses. Fewer say nothing about a scorer."),
    "least_exact": (1, 100, "Ask for the same score on 1 to 100 of every 100."),
    "least_validity": (1, 100, "Ask for the consensus score on 1 to 100 of every 100, or leave this empty."),
    "fewest_hours": (0, 1000, "Ask for 0 to 1,000 hours."),
    "months": (1, 120, "Let it last 1 to 120 months, or leave this empty."),
}  # fmt: skip
OPTIONAL = {"least_validity", "months"}


# Who sees what


def rule_query(actor):
    """Rules of this person's own organizations and of the network above them: those in use first, by task."""
    return (
        sa.select(CredentialRule)
        .join(Rubric, Rubric.id == CredentialRule.rubric_id)
        .join(Task, Task.id == Rubric.task_id)
        .where(CredentialRule.organization_id.in_(ids_with_network_above(actor, Permission.GIVE_CREDENTIALS)))
        .order_by(
            CredentialRule.retired_at.is_not(None), Task.title, Rubric.version.desc(), CredentialRule.id
        )
    )


def rule_by_id(rule_id, actor):
    """Return a rule this person may see."""
    found = db.session.scalar(rule_query(actor).where(CredentialRule.id == rule_id))
    if found is None:
        raise NotFound(NO_RULE)
    return found


def own_rule_by_id(rule_id, actor):
    """Return a rule this person may change."""
    found = rule_by_id(rule_id, actor)
    if not may_change(found, actor):
        raise NotAllowed(
            f"This rule belongs to {found.organization.name}. You can give credentials by it, but not change it."
        )
    return found


def may_change(rule, actor):
    """Whether the rule belongs to one of this person's own organizations."""
    return rule.organization_id in actor.reach(Permission.GIVE_CREDENTIALS)


def owners(actor):
    """The networks and districts for which this person may write rules, by name."""
    return networks_and_districts(actor, Permission.GIVE_CREDENTIALS)


def rubrics(actor):
    """Published rubric versions of these organizations and of the network above, by task and newest version."""
    homes = {each for owner in owners(actor) for each in (owner.id, owner.network.id)}
    return db.session.scalars(
        sa.select(Rubric)
        .join(Task, Task.id == Rubric.task_id)
        .where(Task.organization_id.in_(homes), Rubric.published_at.is_not(None))
        .order_by(Task.title, Task.id, Rubric.version.desc())
    ).all()


def rules_open_to(person):
    """Rules in use by which this person can earn something: of the districts and networks they score for, by task."""
    homes = {
        each.id for membership in person.memberships if Permission.SCORE in ALLOWED[membership.role]
        for each in (membership.organization, membership.organization.district, membership.organization.network) if each
    }  # fmt: skip
    return db.session.scalars(
        sa.select(CredentialRule)
        .join(Rubric, Rubric.id == CredentialRule.rubric_id)
        .join(Task, Task.id == Rubric.task_id)
        .where(CredentialRule.organization_id.in_(homes), IN_USE)
        .order_by(Task.title, Rubric.version.desc(), CredentialRule.id)
    ).all()


def people_for(rule, actor):
    """The scorers of this person's own organizations who can earn something by a rule, by name."""
    reach = actor.reach(Permission.GIVE_CREDENTIALS)
    within = [each.id for each in rule.organization.below if each.id in reach]
    scores = sa.and_(Membership.organization_id.in_(within), Membership.role == Role.SCORER)
    return db.session.scalars(
        sa.select(Person)
        .where(Person.is_active, Person.memberships.any(scores))
        .order_by(sa.func.lower(Person.name), Person.id)
    ).all()


def in_words(rule):
    """What a rule asks for, in words."""
    return rules.in_words(wanted(rule))


# What is done with rules


def write_rule(organization, rubric, *, actor, **facts):
    """Say what a scorer must show to earn the credential of a rubric version. What is left out is not asked for."""
    facts = _checked({"fewest_hours": 0} | facts)
    if organization.id not in {each.id for each in owners(actor)}:
        raise NotAllowed("Only those who give credentials there may write a rule.")
    if not rubric.is_published or rubric.task.organization_id not in {
        organization.id,
        organization.network.id,
    }:
        raise NotFound("There is no such published rubric version there. Choose another one.")
    with transaction() as session:
        session.refresh(organization, with_for_update=True)  # two leaders write one after the other
        if session.scalar(sa.select(CredentialRule.id).where(
            CredentialRule.organization_id == organization.id, CredentialRule.rubric_id == rubric.id, IN_USE
        )):  # fmt: skip
            words = f"{organization.name} has a rule for this rubric version already. Change that one."
            raise Conflict(words, fields={"rubric": words})
        made = CredentialRule(organization_id=organization.id, rubric=rubric, created_by_id=actor.id, **facts)
        session.add(made)
        session.flush()
        audit.record("credential_rule.written", made, actor=actor,
                     after={"organization": organization.id, "rubric": rubric.id} | _facts_of(made))  # fmt: skip
    return made


def change_rule(rule, *, actor, **facts):
    """Ask for more or less from now on. What was given by the rule before stays as it is."""
    facts = _checked(_facts_of(rule) | facts)
    own_rule_by_id(rule.id, actor)
    with transaction() as session:
        session.refresh(rule, with_for_update=True)
        if rule.retired_at is not None:
            raise Conflict("This rule is retired. Write a new one.")
        before = _facts_of(rule)
        for name, value in facts.items():
            setattr(rule, name, value)
        if _facts_of(rule) != before:
            audit.record("credential_rule.changed", rule, actor=actor, before=before, after=_facts_of(rule))
    return rule


def retire_rule(rule, *, actor):
    """Give nothing more by a rule. What was given stays good."""
    own_rule_by_id(rule.id, actor)
    with transaction() as session:
        session.refresh(rule, with_for_update=True)
        if rule.retired_at is None:
            rule.retired_at = now()
            audit.record("credential_rule.retired", rule, actor=actor)
    return rule


def given_by(rule, person_ids):
    """Credentials in force by a rule's organization and rubric version, by the id of their holder."""
    found = db.session.scalars(
        sa.select(Credential).where(
            Credential.organization_id == rule.organization_id, Credential.rubric_id == rule.rubric_id,
            Credential.person_id.in_(person_ids), Credential.revoked_at.is_(None),
        )
    )  # fmt: skip
    return {each.person_id: each for each in found}


def _facts_of(rule):
    return {name: getattr(rule, name) for name in FACTS}


def _checked(facts):
    problems = {}
    for name, (least, most, words) in BOUNDS.items():
        value = facts.get(name)
        is_fine = name in OPTIONAL if value is None else least <= value <= most
        if not is_fine:
            problems[name] = words
    try:
        measure = Measure(facts.get("measure") or Measure.VALUE)
    except ValueError:
        problems["measure"] = "Choose which figure has to reach it."
    if problems:
        raise Invalid("The rule is not complete. " + " ".join(problems.values()), fields=problems)
    flags = {name: bool(facts.get(name)) for name in ("needs_qualification", "is_automatic")}
    return {name: facts.get(name) for name in BOUNDS} | flags | {"measure": measure}
