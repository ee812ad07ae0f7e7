"""What is true of every file as a whole: its encoding, how its lines end, and how it ends."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from seedkit.infer.draft import Values, tolerance
from seedkit.text import plural


class FileFacts(NamedTuple):
    """The settings of `[file]` that the texts bear out, and why each.

    `unknown` are those of which they say nothing, as ASCII does of normalization.
    """

    settings: Values
    notes: Mapping[str, str]
    unknown: frozenset[str]


def file_facts(texts: Sequence[str], encoding: str = "utf-8") -> FileFacts:
    """Return what is true of all the texts, or of all but a few."""
    settings: Values = {}
    notes: dict[str, str] = {}
    count = len(texts)
    every = "in the one file" if count == 1 else f"in all {count:,} files looked at"
    if encoding != "utf-8":
        settings["encoding"] = encoding
    with_lines = [text for text in texts if "\n" in text or "\r" in text]
    crlf = sum("\r\n" in text for text in with_lines)
    lone = sum("\r" in text.replace("\r\n", "") for text in with_lines)
    lf = sum("\r" not in text for text in with_lines)
    if with_lines and len(with_lines) - lf <= tolerance(len(with_lines)):
        settings["newline"], notes["newline"] = "lf", every
    elif with_lines and not lone and crlf == len(with_lines):
        settings["newline"], notes["newline"] = "crlf", every
    texts = [text for text in texts if text.strip()]
    ended = sum(text.endswith(("\n", "\r")) for text in texts)
    if texts and len(texts) - ended <= tolerance(len(texts)):
        settings["final_newline"] = "require"
        notes["final_newline"] = _ends("ends", "end", len(texts))
    elif texts and ended <= tolerance(len(texts)):
        settings["final_newline"] = "forbid"
        notes["final_newline"] = "no newline at the end of " + _ends("", "", len(texts)).strip()
    if any(not text.isascii() for text in texts):
        composed = sum(unicodedata.is_normalized("NFC", text) for text in texts)
        if len(texts) - composed <= tolerance(len(texts)):
            settings["normalization"], notes["normalization"] = "nfc", every
    silent = {
        "newline": not with_lines,
        "final_newline": not texts,
        "normalization": all(map(str.isascii, texts)),
    }
    return FileFacts(settings, notes, frozenset(key for key, said in silent.items() if said))


def _ends(one: str, many: str, count: int) -> str:
    if count == 1:
        return f"the one file {one}".strip() + (" with one" if one else "")
    return f"all {plural(count, 'file')} {many}".strip() + (" with one" if many else "")
