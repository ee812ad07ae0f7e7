"""Where two texts differ, word by word: what a person looks for in two near duplicates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

# Scripts without spaces: each character is compared by itself.
_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_TOKEN = re.compile(f"[{_ALONE}]|[^\\W{_ALONE}]+")
_MOST_TOKENS = 20_000  # of both texts; comparing more takes too long to be waited for


class Difference(NamedTuple):
    """A stretch of each text that the other does not have, in code points; one may be empty."""

    a: tuple[int, int]
    b: tuple[int, int]


def differences(a: str, b: str) -> Iterator[Difference]:
    """Return where the texts differ, in order; nothing for texts too long to compare."""
    first, second = ([m.span() for m in _TOKEN.finditer(text)] for text in (a, b))
    if len(first) + len(second) > _MOST_TOKENS:
        return
    words = [[text[i:j].casefold() for i, j in spans] for text, spans in ((a, first), (b, second))]
    matcher = SequenceMatcher(None, words[0], words[1], autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            yield Difference(_span(first, i, j, len(a)), _span(second, k, m, len(b)))


def _span(spans: list[tuple[int, int]], start: int, stop: int, end: int) -> tuple[int, int]:
    if start < stop:
        return spans[start][0], spans[stop - 1][1]
    at = spans[start - 1][1] if start else (spans[0][0] if spans else end)
    return at, at
