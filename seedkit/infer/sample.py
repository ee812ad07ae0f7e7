"""Which of many texts are looked at: evenly chosen, and no more than can be looked at in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")
_GOLDEN = (5**0.5 - 1) / 2  # multiples of it spread over the unit interval as evenly as can be


class Sample(NamedTuple):
    """Some texts; of a single long one only the beginning, then the last record is cut short."""

    texts: list[str]
    cut: bool = False


def evenly(things: Sequence[T], most: int) -> list[T]:
    """Return at most so many of the things, in their order, from all parts of it.

    They follow no rhythm: of things that alternate, some of each kind are chosen.
    """
    if len(things) <= most:
        return list(things)
    chosen = set[int]()
    step = 0
    while len(chosen) < most:
        chosen.add(int(step * _GOLDEN % 1 * len(things)))
        step += 1
    return [things[index] for index in sorted(chosen)]


def sample(texts: Sequence[str], most: int, room: int) -> Sample:
    """Return at most so many texts of together not many more than `room` characters."""
    chosen: list[str] = []
    left = room
    for text in evenly(texts, most):
        if len(text) <= left or (chosen and left > 0 and len(text) <= room):
            chosen.append(text)
            left -= len(text)
    if chosen or not texts:
        return Sample(chosen)
    shortest = min(evenly(texts, most), key=len)
    end = shortest.rfind("\n", 0, room) + 1
    return Sample([shortest[: end or room]], cut=True)
