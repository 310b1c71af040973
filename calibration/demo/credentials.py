"""Credentials in the demonstration: one that is given and shared in part, one that somebody asks for, and some way to go."""

from datetime import timedelta

from calibration.credentials import rulebook, services
from calibration.reports.evidence import own_reads
from scoring.db import at

RULES = (  # few responses are read in the demonstration, so the first rule asks for little
    {"fewest_reads": 10, "fewest_double": 10, "least_exact": 40, "measure": "value", "months": 24},
    {"fewest_reads": 60, "fewest_double": 50, "least_exact": 70, "measure": "lower_end", "months": 12},
)


def give_credentials(people, rubrics, *, today):
    """Write two rules of the network, and give what was earned in the event that is over."""
    alder = people.districts[0]
    holder, *others = alder.scorers
    with at(today - timedelta(days=20)):
        rules = [
            rulebook.write_rule(people.network, rubric, actor=people.network_admin, **facts)
            for rubric, facts in zip(_most_read_first(rubrics.values(), holder), RULES, strict=False)
        ]
    with at(today - timedelta(days=18)):
        given = services.give(rules[0], holder, actor=alder.leader)
    with at(today - timedelta(days=17)):
        services.share(given, ["rubric", "date", "rates"], actor=holder)
        asking = next((scorer for scorer in others if services.has_earned(rules[0], scorer)), None)
        if asking is not None:
            services.ask(rules[0], actor=asking)


def _most_read_first(rubrics, scorer):
    """Who reads what is drawn by chance; the credential is for the rubric that this scorer shared most reads of."""
    read = own_reads([scorer.id], [rubric.id for rubric in rubrics])
    return sorted(rubrics, key=lambda rubric: -getattr(read.get((scorer.id, rubric.id)), "both_scored", 0))
