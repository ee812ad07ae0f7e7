"""How much an occurrence counts, and which hits are equal: the same with every engine.

Scores are BM25 (Robertson and Zaragoza, "The probabilistic relevance framework: BM25 and beyond",
2009). How rare the words are is told by `rank`, as weights; an engine counts how often they stand
in a record.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

K1 = 1.2  # how soon more occurrences stop to count
B = 0.75  # how much the length of a record counts

# Of the higher score. Engines that add up in other orders, or with fewer digits, differ by a tenth
# of that.
_EQUAL = 1e-5

_EXACT = 24  # tokens; of what a record has more, there is room for four significant bits

Hit = tuple[str, int, float]  # path key, record, score


def coarse(length: int) -> int:
    """Return a number of tokens as scores take it: rounded down, from 40 on.

    As tantivy and Lucene keep it, in a byte (Lucene's `SmallFloat.intToByte4`).
    """
    rest = length - _EXACT
    drop = rest.bit_length() - 4
    return length if rest < 0 or drop <= 0 else _EXACT + (rest >> drop << drop)


def damping(length: int, mean: float) -> float:
    """Return what makes occurrences count less in a record of some tokens, of `mean` in all."""
    return K1 * (1 - B + B * coarse(length) / mean) if mean else K1


def saturation(count: float, damping: float) -> float:
    """Return how much so many occurrences count: the first the most."""
    return count * (K1 + 1) / (count + damping)


def best_first(hits: Iterable[Hit]) -> list[Hit]:
    """Return hits by score, and those with nearly the same one by path and record."""
    ordered = sorted(hits, key=lambda hit: (-hit[2], hit[0], hit[1]))
    start, before = 0, math.inf
    for at, (_, _, score) in enumerate(ordered):
        if before - score > _EQUAL * before:
            if at - start > 1:
                ordered[start:at] = sorted(ordered[start:at], key=_place)
            start = at
        before = score
    if len(ordered) - start > 1:
        ordered[start:] = sorted(ordered[start:], key=_place)
    return ordered


def _place(hit: Hit) -> tuple[str, int]:
    return hit[:2]


def same(better: float, worse: float) -> bool:
    """Tell whether two scores are as good as equal."""
    return better - worse <= _EQUAL * better
