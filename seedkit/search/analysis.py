"""Text to tokens, as an index holds them.

A token of `words` is folded (NFKC, casefold) and stripped of diacritics. A token of `stems` is the
folded word stemmed in the text's language, then stripped, with the language's code in front:
`en:run`; in a language without a stemmer, or in none, it is that of `words`. Stemmers heed
diacritics, which people leave out as they type: where the word without them has another stem, that
is a second token, `pt'informaca` in addition to `pt:inform`. A run without spaces gives, in both
fields, each pair of neighbours and its last character alone, so that every
character begins exactly one token. A token has at most 100 characters.

Stemmers are Snowball's, by language code, from PyStemmer, whose module is `Stemmer`.
"""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Sequence, Set

from seedkit.core.languages import LANGUAGES, NONE, STEMMED
from seedkit.search.words import (
    BREAK,
    LONGEST,
    ZWNJ,
    chunk_spans,
    chunks,
    count_tokens,
    pairs,
    pieces_of,
    run_spans,
    simple,
    strip,
    unwrapped,
)


def stemmer_version() -> str:
    """Return what stems depend on: the library and its version."""
    import Stemmer

    return f"pystemmer-{Stemmer.version()}"


def stemmer(code: str) -> Callable[[str], str]:
    """Return what stems a folded word of the language; one without a stemmer stays as it is.

    Not every version of the library knows every language.
    """
    import Stemmer

    name = next(name for name, each in LANGUAGES.items() if each == code)
    try:
        made = Stemmer.Stemmer(name, 0)  # no cache: `Tokeniser` keeps every stem
    except KeyError:
        return str
    stem: Callable[[str], str] = made.stemWord
    return stem


_VERSION = 7  # of what tokens are: raise it when they change
_CACHED = 500_000  # chunks that all caches may hold, and an eighth more
_KEPT = 40  # characters of a chunk with a run that is kept: a longer one hardly comes again


def version() -> str:
    """Return what tokens depend on: an index made by another version has to be rebuilt."""
    return f"{_VERSION} unicode-{unicodedata.unidata_version} {stemmer_version()}"


class _ChunkWords(dict[str, str]):
    """From chunks to their tokens of `words`, joined by spaces. Not all are kept."""

    def __missing__(self, chunk: str) -> str:
        if chunk.isascii():
            if len(chunk) <= LONGEST:  # a `BREAK`, too
                self[chunk] = chunk
            return chunk[:LONGEST]
        return self._learned(chunk)

    def _learned(self, chunk: str) -> str:
        text = simple(chunk)
        if text is not None:
            self[chunk] = joined = self.tokens(text, strip(text))
            return joined
        tokens: list[str] = []
        kept = len(chunk) <= LONGEST
        for piece in pieces_of(chunk):
            if piece.unspaced:
                tokens += pairs(piece.word)
                kept = len(chunk) <= _KEPT
            else:
                tokens.append(self.tokens(piece.text, piece.word))
        joined = " ".join(tokens)
        if kept:
            self[chunk] = joined
        return joined

    def tokens(self, text: str, word: str) -> str:
        """Return the tokens of a folded word, which stripped is `word`, joined by spaces."""
        return word


class _Stems(_ChunkWords):
    """From chunks to their tokens of `stems` in one language, in the same way."""

    def __init__(self, language: str) -> None:
        self._stem = stemmer(language)
        self._language = language
        self._mark = f"{language}:"
        self.long = False  # whether a chunk of ASCII was longer than a token

    def __missing__(self, chunk: str) -> str:
        if chunk.isascii():
            if len(chunk) > LONGEST:
                self.long = True
                return self.tokens(chunk[:LONGEST], chunk[:LONGEST])
            if chunk == BREAK:
                return chunk
            stem = self._stem(chunk)
            if not stem.isascii() or not 0 < len(stem) <= LONGEST:
                stem = self._stemmed(chunk, chunk)
            self[chunk] = token = self._mark + stem
            return token
        return self._learned(chunk)

    def tokens(self, text: str, word: str) -> str:
        """Return the same as `_ChunkWords.tokens` does."""
        stem = self._stemmed(text, word)
        plain = stem if word == text else self._stemmed(word, word)
        return self._mark + stem + ("" if plain == stem else f" {self._language}'{plain}")

    def lookups(self, text: str, word: str) -> tuple[str, ...]:
        """Return the tokens that a folded word, which stripped is `word`, is found by.

        The word without diacritics is among those that are looked up, in both ways, so that all
        texts are found that have the word with others.
        """
        plain = self._stemmed(word, word)
        return (
            self._mark + self._stemmed(text, word),
            self._mark + plain,
            f"{self._language}'{plain}",
        )

    def _stemmed(self, text: str, word: str) -> str:
        if ZWNJ in text and self._language != "fa":
            text = text.replace(ZWNJ, "")
        stem = self._stem(text)
        return (stem if stem.isascii() else strip(stem))[:LONGEST] or word


class Tokeniser:
    """Makes tokens, and remembers those of each word: make one a process, and keep it."""

    def __init__(self) -> None:
        self._words = _ChunkWords()
        self._stems: dict[str, _Stems] = {}
        self._looked_up = 0  # chunks since it was last seen how many are kept

    def _stems_in(self, language: str) -> _Stems:
        cache = self._stems.get(language)
        if cache is None:
            cache = self._stems[language] = _Stems(language)
        return cache

    def _make_room(self, count: int) -> None:
        """See to it that not too much is kept, before so many chunks are looked up."""
        self._looked_up += count
        if self._looked_up > _CACHED // 8:
            self._looked_up = 0
            caches = (self._words, *self._stems.values())
            if sum(map(len, caches)) > _CACHED:
                for cache in caches:
                    cache.clear()

    def fields(self, chunks: list[str], ascii_only: bool, language: str) -> tuple[str, str]:
        """Return the tokens of a text for `words` and for `stems`, with spaces between them.

        `chunks` are the text's; `ascii_only` says whether it is all ASCII. A `BREAK` stays as it
        is.
        """
        self._make_room(len(chunks))
        words = filter(None, map(self._words.__getitem__, chunks))  # some have none
        if language not in STEMMED:
            tokens = " ".join(words)
            return tokens, tokens
        stems = self._stems_in(language)
        stems.long = False
        of_stems = " ".join(filter(None, map(stems.__getitem__, chunks)))
        return " ".join(chunks if ascii_only and not stems.long else words), of_stems

    def words(self, text: str) -> list[str]:
        """Return the tokens of a text for the field `words`."""
        return self.fields(chunks(text), text.isascii(), NONE)[0].split()

    def stems(self, text: str, language: str) -> list[str]:
        """Return the tokens of a text for the field `stems`."""
        return self.fields(chunks(text), text.isascii(), language)[1].split()

    def stemmed_at(self, text: str, language: str, wanted: Set[str]) -> list[int]:
        """Return which of `words`, by number, have one of the wanted tokens in `stems`."""
        cut = chunks(text)
        self._make_room(len(cut))
        words = self._words
        stems = self._stems_in(language) if language in STEMMED else words
        distinct = set(cut)
        counts = {chunk: count_tokens(words[chunk]) for chunk in distinct}
        there = {chunk for chunk in distinct if not wanted.isdisjoint(stems[chunk].split())}
        found: list[int] = []
        number = 0
        for chunk in cut:
            if chunk in there:
                at = number
                for piece in pieces_of(chunk):
                    if piece.unspaced:
                        at += len(piece.word)
                        continue
                    if not wanted.isdisjoint(stems.tokens(piece.text, piece.word).split()):
                        found.append(at)
                    at += 1
            number += counts[chunk]
        return found

    def places(self, text: str, numbers: Sequence[int]) -> list[tuple[int, int]]:
        """Return the spans in the text of some of its `words`, by ascending numbers.

        The span of a token of a run is that of its first character.
        """
        text = unwrapped(text)
        cut = chunks(text)
        self._make_room(len(cut))
        counts = {chunk: count_tokens(self._words[chunk]) for chunk in set(cut)}
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

        Those of a text in any of the languages, given by code, and of one in none that is stemmed;
        all languages there are if it is None.
        """
        bare = strip(word)
        codes = LANGUAGES.values() if languages is None else sorted(STEMMED.intersection(languages))
        found = [bare]
        for code in codes:
            found += self._stems_in(code).lookups(word, bare)
        return tuple(dict.fromkeys(found))


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
