"""Representatives, where so many sets are alike that their pairs would be a square of them.

A representative is compared with every set through the index, at a cost linear in the lists of
its values, so all its pairs are known. It and its partners are covered: each is in a pair, if it
has any. What is left to compare are the pairs of which one set at least is not covered; so every
set that has a partner ends up in a pair.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seedkit.repeats.arrays import Flags, Numbers, ranges
from seedkit.repeats.candidates import Index, Prefixes
from seedkit.repeats.grams import Sets
from seedkit.repeats.overlap import Likeness, overlaps, take

Found = tuple[Numbers, Numbers, Numbers]

_TRIED = 64  # sets that are looked at to choose a representative
_FEW = 64  # look-ups of one value that are cheap enough for each entry of its list
_MISSES = 4  # representatives with few partners, in a row, after which a value is left as it is


def represent(
    sets: Sets, index: Index, prefix: Prefixes, like: Likeness, limit: int
) -> tuple[list[Found], Flags]:
    """Choose representatives until about `limit` candidates are left, or none help.

    Returns their pairs (a, b, shared) and which sets are covered. Sets are numbered by size.
    """
    covered = np.zeros(len(sets.bounds) - 1, np.bool_)
    found: list[Found] = []
    value = np.searchsorted(index.bounds, prefix.entries, side="right") - 1
    order = np.argsort(value, kind="stable")
    owners, value = prefix.owners[order], value[order]
    costs = (prefix.stops - prefix.entries - 1)[order]
    starts = np.flatnonzero(np.append(True, value[1:] != value[:-1]))
    stops = np.append(starts[1:], len(value))
    totals = np.add.reduceat(costs, starts)
    left = int(totals.sum())
    low, high = index.bounds[value[starts]], index.bounds[value[starts] + 1]
    heavy = np.flatnonzero(totals > _FEW * (high - low))
    for each in heavy[np.argsort(-totals[heavy], kind="stable")].tolist():
        if left <= limit:
            break
        probing, listed = owners[starts[each] : stops[each]], index.sets[low[each] : high[each]]
        misses = 0
        while True:
            free = listed[~covered[listed]]
            mine = int(np.count_nonzero(~covered[probing]))
            cost = mine * len(listed) + (len(probing) - mine) * len(free)
            if cost <= _FEW * len(listed) or misses == _MISSES:
                break
            chosen = _best(sets, index, free)
            others, shared = _partners(sets, index, like, chosen)
            found.append((np.full(len(others), chosen), others, shared))
            covered[chosen] = covered[others] = True
            misses = 0 if np.count_nonzero(covered[free]) * 16 >= len(free) else misses + 1
        left -= max(int(totals[each]) - cost, 0)
    return found, covered


def _best(sets: Sets, index: Index, free: NDArray[np.int32]) -> int:
    """Return the set whose values are most frequent on average; of ties the largest, the first."""
    step = -(-len(free) // _TRIED)
    tried = free[::-1][::step].astype(np.int64)
    some = take(sets, tried)
    at = np.searchsorted(index.values, some.values >> np.uint64(index.bits))
    at = np.minimum(at, len(index.values) - 1)
    known = index.values[at] == some.values >> np.uint64(index.bits)
    lengths = np.where(known, index.bounds[at + 1] - index.bounds[at], 0)
    scores = np.add.reduceat(lengths, some.bounds[:-1]) / some.sizes()
    return int(tried[np.argmax(scores)])


def _partners(sets: Sets, index: Index, like: Likeness, chosen: int) -> tuple[Numbers, Numbers]:
    """Return all partners of one set, and what they share with it, by way of the index."""
    sizes = sets.sizes()
    own = sets.values[sets.bounds[chosen] : sets.bounds[chosen + 1]] >> np.uint64(index.bits)
    at = np.searchsorted(index.values, own)
    at = at[at < len(index.values)] if len(at) else at
    at = np.unique(at[np.isin(index.values[at], own)])
    hits = index.sets[ranges(index.bounds[at], index.bounds[at + 1])]
    shared = np.bincount(hits, minlength=len(sizes))
    shared = np.minimum(shared, sizes)
    others = np.flatnonzero(like.holds(shared, sizes, np.full(len(sizes), sizes[chosen])))
    others = others[others != chosen]
    small = np.minimum(others, chosen)  # numbers go by size
    exact = overlaps(sets, small, sets, np.maximum(others, chosen))
    alike = like.holds(exact, sizes[others], np.full(len(others), sizes[chosen]))
    return others[alike], exact[alike]
