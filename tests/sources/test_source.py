"""Reading seeds: what is listed, what is refused, and that nothing outside the root is read."""

from __future__ import annotations

import errno
import os
import shutil
from array import array
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.sources import walk as walk_module
from seedkit.sources.source import (
    DiskSource,
    MemorySource,
    OverlaySource,
    Refused,
    Source,
    escapes,
    read_seed,
    within,
)
from seedkit.sources.walk import FileSignature, joined
from support.corpora import Files

Corpus = Callable[[Files], Path]
Step = tuple[str, str, str]  # what to do, and where


def test_scan_lists_regular_files_with_their_signatures(corpus: Corpus) -> None:
    root = corpus({"seeds/a.txt": "abc", "seeds/deep/b.txt": "", "other/c.txt": "x"})
    scan = DiskSource(str(root)).scan(["seeds"])
    assert sorted(scan.files) == ["seeds/a.txt", "seeds/deep/b.txt"]
    status = (root / "seeds/a.txt").stat()
    signature = (3, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    assert scan.files["seeds/a.txt"] == signature
    assert scan.refused == {}


def test_scan_of_several_folders_and_of_the_root(corpus: Corpus) -> None:
    root = corpus({"a/1": "", "b/2": "", "c/3": "", "4": ""})
    source = DiskSource(str(root))
    assert sorted(source.scan(["a", "/b/"]).files) == ["a/1", "b/2"]
    assert sorted(source.scan(["."]).files) == ["4", "a/1", "b/2", "c/3"]


def test_folders_within_each_other_are_listed_once(corpus: Corpus) -> None:
    root = corpus({"a/1": "", "a/b/2": ""})
    scan = DiskSource(str(root)).scan(["a/b", "a"])
    assert sorted(scan.paths) == ["a/1", "a/b/2"]
    assert len(scan.signatures) == 8


def test_a_scan_is_the_same_in_columns_and_as_a_table(corpus: Corpus) -> None:
    source = DiskSource(str(corpus({"seeds/a": "abc", "seeds/b/c": ""})))
    scan = source.scan(["seeds"])
    names, paths, signatures = scan.names, scan.paths, scan.signatures
    assert (names, paths) == (b"seeds/a\0seeds/b/c", ["seeds/a", "seeds/b/c"])
    assert list(scan.files) == paths
    assert [number for signature in scan.files.values() for number in signature] == list(signatures)
    assert (scan.names, scan.paths, scan.signatures) == (names, paths, signatures)
    scan.files["seeds/b/c"] = FileSignature(1, 2, 3, 4)
    del scan.files["seeds/a"]
    assert (scan.names, scan.paths) == (b"seeds/b/c", ["seeds/b/c"])
    assert scan.signatures == array("q", [1, 2, 3, 4])
    assert scan.files == {"seeds/b/c": FileSignature(1, 2, 3, 4)}


def test_where_folders_can_not_be_looked_at_by_handle(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = corpus({"seeds/a": "abc", "seeds/b/c": "", "seeds/b/d/e": "x"})
    (root / "seeds/link").symlink_to("a")
    source = DiskSource(str(root))
    by_handle = source.scan(["seeds", "none"])
    monkeypatch.setattr(walk_module, "_BY_HANDLE", False)
    by_path = source.scan(["seeds", "none"])
    assert by_path.files == by_handle.files
    assert by_path.refused == by_handle.refused
    assert by_path.refused == {
        "seeds/link": "is a symbolic link",
        "none": "can't be listed: no such file or directory",
    }


def test_a_folder_that_changes_during_the_walk(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is gone is no fault; one that a link has replaced is not followed."""
    root = corpus({"seeds/a": "", "seeds/gone/b": "", "seeds/linked/c": ""})
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("")
    original = walk_module.Walk._look_at

    def meanwhile(self: Any, entries: Any, prefix: str) -> list[str]:
        below = original(self, entries, prefix)
        if prefix == "seeds/" and (root / "seeds/gone").exists():
            shutil.rmtree(root / "seeds/gone")
            shutil.rmtree(root / "seeds/linked")
            (root / "seeds/linked").symlink_to(tmp_path / "outside")
        return below

    monkeypatch.setattr(walk_module.Walk, "_look_at", meanwhile)
    scan = DiskSource(str(root)).scan(["seeds"])
    assert list(scan.files) == ["seeds/a"]
    assert list(scan.refused) == ["seeds/linked"]


def test_numbers_that_the_cache_can_not_hold() -> None:
    """File systems may count inodes to 2**64."""

    class Entry:
        def __init__(self, name: str, inode: int) -> None:
            self.name, self.inode = name, inode

        def stat(self, *, follow_symlinks: bool) -> SimpleNamespace:
            assert not follow_symlinks
            return SimpleNamespace(
                st_mode=0o100644, st_size=5, st_mtime_ns=1, st_ctime_ns=2, st_ino=self.inode
            )

    walk = walk_module.Walk()
    entries: Any = [Entry("a", 7), Entry("b", 2**64 - 1), Entry("c", 9)]
    assert walk._look_at(entries, "seeds/") == []
    scan = walk.scan()
    assert scan.paths == ["seeds/a", "seeds/b", "seeds/c"]
    assert list(scan.signatures[::4]) == [5, 5, 5]
    assert list(scan.signatures[3::4]) == [7, 2**63 - 1, 9]


def test_what_editors_and_git_leave_is_not_listed(corpus: Corpus) -> None:
    root = corpus(
        {
            "seeds/.git/config": "",
            "seeds/.gitkeep": "",
            "seeds/.DS_Store": "",
            "seeds/.seedkit-abc": "",
            "seeds/.hidden.txt": "",
        }
    )
    assert list(DiskSource(str(root)).scan(["seeds"]).files) == ["seeds/.hidden.txt"]


def test_links_are_refused_wherever_they_point(corpus: Corpus, tmp_path: Path) -> None:
    root = corpus({"seeds/a.txt": "a", "seeds/deep/b.txt": "b"})
    (tmp_path / "outside.txt").write_text("secret")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/c.txt").write_text("secret")
    links = {
        "out.txt": "../../outside.txt",
        "in.txt": "a.txt",
        "outdir": "../../folder",
        "indir": "deep",
        "gone.txt": "nowhere",
        "loop": "loop",
    }
    for name, target in links.items():
        (root / "seeds" / name).symlink_to(target)
    source = DiskSource(str(root))
    scan = source.scan(["seeds"])
    assert sorted(scan.files) == ["seeds/a.txt", "seeds/deep/b.txt"]
    assert scan.refused == {f"seeds/{name}": "is a symbolic link" for name in links}
    for path in (*scan.refused, "seeds/outdir/c.txt", "seeds/indir/b.txt"):
        with pytest.raises(Refused) as caught:
            source.read(path)
        assert caught.value.message == f"`{path}` is a symbolic link, or behind one"


def test_a_seeds_folder_that_is_a_link_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    root = corpus({"INDEX.md": ""})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a.txt").write_text("secret")
    (root / "seeds").symlink_to(tmp_path / "elsewhere")
    scan = DiskSource(str(root)).scan(["seeds"])
    assert (scan.files, scan.refused) == ({}, {"seeds": "is a symbolic link"})


def test_a_root_that_is_a_link_is_followed(corpus: Corpus, tmp_path: Path) -> None:
    root = corpus({"seeds/a.txt": "a"})
    (tmp_path / "link").symlink_to(root)
    source = DiskSource(str(tmp_path / "link"))
    assert source.root == str(root.resolve())
    assert source.read("seeds/a.txt") == b"a"


def test_a_link_put_in_place_after_the_scan_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    root = corpus({"seeds/a.txt": "a"})
    (tmp_path / "outside.txt").write_text("secret")
    (root / "seeds/b.txt").symlink_to(tmp_path / "outside.txt")
    with pytest.raises(Refused) as caught:
        read_seed(str(root), "seeds/b.txt")
    assert caught.value.message == "`seeds/b.txt` is a symbolic link"


def test_a_pipe_is_refused_and_does_not_hang(corpus: Corpus) -> None:
    root = corpus({"seeds/a.txt": "a"})
    os.mkfifo(root / "seeds/pipe.txt")
    source = DiskSource(str(root))
    assert source.scan(["seeds"]).refused == {"seeds/pipe.txt": "is a pipe"}
    with pytest.raises(Refused) as caught:
        source.read("seeds/pipe.txt")
    assert caught.value.message == "`seeds/pipe.txt` is a pipe"


def test_a_folder_is_refused(corpus: Corpus) -> None:
    root = corpus({"seeds/a.txt": "a"})
    with pytest.raises(Refused) as caught:
        DiskSource(str(root)).read("seeds")
    assert caught.value.message == "`seeds` is a folder"


@pytest.mark.parametrize(
    "path", ["..", "../a", "seeds/../../a", "/etc/passwd", "\\\\server\\a", "./../a"]
)
def test_a_path_out_of_the_root_is_refused(corpus: Corpus, path: str) -> None:
    source = DiskSource(str(corpus({"seeds/a.txt": "a"})))
    assert escapes(path)
    assert not source.exists(path)
    with pytest.raises(Refused) as caught:
        source.read(path)
    assert caught.value.message == f"`{path}` leaves the root"


@given(st.lists(st.sampled_from(["..", ".", "", "a", "b"]), max_size=6).map("/".join))
def test_escapes(path: str) -> None:
    """Against following the path part by part, which may leave the root on its way."""
    at = ["", "root"]
    out = path.startswith("/")
    for part in path.split("/"):
        if part == "..":
            at.pop()
        elif part not in ("", "."):
            at.append(part)
        out = out or at[:2] != ["", "root"]
        if out:
            break
    assert escapes(path) == out


@pytest.mark.parametrize("path", ["seeds/nothing.txt", "seeds/a.txt/b", "nothing/b.txt", "a\0b"])
def test_what_is_not_there(corpus: Corpus, path: str) -> None:
    source = DiskSource(str(corpus({"seeds/a.txt": "a"})))
    assert not source.exists(path)
    with pytest.raises((FileNotFoundError, NotADirectoryError)):
        source.read(path)


def test_folders_that_are_missing_or_no_folders(corpus: Corpus) -> None:
    source = DiskSource(str(corpus({"file": "a"})))
    assert source.scan(["seeds", "file"]).refused == {
        "seeds": "can't be listed: no such file or directory",
        "file": "can't be listed: not a directory",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_what_may_not_be_read_is_said(corpus: Corpus) -> None:
    root = corpus({"seeds/a.txt": "a", "seeds/locked/b.txt": "b"})
    (root / "seeds/a.txt").chmod(0)
    (root / "seeds/locked").chmod(0)
    source = DiskSource(str(root))
    scan = source.scan(["seeds"])
    (root / "seeds/locked").chmod(0o700)
    assert list(scan.files) == ["seeds/a.txt"]
    assert scan.refused == {"seeds/locked": "can't be listed: permission denied"}
    with pytest.raises(PermissionError):
        source.read("seeds/a.txt")


def test_odd_bytes_in_names(corpus: Corpus) -> None:
    root = corpus({"seeds/plain.txt": ""})
    names = [b"caf\xff.txt", b"a\nb.txt", b"\x1b[31m.txt", "日本.txt".encode(), b" ", b"..."]
    for name in names:
        (root / "seeds" / os.fsdecode(name)).write_bytes(name)
    source = DiskSource(str(root))
    found = source.scan(["seeds"]).files
    assert set(found) == {"seeds/plain.txt", *(f"seeds/{os.fsdecode(name)}" for name in names)}
    for name in names:
        assert source.read(f"seeds/{os.fsdecode(name)}") == name


def test_a_limit_on_what_is_read(corpus: Corpus) -> None:
    files = {"seeds/a.txt": b"x" * 1000}
    root = corpus(files)
    for source in (
        DiskSource(str(root)),
        MemorySource(files),
        OverlaySource(MemorySource({}), files),
    ):
        assert source.read("seeds/a.txt", 1000) == b"x" * 1000
        with pytest.raises(Refused) as caught:
            source.read("seeds/a.txt", 999)
        assert caught.value.message == "`seeds/a.txt` has 1,000 bytes, at most 999 are read"


@pytest.mark.parametrize("size", [0, 1, 5, 3_000_000])
def test_a_file_that_grows_or_shrinks_while_it_is_read(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Whatever size was seen first, the whole file as it is when it is read."""
    content = bytes(range(256)) * 8000
    root = corpus({"a": content})
    real = os.fstat

    def stale(handle: int) -> os.stat_result:
        status = list(real(handle))
        status[6] = size
        return os.stat_result(status)

    monkeypatch.setattr(os, "fstat", stale)
    assert read_seed(str(root), "a") == content
    if size < 1000:
        with pytest.raises(Refused):
            read_seed(str(root), "a", 1000)


def test_a_file_that_vanishes_while_it_is_listed(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = corpus({"seeds/a.txt": "a"})

    class Entry:
        def __init__(self, name: str, error: OSError) -> None:
            self.name, self.path, self.error = name, f"{root}/seeds/{name}", error

        def is_dir(self, *, follow_symlinks: bool) -> bool:
            return False

        def stat(self, *, follow_symlinks: bool) -> os.stat_result:
            raise self.error

    class Listing(list[Entry]):
        def __enter__(self) -> Listing:
            return self

        def __exit__(self, *_: object) -> None:
            return None

    gone = Entry("gone", FileNotFoundError(errno.ENOENT, "No such file or directory"))
    broken = Entry("broken", OSError(errno.EIO, "Input/output error"))
    monkeypatch.setattr(os, "scandir", lambda path: Listing([gone, broken]))
    scan = DiskSource(str(root)).scan(["seeds"])
    assert scan.files == {}
    assert scan.refused == {"seeds/broken": "can't be looked at: input/output error"}


names = st.sampled_from(["a", "b.txt", ".git", ".gitkeep", "é", "caf\udcff", "seeds", ".seedkit-x"])
trees = st.dictionaries(
    st.lists(names, min_size=1, max_size=3).map("/".join), st.binary(max_size=5), max_size=6
).filter(
    lambda tree: (
        "seeds" not in tree and not any(a != b and within(a, b) for a in tree for b in tree)
    )
)


def facts(source: Source, probes: list[str]) -> object:
    """What a source says, its signatures aside."""
    said: dict[str, object] = {}
    for folder in ("seeds", "."):
        said[f"scan {folder}"] = sorted(source.scan([folder]).files)
    for path in probes:
        said[f"exists {path}"] = source.exists(path)
        try:
            said[f"read {path}"] = source.read(path, 3)
        except Refused as error:
            said[f"read {path}"] = error.message
        except FileNotFoundError:
            said[f"read {path}"] = None
    return said


@given(trees, st.data())
def test_memory_and_overlay_are_as_the_disk(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, bytes], data: st.DataObject
) -> None:
    base = {path: data.draw(st.sampled_from([content, b"old"])) for path, content in tree.items()}
    above = {path: content for path, content in tree.items() if base[path] != content}
    above |= (
        {path: tree[path] for path in data.draw(st.sets(st.sampled_from(sorted(tree))))}
        if tree
        else {}
    )
    base = {
        path: content
        for path, content in base.items()
        if path not in above or data.draw(st.booleans())
    }
    root = tmp_path_factory.mktemp("tree")
    (root / "seeds").mkdir()
    for path, content in tree.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    folders = {path.rpartition("/")[0] for path in tree} - {""}
    probes = [
        *tree,
        *(f for f in folders if f not in tree),
        "..",
        "nothing",
        "/etc/passwd",
        "a/../../b",
    ]
    probes = [path for path in probes if path in tree or path not in folders]
    disk = facts(DiskSource(str(root)), probes)
    assert facts(MemorySource(tree), probes) == disk
    assert facts(OverlaySource(MemorySource(base), above), probes) == disk
    for folder in folders:
        assert MemorySource(tree).exists(folder)
        assert OverlaySource(MemorySource(base), above).exists(folder)


def test_an_overlay_replaces_what_the_disk_refuses(corpus: Corpus) -> None:
    root = corpus({"seeds/a.txt": "a"})
    (root / "seeds/b.txt").symlink_to("a.txt")
    source = OverlaySource(DiskSource(str(root)), {"seeds/b.txt": b"buffer"})
    scan = source.scan(["seeds"])
    assert sorted(scan.files) == ["seeds/a.txt", "seeds/b.txt"]
    assert scan.refused == {}
    assert source.read("seeds/b.txt") == b"buffer"


NAMES = st.sampled_from(["a", "b", "c", ".git", ".seedkit-x"])
SPOTS = st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: "/".join(["seeds", *parts]))
FOLDERS = (["seeds"], ["seeds/a", "seeds/b"], ["."])
STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "remove", "folder", "link", "move"]), SPOTS, SPOTS),
    max_size=6,
)


@given(before=STEPS, after=STEPS)
def test_looking_at_what_was_touched_is_as_good_as_a_walk(
    tmp_path_factory: pytest.TempPathFactory, before: list[Step], after: list[Step]
) -> None:
    root = tmp_path_factory.mktemp("corpus")
    (root / "seeds").mkdir()
    for step in before:
        take(root, step)
    source = DiskSource(str(root))
    scans = [(folders, source.scan(folders)) for folders in FOLDERS]
    touched = {path for step in after for path in take(root, step)}
    for folders, scan in scans:
        again, fresh = source.rescan(scan, folders, sorted(touched)), source.scan(folders)
        assert again.files == fresh.files
        assert again.names == joined(again.paths)
        assert again.refused == fresh.refused


def take(root: Path, step: Step) -> list[str]:
    """Do something to the tree if it can be done; return what was touched."""
    what, first, second = step
    path, other = root / first, root / second
    through = [
        os.path.relpath(os.path.realpath(each), os.path.realpath(root)) for each in (path, other)
    ]  # links
    try:
        match what:
            case "write":
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("x" * len(second))
            case "remove":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            case "folder":
                path.mkdir(parents=True)
            case "link":
                path.symlink_to(other)
            case "move":
                path.rename(other)
    except OSError:
        pass
    parts = through[0].split("/")  # new folders on the way are reported, too
    return ["/".join(parts[:end]) for end in range(2, len(parts) + 1)] + [first, second, *through]
