"""The demonstration season: three districts, three tasks, student work, and a scoring year that never was."""
