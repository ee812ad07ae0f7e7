"""Work that a copy of this process does, while this one still gets ready for what comes of it.

A thread would not do: Python runs one at a time, and importing modules takes all of it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import NoReturn

_SIZE = 8  # bytes in front of the result that say how long it is
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Prefetched:
    """Bytes that another process makes; it ends by itself, whether they are asked for or not."""

    def __init__(self, pid: int, handle: int) -> None:
        self._pid, self._handle = pid, handle

    def result(self) -> bytes | None:
        """Wait for the bytes, once; None if the process has ended without them."""
        try:
            with open(self._handle, "rb", buffering=0) as file:
                data = file.readall()
        except OSError:
            return None
        with contextlib.suppress(OSError):  # somebody else has waited for it
            os.waitpid(self._pid, 0)
        size = int.from_bytes(data[:_SIZE], "big")
        return data[_SIZE:] if data and len(data) == _SIZE + size else None


def begin(make: Callable[[], bytes]) -> Prefetched | None:
    """Let a copy of this process call `make`; None where that is not possible, or not safe.

    What is imported, opened or changed there does not exist here.
    """
    if not _is_single():
        return None
    try:
        receiver, sender = os.pipe()
    except OSError:
        return None
    # Python would drop an interruption that comes as it forks.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        pid = os.fork()
        if not pid:
            work(make, sender, receiver, before)
    except OSError:
        os.close(receiver)
        return None
    finally:
        os.close(sender)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return Prefetched(pid, receiver)


def work(
    make: Callable[[], bytes], sender: int, receiver: int, mask: Iterable[int] = ()
) -> NoReturn:
    """Send what `make` returns, and end this process, whatever happens, without a word.

    The other end of the pipe is closed, signals are those of `mask` again.
    """
    try:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(receiver)
        _leave_streams(sender)
        data = make()
        with open(sender, "wb") as file:
            file.write(len(data).to_bytes(_SIZE, "big"))
            file.write(data)
    finally:
        os._exit(0)


def _leave_streams(sender: int) -> None:
    """Keep no stream open: a reader of the output of the first process waits for its end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for handle in {0, 1, 2} - {sender}:
        os.dup2(nothing, handle)


def _is_single() -> bool:
    """Tell whether this process has one thread: a copy would have the locks of the others."""
    if not sys.platform.startswith("linux"):  # where else there is a fork, libraries make threads
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def cpu_count() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
