"""Which sets may be alike: an inverted index and prefix filtering, complete by theorem.

Number the sets by size. A set A of n values that shares at least c of them with some larger set B
can name the n - c + 1 of its values that are rarest: if none of these were in B, at most c - 1
could be. So it is enough to look these few up in the index (AllPairs, Bayardo, Ma and Srikant,
WWW 2007; PPJoin, Xiao and others, WWW 2008). Values found in no other set come first, cost
nothing, and use up the prefix; a set with fewer than c values found elsewhere has no partner that
is larger. So only values of the other sets, most often few, go into the index.

Values are cut to the bits that a set's number leaves free in 64: so one sort of integers makes
the index. Two values that fall together so only look more frequent, and nothing is missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seedkit.repeats.arrays import (
    Bounds,
    Flags,
    Hashes,
    Numbers,
    chunks,
    crowded,
    high,
    ranges,
    running,
)
from seedkit.repeats.grams import Sets
from seedkit.repeats.set_similarity import Likeness, at_most, bitmaps

_MOST = 1 << 24  # sets, so that number, rarity and place fit in one integer
_CHUNK = 1 << 17  # candidates held at once, unless one set has more
_CELLS = 24  # bits of a value by which it is looked up
_BITS = (256, 1024)  # in bitmaps: few for every candidate, more for those left


class Index(NamedTuple):
    """The values that may make a pair: those in two sets or more, and in one that may have a larger
    partner; and in which sets they are.

    Entries are one per value and set: `sets` (int32, the set's number) ascends within a value;
    value g, whose cut hash is `values[g]`, has those from `bounds[g]` to `bounds[g + 1]`.
    `bits` is how many low bits were cut.
    """

    values: Hashes
    bounds: Bounds
    sets: NDArray[np.int32]
    bits: int


class Prefixes(NamedTuple):
    """What to look up: set `owners[i]` its value at entry `entries[i]`, whose list ends before
    `stops[i]`; partners that are no smaller stand behind the entry. Owners ascend."""

    owners: Numbers
    entries: Numbers
    stops: Numbers


Lookup = tuple[Prefixes, NDArray[np.int32]]  # with the lists of sets that its entries are in


def build_index(sets: Sets, likeness: Likeness) -> Index:
    """Index sets that are numbered by size. Some values that make no pair may be in it, too."""
    count = len(sets.bounds) - 1
    if count > _MOST:
        raise ValueError(f"more than {_MOST:,} sets")
    bits = max(count - 1, 1).bit_length()
    used = _useful(sets, likeness)
    keys = sets.values[used] >> np.uint64(bits)
    keys <<= np.uint64(bits)
    per_set = np.diff(used.searchsorted(sets.bounds))
    keys |= np.repeat(np.arange(count, dtype=np.uint64), per_set)
    keys.sort()
    fresh = np.ones(len(keys) + 1, np.bool_)
    fresh[1:-1] = (keys[1:] ^ keys[:-1]) >> np.uint64(bits) != 0
    first = fresh[:-1]
    keys, first = keys[(lone := ~(first & fresh[1:]))], first[lone]
    who = (keys & np.uint64((1 << bits) - 1)).astype(np.int32)
    starts = np.flatnonzero(first)
    return Index(keys[starts] >> np.uint64(bits), np.append(starts, len(keys)), who, bits)


def _useful(sets: Sets, likeness: Likeness) -> Numbers:
    """Return where the values are that may make a pair."""
    places = np.flatnonzero(crowded(sets.values))
    found = np.diff(places.searchsorted(sets.bounds))
    cells = high(sets.values[places], _CELLS)
    wanted = np.zeros(1 << _CELLS, np.bool_)
    wanted[cells[np.repeat(found >= likeness.need(sets.sizes()), found)]] = True
    return places[wanted[cells]]


def prefixes(index: Index, sizes: Numbers, likeness: Likeness) -> Prefixes:
    """Return what each set must look up, rarest first; nothing for sets that have no partner."""
    need = likeness.need(sizes)
    found = np.bincount(index.sets, minlength=len(sizes))
    slots = np.maximum(found - need + 1, 0)
    lengths = np.diff(index.bounds)
    rarity = np.minimum(np.log2(lengths) * 8, 255).astype(np.int64)
    entries = np.flatnonzero(slots[index.sets] > 0)
    value = _value_of(index.bounds, entries)
    keys = index.sets[entries].astype(np.int64) << 40 | rarity[value] << 32 | entries
    keys.sort()
    owners = keys >> 40
    starts = running(np.where(slots > 0, found, 0))
    chosen = np.arange(len(keys)) - starts[owners] < slots[owners]
    owners, entries = owners[chosen], keys[chosen] & 0xFFFFFFFF
    return Prefixes(owners, entries, index.bounds[_value_of(index.bounds, entries) + 1])


def _value_of(bounds: Bounds, entries: Numbers) -> Numbers:
    """Return which value each entry is of."""
    mark = np.zeros(int(bounds[-1]) + 1, np.int32)
    mark[bounds[1:-1]] = 1
    return np.cumsum(mark, dtype=np.int64)[entries]


def candidates(
    sets: Sets, likeness: Likeness, lookups: Sequence[Lookup]
) -> Iterator[tuple[Numbers, Numbers]]:
    """Return in chunks the pairs (a no larger than b) that prefixes and bitmaps leave: a, b."""
    sizes = sets.sizes()
    rough, fine = (bitmaps(sets, bits) for bits in _BITS)
    for looked_up, who in lookups:
        for a, b in _listed(looked_up, who, len(sizes)):
            for maps in (rough, fine):
                keep = likeness.holds(at_most(maps, sizes, a, b), sizes[a], sizes[b])
                a, b = a[keep], b[keep]
            yield a, b


def lookups(index: Index, prefix: Prefixes, covered: Flags | None = None) -> list[Lookup]:
    """Return what leads to all pairs but those of two `covered` sets: free sets are looked up among
    all, covered ones among free ones."""
    if covered is None:
        return [(prefix, index.sets)]
    free = ~covered[prefix.owners]
    return [
        (Prefixes(*(column[free] for column in prefix)), index.sets),
        lookup_among(index, prefix, covered, ~covered),
    ]


def lookup_among(index: Index, prefix: Prefixes, some: Flags, others: Flags) -> Lookup:
    """Return what leads to the pairs of some sets with others that are larger; none is both."""
    listed = others[index.sets]
    before = running(listed.astype(np.int64))
    rest = some[prefix.owners]
    owners, entries, stops = (column[rest] for column in prefix)
    return Prefixes(owners, before[entries] - 1, before[stops]), index.sets[listed]


def _listed(
    prefix: Prefixes, who: NDArray[np.int32], count: int
) -> Iterator[tuple[Numbers, Numbers]]:
    """Return in chunks the distinct pairs of an owner and a set behind one of its entries."""
    costs = prefix.stops - prefix.entries - 1
    per_owner = running(np.bincount(prefix.owners, costs, minlength=count).astype(np.int64))
    edges = running(np.bincount(prefix.owners, minlength=count))
    for at, stop in chunks(per_owner, _CHUNK):
        part = slice(edges[at], edges[stop])
        owners = np.repeat(prefix.owners[part], costs[part])
        if not len(owners):
            continue
        others = who[ranges(prefix.entries[part] + 1, prefix.stops[part])]
        keys = owners << 24 | others
        keys.sort()
        fresh = np.ones(len(keys), np.bool_)
        fresh[1:] = keys[1:] != keys[:-1]
        keys = keys[fresh]
        owners, others = keys >> 24, keys & 0xFFFFFF
        apart = owners != others
        yield owners[apart], others[apart]
