"""What each code point folds to and of what kind it is: a table, filled in as texts need it.

It follows the Unicode version of the running Python. To fill it for all code points takes longer
than to compare one seed with forty thousand, so that is done for blocks of 256 of them.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedkit.core.letters import KINDS, fold

Entries = NDArray[np.uint64]

# An entry is what the code point folds to, with bits above. Only words, singles and marks have the
# larger of them, so that comparing entries tells the kinds apart. That of a code point is a
# function of what it folds to, so that entries are hashed as they are.
FOLDED: Final = np.uint64((1 << 21) - 1)
FIRM: Final = np.uint64(1 << 63)  # folds by itself to one character, whatever is next to it
MARK: Final = FIRM | np.uint64(1 << 60)  # a combining mark, of what is before it
WORD: Final = FIRM | np.uint64(1 << 61)  # of a word
SINGLE: Final = FIRM | np.uint64(1 << 62)  # of a script without spaces: perhaps a token by itself
LOOSE: Final = np.uint64(1 << 59)  # folds to several, to none, or joins what is before it

_LIMIT = 0x110000
_BLOCK = 256
_JAMO = (0x1160, 0x11FF)  # vowels and finals, which join what is before them
_OF_KIND = {"w": int(WORD), "u": int(SINGLE), "m": int(MARK), "j": int(FIRM), "s": int(FIRM)}

_TABLE: list[Entries] = []


def entries(points: NDArray[np.intp]) -> Entries:
    """Return the entry of each code point.

    One without `FIRM` needs a look at its neighbours: a mark may join what is before it, and one
    with `LOOSE` has to be folded.
    """
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


def as_folded(found: Entries) -> Entries:
    """Return the entries of folded text, in which none needs a look at its neighbours any more."""
    return (found | FIRM) & ~LOOSE


def _entry(code: int) -> int:
    """Compute the entry of one code point."""
    char = chr(code)
    kind, role = KINDS[code], role_of(char)
    folded = fold(char) if role in "bB" else char
    entry = _OF_KIND[kind] | ord(folded)
    if role in "bBs":
        return entry
    loose = role != "m" or fold(char) != char
    return entry & ~int(FIRM) | (int(LOOSE) if loose else 0)


def role_of(char: str) -> str:
    """Return what a character does as text is folded.

    `b` of a word and `B` of a run fold by themselves to one character; `a` and `A` to several; `l`
    and `L` join what is before them; `m` marks and `j` hidden characters belong to what is before,
    and `s` stays as it is.
    """
    kind = KINDS[ord(char)]
    if kind in "mjs":
        return kind
    role = "l" if joins(char) else "b" if len(fold(char)) == 1 else "a"
    return role.upper() if kind == "u" else role


def joins(char: str) -> bool:
    """Tell whether NFKC may put the character and one before it together, or in another order."""
    first = unicodedata.normalize("NFKD", char)[0]
    return unicodedata.category(first)[0] == "M" or _JAMO[0] <= ord(first) <= _JAMO[1]
