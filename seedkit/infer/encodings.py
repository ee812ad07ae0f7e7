"""Guesses the encoding of texts that are not UTF-8, by what they then say.

What kind of file is it: text, text in another encoding, or none? One look at each file.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, get_args

from seedkit.core.errors import SeedkitError
from seedkit.formats.spec import Encoding
from seedkit.sources.compressed import expand
from seedkit.sources.source import Source
from seedkit.sources.walk import FileSignature

# What letters of a text in the right encoding cost, by the byte; what is not here costs most.
_COSTS: Final = {
    "Ll": 1.0, "Lo": 1.5, "Mn": 2.0, "Lu": 3.0, "Lm": 4.0, "Zs": 4.0, "Po": 4.0, "Pd": 4.0,
    "Pi": 4.0, "Pf": 4.0, "Ps": 5.0, "Pe": 5.0, "Nd": 5.0, "Sc": 6.0,
}  # fmt: skip
_STRANGE = 9.0
_USUAL: Final = ("ascii", "utf-8", "latin-1", "cp1252")
_ALIKE = 0.1  # cost by the byte that is no difference: then the first of the list is taken
_SMALL_KANA = range(0x3041, 0x30FF)
_SAMPLE = 20_000  # bytes that are looked at
_CLEARLY = 0.95  # share of the bytes beyond ASCII in UTF-8's characters that is no chance …
_ONE_SCRIPT = 0.9  # nor is half of them, if so many of the letters are of one script
_EAST_ASIAN: Final = dict.fromkeys(("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"), "CJK")


def encodings_of(datas: Sequence[bytes]) -> list[str]:
    """Return the encodings that decode nearly all of the files, the one they read best in first."""
    joined = [data[:_SAMPLE] for data in datas]
    ranked = []
    usual = [*_USUAL, *(each for each in get_args(Encoding) if each not in _USUAL)]
    for rank, encoding in enumerate(usual):
        decoded = [text for data in joined if (text := _decoded(data, encoding)) is not None]
        if len(decoded) * 20 >= len(joined) * 19 and decoded:
            ranked.append((round(_cost("".join(decoded), encoding) / _ALIKE), rank, encoding))
    return [encoding for *_, encoding in sorted(ranked)]


def is_damaged_utf8(data: bytes) -> bool:
    """Tell whether bytes that are not UTF-8 are all the same meant to be: damaged, or mixed.

    By chance, few of another encoding's bytes make characters of UTF-8, and those are letters of
    many scripts.
    """
    chars = [char for char in data.decode("utf-8", "surrogateescape") if char > "\x7f"]
    sound = [char for char in chars if not "\udc80" <= char <= "\udcff"]
    size = len("".join(sound).encode())
    bad = len(chars) - len(sound)
    if size >= _CLEARLY * (size + bad):
        return True
    letters = _scripts(Counter(filter(str.isalpha, sound)))
    return size > bad and max(letters.values(), default=0) >= _ONE_SCRIPT * letters.total()


def _scripts(letters: Mapping[str, int]) -> Counter[str]:
    """How many of the letters are of each script; those of China and Japan are one."""
    scripts = Counter[str]()
    for char, count in letters.items():
        script = unicodedata.name(char, "?").split()[0]
        scripts[_EAST_ASIAN.get(script, script)] += count
    return scripts


def _decoded(data: bytes, encoding: str) -> str | None:
    """The text, but for a character that was cut in two at the end."""
    for end in range(len(data), max(len(data) - 4, 0) - 1, -1):
        try:
            return data[:end].decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _cost(text: str, encoding: str) -> float:
    """How strange the text is, by the byte that is not ASCII."""
    counts = Counter(char for char in text if char > "\x7f")
    total = size = 0.0
    scripts = Counter[str]()
    for char, count in counts.items():
        width = len(char.encode(encoding))
        size += width * count
        cost = _COSTS.get(unicodedata.category(char), _STRANGE)
        if width > 1 and not _is_common(char, encoding):
            cost = _STRANGE
        if width > 1 and cost < _STRANGE:
            cost = 2.0 if "CJK" in unicodedata.name(char, "") else 1.0  # for two bytes
        total += cost * count * (1 if cost < _STRANGE else width)
        if char.isalpha():
            scripts[unicodedata.name(char, "?").split()[0]] += count
    mixed = sum(scripts.values()) - max(scripts.values(), default=0)
    return (total + (mixed * _STRANGE if len(scripts) > 3 else 0)) / size if size else 0.0


def _is_common(char: str, encoding: str) -> bool:
    """Tell whether a character of an East Asian encoding is one of its most usual ones."""
    lead = char.encode(encoding)[0]
    if ord(char) in _SMALL_KANA:
        return encoding in ("shift_jis", "euc-jp", "utf-8")
    usual = {
        "gb18030": (0xB0, 0xD7),
        "big5": (0xA4, 0xC6),
        "shift_jis": (0x88, 0x97),
        "euc-jp": (0xB0, 0xCF),
        "euc-kr": (0xB0, 0xC8),
    }.get(encoding)
    return usual is None or usual[0] <= lead <= usual[1] or lead in (0xA1, 0x81)


MAX_BYTES = 100_000_000  # a larger file is not looked into; formats don't parse it either
_HEAD = 100_000  # bytes that tell text from anything else
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # UTF-16


class Look(NamedTuple):
    """A file as seen: `kind` is `text`, `foreign` (not UTF-8) or `none`, and then why."""

    path: str
    kind: str
    why: str = ""


def look_at(files: Iterable[tuple[str, FileSignature]], source: Source) -> Iterator[Look]:
    """Return what kind of file each is. Never raises."""
    for path, signature in files:
        if signature.size > MAX_BYTES:
            yield Look(path, "none", f"more than {MAX_BYTES:,} bytes")
            continue
        try:
            data = expand(path, source.read(path))
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
