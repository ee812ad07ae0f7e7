"""Queries against the open segments of an index: which records, and how well each fits.

Term at a time: the postings of a token are decoded whole, at C speed, and sets of records are
combined. Whoosh's matchers go record by record, with some calls for each, which takes ten times as
long in Python; and they find the best few, where all have to be counted here anyway.

Scores are BM25 as tantivy has it (K1 1.2, B .75, idf ln(1 + (N - n + .5) / (n + .5))), with the
length of `stems`. All counts are of records that are there: what was removed leaves no trace, and
an index updated many times ranks as a rebuilt one does.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cached_property
from itertools import accumulate, compress, islice, repeat

from seedkit.search.engines.whoosh_inverted import Postings
from seedkit.search.engines.whoosh_segment import OpenSegment
from seedkit.search.model import And, Field, Found, Node, Or, Phrase, Terms

_K1, _B = 1.2, 0.75

# With more tokens than this a record counts the same however many of them it has: prefixes and
# fuzzy words, where misspellings would rank first, since they are rare.
_MANY = 64

# Where a token is in a segment: the base of the numbers there, records, and how often in each.
_Part = tuple[int, OpenSegment, Sequence[int], Sequence[int] | None]


class Searcher:
    """All segments of an index; a record's number is its number in its segment plus a base."""

    def __init__(self, segments: list[OpenSegment]) -> None:
        self._segments = segments
        self._bases = list(accumulate((segment.size for segment in segments), initial=0))
        self._count = sum(segment.live for segment in segments)

    def count(self) -> int:
        """Return how many records there are."""
        return self._count

    def terms(self, field: Field, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return the tokens that begin with `prefix`, and in how many records.

        Records that have been removed count until their segment is merged.
        """
        found: Counter[str] = Counter()
        for segment in self._segments:
            for block, place in islice(segment.inverted.field(field).scan(prefix), limit):
                found[block.tokens[place]] += block.holders[place]
        return sorted(found.items())[:limit]

    def search(self, node: Node, limit: int | None) -> Found:
        """Return what the query finds: best score first, then by path and record."""
        scores = self._scores(node, None)
        best: Set[int] = scores.keys()
        if limit is not None and limit < len(scores):
            if limit <= 0:
                return Found(len(scores), [])
            least = heapq.nlargest(limit, scores.values())[-1]
            best = {number for number, score in scores.items() if score >= least}
        hits = self._hits(sorted(best), scores)
        hits.sort()  # nearly in order, as seeds were when they were added
        hits.sort(key=lambda hit: -hit[2])
        return Found(len(scores), hits[:limit])

    def _hits(self, numbers: list[int], scores: dict[int, float]) -> list[tuple[str, int, float]]:
        """Give the records their names. They come in order."""
        hits: list[tuple[str, int, float]] = []
        for base, segment in self._placed():
            start = bisect_left(numbers, base)
            wanted = numbers[start : bisect_left(numbers, base + segment.size, start)]
            local = [number - base for number in wanted]
            path = segment.path if len(local) < segment.size // 8 else segment.paths.__getitem__
            records = map(segment.records.__getitem__, local)
            hits += zip(map(path, local), records, map(scores.__getitem__, wanted), strict=True)
        return hits

    def _placed(self) -> Iterator[tuple[int, OpenSegment]]:
        """Each segment with the base of its numbers."""
        return zip(self._bases, self._segments, strict=False)

    def _scores(self, node: Node, within: Set[int] | None) -> dict[int, float]:
        """Return the records that a node finds, of those in `within`, each with its score."""
        match node:
            case Terms():
                if node.field == "tags" or len(node.tokens) > _MANY:
                    return self._any(node, within)
                return self._ranked(node, within)
            case Phrase():
                return self._phrase(node, within)
            case Or(nodes):
                return _sum([self._scores(each, within) for each in nodes])
            case And(nodes, without):
                return self._all(nodes, without, within)

    def _all(
        self, nodes: tuple[Node, ...], without: tuple[Node, ...], within: Set[int] | None
    ) -> dict[int, float]:
        parts: list[dict[int, float]] = [{}] * len(nodes)
        order = list(range(len(nodes)))
        if len(order) > 1:  # what finds least goes first: the others need look at no more than that
            order.sort(key=lambda number: self._bound(nodes[number]))
        for number in order:
            parts[number] = self._scores(nodes[number], within)
            within = parts[number].keys()
        if not nodes:
            parts = [dict.fromkeys(self._everything(within), 1.0)]
        found: Set[int] = parts[order[-1] if order else 0].keys()
        for node in without:
            found = found - self._scores(node, found).keys()
        if len(parts) == 1 and not without:
            return parts[0]
        total = dict.fromkeys(found, 0.0)
        for part in parts:
            for number in found:
                total[number] += part[number]
        return total

    def _everything(self, within: Set[int] | None) -> Set[int]:
        if within is not None:
            return within
        numbers = set(range(self._bases[-1]))
        for base, segment in self._placed():
            numbers.difference_update(base + number for number in segment.deleted)
        return numbers

    def _bound(self, node: Node) -> int:
        """Return how many records a node finds at most, roughly, from the dictionaries alone."""
        match node:
            case Terms():
                return sum(
                    block.holders[place]
                    for segment in self._segments
                    for block, place in segment.inverted.field(node.field).find(sorted(node.tokens))
                )
            case Phrase():
                return min(self._bound(Terms("words", (token,))) for token in node.tokens)
            case Or():
                return sum(map(self._bound, node.nodes))
            case And():
                return min(map(self._bound, node.nodes), default=self._count)

    def _any(self, node: Terms, within: Set[int] | None) -> dict[int, float]:
        """Return the records that hold any of the tokens, which all score the same."""
        tokens = sorted(node.tokens)
        found: set[int] = set()
        for base, segment in self._placed():
            numbers: set[int] = set()
            for block, place in segment.inverted.field(node.field).find(tokens):
                numbers.update(block.records(place))
            numbers -= segment.deleted
            found.update(map(base.__add__, numbers))
        return dict.fromkeys(found if within is None else found & within, node.boost)

    def _ranked(self, node: Terms, within: Set[int] | None) -> dict[int, float]:
        """Return the records that hold any of the tokens, of which each counts."""
        times = Counter(sorted(node.tokens))
        parts: dict[str, list[_Part]] = {token: [] for token in times}
        for base, segment in self._placed():
            for block, place in segment.inverted.field(node.field).find(list(times)):
                records, counts = _live(segment, block.postings(place))
                parts[block.tokens[place]].append((base, segment, records, counts))
        least, slope = self._norm
        found = []
        for token, part in parts.items():
            weight = self._idf(sum(len(records) for _, _, records, _ in part))
            weight *= node.boost * times[token] * (_K1 + 1)
            scores: dict[int, float] = {}
            for base, segment, records, counts in part:
                lengths = segment.lengths
                pairs: Iterable[tuple[int, int]] = zip(records, counts or repeat(1), strict=False)
                if within is not None:
                    pairs = ((n, count) for n, count in pairs if base + n in within)
                for n, count in pairs:
                    scores[base + n] = weight * count / (count + least + slope * lengths[n])
            if scores:
                found.append(scores)
        return _sum(found)

    def _phrase(self, node: Phrase, within: Set[int] | None) -> dict[int, float]:
        """Return the records in which the tokens stand side by side."""
        tokens = sorted(set(node.tokens))
        holders: Counter[str] = Counter()
        found: list[tuple[int, int, int]] = []
        for base, segment in self._placed():
            postings = {
                block.tokens[place]: block.postings(place)
                for block, place in segment.inverted.field("words").find(tokens)
            }
            for token, (records, _, _) in postings.items():
                holders[token] += len(records) - len(segment.deleted.intersection(records))
            if len(postings) == len(tokens):
                common = set[int].intersection(*(set(p.records) for p in postings.values()))
                common -= segment.deleted
                if within is not None:
                    common = {number for number in common if base + number in within}
                places = {token: _places(each, common) for token, each in postings.items()}
                for number in common:
                    starts = set(places[node.tokens[0]][number])
                    for offset, token in enumerate(node.tokens):
                        starts.intersection_update(p - offset for p in places[token][number])
                    if starts:
                        found.append((base + number, len(starts), segment.lengths[number]))
        weight = sum(self._idf(holders[token]) for token in node.tokens)
        weight *= node.boost * (_K1 + 1)
        least, slope = self._norm
        return {
            number: weight * count / (count + least + slope * length)
            for number, count, length in found
        }

    def _idf(self, holders: int) -> float:
        return math.log(1 + (self._count - holders + 0.5) / (holders + 0.5))

    @cached_property
    def _norm(self) -> tuple[float, float]:
        """What is added to the count of a token: some, and some for each token of the record."""
        total = sum(
            sum(segment.lengths) - sum(map(segment.lengths.__getitem__, segment.deleted))
            for segment in self._segments
        )
        return _K1 * (1 - _B), _K1 * _B * self._count / (total or 1)


def _sum(parts: list[dict[int, float]]) -> dict[int, float]:
    """Return the records that are in any of the parts, which it may change, and their sums."""
    if not parts:
        return {}
    total = parts[0]
    for part in parts[1:]:
        for number, score in part.items():
            total[number] = total.get(number, 0.0) + score
    return total


def _live(segment: OpenSegment, postings: Postings) -> tuple[Sequence[int], Sequence[int] | None]:
    """Return the records in postings that are there still, and their counts."""
    records, counts, _ = postings
    if not segment.deleted.isdisjoint(records):
        live = [record not in segment.deleted for record in records]
        records = list(compress(records, live))
        counts = None if counts is None else list(compress(counts, live))
    return records, counts


def _places(postings: Postings, wanted: Set[int]) -> dict[int, Sequence[int]]:
    """Return where a token stands in each of the records that are wanted."""
    records, counts, positions = postings
    assert positions is not None
    ends = accumulate(counts or repeat(1, len(records)))
    return {
        record: positions[end - count : end]
        for record, count, end in zip(records, counts or repeat(1), ends, strict=False)
        if record in wanted
    }
