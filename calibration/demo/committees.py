"""Two range-finding committees of the demonstration: one that has filled its sets, one that is at work."""

from datetime import timedelta

import sqlalchemy as sa

from calibration.demo import simulation
from calibration.rangefinding import freezing, packets, proposing, reading, results, services, settling
from calibration.rangefinding.standing import Standing
from scoring.db import at, db
from scoring.responses.models import RosterEntry

EVIDENCE = {
    1: "One short line only.",
    2: "It begins to, in the middle.",
    3: "The second part says it clearly.",
    4: "Nearly every line shows it.",
}
REASON = (
    "I went by what stands on the page, line by line, and took the descriptor that says no more than that."
)
COMMENTARY = "The words of the descriptor fit this work without adding anything to them."
OBJECTION = "The lower descriptor asks for less than this work does. Please read the last lines again."


def build(people, rubric, event, scoring, today):
    """Let the first district's leader hold both committees on the finished event's responses to one task."""
    alder, held = people.districts[0], _Committees(people, rubric, event, scoring)
    first, second = alder.scorers[2:5], alder.scorers[:4]
    with at(today - timedelta(days=20)):
        done = held.open(
            "Fall anchors", first, count=6, message="Six papers for a first set. Please score them by Friday."
        )
    with at(today - timedelta(days=18)):
        for person in first:
            held.score(done, person)
        for proposed in done.proposed:
            held.settle(done, proposed, first)
        freezing.freeze(done, freezing.proposal(done, alder.leader), actor=alder.leader)
        anchors = packets.choices(alder.leader)[rubric]
        packets.ask(rubric, [each.id for each in anchors], actor=alder.leader)
    with at(today - timedelta(days=4)):
        going_on = held.open("Borderline papers", second, count=4, kind="borderline", due_at=today + timedelta(days=3),
                             message="Where does a 2 end and a 3 begin? Quote the line that decided you.")  # fmt: skip
    with at(today - timedelta(days=2)):
        for person in second[1:]:
            held.score(going_on, person)
        held.score(going_on, second[0], most=2)
        held.propose(going_on, going_on.proposed[0], second[1:3])
        held.settle(going_on, going_on.proposed[1], second)


class _Committees:
    """What the leader and the members do, the same each time."""

    def __init__(self, people, rubric, event, scoring):
        self.leader, self.home = people.districts[0].leader, people.districts[0].district
        self.rubric, self.event, self.scoring = rubric, event, scoring

    def open(self, name, members, *, count, kind="solid", **facts):
        made = services.begin(self.event, self.rubric.task, self.home, name=name, actor=self.leader, **facts)
        taught = set(db.session.scalars(
            sa.select(RosterEntry.student_id).where(RosterEntry.person_id.in_([each.id for each in members]))
        ))  # fmt: skip
        found = proposing.Suggestions(made, kind).items + proposing.Suggestions(made, proposing.TWICE).items
        fitting = {each.response.id: None for each in found if each.response.student_id not in taught}
        proposing.propose(made, list(fitting)[:count], actor=self.leader)
        services.invite(made, members, actor=self.leader)
        return services.open_committee(made, actor=self.leader)

    def score(self, committee, person, most=None):
        """A member's scores: close to what the work deserves, as the member is wont to score."""
        _, habits = self.scoring.scorers[person.id]
        traits = {trait.key: trait.id for trait in committee.rubric.traits}
        for proposed in committee.proposed[:most]:
            placed = self.scoring.placed[proposed.response.student.pseudonym]
            given = simulation.scores(
                placed.work.quality, placed.task.points, habits, f"committee {person.email} {placed.work.key}"
            )
            scores = {traits[key]: score for key, score in given.items()}
            evidence = {trait: EVIDENCE.get(score, "") for trait, score in scores.items()}
            reading.send(committee, proposed, scores=scores, evidence=evidence, reason=REASON, actor=person)

    def propose(self, committee, proposed, voices):
        """The first voice proposes what most gave, the others object."""
        first, *others = voices
        found = results.Results(committee, proposed, first, {})
        scores = {each.trait.id: each.spread.top[0] for each in found.traits}
        made = settling.propose_consensus(
            committee, proposed, scores=scores, commentaries=dict.fromkeys(scores, COMMENTARY),
            kind="solid" if found.is_solid else "borderline", actor=first,
        )  # fmt: skip
        for person in others:
            settling.object_to(committee, proposed, made.id, words=OBJECTION, actor=person)
        return made

    def settle(self, committee, proposed, members):
        made = self.propose(committee, proposed, members[:1])
        for person in members[1:]:
            settling.agree(committee, proposed, made.id, actor=person)
        if settling.is_unanimous(Standing(committee, self.leader).of(proposed.id), made):
            settling.settle(committee, proposed, made.id, actor=self.leader)
