"""Hits that repeat a better one are collapsed under it, and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.corpus.repeated import seed_groups
from seedkit.corpus.workspace import Workspace
from seedkit.search.find import Found, Repeats, collapse
from support.corpora import Files, open_corpus

Corpus = Callable[[Files], Path]


def ranked(*paths: str) -> list[Found]:
    return [(path, 0, 1.0) for path in paths]


def by_letter(path: str, record: int) -> str:
    return path[0]


def shown(hits: list[Found], limit: int | None = None) -> list[str]:
    return [
        f"{each.hit[0]}+{len(each.repeats)}" if each.repeats else each.hit[0]
        for each in collapse(hits, limit, by_letter)
    ]


def test_the_best_of_each_stays() -> None:
    assert shown(ranked("a1", "b1", "a2", "c1", "a3", "b2")) == ["a1+2", "b1+1", "c1"]
    (first,) = collapse(ranked("a2", "a1", "a3"), None, by_letter)
    assert first.hit[0] == "a2"
    assert first.repeats == ["a1", "a3"]


def test_what_comes_after_the_last_one_is_counted_too() -> None:
    hits = ranked("a1", "b1", "c1", *(f"a{n}" for n in range(2, 9)))
    assert shown(hits, 2) == ["a1+7", "b1"]
    assert shown(hits, 0) == []


def test_without_a_key_nothing_is_collapsed() -> None:
    assert [len(each.repeats) for each in collapse(ranked("a1", "a2"), None, None)] == [0, 0]
    assert len(collapse(ranked("a1", "a2", "a3"), 2, None)) == 2


def test_far_behind_nobody_looks() -> None:
    asked: list[str] = []

    def key(path: str, record: int) -> str:
        asked.append(path)
        return path

    collapse(ranked(*map(str, range(5000))), 10, key)
    assert 10 < len(asked) < 500


@given(st.lists(st.sampled_from(["a1", "a2", "b1", "b2", "c1"]), unique=True), st.integers(0, 4))
def test_nothing_is_lost(paths: list[str], limit: int) -> None:
    everything = collapse(ranked(*paths), None, by_letter)
    assert sorted(p for each in everything for p in (each.hit[0], *each.repeats)) == sorted(paths)
    assert collapse(ranked(*paths), limit, by_letter) == everything[:limit]


# -- what repeats what

TALE = "nobody but the ferryman had seen the lamp go out that evening by the mill"
FILES = {
    "seedkit.toml": "near_duplicate = 0.6\n",
    "schemas/fortune.toml": 'extends = "builtin:fortune"\nfiles = ["seeds/*.fortune"]\n',
    "schemas/plain.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
    "seeds/a.txt": TALE,
    "seeds/copy.txt": TALE,
    "seeds/loud.txt": TALE.upper(),
    "seeds/near.txt": f"{TALE} again",
    "seeds/other.txt": "three goats",
    "seeds/one.fortune": f"{TALE}\n%\nthree goats\n%\n",
    "seeds/two.fortune": f"{TALE}\n%\nthree goats\n%\n",
    "seeds/three.fortune": f"{TALE}\n%\nthree good goats\n%\n",
}


@pytest.fixture
def workspace(corpus: Corpus) -> Workspace:
    return open_corpus(corpus(FILES), str(corpus({}).parent / "cache.sqlite"))


def together(workspace: Workspace, *records: tuple[str, int]) -> bool:
    repeats = Repeats(workspace)
    keys = [repeats.key(f"seeds/{path}", record) for path, record in records]
    return len(set(keys)) == 1


def test_before_a_check_only_copies_are_known(workspace: Workspace) -> None:
    assert workspace.stored_groups() is None
    assert together(workspace, ("a.txt", 0), ("copy.txt", 0))
    assert together(workspace, ("one.fortune", 1), ("two.fortune", 1))
    assert not together(workspace, ("one.fortune", 0), ("two.fortune", 1))
    assert not together(workspace, ("a.txt", 0), ("loud.txt", 0))
    assert not together(workspace, ("gone.txt", 0), ("gone too.txt", 0))


def test_after_a_check_whatever_is_alike(workspace: Workspace) -> None:
    seed_groups(workspace)
    assert workspace.stored_groups()
    alike = [("a.txt", 0), ("copy.txt", 0), ("loud.txt", 0)]
    assert together(workspace, *alike)
    assert together(workspace, ("a.txt", 0), ("near.txt", 0))
    assert not together(workspace, ("a.txt", 0), ("other.txt", 0))
    assert not together(workspace, ("gone.txt", 0), ("gone too.txt", 0))


def test_of_several_records_only_those_of_copies_are(workspace: Workspace) -> None:
    seed_groups(workspace)
    assert together(workspace, ("one.fortune", 1), ("two.fortune", 1))
    assert not together(workspace, ("one.fortune", 0), ("one.fortune", 1))
    assert not together(workspace, ("one.fortune", 1), ("three.fortune", 1))
