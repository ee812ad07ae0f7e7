"""Checks fields of data, values that must be unique, and the columns of tables.

Tables are checked column by column. A value is looked at once in many rows, however many have it,
and where a cell is, is computed only if there is something to say about it: a table may have
millions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import filterfalse
from typing import TYPE_CHECKING, Any, NamedTuple

from seedkit.core.document import Finding
from seedkit.core.rules import SECTION_NOT_UNIQUE
from seedkit.core.text import as_written
from seedkit.formats.content import Declared
from seedkit.formats.data import Problem
from seedkit.formats.fields import nodes_at, values_at
from seedkit.formats.values import text_tester

if TYPE_CHECKING:
    from seedkit.formats.fields import UniqueField
    from seedkit.formats.layout import Layout
    from seedkit.formats.rows import Span, TableRows
    from seedkit.formats.spec import SectionSpec
    from seedkit.rules.section import SectionCheck


_BATCH = 1 << 10  # rows
_KNOWN = 1 << 16  # values of a column that are remembered as sound


def check_table(
    table: TableRows, layout: Layout, checks: Sequence[Sequence[SectionCheck]], empty: SectionCheck
) -> Iterator[Finding]:
    """Check the cells of every sound row. `checks` are those of each section of the format, `empty`
    is the one for cells of white space."""
    columns = [
        _Column(table, place, layout.sections[index], checks[index], empty)
        for place, (_, index) in enumerate(table.columns)
        if index >= 0 and layout.sections
    ]
    columns = [column for column in columns if column.is_checked]
    if not columns:
        return
    numbers = range(len(table))
    for first in range(0, len(table), _BATCH):
        batch = [each for each in numbers[first : first + _BATCH] if each not in table.broken]
        by_column = list(zip(*table.many_values(batch), strict=True))
        for column in columns if batch else ():
            yield from column.check(batch, by_column[column.place])


class _Column:
    def __init__(
        self,
        table: TableRows,
        place: int,
        spec: SectionSpec,
        checks: Sequence[SectionCheck],
        empty: SectionCheck,
    ) -> None:
        self.table = table
        self.place = place
        self.spec = spec
        self.checks = checks
        self.empty = empty
        self.is_checked = bool(checks) or spec.empty == "forbid" or spec.unique == "file"
        self._sound: set[str] = set()
        # If all that is asked for is a type, its own test is faster than to remember values.
        numeric = spec.type in ("integer", "number") and len(checks) == 1
        self._is_sound = text_tester(spec) if numeric else None
        self._first: dict[str, int] = {}  # the row that has each value first

    def check(self, numbers: Sequence[int], values: Sequence[str]) -> Iterator[Finding]:
        """Check a batch of cells of the column; `numbers` are those of their rows."""
        new: Iterable[str] = ()
        if self._is_sound is not None:
            new = list(filterfalse(self._is_sound, values))
        elif self.checks:
            new = set(values) - self._sound
        elif self.spec.empty == "forbid" and ("" in values or any(map(str.isspace, values))):
            new = [value for value in values if not value or value.isspace()]
        wrong = {value: found for value in new if (found := self._check_value(value))}
        if self._is_sound is None and self.checks and len(self._sound) < _KNOWN:
            self._sound.update(value for value in new if value not in wrong)
        for number, value in zip(numbers, values, strict=True) if wrong else ():
            if value in wrong:
                yield from self._placed(wrong[value], number)
        if self.spec.unique == "file":
            yield from self._repeated(numbers, values)

    def _check_value(self, value: str) -> Sequence[Finding]:
        if not value or value.isspace():
            return self.empty(value, self.spec) if self.spec.empty == "forbid" else ()
        return [finding for check in self.checks for finding in check(value, self.spec)]

    def _repeated(self, numbers: Sequence[int], values: Sequence[str]) -> Iterator[Finding]:
        first, different = self._first, set(values)
        if len(different) == len(values) and first.keys().isdisjoint(different):
            first.update(zip(values, numbers, strict=True))
            return
        for number, value in zip(numbers, values, strict=True):
            before = first.setdefault(value, number)
            if before != number:
                message = f"section `{self.spec.name}` has the same text as an earlier one"
                related = ((*self._span(before), "first here"),)
                span = self._span(number)
                yield SECTION_NOT_UNIQUE.finding(message, *span, related=related)

    def _placed(self, found: Sequence[Finding], number: int) -> Iterator[Finding]:
        """Findings about a value, where they are in the text: there, its quotes are doubled."""
        start, end = self._span(number)
        cell = self.table.text[start:end]
        for each in found:
            a, b = (self.table.dialect.place(cell, at) for at in (each.start, each.end))
            yield each._replace(start=start + a, end=start + b)

    def _span(self, number: int) -> Span:
        table = self.table
        cells = table.dialect.cells(table.text, table.starts[number], table.ends[number])
        return cells[self.place]


def of_problems(problems: Iterable[Problem], spec: SectionSpec) -> Sequence[Finding]:
    """Return the findings that problems of a section's content are."""
    return [
        problem.rule.finding(
            f"section `{spec.name}`: {problem.message}", problem.start, problem.end
        )
        for problem in problems
    ]


class FieldsCheck:
    """The check of content for a section whose format declares fields of it."""

    def __init__(self, spec: SectionSpec) -> None:
        self.declared = Declared(spec)

    def __call__(self, value: str, spec: SectionSpec) -> Sequence[Finding]:
        problems = self.declared.problems(value)
        return of_problems(problems, spec) if problems else ()


def declared_in(checks: Sequence[object]) -> Declared:
    """Return what the check of fields among some checks goes by."""
    return next(check.declared for check in checks if isinstance(check, FieldsCheck))


class _Seen(NamedTuple):
    """A section in which a value of a field was first."""

    start: int
    end: int


class UniqueInFile:
    """Compares the values of fields that must be unique in a file."""

    def __init__(self, text: str, fields: Sequence[UniqueField], declared: Declared) -> None:
        self._text = text
        self._fields = fields
        self._declared = declared
        self._first: list[dict[object, _Seen]] = [{} for _ in self._fields]

    def add(self, start: int, end: int) -> Iterator[Finding]:
        """Report the values in a section that were there before."""
        data = self._declared.read(self._text[start:end])
        for field, first in zip(self._fields, self._first, strict=True):
            for value in values_at(data, field.parts):
                known = first.setdefault(_key(value), _Seen(start, end))
                if known.start != start and value is not None:
                    yield self._finding(field, value, _Seen(start, end), known)

    def _finding(self, field: UniqueField, value: Any, here: _Seen, first: _Seen) -> Finding:
        span, before = (self._span(field, value, each) for each in (here, first))
        related = ((*before, "first here"),)
        shown = f"`{field.path}` `{as_written(self._text[slice(*span)], 40)}`"
        message = f"section `{field.section}`: {shown} is there twice"
        return SECTION_NOT_UNIQUE.finding(message, *span, related=related)

    def _span(self, field: UniqueField, value: Any, seen: _Seen) -> tuple[int, int]:
        tree = self._declared.tree(self._text[seen.start : seen.end])
        for node in nodes_at(tree, field.parts) if tree is not None else ():
            if _key(node.value) == _key(value):
                return seen.start + node.start, seen.start + node.end
        return seen.start, seen.end


def _key(value: Any) -> object:
    """What two values have in common if they are the same, as 1 and 1.0 are."""
    if type(value) is str:
        return value
    if type(value) is float and value.is_integer():
        value = int(value)
    return type(value), repr(value)
