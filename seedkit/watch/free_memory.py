"""Memory that is free, given back to the system: a watch lasts, and works for a moment only.

See mallopt(3), malloc_trim(3). Other C libraries than glibc, and Windows, have neither: there,
nothing is done.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

_TRIM_THRESHOLD = -1  # glibc's number of the parameter
_KEPT = 128 * 1024  # bytes at the end of a heap: what glibc begins with


def keep_little() -> None:
    """Let the allocator keep little of what is freed, for as long as the process runs.

    glibc begins so. But whenever a large block is freed, it raises the size above which blocks are
    mapped alone, and given back alone, up to 32 MB; later blocks lie in heaps, between others, and
    stay there. Setting any of the limits keeps all of them as they are.
    """
    mallopt = _allocator("mallopt")
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, _KEPT)


def give_back() -> None:
    """Let the allocator give back what it keeps for later.

    Each update is made by threads of its own, and glibc keeps heaps for them, as large as they once
    had to be: hundreds of megabytes for a large corpus.
    """
    trim = _allocator("malloc_trim")
    if trim is not None:
        trim(0)


def _allocator(name: str) -> Callable[..., object] | None:
    """Return a function of the C library; None where there is none of that name."""
    try:
        function: Callable[..., object] = getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError, TypeError):
        return None
    return function
