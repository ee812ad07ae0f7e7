"""Which words are within one or two edits of a word?

Edits are those of optimal string alignment: to insert, drop or replace a character, or to swap two
neighbours, none edited twice. The automaton of Wu and Manber ("Fast text searching allowing
errors", 1992) keeps, as bits of an integer for each number of edits, how far into the word one may
be; it is fed the candidates in order, so that what they begin with alike is read once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_State = tuple[int, ...]  # for 0, 1, … edits the places in the word, as bits


class _Step(NamedTuple):
    """After a character: where one may be, where one was before it, and the character."""

    now: _State
    before: _State
    char: str


def similar(word: str, candidates: Sequence[str], limit: int) -> Iterator[tuple[str, int]]:
    """Return the candidates at most `limit` edits from the word, and how many edits.

    Candidates must be in order, by code point.
    """
    places: dict[str, int] = {}  # of each character of the word, as bits
    for at, char in enumerate(word):
        places[char] = places.get(char, 0) | 1 << at
    final = 1 << len(word)
    start = tuple((1 << edits + 1) - 1 for edits in range(limit + 1))
    path = [_Step(start, (0,) * (limit + 1), "")]  # one step for each character of the candidate
    spelt = ""
    at = 0
    while at < len(candidates):
        candidate = candidates[at]
        kept = _common(spelt, candidate)
        del path[kept + 1 :]
        for length, char in enumerate(candidate[kept:], kept + 1):
            path.append(_read(char, path[-1], places, final))
            if not any(path[-1].now):  # nothing that begins like this is similar
                at = bisect_left(candidates, _after(candidate[:length]), at + 1)
                break
        else:
            for edits, state in enumerate(path[-1].now):
                if state & final:
                    yield candidate, edits
                    break
            at += 1
        spelt = candidate[: len(path) - 1]


def _read(char: str, step: _Step, places: dict[str, int], final: int) -> _Step:
    here = places.get(char, 0)
    # Where the word has this character and then the one before: the two may have been swapped.
    swapped = here & places.get(step.char, 0) >> 1
    now: list[int] = []
    for edits, state in enumerate(step.now):
        reached = (state & here) << 1
        if edits:
            fewer = step.now[edits - 1]
            reached |= fewer | fewer << 1 | now[-1] << 1  # inserted, replaced, dropped
            reached |= (step.before[edits - 1] & swapped) << 2
        now.append(reached & (final << 1) - 1)
    return _Step(tuple(now), step.now, char)


def _common(a: str, b: str) -> int:
    """How many characters two words begin with alike."""
    length = min(len(a), len(b))
    return next((at for at in range(length) if a[at] != b[at]), length)


def _after(prefix: str) -> str:
    """The least text greater than all that begin with the prefix."""
    return prefix[:-1] + chr(min(ord(prefix[-1]) + 1, 0x10FFFF))
