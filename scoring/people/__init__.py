"""Organizations, the people in them, what each may do, and how they sign in."""
