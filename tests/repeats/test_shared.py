"""Runs that texts share with others, compared with a search for each run of tokens in each text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seedkit.repeats.shared import Groups, Run, SharedRuns

texts = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "ab"]), max_size=14).map(" ".join),
    min_size=1,
    max_size=5,
)


def brute(known: list[str], asked: list[str], n: int) -> list[tuple[int, int, int]]:
    """Text, first token, and one after the last, of what is covered by runs of n tokens."""
    words = [text.split() for text in known]
    there = {tuple(w[i : i + n]) for w in words for i in range(len(w) - n + 1)}
    found = []
    for number, text in enumerate(asked):
        own = text.split()
        covered = [False] * (len(own) + 1)
        for i in range(len(own) - n + 1):
            if tuple(own[i : i + n]) in there:
                covered[i : i + n] = [True] * n
        start = None
        for i, is_covered in enumerate(covered):
            if is_covered and start is None:
                start = i
            if not is_covered and start is not None:
                found.append((number, start, i))
                start = None
    return found


def alone(texts: list[str]) -> Groups:
    """Each text as a group."""
    return Groups(texts, [1] * len(texts))


def runs_of(known: list[Groups], asked: Groups, n: int) -> list[Run]:
    shared = SharedRuns(n)
    shared.want(asked)
    for each in known:
        shared.see(each)
    return shared.find(asked)


@given(texts, texts, st.integers(1, 4))
def test_runs_are_what_brute_force_finds(known: list[str], asked: list[str], n: int) -> None:
    batches = [alone(known[:2]), alone(known[2:])] if len(known) > 2 else [alone(known)]
    found = runs_of(batches, alone(asked), n)
    same = {number for number, text in enumerate(asked) if text and text in known}
    assert {run.text for run in found if run.whole} == same
    runs = [run for run in found if not run.whole]
    expected = [each for each in brute(known, asked, n) if each[0] not in same]
    words = [(number, asked[number].split()[a:b]) for number, a, b in expected]
    assert [(run.text, asked[run.text][run.start : run.end].split()) for run in runs] == words
    assert [run.tokens for run in runs] == [b - a for _, a, b in expected]
    for run in runs:  # and they are there
        first = asked[run.text][run.start : run.end].split()[:n]
        number, offset = run.elsewhere
        assert known[number][offset:].split()[:n] == first


def test_of_several_places_the_first_is_kept() -> None:
    known = [alone(["a", "b x y x y"]), alone(["x y"])]
    assert runs_of(known, alone(["x y z"]), 2) == [Run(0, 0, 0, 3, 2, (1, 2), whole=False)]


def test_groups_are_the_same_with_the_same_words() -> None:
    known = Groups(["a b", "c", "", "d"], [2, 1, 1])
    asked = Groups(["A", "b, c", "", "d d"], [2, 1, 1])
    assert runs_of([known], asked, 3) == [Run(0, 0, 0, 0, 3, (0, 0), whole=True)]


def test_runs_lie_within_one_text() -> None:
    assert runs_of([alone(["a b c d"])], Groups(["a b", "c d", "x"], [3]), 3) == []


def test_nothing_is_looked_for() -> None:
    assert runs_of([alone(["a b"])], alone([""]), 3) == []
    assert runs_of([], alone(["a b c"]), 3) == []
