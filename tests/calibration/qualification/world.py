"""A small world for tests of qualification: a task with papers in frozen sets, and a program made of them."""

import sqlalchemy as sa

from calibration.papers.models import Agreement, ConsensusScore, Paper, PaperSet, PaperSetItem, SetPurpose
from calibration.qualification import programs, services
from calibration.qualification.rules import Rule
from calibration.qualification.steps import Stage
from scoring.db import db, now, transaction
from scoring.people.models import Person
from tests import build

PURPOSES = {
    Stage.PRACTICE: SetPurpose.PRACTICE, Stage.QUALIFICATION: SetPurpose.QUALIFICATION, Stage.RECALIBRATION: SetPurpose.QUALIFICATION,
}  # fmt: skip


class World:
    """One task of Alder with papers that nobody has read; `lea` leads."""

    def __init__(self, lea, *, traits=("claim", "evidence"), values=(1, 2, 3, 4), at="alder"):
        self.lea, self.home = lea, build.organization(at)
        self.school = build.organization(f"{at}-high")
        self.task = build.a_task(title="Later start", rubric=False, organization=self.home)
        self.rubric = build.a_rubric(self.task, traits, values)
        self.sets = []

    def a_paper(self, scores=3, *, commentary="", **columns):
        """A paper kept for sets. `scores` is one for all traits, or a score for each in order."""
        traits = self.rubric.traits
        given = [scores] * len(traits) if isinstance(scores, int) else scores
        response = columns.pop("response", None) or build.a_response(self.task, school=self.school)
        with transaction() as session:
            made = Paper(
                task_id=self.task.id, rubric=self.rubric, response=response, organization_id=self.home.id, commentary=commentary,
                promoted_by_id=self.lea.id, agreements=[Agreement(person_id=self.lea.id)],
                scores=[ConsensusScore(trait_id=trait.id, score=score, commentary=commentary) for trait, score in zip(traits, given, strict=True)],
                **{"is_kept": True} | columns,
            )  # fmt: skip
            session.add(made)
        return made

    def a_set(self, stage, papers=4, *, name=None, scores=3, purpose=None):
        """A frozen set: a number of new papers, or those given."""
        with transaction() as session:
            if isinstance(papers, int):
                papers = [self.a_paper(scores) for _ in range(papers)]
            moment = now()
            made = PaperSet(
                organization_id=self.home.id, rubric=self.rubric, name=name or f"Set {len(self.sets) + 1}", purpose=purpose or PURPOSES[stage],
                frozen_at=moment, frozen_count=len(papers),
                items=[PaperSetItem(paper=paper, position=place, added_at=moment) for place, paper in enumerate(papers, 1)],
            )  # fmt: skip
            session.add(made)
        self.sets.append(made)
        return made

    def a_program(
        self, *, practice=(3,), qualification=(4, 4), recalibration=(), is_open=True, rule=None, **more
    ):
        """A program. Each stage names its sets, or how many papers a new one has."""
        made = programs.create_program(self.home, self.rubric, actor=self.lea, rule=rule or Rule(), **more)
        for stage, found in zip(Stage, (practice, qualification, recalibration), strict=True):
            for each in found:
                chosen = each if isinstance(each, PaperSet) else self.a_set(stage, each)
                programs.add_step(made, stage, chosen.id, actor=self.lea)
        return programs.open_to_scorers(made, actor=self.lea) if is_open else made

    def an_event(self, responses=4, **columns):
        """An open event with responses that wait; only qualified scorers are handed any."""
        build.responses(responses, self.task, school=self.school)
        event = build.an_event(self.task, districts=[self.home], waiting=False, **columns)
        with transaction():
            event.qualified_only = True
        fill_unread(event, responses)
        return event


def fill_unread(event, number):
    """Put only the newest responses into the queue: papers are not read again."""
    from scoring.events.models import EventResponse
    from scoring.responses.models import Response

    task = event.tasks[0]
    newest = (
        sa.select(Response).where(Response.task_id == task.task_id).order_by(Response.id.desc()).limit(number)
    )
    with transaction() as session:
        for place, each in enumerate(session.scalars(newest).all()):
            session.add(EventResponse(
                event_id=event.id, response_id=each.id, task_id=task.task_id, rubric_id=task.rubric_id, district_id=each.district_id,
                school_id=each.school_id, random_key=(place + 0.5) / number, required=1, remaining=1,
            ))  # fmt: skip


def finish(attempt, person, off=0, wrong=None):
    """Score all that is left of an attempt: `off` points from the consensus on the first `wrong` papers (all), else exact."""
    for number in range(1, len(attempt.papers) + 1):
        paper = services.next_paper(attempt, person)
        if paper is None:
            break
        apart = off if wrong is None or number <= wrong else 0
        services.submit(attempt, person, paper.position, shifted(paper.paper, apart))
    return attempt


def shifted(paper, off=0):
    """The consensus scores of a paper, each so many points off, as far as the scale goes."""
    found = {}
    for each in paper.scores:
        values = each.trait.values
        found[each.trait_id] = min(max(each.score - off, values[0]), values[-1])
    return found


def practiced(program, person):
    """Let somebody go through every practice set."""
    for step in program.steps_of(Stage.PRACTICE):
        finish(services.begin_practice(program, step.id, person), person)


def tried(program, person, **how):
    """Let somebody take a try."""
    return finish(services.begin_try(program, person), person, **how)


def again(person):
    """The person as the database has them now."""
    return db.session.get(Person, person.id)
