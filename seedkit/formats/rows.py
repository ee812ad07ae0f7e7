"""Records that are lines of the text, or rows of a table in it: found by line, cut when asked for.

A file may have a million of them. What is kept of each is where it starts and ends; its sections
are made when it is looked at.

Rows are those of RFC 4180: cells between delimiters, in quotes if they hold a delimiter, a line end
or a quote, which is doubled. Python's `csv` accepts more, and says neither that nor where.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, overload

from seedkit.core.document import Kind, MadeRecords, Piece, Record, Section

if TYPE_CHECKING:
    from seedkit.formats.spec import SectionSpec

_LINE_END = re.compile(r"\r\n|\n|\r")
_NO_FIELDS: Mapping[str, str] = {}

Span = tuple[int, int]


def lines_of(text: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Return of each line from `start` to `end` where it starts, where it ends, and where the next
    one starts. After the last newline there is one more, even if it is empty."""
    if text.find("\r", start, end) < 0:
        while (at := text.find("\n", start, end)) >= 0:
            yield start, at, at + 1
            start = at + 1
    else:
        for match in _LINE_END.finditer(text, start, end):
            yield start, match.start(), match.end()
            start = match.end()
    yield start, end, end


class Rows(MadeRecords):
    """The records of a text that are lines or rows of it; each is made when it is asked for.

    `starts` and `ends` are theirs, without newlines. `broken` are the numbers of those with an
    error of structure.
    """

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start  # of the first, or of what stands before it
        self.starts = array("q")
        self.ends = array("q")
        self.broken: set[int] = set()

    def add(self, start: int, end: int, *, broken: bool = False) -> None:
        """Add one record, which comes after those that there are."""
        if broken:
            self.broken.add(len(self.starts))
        self.starts.append(start)
        self.ends.append(end)

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, number: int) -> Record: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Record]: ...
    def __getitem__(self, number: int | slice) -> Record | Sequence[Record]:
        if isinstance(number, slice):
            return [self.record(each) for each in range(*number.indices(len(self)))]
        return self.record(range(len(self))[number])

    def __iter__(self) -> Iterator[Record]:
        return map(self.record, range(len(self.starts)))

    def record(self, number: int) -> Record:
        """Return the record with a number, from 0."""
        start, end = self.starts[number], self.ends[number]
        return Record(start, end, _NO_FIELDS, self.sections(number), number in self.broken)

    def sections(self, number: int) -> tuple[Section, ...]:
        """Return the sections of a record."""
        raise NotImplementedError

    def count_sections(self) -> int:
        return sum(len(self.sections(number)) for number in range(len(self)))

    def at_least(self, length: int) -> Iterator[Record]:
        for number, (start, end) in enumerate(zip(self.starts, self.ends, strict=True)):
            if end - start >= length:
                yield self.record(number)

    def pieces(self, end: int) -> Iterator[Piece]:
        """Return the pieces of the records, and of what is between them, up to `end`."""
        raise NotImplementedError


class LineRows(Rows):
    """Records that are lines, each with one section, or none if it is broken: it is empty."""

    def __init__(self, text: str, start: int, name: str) -> None:
        super().__init__(text, start)
        self._name = name

    def sections(self, number: int) -> tuple[Section, ...]:
        if number in self.broken:
            return ()
        return (Section(self._name, self.starts[number], self.ends[number], 0),)

    def count_sections(self) -> int:
        return len(self) - len(self.broken)

    def has_stray(self) -> bool:
        return False

    def pieces(self, end: int) -> Iterator[Piece]:
        at = self.start
        for number, (first, last) in enumerate(zip(self.starts, self.ends, strict=True)):
            if at < first:
                yield Piece(Kind.DELIMITER, at, first, "record")
            if number not in self.broken:
                yield Piece(Kind.SECTION, first, last, self._name)
            elif first < last:
                yield Piece(Kind.SPACE, first, last)
            at = last
        if at < end:
            yield Piece(Kind.DELIMITER, at, end, "record")


def heading_of(section: SectionSpec) -> str:
    """Return what the header of a table calls a section."""
    return section.name if section.column is None else section.column


class Column(NamedTuple):
    """What the cells of a column are: a section of the format, by name and number; text that is
    none if that is negative."""

    name: str
    number: int


class Fault(NamedTuple):
    """What is wrong with the quotes of a row: where, and where the line ends that it is in.

    A quote is never closed (`open`), text follows the one that closes a cell (`after`), or a quote
    stands in a cell that does not begin with one (`within`).
    """

    start: int
    end: int
    line_end: int
    kind: Literal["open", "after", "within"]


class Dialect:
    """How the cells of a table are written: what stands between them, and the quote, if any."""

    def __init__(self, delimiter: str, quote: str) -> None:
        self.delimiter = delimiter
        self.quote = quote
        mark, part = re.escape(quote), re.escape(delimiter)
        bare = (
            rf"(?:(?!{part})[^\r\n{mark}])*+" if len(delimiter) > 1 else rf"[^\r\n{mark}{part}]*+"
        )
        cell = rf"(?:{mark}(?:[^{mark}]|{mark}{mark})*+{mark}|{bare})" if quote else bare
        self._row = re.compile(rf"{cell}(?:{part}{cell})*+(?=[\r\n]|\Z)")
        self._cell = re.compile(
            rf"(?:{mark}((?:[^{mark}]|{mark}{mark})*+){mark}|({bare}))({part})?"
            if quote
            else rf"()({bare})({part})?"
        )

    def row(self, text: str, start: int, end: int) -> int | None:
        """Return where the row ends that starts there, whose cells may span lines; None if its
        quotes are not right."""
        match = self._row.match(text, start, end)
        return None if match is None else match.end()

    def cells(self, text: str, start: int, end: int) -> list[Span]:
        """Return the spans of the cells of a sound row, without their quotes."""
        if not self.quote or text.find(self.quote, start, end) < 0:
            spans = []
            width = len(self.delimiter)
            for cell in text[start:end].split(self.delimiter):
                spans.append((start, start + len(cell)))
                start += len(cell) + width
            return spans
        spans = []
        more = True
        while more:
            match = self._cell.match(text, start, end)
            assert match is not None  # it matches any beginning of a sound row
            spans.append(match.span(1 if match[1] is not None else 2))
            start, more = match.end(), match[3] is not None
        return spans

    def values(self, text: str, start: int, end: int) -> list[str]:
        """Return the values of the cells of a sound row."""
        row = text[start:end]
        if not self.quote or self.quote not in row:
            return row.split(self.delimiter)
        return [self.value(row[a:b]) for a, b in self.cells(row, 0, len(row))]

    def value(self, cell: str) -> str:
        """Return what a cell says, whose quotes are doubled."""
        quote = self.quote
        return cell.replace(quote + quote, quote) if quote and quote in cell else cell

    def place(self, cell: str, at: int) -> int:
        """Return where in a cell the character is that is at `at` in its value."""
        place = 0
        while at > 0 and place < len(cell):
            place += 2 if cell[place] == self.quote != "" else 1
            at -= 1
        return place

    def fault(self, text: str, start: int, end: int) -> Fault:
        """Return the first fault in the quotes of a row that is not sound, and starts there."""
        while True:
            match = self._cell.match(text, start, end)
            assert match is not None  # a bare cell may be empty
            line_end = _end_of_line(text, start, end)
            if match[1] is None and text.startswith(self.quote, start):
                return Fault(start, start + 1, line_end, "open")
            if match[3] is not None:
                start = match.end()
                continue
            if match[1] is None:
                return Fault(match.end(), match.end() + 1, line_end, "within")
            if match.end() > line_end:  # more likely than a cell that spans lines and goes on
                return Fault(start, start + 1, line_end, "open")
            after = text.find(self.delimiter, match.end(), line_end)
            return Fault(match.end(), after if after >= 0 else line_end, line_end, "after")


def _end_of_line(text: str, start: int, end: int) -> int:
    match = _LINE_END.search(text, start, end)
    return match.start() if match else end


class TableRows(Rows):
    """Records that are rows of cells. `columns` are those of a row, `header` is where that ends."""

    def __init__(self, text: str, start: int, dialect: Dialect, columns: Sequence[Column]) -> None:
        super().__init__(text, start)
        self.dialect = dialect
        self.columns = columns
        self.header_end: int | None = None
        self.stray: set[int] = set()  # broken records of which nothing is known but the text
        self.spanning: list[int] = []  # records that span lines
        self._plain = all(column.number >= 0 for column in columns)

    def sections(self, number: int) -> tuple[Section, ...]:
        if number in self.stray:
            return ()
        spans = self.dialect.cells(self.text, self.starts[number], self.ends[number])
        return tuple(
            [
                Section(name, a, b, index)
                for (name, index), (a, b) in zip(self.columns, spans, strict=False)
                if index >= 0
            ]
        )

    def values(self, number: int) -> list[str]:
        """Return what the cells of a sound record say."""
        return self.dialect.values(self.text, self.starts[number], self.ends[number])

    def many_values(self, numbers: Sequence[int]) -> Iterator[list[str]]:
        """Return what `values` returns for each of some sound records, fast."""
        import csv  # here: few corpora have tables

        texts = [self.text[self.starts[number] : self.ends[number]] for number in numbers]
        dialect = self.dialect
        if len(dialect.delimiter) > 1 or max(map(len, texts), default=0) >= csv.field_size_limit():
            return map(self.values, numbers)
        if not dialect.quote:
            return (text.split(dialect.delimiter) for text in texts)
        return csv.reader(texts, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)

    def count_sections(self) -> int:
        if not self._plain:
            return super().count_sections()
        sound = len(self) - len(self.broken)
        return sound * len(self.columns) + sum(len(self.sections(each)) for each in self.broken)

    def has_stray(self) -> bool:
        return bool(self.broken) or not self._plain

    def at_least(self, length: int) -> Iterator[Record]:
        return map(self.record, self._with_long_cells(length))

    def _with_long_cells(self, length: int) -> Iterator[int]:
        delimiter, quote, text = self.dialect.delimiter, self.dialect.quote, self.text
        for number, (start, end) in enumerate(zip(self.starts, self.ends, strict=True)):
            if end - start >= length:
                row = text[start:end]
                quoted = quote and quote in row
                if quoted or max(map(len, row.split(delimiter))) >= length:
                    yield number

    def only(self, names: Collection[str]) -> str:
        """Return the text with all but the cells of some columns as newlines, as long as it is."""
        left_out = [
            place
            for place, column in enumerate(self.columns)
            if column.number >= 0 and column.name not in names
        ]
        text, dialect = self.text, self.dialect
        between = "\n" * len(dialect.delimiter)
        parts: list[str] = []
        at = 0
        for number, (first, last) in enumerate(zip(self.starts, self.ends, strict=True)):
            row = text[first:last]
            parts.append("\n" * (first - at))
            at = last
            if number in self.stray or (not left_out and number not in self.broken):
                parts.append(row)
            elif not dialect.quote or dialect.quote not in row:
                cells = row.split(dialect.delimiter)
                for place in left_out:
                    if place < len(cells):
                        cells[place] = "\n" * len(cells[place])
                parts.append(between.join(cells))
            else:
                place = 0
                for column, (a, b) in enumerate(dialect.cells(row, 0, len(row))):
                    parts.append("\n" * (a - place))
                    parts.append("\n" * (b - a) if column in left_out else row[a:b])
                    place = b
                parts.append("\n" * (len(row) - place))
        parts.append("\n" * (len(text) - at))
        return "".join(parts)

    def quoted_spans(self) -> Iterator[Span]:
        """Return the cells, their quotes included, that span lines."""
        text = self.text
        for number in self.spanning:
            for a, b in self.dialect.cells(text, self.starts[number], self.ends[number]):
                if "\n" in text[a:b] or "\r" in text[a:b]:
                    yield a - 1, b + 1

    def pieces(self, end: int) -> Iterator[Piece]:
        at = self.start
        if self.header_end is not None:
            yield Piece(Kind.DELIMITER, at, self.header_end, "header")
            at = self.header_end
        for number, (first, last) in enumerate(zip(self.starts, self.ends, strict=True)):
            if number in self.broken and (number in self.stray or first == last):
                if at < first:
                    yield Piece(Kind.DELIMITER, at, first, "record")
                blank = not self.text[first:last].strip()
                if first < last:
                    yield Piece(Kind.SPACE if blank else Kind.STRAY, first, last)
                at = last
                continue
            spans = self.dialect.cells(self.text, first, last)
            name = "record"
            for place, (a, b) in enumerate(spans):
                known = place < len(self.columns) and self.columns[place].number >= 0
                if at < a:
                    yield Piece(Kind.DELIMITER, at, a, name)
                if known:
                    yield Piece(Kind.SECTION, a, b, self.columns[place].name)
                elif a < b:
                    yield Piece(Kind.STRAY, a, b)
                at, name = b, "sections"
        if at < end:
            yield Piece(Kind.DELIMITER, at, end, "record")
