"""Patterns that texts have in common: of lines, of words, of whole values. RE2 syntax."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from typing import NamedTuple

from seedkit.sources.compressed import uncompressed_name

# What is read as one thing, the longest first.
_TOKEN = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"|(?P<time>\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,3})?)"
    r"|(?P<number>\d+)"
)
_SPECIAL = re.compile(r"[\\.^$*+?{}\[\]|()]")
_RANGES = (
    ("a-z", frozenset(string.ascii_lowercase)),
    ("A-Z", frozenset(string.ascii_uppercase)),
    ("0-9", frozenset(string.digits)),
)
_NAME_MARKS = "_.+~,-"  # in the order in which a class of characters has them: `-` ends it
_WORDS = (
    (re.compile(r"[A-Z][a-z]{2}"), "[A-Z][a-z]{2}"),
    (re.compile(r"\d{1,2}:\d{2}:\d{2}"), r"\d{1,2}:\d{2}:\d{2}"),
    (re.compile(r"(?:19|20)\d{2}"), r"\d{4}"),
    (re.compile(r"\d+"), r"\d+"),
    (re.compile(r"\S+@\S+"), r"\S+@\S+"),
)


class Template(NamedTuple):
    """A line with its numbers, times and dates left open: literals and kinds, in turn."""

    parts: tuple[str, ...]  # literal, kind, literal, kind, …, literal


def common_prefix(values: Sequence[str]) -> str:
    """Return what all of the values, one at least, begin with."""
    least, most = min(values), max(values)  # what these two share, those between them do
    if most.startswith(least):
        return least
    at = 0
    while at < len(least) and at < len(most) and least[at] == most[at]:
        at += 1
    return least[:at]


def escape(text: str) -> str:
    """Return a pattern of just this text, as a person would write it."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def template_of(line: str) -> Template | None:
    """Return the template of a line that has a number in it, None for another one."""
    parts: list[str] = []
    at = 0
    for match in _TOKEN.finditer(line):
        parts += (line[at : match.start()], match.lastgroup or "")
        at = match.end()
    return Template((*parts, line[at:])) if parts else None


def template_pattern(template: Template, lines: Sequence[str]) -> str:
    """Return the pattern of a template that all the lines have, with named groups."""
    columns = [[match[0] for match in _TOKEN.finditer(line)] for line in lines]
    kinds = template.parts[1::2]
    names = _group_names(kinds)
    pattern = escape(template.parts[0])
    for index, literal in enumerate(template.parts[2::2]):
        inner = digits_pattern([column[index] for column in columns])
        name = names[index]
        pattern += (f"(?P<{name}>{inner})" if name else inner) + escape(literal)
    return pattern


def _group_names(kinds: Sequence[str]) -> list[str]:
    """Names for what a template leaves open; only what can be distinguished has one."""
    if list(kinds) == ["time", "time"]:
        return ["start", "end"]
    return [kind if kinds.count(kind) == 1 else "" for kind in kinds]


def digits_pattern(values: Sequence[str]) -> str:
    """Return a pattern for numbers, times or dates: of fixed width where that is no accident."""
    shapes = {re.sub(r"\d+", lambda run: "0" * len(run[0]), value) for value in values}
    padded = any(value[:1] == "0" and len(value) > 1 for value in values)
    if len(shapes) == 1 and (padded or not values[0].isdigit()):
        (shape,) = shapes
        return re.sub("0+", lambda run: _digits(len(run[0])), escape(shape))
    bare = {re.sub(r"\d+", "0", value) for value in values}
    if len(bare) == 1:
        return escape(next(iter(bare))).replace("0", r"\d+")
    return r"[\d:.,-]+"


def _digits(width: int) -> str:
    return r"\d" if width == 1 else rf"\d{{{width}}}"


def delimiter_of(header: str) -> str:
    """Return what stands between the cells of a table: what its header has most of, or a comma."""
    return max(",;\t|", key=header.count)


def extension_of(path: str) -> str:
    """Return the extension of a path with its dot, empty for a name without one.

    That of a compressed file begins with the extension of what it holds: `.jsonl.gz`.
    """
    name = path.rpartition("/")[2]
    plain = uncompressed_name(name)
    if plain != name:
        return extension_of(plain) + name.removeprefix(plain)
    stem, dot, kind = name.rpartition(".")
    return f".{kind}" if stem and dot and kind.isalnum() and not kind.isdigit() else ""


def class_pattern(values: Sequence[str], *, least: int = 1) -> str:
    """Return a pattern of the characters that the values are made of.

    Of several kinds of characters, marks don't begin it unless some do. The width is fixed if all
    are equally wide, and there are at least `least` of them.
    """
    seen = set("".join(values))
    ranges = [written for written, members in _RANGES if seen & members]
    marks = {char for char in seen if char in _NAME_MARKS}
    known = marks.union(*(members for written, members in _RANGES if written in ranges))
    if not seen <= known:
        if not all(char.isalnum() or char in _NAME_MARKS for char in seen):
            return "[^/]+"
        ranges = [r"\pL\pM\pN"]
    inner = "".join(ranges) + "".join(mark for mark in _NAME_MARKS if mark in marks)
    widths = {len(value) for value in values}
    one = r"\d" if inner == "0-9" else f"[{inner}]"
    if len(widths) == 1 and len(values) >= least:
        width = widths.pop()
        return one if width == 1 else f"{one}{{{width}}}"
    if marks and ranges and not any(value[:1] in marks for value in values):
        return f"[{''.join(ranges)}]{one}*"
    return f"{one}+"


def word_pattern(words: Sequence[str]) -> str:
    """Return a pattern for the words that stand at one place of a line."""
    if len(set(words)) == 1:
        return escape(words[0])
    for known, pattern in _WORDS:
        if all(map(known.fullmatch, words)):
            return pattern
    return r"\S+"


def words_pattern(lines: Sequence[str]) -> str | None:
    """Return a pattern for lines of equally many words, the first of them always the same."""
    rows = [line.split() for line in lines]
    counts = {len(row) for row in rows}
    if len(counts) != 1 or counts.pop() < 2 or len({row[0] for row in rows}) != 1:
        return None
    gaps = [re.findall(r"\s+", line.strip()) for line in lines]
    pattern = ""
    for index, column in enumerate(zip(*rows, strict=True)):
        if index:
            between = {gap[index - 1] for gap in gaps}
            pattern += between.pop() if len(between) == 1 else r"\s+"
        pattern += word_pattern(column)
    return pattern
