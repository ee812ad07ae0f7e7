"""Corpora whose sets do not fit in memory: three passes that leave the few that may be in a pair.

1. `see` every set: a table of cells counts values, up to two.
2. `survive`: a set has a partner that is no smaller only if enough of its values are in cells
   counted twice. `mark` the values of the sets that survive.
3. `meet`: any other set matters only if it holds enough marked values to be such a partner.

Two values in one cell only look like one that occurs twice: sets may stay for nothing, none is
lost. `similar_pairs` of the sets left, which each pass may get in any parts, gives the pairs of
all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seedkit.repeats.grams import Sets
from seedkit.repeats.overlap import Flags, Likeness, Numbers, running

Cells = NDArray[np.uint8]


def cells(bits: int = 30) -> Cells:
    """Return an empty table of 2**bits cells, a byte each: best some times more than values."""
    return np.zeros(1 << bits, np.uint8)


def _cell(table: Cells, sets: Sets) -> NDArray[np.uint64]:
    return sets.values >> np.uint64(65 - len(table).bit_length())


def see(table: Cells, sets: Sets) -> None:
    """Count the values of some sets, all together few enough for memory."""
    cell = np.sort(_cell(table, sets))
    again = cell[1:][cell[1:] == cell[:-1]]
    table[cell] += table[cell] < 2
    table[again] = 2


def survive(table: Cells, sets: Sets, likeness: Likeness) -> Flags:
    """Tell which sets may have a partner that is no smaller, once every set was seen."""
    found = _counts(table[_cell(table, sets)] == 2, sets)
    return (found >= likeness.need(sets.sizes())) & (found > 0)


def mark(marks: Cells, sets: Sets) -> None:
    """Mark the values of the sets that survive, in a table of their own."""
    marks[_cell(marks, sets)] = 1


def meet(marks: Cells, sets: Sets, least: int) -> Flags:
    """Tell which sets may share `least` values with a set that survives: the least any needs."""
    return _counts(marks[_cell(marks, sets)] == 1, sets) >= max(least, 1)


def _counts(flags: Flags, sets: Sets) -> Numbers:
    """Return how many flags are set in each set."""
    sums = running(flags.astype(np.int64))
    return sums[sets.bounds[1:]] - sums[sets.bounds[:-1]]
