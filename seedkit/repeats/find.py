"""All repeats of a corpus from its seeds' fingerprints: groups of whole seeds, and passages.

Indices stand for seeds, in the order of their paths. A seed that is a copy takes no further part:
what is true of the first copy is true of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from seedkit.parameters import Parameters
from seedkit.repeats.fold import Bounds, Hashes
from seedkit.repeats.groups import stars
from seedkit.repeats.overlap import likeness
from seedkit.repeats.passages import passages, repeating
from seedkit.repeats.seedprint import SeedPrint, gram_sets_of, marks_of
from seedkit.repeats.similar import Pairs, similar_pairs

LEAST_SHARE = 1e-6  # lower thresholds mean the same: anything in common

TokensOf = Callable[[Sequence[int]], tuple[Hashes, Bounds]]


class Member(NamedTuple):
    """A seed in a group, and how alike it is to the representative.

    `similarity` is the Jaccard index of the sets of 3-grams, `containment` the share of the smaller
    seed's 3-grams that the larger has; `larger` says that this is the larger one.
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
    """Everything that repeats, and the seeds that have any part in it or might come to."""

    groups: tuple[Group, ...]
    passages: tuple[Passage, ...]
    involved: frozenset[int]


def find_repeats(
    digests: Sequence[bytes],
    prints: Sequence[SeedPrint],
    tokens_of: TokensOf,
    parameters: Parameters,
) -> Repeats:
    """Return the repeats among seeds with these content digests and fingerprints.

    An empty digest is that of a seed that can't be a copy; one without tokens is compared by its
    digest only. `tokens_of` returns the token hashes of some seeds, one after the other, and their
    bounds; it is asked for those that may share a passage.
    """
    copies = _grouped("duplicate-seed", digests)
    second = {member.seed for group in copies for member in group.members}
    texts = _grouped("same-text", [b"" if i in second else p.digest for i, p in enumerate(prints)])
    second |= {member.seed for group in texts for member in group.members}
    distinct = [i for i, p in enumerate(prints) if p.tokens and i not in second]
    pairs = _similar([prints[i] for i in distinct], parameters)
    alike, within = _stars(distinct, [prints[i] for i in distinct], pairs, parameters)
    marks = marks_of([prints[i] for i in distinct])
    sharing = np.flatnonzero(repeating(marks)).tolist()
    seeds = [distinct[i] for i in sharing]
    found = _passages(seeds, tokens_of, parameters, [*alike, *within]) if seeds else ()
    groups = (*copies, *texts, *alike, *within)
    involved = {m.seed for g in groups for m in g.members} | {g.representative for g in groups}
    return Repeats(groups, found, frozenset(involved | set(seeds)))


def all_pairs(
    prints: Sequence[SeedPrint], parameters: Parameters
) -> list[tuple[int, int, float, float, float]]:
    """Return every pair of seeds with Jaccard ≥ `near_duplicate`, however many there are.

    Each is a, b, similarity, containment of a in b and of b in a.
    """
    sets = gram_sets_of(prints)
    near, contained = thresholds(parameters)
    pairs = similar_pairs(sets, near, contained, jaccard_only=True, complete=True)
    sizes = sets.sizes()
    a, b = sizes[pairs.a], sizes[pairs.b]
    columns = (
        pairs.a,
        pairs.b,
        pairs.shared / (a + b - pairs.shared),
        pairs.shared / a,
        pairs.shared / b,
    )
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _grouped(kind: str, keys: Sequence[bytes]) -> list[Group]:
    """Groups of seeds with equal keys, the first of each its representative; empty ones apart."""
    found: dict[bytes, list[int]] = {}
    for index, key in enumerate(keys):
        if key:
            found.setdefault(key, []).append(index)
    return [
        Group(kind, seeds[0], tuple(Member(seed, 1.0, 1.0) for seed in seeds[1:]))
        for seeds in found.values()
        if len(seeds) > 1
    ]


def thresholds(parameters: Parameters) -> tuple[float, float]:
    """Return the least similarity and the least containment of a pair."""
    return max(parameters.near_duplicate, LEAST_SHARE), max(parameters.contained, LEAST_SHARE)


def _similar(prints: Sequence[SeedPrint], parameters: Parameters) -> Pairs:
    return similar_pairs(gram_sets_of(prints), *thresholds(parameters))


def _stars(
    distinct: Sequence[int],
    prints: Sequence[SeedPrint],
    pairs: Pairs,
    parameters: Parameters,
) -> tuple[list[Group], list[Group]]:
    """Near duplicates; and seeds contained in another that are no near duplicates of it.

    One with the same set of 3-grams as an earlier one is its near duplicate, and nothing else.
    """
    sizes = np.array([len(p.grams) // 8 for p in prints], np.int64)
    long_enough = np.array([p.tokens >= parameters.passage_tokens for p in prints], np.bool_)
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
        found = stars(pairs.a[which], pairs.b[which], score, sizes)
        edges = found.bounds.tolist()
        groups.append(
            [
                Group(
                    kind,
                    distinct[representative],
                    tuple(
                        Member(
                            distinct[int(found.members[at])],
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
    return groups[0], groups[1]


def _passages(
    seeds: Sequence[int], tokens_of: TokensOf, parameters: Parameters, groups: Sequence[Group]
) -> tuple[Passage, ...]:
    """Passages among the seeds; of those between members of one group only what a member repeats
    of itself."""
    hashes, bounds = tokens_of(seeds)
    found = passages(hashes, bounds, parameters.passage_tokens)
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
    return tuple(kept)


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
