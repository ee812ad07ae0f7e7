"""A walk that several share lists what one walk alone does, in the same order."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.sources.source import DiskSource, MemorySource, OverlaySource
from seedkit.sources.walk import LEFTOVERS as PATTERNS
from seedkit.sources.walk import Share, Walk, is_leftover, merged
from support.corpora import more, write_files
from support.leftovers import LEFTOVERS, TEXTS

parts = st.sampled_from(["a", "b", "ü", "caf\udce9", "line\nend", ".git", ".seedkit-x", "deep"])
paths = st.lists(st.lists(parts, min_size=1, max_size=4).map("/".join), max_size=12)


def tree(root: Path, names: list[str]) -> None:
    """Make files; where a folder is in the way of one, or a file in that of a folder, none."""
    for number, name in enumerate(names):
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if number % 5 == 4:
                path.symlink_to("a")
            else:
                path.write_text(name, "utf-8", "surrogateescape")
        except OSError:
            continue


@given(paths, st.integers(1, 5))
@more(1.5)
def test_shares_of_a_walk_are_the_walk(names: list[str], count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        tree(root, names)
        (root / "empty").mkdir(exist_ok=True)
        folders = ["a", "b", "none", "deep"]
        disk = DiskSource(folder)
        alone = disk._walk(folders).scan()
        shares = [disk._share(folders, Share(share, share + 1, count)) for share in range(count)]
        together = merged(shares)
        assert together.paths == alone.paths
        assert together.names == alone.names
        assert together.signatures == alone.signatures
        assert together.files == alone.files
        assert together.refused == alone.refused
        assert together.folders.keys() == alone.folders.keys()


def test_each_file_is_looked_at_by_one_share(tmp_path: Path) -> None:
    names = [f"{folder}/{file}" for folder in range(20) for file in range(3)]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    found = []
    for share in range(4):
        walk = Walk(Share(share, share + 1, 4))
        walk.down(str(tmp_path), "")
        found.append(set(walk.scan().paths))
    assert sorted(path for each in found for path in each) == sorted(names)
    assert all(found)


def test_a_folder_that_only_one_share_has_seen(tmp_path: Path) -> None:
    """It was made, or removed, between two looks; what was seen in it counts."""
    tree(tmp_path, ["a/1", "b/2", "c/3"])
    packed = []
    for share in range(2):
        walk = Walk(Share(share, share + 1, 2))
        walk.down(str(tmp_path), "")
        packed.append(walk.pack())
        if not share:
            tree(tmp_path, ["d/4", "e/5", "f/6", "g/7"])
    seen = set(merged(packed).paths)
    assert {"a/1", "b/2", "c/3"} <= seen
    assert seen - {"a/1", "b/2", "c/3"} < {"d/4", "e/5", "f/6", "g/7"}


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.data())
def test_the_first_test_of_letters_covers_every_pattern(pattern: str, data: st.DataObject) -> None:
    name = data.draw(st.from_regex(re.compile(pattern, re.DOTALL), fullmatch=True))
    assert is_leftover(name)


def test_what_editors_and_file_managers_leave_is_never_a_seed(tmp_path: Path) -> None:
    names = (*LEFTOVERS, *TEXTS, "kept.orig/n", "kept~/n")
    write_files(tmp_path, {f"seeds/{name}": "It is a seed." for name in names})
    (tmp_path / "seeds/.#locked").symlink_to("nobody@nowhere.1:2")
    (tmp_path / "seeds/below").mkdir()
    (tmp_path / "seeds/below/4913").touch()
    expected = sorted(f"seeds/{name}" for name in (*TEXTS, "kept.orig/n", "kept~/n"))
    disk = DiskSource(str(tmp_path))
    scan = disk.scan(["seeds"])
    assert (sorted(scan.files), scan.refused) == (expected, {})
    again = disk.rescan(scan, ["seeds"], [f"seeds/{name}" for name in (*LEFTOVERS, "kept~")])
    assert (sorted(again.files), again.refused) == (expected, {})
    files = dict.fromkeys([*expected, *(f"seeds/{name}" for name in LEFTOVERS)], b"")
    for source in (MemorySource(files), OverlaySource(MemorySource({}), files)):
        assert sorted(source.scan(["seeds"]).files) == expected
