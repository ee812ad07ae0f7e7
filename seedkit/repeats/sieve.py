"""Corpora whose sets do not fit in memory: three passes that leave the few that may be in a pair.

1. `see` every set: a table of cells counts values.
2. `survive`: a set has a partner that is no smaller only if enough of its values are in cells
   counted twice or more. Of these it names the `rarest`, as in `candidates`: all but one less than
   it must share, so that any such partner has one of them.
3. `meet`: any other set matters only if it has one of the values named.

Two values in one cell only look more frequent: sets may stay for nothing, none is lost.
`similar_pairs` of the sets left, which each pass may get in any parts, gives the pairs of all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seedkit.repeats.arrays import Flags, Hashes, Numbers, running
from seedkit.repeats.grams import Sets
from seedkit.repeats.set_similarity import Likeness

Cells = NDArray[np.uint8]

_MOST = 255  # as far as a cell counts
_CHUNK = 1 << 18  # values looked at at once, to stay in cache


class Named(NamedTuple):
    """Values, ascending and distinct, and the cells they are in, for a quick look."""

    values: Hashes
    cells: Cells


def cells(bits: int = 30) -> Cells:
    """Return an empty table of 2**bits cells, a byte each: best some times more than values."""
    return np.zeros(1 << bits, np.uint8)


def _cell(table: Cells, values: Hashes) -> NDArray[np.uint64]:
    return values >> np.uint64(65 - len(table).bit_length())


def see(table: Cells, sets: Sets) -> None:
    """Count the values of some sets, all together few enough for memory."""
    for at in range(0, len(sets.values), _CHUNK):
        cell = _cell(table, sets.values[at : at + _CHUNK]).astype(np.uint32)
        cell.sort()
        first = np.flatnonzero(np.append(True, cell[1:] != cell[:-1]))
        count = np.diff(first, append=len(cell))
        cell = cell[first]
        table[cell] = np.minimum(table[cell] + count, _MOST)


def seen_again(table: Cells, sets: Sets) -> Flags:
    """Tell which values of some sets may have been seen twice or more."""
    found: Flags = table[_cell(table, sets.values)] > 1
    return found


def survive(table: Cells, sets: Sets, likeness: Likeness) -> Flags:
    """Tell which sets may have a partner that is no smaller, once every set was seen."""
    found = _counts(seen_again(table, sets), sets)
    return found >= likeness.need(sets.sizes())


def rarest(table: Cells, sets: Sets, likeness: Likeness) -> Hashes:
    """Return the values of which each partner of the sets that survive, if no smaller, has one."""
    count = table[_cell(table, sets.values)]
    again = np.flatnonzero(count > 1)
    owner = np.repeat(np.arange(len(sets.bounds) - 1), sets.sizes())[again]
    order = again[np.lexsort((count[again], owner))]
    found = np.bincount(owner, minlength=len(sets.bounds) - 1)
    place = np.arange(len(order)) - np.repeat(running(found)[:-1], found)
    wanted = np.repeat(found - likeness.need(sets.sizes()), found)
    return np.unique(sets.values[order[place <= wanted]])


def name(parts: list[Hashes], bits: int = 27) -> Named:
    """Put the rarest values of all sets that survive together."""
    values = np.unique(np.concatenate([np.zeros(0, np.uint64), *parts]))
    table = cells(bits)
    table[_cell(table, values)] = 1
    return Named(values, table)


def meet(named: Named, sets: Sets) -> Flags:
    """Tell which sets have one of the values that those that survive have named."""
    hits = named.cells[_cell(named.cells, sets.values)] > 0
    values = sets.values[hits]
    hits[hits] = named.values.take(np.searchsorted(named.values, values), mode="clip") == values
    return _counts(hits, sets) > 0


def _counts(flags: Flags, sets: Sets) -> Numbers:
    """Return how many flags are set in each set."""
    sums = running(flags.astype(np.int64))
    return sums[sets.bounds[1:]] - sums[sets.bounds[:-1]]
