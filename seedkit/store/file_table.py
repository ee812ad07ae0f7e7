"""The file table of a corpus: of every file that a walk lists, what a run compares, in columns.

A run in which little has changed reads these few megabytes in place of a row for each seed, and
looks only at files that differ.
"""

from __future__ import annotations

import json
import struct
from array import array
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import compress

from seedkit.core.skipped import SKIPPED_SEEDS, SkippedSeed
from seedkit.sources.walk import FileSignature, Scan, joined

PART = 512  # files stored together: what is rewritten if one of them changes
HEADER = -1  # the number under which is stored what all parts have in common

# Flags of a file.
RECHECK = 1  # look at it next time, even if its signature is the same
HAS_FINDINGS = 2  # the cache database holds more of the seed than numbers: findings, for one
EMPTY = 4  # the seed has no text: it is no copy of another
SKIPPED = 3  # bits to the left of which stands why it is neither compared nor searched, from 1

_NO_DIGEST = _NO_SIGNATURE = bytes(32)
_SIGNATURE = 32  # bytes, as many as a digest
_STEP = 256  # signatures compared at once
_COUNTS = struct.Struct("<2I")  # of a part: files, bytes of their paths
_RECHECK_ONLY = bytes(flags & RECHECK for flags in range(256))
_HAS_FINDINGS_ONLY = bytes(flags & HAS_FINDINGS for flags in range(256))
_SKIPPED_ONLY = bytes(flags >> SKIPPED for flags in range(256))


class FileTable:
    """Files in the order of a walk.

    `names` are their paths, `signatures` four numbers a file, `kinds` 0 for a file that is no seed
    and else one more than the number of its format; `digests` are 32 bytes a file, zeros for one
    that could not be read. `refused` is what else the walk has met, with the reason.
    """

    def __init__(
        self,
        names: bytes,
        signatures: array[int],
        kinds: array[int],
        flags: bytearray,
        digests: bytearray,
        refused: Mapping[str, str],
    ) -> None:
        self.names = names
        self.signatures = signatures
        self.kinds = kinds
        self.flags = flags
        self.digests = digests
        self.refused = refused

    @classmethod
    def blank(cls, scan: Scan) -> FileTable:
        """Return the file table of files of which nothing is known."""
        signatures = scan.signatures
        count = len(signatures) // 4
        kinds = array("H", bytes(2 * count))
        digests = bytearray(32 * count)
        return cls(scan.names, signatures, kinds, bytearray(count), digests, scan.refused)

    @cached_property
    def paths(self) -> list[str]:
        """The path of each file."""
        return self.names.decode("utf-8", "surrogateescape").split("\0") if self.flags else []

    @cached_property
    def at(self) -> dict[str, int]:
        """Where each path stands."""
        return dict(zip(self.paths, range(len(self.paths)), strict=True))

    @property
    def seed_count(self) -> int:
        """How many of the files are seeds."""
        return len(self.kinds) - self.kinds.count(0)

    @property
    def finding_count(self) -> int:
        """Of how many seeds the cache database holds more than numbers."""
        return len(self.flags) - self.flags.translate(_HAS_FINDINGS_ONLY).count(0)

    @property
    def is_doubtful(self) -> bool:
        """Whether there is a file to look at again, even if its signature is the same."""
        return len(self.flags) > self.flags.translate(_RECHECK_ONLY).count(0)

    def skipped(self) -> dict[str, SkippedSeed]:
        """Return the seeds that are neither compared nor searched, and why."""
        reasons = self.flags.translate(_SKIPPED_ONLY)
        if len(reasons) == reasons.count(0):
            return {}
        return {
            path: SKIPPED_SEEDS[reason - 1]
            for path, reason in zip(self.paths, reasons, strict=True)
            if reason
        }

    def signature(self, index: int) -> FileSignature:
        """Return the signature of a file."""
        return FileSignature(*self.signatures[4 * index : 4 * index + 4])

    def digest(self, index: int) -> bytes:
        """Return the digest of a seed's bytes, empty for a file that could not be read."""
        digest = bytes(self.digests[32 * index : 32 * index + 32])
        return b"" if digest == _NO_DIGEST else digest

    def put(self, index: int, kind: int, flags: int, digest: bytes = b"") -> None:
        """Write down what a file is."""
        self.kinds[index] = kind
        self.flags[index] = flags
        self.digests[32 * index : 32 * index + 32] = digest or _NO_DIGEST

    def renewed(self, scan: Scan) -> tuple[FileTable, list[int], list[str]]:
        """Return the file table of another walk, which files of it to look at, and which seeds are
        gone.

        What is known of a file that has the same path comes with it.
        """
        gone: list[str] = []
        names, signatures = scan.names, scan.signatures
        if names == self.names:
            file_table = FileTable(
                self.names, signatures, self.kinds, self.flags, self.digests, scan.refused
            )
            before = self.signatures.tobytes()
        else:
            old = dict(self.at)
            order = [old.pop(path, -1) for path in scan.paths]
            gone = [path for path, index in old.items() if self.kinds[index]]
            # What is behind the last file, where -1 leads, is said of those that are new.
            known, digests = self.signatures.tobytes() + _NO_SIGNATURE, self.digests + _NO_DIGEST
            kinds, flags = [*self.kinds, 0], [*self.flags, RECHECK]
            edges = [32 * index % len(digests) for index in order]
            before = b"".join([known[at : at + _SIGNATURE] for at in edges])
            file_table = FileTable(
                names,
                signatures,
                array("H", [kinds[index] for index in order]),
                bytearray([flags[index] for index in order]),
                bytearray().join([digests[at : at + 32] for at in edges]),
                scan.refused,
            )
            file_table.paths = scan.paths
        suspects = set(_differing(before, signatures.tobytes()))
        suspects.update(
            compress(range(len(file_table.flags)), file_table.flags.translate(_RECHECK_ONLY))
        )
        return file_table, sorted(suspects), gone

    def pack(self, key: str, files: Iterable[int] | None = None) -> dict[int, bytes]:
        """Return the parts that hold some files, or all, by the number they are stored under.

        `key` names what the kinds depend on; it is in the header, which is always there.
        """
        count = len(self.kinds)
        numbers = range(-(-count // PART)) if files is None else {file // PART for file in files}
        packed = {number: self._part(number) for number in numbers}
        packed[HEADER] = json.dumps([key, count, dict(self.refused)]).encode()
        return packed

    def _part(self, number: int) -> bytes:
        a, b = PART * number, PART * (number + 1)
        names = joined(self.paths[a:b])
        return b"".join(
            (
                _COUNTS.pack(len(self.kinds[a:b]), len(names)),
                names,
                self.signatures[4 * a : 4 * b].tobytes(),
                self.digests[32 * a : 32 * b],
                self.kinds[a:b].tobytes(),
                self.flags[a:b],
            )
        )

    @classmethod
    def unpack(cls, parts: Mapping[int, bytes], key: str) -> FileTable:
        """Return the file table of all its parts; raises `ValueError` if they are not those of one
        file table.

        Nor is it one if `key` is another.
        """
        try:
            found, count, refused = json.loads(parts[HEADER])
            numbers = range(-(-count // PART))
            columns = [
                list(column) for column in zip(*(_cut(parts[n]) for n in numbers), strict=True)
            ]
        except (KeyError, TypeError, struct.error) as error:
            raise ValueError(f"the file table is incomplete: {error}") from None
        names, signatures, digests, kinds, flags = columns or [[]] * 5
        file_table = cls(
            b"\0".join(names),
            array("q", b"".join(signatures)),
            array("H", b"".join(kinds)),
            bytearray().join(flags),
            bytearray().join(digests),
            refused,
        )
        if found != key or len(parts) != len(numbers) + 1 or len(file_table.flags) != count:
            raise ValueError("the file table is another one")
        return file_table


def _cut(part: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """Return the columns of a part."""
    count, names = _COUNTS.unpack_from(part)
    edges = [_COUNTS.size]
    for size in (names, _SIGNATURE * count, 32 * count, 2 * count, count):
        edges.append(edges[-1] + size)
    if edges[-1] != len(part):
        raise ValueError("a part of the file table has another size")
    a, b, c, d, e, f = edges
    return part[a:b], part[b:c], part[c:d], part[d:e], part[e:f]


def _differing(before: bytes, now: bytes) -> Iterable[int]:
    """Return the numbers of the signatures that differ."""
    for at in range(0, len(now), _SIGNATURE * _STEP):
        if before[at : at + _SIGNATURE * _STEP] != now[at : at + _SIGNATURE * _STEP]:
            for place in range(at, min(at + _SIGNATURE * _STEP, len(now)), _SIGNATURE):
                if before[place : place + _SIGNATURE] != now[place : place + _SIGNATURE]:
                    yield place // _SIGNATURE
