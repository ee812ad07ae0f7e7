"""Grapheme clusters: no text is cut within one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.search.snippets import is_boundary

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    "clusters",
    [
        ["a", "b", " ", "c"],
        ["e\u0301", "x\u0327\u0301", "y"],
        ["\r\n", "\n", "\r"],
        ["क्षि", "ति", "न"],
        ["ක්\u200dෂ", "ක"],
        [FAMILY, "\U0001f44d\U0001f3fd", "\u2764\ufe0f", "x"],
        ["\U0001f1e9\U0001f1ea", "\U0001f1eb\U0001f1f7", "\U0001f1ea"],
        ["\u1112\u1161\u11ab", "\uae00\u11a8", "\u1100\u1161", "\uac00", "\ub098"],
        ["กำ", "ที่", "น"],
        ["\u0600\u0661", "\u0662"],
        ["日", "本", "か\u3099"],
    ],
)
def test_a_text_is_cut_between_clusters(clusters: list[str]) -> None:
    text = "".join(clusters)
    places = [0]
    for each in clusters:
        places.append(places[-1] + len(each))
    assert [at for at in range(len(text) + 1) if is_boundary(text, at)] == places


@given(st.text("ae\u0301\u200d\U0001f469\U0001f1e9\u0915\u094d\u1100\r\n", max_size=12))
def test_each_end_is_a_boundary_and_ascii_is_cut_anywhere(text: str) -> None:
    assert is_boundary(text, 0)
    assert is_boundary(text, len(text))
    for at in range(1, len(text)):
        if text[at - 1 : at + 1].isalpha() and text[at - 1 : at + 1].isascii():
            assert is_boundary(text, at)
