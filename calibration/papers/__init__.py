"""Papers: responses with consensus scores and commentary that show scorers where the scale lies."""
