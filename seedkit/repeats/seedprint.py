"""What is stored of one seed for finding repeats: enough to compare it without reading it again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from seedkit.parameters import Parameters
from seedkit.repeats.fold import tokenize
from seedkit.repeats.grams import Prints, Sets, gram_sets, winnow
from seedkit.repeats.passages import window


class SeedPrint(NamedTuple):
    """The fingerprint of one seed's text.

    `tokens` counts them; `digest` is equal for equal folded tokens, empty without any; `grams` are
    the distinct 3-gram hashes, ascending, and `marks` the hashes of the winnowed k-grams, both
    little-endian uint64.
    """

    tokens: int
    digest: bytes
    grams: bytes
    marks: bytes


def print_texts(texts: Sequence[str], parameters: Parameters) -> list[SeedPrint]:
    """Return the fingerprint of each text. What a text gives does not depend on the others."""
    running = tokenize(texts, characters=True)
    likened = running if parameters.characters else tokenize(texts)
    sets = gram_sets(likened.hashes, likened.bounds)
    marks = winnow(running.hashes, running.bounds, *window(parameters.passage_tokens))
    bounds = running.bounds.tolist()
    hashes = [running.hashes[a:b].tobytes() for a, b in pairwise(bounds)]
    grams = _slices(sets.values, sets.bounds.tolist())
    kept = _slices(marks.hashes, marks.bounds.tolist())
    return [
        SeedPrint(len(own) // 8, _digest(own), gram, mark)
        for own, gram, mark in zip(hashes, grams, kept, strict=True)
    ]


def gram_sets_of(prints: Sequence[SeedPrint]) -> Sets:
    """Return the sets of 3-grams of all prints, one after the other."""
    values = np.frombuffer(b"".join(p.grams for p in prints), "<u8").astype(np.uint64, copy=False)
    return Sets(values, _bounds([len(p.grams) for p in prints]))


def marks_of(prints: Sequence[SeedPrint]) -> Prints:
    """Return the winnowed fingerprints of all prints; their places are not stored."""
    values = np.frombuffer(b"".join(p.marks for p in prints), "<u8").astype(np.uint64, copy=False)
    return Prints(values, np.zeros(0, np.int32), _bounds([len(p.marks) for p in prints]))


def _bounds(sizes: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    bounds = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(np.array(sizes, np.int64) // 8, out=bounds[1:])
    return bounds


def _slices(
    values: np.ndarray[tuple[int], np.dtype[np.uint64]], bounds: Sequence[int]
) -> list[bytes]:
    data = values.astype("<u8", copy=False)
    return [data[a:b].tobytes() for a, b in pairwise(bounds)]


def _digest(tokens: bytes) -> bytes:
    return hashlib.blake2b(tokens, digest_size=16).digest() if tokens else b""
