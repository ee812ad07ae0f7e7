"""Texts folded, and where each character of that was in the text as it is."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

import numpy as np

from seedkit.core.letters import KINDS, fold
from seedkit.repeats.arrays import Offsets
from seedkit.repeats.codepoints import role_of

# A stretch is folded by itself: nothing is put together over its edges, nor changes places over
# them. Words and runs are folded apart.
_STRETCH = re.compile("[bal][mjl]+|[BAL][mjL]+|[alAL]")
_KEPT = 1 << 16  # stretches


class Origins(NamedTuple):
    """For each character of a folded text, from where to where it was before."""

    starts: Offsets
    ends: Offsets


class _Roles(dict[int, str]):
    """From code points to what they do as text is folded, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        self[code] = role = role_of(chr(code))
        return role


class _Stretches(dict[str, str]):
    """From stretches to what they fold to."""

    def __missing__(self, stretch: str) -> str:
        if len(self) >= _KEPT:
            self.clear()
        folded = fold(stretch)
        while folded and KINDS[ord(folded[0])] == "m":  # of a word that begins with what joins
            folded = folded[1:]
        self[stretch] = folded
        return folded


class Folder:
    """Folds texts, and remembers how characters and stretches are folded."""

    def __init__(self) -> None:
        self._roles = _Roles()
        self._stretches = _Stretches()

    def fold(self, text: str) -> str:
        """Return the text with all folded that does not fold character by character."""
        parts: list[str] = []
        at = 0
        for start, stop in self._spans(text):
            parts += text[at:start], self._stretches[text[start:stop]]
            at = stop
        return "".join((*parts, text[at:]))

    def origins(self, text: str) -> Origins:
        """Return where each character of the folded text was."""
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for start, stop in self._spans(text):
            stretch = text[start:stop]
            length = len(self._stretches[stretch])
            shown = stop if KINDS[ord(stretch[-1])] != "j" else start + _shown(stretch)
            starts += (*range(at, start), *(start,) * length)
            ends += (*range(at + 1, start + 1), *(shown,) * length)
            at = stop
        starts += range(at, len(text))
        ends += range(at + 1, len(text) + 1)
        return Origins(np.array(starts, np.int32), np.array(ends, np.int32))

    def _spans(self, text: str) -> list[tuple[int, int]]:
        roles = text.translate(self._roles)
        return [found.span() for found in _STRETCH.finditer(roles)]


def _shown(stretch: str) -> int:
    """Return where the stretch ends but for hidden characters."""
    return len(stretch.translate(KINDS).rstrip("j"))


def is_composed(text: str) -> bool:
    """Tell whether a text whose characters all fold to one, but for marks, folds one by one."""
    return unicodedata.is_normalized("NFKC", text.casefold())
