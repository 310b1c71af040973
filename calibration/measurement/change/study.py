"""Did it help? One measure that was chosen beforehand gives the verdict; all the others only describe."""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import gwet, intervals, pairs
from calibration.measurement.change import run_chart, shift, spread, words
from calibration.measurement.change.sides import AFTER, BEFORE, NEITHER, split
from calibration.measurement.result import NO_VARIATION, TOO_FEW, Statistic, page_rule, undefined

EXACT, SPREAD, LINE = "exact", "spread", "line"
BETTER, NO_EVIDENCE, WORSE = "better", "no evidence yet", "worse"
CONFIDENCE = 0.95
MOST_MIX = 0.5  # standard deviations of the scores; beyond it the papers are too different to compare


@dataclass(frozen=True)
class Line:
    """A line between two neighboring score points of a trait, from their places on the scale."""

    trait: object
    place: int
    low: float
    high: float


@dataclass(frozen=True)
class BeforeAfter:
    """A figure before and after; `change` is after minus before, like with like (for spreads: times as far)."""

    name: str
    before: Statistic
    after: Statistic
    change: Statistic
    line: Line | None = None


@dataclass(frozen=True)
class Study:
    """The verdict in words, and everything behind it."""

    measure: str
    verdict: str
    sentence: str
    cautions: tuple
    n_before: int  # papers like with like
    n_after: int
    n_between: int  # papers with one read before the change and one after it
    n_unlike: int  # papers with a scorer who did not read on both sides
    n_scorers: int
    mix: float  # how much higher the scores are after the change, in their standard deviations
    exact: BeforeAfter
    spread: BeforeAfter
    errors: BeforeAfter
    beyond_chance: tuple  # AC2, one for each trait
    lines: tuple
    chart: run_chart.RunChart


def compare(ratings, change, *, done=None, measure=EXACT, line=None, traits=None, until=None, width=None):
    """Set reads after a change beside reads before it, and say whether they show an improvement.

    Parameters
    ----------
    ratings : Ratings
        Blind reads with the label "moment", in days.
    change : float
        When the change was to be made.
    done : float, optional
        When it was really made, if that is another moment; reads between the two are left out.
    measure : str
        The one measure that was chosen before looking: EXACT (the share of papers with the same score), SPREAD (how
        far scorers differ in severity) or LINE (the share of papers that a line of the rubric splits).
    line : (trait, place), optional
        For LINE: the line above the score point at this place of the trait.
    traits : sequence, optional
        The traits of interest; all when left out.
    until : float, optional
        The moment of the look. Set it beforehand and look once: looking daily until luck shows an improvement
        would find one far too often.

    Returns
    -------
    Study

    >>> from calibration.measurement.change.examples import reads
    >>> found = compare(reads(papers=(300, 300), noise=(0.6, 0.3)), 10)
    >>> found.verdict, found.exact.change.text()
    ('better', '0.17 (0.08 to 0.26)')
    >>> compare(reads(papers=(300, 300)), 10).verdict
    'no evidence yet'
    """
    if measure not in (EXACT, SPREAD, LINE) or (measure == LINE) != (line is not None):
        raise ValueError("The measure is exact, spread, or line; a line needs its trait and place.")
    sides = split(ratings, change, done=done, traits=traits, until=until)
    alike = sides.comparable()
    exact = _share("Same score", alike, shift.same_score)
    scatter = _spread(alike)
    lines = tuple(_line(alike, each, is_tested=line == (each.trait, each.place)) for each in _lines(sides))
    if line is not None and line not in [(each.line.trait, each.line.place) for each in lines]:
        raise ValueError(f"There is no such line: {line}.")
    tested = {EXACT: exact, SPREAD: scatter}.get(measure) or next(
        each for each in lines if (each.line.trait, each.line.place) == line
    )
    mix = _mix(alike)
    is_mixed = abs(mix) > MOST_MIX
    verdict = NO_EVIDENCE if is_mixed else _verdict(tested.change, measure)
    errors = _errors(alike)
    value = shift.same_score(sides) if measure != LINE else 1 - _agrees(sides, tested.line)
    return Study(
        measure, verdict, words.verdict(measure, verdict, tested, is_mixed, alike),
        tuple(words.cautions(_drift_before(alike), verdict, mix, is_mixed)),
        *(int(np.unique(alike.unit[alike.side == each]).size) for each in (BEFORE, AFTER)),
        int(np.unique(sides.unit[sides.side == NEITHER]).size),
        int(np.unique(sides.unit[(sides.side != NEITHER) & ~sides.alike]).size),
        int(alike.scorers.size), mix, exact, scatter, errors, tuple(_beyond_chance(alike)), lines,
        run_chart.draw(sides, value, change, width=width),
    )  # fmt: skip


def _verdict(change, measure):
    """Better or worse only where the whole interval says so."""
    if not change.has_interval:
        return NO_EVIDENCE
    none = 1.0 if measure == SPREAD else 0.0
    rising, falling = change.low > none, change.high < none
    if measure != EXACT:
        rising, falling = falling, rising
    return BETTER if rising else WORSE if falling else NO_EVIDENCE


def _share(name, sides, agrees, line=None, *, is_tested=True, is_split=False):
    """The share of papers on either side, each with its interval, and the change with scorers and scores alike."""
    value = agrees(sides)
    shown = 1 - value if is_split else value
    parts = [_mean(shown[sides.side == each], sides, each) for each in (BEFORE, AFTER)]
    if not is_tested:
        return BeforeAfter(name, *parts, undefined(TOO_FEW, "Not tested."), line)
    found = shift.estimate(sides, shown)
    counts = {"n_units": found.n_before + found.n_after, "method": shift.METHOD}
    if math.isnan(found.value):
        return BeforeAfter(name, *parts, undefined(TOO_FEW, words.too_few(sides), **counts), line)
    if math.isnan(found.low):
        return BeforeAfter(name, *parts, undefined(NO_VARIATION, words.ALIKE, **counts), line)
    return BeforeAfter(name, *parts, Statistic(found.value, found.low, found.high, **counts), line)


def _mean(value, sides, side):
    """A share with Wilson's interval; with several traits a paper counts once, by the papers it is worth."""
    rows = sides.side == side
    units, unit = np.unique(sides.unit[rows], return_inverse=True)
    n = units.size
    method = "share of papers, Wilson interval over papers"
    if not n:
        return undefined(TOO_FEW, "No paper was read twice on this side.", method=method)
    each = np.bincount(unit, weights=value * sides.weight[rows])
    share, variance = float(each.mean()), float(each.var())
    worth = n * share * (1 - share) / variance if variance > 1e-12 and 0 < share < 1 else n
    low, high = intervals.wilson(share, worth)
    return Statistic(share, float(low), float(high), method=method, n_units=int(n), n_pairs=int(rows.sum()))


def _lines(sides):
    return [
        Line(trait, place, float(low), float(high))
        for trait in sides.traits
        for place, (low, high) in enumerate(
            zip(sides.points[trait][:-1], sides.points[trait][1:], strict=True)
        )
    ]


def _line(alike, line, *, is_tested):
    mine = alike.chosen(alike.trait == alike.traits.index(line.trait))
    name = f"{line.low:g} or {line.high:g}"
    return _share(name, mine, lambda rows: _agrees(rows, line), line, is_tested=is_tested, is_split=True)


def _agrees(sides, line):
    """1 where both scores lie on the same side of the line; other traits do not matter to it."""
    mine = sides.trait == sides.traits.index(line.trait)
    return np.where(mine, shift.same_side(sides, line.place), 1.0)


def _errors(sides):
    """How many lines of the rubric lie between the two scores of a paper and trait, on average."""
    crossed = np.abs(sides.first - sides.second).astype(float)
    parts = []
    for side in (BEFORE, AFTER):
        rows = sides.side == side
        if not rows.any():
            parts.append(undefined(TOO_FEW, "No paper was read twice on this side."))
            continue
        units, unit = np.unique(sides.unit[rows], return_inverse=True)
        each = np.bincount(unit, weights=crossed[rows] * sides.weight[rows])
        se = float(each.std(ddof=1)) / math.sqrt(units.size) if units.size > 1 else math.nan
        limits = intervals.around(
            float(each.mean()), se, quantile=intervals.normal_quantile(0.975), least=0.0
        )
        parts.append(
            Statistic(
                float(each.mean()), *limits, se, "lines between two scores, mean over papers", int(units.size)
            )
        )
    return BeforeAfter("Boundary errors", *parts, undefined(TOO_FEW, "Not tested."))


def _spread(sides):
    found = spread.compare(sides)
    parts = [
        Statistic(each.value, each.low, each.high, method=spread.METHOD, n_units=each.n_units)
        if not math.isnan(each.value)
        else undefined(TOO_FEW, words.too_few(sides), method=spread.METHOD, n_units=each.n_units)
        for each in (found.before, found.after)
    ]
    change = Statistic(found.ratio, found.low, found.high, method=spread.METHOD)
    if math.isnan(found.ratio):
        change = undefined(TOO_FEW, words.too_few(sides), method=spread.METHOD)
    return BeforeAfter("Spread of severity", *parts, change)


def _beyond_chance(sides):
    """AC2 of each trait, on either side; under 30 papers it is hidden like every coefficient."""
    for place, trait in enumerate(sides.traits):
        parts = []
        for side in (BEFORE, AFTER):
            rows = (sides.trait == place) & (sides.side == side)
            q = sides.points[trait].size
            table = np.bincount(sides.first[rows] * q + sides.second[rows], minlength=q * q).reshape(q, q)
            parts.append(page_rule(gwet.ac2(pairs.PairCounts.from_table(table, sides.points[trait]))))
        yield BeforeAfter(trait, *parts, undefined(TOO_FEW, "Not tested."))


def _mix(sides):
    """How much higher the scores stand after the change, in standard deviations: another mix of papers shows here."""
    parts = []
    for side in (BEFORE, AFTER):
        rows = sides.side == side
        parts.append((np.r_[sides.first[rows], sides.second[rows]], np.tile(sides.weight[rows], 2)))
    if not all(score.size for score, _ in parts):
        return 0.0
    means = [float(score @ weight / weight.sum()) for score, weight in parts]
    squares = [float((score - mean) ** 2 @ weight / weight.sum())
               for (score, weight), mean in zip(parts, means, strict=True)]  # fmt: skip
    pooled = math.sqrt(sum(squares) / 2)
    return (means[1] - means[0]) / pooled if pooled > 0 else 0.0


def _drift_before(sides):
    """Whether agreement was rising (1) or falling (-1) already before the change; 0 where nothing is clear."""
    rows = sides.side == BEFORE
    units, unit = np.unique(sides.unit[rows], return_inverse=True)
    if units.size < shift.FEWEST_PAPERS:
        return 0
    weight = sides.weight[rows]
    y = np.bincount(unit, weights=shift.same_score(sides)[rows] * weight)
    at = np.bincount(unit, weights=sides.at[rows] * weight)
    away, rest = at - at.mean(), y - y.mean()
    scale = float(away @ away)
    if scale <= 0:
        return 0
    slope = float(away @ rest) / scale
    rest = rest - slope * away
    se = math.sqrt(float((away * rest) ** 2 @ np.ones(away.size))) / scale
    clear = se > 0 and abs(slope) / se > intervals.normal_quantile(0.975)
    return int(math.copysign(1, slope)) if clear else 0
