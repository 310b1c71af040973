"""Made-up reads around a change, for examples, tests and the simulations that the verdict's promise rests on."""

import numpy as np

from calibration.measurement.ratings import Ratings

POINTS = (1, 2, 3, 4)


def reads(
    papers=(200, 200), scorers=8, *, noise=(0.5, 0.5), spread=(0.3, 0.3), middle=(2.5, 2.5), steady=1.0,
    traits=("t",), take_part=None, seed=1,
):  # fmt: skip
    """Responses read twice, before the moment 10 and after it; each argument in two parts is (before, after).

    `noise` is how far a scorer's reads scatter, `spread` how far scorers' severities do, `middle` the mean level of
    the papers. With `steady` below 1, each scorer's severity and noise wander between the sides by themselves, with
    this correlation; the scorers together are on both sides alike, so that neither side is the better one.
    `take_part` holds how eagerly each scorer takes part, before and after.

    >>> reads(papers=(3, 2)).score.size
    10
    """
    draw = np.random.default_rng(seed)
    severity = draw.normal(0, 1, scorers)
    haste = draw.normal(0, 1, scorers) if steady < 1 else np.zeros(scorers)
    columns = {name: [] for name in ("response", "scorer", "trait", "score", "moment")}
    start = 0
    for side, n in enumerate(papers):
        if side and steady < 1:
            severity, haste = (
                steady * each + np.sqrt(1 - steady**2) * draw.normal(0, 1, scorers)
                for each in (severity, haste)
            )
        scatter = np.exp((1 - steady) / 2 * haste)
        scatter /= np.sqrt((scatter**2).mean())
        eager = np.ones(scorers) if take_part is None else np.asarray(take_part[side], float)
        keys = np.log(draw.random((n, scorers))) / np.maximum(eager, 1e-12)
        who = np.argsort(-keys, axis=1)[:, :2]
        moment = np.sort(draw.random(n)) * 10 + 10 * side
        for trait in traits:
            level = draw.normal(middle[side], 0.8, n)
            value = (
                level[:, None]
                - spread[side] * severity[who]
                + noise[side] * scatter[who] * draw.normal(0, 1, who.shape)
            )
            columns["score"].append(np.clip(np.rint(value), POINTS[0], POINTS[-1]).ravel())
            columns["response"].append(np.repeat(np.arange(start, start + n), 2))
            columns["scorer"].append(who.ravel())
            columns["trait"].append(np.full(2 * n, trait))
            columns["moment"].append(np.repeat(moment, 2))
        start += n
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    moments = joined.pop("moment").tolist()
    return Ratings.from_columns(*joined.values(), points=POINTS, moment=moments)
