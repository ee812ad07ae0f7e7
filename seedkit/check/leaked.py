"""Finds repeats that a leak between splits explains: it joins the same two places."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final

from seedkit.core.diagnostic import Diagnostic, Place
from seedkit.core.rules import REPEAT_LEAK, RULES

# Rules about two places that a leak explains, whichever of the two the finding is at.
LEAKED: Final = frozenset(r.name for r in RULES.values() if REPEAT_LEAK.name in r.superseded_by)
_Ends = tuple[Place, ...]


def leaked(diagnostics: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """Return the repeats that join what a leak among the findings joins, or a part of it."""
    by_paths: dict[tuple[str, ...], list[_Ends]] = defaultdict(list)
    for each in diagnostics:
        if each.rule == REPEAT_LEAK.name:
            ends = _ends(each)
            by_paths[_paths(ends)].append(ends)
    if not by_paths:
        return
    known = {paths: _Joined(ends) for paths, ends in by_paths.items()}
    for each in diagnostics:
        if each.rule in LEAKED:
            ends = _ends(each)
            for turned in {ends, ends[::-1]}:
                paths = _paths(turned)
                if paths in known and known[paths].meet(turned):
                    yield each
                    break


class _Joined:
    """What leaks from one file into another joins, for the question whether a repeat meets it."""

    def __init__(self, leaks: Iterable[_Ends]) -> None:
        self._leaks = sorted(leaks, key=lambda ends: _span(ends[0]))
        self._starts = [_span(ends[0])[0] for ends in self._leaks]
        self._reach = list(accumulate((_span(ends[0])[1] for ends in self._leaks), max))

    def meet(self, ends: _Ends) -> bool:
        """Tell whether a leak overlaps both ends. Only a leak of whole files meets whole files."""
        start, end = _span(ends[0])
        at = bisect_right(self._starts, end) - 1
        while at >= 0 and self._reach[at] >= start:
            if all(map(_overlap, self._leaks[at], ends)):
                return True
            at -= 1
        return False


def _ends(found: Diagnostic) -> _Ends:
    return (found.place, *(each.place for each in found.related[:1]))


def _paths(ends: _Ends) -> tuple[str, ...]:
    return tuple(end.path for end in ends)


def _span(place: Place) -> tuple[float, float]:
    if place.start is None or place.end is None:
        return 0, float("inf")
    return place.start.offset, place.end.offset


def _overlap(leak: Place, found: Place) -> bool:
    if leak.start is None or found.start is None:
        return leak.start is None
    (start, end), (first, last) = _span(leak), _span(found)
    return start <= last and first <= end
