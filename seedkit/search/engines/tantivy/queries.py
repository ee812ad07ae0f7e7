"""Fields and queries of the engine on tantivy, and scores that no removed record changes.

tantivy scores by BM25, with the numbers of its segments: those of removed records are among them
until it merges segments, and lengths are rounded as it does. Rarities of tokens are replaced by the
weights of a query, which divide by what tantivy multiplies with. The mean length can't be: if that
is another one than that of the records that are left, the best hits are scored again, from how
often tokens stand in them, which their scores tell.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Final, Protocol, cast

from tantivy import DocAddress, Occur, Order, Query, Schema, SchemaBuilder, Searcher

from seedkit.search.engines import combined
from seedkit.search.model import AllOf, AnyOf, Field, Node, Terms, TokenPhrase
from seedkit.search.rank import K1, damping, same, saturation

EVERY: Final = "every"
_OPTIONS: Mapping[Field, str] = {"stems": "freq", "words": "position", "tags": "basic"}

# More tokens than this are looked up as a set: a query over 50,000 takes an eighth of the time of
# 50,000 queries.
_MANY = 64

_REMEMBERED = 10_000  # tokens, of which it is known how frequent they are
_SPARE = 100  # hits beyond the limit, in which most ties at the limit end
_NEAR = 1000  # seeds; among more, a token is looked up everywhere
_SAME_MEAN = 1 + 5e-7  # tantivy has it in 24 bits
_MEAN = re.compile(r'"value": ([0-9.e+-]+),\s*"description": "avgdl')

Address = tuple[int, int]  # segment, number in it


def schema() -> Schema:
    """Return the fields. Tokens come ready made: they only have to be distinguished."""
    builder = SchemaBuilder()
    for name, option in _OPTIONS.items():
        builder.add_text_field(name, tokenizer_name="whitespace", index_option=option)
    # `raw` is what `remove` needs, for it finds whole tokens; `fast` is for order by path.
    builder.add_text_field(
        "path", stored=True, fast=True, tokenizer_name="raw", index_option="basic"
    )
    # Not unsigned fields: a Python integer given to one kills the writer's thread.
    for column in ("record", "length_of_stems", "length_of_words"):
        builder.add_integer_field(column, fast=True)
    # In every record, to tell how many there are with those that were removed.
    builder.add_text_field(EVERY, tokenizer_name="raw", index_option="basic")
    return builder.build()


class _Result(Protocol):
    """A `tantivy.SearchResult`, whose stub leaves out the count."""

    count: int
    hits: list[tuple[float, DocAddress]]


class _ByPath(Protocol):
    count: int
    hits: list[tuple[str, DocAddress]]


# -- what is asked


def constant_score(node: Node) -> float | None:
    """Return the score of all that a node finds, None if it is not the same for all."""
    match node:
        case Terms(field, _, weight, flat):
            return weight if flat or field == "tags" else None
        case AllOf(nodes, _, ()):
            scores = list(map(constant_score, nodes))
        case AnyOf(nodes) if (
            len(nodes) < 2
        ):  # of several, each that finds a record adds to its score
            scores = list(map(constant_score, nodes))
        case _:
            return None
    known = [score for score in scores if score is not None]
    return sum(known) if len(known) == len(scores) else None


def _counted(node: Node) -> Iterator[Terms | TokenPhrase]:
    """The leaves that score by how often something stands in a record."""
    if isinstance(node, AllOf):
        for each in (*node.nodes, *node.bonus):
            yield from _counted(each)
    elif isinstance(node, AnyOf):
        for each in node.nodes:
            yield from _counted(each)
    elif isinstance(node, TokenPhrase) or not (node.flat or node.field == "tags"):
        yield node


class Queries:
    """Makes queries of a searcher, which has so many records, with those that were removed."""

    def __init__(self, schema: Schema, searcher: Searcher, records: int) -> None:
        self.schema = schema
        self.searcher = searcher
        self._records = records
        self._known: dict[tuple[Field, str], int] = {}

    def query(self, node: Node) -> Query:
        """Return a node in tantivy's terms."""
        match node:
            case Terms(field, tokens, weight, flat):
                if flat or field == "tags":
                    return Query.const_score_query(self._any(field, tokens), weight)
                return self._most(field, tokens, weight)
            case TokenPhrase(tokens, weight):
                rarity = sum(self._rarity("words", token) for token in tokens)
                phrase = Query.phrase_query(self.schema, "words", list(tokens))
                return Query.boost_query(phrase, weight / rarity)
            case AnyOf(nodes):
                return Query.boolean_query([(Occur.Should, self.query(each)) for each in nodes])
            case AllOf(nodes, without, bonus):
                # What must not be there takes from what must: on its own it would find nothing.
                must = [self.query(each) for each in nodes] or [
                    Query.const_score_query(Query.all_query(), 0.0)
                ]
                return Query.boolean_query(
                    [(Occur.Must, query) for query in must]
                    + [(Occur.MustNot, self.query(each)) for each in without]
                    + [(Occur.Should, self.query(each)) for each in bonus]
                )

    def _any(self, field: Field, tokens: tuple[str, ...]) -> Query:
        """Return a query for any of the tokens."""
        if len(tokens) > _MANY:
            return Query.term_set_query(self.schema, field, tokens)
        return Query.boolean_query([(Occur.Should, self.term(field, token)) for token in tokens])

    def _most(self, field: Field, tokens: tuple[str, ...], weight: float) -> Query:
        """Return a query for any of the tokens that scores the one which occurs most."""
        queries = [
            Query.boost_query(self.term(field, token), weight / self._rarity(field, token))
            for token in tokens
            if self.frequency(field, token)
        ]
        return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries)

    def term(self, field: Field, token: str) -> Query:
        """Return a query for one token."""
        return Query.term_query(self.schema, field, token, _OPTIONS[field])

    def frequency(self, field: Field, token: str) -> int:
        """Return in how many records a token is, with those that were removed."""
        known = self._known.get((field, token))
        if known is None:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            known = self._known[field, token] = self.searcher.doc_freq(field, token)
        return known

    def _rarity(self, field: Field, token: str) -> float:
        """What tantivy multiplies with."""
        holders = self.frequency(field, token)
        return math.log(1 + (self._records - holders + 0.5) / (holders + 0.5))


# -- what is found


def holders_left(queries: Queries, field: Field, token: str) -> int:
    """Return in how many records a token is, without those that were removed."""
    if not queries.frequency(field, token):
        return 0
    query = Query.const_score_query(queries.term(field, token), 1.0)
    return cast(_Result, queries.searcher.search(query, 1)).count


def first_by_path(
    searcher: Searcher, query: Query, limit: int
) -> tuple[int, list[tuple[str, DocAddress]]]:
    """Return how many hits there are, and the first ones by path.

    These are at least `limit`, and all others of the last one's path.
    """
    most = max(1, searcher.num_docs)  # tantivy panics if it is asked for none
    fetch = min(most, limit + _SPARE)
    while True:
        found = searcher.search(query, fetch, order_by_field="path", order=Order.Asc)
        total, hits = cast(_ByPath, found).count, cast(_ByPath, found).hits
        if not limit:
            return total, []
        if len(hits) == total or hits[-1][0] != hits[limit - 1][0]:
            last = hits[min(limit, len(hits)) - 1][0] if hits else ""
            return total, [h for n, h in enumerate(hits) if n < limit or h[0] == last]
        fetch = min(most, fetch * 8)


def best_by_score(
    searcher: Searcher, query: Query, limit: int | None, drift: float = 1.0
) -> tuple[int, list[tuple[float, DocAddress]]]:
    """Return how many hits there are, and the best of them.

    These are at least `limit`, and all that may be as good as the last of these: none of the scores
    is higher or lower than it should be by more than the factor `drift`.
    """
    most = max(1, searcher.num_docs)
    fetch = most if limit is None else min(most, limit + _SPARE)
    while True:
        found = cast(_Result, searcher.search(query, fetch))
        total, hits = found.count, found.hits
        if not limit:
            return total, hits if limit is None else []
        end = _end(hits, limit, drift)
        if end < len(hits) or len(hits) == total:
            return total, hits[:end]
        fetch = min(most, fetch * 8)


def _end(hits: Sequence[tuple[float, DocAddress]], limit: int, drift: float) -> int:
    if len(hits) <= limit:
        return len(hits)
    least = hits[limit - 1][0] / drift**2
    for at in range(limit, len(hits)):
        if hits[at][0] < least and not same(hits[at - 1][0], hits[at][0]):
            return at
    return len(hits)


# -- scores without removed records


class Lengths:
    """Mean lengths of fields, as they are, and as tantivy takes them."""

    def __init__(self, schema: Schema, searcher: Searcher) -> None:
        self._schema = schema
        self._searcher = searcher
        self._left: dict[Field, float] = {}
        self._all: dict[Field, float] = {}

    def drift(self, queries: Queries, node: Node) -> float:
        """Return by how much the mean lengths differ that the scores of a query depend on.

        As a factor, not below 1.
        """
        factors = [1.0]
        for leaf in _counted(node):
            field = _field(leaf)
            if field in self._all or self._learn(queries, field, leaf.tokens):
                left, all_ = self.left(field), self._all[field]
                factors.append(max(left / all_, all_ / left))
        most = max(factors)
        return most if most > _SAME_MEAN else 1.0

    def _learn(self, queries: Queries, field: Field, tokens: Iterable[str]) -> bool:
        """Find out what tantivy takes for the mean, which only the explanation of a hit has."""
        for token in tokens:
            if queries.frequency(field, token):
                term = queries.term(field, token)
                for _, address in cast(_Result, self._searcher.search(term, 1)).hits:
                    found = _MEAN.search(term.explain(self._searcher, address).to_json())
                    assert found is not None
                    self._all[field] = float(found[1])
                    return True
        return False

    def left(self, field: Field) -> float:
        """Return the mean length of the records that were not removed."""
        if field not in self._left:
            column = {"sum": {"field": f"length_of_{field}"}}
            found = self._searcher.aggregate(Query.all_query(), {"lengths": column})
            self._left[field] = found["lengths"]["value"] / self._searcher.num_docs
        return self._left[field]

    def all(self, field: Field) -> float:
        """Return what tantivy takes for the mean, once `drift` has been asked."""
        return self._all[field]


class Recount:
    """Scores hits by how often tokens stand in them. `paths` are those of the hits' seeds."""

    def __init__(
        self,
        queries: Queries,
        lengths: Lengths,
        paths: Sequence[str],
        addresses: Sequence[DocAddress],
    ) -> None:
        self._queries = queries
        self._searcher = queries.searcher
        self._means = lengths
        self._addresses = addresses
        self._keys = list(map(_key, addresses))
        self._lengths: dict[Field, dict[Address, int]] = {}
        seeds = dict.fromkeys(paths)
        self._near: Query | None = None
        if len(seeds) <= _NEAR:
            among = Query.term_set_query(queries.schema, "path", list(seeds))
            self._near = Query.const_score_query(among, 0.0)

    def scores(self, node: Node) -> list[float]:
        """Return the score of each hit."""
        found = combined(node, self._leaf, lambda: self._keys)
        return [found[key] for key in self._keys]

    def _leaf(self, leaf: Terms | TokenPhrase, within: Set[Address] | None) -> dict[Address, float]:
        if isinstance(leaf, Terms) and (leaf.flat or leaf.field == "tags"):
            return dict.fromkeys(self._hits(leaf), leaf.weight)
        hits = self._hits(leaf._replace(weight=1 / (K1 + 1)))
        scores: dict[Address, float] = {}
        if not hits:
            return scores
        field = _field(leaf)
        left, all_ = self._means.left(field), self._means.all(field)
        lengths = self._lengths_of(field)
        for key, share in hits.items():
            if key in lengths:
                # The share is count / (count + damping), in 24 bits.
                count = round(share * damping(lengths[key], all_) / (1 - share))
                scores[key] = leaf.weight * saturation(count, damping(lengths[key], left))
        return scores

    def _hits(self, leaf: Terms | TokenPhrase) -> dict[Address, float]:
        query = self._queries.query(leaf)
        if self._near is not None:
            query = Query.boolean_query([(Occur.Must, self._near), (Occur.Must, query)])
        found = self._searcher.search(query, max(1, self._searcher.num_docs), count=False)
        return {_key(address): score for score, address in cast(_Result, found).hits}

    def _lengths_of(self, field: Field) -> dict[Address, int]:
        if field not in self._lengths:
            values = self._searcher.fast_field_values(f"length_of_{field}", list(self._addresses))
            self._lengths[field] = dict(zip(self._keys, cast("list[int]", values), strict=True))
        return self._lengths[field]


def _key(address: DocAddress) -> Address:
    return address.segment_ord, address.doc


def _field(leaf: Terms | TokenPhrase) -> Field:
    return leaf.field if isinstance(leaf, Terms) else "words"
