"""All pairs of sets that are alike, exactly: none missed, none that is not.

Equal sets are taken together, the rest goes through prefix filtering (`candidates`), bitmaps and
exact counting (`set_similarity`). Where very many sets are alike, so that their pairs would be a
square of them, representatives stand for pairs (`dense`): every set that has a partner is then
still in some pair, with a representative.

Representatives, where so many sets are alike that their pairs would be a square of them.

A representative is compared with every set through the index, at a cost linear in the lists of
its values, so all its pairs are known. It and its partners are covered: each is in a pair, if it
has any. What is left to compare are the pairs of which one set at least is not covered; so every
set that has a partner ends up in a pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seedkit.repeats.arrays import Flags, Numbers, ranges, running
from seedkit.repeats.candidates import (
    Index,
    Lookup,
    Prefixes,
    build_index,
    candidates,
    lookup_among,
    lookups,
    prefixes,
)
from seedkit.repeats.grams import Sets
from seedkit.repeats.set_similarity import Likeness, firsts, likeness, overlaps, take

Found = tuple[Numbers, Numbers, Numbers]

_TRIED = 64  # sets that are looked at to choose a representative
_FEW = 64  # look-ups of one value that are cheap enough for each entry of its list
_MISSES = 4  # representatives with few partners, in a row, after which a value is left as it is


def represent(
    sets: Sets,
    index: Index,
    prefix: Prefixes,
    like: Likeness,
    limit: int,
    pulse: Callable[[], None] = lambda: None,
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
            pulse()
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


_LIMIT = 1 << 24  # candidates compared one by one, at least
_LIMIT_EACH = 256  # and at least so many for each set


class Pairs(NamedTuple):
    """Pairs of sets that are alike: the numbers of both (int64; a < b; sorted), and how many values
    they share (int64). If not `complete`, every set with a partner is in some pair, but of a set's
    pairs some are left out: those between copies of one set, and of these with others; and
    those between two sets that are both listed with a representative. Representatives are chosen
    if there are more `candidates` than the `limit`."""

    a: Numbers
    b: Numbers
    shared: Numbers
    complete: bool
    candidates: int = 0
    limit: int = 1


def candidate_limit(sets: int) -> int:
    """Return how many candidates may be compared one by one among so many sets."""
    return max(_LIMIT, _LIMIT_EACH * sets)


def similar_pairs(
    sets: Sets,
    near: float | Fraction,
    contained: float | Fraction,
    *,
    jaccard_only: bool = False,
    limit: int | None = None,
    complete: bool = False,
    pulse: Callable[[], None] = lambda: None,
) -> Pairs:
    """Return the pairs with Jaccard ≥ `near`, or containment of the smaller ≥ `contained`.

    Of n equal sets there are n - 1 pairs, each with the first; representatives stand for pairs if
    more than `limit` candidates would have to be compared. With `complete`, every pair is listed,
    however many there are. Empty sets have no partner. `pulse` is called again and again: what it
    raises ends the search.
    """
    like = likeness(near, contained, jaccard_only=jaccard_only)
    first = firsts(sets)
    sizes = sets.sizes()
    numbers = np.flatnonzero((first == np.arange(len(first))) & (sizes > 0))
    numbers = numbers[np.argsort(sizes[numbers], kind="stable")]  # candidates go by size
    if limit is None:
        limit = candidate_limit(len(numbers))
    among = _among_distinct(take(sets, numbers), like, limit, complete, pulse)
    a, b, shared = _ordered(numbers[among.a], numbers[among.b], among.shared)
    found = among._replace(a=a, b=b, shared=shared)
    if len(numbers) == np.count_nonzero(sizes):
        return found
    return _with_copies(found, first, sizes, complete)


def _among_distinct(
    sets: Sets, like: Likeness, limit: int, complete: bool, pulse: Callable[[], None]
) -> Pairs:
    """Return the pairs of distinct sets, numbered by size."""
    sizes = sets.sizes()
    pulse()
    index = build_index(sets, like)
    pulse()
    prefix = prefixes(index, sizes, like)
    found: list[Found] = []
    covered = None
    count = int((prefix.stops - prefix.entries - 1).sum())
    if count > limit and not complete:
        found, covered = represent(sets, index, prefix, like, limit, pulse)
        covered = covered if covered.any() else None
    for each in _verified(sets, like, lookups(index, prefix, covered)):
        pulse()
        found.append(each)
    return Pairs(*_together(found), covered is None, count, limit)


def _verified(sets: Sets, like: Likeness, looked_up: Sequence[Lookup]) -> Iterator[Found]:
    """Return the pairs that look-ups lead to, and what each shares."""
    sizes = sets.sizes()
    for a, b in candidates(sets, like, looked_up):
        shared = overlaps(sets, a, sets, b)
        alike = like.holds(shared, sizes[a], sizes[b])
        yield a[alike], b[alike], shared[alike]


def _together(found: Sequence[Found]) -> Found:
    none = np.zeros(0, np.int64)
    a, b, shared = (
        np.concatenate(column) for column in zip((none, none, none), *found, strict=True)
    )
    return a, b, shared


def pairs_across(
    sets: Sets, sides: Numbers, near: float | Fraction, contained: float | Fraction
) -> Pairs:
    """Return the pairs of sets of different sides with Jaccard ≥ `near`, or containment of the
    smaller ≥ `contained`: all of them, but of sets that are equal and of one side only those of the
    first, which `firsts_of_sides` names. Empty sets have no partner."""
    like = likeness(near, contained)
    numbers = np.unique(firsts_of_sides(sets, sides))
    sizes = sets.sizes()[numbers]
    order = np.argsort(sizes, kind="stable")[np.count_nonzero(sizes == 0) :]
    numbers, sizes = numbers[order], sizes[order]
    own, side = take(sets, numbers), sides[numbers]
    index = build_index(own, like)
    prefix = prefixes(index, sizes, like)
    looked_up = []
    for each in np.unique(side)[1:].tolist():
        later, earlier = side == each, side < each
        looked_up += [
            lookup_among(index, prefix, later, earlier),
            lookup_among(index, prefix, earlier, later),
        ]
    a, b, shared = _together(list(_verified(own, like, looked_up)))
    return Pairs(*_ordered(numbers[a], numbers[b], shared), True)


def firsts_of_sides(sets: Sets, sides: Numbers) -> Numbers:
    """Return for each set the first one of its side that is equal to it."""
    first = firsts(sets)
    _, at, which = np.unique(
        np.stack((first, sides)), axis=1, return_index=True, return_inverse=True
    )
    return at[which]


def _ordered(a: Numbers, b: Numbers, shared: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return the pairs with the smaller number first, sorted."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((high, low))
    return low[order], high[order], shared[order]


def _with_copies(found: Pairs, first: Numbers, sizes: Numbers, complete: bool) -> Pairs:
    """Add to the pairs of first sets those of their copies: with the first only, or all."""
    a, b, shared, sparse, *_ = found
    held = np.flatnonzero(sizes > 0)
    members = held[np.argsort(first[held], kind="stable")]  # copies next to their first, in order
    counts = np.bincount(first[held], minlength=len(first))
    bounds = running(counts)
    if complete:
        # Every copy of a with every copy of b; and each copy with those behind it.
        each = ranges(bounds[a], bounds[a + 1])
        pair = np.repeat(np.arange(len(a)), counts[a])
        left = np.repeat(members[each], counts[b][pair])
        right = members[ranges(bounds[b][pair], bounds[b + 1][pair])]
        shared = np.repeat(shared[pair], counts[b][pair])
        place = np.arange(len(members))
        stops = bounds[first[members] + 1]
        twin, other = np.repeat(members, stops - place - 1), members[ranges(place + 1, stops)]
    else:
        left, right = a, b
        copies = held[first[held] != held]
        twin, other = first[copies], copies
        lacking = (counts[a] * counts[b]).sum() - len(a)
        lacking += (counts * (counts - 1) // 2).sum() - len(copies)
        sparse = sparse and not lacking
    a, b, shared = _ordered(
        np.concatenate((left, twin)),
        np.concatenate((right, other)),
        np.concatenate((shared, sizes[twin])),
    )
    return found._replace(a=a, b=b, shared=shared, complete=sparse)


def partners(
    queries: Sets,
    sets: Sets,
    near: float | Fraction,
    contained: float | Fraction,
    *,
    jaccard_only: bool = False,
    pulse: Callable[[], None] = lambda: None,
) -> Pairs:
    """Return the pairs of a few queries with all sets: `a` numbers queries, `b` sets.

    A scan of the stored values; exact and complete. A query that is itself among the sets is its
    own partner: the caller leaves that out. `pulse` is called for each part of them.
    """
    like = likeness(near, contained, jaccard_only=jaccard_only)
    known = np.argsort(queries.values, kind="stable")
    values = queries.values[known]
    owners = np.repeat(np.arange(len(queries.bounds) - 1), queries.sizes())[known]
    filter_bits = min(max(len(values), 1).bit_length() + 8, 24)
    shift = np.uint64(64 - filter_bits)
    seen = np.zeros(1 << filter_bits, np.bool_)
    seen[values >> shift] = True
    found = []
    for at in range(0, len(sets.values), _SCAN):
        pulse()
        part = sets.values[at : at + _SCAN]
        hits = np.flatnonzero(seen[part >> shift])
        low = np.searchsorted(values, part[hits], side="left")
        high = np.searchsorted(values, part[hits], side="right")
        number = np.searchsorted(sets.bounds, hits + at, side="right") - 1
        keys = owners[ranges(low, high)] << 32 | np.repeat(number, high - low)
        found.append(np.unique(keys, return_counts=True))
    keys, counts = _summed(found)
    a, b = keys >> 32, keys & 0xFFFFFFFF
    alike = like.holds(counts, queries.sizes()[a], sets.sizes()[b])
    return Pairs(a[alike], b[alike], counts[alike], True)


_SCAN = 1 << 18  # stored values scanned at once


def _summed(found: list[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers]:
    """Return the distinct keys of all parts, sorted, and the sums of their counts."""
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    keys, counts = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else keys
    return keys[starts], np.add.reduceat(counts, starts) if len(keys) else counts
