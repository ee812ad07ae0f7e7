"""Paths and values as they stand in an index: escaped, so that any name makes one token."""

from __future__ import annotations

import re

_UNSAFE = re.compile(r"[\s%\x00-\x1f\x7f\ud800-\udfff]")
_ESCAPES = re.compile("(?:%[0-9a-f]{2})+")
_NO_UTF8 = re.compile("[\0\ud800-\udfff]")
_KEPT = re.compile("\0([0-9a-f]{4})")


def escape(value: str) -> str:
    """Return a value without white space and control characters, percent-escaped."""
    return _UNSAFE.sub(_percent, value)


def _percent(char: re.Match[str]) -> str:
    undecodable = "\udc80" <= char[0] <= "\udcff"
    data = char[0].encode("utf-8", "surrogateescape" if undecodable else "surrogatepass")
    return "".join(f"%{byte:02x}" for byte in data)


def unescape(value: str) -> str:
    """Return what was escaped; a value as it stands in a tag is folded."""
    return _ESCAPES.sub(
        lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "surrogateescape"),
        value,
    )


def key_of(path: str) -> str:
    """Return a path as text that can be encoded, whatever bytes it has; nearly always itself."""
    return _NO_UTF8.sub(lambda char: f"\0{ord(char[0]):04x}", path)


def path_of(key: str) -> str:
    """Return the path that has the key."""
    return _KEPT.sub(lambda kept: chr(int(kept[1], 16)), key)


def plain_number(value: str) -> str:
    """Return ASCII digits without zeros in front; any other value as it is."""
    return value.lstrip("0") or "0" if value.isascii() and value.isdigit() else value
