"""Discrepant reads, settled by a leader who scores blind first."""
