"""Differences between districts, each with its interval, its tests, its verdict and what would settle it."""

import math
from dataclasses import dataclass, replace

import numpy as np

from calibration.measurement import intervals, multiplicity
from calibration.measurement.comparability import equivalence, exchange, mixed, robust, words
from calibration.measurement.comparability.equivalence import COMPARABLE, DIFFERENT, OPEN
from calibration.measurement.facets import linking
from calibration.measurement.result import HIDE_BELOW, NO_VARIATION, TOO_FEW, WIDE, Statistic, undefined

METHOD = (
    "mixed model score = response (fixed) + district of the scorer + scorer (random), restricted maximum "
    "likelihood; sandwich standard error by scorer, Satterthwaite t"
)
FEWEST = 2  # scorers of a district
NO_TESTS = equivalence.Equivalence(math.nan, math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class DistrictEffect:
    """One district's scoring beside the mean of the compared districts, in points; above 0 is more generous."""

    district: object
    effect: Statistic
    df: float
    verdict: str
    n_scorers: int
    mean: float  # plain mean of all reads: mixes the students' work with the scoring


@dataclass(frozen=True)
class DistrictPair:
    """Two districts on the same papers: `difference` is first minus second, in points.

    `low` and `high` are the interval of the equivalence tests. `responses_needed` says how many more shared
    responses would probably lead to a verdict, `scorers_needed` how many scorers in each district; None where
    no number would do, 0 where a verdict stands.
    """

    first: object
    second: object
    difference: Statistic
    verdict: str
    df: float
    low: float
    high: float
    p_difference: float
    p_adjusted: float
    p_equivalence: float
    n_shared: int
    responses_needed: int | None
    scorers_needed: int | None
    raw_difference: float


@dataclass(frozen=True)
class Levels:
    """What was agreed beforehand: the margin in points, the level of the intervals, and of the one-sided tests."""

    margin: float
    by: str
    confidence: float
    alpha: float

    @property
    def both(self):
        """The two levels, as the tests take them."""
        return {"confidence": self.confidence, "alpha": self.alpha}

    def statistic(self, found, known):
        """An estimate with its interval."""
        half = intervals.t_quantile((1 + self.confidence) / 2, found.df) * found.se
        status = {"status": WIDE} if known["n_units"] < HIDE_BELOW else {}
        return Statistic(
            found.value, found.value - half, found.value + half, found.se, METHOD, **known, **status
        )


@dataclass(frozen=True, eq=False)
class Setting:
    """Everything the differences of one trait are made from; `per` counts each district's joined scorers."""

    reads: exchange.Exchange
    cells: exchange.Cells
    fit: mixed.MixedFit | None
    per: np.ndarray
    levels: Levels

    @classmethod
    def of(cls, reads, levels):
        """Fold the reads, fit the model where there is something to fit, and count the scorers."""
        cells, n = exchange.fold(reads), len(reads.districts)
        fit = mixed.solve(cells, reads.district_of, n) if reads.n_shared else None
        per = np.bincount(reads.district_of[_joined(reads)], minlength=n)
        return cls(reads, cells, fit, per, levels)

    def estimate(self, contrast):
        """One difference; None where it has no standard error."""
        found = robust.estimate(
            contrast, self.fit, self.cells, float(self.per.sum() - np.count_nonzero(self.per))
        )
        return found if found.se > 1e-9 and found.df > 0 else replace(found, se=0.0)

    @property
    def chained(self):
        """Which districts are joined by shared papers, over whatever chain of districts."""
        n = len(self.reads.districts)
        return np.linalg.matrix_power((self.reads.shared > 0) + np.eye(n), n) > 0

    def known(self, places):
        """The counts behind the difference of two districts."""
        return {
            "n_units": int(self.reads.shared[places]),
            "n_pairs": int(self.reads.pairs[places]),
            "n_excluded": self.reads.n_single + self.reads.n_without,
        }


def _joined(reads):
    """Scorers joined by shared papers, over whatever chain, to a scorer of another district."""
    order = np.argsort(reads.unit, kind="stable")
    component = linking.connected(reads.unit[order], reads.scorer[order], len(reads.scorers))
    here = np.zeros(len(reads.scorers), bool)
    here[reads.scorer] = True
    n = max(len(reads.districts), 1)
    meetings = np.unique(component[here] * n + reads.district_of[here]) // n
    return here & np.isin(component, np.flatnonzero(np.bincount(meetings, minlength=1) > 1))


def pairs(setting):
    """Every two districts; p-values are adjusted for how many pairs there are."""
    n, levels = len(setting.reads.districts), setting.levels
    made = []
    for a in range(n):
        for b in range(a + 1, n):
            found = _difference(setting, a, b)
            tests = NO_TESTS
            if found.se > 0:  # an undefined figure has NaN there
                tests = equivalence.both_tests(
                    found.value, found.se, found.df, levels.margin, alpha=levels.alpha
                )
            made.append((a, b, found, tests))
    adjusted = multiplicity.benjamini_hochberg([tests.p_difference for *_, tests in made]).adjusted
    return tuple(_pair(setting, *one, p) for one, p in zip(made, adjusted.tolist(), strict=True))


def _difference(setting, a, b):
    """The estimate, with a standard error of 0 where nothing varies; an undefined figure where there is none."""
    reads, fit, names = setting.reads, setting.fit, setting.reads.districts
    contrast = _contrast(setting, a, b)

    def refused(status, said):
        return undefined(status, said, method=METHOD, **setting.known((a, b)))

    if not (fit.can_tell(contrast) if fit else setting.chained[a, b]):
        return refused(linking.NOT_LINKED, words.never_met(names[a], names[b]))
    lonely = [names[place] for place in (a, b) if setting.per[place] < FEWEST]
    if lonely:
        return refused(TOO_FEW, words.too_few_scorers(lonely))
    if fit:
        return setting.estimate(contrast)
    if setting.cells.square > mixed.TINY:
        return refused(TOO_FEW, words.too_few_scorers([names[a], names[b]]))
    if np.ptp(reads.score) == 0:
        return refused(NO_VARIATION, words.no_variation())
    return robust.Contrast(0.0, 0.0, 0.0)


def _contrast(setting, a, b):
    contrast = np.zeros(len(setting.reads.districts))
    contrast[[a, b]] = 1, -1
    return contrast


def _pair(setting, a, b, found, tests, adjusted):
    reads, levels, known = setting.reads, setting.levels, setting.known((a, b))
    names, n_shared = (reads.districts[a], reads.districts[b]), int(reads.shared[a, b])
    verdict, plan, df = OPEN, (None, None), math.nan
    if isinstance(found, Statistic):
        statistic = found
    elif found.se == 0:  # the same difference on every shared paper
        statistic = Statistic(found.value, method=METHOD, **known)
        plan = (max(HIDE_BELOW - n_shared, 0), None)
        if n_shared >= HIDE_BELOW:
            verdict = COMPARABLE if abs(found.value) < levels.margin else DIFFERENT
    else:
        statistic, df = levels.statistic(found, known), found.df
        verdict = equivalence.verdict(adjusted, tests.p_equivalence, **levels.both)
        plan = _plan(setting, a, b, found) if verdict == OPEN else plan
    if statistic.defined:
        advice = words.plan(_base(setting, a, b), *plan, setting.per[[a, b]].min())
        said = words.pair(*names, statistic, verdict, levels.margin, advice)
        statistic = replace(statistic, sentence=said)
    more, scorers = plan if verdict == OPEN else (0, 0)
    return DistrictPair(
        *names,
        difference=statistic,
        verdict=verdict,
        df=df,
        low=tests.low,
        high=tests.high,
        p_difference=tests.p_difference,
        p_adjusted=adjusted,
        p_equivalence=tests.p_equivalence,
        n_shared=n_shared,
        responses_needed=more,
        scorers_needed=scorers,
        raw_difference=float(reads.means[a] - reads.means[b]),
    )


def _base(setting, a, b):
    """The shared responses that more are counted from: those of the pair, or all where the pair is joined by chains."""
    return int(setting.reads.shared[a, b] or setting.reads.n_shared)


def _plan(setting, a, b, found):
    """More shared responses, or scorers in each district, that would probably lead to a verdict."""
    fit, levels, contrast = setting.fit, setting.levels, _contrast(setting, a, b)
    n_shared = _base(setting, a, b)
    n_scorers = setting.per[[a, b]].min()
    scale = found.se**2 / fit.variance(contrast)  # the plan starts from the variance that was seen
    asked = (found.value, found.df, levels.margin)
    papers = equivalence.times_needed(
        lambda times: scale * fit.variance(contrast, times), *asked, **levels.both
    )
    people = equivalence.times_needed(lambda times: found.se**2 / times, *asked, gain=1.0, **levels.both)
    return (
        None if papers is None else math.ceil(max(papers - 1, 0.1) * n_shared),
        None if people is None else max(int(n_scorers) + 1, math.ceil(people * n_scorers)),
    )


def effects(setting):
    """Each district beside the mean of those that can be compared."""
    reads, fit, levels = setting.reads, setting.fit, setting.levels
    n = len(reads.districts)
    eligible = np.flatnonzero(setting.per >= FEWEST)
    mean = np.bincount(eligible, minlength=n) / max(eligible.size, 1)
    known = {"n_units": reads.n_shared, "n_excluded": reads.n_single + reads.n_without}
    for place, name in enumerate(reads.districts):
        contrast = np.eye(n)[place] - mean
        told = fit is not None and place in eligible and eligible.size > 1 and fit.can_tell(contrast)
        found = setting.estimate(contrast) if told else None
        row = {"n_scorers": int(setting.per[place]), "mean": float(reads.means[place])}
        if found is None or found.se == 0:
            said = f"Scorers of {name} can not be set beside the other districts on these reads."
            nothing = undefined(TOO_FEW, said, method=METHOD, **known)
            yield DistrictEffect(name, nothing, math.nan, OPEN, **row)
            continue
        tests = equivalence.both_tests(found.value, found.se, found.df, levels.margin, alpha=levels.alpha)
        statistic = levels.statistic(found, known)
        said = words.effect(name, statistic.value, statistic.low, statistic.high)
        verdict = equivalence.verdict(tests.p_difference, tests.p_equivalence, **levels.both)
        yield DistrictEffect(name, replace(statistic, sentence=said), found.df, verdict, **row)
