"""Lets the demonstration's scorers and leaders do their work: reads, a question now and then, adjudications."""

import random
from datetime import timedelta

import sqlalchemy as sa

from calibration.demo import simulation
from scoring.adjudication import services as adjudication
from scoring.db import at, db, transaction
from scoring.events.models import EventResponse, Outcome
from scoring.reads import services as reads
from scoring.reads.models import ConcernKind

LEFT_DISCREPANT = 2
FLAG_WORDS = "The last lines are hard to read. Could somebody look for a better scan?"
REASONS = (
    "The reasoning is there although the wording is plain. The descriptor for this score point asks for no more.",
    "The second read gave weight to spelling, which the rubric scores in another trait only.",
    "Two reasons are stated, but only one is supported by the source, as the lower score point describes.",
    "I scored what is on the page and not what the student may have meant. The rubric's words decide it.",
)


class Scoring:
    """Everybody's scoring, the same each time."""

    def __init__(self, people, placed, rubrics):
        self.placed = placed
        self.codes = {
            code: {each.code: each.id for each in rubric.condition_codes} for code, rubric in rubrics.items()
        }
        self.scorers = {
            person.id: (person, simulation.draw_scorer(person.email, district.plan.severity))
            for district in people.districts
            for person in district.scorers
        }
        self.chance = random.Random("scoring year")

    def read_all(self, event, *, starting, days):
        """Read until the queue is empty for everybody."""
        self._read(event, starting, days, most=None)

    def read_some(self, event, *, starting, days, share):
        """Read a share of what the event needs, so that work is left; one scorer raises a question.

        The first second reads lie far from the first ones, so that leaders have something to settle.
        """
        needed = sum(each.required for each in _responses_of(event))
        done = self._read(event, starting, days, most=round(needed * share), discrepant=LEFT_DISCREPANT)
        with at(starting + timedelta(days=days)):
            assignment, person = done[-1]
            reads.raise_concern(assignment, person, ConcernKind.FLAG, FLAG_WORDS)

    def _read(self, event, starting, days, most, discrepant=0):
        free, done, moment = list(self.scorers.values()), [], starting
        step = timedelta(days=days) / (most or 2 * len(_responses_of(event)))
        while free and (most is None or len(done) < most):
            person, habits = self.chance.choice(free)
            with at(moment):
                assignment = reads.take_next(person, event)
            if assignment is None:
                free.remove((person, habits))
                continue
            slip = _far_from(assignment.event_response, event.tolerance) if discrepant else {}
            discrepant -= bool(slip)
            with at(moment + timedelta(seconds=self.chance.randint(70, 420))):
                self._submit(assignment, person, habits, slip)
            done.append((assignment, person))
            moment += step
        return done

    def _submit(self, assignment, person, habits, slip):
        placed = self._placed(assignment)
        code = placed.work.condition_code
        if not slip and code and self.chance.random() < 0.9:
            code_id = self.codes[placed.task.task["code"]][code]
            reads.submit_read(assignment, person, scores={}, condition_code=code_id)
            return
        given = simulation.scores(
            placed.work.quality, placed.task.points, habits, f"{person.email} {placed.work.key}"
        )
        traits = {trait.key: trait.id for trait in assignment.event_response.rubric.traits}
        comments = {traits[key]: words for key, words in placed.work.comments.items() if any(words)}
        scores = {traits[key]: score for key, score in given.items()} | slip
        reads.submit_read(assignment, person, scores=scores, comments=comments)

    def adjudicate_all(self, event, districts, *, starting):
        """Let the leaders settle what is discrepant: each scores blind first, then decides with a reason."""
        moment = starting
        waiting = [each for each in _responses_of(event) if each.outcome is Outcome.DISCREPANT]
        for number, each in enumerate(waiting):
            leader = districts[number % len(districts)].leader
            moment += timedelta(minutes=self.chance.randint(9, 40))
            with at(moment), transaction():
                assignment = adjudication.begin(each, leader)
            with at(moment + timedelta(minutes=3)):
                scores, code = self._expert(assignment)
                adjudication.submit_blind(assignment, leader, scores=scores, condition_code=code)
            with at(moment + timedelta(minutes=6)):
                adjudication.decide(
                    each, leader, scores=scores, condition_code=code, reason=REASONS[number % len(REASONS)]
                )

    def _expert(self, assignment):
        placed = self._placed(assignment)
        if placed.work.condition_code:
            return {}, self.codes[placed.task.task["code"]][placed.work.condition_code]
        traits = {trait.key: trait.id for trait in assignment.event_response.rubric.traits}
        return {traits[key]: score for key, score in placed.work.expert.items()}, None

    def _placed(self, assignment):
        return self.placed[assignment.response.student.pseudonym]


def _far_from(event_response, tolerance):
    """A score by trait id that makes a second read discrepant; nothing where no score lies far enough from the first."""
    for read in reads.reads_of(event_response)[:1]:
        given = {each.trait_id: each.score for each in read.scores}
        for trait in event_response.rubric.traits if given else ():
            score = max(
                (point.value for point in trait.points), key=lambda value: abs(value - given[trait.id])
            )
            if abs(score - given[trait.id]) > tolerance:
                return {trait.id: score}
    return {}


def _responses_of(event):
    query = sa.select(EventResponse).where(EventResponse.event_id == event.id).order_by(EventResponse.id)
    return db.session.scalars(query).all()
