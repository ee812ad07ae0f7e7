"""Edits between words, against the table that defines them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.search.match import near_words as similar
from support.corpora import more


def edits(a: str, b: str) -> int:
    """Optimal string alignment distance."""
    table = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            ways = [
                table[i - 1, j] + 1,
                table[i, j - 1] + 1,
                table[i - 1, j - 1] + (a[i - 1] != b[j - 1]),
            ]
            if i > 1 and j > 1 and a[i - 2 : i] == b[j - 1] + b[j - 2]:
                ways.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(ways)
    return table[len(a), len(b)]


words = st.text("ab\U0010ffff", max_size=6)


@more(10)
@given(words, st.sets(words), st.sampled_from([1, 2]))
def test_similar_words_are_those_of_the_table(word: str, others: set[str], limit: int) -> None:
    candidates = sorted(others)
    expected = [(each, edits(word, each)) for each in candidates if edits(word, each) <= limit]
    assert list(similar(word, candidates, limit)) == expected


@pytest.mark.parametrize(
    ("word", "other", "expected"),
    [
        ("tide", "tide", 0),
        ("tide", "tides", 1),
        ("tide", "tie", 1),
        ("tide", "tyde", 1),
        ("tide", "tdie", 1),
        ("tide", "edit", None),
        ("ca", "abc", None),  # would be 2 if what was swapped might be edited again
        ("tide", "ride", 1),
    ],
)
def test_edits(word: str, other: str, expected: int | None) -> None:
    assert dict(similar(word, [other], 2)).get(other) == expected
