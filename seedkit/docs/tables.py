"""Tables of the keys of a pydantic model, from its annotations and docstrings."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

_TYPES: dict[object, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def key_table(model: type[BaseModel]) -> str:
    """Return a Markdown table of the model's keys: name, value, default, meaning."""
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for name, info in model.model_fields.items():
        meaning = cell(" ".join((info.description or "").split()))
        rows.append(f"| `{name}` | {_type(info.annotation)} | {_default(info)} | {meaning} |")
    return "\n".join(rows) + "\n"


def cell(text: str) -> str:
    """Return the text as it is written in a cell of a table."""
    return text.replace("|", "\\|")


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{_toml(value)}`" for value in arguments)
    if origin in (Union, UnionType):
        return " or ".join(_type(each) for each in arguments if each is not NoneType)
    if origin is list:
        return "tables" if _is_table(arguments[0]) else f"array of {_type(arguments[0])}s"
    if origin is dict:
        return f"table of {_type(arguments[1])}"
    if origin is not None:  # Annotated
        return _type(arguments[0])
    return "table" if _is_table(annotation) else _TYPES[annotation]


def _is_table(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    default = info.default
    empty = default in (None, "", [], {}) or _is_table(type(default))
    return "" if empty else f"`{_toml(default)}`"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:_}" if value >= 10_000 else str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace("\t", "\\t") + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value)
