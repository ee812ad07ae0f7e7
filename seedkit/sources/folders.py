"""Tells whether folders have changed since they were listed.

A walk lists one folder after the other: a file that is moved from one that is not listed yet to one
that was is in neither list. So afterwards all are looked at again. Only that no name has come or
gone is reported; a file in a folder may have another content.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final

# Times in nanoseconds, and the inode.
FolderSignature = tuple[int, int, int]
# Of a folder that changed so late before it was listed that a change after that may not show.
UNSURE: Final[FolderSignature] = (0, 0, 0)
BITS_63 = (
    1 << 63
) - 1  # what the cache database can store; some file systems have larger inode numbers
_COARSE_CLOCK = 5  # CLOCK_REALTIME_COARSE, which has no name in `time`
# What the system says of a path that there is not.
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL)
_LONGEST_TICK = 20  # ms


def file_clock() -> int:
    """Return the time that a file would get if it were changed now, in nanoseconds.

    Linux takes it from a clock that stands still for some milliseconds.
    """
    if sys.platform.startswith("linux"):
        return time.clock_gettime_ns(_COARSE_CLOCK)
    return time.time_ns()


def wait_for_tick() -> None:
    """Wait until a change gets another time than those before, for some milliseconds at most."""
    before = file_clock()
    for _ in range(_LONGEST_TICK):
        if file_clock() != before:
            return
        time.sleep(0.001)


def signature_before(status: os.stat_result, started: int) -> FolderSignature:
    """Return the signature of a folder that is to be listed in a walk that began at `started`.

    It is `UNSURE` if the folder changed after that. A time in the future is none that a change now
    could have.
    """
    signature = _stamp(status)
    times = signature[:2]
    if max(times) >= started:
        now = file_clock()
        if any(started <= each <= now for each in times):
            return UNSURE
    return signature


def changed(root: str, folders: Mapping[str, FolderSignature]) -> list[str]:
    """Return the folders, by path with a slash, whose signature is another now; without the
    slash.
    """
    found = []
    for prefix, before in folders.items():
        path = prefix.rstrip("/")
        try:
            now = _stamp(os.lstat(f"{root}/{path}"))
        except OSError:
            now = UNSURE
        if now != before or now == UNSURE:
            found.append(path)
    return found


def _stamp(status: os.stat_result) -> FolderSignature:
    return status.st_mtime_ns, status.st_ctime_ns, status.st_ino & BITS_63


def may_exist(path: str) -> bool:
    """Tell whether there is anything at a path, or may be: what can't be looked at."""
    try:
        os.lstat(path)
    except OSError as error:
        return error.errno not in _ABSENT
    except ValueError:  # a NUL in the path
        return False
    return True


class Below:
    """Tells whether a path is one of some, or below one; `tops` are those that are below none."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._known = dict.fromkeys(paths, True)
        self.tops = [path for path in dict.fromkeys(paths) if not self(path.rpartition("/")[0])]

    def __call__(self, path: str) -> bool:
        """Tell whether the path is one of those, or below one."""
        passed = []
        while path and path not in self._known:
            passed.append(path)
            path = path.rpartition("/")[0]
        found = self._known.get(path, False)
        self._known.update(dict.fromkeys(passed[1:], found))  # folders, which have many files
        return found
