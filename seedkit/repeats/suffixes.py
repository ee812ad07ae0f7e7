"""The suffix array of a sequence of small integers, by prefix doubling; compares its stretches.

Each round ranks the suffixes by their first h elements, from the ranks for a shorter h (Manber
and Myers, SIAM J. Comput. 1993); only suffixes whose rank is not unique yet are sorted again
(Larsson and Sadakane, TCS 2007). As many ranks as fit in 64 bits are put side by side, so h grows
by two to five times a round. The ranks of every round are kept: two stretches of h elements are
equal if their ranks are, so longer ones are compared exactly in a few steps, with no hashing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seedkit.repeats.arrays import Numbers

Ranks = NDArray[np.int32]


class Suffixes(NamedTuple):
    """The suffixes of a sequence of n elements.

    `order[r]` (int64) is where the suffix of rank r starts; `ranks[j][i]` (int32) is the rank, as
    that of the first with an equal beginning, of the suffix at i by its first `lengths[j]`
    elements. The first are the elements themselves, with length 1.
    """

    order: Numbers
    ranks: list[Ranks]
    lengths: list[int]


def sort_suffixes(
    sequence: NDArray[np.int64], pulse: Callable[[], None] = lambda: None
) -> Suffixes:
    """Sort the suffixes of a sequence (n < 2**31) of integers from 0.

    Its end must be unlike all else: the last element has to occur once. Stretches that hold an
    element that occurs once are never looked behind. `pulse` is called in each round.
    """
    size = len(sequence)
    codes, bits = sequence, max(int(sequence.max()).bit_length(), 1)
    rank = np.zeros(size, np.int64)
    ranks, lengths = [sequence.astype(np.int32)], [1]
    active = np.arange(size)
    while len(active):
        pulse()
        width = max(min(63 // bits, 5), 2)
        keys = _packed(codes, active, lengths[-1], width, bits)
        active = _refine(rank, active, keys)
        ranks.append(rank.astype(np.int32))
        lengths.append(lengths[-1] * width)
        codes, bits = rank, max((size - 1).bit_length(), 1)
    order = np.empty(size, np.int64)
    order[rank] = np.arange(size)
    return Suffixes(order, ranks, lengths)


def _packed(codes: Numbers, active: Numbers, reach: int, width: int, bits: int) -> Numbers:
    """Return for each active suffix the codes at 0, reach, 2 reach … as one integer."""
    keys = codes[active]
    for step in range(1, width):
        after = codes.take(active + step * reach, mode="clip")
        keys = keys << bits | after
    return keys


def _refine(rank: Numbers, active: Numbers, keys: Numbers) -> Numbers:
    """Rank the active suffixes by their keys within their old ranks; return those still tied.

    In the first round all have rank 0; later a key begins with the old rank.
    """
    order = np.argsort(keys)
    keys = keys[order]
    fresh = np.ones(len(keys) + 1, np.bool_)
    fresh[1:-1] = keys[1:] != keys[:-1]
    suffix = active[order]
    place = np.arange(len(keys))
    start = np.maximum.accumulate(np.where(fresh[:-1], place, 0))
    old = rank[suffix]
    turn = np.ones(len(keys), np.bool_)
    turn[1:] = old[1:] != old[:-1]
    rank[suffix] = old + start - np.maximum.accumulate(np.where(turn, place, 0))
    return np.sort(suffix[~(fresh[:-1] & fresh[1:])])


def common(suffixes: Suffixes, a: Numbers, b: Numbers) -> Numbers:
    """Return how many elements the suffixes at a[i] and b[i], two places, begin with alike."""
    length = np.zeros(len(a), np.int64)
    above = suffixes.lengths[-1]  # by so many elements no two are equal
    for rank, h in zip(suffixes.ranks[-2::-1], suffixes.lengths[-2::-1], strict=True):
        for _ in range(-(-above // h) - 1):
            length += np.where(rank[a + length] == rank[b + length], h, 0)
        above = h
    return length
