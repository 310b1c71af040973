"""Reads drawn from the many-facet Rasch model, for tests."""

import numpy as np

from calibration.measurement.ratings import Ratings

STEPS = np.array([-1.5, 0.0, 1.5])


def simulated(n, traits, scorers, *, reads=2, seed=1, sd=1.2, spread=0.5, steps=STEPS):
    """Rows by the model, and the true severities (centered) and item difficulties."""
    draw = np.random.default_rng(seed)
    theta, severity = draw.normal(0, sd, n), draw.normal(0, spread, scorers)
    severity -= severity.mean()
    item = np.linspace(-0.5, 0.5, traits) if traits > 1 else np.zeros(1)
    who = np.argsort(draw.random((n, scorers)), axis=1)[:, :reads]
    ease = theta[:, None, None] - severity[who][:, :, None] - item
    logits = ease[..., None] * np.arange(steps.size + 1) - np.r_[0, np.cumsum(steps)]
    chance = np.exp(logits - logits.max(axis=-1, keepdims=True))
    chance = np.cumsum(chance / chance.sum(axis=-1, keepdims=True), axis=-1)
    score = (draw.random(chance.shape[:-1])[..., None] > chance[..., :-1]).sum(axis=-1)
    person, place, trait = np.indices(score.shape)
    columns = person.ravel(), who[person, place].ravel(), trait.ravel(), score.ravel()
    return columns, severity, item, theta


def rated(columns, points=(0, 1, 2, 3), **labels):
    return Ratings.from_columns(*columns, points=points, **labels)


def messy(seed=3):
    """A small incomplete design: one to four reads of a response, traits missing, one response read by all."""
    columns, *_ = simulated(60, 3, 5, reads=4, seed=seed)
    draw = np.random.default_rng(seed)
    keep = (draw.random(columns[0].size) < 0.55) | (columns[0] == 0)
    return tuple(column[keep] for column in columns)
