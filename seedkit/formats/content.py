"""Is a section's text what its `content` says: fields, rows, YAML, TOML or JSON?

Each check returns problems as values: a kind, a message and a span in the section's text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from seedkit.text import line_spans, plural, shorten

if TYPE_CHECKING:
    from seedkit.formats.spec import SectionSpec

_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:")


class Problem(NamedTuple):
    """What is wrong, and where in the section's text, in code points."""

    kind: Literal["malformed", "missing-key", "columns"]
    message: str
    start: int
    end: int


def check_content(value: str, spec: SectionSpec) -> Iterator[Problem]:
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
            yield Problem("malformed", f"line is no `Key: value` field: `{shorten(line)}`", a, b)
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
            yield Problem("columns", message, a, b)
        elif line and spec.empty_cells == "forbid":
            cells = line.split(spec.separator)
            if "" in cells:
                message = f"column {cells.index('') + 1} of the row is empty"
                yield Problem("malformed", message, a, b)


def _yaml(value: str, spec: SectionSpec) -> Iterator[Problem]:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # strings only: constructs no objects
    try:
        data = yaml.load(value, loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = (error.problem or error.context or "invalid").replace("'", "`")
        start, end = _line_at(value, mark.line if mark else 0, mark.column if mark else 0)
        yield Problem("malformed", f"YAML does not parse: {reason}", start, end)
    except (yaml.YAMLError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        yield Problem("malformed", f"YAML does not parse: {shorten(reason, 120)}", 0, len(value))
    except RecursionError:
        yield Problem("malformed", "YAML is nested too deeply", 0, len(value))
    else:
        yield from _keys(data, spec, value)


def _json(value: str, spec: SectionSpec) -> Iterator[Problem]:
    import json

    try:
        data = json.loads(value)
    except json.JSONDecodeError as error:
        start, end = _line_at(value, error.lineno - 1, error.colno - 1)
        message = f"JSON does not parse: {error.msg[:1].lower()}{error.msg[1:]}"
        yield Problem("malformed", message, start, end)
    except (RecursionError, ValueError):
        message = "JSON is nested too deeply, or a number is too long"
        yield Problem("malformed", message, 0, len(value))
    else:
        yield from _keys(data, spec, value)


def _toml(value: str, spec: SectionSpec) -> Iterator[Problem]:
    from seedkit.toml import TomlFile, TomlSyntaxError

    try:
        data = TomlFile(value).values
    except TomlSyntaxError as error:
        start, end = _line_at(value, error.line - 1, error.column - 1)
        yield Problem("malformed", f"TOML does not parse: {error.message}", start, end)
    else:
        yield from _keys(data, spec, value)


def _keys(data: object, spec: SectionSpec, value: str) -> Iterator[Problem]:
    if not spec.required_keys:
        return
    if not isinstance(data, Mapping):
        message = f"{spec.content.upper()} is no mapping of keys to values"
        yield Problem("malformed", message, 0, line_spans(value)[1][0])
        return
    yield from _missing(spec, data.__contains__, len(value))


def _missing(spec: SectionSpec, has: Callable[[str], bool], end: int) -> Iterator[Problem]:
    missing = [key for key in spec.required_keys if not has(key)]
    if missing:
        listed = ", ".join(f"`{key}`" for key in missing)
        verb = "is" if len(missing) == 1 else "are"
        noun = "key" if len(missing) == 1 else "keys"
        yield Problem("missing-key", f"{noun} {listed} {verb} missing", end, end)


def _line_at(value: str, line: int, column: int) -> tuple[int, int]:
    """The span from a line and column (from 0) to the end of that line.

    YAML and JSON count lines as they do; a line past ours is the last one.
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
