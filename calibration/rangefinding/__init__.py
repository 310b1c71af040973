"""Range-finding: a committee scores proposed papers blind, agrees on consensus scores, and fills sets and packets."""
