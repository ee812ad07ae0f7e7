"""Finds quoted cells that span lines (RFC 4180): a newline in one is content, not layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from seedkit.core.document import Document, Kind
from seedkit.formats.layout import Layout

if TYPE_CHECKING:
    from seedkit.formats.spec import SectionSpec

Span = tuple[int, int]

# What separates cells in a text whose format declares no rows.
_USUAL = "[,;|\t]"


def quoted_cells(document: Document, layout: Layout) -> list[Span]:
    """Return the spans of quoted cells with a newline, in sections that hold rows, in order."""
    text = document.text
    if '"' not in text or all(spec.content != "rows" for spec in layout.sections):
        return []
    return [
        span
        for section in document.sections()
        if layout.sections and layout.sections[section.number].content == "rows"
        for span in _in_rows(text, section.start, section.end, layout.sections[section.number])
    ]


def perhaps_quoted(document: Document, layout: Layout) -> list[Span]:
    """Return the spans that look like quoted cells with a newline, and may be none.

    In a section with rows, the quote is never closed, or text follows the one that closes it. Prose
    has quotes that span lines, too: elsewhere, a cell has a separator before or behind it.
    """
    text = document.text
    if '"' not in text:
        return []
    rows = {spec.name for spec in layout.sections if spec.content == "rows"}
    return [
        span
        for section in (document.sections() if rows else ())
        if section.name in rows
        for span in _in_rows(
            text, section.start, section.end, layout.sections[section.number], loose=True
        )
    ] + [
        match.span()
        for piece in document.pieces
        if piece.kind in (Kind.SECTION, Kind.STRAY) and piece.name not in rows
        for match in _cells(_USUAL).finditer(text, piece.start, piece.end)
        if _spans_lines(match[0])
        and (
            re.match(_USUAL, text[max(piece.start, match.start() - 1) :])
            or re.match(_USUAL, text[match.end() :])
        )
    ]


def _in_rows(
    text: str, start: int, end: int, spec: SectionSpec, *, loose: bool = False
) -> Iterator[Span]:
    cells = _loose_cells if loose else _cells
    for match in cells(re.escape(spec.separator)).finditer(text, start, end):
        if not _spans_lines(match[0]):
            continue
        # Text between tabs is mostly written without quoting (CoNLL-U has `"` as a word): there,
        # lines that are rows as they stand are rows.
        if spec.separator != "\t" or not _are_rows(text, *match.span(), start, end, spec):
            yield match.span()


def _are_rows(text: str, a: int, b: int, start: int, end: int, spec: SectionSpec) -> bool:
    """Tell whether each line that the span touches has the right number of columns."""
    first = max(start, text.rfind("\n", start, a) + 1, text.rfind("\r", start, a) + 1)
    after = re.compile(r"[\r\n]").search(text, b, end)
    lines = re.split(r"\r\n|\n|\r", text[first : after.start() if after else end])
    return all(line.count(spec.separator) + 1 == spec.columns for line in lines)


def _spans_lines(cell: str) -> bool:
    return "\n" in cell or "\r" in cell


@cache
def _cells(separator: str) -> re.Pattern[str]:
    """A quoted cell, between separators or ends of lines; a quote in it is doubled."""
    return re.compile(rf'{_opening(separator)}"(?:[^"]|"")*+"(?={separator}|[\r\n]|\Z)')


@cache
def _loose_cells(separator: str) -> re.Pattern[str]:
    """What begins as a quoted cell, whatever follows it: the end of the text, too."""
    return re.compile(rf'{_opening(separator)}"(?:[^"]|"")*+(?:"(?!{separator}|[\r\n]|\Z)|\Z)')


def _opening(separator: str) -> str:
    return rf"(?:(?<={separator})|(?<![^\r\n\ufeff]))"
