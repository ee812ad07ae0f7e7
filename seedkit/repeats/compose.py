"""Texts in NFC, and where each character of that was in the text as it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seedkit.repeats.codepoints import is_loose, joins


def composed(texts: Sequence[str]) -> tuple[list[str], dict[int, NDArray[np.int32]]]:
    """Return the texts in NFC and, for those changed, where each character (and the end) was."""
    found = list(texts)
    origins = {}
    for number, text in enumerate(texts):
        if text.isascii() or unicodedata.is_normalized("NFC", text):
            continue
        pieces: list[str] = []
        origin: list[int] = []
        at = 0
        for match in _stretches(text).finditer(text):
            start, stop = match.span()
            piece = unicodedata.normalize("NFC", match[0])
            pieces += [text[at:start], piece]
            origin += range(at, start)
            origin += (min(start + i, stop) for i in range(len(piece)))
            at = stop
        origin += range(at, len(text) + 1)
        found[number] = "".join((*pieces, text[at:]))
        origins[number] = np.array(origin, np.int32)
    return found, origins


def _stretches(text: str) -> re.Pattern[str]:
    """Return what matches the stretches of the text that NFC may change, each by itself.

    Nothing is put together over the start of a stretch, nor changes places over it: only marks,
    and vowels and finals of Korean, ever join what is before them.
    """
    loose = sorted(filter(is_loose, set(text)))
    joining = re.escape("".join(filter(joins, loose)))
    alone = re.escape("".join(char for char in loose if not joins(char)))
    parts = [f"[^{joining}]?[{joining}]+"] if joining else []
    return re.compile("|".join([*parts, f"[{alone}]"] if alone else parts))
