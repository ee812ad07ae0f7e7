"""A query as an engine can be asked: words looked up in the index's own vocabulary.

An engine knows tokens only. What can't be said with them (words near each other, a phrase within
one of several sections) is asked for more widely, and each record found has to pass `match`; what
must not be found is then asked for more narrowly. Every other plan finds what `match` defines.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from seedkit.core.text import shorten
from seedkit.search import query
from seedkit.search.analysis import Tokeniser
from seedkit.search.keys import plain_number, unescape
from seedkit.search.match import near_words, similar_words
from seedkit.search.model import AllOf, AnyOf, Field, Node, Reader, Terms
from seedkit.search.query import Fields, Fuzzy, Leaf, Near, Prefix, Range, Word
from seedkit.search.rank import Preferred, Ranking, Rarity, title_tag
from seedkit.search.values import fits, within
from seedkit.search.words import TokenRow, fold, is_run, strip, tokens_of

_MOST = 100_000  # tokens that one word of a query may stand for
_UNLIKE = 0.2  # how much less than the word itself one counts that differs in a character
_TRIED = 300  # stems of a seed that are looked up, to find the most telling
_NOTHING = AnyOf(())
_NOBODYS = Preferred()
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class QueryPlan(NamedTuple):
    """What to ask an engine. Unless it is `exact`, each record found has to pass a `Matcher`.

    `parts` are what the score is the sum of, each with what it is.
    """

    node: Node
    exact: bool
    notes: tuple[str, ...]
    parts: tuple[tuple[str, Node], ...] = ()


def plan(
    node: query.Node,
    reader: Reader,
    fields: Fields,
    tokeniser: Tokeniser,
    languages: Iterable[str] | None = None,
    prefer: Preferred = _NOBODYS,
) -> QueryPlan:
    """Return how to ask for what the query finds.

    `languages` are the codes of those that the index has seeds in; None if that is not known.
    """
    planner = _Planner(node, reader, fields, tokeniser, languages, prefer)
    found = planner.bound(node, wide=True)
    bonuses = list(planner.ranking.bonuses())
    if bonuses:
        found = AllOf((found,), (), tuple(bonus for _, bonus in bonuses))
    return QueryPlan(found, planner.exact, tuple(planner.notes), (*planner.parts, *bonuses))


class _Way(NamedTuple):
    """How a leaf may be found: by `nodes` in any text; by `groups` in one section or value.

    Of each group one token must be there, with its mark after a section's name. `exact` says
    whether the nodes are enough in any text, `lone` whether the groups are in one place.
    """

    nodes: tuple[Node, ...]
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    exact: bool
    lone: bool
    boost: float


class _Planner:
    """Plans one query. `exact` and `notes` are those of all that was asked of it."""

    def __init__(
        self,
        node: query.Node,
        reader: Reader,
        fields: Fields,
        tokeniser: Tokeniser,
        languages: Iterable[str] | None,
        prefer: Preferred,
    ) -> None:
        self._reader = reader
        self._fields = fields
        self._tokeniser = tokeniser
        self._languages = None if languages is None else tuple(languages)
        self.exact = True
        self.notes: dict[str, None] = {}
        self.parts: list[tuple[str, Node]] = []
        self._looked_up: dict[str, tuple[str, ...]] = {}
        self.ranking = Ranking(node, reader, self._stems, prefer)

    def _stems(self, word: str) -> tuple[str, ...]:
        found = self._looked_up.get(word)
        if found is None:
            found = self._looked_up[word] = self._tokeniser.lookups(word, self._languages)
        return found

    def bound(self, node: query.Node, *, wide: bool, scored: bool = True) -> Node:
        """Return a node that finds at least the records of the query's, or, not `wide`, at most.

        `scored` says whether it counts.
        """
        if isinstance(node, query.Or):
            return AnyOf(tuple(self.bound(each, wide=wide, scored=scored) for each in node.nodes))
        if isinstance(node, query.And | query.Not):
            nodes = node.nodes if isinstance(node, query.And) else (node,)
            found: list[Node] = []
            without: list[Node] = []
            for each in nodes:
                if isinstance(each, query.Not):
                    without.append(self.bound(each.node, wide=not wide, scored=False))
                else:
                    found.append(self.bound(each, wide=wide, scored=scored))
            return AllOf(tuple(found), tuple(without))
        places = [*self._in_text(node), *self._in_values(node)]
        self.exact = self.exact and all(exact for _, exact in places)
        kept = tuple(found for found, exact in places if exact or wide)
        best = kept[0] if len(kept) == 1 else AnyOf(kept)
        if not scored:
            return best
        self.parts.append((query.render(node), best))
        written = self.ranking.as_written(node)
        if written is None:
            return best
        self.parts.append((f"{query.render(node)} as written", written))
        return AllOf((best,), (), (written,))

    def _in_text(self, leaf: Leaf) -> Iterator[tuple[Node, bool]]:
        """How to find a leaf in the text of records, or of one section, and whether exactly."""
        name = leaf.field
        if (name and name not in self._fields.sections) or isinstance(leaf, Range):
            return
        if isinstance(leaf, Word) and not is_run(leaf.word):
            stems = self._stems(leaf.word)
            found = self.ranking.word(leaf, stems)
            ways = [_Way((found,), (("~", stems),), True, True, leaf.boost)]
        else:
            ways = self._ways(leaf, self._words)
        for way in ways:
            if not name:
                yield _all(way.nodes), way.exact
                continue
            inside = (
                Terms(
                    "tags", (f"sole={name}", *(f"{name}{mark}{each}" for each in tokens)), way.boost
                )
                for mark, tokens in way.groups
            )
            yield _all((*way.nodes, *inside)), way.lone

    def _in_values(self, leaf: Leaf) -> Iterator[tuple[Node, bool]]:
        """How to find a leaf in the values of a field, and whether exactly."""
        name = leaf.field
        if name not in self._fields.values:
            return
        if isinstance(leaf, Range):
            tokens = self._terms("tags", f"{name}=")
            values = {token: unescape(token) for token in tokens}
            for bound in (leaf.low, leaf.high):
                if bound is not None and values and not fits(bound, values.values()):
                    self.notes[f"`{shorten(bound, 30)}`: no value of `{name}` is like it"] = None
            found = [token for token, value in values.items() if within(value, leaf.low, leaf.high)]
            yield _any("tags", [f"{name}={token}" for token in found], leaf.boost), True
            return
        signs = "=" if name == "path" else "=:"
        if isinstance(leaf, Word) and not is_run(leaf.word):
            word = strip(leaf.word)
            plain = plain_number(word)
            # A section of the same name may hold the plain number, which is not what was given.
            sure = plain == word or name not in self._fields.sections
            wanted = tuple(dict.fromkeys((word, plain)))
            ways = [_Way((), ((":", wanted),), exact=sure, lone=sure, boost=leaf.boost)]
        else:
            ways = self._ways(leaf, self._words_of(name))
        for way in ways:
            nodes = [
                _any(
                    "tags", [f"{name}{sign}{each}" for sign in signs for each in tokens], way.boost
                )
                for _, tokens in way.groups
            ]
            yield _all(tuple(nodes)), way.lone

    def _ways(self, leaf: Leaf, beginning: Callable[[str], list[str]]) -> list[_Way]:
        """The ways to find a leaf by tokens of `words`; `beginning` gives those that begin so."""
        if isinstance(leaf, Fuzzy):
            word = strip(leaf.word)
            near: dict[int, list[str]] = {}
            for token, edits in similar_words(word, leaf.distance, beginning(word[0])):
                near.setdefault(edits, []).append(token)
            return [
                self._one("words", tuple(tokens), leaf.boost * _UNLIKE**edits)
                for edits, tokens in sorted(near.items())
            ]
        if isinstance(leaf, Near):
            each = [
                self._way(tokens_of((word,)), leaf, beginning) for word in dict.fromkeys(leaf.words)
            ]
            return [_Way(_nodes(each), _groups(each), exact=False, lone=False, boost=leaf.boost)]
        assert not isinstance(leaf, Range)  # these have no tokens
        words = leaf.words if isinstance(leaf, query.Phrase) else (leaf.word,)
        prefix = leaf.prefix if isinstance(leaf, query.Phrase) else isinstance(leaf, Prefix)
        return [self._way(tokens_of(words, prefix=prefix), leaf, beginning)]

    def _way(self, tokens: TokenRow, leaf: Leaf, beginning: Callable[[str], list[str]]) -> _Way:
        row, tail, sure = tokens
        # A run that stands there as a word counts as one: as often as it stands in `stems`.
        field: Field = "stems" if isinstance(leaf, Word) else "words"
        ways = [self._one(field, (token,), leaf.boost) for token in dict.fromkeys(row)]
        nodes = (self.ranking.phrase(row, leaf.boost),) if len(row) > 1 else _nodes(ways)
        if not sure:
            last = self._one(field, tuple(beginning(tail)), leaf.boost)
            ways.append(last)
            nodes += last.nodes
        lone = len(row) + (not sure) == 1
        return _Way(nodes, _groups(ways), exact=lone or sure, lone=lone, boost=leaf.boost)

    def _one(self, field: Field, tokens: tuple[str, ...], boost: float) -> _Way:
        node = self.ranking.terms(field, tokens, boost) if tokens else _NOTHING
        return _Way((node,), ((":", tokens),), exact=True, lone=True, boost=boost)

    def _words(self, prefix: str) -> list[str]:
        """The tokens of all texts that begin like this."""
        return self._terms("words", "", prefix)

    def _words_of(self, name: str) -> Callable[[str], list[str]]:
        """What gives the tokens of a field's values that begin like something."""

        def beginning(prefix: str) -> list[str]:
            whole = self._terms("tags", f"{name}=", prefix)
            if name == "path":
                return whole
            words = self._tokeniser.words
            # A value that is a word itself stands nowhere else.
            alone = [value for value in whole if value in words(unescape(value))]
            return sorted({*alone, *self._terms("tags", f"{name}:", prefix)})

        return beginning

    def _terms(self, field: Field, mark: str, prefix: str = "") -> list[str]:
        """The tokens of a field after a mark that begin like something."""
        found = self._reader.terms(field, mark + prefix, _MOST + 1)
        if len(found) > _MOST:
            shown = shorten(f"{mark}{prefix}", 30)
            self.notes[f"`{shown}`: only {_MOST:,} words that begin so were looked for"] = None
        return [token[len(mark) :] for token, _ in found[:_MOST]]


def _any(field: Field, tokens: Sequence[str], boost: float) -> Node:
    return Terms(field, tuple(tokens), boost) if tokens else _NOTHING


def _all(nodes: tuple[Node, ...]) -> Node:
    return nodes[0] if len(nodes) == 1 else AllOf(nodes)


def _nodes(ways: Iterable[_Way]) -> tuple[Node, ...]:
    return tuple(node for way in ways for node in way.nodes)


def _groups(ways: Iterable[_Way]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(group for way in ways for group in way.groups)


def suggest(word: str, reader: Reader) -> str | None:
    """Return the word that the index has most like one that it does not have, None if none is near.

    One edit is nearer than two, which are allowed in words of five letters or more. Of words as
    near as each other, those of titles come first, then the most frequent.
    """
    bare = strip(fold(word))
    if len(bare) < 3 or is_run(bare) or bare.isdigit():
        return None
    tokens = [token for token, _ in reader.terms("words", bare[0], _MOST)]
    others = [token for token, _ in reader.terms("words", bare[1], _MOST)]  # the two were swapped
    vocabulary = sorted({*tokens, *others})
    for edits in range(1, 2 + (len(bare) > 4)):
        near = {each for each, _ in near_words(bare, vocabulary, edits)}
        if edits == 1:
            near |= _with_another_first(bare, vocabulary)
        counts = {each: reader.holders("words", (each,)) for each in near - {bare}}
        there = [each for each, count in counts.items() if count]
        if there:
            return min(there, key=lambda each: (not _titled(each, reader), -counts[each], each))
    return None


def _with_another_first(word: str, vocabulary: Iterable[str]) -> set[str]:
    """What the word is if its first letter is wrong, missing or too much.

    The letters that words of a script may begin with are those that they have in them.
    """
    letters = set(_LETTERS).union(*vocabulary)
    return {word[1:], *(letter + rest for letter in letters for rest in (word, word[1:]))}


def _titled(word: str, reader: Reader) -> bool:
    return reader.holders("tags", (title_tag(word),)) > 0


def similar(stems: Iterable[str], reader: Reader, limit: int = 25) -> Node:
    """Return what finds records like one, whose texts of the field `stems` are given.

    Asks for any of its most telling stems, by frequency in it and rarity among all (tf·idf).
    """
    # Second tokens of words with diacritics say nothing more.
    counts = Counter(token for text in stems for token in text.split() if "'" not in token)
    rarity = Rarity(reader)
    weighed = []
    for token, count in sorted(counts.items(), key=lambda each: (-each[1], -len(each[0]), each[0]))[
        :_TRIED
    ]:
        if reader.holders("stems", (token,)) > 1:  # others have it too
            weighed.append(((1 + math.log(count)) * rarity.of("stems", (token,)), token))
    weighed.sort(key=lambda each: (-each[0], each[1]))
    return AnyOf(tuple(Terms("stems", (token,), weight) for weight, token in weighed[:limit]))
