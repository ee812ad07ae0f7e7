"""How a search asks a running watch whether it has seen everything, and skips its own walk.

The one who asks makes a file (a *cookie*, the word of watchman and git) in a folder of the cache
that the watch listens to as well. Its event comes after those of all earlier changes; when it has
come, and what was heard before has been looked at, the watch answers with the state of the corpus.
Without an answer in time the client rescans: a missing or stuck watch costs a second
at most and never a wrong answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from seedkit.core.errors import EnvironmentFault
from seedkit.core.files import replacing, try_lock
from seedkit.sources.source import Refused, read_file
from seedkit.store.location import private_folder

if TYPE_CHECKING:
    from typing import Self

_MOST = 10_000  # bytes of an answer
# What is opened is in the user's own folder; damaged, it must neither lead away nor be waited for.
_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
PATIENCE = 1.0  # seconds to wait for an answer, as git and watchman do


class Handshake:
    """Held by the one watch of a corpus: tells others that it is there, and answers them."""

    def __init__(self, cache: Path) -> None:
        self.folder = cache / "watch"
        self.cookies = self.folder / "cookies"
        self._handle: int | None = None

    def __enter__(self) -> Self:
        """Become the watch; raises `EnvironmentFault` if another one is running, or none can be."""
        self._become()
        return self

    def renew(self) -> bool:
        """Become the watch again if the cache folder has been removed or replaced; return whether.

        Raises what `__enter__` does.
        """
        if self._handle is not None:
            with contextlib.suppress(OSError):
                here, there = os.fstat(self._handle), os.stat(self.folder / "live")
                same = (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)
                if same and self.cookies.is_dir():
                    return False
            self.__exit__(None, None, None)
        self._become()
        self.ready()
        return True

    def _become(self) -> None:
        try:
            self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.folder, self.cookies):  # what is left in them is removed
                private_folder(folder)
            handle = os.open(self.folder / "live", _FLAGS | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unwritable(error) from None
        if not _lock_soon(handle):
            pid = os.read(handle, 20).decode("ascii", "replace").partition(" ")[0]
            os.close(handle)
            raise EnvironmentFault(
                f"another seedkit watch is running on this corpus (process {pid or 'unknown'})",
                help="one is enough: its index serves every search",
            )
        try:
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()} ".encode(), 0)
        except OSError as error:  # a full disk, or a limit of the size of files
            os.close(handle)
            raise self._unwritable(error) from None
        self._handle = handle
        for left in [*self.cookies.iterdir(), *self.folder.glob("answer-*")]:
            left.unlink(missing_ok=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave: nobody waits for an answer any more."""
        if self._handle is not None:
            os.close(self._handle)  # and with it the lock
            self._handle = None

    def ready(self) -> None:
        """Say that questions will be answered. If that can't be said, nobody asks."""
        assert self._handle is not None  # entered
        with contextlib.suppress(OSError):
            os.pwrite(self._handle, f"{os.getpid()} ready\n".encode(), 0)

    def _unwritable(self, error: OSError) -> EnvironmentFault:
        reason = (error.strerror or str(error)).lower()
        return EnvironmentFault(
            f"the cache folder {self.folder} can't be written: {reason}",
            help="choose another with --cache-dir",
        )

    def answer(self, cookie: str, state: str) -> None:
        """Tell the client that made the cookie the state of the corpus, empty if not sure."""
        path = Path(cookie)
        try:
            path.unlink()
        except OSError:
            return  # answered already, or not waited for any more
        with contextlib.suppress(OSError), replacing(self.folder / f"answer-{path.name}") as file:
            file.write(json.dumps({"state": state}).encode())


class Question:
    """A question to a running watch, asked as this is made: in which state is the corpus?"""

    def __init__(self, folder: Path) -> None:
        token = os.urandom(8).hex()
        self._cookie, self._answer = folder / "cookies" / token, folder / f"answer-{token}"
        self._cookie.touch(0o600, exist_ok=False)
        self._asked = time.monotonic()

    def answer(self, patience: float = PATIENCE) -> str | None:
        """Wait for the state that the watch vouches for; None if it does not, or not in time."""
        end = self._asked + patience
        pause = 0.001
        while True:
            try:
                text = read_file(str(self._answer), _MOST)
                break
            except (OSError, Refused):
                if time.monotonic() >= end:
                    self._cookie.unlink(missing_ok=True)
                    return None
            time.sleep(pause)
            pause = min(pause * 1.5, 0.01)
        self._answer.unlink(missing_ok=True)
        try:
            found = json.loads(text)["state"]
        except (ValueError, KeyError, TypeError):
            return None
        return found if isinstance(found, str) and found else None


def pose(cache: Path) -> Question | None:
    """Ask the watch that is running, None if there is none."""
    folder = cache / "watch"
    if not _is_served(folder / "live"):
        return None
    try:
        return Question(folder)
    except OSError:
        return None


def ask(cache: Path, patience: float = PATIENCE) -> str | None:
    """Return the state that a running watch vouches for; None without watch or answer."""
    question = pose(cache)
    return None if question is None else question.answer(patience)


def _is_served(path: Path) -> bool:
    """Tell whether a process holds the lock, and is ready to answer."""
    try:
        handle = os.open(path, _FLAGS)
    except OSError:
        return False
    try:
        return not _lock(handle, shared=True) and b"ready" in os.read(handle, 40)
    finally:
        os.close(handle)


def _lock_soon(handle: int) -> bool:
    """Lock the file, allowing for those who hold it a moment to see whether anybody does."""
    for pause in (0.001, 0.01, 0.05, 0.1):
        if _lock(handle):
            return True
        time.sleep(pause)
    return _lock(handle)


def _lock(handle: int, *, shared: bool = False) -> bool:
    """Lock the file as long as it is open; return whether that was possible.

    The lock goes with the process, however it ends. Where there is no such lock, there is no watch
    to be asked, and any number of them may run.
    """
    if sys.platform == "win32":
        return True
    try:
        return try_lock(handle, shared=shared)
    except OSError:
        return False
