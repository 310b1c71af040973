"""How strict each scorer is, apart from the papers they happened to read."""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import additive, intervals, multiplicity, shrinkage, wording
from calibration.measurement.result import NO_VARIATION, TOO_FEW, Statistic, undefined

ENOUGH = 15  # shared papers
CONFIDENCE = 0.95
METHOD = "least squares, score = response + scorer"
ALONE = "No paper was also read by somebody else, so there is nothing to compare with."


@dataclass(frozen=True)
class ScorerSeverity:
    """One scorer's severity in points; above 0 is stricter than the average read of the same component.

    `severity` is the plain estimate, `shrunken` leans on the team and is the one to show; `p` tests whether
    the plain one differs from 0.
    """

    scorer: object
    component: int
    n_reads: int
    n_units: int
    severity: Statistic
    shrunken: Statistic
    p: float


@dataclass(frozen=True)
class Component:
    """Scorers joined by shared papers: only they can be compared.

    `spread` is the standard deviation of severity between scorers, beyond luck; `p` tests whether scorers
    differ in severity at all.
    """

    scorers: tuple
    n_units: int
    spread: Statistic
    p: float
    sentence: str


@dataclass(frozen=True, eq=False)
class Severities:
    """All scorers of one trait, the components they fall into, and what must be said about them."""

    trait: object
    scorers: tuple
    components: tuple
    sentence: str
    fit: additive.AdditiveFit
    confidence: float

    def of(self, scorer):
        """The severity of one scorer."""
        return self.scorers[self._place(scorer)]

    def difference(self, one, other):
        """How much stricter one scorer is than another; undefined where no chain of papers joins them.

        >>> from calibration.measurement.ratings import Ratings
        >>> rows = [("R1", "ana", "t", 1), ("R1", "ben", "t", 2), ("R2", "cy", "t", 1), ("R2", "di", "t", 1)]
        >>> found = fit(Ratings.from_rows(rows, points=[1, 2]).of("t"))
        >>> found.difference("ana", "ben").value, found.difference("ana", "cy").status
        (1.0, 'undefined:too_few')
        """
        a, b = self.scorers[self._place(one)], self.scorers[self._place(other)]
        known = {"n_units": min(a.n_units, b.n_units), "method": f"difference of two severities, {METHOD}"}
        if a.component != b.component or a.component < 0:
            said = f"{one} and {other} are not joined by papers that both or others between them have read."
            return undefined(TOO_FEW, said, **known)
        if one == other:
            raise ValueError(f"A difference needs two scorers; {one} was given twice.")
        places = np.array([self._code(one), self._code(other)])
        covariance = self.fit.covariance()[np.ix_(places, places)]
        value = a.severity.value - b.severity.value
        se = math.sqrt(max(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], 0.0))
        df = float(self.fit.df[places].min())
        low, high, se = _limits(value, se, df, self.confidence)
        way = "as strict as" if value == 0 else f"{abs(value):.2f} points {wording.stricter(value)} than"
        said = f"{one} is {way} {other}, papers being equal."
        return Statistic(value, low, high, se, **known, sentence=said)

    def _place(self, scorer):
        for place, row in enumerate(self.scorers):
            if row.scorer == scorer:
                return place
        raise ValueError(f"There is no scorer {scorer!r} among these ratings.")

    def _code(self, scorer):
        return self._codes[self._place(scorer)]

    @property
    def _codes(self):
        return np.flatnonzero(self.fit.n_reads)


def fit(ratings, *, enough=ENOUGH, confidence=CONFIDENCE):
    """Severity of every scorer: least squares of score = response + scorer on each connected component.

    A paper's own level is taken out, so that a scorer who happened to get weak papers does not look strict.
    Any number of reads per response will do; responses read once say nothing. Severity is minus the
    scorer's effect, in points of the rubric, with 0 the average read of the component.

    Parameters
    ----------
    ratings : TraitRatings
        As given by `Ratings.of(trait)`.
    enough : int
        Shared papers from which a scorer's own residuals give the standard error (see `additive.fit`).

    Returns
    -------
    Severities

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, s, "t", 2 + r % 2 - (s == "cy")) for r in range(30) for s in ("ana", "ben", "cy")]
    >>> rows[0] = (0, "ana", "t", 3)
    >>> found = fit(Ratings.from_rows(rows, points=[1, 2, 3, 4]).of("t"))
    >>> [round(row.severity.value, 2) for row in found.scorers]
    [-0.36, -0.32, 0.68]
    """
    names = ratings.scorer.names
    value = ratings.points[ratings.score]
    solution = additive.fit(
        ratings.response.codes,
        ratings.scorer.codes,
        value,
        len(ratings.response.names),
        len(names),
        enough=enough,
    )
    leaning = _leaning(solution)
    step = float(np.median(np.diff(ratings.points)))
    rows = []
    for code in np.flatnonzero(solution.n_reads).tolist():
        known = {
            "n_units": int(solution.n_shared[code]),
            "n_excluded": int(solution.n_reads[code] - solution.n_shared[code]),
        }
        plain, p = _plain(solution, code, confidence, known, step)
        rows.append(
            ScorerSeverity(
                names[code],
                int(solution.component[code]),
                int(solution.n_reads[code]),
                known["n_units"],
                plain,
                _shrunken(leaning, code, plain, confidence, known, step),
                p,
            )
        )
    components = tuple(
        _component(number, names, solution, leaning["found"][number])
        for number in range(solution.n_components)
    )
    said = _linked(components)
    return Severities(ratings.trait, tuple(rows), components, said, solution, confidence)


def _plain(solution, code, confidence, known, step):
    value, se, df = (float(column[code]) for column in (-solution.effect, solution.se, solution.df))
    if math.isnan(value):
        return undefined(TOO_FEW, ALONE, method=METHOD, **known), math.nan
    value += 0.0  # no minus zero
    low, high, se = _limits(value, se, df, confidence)
    p = _p(value, se, df, known["n_units"])
    return Statistic(
        value, low, high, se, METHOD, **known, sentence=wording.strictness(value, low, high, step=step)
    ), p


def _p(value, se, df, n):
    if se > 0:
        return multiplicity.two_sided(value / se, df)
    if se == 0 and n > 1:  # the same difference on every paper: a coin would do that once in 2^(n - 1) times
        return 1.0 if abs(value) < 1e-12 else 0.5 ** (n - 1)
    return math.nan


def _limits(value, se, df, confidence):
    if math.isnan(se) or not df > 0:
        return math.nan, math.nan, math.nan
    return *intervals.around(value, se, quantile=intervals.t_quantile((1 + confidence) / 2, df)), se


def _leaning(solution):
    """Shrink inside each component."""
    value, se, found = np.full(solution.effect.size, np.nan), np.full(solution.effect.size, np.nan), []
    covariance = solution.covariance()
    for number in range(solution.n_components):
        members = np.flatnonzero(solution.component == number)
        sure = solution.error_df[number] > 0
        part = covariance[np.ix_(members, members)] if sure else np.full((members.size,) * 2, np.nan)
        shrunken = shrinkage.differences(-solution.effect[members], part, weight=solution.n_shared[members])
        value[members], se[members] = shrunken.value, shrunken.se
        found.append(shrunken)
    return {"value": value, "se": se, "found": found}


def _shrunken(leaning, code, plain, confidence, known, step):
    method = f"{METHOD}, shrunken towards the team (empirical Bayes)"
    value, se = float(leaning["value"][code]), float(leaning["se"][code])
    if math.isnan(value):
        if not plain.defined:
            return undefined(TOO_FEW, plain.sentence, method=method, **known)
        few = "Leaning on the team needs three scorers or more, and some papers on which they differ."
        return undefined(TOO_FEW, few, method=method, **known)
    low, high = intervals.around(value, se, quantile=intervals.normal_quantile((1 + confidence) / 2))
    return Statistic(
        value, low, high, se, method, **known, sentence=wording.strictness(value, low, high, step=step)
    )


def _component(number, names, solution, shrunken):
    members = np.flatnonzero(solution.component == number)
    who = tuple(names[code] for code in members)
    shared = int(solution.n_units[number])
    method = "standard deviation of severity between scorers, restricted maximum likelihood"
    if math.isnan(shrunken.variance):
        few = "How far scorers differ needs three scorers or more, and some papers on which they differ."
        status = (
            TOO_FEW if members.size < shrinkage.FEWEST or solution.error_df[number] <= 0 else NO_VARIATION
        )
        return Component(who, shared, undefined(status, few, method=method, n_units=shared), math.nan, few)
    sd = math.sqrt(shrunken.variance)
    se = shrunken.variance_se / (2 * sd) if sd > 0 else math.nan
    df, rest = shrunken.df, float(solution.error_df[number])
    ratio = shrunken.heterogeneity / df
    p = intervals.beta_share(rest / (rest + df * ratio), rest / 2, df / 2)
    text = f"Beyond luck, scorers differ in severity by about {sd:.2f} points (standard deviation)."
    text = text if sd > 0.005 else "No sign that scorers differ in severity beyond luck."
    spread = Statistic(sd, se=se, method=method, n_units=shared, sentence=text)
    return Component(who, shared, spread, p, text)


def _linked(components):
    if not components:
        return "No paper has two scored reads yet, so severity cannot be told from the papers."
    if len(components) == 1:
        return "All scorers with shared papers are joined, so they can be compared."
    return (
        f"The scorers fall into {len(components)} groups that never read the same paper; "
        "severity is comparable inside a group only. Let them score some of each other's papers."
    )
