"""What a committee's scores say: the spread and the agreement on each trait, and how sure the true score is."""

import math
from dataclasses import dataclass, replace

from calibration.measurement import pairs, shares
from calibration.measurement.anchoring import posterior, reading
from calibration.measurement.ratings import Ratings
from calibration.rangefinding import rules
from calibration.reports import evidence

ENOUGH = 5  # papers; under this the interval would say nothing


@dataclass(frozen=True)
class Given:
    """One member's score of one trait, with what they pointed to. Names stay off: the work is discussed, not people."""

    score: int
    evidence: str
    is_mine: bool


@dataclass(frozen=True)
class TraitResult:
    """What the members gave to one trait of one paper."""

    trait: object
    spread: rules.Spread
    agreement: str
    certainty: str
    chances: tuple | None  # one for each score point
    given: tuple

    @property
    def split(self):
        """The score points between which the members are split, in words; empty where most gave the same."""
        return rules.listed(self.spread.top) if len(self.spread.top) > 1 else ""

    @property
    def mine(self):
        """The score point this person gave, or None."""
        return next((each.score for each in self.given if each.is_mine), None)

    @property
    def rows(self):
        """Score points from high to low: (point, label, how many, chance)."""
        chances = self.chances or (None,) * len(self.trait.points)
        counted = dict(self.spread.counts)
        return [
            (point.value, point.label, counted[point.value], chance)
            for point, chance in zip(self.trait.points, chances, strict=True)
        ][::-1]


class Results:
    """The scores of one proposed paper, for somebody who may see them."""

    def __init__(self, committee, proposed, person, models):
        sent = proposed.sent
        self.reasons = sorted((each.reason, each.person_id == person.id) for each in sent if each.reason)
        self.tolerance = committee.event.tolerance or 1
        self.traits = [
            self._trait(trait, sent, person, models.get(trait.key)) for trait in committee.rubric.traits
        ]

    def _trait(self, trait, sent, person, model):
        given = [
            Given(score.score, score.evidence, read.person_id == person.id)
            for read in sent
            for score in read.scores
            if score.trait_id == trait.id
        ]
        scores = [each.score for each in given]
        found = rules.spread(trait.values, scores, tolerance=self.tolerance)
        chances = tuple(posterior.of_reads(model, scores).tolist()) if model is not None and scores else None
        return TraitResult(
            trait, found, rules.agreement_words(found, tolerance=self.tolerance),
            rules.certainty_words(trait.values, chances), chances,
            tuple(sorted(given, key=lambda each: (-each.score, each.evidence))),
        )  # fmt: skip

    @property
    def is_solid(self):
        """Whether the members lean clearly to one score point on every trait."""
        return all(
            max(each.chances) >= rules.LIKELY if each.chances else each.spread.most * 4 >= each.spread.n * 3
            for each in self.traits
        )

    @property
    def suggested(self):
        """By trait id, the score that most members gave; nothing where they are split."""
        return {each.trait.id: each.spread.top[0] for each in self.traits if len(each.spread.top) == 1}


def models_of(committee):
    """How reads of each trait come about in the committee's event, by trait key; None where too few were read twice."""
    ratings = evidence.ratings(committee.event, committee.rubric.task)
    return {trait: reading.fit(ratings.of(trait)) for trait in ratings.traits}


def together(committee, places):
    """How often two members gave the same score over all papers whose scores are to be seen: for each trait a sentence.

    Each paper counts once, averaged over its pairs of members; the share has its interval where there are papers enough.
    """
    seen = [place.proposed for place in places if place.sees_scores and place.sent]
    keys = {trait.id: trait.key for trait in committee.rubric.traits}
    rows = [
        (proposed.id, read.person_id, keys[score.trait_id], score.score)
        for proposed in seen
        for read in proposed.sent
        for score in read.scores
    ]
    points = {trait.key: trait.values for trait in committee.rubric.traits}
    ratings = Ratings.from_rows(rows, points=points)
    said, tolerance = [], committee.event.tolerance or 1
    for trait in committee.rubric.traits:
        counts = pairs.count(ratings.of(trait.key))
        if counts.n_pairs:
            same, near = shares.exact(counts), shares.within(counts, tolerance=tolerance)
            if counts.n_units < ENOUGH:
                same = replace(same, low=math.nan, high=math.nan)
            words = rules.together_words(same.percent_text(), f"{100 * near.value:.0f} %", counts.n_units, counts.n_pairs,
                                         tolerance=tolerance)  # fmt: skip
            said.append((trait.name, words))
    return said
