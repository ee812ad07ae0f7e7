"""What a query means: whether a record is found by it, and where in its text the words stand.

Everything is decided on the record's own text, cut and stemmed again. Whatever an engine does to
find records faster, these are the ones it has to find.

Which words are within one or two edits of a word?

Edits are those of optimal string alignment: to insert, drop or replace a character, or to swap two
neighbours, none edited twice. The automaton of Wu and Manber ("Fast text searching allowing
errors", 1992) keeps, as bits of an integer for each number of edits, how far into the word one may
be; it is fed the candidates in order, so that what they begin with alike is read once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, TypeGuard

from seedkit.search.analysis import Tokeniser
from seedkit.search.keys import plain_number
from seedkit.search.query import (
    And,
    Fields,
    Fuzzy,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Word,
    leaves,
)
from seedkit.search.records import RecordText, value_row
from seedkit.search.values import within
from seedkit.search.words import chunks, is_run, name_key, starts, strip, tokens_of, windows

_State = tuple[int, ...]  # for 0, 1, … edits the places in the word, as bits


class _Step(NamedTuple):
    """After a character: where one may be, where one was before it, and the character."""

    now: _State
    before: _State
    char: str


def near_words(word: str, candidates: Sequence[str], limit: int) -> Iterator[tuple[str, int]]:
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


class WordSpan(NamedTuple):
    """Code points of a seed's text where a word of a query stands.

    `part` is a number in the record's parts, `leaf` in the query's `leaves`.
    """

    part: int
    start: int
    end: int
    leaf: int


class _Text(NamedTuple):
    """The tokens of a part or a value: words in one line, with a space before each; one by one.

    Values have no stems.
    """

    row: str
    words: list[str]
    stems: list[str]


class _Record:
    """A record that is looked at, with names of parts and values as queries have them."""

    def __init__(self, record: RecordText, tokeniser: Tokeniser) -> None:
        self.language = record.language
        self._record = record
        self._tokeniser = tokeniser

    @cached_property
    def parts(self) -> list[tuple[str, _Text]]:
        """The names and tokens of the parts."""
        found = []
        for part in self._record.parts:
            text = self._record.readable[part.start : part.end]
            tokens = self._tokeniser.fields(chunks(text), text.isascii(), self.language)
            words, stems = map(str.split, tokens)
            found.append((name_key(part.name), _Text(f" {' '.join(words)} ", words, stems)))
        return found

    def values(self, field: str) -> Iterator[tuple[str, _Text]]:
        """Return the values of a field with their tokens."""
        for name, value in self._record.values:
            if name == field:
                row = value_row(name, value, self._tokeniser)
                yield value, _Text(f" {row} ", row.split(), [])


class Matcher:
    """Judges records by one query."""

    def __init__(self, node: Node, fields: Fields, tokeniser: Tokeniser) -> None:
        self._node = node
        self._fields = fields
        self._tokeniser = tokeniser

    def matches(self, record: RecordText) -> bool:
        """Tell whether the query finds the record."""
        return self._holds(self._node, _Record(record, self._tokeniser))

    def spans(self, record: RecordText) -> list[WordSpan]:
        """Return where words of the query stand in the record's parts, in order.

        There is one span for each word of the text; a run without spaces is one. Words that must
        not be found have none. Spans of different leaves may overlap.
        """
        seen = _Record(record, self._tokeniser)
        found: list[WordSpan] = []
        for number, (name, text) in enumerate(seen.parts):
            _, start, end, _ = record.parts[number]
            raw = record.readable[start:end]
            words = {
                leaf_number: sorted(set(self._words(leaf, text, raw, seen.language)))
                for leaf_number, leaf in enumerate(leaves(self._node))
                if leaf.field in ("", name) and self._is_in(leaf, text, seen.language)
            }
            every = sorted({word for each in words.values() for word in each})
            places = dict(zip(every, self._tokeniser.places(raw, every), strict=True))
            for leaf_number, each in words.items():
                joined = _joined(places[word] for word in each)
                found += (WordSpan(number, start + a, start + b, leaf_number) for a, b in joined)
        return sorted(found, key=lambda span: (span.start, span.end, span.leaf))

    def _words(self, leaf: Leaf, text: _Text, raw: str, language: str) -> Iterable[int]:
        """Which words of a part, by number, are those of a leaf."""
        if _is_stemmed(leaf):
            wanted = self._wanted(leaf.word, language)
            return self._tokeniser.stemmed_at(raw, language, wanted)
        return _places(leaf, text)

    def _holds(self, node: Node, record: _Record) -> bool:
        if isinstance(node, Not):
            return not self._holds(node.node, record)
        if isinstance(node, And):
            return all(self._holds(each, record) for each in node.nodes)
        if isinstance(node, Or):
            return any(self._holds(each, record) for each in node.nodes)
        return self._stands(node, record)

    def _stands(self, leaf: Leaf, record: _Record) -> bool:
        """Tell whether a leaf is found in one of the parts or values that it may be in."""
        if not leaf.field or leaf.field in self._fields.sections:
            for name, text in record.parts:
                if leaf.field in ("", name) and self._is_in(leaf, text, record.language):
                    return True
        if leaf.field in self._fields.values:
            return any(_is_value(leaf, *value) for value in record.values(leaf.field))
        return False

    def _is_in(self, leaf: Leaf, text: _Text, language: str) -> bool:
        """Tell whether a leaf is found in the text of a part."""
        if _is_stemmed(leaf):
            return not self._wanted(leaf.word, language).isdisjoint(text.stems)
        return any(True for _ in _places(leaf, text))

    def _wanted(self, word: str, language: str) -> frozenset[str]:
        return frozenset(self._tokeniser.lookups(word, (language,)))


def _is_stemmed(leaf: Leaf) -> TypeGuard[Word]:
    return isinstance(leaf, Word) and not is_run(leaf.word)


def _is_value(leaf: Leaf, value: str, text: _Text) -> bool:
    if isinstance(leaf, Range):
        return within(value, leaf.low, leaf.high)
    if _is_stemmed(leaf):
        word = strip(leaf.word)
        return word in text.words or plain_number(word) in text.words
    return any(True for _ in _places(leaf, text))


def _places(leaf: Leaf, text: _Text) -> Iterator[int]:
    """Which words of a text are those of a leaf that is not stemmed; some may come twice."""
    if isinstance(leaf, Near):
        return windows(leaf.words, leaf.distance, text.row)
    if isinstance(leaf, Fuzzy):
        near = dict(similar_words(strip(leaf.word), leaf.distance, text.words))
        return (number for number, word in enumerate(text.words) if word in near)
    if isinstance(leaf, Range):
        return iter(())
    words = leaf.words if isinstance(leaf, Phrase) else (leaf.word,)
    prefix = leaf.prefix if isinstance(leaf, Phrase) else isinstance(leaf, Prefix)
    tokens = tokens_of(words, prefix=prefix)
    found = starts(tokens, text.row)
    return (number for start in found for number in range(start, start + tokens.length))


def similar_words(word: str, limit: int, candidates: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Return the tokens that a fuzzy word is found by, and how many edits they are away."""
    return near_words(word, sorted({each for each in candidates if each[0] == word[0]}), limit)


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
