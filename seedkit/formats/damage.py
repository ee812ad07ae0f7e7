"""Judges texts with undecodable bytes: keeps the findings that these can't be the cause of.

Such a text is parsed as if each bad byte were some character. What is then found is left open where
a bad byte is in the section, or in a line that would be a delimiter but for the bad bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from seedkit.core.document import Document, Finding, Kind
from seedkit.core.rules import (
    SECTION_DIFFERS,
    SECTION_MULTILINE,
    SECTION_WRONG_COLUMNS,
    SECTION_WRONG_SCRIPT,
)
from seedkit.formats.layout import Layout, LineDelimiter

_BAD = re.compile("[\udc80-\udcff]+")
_CONTROLS = "".join(chr(code) for code in range(32) if code not in (*range(7, 14), 27))
_CONTROL = re.compile(f"[{_CONTROLS}]")
_WORD = re.compile(r"\w")
_MANY = 1000  # bad lines; in a text with more, nothing is sure
# Of these rules a finding is about its own span, not about the section as a whole.
_LOCAL = frozenset(
    (
        SECTION_MULTILINE.name,
        SECTION_WRONG_COLUMNS.name,
        SECTION_WRONG_SCRIPT.name,
        SECTION_DIFFERS.name,
    )
)
_SAMPLES = ("", " ", "0", "a", "A", "é", "-")  # what a bad run may have been, for a pattern


def is_binary(text: str, *, damaged: bool) -> bool:
    """Tell whether a decoded file is no text: full of control characters and undecodable bytes, or
    with such bytes (`damaged`) and without any word.

    A text in another encoding is full of such bytes too, but has no control characters. What has
    neither such bytes nor a NUL is a text.
    """
    if not damaged and "\0" not in text:
        return False
    if damaged and _WORD.search(text) is None:
        return True
    bad = sum(len(run) for run in _BAD.findall(text))
    controls = len(_CONTROL.findall(text))
    return controls > 0 and 10 * (controls + bad) > 3 * len(text)


def is_damaged(text: str, start: int, end: int) -> bool:
    """Tell whether there is an undecodable byte from `start` to `end`."""
    return _BAD.search(text, start, end) is not None


def certain(document: Document, layout: Layout, findings: Sequence[Finding]) -> list[Finding]:
    """Return those of the findings that no undecodable byte of the text can be the cause of."""
    doubt = Doubt(document, layout) if findings else None
    return [each for each in findings if doubt is not None and not doubt.concerns(each)]


def is_countable(document: Document, layout: Layout) -> bool:
    """Tell whether it is certain how many records the text has, with its undecodable bytes."""
    return not Doubt(document, layout).of_count


class Doubt:
    """Where in a parsed text with undecodable bytes a finding may be their fault.

    `of_count` is set if a bad line may be the delimiter of a record.
    """

    def __init__(self, document: Document, layout: Layout) -> None:
        self._text = text = document.text
        self._ends = [record.end for record in document.records]
        self._all = False
        self._records: set[int] = set()  # in which a delimiter may be lost
        self.of_count = False
        touched = sorted({self._section(document, match.start()) for match in _BAD.finditer(text)})
        self._touched = [span for span in touched if span is not None and span[1] > span[0]]
        delimiters = [
            (piece.start, piece.end) for piece in document.pieces if piece.kind is Kind.DELIMITER
        ]
        tests = _Tests(layout)
        for number, (at, line) in enumerate(_bad_lines(text)):
            if number == _MANY:
                self._all = self.of_count = True
                break
            before = bisect_right(delimiters, (at, len(text)))
            if before and at < delimiters[before - 1][1]:
                continue  # it is recognised, as it is
            if tests.record(line):
                owner = self._owner(at)
                self._records |= {owner - 1, owner, owner + 1}
                self.of_count = True
            elif tests.section(line):
                self._records.add(self._owner(at))

    def concerns(self, finding: Finding) -> bool:
        """Tell whether the finding may be the fault of undecodable bytes."""
        family = finding.rule.partition("/")[0]
        if family not in ("format", "section"):
            return False
        if self._all:
            return True
        if finding.start < 0:
            return bool(self._records)
        if self._owner(finding.start) in self._records:
            return True
        spans = [(finding.start, finding.end), *(each[:2] for each in finding.related)]
        if any(is_damaged(self._text, start, end) for start, end in spans):
            return True
        return (
            family == "section"
            and finding.rule not in _LOCAL
            and any(start <= a and b <= end for start, end in self._touched for a, b in spans)
        )

    def _owner(self, at: int) -> int:
        """The number of the record that a place is in, or whose delimiter is there."""
        return min(bisect_left(self._ends, at), max(0, len(self._ends) - 1))

    def _section(self, document: Document, at: int) -> tuple[int, int]:
        """The span of the section that a place is in, an empty one if it is in none."""
        if not document.records:
            return at, at
        sections = document.records[self._owner(at)].sections
        return next(((s.start, s.end) for s in sections if s.start <= at < s.end), (at, at))


def _bad_lines(text: str) -> Iterator[tuple[int, str]]:
    """Return each line with undecodable bytes, once, and where the first of these is."""
    at = 0
    while (bad := _BAD.search(text, at)) is not None:
        first = max(text.rfind("\n", 0, bad.start()), text.rfind("\r", 0, bad.start())) + 1
        ends = [end for char in "\r\n" if (end := text.find(char, bad.end())) >= 0]
        at = min(ends, default=len(text))
        yield bad.start(), text[first:at]


class _Tests:
    """Tells whether a line may be a delimiter that undecodable bytes have spoiled."""

    def __init__(self, layout: Layout) -> None:
        record = layout.spec.record
        inline = record is not None and record.match == "inline"
        self._inline_record = inline
        self._record = layout.record_delimiters
        lines = [literal for literal in layout.literals if literal]
        closes = [
            close
            for section, close in zip(layout.sections, layout.closes, strict=True)
            if close is not None and section.match != "inline"
        ]
        lines += [close.literal for close in closes if close.literal]
        self._lines = lines
        self._labels = [label for labels in layout.prefixes.values() for label, _ in labels]
        self._inside = list(layout.inline_literals)
        self._inside += [
            section.close
            for section in layout.sections
            if section.match == "inline" and isinstance(section.close, str)
        ]
        if layout.positional:
            self._inside.append(layout.positional)
        self._patterns = [delimiter for delimiter, _ in layout.patterns]
        self._patterns += [close for close in closes if close.pattern is not None]
        self._patterns += [layout.label] if layout.label is not None else []

    def record(self, line: str) -> bool:
        """Tell whether the line may be, or hold, the delimiter of a record."""
        test = _may_hold if self._inline_record else _may_be
        literals = [each.literal for each in self._record if each.literal]
        return any(test(line, each) for each in literals) or _may_match(line, self._record)

    def section(self, line: str) -> bool:
        """Tell whether the line may be, or hold, the delimiter of a section."""
        return (
            any(_may_be(line, literal) for literal in self._lines)
            or any(_may_begin(line, label) for label in self._labels)
            or any(_may_hold(line, literal) for literal in self._inside)
            or _may_match(line, self._patterns)
        )


def _may_be(line: str, literal: str) -> bool:
    """Tell whether the line may have been the literal: as much is bad as it lacks of it.

    What it lacks is not ASCII, as in a text that has another encoding, or less than half of it, or
    one character.
    """
    runs = _BAD.findall(line)
    kept = len(line) - sum(map(len, runs))
    if not runs or not kept <= len(literal) <= len(line):
        return False
    parts = map(re.escape, _BAD.split(line))
    wild = [f"(.{{0,{len(run)}}})" for run in runs]
    pattern = next(parts) + "".join(a + b for a, b in zip(wild, parts, strict=True))
    found = re.fullmatch(pattern, literal, re.DOTALL)
    if found is None:
        return False
    lacking = "".join(found.groups())
    few = len(lacking) <= max(1, (len(literal) - 1) // 2)
    return few or not any(map(str.isascii, lacking))


def _may_begin(line: str, label: str) -> bool:
    bad = _BAD.search(line)
    assert bad is not None  # `_bad_lines`
    if bad.start() > len(label) or line[: bad.start()] != label[: bad.start()]:
        return False
    longest = min(len(line), len(label) + len(bad[0]))
    return any(_may_be(line[:end], label) for end in range(bad.start() + 1, longest + 1))


def _may_hold(line: str, literal: str) -> bool:
    size = len(literal)
    for bad in _BAD.finditer(line):
        starts = range(max(0, bad.start() - size), bad.start() + 1)
        ends = range(bad.end(), min(len(line), bad.end() + size) + 1)
        if any(_may_be(line[start:end], literal) for start in starts for end in ends):
            return True
    return False


def _may_match(line: str, delimiters: Sequence[LineDelimiter]) -> bool:
    patterns = [each for each in delimiters if each.pattern is not None]
    if not patterns:
        return False
    for each in patterns:
        for sample in sorted({*_SAMPLES, *str(each)}):
            if each.match(_BAD.sub(lambda run, s=sample: s * len(run[0]), line)) is not None:  # type: ignore[misc]
                return True
            if each.match(_BAD.sub(lambda run, s=sample: s, line)) is not None:  # type: ignore[misc]
                return True
    return False
