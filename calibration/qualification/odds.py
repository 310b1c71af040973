"""What a rule lets through: how often somebody passes whose scores are exact on a share of all papers. Pure."""

import math
from collections import defaultdict
from dataclasses import dataclass

from calibration.qualification.certainty import at_least
from calibration.qualification.rules import Judging, Scope, needed

TRUE_SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Odds:
    """How often somebody with a true exact share passes: in one try, and in all tries before a coach."""

    share: float
    once: float
    in_all: float


def rows(rule, sizes, n_traits):
    """A row for each of a few true shares; none for a rule that is not worked out."""
    if not is_worked_out(rule, n_traits):
        return []
    found = [(share, chance_to_pass(rule, sizes, share, n_traits)) for share in TRUE_SHARES]
    return [Odds(share, once, 1 - (1 - once) ** rule.tries) for share, once in found]


def is_worked_out(rule, n_traits):
    """Which set is the worst depends on all traits, so that each trait's share no longer is a plain count."""
    return not (rule.drops_worst_set and _n_shares(rule, n_traits) > 1)


def chance_to_pass(rule, sizes, share, n_traits=1):
    """How often one try passes by its exact scores, where each score is exact with this probability.

    Exact sums of binomial chances; `sizes` holds the papers of each set. Where traits count together, a paper counts as
    one score: with several traits the same holds as long as the scores of a paper go together, and otherwise results
    are a little surer. Where each trait counts for itself, traits are independent; where they go together, more pass.

    >>> from calibration.qualification.rules import Rule
    >>> round(chance_to_pass(Rule(exact_share=70), [10], 0.8), 2)
    0.88
    >>> round(chance_to_pass(Rule(exact_share=70, sets_to_see=2, sets_to_pass=2), [10, 10], 0.8), 2)
    0.77
    """
    power = _n_shares(rule, n_traits)
    if rule.judging is Judging.EACH:
        return at_least(rule.sets_to_pass, [_reaches(rule, size, share) ** power for size in sizes])
    if rule.drops_worst_set and len(sizes) > 1:
        return _without_the_worst(rule, sizes, share)
    return _reaches(rule, sum(sizes), share) ** power


def _n_shares(rule, n_traits):
    return n_traits if rule.scope is Scope.PER_TRAIT else 1


def _reaches(rule, n, share):
    return sum(_binomial(n, share)[needed(rule.exact_share, n) :])


def _binomial(n, share):
    return [math.comb(n, hits) * share**hits * (1 - share) ** (n - hits) for hits in range(n + 1)]


def _without_the_worst(rule, sizes, share):
    """Set by set: the hits that count so far, and the hits and papers of the worst set, with their chance."""
    found = {(0, (hits, sizes[0])): chance for hits, chance in enumerate(_binomial(sizes[0], share))}
    for n in sizes[1:]:
        after = defaultdict(float)
        for (kept, (worst, papers)), so_far in found.items():
            for hits, chance in enumerate(_binomial(n, share)):
                is_worst = hits * papers <= worst * n
                key = (kept + worst, (hits, n)) if is_worst else (kept + hits, (worst, papers))
                after[key] += so_far * chance
        found = after
    total = sum(sizes)
    return sum(
        chance for (kept, (_, n)), chance in found.items() if kept >= needed(rule.exact_share, total - n)
    )


def words(rule, sizes, n_traits):
    """Say what is worked out and what is not.

    >>> from calibration.qualification.rules import Rule
    >>> words(Rule(sets_to_see=2, sets_to_pass=2, most_discrepant=None), [10, 10], 1)
    'Binomial, with 7 of 10 exact needed in a set and 2 of 2 sets to pass. A paper counts as one score.'
    """
    if not is_worked_out(rule, n_traits):
        return "How often scorers pass is not worked out where each trait counts for itself and the worst set is left out."
    by_trait = _n_shares(rule, n_traits) > 1
    said = [f"Binomial, with {_need(rule, sizes)}{f', in each of {n_traits} traits' if by_trait else ''}."]
    said.append("Traits are taken as independent; where they go together, more pass." if by_trait else "A paper counts as one score.")  # fmt: skip
    if rule.most_discrepant is not None or rule.adjacent_share is not None:
        said.append("The rule on scores further apart makes it harder.")
    if rule.drops_best_trait:
        said.append(
            "So does the best trait left out."
            if len(said) > 2
            else "The best trait left out makes it harder."
        )
    return " ".join(said)


def _need(rule, sizes):
    if rule.judging is Judging.TOGETHER:
        counted = sorted(sizes)[1:] if rule.drops_worst_set else sizes
        over = (
            f", the worst of {len(sizes)} sets left out"
            if rule.drops_worst_set
            else f" in {len(sizes)} sets together"
        )
        return f"{_of(rule, sum(counted))} exact needed{over if len(sizes) > 1 else ''}"
    each = " or ".join(_of(rule, size) for size in sorted(set(sizes)))
    if len(sizes) == 1:
        return f"{each} exact needed"
    return f"{each} exact needed in a set and {rule.sets_to_pass} of {len(sizes)} sets to pass"


def _of(rule, n):
    return f"{needed(rule.exact_share, n)} of {n}"
