"""How much two sets share: exactly, from above by bitmaps, and what counts as alike."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seedkit.repeats.arrays import Flags, Hashes, Numbers, chunks, mix, ranges, running
from seedkit.repeats.grams import Sets

_LARGEST = 1_000_000_000  # values of two sets together; more than a seed has bytes
_CHUNK = 1 << 15  # values compared at once, to stay in cache, unless one set has more


class Likeness(NamedTuple):
    """When two sets are a pair: Jaccard ≥ `near`, or containment of the smaller ≥ `contained`.

    Thresholds are exact fractions above 0 and at most 1; without `contained` only Jaccard counts.
    """

    near: Fraction
    contained: Fraction | None

    def holds(self, shared: Numbers, a: Numbers, b: Numbers) -> Flags:
        """Tell which pairs with so much shared, of sets of sizes `a` and `b`, are alike."""
        p, q = self.near.as_integer_ratio()
        alike = shared * (p + q) >= p * (a + b)
        if self.contained is not None:
            p, q = self.contained.as_integer_ratio()
            alike |= shared * q >= p * np.minimum(a, b)
        return alike & (shared > 0)

    def need(self, sizes: Numbers) -> Numbers:
        """Return the least that a set must share with any partner that is no smaller."""
        p, q = self.near.as_integer_ratio()
        least = -(-2 * p * sizes // (p + q))
        if self.contained is not None:
            p, q = self.contained.as_integer_ratio()
            least = np.minimum(least, -(-p * sizes // q))
        return np.maximum(least, 1)


def likeness(
    near: float | Fraction, contained: float | Fraction, *, jaccard_only: bool = False
) -> Likeness:
    """Return the thresholds as exact fractions; a float means what it is written as: 0.8 is 4/5."""
    exact = [_reached(Fraction(str(each))) for each in (near, contained)]
    if not all(0 < each <= 1 for each in exact):
        raise ValueError(f"thresholds must be above 0 and at most 1, not {near} and {contained}")
    return Likeness(exact[0], None if jaccard_only else exact[1])


def _reached(threshold: Fraction) -> Fraction:
    """Return the least fraction that reaches the threshold, of those that two sets can share.

    So its terms are small, for products in 64 bits, and it is reached by the same sets.
    """
    p, q = threshold.limit_denominator(_LARGEST).as_integer_ratio()
    if Fraction(p, q) >= threshold:
        return Fraction(p, q)
    # The next one in the Farey sequence: r/s with r q - p s = 1, and s as large as may be.
    s = _LARGEST - (_LARGEST + pow(p, -1, q)) % q if q > 1 else _LARGEST
    return Fraction(p * s + 1, q * s)


def take(sets: Sets, which: Numbers) -> Sets:
    """Return some of the sets, in the order named; those side by side are copied together."""
    starts, stops = sets.bounds[which], sets.bounds[which + 1]
    turn = np.flatnonzero(np.diff(which, prepend=-2, append=-2) != 1)
    runs = zip(starts[turn[:-1]].tolist(), stops[turn[1:] - 1].tolist(), strict=True)
    values = np.concatenate([sets.values[:0], *(sets.values[at:stop] for at, stop in runs)])
    return Sets(values, running(stops - starts))


def overlaps(sets: Sets, a: Numbers, others: Sets, b: Numbers) -> Numbers:
    """Return what set a[i] of `sets` and b[i] of `others` share, by binary search of a's in b's.

    Time is |a| log |b|, so a should be the smaller.
    """
    shared = np.zeros(len(a), np.int64)
    starts, stops = sets.bounds[a], sets.bounds[a + 1]
    work = running(stops - starts)
    for at, end in chunks(work, _CHUNK):
        wanted = sets.values[ranges(starts[at:end], stops[at:end])]
        counts = np.diff(work[at : end + 1])
        own = b[at:end]
        found = _members(wanted, others, np.repeat(own, counts))
        sums = running(found.astype(np.int64))
        edges = work[at : end + 1] - work[at]
        shared[at:end] = sums[edges[1:]] - sums[edges[:-1]]
    return shared


def _members(wanted: Hashes, sets: Sets, which: Numbers) -> Flags:
    """Tell which of the values are in the set named with them, all by halving steps at once."""
    if not len(wanted):
        return np.zeros(0, np.bool_)
    at, stop = sets.bounds[which], sets.bounds[which + 1]
    step = (1 << int((stop - at).max()).bit_length()) >> 1
    while step:
        ahead = at + step  # is all before it less?
        less = sets.values.take(ahead - 1, mode="clip") < wanted
        less &= ahead <= stop
        at = np.where(less, ahead, at)
        step >>= 1
    found: Flags = (at < stop) & (sets.values.take(at, mode="clip") == wanted)
    return found


def bitmaps(sets: Sets, bits: int) -> NDArray[np.uint64]:
    """Return a bitmap of so many bits (a multiple of 64) for each set: shape (bits / 64, sets)."""
    count = len(sets.bounds) - 1
    maps = np.zeros((bits // 64, count), np.uint64)
    for at in range(0, count, 1024):
        stop = min(at + 1024, count)
        edges = sets.bounds[at : stop + 1]
        bit = (sets.values[edges[0] : edges[-1]] % np.uint64(bits)).astype(np.int64)
        grid = np.zeros((stop - at) * bits, np.bool_)
        grid[bit + np.repeat(np.arange(stop - at) * bits, np.diff(edges))] = True
        maps[:, at:stop] = np.packbits(grid.reshape(-1, bits), axis=1).view(np.uint64).T
    return maps


def at_most(maps: NDArray[np.uint64], sizes: Numbers, a: Numbers, b: Numbers) -> Numbers:
    """Return an upper bound of what sets a[i] and b[i] share: each bit of a that b lacks is one
    value at least that b lacks."""
    lacking = np.zeros(len(a), np.uint16)
    for word in maps:
        lacking += np.bitwise_count(word[a] & ~word[b])
    return sizes[a] - lacking


def firsts(sets: Sets) -> Numbers:
    """Return for each set the first one equal to it (itself, if there is none before).

    Empty sets equal none. Equality is by value and place, not by hash alone.
    """
    count = len(sets.bounds) - 1
    sizes = sets.sizes()
    signs = mix(_sums(sets) + sizes.astype(np.uint64))
    order = np.argsort(signs, kind="stable")
    fresh = np.ones(count, np.bool_)
    fresh[1:] = signs[order[1:]] != signs[order[:-1]]
    first = np.arange(count)
    first[order] = order[fresh][np.cumsum(fresh) - 1]
    first[sizes == 0] = np.flatnonzero(sizes == 0)
    copies = np.flatnonzero(first != np.arange(count))
    copies = copies[sizes[copies] == sizes[first[copies]]]
    copies = copies[_equal(sets, copies, first[copies])]
    same = np.arange(count)
    same[copies] = first[copies]
    return same


def _sums(sets: Sets) -> Hashes:
    """Return the sum of each set's values, scattered, modulo 2**64."""
    found = np.zeros(len(sets.bounds) - 1, np.uint64)
    for at, stop in chunks(sets.bounds, _CHUNK):
        edges = sets.bounds[at : stop + 1]
        sums = np.zeros(edges[-1] - edges[0] + 1, np.uint64)
        np.cumsum(mix(sets.values[edges[0] : edges[-1]]), out=sums[1:])
        found[at:stop] = np.diff(sums[edges - edges[0]])
    return found


def _equal(sets: Sets, a: Numbers, b: Numbers) -> Flags:
    """Tell which sets a[i] and b[i], of one size, are equal value by value."""
    sizes = sets.sizes()[a]
    alike = np.ones(len(a), np.bool_)
    for at, stop in chunks(running(sizes), _CHUNK):
        left, right, size = sets.bounds[a[at:stop]], sets.bounds[b[at:stop]], sizes[at:stop]
        ours, theirs = (sets.values[ranges(each, each + size)] for each in (left, right))
        alike[np.repeat(np.arange(at, stop), size)[ours != theirs]] = False
    return alike
