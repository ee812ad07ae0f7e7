"""Judges the data in a section by a JSON Schema, and finds the value or key that breaks it.

jsonschema-rs judges a value as a parser returns it; its errors name paths in the value, which are
looked up in the tree of nodes that know where they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from seedkit.core.rules import SECTION_SCHEMA_MISMATCH
from seedkit.core.text import plural, shorten
from seedkit.formats.data import Problem
from seedkit.formats.fields import Node, near_key
from seedkit.formats.json_schema import compiled, weigh
from seedkit.formats.values import kind_of

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_Path = tuple[str | int, ...]
_TYPES = {"object": "an object", "array": "a list", "integer": "an integer", "string": "text",
          "number": "a number", "boolean": "a boolean", "null": "null"}  # fmt: skip
_BOUNDS = {
    "Minimum": "less than", "Maximum": "more than", "ExclusiveMinimum": "not more than",
    "ExclusiveMaximum": "not less than", "MinLength": "shorter than", "MaxLength": "longer than",
    "MinItems": "with fewer than", "MaxItems": "with more than",
    "MinProperties": "with fewer than", "MaxProperties": "with more than",
}  # fmt: skip
_UNITS = {"Length": "character", "Items": "item", "Properties": "property"}
_OTHERS = {
    "UniqueItems": "with an item that occurs twice",
    "Contains": "without an item that the schema requires",
    "OneOfMultipleValid": "which fits more than one of the alternatives, but must fit just one",
    "UnevaluatedItems": "with items that the schema does not allow",
}
_STEPS = 20_000_000  # of judging one record
_BYTES = 150_000_000  # that errors of one record may take
_SHOWN = 20  # mismatches of one record, and values in a message


class SchemaCheck:
    """Judges data by the schema with this text, which is one that can be used."""

    def __init__(self, text: str) -> None:
        self._validator = compiled(text)
        self._weight = weigh(json.loads(text))

    def accepts(self, value: Any) -> bool:
        """Tell whether a value of JSON, as a parser returns it, is as the schema says."""
        if self._excess(*_depth_and_count(value)):
            return False
        try:
            return self._validator.is_valid(value)
        except ValueError:
            return False

    def _excess(self, depth: int, count: int) -> str:
        """Say what of a record is too much for the schema; empty if nothing is."""
        if depth > self._weight.depth:
            return f"is nested more than {self._weight.depth} deep"
        return f"has {count:,} values" if self._weight.time(count) > _STEPS else ""

    def problems(self, tree: Node, text: str) -> list[Problem]:
        """Return what is not as the schema says, each at the value or key itself.

        `text` is that of the section, in which the nodes are.
        """
        value = _plain(tree)
        depth, count = _depth_and_count(value)
        if excess := self._excess(depth, count):
            message = f"data {excess}: its schema would take too long"
            return [_problem(message, tree.start, tree.end)]
        if self._weight.memory(count, len(text)) > _BYTES:
            if self.accepts(value):
                return []
            message = "data is not as the schema says, and too large for it to say where"
            return [_problem(message, tree.start, tree.end)]
        found: dict[tuple[int, int], Problem] = {}  # one where several schemas say the same
        try:
            errors = list(islice(self._validator.iter_errors(value), _SHOWN))
            misspelt = _misspelt(errors)
            for error in errors:
                for problem in _problems(error, tree, text, misspelt):
                    found.setdefault((problem.start, problem.end), problem)
        except UnicodeEncodeError:  # of bytes that can't be decoded: that is a finding of its own
            return []
        except ValueError as error:
            return [_problem(f"data can't be checked: {shorten(str(error))}", tree.start, tree.end)]
        return list(found.values())


def _plain(node: Node) -> Any:
    """The value as JSON has it: dates of YAML and TOML are text."""
    if isinstance(node.value, dict):
        return {key: _plain(value) for key, value in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(item) for item in node.value]
    return str(node.value) if isinstance(node.value, str) else node.value


def _misspelt(errors: Sequence[ValidationError]) -> dict[_Path, _Path]:
    """Keys that are not in the schema, and which required key each of them may be meant as."""
    said = [(tuple(error.instance_path), error.kind.as_dict()) for error in errors]
    missing = [(path, each["property"]) for path, each in said if "property" in each]
    found: dict[_Path, _Path] = {}
    for path, each in said:
        for key in map(str, each.get("unexpected", ())):
            wanted = [k for p, k in missing if p == path and (*p, k) not in found.values()]
            near = near_key(key, wanted)
            if near is not None:
                found[*path, key] = (*path, near)
    return found


def _depth_and_count(value: Any) -> tuple[int, int]:
    """How deep values are nested, and how many there are."""
    depth, count, level = 0, 1, [value]
    while True:
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return depth, count
        depth, count = depth + 1, count + len(level)


def _problems(
    error: ValidationError, tree: Node, text: str, misspelt: Mapping[_Path, _Path]
) -> Iterator[Problem]:
    """What is wrong by an error; one that stands for several alternatives, by the one meant."""
    kind, said = type(error.kind).__name__, error.kind.as_dict()
    for each in (meant := _meant(error, kind, said)):
        yield from _problems(each, tree, text, misspelt)
    if meant:
        return
    node, path, at = tree, "", tuple(error.instance_path)
    for part in error.instance_path:
        node = node.value[part]
        path = f"{path}[{part}]" if isinstance(part, int) else f"{path}.{part}" if path else part
    if kind == "Required":
        if (*at, said["property"]) not in misspelt.values():
            message = f"key {_inner(path, said['property'])} is missing"
            yield _problem(message, node.end - node.bracketed, node.end)
    elif kind in ("AdditionalProperties", "UnevaluatedProperties"):
        for key in said["unexpected"]:
            near = misspelt.get((*at, key))
            help_ = f": it requires `{near[-1]}`" if near else ""
            message = f"key {_inner(path, key)} is not in the schema{help_}"
            yield _problem(message, *_span(node, key))
    elif kind == "PropertyNames":
        key = str(said["error"].instance)
        yield _problem(f"{_inner(path, key)} is no key the schema allows", *_span(node, key))
    elif kind == "AdditionalItems":
        extra = node.value[said["limit"] :]
        count = plural(len(node.value), "item")
        message = f"`{shorten(path)}` has {count}, the schema allows {said['limit']:,}"
        yield _problem(message, extra[0].start, extra[-1].end)
    else:
        what = f"`{shorten(path)}` is" if path else "record is"
        message = (
            f"{what} {kind_of(node.value, text[node.start : node.end])}, {_wanted(kind, said)}"
        )
        yield _problem(message, node.start, node.end)


def _problem(message: str, start: int, end: int) -> Problem:
    return Problem(SECTION_SCHEMA_MISMATCH, message, start, end)


def _inner(path: str, key: str) -> str:
    return f"`{shorten(f'{path}.{key}' if path else key)}`"


def _span(node: Node, key: str) -> tuple[int, int]:
    return (node.keys or {}).get(key, (node.start, node.end))


def _meant(error: ValidationError, kind: str, said: dict[str, Any]) -> Sequence[ValidationError]:
    """The errors of the one alternative that a value is meant as: the only one of its type."""
    if kind not in ("AnyOf", "OneOfNotValid"):
        return ()
    alike = [
        errors
        for errors in said["context"]
        if not any(
            each.instance_path == error.instance_path
            and type(each.kind).__name__ in ("Type", "Constant", "Enum")
            for each in errors
        )
    ]
    return alike[0] if len(alike) == 1 else ()


def _wanted(kind: str, said: dict[str, Any]) -> str:
    """What a value should be, after `x is y, `."""
    if kind in _BOUNDS:
        unit = next((unit for name, unit in _UNITS.items() if kind.endswith(name)), None)
        limit = said["limit"]
        return f"{_BOUNDS[kind]} {plural(limit, unit) if unit else _json(limit)}"
    match kind:
        case "Type":
            return f"not {' or '.join(_TYPES[each] for each in sorted(said['types']))}"
        case "Enum":
            listed = ", ".join(f"`{_json(option)}`" for option in said["options"][:_SHOWN])
            more = ", …" if len(said["options"]) > _SHOWN else ""
            return f"not {'one of ' * (len(said['options']) > 1)}{listed}{more}"
        case "Constant":
            return f"not `{_json(said['expected_value'])}`"
        case "Format":
            return f"not in the format `{said['format']}`"
        case "Pattern":
            return f"which does not match `{shorten(said['pattern'])}`"
        case "MultipleOf":
            return f"not a multiple of {_json(said['multiple_of'])}"
        case "AnyOf" | "OneOfNotValid":
            return f"which fits none of {plural(len(said['context']), 'alternative')}"
    return _OTHERS.get(kind, "which the schema does not allow")


def _json(value: Any) -> str:
    return shorten(json.dumps(value, ensure_ascii=False), 60)
