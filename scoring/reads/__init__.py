"""The blind double-scoring queue: who reads what, and what becomes of the scores."""
