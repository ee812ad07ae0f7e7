"""Finds the pattern of file names, and what they carry: a number, a date, an id, a digest."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from seedkit.core.patterns import compile_pattern
from seedkit.core.text import normalize_newlines, plural
from seedkit.infer.draft import Values
from seedkit.infer.shapes import class_pattern, escape, extension_of

_PARTS = re.compile(r"\d{4}-\d{2}-\d{2}(?![0-9])|[^_\-. +,()\[\]]+|[_\-. +,()\[\]]")
_RUNS = re.compile(r"\d+|[^\d]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_HEX = re.compile(r"[0-9a-f]{6,}")
_SEPARATORS = frozenset("_-. +,()[]")
_FEW = 5  # different words that are listed in a pattern
_SEQUENCE = 10  # numbers without a gap that are no accident
_ALGORITHMS: Final = ("sha256", "sha1", "md5", "blake2b", "sha512")
_STRANGE = 200  # one name in so many may not fit the pattern


class NameFacts(NamedTuple):
    """The settings of `[file]` that names bear out, and why each."""

    settings: Values
    notes: Mapping[str, str]


def name_facts(names: Sequence[str]) -> NameFacts:
    """Return what the file names have in common; nothing if that is not more than `any name`."""
    pattern = _pattern(names)
    if pattern is None:
        return NameFacts({}, {})
    compiled = compile_pattern(pattern)
    groups = [found for name in names if (found := compiled.groups(name)) is not None]
    settings: Values = {"name": pattern}
    notes = {"name": _examples(names, len(groups))}
    unique = [g for g in ("number", "id") if g in compiled.names and _distinct(groups, g)]
    if unique:
        settings["unique"] = unique
        notes["unique"] = "no two files share " + " or ".join(unique)
    numbers = sorted(int(g["number"]) for g in groups if len(g.get("number", "")) in range(1, 19))
    gapless = numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False
    if "number" in unique and gapless and len(numbers) >= _SEQUENCE:
        settings["sequential"] = "number"
        notes["sequential"] = f"{numbers[0]} to {numbers[-1]} without a gap"
    return NameFacts(settings, notes)


def digest_of(pattern: str, files: Sequence[tuple[str, bytes]]) -> tuple[Values, str] | None:
    """Return the `hash` setting if the group `id` is a digest of the content, and why."""
    compiled = compile_pattern(pattern)
    if "id" not in compiled.names:
        return None
    known = [(groups["id"], data) for name, data in files if (groups := compiled.groups(name))]
    for of in ("bytes", "text"):
        for algorithm in _ALGORITHMS:
            fits = sum(_digest(data, algorithm, of).startswith(given) for given, data in known)
            if known and fits * 20 >= len(known) * 19:
                what = "bytes" if of == "bytes" else "text in NFC with LF newlines"
                which = (
                    "the file looked at"
                    if len(known) == 1
                    else f"{fits} of {len(known)} files looked at"
                )
                settings: Values = {"group": "id", "algorithm": algorithm}
                if of == "text":
                    settings["of"] = of
                return settings, f"id: the first digits of the {algorithm} of the {what}, {which}"
    return None


def _digest(data: bytes, algorithm: str, of: str) -> str:
    if of == "text":
        text = normalize_newlines(data.decode("utf-8", "replace"))
        data = unicodedata.normalize("NFC", text).encode("utf-8", "replace")
    return hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


def _examples(names: Sequence[str], fitting: int) -> str:
    typical = sorted(names, key=lambda name: (len(name), name))[len(names) // 2]
    if len(names) == 1:
        return f"as {typical}"
    every = "all" if fitting == len(names) else f"{fitting:,} of"
    return f"{every} {plural(len(names), 'name')}, as {typical}"


def _distinct(groups: Sequence[Mapping[str, str]], name: str) -> bool:
    values = [each[name] for each in groups if each.get(name)]
    return len(set(values)) == len(values)


def _pattern(names: Sequence[str]) -> str | None:
    """The pattern of all names, or of all but a few that are named in another way."""
    kinds = Counter(map(extension_of, names))
    strange = len(names) - max(kinds.values())
    several = strange * _STRANGE > len(names) and len(kinds) * 2 <= len(names)
    if several and len(kinds) <= _FEW and "" not in kinds:
        stems = [name.removesuffix(extension_of(name)) for name in names]
        stem = _pattern_of(stems) or f"(?P<name>{class_pattern(stems)})"
        return f"{stem}(?:{'|'.join(escape(kind) for kind in sorted(kinds))})"
    return _pattern_of(names)


def _pattern_of(names: Sequence[str]) -> str | None:
    rows = [_PARTS.findall(name) for name in names]
    shapes = Counter(_shape(row) for row in rows)
    shape, often = shapes.most_common(1)[0]
    strange = len(names) - often
    if strange * _STRANGE <= len(names):
        columns = list(zip(*(row for row in rows if _shape(row) == shape), strict=True))
        return _joined(_Grouped(single=len(names) == 1).columns(columns))
    return _joined(_ragged(rows))


def _joined(parts: Sequence[str] | None) -> str | None:
    """The pattern, if it says anything: a literal or a class that is not just any character."""
    if not parts:
        return None
    pattern = "".join(parts)
    return pattern if pattern not in ("(?P<name>[^/]+)", "[^/]+") and "(" in pattern else None


def _shape(row: Sequence[str]) -> tuple[str, ...]:
    return tuple(part if part in _SEPARATORS else "" for part in row)


def _ragged(rows: Sequence[Sequence[str]]) -> list[str] | None:
    """Names with different numbers of words: what is alike at either end, and a class between."""
    least = min(map(len, rows))
    head, tail = 0, 0
    while tail < least - 1 and len({row[-1 - tail] for row in rows}) == 1:
        tail += 1
    while head < least - tail - 1 and _is_firm([row[head] for row in rows]):
        head += 1
    apart = all(row[head] in _SEPARATORS for row in rows)
    if head and rows[0][head - 1] not in _SEPARATORS and not apart:
        head -= 1
    middle = ["".join(row[head : len(row) - tail]) for row in rows]
    start = _Grouped(single=False).columns([[row[i] for row in rows] for i in range(head)])
    end = [escape(rows[0][len(rows[0]) - i]) for i in range(tail, 0, -1)]
    return [*start, f"(?P<name>{class_pattern(middle)})", *end]


def _is_firm(values: Sequence[str]) -> bool:
    """Tell whether a column of names is always the same, a date, a number or hexadecimal."""
    if len(set(values)) == 1 or all(map(_DATE.fullmatch, values)) or all(map(str.isdigit, values)):
        return True
    return _is_hex(values)


def _is_hex(values: Sequence[str]) -> bool:
    return (
        all(map(_HEX.fullmatch, values))
        and len({len(value) for value in values}) == 1
        and any(not value.isdigit() for value in values)
        and any(not value.isalpha() for value in values)
    )


class _Grouped:
    """Makes patterns of columns of names, each named group once."""

    def __init__(self, *, single: bool) -> None:
        self.single = single
        self.taken = set[str]()

    def columns(self, columns: Sequence[Sequence[str]]) -> list[str]:
        """Return the pattern of each column."""
        return [self._column(list(column)) for column in columns]

    def _column(self, values: list[str]) -> str:
        if all(map(_DATE.fullmatch, values)):
            return self._group("date", r"\d{4}-\d{2}-\d{2}")
        if _is_hex(values):
            return self._group("id", f"[0-9a-f]{{{len(values[0])}}}")
        if all(map(str.isdigit, values)) and all(map(str.isascii, values)):
            if len(set(values)) == 1 and not self.single:
                return escape(values[0])
            return self._group("number", number_pattern(values))
        if len(set(values)) == 1:
            return escape(values[0])
        counts = Counter(values)
        if len(counts) <= _FEW and min(counts.values()) >= max(3, len(values) // 50):
            return f"(?:{'|'.join(escape(value) for value in sorted(counts))})"
        runs = [_RUNS.findall(value) for value in values]
        if len({tuple(run.isdigit() for run in row) for row in runs}) == 1 and len(runs[0]) > 1:
            return "".join(self.columns(list(zip(*runs, strict=True))))
        return self._group("name", class_pattern(values, least=20))

    def _group(self, name: str, pattern: str) -> str:
        if name in self.taken:
            return pattern
        self.taken.add(name)
        return f"(?P<{name}>{pattern})"


def number_pattern(values: Sequence[str]) -> str:
    """Return a pattern for whole numbers: of fixed width if they are filled up with zeros."""
    widths = {len(value) for value in values}
    padded = any(value[0] == "0" and len(value) > 1 for value in values)
    years = all(value.isdigit() and len(value) == 4 and "1800" < value < "2100" for value in values)
    if len(widths) == 1 and (padded or years):
        (width,) = widths
        return r"\d" if width == 1 else rf"\d{{{width}}}"
    return r"\d+"
