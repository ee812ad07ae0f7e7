"""Lines and rows of a text as its records: where they are, and what is wrong with them.

A header names the columns, whatever their order is; what it says is compared with the sections of
the format. A row with a fault is known by its line alone, and the next line is a row again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedkit.core.document import Finding
from seedkit.core.rules import (
    FORMAT_DUPLICATE_SECTION,
    FORMAT_EMPTY_RECORD,
    FORMAT_EXTRA_SECTION,
    FORMAT_MISSING_SECTION,
    FORMAT_SECTION_ORDER,
    FORMAT_STRAY_QUOTE,
    FORMAT_UNCLOSED_SECTION,
    FORMAT_UNKNOWN_SECTION,
)
from seedkit.core.text import as_written, plural, shorten
from seedkit.formats.fields import near_key
from seedkit.formats.rows import Column, Fault, LineRows, Rows, TableRows, heading_of, lines_of
from seedkit.formats.table_start import is_header, table_start

if TYPE_CHECKING:
    from seedkit.formats.layout import Layout

_LINE_END = re.compile(r"\r\n|\n|\r")


def read_rows(text: str, start: int, end: int, layout: Layout, findings: list[Finding]) -> Rows:
    """Return the lines or rows of a stretch of text, as the format has its records.

    What is wrong is added to `findings`.
    """
    if layout.dialect is not None:
        return _TableReader(text, end, layout, findings).read(start)
    record = layout.spec.record
    assert record is not None  # lines are its mode
    name = layout.sections[0].name if layout.sections else "text"
    lines = LineRows(text, start, name)
    may_be_empty = layout.may_be_empty
    for first, last, _ in lines_of(text, start, end):
        if (first == last or text[first:last].isspace()) and not may_be_empty:
            if record.empty == "skip":
                continue
            findings.append(_empty_line(first, last))
            lines.add(first, last, broken=True)
        else:
            lines.add(first, last)
    return lines


def _empty_line(start: int, end: int) -> Finding:
    """Return the finding that a line is empty, where each is a record."""
    message = "line is empty, and each line is a record"
    help_ = 'remove it, or let `[record]` have `empty = "skip"`'
    return FORMAT_EMPTY_RECORD.finding(message, start, end, help_)


class _TableReader:
    def __init__(self, text: str, end: int, layout: Layout, findings: list[Finding]) -> None:
        assert layout.dialect is not None  # the caller's branch
        record = layout.spec.record
        assert record is not None
        self.text = text
        self.end = end
        self.layout = layout
        self.dialect = self._header = layout.dialect
        self.spec = record
        self.findings = findings
        self._width_of = "the format has"
        self._in_case: list[tuple[str, str, int, int]] = []  # columns, what is meant, spans
        self._no_header = -1  # where a row stands in place of the header

    def read(self, start: int) -> TableRows:
        text, end, dialect = self.text, self.end, self.dialect
        at, columns = start, [Column(each.name, i) for i, each in enumerate(self.layout.sections)]
        header_end = None
        if self.spec.header or not columns:
            at = self._past_blanks(start)
            if self.spec.header:
                at = self._start(at)
                dialect = self.dialect
            columns, header_end = self._first_row(at, columns)
        table = TableRows(text, start, dialect, columns)
        if header_end is not None:
            table.header_end = at = header_end
            if at == end and _LINE_END.search(text, end - 1, end) is None:
                return table  # the header ends the text
        carriage = text.find("\r", at, end) >= 0
        quote = -1  # where the next one is
        width = len(columns)
        last = -1
        while last < end:
            if carriage:
                match = _LINE_END.search(text, at, end)
                last, after = match.span() if match else (end, end)
            else:
                last = text.find("\n", at, end)
                last, after = (last, last + 1) if last >= 0 else (end, end)
            if quote < at:
                quote = text.find(dialect.quote, at, end) if dialect.quote else end
                quote = quote if quote >= 0 else end
            if quote < last:
                row_end = dialect.row(text, at, end)
                if row_end is None:
                    fault = dialect.fault(text, at, end)
                    self._report(fault, at, columns)
                    last = fault.line_end
                    table.stray.add(len(table))
                    table.add(at, last, broken=True)
                    at = self._after_line(last)
                    continue
                if row_end > last:
                    table.spanning.append(len(table))
                    last, after = row_end, self._after_line(row_end)
                count = len(dialect.cells(text, at, last))
            else:
                count = text.count(dialect.delimiter, at, last) + 1
                if count == 1 and (at == last or text[at:last].isspace()):
                    self._blank(table, at, last)
                    at = after
                    continue
            if count != width:
                self._wrong_width(at, last, count, columns)
            table.add(at, last, broken=count != width or at == self._no_header)
            at = after
        return table

    def _after_line(self, last: int) -> int:
        match = _LINE_END.match(self.text, last, self.end)
        return match.end() if match else last

    def _past_blanks(self, start: int) -> int:
        """Report the blank lines before the first row, and return where that starts."""
        for first, last, after in lines_of(self.text, start, self.end):
            if self.text[first:last].strip():
                return first
            if self.spec.empty == "forbid":
                self.findings.append(_empty_line(first, last))
            start = after
        return start

    def _blank(self, table: TableRows, start: int, end: int) -> None:
        if self.spec.empty == "forbid":
            self.findings.append(_empty_line(start, end))
            table.stray.add(len(table))
            table.add(start, end, broken=True)

    def _wrong_width(self, start: int, end: int, count: int, columns: Sequence[Column]) -> None:
        width = len(columns)
        message = f"row has {plural(count, 'cell')}, {self._width_of} {width:,}"
        if count < width:
            specs = self.layout.sections
            names = [
                heading_of(specs[n]) if n >= 0 else name for name, n in columns[count:] if specs
            ]
            missing = [f"`{name}`" for name in names if name]
            if missing:
                message += f": {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
            self.findings.append(FORMAT_MISSING_SECTION.finding(message, end, end))
        else:
            first = self.dialect.cells(self.text, start, end)[width][0]
            first -= self.text[first - 1 : first] == self.dialect.quote != ""
            help_ = None
            if not self.dialect.quote or self.dialect.quote not in self.text[start:end]:
                help_ = self._quoting
            self.findings.append(FORMAT_EXTRA_SECTION.finding(message, first, end, help_))

    @property
    def _quoting(self) -> str | None:
        quote, delimiter = self.dialect.quote, self.dialect.delimiter
        if not quote:
            return None
        return f"a cell that holds `{shorten(delimiter)}` is written in quotes: `{quote}…{quote}`"

    def _report(self, fault: Fault, row: int, columns: Sequence[Column]) -> None:
        text, quote = self.text, self.dialect.quote
        if fault.kind == "open":
            number = len(self._cells_before(row, fault.start))
            known = self.layout.sections and number < len(columns)
            what = f"section `{columns[number].name}`" if known else "cell"
            message = f"{what} is not closed by `{quote}`"
            self.findings.append(FORMAT_UNCLOSED_SECTION.finding(message, fault.start, fault.end))
            return
        if fault.kind == "within":
            message = f"`{quote}` in a cell that does not begin with one"
            help_ = f"write the cell in quotes, and each quote in it twice: `{quote}{quote}`"
        else:
            shown = shorten(text[fault.start : fault.end], 30)
            message = f"text after the quote that closes a cell: `{shown}`"
            help_ = f"write a quote that belongs to the cell twice: `{quote}{quote}`"
        self.findings.append(FORMAT_STRAY_QUOTE.finding(message, fault.start, fault.end, help_))

    def _cells_before(self, start: int, end: int) -> list[str]:
        """The cells of the row that starts there, up to the one that starts at `end`."""
        before = self.text[start:end].removesuffix(self.dialect.delimiter)
        return self.dialect.values(before, 0, len(before)) if end > start else []

    # -- the header

    def _start(self, start: int) -> int:
        """Return where the header starts, and report what stands in its place."""
        headings = [heading_of(each) for each in self.layout.sections]
        found = table_start(self.text, start, self.end, self.dialect, headings)
        self.dialect, self._header = found.dialect, found.header or found.dialect
        self.findings += [found.finding] if found.finding is not None else []
        return found.at

    def _first_row(self, start: int, columns: list[Column]) -> tuple[list[Column], int | None]:
        """Return the columns, and where the header ends: None if the first row is none."""
        text, dialect = self.text, self._header
        last = dialect.row(text, start, self.end)
        if last is None:
            if not self.spec.header:
                return columns or [Column("text", 0)], None  # the row itself will be reported
            fault = dialect.fault(text, start, self.end)
            self._report(fault, start, ())
            return columns, self._after_line(fault.line_end)
        spans = dialect.cells(text, start, last)
        self._width_of = "the header has" if self.spec.header else "the first row has"
        if not columns:
            if self.spec.header:
                self._repeated(spans)
            named = [Column("text", 0)] * len(spans)
            return named, self._after_line(last) if self.spec.header else None
        names = [dialect.value(text[a:b]) for a, b in spans]
        headings = [heading_of(each) for each in self.layout.sections]
        if not is_header(names, headings):
            listed = ", ".join(f"`{heading}`" for heading in headings[:8])
            message = f"first row is no header: it names none of the columns {listed}"
            help_ = "add a row with their names, or let `[record]` have `header = false`"
            self.findings.append(FORMAT_MISSING_SECTION.finding(message, start, last, help_))
            self._width_of = "the format has"
            self._no_header = start
            return columns, self._after_line(last) if len(names) != len(columns) else None
        return self._compared(names, spans, last), self._after_line(last)

    def _repeated(self, spans: Sequence[tuple[int, int]]) -> None:
        seen: set[str] = set()
        for a, b in spans:
            name = self.text[a:b]
            if name and name in seen:
                self._twice(name, a, b)
            seen.add(name)

    def _twice(self, name: str, start: int, end: int) -> None:
        message = f"column `{as_written(name)}` stands in the header twice"
        self.findings.append(FORMAT_DUPLICATE_SECTION.finding(message, start, end))

    def _compared(
        self, names: list[str], spans: Sequence[tuple[int, int]], end: int
    ) -> list[Column]:
        """Compare a header with the sections, by name; return which section each column is."""
        specs = self.layout.sections
        numbers = {heading_of(spec): number for number, spec in enumerate(specs)}
        left = {name: number for name, number in numbers.items() if name not in names}
        columns: list[Column] = []
        strict = self.layout.spec.sections.order == "strict"
        highest, swapped = -1, False
        seen: set[str] = set()
        for place, (name, (a, b)) in enumerate(zip(names, spans, strict=True)):
            number = numbers.pop(name, -1)
            if number < 0 and name in seen:
                self._twice(name, a, b)
            elif number < 0:
                there = place if len(names) == len(specs) else -1
                name, number = self._unknown(name, a, b, left, there)
            seen.add(name)
            columns.append(Column(name if number < 0 else specs[number].name, number))
            if strict and not swapped and -1 < number < highest:
                swapped = True
                after = heading_of(specs[highest])
                message = f"column `{name}` comes after `{after}`, not before it"
                self.findings.append(FORMAT_SECTION_ORDER.finding(message, a, b))
            highest = max(highest, number)
        self._report_case()
        missing = [f"`{name}`" for name, number in left.items() if specs[number].required]
        if missing:
            one = len(missing) == 1
            noun, verb = ("column", "is") if one else ("columns", "are")
            message = f"{noun} {', '.join(missing)} {verb} missing in the header"
            self.findings.append(FORMAT_MISSING_SECTION.finding(message, end, end))
        return columns

    def _unknown(
        self, name: str, start: int, end: int, left: dict[str, int], place: int
    ) -> tuple[str, int]:
        """Report a column of no section, but where that is allowed. Return which one it is meant to
        be, with its number: taken from those `left`, by its name, or as the one at its `place`."""
        refuses = self._refuses_unknown
        meant = near_key(name, list(left))
        there = next((each for each, number in left.items() if number == place), None)
        by_name = meant is not None
        if meant is None and refuses:
            meant = there
        if meant is None or not (self.layout.sections[left[meant]].required or refuses):
            if refuses:
                self._not_of_format(name, "", start, end)
            return name, -1
        if name.casefold() == meant.casefold():
            self._in_case.append((name, meant, start, end))
        elif by_name:
            self._not_of_format(name, f": did you mean `{meant}`?", start, end)
        else:
            self._not_of_format(name, f": `{meant}` is expected there", start, end)
        return meant, left.pop(meant)

    def _not_of_format(self, name: str, hint: str, start: int, end: int) -> None:
        shown = f"`{as_written(name)}`" if name else "without a name"
        message = f"column {shown} is not a section of this format{hint}"
        self.findings.append(FORMAT_UNKNOWN_SECTION.finding(message, start, end))

    def _report_case(self) -> None:
        """Report the columns whose names differ in case only, as one."""
        if len(self._in_case) < 2:
            for name, meant, start, end in self._in_case:
                self._not_of_format(name, f": did you mean `{meant}`?", start, end)
            return
        names = ", ".join(f"`{as_written(name)}`" for name, _, _, _ in self._in_case[:8])
        meant = ", ".join(f"`{meant}`" for _, meant, _, _ in self._in_case[:8])
        message = f"columns {names} are not sections of this format: did you mean {meant}?"
        span = self._in_case[0][2], self._in_case[-1][3]
        self.findings.append(FORMAT_UNKNOWN_SECTION.finding(message, *span))

    @property
    def _refuses_unknown(self) -> bool:
        return self.layout.spec.sections.unknown == "error"
