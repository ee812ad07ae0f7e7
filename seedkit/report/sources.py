"""The lines that excerpts show, read once per file and kept no longer than they are needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from seedkit.core.diagnostic import Place
from seedkit.core.text import line_spans


class Row(NamedTuple):
    """A line to show, by number, and what to mark in it, in code points."""

    number: int
    line: str
    start: int
    end: int


class Lines:
    """A text cut into lines."""

    __slots__ = ("_ends", "_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts, self._ends = line_spans(text)

    def rows(self, place: Place) -> list[Row]:
        """Return the first and the last line of the place, or the one line that is both.

        There is none if the place is a whole file, or past the end of a file changed meanwhile.
        """
        if place.start is None or not 1 <= place.start.line <= len(self._starts):
            return []
        start, end = place.start, max(place.end or place.start, place.start)
        first, last = start.line, min(end.line, len(self._starts))
        to_end = last < end.line
        if last > first and end.column == 1 and not to_end:
            last, to_end = last - 1, True  # it ends with a newline: the next line has no part in it
        if first == last:
            stop = None if to_end else end.column - 1
            return [self._row(first, start.column - 1, stop)]
        tail = self._row(last, 0, None if to_end else end.column - 1)
        blank = len(tail.line) - len(tail.line.lstrip())
        head = self._row(first, start.column - 1, None)
        return [head, tail._replace(start=blank) if blank < tail.end else tail]

    def _row(self, number: int, start: int, end: int | None) -> Row:
        """Return the row, with its newline only if that is what is marked."""
        begin, stop = self._starts[number - 1], self._ends[number - 1]
        length = stop - begin
        behind = self._starts[number] if number < len(self._starts) else stop
        end = behind - begin if end is None else end
        if length <= start < end:
            return Row(number, self._text[begin:behind], start, end)
        return Row(number, self._text[begin:stop], start, min(end, length))


class Sources:
    """Reads files for excerpts. `places` foretells every call of `rows`, so that a text can be
    dropped after its last use: a million findings must not keep a million files in memory."""

    def __init__(self, read: Callable[[str], str | None], places: Iterable[Place]) -> None:
        self._read = read
        self._uses = Counter(place.path for place in places if place.start is not None)
        self._open: dict[str, Lines | None] = {}

    def rows(self, place: Place) -> list[Row]:
        """Return the lines to show of the place: none, one, or the first and the last."""
        if place.start is None:
            return []
        path = place.path
        if path not in self._open:
            text = self._read(path)
            self._open[path] = None if text is None else Lines(text)
        lines = self._open[path]
        self._uses[path] -= 1
        if self._uses[path] <= 0:
            del self._open[path]
        return [] if lines is None else lines.rows(place)
