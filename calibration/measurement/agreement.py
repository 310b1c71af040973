"""How well two blind reads of the same work agree: everything a page or a workbook shows for one trait.

The headline is in papers: how often the same score, how often within one point, with an interval, next to
what guessing would give. The coefficients come after it, and not at all below 30 papers.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement import alpha as krippendorffs
from calibration.measurement import differences, kappa, pairs, shares, wording
from calibration.measurement.result import TOO_FEW, Statistic, page_rule, undefined

CONFIDENCE = 0.95


@dataclass(frozen=True)
class ConditionAgreement:
    """How condition codes (blank, off topic, ...) were given: by both readers, differently, or by one only."""

    n_reads: int
    n_both_same: int
    n_both_differ: int
    n_one_only: int
    sentence: str


@dataclass(frozen=True)
class AgreementSummary:
    """Everything shown about the agreement on one trait; the page rule is already applied."""

    trait: object
    points: tuple
    tolerance: float
    n_responses: int
    n_reads: int
    n_double: int
    n_single: int
    n_pairs: int
    n_missing: int
    n_conditions: int
    max_reads: int
    fixed_pair: tuple | None
    exact: Statistic
    adjacent: Statistic
    within: Statistic
    discrepant: Statistic
    exact_count: float
    within_count: float
    discrepant_count: float
    chance_exact: Statistic
    chance_within: Statistic
    coin_exact: Statistic
    coin_within: Statistic
    kappa: Statistic
    linear_kappa: Statistic
    qwk: Statistic
    alpha_nominal: Statistic
    alpha_ordinal: Statistic
    alpha_interval: Statistic
    mean_difference: Statistic
    smd: Statistic
    by_point: tuple
    boundaries: tuple
    table: tuple
    folded: tuple
    distribution: tuple
    distribution_by_scorer: dict
    conditions: ConditionAgreement | None
    sentences: tuple


def summarize(ratings, *, tolerance=1, draws=1000, seed=1, confidence=CONFIDENCE):
    """Work out everything that is shown about the agreement on one trait.

    Parameters
    ----------
    ratings : TraitRatings or PairCounts
        Blind reads of one trait, or the counts a database has made of them.
    tolerance : float
        Points apart that still count as adjacent; the event's rule.
    draws, seed : int
        For the bootstrap intervals of alpha.

    Returns
    -------
    AgreementSummary
        Cohen's kappa if the same two scorers read everything, Scott's version if not: `method` says which.

    >>> counts = pairs.PairCounts.from_table([[40, 10, 1], [9, 20, 3], [2, 4, 11]], [1, 2, 3])
    >>> summarize(counts).sentences[0]
    'Two scorers gave the same score on 71 of 100 papers; 97 were within one point.'
    """
    if tolerance < 0:
        raise ValueError("The tolerance is 0 or more points.")
    counts = ratings if isinstance(ratings, pairs.PairCounts) else pairs.count(ratings)
    same = shares.exact(counts, confidence=confidence)
    near = shares.within(counts, tolerance=tolerance, confidence=confidence)
    far = shares.discrepant(counts, tolerance=tolerance, confidence=confidence)
    kappas = [_kappa(counts, power, confidence) for power in (0, 1, 2)]
    alphas = [_alpha(ratings, counts, level, draws, seed, confidence) for level in krippendorffs.LEVELS[:3]]
    lines = shares.boundaries(counts, confidence=confidence)
    habit = shares.by_habit(counts, tolerance=tolerance)
    codes = None if ratings is counts else conditions(ratings)
    return AgreementSummary(
        trait=counts.trait,
        points=tuple(counts.points.tolist()),
        tolerance=tolerance,
        n_responses=counts.n_responses,
        n_reads=counts.n_reads,
        n_double=counts.n_units,
        n_single=counts.n_single,
        n_pairs=counts.n_pairs,
        n_missing=counts.n_missing,
        n_conditions=counts.n_conditions,
        max_reads=counts.max_reads,
        fixed_pair=counts.fixed_pair,
        exact=same,
        adjacent=shares.adjacent(counts, tolerance=tolerance, confidence=confidence),
        within=near,
        discrepant=far,
        exact_count=_papers(same),
        within_count=_papers(near),
        discrepant_count=_papers(far),
        chance_exact=shares.by_habit(counts),
        chance_within=habit,
        coin_exact=shares.by_coin(counts.points),
        coin_within=shares.by_coin(counts.points, tolerance=tolerance),
        kappa=kappas[0],
        linear_kappa=kappas[1],
        qwk=kappas[2],
        alpha_nominal=alphas[0],
        alpha_ordinal=alphas[1],
        alpha_interval=alphas[2],
        mean_difference=_difference(counts, confidence),
        smd=page_rule(differences.standardized(counts, confidence=confidence)),
        by_point=shares.by_score_point(counts, confidence=confidence),
        boundaries=lines,
        table=_tuples(counts.table),
        folded=_tuples(counts.folded),
        distribution=shares.distribution(counts.given, counts.points),
        distribution_by_scorer={
            scorer: shares.distribution(given, counts.points) for scorer, given in counts.given_by.items()
        },
        conditions=codes,
        sentences=_sentences(counts, same, near, habit, alphas[1], lines, codes, tolerance),
    )


def conditions(ratings):
    """How the readers of a response agreed that it cannot be scored; None where no condition code was given.

    Condition codes are no points on the scale. They are compared by name only, and the reads that carry one
    are left out of every other figure.
    """
    response, code, names = ratings.conditions
    if not response.size:
        return None
    n = len(ratings.response.names)
    scored = np.bincount(ratings.response.codes, minlength=n)
    coded = np.bincount(response * len(names) + code, minlength=n * len(names)).reshape(n, -1)
    given, kinds = coded.sum(axis=1), np.count_nonzero(coded, axis=1)
    same = int(((given > 1) & (kinds == 1) & (scored == 0)).sum())
    differ = int(((kinds > 1) & (scored == 0)).sum())
    one = int(((given > 0) & (scored > 0)).sum())
    said = (
        f"Condition codes were given in {response.size:,} read{'' if response.size == 1 else 's'}: every reader "
        f"gave the same code on {wording.papers(same)}, different codes on {wording.count(differ)}, "
        f"and a code against a score on {wording.count(one)}."
    )
    return ConditionAgreement(int(response.size), same, differ, one, said)


def _kappa(counts, power, confidence):
    measure = kappa.cohen if counts.fixed_pair else kappa.pooled
    return page_rule(measure(counts, power=power, confidence=confidence))


def _alpha(ratings, counts, level, draws, seed, confidence):
    """Alpha, worked out a second time by another road before anybody sees it."""
    found = krippendorffs.alpha(counts, level=level, draws=draws, seed=seed, confidence=confidence)
    if ratings is counts:
        again = _package_alpha_of_counts(counts, level)
    else:
        again = krippendorffs.replicate_alpha(ratings, level=level)
    krippendorffs.confirm(found.value, again)
    return page_rule(found)


def _package_alpha_of_counts(counts, level):
    """From counts only, the reads themselves are not at hand: the table of pairs is written out again."""
    q = counts.points.size
    rows, columns = np.divmod(np.repeat(np.arange(q * q), counts.table.ravel()), q)
    written = np.zeros((rows.size, q), np.int64)
    np.add.at(written, (np.arange(rows.size), rows), 1)
    np.add.at(written, (np.arange(rows.size), columns), 1)
    return krippendorffs.package_alpha(written, counts.points, level=level)


def _difference(counts, confidence):
    if counts.oriented is None:
        said = "The pairs of scorers vary here, so no one scorer can be set against another. See the scorers' table."
        return undefined(TOO_FEW, said, method="mean difference", **counts.known())
    first, second = counts.fixed_pair
    return differences.mean_difference(
        counts.oriented,
        counts.points,
        who=str(second),
        others=str(first),
        confidence=confidence,
        **counts.known(),
    )


def _sentences(counts, same, near, habit, ordinal, lines, codes, tolerance):
    n = counts.n_units
    who = "The two scorers" if counts.fixed_pair else "Two scorers"
    if counts.max_reads > 2:
        who = "Two scorers, picked at random from those who read a paper,"
    said = [wording.same_score(who, _papers(same), _papers(near), n, tolerance)]
    if n:
        said += [habit.sentence, shares.widest_boundary(lines, n - _papers(same)), ordinal.sentence]
    if counts.n_single:
        said.append(f"{wording.papers(counts.n_single)} had one scored read and cannot show agreement.")
    if counts.n_missing:
        said.append(
            f"{counts.n_missing:,} read{'' if counts.n_missing == 1 else 's'} had no score and were left out."
        )
    said.append(codes.sentence if codes else "")
    return tuple(sentence for sentence in said if sentence)


def _papers(share):
    """The number of papers behind a share; a whole number unless pairs were averaged."""
    number = share.value * share.n_units if share.defined else 0
    return round(number) if abs(number - round(number)) < 1e-6 else number


def _tuples(table):
    return tuple(map(tuple, table.tolist()))
