"""Work that is shared among processes, which leave signals to their parent, and end with it.

A worker that is left alone waits for work without end, and with it stay the locks that its parent
held as it was made.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from typing import TYPE_CHECKING, Any, TypeVar

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
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
