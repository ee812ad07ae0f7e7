"""Pairs of similar sets, against all pairs by brute force."""

from __future__ import annotations

import lzma
import re
import tarfile
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seedkit.repeats import candidates, similar
from seedkit.repeats.arrays import mix, running
from seedkit.repeats.fold import tokenize
from seedkit.repeats.grams import Sets, gram_sets
from seedkit.repeats.set_similarity import at_most, bitmaps, firsts, likeness, overlaps, take
from seedkit.repeats.sieve import cells, meet, name, rarest, see, survive
from seedkit.repeats.similar import Pairs, partners, similar_pairs
from support.corpora import more
from support.places import SHARED

CORPORA = SHARED / "corpora"
THRESHOLDS = [(0.8, 0.8), (0.5, 0.9), (0.9, 0.5), (1.0, 1.0), (0.1, 0.1), (2 / 3, 0.75)]

numbers = st.sets(st.integers(0, 30), max_size=12)


@st.composite
def families(draw: st.DrawFn) -> list[set[int]]:
    """Sets of small numbers, with copies, edited copies, subsets and a shared core."""
    found = draw(st.lists(numbers, max_size=6))
    core = draw(numbers)
    for _ in range(draw(st.integers(0, 12))):
        base = set(draw(st.sampled_from(found))) if found else set(core)
        kind = draw(st.integers(0, 3))
        if kind == 1:
            base |= core
        for value in draw(st.lists(st.integers(0, 40), max_size=kind)):
            base ^= {value}
        found.append(base)
    return found


def as_sets(families: list[set[int]]) -> Sets:
    """Return sets of small numbers as sets of hashes."""
    parts = [np.sort(mix(np.array(sorted(each), np.uint64) + np.uint64(1))) for each in families]
    bounds = running(np.array([len(each) for each in families], np.int64))
    return Sets(np.concatenate([np.zeros(0, np.uint64), *parts]), bounds)


def alike(a: set[int], b: set[int], near: float, contained: float, jaccard_only: bool) -> bool:
    """Tell by exact fractions whether two sets are a pair."""
    shared, union = len(a & b), len(a | b)
    if not shared:
        return False
    if shared >= Fraction(near).limit_denominator(10**6) * union:
        return True
    least = Fraction(contained).limit_denominator(10**6) * min(len(a), len(b))
    return not jaccard_only and shared >= least


def brute(
    families: list[set[int]], near: float, contained: float, jaccard_only: bool = False
) -> list[tuple[int, int, int]]:
    """Compare everything with everything."""
    return [
        (i, j, len(a & b))
        for (i, a), (j, b) in combinations(enumerate(families), 2)
        if alike(a, b, near, contained, jaccard_only)
    ]


def listed(pairs: Pairs) -> list[tuple[int, int, int]]:
    """Return pairs as tuples."""
    return list(zip(pairs.a.tolist(), pairs.b.tolist(), pairs.shared.tolist(), strict=True))


@more(8)
@given(families(), st.sampled_from(THRESHOLDS), st.booleans())
@example([set(range(10)), set(range(8)), set(range(2, 10))], (0.8, 0.8), True)
def test_all_pairs_and_no_other(
    sets: list[set[int]], thresholds: tuple[float, float], jaccard_only: bool
) -> None:
    found = similar_pairs(as_sets(sets), *thresholds, jaccard_only=jaccard_only, complete=True)
    assert found.complete
    assert listed(found) == brute(sets, *thresholds, jaccard_only)


def test_only_values_that_may_make_a_pair_are_indexed() -> None:
    # Of the first two the smaller has a partner; the next have too little in common with any.
    sets = as_sets([set(range(1, 10)), set(range(10)), {20, *range(30, 40)}, {20, *range(40, 50)}])
    by_size = take(sets, np.argsort(sets.sizes(), kind="stable"))
    index = candidates.build_index(by_size, likeness(0.8, 0.8))
    assert len(index.values) == 9
    assert np.unique(index.sets).tolist() == [0, 1]


@given(families().filter(bool), st.data())
def test_some_sets_are_taken_in_any_order(sets: list[set[int]], data: st.DataObject) -> None:
    which = data.draw(st.lists(st.integers(0, len(sets) - 1), max_size=9))
    which += range(data.draw(st.integers(0, len(sets))))  # side by side
    found = take(as_sets(sets), np.array(which, np.int64))
    wanted = as_sets([sets[number] for number in which])
    assert found.values.tolist() == wanted.values.tolist()
    assert found.bounds.tolist() == wanted.bounds.tolist()


@more(5)
@given(families(), st.sampled_from(THRESHOLDS), st.sampled_from([0, 1, 5, None]))
def test_representatives_leave_no_set_without_its_pair(
    sets: list[set[int]], thresholds: tuple[float, float], limit: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seedkit.repeats.similar._FEW", 0)
        found = similar_pairs(as_sets(sets), *thresholds, limit=limit)
    truth = brute(sets, *thresholds)
    pairs = listed(found)
    assert pairs == sorted(set(pairs)) and set(pairs) <= set(truth)
    assert {n for a, b, _ in pairs for n in (a, b)} == {n for a, b, _ in truth for n in (a, b)}
    assert found.complete <= (pairs == truth)
    if limit is None and len({frozenset(each) for each in sets}) == len(sets):
        assert pairs == truth


@pytest.mark.parametrize("number", range(20))
def test_representatives_among_clusters(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(number)
    cores = [rng.choice(60, rng.integers(4, 20), replace=False).tolist() for _ in range(4)]
    sets: list[set[int]] = []
    for _ in range(120):
        own = {*cores[rng.integers(4)], *rng.integers(0, 90, rng.integers(0, 7)).tolist()}
        sets.append(own - set(rng.integers(0, 60, rng.integers(0, 5)).tolist()))
    monkeypatch.setattr("seedkit.repeats.similar._FEW", number % 4)
    monkeypatch.setattr("seedkit.repeats.similar._MISSES", 1 + number % 3)
    pairs = listed(similar_pairs(as_sets(sets), 0.75, 0.8, limit=number * 10))
    truth = brute(sets, 0.75, 0.8)
    assert pairs == sorted(set(pairs)) and set(pairs) <= set(truth)
    assert {n for a, b, _ in pairs for n in (a, b)} == {n for a, b, _ in truth for n in (a, b)}
    assert len(pairs) < len(truth)


@settings(deadline=None)
@given(families(), st.sampled_from(THRESHOLDS), st.randoms())
def test_order_of_the_sets_does_not_matter(
    sets: list[set[int]], thresholds: tuple[float, float], random: object
) -> None:
    order = list(range(len(sets)))
    random.shuffle(order)  # type: ignore[attr-defined]
    found = similar_pairs(as_sets([sets[n] for n in order]), *thresholds, complete=True)
    back = [(order[a], order[b], shared) for a, b, shared in listed(found)]
    assert sorted((min(a, b), max(a, b), s) for a, b, s in back) == brute(sets, *thresholds)


@settings(deadline=None)
@given(families(), st.sampled_from(THRESHOLDS), st.booleans(), st.data())
def test_partners_of_some_are_those_of_all(
    sets: list[set[int]], thresholds: tuple[float, float], jaccard_only: bool, data: st.DataObject
) -> None:
    stored = as_sets(sets)
    which = data.draw(st.lists(st.integers(0, len(sets) - 1), max_size=3)) if sets else []
    queries = take(stored, np.array(which, np.int64))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similar, "_SCAN", 7)
        found = partners(queries, stored, *thresholds, jaccard_only=jaccard_only)
    truth = set(brute(sets, *thresholds, jaccard_only))
    expected = [
        (number, other, len(sets[own] & sets[other]))
        for number, own in enumerate(which)
        for other in range(len(sets))
        if (sets[own] if own == other else False)
        or (min(own, other), max(own, other), len(sets[own] & sets[other])) in truth
    ]
    assert listed(found) == expected


@pytest.mark.parametrize("chunk", [1, 3, 1000])
def test_chunks_do_not_show(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(chunk)
    sets = [set(rng.integers(0, 25, 14).tolist()) for _ in range(60)]
    monkeypatch.setattr(candidates, "_CHUNK", chunk)
    monkeypatch.setattr("seedkit.repeats.set_similarity._CHUNK", chunk)
    found = similar_pairs(as_sets(sets), 0.5, 0.8, complete=True)
    assert listed(found) == brute(sets, 0.5, 0.8)


def test_thresholds_are_exact() -> None:
    eight, ten = set(range(8)), set(range(10))  # 8 of 10: exactly 0.8
    assert listed(similar_pairs(as_sets([eight, ten]), 0.8, 1, jaccard_only=True)) == [(0, 1, 8)]
    more = as_sets([eight, set(range(11))])
    assert listed(similar_pairs(more, 0.8, 1, jaccard_only=True)) == []
    third = as_sets([{1, 2}, {1, 2, 3}])
    assert listed(similar_pairs(third, 2 / 3, 1, jaccard_only=True)) == [(0, 1, 2)]


@pytest.mark.parametrize("near", [0.8000001, 0.80000000001, 0.8000000000000002])
def test_a_threshold_just_above_is_not_reached(near: float) -> None:
    sets = as_sets([set(range(8)), set(range(10))])
    assert listed(similar_pairs(sets, near, 1, jaccard_only=True)) == []
    below = 2 * Fraction("0.8") - Fraction(str(near))
    assert listed(similar_pairs(sets, below, 1, jaccard_only=True)) == [(0, 1, 8)]


@given(st.fractions(Fraction(1, 10**6), 1) | st.floats(1e-6, 1), st.integers(1, 10**6), st.data())
def test_a_threshold_is_reached_by_what_reaches_it(
    near: Fraction | float, size: int, data: st.DataObject
) -> None:
    exact = near if isinstance(near, Fraction) else Fraction(str(near))
    least = -(-exact.numerator * size // exact.denominator)  # a set of so many of the other's
    shared = max(1, least - data.draw(st.integers(0, 1)))
    holds = likeness(near, 1, jaccard_only=True).holds(*np.array([[shared], [shared], [size]]))
    assert holds.tolist() == [Fraction(shared, size) >= exact]


@pytest.mark.parametrize("wrong", [0, -0.5, 1.5])
def test_thresholds_out_of_range(wrong: float) -> None:
    with pytest.raises(ValueError, match="thresholds must be"):
        likeness(wrong, 0.5)


def test_nothing_to_compare() -> None:
    cases: list[list[set[int]]] = [[], [set()], [set(), set()], [set(), {1}], [{1}, {2}]]
    for sets in cases:
        for complete in (False, True):
            found = similar_pairs(as_sets(sets), 0.8, 0.8, complete=complete)
            assert (listed(found), found.complete) == ([], True)
        assert listed(partners(as_sets(sets[:1]), as_sets(sets[1:]), 0.8, 0.8)) == []


def test_copies_are_paired_with_the_first() -> None:
    sets = as_sets([{1, 2}, {3}, {1, 2}, {1, 2}, set(), set()])
    assert firsts(sets).tolist() == [0, 1, 0, 0, 4, 5]
    found = similar_pairs(sets, 0.8, 0.8)
    assert (listed(found), found.complete) == ([(0, 2, 2), (0, 3, 2)], False)
    everything = similar_pairs(sets, 0.8, 0.8, complete=True)
    assert listed(everything) == [(0, 2, 2), (0, 3, 2), (2, 3, 2)]


def test_equal_hashes_alone_do_not_make_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedkit.repeats.set_similarity.mix", lambda values: values * np.uint64(0))
    assert firsts(as_sets([{1, 2}, {1, 3}, {1, 2}, {4}])).tolist() == [0, 1, 0, 3]


@given(families())
def test_bitmaps_bound_the_overlap(sets: list[set[int]]) -> None:
    stored = as_sets(sets)
    pairs = np.array(list(combinations(range(len(sets)), 2)), np.int64).reshape(-1, 2)
    a, b = pairs[:, 0], pairs[:, 1]
    exact = overlaps(stored, a, stored, b)
    assert exact.tolist() == [len(sets[i] & sets[j]) for i, j in pairs.tolist()]
    assert (at_most(bitmaps(stored, 64), stored.sizes(), a, b) >= exact).all()


@pytest.mark.parametrize("own", [5, 10, 20, 30])
def test_many_sets_with_one_core_stay_linear(own: int) -> None:
    count = 3_000
    rng = np.random.default_rng(own)
    core = rng.integers(0, 2**63, 100 - own, dtype=np.uint64)
    rest = rng.integers(0, 2**63, (count, own), dtype=np.uint64)
    values = np.sort(np.concatenate((np.tile(core, (count, 1)), rest), axis=1), axis=1)
    sets = Sets(values.ravel(), np.arange(count + 1, dtype=np.int64) * 100)
    found = similar_pairs(sets, 0.8, 0.8, limit=100_000)
    members = set(found.a.tolist()) | set(found.b.tolist())
    assert len(members) == (count if own <= 20 else 0)
    assert len(found.a) < 70 * count
    assert found.complete == (own > 20)


# Texts: what is planted is found.

WORDS = [
    *("seed", "corpus", "Index", "ÉTÉ", "naïve", "cafe\u0301", "日本", "語", "ภาษาไทย"),
    *("العربية", "q\u0307", "x", "42"),
]
texts_of_words = st.lists(st.sampled_from(WORDS), max_size=25)


@st.composite
def text_corpora(draw: st.DrawFn) -> list[str]:
    """Texts with planted copies, edits, insertions, deletions, moved blocks and boilerplate."""
    base = draw(st.lists(texts_of_words, min_size=1, max_size=4))
    found = list(base)
    boilerplate = draw(texts_of_words)
    for _ in range(draw(st.integers(0, 6))):
        words = list(draw(st.sampled_from(base)))
        at = draw(st.integers(0, len(words)))
        kind = draw(st.integers(0, 5))
        if kind == 1:
            words[at : at + 1] = [draw(st.sampled_from(WORDS))]
        elif kind == 2:
            words[at:at] = draw(texts_of_words)
        elif kind == 3:
            del words[at : at + 3]
        elif kind == 4:
            words = words[at:] + words[:at]
        elif kind == 5:
            words += boilerplate
        found.append(words)
    return [draw(st.sampled_from([" ", "\n", ", "])).join(words) for words in found]


def trigrams(text: str) -> set[tuple[str, ...]]:
    """Return the word 3-grams, in plain Python."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text))
    words = [word.casefold() for word in words]
    return set(zip(words, words[1:], words[2:], strict=False))


@more(4)
@given(text_corpora())
def test_texts_are_compared_by_their_word_trigrams(corpus: list[str]) -> None:
    tokens = tokenize(corpus)
    found = similar_pairs(gram_sets(tokens.hashes, tokens.bounds), 0.8, 0.8, complete=True)
    names: dict[tuple[str, ...], int] = {}
    sets = [{names.setdefault(g, len(names)) for g in trigrams(text)} for text in corpus]
    assert listed(found) == brute(sets, 0.8, 0.8)


# Real corpora with a known truth.


def members(archive: str, pattern: str) -> Iterator[tuple[str, bytes]]:
    """Return names and contents of the files of an archive, in order of name."""
    path = CORPORA / archive
    if not path.exists():
        pytest.skip(f"needs {path}")
    with tarfile.open(fileobj=BytesIO(lzma.decompress(path.read_bytes()))) as tar:
        files = [each for each in tar if each.isreg() and re.search(pattern, each.name)]
        for each in sorted(files, key=lambda each: each.name):
            content = tar.extractfile(each)
            assert content is not None
            yield each.name, content.read()


def test_tldr_has_exactly_its_known_pairs() -> None:
    texts = [content.decode() for _, content in members("tldr.tar.xz", r"\.md$")]
    assert len(texts) > 38_000
    # As other tools have it, words are what `\\w` matches: without marks, and with `_`.
    words = [re.findall(r"\w+", text.lower()) for text in texts]
    numbers = {word: at for at, word in enumerate(dict.fromkeys(chain.from_iterable(words)))}
    hashes = mix(np.array([numbers[word] for word in chain.from_iterable(words)], np.uint64))
    sets = gram_sets(hashes, running(np.array(list(map(len, words)))))
    found = similar_pairs(sets, 0.8, 1, jaccard_only=True, complete=True)
    assert len(found.a) == 2_631
    tokens = tokenize(texts)
    sets = gram_sets(tokens.hashes, tokens.bounds)
    found = similar_pairs(sets, 0.8, 1, jaccard_only=True, complete=True)
    assert len(found.a) == 2_499
    some = np.arange(0, len(texts), 997)
    own = partners(take(sets, some), sets, 0.8, 1, jaccard_only=True)
    expected = {(a, b) for a, b, _ in listed(found)} | {(b, a) for a, b, _ in listed(found)}
    expected = {(a, b) for a, b in expected if a in set(some.tolist())}
    assert {(int(some[a]), b) for a, b, _ in listed(own) if some[a] != b} == expected


@pytest.mark.parametrize("size", [100, 1000, 2500])
def test_mccormick_has_exactly_the_planted_pairs(size: int) -> None:
    files = dict(members("mccormick.tar.xz", rf"articles_{size}\.(train|truth)$"))
    train, truth = (
        next(content.decode() for name, content in files.items() if name.endswith(end))
        for end in ("train", "truth")
    )
    names, texts = zip(*(line.split(" ", 1) for line in train.splitlines()), strict=True)
    tokens = tokenize(texts)
    found = similar_pairs(gram_sets(tokens.hashes, tokens.bounds), 0.8, 0.8, complete=True)
    pairs = {frozenset((names[a], names[b])) for a, b, _ in listed(found)}
    assert pairs == {frozenset(line.split()) for line in truth.splitlines()}


@settings(deadline=None)
@given(families(), st.sampled_from(THRESHOLDS), st.integers(4, 12), st.integers(1, 5))
def test_a_sieve_keeps_every_set_of_a_pair(
    families: list[set[int]], thresholds: tuple[float, float], bits: int, part: int
) -> None:
    like = likeness(*thresholds)
    parts = [as_sets(families[at : at + part]) for at in range(0, len(families), part)]
    table = cells(bits)
    for sets in parts:
        see(table, sets)
    stays = [survive(table, sets, like) for sets in parts]
    named = name(
        [
            rarest(table, take(sets, np.flatnonzero(stay)), like)
            for sets, stay in zip(parts, stays, strict=True)
        ],
        bits,
    )
    kept = [
        number
        for at, (sets, stay) in enumerate(zip(parts, stays, strict=True))
        for number in (np.flatnonzero(stay | meet(named, sets)) + at * part)
    ]
    found = similar_pairs(as_sets([families[n] for n in kept]), *thresholds, complete=True)
    back = [(int(kept[a]), int(kept[b]), shared) for a, b, shared in listed(found)]
    assert back == brute(families, *thresholds)
