"""Text to tokens, as an index holds them.

A token of `words` is folded (NFKC, casefold) and stripped of diacritics. A token of `stems` is the
folded word stemmed in the text's language, then stripped, with the language's code in front:
`en:run`; without a language it is that of `words`. Stemmers heed diacritics, which people leave out
as they type: where the word without them has another stem, that is a second token, `pt'informaca`
beside `pt:inform`, for which only words without diacritics are looked up. A run without spaces
gives, in both fields, each pair of neighbours and its last character alone, so that every
character begins exactly one token. A token has at most 100 characters.
"""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Iterable, Sequence, Set
from typing import Any

from seedkit.languages import LANGUAGES, NONE
from seedkit.search import stemming
from seedkit.search.words import (
    BREAK,
    LONGEST,
    ZWNJ,
    Piece,
    chunk_spans,
    chunks,
    pairs,
    pieces_of,
    run_spans,
    strip,
)

_VERSION = 1  # of what tokens are: raise it when they change
_CACHED = 500_000  # words that all caches may hold before they start anew
_KEPT = 16  # characters of a chunk with a run that is kept: a longer one hardly comes again


def version() -> str:
    """Return what tokens depend on: an index made by another version has to be made anew."""
    return f"{_VERSION} unicode-{unicodedata.unidata_version} {stemming.version()}"


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
        if chunk == BREAK:
            return chunk
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
            text = text.replace(ZWNJ, "")
        return strip(self._stem(text))[:LONGEST] or word


class _Both(dict[str, tuple[str, str]]):
    """From chunks to their tokens of both fields, joined by spaces. Not all are kept."""

    def __init__(self, stems: _Stems | None, room: _Room) -> None:
        self._stems = stems
        self._room = room
        room.caches.append(self)

    def __missing__(self, chunk: str) -> tuple[str, str]:
        if chunk.isascii() and len(chunk) <= LONGEST:  # a `BREAK`, too
            self._room.take()
            self[chunk] = both = chunk, chunk if self._stems is None else self._stems[chunk]
            return both
        words: list[str] = []
        stems: list[str] = []
        kept = len(chunk) <= LONGEST
        for piece in pieces_of(chunk):
            if piece.unspaced:
                tokens = pairs(piece.word)
                words += tokens
                stems += tokens
                kept = len(chunk) <= _KEPT
            else:
                words.append(piece.word)
                stems.append(self.stems_of(piece))
        both = " ".join(words), " ".join(stems)
        if kept:
            self._room.take()
            self[chunk] = both
        return both

    def stems_of(self, piece: Piece) -> str:
        """Return the tokens of a word for `stems`, joined by a space."""
        return piece.word if self._stems is None else self._stems.tokens(piece.text, piece.word)


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

        `chunks` are the text's; `ascii_only` says whether it is all ASCII. A `BREAK` stays as it
        is.
        """
        if not ascii_only:
            both = map(self._both_in(language).__getitem__, chunks)
            of_words, of_stems = zip(*both, strict=True) if chunks else ((), ())
            words = " ".join(filter(None, of_words))
            return words, words if language == NONE else " ".join(filter(None, of_stems))
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

    def stemmed_at(self, text: str, language: str, wanted: Set[str]) -> list[int]:
        """Return which of `words`, by number, have one of the wanted tokens in `stems`."""
        both = self._both_in(language)
        cut = chunks(text)
        tokens = {chunk: both[chunk] for chunk in set(cut)}
        counts = {chunk: _count(words) for chunk, (words, _) in tokens.items()}
        there = {
            chunk for chunk, (_, stems) in tokens.items() if not wanted.isdisjoint(stems.split())
        }
        found: list[int] = []
        number = 0
        for chunk in cut:
            if chunk in there:
                at = number
                for piece in pieces_of(chunk):
                    if piece.unspaced:
                        at += len(piece.word)
                        continue
                    if not wanted.isdisjoint(both.stems_of(piece).split()):
                        found.append(at)
                    at += 1
            number += counts[chunk]
        return found

    def places(self, text: str, numbers: Sequence[int]) -> list[tuple[int, int]]:
        """Return the spans in the text of some of its `words`, by ascending numbers.

        The span of a token of a run is that of its first character.
        """
        both = self._both_in(NONE)
        cut = chunks(text)
        counts = {chunk: _count(both[chunk][0]) for chunk in set(cut)}
        found: list[tuple[int, int]] = []
        left = deque(numbers)
        number = 0
        for chunk, (start, end) in zip(cut, chunk_spans(text), strict=True):
            if not left:
                break
            after = number + counts[chunk]
            if left[0] < after:
                spans = _token_spans(text[start:end])
                while left and left[0] < after:
                    first, last = spans[left.popleft() - number]
                    found.append((start + first, start + last))
            number = after
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


def _count(tokens: str) -> int:
    return tokens.count(" ") + 1 if tokens else 0


def _token_spans(chunk: str) -> list[tuple[int, int]]:
    """Where in a chunk each of its tokens comes from."""
    spans: list[tuple[int, int]] = []
    for _, word, unspaced, start, end in pieces_of(chunk):
        if unspaced:
            of_run = run_spans(chunk[start:end], word)
            spans += ((start + first, start + last) for first, last in of_run)
        else:
            spans.append((start, end))
    return spans
