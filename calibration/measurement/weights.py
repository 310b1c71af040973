"""How much of an agreement two different scores are: the weights of weighted coefficients."""

import numpy as np

KINDS = ("identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar")
POWERS = {0: "identity", 1: "linear", 2: "quadratic"}


def matrix(points, kind="identity"):
    """How much of an agreement each pair of scores is: 1 when equal, 0 for the worst miss of the rubric.

    Parameters
    ----------
    points : sequence of float
        The score points of the rubric, from low to high, also those nobody gave.
    kind : str, int or q x q array
        "identity" (unweighted), "linear", "quadratic", "ordinal", "radical", "ratio", "circular" or
        "bipolar"; 0, 1, 2 for the first three; or weights of your own, symmetric, with 1 on the diagonal.

    Returns
    -------
    numpy.ndarray
        q x q.

    References
    ----------
    Gwet, K. L. (2014). *Handbook of inter-rater reliability* (4th ed.). Advanced Analytics.

    >>> matrix([1, 2, 3], "quadratic").tolist()
    [[1.0, 0.75, 0.0], [0.75, 1.0, 0.75], [0.0, 0.75, 1.0]]
    """
    points = np.asarray(points, float)
    if not isinstance(kind, (str, int, np.integer)):
        return _own(kind, points.size)
    kind = name(kind)
    if kind == "identity":
        return np.eye(points.size)
    apart = np.abs(np.subtract.outer(points, points))
    reach = points[-1] - points[0]
    if kind == "ordinal":
        steps = np.abs(np.subtract.outer(np.arange(points.size), np.arange(points.size)))
        return _from_distance(steps * (steps + 1.0))
    if kind == "ratio":
        sums = np.add.outer(points, points)
        if points[0] < 0 or points[-1] <= 0:
            raise ValueError("Ratio weights need score points of 0 or more.")
        return _from_distance(np.divide(apart, sums, out=np.zeros_like(apart), where=sums > 0) ** 2)
    if kind == "circular":
        return _from_distance(np.sin(np.pi * apart / (reach + 1)) ** 2)
    if kind == "bipolar":
        sums = np.add.outer(points, points)
        room = (sums - 2 * points[0]) * (2 * points[-1] - sums)
        return _from_distance(np.divide(apart**2, room, out=np.zeros_like(apart), where=room > 0))
    return 1 - (apart / reach) ** {"radical": 0.5, "linear": 1, "quadratic": 2}[kind]


def name(kind):
    """The name of the weights; "own weights" for a matrix.

    >>> name(2), name("linear")
    ('quadratic', 'linear')
    """
    if not isinstance(kind, (str, int, np.integer)):
        return "own weights"
    found = kind if isinstance(kind, str) else POWERS.get(int(kind))
    if found not in KINDS:
        raise ValueError(
            f"The weights are {', '.join(KINDS)}, their power 0, 1 or 2, or a matrix of your own; not {kind!r}."
        )
    return found


def in_words(kind):
    """The weights as a method names them.

    >>> in_words(0), in_words("quadratic")
    ('unweighted', 'quadratic weights')
    """
    found = name(kind)
    return {"identity": "unweighted", "own weights": found}.get(found, f"{found} weights")


def _own(kind, q):
    try:
        w = np.asarray(kind, float)
    except (TypeError, ValueError):
        w = np.zeros(0)
    fits = w.shape == (q, q) and (np.diag(w) == 1).all() and (w == w.T).all()
    if not fits or not (w >= 0).all() or not (w <= 1).all():
        raise ValueError(
            f"Own weights are a {q} x {q} table of numbers from 0 to 1, with 1 where the scores are equal and "
            "the same number in both directions."
        )
    return w


def _from_distance(distance):
    return 1 - distance / distance.max()
