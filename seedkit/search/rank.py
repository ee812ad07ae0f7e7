"""What the parts of a query count: rare words more, words in titles more, stop words less.

    score = Σ m · idf · (saturation of the stem + 0.1 · saturation of the word as written)
          + 0.25 · Σ b · idf, of words that stand, as written, in the title
          + 0.5  · Σ b · idf, of all words, if they are the whole title
          + 0.1  · Σ b · idf, of all words, if the record is in the preferred language

The sums are over the words of a query that need not be in a certain field and may not be missing;
the last three over those that are no stop words, each once. `b` is the boost that a word was given;
`m` is a tenth of that for stop words, if there is anything else. There is one `idf` for a word,
however many tokens it has in the languages of an index: `Rarity`. The saturation is that
of `saturation`.

How much an occurrence counts is the same with every engine.
Scores are BM25 (Robertson and Zaragoza, "The probabilistic relevance framework: BM25 and beyond",
2009). How rare the words are comes as weights; an engine counts how often they
stand in a record.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from seedkit.core.languages import NONE, STEMMED, detect
from seedkit.search import query
from seedkit.search.model import AllOf, Field, Node, Reader, Terms, TokenPhrase
from seedkit.search.query import Leaf, Word
from seedkit.search.words import fold, is_run, pairs, pieces, strip

K1 = 1.2  # how soon more occurrences stop to count
B = 0.75  # how much the length of a record counts

# Of the higher score. Engines that add up in other orders, or with fewer digits, differ by a tenth
# of that.
_EQUAL = 1e-5

_EXACT = 24  # tokens; of what a record has more, there is room for four significant bits

Hit = tuple[str, int, float]  # path key, record, score


def coarse(length: int) -> int:
    """Return a number of tokens as scores take it: rounded down, from 40 on.

    As tantivy and Lucene keep it, in a byte (Lucene's `SmallFloat.intToByte4`).
    """
    rest = length - _EXACT
    drop = rest.bit_length() - 4
    return length if rest < 0 or drop <= 0 else _EXACT + (rest >> drop << drop)


def damping(length: int, mean: float) -> float:
    """Return what makes occurrences count less in a record of some tokens, of `mean` in all."""
    return K1 * (1 - B + B * coarse(length) / mean) if mean else K1


def saturation(count: float, damping: float) -> float:
    """Return how much so many occurrences count: the first the most."""
    return count * (K1 + 1) / (count + damping)


def best_first(hits: Iterable[Hit]) -> list[Hit]:
    """Return hits by score, and those with nearly the same one by path and record."""
    ordered = sorted(hits, key=lambda hit: (-hit[2], hit[0], hit[1]))
    start, before = 0, math.inf
    for at, (_, _, score) in enumerate(ordered):
        if before - score > _EQUAL * before:
            if at - start > 1:
                ordered[start:at] = sorted(ordered[start:at], key=_place)
            start = at
        before = score
    if len(ordered) - start > 1:
        ordered[start:] = sorted(ordered[start:], key=_place)
    return ordered


def _place(hit: Hit) -> tuple[str, int]:
    return hit[:2]


def same(better: float, worse: float) -> bool:
    """Tell whether two scores are as good as equal."""
    return better - worse <= _EQUAL * better


_STOP = 0.1
_WRITTEN = 0.1
_IN_TITLE = 0.25
_WHOLE_TITLE = 0.5
_LANGUAGE = 0.1

_MANY = 64  # tokens of a prefix or fuzzy word: beyond that, none is counted

_LONGEST_TITLE = 200  # characters
# Before a token of a title, and before all of them. No field has an empty name.
_TITLE_MARK, _WHOLE_MARK = "=", "=="


def title_tags(words: Iterable[str]) -> Iterator[str]:
    """Return what is stored in the field `tags` for a title with these tokens."""
    tokens = tuple(words)
    if tokens:
        yield from map(title_tag, dict.fromkeys(tokens))
        yield _whole(tokens)


def title_tag(token: str) -> str:
    """Return what is stored for a token of a title."""
    return f"{_TITLE_MARK}{token}"


def _whole(tokens: Iterable[str]) -> str:
    return _WHOLE_MARK + "-".join(tokens)[:_LONGEST_TITLE]


class Rarity:
    """How rare tokens are among the records of an index, as BM25 takes it (idf)."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._records = reader.count()
        self._known: dict[tuple[Field, tuple[str, ...]], float] = {}

    def of(self, field: Field, tokens: tuple[str, ...]) -> float:
        """Return how rare a word is that has some tokens: as if each were in other records."""
        known = self._known.get((field, tokens))
        if known is None:
            holders = min(self._records, self._reader.holders(field, tokens))
            known = math.log(1 + (self._records - holders + 0.5) / (holders + 0.5))
            self._known[field, tokens] = known
        return known


class Preferred(NamedTuple):
    """The language whose records come first, of those that are as good.

    `code` is empty if no record is in a known language; `several` says whether there are
    others.
    """

    code: str = ""
    several: bool = False


class _Said(NamedTuple):
    """A word of the query: how it is written, folded; its tokens of `words`; its boost."""

    word: str
    tokens: tuple[str, ...]
    boost: float


class Ranking:
    """What the parts of one query count.

    `stems` gives the tokens of the field `stems` that a word is found by.
    """

    def __init__(
        self,
        node: query.Node,
        reader: Reader,
        stems: Callable[[str], tuple[str, ...]],
        prefer: Preferred,
    ) -> None:
        self._rarity = Rarity(reader)
        self._stems = stems
        self._prefer = prefer
        leaves = [leaf for leaf in query.leaves(node) if not leaf.field]
        self._said = [said for leaf in leaves for said in _said(leaf)]
        stop = _stop_words_of(self._said, prefer.code)
        other = [leaf for leaf in leaves if not (isinstance(leaf, Word) and leaf.word in stop)]
        self._stop = stop if other else frozenset()

    def word(self, leaf: Word, tokens: tuple[str, ...]) -> Terms:
        """Return how to find a word by its tokens of `stems`."""
        boost = leaf.boost * (_STOP if self._is_stop(leaf) else 1)
        return Terms("stems", tokens, boost * self._rarity.of("stems", tokens))

    def as_written(self, leaf: Leaf) -> Node | None:
        """Return what counts in addition where a word stands as it is written; None for others."""
        if not isinstance(leaf, Word) or leaf.field or is_run(leaf.word):
            return None
        weight = self.word(leaf, self._stems(leaf.word)).weight
        return Terms("words", (strip(leaf.word),), _WRITTEN * weight)

    def terms(self, field: Field, tokens: tuple[str, ...], boost: float) -> Terms:
        """Return how to find any of the tokens, as one word."""
        if len(tokens) > _MANY:
            return Terms(field, tokens, boost, flat=True)
        return Terms(field, tokens, boost * self._rarity.of(field, tokens))

    def phrase(self, row: tuple[str, ...], boost: float) -> TokenPhrase:
        """Return how to find tokens side by side."""
        return TokenPhrase(row, boost * sum(self._rarity.of("words", (token,)) for token in row))

    def bonuses(self) -> Iterator[tuple[str, Node]]:
        """Return what counts in addition, and decides nothing, each with what it is."""
        once = {said.word: said for said in self._said if said.word not in self._stop}
        weights = {word: said.boost * self._idf(said) for word, said in once.items()}
        for word, said in once.items():
            # The last token of a run says that it ends there, which it need not.
            tokens = said.tokens[:-1] or said.tokens if is_run(word) else said.tokens
            weight = _IN_TITLE * weights[word] / len(tokens)
            found = tuple(Terms("tags", (title_tag(each),), weight) for each in tokens)
            yield f"{word} in the title", found[0] if len(found) == 1 else AllOf(found)
        total = sum(weights.values())
        if not total:
            return
        whole = _whole(token for said in self._said for token in said.tokens)
        yield "the whole title", Terms("tags", (whole,), _WHOLE_TITLE * total)
        if self._prefer.several:
            language = f"language={self._prefer.code}"
            yield language, Terms("tags", (language,), _LANGUAGE * total)

    def _idf(self, said: _Said) -> float:
        if is_run(said.word):
            return sum(self._rarity.of("words", (token,)) for token in said.tokens)
        return self._rarity.of("stems", self._stems(said.word))

    def _is_stop(self, leaf: Word) -> bool:
        return not leaf.field and leaf.word in self._stop


def _said(leaf: Leaf) -> Iterator[_Said]:
    """The words of a leaf that a title may have."""
    words: Sequence[str] = ()
    if isinstance(leaf, Word):
        words = (leaf.word,)
    elif isinstance(leaf, query.Phrase) and not leaf.prefix:
        words = leaf.words
    for word in words:
        bare = strip(word)
        yield _Said(word, tuple(pairs(bare)) if is_run(word) else (bare,), leaf.boost)


def _stop_words_of(said: Sequence[_Said], prefer: str) -> frozenset[str]:
    """The stop words of the language that a query seems to be in, else of the preferred one.

    There are none if the query has none in any language: most queries, which need not wait until
    the tables of languages are read.
    """
    words = [each.word for each in said]
    if _listed().isdisjoint(words):
        return frozenset()
    found = detect(words)
    return stop_words(found if found in STEMMED else prefer)


def preferred(reader: Reader, languages: Iterable[str], wanted: Iterable[str]) -> Preferred:
    """Return the first wanted language that an index has, else the one of most of its records.

    `languages` are codes, perhaps of more than it has by now.
    """
    counts = {
        code: reader.holders("tags", (f"language={code}",))
        for code in sorted(set(languages) - {NONE})
    }
    there = [code for code, count in counts.items() if count]
    if not there:
        return Preferred()
    most = max(there, key=counts.__getitem__)
    return Preferred(next((code for code in wanted if code in there), most), len(there) > 1)


def _lists() -> str:
    # Not by `importlib.resources`: a search would import a dozen modules for this one file.
    return Path(__file__).with_name("stopwords.txt").read_text("utf-8")


@cache
def _listed() -> frozenset[str]:
    """The words of all lists, folded."""
    return frozenset(fold(_lists()).split())


@cache
def stop_words(code: str) -> frozenset[str]:
    """Return words of a language that say little, folded; none for most languages."""
    line = next((line for line in _lists().split("\n") if line.startswith(f"{code}: ")), "")
    words = line.partition(": ")[2].split()
    return frozenset(fold(word) for word in words if len(list(pieces(word))) == 1)
