"""What compressed files hold, those called `.gz` or `.zst`. No more is expanded than may be read.

gzip after RFC 1952, by zlib; Zstandard after RFC 8878, by Python 3.14's own module or a package.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import Final, Protocol, cast

from seedkit.sources.source import MOST, Refused, TooLarge

_BLOCK: Final = 1024  # bytes that are expanded at once: at most some megabytes come of them
_MOST_PARTS: Final = 100_000  # a file may be several compressed ones, one after the other
_WINDOW: Final = 27  # bits: what expanding takes of memory, as the program zstd limits it
_PADDING = re.compile(rb"\0*+")


class NotExpanded(Refused):
    """A file that is not compressed as its name says, or is cut off or damaged."""


class NotInstalled(Refused):
    """A file that only a package can expand that is not there."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"`{path}` takes the package zstandard to read",
            help="install it: `pip install 'seedkit[zstd]'`",
        )


class HoldsTooMuch(TooLarge):
    """A compressed file that holds more than may be read."""

    def __init__(self, path: str, limit: int) -> None:
        Refused.__init__(self, f"`{path}` holds more than {limit:,} bytes")
        self.size = limit + 1  # at least


class _Decompressor(Protocol):
    """Expands one compressed part of a file; `zlib` and the modules for zstd all have this."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def is_compressed(path: str) -> bool:
    """Tell whether the name of a file says that it is compressed."""
    return path.endswith((".gz", ".zst"))


def uncompressed_name(path: str) -> str:
    """Return the path without the extension that says that a file is compressed."""
    return path.rpartition(".")[0] if is_compressed(path) else path


def expand(path: str, data: bytes, limit: int = MOST) -> bytes:
    """Return what a file holds that may be compressed: its bytes as they are, if it is not.

    Raises `NotExpanded`, `HoldsTooMuch` for more than `limit` bytes, or `NotInstalled`.
    """
    if path.endswith(".gz"):
        return _expand(path, data, limit, _gzip, (zlib.error,))
    if path.endswith(".zst"):
        return _expand(path, data, limit, *_zstd(path))
    return data


def _expand(
    path: str,
    data: bytes,
    limit: int,
    begin: Callable[[], _Decompressor],
    errors: tuple[type[Exception], ...],
) -> bytes:
    """Return what all parts of a file hold."""
    held: list[bytes] = []
    total = at = parts = 0
    while at < len(data) or not parts:
        part, parts = begin(), parts + 1
        if parts > _MOST_PARTS:
            raise NotExpanded(f"`{path}` has more than {_MOST_PARTS:,} compressed parts")
        while not part.eof:
            block = data[at : at + _BLOCK]
            if not block:
                raise NotExpanded(f"`{path}` is cut off", help=_REMEDY)
            try:
                held.append(part.decompress(block))
            except errors:
                kind = "gzip" if path.endswith(".gz") else "zstd"
                what = f"is damaged, or not compressed by {kind}"
                raise NotExpanded(f"`{path}` {what}", help=_REMEDY) from None
            total += len(held[-1])
            if total > limit:
                raise HoldsTooMuch(path, limit)
            at += len(block) - len(part.unused_data)
        if begin is _gzip and (padding := _PADDING.match(data, at)):
            at = padding.end()
    return b"".join(held)


_REMEDY: Final = "restore it from git or its source, or compress it again"


def _gzip() -> _Decompressor:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)


def _zstd(path: str) -> tuple[Callable[[], _Decompressor], tuple[type[Exception], ...]]:
    """Return what begins a part, and the errors of it; raises `NotInstalled`."""
    from importlib import import_module

    try:
        own = import_module("compression.zstd")
    except ImportError:
        pass
    else:
        options = {own.DecompressionParameter.window_log_max: _WINDOW}
        return lambda: cast(_Decompressor, own.ZstdDecompressor(options=options)), (own.ZstdError,)
    try:
        package = import_module("zstandard")
    except ImportError:
        raise NotInstalled(path) from None
    begin = package.ZstdDecompressor(max_window_size=1 << _WINDOW).decompressobj
    return begin, (package.ZstdError,)
