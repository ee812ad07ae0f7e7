"""Pairs to groups: stars round a representative, and no chains.

Every member of a group is a partner of its representative: a ~ b and b ~ c do not put a and c
together unless one of the three is alike with both others and represents them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seedkit.repeats.arrays import Numbers, running

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


def stars(a: Numbers, b: Numbers, similarities: Scores, sizes: Numbers) -> Groups:
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
    """Put the stars in the order of the least number in each."""
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
