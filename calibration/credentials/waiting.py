"""What waits for somebody here: a credential that is earned or ends soon; for leaders, who asks for one."""

from calibration.credentials import earning, rulebook, rules, services
from calibration.credentials.models import CredentialRequest
from calibration.waiting import Waiting
from scoring.db import db, now
from scoring.permissions import Permission


def waiting_for(person):
    """Return what this person should look at, the most urgent first."""
    found = []
    if person.may(Permission.GIVE_CREDENTIALS):
        found += _asked(person)
    if person.may(Permission.SCORE):
        found += _earned(person)
    return found


def _asked(person):
    asking = services.open_requests(person)
    if not asking:
        return []
    who = asking[0].person.name if len(asking) == 1 else f"{len(asking)} scorers"
    verb = "asks" if len(asking) == 1 else "ask"
    place = {"endpoint": "credentials.rule", "values": {"rule_id": asking[0].rule_id}}
    return [
        Waiting("Credentials", f"{who} {verb} for a credential that they have earned.", "Look at it", **place)
    ]


def _earned(person):
    open_to, moment = rulebook.rules_open_to(person), now()
    if not open_to:
        return []
    held = {(each.organization_id, each.rubric_id): each for each in services.in_force(person)}
    free = [
        rule for rule in open_to if services.may_be_given(held.get((rule.organization_id, rule.rubric_id)))
    ]
    asked = set(db.session.scalars(services.asked_by(person).with_only_columns(CredentialRequest.rule_id)))
    free = [rule for rule in free if rule.id not in asked]
    earned = [each.rule for each in earning.earned_for(person, free) if each.is_earned] if free else []
    found = [
        Waiting(
            "A credential is yours",
            f"You have earned it for {rule.title}.",
            "Ask for it",
            "credentials.index",
        )
        for rule in earned
    ]
    ending = [each for each in held.values() if rules.ends_soon(each.issued_at, each.expires_at, moment)]
    done = {(rule.organization_id, rule.rubric_id) for rule in earned}
    return found + [
        Waiting("A credential ends soon", f"The one for {each.title}. See what a new one takes.", "Look at it",
                "credentials.index")
        for each in ending if (each.organization_id, each.rubric_id) not in done
    ]  # fmt: skip
