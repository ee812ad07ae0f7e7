"""What each character is to a word, and the form in which words are compared.

A word is a run of letters, digits and combining marks: of what `KINDS` calls `w`, and of marks
behind it. Apostrophes, whether of punctuation or of letters, hyphens, underscores and all else
separate. Hidden characters neither separate nor count. A run of a script that is written without
spaces (Han, kana, Thai, Lao, Khmer, Burmese) is one by itself: it ends where a word begins.

Search and the comparison of texts share this definition.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Default-ignorable code points (Unicode's DerivedCoreProperties.txt): soft hyphen, joiners, zero
# width spaces, directions, fillers, variation selectors, tags.
HIDDEN_CHARACTERS: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
HIDDEN: Final = re.compile(f"[{HIDDEN_CHARACTERS}]+")

# Scripts written without spaces between words, with the voicing marks of half-width kana.
UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029"
    "\u3031-\u303c\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff"
    "\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U000323af"
)
_UNSPACED: Final = re.compile(f"[{UNSPACED}]")

# Letters by category, but marks of a stop, a sound or a name where others write an apostrophe:
# Hawaiian ʻokina, Ukrainian and Breton ʼ, Arabic ʾ and ʿ in Latin letters, saltillo, N'Ko.
_APOSTROPHES: Final = re.compile("[\u02b9-\u02bf\u02ee\u07f4\u07f5\ua78b\ua78c]")

_MOST: Final = 30  # combining marks in a row
_EXCESS: Final = re.compile(f"(?<=m{{{_MOST}}})m+")


class _Kinds(dict[int, str]):
    """From code points to what they are to a word: see `KINDS`."""

    def __missing__(self, code: int) -> str:
        self[code] = kind = _kind(chr(code))
        return kind


# `w` in a word, `u` in a run without spaces, `m` a mark of what is before, `j` hidden, `s`
# separates; for `str.translate`.
KINDS: Final = _Kinds()


# In kinds; hidden characters at the end belong to nothing.
WORD: Final = re.compile("w(?:[wmj]*[wm])?|u(?:[umj]*[um])?")
_CHARACTER: Final = re.compile("w(?:[wmj]*[wm])?|u(?:[mj]*m)?")


def _kind(char: str) -> str:
    if HIDDEN.match(char):
        return "j"
    folded = _fold(char)
    if (char.isalnum() or _is_mark(char)) and any(map(_is_letter, folded)):
        return "u" if _UNSPACED.match(char) or _UNSPACED.match(folded) else "w"
    return "m" if _is_mark(char) or all(map(_is_mark, folded)) else "s"


def _is_letter(char: str) -> bool:
    return char.isalnum() and not _APOSTROPHES.match(char)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Mc")


class _Letters(dict[int, str]):
    """From code points to the letters of a folded word that they make: see `LETTERS`."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKD", _fold(chr(code))) if KINDS[code] in "wu" else ""
        self[code] = letters = "".join(filter(_is_letter, folded))
        return letters


# Letters and digits in a form without case and marks, nothing for what separates; for
# `str.translate`. What it makes of texts is equal where their folded words are; not conversely.
LETTERS: Final = _Letters()


def word_spans(text: str, *, characters: bool = False) -> list[tuple[int, int]]:
    """Return where words and runs are; with `characters`, each character of a run by itself.

    Folding may make several words of one (`½` is `1⁄2`).
    """
    pattern = _CHARACTER if characters else WORD
    return [found.span() for found in pattern.finditer(text.translate(KINDS))]


def fold(text: str) -> str:
    """Return the text in NFKC without case and without hidden characters; folded text stays as is.

    Of more than 30 combining marks in a row the rest is dropped (UAX #15 calls what is left
    stream-safe): to put them in order would take time with the square of their number.
    """
    if text.isascii():
        return text.lower()
    text = HIDDEN.sub("", text)
    if len(text) > _MOST:
        text = _few_marks(text)
    elif text.casefold() == text and unicodedata.is_normalized("NFKC", text):
        return text
    return _fold(text)


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    for _ in range(2):  # what has just been composed may have case
        text = unicodedata.normalize("NFKC", text.casefold())
    return text


def _few_marks(text: str) -> str:
    kinds = text.translate(KINDS)
    edges = [edge for found in _EXCESS.finditer(kinds) for edge in found.span()]
    kept = [0, *edges, len(text)]
    return "".join(text[a:b] for a, b in zip(kept[::2], kept[1::2], strict=True))
