"""Turns records round: from the tokens of each record to the records of each token, on disk.

Nothing but a number for each token is appended while records come in; all of a field is sorted at
once when the segment is written (sort-based inversion; Witten, Moffat and Bell 1999, "Managing
Gigabytes", 5.2).
"""

from __future__ import annotations

import zlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seedkit.search.engines.whoosh_inverted import (
    EXISTS,
    FIELD,
    LEVEL,
    LONG,
    MAGIC,
    POSITIONED,
    TAIL,
    TOKENS_IN_BLOCK,
    Dictionary,
    pack,
    seal,
)

# Bytes of memory, as measured with CPython 3.11: a token that is new, an occurrence, and what an
# occurrence takes while its field is sorted.
_TOKEN, _OCCURRENCE, _SORTED = 190, 4, 48

_Numbers = NDArray[np.uint32]
_Sizes = NDArray[np.int64]


class Turned(NamedTuple):
    """The postings of a field, by token in order and then by record.

    `holders` and `totals` have a number for each token: records, occurrences. `gaps` and `counts`
    have one for each posting, and `positions`, if the field has them, one for each occurrence.
    """

    tokens: list[str]
    holders: _Sizes
    totals: _Sizes
    gaps: _Numbers
    counts: _Numbers
    positions: _Numbers | None


class Occurrences:
    """What tokens stand in one field of each record."""

    def __init__(self, detail: int) -> None:
        self.detail = detail
        self._ids: defaultdict[str, int] = defaultdict(count().__next__)
        self._tokens = array("I")
        self._sizes = array("I")
        self._merged: list[tuple[_Numbers, _Numbers, _Numbers]] = []

    def memory(self) -> tuple[int, int]:
        """Return about how many bytes are taken, and how many more to write them."""
        occurrences = len(self._tokens) + sum(len(tokens) for tokens, _, _ in self._merged)
        return len(self._ids) * _TOKEN + occurrences * _OCCURRENCE, occurrences * _SORTED

    def add(self, tokens: Collection[str]) -> None:
        """Take the tokens of the next record in, each of which stands at its place."""
        self._tokens.extend(map(self._ids.__getitem__, tokens))
        self._sizes.append(len(tokens))

    def merge(self, dictionary: Dictionary, moved: _Sizes) -> None:
        """Take in what a segment has of the field, but for records that are moved to -1."""
        for block in dictionary.blocks():
            for numbers, gaps, several, positions in block.lists():
                holders = np.array([block.holders[number] for number in numbers], np.int64)
                totals = np.array([block.occurrences(number) for number in numbers], np.int64)
                ids = np.array([self._ids[block.tokens[number]] for number in numbers], np.uint32)
                records = moved[_accumulated(np.frombuffer(gaps, np.uint32), holders)]
                counts = np.ones(len(records), np.int64)
                counts[np.repeat(totals > holders, holders)] = several
                left = np.repeat(records >= 0, counts)
                if left.any():
                    self._merged.append(
                        (
                            np.repeat(np.repeat(ids, holders), counts)[left],
                            np.repeat(records, counts)[left].astype(np.uint32),
                            np.frombuffer(positions, np.uint32)[left]
                            if positions
                            else np.zeros(np.count_nonzero(left), np.uint32),
                        )
                    )

    def turn(self) -> Turned:
        """Return all that was taken in, sorted."""
        ids, records, places = self._taken()
        tokens = sorted(self._ids)
        ranks = np.empty(len(tokens), np.uint64)
        ranks[[self._ids[token] for token in tokens]] = np.arange(len(tokens), dtype=np.uint64)
        keys = ranks[ids]
        keys <<= np.uint64(32)
        keys |= records
        positions = None
        if self.detail == POSITIONED:
            order = np.argsort(keys, kind="stable")  # within a record, places ascend already
            positions = places[order]
            keys = keys[order]
        else:
            keys.sort()
        firsts = np.flatnonzero(np.diff(keys, prepend=~keys[:1]))
        counts = np.diff(firsts, append=len(keys)).astype(np.uint32)
        keys = keys[firsts]
        holders = np.bincount((keys >> np.uint64(32)).astype(np.int64), minlength=len(tokens))
        if not holders.all():  # what was merged had tokens that only removed records held
            tokens = [token for token, held in zip(tokens, holders, strict=True) if held]
            holders = holders[holders > 0]
        starts = np.cumsum(holders) - holders
        gaps = keys.astype(np.uint32)
        records = gaps[starts]
        gaps[1:] -= gaps[:-1].copy()
        gaps[starts] = records
        totals = holders
        if self.detail != EXISTS and len(starts):
            totals = np.add.reduceat(counts, starts, dtype=np.int64)
        return Turned(tokens, holders, totals, gaps, counts, positions)

    def _taken(self) -> tuple[_Numbers, _Numbers, _Numbers]:
        """For each occurrence: the number of its token, its record, and its place in that."""
        sizes = np.frombuffer(self._sizes, np.uint32)
        ids = np.frombuffer(self._tokens, np.uint32)
        records = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)
        starts = np.cumsum(sizes, dtype=np.uint32) - sizes
        places = np.arange(len(ids), dtype=np.uint32) - np.repeat(starts, sizes)
        if not self._merged:
            return ids, records, places
        taken = zip((ids, records, places), *self._merged, strict=True)
        ids, records, places = map(np.concatenate, taken)
        return ids, records, places


def _accumulated(gaps: _Numbers, holders: _Sizes) -> _Sizes:
    """Return the records between which there are these gaps, for one token after the other."""
    records: _Sizes = np.cumsum(gaps, dtype=np.int64)
    starts = np.cumsum(holders) - holders
    records -= np.repeat(records[starts] - gaps[starts], holders)
    return records


class InvertedWriter:
    """Writes an inverted file, field by field. `write` appends bytes to the file."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._place = 0
        self._directory: list[bytes] = []
        self._put(MAGIC)

    def _put(self, data: bytes) -> None:
        self._write(data)
        self._place += len(data)

    def field(self, name: str, detail: int, turned: Turned) -> None:
        """Write all of a field."""
        start = self._place
        firsts = turned.tokens[::TOKENS_IN_BLOCK]
        sizes = array("I")
        postings = occurrences = 0
        for first in range(0, len(turned.tokens), TOKENS_IN_BLOCK):
            before = self._place
            tokens = slice(first, first + TOKENS_IN_BLOCK)
            holders, totals = turned.holders[tokens], turned.totals[tokens]
            held, total = int(holders.sum()), int(totals.sum())
            block = Turned(
                turned.tokens[tokens],
                holders,
                totals,
                turned.gaps[postings : postings + held],
                turned.counts[postings : postings + held],
                None
                if turned.positions is None
                else turned.positions[occurrences : occurrences + total],
            )
            postings += held
            occurrences += total
            data = self._block(block, detail)
            sizes.extend((self._place - before, len(data)))
            self._put(data)
        index = seal(firsts, pack(sizes))
        entry = FIELD.pack(detail, start, self._place, len(index), len(name))
        self._directory.append(entry + name.encode())
        self._put(index)

    def _block(self, block: Turned, detail: int) -> bytes:
        """Write the long lists of some tokens, and return the block with the others."""
        _, holders, totals, gaps, counts, positions = block
        long = holders >= LONG
        several = totals > holders
        posting_ends = np.cumsum(holders)
        occurrence_ends = np.cumsum(totals)
        sizes = []
        for number in np.flatnonzero(long):
            end = posting_ends[number]
            parts = [gaps[end - holders[number] : end]]
            if several[number]:
                parts.append(counts[end - holders[number] : end])
            if positions is not None:
                end = occurrence_ends[number]
                parts.append(positions[end - totals[number] : end])
            data = zlib.compress(pack(np.concatenate(parts)), LEVEL)
            sizes.append(len(data))
            self._put(data)
        short = np.repeat(~long, holders)
        numbers: list[NDArray[Any]] = [holders]
        if detail != EXISTS:
            numbers.append(totals)
        numbers += [np.array(sizes, np.uint32), gaps[short]]
        if detail != EXISTS:
            numbers.append(counts[short & np.repeat(several, holders)])
        if positions is not None:
            numbers.append(positions[np.repeat(~long, totals)])
        return seal(block.tokens, pack(np.concatenate(numbers).astype(np.uint32)))

    def close(self) -> None:
        """Write the directory; nothing may follow."""
        directory = zlib.compress(b"".join(self._directory), LEVEL)
        self._write(directory + TAIL.pack(self._place, len(directory)))
