"""Text in, `Document` out: cuts any text by any format, never raises, loses nothing.

The whole text is cut into records here; `sections` cuts a record. Both emit pieces in order, so the
pieces tile the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from seedkit.core.document import Document, Finding, Kind, Piece, Pieces, Record
from seedkit.core.rules import (
    FORMAT_DUPLICATE_ID,
    FORMAT_EMPTY_RECORD,
    FORMAT_NEAR_DELIMITER,
    FORMAT_NO_RECORDS,
    FORMAT_STRAY_TEXT,
    FORMAT_TOO_FEW_RECORDS,
    FORMAT_TOO_MANY_RECORDS,
    FORMAT_TRAILING_SEPARATOR,
    FORMAT_UNTERMINATED_RECORD,
)
from seedkit.core.text import first_line, line_before, line_spans, plural, shorten, trim_newlines
from seedkit.formats.escapes import effective_layout
from seedkit.formats.layout import Layout
from seedkit.formats.near import BLANK, NearMiss, near_finding, near_miss
from seedkit.formats.sections import (
    Cutter,
    Occurrence,
    inline_occurrences,
    inline_spans,
    which_delimiter,
)  # fmt: skip
from seedkit.formats.sequences import check_sequences

if TYPE_CHECKING:
    from seedkit.formats.rows import Rows

_UNDECODABLE = re.compile("[\udc80-\udcff]")


def parse(text: str, layout: Layout) -> Document:
    """Cut the text by the format. Total: any text gives a document whose pieces tile it."""
    return _DocumentParser(text, effective_layout(text, layout)).run()


def parse_damaged(text: str, layout: Layout) -> Document:
    """Cut a text with undecodable bytes as if each of them were U+FFFD, which patterns match."""
    return parse(_UNDECODABLE.sub("\ufffd", text), layout)._replace(text=text)


def final_newline(text: str) -> int:
    """Return the length of the newline that ends the text, 0 if none does."""
    if text.endswith("\r\n"):
        return 2
    return 1 if text.endswith(("\n", "\r")) else 0


class _DocumentParser:
    def __init__(self, text: str, layout: Layout) -> None:
        self.text = text
        self.layout = layout
        self.pieces: list[Piece] = []
        self.records: list[Record] = []
        self.findings: list[Finding] = []
        self.rows: Rows | None = None  # instead of records, where these are lines or rows
        self.near: list[int] = []  # where lines begin that nearly are delimiters
        self.cutter = Cutter(text, layout, self.pieces, self.findings)

    def run(self) -> Document:
        text = self.text
        start = len(text) - len(text.lstrip("\ufeff"))  # two, if a tool that adds it ran twice
        if start:
            self.pieces.append(Piece(Kind.BOM, 0, start))
        if self.layout.spec.file.final_newline == "forbid":  # all of them are one fault
            end = max(start, len(text.rstrip("\r\n")))
        else:
            end = max(start, len(text) - final_newline(text))
        if self._has_content(start, end):
            start = self.cutter.comments(start, end)
            if self.layout.spec.record is None:
                self._record(start, end, {}, start)
            else:
                self._split(start, end)
                self._count()
        elif start < end:
            self.pieces.append(Piece(Kind.SPACE, start, end))
        if end < len(text):
            self.pieces.append(Piece(Kind.FINAL_NEWLINE, end, len(text)))
        if self.layout.has_sequences:
            self.findings += check_sequences(text, self.layout, self._all_records)
        findings = tuple(sorted(self.findings, key=lambda f: (f.start, f.end, f.rule)))
        if (rows := self.rows) is None:
            return Document(text, tuple(self.pieces), tuple(self.records), findings)
        before = [piece for piece in self.pieces if piece.end <= rows.start]
        after = self.pieces[len(before) :]
        pieces = Pieces(lambda: chain(before, rows.pieces(end), after))
        return Document(text, pieces, rows, findings)

    def _has_content(self, start: int, end: int) -> bool:
        """An empty file, or one of white space only, has no records: `text/empty` says so."""
        return start < end and not self.text[start:end].isspace()

    @property
    def _all_records(self) -> Sequence[Record]:
        return self.records if self.rows is None else self.rows

    def _split(self, start: int, end: int) -> None:
        record = self.layout.spec.record
        assert record is not None  # the caller's branch
        if record.mode in ("lines", "csv"):
            from seedkit.formats.tables import read_rows

            rows = read_rows(self.text, start, end, self.layout, self.findings)
            if self.layout.has_parts:
                self._cut_lines(rows, end)
            else:
                self.rows = rows
            return
        if record.match == "line":
            found = list(self._line_occurrences(start, end))
        else:
            found = list(inline_occurrences(self.text, self.layout, start, end))
        if record.mode in ("separator", "terminator"):
            self._between(found, start, end, terminated=record.mode == "terminator")
        elif not found and record.min == 0 and self.layout.spec.sections.unknown == "allow":
            self.pieces.append(Piece(Kind.STRAY, start, end))
        elif not found:
            self._no_records(start, end)
        elif record.mode == "start":
            self._started(found, start, end)
        else:
            self._blocks(found, start, end)

    def _cut_lines(self, rows: Rows, end: int) -> None:
        """Cut lines into sections, each for itself."""
        for piece in rows.pieces(end):
            if piece.kind is Kind.SECTION:
                self._record(piece.start, piece.end, {}, piece.start)
                continue
            self.pieces.append(piece)
            if piece.kind is Kind.SPACE:
                self.records.append(Record(piece.start, piece.end, {}, (), True))

    # -- where the record delimiters are

    @property
    def _searched_by_line(self) -> bool:
        """Whether sections, found by line, look for near misses in each record themselves."""
        return self.layout.labelled and not self.layout.inline

    def _line_occurrences(self, start: int, end: int) -> Iterator[Occurrence]:
        delimiters = self.layout.record_delimiters
        starts, ends = line_spans(self.text[start:end])
        look_near = self.layout.looks_near and not self._searched_by_line
        near_blank = self.layout.near_blank
        before = start  # the end of the last occurrence
        text_before = False  # since that
        white: list[tuple[int, int]] = []  # lines of white space since the last text
        blanks: Occurrence | None = None
        run_is_one = self._run_is_one()
        for number, (a, b) in enumerate(zip(starts, ends, strict=True)):
            line = self.text[start + a : start + b]
            match = which_delimiter(line, delimiters)
            if match is None:
                if look_near and line:
                    if not near_blank or line.strip():
                        for span in white if text_before else ():
                            self._found_near(BLANK, *span)
                        text_before = True
                        white.clear()
                        self._near(line, start + a, start + b)
                    else:
                        white.append((start + a, start + b))
                continue
            text_before = False
            white.clear()
            fields, which = match
            first = max(before, start + ends[number - 1]) if number else start
            last = start + (starts[number + 1] if number + 1 < len(starts) else b)
            if line == "" and run_is_one and blanks is not None and blanks[1] == first:
                blanks = (blanks[0], last, fields, which)  # a run of blank lines delimits once
            else:
                if blanks is not None:
                    yield blanks
                blanks = (first, last, fields, which)
                if line:
                    yield blanks
                    blanks = None
            before = last
        if blanks is not None:
            yield blanks

    def _run_is_one(self) -> bool:
        """Tell whether several empty lines in a row delimit once."""
        record = self.layout.spec.record
        return record is not None and record.empty_lines == "one"

    def _near(self, line: str, start: int, end: int) -> None:
        near = near_miss(line, self.layout)
        if near is not None:
            self._found_near(near, start, end)

    def _found_near(self, near: NearMiss, start: int, end: int) -> None:
        self.findings.append(near_finding(near, start, end))
        self.near.append(start)

    def _first_near(self, start: int, end: int) -> bool:
        """Report the first line there that nearly is a delimiter of a record, and how many more
        there are: where none is one, that is one fault. Return whether there is such a line."""
        starts, ends = line_spans(self.text[start:end])
        nears = []
        for a, b in zip(starts, ends, strict=True):
            near = near_miss(self.text[start + a : start + b], self.layout, lost=True)
            if near is not None and near.delimiter in self.layout.record_keys:
                nears.append((near, start + a, start + b))
        if not nears:
            return False
        self.findings[:] = [f for f in self.findings if f.rule != FORMAT_NEAR_DELIMITER.name]
        # Each blank at a line's end needs its finding, or it would be one of white space alone.
        alike = [near for near in nears if self.text[near[2] - 1] not in " \t"]
        reported = set(alike[1:])  # with the first of them
        for each in nears:
            finding = near_finding(*each)
            if alike and each is alike[0] and len(alike) > 1:
                more = f"{'is' if len(alike) == 2 else 'are'} {plural(len(alike) - 1, 'more line')}"
                finding = finding._replace(message=f"{finding.message}; so {more}")
            if each not in reported:
                self.findings.append(finding)
        return True

    def _nearly(self, start: int, end: int) -> bool:
        """Tell whether a line of that stretch nearly is a delimiter of a record."""
        return bisect_left(self.near, start) < bisect_left(self.near, end)

    # -- what they mean

    def _between(self, found: list[Occurrence], start: int, end: int, *, terminated: bool) -> None:
        record = self.layout.spec.record
        assert record is not None  # the caller's branch
        at = start
        blank = record.delimiter == ""
        blank_first = blank and self._run_is_one()  # no record is before the first
        for a, b, fields, _ in found:
            blank_line = record.match == "line" and not blank and self.text[a] in "\r\n"
            if a == at and not blank_line and record.empty == "skip":
                self.pieces.append(Piece(Kind.DELIMITER, a, b, "record"))
            elif blank_first and a == at and not self.records:
                self.pieces.append(Piece(Kind.SPACE, a, b))
            else:
                self._record(at, a, fields, at)
                self.pieces.append(Piece(Kind.DELIMITER, a, b, "record"))
            at = b
        closed = bool(found) and at == found[-1][1] and self._ends_line(at, end)
        if at < end or not closed:
            if terminated and not self.text[at:end].strip():
                self._append(Kind.SPACE, at, end)
                return
            self._record(at, end, {}, at)
            if (terminated or record.trailing == "require") and not self._final_newline_ends(at):
                message = f"last record does not end with {self._named()}"
                help_ = f"add {self._named()}"
                self.findings.append(FORMAT_UNTERMINATED_RECORD.finding(message, end, end, help_))
        elif record.trailing == "forbid" and not terminated and not blank:
            self.findings.append(
                FORMAT_TRAILING_SEPARATOR.finding(
                    f"{self._named()} stands after the last record",
                    *trim_newlines(self.text, *found[-1][:2]),
                    help="remove it; it only stands between records",
                )
            )

    def _final_newline_ends(self, at: int) -> bool:
        """Tell whether the newline that ends the file ends the record from `at` on, too."""
        record = self.layout.spec.record
        if record is None or record.match == "line":
            return False
        spans = list(inline_spans(self.text, self.layout.record_delimiters[0], at, len(self.text)))
        return bool(spans) and spans[-1][1] == len(self.text)

    def _ends_line(self, at: int, end: int) -> bool:
        """A separator that ends the text, and is not followed by one more empty line."""
        record = self.layout.spec.record
        if at != end or record is None:
            return False
        is_line = record.match == "line" and record.delimiter
        return not is_line or self.text[at - 1 : at] not in ("\n", "\r")

    def _no_records(self, start: int, end: int) -> None:
        self.pieces.append(Piece(Kind.STRAY, start, end))
        if not self._first_near(start, end):
            line_end = start + line_spans(self.text[start:end])[1][0]
            message = f"no record: nothing in the file is {self._named()}"
            self.findings.append(FORMAT_NO_RECORDS.finding(message, start, line_end))

    def _started(self, found: list[Occurrence], start: int, end: int) -> None:
        self._outside(start, found[0][0])
        for number, (a, b, fields, _) in enumerate(found):
            after = found[number + 1][0] if number + 1 < len(found) else end
            self.pieces.append(Piece(Kind.DELIMITER, a, b, "record"))
            self._record(b, after, fields, a)

    def _blocks(self, found: list[Occurrence], start: int, end: int) -> None:
        at = start
        opened: Occurrence | None = None
        lost = False  # just after a delimiter that closes nothing
        for occurrence in found:
            a, b, _, which = occurrence
            if opened is None and which == 0:
                self._outside(at, a, report=not lost)
                self.pieces.append(Piece(Kind.DELIMITER, a, b, "record"))
                opened = occurrence
            elif which == 1 and opened is not None:
                self._record(at, a, opened[2], opened[0])
                self.pieces.append(Piece(Kind.DELIMITER, a, b, "record"))
                opened = None
            elif which == 0 and opened is not None:
                self._unclosed(opened, at, a)
                self.pieces.append(Piece(Kind.DELIMITER, a, b, "record"))
                opened = occurrence
            else:  # the text before it is the record whose opening is missing
                self._append(Kind.STRAY, at, a)
                self.pieces.append(Piece(Kind.STRAY, a, b))
                span = trim_newlines(self.text, a, b)
                message = f"{self._named(1)} closes a record that is not open"
                if not self._nearly(at, a):
                    self.findings.append(FORMAT_STRAY_TEXT.finding(message, *span))
                lost = True
                at = b
                continue
            lost = False
            at = b
        if opened is not None:
            self._unclosed(opened, at, end)
        else:
            self._outside(at, end, report=not lost)

    def _unclosed(self, opened: Occurrence, start: int, end: int) -> None:
        span = trim_newlines(self.text, opened[0], opened[1])
        message = f"record is not closed by {self._named(1)}"
        if not self._nearly(start, end):
            self.findings.append(FORMAT_UNTERMINATED_RECORD.finding(message, *span))
        self._record(start, end, opened[2], opened[0], broken=True)

    def _outside(self, start: int, end: int, *, report: bool = True) -> None:
        """Text that belongs to no record."""
        stray = self.text[start:end].strip()
        if not stray:
            self._append(Kind.SPACE, start, end)
            return
        self._append(Kind.STRAY, start, end)
        if report and self._searched_by_line and self._first_near(start, end):
            return
        if report and self.layout.spec.sections.unknown == "error" and not self._nearly(start, end):
            a = self.text.index(stray, start)
            line_end = a + line_spans(stray)[1][0]
            message = f"text outside any record: `{shorten(self.text[a:line_end])}`"
            self.findings.append(FORMAT_STRAY_TEXT.finding(message, a, line_end))

    # -- one record

    def _record(
        self, start: int, end: int, fields: Mapping[str, str], anchor: int, *, broken: bool = False
    ) -> None:
        """Cut a record; `anchor` is where its delimiter begins."""
        begin = self.cutter.comments(start, end) if self.records else start
        empty = self.layout.spec.record is not None and not self.text[begin:end].strip()
        if empty and not broken and not self.layout.may_be_empty:
            self._append(Kind.SPACE, begin, end)
            a, b = first_line(self.text, anchor, end)
            message = "record is empty"
            if self.layout.spec.record is not None and self.layout.spec.record.delimiter == "":
                message = "empty line too many: the record before it is empty"
            self.findings.append(FORMAT_EMPTY_RECORD.finding(message, a, b))
            self.records.append(Record(start, end, fields, (), True))
            return
        cut = self.cutter.cut(begin, end, anchor, report=not broken)
        fields = {**fields, **cut.fields} if cut.fields else fields
        broken = broken or not cut.sound
        self.records.append(Record(start, end, fields, tuple(cut.sections), broken))

    def _count(self) -> None:
        record = self.layout.spec.record
        assert record is not None  # the caller's branch
        count = len(self._all_records)
        if count < record.min and (count or not self.findings):  # else that is said already
            message = f"file has {plural(count, 'record')}, at least {record.min:,} are required"
            self.findings.append(FORMAT_TOO_FEW_RECORDS.finding(message, -1, -1))
        if record.max is not None and count > record.max:
            extra = self._all_records[record.max]
            message = f"file has {plural(count, 'record')}, at most {record.max:,} are allowed"
            span = first_line(self.text, extra.start, extra.end)
            self.findings.append(FORMAT_TOO_MANY_RECORDS.finding(message, *span))
        for group in record.unique:
            self._unique(group)

    def _unique(self, group: str) -> None:
        seen: dict[str, Record] = {}
        for record in self._all_records:
            value = record.fields.get(group)
            if value is None:
                continue
            first = seen.setdefault(value, record)
            if first is not record:
                message = f"{group} `{shorten(value)}` is used by two records"
                related = ((*line_before(self.text, first.start), "first used here"),)
                found = FORMAT_DUPLICATE_ID.finding(message, *line_before(self.text, record.start))
                self.findings.append(found._replace(related=related))

    def _named(self, which: int = 0) -> str:
        return self.layout.record_delimiters[which].words

    def _append(self, kind: Kind, start: int, end: int) -> None:
        if start < end:
            self.pieces.append(Piece(kind, start, end))
