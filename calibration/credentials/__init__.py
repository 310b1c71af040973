"""What a scorer has earned: measured agreement by a stated rule, signed, and shared as far as its holder wants."""
