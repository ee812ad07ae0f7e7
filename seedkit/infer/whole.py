"""What is true of every file as a whole: its encoding, how its lines end, and how it ends."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from seedkit.core.text import plural
from seedkit.infer.draft import Values, tolerance


class FileFacts(NamedTuple):
    """The settings of `[file]` that the texts bear out, and why each.

    `unknown` are those of which they say nothing, as ASCII does of normalization.
    """

    settings: Values
    notes: Mapping[str, str]
    unknown: frozenset[str]


def file_facts(texts: Sequence[str], encoding: str = "utf-8") -> FileFacts:
    """Return what is true of all the texts, or of all but a few; the notes count which."""
    settings: Values = {}
    notes: dict[str, str] = {}
    if encoding != "utf-8":
        settings["encoding"] = encoding
    with_lines = [text for text in texts if "\n" in text or "\r" in text]
    for newline, has in (("lf", _has_lf), ("crlf", _has_crlf)):
        count = sum(map(has, with_lines))
        if with_lines and len(with_lines) - count <= tolerance(len(with_lines)):
            settings["newline"] = newline
            notes["newline"] = f"in {_of(sum(map(has, texts)), texts)}"
    spoken = [text for text in texts if text.strip()]
    ended = sum(map(_is_ended, spoken))
    if spoken and len(spoken) - ended <= tolerance(len(spoken)):
        settings["final_newline"] = "require"
        notes["final_newline"] = f"at the end of {_of(sum(map(_is_ended, texts)), texts)}"
    elif spoken and ended <= tolerance(len(spoken)):
        settings["final_newline"] = "forbid"
        bare = len(texts) - sum(map(_is_ended, texts))
        notes["final_newline"] = f"no newline at the end of {_of(bare, texts)}"
    if not all(map(str.isascii, texts)):
        composed = sum(unicodedata.is_normalized("NFC", text) for text in texts)
        if len(texts) - composed <= tolerance(len(texts)):
            settings["normalization"] = "nfc"
            notes["normalization"] = f"in {_of(composed, texts)}"
    silent = {
        "newline": not with_lines,
        "final_newline": not spoken,
        "normalization": all(map(str.isascii, texts)),
    }
    return FileFacts(settings, notes, frozenset(key for key, said in silent.items() if said))


def _has_lf(text: str) -> bool:
    """Tell whether all lines end with LF; a text without a newline is none that has."""
    return "\n" in text and "\r" not in text


def _has_crlf(text: str) -> bool:
    """Tell whether all lines end with CRLF."""
    count = text.count("\r\n")
    return 0 < count == text.count("\n") == text.count("\r")


def _is_ended(text: str) -> bool:
    return text.endswith(("\n", "\r"))


def _of(count: int, texts: Sequence[str]) -> str:
    """How many of the files, in words."""
    if len(texts) == 1:
        return "the one file"
    return f"{'all' if count == len(texts) else f'{count:,} of'} {plural(len(texts), 'file')}"
