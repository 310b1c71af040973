"""A small season for tests of credentials: responses read twice in an event that is over, and a rule that fits."""

from datetime import timedelta

from calibration.credentials import rulebook, services
from scoring.db import at, now, transaction
from scoring.events.models import EventStatus
from tests import build

RULE = {"fewest_reads": 12, "fewest_double": 12, "least_exact": 70, "measure": "value", "months": 24}
DOUBLE = 12


class Season:
    """Ana and Ben read twelve responses; they give the same scores, but for `apart` of them on one trait."""

    def __init__(self, ana, ben, *, apart=2, double=DOUBLE, task=None, close=True, **event):
        self.ana, self.ben = ana, ben
        self.task = task or build.a_task(title="Later start")
        self.rubric = self.task.published_rubric
        responses = build.responses(double, self.task)
        self.event = build.an_event(self.task, [ana, ben], **event)
        with at(now() - timedelta(hours=2)):
            for number, response in enumerate(responses):
                build.a_read(response, ana, {"claim": 3, "evidence": 2}, event=self.event)
                other = {"claim": 3, "evidence": 2 if number >= apart else 3}
                build.a_read(response, ben, other, event=self.event)
        if close:
            close_event(self.event)


def close_event(event):
    with transaction():
        event.status, event.closed_at = EventStatus.CLOSED, now()


def a_rule(organization, rubric, actor, **facts):
    return rulebook.write_rule(organization, rubric, actor=actor, **(RULE | facts))


def a_credential(season, organization, leader, **facts):
    """Ana's credential, given by a leader."""
    rule = a_rule(organization, season.rubric, leader, **facts)
    return services.give(rule, season.ana, actor=leader)
