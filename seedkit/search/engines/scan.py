"""Records in memory, looked at one by one: what other engines are compared with.

It also answers where no index can be kept.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, islice, takewhile

from seedkit.search.model import (
    AllOf,
    Engine,
    EngineHits,
    Field,
    IndexRecord,
    Node,
    Reader,
    Terms,
    TokenPhrase,
    Writer,
)
from seedkit.search.rank import best_first, damping, saturation
from seedkit.search.words import TokenRow, starts


def engine() -> Engine:
    """Return an engine that keeps indexes in memory, as long as it lives."""
    return ScanEngine()


class ScanEngine:
    """An engine that writes nothing: `directory` is but a name."""

    name = "scan"

    def __init__(self) -> None:
        self._indexes: dict[str, dict[str, list[IndexRecord]]] = {}

    def version(self) -> str:
        """Return the name: nothing outlasts this process."""
        return self.name

    def create(self, directory: str) -> None:
        """Make an empty index."""
        self._indexes[directory] = {}

    def write(self, directory: str) -> Writer:
        """Return a writer."""
        return _ScanWriter(self._indexes[directory])

    def read(self, directory: str) -> Reader:
        """Return a reader of the last commit."""
        return ScanReader(chain.from_iterable(self._indexes[directory].values()))


class _ScanWriter:
    def __init__(self, index: dict[str, list[IndexRecord]]) -> None:
        self._index = index
        self._next = dict(index)

    def remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            self._next.pop(path, None)

    def add(self, record: IndexRecord) -> None:
        self._next[record.path] = [*self._next.get(record.path, ()), record]

    def commit(self) -> None:
        self._index.clear()
        self._index.update(self._next)

    def close(self) -> None:
        self._next = {}


class ScanReader:
    """Some records, as a reader. They are looked at when something is asked."""

    def __init__(self, records: Iterable[IndexRecord]) -> None:
        self._records = list(records)
        self._fields: dict[Field, _Field] = {}

    def count(self) -> int:
        """Return how many records there are."""
        return len(self._records)

    def terms(self, field: Field, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return tokens that begin with `prefix`, in order, and in how many records each is."""
        known = self._field(field)
        first = bisect_left(known.tokens, prefix)
        found = takewhile(lambda token: token.startswith(prefix), known.tokens[first:])
        return [(token, known.records[token]) for token in islice(found, limit)]

    def holders(self, field: Field, tokens: Iterable[str]) -> int:
        """Return in how many records each of the tokens is, added up."""
        known = self._field(field)
        return sum(known.records[token] for token in tokens)

    def search(self, node: Node, limit: int | None) -> EngineHits:
        """Return what the node finds, best first."""
        hits = [
            (record.path, record.record, score)
            for number, record in enumerate(self._records)
            if (score := self._score(node, number)) is not None
        ]
        return EngineHits(len(hits), best_first(hits)[:limit])

    def close(self) -> None:
        """Do nothing: there is nothing open."""

    def _field(self, field: Field) -> _Field:
        known = self._fields.get(field)
        if known is None:
            known = self._fields[field] = _Field(field, self._records)
        return known

    def _score(self, node: Node, number: int) -> float | None:
        """The score of a record, None if the node does not find it."""
        if isinstance(node, Terms):
            known = self._field(node.field)
            count = max((known.counts[number][token] for token in node.tokens), default=0)
            if count and (node.flat or node.field == "tags"):
                return node.weight
            return node.weight * known.score(count, number) if count else None
        if isinstance(node, TokenPhrase):
            row = TokenRow(node.tokens, "", sure=True)
            count = sum(1 for _ in starts(row, f" {self._records[number].words} "))
            return node.weight * self._field("words").score(count, number) if count else None
        each_score = [self._score(each, number) for each in node.nodes]
        found = [score for score in each_score if score is not None]
        if isinstance(node, AllOf):
            out = any(self._score(each, number) is not None for each in node.without)
            if out or len(found) < len(each_score):
                return None
            return sum(found) + sum(self._score(each, number) or 0.0 for each in node.bonus)
        return sum(found) if found else None


class _Field:
    """What is in a field of each record."""

    def __init__(self, field: Field, records: Sequence[IndexRecord]) -> None:
        self.counts = [Counter(getattr(record, field).split()) for record in records]
        self.records: Counter[str] = Counter()
        for counts in self.counts:
            self.records.update(counts.keys())
        self.tokens = sorted(self.records)
        self._lengths = [counts.total() for counts in self.counts]
        self._mean = sum(self._lengths) / max(1, len(records))

    def score(self, count: int, number: int) -> float:
        """Return how much so many occurrences count in a record."""
        return saturation(count, damping(self._lengths[number], self._mean))
