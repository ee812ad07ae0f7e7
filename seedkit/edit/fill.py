"""Makes a file name that has a pattern: literals as they are, named groups from what is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from seedkit.core.patterns import compile_pattern

_GROUP = re.compile(r"\((?:\?P<(\w+)>|\?:|(?!\?))")
_WIDTH = re.compile(r"\{(\d+)\}")
_SPECIAL = frozenset("^$*+?{}[]|()")
Filler = Callable[[str], str | None]  # the pattern of a group to a text for it


class Unfillable(ValueError):
    """The part of a pattern for which there is no text."""


class _Part(NamedTuple):
    """A stretch of a pattern: literal text, or a group (`""` has no name) and its inner pattern."""

    text: str  # without what escapes it; a group as it is written
    group: str | None = None
    inner: str = ""


def fill(pattern: str, fillers: Mapping[str, Filler]) -> str:
    """Return a name that the whole pattern matches; raises `Unfillable` with the part in the way.

    `fillers` make texts for groups by their names; `""` is for any group without one.
    """
    name = ""
    for part in _parts(pattern):
        if part.group is None:
            name += part.text
            continue
        text = fillers[part.group](part.inner) if part.group in fillers else None
        if text is None or not compile_pattern(part.inner).fullmatch(text):
            raise Unfillable(part.text)
        name += text
    if not compile_pattern(pattern).fullmatch(name):
        raise Unfillable(pattern)
    return name


def _parts(pattern: str) -> Iterator[_Part]:
    at = 0
    while at < len(pattern):
        match = _GROUP.match(pattern, at)
        if match is not None:
            end = _closing(pattern, match.end())
            yield _Part(pattern[at : end + 1], match[1] or "", pattern[match.end() : end])
            at = end + 1
        elif pattern[at] == "\\" and at + 1 < len(pattern) and not pattern[at + 1].isalnum():
            yield _Part(pattern[at + 1])
            at += 2
        elif pattern[at] in _SPECIAL or pattern[at] in "\\.":
            raise Unfillable(pattern[at:])
        else:
            yield _Part(pattern[at])
            at += 1


def _closing(pattern: str, at: int) -> int:
    """Where the group that is open at `at` closes."""
    depth, in_class = 1, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        else:
            depth += (char == "(") - (char == ")")
            if not depth:
                return at
        at += 1
    raise Unfillable(pattern)


def number_filler(number: int) -> Filler:
    """Return what writes a number as wide as a pattern asks for."""

    def filler(inner: str) -> str:
        width = _WIDTH.search(inner)
        return str(number).zfill(int(width[1]) if width else 0)

    return filler


def digest_filler(digest: str) -> Filler:
    """Return what cuts a digest to the length that a pattern asks for."""

    def filler(inner: str) -> str:
        width = _WIDTH.search(inner)
        return digest[: int(width[1])] if width else digest

    return filler


def text_filler(texts: list[str], suffix: str = "") -> Filler:
    """Return what takes the first of the texts, or of their simplest spellings, that fits.

    The `suffix`, or its lower case, comes after each.
    """

    def filler(inner: str) -> str | None:
        pattern = compile_pattern(inner)
        ends = dict.fromkeys((suffix, suffix.lower()))
        spelled = [way + end for text in texts for way in _spellings(text) for end in ends]
        return next((each for each in spelled if pattern.fullmatch(each)), None)

    return filler


def _spellings(text: str) -> Iterator[str]:
    yield text
    yield text.lower()
    words = re.findall(r"[^\W_]+", text.lower())
    for joint in ("-", "_", ""):
        yield joint.join(words)
