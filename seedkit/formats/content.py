"""Checks that a section's text is what its `content` says: fields, rows, YAML, TOML or JSON.

Each check returns problems as values: a kind, a message and a span in the section's text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, time
from typing import TYPE_CHECKING, Any

from seedkit.core.rules import SECTION_MALFORMED, SECTION_MISSING_KEY, SECTION_WRONG_COLUMNS
from seedkit.core.text import as_written, line_end, line_spans, plural
from seedkit.formats.data import MAX_LENGTH, Data, Problem, read_json
from seedkit.formats.fields import Node, shape_of
from seedkit.formats.json_tree import json_tree, plain
from seedkit.formats.values import Timestamp, Untyped

if TYPE_CHECKING:
    from seedkit.formats.spec import SectionSpec

_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:")


def content_problems(value: str, spec: SectionSpec) -> Iterator[Problem]:
    """Return what is wrong with the text as content of its kind, its fields aside."""
    check = _CHECKS.get(spec.content)
    if check is not None:
        yield from check(value, spec)


class Declared:
    """Checks the data in a section by what is declared of its fields."""

    def __init__(self, spec: SectionSpec) -> None:
        self._spec = spec
        self.content = spec.content
        lines = spec.content == "fields"
        self._shape = shape_of(spec.field, allows_unknown=spec.unknown == "allow", fold=lines)
        accepts = self._shape.accepts() if spec.field else None
        self._schema = None
        if spec.schema_ is not None:
            from seedkit.formats.json_schema_check import SchemaCheck  # here: few formats have one

            self._schema = SchemaCheck(spec.schema_)
        self._tests = [test for test in (accepts, self._schema and self._schema.accepts) if test]
        self._last: tuple[str, Any] = (
            "",
            None,
        )  # the JSON that was read last, if it is as declared

    def problems(self, value: str) -> list[Problem]:
        """Return what is wrong with a text as content of its kind, and with its fields."""
        if self._spec.content == "json" and not self._spec.required_keys:
            data = read_json(value) if len(value) <= MAX_LENGTH["json"] else None
            if data is not None and not data.problems and self._accepts(data.value):
                self._last = value, data.value
                return []
        found = list(content_problems(value, self._spec))
        if not any(problem.rule == SECTION_MALFORMED for problem in found):
            tree = tree_of(value, self._spec.content)
            found += self._shape.problems(tree, value) if self._spec.field else ()
            said = {(problem.start, problem.end) for problem in found}
            more = self._schema.problems(tree, value) if self._schema is not None else ()
            found += [each for each in more if (each.start, each.end) not in said]
        return sorted(found, key=lambda problem: (problem.start, problem.end))

    def _accepts(self, value: Any) -> bool:
        return all(accepts(value) for accepts in self._tests)

    def read(self, value: str) -> Any:
        """Return the data in a text, None if it is malformed."""
        if self._last[0] is value or self._last[0] == value:
            return self._last[1]
        tree = self.tree(value)
        return None if tree is None else plain(tree)

    def tree(self, value: str) -> Node | None:
        """Return the data in a text as a tree, None if it is malformed."""
        problems = content_problems(value, self._spec)
        if any(problem.rule == SECTION_MALFORMED for problem in problems):
            return None
        return tree_of(value, self._spec.content)


def tree_of(value: str, content: str) -> Node:
    """Return the data in a text in which `content_problems` finds nothing malformed."""
    if content == "json":
        return json_tree(value)
    if content == "yaml":
        from seedkit.formats.yaml_data import yaml_tree

        return yaml_tree(value)
    return _toml_tree(value) if content == "toml" else _fields_tree(value)


def _toml_tree(value: str) -> Node:
    from seedkit.core.toml import TomlFile

    file = TomlFile(value)

    def tree(found: Any, path: tuple[str | int, ...]) -> Node:
        start, end = file.value_span(path) if path else (0, len(value))
        if isinstance(found, dict):
            keys = {key: file.span((*path, key)) or (start, end) for key in found}
            values = {key: tree(each, (*path, key)) for key, each in found.items()}
            return Node(values, start, end, keys, value[end - 1 : end] == "}")
        if isinstance(found, list):
            return Node([tree(each, (*path, i)) for i, each in enumerate(found)], start, end)
        if isinstance(found, date | time):
            return Node(Timestamp(value[start:end]), start, end)
        return Node(found, start, end)

    return tree(file.values, ())


def _fields_tree(value: str) -> Node:
    values: dict[str, Node] = {}
    keys: dict[str, tuple[int, int]] = {}
    key = ""
    starts, ends = line_spans(value)
    for a, b in zip(starts, ends, strict=True):
        line = value[a:b]
        match = _FIELD.match(line)
        if not line.strip():
            continue
        if line[0] in " \t" and key:
            start = values[key].start
            values[key] = Node(Untyped(value[start:b].rstrip()), start, b)
        elif match is not None:
            key = match[1].casefold()
            rest = line[match.end() :]
            start = a + match.end() + len(rest) - len(rest.lstrip())
            keys[key] = a, a + len(match[1])
            values[key] = Node(Untyped(rest.strip()), start, max(start, a + len(line.rstrip())))
    return Node(values, 0, len(value), keys, bracketed=False)


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
                SECTION_MALFORMED, f"line is no `Key: value` field: `{as_written(line)}`", a, b
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
