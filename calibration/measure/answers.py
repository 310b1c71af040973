"""What the `measure` commands answer: plain dicts with stable keys, ready for JSON, numbers never rounded."""

import math

import numpy as np

from calibration.measurement.result import Statistic


def fields(record, *names):
    """Return some fields of a record as a dict.

    >>> fields(Statistic(0.5, n_units=10), "value", "low", "n_units")
    {'value': 0.5, 'low': None, 'n_units': 10}
    """
    return {name: plain(getattr(record, name)) for name in names}


def plain(value):
    """Return anything the engine answers as what JSON knows: lists, dicts, text, finite numbers or None.

    >>> plain({"a": np.array([1.0, np.nan]), ("x", "y"): np.int64(3)})
    {'a': [1.0, None], 'x : y': 3}
    """
    if isinstance(value, Statistic):
        return plain(value.as_dict())
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
