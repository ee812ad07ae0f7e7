"""Stars round representatives: honest, complete, and always the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.repeats.find import Groups, connected, star_clusters

graphs = st.sets(st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda p: p[0] < p[1]))


def grouped(
    pairs: list[tuple[int, int]],
    sizes: list[int] | None = None,
    similarities: list[float] | None = None,
) -> Groups:
    """Group pairs given as tuples."""
    a, b = (
        (np.array(column, np.int64) for column in zip(*pairs, strict=True))
        if pairs
        else (np.zeros((2, 0), np.int64))
    )
    scores = np.linspace(0.8, 1, len(pairs)) if similarities is None else np.array(similarities)
    return star_clusters(a, b, scores, np.array(sizes or [1] * 20, np.int64))


def listed(groups: Groups) -> list[tuple[int, list[int]]]:
    """Return each representative with its members."""
    return [
        (rep, groups.members[start:stop].tolist())
        for rep, start, stop in zip(
            groups.representatives.tolist(), groups.bounds[:-1], groups.bounds[1:], strict=True
        )
    ]


@given(graphs, st.lists(st.integers(1, 3), min_size=13, max_size=13))
def test_groups_are_honest_and_leave_nothing_out(
    graph: set[tuple[int, int]], sizes: list[int]
) -> None:
    pairs = sorted(graph)
    groups = grouped(pairs, sizes)
    seen: list[int] = []
    for number, (rep, members) in enumerate(listed(groups)):
        assert members and members == sorted(set(members)) and rep not in members
        own = slice(groups.bounds[number], groups.bounds[number + 1])
        for member, pair, score in zip(
            members, groups.pairs[own], groups.similarities[own], strict=True
        ):
            assert {*pairs[pair]} == {rep, member}
            assert score == np.linspace(0.8, 1, len(pairs))[pair]
        assert groups.least[number] == groups.similarities[own].min()
        seen += [rep, *members]
    assert set(seen) == {node for pair in pairs for node in pair}
    least = [min(rep, *members) for rep, members in listed(groups)]
    assert least == sorted(least)
    # Only a representative of sets that would be left out is in a second group.
    representatives = groups.representatives.tolist()
    for node in set(seen):
        assert seen.count(node) <= 2
        if seen.count(node) == 2:
            assert node in representatives


@given(graphs, st.lists(st.integers(1, 3), min_size=13, max_size=13), st.randoms())
def test_order_of_the_pairs_does_not_matter(
    graph: set[tuple[int, int]], sizes: list[int], random: object
) -> None:
    pairs = sorted(graph)
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert listed(grouped(pairs, sizes)) == listed(grouped(shuffled, sizes))


def test_most_partners_then_larger_then_smaller_number() -> None:
    assert listed(grouped([(0, 1), (0, 2), (1, 2), (2, 3)])) == [(2, [0, 1, 3])]
    assert listed(grouped([(0, 1)], [1, 2])) == [(1, [0])]
    assert listed(grouped([(0, 1)], [2, 2])) == [(0, [1])]


def test_a_chain_is_no_group() -> None:
    assert listed(grouped([(0, 1), (1, 2), (2, 3), (3, 4)])) == [(1, [0, 2]), (3, [4])]
    assert grouped([(0, 1), (1, 2)], None, [0.9, 0.85]).least.tolist() == [0.85]


def test_a_set_whose_partners_are_taken_joins_one_of_them() -> None:
    # 1 takes 0 and 2; 4 takes 3, 5 and 6; 7 and 8 are partners of 2 only, which has no star yet.
    pairs = [(0, 1), (1, 2), (1, 9), (1, 10), (2, 7), (2, 8)]
    assert listed(grouped(pairs)) == [(1, [0, 2, 9, 10]), (2, [7, 8])]


def test_no_pairs() -> None:
    groups = grouped([])
    assert listed(groups) == [] and groups.bounds.tolist() == [0]


edge_lists = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=14)


@given(edge_lists)
def test_what_hangs_together(edges: list[tuple[int, int]]) -> None:
    together = {node: {node} for pair in edges for node in pair}
    for a, b in edges:
        union = together[a] | together[b]
        for node in union:
            together[node] = union
    found = connected(12, *np.array(edges, np.int64).reshape(-1, 2).T)
    assert found.tolist() == [min(together[n]) if n in together else -1 for n in range(12)]


@pytest.mark.parametrize("order", ["up", "down", "mixed"])
def test_a_long_chain_hangs_together(order: str) -> None:
    nodes = np.arange(10_000)
    if order == "mixed":
        np.random.default_rng(1).shuffle(nodes)
    chain = nodes[::-1] if order == "down" else nodes
    assert not connected(len(chain), chain[1:], chain[:-1]).any()
