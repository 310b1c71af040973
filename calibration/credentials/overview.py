"""What leaders see of a rule at a glance: how far each of their scorers is, who asks, and who can be given a credential."""

from dataclasses import dataclass

from calibration.credentials import earning, rulebook, services


@dataclass(frozen=True)
class Overview:
    """The scorers of one leader by one rule: who asks first, then who has earned it, then by double-read responses."""

    begun: list  # what each has to show who has a read of a closed event, or the credential
    others: list  # names of those who have neither
    held: dict  # the credential in force, by person
    asking: dict  # the request that waits, by person
    earned: list  # whom this leader can give it now: never themselves

    @property
    def demands(self):
        """What the rule asks for, as columns of a table; nothing while nobody has begun."""
        return self.begun[0].demands if self.begun else ()


def of_rule(rule, leader):
    """Look at all scorers of a leader's own by one rule."""
    people = rulebook.people_for(rule, leader)
    held = rulebook.given_by(rule, [each.id for each in people])
    asking = {each.person_id: each for each in services.open_requests(leader) if each.rule_id == rule.id}
    standings = earning.earned_by(people, rule)
    standings.sort(key=lambda each: (each.person.id not in asking, not each.is_earned, -each.evidence.double))
    return Overview(
        begun=[each for each in standings if each.reads or each.person.id in held],
        others=[each.person.name for each in standings if not each.reads and each.person.id not in held],
        held=held,
        asking=asking,
        earned=[each for each in standings if each.is_earned and each.person.id != leader.id
                and services.may_be_given(held.get(each.person.id))],
    )  # fmt: skip
