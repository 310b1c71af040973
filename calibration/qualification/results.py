"""What came of an attempt: own scores beside the consensus, counted, judged, and how sure that is."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from calibration.papers.models import Paper
from calibration.qualification import certainty, rules
from calibration.qualification.models import AttemptPaper
from calibration.qualification.rules import Scored
from scoring.db import db


@dataclass(frozen=True)
class Compared:
    """One trait of one paper: the own score, the consensus score, and why it is what it is."""

    trait: str
    own: int
    own_label: str
    consensus: int
    consensus_label: str
    commentary: str

    @property
    def words(self):
        """How far apart the two are."""
        off = self.own - self.consensus
        if off == 0:
            return "The same"
        points = "1 point" if abs(off) == 1 else f"{abs(off)} points"
        return f"You gave {points} {'more' if off > 0 else 'less'}"

    @property
    def is_same(self):
        return self.own == self.consensus


def compare(attempt_paper, sheet):
    """Hold one paper's scores against its consensus scores, trait by trait."""
    own = {each.trait_id: each.score for each in attempt_paper.scores}
    agreed = {each.trait_id: each for each in attempt_paper.paper.scores}
    found = []
    for trait in sheet.traits:
        labels = {point.value: point.label for point in trait.points}
        mine, theirs = own[trait.id], agreed[trait.id]
        found.append(Compared(trait.name, mine, labels.get(mine, ""), theirs.score, labels.get(theirs.score, ""), theirs.commentary))  # fmt: skip
    return found


@dataclass(frozen=True)
class Outcome:
    """A try as it was judged by the rule it began with: the result, how sure it is, and each set's papers."""

    result: rules.Result
    certainty: certainty.Certainty
    sets: list

    @property
    def passed(self):
        return self.result.passed

    @property
    def n_papers(self):
        return sum(len(papers) for papers in self.sets)

    @property
    def traits(self):
        """The counts of each trait over all that counted."""
        if len(self.result.parts) == 1:
            return self.result.parts[0].traits
        rows = zip(*(part.traits for part in self.result.parts), strict=True)
        return tuple(_added(row) for row in rows)

    @property
    def counted(self):
        """What the shares were held against, over all parts."""
        return _added([part.counted for part in self.result.parts]) if self.result.parts else None

    @property
    def is_by_share(self):
        """Whether the share of exact scores decided, and not how far the others were apart."""
        return self.passed or self.certainty.is_short

    @property
    def is_near_the_line(self):
        """Whether the share of exact scores decided, and could have gone either way."""
        return self.is_by_share and not self.certainty.is_clear(self.passed)

    @property
    def how_sure(self):
        """How sure the result is, and whether something else than the exact share decided it."""
        if self.is_by_share:
            return self.certainty.words(self.passed)
        return f"The share of exact scores was enough. What decided it was how far the others were apart{self._far}."

    @property
    def _far(self):
        """Where exact scores were enough and the others too far apart."""
        parts = self.result.parts
        return " and".join(
            certainty.where(name, place if len(parts) > 1 else 0)
            for place, part in enumerate(parts, 1) if not part.short
            for name in part.far
        )  # fmt: skip


def result_of(attempt):
    """Judge an attempt by its rule. Only papers whose scores are in count."""
    return results_of([attempt])[0]


def results_of(attempts):
    """Judge each of these attempts, in their order."""
    papers = _papers_of(attempts)
    return [_judged(each, papers.get(each.id, ())) for each in attempts]


def _judged(attempt, papers):
    traits = [(trait.key, trait.name) for trait in attempt.program.rubric.traits]
    sets = list(_by_set(attempt, papers).values())
    result = rules.judge(attempt.rule, sets, traits)
    return Outcome(result, certainty.of_try(attempt.rule, result, traits), sets)


def _papers_of(attempts):
    """The papers whose scores are in, by attempt and in order."""
    found = {}
    query = (
        sa.select(AttemptPaper)
        .where(
            AttemptPaper.attempt_id.in_([each.id for each in attempts]),
            AttemptPaper.submitted_at.is_not(None),
        )
        .order_by(AttemptPaper.position)
        .options(selectinload(AttemptPaper.scores), joinedload(AttemptPaper.paper).selectinload(Paper.scores))
    )
    for each in db.session.scalars(query):
        found.setdefault(each.attempt_id, []).append(each)
    return found


def _by_set(attempt, papers):
    keys = {trait.id: trait.key for trait in attempt.program.rubric.traits}
    found = {}
    for each in papers:
        given = {keys[score.trait_id]: score.score for score in each.scores}
        consensus = {keys[score.trait_id]: score.score for score in each.paper.scores}
        found.setdefault(each.set_id, []).append(Scored(given, consensus))
    return found


def _added(counts):
    n = sum(each.n for each in counts)
    lean = sum(each.lean * each.n for each in counts) / n if n else 0.0
    return rules.Count(counts[0].name, n, sum(each.exact for each in counts), sum(each.adjacent for each in counts),
                       sum(each.discrepant for each in counts), lean)  # fmt: skip


def lean_words(count):
    """Say in which direction the scores of a trait lean; nothing where they hardly do.

    >>> lean_words(rules.Count("Claim", 10, 6, 4, 0, -0.4)), lean_words(rules.Count("Claim", 10, 9, 1, 0, 0.1))
    ('Lower by 0.4 on average', '')
    """
    if abs(count.lean) < 0.15:
        return ""
    return f"{'Higher' if count.lean > 0 else 'Lower'} by {abs(count.lean):.1f} on average"
