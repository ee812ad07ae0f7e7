"""Files that several processes share: replaced whole, locked, and summed up to notice damage."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

TEMPORARY = ".seedkit-"  # how the names of files that are just being written begin


@contextmanager
def replacing(
    path: str | os.PathLike[str], *, mode: int = 0o600, durable: bool = False
) -> Iterator[BinaryIO]:
    """Write a file so that there is always either the old one or all of the new one.

    The block writes; the file gets its name after it, and nothing is left if it fails. A `durable`
    one reaches the disk before. Raises `OSError`.
    """
    handle, temporary = _make_temporary(path)
    try:
        with open(handle, "wb") as file:
            yield file
            if durable:
                _flush(file)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def write_temporary(path: str | os.PathLike[str], data: bytes, *, durable: bool = False) -> str:
    """Write a file under a temporary name next to `path`, mode 0600; return its full name.

    The caller renames or removes it. Raises `OSError`, and then nothing is left.
    """
    handle, temporary = _make_temporary(path)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            if durable:
                _flush(file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return temporary


def _make_temporary(path: str | os.PathLike[str]) -> tuple[int, str]:
    import tempfile

    return tempfile.mkstemp(prefix=TEMPORARY, dir=os.path.dirname(path))


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def mode_of_new_files() -> int:
    """Return the permissions that the user's umask gives a new file."""
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def checksum(data: bytes, before: int = 0) -> int:
    """Return the CRC-32 of the bytes, after those that have the sum `before`."""
    return zlib.crc32(data, before)


def keyed_checksum(data: bytes, key: str) -> str:
    """Return a digest in hexadecimal digits that the same bytes have under the same key only."""
    from hashlib import blake2b

    return blake2b(data, key=key.encode(), digest_size=16).hexdigest()


def seal(text: str) -> str:
    """Return a text with its checksum in front."""
    return f"{checksum(text.encode()):08x}{text}"


def unseal(value: str) -> str:
    """Return the text that was sealed; raises `ValueError` if it is not as it was."""
    text = value[8:]
    if value[:8] != f"{checksum(text.encode()):08x}":
        raise ValueError("a sealed text is damaged")
    return text


if sys.platform == "win32":  # as mypy knows it
    import msvcrt

    def try_lock(handle: int, *, shared: bool = False) -> bool:
        """Lock an open file unless another process has; return whether. Here all locks are
        exclusive."""
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def unlock(handle: int) -> None:
        """Let others lock the file; raises `OSError`."""
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def try_lock(handle: int, *, shared: bool = False) -> bool:
        """Lock an open file unless another process has; return whether.

        A `shared` lock is held by any number of processes, none of which may write. The system
        drops a lock when its process ends. Raises `OSError` where there can be no lock.
        """
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(handle: int) -> None:
        """Let others lock the file; raises `OSError`."""
        fcntl.flock(handle, fcntl.LOCK_UN)


_FIRST = 0.01  # seconds before the second try; each next one waits longer
_LONGEST = 0.25
_NAME_LIMIT = 200  # bytes of what a holder says of itself


class LockHeld(Exception):
    """Another process has held the lock all the time; `holder` is what it says of itself."""

    def __init__(self, holder: str = "") -> None:
        super().__init__(holder)
        self.holder = holder


@contextmanager
def exclusive(
    path: str, patience: float, *, name: str = "", waiting: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Hold the lock at `path` within the block; wait at most `patience` seconds for it.

    `name` is how the holder is named to others; `waiting` is called before each pause.
    Raises `LockHeld` after that, `OSError` where there can be no lock.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        _wait(handle, patience, waiting)
        if name:
            with contextlib.suppress(OSError):  # a full disk: then nobody knows who it is
                os.ftruncate(handle, 0)
                os.write(handle, name.encode("utf-8", "replace")[:_NAME_LIMIT])
        yield
    finally:
        with contextlib.suppress(OSError):
            unlock(handle)  # not only by closing: a forked worker may still have it open
        os.close(handle)


def _wait(handle: int, patience: float, waiting: Callable[[], None]) -> None:
    import random

    end = time.monotonic() + patience
    delay = _FIRST
    while True:
        if try_lock(handle):
            return
        left = end - time.monotonic()
        if left <= 0:
            raise LockHeld(_holder(handle))
        waiting()
        time.sleep(min(left, delay * random.uniform(0.5, 1.0)))  # two that wait must part ways
        delay = min(delay * 2, _LONGEST)


def _holder(handle: int) -> str:
    try:
        os.lseek(handle, 0, os.SEEK_SET)
        return os.read(handle, _NAME_LIMIT).decode("utf-8", "replace")
    except OSError:  # Windows lets nobody read what is locked
        return ""
