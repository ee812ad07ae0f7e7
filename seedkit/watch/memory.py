"""Memory that is free, given back to the system: a watch lasts, and works for a moment only."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Let the allocator give back what it keeps for later; where it can't be told to, nothing.

    Each update is made by threads of its own, and glibc keeps heaps for them, as large as they once
    had to be: hundreds of megabytes for a large corpus. See mallopt(3), malloc_trim(3).
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):  # another C library, or Windows
        return
    trim(0)
