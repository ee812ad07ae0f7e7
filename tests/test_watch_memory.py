"""Memory that is free is given back, where that is possible."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace

import pytest

from seedkit.watch.memory import give_back


def test_the_allocator_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(malloc_trim=told.append))
    give_back()
    assert told == [0]


@pytest.mark.parametrize("fault", [OSError, TypeError, None])
def test_without_such_an_allocator_nothing_happens(
    fault: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def library(name: object) -> SimpleNamespace:
        asked.append(name)
        if fault is not None:
            raise fault
        return SimpleNamespace()

    monkeypatch.setattr(ctypes, "CDLL", library)
    give_back()
    assert asked == [None]
