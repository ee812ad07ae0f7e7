"""Are the files of an index those that were written? Told by their stamps, or else by checksums.

Engines don't notice all damage: with one byte of a segment changed, both have given wrong answers
without an error. Nor should an engine see a file at all that somebody has put in a place of its.
"""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Mapping
from typing import NamedTuple

_CHUNK = 1 << 20  # bytes


class Sealed(NamedTuple):
    """A file as it was written: its stamp, and the CRC-32 of its bytes."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    checksum: int


Files = Mapping[str, Sealed]  # by name


def seal(directory: str, before: Files) -> dict[str, Sealed]:
    """Return what the files of a folder are, now that they are on the disk; raises `OSError`.

    Those that are as `before` are not read again. Names that begin with a dot are left out: locks,
    and an engine's notes for itself, which change before a commit does.
    """
    sealed: dict[str, Sealed] = {}
    for name in sorted(os.listdir(directory)):
        if name.startswith("."):
            continue
        with open(os.path.join(directory, name), "rb+") as file:
            os.fsync(file.fileno())
            stamp = _stamp(os.fstat(file.fileno()))
            known = before.get(name)
            if known is None or known[:-1] != stamp:
                known = Sealed(*stamp, _checksum(file.fileno()))
        sealed[name] = known
    return sealed


def damaged(directory: str, files: Files, *, thorough: bool = False) -> list[str]:
    """Return the names of files that are not as they were sealed, sorted.

    The bytes of a file are compared if its stamp is another one; if `thorough`, always: what a
    failing disk does to them shows in no stamp. Files that were not sealed do not count.
    """
    return sorted(
        name
        for name, sealed in files.items()
        if not _intact(os.path.join(directory, name), sealed, thorough=thorough)
    )


def _intact(path: str, sealed: Sealed, *, thorough: bool) -> bool:
    try:
        status = os.lstat(path)
        if _stamp(status) == sealed[:-1] and not thorough:
            return True
        if not stat.S_ISREG(status.st_mode) or status.st_size != sealed.size:
            return False
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            return _checksum(handle) == sealed.checksum
        finally:
            os.close(handle)
    except OSError:
        return False


def _stamp(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _checksum(handle: int) -> int:
    checksum = 0
    while chunk := os.read(handle, _CHUNK):
        checksum = zlib.crc32(chunk, checksum)
    return checksum
