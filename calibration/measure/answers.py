"""What the `measure` commands answer: plain dicts with stable keys, ready for JSON, numbers never rounded."""

import math

import numpy as np

from calibration.measurement.result import Statistic

FIGURE = ("value", "low", "high", "se", "status", "sentence", "method", "n_units", "n_pairs", "n_excluded")


def figure(statistic):
    """Return one statistic as a dict; None where there is no number.

    >>> figure(Statistic(0.5, n_units=10))["low"] is None
    True
    """
    fields = statistic.as_dict()
    return {name: fields[name] for name in FIGURE}


def plain(value):
    """Return anything the engine answers as what JSON knows: lists, dicts, text, finite numbers or None.

    >>> plain({"a": np.array([1.0, np.nan]), ("x", "y"): np.int64(3)})
    {'a': [1.0, None], 'x : y': 3}
    """
    if isinstance(value, Statistic):
        return figure(value)
    if isinstance(value, dict):
        return {_name(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _name(key):
    return " : ".join(map(str, key)) if isinstance(key, tuple) else str(key)
