"""Lets the n-th operation on files fail, of those that Python code asks the system for."""

from __future__ import annotations

import builtins
import errno
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)
_BY_PATH = (
    "open", "mkdir", "link", "replace", "rename", "unlink", "rmdir", "chmod", "lstat", "listdir",
)  # fmt: skip
_BY_HANDLE = ("fsync", "write", "read")


class Faults:
    """Within the block the `failing`-th operation under some folders raises an error.

    If `lasting`, so do all that come after it. What was asked for is in `done`, in order.
    """

    def __init__(
        self, *folders: Path, failing: int = -1, error: int = errno.EIO, lasting: bool = False
    ) -> None:
        self._folders = tuple(f"{folder}" for folder in folders)
        self._failing, self._error, self._lasting = failing, error, lasting
        self._before: dict[tuple[object, str], Callable[..., Any]] = {}
        self.done: list[str] = []

    def __enter__(self) -> Faults:
        """Take the place of the operations."""
        for name in _BY_PATH:
            self._replace(os, name, self._by_path)
        for name in _BY_HANDLE:
            self._replace(os, name, self._by_handle)
        self._replace(os, "fdopen", self._opened)
        self._replace(builtins, "open", self._by_path)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the operations back."""
        for (module, name), real in self._before.items():
            setattr(module, name, real)

    def step(self, what: str, path: object) -> None:
        """Note an operation, or raise what it is to fail with."""
        number = len(self.done)
        self.done.append(what)
        if number == self._failing or (self._lasting and number > self._failing >= 0):
            raise OSError(self._error, os.strerror(self._error), path)

    def _replace(
        self,
        module: object,
        name: str,
        wrap: Callable[[str, Callable[..., Any]], Callable[..., Any]],
    ) -> None:
        real = getattr(module, name)
        self._before[module, name] = real
        setattr(module, name, wrap(name, real))

    def _by_path(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*given: Any, **options: Any) -> Any:
            path = given[0] if given else "."
            if isinstance(path, int) or not os.fspath(path).startswith(self._folders):
                return real(*given, **options)
            self.step(name, path)
            result = real(*given, **options)
            return (
                File(result, self) if real is builtins.open or hasattr(result, "read") else result
            )

        return operation

    def _by_handle(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(handle: int, *given: Any) -> Any:
            if os.readlink(f"/proc/self/fd/{handle}").startswith(self._folders):
                self.step(name, None)
            return real(handle, *given)

        return operation

    def _opened(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given, **options: File(real(*given, **options), self)


class File:
    """An open file, each of whose operations is one that may fail."""

    def __init__(self, file: Any, faults: Faults) -> None:
        self._file, self._faults = file, faults

    def __enter__(self) -> File:
        """Be open within a block."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        """Let some operations fail, and pass on the others."""
        real = getattr(self._file, name)
        if name not in ("read", "write", "flush"):
            return real

        def operation(*given: Any) -> Any:
            self._faults.step(f"file {name}", None)
            return real(*given)

        return operation
