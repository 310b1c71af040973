"""What leaders see of a program at a glance: how many stand where, a table of scorers, and what the rule lets through."""

from collections import Counter
from dataclasses import dataclass

from calibration.qualification import odds, results, standings
from calibration.qualification.steps import WORDS, Stage, State
from scoring.db import db
from scoring.people.models import Person
from scoring.responses import bad_rows
from scoring.web import Paging


def tally(program, leader):
    """How many of this leader's scorers stand where: pairs of state and number, in the order of the way."""
    return _tallied(_all(program, leader))


def _tallied(rows):
    found = Counter(each.place.state for each in rows)
    return [(state, found[state]) for state in State if found[state]]


def _all(program, leader):
    return standings.standings_of(program, db.session.scalars(standings.people_query(program, leader)).all())


@dataclass(frozen=True)
class Row:
    """One scorer in the table."""

    standing: standings.Standing
    place: object
    practice_done: int
    practice_all: int
    failed: int
    last: object  # the outcome of the last try; None where there was none


class Table:
    """Who stands where, a page at a time; `state` narrows it."""

    def __init__(self, program, leader, state=""):
        every = _all(program, leader)
        self.tally, self.total = _tallied(every), len(every)
        self.state = State(state) if state in set(State) else None
        chosen = [each.person.id for each in every if self.state in {None, each.place.state}]
        self.page = Paging(standings.people_query(program, leader).where(Person.id.in_(chosen)))
        by_person = {each.person.id: each for each in every}
        self.rows = _rows([by_person[person.id] for person in self.page.items])


def _rows(found):
    """The rows of these standings, in their order."""
    last = {each.person.id: attempt for each in found if (attempt := _last_judged(each)) is not None}
    outcomes = dict(zip(last, results.results_of(last.values()), strict=True))
    return [_row(each, outcomes.get(each.person.id)) for each in found]


def _last_judged(standing):
    return next((each for each in reversed(_tries(standing)) if each.passed is not None), None)


def _tries(standing):
    return [each.attempt for each in standing.progress if each.attempt.stage is not Stage.PRACTICE]


def _row(standing, last):
    practice = standing.practice
    return Row(standing, standing.place, sum(each.is_done for each in practice), len(practice),
               sum(each.passed is False for each in _tries(standing)), last)  # fmt: skip


@dataclass(frozen=True)
class ScoredPaper:
    """One paper of an attempt as its leader sees it: pairs of own and consensus score, trait by trait."""

    code: str
    scores: list


def papers_of(attempt):
    """Each paper of an attempt with the scores given and the consensus scores."""
    traits = attempt.program.rubric.traits
    found = []
    for each in attempt.papers:
        own = {score.trait_id: score.score for score in each.scores}
        agreed = {score.trait_id: score.score for score in each.paper.scores}
        found.append(
            ScoredPaper(each.paper.response.code, [(own.get(trait.id), agreed[trait.id]) for trait in traits])
        )
    return found  # fmt: skip


def let_through(program):
    """How often scorers pass by the program's rule, and in words how that is meant; None before there are the sets of a try."""
    rule, n_traits = program.rule, len(program.rubric.traits)
    sizes = [len(step.paper_set.items) for step in program.steps_of(Stage.QUALIFICATION)[: rule.sets_to_see]]
    if len(sizes) < rule.sets_to_see:
        return None
    return {
        "n": sum(sizes),
        "rows": odds.rows(rule, sizes, n_traits),
        "words": odds.words(rule, sizes, n_traits),
    }


COLUMNS = ("Scorer", "State", "Practice sets done", "Practice sets", "Tries failed", "Exact in the last try",
           "Scores in the last try", "Within 1 point in the last try", "Qualified until")  # fmt: skip


def lines(program, leader):
    """Yield the lines of a CSV file: who stands where."""
    yield "\ufeff"  # tells spreadsheets that it is UTF-8
    yield bad_rows.line(COLUMNS)
    for row in _rows(_all(program, leader)):
        each = row.standing
        counted = row.last.counted if row.last else None
        is_in_force = each.fact is not None and each.fact.revoked_at is None
        until = each.fact.expires_at.date().isoformat() if is_in_force and each.fact.expires_at else ""
        told = [counted.exact, counted.n, counted.near] if counted else ["", "", ""]
        yield bad_rows.line(
            str(cell) for cell in (each.person.name, WORDS[row.place.state], row.practice_done, row.practice_all, row.failed, *told, until)
        )  # fmt: skip
