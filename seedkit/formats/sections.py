"""Cuts one record into sections: by position, by labels on lines, or by inline tags.

`labels` finds labelled sections, `structure` judges their order; this module turns what they say
into pieces that tile the record.

Where the delimiters of records are that may stand anywhere, and which one a line is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

from seedkit.core.diagnostic import Severity
from seedkit.core.document import Finding, Kind, Piece, Section
from seedkit.core.rules import (
    FORMAT_EXTRA_SECTION,
    FORMAT_STRAY_TEXT,
    FORMAT_UNCLOSED_SECTION,
    FORMAT_UNKNOWN_SECTION,
)
from seedkit.core.text import line_spans, plural, shorten
from seedkit.formats.labels import Label, inline_labels, line_labels
from seedkit.formats.layout import Layout, LineDelimiter, escaped
from seedkit.formats.near import BLANK, near_finding, unlike_example
from seedkit.formats.structure import check_structure, missing_sections

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


_BLANK_HEAD = re.compile(r"(?:[ \t]*(?:\r\n|\n|\r))+")
_BLANK_LINE = re.compile(r"(?:\n|\r)([ \t]+)(?=[\r\n])")
_NEWLINE = re.compile(r"\r\n|\n|\r")


# Made by the million: without the named call they cost half, as do the members looked up once.
_NEW_PIECE = partial(tuple.__new__, Piece)
_NEW_SECTION = partial(tuple.__new__, Section)
_DELIMITER, _SECTION, _SPACE = Kind.DELIMITER, Kind.SECTION, Kind.SPACE


class RecordCut(NamedTuple):
    """What a record was cut into.

    `fields` are the named groups of its sections' delimiters; `sound` is False if its structure
    has a finding.
    """

    sections: list[Section]
    fields: Mapping[str, str]
    sound: bool


_NO_FIELDS: Mapping[str, str] = {}


class Cutter:
    """Cuts records of one text, adding pieces and findings to the caller's lists."""

    def __init__(
        self, text: str, layout: Layout, pieces: list[Piece], findings: list[Finding]
    ) -> None:
        self.text = text
        self.layout = layout
        self.pieces = pieces
        self.findings = findings
        self._lacked: frozenset[int] = frozenset()  # by the record before: `_lacking`

    def comments(self, start: int, end: int) -> int:
        """Emit the comment lines at the start of a file or record; return where they end."""
        comments = self.layout.spec.comments
        if comments is None:
            return start
        while start < end and self.text.startswith(comments.prefix, start):
            match = _NEWLINE.search(self.text, start, end)
            after = match.end() if match else end
            self.pieces.append(Piece(Kind.COMMENT, start, after))
            start = after
        return start

    def cut(self, start: int, end: int, anchor: int, *, report: bool) -> RecordCut:
        """Cut a record. `anchor` is where the record's delimiter begins.

        Without `report` no finding is added.
        """
        if not report:
            kept = len(self.findings)
            cut = self.cut(start, end, anchor, report=True)
            del self.findings[kept:]
            return cut._replace(sound=False)
        layout = self.layout
        if layout.positional is not None:
            return self._by_position(start, end, layout.positional)
        if layout.labelled:
            if layout.inline:
                labels = inline_labels(self.text, layout, start, end)
            else:
                labels = line_labels(self.text, layout, start, end)
            return self._by_label(labels, start, end, anchor)
        name = layout.sections[0].name if layout.sections else "text"
        section = self._section(name, 0, start, end)
        return RecordCut([section], _NO_FIELDS, True)

    # -- sections by position

    def _by_position(self, start: int, end: int, delimiter: str) -> RecordCut:
        specs = self.layout.sections
        last = len(specs) - 1
        limit = last if specs[last].rest else -1
        sections: list[Section] = []
        extra: tuple[int, int] | None = None
        at = start
        for a, b in [*literal_spans(self.text, delimiter, start, end, limit), (end, end)]:
            index = len(sections)
            if index > last and not specs[last].repeat:
                extra = extra or (at, end)
                self._piece(Kind.STRAY, at, a)
            else:
                index = min(index, last)
                sections.append(self._section(specs[index].name, index, at, a))
            self._piece(Kind.DELIMITER, a, b, "sections")
            at = b
        if self.layout.sections[0].at_start:
            head = _BLANK_HEAD.match(self.text, start, end)
            if head is not None and not self._at_start(head.end(), 0, start):
                return RecordCut(sections, _NO_FIELDS, False)
        if extra is not None:
            expected = plural(len(specs), "section")
            message = f"{expected} joined by {_quoted(delimiter)} expected, more found"
            self.findings.append(FORMAT_EXTRA_SECTION.finding(message, *extra))
            return RecordCut(sections, _NO_FIELDS, False)
        ended = len(self.text) - end <= 2 and self._ends_with(delimiter)
        missing = [
            spec
            for spec in specs[len(sections) :]
            if spec.required and not (ended and spec.empty == "allow")
        ]
        blank = self._blank_line(delimiter, start, end) if len(sections) <= last else None
        if blank is not None:
            self.findings.append(blank)
        elif missing:
            self.findings.append(missing_sections(missing, end))
        return RecordCut(sections, _NO_FIELDS, not missing and blank is None)

    def _ends_with(self, delimiter: str) -> bool:
        """Tell whether the text ends with it, whose last newline is that of the file."""
        tail = self.text[-2 * len(delimiter) :].replace("\r\n", "\n")
        return delimiter.endswith("\n\n") and tail.endswith(delimiter)

    def _blank_line(self, delimiter: str, start: int, end: int) -> Finding | None:
        """The finding that a line of white space stands where an empty line should."""
        if delimiter != "\n\n":
            return None
        blank = _BLANK_LINE.search(self.text, start, end)
        if blank is None or not self.text[blank.end() : end].strip():
            return None
        return near_finding(BLANK, *blank.span(1))

    # -- sections by label

    def _by_label(self, labels: list[Label], start: int, end: int, anchor: int) -> RecordCut:
        sections: list[Section] = []
        fields: dict[str, str] = {}
        names, first_only, pieces = self.layout.names, self.layout.first_only, self.pieces
        sound = True
        at = start
        for label in labels:
            index = label.index
            if at < label.start:
                pieces.append(_NEW_PIECE((_SPACE, at, label.start, "")))
            if index is None:
                self._piece(Kind.STRAY, label.start, label.end)
                sound = self._stray(label) and sound
            else:
                name = names[index]
                if index in first_only:
                    begin, _ = self._bare(label.start, label.end)
                    sound = self._at_start(begin, index, start) and sound
                if label.start < label.content:
                    pieces.append(_NEW_PIECE((_DELIMITER, label.start, label.content, name)))
                sections.append(self._section(name, index, label.content, label.content_end))
                if label.fields:
                    fields.update(label.fields)
                if label.content_end < label.end:
                    pieces.append(_NEW_PIECE((_DELIMITER, label.content_end, label.end, name)))
                if label.unclosed:
                    opened = label.content + (index in self.layout.brackets)
                    span = self._bare(label.start, opened)
                    close = self.layout.closes[index]
                    assert close is not None  # or nothing would be open
                    message = f"section `{name}` is not closed by {close.words}"
                    self.findings.append(FORMAT_UNCLOSED_SECTION.finding(message, *span))
                    sound = False
            at = label.end
        self._piece(Kind.SPACE, at, end)
        near = self._near(labels) if self.layout.looks_near else frozenset()
        found = check_structure(
            self.text, self.layout, labels, (start, end, anchor), near, sound=sound
        )
        lacked, self._lacked = self._lacked, self._lacking(labels) if found else frozenset()
        # An empty line within a record makes two: one lacks the end, the other what is before that.
        if found[1:] or not (lacked and self._lacked) or max(self._lacked) + 1 != min(lacked):
            self.findings.extend(found)
        return RecordCut(sections, fields, sound and not found and not near)

    def _lacking(self, labels: list[Label]) -> frozenset[int]:
        """The sections that a record must have and has not, if records end at an empty line."""
        if not any(delimiter.literal == "" for delimiter in self.layout.record_delimiters):
            return frozenset()
        required = {i for i, section in enumerate(self.layout.sections) if section.required}
        return frozenset(required.difference(label.index for label in labels))

    def _near(self, labels: list[Label]) -> frozenset[str]:
        """Report lines that nearly are delimiters; return which delimiters those are."""
        near: set[str] = set()
        for label in labels:
            for miss, start, end in label.near or ():
                self.findings.append(near_finding(miss, start, end))
                near.add(miss.delimiter)
        return frozenset(near)

    def _stray(self, label: Label) -> bool:
        """Report text that belongs to no section; return whether that is allowed."""
        if self.layout.spec.sections.unknown == "allow":
            return True
        if any(miss is not BLANK or not label.unknown for miss, _, _ in label.near or ()):
            return False  # the near miss explains it
        a, b = self._bare(label.start, label.end)
        b = a + line_spans(self.text[a:b])[1][0]
        line = shorten(self.text[a:b])
        if label.unknown:
            only = self.layout.only_label
            message, help_ = f"`{line}` is not a section of this format", None
            if only is not None:
                section, delimiter = only
                help_ = f"section `{section}` begins with {delimiter.words}"
                if delimiter.name is not None:
                    differs = unlike_example(self.text[a:b], delimiter)
                    message = f"`{line}` is not {delimiter.name}{f': {differs}' if differs else ''}"
                    help_ = f"section `{section}` begins with one"
            self.findings.append(FORMAT_UNKNOWN_SECTION.finding(message, a, b, help_))
        else:
            message = f"text outside any section: `{line}`"
            self.findings.append(FORMAT_STRAY_TEXT.finding(message, a, b))
        return False

    def _at_start(self, begin: int, index: int, start: int) -> bool:
        """Report blank lines from `start` to `begin`, before a section that must begin its record;
        return whether the record is sound."""
        name = self.layout.names[index]
        if begin == start or self.text[start:begin].strip():  # stray text is reported as such
            return True
        wanted = self.layout.sections[index].blank_before
        if wanted == "allow":
            return True
        ends = line_spans(self.text[start:begin])[1]
        one = len(ends) == 2  # the second is where the section begins
        blank = "an empty line" if ends[0] == 0 else "a line of white space"
        blank, verb = (blank, "stands") if one else ("blank lines", "stand")
        what = "file" if self.layout.spec.record is None else "record"
        message = f"the {what} does not begin with section `{name}`: {blank} {verb} before it"
        severity = None
        if wanted == "warn":
            message = f"{blank} {verb} before section `{name}`: not every program finds it there"
            severity = Severity.WARNING
        help_ = f"remove the {'line' if one else 'lines'}"
        finding = FORMAT_STRAY_TEXT.finding(message, start, begin, help_, severity=severity)
        self.findings.append(finding)
        return severity is not None

    # -- pieces

    def _bare(self, start: int, end: int) -> tuple[int, int]:
        """The span without white space at either end."""
        stretch = self.text[start:end]
        bare = stretch.strip()
        if not bare:
            return start, end
        first = start + stretch.index(bare)
        return first, first + len(bare)

    def _section(self, name: str, index: int, start: int, end: int) -> Section:
        if not self.layout.trim:
            self.pieces.append(Piece(Kind.SECTION, start, end, name))
            return Section(name, start, end, index)
        a, b = self._trimmed(start, end)
        pieces = self.pieces
        if start < a:
            pieces.append(_NEW_PIECE((_SPACE, start, a, "")))
        pieces.append(_NEW_PIECE((_SECTION, a, b, name)))
        if b < end:
            pieces.append(_NEW_PIECE((_SPACE, b, end, "")))
        return _NEW_SECTION((name, a, b, index))

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        """The span without blank lines at either end."""
        stretch = self.text[start:end]
        bare = stretch.rstrip("\n")
        if bare[:1] > " " and bare[-1] > " ":  # what nearly every section is
            return start, start + len(bare)
        last = start + len(stretch.rstrip(" \t\r\n"))
        if last == start:
            return start, start
        head = _BLANK_HEAD.match(self.text, start, end)
        if head:
            start = head.end()
        tail = _NEWLINE.search(self.text, last, end)
        return start, tail.start() if tail else end

    def _piece(self, kind: Kind, start: int, end: int, name: str = "") -> None:
        if start < end:
            self.pieces.append(Piece(kind, start, end, name))


def literal_spans(
    text: str, delimiter: str, start: int, end: int, limit: int = -1
) -> list[tuple[int, int]]:
    """Return up to `limit` spans of the delimiter, all if that is negative.

    A newline in it matches whichever newline the text uses.
    """
    spans: list[tuple[int, int]] = []
    if "\n" in delimiter and "\r" in text:
        newline = r"(?:\r\n|\r(?!\n)|(?<!\r)\n)"  # never half a CRLF
        pattern = re.compile(newline.join(map(re.escape, delimiter.split("\n"))))
        for match in pattern.finditer(text, start, end):
            if len(spans) == limit:
                break
            spans.append(match.span())
        return spans
    at = text.find(delimiter, start, end)
    while at >= 0 and len(spans) != limit:
        spans.append((at, at + len(delimiter)))
        at = text.find(delimiter, at + len(delimiter), end)
    return spans


def _quoted(delimiter: str) -> str:
    names = {"\n": "a newline", "\n\n": "an empty line", "\t": "a tab", " ": "a space"}
    return names.get(delimiter, f"`{shorten(escaped(delimiter))}`")
