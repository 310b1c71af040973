"""Everything about each scorer in one place, flagged with care and said in one plain sentence."""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import habits, halo, multiplicity, scorers, severity, wording

ENOUGH = 15  # shared papers; under this a scorer hears "not enough yet"
FLAG_FROM = 50  # shared papers; nobody is flagged on fewer
HABITS = ("agreement", "severity", "spread", "ends", "unused")
# A difference smaller than this is not worth a talk, however sure it is: shares, points, log ratio, correlation.
SMALLEST = {
    "agreement": 0.05,
    "severity": 0.1,
    "spread": math.log(1.1),
    "ends": 0.05,
    "unused": 0.0,
    "halo": 0.1,
}


@dataclass(frozen=True)
class TraitProfile:
    """One scorer on one trait; `flags` names what stands out: agreement, severity, spread, ends or unused."""

    trait: object
    n_reads: int
    n_units: int
    agreement: scorers.ScorerAgreement
    leaning: scorers.LeaningAgreement
    severity: severity.ScorerSeverity
    habits: habits.ScorerHabits
    flags: tuple
    sentence: str


@dataclass(frozen=True)
class ScorerProfile:
    """One scorer on every trait, and the halo across traits; `flags` has "halo" if that stands out."""

    scorer: object
    traits: tuple
    halo: halo.ScorerHalo
    flags: tuple
    sentences: tuple

    def of(self, trait):
        """The profile on one trait, None where the scorer has no scored read of it."""
        return next((row for row in self.traits if row.trait == trait), None)


@dataclass(frozen=True)
class Profiles:
    """All scorers in the order of their labels, never of their figures; what holds for the whole team."""

    scorers: tuple
    n_tests: int
    rate: float
    sentences: tuple


def build(
    ratings, *, tolerance=1, enough=ENOUGH, flag_from=FLAG_FROM, rate=multiplicity.RATE, confidence=0.95
):
    """Agreement, severity, use of the scale and halo of every scorer, with flags after Benjamini-Hochberg.

    All comparisons of all scorers, traits and habits are one family, so that of all flags raised no more
    than `rate` is expected to be luck. Nobody is flagged on fewer than `flag_from` shared papers, nor for a
    difference smaller than `SMALLEST`. A flag is a reason to look at papers together, not a verdict.

    Parameters
    ----------
    ratings : Ratings
        Blind reads of one task, with every trait.
    enough, flag_from : int
        Shared papers below which a scorer hears "not enough yet"; and below which nothing is flagged.
    rate : float
        The accepted share of flags that are luck.

    Returns
    -------
    Profiles

    >>> from calibration.measurement.ratings import Ratings
    >>> score = lambda r, s: 1 + r % 4 + (r % 7 == s) - (s == 2 and r % 4 > 0 and r % 3 > 0)
    >>> rows = [(r, "abc"[s], "t", min(score(r, s), 4)) for r in range(90) for s in range(3)]
    >>> found = build(Ratings.from_rows(rows, points=[1, 2, 3, 4]))
    >>> found.scorers[2].flags, found.scorers[2].traits[0].flags
    ((), ('agreement', 'severity'))
    """
    parts = [_measure(ratings.of(trait), tolerance, enough, confidence) for trait in ratings.traits]
    halos = halo.compare(ratings, confidence=confidence)
    tests = [p for part in parts for p in _tests(part, flag_from)]
    tests += [row.p if row.n_units >= flag_from else math.nan for row in halos]
    adjusted = multiplicity.benjamini_hochberg(tests, rate=rate)
    flagged = adjusted.flagged.tolist()
    by_scorer = {}
    for part in parts:
        for row in part.rows:
            found = tuple(
                name
                for name, size in zip(HABITS, part.sizes[row[0].scorer], strict=True)
                if flagged.pop(0) and size >= SMALLEST[name]
            )
            by_scorer.setdefault(row[0].scorer, []).append(
                _trait_profile(part.trait, row, found, enough, flag_from)
            )
    profiles = []
    for row in halos:
        stands_out = flagged.pop(0) and abs(row.halo.value) >= SMALLEST["halo"]
        traits = tuple(by_scorer.get(row.scorer, ()))
        said = tuple(f"{each.trait}: {each.sentence}" for each in traits)
        said += (row.sentence,) if stands_out else ()
        profiles.append(ScorerProfile(row.scorer, traits, row, ("halo",) if stands_out else (), said))
    whole = tuple(dict.fromkeys(part.sentence for part in parts))
    return Profiles(tuple(profiles), adjusted.n_tests, rate, (*whole, adjusted.sentence))


@dataclass(frozen=True)
class _Measured:
    trait: object
    rows: tuple  # (agreement, leaning, severity, habits) of every scorer
    sizes: dict
    tests: dict
    sentence: str


def _measure(one, tolerance, enough, confidence):
    agreement = scorers.compare(one, tolerance=tolerance, enough=enough, confidence=confidence)
    strict = severity.fit(one, confidence=confidence)
    rows = tuple(
        zip(
            agreement,
            scorers.lean(agreement, confidence=confidence),
            strict.scorers,
            habits.compare(one, confidence=confidence),
            strict=True,
        )
    )
    same, n = (
        np.array([getattr(row[0], name) for row in rows], float) for name in ("exact_count", "n_units")
    )
    sizes, tests = {}, {}
    for place, (mine, _, severe, use) in enumerate(rows):
        apart, p = _beside_team(same, n, place)
        ratio = use.spread.value
        stretch = abs(math.log(ratio)) if ratio > 0 else math.inf
        absent = min((point.p for point in use.unused), default=1.0) * max(len(use.unused), 1)
        sizes[mine.scorer] = (apart, abs(severe.shrunken.value), stretch, abs(use.ends.value), 1.0)
        tests[mine.scorer] = (
            p,
            severe.p,
            use.spread_p,
            use.ends_p,
            min(absent, 1.0) if n[place] else math.nan,
        )
    return _Measured(one.trait, rows, sizes, tests, strict.sentence)


def _tests(part, flag_from):
    for row in part.rows:
        yield from part.tests[row[0].scorer] if row[0].n_units >= flag_from else [math.nan] * len(HABITS)


def _beside_team(same, n, place):
    """How far a scorer's share of exact scores is from the others', and the p of no difference."""
    others = n.sum() - n[place]
    if not n[place] or not others:
        return 0.0, math.nan
    share = (same.sum() - same[place]) / others
    apart = same[place] / n[place] - share
    se = math.sqrt(max(share * (1 - share), 0.0) * (1 / n[place] + 1 / others))
    return abs(apart), multiplicity.two_sided(apart / se) if se > 0 else math.nan


def _trait_profile(trait, row, flags, enough, flag_from):
    agreement, leaning, severe, use = row
    n = agreement.n_units
    said = _sentence(agreement, leaning, severe, use, flags, enough, flag_from)
    return TraitProfile(trait, agreement.n_reads, n, agreement, leaning, severe, use, flags, said)


def _sentence(agreement, leaning, severe, use, flags, enough, flag_from):
    if agreement.n_units < enough:
        return agreement.sentence
    counts = agreement.sentence.split(". ")[0].rstrip(".") + "."
    if agreement.n_units < flag_from:
        return f"{counts} Too few papers yet to say more ({agreement.n_units} of {flag_from})."
    if not flags:
        return f"{counts} In line with the team."
    said = {
        "agreement": scorers.agrees(leaning.exact.value, leaning.team) if leaning.exact.defined else "",
        "severity": wording.beside_team(severe.shrunken.value) if severe.shrunken.defined else "",
        "spread": use.spread.sentence,
        "ends": use.ends.sentence,
        "unused": " ".join(habits.said_unused(point) for point in use.unused),
    }
    return " ".join([counts, *(said[name] for name in flags if said[name])])
