"""Credentials in the demonstration: one that is given and shared in part, one that somebody asks for, and some way to go."""

from datetime import timedelta

from calibration.credentials import rulebook, services
from scoring.db import at

RULES = (  # by task in the order of the season: few responses, so the demonstration asks for little
    {"fewest_reads": 15, "fewest_double": 12, "least_exact": 50, "measure": "value", "months": 24},
    {"fewest_reads": 60, "fewest_double": 50, "least_exact": 70, "measure": "lower_end", "months": 12},
)


def give_credentials(people, rubrics, *, today):
    """Write two rules of the network, and give what was earned in the event that is over."""
    alder = people.districts[0]
    with at(today - timedelta(days=20)):
        rules = [
            rulebook.write_rule(people.network, rubric, actor=people.network_admin, **facts)
            for rubric, facts in zip(rubrics.values(), RULES, strict=False)
        ]
    with at(today - timedelta(days=18)):
        given = services.give(rules[0], alder.scorers[0], actor=alder.leader)
    with at(today - timedelta(days=17)):
        services.share(given, ["rubric", "date", "rates"], actor=alder.scorers[0])
        for scorer in alder.scorers[1:]:
            if services.has_earned(rules[0], scorer):
                services.ask(rules[0], actor=scorer)
                break
