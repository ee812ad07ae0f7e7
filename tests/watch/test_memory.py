"""Memory that is free is given back, where that is possible."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from seedkit.watch.health import give_back, keep_little

each = pytest.mark.parametrize("ask", [give_back, keep_little])


def test_the_allocator_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    library = SimpleNamespace(
        malloc_trim=told.append, mallopt=lambda number, value: told.append((number, value))
    )
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    keep_little()
    give_back()
    assert told == [(-1, 128 * 1024), 0]


@each
@pytest.mark.parametrize("fault", [OSError, TypeError, None])
def test_without_such_an_allocator_nothing_happens(
    ask: Callable[[], None], fault: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def library(name: object) -> SimpleNamespace:
        asked.append(name)
        if fault is not None:
            raise fault
        return SimpleNamespace()

    monkeypatch.setattr(ctypes, "CDLL", library)
    ask()
    assert asked == [None]


# Frees a block of 30 MB, after which glibc would keep others of that size in its heap; then
# allocates two of 20 MB, and frees the one that lies below the other.
PROGRAM = """
import ctypes, resource
from seedkit.watch.health import keep_little
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
def filled(size):
    block = libc.malloc(size)
    ctypes.memset(block, 1, size)
    return block
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
if KEEP_LITTLE:
    keep_little()
libc.free(filled(30 << 20))
before = resident()
below, above = filled(20 << 20), filled(20 << 20)
libc.free(below)
print(round((resident() - before) / (20 << 20)))
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallopt"), reason="glibc's"
)
@pytest.mark.parametrize(("keep", "blocks"), [(False, 2), (True, 1)])
def test_a_large_block_that_is_freed_does_not_stay(keep: bool, blocks: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", f"KEEP_LITTLE = {keep}\n{PROGRAM}"], capture_output=True, text=True
    )
    assert (ran.stderr, ran.stdout) == ("", f"{blocks}\n")
