"""Tests now and then whether events arrive: a file made among the cookies must be heard of."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

EVERY = 30.0  # seconds between tests
ANSWER = 10.0  # seconds that one may take
_PREFIX = "self-test-"


class SelfTest:
    """At most one test at a time; times are those of the loop's clock, in seconds."""

    def __init__(self) -> None:
        self.due = 0.0  # when the next one is to begin
        self.failed = 0  # in a row
        self._path: str | None = None  # the file of the one under way
        self._end = 0.0

    @property
    def ends(self) -> list[float]:
        """When there is something to do next."""
        return [self.due] if self._path is None else [self.due, self._end]

    def postpone(self, now: float) -> None:
        """Begin the next test a while after `now`."""
        self.due = now + EVERY

    def drop(self) -> None:
        """Forget the test under way: it was of a listener that is none any more."""
        self._path = None

    def unanswered(self, now: float) -> bool:
        """Tell whether a test is under way whose time is up."""
        return self._path is not None and now >= self._end

    def begin(self, folder: Path, now: float) -> None:
        """Begin a test if one is due; raises `OSError` if the folder can't be written."""
        if self._path is not None or now < self.due:
            return
        self.postpone(now)
        path = folder / f"{_PREFIX}{int(now * 1000)}"
        path.touch(0o600)
        self._path, self._end = str(path), now + ANSWER

    def take(self, cookies: Iterable[str]) -> tuple[list[str], bool]:
        """Return the cookies of others, and whether the test under way has succeeded."""
        others, passed = [], False
        for cookie in dict.fromkeys(cookies):
            if not os.path.basename(cookie).startswith(_PREFIX):
                others.append(cookie)
                continue
            if os.path.exists(cookie):
                os.unlink(cookie)
            if cookie == self._path:
                self._path, self.failed, passed = None, 0, True
        return others, passed
