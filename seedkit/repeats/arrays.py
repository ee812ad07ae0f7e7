"""Kinds of arrays, parts of one that lie side by side, hashes distinguished by their high bits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Offsets = NDArray[np.int32]
Numbers = NDArray[np.int64]
Bounds = NDArray[np.int64]  # part i is what stands from bounds[i] to bounds[i + 1]
Flags = NDArray[np.bool_]

T = TypeVar("T", bound=np.generic)

_CELLS = 24  # bits: to count in more takes longer than it saves
_PART = 1 << 16  # values looked at at once, to stay in cache


def mix(x: Hashes) -> Hashes:
    """Return the values scattered over 64 bits, one to one (the finalizer of SplitMix64)."""
    shifted = x >> np.uint64(30)
    mixed = x ^ shifted
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= np.right_shift(mixed, np.uint64(27), out=shifted)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= np.right_shift(mixed, np.uint64(31), out=shifted)
    return mixed


def crowded(values: Hashes) -> Flags:
    """Tell which of some scattered values may occur more than once.

    Those with the same high bits are counted, at a small part of the cost of sorting them. If all
    occur once, two in three are distinguished or more, up to ten million of them.
    """
    bits = min(max(len(values).bit_length() + 1, 8), _CELLS)
    counts = np.zeros(1 << bits, np.uint32)
    for at in range(0, len(values), _PART):
        np.add.at(counts, high(values[at : at + _PART], bits), np.uint32(1))
    twice = counts > 1
    found = np.empty(len(values), np.bool_)
    for at in range(0, len(values), _PART):
        found[at : at + _PART] = twice[high(values[at : at + _PART], bits)]
    return found


def high(values: Hashes, bits: int) -> Numbers:
    """Return the numbers that so many high bits are (63 or fewer)."""
    return (values >> np.uint64(64 - bits)).view(np.int64)


def running(counts: Numbers) -> Bounds:
    """Return the bounds of parts with so many items: 0, then the running sums."""
    bounds = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=bounds[1:])
    return bounds


def ranges(starts: Numbers, stops: Numbers) -> Numbers:
    """Return the numbers of every range from a start to its stop, one range after the other."""
    counts = stops - starts
    bounds = running(counts)
    numbers: Numbers = np.arange(bounds[-1]) + np.repeat(starts - bounds[:-1], counts)
    return numbers


def together(parts: Sequence[NDArray[T]], kind: type[T]) -> NDArray[T]:
    """Return some arrays one after the other: without a copy, if there is one only."""
    return np.concatenate(parts) if len(parts) > 1 else parts[0] if parts else np.zeros(0, kind)


def chunks(bounds: Bounds, size: int) -> Iterator[tuple[int, int]]:
    """Return ranges of texts with at most `size` items together, or one text with more."""
    at, count = 0, len(bounds) - 1
    while at < count:
        stop = int(np.searchsorted(bounds, bounds[at] + size, side="right")) - 1
        stop = min(max(stop, at + 1), count)
        yield at, stop
        at = stop
