"""Lines, positions and what a terminal shows, against slow and obvious counterparts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.core.text import (
    LineIndex,
    display_width,
    is_hidden,
    line_spans,
    normalize_newlines,
    plural,
    shorten,
    utf8_length,
    visible,
)

# Newlines, what only looks like one, astral and combining characters, undecodable bytes.
PIECES = [
    "\n",
    "\r\n",
    "\r",
    "\x85",
    "\u2028",
    "\u2029",
    "\x0c",
    "\x0b",
    "\x1c",
    "a",
    " ",
    "é",
    "e\u0301",
    "日",
    "𝒳",
    "\U0001f600",
    "\u200d",
    "\ufeff",
    "\udcff",
    "\udc80",
]
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def slow_spans(text: str) -> list[tuple[int, int]]:
    """Walk the text one character at a time."""
    spans = []
    start = at = 0
    while at < len(text):
        if text[at] in "\r\n":
            spans.append((start, at))
            at += 2 if text[at : at + 2] == "\r\n" else 1
            start = at
        else:
            at += 1
    return [*spans, (start, len(text))]


@given(texts)
def test_line_spans(text: str) -> None:
    starts, ends = line_spans(text)
    assert list(zip(starts, ends, strict=True)) == slow_spans(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("\r\r\n\n", ["", "", "", ""]),
        ("a\x0cb\x85c\u2028d\x1ce", ["a\x0cb\x85c\u2028d\x1ce"]),
    ],
)
def test_lines_end_at_lf_crlf_and_cr_only(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in zip(*line_spans(text), strict=True)] == expected


@given(texts, st.data())
def test_position(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    start, number = next(
        (start, number)
        for number, (start, _) in reversed(list(enumerate(slow_spans(text), 1)))
        if start <= offset
    )
    before = text[:offset].encode("utf-8", "surrogateescape")
    assert LineIndex(text).position(offset) == (number, offset - start + 1, len(before))


@given(texts)
def test_a_position_past_the_end_is_the_end(text: str) -> None:
    index = LineIndex(text)
    assert index.position(len(text) + 7) == index.position(len(text))


@given(texts)
def test_line_text(text: str) -> None:
    index = LineIndex(text)
    expected = [text[a:b] for a, b in slow_spans(text)]
    assert [index.line_text(n) for n in range(1, len(expected) + 1)] == expected
    assert index.line_text(0) == index.line_text(len(expected) + 1) == ""


@given(texts)
def test_normalize_newlines(text: str) -> None:
    assert normalize_newlines(text) == "\n".join(text[a:b] for a, b in slow_spans(text))


@given(texts)
def test_utf8_length_counts_an_undecodable_byte_once(text: str) -> None:
    assert utf8_length(text) == sum(
        1 if "\udc80" <= c <= "\udcff" else len(c.encode()) for c in text
    )


@given(st.text(st.characters(exclude_categories=[])))
def test_visible_leaves_no_hidden_character(text: str) -> None:
    shown = visible(text)
    assert not any(map(is_hidden, shown))
    assert visible(shown) == shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ~ text", "plain ~ text"),
        ("日本 é", "日本 é"),
        ("a\tb\nc\rd", r"a\tb\nc\rd"),
        ("\x00\x1b[31m\x7f\x85", r"\x00\x1b[31m\x7f\x85"),
        ("a\u202eb\u2066c\u200fd", r"a\u202eb\u2066c\u200fd"),
        ("\u2028\u2029\ufeff", r"\u2028\u2029\ufeff"),
        ("caf\udcff", r"caf\xff"),
        ("\U000e0001\U000f0000\ue000", r"\U000e0001\U000f0000\ue000"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a joiner that Persian needs
    ],
)
def test_visible(text: str, expected: str) -> None:
    assert visible(text) == expected


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("日本", 4),
        ("ｱ", 1),
        ("Ａ", 2),
        ("😀", 2),
        ("a\u200db", 2),
        ("กิ", 1),
    ],
)
def test_display_width(text: str, width: int) -> None:
    assert display_width(text) == width


@given(texts, texts)
def test_display_width_adds_up(a: str, b: str) -> None:
    assert display_width(a + b) == display_width(a) + display_width(b)
    assert display_width(a) <= 2 * len(a)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 60, "short"),
        ("  two \n\t words ", 60, "two words"),
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("a\x00b", 60, r"a\x00b"),
    ],
)
def test_shorten(text: str, limit: int, expected: str) -> None:
    assert shorten(text, limit) == expected


@given(st.text(st.characters(exclude_categories=[])), st.integers(2, 20))
def test_shortened_text_is_one_visible_line(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert not any(map(is_hidden, short))
    if not any(map(is_hidden, text)):
        assert len(short) <= limit


def test_plural() -> None:
    assert plural(1, "seed") == "1 seed"
    assert plural(0, "seed") == "0 seeds"
    assert plural(1234567, "seed") == "1,234,567 seeds"
    assert plural(2, "entry") == "2 entries"
