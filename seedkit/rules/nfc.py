"""Where a text is not in Unicode Normalization Form C: the smallest stretch of a line."""

from __future__ import annotations

import unicodedata

from seedkit.text import line_spans


def unnormalized_lines(text: str) -> list[tuple[int, int]]:
    """Return the spans of the lines that are not in NFC, without byte order marks."""
    starts, ends = line_spans(text)
    starts[0] = min(len(text) - len(text.lstrip("\ufeff")), ends[0])
    return [
        (a, b)
        for a, b in zip(starts, ends, strict=True)
        if not unicodedata.is_normalized("NFC", text[a:b])
    ]


def unnormalized(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the smallest stretch, between two base characters, whose NFC is that of the line.

    Widening goes on while one more base would still change what came before it: Hangul jamo.
    """
    bases = [i for i in range(start, end) if not unicodedata.combining(text[i])]
    bases = sorted({start, *bases})
    bases.append(end)
    for at, last in enumerate(bases):
        for first in reversed(bases[max(0, at - 3) : at]):
            if not unicodedata.is_normalized("NFC", text[first:last]):
                return first, _settled(text, first, bases, at)
    return start, end


def _settled(text: str, first: int, bases: list[int], at: int) -> int:
    """Where the stretch that begins at `first` composes no further."""
    while at + 1 < len(bases):
        now = unicodedata.normalize("NFC", text[first : bases[at]])
        wider = unicodedata.normalize("NFC", text[first : bases[at + 1]])
        if wider.startswith(now):
            break
        at += 1
    return bases[at]
