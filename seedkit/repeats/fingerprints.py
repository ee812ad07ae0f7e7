"""What is kept of seeds for finding repeats: enough to compare them without reading them again.

Fingerprints as they are stored: those of some seeds together, with what they were made from.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seedkit.repeats.arrays import Bounds, Hashes, Numbers, chunks, mix, running
from seedkit.repeats.fold import tokenize_both
from seedkit.repeats.grams import Sets, gram_sets, winnow
from seedkit.repeats.parameters import Parameters
from seedkit.repeats.passages import window
from seedkit.repeats.set_similarity import take

_STEP = np.uint64(0x9E3779B97F4A7C15)
_TURN = np.uint64(0xD1B54A32D192ED03)
_CHUNK = 1 << 15  # tokens summed up at once


class Fingerprints(NamedTuple):
    """The fingerprints of some texts.

    `tokens` (int64) counts those of each; `digests` (uint64, two a text) are equal for equal folded
    tokens, and 0 without any; `grams` are the sets of 3-grams, `marks` the hashes of the winnowed
    k-grams, in the order of the text and perhaps more than once.
    """

    tokens: Numbers
    digests: Hashes
    grams: Sets
    marks: Sets

    def take(self, which: Numbers) -> Fingerprints:
        """Return those of some of the texts, in the order named."""
        if len(which) == len(self.tokens) and (np.diff(which, prepend=-1) == 1).all():
            return self
        return Fingerprints(
            self.tokens[which],
            self.digests[which],
            take(self.grams, which),
            take(self.marks, which),
        )


def fingerprint_texts(texts: Sequence[str], parameters: Parameters) -> Fingerprints:
    """Return the fingerprints of texts. What a text gives does not depend on the others."""
    k, w = window(parameters.passage_tokens)
    parts = []
    for running_text, words in tokenize_both(texts):
        kept = winnow(running_text.hashes, running_text.bounds, k, w)
        likened = running_text if parameters.characters else words
        parts.append(
            Fingerprints(
                np.diff(running_text.bounds),
                _digests(running_text.hashes, running_text.bounds),
                gram_sets(likened.hashes, likened.bounds),
                Sets(kept.hashes, kept.bounds),
            )
        )
    return joined(parts)


def joined(parts: Sequence[Fingerprints]) -> Fingerprints:
    """Return some fingerprints one after the other."""
    if not parts:
        none = Sets(np.zeros(0, np.uint64), np.zeros(1, np.int64))
        return Fingerprints(np.zeros(0, np.int64), np.zeros((0, 2), np.uint64), none, none)
    if len(parts) == 1:
        return parts[0]
    return Fingerprints(
        np.concatenate([part.tokens for part in parts]),
        np.concatenate([part.digests for part in parts]),
        joined_sets([part.grams for part in parts]),
        joined_sets([part.marks for part in parts]),
    )


def joined_sets(parts: Sequence[Sets]) -> Sets:
    """Return the sets of some parts, at least one, one after the other."""
    sizes = np.concatenate([part.sizes() for part in parts])
    return Sets(np.concatenate([part.values for part in parts]), running(sizes))


def _digests(hashes: Hashes, bounds: Bounds) -> Hashes:
    """Sum up each text's tokens, scattered by what and where they are, in two ways."""
    found = np.zeros((len(bounds) - 1, 2), np.uint64)
    for at, stop in chunks(bounds, _CHUNK):
        starts = bounds[at:stop]
        for first in range(int(bounds[at]), int(bounds[stop]), _CHUNK):
            own = hashes[first : min(first + _CHUNK, bounds[stop])]
            edges = np.clip(bounds[at : stop + 1] - first, 0, len(own))
            place = np.arange(first, first + len(own)) - np.repeat(starts, np.diff(edges))
            scattered = mix(own + place.astype(np.uint64) * _STEP)
            sums = np.zeros(len(own) + 1, np.uint64)
            for way in range(2):
                np.cumsum(scattered, out=sums[1:])
                found[at:stop, way] += sums[edges[1:]] - sums[edges[:-1]]
                scattered ^= scattered >> np.uint64(29)
                scattered *= _TURN
    return found


# -- as bytes


def pack(fingerprints: Fingerprints) -> bytes:
    """Return fingerprints as bytes, the same on every machine."""
    sizes = [
        len(fingerprints.tokens),
        len(fingerprints.grams.values),
        len(fingerprints.marks.values),
    ]
    columns: list[tuple[str, NDArray[np.generic]]] = [
        ("<i8", np.array(sizes)),
        ("<u8", fingerprints.digests.reshape(-1)),
        ("<u8", fingerprints.grams.values),
        ("<u8", fingerprints.marks.values),
        ("<u4", fingerprints.tokens),
        ("<u4", fingerprints.grams.sizes()),
        ("<u4", fingerprints.marks.sizes()),
    ]
    return b"".join(column.astype(kind, copy=False).tobytes() for kind, column in columns)


def unpack(data: bytes | memoryview) -> Fingerprints:
    """Return what `pack` has packed; raises `ValueError` if the bytes are of another shape."""
    count, grams, marks = np.frombuffer(data, "<i8", 3).tolist()
    if len(data) != 24 + 8 * (2 * count + grams + marks) + 12 * count:
        raise ValueError("packed fingerprints have another size")
    at = 24

    def column(kind: str, length: int) -> NDArray[np.generic]:
        nonlocal at
        found = np.frombuffer(data, kind, length, at)
        at += found.nbytes
        return found

    digests = column("<u8", 2 * count).astype(np.uint64, copy=False).reshape(count, 2)
    values = [column("<u8", size).astype(np.uint64, copy=False) for size in (grams, marks)]
    tokens, *sizes = (column("<u4", count).astype(np.int64) for _ in range(3))
    return Fingerprints(
        tokens,
        digests,
        *(Sets(each, running(size)) for each, size in zip(values, sizes, strict=True)),
    )


_HEAD = struct.Struct("<3Q")  # how many seeds, and the bytes of their paths and of their keys


class FingerprintBatch(NamedTuple):
    """The fingerprints of some seeds.

    Of each: its path, the key of what the fingerprint was computed with, and the digest of its
    bytes (`contents`: four uint64 a seed).
    """

    paths: list[str]
    keys: list[str]
    contents: Hashes
    fingerprints: Fingerprints


def pack_batch(
    paths: Sequence[str], keys: Sequence[str], digests: Sequence[bytes], fingerprints: Fingerprints
) -> bytes:
    """Return a batch as bytes, the same on every machine; a digest has 32 bytes."""
    kinds = sorted(set(keys))
    number = {key: at for at, key in enumerate(kinds)}
    names = "\0".join(paths).encode("utf-8", "surrogateescape")
    head = json.dumps([kinds, [number[key] for key in keys] if len(kinds) > 1 else 0]).encode()
    return b"".join(
        (_HEAD.pack(len(paths), len(names), len(head)), names, head, *digests, pack(fingerprints))
    )


def unpack_batch(data: bytes) -> FingerprintBatch:
    """Return what `pack_batch` has packed; raises `ValueError` if the bytes are something else."""
    try:
        count, names, head = _HEAD.unpack_from(data)
        at = _HEAD.size
        text = data[at : at + names].decode("utf-8", "surrogateescape")
        at += names
        kinds, numbers = json.loads(data[at : at + head])
        at += head
        contents = np.frombuffer(data, "<u8", 4 * count, at).astype(np.uint64, copy=False)
        fingerprints = unpack(memoryview(data)[at + 32 * count :])
        keys = [kinds[number] for number in numbers] if numbers else kinds * count
        paths = text.split("\0") if count else []
    except (struct.error, TypeError, LookupError) as error:
        raise ValueError(f"no fingerprints: {error}") from None
    if not count == len(paths) == len(keys) == len(fingerprints.tokens):
        raise ValueError("of some seeds something is missing")
    return FingerprintBatch(paths, keys, contents.reshape(count, 4), fingerprints)
