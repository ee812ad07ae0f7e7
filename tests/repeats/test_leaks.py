"""Leaks between splits, compared with every pair of items, one by one."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from seedkit.repeats.leaks import Leak, LeakFinder, LeakLimits
from seedkit.repeats.shared import Groups

Item = list[str]  # its texts
words = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=9).map(" ".join)
items = st.lists(st.lists(words, min_size=1, max_size=3), max_size=6)


def leaks_of(splits: list[list[Item]], like: LeakLimits) -> list[Leak]:
    """Return the leaks among items, numbered in order, each added in a batch of two."""
    finder = LeakFinder(like)
    batches = [
        (number, Groups([text for item in part for text in item], [len(item) for item in part]))
        for number, split in enumerate(splits)
        for part in (split[:2], split[2:])
    ]
    for number, batch in batches:
        if number:
            finder.want(batch)
    for number, batch in batches:
        finder.add(number, batch)
    return finder.leaks()


def grams(tokens: list[str], n: int) -> set[tuple[str, ...]]:
    """Return the runs of n tokens."""
    return {tuple(tokens[at : at + n]) for at in range(len(tokens) - n + 1)}


def words_of(item: Item) -> list[str]:
    """Return all words of an item."""
    return [word for text in item for word in text.split()]


def longest(item: Item, known: list[Item], n: int) -> int:
    """Return how many tokens the longest run has that the item's n-grams in `known` make."""
    there = {gram for other in known for text in other for gram in grams(text.split(), n)}
    best = 0
    for text in item:
        tokens = text.split()
        at = [i for i in range(len(tokens) - n + 1) if tuple(tokens[i : i + n]) in there]
        start = end = -1
        for i in at:
            if i > end:
                start = i
            end = i + n
            best = max(best, end - start)
    return best


def brute(
    splits: list[list[Item]], like: LeakLimits
) -> dict[int, tuple[str, int | None, Fraction | int]]:
    """Return by item the kind of its leak, the other item, and the share or the tokens."""
    everything = [(side, item) for side, split in enumerate(splits) for item in split]
    near_at, contained_at = Fraction(str(like.near)), Fraction(str(like.contained))
    found: dict[int, tuple[str, int | None, Fraction | int]] = {}
    for number, (side, item) in enumerate(everything):
        others = [(n, other) for n, (s, other) in enumerate(everything) if s < side]
        own = grams(words_of(item), 3)
        same = [n for n, other in others if words_of(item) and words_of(other) == words_of(item)]
        near, contained = [], []
        for n, other in others:
            theirs = grams(words_of(other), 3)
            shared, least = len(own & theirs), min(len(own), len(theirs))
            if not shared:
                continue
            jaccard, part = Fraction(shared, len(own | theirs)), Fraction(shared, least)
            if jaccard >= near_at:
                near.append((-jaccard, n))
            elif part >= contained_at and least >= like.tokens - 2:
                contained.append((-part, n))
        run = longest(item, [other for _, other in others], like.tokens)
        if same:
            found[number] = "same-text", same[0], Fraction(1)
        elif near:
            found[number] = "near-duplicate", min(near)[1], -min(near)[0]
        elif contained:
            found[number] = "contained", min(contained)[1], -min(contained)[0]
        elif run:
            found[number] = "shared-run", None, run
    return found


@given(
    st.lists(items, min_size=1, max_size=3),
    st.sampled_from([0.4, 0.8, 1.0]),
    st.sampled_from([0.5, 0.8, 1.0]),
    st.integers(3, 6),
)
def test_leaks_are_what_brute_force_finds(
    splits: list[list[Item]], near: float, contained: float, tokens: int
) -> None:
    like = LeakLimits(near, contained, tokens, characters=False)
    found = leaks_of(splits, like)
    expected = brute(splits, like)
    assert [leak.item for leak in found] == sorted(expected)
    everything = [item for split in splits for item in split]
    for leak in found:
        kind, other, value = expected[leak.item]
        assert leak.kind == kind
        assert other is None or leak.other == other
        if leak.run is None:
            assert leak.share == float(value)
            continue
        run = leak.run
        assert run.tokens == value
        own = everything[leak.item][run.text][run.start : run.end].split()
        assert len(own) == run.tokens
        there = everything[leak.other][run.other_text][run.other_start :].split()
        assert there[:tokens] == own[:tokens]


def test_no_items_leak_nothing() -> None:
    assert LeakFinder(LeakLimits(0.8, 0.8, 13, characters=False)).leaks() == []


def test_one_word_is_the_same_text() -> None:
    like = LeakLimits(0.8, 0.8, 13, characters=False)
    assert leaks_of([[["yes"], ["no"]], [["No!"], ["maybe"]]], like) == [Leak(2, 1, "same-text")]
