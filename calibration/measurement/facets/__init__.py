"""Many-facet Rasch measurement: how able a response, how severe a scorer, how hard a trait, on one scale."""
