"""A format in one line, for people."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from seedkit.core.text import plural, shorten
from seedkit.formats.load import builtin_text

_WHOLE = {
    "rows": "rows of columns",
    "fields": "`Key: value` lines",
    "json": "JSON",
    "yaml": "YAML",
    "toml": "TOML",
}


def describe(values: Mapping[str, Any]) -> str:
    """Return what the format is: how records and sections are told apart."""
    base = values.get("extends")
    if base is not None:
        title: str = tomllib.loads(builtin_text(base.partition(":")[2]))["title"]
        return title
    record = _record(values.get("record"))
    sections = _sections(values)
    return "; ".join(filter(None, (record, sections))) or "plain text"


def _record(record: Mapping[str, Any] | None) -> str:
    if record is None:
        return ""
    match record["mode"]:
        case "block":
            return f"records between {_shown(record['open'])} and {_shown(record['close'])}"
        case "start":
            return f"records that start with {_shown(record['delimiter'])}"
        case "terminator":
            return f"records that end with {_shown(record['delimiter'])}"
        case _:
            return f"records with {_shown(record['delimiter'])} between them"


def _sections(values: Mapping[str, Any]) -> str:
    sections = values["section"]
    joined = values.get("sections", {}).get("delimiter")
    names = ", ".join(section["name"] for section in sections)
    if joined is not None:
        return f"{plural(len(sections), 'section')} with {_shown(joined)} between: {names}"
    if len(sections) == 1:
        content = sections[0].get("content", "text")
        whole = _WHOLE.get(content, "")
        return whole or ("" if "record" in values else "plain text")
    return f"labelled sections: {names}"


def _shown(delimiter: str | Mapping[str, Any]) -> str:
    if isinstance(delimiter, Mapping):
        return f"lines like `{shorten(delimiter['pattern'], 40)}`"
    names = {"": "an empty line", "\n": "a newline", "\n\n": "an empty line", "\t": "a tab"}
    return names.get(delimiter) or f"`{shorten(delimiter.strip(chr(10)), 40)}`"
