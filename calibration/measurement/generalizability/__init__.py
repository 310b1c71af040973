"""Generalizability: how much of a score is real, and whether another task or another scorer would help more."""

from calibration.measurement.generalizability.g_study import GStudy, study

__all__ = ["GStudy", "study"]
