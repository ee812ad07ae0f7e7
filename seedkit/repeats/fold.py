"""Texts to tokens, many at once: folded, hashed, with no Python per token.

A token is a run of letters, digits and `_`, as `\\w+` of Python's re has it: combining marks
separate. With `characters`, each character of a script written without spaces (Han, kana, Thai,
Lao, Khmer, Burmese) is a token of its own. Two tokens are equal if they are under compatibility
and case folding, character by character, of their text in NFC.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Offsets = NDArray[np.int32]
Bounds = NDArray[np.int64]

VERSION = 1  # of what tokens are and how they are hashed: stored hashes of another are worthless

_SEPARATOR, _WORD, _SINGLE = 0, 1, 2
_LIMIT = 0x110000
_MULTIPLIER = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64
_BATCH = 1 << 16  # code points folded at once, to stay in cache, unless one text has more

# Scripts written without spaces between words: each character may be a token.
_SINGLES = (
    (0x0E00, 0x0E7F), (0x0E80, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x19E0, 0x19FF),
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x303C), (0x3040, 0x312F),
    (0x31A0, 0x31BF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F), (0xF900, 0xFAFF), (0xFF66, 0xFF9D), (0x1B000, 0x1B16F), (0x20000, 0x323AF),
)  # fmt: skip
# Blocks of one kind that fold to themselves, so that the tables need not look at each: letters,
# then what is no letter (surrogates, private use, unassigned planes).
_LETTERS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0x20000, 0x2A6E0))
_PLAIN = (*_LETTERS, (0xD7FC, 0xF900), (0x323B0, _LIMIT))


class Tokens(NamedTuple):
    """The tokens of some texts, in order.

    `hashes` (uint64) are equal for equal tokens; `starts` and `ends` (int32) are code points in
    the token's text; `bounds` (int64, one more than there are texts) says which tokens each text
    has: those from `bounds[i]` to `bounds[i + 1]`.
    """

    hashes: Hashes
    starts: Offsets
    ends: Offsets
    bounds: Bounds


def _unlike() -> list[int]:
    """Return the code points outside the plain blocks, in order."""
    edges = sorted(_PLAIN)
    gaps = zip([0, *(last for _, last in edges)], [first for first, _ in edges], strict=False)
    return [code for first, last in gaps for code in range(first, last)]


@cache
def tables() -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Return for every code point what it folds to, and whether it is of a word or a token itself.

    They follow the Unicode version of the running Python.
    """
    fold = np.arange(_LIMIT, dtype=np.uint32)
    kind = np.zeros(_LIMIT, np.uint8)
    for first, last in _LETTERS:
        kind[first:last] = _WORD
    for code in _unlike():
        char = chr(code)
        if char.isalnum():
            kind[code] = _WORD
            folded = unicodedata.normalize("NFKC", char).casefold()
            if len(folded) != 1:
                folded = char.lower()  # simple folding: capital sharp s to small
            if len(folded) == 1:
                fold[code] = ord(folded)
    for first, last in _SINGLES:
        kind[first : last + 1] <<= 1  # words, and they only, become singles
    kind[ord("_")] = _WORD
    fold.flags.writeable = kind.flags.writeable = False
    return fold, kind


def tokenize(texts: Sequence[str], *, characters: bool = False) -> Tokens:
    """Return the tokens of every text. What a text gives does not depend on the others."""
    parts: list[tuple[Hashes, Offsets, Offsets]] = []
    bounds = np.zeros(len(texts) + 1, np.int64)
    at = 0
    while at < len(texts):
        stop, size = at, 0
        while stop < len(texts) and (stop == at or size + len(texts[stop]) < _BATCH):
            size += len(texts[stop]) + 1
            stop += 1
        hashes, starts, ends, counts = _batch(texts[at:stop], characters)
        parts.append((hashes, starts, ends))
        bounds[at + 1 : stop + 1] = counts
        at = stop
    np.cumsum(bounds, out=bounds)
    if not parts:
        empty = np.zeros(0, np.int32)
        return Tokens(np.zeros(0, np.uint64), empty, empty, bounds)
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Tokens(columns[0], columns[1], columns[2], bounds)


def _batch(texts: Sequence[str], characters: bool) -> tuple[Hashes, Offsets, Offsets, Bounds]:
    """Return hashes, starts and ends of the tokens of texts joined, and how many each text has."""
    joined = "\n".join(texts) + "\n"
    origins: dict[int, NDArray[np.int32]] = {}
    if not (joined.isascii() or unicodedata.is_normalized("NFC", joined)):
        texts, origins = _composed(texts)
        joined = "\n".join(texts) + "\n"
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    starts, ends = _token_edges(points, characters)
    power, inverse = _powers(len(points))
    prefix = np.zeros(len(points) + 1, np.uint64)
    np.cumsum(tables()[0][points] * power, out=prefix[1:])  # wraps modulo 2**64, as it should
    hashes = mix((prefix[ends] - prefix[starts]) * inverse[starts])
    text_starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1, out=text_starts[1:])
    first = np.searchsorted(starts, text_starts)
    counts: Bounds = np.diff(first)
    shift = np.repeat(text_starts[:-1], counts)
    firsts, lasts = (starts - shift).astype(np.int32), (ends - shift).astype(np.int32)
    for number, origin in origins.items():
        own = slice(first[number], first[number + 1])
        firsts[own], lasts[own] = origin[firsts[own]], origin[lasts[own]]
    return hashes, firsts, lasts, counts


def _token_edges(
    points: NDArray[np.uint32], characters: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where tokens start and end; the last code point is a separator."""
    kinds = tables()[1][points]
    word = kinds == _WORD if characters else kinds != _SEPARATOR
    turns = np.flatnonzero(word[1:] != word[:-1]) + 1
    if word[0]:
        turns = np.concatenate(([0], turns))
    starts, ends = turns[::2], turns[1::2]
    if characters and len(singles := np.flatnonzero(kinds == _SINGLE)):
        starts, ends = np.concatenate((starts, singles)), np.concatenate((ends, singles + 1))
        starts.sort()
        ends.sort()
    return starts, ends


@cache
def _composing() -> re.Pattern[str]:
    """Return what matches the stretches of a text that NFC may change, each by itself.

    A character starts a stretch unless it may attach to the one before: its decomposition begins
    with a mark that reorders, or with the second part of some composition.
    """
    attaching = {chr(code) for code in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))}
    alone, decomposed = [], []
    for char in map(chr, _unlike()):
        if parts := unicodedata.decomposition(char):
            whole = unicodedata.normalize("NFD", char)
            decomposed.append((char, whole[0]))
            if not parts.startswith("<"):
                attaching.update(chr(int(part, 16)) for part in parts.split()[1:])
                if unicodedata.normalize("NFC", char) != char:
                    alone.append(char)
        elif unicodedata.combining(char):
            attaching.add(char)
    attaching |= {
        char for char, head in decomposed if head in attaching or unicodedata.combining(head)
    }
    attach, single = ("".join(map(re.escape, sorted(chars))) for chars in (attaching, alone))
    return re.compile(f"[^{attach}]?[{attach}]+|[{single}]")


def _composed(texts: Sequence[str]) -> tuple[list[str], dict[int, NDArray[np.int32]]]:
    """Return the texts in NFC and, for those changed, where each character (and the end) was."""
    composed = list(texts)
    origins = {}
    for number, text in enumerate(texts):
        if unicodedata.is_normalized("NFC", text):
            continue
        pieces: list[str] = []
        origin: list[int] = []
        at = 0
        for match in _composing().finditer(text):
            start, stop = match.span()
            piece = unicodedata.normalize("NFC", match[0])
            pieces += [text[at:start], piece]
            origin += range(at, start)
            origin += (min(start + i, stop) for i in range(len(piece)))
            at = stop
        origin += range(at, len(text) + 1)
        composed[number] = "".join((*pieces, text[at:]))
        origins[number] = np.array(origin, np.int32)
    return composed, origins


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
        inverse = pow(_MULTIPLIER, -1, 1 << 64)
        _POWERS[:] = [(_geometric(_MULTIPLIER, size), _geometric(inverse, size))]
    power, inverses = _POWERS[0]
    return power[:count], inverses[:count]


def _geometric(base: int, count: int) -> Hashes:
    """base**0 … base**(count - 1) modulo 2**64, by doubling."""
    out = np.empty(count, np.uint64)
    out[0], done = 1, 1
    while done < count:
        more = min(done, count - done)
        out[done : done + more] = out[:more] * np.uint64(pow(base, done, 1 << 64))
        done += more
    return out
