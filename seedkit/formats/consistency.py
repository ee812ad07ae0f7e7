"""Checks that the parts of a format fit together: those checks that need more than one table.

Each raises `ValueError` with the message for the user; `load` adds the place.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from seedkit.core.patterns import compile_pattern
from seedkit.formats.fields import is_item, parts_of
from seedkit.formats.references import check_references_of
from seedkit.formats.rows import heading_of
from seedkit.formats.values import types_of

if TYPE_CHECKING:
    from seedkit.formats.spec import FormatSpec, SectionSpec


_OF_COLUMNS = 'with `mode = "csv"` each section is a column: there is no `{}`'


class PlacedError(ValueError):
    """A contradiction, and the key it stands at."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path = path


def check_format(spec: FormatSpec) -> None:
    """Raise `PlacedError` at the first contradiction between parts of the format."""
    _check_names(spec)
    _check_groups(spec)
    if spec.record is not None and spec.record.mode == "csv":
        _check_columns(spec)
    else:
        _check_sections(spec)
    _check_fields(spec)
    for error, path in check_references_of(spec):
        raise PlacedError(str(error), *path)
    _check_newlines(spec)
    _check_delimiters(spec)
    _check_labels(spec)


def _check_names(spec: FormatSpec) -> None:
    names = [section.name for section in spec.section]
    for index, section in enumerate(spec.section):
        if section.name in names[:index]:
            raise PlacedError(f"two sections are named `{section.name}`", "section", index, "name")
        if section.same_as is not None and section.same_as not in names:
            raise PlacedError(
                f"there is no section `{section.same_as}`", "section", index, "same_as"
            )
        if section.same_as == section.name:
            raise PlacedError("a section can't be the same as itself", "section", index, "same_as")
    first = spec.record.first if spec.record is not None else None
    if first is not None and first not in names:
        raise PlacedError(f"there is no section `{first}`", "record", "first")
    for index, rule in enumerate(spec.rule):
        for key, given in rule:
            for name in () if key == "ascends" else given or ():
                if name not in names:
                    raise PlacedError(f"there is no section `{name}`", "rule", index, key)


def _check_groups(spec: FormatSpec) -> None:
    named = compile_pattern(spec.file.name).names if spec.file.name else frozenset()
    wanted: list[tuple[str, tuple[str | int, ...]]] = []
    wanted += [(group, ("file", "unique", i)) for i, group in enumerate(spec.file.unique)]
    if spec.file.sequential:
        wanted.append((spec.file.sequential, ("file", "sequential")))
    if spec.file.hash:
        wanted.append((spec.file.hash.group, ("file", "hash", "group")))
    for group, path in wanted:
        if group not in named:
            raise PlacedError(f"`file.name` has no group `(?P<{group}>…)`", *path)
    _check_sequences(spec)
    if spec.record:
        groups: set[str] = set()
        for delimiter in (spec.record.delimiter, spec.record.open, spec.record.close):
            if delimiter is not None and not isinstance(delimiter, str):
                groups |= compile_pattern(delimiter.pattern).names
        for index, group in enumerate(spec.record.unique):
            if group not in groups:
                message = f"the record's delimiter has no group `(?P<{group}>…)`"
                raise PlacedError(message, "record", "unique", index)


def _check_sequences(spec: FormatSpec) -> None:
    """What is compared from record to record, or within one, must be a section or a group."""
    record = spec.record
    delimiters: list[object] = [section.delimiter for section in spec.section]
    if record is not None:
        delimiters += [record.delimiter, record.open, record.close]
    names = {section.name for section in spec.section}
    for pattern in map(_pattern, delimiters):
        names |= compile_pattern(pattern).names if pattern is not None else set()
    wanted: list[tuple[str, tuple[str | int, ...]]] = []
    if record is not None:
        for key in ("counts", "ascends"):
            given = getattr(record, key)
            wanted += [(name, ("record", key, i)) for i, name in enumerate(given)]
    for index, rule in enumerate(spec.rule):
        wanted += [
            (name, ("rule", index, "ascends", i)) for i, name in enumerate(rule.ascends or ())
        ]
    for name, path in wanted:
        if name not in names:
            message = f"there is no section `{name}`, nor a group `(?P<{name}>…)` of a delimiter"
            raise PlacedError(message, *path)


def _check_positional(spec: FormatSpec) -> None:
    if not spec.section:
        message = "`sections.delimiter` takes at least one `[[section]]`"
        raise PlacedError(message, "sections", "delimiter")
    last = len(spec.section) - 1
    for index, section in enumerate(spec.section):
        at = ("section", index)
        if section.delimiter is not None:
            raise PlacedError(
                "with `sections.delimiter`, a section has no delimiter of its own", *at, "delimiter"
            )
        if (section.rest or section.repeat) and index != last:
            key = "rest" if section.rest else "repeat"
            raise PlacedError(f"only the last positional section can have `{key}`", *at, key)
        if section.required and index and not spec.section[index - 1].required:
            raise PlacedError("a required section can't follow an optional one by position", *at)


def _check_sections(spec: FormatSpec) -> None:
    for index, section in enumerate(spec.section):
        if section.column is not None:
            raise PlacedError('`column` takes `mode = "csv"`', "section", index, "column")
    if spec.sections.delimiter is not None:
        _check_positional(spec)
    else:
        _check_labelled(spec)


def _check_columns(spec: FormatSpec) -> None:
    """A column has nothing round it but the delimiters of the table."""
    for key in ("delimiter", "label", "trim"):
        if getattr(spec.sections, key):
            raise PlacedError(_OF_COLUMNS.format(f"sections.{key}"), "sections", key)
    if spec.comments is not None:
        raise PlacedError(_OF_COLUMNS.format("comments"), "comments")
    for index, rule in enumerate(spec.rule):
        for key, names in rule:
            if names is not None and key != "ascends":
                raise PlacedError(_OF_COLUMNS.format(key), "rule", index, key)
    headings: set[str] = set()
    for index, section in enumerate(spec.section):
        if section.column is not None and spec.record is not None and not spec.record.header:
            message = "`column` is what a header says, and the format has `header = false`"
            raise PlacedError(message, "section", index, "column")
        heading = heading_of(section)
        if heading in headings:
            message = f"two sections have the column `{heading}`"
            raise PlacedError(message, "section", index, "column" if section.column else "name")
        headings.add(heading)
        for key in ("delimiter", "close", "at_start", "repeat", "rest"):
            if getattr(section, key):
                raise PlacedError(_OF_COLUMNS.format(key), "section", index, key)
        for number, field in enumerate(section.field):
            for key in ("unique", "references"):
                if getattr(field, key) is not None:
                    at = ("section", index, "field", number, key)
                    raise PlacedError(_OF_COLUMNS.format(f"field.{key}"), *at)
        if section.content == "rows":
            raise PlacedError(_OF_COLUMNS.format('content = "rows"'), "section", index, "content")


def _check_fields(spec: FormatSpec) -> None:
    """No field may be declared twice, or be in one that holds nothing of its kind."""
    for number, section in enumerate(spec.section):
        types: dict[tuple[str, ...], Sequence[str]] = {}
        for index, field in enumerate(section.field):
            path = tuple(parts_of(field.name))
            if path in types:
                message = f"two fields are named `{field.name}`"
                raise PlacedError(message, "section", number, "field", index, "name")
            types[path] = types_of(field)
        for index, field in enumerate(section.field):
            path = tuple(parts_of(field.name))
            for depth in range(len(path)):
                given = types.get(path[:depth], ()) if depth else ("object",)
                wanted = "list" if is_item(path[depth]) else "object"
                if given and wanted not in given:
                    what = f"`{field.name}` is in {'the data' if not depth else 'a field'}"
                    message = f"{what} that is no {wanted}"
                    raise PlacedError(message, "section", number, "field", index, "name")


def _check_labelled(spec: FormatSpec) -> None:
    labelled = [section for section in spec.section if section.delimiter is not None]
    inline = {section.match == "inline" for section in labelled}
    if len(inline) > 1:
        index = next(i for i, section in enumerate(spec.section) if section.match == "inline")
        message = '`match = "inline"` can\'t be mixed with delimiters that are lines'
        raise PlacedError(message, "section", index, "match")
    before: SectionSpec | None = None
    for index, section in enumerate(spec.section):
        open_end = section.delimiter is None
        if open_end and before is not None and _runs_on(before):
            raise PlacedError(
                f"`{section.name}` has no delimiter and follows `{before.name}`, which has no end: "
                "nothing tells them apart",
                "section",
                index,
            )
        before = section


def _runs_on(section: SectionSpec) -> bool:
    return section.close is None and section.match not in ("lines",)


def _check_newlines(spec: FormatSpec) -> None:
    """No delimiter that is a line, or begins one, may hold a newline: it would never be found."""
    places: list[tuple[object, tuple[str | int, ...]]] = []
    for key in ("delimiter", "open", "close"):
        if spec.record and spec.record.match == "line" and spec.record.mode != "csv":
            places.append((getattr(spec.record, key), ("record", key)))
        for index, section in enumerate(spec.section):
            if key != "open" and section.match != "inline":
                places.append((getattr(section, key), ("section", index, key)))
    for delimiter, path in places:
        if isinstance(delimiter, str) and ("\n" in delimiter or "\r" in delimiter):
            message = f"no line holds a newline, so `{path[-1]}` is never found"
            remedy = '`match = "inline"` looks within lines and across them'
            if not delimiter.strip("\r\n"):
                remedy = f'`{path[-1]} = ""` is an empty line; {remedy}'
            raise PlacedError(f"{message}: {remedy}", *path)


def _check_delimiters(spec: FormatSpec) -> None:
    """No literal delimiter may be equal to, or matched by, another one."""
    lines: list[tuple[str, str | None, str | None, tuple[str | int, ...]]] = []
    if spec.record and spec.record.match == "line" and spec.record.mode != "csv":
        for key in ("delimiter", "open", "close"):
            delimiter = getattr(spec.record, key)
            if delimiter is not None:
                literal = delimiter if isinstance(delimiter, str) else None
                lines.append((f"record.{key}", literal, _pattern(delimiter), ("record", key)))
    for index, section in enumerate(spec.section):
        if section.delimiter is not None and section.match == "line":
            at: tuple[str | int, ...] = ("section", index)
            literal = section.delimiter if isinstance(section.delimiter, str) else None
            lines.append((section.name, literal, _pattern(section.delimiter), (*at, "delimiter")))
            lines += [
                (section.name, alias, None, (*at, "aliases", number))
                for number, alias in enumerate(section.aliases)
            ]
    for one, other in combinations(lines, 2):
        first, literal_a, pattern_a, _ = one
        second, literal_b, pattern_b, path = other
        same = literal_a == literal_b and pattern_a == pattern_b
        caught = (
            literal_a is not None
            and pattern_b is not None
            and compile_pattern(pattern_b).fullmatch(literal_a)
        ) or (
            literal_b is not None
            and pattern_a is not None
            and compile_pattern(pattern_a).fullmatch(literal_b)
        )
        if same or caught:
            message = f"the delimiter of `{second}` overlaps that of `{first}`"
            raise PlacedError(message, *path)


def _check_labels(spec: FormatSpec) -> None:
    """No two sections may begin with the same text within a line."""
    seen: dict[tuple[bool, object], str] = {}
    for index, section in enumerate(spec.section):
        if section.delimiter is None or section.match == "line":
            continue
        for delimiter in (section.delimiter, *section.aliases):
            first = seen.setdefault((section.match == "inline", delimiter), section.name)
            if first != section.name:
                message = f"the delimiter of `{section.name}` is also that of `{first}`"
                raise PlacedError(message, "section", index, "delimiter")


def _pattern(delimiter: object) -> str | None:
    return getattr(delimiter, "pattern", None)
