"""Do numbers count up and times ascend, from record to record and within one?

What is compared are the numbers in a text, one after the other: `00:01:02,500` is 0, 1, 2, 500.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from seedkit.document import Finding, Record
from seedkit.formats.layout import Layout
from seedkit.text import shorten

_RULE = "format/out-of-order"
_NUMBER = re.compile(r"\d{1,18}")  # longer runs of digits are compared in parts


class _Value(NamedTuple):
    """A text that is compared: what it is called, its numbers, and where it stands."""

    name: str
    text: str
    key: tuple[int, ...]
    start: int

    @property
    def shown(self) -> str:
        return f"{self.name} `{shorten(self.text, 40)}`"

    def finding(self, message: str) -> Finding:
        return Finding(_RULE, message, self.start, self.start + len(self.text))


def check_sequences(text: str, layout: Layout, records: Sequence[Record]) -> Iterator[Finding]:
    """Return what the format's `counts` and `ascends` say about these records.

    Records with a structural error are passed over.
    """
    record = layout.spec.record
    within = [rule.ascends for rule in layout.spec.rule if rule.ascends]
    counts, ascends = (record.counts, record.ascends) if record is not None else ([], [])
    moved: set[int] = set()  # records whose number says already that they changed places
    for name in counts:
        yield from _counting(_values(text, records, name), moved)
    for name in ascends:
        last: _Value | None = None
        for number, value in _values(text, records, name):
            if last is not None and value.key < last.key and number not in moved:
                yield value.finding(
                    f"{value.shown} is less than `{last.text}` of the record before"
                )
            last = value
    for names in within:
        for each in records:
            yield from _ascending(text, each, names)


def _counting(values: Iterator[tuple[int, _Value]], moved: set[int]) -> Iterator[Finding]:
    expected, instead = -1, -1  # the number that comes next; what was expected at the last fault
    for number, value in values:
        found = value.key[0]
        if expected < 0 or found == expected:
            expected = found + 1
        elif found == instead:  # it changed places with the record before, which was reported
            moved.add(number)
        elif found == instead + 1:  # the record before had a wrong number, and no more
            expected = found + 1
        else:
            yield value.finding(f"{value.shown} should be `{expected}`, one more than before")
            expected, instead = found + 1, expected
            continue
        instead = -1


def _ascending(text: str, record: Record, names: list[str]) -> Iterator[Finding]:
    last: _Value | None = None
    for name in names:
        value = _value(text, record, name)
        if value is None:
            continue
        if last is not None and value.key < last.key:
            yield value.finding(f"{value.shown} is less than {last.shown}")
        last = value


def _values(text: str, records: Sequence[Record], name: str) -> Iterator[tuple[int, _Value]]:
    for number, record in enumerate(records):
        value = _value(text, record, name)
        if value is not None:
            yield number, value


def _value(text: str, record: Record, name: str) -> _Value | None:
    """The group or section of that name; None if the record is broken or has no number there."""
    if record.broken:
        return None
    found = record.fields.get(name)
    if found is not None:
        start = _place(text, record, found)
    else:
        section = next((each for each in record.sections if each.name == name), None)
        if section is None:
            return None
        start, found = section.start, text[section.start : section.end]
        start += len(found) - len(found.lstrip())
        found = found.strip()
    key = tuple(map(int, _NUMBER.findall(found)))
    return _Value(name, found, key, start) if key else None


def _place(text: str, record: Record, value: str) -> int:
    """Where a group of a delimiter stands, which may be just before the record."""
    line = text.rfind("\n", 0, max(0, record.start - 1)) + 1
    return max(text.find(value, line), 0)
