"""Repeated passages, against a search of all substrings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seedkit.repeats.arrays import Bounds, Hashes, mix, running
from seedkit.repeats.fold import tokenize
from seedkit.repeats.grams import Sets, winnow
from seedkit.repeats.passages import Passages, passages, repeating, sharing, window
from seedkit.repeats.suffixes import common, sort_suffixes
from support.corpora import more
from support.passages_oracle import Corpus, Passage, brute


def arrays(corpus: Corpus) -> tuple[Hashes, Bounds]:
    """Return lists of small numbers as tokens."""
    flat = np.array([token for text in corpus for token in text], np.uint64)
    return mix(flat + np.uint64(1)), running(np.array([len(text) for text in corpus], np.int64))


def listed(found: Passages) -> list[Passage]:
    """Return passages as plain values."""
    places = list(zip(found.texts.tolist(), found.starts.tolist(), strict=True))
    bounds = found.bounds.tolist()
    return [
        Passage(length, count, period, tuple(places[start:stop]))
        for length, count, period, start, stop in zip(
            found.lengths.tolist(), found.counts.tolist(), found.periods.tolist(),
            bounds[:-1], bounds[1:], strict=True,
        )
    ]  # fmt: skip


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    """Texts over a small alphabet, some with parts of others, some periodic."""
    token = st.integers(0, draw(st.integers(0, 5)))
    found = draw(st.lists(st.lists(token, max_size=25), min_size=1, max_size=4))
    for _ in range(draw(st.integers(0, 4))):
        source = draw(st.sampled_from(found))
        start = draw(st.integers(0, len(source)))
        part = source[start : start + draw(st.integers(0, 25))] * draw(st.integers(1, 3))
        at = draw(st.integers(0, 3))
        found.append(
            [*draw(st.lists(token, max_size=at)), *part, *draw(st.lists(token, max_size=at))]
        )
    return found


@more(10)
@given(corpora(), st.integers(2, 9))
@example([[0] * 40], 3)
@example([[0, 1] * 20, [1, 0] * 7], 4)
@example([[1, 2, 3, 4], [1, 2, 3, 4], [9, 1, 2, 3, 4], [0, 2, 3, 4]], 3)
@example([[], [1], [1]], 2)
def test_passages_are_those_of_all_substrings(corpus: Corpus, t: int) -> None:
    found = passages(*arrays(corpus), t)
    assert found.complete.all()
    assert listed(found) == brute(corpus, t)


@more(5)
@given(corpora(), st.integers(2, 9))
def test_fingerprints_choose_texts_enough(corpus: Corpus, t: int) -> None:
    hashes, bounds = arrays(corpus)
    fingerprints = winnow(hashes, bounds, *window(t))
    marks = Sets(fingerprints.hashes, fingerprints.bounds)
    chosen = np.unique(np.concatenate(repeating(marks)))
    expected = brute(corpus, t)
    found = listed(passages(*arrays([corpus[number] for number in chosen]), t))
    back = [
        each._replace(places=tuple((int(chosen[text]), at) for text, at in each.places))
        for each in found
    ]
    assert back == expected
    for number in range(len(corpus)):
        own = fingerprints.hashes[fingerprints.bounds[number] : fingerprints.bounds[number + 1]]
        near = sharing(own, marks)
        for passage in expected:
            texts = {text for text, _ in passage.places}
            assert number not in texts or near[list(texts)].all()


@settings(deadline=None)
@given(corpora(), st.integers(2, 6), st.randoms())
def test_order_of_the_texts_does_not_matter(corpus: Corpus, t: int, random: object) -> None:
    order = list(range(len(corpus)))
    random.shuffle(order)  # type: ignore[attr-defined]
    found = listed(passages(*arrays([corpus[number] for number in order]), t))
    back = [
        each._replace(places=tuple(sorted((order[text], at) for text, at in each.places)))
        for each in found
    ]
    assert sorted(back) == sorted(listed(passages(*arrays(corpus), t)))


def test_a_shared_paragraph_is_one_passage() -> None:
    rng = np.random.default_rng(0)
    core = rng.integers(0, 1000, 50).tolist()
    corpus = [[*rng.integers(1000, 2**40, 9).tolist(), *core, n + 2**41] for n in range(500)]
    (passage,) = listed(passages(*arrays(corpus), 30))
    assert passage == (50, 500, 0, tuple((n, 9) for n in range(500)))


def test_one_word_many_times_is_one_passage() -> None:
    (passage,) = listed(passages(*arrays([[7] * 5_000]), 30))
    assert passage == (4_999, 2, 1, ((0, 0),))


def test_the_most_frequent_passages_may_be_cut_short() -> None:
    corpus = [[*range(n, 20)] for n in range(15)] * 20
    full, cut = passages(*arrays(corpus), 3), passages(*arrays(corpus), 3, limit=150)
    assert np.array_equal(full.counts, cut.counts) and full.complete.all()
    assert len(cut.texts) <= 150 < len(full.texts)
    assert not cut.complete.all() and (np.diff(cut.bounds) >= 1).all()
    assert set(zip(cut.texts.tolist(), cut.starts.tolist(), strict=True)) <= set(
        zip(full.texts.tolist(), full.starts.tolist(), strict=True)
    )


@given(st.lists(st.integers(0, 2), max_size=60))
def test_suffixes_are_sorted_and_compared(elements: list[int]) -> None:
    sequence = [*elements, 3]
    suffixes = sort_suffixes(np.array(sequence, np.int64))
    assert suffixes.order.tolist() == sorted(range(len(sequence)), key=lambda at: sequence[at:])
    pairs = [(a, b) for a in range(len(sequence)) for b in range(a)]
    a, b = np.array(pairs, np.int64).reshape(-1, 2).T
    for (one, other), length in zip(pairs, common(suffixes, a, b).tolist(), strict=True):
        assert sequence[one : one + length] == sequence[other : other + length]
        assert sequence[one + length] != sequence[other + length]


def test_a_passage_has_two_tokens_at_least() -> None:
    with pytest.raises(ValueError, match="at least 2 tokens"):
        window(1)


def test_passages_of_texts_in_many_scripts() -> None:
    thai, chinese = "ภาษาไทยเขียนติดกัน", "種子必須誠實,不可重複"
    tokens = tokenize([f"a {thai} b", f"{thai}!", chinese, f"x{chinese}"], characters=True)
    found = passages(tokens.hashes, tokens.bounds, 8)
    shared = [
        {(int(found.texts[at])) for at in range(found.bounds[n], found.bounds[n + 1])}
        for n in range(len(found.lengths))
    ]
    assert shared == [{0, 1}, {2, 3}]
