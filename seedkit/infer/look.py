"""What kind of file is it: text, text in another encoding, or none? One look at each file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from seedkit.core.errors import SeedkitError
from seedkit.infer.encodings import is_damaged_utf8
from seedkit.sources.source import Source
from seedkit.sources.walk import Stamp

MAX_BYTES = 100_000_000  # a larger file is not looked into; formats don't parse it either
_HEAD = 100_000  # bytes that tell text from anything else
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # UTF-16


class Look(NamedTuple):
    """A file as seen: `kind` is `text`, `foreign` (not UTF-8) or `none`, and then why."""

    path: str
    kind: str
    why: str = ""


def look_at(files: Iterable[tuple[str, Stamp]], source: Source) -> Iterator[Look]:
    """Return what kind of file each is. Never raises."""
    for path, stamp in files:
        if stamp.size > MAX_BYTES:
            yield Look(path, "none", f"more than {MAX_BYTES:,} bytes")
            continue
        try:
            data = source.read(path)
        except (OSError, SeedkitError) as error:
            reason = error.message if isinstance(error, SeedkitError) else error.strerror or "gone"
            yield Look(path, "none", f"can't be read: {reason.lower()}")
            continue
        kind, why = kind_of(data)
        yield Look(path, kind, why)


def kind_of(data: bytes) -> tuple[str, str]:
    """Return what kind of file has this content, and why if it is none that seedkit reads."""
    head = data[:_HEAD]
    if head.startswith(_WIDE):
        return "none", "UTF-16: convert it to UTF-8 to make it a seed"
    if b"\x00" in head:
        return "none", "no text, it has a NUL"
    strange = len(_CONTROL.findall(head))
    if strange * 20 > len(head):
        return "none", "no text, it is full of control characters"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return ("text" if is_damaged_utf8(data) else "foreign"), ""
    return "text", ""
