"""Where a text may be cut: between what readers take for characters, as Unicode's UAX #29 has it.

By the general categories that Python knows. Where these are too coarse, a place counts as within a
cluster that need not be: what is not cut there is never shown wrong.
"""

from __future__ import annotations

import unicodedata

_ZWNJ, _ZWJ = "\u200c", "\u200d"
_PREPENDED = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
_VIRAMA = 9  # the canonical combining class of what joins consonants


def is_boundary(text: str, at: int) -> bool:
    """Tell whether a text may be cut before the character at an offset."""
    if not 0 < at < len(text):
        return True
    before, after = text[at - 1], text[at]
    if before < "\u0300" and after < "\u0300":
        return not (before == "\r" and after == "\n")
    if _extends(after) or before in _PREPENDED:
        return before in "\r\n"
    if before == _ZWJ or unicodedata.combining(before) == _VIRAMA:
        return unicodedata.category(after) not in ("So", "Lo")
    if _is_flag(before) and _is_flag(after):
        start = at
        while start and _is_flag(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 0
    return not _is_syllable(before, after)


def _extends(char: str) -> bool:
    """Tell whether a character belongs to the one before: marks, joiners, skin tones, tags."""
    return (
        unicodedata.category(char).startswith("M")
        or char in (_ZWNJ, _ZWJ, "\u0e33", "\u0eb3")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    )


def _is_flag(char: str) -> bool:
    """Tell whether two such letters are a flag."""
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_syllable(before: str, after: str) -> bool:
    """Tell whether two characters are of one Hangul syllable."""
    if "\u1100" <= before <= "\u115f" or "\ua960" <= before <= "\ua97c":
        return _is_jamo(after) or "\uac00" <= after <= "\ud7a3"
    return (_is_jamo(before) or "\uac00" <= before <= "\ud7a3") and (
        "\u1160" <= after <= "\u11ff" or "\ud7b0" <= after <= "\ud7fb"
    )


def _is_jamo(char: str) -> bool:
    return (
        "\u1100" <= char <= "\u11ff" or "\ua960" <= char <= "\ua97c" or "\ud7b0" <= char <= "\ud7fb"
    )
