"""All repeats of some texts, against a comparison of everything with everything."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.repeats.arrays import Bounds, Hashes
from seedkit.repeats.find import (
    Group,
    Member,
    Passage,
    Place,
    Repeats,
    all_pairs,
    find_repeats,
)
from seedkit.repeats.fingerprints import fingerprint_texts, joined, pack, unpack
from seedkit.repeats.fold import tokenize
from seedkit.repeats.parameters import Parameters
from support.corpora import more
from support.passages_oracle import brute

Gram = tuple[str, ...]
FEW = Parameters(passage_tokens=4)


def found(texts: Sequence[str], parameters: Parameters = FEW) -> Repeats:
    """Find the repeats among texts; an empty one can't be a copy."""

    def tokens_of(indices: Sequence[int]) -> tuple[Hashes, Bounds]:
        tokens = tokenize([texts[index] for index in indices], characters=True)
        return tokens.hashes, tokens.bounds

    digests = [hashlib.sha256(text.encode()).digest() if text else bytes(32) for text in texts]
    contents = np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 4)
    return find_repeats(contents, fingerprint_texts(texts, parameters), tokens_of, parameters)


# -- the oracle


def tokens(text: str, characters: bool) -> list[str]:
    """Return the tokens of a text, folded."""
    pattern = r"[\u4e00-\u9fff\u0e00-\u0e7f]|[^\W\u4e00-\u9fff\u0e00-\u0e7f]+"
    return re.findall(pattern if characters else r"\w+", text.casefold())


def grams(text: str, parameters: Parameters) -> set[Gram]:
    """Return the set of token 3-grams."""
    found = tokens(text, parameters.characters)
    return {tuple(found[at : at + 3]) for at in range(len(found) - 2)}


def originals(texts: Sequence[str]) -> list[int]:
    """Return the texts that have words and equal no earlier one, in bytes or in folded words."""
    first: dict[Gram, int] = {}
    for number, text in enumerate(texts):
        if words := tokens(text, True):
            first.setdefault(tuple(words), number)
    return list(first.values())


def scores(texts: Sequence[str], parameters: Parameters) -> dict[tuple[int, int], Member]:
    """Return for each two originals how alike they are, the second as a member of the first."""
    sets = {number: grams(texts[number], parameters) for number in originals(texts)}
    compared = {}
    for a, b in combinations(sorted(sets), 2):
        if shared := len(sets[a] & sets[b]):
            sizes = len(sets[a]), len(sets[b])
            similarity, containment = shared / len(sets[a] | sets[b]), shared / min(sizes)
            compared[a, b] = Member(b, similarity, containment, sizes[1] > sizes[0])
            compared[b, a] = Member(a, similarity, containment, sizes[0] > sizes[1])
    return compared


def check_stars(groups: Sequence[Group], wanted: dict[tuple[int, int], Member], kind: str) -> None:
    """Every member is a partner of its representative, and everything that has one is a member."""
    seen = set()
    for group in groups:
        assert group.kind == kind and group.members
        for member in group.members:
            assert member == pytest.approx(wanted[group.representative, member.seed])
            seen |= {group.representative, member.seed}
    assert seen == {seed for pair in wanted for seed in pair}


def check(texts: Sequence[str], parameters: Parameters) -> None:
    """Compare all that is found with the oracle."""
    repeats = found(texts, parameters)
    kinds = {kind: [g for g in repeats.groups if g.kind == kind] for kind in KINDS}
    assert [g.kind for g in repeats.groups] == [g.kind for k in KINDS for g in kinds[k]]

    copies = {n: texts.index(text) for n, text in enumerate(texts) if text}
    assert listed(kinds["duplicate-seed"]) == star_clusters(
        {n: c for n, c in copies.items() if n != c}
    )
    first: dict[Gram, int] = {}
    same = {}
    for number in sorted(set(copies.values())):
        if words := tokens(texts[number], True):
            same[number] = first.setdefault(tuple(words), number)
    assert listed(kinds["same-text"]) == star_clusters({n: c for n, c in same.items() if n != c})

    compared = scores(texts, parameters)
    near = {
        pair: m for pair, m in compared.items() if m.similarity >= parameters.near_duplicate - 1e-9
    }
    check_stars(kinds["near-duplicate"], near, "near-duplicate")
    sizes = {number: len(grams(texts[number], parameters)) for number in originals(texts)}
    lengths = {number: len(tokens(texts[number], True)) for number in sizes}
    twins = {b for (a, b), member in compared.items() if a < b and member.similarity == 1}
    inside = {
        pair: member
        for pair, member in compared.items()
        if pair not in near
        and not twins & {*pair}
        and member.containment >= parameters.contained - 1e-9
        and lengths[min(pair, key=lambda n: (sizes[n], n))] >= parameters.passage_tokens
    }
    check_stars(kinds["contained-seed"], inside, "contained-seed")
    assert sorted(repeats.passages) == sorted(passages(texts, parameters, repeats.groups))
    parts = {place.seed for passage in repeats.passages for place in passage.places}
    parts |= {m.seed for g in repeats.groups for m in g.members}
    parts |= {group.representative for group in repeats.groups}
    for part in (
        *({g.representative, *(m.seed for m in g.members)} for g in repeats.groups),
        *({place.seed for place in passage.places} for passage in repeats.passages),
    ):
        assert len(set(repeats.clusters[list(part)].tolist())) == 1
    assert all(repeats.clusters[seed] >= 0 for seed in parts)


KINDS = ("duplicate-seed", "same-text", "near-duplicate", "contained-seed")


def listed(groups: Sequence[Group]) -> dict[int, list[int]]:
    assert all(m[1:] == (1.0, 1.0, False) for g in groups for m in g.members)
    return {group.representative: [member.seed for member in group.members] for group in groups}


def star_clusters(first: dict[int, int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for number, representative in first.items():
        found.setdefault(representative, []).append(number)
    return found


def passages(
    texts: Sequence[str], parameters: Parameters, groups: Sequence[Group]
) -> list[Passage]:
    """Every maximal repeat of the originals, less what one group explains."""
    numbers = originals(texts)
    kinds: dict[str, int] = {}
    corpus = [
        [kinds.setdefault(token, len(kinds)) for token in tokens(texts[number], True)]
        for number in numbers
    ]
    members: dict[int, set[int]] = {}  # of all groups round a representative
    for group in groups:
        if group.kind in KINDS[2:]:
            seeds = members.setdefault(group.representative, {group.representative})
            seeds |= {member.seed for member in group.members}
    found = []
    for each in brute(corpus, parameters.passage_tokens):
        places = tuple(Place(numbers[text], start, each.length) for text, start in each.places)
        seeds = {place.seed for place in places}
        if len(seeds) > 1 and any(seeds <= each for each in members.values()):
            for seed in sorted(seeds):
                own = tuple(place for place in places if place.seed == seed)
                if len(own) > 1:
                    found.append(Passage(each.length, 1, own))
        elif len(places) > 1 or each.period:
            found.append(Passage(each.length, len(seeds), places))
    return found


@st.composite
def corpora(draw: st.DrawFn) -> list[str]:
    """Texts with copies, edited ones, insertions, very short ones, in scripts with and without
    spaces."""
    alphabet = draw(
        st.sampled_from(["ab", "abcdefghijkl", "種子誠實複檢", ["One", "one", "TWO", "three", "ก"]])
    )
    joint = "" if alphabet == "種子誠實複檢" else " "
    word = st.sampled_from(alphabet)
    pool = draw(st.lists(st.lists(word, max_size=24), min_size=1, max_size=5))
    for _ in range(draw(st.integers(0, 5))):
        text = list(draw(st.sampled_from(pool)))
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(text)))
            match draw(st.integers(0, 3)):
                case 0:
                    text[at : at + 1] = [draw(word)]
                case 1:
                    text[at:at] = draw(st.lists(word, max_size=6))
                case 2:
                    del text[at : at + 3]
                case _:
                    text = text[at:] + draw(st.sampled_from(pool))
        pool.append(text)
    joined = [joint.join(text) for text in pool]
    return [f"{text}\n" if text and draw(st.booleans()) else text for text in joined]


parameters = st.builds(
    Parameters,
    near_duplicate=st.sampled_from([0.8, 0.5, 1.0, 0.25]),
    contained=st.sampled_from([0.8, 1.0, 0.6]),
    passage_tokens=st.integers(2, 8),
    characters=st.booleans(),
)


@more(7)
@given(corpora(), parameters)
def test_everything_that_repeats_is_found(texts: list[str], parameters: Parameters) -> None:
    check(texts, parameters)


@more(3)
@given(corpora(), parameters)
def test_pairs_are_all_pairs(texts: list[str], parameters: Parameters) -> None:
    sets = [grams(text, parameters) for text in texts]
    wanted = []
    for a, b in combinations(range(len(texts)), 2):
        shared = len(sets[a] & sets[b])
        if shared and shared / len(sets[a] | sets[b]) >= parameters.near_duplicate - 1e-9:
            shares = shared / len(sets[a] | sets[b]), shared / len(sets[a]), shared / len(sets[b])
            wanted.append((a, b, *shares))
    pairs = all_pairs(fingerprint_texts(texts, parameters), parameters)
    assert pairs == [pytest.approx(pair) for pair in wanted]


# -- what counts


def test_a_copy_takes_no_further_part() -> None:
    text = "one two three four five six seven eight"
    repeats = found([text, text, text.upper(), f"{text} nine"])
    assert repeats.groups == (
        Group("duplicate-seed", 0, (Member(1, 1.0, 1.0),)),
        Group("same-text", 0, (Member(2, 1.0, 1.0),)),
        Group("near-duplicate", 3, (Member(0, 6 / 7, 1.0),)),
    )
    assert repeats.passages == ()
    assert repeats.clusters.tolist() == [0, 0, 0, 0]


def test_texts_without_words_are_copies_if_their_bytes_are_equal() -> None:
    assert found(["…", "…", "?", "", ""]).groups == (
        Group("duplicate-seed", 0, (Member(1, 1.0, 1.0),)),
    )


@pytest.mark.parametrize("text", ["word", "two words"])
def test_texts_of_less_than_a_gram_are_compared_whole(text: str) -> None:
    repeats = found([text, f"{text}!", f"{text} more"])
    assert repeats.groups == (Group("same-text", 0, (Member(1, 1.0, 1.0),)),)
    assert repeats.passages == ()


def test_a_passage_of_a_group_is_not_reported_again() -> None:
    near = "one two three four five six seven eight nine ten", "one two three four five six seven"
    parameters = Parameters(0.5, 0.9, 6)
    assert [g.kind for g in found(near, parameters).groups] == ["near-duplicate"]
    assert found(near, parameters).passages == ()
    third = found([*near, "x y z one two three four five six y x z a b c d e f g"], parameters)
    assert [p.places for p in third.passages] == [(Place(0, 0, 6), Place(1, 0, 6), Place(2, 3, 6))]


def test_what_a_member_of_a_group_repeats_of_itself_is_reported() -> None:
    refrain = "row row row your boat gently down the stream"
    verse = "if you see a crocodile then do not forget to scream at him"
    texts = [f"{refrain} {verse} {refrain}", f"{refrain} {verse} and {refrain}"]
    repeats = found(texts, Parameters(0.7, 0.8, 8))
    assert [group.kind for group in repeats.groups] == ["near-duplicate"]
    assert repeats.passages == (
        Passage(9, 1, (Place(0, 0, 9), Place(0, 22, 9))),
        Passage(9, 1, (Place(1, 0, 9), Place(1, 23, 9))),
    )


def test_a_text_that_repeats_itself_over_and_over() -> None:
    assert found(["ha " * 9]).passages == (Passage(8, 1, (Place(0, 0, 8),)),)


def test_similarity_just_at_the_threshold_counts() -> None:
    texts = ["a b c d e f", "a b c d e f g"]  # 4 of 5 grams
    assert [g.kind for g in found(texts, Parameters(0.8, 1.0, 30)).groups] == ["near-duplicate"]
    assert found(texts, Parameters(0.80001, 1.0, 30)).groups == ()


def test_a_threshold_is_what_is_written() -> None:
    texts = ["a b c d e", "b c d e f g h"]  # 2 of 6 grams
    assert not found(texts, Parameters(0.33333334, 1.0, 30)).groups
    (group,) = found(texts, Parameters(0.33333333, 1.0, 30)).groups
    assert (group.kind, group.members[0].similarity) == ("near-duplicate", 2 / 6)


def test_the_least_thresholds_mean_anything_in_common() -> None:
    texts = ["a b c d e", "x c d e y", "p q r s"]
    (group,) = found(texts, Parameters(1e-300, 1e-300, 30)).groups
    assert (group.representative, [m.seed for m in group.members]) == (0, [1])
    assert len(all_pairs(fingerprint_texts(texts, FEW), Parameters(1e-300))) == 1


def test_no_texts() -> None:
    repeats = found([])
    assert repeats[:2] == ((), ())
    assert repeats.clusters.tolist() == []
    assert all_pairs(fingerprint_texts([], FEW), FEW) == []


@given(corpora(), parameters)
def test_clusters_have_nothing_to_do_with_each_other(
    texts: list[str], parameters: Parameters
) -> None:
    """The repeats of all texts are those of each cluster by itself."""
    repeats = found(texts, parameters)
    groups, runs = [], []
    for cluster in sorted({*repeats.clusters.tolist()} - {-1}):
        seeds = np.flatnonzero(repeats.clusters == cluster).tolist()
        assert cluster == seeds[0]
        alone = found([texts[seed] for seed in seeds], parameters)
        assert alone.clusters.tolist() == [0] * len(seeds)
        groups += [
            Group(
                group.kind,
                seeds[group.representative],
                tuple(m._replace(seed=seeds[m.seed]) for m in group.members),
            )
            for group in alone.groups
        ]
        runs += [
            passage._replace(
                places=tuple(place._replace(seed=seeds[place.seed]) for place in passage.places)
            )
            for passage in alone.passages
        ]
    assert sorted(groups) == sorted(repeats.groups)
    assert sorted(runs) == sorted(repeats.passages)
    assert repeats.load < 0.01


def fingerprints_of(texts: Sequence[str], parameters: Parameters) -> list[tuple[object, ...]]:
    """Return the fingerprint of each text as plain values."""
    found = fingerprint_texts(texts, parameters)
    return [
        (
            found.tokens[number],
            found.digests[number].tolist(),
            *(
                sets.values[sets.bounds[number] : sets.bounds[number + 1]].tolist()
                for sets in (found.grams, found.marks)
            ),
        )
        for number in range(len(texts))
    ]


@given(corpora(), parameters)
def test_prints_do_not_depend_on_other_texts(texts: list[str], parameters: Parameters) -> None:
    alone = [fingerprints_of([text], parameters)[0] for text in texts]
    assert fingerprints_of(texts, parameters) == alone
    fingerprints = fingerprint_texts(texts, parameters)
    assert fingerprints.grams.sizes().tolist() == [len(grams(t, parameters)) for t in texts]
    words = [tuple(tokens(text, True)) for text in texts]
    assert fingerprints.tokens.tolist() == list(map(len, words))
    digests = [tuple(digest) for digest in fingerprints.digests.tolist()]
    assert len(set(digests)) == len(set(words)) == len(set(zip(words, digests, strict=True)))
    assert all((digest == (0, 0)) == (not own) for digest, own in zip(digests, words, strict=True))


@given(st.lists(corpora(), max_size=3), parameters)
def test_prints_come_back_from_bytes_and_parts(
    batches: list[list[str]], parameters: Parameters
) -> None:
    parts = [unpack(pack(fingerprint_texts(batch, parameters))) for batch in batches]
    texts = [text for batch in batches for text in batch]
    assert pack(joined(parts)) == pack(fingerprint_texts(texts, parameters))
    some = np.arange(0, len(texts), 2)
    assert pack(joined(parts).take(some)) == pack(fingerprint_texts(texts[::2], parameters))


def test_bytes_of_another_size_are_no_prints() -> None:
    data = pack(fingerprint_texts(["a b c d"], FEW))
    for wrong in (data[:-1], data + b"x", data[:20], b"", bytes(24) + b"x"):
        with pytest.raises(ValueError):
            unpack(wrong)
