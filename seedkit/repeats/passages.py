"""Token runs that occur again, in another text or in the same one: all, maximal, with every place.

An interval of a text is *repeated* if its tokens also occur at another start, in any text; the two
may overlap. Of the repeated intervals of at least t tokens those count that lie in no larger
repeated interval of their text. A *passage* is the token string of such an interval, with all its
occurrences, also those that lie in larger repeated intervals (Gusfield's near-supermaximal
repeats, Algorithms on Strings, 1997, section 7.12). Within one text, occurrences are taken from
left to right and do not overlap: one word a million times is one passage with one place, and
`periods` says that it repeats itself there.

How: every repeated run of t tokens is found by hash; what they cover, most often a small part of
the texts, is cut out as segments; equal segments are taken together; the suffix array of the
rest gives for each token the longest repeat that starts there.

Where passages occur: from suffixes of distinct segments to texts and token numbers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from seedkit.repeats.arrays import Bounds, Flags, Hashes, Numbers, crowded, mix, ranges, running
from seedkit.repeats.grams import Sets, gram_hashes, whole
from seedkit.repeats.set_similarity import firsts
from seedkit.repeats.suffixes import Suffixes, common, sort_suffixes


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


LEAST_LIMIT = 1 << 22  # occurrences listed, at least
_LIMIT_EACH = 16  # and at least so many for each token
_MARK = np.uint64(0xD6E8FEB86659FD93)


def window(t: int) -> tuple[int, int]:
    """Return the k and w with which `winnow` finds every repeated run of t tokens (t ≥ 2)."""
    if t < 2:
        raise ValueError(f"a passage has at least 2 tokens, not {t}")
    return t // 2, t - t // 2 + 1


def repeating(marks: Sets) -> tuple[Numbers, Numbers]:
    """Return the texts that may hold a run that occurs again: those that keep a fingerprint which
    is kept at two places.

    With each (they are not sorted, and may be named more than once) comes one that has the same
    fingerprint, so that all that have it hang together.
    """
    hits = np.flatnonzero(crowded(mix(marks.values)))  # winnowing has kept low ones
    values = marks.values[hits]
    order = np.argsort(values, kind="stable")
    values, text = values[order], _text_of(marks, hits)[order]
    same = np.flatnonzero(values[1:] == values[:-1])
    return text[same], text[same + 1]


def sharing(query: Hashes, marks: Sets) -> Flags:
    """Tell which texts have one of the fingerprints: those that may share a run."""
    found = np.zeros(len(marks.bounds) - 1, np.bool_)
    found[_text_of(marks, _among(marks.values, np.unique(query)))] = True
    return found


def _among(values: Hashes, few: Hashes) -> Numbers:
    """Return where a value is one of a few, which ascend."""
    seen = np.zeros(1 << 20, np.bool_)
    seen[few >> np.uint64(44)] = True
    hits = np.flatnonzero(seen[values >> np.uint64(44)])
    at = few.searchsorted(values[hits])
    kept: Numbers = hits[few.take(at, mode="clip") == values[hits]] if len(few) else hits
    return kept


def _text_of(marks: Sets, places: Numbers) -> Numbers:
    """Return in which text each fingerprint is."""
    return np.searchsorted(marks.bounds, places, side="right") - 1


def passages(
    hashes: Hashes,
    bounds: Bounds,
    t: int,
    *,
    limit: int | None = None,
    pulse: Callable[[], None] = lambda: None,
) -> Passages:
    """Return the passages of at least t tokens (t ≥ 2) of some texts, as `tokenize` gives them.

    At most about `limit` occurrences are listed (16 a token, and 2**22, if not said); what counts
    is then still right, but of the most frequent passages some places are left out. `pulse` is
    called again and again: what it raises ends the search.
    """
    window(t)
    segments = _segments(hashes, bounds, t)
    if segments is None:
        return none()
    distinct = np.flatnonzero(segments.first == np.arange(len(segments.first)))
    sizes = (segments.stops - segments.starts)[distinct]
    sequence = _sequence(hashes, segments.starts[distinct], segments.stops[distinct])
    suffixes = sort_suffixes(sequence, pulse)
    edges = running(sizes + 1)  # each segment is followed by an element of its own
    copies = np.bincount(segments.first, minlength=len(segments.first))[distinct]
    longest = _longest(suffixes, edges, copies, t)
    pulse()
    starts = _maximal(longest, t)
    low, high = _occurring(suffixes, starts, longest[starts])
    _, chosen = np.unique(low << 32 | longest[starts], return_index=True)
    found = Found(low[chosen], high[chosen], longest[starts[chosen]])
    if limit is None:
        limit = max(LEAST_LIMIT, _LIMIT_EACH * len(hashes))
    return place_passages(found, suffixes.order, edges, segments, bounds, limit)


def _again(values: Hashes, inside: Flags) -> Numbers:
    """Return where values are that occur more than once inside.

    Values are cut to the bits that their place leaves free in 64, so that one sort of integers
    finds them: one in millions may be reported for nothing.
    """
    bits = np.uint64(len(values).bit_length())
    places = np.flatnonzero(crowded(values) & inside)
    keys = values[places] >> bits << bits | places.astype(np.uint64)
    keys.sort()
    twins = np.zeros(len(keys) + 1, np.bool_)
    twins[1:-1] = (keys[1:] ^ keys[:-1]) >> bits == 0
    keys &= (np.uint64(1) << bits) - np.uint64(1)
    again = np.zeros(len(values), np.bool_)
    again[keys[twins[1:] | twins[:-1]]] = True
    return np.flatnonzero(again)


def _segments(hashes: Hashes, bounds: Bounds, t: int) -> Segments | None:
    """Cut out what repeated runs of t tokens cover, a segment for each stretch of starts.

    A longer repeated interval starts a repeated run at each of its tokens but the last t - 1, so
    it lies in one segment.
    """
    grams = gram_hashes(hashes, t)
    hits = _again(grams, whole(bounds, t, len(grams)))
    if not len(hits):
        return None
    turn = np.flatnonzero(np.diff(hits) > 1)
    starts = hits[np.append(0, turn + 1)]
    stops = hits[np.append(turn, len(hits) - 1)] + t
    edges = running(stops - starts)
    # Equal segments are equal sets of (token, place): mark each token with its place.
    index = ranges(starts, stops)
    place = (index - np.repeat(starts, stops - starts)).astype(np.uint64)
    return Segments(starts, stops, firsts(Sets(hashes[index] + place * _MARK, edges)))


def _sequence(hashes: Hashes, starts: Numbers, stops: Numbers) -> Numbers:
    """Return the tokens of the segments as small integers, each segment ended by one of its own."""
    _, tokens = np.unique(hashes[ranges(starts, stops)], return_inverse=True)
    kinds = int(tokens.max()) + 1
    ends = np.cumsum(stops - starts)
    return np.insert(tokens.astype(np.int64), ends, kinds + np.arange(len(ends)))


def _longest(suffixes: Suffixes, edges: Bounds, copies: Numbers, t: int) -> Numbers:
    """Return how long the longest repeat is that starts at each element, if it is t or more."""
    order = suffixes.order
    group = suffixes.ranks[bisect_right(suffixes.lengths[:-1], t) - 1][order]
    near = np.flatnonzero(group[1:] == group[:-1])  # the others have less than t in common
    before, after = order[near], order[near + 1]
    adjacent = common(suffixes, before, after)
    longest = np.zeros(len(order), np.int64)
    longest[after] = adjacent
    longest[before] = np.maximum(longest[before], adjacent)
    # A segment with a copy elsewhere is repeated whole.
    rest = np.repeat(edges[1:] - 1, np.diff(edges)) - np.arange(len(order))
    return np.where(np.repeat(copies > 1, np.diff(edges)), rest, longest)


def _maximal(longest: Numbers, t: int) -> Numbers:
    """Return where the repeated intervals start that lie in no larger one.

    The end of the longest repeat at a token is never before that at the token before it; it is
    maximal if it is behind it. (What ends a segment repeats nothing: its end is before all.)
    """
    ends = np.arange(len(longest)) + longest
    fresh = np.ones(len(longest), np.bool_)
    fresh[1:] = ends[1:] > ends[:-1]
    return np.flatnonzero(fresh & (longest >= t))


def _occurring(suffixes: Suffixes, starts: Numbers, lengths: Numbers) -> tuple[Numbers, Numbers]:
    """Return the ranks, from low up to high, of the suffixes that begin as those at `starts` do."""
    rank = np.empty(len(suffixes.order), np.int64)
    rank[suffixes.order] = np.arange(len(rank))
    own = rank[starts]
    below = _reach(suffixes, own, lengths, own, -1)
    above = _reach(suffixes, own, lengths, len(rank) - 1 - own, 1)
    return own - below, own + above + 1


def _reach(suffixes: Suffixes, own: Numbers, lengths: Numbers, most: Numbers, step: int) -> Numbers:
    """Return how many of the `most` suffixes on one side begin alike: gallop, then halve."""
    yes, no = np.zeros(len(own), np.int64), most + 1  # alike so far, and not alike from
    probe = np.minimum(1, most)
    left = np.flatnonzero(no - yes > 1)
    while len(left):
        at = probe[left]
        starts, others = suffixes.order[own[left]], suffixes.order[own[left] + step * at]
        alike = common(suffixes, starts, others) >= lengths[left]
        yes[left] = np.where(alike, at, yes[left])
        no[left] = np.where(alike, no[left], at)
        probe[left] = np.minimum(2 * at, (yes[left] + no[left]) // 2)
        left = left[no[left] - yes[left] > 1]
    return yes
