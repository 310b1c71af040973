"""Discussions: threads on papers, tasks and lines of a rubric."""
