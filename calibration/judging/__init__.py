"""Comparative judgment: the same work set in order by comparing, as a second look at the scale."""
