"""Who may write? One process at a time, by a lock that the system drops when its holder dies."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

if sys.platform == "win32":  # as mypy knows it
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


_FIRST = 0.01  # seconds before the second try; each next one waits longer
_LONGEST = 0.25


class Held(Exception):
    """Another process has held the lock all the time."""


@contextmanager
def exclusive(path: str, patience: float) -> Iterator[None]:
    """Hold the lock at `path` within the block; waits at most `patience` seconds for it.

    Raises `Held` after that, `OSError` where there can be no lock.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        _wait(handle, patience)
        yield
    finally:
        os.close(handle)  # and with it goes the lock


def _wait(handle: int, patience: float) -> None:
    end = time.monotonic() + patience
    delay = _FIRST
    while True:
        try:
            return _take(handle)
        except (BlockingIOError, PermissionError):  # as Linux and as Windows say it
            left = end - time.monotonic()
            if left <= 0:
                raise Held from None
        time.sleep(min(left, delay * random.uniform(0.5, 1.0)))  # two that wait must part ways
        delay = min(delay * 2, _LONGEST)
