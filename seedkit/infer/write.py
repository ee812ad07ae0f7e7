"""Formats and settings as TOML that people read: one key a line, with the evidence next to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seedkit.core.text import is_hidden, visible

_WIDTH = 100
_COMMENT = 34  # the column at which comments stand, where there is room
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ORDER = ("title", "extends", "files", "file", "record", "sections", "section", "rule")


def format_toml(values: Mapping[str, Any], notes: Mapping[tuple[Any, ...], str], head: str) -> str:
    """Return a format as TOML; `notes` say why a key has its value, `head` is about the whole."""
    parts = ["".join(f"# {line}\n" for line in head.split("\n"))]
    top = [key for key in _ORDER if key in values and not _is_table(values[key])]
    parts.append("".join(_line(key, values[key], notes.get((key,), "")) for key in top))
    for key in _ORDER:
        value = values.get(key)
        if isinstance(value, Mapping):
            parts.append(_table(f"[{key}]", value, notes, (key,)))
        elif isinstance(value, list) and _is_table(value):
            parts += (
                _table(f"[[{key}]]", each, notes, (key, index)) for index, each in enumerate(value)
            )
    return "\n".join(parts)


def settings_toml(lines: Sequence[tuple[str, Any, str]], head: str) -> str:
    """Return settings as TOML: keys, their values, and why."""
    body = "".join(_line(key, value, note) for key, value, note in lines)
    return "".join(f"# {line}\n" for line in head.split("\n")) + ("\n" + body if body else "")


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and _is_table(value)


def _is_table(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], Mapping)
    return isinstance(value, Mapping)


def _table(
    title: str,
    table: Mapping[str, Any],
    notes: Mapping[tuple[Any, ...], str],
    path: tuple[Any, ...],
) -> str:
    keys = sorted(table, key=lambda key: key != "name" or path[0] != "section")
    plain = [key for key in keys if not _is_tables(table[key])]
    text = f"{title}\n" + "".join(_line(k, table[k], notes.get((*path, k), "")) for k in plain)
    for key in keys:
        for index, each in enumerate(table[key] if _is_tables(table[key]) else ()):
            text += "\n" + _table(f"[[{path[0]}.{key}]]", each, notes, (*path, key, index))
    return text


def _line(key: str, value: Any, note: str) -> str:
    text = f"{key} = {toml_value(value)}"
    if len(text) > _WIDTH and isinstance(value, list):
        text = f"{key} = [\n" + "".join(f"  {toml_value(each)},\n" for each in value) + "]"
    comment = visible(note)
    if not comment:
        return f"{text}\n"
    line = f"{text:<{_COMMENT - 1}} # {comment}"
    if "\n" in text or len(line) > _WIDTH:
        return "".join(f"# {line}\n" for line in _wrapped(comment)) + f"{text}\n"
    return f"{line}\n"


def _wrapped(text: str) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if line and len(line) + len(word) > _WIDTH - 4:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def toml_value(value: Any) -> str:
    """Return a value as TOML: patterns in single quotes, where a backslash is one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:_}" if isinstance(value, int) and value >= 10_000 else str(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {toml_value(each)}" for key, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return f"[{', '.join(map(toml_value, value))}]"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _string(text: str) -> str:
    if "\\" in text and "'" not in text and all(map(_is_plain, text)):
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return '"' + "".join(c if _is_plain(c) else _escaped(c) for c in escaped) + '"'


def _is_plain(char: str) -> bool:
    return char.isprintable() and not is_hidden(char)


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:  # a byte of a name that is not UTF-8: TOML has no way to say it
        return "\\uFFFD"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
