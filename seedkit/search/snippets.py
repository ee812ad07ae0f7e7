"""Chooses lines of a record that show why it was found, and cuts them from the seed, with places.

A snippet is a line, or the part of a long one where most of the query stands. First come lines that
show parts of the query which no other does; of what remains, those with the most of it.

Where a text may be cut: between what readers take for characters, as Unicode's UAX #29 has it.

By the general categories that Python knows. Where these are too coarse, a place counts as within a
cluster that need not be: what is not cut there is never shown wrong.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from seedkit.core.text import line_spans
from seedkit.search.model import Snippet

if TYPE_CHECKING:
    from seedkit.search.match import WordSpan
    from seedkit.search.records import RecordText


_ZWNJ, _ZWJ = "\u200c", "\u200d"
_PREPENDED = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
_VIRAMA = 9  # the canonical combining class of what joins consonants


def is_boundary(text: str, at: int) -> bool:
    """Tell whether a text may be cut before the character at an offset."""
    if not 0 < at < len(text):
        return True
    before, after = text[at - 1], text[at]
    if before < "\u0300" and after < "\u0300":
        return not (before == "\r" and after == "\n")
    if _extends(after) or before in _PREPENDED:
        return before in "\r\n"
    if before == _ZWJ or unicodedata.combining(before) == _VIRAMA:
        return unicodedata.category(after) not in ("So", "Lo")
    if _is_flag(before) and _is_flag(after):
        start = at
        while start and _is_flag(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 0
    return not _is_syllable(before, after)


def _extends(char: str) -> bool:
    """Tell whether a character belongs to the one before: marks, joiners, skin tones, tags."""
    return (
        unicodedata.category(char).startswith("M")
        or char in (_ZWNJ, _ZWJ, "\u0e33", "\u0eb3")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    )


def _is_flag(char: str) -> bool:
    """Tell whether two such letters are a flag."""
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_syllable(before: str, after: str) -> bool:
    """Tell whether two characters are of one Hangul syllable."""
    if "\u1100" <= before <= "\u115f" or "\ua960" <= before <= "\ua97c":
        return _is_jamo(after) or "\uac00" <= after <= "\ud7a3"
    return (_is_jamo(before) or "\uac00" <= before <= "\ud7a3") and (
        "\u1160" <= after <= "\u11ff" or "\ud7b0" <= after <= "\ud7fb"
    )


def _is_jamo(char: str) -> bool:
    return (
        "\u1100" <= char <= "\u11ff" or "\ua960" <= char <= "\ua97c" or "\ud7b0" <= char <= "\ud7fb"
    )


_WANTED = 2  # lines, if there are so many with anything found
_MOST = 3  # lines, if it takes so many to show every part of the query
_NEAR = 16  # characters to look for the beginning of a word in

_Mark = tuple[int, int, int]  # from, to, which part of the query


class _Line(NamedTuple):
    """A line of the record, with what was found in it. Offsets are in the seed's text."""

    number: int
    begin: int  # of the line in the seed, which may be before the record
    start: int
    end: int
    section: str
    marks: list[_Mark]

    @property
    def leaves(self) -> set[int]:
        """Which parts of the query stand in it."""
        return {leaf for _, _, leaf in self.marks}


def snippets(record: RecordText, spans: Sequence[WordSpan], width: int) -> tuple[Snippet, ...]:
    """Return a few lines of a record, in its order, none longer than `width` characters.

    Without any span there is one snippet, of how the record begins, if it has any text.
    """
    starts, ends = line_spans(record.text)

    def line(at: int, section: str) -> _Line:
        number = bisect_right(starts, at)
        begin, end = starts[number - 1], min(ends[number - 1], record.end)
        return _Line(number, begin, max(begin, record.start), end, section, [])

    found: dict[int, _Line] = {}
    for span in spans:
        section = record.parts[span.part].name
        at = span.start
        while at < span.end:  # a run without spaces may go on in the next line
            here = line(at, section)
            here = found.setdefault(here.number, here)
            if at < here.end:
                here.marks.append((at, min(span.end, here.end), span.leaf))
            at = starts[here.number] if here.number < len(starts) else span.end
    if found:
        chosen = sorted(_chosen(found.values()))
    else:
        chosen = [line(*first) for first in _beginning(record)]
    return tuple(_snippet(record.text, each, width) for each in chosen)


def sections(record: RecordText, spans: Iterable[WordSpan]) -> tuple[str, ...]:
    """Return the names of the sections that anything was found in, in the order of the record."""
    names = (record.parts[number].name for number in sorted({span.part for span in spans}))
    return tuple(dict.fromkeys(name for name in names if name))


def _beginning(record: RecordText) -> Iterator[tuple[int, str]]:
    """Where the first text of a record stands, if it has any, and in which section."""
    for part in record.parts:
        text = record.text[part.start : part.end]
        if text.strip():
            yield part.end - len(text.lstrip()), part.name
            return


def _chosen(lines: Iterable[_Line]) -> list[_Line]:
    """The lines to show, the most telling first."""
    left = list(lines)
    chosen: list[_Line] = []
    seen: set[int] = set()

    def worth(line: _Line) -> tuple[int, int, int]:
        return len(line.leaves - seen), len(line.leaves), -line.number

    while left and len(chosen) < _MOST:
        best = max(left, key=worth)
        if len(chosen) >= _WANTED and best.leaves <= seen:
            break
        chosen.append(best)
        left.remove(best)
        seen |= best.leaves
    return chosen


def _snippet(text: str, line: _Line, width: int) -> Snippet:
    start, end = line.start, line.end
    if end - start > width:
        start, end = _window(text, line, width)
    marks = _merged((a, b) for a, b, _ in line.marks if a < end and b > start)
    highlights = tuple((max(a, start) - start, min(b, end) - start) for a, b in marks)
    cut = start > line.start, end < line.end
    return Snippet(
        line.section, line.number, start - line.begin + 1, text[start:end], highlights, cut
    )


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _window(text: str, line: _Line, width: int) -> tuple[int, int]:
    """Where in a long line the most parts of the query stand near each other, and how far."""
    first, last = _densest(sorted(line.marks), width) if line.marks else (line.start, line.start)
    room = max(0, width - (last - first))
    start = max(line.start, min(first - room // 3, line.end - width))
    start = _at_a_word(text, start, min(first, start + _NEAR)) if start > line.start else start
    return start, min(line.end, _boundary(text, start + width, start))


def _densest(marks: Sequence[_Mark], width: int) -> tuple[int, int]:
    """The stretch of at most `width` characters with the most different marks, then the most."""
    best, result = (0, 0), marks[0][:2]
    counts: dict[int, int] = {}
    low = 0
    for high, (_, end, leaf) in enumerate(marks):
        counts[leaf] = counts.get(leaf, 0) + 1
        while low < high and end - marks[low][0] > width:
            dropped = marks[low][2]
            counts[dropped] -= 1
            if not counts[dropped]:
                del counts[dropped]
            low += 1
        worth = len(counts), high - low + 1
        if worth > best:
            best, result = worth, (marks[low][0], end)
    return result


def _at_a_word(text: str, start: int, limit: int) -> int:
    """Where the first word from `start` on begins, if that is not beyond the limit."""
    for at in range(start, limit + 1):
        if text[at - 1].isspace() and not text[at].isspace():
            return at
    return _boundary(text, start, 0)


def _boundary(text: str, at: int, limit: int) -> int:
    """The nearest place up to `at`, but after `limit`, that cuts no grapheme cluster."""
    place = at
    while limit < place and not is_boundary(text, place):
        place -= 1
    return place if place > limit else at
