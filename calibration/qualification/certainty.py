"""How sure a pass or a fail is: a few papers can not tell two scorers near the line apart."""

import math
from dataclasses import dataclass, replace

from calibration.measurement.beta_binomial import beta_quantile
from calibration.measurement.intervals import beta_share
from calibration.qualification.rules import Judging, Scope

CLEAR = 0.90  # the least probability at which a result is called clear
CONFIDENCE = 0.90


@dataclass(frozen=True)
class Certainty:
    """What the papers tell of somebody's exact share beyond these papers.

    `above` is the probability that the share reaches the bar, `low` to `high` its 90 % interval. Where a try has several
    shares, of sets or of traits, this is the one that decided, and `above` is for all that must reach the bar.
    """

    share: float
    low: float
    high: float
    above: float
    n_papers: int
    bar: float
    trait: str = ""  # "" where traits count together
    place: int = 0  # the number of its set; 0 where all papers of the try count as one
    n_shares: int = 1
    is_short: bool = False  # too few exact scores for the rule

    @property
    def where(self):
        """Which share of several this is, as the end of a sentence."""
        return where(self.trait, self.place)

    def is_clear(self, passed):
        """Whether the papers say so clearly enough."""
        return (self.above if passed else 1 - self.above) >= CLEAR

    def words(self, passed):
        """Say how sure the result is, and where there are several shares, which one decided."""
        n = "1 paper" if self.n_papers == 1 else f"{self.n_papers} papers"
        many = f"over many papers{f' like those of set {self.place}' if self.place else ''}"
        range_ = f"between {round(100 * self.low)} and {round(100 * self.high)} of every 100 scores{where(self.trait)}"
        if self.is_clear(passed):
            said = f"This is clear, also with {n}: {many} you would most likely be exact on {range_}."
        else:
            said = f"With {n} this could have gone either way: {many} you would be exact on {range_}."
        if self.n_shares == 1:
            return said
        which = "Of what had to reach the bar, nearest to it" if passed else "What decided it"
        return f"{which} was the share of exact scores{self.where}. {said}"


def where(trait, place=0):
    """Name a share by its trait and the number of its set, as the end of a sentence.

    >>> where("Claim", 2), where("", 2), where("Claim"), where("")
    (' in Claim of set 2', ' in set 2', ' in Claim', '')
    """
    parts = [part for part in (trait, f"set {place}" if place else "") if part]
    return f" in {' of '.join(parts)}" if parts else ""


def certainty(exact_by_paper, bar):
    """How sure an exact share is against a bar. `exact_by_paper` holds each paper's share of exact scores, 0 to 1.

    The posterior of the share under Jeffreys' prior is Beta(h + 1/2, n - h + 1/2), with n papers and h the sum of
    their shares: papers count, not scores, because the scores of one paper depend on each other. That errs on the
    side of less certainty where they do not.

    >>> eight = certainty([1.0] * 8 + [0.0] * 2, 0.70)
    >>> round(eight.above, 2), round(eight.low, 2), round(eight.high, 2), eight.is_clear(True)
    (0.75, 0.55, 0.94, False)
    >>> certainty([1.0] * 10, 0.70).is_clear(True)
    True

    References
    ----------
    Brown, L. D., Cai, T. T., & DasGupta, A. (2001). Interval estimation for a binomial proportion. *Statistical
    Science*, 16(2), 101-133.
    """
    n = len(exact_by_paper)
    if n == 0:
        return Certainty(math.nan, 0.0, 1.0, math.nan, 0, bar)
    hits = min(max(sum(exact_by_paper), 0.0), float(n))
    a, b, tail = hits + 0.5, n - hits + 0.5, (1 - CONFIDENCE) / 2
    low = 0.0 if hits == 0 else beta_quantile(tail, a, b)
    high = 1.0 if hits == n else beta_quantile(1 - tail, a, b)
    share = hits / n
    return Certainty(
        share, min(float(low), share), max(float(high), share), 1 - beta_share(bar, a, b), n, bar
    )


def of_try(rule, result, traits):
    """How sure a try's result is, by the exact shares that its rule holds against the bar.

    Each part of the try has one share, or one for each trait, of the papers and traits that counted in it. Shown is the
    one that decided: of the sets, the one that was still needed to pass; in it, the trait nearest to failing. The
    probability that all that must reach the bar do is worked out twice, as if shares knew nothing of each other and as
    if they went wholly together; the less sure of the two counts.
    """
    least = min(rule.sets_to_pass, len(result.parts)) if rule.judging is Judging.EACH else 1
    shares = [
        _shares(rule, part, place if len(result.parts) > 1 else 0, traits)
        for place, part in enumerate(result.parts, 1)
        if part.passed or part.short or not result.passed  # what only distance failed does not carry a pass
    ]
    if not shares:
        return certainty([], rule.exact_share / 100)
    lowest = sorted((min(each, key=_height) for each in shares), key=_height, reverse=True)
    apart = at_least(least, [math.prod(share.above for share in each) for each in shares])
    both = (apart, lowest[least - 1].above)
    n_shares = sum(len(each) for each in shares)
    return replace(lowest[least - 1], above=min(both) if result.passed else max(both), n_shares=n_shares)


def _shares(rule, part, place, traits):
    """The shares of one part: of all its traits together, or of each trait."""
    names, bar = dict(traits), rule.exact_share / 100
    is_by_trait = rule.scope is Scope.PER_TRAIT and len(traits) > 1
    sets_of_keys = [(names[key], (key,)) for key in part.keys] if is_by_trait else [("", part.keys)]
    return [
        replace(
            certainty([sum(paper.apart(key) == 0 for key in keys) / len(keys) for paper in part.papers], bar),
            trait=name, place=place, is_short=name in part.short,
        )
        for name, keys in sets_of_keys
    ]  # fmt: skip


def _height(share):
    return (not share.is_short, share.above)


def at_least(least, chances):
    """The probability that so many of several independent things happen.

    >>> round(at_least(1, [0.5, 0.5]), 2), round(at_least(2, [0.9, 0.8]), 2)
    (0.75, 0.72)
    """
    found = [1.0]  # of none, one, two ... so far
    for chance in chances:
        found = [
            stays * (1 - chance) + comes * chance
            for stays, comes in zip([*found, 0.0], [0.0, *found], strict=True)
        ]
    return sum(found[least:])
