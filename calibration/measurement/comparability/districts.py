"""Do scores of different districts mean the same? Effects, intervals, verdicts, and what is still missing."""

import math
from dataclasses import dataclass, replace

from calibration.measurement.comparability import contrasts, distributions, exchange, words
from calibration.measurement.comparability.equivalence import COMPARABLE, DIFFERENT, OPEN

FEW = 4  # scorers of a district; with fewer than this every figure hangs on single people


@dataclass(frozen=True)
class TraitComparison:
    """All districts on one trait, or on all traits together (`trait` None)."""

    trait: object
    verdict: str
    sentence: str
    effects: tuple
    pairs: tuple
    distributions: tuple
    scorer_sd: float
    read_sd: float
    n_scorers: int
    n_responses: int
    n_shared: int
    n_excluded: int
    notes: tuple

    def pair(self, first, second):
        """The comparison of two districts, in the order asked for by the report (labels sorted)."""
        for one in self.pairs:
            if {one.first, one.second} == {first, second}:
                return one
        raise ValueError(f"There is no comparison of {first!r} with {second!r}.")


@dataclass(frozen=True)
class Comparability:
    """The comparison over all traits together, trait by trait, and what must be said."""

    margin: float
    by: str
    confidence: float
    alpha: float
    verdict: str
    overall: TraitComparison
    traits: tuple
    sentences: tuple


def compare(ratings, *, margin=0.25, by="district", confidence=0.95, alpha=0.05):
    """Compare how districts score, on papers that scorers of several districts read blind.

    Parameters
    ----------
    ratings : Ratings
        Blind reads with a label for the district of the scorer. Reads of papers that nobody else read are
        counted and left out.
    margin : float
        A difference this large, in points, would matter; to be agreed on before anybody looks.
    by : str
        The label that names the scorer's district.
    confidence, alpha : float
        Level of the intervals, and of each of the two one-sided tests.

    Returns
    -------
    Comparability
        `overall` compares the mean over traits of reads with a score on every trait (side by side where there
        are none), `traits` holds one comparison each.
        Where districts can not be compared the statistics are undefined and the sentence says what to do.

    Raises
    ------
    ValueError
        For a margin that is not above 0, levels outside 0 to 1, ratings without the label, and a scorer with
        reads in two districts.

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, f"{d}{(r // 3 + k) % 4}", "t", 2 + r % 3 + (d == "B") - (r * (3 + k)) % 7 // 6, None, d)
    ...         for r in range(60) for d in "AB" for k in (0, 1)]
    >>> found = compare(Ratings.from_rows(rows, points=[1, 2, 3, 4, 5]))
    >>> found.verdict, found.overall.pairs[0].difference.text()
    ('different', '-1.00 (-1.03 to -0.97)')

    References
    ----------
    Patterson, H. D., & Thompson, R. (1971). Recovery of inter-block information when block sizes are unequal.
    *Biometrika*, 58(3), 545-554.
    Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for
    assessing the equivalence of average bioavailability. *Journal of Pharmacokinetics and Biopharmaceutics*,
    15(6), 657-680.
    """
    if not (0 < margin < math.inf):
        raise ValueError(f"The margin must be above 0 points, not {margin}.")
    if not (0 < confidence < 1 and 0 < alpha < 0.5):
        raise ValueError("The confidence must lie between 0 and 1, and alpha between 0 and 0.5.")
    levels = contrasts.Levels(margin, by, confidence, alpha)
    traits = tuple(_one(ratings, trait, levels) for trait in ratings.traits)
    overall = replace(traits[0], trait=None) if len(traits) == 1 else _one(ratings, None, levels)
    scales = {tuple(ratings.points[trait].tolist()) for trait in ratings.traits}
    notes = list(overall.notes)
    if len(scales) > 1:
        notes.append("Traits have different score points; the pooled difference averages plain points.")
    return Comparability(
        margin, by, confidence, alpha, overall.verdict, overall, traits, (overall.sentence, *notes)
    )


def _one(ratings, trait, levels):
    """The comparison of one trait, or of all of them."""
    reads = exchange.gather(ratings, by=levels.by, trait=trait)
    setting = contrasts.Setting.of(reads, levels)
    pairs, fit = contrasts.pairs(setting), setting.fit
    verdict = _verdict(pairs)
    return TraitComparison(
        trait=trait,
        verdict=verdict,
        sentence=_headline(reads.districts, pairs, verdict, levels),
        effects=tuple(contrasts.effects(setting)),
        pairs=pairs,
        distributions=() if trait is None else distributions.by_district(ratings, trait, by=levels.by),
        scorer_sd=math.sqrt(fit.scorer_variance) if fit else math.nan,
        read_sd=math.sqrt(fit.read_variance) if fit else math.nan,
        n_scorers=int(setting.per.sum()),
        n_responses=reads.n_responses,
        n_shared=reads.n_shared,
        n_excluded=reads.n_single + reads.n_without,
        notes=tuple(dict.fromkeys(_notes(pairs, setting, levels))),
    )


def _verdict(pairs):
    found = {pair.verdict for pair in pairs}
    if DIFFERENT in found:
        return DIFFERENT
    return COMPARABLE if found == {COMPARABLE} else OPEN


def _headline(names, pairs, verdict, levels):
    if len(names) < 2:
        return words.alone(names[0] if names else None, levels.by)
    if len(pairs) == 1:
        return pairs[0].difference.sentence
    return words.overall(verdict, levels.margin, names)


def _notes(pairs, setting, levels):
    """What a reader must know beside the headline."""
    if len(pairs) > 1:
        yield from (pair.difference.sentence for pair in pairs)
    for pair in pairs:
        away = pair.raw_difference - pair.difference.value
        if pair.difference.defined and abs(away) > levels.margin / 2:
            yield words.misleading(pair.first, pair.second, pair.raw_difference, pair.difference.value)
    many = zip(setting.reads.districts, setting.per.tolist(), strict=True)
    few = [str(name) for name, scorers in many if contrasts.FEWEST <= scorers < FEW]
    if few:
        yield (
            f"Only two or three scorers stand for {' and '.join(few)}; "
            f"{words.ENOUGH_SCORERS} or more would make the figures much surer."
        )
