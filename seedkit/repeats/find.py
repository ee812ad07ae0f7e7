"""All repeats of a corpus from its seeds' fingerprints: groups of whole seeds, and passages.

Indices stand for seeds, in the order of their paths. A seed that is a copy takes no further part:
what is true of the first copy is true of it.

Pairs to groups: star clusters round a representative, and no chains.

Every member of a group is a partner of its representative: a ~ b and b ~ c do not put a and c
together unless one of the three is alike with both others and represents them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from seedkit.repeats.arrays import Bounds, Flags, Hashes, Numbers, running
from seedkit.repeats.fingerprints import Fingerprints
from seedkit.repeats.parameters import Parameters
from seedkit.repeats.passages import LEAST_LIMIT, passages, repeating
from seedkit.repeats.set_similarity import likeness
from seedkit.repeats.similar import Pairs, candidate_limit, similar_pairs

Scores = NDArray[np.float64]


class Groups(NamedTuple):
    """Stars, by their least number: representative `representatives[i]` (int64) with the members
    from `bounds[i]` to `bounds[i + 1]` of `members` (int64, ascending, without it). `pairs` says
    for each member which of the given pairs it and its representative are, `similarities` (0 to
    1) how alike they are, and `least[i]` is the least in group i."""

    representatives: Numbers
    members: Numbers
    bounds: Numbers
    pairs: Numbers
    similarities: Scores
    least: Scores


class _Graph(NamedTuple):
    """The partners of node n: from `bounds[n]` to `bounds[n + 1]` of `partners`, ascending."""

    partners: Numbers
    pairs: Numbers
    bounds: Numbers


def star_clusters(a: Numbers, b: Numbers, similarities: Scores, sizes: Numbers) -> Groups:
    """Group the pairs (a[i], b[i]); `sizes` are the sizes of all sets.

    Representatives are chosen in turn: most partners, then larger, then smaller number; each takes
    its partners that have no group yet. A set whose partners all went to other groups then forms
    one with a partner, chosen the same way by how many such sets it serves: only that partner is
    in two groups, and nothing that has a partner is left out.
    """
    nodes, ends = np.unique(np.concatenate((a, b)), return_inverse=True)
    graph = _graph(ends[: len(a)], ends[len(a) :], len(nodes))
    size = sizes[nodes]
    taken = np.zeros(len(nodes), np.bool_)
    found: list[tuple[int, Numbers]] = []
    alone: list[int] = []
    for node in _by_rank(np.diff(graph.bounds), size).tolist():
        if not taken[node]:
            slots = _free(graph, node, taken)
            taken[node] = True
            taken[graph.partners[slots]] = True
            if len(slots):
                found.append((node, slots))
            else:
                alone.append(node)
    found += _serving(graph, np.array(alone, np.int64), size)
    return _groups(graph, nodes, found, similarities)


def connected(count: int, a: Numbers, b: Numbers) -> Numbers:
    """Return for each of `count` nodes the least number of those that hang together with it by the
    edges (a[i], b[i]), and -1 for a node that no edge leads to."""
    label = np.arange(count)
    while True:
        one, other = label[a], label[b]
        if (one == other).all():
            break
        np.minimum.at(label, np.maximum(one, other), np.minimum(one, other))
        while (label != (further := label[label])).any():
            label = further
    apart = np.ones(count, np.bool_)
    apart[a] = apart[b] = False
    label[apart] = -1
    return label


def _graph(a: Numbers, b: Numbers, count: int) -> _Graph:
    """Return the partners of every node."""
    source, target = np.concatenate((a, b)), np.concatenate((b, a))
    pair = np.tile(np.arange(len(a)), 2)
    order = np.lexsort((target, source))
    return _Graph(target[order], pair[order], running(np.bincount(source, minlength=count)))


def _by_rank(partners: Numbers, sizes: Numbers) -> Numbers:
    """Return the nodes: most partners, then larger, then smaller number first."""
    return np.lexsort((-sizes, -partners))


def _free(graph: _Graph, node: int, taken: NDArray[np.bool_]) -> Numbers:
    """Return where the partners of the node are listed that no group has taken."""
    start, stop = graph.bounds[node], graph.bounds[node + 1]
    slots: Numbers = start + np.flatnonzero(~taken[graph.partners[start:stop]])
    return slots


def _serving(graph: _Graph, alone: Numbers, sizes: Numbers) -> list[tuple[int, Numbers]]:
    """Return groups for nodes whose partners are all in others: each under one of its partners."""
    waiting = np.zeros(len(sizes), np.bool_)
    waiting[alone] = True
    entries = np.flatnonzero(waiting[graph.partners])
    owner = np.searchsorted(graph.bounds, entries, side="right") - 1
    serves = np.bincount(owner, minlength=len(sizes))
    found = []
    hubs = _by_rank(serves, sizes)[: np.count_nonzero(serves)]
    for node in hubs.tolist():
        slots = _free(graph, node, ~waiting)
        if len(slots):
            waiting[graph.partners[slots]] = False
            found.append((node, slots))
    return found


def _groups(
    graph: _Graph, nodes: Numbers, found: list[tuple[int, Numbers]], similarities: Scores
) -> Groups:
    """Put the clusters in the order of the least number in each."""
    if not found:
        none = np.zeros(0, np.int64)
        return Groups(none, none, running(none), none, np.zeros(0), np.zeros(0))
    found.sort(key=lambda star: (min(star[0], int(graph.partners[star[1][0]])), star[0]))
    slots = np.concatenate([star[1] for star in found])
    bounds = running(np.array([len(star[1]) for star in found]))
    pairs = graph.pairs[slots]
    return Groups(
        nodes[np.array([star[0] for star in found])],
        nodes[graph.partners[slots]],
        bounds,
        pairs,
        similarities[pairs],
        np.minimum.reduceat(similarities[pairs], bounds[:-1]),
    )


LEAST_SHARE = 1e-6  # lower thresholds mean the same: anything in common

TokensOf = Callable[[Sequence[int]], tuple[Hashes, Bounds]]


class Member(NamedTuple):
    """A seed in a group, and how alike it is to the representative.

    `similarity` is the Jaccard index of the sets of 3-grams, `containment` the share of the smaller
    set that the other one has; `larger` says that the representative's is the smaller one.
    """

    seed: int
    similarity: float
    containment: float
    larger: bool = False


class Group(NamedTuple):
    """Seeds that repeat their representative, each compared with it."""

    kind: str
    representative: int
    members: tuple[Member, ...]


class Place(NamedTuple):
    """An occurrence of a passage: seed, first token, number of tokens."""

    seed: int
    start: int
    tokens: int


class Passage(NamedTuple):
    """A run of tokens that occurs more than once; `seeds` is how many seeds have it."""

    tokens: int
    seeds: int
    places: tuple[Place, ...]


class Repeats(NamedTuple):
    """Everything that repeats.

    `clusters` (int64) has the same number for seeds that have something in common, directly or by
    way of others, and -1 for those that have nothing: what is found in one cluster does not depend
    on other seeds. That holds as long as `load` is well below 1: beyond, there is so much in common
    that representatives stand for pairs, or places of passages are left out.
    """

    groups: tuple[Group, ...]
    passages: tuple[Passage, ...]
    clusters: Numbers
    load: float


class Comparable(Protocol):
    """Fingerprints of which only some columns are at hand.

    What `take` returns of a text may lack its set of 3-grams, if that is in no pair with another of
    those taken, and marks that no other place has.
    """

    @property
    def tokens(self) -> Numbers: ...

    @property
    def digests(self) -> Hashes: ...

    def take(self, which: Numbers) -> Fingerprints: ...


def find_repeats(
    contents: Hashes,
    fingerprints: Comparable,
    tokens_of: TokensOf,
    parameters: Parameters,
    pulse: Callable[[], None] = lambda: None,
) -> Repeats:
    """Return the repeats among seeds with these content digests and fingerprints.

    `contents` has a row a seed; one of zeros is that of a seed that can't be a copy. A seed without
    tokens is compared by its content only. `tokens_of` returns the token hashes of some seeds, one
    after the other, and their bounds; it is asked for those that may share a passage. `pulse` is
    called again and again: what it raises ends the search.
    """
    copies = _grouped("duplicate-seed", contents)
    original = np.ones(len(contents), np.bool_)
    original[[member.seed for group in copies for member in group.members]] = False
    texts = _grouped("same-text", np.where(original[:, None], fingerprints.digests, 0))
    original[[member.seed for group in texts for member in group.members]] = False
    distinct = np.flatnonzero(original & (fingerprints.tokens > 0))
    own = fingerprints.take(distinct)
    pulse()
    limit = candidate_limit(len(distinct))
    pairs = similar_pairs(own.grams, *thresholds(parameters), limit=limit, pulse=pulse)
    near, contained, related = _star_clusters(distinct, own, pairs, parameters)
    pulse()
    again = repeating(own.marks)
    sharing = distinct[np.unique(np.concatenate(again))]
    pulse()
    groups = [*near, *contained]
    found, places = _passages(sharing.tolist(), tokens_of, parameters, groups, pulse)
    edges = [(distinct[a], distinct[b]) for a, b in (again, (pairs.a[related], pairs.b[related]))]
    edges += map(_edges, (copies, texts))
    load = max(pairs.candidates / pairs.limit, places / LEAST_LIMIT)
    return Repeats(
        (*copies, *texts, *near, *contained),
        found,
        connected(len(contents), *map(np.concatenate, zip(*edges, strict=True))),
        load,
    )


def _edges(groups: Sequence[Group]) -> tuple[Numbers, Numbers]:
    """Return each member of the groups, and its representative."""
    pairs = [(m.seed, group.representative) for group in groups for m in group.members]
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    return ends[:, 0], ends[:, 1]


def all_pairs(
    fingerprints: Fingerprints, parameters: Parameters
) -> list[tuple[int, int, float, float, float]]:
    """Return every pair of seeds with Jaccard ≥ `near_duplicate`, however many there are.

    Each is a, b, similarity, containment of a in b and of b in a.
    """
    near, contained = thresholds(parameters)
    pairs = similar_pairs(fingerprints.grams, near, contained, jaccard_only=True, complete=True)
    sizes = fingerprints.grams.sizes()
    a, b = sizes[pairs.a], sizes[pairs.b]
    columns = (
        pairs.a,
        pairs.b,
        pairs.shared / (a + b - pairs.shared),
        pairs.shared / a,
        pairs.shared / b,
    )
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _grouped(kind: str, keys: Hashes) -> list[Group]:
    """Groups of seeds with equal keys, the first of each its representative; zeros stay apart."""
    held = np.flatnonzero(keys.any(axis=1))
    order = held[np.lexsort(keys[held].T)]  # stable: of equal ones the first comes first
    same = (keys[order[1:]] == keys[order[:-1]]).all(axis=1)
    edges = np.flatnonzero(np.diff(same, prepend=False, append=False))  # where runs start and end
    groups = [
        Group(kind, first, tuple(Member(seed, 1.0, 1.0) for seed in others))
        for first, *others in (
            order[start : stop + 1].tolist() for start, stop in edges.reshape(-1, 2).tolist()
        )
    ]
    return sorted(groups, key=lambda group: group.representative)


def thresholds(parameters: Parameters) -> tuple[float, float]:
    """Return the least similarity and the least containment of a pair."""
    return max(parameters.near_duplicate, LEAST_SHARE), max(parameters.contained, LEAST_SHARE)


def _star_clusters(
    distinct: Numbers, fingerprints: Fingerprints, pairs: Pairs, parameters: Parameters
) -> tuple[list[Group], list[Group], Flags]:
    """Near duplicates; and seeds contained in another that are no near duplicates of it.

    One with the same set of 3-grams as an earlier one is its near duplicate, and nothing else.
    Last comes which pairs are one or the other.
    """
    sizes = fingerprints.grams.sizes()
    long_enough = fingerprints.tokens >= parameters.passage_tokens
    a, b = sizes[pairs.a], sizes[pairs.b]
    similarity = pairs.shared / (a + b - pairs.shared)
    containment = pairs.shared / np.minimum(a, b)
    near = likeness(*thresholds(parameters), jaccard_only=True).holds(pairs.shared, a, b)
    smaller = np.where(a <= b, pairs.a, pairs.b)
    inside = ~near & long_enough[smaller]
    groups = []
    for kind, chosen in (("near-duplicate", near), ("contained-seed", inside)):
        which = np.flatnonzero(chosen)
        score = (similarity if kind == "near-duplicate" else containment)[which]
        found = star_clusters(pairs.a[which], pairs.b[which], score, sizes)
        edges = found.bounds.tolist()
        groups.append(
            [
                Group(
                    kind,
                    int(distinct[representative]),
                    tuple(
                        Member(
                            int(distinct[found.members[at]]),
                            float(similarity[which[found.pairs[at]]]),
                            float(containment[which[found.pairs[at]]]),
                            bool(sizes[found.members[at]] > sizes[representative]),
                        )
                        for at in range(edges[number], edges[number + 1])
                    ),
                )
                for number, representative in enumerate(found.representatives.tolist())
            ]
        )
    return groups[0], groups[1], near | inside


def _passages(
    seeds: Sequence[int],
    tokens_of: TokensOf,
    parameters: Parameters,
    groups: Sequence[Group],
    pulse: Callable[[], None],
) -> tuple[tuple[Passage, ...], int]:
    """Passages among the seeds; of those between members of one group only what a member repeats
    of itself. And at how many places passages are in all."""
    if not seeds:
        return (), 0
    hashes, bounds = tokens_of(seeds)
    pulse()
    found = passages(hashes, bounds, parameters.passage_tokens, pulse=pulse)
    explained = _relations(groups)
    kept: list[Passage] = []
    edges = found.bounds.tolist()
    texts, starts = found.texts.tolist(), found.starts.tolist()
    for number, length in enumerate(found.lengths.tolist()):
        places = tuple(
            Place(seeds[texts[at]], starts[at], length)
            for at in range(edges[number], edges[number + 1])
        )
        having = {place.seed for place in places}
        if len(having) > 1 and _explained(having, explained):
            parts = [tuple(own) for _, own in groupby(places, lambda place: place.seed)]
            kept += [Passage(length, 1, part) for part in parts if len(part) > 1]
        elif len(places) > 1 or found.periods[number]:
            kept.append(Passage(length, len(having), places))
    return tuple(kept), int(found.counts.sum())


def _relations(groups: Sequence[Group]) -> dict[int, set[int]]:
    """For each seed the representatives of the groups it is in."""
    found: dict[int, set[int]] = {}
    for group in groups:
        for seed in (group.representative, *(member.seed for member in group.members)):
            found.setdefault(seed, set()).add(group.representative)
    return found


def _explained(seeds: set[int], relations: dict[int, set[int]]) -> bool:
    """Tell whether one group has all the seeds: that they share passages is no news."""
    common: set[int] | None = None
    for seed in seeds:
        own = relations.get(seed)
        if not own:
            return False
        common = set(own) if common is None else common & own
        if not common:
            return False
    return True
