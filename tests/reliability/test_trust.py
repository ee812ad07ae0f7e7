"""Whose cache is believed, and what hostile names can do: nothing."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from support.commandline import Ran, seedkit
from support.corpora import write_files
from support.machines import assert_harmless
from support.trouble import Trouble

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX owners, modes and links")

COMMANDS = (["check"], ["search", "mill"], ["index"], ["watch", "--once-ready"])
WHOOSH = ("--config", 'engine = "whoosh"')
REMEDY = "remove it, or choose another with --cache-dir or SEEDKIT_CACHE_DIR"

each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])


@pytest.fixture
def trouble(tmp_path: Path) -> Trouble:
    trouble = Trouble(tmp_path, "whoosh", seeds=3)
    for command in COMMANDS:
        assert trouble.run(*command, *WHOOSH).code in (0, 1)
    return trouble


def folder_of(trouble: Trouble) -> Path:
    (folder,) = trouble.cache.iterdir()
    return folder


def refused(ran: Ran, name: str, message: str, remedy: str = REMEDY) -> None:
    assert ran == Ran(2, "", f"seedkit {name}: error: {message}\n  help: {remedy}\n")


def unused(ran: Ran, name: str, message: str, remedy: str = REMEDY) -> None:
    """Nothing was read from the cache or written to it; what needs none does without."""
    if name in ("index", "watch"):
        refused(ran, name, message, remedy)
        return
    assert ran.code in (0, 1)
    assert ran.err.startswith(f"seedkit: note: no cache: {message}\n  help: {remedy}\n")
    assert ran.err.count(message) == 1
    assert "Checked 3 seeds" in ran.out or "seeds/" in ran.out


@each_command
@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_cache_that_others_can_write_to(trouble: Trouble, command: list[str], mode: int) -> None:
    folder = folder_of(trouble)
    folder.chmod(mode)
    before = trouble.files()
    message = f"the cache folder {folder} can be written by others"
    unused(trouble.run(*command, *WHOOSH), command[0], message)
    assert trouble.files() == before


@each_command
def test_a_cache_of_another_user(
    trouble: Trouble, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(trouble)
    if os.geteuid() == 0:
        os.chown(folder, 4242, -1)
    else:
        monkeypatch.setattr("os.getuid", lambda: 4242)
    message = f"the cache folder {folder} belongs to another user"
    unused(trouble.run(*command, *WHOOSH), command[0], message)


@each_command
@pytest.mark.parametrize("place", ["", "search", "watch"])
def test_a_link_in_place_of_a_folder(trouble: Trouble, command: list[str], place: str) -> None:
    """What is behind it is somebody else's, and stays as it is."""
    folder = folder_of(trouble) / place
    target = trouble.root.with_name("elsewhere")
    folder.rename(target)
    folder.symlink_to(target)
    before = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    ran = trouble.run(*command, *WHOOSH)
    message = f"the cache folder {folder} is no folder"
    if place == "":
        unused(ran, command[0], message)
    elif place == "search" and command[0] == "index":
        refused(ran, command[0], f"the search index can't be kept: {message}")
    elif place == "search" and command[0] == "search":
        note = f"the search index can't be kept: {message}; reading all seeds instead"
        assert (ran.code, ran.err) == (0, f"seedkit search: note: {note}\n")
    elif place == "watch" and command[0] == "watch":
        refused(ran, command[0], message)
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == before


def test_cookies_behind_a_link_are_not_removed(trouble: Trouble) -> None:
    cookies = folder_of(trouble) / "watch" / "cookies"
    cookies.rmdir()
    cookies.symlink_to(trouble.root / "seeds")
    message = f"the cache folder {cookies} is no folder"
    refused(trouble.run("watch", "--once-ready", *WHOOSH), "watch", message)
    assert len(list((trouble.root / "seeds").iterdir())) == 3


@each_command
def test_a_cache_that_came_with_the_repository(trouble: Trouble, command: list[str]) -> None:
    inside = trouble.root / "cache"
    trouble.cache.rename(inside)
    unused(
        trouble.run(*command, *WHOOSH, cache=inside),
        command[0],
        f"the cache folder {inside} lies inside the corpus",
        "choose another with --cache-dir or SEEDKIT_CACHE_DIR: a cache that a repository brings "
        "can't be trusted",
    )


def test_a_folder_of_a_repository_that_looks_like_a_cache(trouble: Trouble) -> None:
    """It is a folder like any other."""
    for name in (".seedkit", "search", "seedkit"):
        write_files(trouble.root, {f"{name}/CURRENT": "whoosh-1\n", f"{name}/whoosh-1/data/x": "x"})
    for command in COMMANDS:
        assert trouble.run(*command, *WHOOSH).code in (0, 1)
    assert not (trouble.root / ".seedkit" / "lock").exists()


def test_all_is_the_users_alone(trouble: Trouble) -> None:
    """Whatever the umask allows to others, they can't come in."""
    before = os.umask(0)
    try:
        for command in COMMANDS:
            trouble.run(*command, *WHOOSH)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder_of(trouble).stat().st_mode) == 0o700


HOSTILE = (
    "esc\x1b[31m",
    "bidi\u202e\u2066",
    "new\nline",
    "bytes\udcff\udcc3",
    "-dash",
    "$(touch it-ran)`touch it-ran`",
    "quo'te\"s",
    "sp ace ",
    "%s{0}",
)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name: str, tmp_path: Path) -> None:
    """Of the corpus, its cache, its folders and seeds."""
    root, cache = tmp_path / f"root {name}", tmp_path / f"cache {name}"
    write_files(root, {"seedkit.toml": "", f"seeds/{name}/{name}.txt": "the mill"})
    cache.mkdir(0o700)
    for command in COMMANDS:
        ran = seedkit(*command, *WHOOSH, "--cache-dir", str(cache), cwd=root)
        assert ran.code in (0, 1), ran
        for text in filter(None, (ran.out, ran.err)):
            assert_harmless(text)
    (folder,) = cache.iterdir()
    folder.chmod(0o777)
    ran = seedkit("search", "mill", "--cache-dir", str(cache), cwd=root)
    assert ran.code == 0
    assert_harmless(ran.err)
    assert not (root / "it-ran").exists()
