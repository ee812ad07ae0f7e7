"""Records in memory, looked at one by one: what other engines are compared with.

It also answers where no index can be kept. Scores are BM25 (Robertson and Zaragoza, "The
probabilistic relevance framework: BM25 and beyond", 2009) with k1 = 1.2 and b = 0.75.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, islice, takewhile

from seedkit.search.model import (
    And,
    Engine,
    Field,
    Found,
    IndexRecord,
    Node,
    Phrase,
    Reader,
    Terms,
    Writer,
)
from seedkit.search.words import Tokens, starts

_K1 = 1.2
_B = 0.75


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

    def search(self, node: Node, limit: int | None) -> Found:
        """Return what the node finds, best first."""
        hits = [
            (record.path, record.record, score)
            for number, record in enumerate(self._records)
            if (score := self._score(node, number)) is not None
        ]
        hits.sort(key=lambda hit: (-hit[2], hit[0], hit[1]))
        return Found(len(hits), hits[:limit])

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
            there = [token for token in node.tokens if known.counts[number][token]]
            scores = [known.score((token,), known.counts[number][token], number) for token in there]
            return node.boost * sum(scores) if there else None
        if isinstance(node, Phrase):
            known = self._field("words")
            row = Tokens(node.tokens, "", sure=True)
            count = sum(1 for _ in starts(row, f" {self._records[number].words} "))
            return node.boost * known.score(node.tokens, count, number) if count else None
        each_score = [self._score(each, number) for each in node.nodes]
        found = [score for score in each_score if score is not None]
        if isinstance(node, And):
            out = any(self._score(each, number) is not None for each in node.without)
            return None if out or len(found) < len(each_score) else sum(found)
        return sum(found) if found else None


class _Field:
    """What is in a field of each record, and how telling it is."""

    def __init__(self, field: Field, records: Sequence[IndexRecord]) -> None:
        self._weighs_length = field != "tags"
        self.counts = [Counter(getattr(record, field).split()) for record in records]
        self.records: Counter[str] = Counter()
        for counts in self.counts:
            self.records.update(counts.keys())
        self.tokens = sorted(self.records)
        self._lengths = [counts.total() for counts in self.counts]
        self._mean = sum(self._lengths) / max(1, len(records))

    def score(self, tokens: Iterable[str], count: int, number: int) -> float:
        """Return the score of tokens that stand in a record together so many times."""
        total = len(self.counts)
        rarity = 0.0
        for token in tokens:
            records = self.records[token]
            rarity += math.log(1 + (total - records + 0.5) / (records + 0.5))
        if not self._weighs_length:
            return rarity
        length = 1 - _B + _B * self._lengths[number] / self._mean
        return rarity * count * (_K1 + 1) / (count + _K1 * length)
