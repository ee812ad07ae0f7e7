"""Hears of changes from the operating system. The only module that imports watchdog.

watchdog tells nobody that the kernel's queue overflowed, that folders are not watched for want of
watches, or that its own threads have died. So: its log is listened to, its coverage is compared
with the folders there are (`health.py`), and its threads are asked whether they live.

What may have changed: written by the threads that hear of events, read by the one that looks.

A hint is never believed, only followed up.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver


class Dirty(NamedTuple):
    """Where to look: paths (of files or folders, absolute), or everywhere; and who is waiting."""

    paths: frozenset[str]
    everything: bool
    cookies: tuple[str, ...]
    reasons: tuple[str, ...]  # why everything: what was lost

    def __bool__(self) -> bool:
        return bool(self.paths or self.everything)


class DirtyPaths:
    """Collects hints until they are taken. Every method may be called from any thread."""

    def __init__(self, cookies: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._cookie_prefix = cookies.rstrip("/") + "/"
        self._condition = threading.Condition()
        self._paths: set[str] = set()
        self._cookies: list[str] = []
        self._reasons: list[str] = []
        self._everything = False
        self._stopped = False
        self.last = 0.0  # when the last hint came, by the clock; cookies don't count
        self.first = 0.0  # when the first of those not yet taken came

    def add(self, path: str) -> None:
        """Something happened at a path."""
        with self._condition:
            if path.startswith(self._cookie_prefix):
                self._cookies.append(path)
            else:
                self._stamp()
                self._paths.add(path)
            self._condition.notify()

    def lost(self, reason: str) -> None:
        """Events were lost, or could not be delivered: all has to be looked at."""
        with self._condition:
            self._stamp()
            self._everything = True
            self._reasons.append(reason)
            self._condition.notify()

    def stop(self) -> None:
        """Wake up all that wait, for good."""
        with self._condition:
            self._stopped = True
            self._condition.notify()

    def any(self) -> bool:
        """Tell whether there is anything to take, or the end has come."""
        return bool(self._paths or self._cookies or self._everything or self._stopped)

    def wait(self, seconds: float) -> bool:
        """Wait for a hint, a cookie or the end; return whether anything is there."""
        with self._condition:
            if not self.any():
                self._condition.wait(max(0.0, seconds))
            return self.any()

    def wait_more(self, seconds: float) -> bool:
        """Wait for a hint beyond those already here; return whether one came, or a cookie is."""
        with self._condition:
            seen = self.last
            if not self._cookies and not self._stopped:
                self._condition.wait(max(0.0, seconds))
            return self.last != seen or bool(self._cookies) or self._stopped

    def settle(self, seconds: float) -> None:
        """Wait until no hint has come for that long; cookies don't count."""
        with self._condition:
            end = time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0 and not self._stopped:
                seen = self.last
                self._condition.wait(left)
                if self.last != seen:
                    end = time.monotonic() + seconds

    @property
    def stopped(self) -> bool:
        """Tell whether `stop` was called."""
        return self._stopped

    @property
    def awaited(self) -> bool:
        """Tell whether a cookie is waiting for an answer."""
        return bool(self._cookies)

    def take(self) -> Dirty:
        """Return what has been collected, and start over."""
        with self._condition:
            dirty = Dirty(
                frozenset(self._paths), self._everything, tuple(self._cookies),
                tuple(self._reasons),
            )  # fmt: skip
            self._paths, self._cookies, self._reasons = set(), [], []
            self._everything, self.first = False, 0.0
            return dirty

    def _stamp(self) -> None:
        self.last = self._clock()
        self.first = self.first or self.last


# Not those of opening and closing without a write: reading the corpus would wake us.
_TELLING: list[type[FileSystemEvent]] = [
    DirCreatedEvent, DirDeletedEvent, DirMovedEvent, FileClosedEvent, FileCreatedEvent,
    FileDeletedEvent, FileModifiedEvent, FileMovedEvent,
]  # fmt: skip


# watchdog holds back what was moved away, and all that comes after it, until it knows where to: for
# half a second if that is out of sight, in which a search would hear of none of it. Both halves
# of a move within what is watched come from the kernel together.
_PAIRING = 0.01  # seconds
_HOLDING = (
    ("watchdog.observers.inotify_move_event_grouper", "InotifyMoveEventGrouper"),
    ("watchdog.observers.inotify_buffer", "InotifyBuffer"),  # before watchdog 7
)


class WatchedFolder(NamedTuple):
    """A folder to watch, with or without all folders under it."""

    path: str
    recursive: bool


class Listener:
    """Watches folders and passes on, as hints, where something happened."""

    def __init__(self, dirty_paths: DirtyPaths) -> None:
        self._dirty_paths = dirty_paths
        self._handler = _Handler(dirty_paths)
        self._log = _Log(dirty_paths)
        self._observer: BaseObserver | None = None  # none if the system gives us none
        self.deaf = ""  # why nothing at all is heard, if so
        self.refused: dict[str, str] = {}  # folders that can't be watched, with the reason

    def start(self, places: Sequence[WatchedFolder]) -> None:
        """Watch the folders; those that can't be are in `refused` afterwards. See `deaf`."""
        # Its words are for us, not for the user; its threads go on speaking after the end.
        warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"watchdog\.")
        logger = logging.getLogger("watchdog")
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
        logger.addHandler(self._log)
        _hold_back_little()
        if not isinstance(threading.excepthook, _Silent):
            threading.excepthook = _Silent(threading.excepthook)
        try:
            observer = Observer()
            observer.start()
        except (OSError, RuntimeError) as error:  # as many as are allowed are there already
            self.deaf = _reason(error)
            if "inotify" in self.deaf:
                self.deaf += " (fs.inotify.max_user_instances)"
            return
        self._observer = observer
        for place in places:
            try:
                observer.schedule(
                    self._handler, place.path, recursive=place.recursive, event_filter=_TELLING
                )
            except OSError as error:
                if error.errno != errno.ENOSPC:  # then there are too many folders: see `health`
                    self.refused[place.path] = _reason(error)
            except RecursionError:  # before Python 3.12, they are listed by a call for each level
                self.refused[place.path] = "its folders are nested too deeply"

    def alive(self) -> bool:
        """Tell whether every thread that passes on events still runs, if there are any."""
        if self._observer is None:
            return True
        return self._observer.is_alive() and all(
            emitter.is_alive() for emitter in self._observer.emitters
        )

    def stop(self) -> None:
        """End all watching. Never raises: a thread of watchdog's may have died already."""
        logging.getLogger("watchdog").removeHandler(self._log)
        if self._observer is None:
            return
        with contextlib.suppress(Exception):
            self._observer.stop()
        with contextlib.suppress(Exception):
            self._observer.join(timeout=1.0)


def _reason(error: Exception) -> str:
    return ((error.strerror if isinstance(error, OSError) else None) or str(error)).lower()


def _hold_back_little() -> None:
    for module, name in _HOLDING:
        with contextlib.suppress(ImportError, AttributeError):  # another version, another system
            getattr(import_module(module), name).delay = _PAIRING


class _Silent:
    """Keeps the tracebacks of watchdog's threads from the user: `Listener.alive` reports their
    death.

    They may come after all watching has ended: watchdog 7.1 stumbles over a folder that is removed
    while it stops.
    """

    def __init__(self, before: Callable[[threading.ExceptHookArgs], object]) -> None:
        self._before = before

    def __call__(self, args: threading.ExceptHookArgs) -> None:
        if not type(args.thread).__module__.startswith("watchdog."):
            self._before(args)


class _Handler(FileSystemEventHandler):
    """Adds to the hints and returns: what takes long, or raises, would stop all events."""

    def __init__(self, dirty_paths: DirtyPaths) -> None:
        self._dirty_paths = dirty_paths

    def dispatch(self, event: FileSystemEvent) -> None:
        try:
            self._dirty_paths.add(os.fsdecode(event.src_path))
            if event.dest_path:
                self._dirty_paths.add(os.fsdecode(event.dest_path))
        except Exception as error:  # the thread that calls would die of it
            self._dirty_paths.lost(f"an event could not be read: {type(error).__name__}")


class _Log(logging.Handler):
    """Takes what watchdog logs as a warning for what it mostly is: events were lost."""

    def __init__(self, dirty_paths: DirtyPaths) -> None:
        super().__init__(logging.WARNING)
        self._dirty_paths = dirty_paths

    def emit(self, record: logging.LogRecord) -> None:
        overflow = "overflow" in record.getMessage()
        self._dirty_paths.lost(
            "more events than the system keeps" if overflow else "watchdog stumbled"
        )
