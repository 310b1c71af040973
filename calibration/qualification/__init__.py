"""Practice, qualification and recalibration: who may be handed responses of a rubric version, and how they earn it."""
