"""What stands behind the short list of anchor papers: how sure each score point is, and what a set covers."""
