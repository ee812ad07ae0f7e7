"""Is a section's text what its `content` says: fields, rows, YAML, TOML or JSON?

Each check returns problems as values: a kind, a message and a span in the section's text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from seedkit.core.rules import SECTION_MALFORMED, SECTION_MISSING_KEY, SECTION_WRONG_COLUMNS
from seedkit.core.text import line_end, line_spans, plural, shorten
from seedkit.formats.data import MAX_LENGTH, Data, Problem

if TYPE_CHECKING:
    from seedkit.formats.spec import SectionSpec

_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:")


def content_problems(value: str, spec: SectionSpec) -> Iterator[Problem]:
    """Return what is wrong with the text as content of its kind."""
    check = _CHECKS.get(spec.content)
    if check is not None:
        yield from check(value, spec)


def _fields(value: str, spec: SectionSpec) -> Iterator[Problem]:
    """`Key: value` lines; one that starts with space goes on with the field before (RFC 5322)."""
    starts, ends = line_spans(value)
    keys: set[str] = set()
    for a, b in zip(starts, ends, strict=True):
        line = value[a:b]
        if not line.strip() or (line[0] in " \t" and keys):
            continue
        match = _FIELD.match(line)
        if match is None:
            yield Problem(
                SECTION_MALFORMED, f"line is no `Key: value` field: `{shorten(line)}`", a, b
            )
            return
        keys.add(match[1].casefold())
    yield from _missing(spec, lambda key: key.casefold() in keys, len(value))


def _rows(value: str, spec: SectionSpec) -> Iterator[Problem]:
    starts, ends = line_spans(value)
    for a, b in zip(starts, ends, strict=True):
        line = value[a:b]
        found = line.count(spec.separator) + 1
        if line and found != spec.columns:
            message = f"row has {plural(found, 'column')}, {spec.columns} are required"
            yield Problem(SECTION_WRONG_COLUMNS, message, a, b)
        elif line and spec.empty_cells == "forbid":
            cells = line.split(spec.separator)
            if "" in cells:
                message = f"column {cells.index('') + 1} of the row is empty"
                yield Problem(SECTION_MALFORMED, message, a, b)


def _yaml(value: str, spec: SectionSpec) -> Iterator[Problem]:
    from seedkit.formats.yaml_data import read_yaml

    yield from _data(read_yaml, value, spec)


def _json(value: str, spec: SectionSpec) -> Iterator[Problem]:
    from seedkit.formats.data import read_json

    yield from _data(read_json, value, spec)


def _toml(value: str, spec: SectionSpec) -> Iterator[Problem]:
    yield from _data(_read_toml, value, spec)


def _read_toml(value: str) -> Data:
    from seedkit.core.toml import TomlFile, TomlSyntaxError

    try:
        return Data([], TomlFile(value).values)
    except TomlSyntaxError as error:
        start, end = _line_at(value, error.line - 1, error.column - 1)
        return Data(
            [Problem(SECTION_MALFORMED, f"TOML does not parse: {error.message}", start, end)]
        )


def _data(read: Callable[[str], Data], value: str, spec: SectionSpec) -> Iterator[Problem]:
    name, most = spec.content.upper(), MAX_LENGTH[spec.content]
    if len(value) > most:
        message = f"{name} has {len(value):,} characters, at most {most:,} are parsed"
        yield Problem(SECTION_MALFORMED, message, 0, line_end(value, 0))
        return
    data = read(value)
    yield from data.problems
    if any(problem.rule == SECTION_MALFORMED for problem in data.problems):
        return
    if data.keys is not None:
        yield from _missing(spec, data.keys.__contains__, len(value))
    elif spec.mapping or spec.required_keys:
        message = f"{name} is no mapping of keys to values"
        yield Problem(SECTION_MALFORMED, message, data.start, line_end(value, data.start))


def _missing(spec: SectionSpec, has: Callable[[str], bool], end: int) -> Iterator[Problem]:
    missing = [key for key in spec.required_keys if not has(key)]
    if missing:
        listed = ", ".join(f"`{key}`" for key in missing)
        verb = "is" if len(missing) == 1 else "are"
        noun = "key" if len(missing) == 1 else "keys"
        yield Problem(SECTION_MISSING_KEY, f"{noun} {listed} {verb} missing", end, end)


def _line_at(value: str, line: int, column: int) -> tuple[int, int]:
    """The span from a line and column (from 0) to the end of that line.

    TOML ends lines as we do but for a lone CR; a line past ours is the last one.
    """
    starts, ends = line_spans(value)
    line = min(line, len(starts) - 1)
    start = min(starts[line] + column, ends[line])
    return start, ends[line]


_CHECKS: dict[str, Callable[[str, SectionSpec], Iterator[Problem]]] = {
    "fields": _fields,
    "rows": _rows,
    "yaml": _yaml,
    "toml": _toml,
    "json": _json,
}
