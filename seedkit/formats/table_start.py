"""Where the header of a table is, and how its cells are parted: what may stand in its place.

A comment, a line `sep=;` of a spreadsheet, or another delimiter than the format has is one finding;
the rest of the table is then read as it was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from seedkit.core.document import Finding
from seedkit.core.rules import FORMAT_MISSING_SECTION, FORMAT_STRAY_TEXT
from seedkit.core.text import as_written, visible
from seedkit.formats.fields import near_key
from seedkit.formats.rows import Dialect, lines_of

_SEP = re.compile(r'"?sep=([^"\s]|\t)"?[,;\s]*', re.IGNORECASE)
_MOST = 100  # cells that are compared with the headings
_USUAL = (",", ";", "\t", "|")


class TableStart(NamedTuple):
    """Where the header starts, how cells are written, and what is wrong with either.

    `header` is how its own cells are written, if not as those of the rows.
    """

    at: int
    dialect: Dialect
    finding: Finding | None = None
    header: Dialect | None = None


def is_header(cells: Sequence[str], headings: Sequence[str]) -> bool:
    """Tell whether a row is a header: it has one of the headings, or most of them with typos."""
    if not set(headings).isdisjoint(cells):
        return True
    near = {near_key(cell, headings) for cell in cells[:_MOST]} - {None}
    return 2 * len(near) >= len(headings)


def table_start(
    text: str, start: int, end: int, dialect: Dialect, headings: Sequence[str]
) -> TableStart:
    """Return where the header of a table is, of which `headings` are known, if there are some."""
    cells = _cells(text, start, end, dialect)
    mixed = _mixed(text, start, end, dialect, cells)
    if mixed is not None:
        return mixed
    if headings and is_header(cells, headings):
        return TableStart(start, dialect)
    lines = lines_of(text, start, end)
    _, last, after = next(lines)
    line = text[start:last]
    sep = _SEP.fullmatch(line)
    if sep is not None and after < end:
        return _after_sep(line, sep[1], start, after, dialect)
    if line.startswith("#"):
        at, last = _past_comments(text, lines, after, last)
        header = _cells(text, at, end, dialect) if at < end else []
        if is_header(header, headings) if headings else 1 < len(header) != len(cells):
            message = f"`{as_written(line)}` stands before the header"
            help_ = "a table has no comments: remove it"
            finding = FORMAT_STRAY_TEXT.finding(message, start, last, help_)
            return TableStart(at, dialect, finding)
    for delimiter in _USUAL if len(cells) == 1 or headings else ():
        other = Dialect(delimiter, dialect.quote)
        if delimiter != dialect.delimiter and _is_parted(text, start, end, other, headings):
            message = f"cells are parted by {_shown(delimiter)}, not by {_shown(dialect.delimiter)}"
            finding = FORMAT_MISSING_SECTION.finding(message, start, last, _remedy(delimiter))
            return TableStart(start, other, finding)
    return TableStart(start, dialect)


def _mixed(
    text: str, start: int, end: int, dialect: Dialect, cells: Sequence[str]
) -> TableStart | None:
    """What is found if either the header or the row after it has another delimiter than that."""
    for delimiter in _USUAL:
        other = Dialect(delimiter, dialect.quote)
        first, second = (other, dialect) if len(cells) == 1 else (dialect, other)
        header = _cells(text, start, end, first)
        last = first.row(text, start, end)
        if delimiter == dialect.delimiter or len(header) < 2 or last is None:
            continue
        at = last + len(text[last : last + 2]) - len(text[last : last + 2].lstrip("\r\n"))
        row = _cells(text, at, end, second) if at < end else []
        if len(row) != len(header) or len(_cells(text, at, end, first)) != 1:
            continue
        message = f"cells of the header are parted by {_shown(first.delimiter)}, "
        message += f"those of the rows by {_shown(second.delimiter)}"
        place = (start, last) if first is other else (at, second.row(text, at, end) or at)
        help_ = f"part them all by {_shown(dialect.delimiter)}"
        finding = FORMAT_MISSING_SECTION.finding(message, *place, help_)
        return TableStart(start, second, finding, first)
    return None


def _after_sep(line: str, sep: str, start: int, after: int, dialect: Dialect) -> TableStart:
    message = f"`{as_written(line)}` stands in place of the header"
    help_ = "it is for spreadsheets only: remove it"
    if sep != dialect.delimiter:
        message += f", and cells are parted by {_shown(sep)}, not by {_shown(dialect.delimiter)}"
        help_ = f"remove it, and {_remedy(sep)}"
        dialect = Dialect(sep, dialect.quote)
    finding = FORMAT_STRAY_TEXT.finding(message, start, start + len(line), help_)
    return TableStart(after, dialect, finding)


def _past_comments(
    text: str, lines: Iterator[tuple[int, int, int]], at: int, last: int
) -> tuple[int, int]:
    """Where the first line starts that is no comment, and where the one before ends."""
    for first, line_end, after in lines:
        if not text.startswith("#", first):
            return first, last
        at, last = after, line_end
    return at, last


def _cells(text: str, start: int, end: int, dialect: Dialect) -> list[str]:
    """The cells of the row that starts there; none if its quotes are not right."""
    last = dialect.row(text, start, end)
    return [] if last is None else dialect.values(text, start, last)


def _is_parted(text: str, start: int, end: int, dialect: Dialect, headings: Sequence[str]) -> bool:
    """Tell whether the first row has cells in another dialect, by its names or the next row."""
    last = dialect.row(text, start, end)
    cells = _cells(text, start, end, dialect)
    if last is None or len(cells) < 2:
        return False
    if headings:
        folded = {cell.strip().casefold() for cell in cells}
        return 2 * sum(each.casefold() in folded for each in headings) >= len(headings)
    rest = len(text[last:end]) - len(text[last:end].lstrip("\r\n"))
    return last + rest < end and len(_cells(text, last + rest, end, dialect)) == len(cells)


def _shown(delimiter: str) -> str:
    return "tabs" if delimiter == "\t" else f"`{visible(delimiter)}`"


def _remedy(delimiter: str) -> str:
    return f'let `[record]` have `delimiter = "{visible(delimiter)}"`'
