"""The inverted file of a segment: for every token of every field, which records hold it.

Whoosh's own (codec W3) spends some 75 bytes on a token before its first posting, and one pickle on
every block of postings. Here tokens stand in blocks of 128, compressed as one, together with the
postings of those that are in few records (Cutting and Pedersen 1990, "Optimizations for dynamic
inverted index maintenance"); longer lists lie before the block they belong to.

Numbers are written as the code points of a text in UTF-8, which is a code of variable length that
Python converts at C speed. Nothing here is pickled, and zlib's checksums guard what is read.

    file    = magic, for each field: (long lists, block)*, index; directory, where it is
    block   = zlib(size of the tokens, tokens joined by a space, numbers)
    numbers = records of each token; occurrences of each token, if the field counts them;
              size of each long list; the short lists, first the gaps of all, then all counts, …
    list    = gaps between the records; occurrences in each, if there are more than records;
              positions, if the field has them
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, Protocol

MAGIC = b"seedkit inverted 1\n"

# How much stands in the postings of a field.
EXISTS, COUNTED, POSITIONED = 0, 1, 2

TOKENS_IN_BLOCK = 128
_BLOCKS_KEPT = 1024
LONG = 48  # records, from which on a list lies outside of the block
LEVEL = 4
_CODE_POINTS = f"utf-32-{sys.byteorder[0]}e"
_RAW = b"\xff"  # no UTF-8 begins so
_LENGTH = struct.Struct("!I")
FIELD = struct.Struct("!BQQIB")  # detail, start of the data, place and size of the index, name
TAIL = struct.Struct("!QI")  # place and size of the directory


class Data(Protocol):
    """The content of a file: bytes, or a file mapped into memory."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes: ...


class Numbers(Protocol):
    """An array of 32-bit numbers, of `array` or numpy."""

    def tobytes(self) -> bytes: ...


class Postings(NamedTuple):
    """The records that hold a token, ascending; how often; where, one record after the other.

    `counts` is None if every record holds it once, `positions` if the field has none.
    """

    records: Sequence[int]
    counts: Sequence[int] | None = None
    positions: Sequence[int] | None = None


def pack(numbers: Numbers) -> bytes:
    """Return numbers below 2**32 as bytes, few for small ones."""
    try:
        text = numbers.tobytes().decode(_CODE_POINTS, "surrogatepass")
    except UnicodeDecodeError:  # one of them is no code point
        return _RAW + numbers.tobytes()
    return text.encode("utf-8", "surrogatepass")


def unpack(data: bytes) -> array[int]:
    """Return the numbers that were packed; raises ValueError if none can have been."""
    numbers = array("I")
    if data.startswith(_RAW):
        numbers.frombytes(data[1:])
    else:
        text = data.decode("utf-8", "surrogatepass")
        numbers.frombytes(text.encode(_CODE_POINTS, "surrogatepass"))
    return numbers


def seal(tokens: Sequence[str], numbers: bytes) -> bytes:
    """Return a block of tokens and packed numbers."""
    text = " ".join(tokens).encode("utf-8", "surrogatepass")
    return zlib.compress(_LENGTH.pack(len(text)) + text + numbers, LEVEL)


def _unseal(data: bytes) -> tuple[list[str], array[int]]:
    data = zlib.decompress(data)
    end = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    text = data[_LENGTH.size : end].decode("utf-8", "surrogatepass")
    return text.split(" ") if text else [], unpack(data[end:])


class Block:
    """Some tokens that follow each other, and in how many records each is (`holders`)."""

    def __init__(self, block: bytes, detail: int, data: Data, start: int) -> None:
        self.tokens, self._numbers = _unseal(block)
        many = len(self.tokens)
        self.holders = self._numbers[:many]
        self._occurrences = self._numbers[many : 2 * many] if detail else self.holders
        self._detail = detail
        self._data = data
        self._start = start
        self._long: dict[int, slice] = {}
        self._gaps: list[int] = []
        self._counts: list[int] = []
        self._positions: list[int] = []

    def _locate(self) -> None:
        """Find where the postings of each token begin: here, or before the block."""
        place = len(self.tokens) * (1 if self._detail == EXISTS else 2)
        outside = self._start
        for number, held in enumerate(self.holders):
            if held >= LONG:
                size = self._numbers[place]
                self._long[number] = slice(outside, outside + size)
                outside += size
                place += 1
        short = [held if held < LONG else 0 for held in self.holders]
        self._gaps = list(accumulate(short, initial=place))
        if self._detail == EXISTS:
            return
        several = [
            held if total > held else 0
            for held, total in zip(short, self._occurrences, strict=True)
        ]
        self._counts = list(accumulate(several, initial=self._gaps[-1]))
        if self._detail == POSITIONED:
            totals = [
                total if held else 0 for held, total in zip(short, self._occurrences, strict=True)
            ]
            self._positions = list(accumulate(totals, initial=self._counts[-1]))

    def occurrences(self, number: int) -> int:
        """Return how often a token occurs in all records together, if the field counts that."""
        return self._occurrences[number]

    def records(self, number: int) -> Sequence[int]:
        """Return the records that hold a token, which is given by its number in the block."""
        if not self._gaps:
            self._locate()
        held = self.holders[number]
        if number in self._long:
            gaps = self._outside(number)[:held]
        else:
            gaps = self._numbers[self._gaps[number] : self._gaps[number] + held]
        return gaps if held == 1 else list(accumulate(gaps))

    def postings(self, number: int) -> Postings:
        """Return the postings of a token, which is given by its number in the block."""
        if not self._gaps:
            self._locate()
        held, total = self.holders[number], self._occurrences[number]
        if number in self._long:
            numbers = self._outside(number)
            gap, count = 0, held
            position = held if total == held else 2 * held
        else:
            numbers = self._numbers
            gap = self._gaps[number]
            count = self._counts[number] if self._counts else 0
            position = self._positions[number] if self._positions else 0
        return Postings(
            list(accumulate(numbers[gap : gap + held])),
            numbers[count : count + held] if total > held else None,
            numbers[position : position + total] if self._detail == POSITIONED else None,
        )

    def _outside(self, number: int) -> array[int]:
        """The list of a token that lies outside of the block."""
        return unpack(zlib.decompress(self._data[self._long[number]]))

    def lists(self) -> Iterator[tuple[list[int], array[int], array[int], array[int]]]:
        """Yield all postings: numbers of tokens, and of all these gaps, counts, and positions.

        Counts are those of tokens that have more occurrences than records.
        """
        if not self._gaps:
            self._locate()
        yield (
            [number for number, held in enumerate(self.holders) if held < LONG],
            self._numbers[self._gaps[0] : self._gaps[-1]],
            self._numbers[self._counts[0] : self._counts[-1]] if self._counts else array("I"),
            self._numbers[self._positions[0] : self._positions[-1]]
            if self._positions
            else array("I"),
        )
        for number in self._long:
            numbers = self._outside(number)
            held, total = self.holders[number], self._occurrences[number]
            end = held if total == held else 2 * held
            yield [number], numbers[:held], numbers[held:end], numbers[end:]


class Dictionary:
    """The tokens of one field, in order of code points, block by block."""

    def __init__(self, detail: int, data: Data, start: int, index: bytes) -> None:
        self._detail = detail
        self._data = data
        self._firsts, sizes = _unseal(index)
        self._places = list(accumulate(sizes, initial=start))
        self._blocks: dict[int, Block] = {}

    def _block(self, number: int) -> Block:
        block = self._blocks.get(number)
        if block is None:
            start, middle, end = self._places[2 * number : 2 * number + 3]
            block = Block(self._data[middle:end], self._detail, self._data, start)
            if len(self._blocks) >= _BLOCKS_KEPT:
                self._blocks.clear()
            self._blocks[number] = block
        return block

    def blocks(self) -> Iterator[Block]:
        """Yield all blocks, in order."""
        return map(self._block, range(len(self._firsts)))

    def find(self, tokens: Sequence[str]) -> Iterator[tuple[Block, int]]:
        """Yield those of the tokens, which are sorted, that are there: block and number in it."""
        at = 0
        while at < len(tokens):
            number = bisect_right(self._firsts, tokens[at])
            end = len(tokens)
            if number < len(self._firsts):
                end = bisect_left(tokens, self._firsts[number], at)
            if number:
                block = self._block(number - 1)
                for token in tokens[at:end]:
                    place = bisect_left(block.tokens, token)
                    if place < len(block.tokens) and block.tokens[place] == token:
                        yield block, place
            at = end

    def scan_from(self, token: str) -> Iterator[tuple[Block, int]]:
        """Yield all tokens from this one on, in order: block and number in it."""
        first = max(bisect_left(self._firsts, token) - 1, 0)
        for number in range(first, len(self._firsts)):
            block = self._block(number)
            start = bisect_left(block.tokens, token) if number == first else 0
            for place in range(start, len(block.tokens)):
                yield block, place

    def scan(self, prefix: str) -> Iterator[tuple[Block, int]]:
        """Yield all tokens that begin with a prefix, in order: block and number in it."""
        for block, place in self.scan_from(prefix):
            if not block.tokens[place].startswith(prefix):
                return
            yield block, place


class InvertedFile:
    """What an inverted file holds: a dictionary for each field, opened when it is asked for."""

    def __init__(self, data: Data) -> None:
        place, size = TAIL.unpack(data[len(data) - TAIL.size :])
        directory = zlib.decompress(data[place : place + size])
        self._data = data
        self._fields: dict[str, tuple[int, int, int, int]] = {}
        self._open: dict[str, Dictionary] = {}
        place = 0
        while place < len(directory):
            *entry, length = FIELD.unpack_from(directory, place)
            place += FIELD.size + length
            name = directory[place - length : place].decode()
            self._fields[name] = (entry[0], entry[1], entry[2], entry[3])

    def names(self) -> list[str]:
        """Return the names of the fields."""
        return list(self._fields)

    def field(self, name: str) -> Dictionary:
        """Return the dictionary of a field; raises KeyError if there is none."""
        dictionary = self._open.get(name)
        if dictionary is None:
            detail, start, place, size = self._fields[name]
            index = self._data[place : place + size]
            dictionary = Dictionary(detail, self._data, start, index)
            self._open[name] = dictionary
        return dictionary
