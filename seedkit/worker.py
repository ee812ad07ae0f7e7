"""How a worker process is made: it leaves signals to its parent, and ends with it.

A worker that is left alone waits for work for ever, and with it stay the locks that its parent held
as it was made.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process


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
