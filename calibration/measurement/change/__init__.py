"""Did it help? Reads before a change beside reads after it, with a verdict that keeps its promise about luck."""
