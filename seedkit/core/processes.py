"""Work in other processes: one result prefetched by a fork, or many items mapped over workers.

Workers leave signals to their parent, and end with it: one that is left alone waits for work
without end, and with it stay the locks that its parent held as it was made. A thread would not do
for prefetching: Python runs one at a time, and importing modules takes all of it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future


_WAITING = 2  # results for each process that may wait until they are taken: they take memory

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_work: dict[str, Callable[[Any], Any]] = {}  # of a worker process, set once as it starts


def in_processes(
    make: Callable[[], Callable[[_Item], _Result]], items: Iterable[_Item], workers: int
) -> Generator[_Result, None, None]:
    """Return what is made of each item, in order, by what `make` returns once in each process."""
    from concurrent.futures import ProcessPoolExecutor

    pool = ProcessPoolExecutor(workers, initializer=_start, initargs=(make,))
    try:
        ahead: deque[Future[_Result]] = deque()
        for item in items:
            with uninterrupted():
                ahead.append(pool.submit(_do, item))
            if len(ahead) > _WAITING * workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start(make: Callable[[], Callable[[Any], Any]]) -> None:
    begin()
    _work["it"] = make()


def _do(item: Any) -> Any:
    return _work["it"](item)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let signals wait until the end of the block, in which processes are made.

    Python drops an interruption that comes as it forks; half a pool of processes is never ended;
    and a new process is not yet prepared. To block the signals would not do: they would come to
    another thread, and with that to Python.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda number, frame: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for each in came:
            signal.raise_signal(each)


def begin() -> None:
    """Prepare this process to work for the one that has made it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


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


def prefetch(make: Callable[[], bytes]) -> Prefetched | None:
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
