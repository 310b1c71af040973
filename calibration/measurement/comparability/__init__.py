"""Comparability: does a score mean the same whichever district's scorers gave it?"""
