"""Turns what pydantic and tomllib refuse into diagnostics with a file, a place and a remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from seedkit.core.diagnostic import Diagnostic, Place, Position
from seedkit.core.rules import (
    CONFIG_BAD_PATTERN,
    CONFIG_INCONSISTENT_FORMAT,
    CONFIG_INVALID_TOML,
    CONFIG_INVALID_VALUE,
    CONFIG_UNKNOWN_KEY,
    CONFIG_UNKNOWN_RULE,
    Rule,
)
from seedkit.core.text import LineIndex, shorten, visible
from seedkit.core.toml import KeyPath, TomlFile, TomlSyntaxError

_SHOWN = 100  # faults of one file

_TYPES = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "bool_type": "`true` or `false`",
    "list_type": "an array",
    "dict_type": "a table",
    "string_or_table": "a string, an array of strings or a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
_BOUNDS = {
    "greater_than": "more than",
    "greater_than_equal": "at least",
    "less_than": "less than",
    "less_than_equal": "at most",
}
_TOO_LONG = {"too_long": "entries", "string_too_long": "characters"}
_NO_TABLE = ("model_type", "model_attributes_type", "dict_type")
_KINDS: dict[type, str] = {str: "a string", bool: "a boolean", int: "an integer", float: "a number",
                           list: "an array", dict: "a table"}  # fmt: skip


class TomlSource:
    """A TOML file of the corpus: its path, its text, its values and where their keys stand."""

    def __init__(self, path: str, data: bytes) -> None:
        """Parse the bytes; raises `InvalidToml` with the diagnostic."""
        self.path = path
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            where = data[: error.start].decode("utf-8")
            index = LineIndex(where)
            at = Position(*index.position(len(where)))
            raise InvalidToml(
                _invalid("file is not UTF-8", "save it as UTF-8", Place(path, at, at))
            ) from None
        self._index = LineIndex(text)
        try:
            self.file = TomlFile(text)
        except TomlSyntaxError as error:
            offset = (
                sum(len(line) + 1 for line in text.split("\n")[: error.line - 1]) + error.column - 1
            )
            at = Position(*self._index.position(offset))
            message = f"file is not valid TOML: {visible(error.message)}"
            raise InvalidToml(_invalid(message, error.help, Place(path, at, at))) from None

    def place(self, path: KeyPath) -> Place:
        """Return where the key stands; the whole file if it is not there at all."""
        span = self.file.span(path)
        if span is None:
            return Place(self.path)
        return Place(self.path, *(Position(*self._index.position(at)) for at in span))


class InvalidToml(Exception):
    """The file does not parse; `diagnostic` says where."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def invalid_values(
    errors: Sequence[Mapping[str, Any]],
    source: TomlSource,
    known: Mapping[tuple[str, ...], Sequence[str]],
    prefix: KeyPath = (),
) -> list[Diagnostic]:
    """Translate pydantic's errors. `known` maps tables to their keys, to suggest the right one."""
    found: list[Diagnostic] = []
    for error in errors[:_SHOWN]:
        location, kind = error["loc"], error["type"]
        path = _keys_only(location, kind, known)
        context = error.get("ctx") or {}
        cause = context.get("error")
        if location[-1:] != path[-1:] and location[-1] != "[key]":  # of one member of a union
            if kind in _NO_TABLE or (
                kind == "string_type" and isinstance(error.get("input"), dict)
            ):
                continue  # the other member complains
            kind = "string_or_table" if kind == "string_type" else kind
        path += tuple(getattr(cause, "path", ()))
        place = source.place(prefix + path + _key_at_fault(path, cause, source, prefix))
        key = shorten(".".join(part for part in path if isinstance(part, str)))
        if kind == "extra_forbidden":
            found.append(_unknown(path, place, known))
            continue
        rule, message = _explained(kind, key, error, context, cause)
        found.append(rule.diagnostic(message, place))
    found = _without_consequences(found)
    if len(errors) > _SHOWN:
        message = f"{len(errors) - _SHOWN:,} more faults are not shown"
        found.append(CONFIG_INVALID_VALUE.diagnostic(message, Place(source.path)))
    return found


def _key_at_fault(path: KeyPath, cause: object, source: TomlSource, prefix: KeyPath) -> KeyPath:
    """The key that a message about a whole table begins with, if it is in the file."""
    first = re.match("`(\\w+)", str(cause))
    if first is None or source.file.span((*prefix, *path, first[1])) is None:
        return ()
    return (first[1],)


def _without_consequences(found: list[Diagnostic]) -> list[Diagnostic]:
    """A key that is missing because it is misspelt is one fault, and the misspelling is it."""
    similar = {each.help for each in found if each.rule == CONFIG_UNKNOWN_KEY.name}
    return [each for each in found if f"`{_missing_key(each)}` is similar" not in similar]


def _missing_key(diagnostic: Diagnostic) -> str | None:
    """The key that the diagnostic says is missing."""
    if not diagnostic.message.endswith("` is missing"):
        return None
    return diagnostic.message.removesuffix("` is missing").rpartition(".")[2].strip("`")


def _keys_only(
    location: Sequence[str | int], kind: str, known: Mapping[tuple[str, ...], Sequence[str]]
) -> KeyPath:
    """The location without what is no key: the names that pydantic gives members of a union."""
    path: KeyPath = ()
    for position, part in enumerate(location):
        names = known.get(_names(path)) if isinstance(part, str) else None
        unknown_key = kind == "extra_forbidden" and position == len(location) - 1
        if unknown_key or (part != "[key]" and (names is None or part in names)):
            path += (part,)
    return path


def _names(path: KeyPath) -> tuple[str, ...]:
    return tuple(part for part in path if isinstance(part, str))


def _explained(
    kind: str, key: str, error: Mapping[str, Any], context: Mapping[str, Any], cause: object
) -> tuple[Rule, str]:
    given = _shown(error.get("input"))
    if kind == "too_short":
        return CONFIG_INVALID_VALUE, f"`{key}` must not be empty"
    if kind == "value_error":
        text = visible(str(cause))
        if hasattr(cause, "path"):
            return CONFIG_INCONSISTENT_FORMAT, text
        if text.startswith("there is no rule or family"):
            return CONFIG_UNKNOWN_RULE, f"`{key}`: {text}"
        if text.startswith("the pattern"):
            return CONFIG_BAD_PATTERN, f"`{key}`: {text}"
        return CONFIG_INVALID_VALUE, f"`{key}`: {text}" if key else text
    if kind == "literal_error":
        expected = context.get("expected", "").replace("'", "`").replace(" or ", ", ")
        one_of = "one of " if ", " in expected else ""
        return CONFIG_INVALID_VALUE, f"`{key}` must be {one_of}{expected}, not {given}"
    if kind in _BOUNDS:
        least = next(iter(context.values()))
        bound = f"{least:,}" if isinstance(least, int) else f"{least:g}"
        return CONFIG_INVALID_VALUE, f"`{key}` must be {_BOUNDS[kind]} {bound}, not {given}"
    if kind in _TOO_LONG:
        most, given_length = context["max_length"], len(error["input"])
        what = f"an entry of `{key}`" if isinstance(error["loc"][-1], int) else f"`{key}`"
        message = f"{what} has {given_length:,} {_TOO_LONG[kind]}, at most {most:,} are allowed"
        return CONFIG_INVALID_VALUE, message
    if kind == "int_parsing_size":
        return CONFIG_INVALID_VALUE, f"`{key}` is too large a number: {given}"
    if kind == "missing":
        return CONFIG_INVALID_VALUE, f"`{key}` is missing"
    if kind in _TYPES:
        name = _KINDS.get(type(error.get("input")), "another value")
        return CONFIG_INVALID_VALUE, f"`{key}` must be {_TYPES[kind]}, not {name}"
    message = error["msg"][:1].lower() + error["msg"][1:]
    return CONFIG_INVALID_VALUE, f"`{key}`: {message}, not {given}"


def _unknown(
    path: KeyPath, place: Place, known: Mapping[tuple[str, ...], Sequence[str]]
) -> Diagnostic:
    import difflib

    *inner, key = _names(path)
    table = tuple(inner)
    near = difflib.get_close_matches(key, known.get(table, ()), n=1)
    where = f" in `{_heading(table)}`" if table else ""
    homes = sorted(each for each, keys in known.items() if key in keys)
    if key == "tool" and not table:
        remedy = "in seedkit.toml, keys stand at the top, without the header `[tool.seedkit]`"
    elif homes and homes[0] == ():
        remedy = f"it belongs at the top of the file, above `{_heading(table)}`"
    elif homes:
        remedy = f"it is a key of {' or '.join(f'`{_heading(each)}`' for each in homes)}"
    else:
        remedy = f"`{near[0]}` is similar" if near else "remove it"
    message = f"unknown key `{shorten(key)}`{where}"
    return CONFIG_UNKNOWN_KEY.diagnostic(message, place, help=remedy)


def _heading(table: tuple[str, ...]) -> str:
    return f"[[{table[0]}]]" if table in (("section",), ("rule",)) else f"[{'.'.join(table)}]"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"`{shorten(value)}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int) and value.bit_length() > 1000:  # Python refuses to write it
        return f"`{shorten(hex(value), 20)}`"
    if isinstance(value, int | float):
        return f"`{shorten(str(value), 30)}`"
    return _KINDS.get(type(value), "another value")


def _invalid(message: str, help: str, place: Place) -> Diagnostic:
    return CONFIG_INVALID_TOML.diagnostic(message, place, help=help)


def table_keys(model: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], list[str]]:
    """Return, for a pydantic model and each model within it, the path of the table and its keys."""
    known = {path: [info.alias or name for name, info in model.model_fields.items()]}
    for name, info in model.model_fields.items():
        for inner in _models(info.annotation):
            known.update(table_keys(inner, (*path, name)))
    return known


def _models(annotation: Any) -> list[Any]:
    if hasattr(annotation, "model_fields"):
        return [annotation]
    return [
        model for argument in getattr(annotation, "__args__", ()) for model in _models(argument)
    ]
