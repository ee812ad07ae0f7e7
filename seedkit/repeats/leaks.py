"""Which items of one split repeat items of an earlier one: a test record that is in training data.

An item is a record or a seed, given as a group of texts. Runs never cross from one text into the
next. Splits are numbered in order; an item leaks what it shares with one of a split before its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

from seedkit.repeats.arrays import Bounds, Numbers, running
from seedkit.repeats.fingerprints import joined_sets
from seedkit.repeats.fold import tokenize
from seedkit.repeats.grams import Sets, gram_sets
from seedkit.repeats.set_similarity import likeness
from seedkit.repeats.shared import Groups, Run, SharedRuns
from seedkit.repeats.similar import firsts_of_sides, pairs_across

_GRAM = 3  # tokens


class LeakLimits(NamedTuple):
    """How alike two items must be; `characters` says what 3-grams are of in scripts without spaces.

    `tokens` are the fewest of a run. The smaller of two items of which one is contained in the
    other has at least as many 3-grams as so many different tokens have.
    """

    near: float
    contained: float
    tokens: int
    characters: bool


class SharedText(NamedTuple):
    """Tokens in a row, and where they are: from `start` to `end` in a text of the item, and from
    `other_start` on in a text of the other one; texts are numbered within their items."""

    tokens: int
    text: int
    start: int
    end: int
    other_text: int
    other_start: int


class Leak(NamedTuple):
    """An item that repeats another one, of an earlier split; both by number.

    `kind` is `same-text`, `near-duplicate`, `contained` or `shared-run`, which has its `run`.
    `share` is how much of the smaller one is in the other, or the similarity of near duplicates;
    `larger` says that the other one is the smaller.
    """

    item: int
    other: int
    kind: str
    share: float = 1.0
    larger: bool = False
    run: SharedText | None = None


class LeakFinder:
    """Finds leaks: `want` all items but those of the first split, then `add` all, split by split;
    `leaks` are what is found. Each item has one at most, of the first kind that holds for it."""

    def __init__(self, like: LeakLimits) -> None:
        self._like = like
        self._shared = SharedRuns(like.tokens)
        self._sides: list[int] = []  # the split of each batch
        self._sizes: list[Numbers] = []  # of each item, how many texts it has
        self._grams: list[Sets] = []
        self._found: list[tuple[int, Run]] = []  # with the first item of its batch
        self._items = 0
        self._begun = (-1, 0)  # the split that is added, and how many texts are before it

    def want(self, groups: Groups) -> None:
        """Look for what is in these items, which are added later."""
        self._shared.want(groups)

    def add(self, split: int, groups: Groups) -> None:
        """Take the next items; splits come in order."""
        if split != self._begun[0]:
            self._begun = split, self._shared.seen
        if split:
            self._found += [(self._items, run) for run in self._shared.find(groups, self._begun[1])]
        self._shared.see(groups)
        self._sides.append(split)
        self._sizes.append(np.array(groups.sizes, np.int64))
        self._grams.append(_grams(groups, characters=self._like.characters))
        self._items += len(groups.sizes)

    def leaks(self) -> list[Leak]:
        """Return the leaks, by the number of the item."""
        if not self._items:
            return []
        bounds = running(np.concatenate(self._sizes))
        found: dict[int, Leak] = {}
        for leak in (*self._of_runs(bounds), *self._alike()):  # later ones count for more
            known = found.get(leak.item)
            if known is None or known.kind != "same-text":
                found[leak.item] = leak
        return [found[item] for item in sorted(found)]

    def _of_runs(self, bounds: Bounds) -> Iterator[Leak]:
        """Return items with the same text, and of others the longest run, of several the first."""
        for item, runs in groupby(self._found, lambda each: each[0] + each[1].group):
            base, run = max(runs, key=lambda each: each[1].tokens)
            text, start = run.elsewhere
            other = int(np.searchsorted(bounds, text, "right")) - 1
            if run.whole:
                yield Leak(item, other, "same-text")
                continue
            own = int(bounds[base]) + run.text - int(bounds[item])
            place = SharedText(
                run.tokens, own, run.start, run.end, text - int(bounds[other]), start
            )
            yield Leak(item, other, "shared-run", run=place)

    def _alike(self) -> Iterator[Leak]:
        """Return of each item the near duplicate that is most like it, or else what contains most
        of it, or is contained most; of several the first."""
        like = self._like
        sets = joined_sets(self._grams)
        sides = np.repeat(self._sides, [len(sizes) for sizes in self._sizes])
        pairs = pairs_across(sets, sides, like.near, like.contained)
        later = sides[pairs.a] > sides[pairs.b]
        item, other = np.where(later, (pairs.a, pairs.b), (pairs.b, pairs.a))
        sizes = sets.sizes()
        own, others = sizes[item], sizes[other]
        least = np.minimum(own, others)
        near = likeness(like.near, like.contained, jaccard_only=True).holds(
            pairs.shared, own, others
        )
        share = pairs.shared / np.where(near, own + others - pairs.shared, least)
        kept = near | (least > like.tokens - _GRAM)
        order = np.lexsort((other, -share, ~near, item))
        order = order[kept[order]]
        best = order[np.unique(item[order], return_index=True)[1]]
        which = np.full(len(sides), -1)
        which[item[best]] = best
        which = which[firsts_of_sides(sets, sides)]
        for number in np.flatnonzero(which >= 0).tolist():
            pair = which[number]
            kind = "near-duplicate" if near[pair] else "contained"
            larger = bool(own[pair] > others[pair])
            yield Leak(number, int(other[pair]), kind, float(share[pair]), larger)


def _grams(groups: Groups, *, characters: bool) -> Sets:
    """Return the 3-grams of each group, its texts one after the other."""
    edges = running(np.array(groups.sizes, np.int64)).tolist()
    texts = ["\n".join(groups.texts[first:last]) for first, last in pairwise(edges)]
    tokens = tokenize(texts, characters=characters)
    return gram_sets(tokens.hashes, tokens.bounds, _GRAM)
