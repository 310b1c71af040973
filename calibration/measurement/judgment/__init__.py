"""Comparative judgment: a scale made from many answers to "which of these two is better?"."""
