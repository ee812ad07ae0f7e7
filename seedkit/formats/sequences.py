"""Checks that numbers count up and times ascend, from record to record and within one.

What is compared are the numbers in a text, one after the other: `00:01:02,500` is 0, 1, 2, 500.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from seedkit.core.document import Finding, Record
from seedkit.core.patterns import compile_pattern
from seedkit.core.rules import (
    FORMAT_MISSING_SECTION,
    FORMAT_OUT_OF_ORDER,
    FORMAT_SECTION_ORDER,
)
from seedkit.core.text import line_end, shorten
from seedkit.formats.layout import Layout

_NO_HOURS = re.compile(
    r"[0-5]?\d:[0-5]\d[.,]\d{3}"
)  # a time as of subtitles: hours may be left out
_NUMBER = re.compile(r"\d{1,18}")  # longer runs of digits are compared in parts


class _NumberedText(NamedTuple):
    """A text that is compared: what it is called, its numbers, and where it stands.

    `key` is empty where no number can be read. In a `broken` record the number of another one may
    be lost.
    """

    name: str
    text: str
    key: tuple[int, ...]
    start: int
    broken: bool

    @property
    def shown(self) -> str:
        return f"{self.name} `{shorten(self.text, 40)}`"

    def finding(self, message: str) -> Finding:
        return FORMAT_OUT_OF_ORDER.finding(message, self.start, self.start + len(self.text))


def check_sequences(text: str, layout: Layout, records: Sequence[Record]) -> Iterator[Finding]:
    """Return what the format's `counts` and `ascends` say about these records.

    A record with a structural error takes part if its own number can be read. After it, and after a
    record whose number can't be read, numbers may be skipped: they are lost, and that is reported.
    """
    record = layout.spec.record
    within = [rule.ascends for rule in layout.spec.rule if rule.ascends]
    counts, ascends = (record.counts, record.ascends) if record is not None else ([], [])
    if record is not None and record.first is not None:
        yield from _first(text, records, record.first)
    moved: set[int] = set()  # records whose number says already that they changed places
    for name in counts:
        yield from _counting(_values(text, layout, records, name), moved)
    for name in ascends:
        last: _NumberedText | None = None
        for number, value in _values(text, layout, records, name):
            if not value.key:
                continue
            if last is not None and value.key < last.key and number not in moved:
                yield value.finding(
                    f"{value.shown} is less than `{last.text}` of the record before"
                )
            last = value
    for names in within:
        for each in records:
            if not each.broken:
                yield from _ascending(text, layout, each, names)


def _first(text: str, records: Sequence[Record], name: str) -> Iterator[Finding]:
    """Is a section in the first record, and in no other? A broken record may have lost it."""
    for number, record in enumerate(records):
        section = next((each for each in record.sections if each.name == name), None)
        if number == 0 and section is None and not record.broken:
            message = f"file does not begin with section `{name}`"
            end = line_end(text, record.start)
            yield FORMAT_MISSING_SECTION.finding(message, record.start, end)
        elif number and section is not None:
            message = f"section `{name}` begins a file, and is in a later record"
            yield FORMAT_SECTION_ORDER.finding(message, record.start, line_end(text, record.start))


def _counting(values: Iterator[tuple[int, _NumberedText]], moved: set[int]) -> Iterator[Finding]:
    expected, instead = -1, -1  # the number that comes next; what was expected at the last fault
    gap = False  # whether numbers may be skipped after the record before
    for number, value in values:
        skipped, gap = gap, value.broken or not value.key
        if not value.key:
            continue
        found = value.key[0]
        if expected < 0 or found == expected or (skipped and found > expected):
            expected = found + 1
        elif found == instead:  # it changed places with the record before, which was reported
            moved.add(number)
        elif found == instead + 1:  # the record before had a wrong number, and no more
            expected = found + 1
        else:
            wanted = f"`{expected}` or more" if skipped else f"`{expected}`, one more than before"
            yield value.finding(f"{value.shown} should be {wanted}")
            expected, instead = found + 1, expected
            continue
        instead = -1


def _ascending(text: str, layout: Layout, record: Record, names: list[str]) -> Iterator[Finding]:
    last: _NumberedText | None = None
    for name in names:
        value = _value(text, layout, record, name)
        if value is None or not value.key:
            continue
        if last is not None and value.key < last.key:
            yield value.finding(f"{value.shown} is less than {last.shown}")
        last = value


def _values(
    text: str, layout: Layout, records: Sequence[Record], name: str
) -> Iterator[tuple[int, _NumberedText]]:
    for number, record in enumerate(records):
        value = _value(text, layout, record, name)
        if value is not None:
            yield number, value


def _value(text: str, layout: Layout, record: Record, name: str) -> _NumberedText | None:
    """The group or section of that name; None if a sound record has none."""
    found = record.fields.get(name)
    if found is not None:
        start = _place(text, record, found)
        readable = True
    else:
        section = next((each for each in record.sections if each.name == name), None)
        if section is None:
            return _NumberedText(name, "", (), record.start, True) if record.broken else None
        start, found = section.start, text[section.start : section.end]
        readable = _readable(found, layout.sections[section.number].pattern, record)
        start += len(found) - len(found.lstrip())
        found = found.strip()
    key = tuple(map(int, _NUMBER.findall(found))) if readable else ()
    if key and _NO_HOURS.fullmatch(found):
        key = (0, *key)
    return _NumberedText(name, found, key, start, record.broken)


def _readable(value: str, pattern: str | None, record: Record) -> bool:
    """Tell whether a section is what is compared, and not a text that took its place."""
    if pattern is not None:
        return compile_pattern(pattern).fullmatch(value)
    return not record.broken or not any(map(str.isalpha, value))


def _place(text: str, record: Record, value: str) -> int:
    """Where a group of a delimiter stands, which may be just before the record."""
    line = text.rfind("\n", 0, max(0, record.start - 1)) + 1
    return max(text.find(value, line), 0)
