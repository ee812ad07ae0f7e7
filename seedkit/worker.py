"""What a worker process does as it starts: it leaves signals to its parent, and ends with it.

A worker that is left alone waits for work for ever, and with it stay the locks that its parent held
as it was made.
"""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import parent_process


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
