"""Calibration sessions: read the same papers, score silently, reveal, discuss, agree, and write down why."""
