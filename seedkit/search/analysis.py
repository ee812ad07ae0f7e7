"""Text to tokens: what words are, how they are folded and stemmed, where in the text they stand.

A word is a run of letters, digits and combining marks; apostrophes, hyphens and underscores
separate. Characters that only join or vary others (soft hyphen, zero-width joiners, variation
selectors) neither separate nor count. A run of a script that is written without spaces (Han,
kana, Thai, Lao, Khmer, Burmese) gives overlapping pairs of characters and its last character alone,
so that every character begins exactly one token.

A token of `words` is folded (NFKC, casefold) and stripped of diacritics. A token of `stems` is the
folded word stemmed in the text's language, then stripped, with the language's code in front:
`en:run`; without a language, and in runs, it is that of `words`. Stemmers heed diacritics, which
people leave out as they type: where the word without them has another stem, that is a second token,
`pt'informaca` beside `pt:inform`, for which only words without diacritics are looked up. A token
has at most 100 characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from operator import add
from typing import Any, NamedTuple

from seedkit.languages import LANGUAGES, NONE
from seedkit.search import stemming

_VERSION = 1  # of what tokens are: raise it when they change
LONGEST = 100
_CACHED = 500_000  # words that all caches may hold before they start anew
_KEPT = 16  # characters of a chunk that is kept, if not all ASCII: a longer one hardly comes again

# Bytes of UTF-8 to those of words in lower case, with a space for every ASCII character that
# separates: what is left for `split` is a chunk.
_LOWER = bytes(
    code + 32 if 65 <= code <= 90 else code if code >= 128 or chr(code).isalnum() else 32
    for code in range(256)
)
_CHUNK = re.compile(r"(?:[0-9A-Za-z]|[^\x00-\x7f\s\ud800-\udfff])+")

# Characters by what they are to a word: `w` in one, `u` in a run without spaces, `m` and `v` the
# combining marks of each, `j` joins, `s` separates.
_PIECE = re.compile("w[wmvj]*|u[uvmj]*")
_JOINERS = re.compile(
    "[\u00ad\u034f\u180b-\u180f\u200d\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]+"
)
# Scripts without spaces, from one code point to another, as in `repeats.fold`; with the voicing
# marks of half-width kana.
_UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x19E0, 0x19FF), (0x2E80, 0x2FDF),
    (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x303C), (0x3040, 0x312F), (0x31A0, 0x31BF),
    (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x1B000, 0x1B16F), (0x20000, 0x323AF),
)  # fmt: skip

# What is dropped of a word: diacritics (but for the breve that makes a Cyrillic letter of its own),
# Arabic vowel signs and tatweel, Hebrew points.
_DIACRITICS = re.compile(
    "(?<![иу])\u0306|[\u0300-\u0305\u0307-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u0652\u0670]+"
)
# Letters with a stroke or of two, which decompose into nothing, as they are typed without.
_PLAIN = str.maketrans({
    "æ": "ae", "ð": "d", "ø": "o", "þ": "th", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "œ": "oe",
    "ŧ": "t",
})  # fmt: skip
_VOICING = "\uff9e\uff9f"  # of half-width kana: letters by category, marks by use
_ZWNJ = "\u200c"  # parts the syllables of Persian words, which its stemmer knows


class Piece(NamedTuple):
    """A word or a run of a text, which spans code points of it.

    `text` is folded, `word` is stripped of diacritics too, and never empty.
    """

    text: str
    word: str
    unspaced: bool
    start: int
    end: int


class Located(NamedTuple):
    """The tokens of a word in each field, and the code points of the text they come from.

    A token of a run comes from its first character.
    """

    word: str
    stems: list[str]
    start: int
    end: int


def version() -> str:
    """Return what tokens depend on: an index made by another version has to be made anew."""
    return f"{_VERSION} unicode-{unicodedata.unidata_version} {stemming.version()}"


def fold(text: str) -> str:
    """Return the text in NFKC without case; folded text stays as it is."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text)
    for _ in range(2):  # what is composed anew may have case
        text = unicodedata.normalize("NFKC", text.casefold())
    return text


def strip(text: str) -> str:
    """Return folded text without diacritics."""
    if text.isascii():
        return text
    text = _DIACRITICS.sub("", unicodedata.normalize("NFD", text.replace(_ZWNJ, "")))
    return unicodedata.normalize("NFC", text).translate(_PLAIN)


class _Kinds(dict[str, str]):
    """From characters to what they are to a word, as in `_PIECE`."""

    def __missing__(self, char: str) -> str:
        self[char] = kind = self._kind(char)
        return kind

    @staticmethod
    def _kind(char: str) -> str:
        if char == _ZWNJ or _JOINERS.match(char):
            return "j"
        mark = unicodedata.category(char) in ("Mn", "Mc")
        if any(first <= ord(char) <= last for first, last in _UNSPACED):
            return "u" if char.isalnum() else "v" if mark else "s"
        return "w" if char.isalnum() else "m" if mark else "s"


@cache
def _kinds() -> _Kinds:
    return _Kinds()


def _cut(text: str) -> list[tuple[int, int, bool]]:
    """Where the words and runs of a text are, and whether it is a run."""
    kinds = "".join(map(_kinds().__getitem__, text))
    return [
        (found.start(), found.end(), kinds[found.start()] == "u")
        for found in _PIECE.finditer(kinds)
    ]


def _pieces(chunk: str, at: int = 0) -> Iterator[Piece]:
    """The words and runs of a chunk that stands at an offset."""
    if chunk.isascii():
        text = chunk[:LONGEST].lower()
        yield Piece(text, text, False, at, at + len(chunk))
        return
    spans = _cut(chunk)
    if not spans:
        return
    raw = [chunk[start:end] for start, end, _ in spans]
    text = fold(_JOINERS.sub("", "\n".join(raw)))  # at once: a newline keeps what it parts apart
    folded, stripped = text.split("\n"), strip(text).split("\n")
    for (start, end, run), before, text, word in zip(spans, raw, folded, stripped, strict=True):
        if text == before and (run or (word and len(text) <= LONGEST and _ZWNJ not in text)):
            yield Piece(text, word, run, at + start, at + end)
            continue
        for first, last, inner in _cut(text):  # folding may have made several: `½` is `1⁄2`
            part = text[first:last] if inner else text[first:last][:LONGEST].rstrip(_ZWNJ)
            word = strip(part) if inner else strip(part)[:LONGEST]
            if word:
                yield Piece(part, word, inner, at + start, at + end)


def pieces(text: str) -> Iterator[Piece]:
    """Return the words and runs of a text, in order."""
    for found in _CHUNK.finditer(text):
        yield from _pieces(found[0], found.start())


def is_run(word: str) -> bool:
    """Tell whether folded text that is no separator begins a run."""
    return _kinds()[word[0]] == "u"


def chunks(text: str) -> list[str]:
    """Return stretches of the text that hold all its words, ASCII letters in lower case.

    The first of two steps: what is in a chunk depends on it alone, so that `Analyser` can look it
    up. Undecodable bytes and half surrogates separate.
    """
    return text.encode("utf-8", "replace").translate(_LOWER).decode("utf-8").split()


def pairs(run: str) -> list[str]:
    """Return the tokens of a run: two characters from each on, but for the last."""
    return [*map(add, run, run[1:]), run[-1]]


class _Room:
    """What all caches of an analyser may hold together; they are emptied when it is used up."""

    def __init__(self) -> None:
        self.caches: list[dict[str, Any]] = []
        self._taken = 0

    def take(self) -> None:
        """Count one word more."""
        self._taken += 1
        if self._taken > _CACHED:
            self._taken = 0
            for cache in self.caches:
                cache.clear()


class _Stems(dict[str, str]):
    """From ASCII chunks to their tokens of `stems` in one language."""

    def __init__(self, language: str, room: _Room) -> None:
        self._stem = stemming.stemmer(language)
        self._language = language
        self._room = room
        self.long = False  # whether a chunk was longer than a token
        room.caches.append(self)

    def __missing__(self, chunk: str) -> str:
        if len(chunk) > LONGEST:
            self.long = True
            return self.tokens(chunk[:LONGEST], chunk[:LONGEST])
        self._room.take()
        self[chunk] = token = self.tokens(chunk, chunk)
        return token

    def tokens(self, text: str, word: str) -> str:
        """Return the tokens of a folded word, which stripped is `word`, joined by spaces."""
        stem = self._stemmed(text, word)
        plain = stem if word == text else self._stemmed(word, word)
        return f"{self._language}:{stem}" + ("" if plain == stem else f" {self._language}'{plain}")

    def lookups(self, text: str, word: str) -> tuple[str, str]:
        """Return the tokens that a folded word, which stripped is `word`, is found by."""
        other = f"{self._language}'{self._stemmed(text, word)}"
        if word != text:
            other = f"{self._language}:{self._stemmed(word, word)}"
        return f"{self._language}:{self._stemmed(text, word)}", other

    def _stemmed(self, text: str, word: str) -> str:
        if self._language != "fa":
            text = text.replace(_ZWNJ, "")
        return strip(self._stem(text))[:LONGEST] or word


class _Both(dict[str, tuple[str, str]]):
    """From chunks to their tokens of both fields, joined by spaces. Long chunks are not kept."""

    def __init__(self, stems: _Stems | None, room: _Room) -> None:
        self._stems = stems
        self._room = room
        room.caches.append(self)

    def __missing__(self, chunk: str) -> tuple[str, str]:
        words: list[str] = []
        stems: list[str] = []
        for piece in _pieces(chunk):
            if piece.unspaced:
                tokens = pairs(piece.word)
                words += tokens
                stems += tokens
            else:
                words.append(piece.word)
                if self._stems is not None:
                    stems.append(self._stems.tokens(piece.text, piece.word))
        both = " ".join(words), " ".join(stems if self._stems is not None else words)
        if len(chunk) <= _KEPT:
            self._room.take()
            self[chunk] = both
        return both


class Analyser:
    """Makes tokens, and remembers those of each word: make one a process, and keep it."""

    def __init__(self) -> None:
        self._room = _Room()
        self._stems: dict[str, _Stems] = {}
        self._both: dict[str, _Both] = {}

    def _stems_in(self, language: str) -> _Stems:
        cache = self._stems.get(language)
        if cache is None:
            cache = self._stems[language] = _Stems(language, self._room)
        return cache

    def _both_in(self, language: str) -> _Both:
        cache = self._both.get(language)
        if cache is None:
            stems = None if language == NONE else self._stems_in(language)
            cache = self._both[language] = _Both(stems, self._room)
        return cache

    def fields(self, chunks: list[str], ascii_only: bool, language: str) -> tuple[str, str]:
        """Return the tokens of a text for `words` and for `stems`, joined by spaces.

        `chunks` are the text's; `ascii_only` says whether it is all ASCII.
        """
        if not ascii_only:
            both = list(map(self._both_in(language).__getitem__, chunks))
            words = " ".join([tokens for tokens, _ in both if tokens])
            if language == NONE:
                return words, words
            return words, " ".join([tokens for _, tokens in both if tokens])
        if language == NONE:
            words = " ".join(chunks)
            if chunks and len(max(chunks, key=len)) > LONGEST:
                words = " ".join([chunk[:LONGEST] for chunk in chunks])
            return words, words
        cache = self._stems_in(language)
        cache.long = False
        stems = " ".join(map(cache.__getitem__, chunks))
        if cache.long:
            chunks = [chunk[:LONGEST] for chunk in chunks]
        return " ".join(chunks), stems

    def words(self, text: str) -> list[str]:
        """Return the tokens of a text for the field `words`."""
        return self.fields(chunks(text), text.isascii(), NONE)[0].split()

    def stems(self, text: str, language: str) -> list[str]:
        """Return the tokens of a text for the field `stems`."""
        return self.fields(chunks(text), text.isascii(), language)[1].split()

    def located(self, text: str, language: str) -> list[Located]:
        """Return the same tokens with their places."""
        stems = None if language == NONE else self._stems_in(language)
        found: list[Located] = []
        for piece in pieces(text):
            start, end = piece.start, piece.end
            if not piece.unspaced:
                joined = piece.word if stems is None else stems.tokens(piece.text, piece.word)
                found.append(Located(piece.word, joined.split(), start, end))
                continue
            spans = _spans(text[start:end], piece.word)
            tokens = zip(pairs(piece.word), spans, strict=True)
            found += (Located(each, [each], start + a, start + b) for each, (a, b) in tokens)
        return found

    def lookups(self, word: str, languages: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return the tokens of `stems` that a folded word is found by.

        Those of a text in any of the languages, given by code, and of one in none; all languages
        there are if it is None.
        """
        bare = strip(word)
        codes = LANGUAGES.values() if languages is None else sorted(set(languages) - {NONE})
        found = [bare]
        for code in codes:
            found += self._stems_in(code).lookups(word, bare)
        return tuple(dict.fromkeys(found))


def _spans(raw: str, run: str) -> list[tuple[int, int]]:
    """Where in the text, as it is written, each character of a run comes from."""
    starts = [
        at
        for at, char in enumerate(raw)
        if at == 0 or (_kinds()[char] == "u" and char not in _VOICING)
    ]
    spans: list[tuple[int, int]] = []
    stripped = ""
    for start, end in pairwise([*starts, len(raw)]):
        part = strip(fold(_JOINERS.sub("", raw[start:end])))
        stripped += part
        spans += [(start, end)] * len(part)
    return spans if stripped == run else [(0, len(raw))] * len(run)
