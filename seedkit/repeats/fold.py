"""Texts to tokens, many at once: folded, hashed, with no Python per token.

A token is a run of letters, digits and the marks on them; characters of scripts written without
spaces (Han, kana, Thai, Lao, Khmer, Burmese) are tokens of their own. Two tokens are equal if they
are under compatibility decomposition and case folding, character by character.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Offsets = NDArray[np.int32]

_SEPARATOR, _WORD, _SINGLE = 0, 1, 2
_LIMIT = 0x110000
_MULTIPLIER = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64
_BATCH = 1 << 20  # code points folded at once, unless one text has more

# Scripts written without spaces between words: each character is a token.
_SINGLES = (
    (0x0E00, 0x0E7F), (0x0E80, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x19E0, 0x19FF),
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x303C), (0x3040, 0x30FF),
    (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF), (0x1B000, 0x1B16F), (0x20000, 0x323AF),
)  # fmt: skip
# Letters that fold to themselves, so that the table need not look at each.
_PLAIN = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0xE000, 0xF900), (0x20000, 0x2F800),
          (0x30000, _LIMIT))  # fmt: skip


class Tokens(NamedTuple):
    """The tokens of some texts, in order.

    `hashes` (uint64) are equal for equal tokens; `starts` and `ends` (int32) are code points in
    the token's text; `bounds` (int64, one more than there are texts) says which tokens each text
    has: those from `bounds[i]` to `bounds[i + 1]`.
    """

    hashes: Hashes
    starts: Offsets
    ends: Offsets
    bounds: NDArray[np.int64]


@cache
def tables() -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Return for every code point what it folds to, and whether it is of a word or a token itself.

    They follow the Unicode version of the running Python.
    """
    fold = np.arange(_LIMIT, dtype=np.uint32)
    kind = np.zeros(_LIMIT, np.uint8)
    kind[0xAC00:0xD7A4] = _WORD
    at = 0
    for first, last in (*_PLAIN, (_LIMIT, _LIMIT)):
        for code in range(at, first):
            char = chr(code)
            category = unicodedata.category(char)
            if category[0] in "LNM":
                kind[code] = _WORD
                folded = unicodedata.normalize("NFKC", char).casefold()
                if len(folded) == 1:
                    fold[code] = ord(folded)
        at = last
    for first, last in _SINGLES:
        stretch = kind[first : last + 1]
        stretch[(stretch == _WORD)] = _SINGLE
    for first, last in ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2F800), (0x30000, 0x323B0)):
        kind[first:last] = _SINGLE
    kind[ord("_")] = _WORD
    fold.flags.writeable = kind.flags.writeable = False
    return fold, kind


def tokenize(texts: Sequence[str]) -> Tokens:
    """Return the tokens of every text. What a text gives does not depend on the others."""
    parts: list[tuple[Hashes, Offsets, Offsets]] = []
    bounds = np.zeros(len(texts) + 1, np.int64)
    at = 0
    while at < len(texts):
        stop, size = at, 0
        while stop < len(texts) and (stop == at or size + len(texts[stop]) < _BATCH):
            size += len(texts[stop]) + 1
            stop += 1
        hashes, starts, ends, counts = _batch(texts[at:stop], size)
        parts.append((hashes, starts, ends))
        bounds[at + 1 : stop + 1] = counts
        at = stop
    np.cumsum(bounds, out=bounds)
    if not parts:
        empty = np.zeros(0, np.int32)
        return Tokens(np.zeros(0, np.uint64), empty, empty, bounds)
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Tokens(columns[0], columns[1], columns[2], bounds)


def _batch(
    texts: Sequence[str], size: int
) -> tuple[Hashes, Offsets, Offsets, NDArray[np.int64]]:
    fold, kind = tables()
    joined = "\n".join(texts) + "\n"
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = kind[points]
    word = kinds == _WORD
    single = kinds == _SINGLE
    edge = np.diff(word.view(np.int8), prepend=np.int8(0))
    starts = np.flatnonzero((edge == 1) | single)
    after = edge == -1
    after[1:] |= single[:-1]
    ends = np.flatnonzero(after)
    power, inverse = _powers(len(points))
    prefix = np.zeros(len(points) + 1, np.uint64)
    np.cumsum(fold[points] * power, out=prefix[1:])  # wraps modulo 2**64, as it should
    hashes = mix((prefix[ends] - prefix[starts]) * inverse[starts])
    text_starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter((len(text) + 1 for text in texts), np.int64, len(texts)), out=text_starts[1:])
    first = np.searchsorted(starts, text_starts)
    counts = np.diff(first)
    shift = np.repeat(text_starts[:-1], counts)
    return hashes, (starts - shift).astype(np.int32), (ends - shift).astype(np.int32), counts


def mix(x: Hashes) -> Hashes:
    """Return the values scattered over 64 bits, one to one (the finalizer of SplitMix64)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


_POWERS: list[tuple[Hashes, Hashes]] = []


def _powers(count: int) -> tuple[Hashes, Hashes]:
    """Powers of the multiplier and of its inverse modulo 2**64, `count` of each or more."""
    if not _POWERS or len(_POWERS[0][0]) < count:
        size = max(count, _BATCH + 4096)
        _POWERS[:] = [(_geometric(_MULTIPLIER, size), _geometric(pow(_MULTIPLIER, -1, 1 << 64), size))]
    power, inverse = _POWERS[0]
    return power[:count], inverse[:count]


def _geometric(base: int, count: int) -> Hashes:
    """base**0 … base**(count - 1) modulo 2**64, by doubling."""
    out = np.empty(count, np.uint64)
    out[0], done = 1, 1
    while done < count:
        more = min(done, count - done)
        out[done : done + more] = out[:more] * np.uint64(pow(base, done, 1 << 64))
        done += more
    return out
