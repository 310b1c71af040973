"""Numbers about scores: pure functions on plain data, with numpy and the krippendorff package only."""
