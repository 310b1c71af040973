"""Does a rubric score stand for the same work in every district, when the work itself is compared?"""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import intervals, multiplicity
from calibration.measurement.judgment import rubric
from calibration.measurement.result import NO_VARIATION, TOO_FEW, Statistic, undefined

FEWEST_IN_GROUP = 10
LEAST_RELIABLE = 0.3  # under this the scale itself is mostly luck, and no line can be laid through it


@dataclass(frozen=True)
class Group:
    """One group of scripts: how its rubric scores go with the scale, and how far they lie above the others'."""

    name: object
    n: int
    correlation: Statistic
    lift: Statistic  # rubric points above the rubric scores of other groups' scripts of the same ability
    flagged: bool


def compare(scale, scores, groups, *, confidence=0.95, draws=2000, seed=1):
    r"""Set the rubric scores of each group of scripts against the common scale of comparisons.

    A line :math:`score = a + b \cdot ability` is laid through all scripts within their groups, with the slope
    corrected for the errors of the abilities,

    .. math:: b = \frac{s_{xy}}{s_{xx} - \overline{se^2}},

    so that a group of able scripts does not seem to be scored high only because abilities carry errors. The lift of
    a group is how far its mean score lies above what the line tells from its mean ability, less the same for all
    other scripts together. Its interval comes from a bootstrap of scripts within groups, in which the line is laid
    anew each time.

    Parameters
    ----------
    scale : Scale
        As given by `scale.fit`.
    scores, groups : dict
        Rubric score and group of each script; scripts without a score are left out.

    Returns
    -------
    dict of Group
        By name. Groups of fewer than 10 scripts have no figures. `flagged` holds after Holm's correction.

    References
    ----------
    Fuller, W. A. (1987). *Measurement error models*. Wiley. (Section 1.2, errors of known variance.)
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. *Scandinavian Journal of Statistics*,
    6(2), 65-70.
    """
    both = [name for name in scale.scripts if _known(scores.get(name)) and groups.get(name) is not None]
    ability = np.array([scale.scripts[name].ability for name in both])
    error = np.array([scale.scripts[name].se ** 2 for name in both])
    score = np.array([float(scores[name]) for name in both])
    names = sorted({groups[name] for name in both}, key=str)
    code = np.array([names.index(groups[name]) for name in both], int)
    members = [np.flatnonzero(code == place) for place in range(len(names))]
    value, status = _lifts(ability, error, score, members)
    spread = _bootstrap(ability, error, score, members, draws, seed) if value is not None else None
    rough = []
    for place, name in enumerate(names):
        part = rubric.against_scores(scale, {both[each]: score[each] for each in members[place]})
        rough.append((name, members[place].size, part.spearman, _lift(place, members, value, spread, status, confidence)))  # fmt: skip
    p = np.array(
        [multiplicity.two_sided(lift.value / lift.se) if lift.defined else math.nan for *_, lift in rough]
    )
    flagged = multiplicity.holm(p).flagged if p.size else []
    return {
        name: Group(name, n, correlation, lift, bool(flag))
        for (name, n, correlation, lift), flag in zip(rough, flagged, strict=True)
    }


def _known(score):
    return score is not None and score == score


def _lifts(ability, error, score, members):
    """The lift of each group against all others, or why there is none."""
    kept = [part for part in members if part.size >= 2]
    x = np.concatenate([ability[part] - ability[part].mean() for part in kept]) if kept else np.empty(0)
    y = np.concatenate([score[part] - score[part].mean() for part in kept]) if kept else np.empty(0)
    free = x.size - len(kept)
    if len(members) < 2 or free < FEWEST_IN_GROUP:
        return None, TOO_FEW
    variance, noise = float(x @ x) / free, float(error.mean())
    if variance <= 0 or (variance - noise) / variance < LEAST_RELIABLE:
        return None, NO_VARIATION
    slope = float(x @ y) / free / (variance - noise)
    above = score - slope * ability
    everything = above.sum()
    return np.array([
        above[part].mean() - (everything - above[part].sum()) / max(1, above.size - part.size) for part in members
    ]), None  # fmt: skip


def _bootstrap(ability, error, score, members, draws, seed):
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        drawn = [part[chance.integers(0, part.size, part.size)] for part in members]
        order = np.concatenate(drawn)
        ends = np.cumsum([part.size for part in drawn])
        places = [np.arange(end - part.size, end) for part, end in zip(drawn, ends, strict=True)]
        value, _ = _lifts(ability[order], error[order], score[order], places)
        if value is not None:
            found.append(value)
    return np.array(found)


def _lift(place, members, value, spread, status, confidence):
    n, others = members[place].size, sum(part.size for part in members) - members[place].size
    known = {"n_units": n, "method": "rubric points above other groups' scripts of the same ability"}
    if min(n, others) < FEWEST_IN_GROUP or status == TOO_FEW:
        return undefined(
            TOO_FEW, f"Only {min(n, others)} responses to go by; {FEWEST_IN_GROUP} are needed.", **known
        )
    if value is None or spread.shape[0] < 100:
        return undefined(
            NO_VARIATION, "The comparisons tell too little apart to set scores beside them.", **known
        )
    se = float(spread[:, place].std(ddof=1))
    z = intervals.normal_quantile((1 + confidence) / 2)
    low, high = intervals.around(float(value[place]), se, quantile=z)
    side = "above" if value[place] > 0 else "below"
    said = f"Rubric scores lie {abs(value[place]):.2f} points {side} those of work that compares alike elsewhere."
    return Statistic(float(value[place]), low, high, se, **known, sentence=said)
