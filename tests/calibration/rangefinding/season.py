"""A small season for tests of range-finding: settled responses, a committee on them, and its members."""

from datetime import timedelta

from calibration.rangefinding import finding, proposing, reading, services
from calibration.rangefinding.standing import Standing
from scoring.db import at, now
from tests import build


class Season:
    """An event of two hours ago in which Ana and Ben read everything twice; `paper(2)` is the third proposed paper."""

    def __init__(self, ana, ben, *, count=4, **event):
        self.task = build.a_task(title="Later start")
        self.rubric = self.task.published_rubric
        self.responses = build.responses(count, self.task)
        self.event = build.an_event(self.task, [ana, ben], **event)
        with at(now() - timedelta(hours=2)):
            for number, response in enumerate(self.responses):
                for scorer in (ana, ben):
                    build.a_read(response, scorer, number % 4 + 1, event=self.event)
        self.committee = None

    def begin(self, leader, members=(), *, papers=None, name="Fall anchors", organization=None):
        """A committee with papers and members that is not open yet."""
        home = organization or self.event.organization
        self.committee = services.begin(self.event, self.task, home, name=name, actor=leader)
        chosen = self.responses if papers is None else self.responses[:papers]
        proposing.propose(self.committee, [each.id for each in chosen], actor=leader)
        if members:
            services.invite(self.committee, members, actor=leader)
        return self.committee

    def open(self, leader, members, **more):
        """The same, opened."""
        self.begin(leader, members, **more)
        return services.open_committee(self.committee, actor=leader)

    def paper(self, number=0):
        return self.committee.proposed[number]

    def place(self, person, number=0):
        return Standing(self.committee, person).places[number]

    def scores(self, claim, evidence=None):
        """Scores by trait id."""
        first, second = self.rubric.traits
        return {first.id: claim, second.id: claim if evidence is None else evidence}

    def send(self, person, number=0, claim=3, evidence=None, **more):
        """Send a member's scores of one paper."""
        return reading.send(
            self.committee, self.paper(number), scores=self.scores(claim, evidence), actor=person, **more
        )

    @property
    def url(self):
        return f"/range-finding/{self.committee.id}"

    def paper_url(self, number=0, part=""):
        return f"{self.url}/papers/{self.paper(number).id}{part}"


def seat(committee, person):
    return finding.seat_of(committee, person.id)
