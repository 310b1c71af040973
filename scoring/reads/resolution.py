"""How reads become scores of record: exact, adjacent, discrepant, and the five rules of resolution.

Pure: nothing here knows of tables or pages. Traits and condition codes are whatever the caller calls them by.
"""

from dataclasses import dataclass, field
from statistics import fmean

EXACT, ADJACENT, DISCREPANT = "exact", "adjacent", "discrepant"
NEEDS_READ, SETTLED = "needs_read", "settled"
ONE_READ, TWO_READS, ADJUDICATED = "one_read", "two_reads", "adjudicated"


@dataclass(frozen=True)
class Judgment:
    """One person's complete judgment of a response: a score for every trait, or one condition code for all of it."""

    scores: dict = field(default_factory=dict)
    code: object = None


@dataclass(frozen=True)
class Resolution:
    """What the reads came to: still waiting, too far apart, or settled by which scores (or code) and which way."""

    outcome: str
    scores: dict = field(default_factory=dict)
    code: object = None
    method: str | None = None


def closeness(first, second, tolerance=1):
    """Say how close two scores of one trait are.

    >>> closeness(3, 3), closeness(3, 4), closeness(2, 4)
    ('exact', 'adjacent', 'discrepant')
    >>> closeness(3, 4, tolerance=0)
    'discrepant'
    """
    distance = abs(first - second)
    return EXACT if distance == 0 else ADJACENT if distance <= tolerance else DISCREPANT


def resolve(reads, *, required=2, rule="mean", tolerance=1, adjudicated=None):
    """Apply an event's rule to the reads of one response, first read first.

    Two adjacent reads under the usual rule: the mean counts, trait by trait.

    >>> resolve([Judgment({"Claim": 3, "Voice": 2}), Judgment({"Claim": 4, "Voice": 2})])
    Resolution(outcome='settled', scores={'Claim': 3.5, 'Voice': 2.0}, code=None, method='two_reads')

    One trait too far apart sends the whole response to adjudication; what the adjudicator gives then stands alone.

    >>> apart = [Judgment({"Claim": 1, "Voice": 2}), Judgment({"Claim": 3, "Voice": 2})]
    >>> resolve(apart).outcome
    'discrepant'
    >>> resolve(apart, adjudicated=Judgment({"Claim": 2, "Voice": 3})).scores
    {'Claim': 2.0, 'Voice': 3.0}

    A condition code agrees only with the same code.

    >>> resolve([Judgment(code="B"), Judgment(code="B")])
    Resolution(outcome='settled', scores={}, code='B', method='two_reads')
    >>> resolve([Judgment(code="B"), Judgment(code="T")]).outcome
    'discrepant'
    >>> resolve([Judgment(code="B"), Judgment({"Claim": 1, "Voice": 1})]).outcome
    'discrepant'

    Where one read is required, that read is the score of record.

    >>> resolve([Judgment({"Claim": 3})], required=1)
    Resolution(outcome='settled', scores={'Claim': 3.0}, code=None, method='one_read')
    >>> resolve([Judgment({"Claim": 3})]).outcome
    'needs_read'

    The other rules.

    >>> pair = [Judgment({"Claim": 3}), Judgment({"Claim": 4})]
    >>> [resolve(pair, rule=rule).scores["Claim"] for rule in ("sum", "first", "higher")]
    [7.0, 3.0, 4.0]
    >>> resolve(pair, rule="adjudicator").outcome
    'discrepant'

    Under the rule of sums every score of record is on the scale of two reads, so one judgment that stands alone
    counts double.

    >>> resolve([Judgment({"Claim": 3})], required=1, rule="sum").scores
    {'Claim': 6.0}
    """
    if adjudicated is not None:
        return _alone(adjudicated, rule, ADJUDICATED)
    if len(reads) < required:
        return Resolution(NEEDS_READ)
    if required == 1:
        return _alone(reads[0], rule, ONE_READ)
    first, second = reads[0], reads[1]
    if first.code is not None or second.code is not None:
        if first.code == second.code:
            return Resolution(SETTLED, code=first.code, method=TWO_READS)
        return Resolution(DISCREPANT)
    allowed = 0 if rule == "adjudicator" else tolerance
    if any(
        closeness(first.scores[trait], second.scores[trait], allowed) == DISCREPANT for trait in first.scores
    ):
        return Resolution(DISCREPANT)
    combined = {trait: combine(first.scores[trait], second.scores[trait], rule) for trait in first.scores}
    return Resolution(SETTLED, combined, method=TWO_READS)


def combine(first, second, rule):
    """Make one score of two that are close enough.

    >>> [combine(2, 3, rule) for rule in ("mean", "sum", "first", "higher")]
    [2.5, 5.0, 2.0, 3.0]
    """
    if rule == "sum":
        return float(first + second)
    if rule == "first":
        return float(first)
    if rule == "higher":
        return float(max(first, second))
    return fmean((first, second))  # also "adjudicator", where only equal reads come this far


def _alone(judgment, rule, method):
    times = 2.0 if rule == "sum" else 1.0
    scores = {trait: score * times for trait, score in judgment.scores.items()}
    return Resolution(SETTLED, {} if judgment.code is not None else scores, judgment.code, method)
