"""Fingerprints as they are stored: those of some seeds together, with what they were made from."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seedkit.repeats.arrays import Hashes
from seedkit.repeats.seedprint import Fingerprints, pack, unpack

_HEAD = struct.Struct("<3Q")  # how many seeds, and the bytes of their paths and of their keys


class Sheet(NamedTuple):
    """The fingerprints of some seeds.

    Of each: its path, the key of what the fingerprint was computed with, and the digest of its
    bytes (`contents`: four uint64 a seed).
    """

    paths: list[str]
    keys: list[str]
    contents: Hashes
    prints: Fingerprints


def pack_sheet(
    paths: Sequence[str], keys: Sequence[str], digests: Sequence[bytes], prints: Fingerprints
) -> bytes:
    """Return a sheet as bytes, the same on every machine; a digest has 32 bytes."""
    kinds = sorted(set(keys))
    number = {key: at for at, key in enumerate(kinds)}
    names = "\0".join(paths).encode("utf-8", "surrogateescape")
    head = json.dumps([kinds, [number[key] for key in keys] if len(kinds) > 1 else 0]).encode()
    return b"".join(
        (_HEAD.pack(len(paths), len(names), len(head)), names, head, *digests, pack(prints))
    )


def unpack_sheet(data: bytes) -> Sheet:
    """Return what `pack_sheet` has packed; raises `ValueError` if the bytes are something else."""
    try:
        count, names, head = _HEAD.unpack_from(data)
        at = _HEAD.size
        text = data[at : at + names].decode("utf-8", "surrogateescape")
        at += names
        kinds, numbers = json.loads(data[at : at + head])
        at += head
        contents = np.frombuffer(data, "<u8", 4 * count, at).astype(np.uint64, copy=False)
        prints = unpack(data[at + 32 * count :])
        keys = [kinds[number] for number in numbers] if numbers else kinds * count
        paths = text.split("\0") if count else []
    except (struct.error, TypeError, LookupError) as error:
        raise ValueError(f"no fingerprints: {error}") from None
    if not count == len(paths) == len(keys) == len(prints.tokens):
        raise ValueError("of some seeds something is missing")
    return Sheet(paths, keys, contents.reshape(count, 4), prints)
