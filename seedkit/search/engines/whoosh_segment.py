"""Reads what Whoosh has written, without Whoosh: the segments of the last commit, their columns.

Whoosh's table of contents is a pickle, and to read one is to run what it says. It is not read here:
the writer adds the list of segments to it, as JSON, and a checksum of the whole. Nor does it take a
tenth of a second to import what would read it.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import struct
import sys
import zlib
from array import array
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate, pairwise

from seedkit.search.engines.whoosh_inverted import InvertedFile

INDEX = "MAIN"  # Whoosh's default, so that its `open_dir` needs no name
INVERTED = "inv"
COLUMNS = ("path", "record", "length")

_CONTENTS = re.compile(f"_{INDEX}_([0-9]+).toc")
_TAIL = struct.Struct("!II")  # size of the list, checksum of all that comes before this


class Segment:
    """What is known of a segment: its name, how many records it has, which are removed."""

    def __init__(self, name: str, size: int, deleted: Iterable[int], checksums: list[int]) -> None:
        self.name = name
        self.size = size
        self.deleted = set(deleted)
        self.checksums = checksums  # of the columns

    def file(self, kind: str) -> str:
        """Return the name of one of its files."""
        return f"{INDEX}_{self.name}.{kind}"


def with_segments(contents: bytes, segments: list[Segment]) -> bytes:
    """Return a table of contents with the list of segments after what Whoosh reads of it."""
    listed = [[s.name, s.size, sorted(s.deleted), s.checksums] for s in segments]
    data = contents + (listing := json.dumps(listed).encode())
    return data + _TAIL.pack(len(listing), zlib.crc32(data))


def last_commit(directory: str) -> tuple[int, list[Segment]]:
    """Return the number of the last commit, and its segments.

    Raises `OSError`, and exceptions of many kinds if the index is damaged.
    """
    matches = map(_CONTENTS.fullmatch, os.listdir(directory))
    commit = max((int(match[1]) for match in matches if match), default=-1)
    name = f"_{INDEX}_{commit}.toc"
    with open(os.path.join(directory, name), "rb") as file:
        data = file.read()
    size, checksum = _TAIL.unpack(data[-_TAIL.size :])
    data = data[: -_TAIL.size]
    if zlib.crc32(data) != checksum:
        raise ValueError(f"{name} is not as it was written")
    return commit, [Segment(*listed) for listed in json.loads(data[len(data) - size :])]


class OpenSegment:
    """The records of a segment, numbered from 0, and what is known of each."""

    def __init__(self, directory: str, segment: Segment) -> None:
        self.segment = segment
        self.size = segment.size
        self.deleted = segment.deleted
        columns = []
        for name, checksum in zip(COLUMNS, segment.checksums, strict=True):
            file_name = segment.file(f"{name}.col")
            with open(os.path.join(directory, file_name), "rb") as file:
                columns.append(file.read())
            if zlib.crc32(columns[-1]) != checksum:
                raise ValueError(f"{file_name} is not as it was written")
        self._paths, records, lengths = columns
        self.records = self._numbers(records)
        self.lengths = self._numbers(lengths)
        with open(os.path.join(directory, segment.file(INVERTED)), "rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            self.inverted = InvertedFile(self._map)
        except BaseException:
            self.close()
            raise

    def _numbers(self, data: bytes) -> array[int]:
        """A `NumericColumn`: four bytes for each record, but for the last ones if these are 0."""
        numbers = _big_endian("I", data)
        numbers.extend([0] * (self.size - len(numbers)))
        return numbers

    @cached_property
    def _ends(self) -> list[int]:
        """Where each path ends in a `VarBytesColumn`, which has their lengths at its end.

        After them come their type; or the starts, the types of both, and an `X`.
        """
        data = self._paths
        types, end = data[-1:], len(data) - 1
        if types == b"X":
            types, end = data[-3:-2], len(data) - 3
            end -= array(data[-2:-1].decode()).itemsize * self.size
        start = end - array(types.decode()).itemsize * self.size
        return list(accumulate(_big_endian(types.decode(), data[start:end])))

    def path(self, number: int) -> str:
        """Return the path of a record."""
        start = self._ends[number - 1] if number else 0
        return self._paths[start : self._ends[number]].decode()

    @cached_property
    def paths(self) -> list[str]:
        """The path of every record: quicker than one by one if many are wanted."""
        return [self._paths[a:b].decode() for a, b in pairwise([0, *self._ends])]

    @property
    def bytes(self) -> int:
        """How large the inverted file is."""
        return len(self._map)

    @property
    def live(self) -> int:
        """How many records have not been removed."""
        return self.size - len(self.deleted)

    def of_paths(self, paths: Iterable[str]) -> set[int]:
        """Return the numbers of the records of some seeds."""
        numbers: set[int] = set()
        for block, place in self.inverted.field("path").find(sorted(map(path_token, paths))):
            numbers.update(block.records(place))
        return numbers

    def close(self) -> None:
        """Release the inverted file."""
        self._map.close()


def open_commit(directory: str) -> tuple[int, list[OpenSegment]]:
    """Return the number of the last commit, and its segments, open.

    Raises `OSError`, and exceptions of many kinds if the index is damaged.
    """
    commit, segments = last_commit(directory)
    opened: list[OpenSegment] = []
    try:
        for segment in segments:
            opened += [OpenSegment(directory, segment)]
    except BaseException:
        close_all(opened)
        raise
    return commit, opened


def close_all(segments: list[OpenSegment]) -> None:
    """Close segments, and empty the list of them."""
    while segments:
        segments.pop().close()


def path_token(path: str) -> str:
    """Return a path as a token, which has no space."""
    return path.replace("%", "%25").replace(" ", "%20")


def _big_endian(typecode: str, data: bytes) -> array[int]:
    numbers = array(typecode, data)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
