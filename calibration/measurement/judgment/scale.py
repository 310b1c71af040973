"""Comparative judgment from start to end: judgments in, a scale of scripts with everything a reader needs."""

import math
from dataclasses import dataclass, field

import numpy as np

from calibration.measurement import intervals, multiplicity
from calibration.measurement.judgment import bradley_terry, misfit, pairing, separation
from calibration.measurement.judgment.tournament import Tournament, listed
from calibration.measurement.result import Statistic

FEW = 10  # judgments per script, on average; under this not even the order is steady


@dataclass(frozen=True)
class Script:
    """One script's place: ability in logits (0 is the mean script) and how well the choices about it fit."""

    ability: float
    se: float
    low: float
    high: float
    infit: float
    outfit: float
    n: int
    chosen: float  # a tie counts half


@dataclass(frozen=True)
class Judge:
    """One judge: how many judgments, and how well they fit the scale that all judges made together."""

    n: int
    infit: float
    outfit: float
    p: float
    flagged: bool


@dataclass(frozen=True, eq=False)
class Scale:
    """Scripts from most to least often preferred, judges, how sure the scale is, and what must be said."""

    scripts: dict
    judges: dict
    separation_reliability: Statistic
    separation: float
    split_half: Statistic
    tie: Statistic | None
    pairing: pairing.Pairing
    method: str
    n_judgments: int
    log_likelihood: float
    deviance: float
    df: int
    notes: tuple
    confidence: float
    solution: bradley_terry.Solution = field(repr=False)
    places: dict = field(repr=False)

    def difference(self, one, other):
        """How far one script stands above another, in logits, with the standard error of the difference.

        >>> found = fit(None, ["a", "a", "b"], ["b", "b", "a"])
        >>> round(found.difference("a", "b").value, 4)
        0.6931
        """
        for name in (one, other):
            if name not in self.places:
                raise ValueError(f"There is no script {name!r} among these judgments.")
        if one == other:
            raise ValueError(f"A difference needs two scripts; {one} was given twice.")
        a, b = self.places[one], self.places[other]
        covariance = self.solution.covariance
        value = float(self.solution.ability[a] - self.solution.ability[b])
        se = math.sqrt(max(covariance[a, a] + covariance[b, b] - 2 * covariance[a, b], 0.0))
        z = intervals.normal_quantile((1 + self.confidence) / 2)
        chance = 1 / (1 + math.exp(-value))
        return Statistic(
            value,
            *intervals.around(value, se, quantile=z),
            se,
            f"difference of two abilities in logits, {self.method}",
            n_units=2,
            n_pairs=self.n_judgments,
            sentence=f"A judge who chooses would prefer {one} to {other} {100 * chance:.0f} of every 100 times.",
        )


def fit(judge, chosen, not_chosen, *, tied=None, method=None, splits=100, seed=1, confidence=0.95):
    """Turn many choices between two scripts into one scale from weakest to strongest.

    Parameters
    ----------
    judge, chosen, not_chosen : sequences of equal length, one judgment a row
        Labels of the judge (None for the whole column: one judge), of the script chosen and of the other one.
    tied : sequence of bool, optional
        True where the judge could not choose; then the order of the two scripts does not matter.
    method : {None, "likelihood", "prior", "epsilon"}
        None takes maximum likelihood where it exists; where some scripts always won or always lost against the
        rest, each script gets half a choice for and half a choice against an average script. The notes say
        which. "epsilon" draws every script's score in by 0.3, as some packages do.
    splits, seed : int
        Random halves of the judges for the split-half figure (0 splits: none), and where drawing starts.

    Returns
    -------
    Scale

    Raises
    ------
    ValueError
        For no judgments, columns of different length, a row without a label, a script judged against itself,
        and (as `tournament.Disconnected`) scripts that no chain of judgments joins; the sentence names them.

    >>> scale = fit(["j", "j", "k", "k"], ["a", "b", "a", "c"], ["b", "c", "c", "a"])
    >>> list(scale.scripts), round(scale.scripts["a"].ability, 2)
    (['a', 'b', 'c'], 0.42)

    References
    ----------
    Bradley, R. A., & Terry, M. E. (1952). Rank analysis of incomplete block designs: I. The method of paired
    comparisons. *Biometrika*, 39(3/4), 324-345.
    """
    if method not in (None, *bradley_terry.METHODS):
        raise ValueError(f"There is no method {method!r}; there are {', '.join(bradley_terry.METHODS)}.")
    tournament = Tournament.of(judge, chosen, not_chosen, tied)
    tournament.refuse_disconnected()
    exists = tournament.beatable()
    if method == bradley_terry.LIKELIHOOD and not exists:
        raise ValueError(
            "Some scripts always won or always lost against the rest, so maximum likelihood would put them "
            'infinitely far away; use the method "prior" or add judgments.'
        )
    method = method or (bradley_terry.LIKELIHOOD if exists else bradley_terry.PRIOR)
    solution = bradley_terry.solve(tournament, method=method)
    of_judges = misfit.by_judge(tournament, solution)
    flagged = multiplicity.benjamini_hochberg(of_judges.p).flagged & (of_judges.infit > 1)
    reliability = separation.reliability(
        solution.ability, solution.covariance, n_pairs=tournament.first.size, confidence=confidence
    )
    found = pairing.look(tournament, seed=seed)
    return Scale(
        scripts=_scripts(tournament, solution, confidence),
        judges=_judges(tournament, of_judges, flagged),
        separation_reliability=reliability,
        separation=separation.separation(reliability),
        split_half=separation.split_half(
            tournament, solution.ability, splits=splits, seed=seed, confidence=confidence
        ),
        tie=_tie(solution, tournament, confidence),
        pairing=found,
        method=bradley_terry.METHODS[method],
        n_judgments=tournament.first.size,
        log_likelihood=solution.log_likelihood,
        deviance=solution.deviance,
        df=solution.df,
        notes=tuple(_notes(tournament, method, exists, found, flagged)),
        confidence=confidence,
        solution=solution,
        places={name: place for place, name in enumerate(tournament.scripts)},
    )


def _scripts(tournament, solution, confidence):
    found = misfit.by_script(tournament, solution)
    z = intervals.normal_quantile((1 + confidence) / 2)
    se = np.sqrt(np.maximum(np.diag(solution.covariance), 0))
    columns = (
        solution.ability,
        se,
        solution.ability - z * se,
        solution.ability + z * se,
        found.infit,
        found.outfit,
        found.n,
        tournament.points,
    )
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    order = np.argsort(-solution.ability, kind="stable").tolist()
    return {tournament.scripts[place]: Script(*rows[place]) for place in order}


def _judges(tournament, found, flagged):
    columns = (found.n, found.infit, found.outfit, found.p, flagged)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {name: Judge(*row) for name, row in zip(tournament.judges, rows, strict=True)}


def _tie(solution, tournament, confidence):
    """How readily judges call a tie: log(nu), and its meaning for two equal scripts."""
    value = solution.log_tie
    if math.isnan(value):
        return None
    z = intervals.normal_quantile((1 + confidence) / 2)
    share = math.exp(value) / (2 + math.exp(value))
    return Statistic(
        value,
        *intervals.around(value, solution.log_tie_se, quantile=z),
        solution.log_tie_se,
        "log of Davidson's tie parameter",
        n_units=len(tournament.scripts),
        n_pairs=tournament.first.size,
        sentence=f"Two scripts of equal worth are called a tie {100 * share:.0f} of every 100 times.",
    )


def _notes(tournament, method, exists, found, flagged):
    """What a reader must know before using the scale."""
    points, n = tournament.points, tournament.judgments
    if method == bradley_terry.PRIOR and not exists:
        yield (
            "Some scripts always won or always lost against the rest. Half a choice for and half a choice against "
            "an average script was added to each script, which keeps the scale finite."
        )
    elif method != bradley_terry.LIKELIHOOD:
        yield f"Estimated by {bradley_terry.METHODS[method]}."
    for extreme, what in ((points == n, "never lost"), (points == 0, "never won")):
        names = [tournament.scripts[code] for code in np.flatnonzero(extreme)]
        if names:
            yield f"{listed(names)} {what}."
    if n.mean() < FEW:
        yield (
            f"A script stood in {n.mean():.1f} judgments on average; {FEW} or more are needed for a steady order."
        )
    if found.adaptive:
        yield found.sentence
    names = [judge for judge, odd in zip(tournament.judges, flagged.tolist(), strict=True) if odd]
    if names:
        yield f"The choices of {listed(names)} fit the common scale less well than chance allows: worth a talk."
