"""A file that is moved between folders while they are listed is listed once, or the answer says so.

`Walk._list` and `DiskSource.read` are where something may happen meanwhile.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.corpus.workspace import Workspace
from seedkit.search.find import Request
from seedkit.search.session import Session
from seedkit.settings.load import load_settings
from seedkit.sources import folders, source
from seedkit.sources.source import DiskSource
from seedkit.sources.walk import Scan, Share, Walk, merged
from seedkit.store.database import CacheDatabase
from seedkit.watch.corpus import RememberedDisk
from support.commandline import seedkit
from support.corpora import Files, write_files

Corpus = Callable[[Files], Path]
Move = Callable[[], object]
CORPUS: Files = {
    "seedkit.toml": "",
    "schemas/plain.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
    "INDEX.md": "# Seeds\n\n- [x](seeds/a/x.txt)\n- [m](seeds/a/m.txt)\n",
    "seeds/a/x.txt": "a mill\n",
    "seeds/b/y.txt": "a ferry\n",
    "seeds/a/m.txt": "zebra\n",
}


class Moving(NamedTuple):
    """A file that is moved to and fro between folders, at moments that a test chooses."""

    root: Path
    paths: tuple[str, ...]  # the first is where it is in the beginning

    def move(self) -> None:
        """Move it from where it is to the next place."""
        here = next(path for path in self.paths if (self.root / path).exists())
        there = self.paths[(self.paths.index(here) + 1) % len(self.paths)]
        (self.root / there).parent.mkdir(exist_ok=True)
        (self.root / here).rename(self.root / there)


def before_listing(happens: Iterator[object]) -> mock._patch[object]:
    """Let the next thing happen before each folder is listed."""
    listed = Walk._list

    def meanwhile(walk: Walk, directory: str, prefix: str) -> list[str]:
        next(happens, None)
        return listed(walk, directory, prefix)

    return mock.patch.object(Walk, "_list", meanwhile)


def moves(moving: Moving, turns: list[bool]) -> Iterator[object]:
    for turn in turns:
        yield moving.move() if turn else None


def count(scan: Scan) -> int:
    return sum(path.endswith("m.txt") for path in scan.paths)


turns = st.lists(st.booleans(), max_size=40)


@given(turns)
def test_it_is_listed_once_or_nothing_is_settled(turns: list[bool]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), CORPUS)
        moving = Moving(Path(folder), ("seeds/a/m.txt", "seeds/b/m.txt", "seeds/new/m.txt"))
        with before_listing(moves(moving, turns)):
            scan = DiskSource(folder).scan(["seeds"])
        assert count(scan) == 1 or not scan.settled
        if len(turns) < 5:
            assert scan.settled


@given(turns, st.integers(2, 4))
def test_the_shares_of_a_walk_are_of_one_moment(turns: list[bool], parts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), CORPUS)
        disk = DiskSource(folder)
        moving = Moving(Path(folder), ("seeds/a/m.txt", "seeds/b/m.txt", "seeds/new/m.txt"))
        with before_listing(moves(moving, turns)):
            shares = [disk._share(["seeds"], Share(at, at + 1, parts)) for at in range(parts)]
            scan = disk._settled(merged(shares), ["seeds"])
        assert count(scan) == 1 or not scan.settled


@given(turns, st.sampled_from([[], ["seeds/a/m.txt"], ["seeds/b/m.txt"], ["seeds/b"]]))
def test_a_watch_that_heard_but_one_half(turns: list[bool], heard: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), CORPUS)
        disk = RememberedDisk(folder)
        moving = Moving(Path(folder), ("seeds/a/m.txt", "seeds/b/m.txt"))
        assert count(disk.scan(["seeds"])) == 1
        moving.move()
        assert disk.moved(["seeds"])
        disk.look_at(heard)
        with before_listing(moves(moving, turns)):
            scan = disk.scan(["seeds"])
        assert count(scan) == 1 or not scan.settled
        assert not disk.moved(["seeds"]) or not scan.settled


def test_a_folder_that_is_moved(tmp_path: Path) -> None:
    write_files(tmp_path, {"seeds/a/deep/m.txt": "", "seeds/b/y.txt": ""})
    moving = Moving(tmp_path, ("seeds/a/deep", "seeds/b/deep"))
    for number in range(4):
        with before_listing(moves(moving, [False] * number + [True])):
            scan = DiskSource(str(tmp_path)).scan(["seeds"])
        assert (count(scan), scan.settled) == (1, True)


def test_seeds_in_several_folders(tmp_path: Path) -> None:
    write_files(tmp_path, {"a/m.txt": "", "b/y.txt": ""})
    for order in (["a", "b"], ["b", "a"], ["."]):
        moving = Moving(tmp_path, ("a/m.txt", "b/m.txt"))
        with before_listing(moves(moving, [False, True, False, True])):
            scan = DiskSource(str(tmp_path)).scan(order)
        assert (count(scan), scan.settled) == (1, True)


def test_what_has_not_changed_is_listed_once(tmp_path: Path) -> None:
    write_files(tmp_path, CORPUS)
    folders.wait_for_tick()
    listed: list[str] = []
    real = Walk._list

    def note(walk: Walk, directory: str, prefix: str) -> list[str]:
        listed.append(prefix)
        return real(walk, directory, prefix)

    with mock.patch.object(Walk, "_list", note):
        disk = DiskSource(str(tmp_path))
        scan = disk.scan(["seeds"])
        assert sorted(listed) == ["seeds/", "seeds/a/", "seeds/b/"]
        listed.clear()
        assert disk.rescan(scan, ["seeds"], []) is scan
        (tmp_path / "seeds/b/z.txt").touch()
        assert "seeds/b/z.txt" in disk.rescan(scan, ["seeds"], []).files
        assert set(listed) == {"seeds/b/"}


def test_times_in_the_future_are_no_doubt(tmp_path: Path) -> None:
    write_files(tmp_path, CORPUS)
    for path in ("seeds", "seeds/a", "seeds/b"):
        os.utime(tmp_path / path, (2**33, 2**33))
    folders.wait_for_tick()
    scan = DiskSource(str(tmp_path)).scan(["seeds"])
    assert folders.UNSURE not in scan.folders.values()


# -- as commands show it


def endless(moving: Moving) -> Iterator[object]:
    while True:
        yield moving.move()


def once_it_is_listed(moving: Moving, times: int) -> mock._patch[object]:
    """Let the file be moved just before it is read, so many times."""
    read, left = source.read_seed, iter(range(times))

    def meanwhile(root: str, path: str, limit: int | None = None) -> bytes:
        if path.endswith("m.txt") and next(left, None) is not None:
            moving.move()
        return read(root, path, limit)

    return mock.patch.object(source, "read_seed", meanwhile)


@pytest.fixture
def moving(corpus: Corpus) -> Moving:
    return Moving(corpus(CORPUS), ("seeds/a/m.txt", "seeds/b/m.txt"))


ENGINES = ["scan", "tantivy", "whoosh"]
SEARCH = ("search", "zebra", "--format", "json", "--engine")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_search_while_it_is_moved_again_and_again(moving: Moving, engine: str) -> None:
    pytest.importorskip("seedkit" if engine == "scan" else engine)
    with mock.patch.object(DiskSource, "begin"), before_listing(endless(moving)):
        found = seedkit(*SEARCH, engine, cwd=moving.root)
    assert not json.loads(found.out)["fresh"]
    assert "seeds change while they are searched: this answer may be out of date" in found.err


@pytest.mark.parametrize("engine", ENGINES)
def test_a_search_while_it_is_moved_once(moving: Moving, engine: str) -> None:
    pytest.importorskip("seedkit" if engine == "scan" else engine)
    for number in range(6):
        happens = moves(moving, [False] * number + [True])
        with mock.patch.object(DiskSource, "begin"), before_listing(happens):
            found = json.loads(seedkit(*SEARCH, engine, cwd=moving.root).out)
        assert (found["total"], found["fresh"]) == (1, True)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("times", [1, 2, 3, 1000])
def test_a_search_while_it_is_moved_before_it_is_read(
    moving: Moving, engine: str, times: int
) -> None:
    pytest.importorskip("seedkit" if engine == "scan" else engine)
    with once_it_is_listed(moving, times):
        found = json.loads(seedkit(*SEARCH, engine, cwd=moving.root).out)
    assert found["total"] == 1 or not found["fresh"]
    if times < 3:
        assert (found["total"], found["fresh"]) == (1, True)


NOTE = "seedkit: note: seeds are moved while they are listed: this answer may be out of date\n"


@pytest.mark.parametrize("command", [("check", "--ignore", "index"), ("show-files",), ("stats",)])
def test_other_commands_say_so(moving: Moving, command: tuple[str, ...]) -> None:
    with mock.patch.object(DiskSource, "begin"), before_listing(endless(moving)):
        assert seedkit(*command, cwd=moving.root).err.startswith(NOTE)
    with once_it_is_listed(moving, 1):
        again = seedkit(*command, cwd=moving.root)
    assert NOTE not in again.err
    assert again.out == seedkit(*command, cwd=moving.root).out


@pytest.mark.parametrize(
    "command",
    [
        ("check", "--fix", "--unsafe-fixes"),
        ("check", "--baseline-update"),
        ("mv", "seeds/a/x.txt", "seeds/b/x.txt"),
        ("rm", "seeds/a/x.txt"),
    ],
)
def test_nothing_is_written_meanwhile(moving: Moving, command: tuple[str, ...]) -> None:
    with mock.patch.object(DiskSource, "begin"), before_listing(endless(moving)):
        ended = seedkit(*command, cwd=moving.root)
    assert ended.code == 2
    assert ended.err.endswith(
        f"seedkit {command[0]}: error: seeds are moved while they are listed\n"
        "  help: nothing is written; try again when that is done\n"
    )
    assert (moving.root / "INDEX.md").read_text() == CORPUS["INDEX.md"]
    assert (moving.root / "seeds/a/x.txt").exists()


def process(moving: Moving, cache: Path) -> Workspace:
    """What another process knows that looks at the corpus now."""
    disk = DiskSource(str(moving.root))
    workspace = Workspace(disk, load_settings(disk), CacheDatabase(str(cache / "cache.sqlite")))
    workspace.refresh()
    return workspace


def test_rows_are_not_those_that_another_process_has_stored_since(
    moving: Moving, tmp_path: Path
) -> None:
    process(moving, tmp_path)
    here = process(moving, tmp_path)
    moving.move()
    process(moving, tmp_path)
    assert [path for path in here.rows if path.endswith("m.txt")] == ["seeds/b/m.txt"]
    assert not here.unsettled


@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
def test_an_index_is_not_made_of_what_another_process_has_seen_since(
    moving: Moving, tmp_path: Path, engine: str
) -> None:
    """By its log the file is gone from where it is for us, and where it is now we know nothing."""
    pytest.importorskip(engine)

    def session() -> Session:
        return Session(process(moving, tmp_path), tmp_path, engine)

    assert session().answer(Request("zebra")).total == 1
    moving.move()
    assert session().answer(Request("zebra")).total == 1
    moving.move()
    here = session()
    moving.move()
    session()
    answer = here.answer(Request("zebra", limit=0))
    assert (answer.total, answer.fresh) == (1, True)
