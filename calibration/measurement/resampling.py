"""How far would a figure move with other papers? Drawing the responses again, by pattern, not one by one."""

import numpy as np

BLOCK = 2_000_000  # numbers held at a time: 16 MB


def draw(frequencies, *, draws=1000, seed=1):
    """How often each pattern comes up when as many responses are drawn again, with replacement.

    A response is drawn whole, with all its reads: the reads of one response depend on each other. Because
    responses with the same pattern are alike, one multinomial draw stands for any number of them.

    >>> draw(np.array([60, 30, 10]), draws=2, seed=1).sum(axis=1).tolist()
    [100, 100]

    References
    ----------
    Efron, B., & Tibshirani, R. J. (1993). *An introduction to the bootstrap*. Chapman & Hall.
    """
    return np.concatenate(list(_blocks_of_draws(np.asarray(frequencies), draws, seed)))


def totals(parts, frequencies, *, draws=1000, seed=1):
    """For each draw, the sum over patterns of what a response of that pattern adds.

    >>> totals(np.array([[1.0], [0.0]]), np.array([50, 50]), draws=3, seed=1).shape
    (3, 1)
    """
    return np.concatenate([drawn @ parts for drawn in _blocks_of_draws(np.asarray(frequencies), draws, seed)])


def percentile_interval(values, confidence=0.95):
    """Limits that hold the middle part of the draws; and how many draws gave no number at all.

    >>> percentile_interval(np.array([1.0, 2.0, 3.0, np.nan]), confidence=0.5)
    (1.5, 2.5, 1)
    """
    usable = values[~np.isnan(values)]
    lost = int(values.size - usable.size)
    if usable.size < 2:
        return np.nan, np.nan, lost
    low, high = np.quantile(usable, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high), lost


def _blocks_of_draws(frequencies, draws, seed):
    if draws < 1:
        raise ValueError("At least one draw is needed.")
    n = int(frequencies.sum())
    if n == 0:
        raise ValueError("There is no response to draw.")
    generator, size = np.random.default_rng(seed), max(1, BLOCK // max(frequencies.size, 1))
    for start in range(0, draws, size):
        yield generator.multinomial(n, frequencies / n, size=min(size, draws - start))
