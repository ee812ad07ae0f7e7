"""Parts of the documentation that are generated from the code, so that they can't be wrong."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from seedkit.formats.load import builtin_format, builtin_names
from seedkit.formats.spec import (
    ChoiceSpec,
    CommentsSpec,
    EscapeSpec,
    FileSpec,
    FormatSpec,
    HashSpec,
    PatternDelimiter,
    RecordSpec,
    SectionSpec,
    SectionsSpec,
)

_TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("Top level", FormatSpec),
    ("`[file]`", FileSpec),
    ("`[file] hash = { … }`", HashSpec),
    ("`[record]`", RecordSpec),
    ("`delimiter = { pattern = … }`", PatternDelimiter),
    ("`[sections]`", SectionsSpec),
    ("`[[section]]`", SectionSpec),
    ("`[[rule]]`", ChoiceSpec),
    ("`[escape]`", EscapeSpec),
    ("`[comments]`", CommentsSpec),
)
_TYPES: dict[object, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def format_reference() -> str:
    """Return the reference of the format language as Markdown: every table and key."""
    return "\n".join(_table(title, model) for title, model in _TABLES)


def format_table() -> str:
    """Return the built-in formats as a Markdown table."""
    rows = ["| name | what it is | sections |", "|---|---|---|"]
    for name in builtin_names():
        spec = builtin_format(name, [])
        sections = [f"`{section.name}`" for section in spec.section]
        listed = ", ".join(sections[:8]) + (", …" if len(sections) > 8 else "")
        rows.append(f"| `{name}` | {_cell(spec.title)} | {listed} |")
    return "\n".join(rows) + "\n"


def _table(title: str, model: type[BaseModel]) -> str:
    summary = " ".join((model.__doc__ or "").split())
    rows = [
        f"### {title}",
        "",
        summary,
        "",
        "| key | value | default | meaning |",
        "|---|---|---|---|",
    ]
    for name, info in model.model_fields.items():
        meaning = _cell(" ".join((info.description or "").split()))
        rows.append(f"| `{name}` | {_type(info.annotation)} | {_default(info)} | {meaning} |")
    return "\n".join(rows) + "\n"


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{_toml(value)}`" for value in arguments)
    if origin in (Union, UnionType):
        return " or ".join(_type(each) for each in arguments if each is not NoneType)
    if origin is list:
        return "tables" if _is_table(arguments[0]) else f"array of {_type(arguments[0])}s"
    if origin is not None:  # Annotated
        return _type(arguments[0])
    return "table" if _is_table(annotation) else _TYPES[annotation]


def _is_table(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    default = info.default
    return "" if default in (None, "", []) or _is_table(type(default)) else f"`{_toml(default)}`"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:_}" if value >= 10_000 else str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace("\t", "\\t") + '"'
    return str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
