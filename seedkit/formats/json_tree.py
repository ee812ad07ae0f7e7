"""JSON as a tree of values that know where they are: a scanner in Python, for texts with a finding.

It is given only texts that Python's parser takes, and only where places are wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]  # it is there, and in C
from typing import Any

from seedkit.formats.fields import Node

_BLANK = re.compile(r"[ \t\n\r]*")
_BLANKS = frozenset(" \t\n\r")
_SCALAR = re.compile(r"[^\s,\]}:]+")
_CONSTANTS = {"null": None, "true": True, "false": False}


def json_tree(text: str) -> Node:
    """Return the tree of a text that is JSON. Of a key that is there twice, the last one counts."""
    return _value(text, _skip(text, 0))


def _skip(text: str, at: int) -> int:
    if text[at : at + 1] not in _BLANKS:
        return at
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _value(text: str, at: int) -> Node:
    first = text[at]
    if first == '"':
        value, end = scanstring(text, at + 1)
        return Node(value, at, end)
    if first == "{":
        return _object(text, at)
    if first == "[":
        return _list(text, at)
    match = _SCALAR.match(text, at)
    assert match is not None  # it is JSON
    return Node(_scalar(match[0]), at, match.end())


def _object(text: str, start: int) -> Node:
    values: dict[str, Node] = {}
    keys: dict[str, tuple[int, int]] = {}
    at = _skip(text, start + 1)
    while text[at] != "}":
        key, end = scanstring(text, at + 1)
        value = _value(text, _skip(text, _skip(text, end) + 1))
        keys[key] = at, end
        values[key] = value
        at = _skip(text, value.end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return Node(values, start, at + 1, keys)


def _list(text: str, start: int) -> Node:
    items: list[Node] = []
    at = _skip(text, start + 1)
    while text[at] != "]":
        item = _value(text, at)
        items.append(item)
        at = item.end
        if text[at] != ",":
            at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return Node(items, start, at + 1)


def _scalar(token: str) -> Any:
    if token.isdigit() and len(token) < 4000:  # most are
        return int(token)
    if token in _CONSTANTS:
        return _CONSTANTS[token]
    if set(token) & set(".eEIN"):
        return float(token)
    return int(token) if len(token) < 4000 else float(token)


def plain(node: Node) -> Any:
    """Return the value as Python's parser returns it."""
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    return node.value


_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u.{4}|.)")
_MEANINGS = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " ", '"': '"', "\\": "\\", "/": "/"}
_HIDDEN = "\u2060"  # neither separates words nor counts


def unescaped(raw: str) -> str:
    """Return what a string of JSON says, as long as it is written.

    An escape becomes the character that it stands for, and some that mean nothing, so that every
    other character keeps its place.
    """
    return _ESCAPE.sub(_meant, raw) if "\\" in raw else raw


def _meant(match: re.Match[str]) -> str:
    escape = match[0]
    if escape[1] != "u":
        meant = _MEANINGS.get(escape[1], " ")
        return meant + (" " if meant != "\n" else "\n")
    char: str = scanstring(f'{escape}"', 0)[0]
    filler = " " if char.isascii() and not char.isalnum() else _HIDDEN
    return char + filler * (len(escape) - len(char))


def strings_of(node: Node) -> Iterator[Node]:
    """Return every value in a tree that is text."""
    if isinstance(node.value, str):
        yield node
    elif isinstance(node.value, dict):
        for value in node.value.values():
            yield from strings_of(value)
    elif isinstance(node.value, list):
        for item in node.value:
            yield from strings_of(item)
