r"""Agreement beyond chance, by other ideas of chance: Brennan & Prediger, Scott, Fleiss, Conger.

All are :math:`(p_a - p_e) / (1 - p_e)` with the same agreement :math:`p_a`, averaged over the pairs of reads
of each response that has some. They differ in what two scorers would agree on by guessing:

================== ==========================================================
Brennan & Prediger every score point equally likely
Scott              each score as often as it was given to compared responses
Fleiss             the same, responses read once included
Conger             each scorer's own habits, averaged over all pairs of scorers
================== ==========================================================
"""

import numpy as np

from calibration.measurement import linearization, weights
from calibration.measurement.result import NO_PAIRS, TOO_FEW, undefined


def weighted_agreement(counts, *, weighting="identity", confidence=0.95):
    """Agreement itself, with part of the credit for smaller misses and nothing taken off for chance.

    With "identity" it is exact agreement, here with a linearized standard error.

    >>> from calibration.measurement.pairs import PairCounts
    >>> weighted_agreement(PairCounts.from_table([[40, 10], [19, 31]], [1, 2])).text()
    '0.71 (0.62 to 0.80)'
    """
    kinds = linearization.patterns_with_singles(counts)
    return _stated(counts, kinds, no_chance, weighting, "Weighted agreement", confidence)


def brennan_prediger(counts, *, weighting="identity", confidence=0.95):
    """Agreement beyond what there would be if every score point were equally likely.

    Also known as S, G and Randolph's free-marginal kappa. It depends on the number of score points in the
    rubric.

    Parameters
    ----------
    counts : PairCounts
    weighting : str, int or q x q array
        As in `weights.matrix`.

    References
    ----------
    Brennan, R. L., & Prediger, D. J. (1981). Coefficient kappa: Some uses, misuses, and alternatives.
    *Educational and Psychological Measurement*, 41(3), 687-699.

    >>> from calibration.measurement.pairs import PairCounts
    >>> round(brennan_prediger(PairCounts.from_table([[13, 0, 0], [0, 20, 7], [0, 4, 56]], [1, 2, 3])).value, 3)
    0.835
    """
    kinds = linearization.patterns_with_singles(counts)
    return _stated(counts, kinds, even_chance, weighting, "Brennan-Prediger coefficient", confidence)


def scott_pi(counts, *, weighting="identity", confidence=0.95):
    """Scott's pi: agreement beyond what guessing by the common habits of all scorers would give.

    From responses with two or more reads only, each counting once; with more than two reads it is Fleiss'
    kappa of these responses.

    References
    ----------
    Scott, W. A. (1955). Reliability of content analysis. *Public Opinion Quarterly*, 19(3), 321-325.
    """
    return _stated(counts, counts.compared, pooled_chance, weighting, "Scott's pi", confidence)


def fleiss(counts, *, weighting="identity", confidence=0.95):
    """Fleiss' kappa for any number of reads: Scott's idea, with responses read once telling habits too.

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. *Psychological Bulletin*,
    76(5), 378-382.
    Gwet, K. L. (2014). *Handbook of inter-rater reliability* (4th ed.). Advanced Analytics.
    """
    kinds = linearization.patterns_with_singles(counts)
    return _stated(counts, kinds, pooled_chance, weighting, "Fleiss' kappa", confidence)


def conger(ratings, counts, *, weighting="identity", confidence=0.95):
    """Conger's kappa: agreement beyond what guessing by each scorer's own habits would give.

    For two scorers who read everything its value is Cohen's kappa. Where scorers rotate, the habits of a
    scorer come from all their reads, and agreement by chance is the plain mean over all pairs of scorers,
    whether they met or not and however much they read: the definition for missing reads of Gwet (2014).

    Parameters
    ----------
    ratings : TraitRatings or None
        None will do where the same two scorers read all that is compared.
    counts : PairCounts
        Of the same ratings.

    References
    ----------
    Conger, A. J. (1980). Integration and generalization of kappas for multiple raters. *Psychological
    Bulletin*, 88(2), 322-328.

    >>> from calibration.measurement import pairs, ratings
    >>> rows = [(r, s, "t", 1 + (r + (s == "cy" and r % 3 == 0)) % 2) for r in range(9) for s in ("ana", "cy")]
    >>> scored = ratings.Ratings.from_rows(rows, points=[1, 2]).of("t")
    >>> conger(scored, pairs.count(scored)).text()
    '0.34 (-0.40 to 1.00)'
    """
    method = f"Conger's kappa, {weights.in_words(weighting)}, linearized standard error, t interval"
    if not counts.n_pairs:
        return undefined(TOO_FEW, NO_PAIRS, method=method, **counts.known())
    if ratings is None and not counts.fixed_pair:
        said = "This figure needs the reads themselves, not only a table of counts."
        return undefined(TOO_FEW, said, method=method, **counts.known())
    w, found = weights.matrix(counts.points, weighting), linearization.Estimate()
    if np.count_nonzero(counts.given) > 1 and len(counts.given_by) > 1:
        given = np.stack(list(counts.given_by.values()))
        expected, pulls = _own_habits(given, w)
        kinds = _kinds_of_two(counts, given, pulls) if counts.fixed_pair else _each(ratings, counts, pulls)
        patterns, pull, often = kinds
        reads, n = patterns.sum(axis=1), often.sum()
        agree = linearization.agreeing(patterns, reads, w)
        found = linearization.combine(agree, reads > 1, often, expected, expected + n * pull)
    return linearization.stated(found, counts, method, sentence(found.value, "Conger's kappa"), confidence)


def no_chance(share, w):
    """Nothing is taken off for chance."""
    return np.zeros(share.shape[:-1]), np.zeros(share.shape)


def even_chance(share, w):
    """Every score point equally likely, whatever was given."""
    return np.broadcast_to(w.mean(), share.shape[:-1]), np.broadcast_to(w.mean(), share.shape)


def pooled_chance(share, w):
    """Each score as likely as it was given by all scorers together."""
    each = share @ w
    return (share * each).sum(axis=-1), each


def _own_habits(given, w):
    """Chance agreement averaged over pairs of scorers; what each read of each scorer adds to it.

    `given` counts the scores of every scorer (scorers x q). The second result sums to 0 over all reads.
    """
    reads, r = given.sum(axis=1), len(given)
    habits = given / reads[:, None]
    others = habits.sum(axis=0) - habits  # every other scorer's habits, summed
    beside = others @ w
    mean = (beside * habits).sum(axis=1)
    return float(mean.sum() / (r * (r - 1))), (beside - mean[:, None]) / reads[:, None] / (r * (r - 1))


def _kinds_of_two(counts, given, pulls):
    """Responses by what they received and from whom, where the same two scorers read all that is compared.

    Returns patterns of scores, the sum of pulls of their reads, and how many there are of each.
    """
    q, names = counts.points.size, list(counts.given_by)
    one, other = (names.index(name) for name in counts.fixed_pair)
    alone = given.copy()
    alone[one] -= counts.oriented.sum(axis=1)
    alone[other] -= counts.oriented.sum(axis=0)
    each = np.eye(q, dtype=np.int64)
    both = (each[:, None] + each).reshape(-1, q)
    return (
        np.concatenate([both, np.tile(each, (len(names), 1))]),
        np.concatenate([np.add.outer(pulls[one], pulls[other]).ravel(), pulls.ravel()]),
        np.concatenate([counts.oriented.ravel(), alone.ravel()]),
    )


def _each(ratings, counts, pulls):
    """The same response by response, where scorers rotate or are more than two."""
    place = {name: row for row, name in enumerate(counts.given_by)}
    row = np.array([place.get(name, -1) for name in ratings.scorer.names])[ratings.scorer.codes]
    unit, n, q = ratings.response.codes, len(ratings.response.names), counts.points.size
    patterns = np.bincount(unit * q + ratings.score, minlength=n * q).reshape(n, q)
    pull = np.bincount(unit, weights=pulls[row, ratings.score], minlength=n)
    read = np.bincount(unit, minlength=n) > 0
    return (
        (patterns, pull, read.astype(np.int64))
        if read.all()
        else (patterns[read], pull[read], np.ones(read.sum(), np.int64))
    )


def _stated(counts, kinds, chance, weighting, name, confidence):
    w = weights.matrix(counts.points, weighting)
    method = f"{name}, {weights.in_words(weighting)}, linearized standard error, t interval"
    found = linearization.Estimate()
    if counts.n_pairs:
        found = linearization.estimate(*kinds, w, chance)
    return linearization.stated(found, counts, method, sentence(found.value, name), confidence)


def sentence(value, name):
    """What the number means, in words."""
    if np.isnan(value):
        return ""
    if name == "Weighted agreement":
        return (
            f"On average {100 * value:.0f} % of full agreement, with part of the credit for smaller misses."
        )
    against = "if every score were equally likely by guessing" if "Brennan" in name else "beyond guessing"
    return f"{name}, agreement {against}: {value + 0.0:.2f} (0 is guessing, 1 is always the same score)."
