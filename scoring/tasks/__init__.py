"""Performance tasks and their rubrics, from draft to frozen version."""
