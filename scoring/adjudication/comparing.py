"""The reads of a discrepant response side by side, and what each decision came to."""

from dataclasses import dataclass

from scoring.adjudication import finding
from scoring.events.models import ResolutionRule
from scoring.reads import services as reads
from scoring.reads.resolution import DISCREPANT, closeness


@dataclass(frozen=True)
class Row:
    """One trait in every read: the scores given, and whether the two blind reads are too far apart."""

    trait: object
    scores: list
    comments: list
    is_discrepant: bool


@dataclass(frozen=True)
class Comparison:
    """The first read, the second read and the leader's own, one beside the other."""

    heads: list  # of (name of the read, who made it)
    reads: list
    rows: list

    @property
    def notes(self):
        """What the readers noted for themselves: (name of the read, note)."""
        return [
            (head, read.note) for (head, _), read in zip(self.heads, self.reads, strict=True) if read.note
        ]

    @property
    def has_codes(self):
        return any(read.condition_code for read in self.reads)


def compare(place, sheet, own=None):
    """Lay the blind reads of a response side by side, with a leader's own read after them if there is one."""
    blind = reads.reads_of(place)
    names = ["First read", "Second read"][: len(blind)]
    heads = [(name, read.scorer.name) for name, read in zip(names, blind, strict=True)]
    if own is not None:
        heads.append(("Leader", own.scorer.name))
    every = [*blind, *([own] if own is not None else [])]
    tolerance = 0 if place.event.resolution_rule is ResolutionRule.ADJUDICATOR else place.event.tolerance
    return Comparison(heads, every, [_row(trait, blind, every, tolerance) for trait in sheet.traits])


def _row(trait, blind, every, tolerance):
    scores = [read.score_by_trait.get(trait.id) for read in every]
    given = [score for score in scores[: len(blind)] if score is not None]
    apart = len(given) == 2 and closeness(*given, tolerance) == DISCREPANT
    comments = [
        next(
            ((each.comment_below, each.comment_above) for each in read.scores if each.trait_id == trait.id),
            ("", ""),
        )
        for read in every
    ]
    return Row(trait, scores, comments, apart)


def own_or_decisive_read(place, leader):
    """Return the leader's own blind read, or else that of whoever decided."""
    own = finding.own_read(place, leader)
    record = finding.current_record(place)
    if own is None and record and record[0].decided_by is not None:
        own = finding.own_read(place, record[0].decided_by)
    return own
