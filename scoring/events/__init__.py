"""Scoring events: which tasks, which scorers, and by which rules."""
