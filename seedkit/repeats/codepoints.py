"""What each code point folds to and of what kind it is: a table, filled in as texts need it.

It follows the Unicode version of the running Python. To fill it for all code points takes longer
than to compare one seed with forty thousand, so that is done for blocks of 256 of them.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np
from numpy.typing import NDArray

Entries = NDArray[np.uint64]

# An entry is what the code point folds to, with bits above. Only words and singles have the larger
# of them, so that comparing entries tells the kinds apart. That of a code point is a function of
# what it folds to, so that entries are hashed as they are.
FOLDED: Final = np.uint64((1 << 21) - 1)
FIRM: Final = np.uint64(1 << 63)  # NFC leaves it alone; so has all in a text that is in NFC
WORD: Final = FIRM | np.uint64(1 << 61)  # of a word
SINGLE: Final = FIRM | np.uint64(1 << 62)  # of a script without spaces: perhaps a token by itself

_LIMIT = 0x110000
_BLOCK = 256
# Scripts written without spaces between words.
_SINGLES = (
    (0x0E00, 0x0E7F), (0x0E80, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x19E0, 0x19FF),
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x303C), (0x3040, 0x312F),
    (0x31A0, 0x31BF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F), (0xF900, 0xFAFF), (0xFF66, 0xFF9D), (0x1B000, 0x1B16F), (0x20000, 0x323AF),
)  # fmt: skip
_JAMO = (0x1160, 0x11FF)  # vowels and finals, which join what is before them

_TABLE: list[Entries] = []


def entries(points: NDArray[np.intp]) -> Entries:
    """Return the entry of each code point; that of a loose one lacks `FIRM`."""
    if not _TABLE:
        _TABLE.append(np.zeros(_LIMIT, np.uint64))  # 0 is not known
    table = _TABLE[0]
    found = table.take(points, mode="clip")
    if len(found) and found.min() < FIRM and len(unknown := points[found == 0]):
        for block in np.unique(unknown // _BLOCK).tolist():
            first = block * _BLOCK
            table[first : first + _BLOCK] = list(map(_entry, range(first, first + _BLOCK)))
        found = table.take(points, mode="clip")
    return found


def _entry(code: int) -> int:
    """Compute the entry of one code point."""
    char = chr(code)
    kind, folded = 0, char
    if char.isalnum() or char == "_":
        folded = unicodedata.normalize("NFKC", char).casefold()
        if len(folded) != 1:
            folded = char.lower()  # simple folding: capital sharp s to small
        if len(folded) != 1:
            folded = char
        single = any(first <= ord(folded) <= last for first, last in _SINGLES)
        kind = int(SINGLE if single else WORD) ^ int(FIRM)
    return (0 if is_loose(char) else int(FIRM)) | kind | ord(folded)


def is_loose(char: str) -> bool:
    """Tell whether NFC may change the character, or what it stands behind."""
    return joins(char) or not unicodedata.is_normalized("NFC", char)


def joins(char: str) -> bool:
    """Tell whether NFC may put the character and one before it together, or in another order."""
    return unicodedata.category(char)[0] == "M" or _JAMO[0] <= ord(char) <= _JAMO[1]
