"""Where the delimiters of records are that may stand anywhere, and which one a line is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seedkit.formats.layout import Layout, LineDelimiter
from seedkit.formats.sections import literal_spans

Occurrence = tuple[int, int, Mapping[str, str], int]  # start, end, groups, which delimiter


def inline_occurrences(text: str, layout: Layout, start: int, end: int) -> Iterator[Occurrence]:
    """Return the delimiters of records that may stand anywhere, none within another."""
    spans = sorted(
        (a, -b, which)
        for which, delimiter in enumerate(layout.record_delimiters)
        for a, b in inline_spans(text, delimiter, start, end)
    )
    at = start
    for a, minus_b, which in spans:
        if a >= at:
            at = -minus_b
            yield a, at, {}, which


def which_delimiter(
    line: str, delimiters: tuple[LineDelimiter, ...]
) -> tuple[Mapping[str, str], int] | None:
    """Return the named groups of the delimiter that the line is, and which it is; None if none."""
    for which, delimiter in enumerate(delimiters):
        fields = delimiter.match(line)
        if fields is not None:
            return fields, which
    return None


def inline_spans(
    text: str, delimiter: LineDelimiter, start: int, end: int
) -> Iterator[tuple[int, int]]:
    """Return the spans of a delimiter that may stand anywhere."""
    if delimiter.pattern is not None:
        yield from (span for span in delimiter.pattern.spans(text, start, end) if span[0] < span[1])
        return
    assert delimiter.literal  # the format's check refuses an empty inline delimiter
    yield from literal_spans(text, delimiter.literal, start, end)
