"""Where passages occur: from suffixes of distinct segments to texts and token numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seedkit.repeats.arrays import Bounds, Flags, Numbers, ranges, running


class Passages(NamedTuple):
    """Repeated passages, by their first place, then by length.

    Passage i has `lengths[i]` tokens and occurs at `counts[i]` starts (int64). Its places that do
    not overlap, from left to right, are those from `bounds[i]` to `bounds[i + 1]` of `texts` (the
    text's number) and `starts` (its first token there, both int64). If places overlap in a text,
    `periods[i]` (int64, else 0) is the least distance between two of them: the passage repeats
    itself after so many tokens. Where not `complete[i]`, it is so frequent that only some places
    were looked at.
    """

    lengths: Numbers
    counts: Numbers
    periods: Numbers
    complete: Flags
    bounds: Bounds
    texts: Numbers
    starts: Numbers


class Segments(NamedTuple):
    """Stretches of the tokens that hold all repeated runs, and which of them are equal.

    Segment i has the tokens from `starts[i]` to `stops[i]`; `first[i]` is the first segment equal
    to it (all int64).
    """

    starts: Numbers
    stops: Numbers
    first: Numbers


class Found(NamedTuple):
    """Passages as ranks of suffixes: passage i begins those from `low[i]` up to `high[i]`, and has
    `lengths[i]` tokens."""

    low: Numbers
    high: Numbers
    lengths: Numbers


def none() -> Passages:
    """Return no passages."""
    empty = np.zeros(0, np.int64)
    return Passages(empty, empty, empty, empty > 0, np.zeros(1, np.int64), empty, empty)


def place_passages(
    found: Found,
    order: Numbers,
    edges: Bounds,
    segments: Segments,
    bounds: Bounds,
    limit: int,
) -> Passages:
    """Return the passages with their places.

    `order` are the suffixes, by rank, of the distinct segments put one after the other, each
    followed by one more element, from `edges[i]` to `edges[i + 1]`. `bounds` are the texts'.
    """
    passage, token, counts, complete = _places(found, order, edges, segments, limit)
    keys = passage << 32 | token
    keys.sort()
    passage, token = keys >> 32, keys & 0xFFFFFFFF
    gap = np.diff(token, prepend=0)
    overlapping = (gap < found.lengths[passage]) & (np.diff(passage, prepend=-1) == 0)
    periods = np.full(len(counts), np.iinfo(np.int64).max)
    np.minimum.at(periods, passage[overlapping], gap[overlapping])
    periods[periods == np.iinfo(np.int64).max] = 0
    kept = _apart(keys, overlapping, found.lengths[passage])
    passage, token = passage[kept], token[kept]
    return _sorted(found.lengths, counts, periods, complete, passage, token, bounds)


def _places(
    found: Found, order: Numbers, edges: Bounds, segments: Segments, limit: int
) -> tuple[Numbers, Numbers, Numbers, Flags]:
    """Return passage and token number of each place that is looked at; for each passage how many
    places there are, and whether all were looked at."""
    alike = np.argsort(segments.first, kind="stable")  # equal segments next to each other
    sizes = np.bincount(segments.first, minlength=len(alike))
    groups = running(sizes[sizes > 0])
    segment = np.searchsorted(edges, order, side="right") - 1  # of each rank
    copies = running(np.diff(groups)[segment])
    counts = copies[found.high] - copies[found.low]
    most = _cap(counts, limit)
    high = np.searchsorted(copies, copies[found.low] + most)
    high = np.minimum(high, found.high)
    rank = ranges(found.low, high)
    passage = np.repeat(np.arange(len(counts)), high - found.low)
    room = most - (copies[rank] - copies[found.low][passage])
    taken = np.minimum(copies[rank + 1] - copies[rank], room)
    first = groups[segment[rank]]
    each = alike[ranges(first, first + taken)]
    offset = np.repeat(order[rank] - edges[segment[rank]], taken)
    return np.repeat(passage, taken), segments.starts[each] + offset, counts, counts <= most


def _cap(counts: Numbers, limit: int) -> int:
    """Return how many places of one passage to look at, so that in all there are about `limit`."""
    ascending = np.sort(counts)
    fewer = np.concatenate(([0], np.cumsum(ascending)[:-1]))  # the sum of what is before
    room = (limit - fewer) // np.arange(len(counts), 0, -1)
    over = np.flatnonzero(ascending > room)
    return max(int(room[over[0]]), 2) if len(over) else int(ascending[-1])


def _apart(keys: Numbers, overlapping: Flags, lengths: Numbers) -> Flags:
    """Choose places from left to right that do not overlap, by pointer doubling.

    `keys` ascend; `overlapping` says which places overlap the one before; such places are in one
    cluster with it, and the first of a cluster is always chosen.
    """
    chosen = ~overlapping
    inside = overlapping.copy()
    inside[:-1] |= overlapping[1:]
    places = np.flatnonzero(inside)
    if not len(places):
        return chosen
    own = keys[places]
    leap = np.append(np.searchsorted(own, own + lengths[places]), len(own))
    mark = np.append(chosen[places], False)
    size = int(np.count_nonzero(mark))
    while True:
        mark[leap[mark]] = True
        count = int(np.count_nonzero(mark[:-1]))
        if count == size:
            break
        size, leap = count, leap[leap]
    chosen[places] = mark[:-1]
    return chosen


def _sorted(
    lengths: Numbers,
    counts: Numbers,
    periods: Numbers,
    complete: Flags,
    passage: Numbers,
    token: Numbers,
    bounds: Bounds,
) -> Passages:
    """Put the passages in order; `passage` and `token` of places are sorted."""
    edges = running(np.bincount(passage, minlength=len(lengths)))
    order = np.lexsort((lengths, token[edges[:-1]]))
    listed = token[ranges(edges[order], edges[order + 1])]
    text = np.searchsorted(bounds, listed, side="right") - 1
    return Passages(
        lengths[order],
        counts[order],
        periods[order],
        complete[order],
        running(np.diff(edges)[order]),
        text,
        listed - bounds[text],
    )
