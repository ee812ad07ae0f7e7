"""Finds lines that recur in texts: the same ones, ones of a shape, ones that begin or end alike."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

from seedkit.infer.shapes import Template, escape, template_of, template_pattern, words_pattern

K = TypeVar("K", bound=Hashable)

_LONGEST = 120  # characters of a line that may delimit
_KEPT = 400  # lines of one shape that its pattern is made from
_FRAME = re.compile(r"([^\w\s]{1,4}[ \t]?)(\w(?:.*?\w)?)([ \t]?[^\w\s]{1,4})")
_RULE = re.compile(r"([=*~_#+-])\1{2,}")
_MIRRORED = str.maketrans("<>[](){}", "><][)(}{")


class LineShape(NamedTuple):
    """A pattern that whole lines have, in how many texts, and how often in all."""

    pattern: str
    texts: int
    times: int


class RecurringLines:
    """The lines of some texts, and what recurs among them. Texts end their lines with LF."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = [text.removesuffix("\n").split("\n") for text in texts]

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def counted(self) -> tuple[Counter[str], Counter[str]]:
        """For each line, in how many texts it is, and how often in all."""
        spread, total = Counter[str](), Counter[str]()
        for lines in self.texts:
            short = [line for line in lines if len(line) <= _LONGEST]
            total.update(short)
            spread.update(set(short))
        return spread, total

    @cached_property
    def first(self) -> list[str]:
        """The first line of each text that is not blank."""
        return [next((line for line in lines if line.strip()), "") for lines in self.texts]

    @cached_property
    def last(self) -> list[str]:
        """The last line of each text that is not blank."""
        return [
            next((line for line in reversed(lines) if line.strip()), "") for lines in self.texts
        ]

    @cached_property
    def shapes(self) -> list[LineShape]:
        """Patterns with numbers, dates or times that lines have, the most widespread first."""
        kept: dict[Template, list[str]] = defaultdict(list)

        def key(line: str) -> Template | None:
            template = template_of(line) if any(map(str.isdigit, line)) else None
            if template is not None and len(kept[template]) < _KEPT:
                kept[template].append(line)
            return template

        found = self._recurring(key)
        return [
            LineShape(template_pattern(template, kept[template]), texts, count)
            for template, texts, count in found
            if not template.parts[0][:1].isspace()
        ]

    @cached_property
    def frames(self) -> list[LineShape]:
        """Patterns of lines that open and close with marks, as `-- name --`, the text left open."""
        inner: dict[tuple[str, str], set[str]] = defaultdict(set)

        def key(line: str) -> tuple[str, str] | None:
            match = _FRAME.fullmatch(line)
            if match is None or match[1].strip() != match[3].strip().translate(_MIRRORED)[::-1]:
                return None
            if match[1].strip() in match[2] or match[3].strip() in match[2]:
                return None  # such as `<i>so</i>`
            inner[match[1], match[3]].add(match[2])
            return match[1], match[3]

        return [
            LineShape(rf"{escape(a)}(?P<name>\S(?:.*\S)?){escape(b)}", texts, count)
            for (a, b), texts, count in self._recurring(key)
            if len(inner[a, b]) > 1
        ]

    @cached_property
    def rules(self) -> list[LineShape]:
        """Patterns of lines that are one mark, again and again, not always as often."""
        lengths: dict[str, set[int]] = defaultdict(set)

        def key(line: str) -> str | None:
            match = _RULE.fullmatch(line)
            if match is not None:
                lengths[match[1]].add(len(line))
            return None if match is None else match[1]

        return [
            LineShape(f"{escape(mark)}{{3,}}", texts, count)
            for mark, texts, count in self._recurring(key)
            if len(lengths[mark]) > 1
        ]

    def _recurring(self, key: Callable[[str], K | None]) -> list[tuple[K, int, int]]:
        """What keys lines have, in how many texts and how often, the most widespread first."""
        spread, total = Counter[K](), Counter[K]()
        for lines in self.texts:
            found = [
                of for line in lines if len(line) <= _LONGEST and (of := key(line)) is not None
            ]
            total.update(found)
            spread.update(set(found))
        often = [of for of, count in total.items() if count >= 2]
        often.sort(key=lambda of: (-spread[of], -total[of], repr(of)))
        return [(of, spread[of], total[of]) for of in often]

    @cached_property
    def worded(self) -> str | None:
        """The pattern of the lines that texts begin with, if they are words of the same kinds."""
        first = [line for line in self.first if line]
        if not first or len({line.split()[0] for line in first}) != 1:
            return None
        return words_pattern(first)
