"""What may have changed: written by the threads that hear of events, read by the one that looks.

A hint is never believed, only followed up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple


class Dirty(NamedTuple):
    """Where to look: paths (of files or folders, absolute), or everywhere; and who is waiting."""

    paths: frozenset[str]
    everything: bool
    cookies: tuple[str, ...]
    reasons: tuple[str, ...]  # why everything: what was lost

    def __bool__(self) -> bool:
        return bool(self.paths or self.everything)


class Hints:
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
        """Events were lost, or could not be told: all has to be looked at."""
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
