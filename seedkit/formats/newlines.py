"""Newlines of a text that are layout, LF and CRLF, and what a change of them leaves as it was.

Lines end at LF, CRLF and CR. Which of LF and CRLF is layout; a CR that no LF follows, a doubled CR
before LF, and any newline inside a quoted cell, may be content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from seedkit.core.document import Document
from seedkit.formats.layout import Layout
from seedkit.formats.quotes import Span, quoted_cells

LAYOUT_NEWLINE = re.compile(r"(?<!\r)\r?\n")  # not the end of a doubled CR and its LF
STRAY_CR = re.compile(r"\r{2,}\n|\r(?!\n)")


def unquoted(text: str, quoted: Sequence[Span]) -> Iterator[Span]:
    """Return the stretches of the text that lie outside of the spans."""
    at = 0
    for start, end in quoted:
        yield at, start
        at = end
    yield at, len(text)


def replace_newlines(
    text: str, quoted: Sequence[Span], newline: str, start: int = 0, end: int | None = None
) -> str:
    """Return a stretch of the text, its newlines replaced where they are layout.

    `quoted` are the spans of the whole text whose newlines are content; none of them is cut in two.
    """
    end = len(text) if end is None else end
    parts: list[str] = []
    at = start
    for a, b in [*(span for span in quoted if start <= span[0] and span[1] <= end), (end, end)]:
        # Not sliced first: whether a CR comes before decides.
        stretch = "".join(text[i:j] if j >= 0 else newline for i, j in _stretches(text, at, a))
        parts += (stretch, text[a:b])
        at = b
    return "".join(parts)


def _stretches(text: str, start: int, end: int) -> Iterator[Span]:
    """What lies between the newlines, and (·, -1) for each newline."""
    at = start
    for match in LAYOUT_NEWLINE.finditer(text, start, end):
        yield at, match.start()
        yield at, -1
        at = match.end()
    yield at, end


def parsed(document: Document, layout: Layout) -> list[tuple[object, ...]]:
    """Return what was parsed, in a form that is equal if and only if a fix changed none of it.

    That is, of each record the fields of its delimiters and each section's name and text, byte for
    byte; but a newline that is layout counts as LF.
    """
    text, quoted = document.text, quoted_cells(document, layout)

    def value(start: int, end: int) -> str:
        return replace_newlines(text, quoted, "\n", start, end)

    return [
        (dict(record.fields), [(s.name, value(s.start, s.end)) for s in record.sections])
        for record in document.records
    ]
