"""How a running event stands: who scores, what scorers reported, and what its leader does next."""
