"""What is declared of tables: whether their first row is a header, and what their columns are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from seedkit.formats.layout import Layout
from seedkit.formats.parser import parse
from seedkit.formats.rows import TableRows
from seedkit.formats.values import Untyped, is_a
from seedkit.infer.draft import Values, tolerance
from seedkit.infer.values import few_numbers, few_values, is_id, is_prose, type_of

_MOST = 200  # columns that are declared
_PROSE_OF = 500  # texts by which prose is known
_BATCH = 5_000  # rows
_NAME = 40  # characters of a name
_LOOKED_AT = 200  # rows that show whether the first one is a header
_YEARS = range(1500, 2200)  # numbers that may head columns

Key = tuple[str | int, ...]


class DeclaredData(NamedTuple):
    """Settings on top of a format, why they are so, and a line for the summary with its label."""

    values: Values
    notes: dict[Key, str]
    remark: tuple[str, str]


def kind_in_words(settings: Values) -> str:
    """Return what a column or field is, as it stands behind its name."""
    if "enum" in settings:
        return f" (one of {len(settings['enum'])})"
    kind = settings.get("type", "string")
    return "" if kind == "string" else f" ({kind})"


def first_of(names: Sequence[str]) -> str:
    """Return the first names, in words."""
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")


def has_header(layout: Layout, texts: Sequence[str]) -> bool:
    """Tell whether the first row of tables names the columns, of most of them.

    `layout` takes it for a row. It is none if what stands in columns of numbers, dates or URLs is
    such a value in the first row as well, or, where there are no such columns, if it is a value
    that comes again below it.
    """
    votes = [vote for text in texts if (vote := _is_header(layout, text)) is not None]
    return votes.count(True) * 2 >= len(votes)


def _is_header(layout: Layout, text: str) -> bool | None:
    """Whether a table begins with a header; None if it has too few rows to tell."""
    table = parse(text, layout).records
    if not isinstance(table, TableRows):
        return None
    sound = [number for number in range(min(len(table), _LOOKED_AT)) if number not in table.broken]
    rows = [table.values(number) for number in sound]
    if len(rows) < 3 or sound[0] != 0:
        return None
    first, *rest = rows
    if _are_years(first):
        return True
    again = False
    typed = []
    for cell, below in zip(first, zip(*rest, strict=True), strict=True):
        counts: Counter[str] = Counter(Untyped(value) for value in below if value.strip())
        kind = type_of(counts)
        if kind is not None and cell:
            typed.append(is_a(Untyped(cell), kind))
        again = again or counts[cell] > 0
    return not all(typed) if typed else not again


def _are_years(cells: Sequence[str]) -> bool:
    """Tell whether numbers in a row are years, one after the other, which may head columns."""
    numbers = [int(cell) for cell in cells if cell.isdecimal() and len(cell) == 4]
    steps = {b - a for a, b in pairwise(numbers)}
    return len(numbers) > 1 and len(steps) == 1 and set(numbers) <= set(_YEARS)


def declared_columns(layout: Layout, texts: Sequence[str]) -> DeclaredData | None:
    """Return the columns that all tables have, but for a few; None if there is no row."""
    has_header = layout.spec.record is not None and layout.spec.record.header
    tables = [
        table for text in texts if isinstance(table := parse(text, layout).records, TableRows)
    ]
    headings = [tuple(_header(table)) if has_header else _width(table) for table in tables]
    counts = Counter(each for each in headings if each)
    if not counts:
        return None
    heading, often = counts.most_common(1)[0]
    no_header = "" if has_header else "no header: the first row is data"
    if len(headings) - often > tolerance(len(headings)):
        what = "headers" if has_header else "numbers of columns"
        seen = f"the {len(texts):,} tables looked at"
        remark = f"{len(counts):,} different {what} in {seen}: no column is declared"
        return DeclaredData({}, {}, ("columns", "; ".join(filter(None, (remark, no_header)))))
    if len(heading) > _MOST or len(set(heading)) < len(heading):
        why = "too many" if len(heading) > _MOST else "of which some have one name"
        return DeclaredData({}, {}, ("columns", f"{len(heading):,}, {why}: none is declared"))
    columns = [_ColumnValues() for _ in heading]
    for table, own in zip(tables, headings, strict=True):
        if own == heading:
            _collect(table, columns)
    names = _names(heading) if has_header else [f"column_{n + 1}" for n in range(len(heading))]
    sections: list[Values] = []
    notes: dict[Key, str] = {}
    for number, (name, column) in enumerate(zip(names, columns, strict=True)):
        section: Values = {"name": name}
        if has_header and heading[number] != name:
            section["column"] = heading[number]
        sections.append({**section, **column.settings(heading[number])})
        if column.empty:
            notes["section", number, "empty"] = f"{column.empty:,} of {column.total:,} are empty"
    kinds = [f"{s['name']}{kind_in_words(s)}" for s in sections]
    remark = "; ".join(filter(None, (f"{len(sections)}: {first_of(kinds)}", no_header)))
    return DeclaredData({"section": sections}, notes, ("columns", remark))


def _header(table: TableRows) -> list[str]:
    """The cells of the first row, which is not among the rows."""
    end = table.header_end
    if end is None:
        return []
    dialect, start = table.dialect, len(table.text[:end]) - len(table.text[:end].lstrip())
    return dialect.values(table.text, start, len(table.text[:end].rstrip("\r\n")))


def _width(table: TableRows) -> tuple[str, ...]:
    return tuple(str(number) for number in range(len(table.columns))) if len(table) else ()


def _collect(table: TableRows, columns: Sequence[_ColumnValues]) -> None:
    sound = [number for number in range(len(table)) if number not in table.broken]
    for at in range(0, len(sound), _BATCH):
        rows = table.many_values(sound[at : at + _BATCH])
        for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
            column.add(cells)


class _ColumnValues:
    """What the cells of a column are."""

    def __init__(self) -> None:
        self.total = 0
        self.empty = 0
        self.counts = Counter[str]()  # of all cells that are not blank

    def add(self, cells: Sequence[str]) -> None:
        counts = Counter(cells)
        self.total += len(cells)
        for value in [value for value in counts if not value.strip()]:
            self.empty += counts.pop(value)
        self.counts.update(counts)

    def settings(self, heading: str) -> Values:
        """Return what is said of the column, whose header calls it so."""
        found: Values = {}
        counts: Mapping[str, int] = {Untyped(value): n for value, n in self.counts.items()}
        kind = type_of(counts)
        if kind is not None:
            found["type"] = kind
        if self.empty or not self.counts:
            found["empty"] = "allow"
        cells = [value for value, times in counts.items() for _ in range(min(times, 2))]
        if kind in (None, "integer") and not self.empty and is_id(heading, cells):
            found["unique"] = "file"
        elif kind == "integer":
            whole: Counter[int] = Counter()
            for value, times in counts.items():
                if value.isdigit():
                    whole[int(value)] += times
            few = few_numbers(whole)
            if few and all(str(each) in counts for each in few) and len(whole) == len(counts):
                found["enum"] = [str(each) for each in few]
        elif kind is None:
            values = few_values(counts)
            if values:
                found["enum"] = [*values]
            if values or not is_prose(heading, [*self.counts][:_PROSE_OF]):
                found["repeats"] = False
        return found


def _names(headings: Sequence[str]) -> list[str]:
    """A name for each column, which is that of the header if it can be."""
    names: list[str] = []
    for number, heading in enumerate(headings):
        name = heading
        if not heading.replace("-", "_").isidentifier() or len(heading) > _NAME:
            name = re.sub(r"\W+", "_", heading.casefold()).strip("_")
            if len(name) > _NAME:
                name = name[: name.rfind("_", 1, _NAME) + 1 or _NAME].rstrip("_")
            name = name if name.isidentifier() else f"column_{name}" if name else "column"
            name = name if name.isidentifier() else f"column_{number + 1}"
        while name in names or (name != heading and name in headings):
            name = f"{name}_{number + 1}"
        names.append(name)
    return names
