"""Findings about a corpus: which there are, which count, and how they are fixed."""
