"""Tokens, against Python's own `\\w+` and a walk character by character."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.repeats import fold as fold_module
from seedkit.repeats.codepoints import FIRM, FOLDED, WORD, entries, is_loose, joins
from seedkit.repeats.fold import Tokens, tokenize, tokenize_both

PIECES = [
    *("a", "B", "é", "e\u0301", "E\u0301", "q\u0307", "ß", "ẞ", "ﬁ", "İ", "_", "7", "²", "Ⅷ"),
    *(
        "日",
        "本",
        "カ",
        "か\u3099",
        "ｶ",
        "ไทย",
        "ภาษา",
        "ລາວ",
        "ខ្មែរ",
        "မြန်",
        "한국",
        "\u1112\u1161\u11ab",
    ),
    *("العربية", "हिन्दी", "\u0958", "\u0344", "\u0f73", "𝒳", "Å", "\u212b", "\U0001f600"),
    *(" ", "\n", "-", "\u0301", "\u0327", "\udcff", "\x00", "\u1161", "\u11a8", "Ǆ", "ſ"),
]
texts = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
SPACED = [(0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x4E00, 0x9FFF)]


def fold(char: str) -> str:
    """Fold one character, if it stays one."""
    folded = unicodedata.normalize("NFKC", char).casefold()
    if len(folded) != 1:
        folded = char.lower()
    return folded if len(folded) == 1 else char


def slow_tokens(text: str, characters: bool) -> list[str]:
    """Cut the text with a regular expression and fold each character."""
    text = unicodedata.normalize("NFC", text)
    single = "".join(f"{chr(a)}-{chr(b)}" for a, b in SPACED) + "ｦ-ﾝ"
    pattern = rf"(?=\w)[{single}]|[^\W{single}]+" if characters else r"\w+"
    return ["".join(map(fold, token)) for token in re.findall(pattern, text)]


def of(tokens: Tokens, number: int) -> tuple[list[int], list[int], list[int]]:
    """Return hashes, starts and ends of one text."""
    own = slice(tokens.bounds[number], tokens.bounds[number + 1])
    return tokens.hashes[own].tolist(), tokens.starts[own].tolist(), tokens.ends[own].tolist()


@pytest.mark.parametrize("characters", [False, True])
@given(st.data())
def test_tokens_are_those_of_a_slow_walk(characters: bool, data: st.DataObject) -> None:
    batch = data.draw(st.lists(texts, max_size=6))
    tokens = tokenize(batch, characters=characters)
    expected = [slow_tokens(text, characters) for text in batch]
    assert np.diff(tokens.bounds).tolist() == [len(each) for each in expected]
    flat = [token for each in expected for token in each]
    names: dict[int, str] = {}
    for value, token in zip(tokens.hashes.tolist(), flat, strict=True):
        assert names.setdefault(value, token) == token
    assert len(names) == len(set(flat))


@given(texts)
def test_offsets_point_at_the_token(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    tokens = tokenize([text])
    expected = [match.span() for match in re.finditer(r"\w+", text)]
    assert list(zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True)) == expected


@given(texts)
def test_text_not_in_nfc_has_the_tokens_of_its_nfc(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    for form in (text, unicodedata.normalize("NFD", text)):
        tokens = tokenize(["x", form, composed])
        (hashes, starts, ends), (expected, _, _) = of(tokens, 1), of(tokens, 2)
        assert hashes == expected
        edges = [at for pair in zip(starts, ends, strict=True) for at in pair]
        assert edges == sorted(edges) and all(0 <= at <= len(form) for at in edges)


def test_offsets_of_decomposed_text_are_in_the_original() -> None:
    text = "x cafe\u0301s \u1112\u1161\u11ab! か\u3099 \u0958 é\u0323 q"
    tokens = tokenize([text])
    _, starts, ends = of(tokens, 0)
    found = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    assert found[:5] == ["x", "cafe\u0301s", "\u1112\u1161\u11ab", "か\u3099", "\u0958"]
    assert found[-1] == "q"


@given(st.lists(texts, max_size=6), st.booleans())
def test_what_a_text_gives_does_not_depend_on_the_batch(batch: list[str], characters: bool) -> None:
    together = tokenize(batch, characters=characters)
    for number, text in enumerate(batch):
        assert of(together, number) == of(tokenize([text], characters=characters), 0)


def test_more_texts_than_a_batch_and_a_text_longer_than_one() -> None:
    long = "word another wörd " * 20_000
    batch = ["a b", long, "", "c d e", *["f g"] * 40_000]
    tokens = tokenize(batch)
    assert np.diff(tokens.bounds).tolist() == [2, 60_000, 0, 3, *[2] * 40_000]
    assert of(tokens, 1)[0][:3] == of(tokenize(["WORD Another wo\u0308rd"]), 0)[0]


def test_nothing() -> None:
    assert tokenize([]).bounds.tolist() == [0]
    assert tokenize(["", " "]).bounds.tolist() == [0, 0, 0]


@given(st.lists(texts, max_size=6), st.integers(1, 20))
def test_both_ways_at_once_give_what_each_gives(batch: list[str], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fold_module, "_BATCH", size)
        parts = list(tokenize_both(batch))
    for way, characters in enumerate((True, False)):
        alone = tokenize(batch, characters=characters)
        own = [part[way] for part in parts]
        assert [h for each in own for h in each.hashes.tolist()] == alone.hashes.tolist()
        counts = [count for each in own for count in np.diff(each.bounds).tolist()]
        assert counts == np.diff(alone.bounds).tolist()


def test_entries_follow_this_python() -> None:
    found = entries(np.arange(0x110000)).tolist()
    alike: dict[int, int] = {}
    for code, entry in enumerate(found):
        char = chr(code)
        word = char.isalnum() or char == "_"
        assert (entry | int(FIRM) >= WORD) == word, hex(code)
        assert entry & int(FOLDED) == (ord(fold(char)) if word else code), hex(code)
        assert bool(entry & int(FIRM)) != is_loose(char), hex(code)
        if word:  # equal tokens have equal entries
            assert alike.setdefault(entry & int(FOLDED), entry | int(FIRM)) == entry | int(FIRM)


def test_what_composes_is_known() -> None:
    """Every second part of a composition joins, and so does what marks are ordered by."""
    for code in range(0x110000):
        char = chr(code)
        parts = unicodedata.decomposition(char)
        if unicodedata.combining(char):
            assert joins(char), hex(code)
        if parts and not parts.startswith("<"):
            first, *others = (chr(int(part, 16)) for part in parts.split())
            assert all(map(joins, others)), hex(code)
            assert joins(char) or not joins(first), hex(code)
        if unicodedata.normalize("NFC", char) != char:
            assert is_loose(char), hex(code)
    for code in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)):
        assert joins(chr(code))
