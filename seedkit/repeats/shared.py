"""Runs of tokens that texts share with other texts, of which only what is looked for is kept.

What is looked for are the n-grams of the texts of interest, as hashes of 64 bits; the others are
read once, batch by batch, and a place is kept for each n-gram that they have. So memory depends on
the texts of interest alone, however many the others are.

Texts are given in groups, as the texts of a record are one. A group with the same tokens as another
is shared whole, however short it is; runs lie within one text.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from seedkit.repeats.arrays import Bounds, Hashes, Numbers, running
from seedkit.repeats.fold import Tokens, tokenize
from seedkit.repeats.grams import gram_hashes, whole

_NOWHERE = -1
_OFFSET = 32  # bits of a place that are a code point; those above are the number of a text


class Groups(NamedTuple):
    """Some texts, and how many of them are of each group, in order."""

    texts: Sequence[str]
    sizes: Sequence[int]


class Run(NamedTuple):
    """Tokens in a row that are shared, or all of a group if it is `whole`.

    `group` and `text` are counted among those given, `start` and `end` are code points in the text;
    a whole group begins with its first text. `elsewhere` is the number of the other text, and the
    code point in it, where the first of the tokens occur first.
    """

    group: int
    text: int
    start: int
    end: int
    tokens: int
    elsewhere: tuple[int, int]
    whole: bool


class _Batch:
    """The tokens of groups of texts, their n-grams (hashes, uint64, and first tokens, int64), and a
    digest of each group (uint64)."""

    def __init__(self, groups: Groups, n: int) -> None:
        self.firsts: Bounds = running(np.array(groups.sizes, np.int64))
        self.tokens: Tokens = tokenize(groups.texts, characters=True)
        values = gram_hashes(self.tokens.hashes, n)
        self.starts: Numbers = np.flatnonzero(whole(self.tokens.bounds, n, len(values)))
        self.grams: Hashes = values[self.starts]
        self.edges: Bounds = self.tokens.bounds[self.firsts]
        self.digests: Hashes = _digests(self.tokens.hashes, self.edges)

    def texts_of(self, tokens: Numbers) -> Numbers:
        """Return which text each token is of."""
        return np.searchsorted(self.tokens.bounds, tokens, "right") - 1


def _digests(hashes: Hashes, edges: Bounds) -> Hashes:
    """Return a digest of the tokens of each group; one without tokens is like no other."""
    digests = [
        blake2b(hashes[a:b].tobytes() or os.urandom(8), digest_size=8).digest()
        for a, b in pairwise(edges.tolist())
    ]
    return np.frombuffer(b"".join(digests), np.uint64)


class _Sightings:
    """Where values that are looked for (uint64) occur first; places are int64."""

    def __init__(self, wanted: Sequence[Hashes]) -> None:
        self._wanted = np.unique(np.concatenate([np.zeros(1, np.uint64), *wanted]))
        self._places = np.full(len(self._wanted), _NOWHERE, np.int64)

    def see(self, values: Hashes, places: Numbers) -> None:
        """Keep the places of those values that are looked for and have none yet."""
        at = self._at(values)
        met = np.flatnonzero((self._wanted[at] == values) & (self._places[at] == _NOWHERE))
        self._places[at[met[::-1]]] = places[met[::-1]]  # of several the first is written last

    def places(self, values: Hashes) -> Numbers:
        """Return the place of each value, `_NOWHERE` for one that was not seen."""
        at = self._at(values)
        return np.where(self._wanted[at] == values, self._places[at], _NOWHERE)

    def _at(self, values: Hashes) -> Numbers:
        return np.minimum(np.searchsorted(self._wanted, values), len(self._wanted) - 1)


class SharedRuns:
    """Finds runs of at least n tokens: `want` all texts of interest, `see` all others, `find`."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._wanted: tuple[list[Hashes], list[Hashes]] = [], []
        self._grams, self._digests = _Sightings([]), _Sightings([])
        self._seen = 0  # texts
        self.tokens = 0  # of the texts in which runs were found

    def want(self, groups: Groups) -> None:
        """Look for what is in these texts."""
        batch = _Batch(groups, self._n)
        self._wanted[0].append(np.unique(batch.grams))
        self._wanted[1].append(batch.digests)

    def see(self, groups: Groups) -> None:
        """Keep where in these texts, which get the next numbers, is what is looked for."""
        if self._wanted[0]:
            self._grams, self._digests = map(_Sightings, self._wanted)
            self._wanted = [], []
        batch = _Batch(groups, self._n)
        texts = batch.texts_of(batch.starts) + self._seen
        places = (texts << _OFFSET) + batch.tokens.starts[batch.starts]
        self._grams.see(batch.grams, places)
        self._digests.see(batch.digests, (batch.firsts[:-1] + self._seen) << _OFFSET)
        self._seen += len(groups.texts)

    @property
    def seen(self) -> int:
        """How many texts were seen."""
        return self._seen

    def find(self, groups: Groups, before: int | None = None) -> list[Run]:
        """Return the runs of these texts, in order; with `before`, those only that are in texts
        with a smaller number, of all that were seen."""
        limit = (self._seen if before is None else before) << _OFFSET
        batch = _Batch(groups, self._n)
        self.tokens += len(batch.tokens.hashes)
        same = _below(self._digests.places(batch.digests), limit).tolist()
        runs = [run for run in self._runs(batch, limit) if same[run.group] == _NOWHERE]
        for group, place in enumerate(same):
            if place != _NOWHERE:
                count = int(batch.edges[group + 1] - batch.edges[group])
                first = int(batch.firsts[group])
                runs.append(Run(group, first, 0, 0, count, _split(place), whole=True))
        return sorted(runs)

    def _runs(self, batch: _Batch, limit: int) -> Iterator[Run]:
        places = _below(self._grams.places(batch.grams), limit)
        seen = np.flatnonzero(places != _NOWHERE)
        if not len(seen):
            return
        starts = batch.starts[seen]
        texts = batch.texts_of(starts)
        fresh = np.ones(len(starts), np.bool_)  # what neither overlaps nor touches the one before
        fresh[1:] = (np.diff(starts) > self._n) | (texts[1:] != texts[:-1])
        first = np.flatnonzero(fresh)
        last = np.append(first[1:], len(starts)) - 1
        begin, end = starts[first], starts[last] + self._n
        columns = (
            np.searchsorted(batch.firsts, texts[first], "right") - 1,
            texts[first],
            batch.tokens.starts[begin],
            batch.tokens.ends[end - 1],
            end - begin,
        )
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for (group, text, *edges, count), place in zip(
            rows, places[seen[first]].tolist(), strict=True
        ):
            yield Run(group, text, edges[0], edges[1], count, _split(place), whole=False)


def _below(places: Numbers, limit: int) -> Numbers:
    return np.where(places < limit, places, _NOWHERE)


def _split(place: int) -> tuple[int, int]:
    return place >> _OFFSET, place & ((1 << _OFFSET) - 1)
