"""Writes new files: whole or not at all, and never over one that is there."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping

from seedkit.errors import EnvironmentFault
from seedkit.source import escapes
from seedkit.text import visible
from seedkit.walk import TEMPORARY


def create_all(root: str, files: Mapping[str, bytes]) -> None:
    """Write the files under the root; if one can't be written, none of them is left.

    Raises `EnvironmentFault`, also for a file that is there.
    """
    made: list[str] = []
    try:
        for path, data in files.items():
            made += _folders(root, path)
            _create(root, path, data)
            made.append(os.path.join(root, path))
    except BaseException:
        for full in reversed(made):
            with contextlib.suppress(OSError):
                os.rmdir(full) if os.path.isdir(full) else os.unlink(full)
        raise


def remove_all(root: str, paths: Iterable[str]) -> None:
    """Remove files that were just made, as far as that is possible."""
    for path in paths:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(root, path))


def existing(root: str, paths: Iterable[str]) -> Iterator[str]:
    """Return which of the paths there is something at."""
    return (path for path in paths if os.path.lexists(os.path.join(root, path)))


def _folders(root: str, path: str) -> list[str]:
    """Make the folders of a file; return those that were missing."""
    made: list[str] = []
    at = root
    try:
        for part in path.split("/")[:-1]:
            at = os.path.join(at, part)
            if os.path.islink(at):
                raise EnvironmentFault(f"{visible(path)} can't be written: a link is on its way")
            if not os.path.isdir(at):
                os.mkdir(at)
                made.append(at)
    except OSError as error:
        raise _unwritable(path, error) from None
    return made


def _create(root: str, path: str, data: bytes) -> None:
    if escapes(path):
        raise EnvironmentFault(f"{visible(path)} leaves the corpus")
    full = os.path.join(root, path)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=TEMPORARY, dir=os.path.dirname(full))
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        _place(temporary, full)
    except FileExistsError:
        raise EnvironmentFault(f"{visible(path)} exists, and was left alone") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _unwritable(path, error) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _place(temporary: str, full: str) -> None:
    """Give the file its name, unless another has it; raises `FileExistsError`."""
    try:
        os.link(temporary, full)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        handle = os.open(full, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        os.close(handle)
        os.replace(temporary, full)


def _unwritable(path: str, error: OSError | ValueError) -> EnvironmentFault:
    reason = getattr(error, "strerror", None) or str(error)
    return EnvironmentFault(f"{visible(path)} can't be written: {reason.lower()}")
