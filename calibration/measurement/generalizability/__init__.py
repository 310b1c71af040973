"""Generalizability: how much of a score is real, and whether another task or another scorer would help more."""
