"""Repeats: pure stages from arrays to arrays.

`fold` makes tokens of texts, `grams` makes sets and fingerprints of tokens, `similar` finds pairs
of alike sets, `groups` makes star clusters of pairs, `passages` finds token runs that occur again.
None of them knows a path, a seed or a rule; what a text gives never depends on the other texts.
"""
