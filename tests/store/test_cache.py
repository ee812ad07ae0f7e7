"""The cache folder: private, outside the corpus, or refused with a remedy."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from seedkit.core.errors import EnvironmentFault
from seedkit.store.location import cache_folder

REMEDY = "remove it, or choose another with --cache-dir or SEEDKIT_CACHE_DIR"


@pytest.fixture
def root(tmp_path: Path) -> str:
    (tmp_path / "corpus").mkdir()
    return str(tmp_path / "corpus")


def test_the_folder_is_made_private_and_found_again(root: str, tmp_path: Path) -> None:
    folder = cache_folder(root, str(tmp_path / "new/deep"))
    assert folder.parent == tmp_path / "new/deep"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert cache_folder(root, str(tmp_path / "new/deep")) == folder


def test_each_corpus_has_its_own(root: str, tmp_path: Path) -> None:
    given = str(tmp_path / "cache")
    names = {cache_folder(each, given).name for each in (root, f"{root}2", f"{root}\udcff")}
    assert len(names) == 3


def test_what_is_given_beats_the_variable_which_beats_the_default(
    root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SEEDKIT_CACHE_DIR", str(tmp_path / "variable"))
    assert cache_folder(root, str(tmp_path / "given")).parent == tmp_path / "given"
    assert cache_folder(root).parent == tmp_path / "variable"
    assert cache_folder(root, "~/mine").parent == tmp_path / "home/mine"
    monkeypatch.delenv("SEEDKIT_CACHE_DIR")
    assert cache_folder(root).is_relative_to(tmp_path)
    assert "seedkit" in cache_folder(root).parts


@pytest.mark.parametrize("inside", [".", "cache", "link/cache"])
def test_a_folder_inside_the_corpus_is_refused(root: str, tmp_path: Path, inside: str) -> None:
    (tmp_path / "link").symlink_to(root)
    given = tmp_path / inside if inside.startswith("link") else Path(root) / inside
    with pytest.raises(EnvironmentFault) as caught:
        cache_folder(root, str(given))
    resolved = str(given.resolve())
    assert caught.value.message == f"the cache folder {resolved} lies inside the corpus"
    assert caught.value.help == (
        "choose another with --cache-dir or SEEDKIT_CACHE_DIR: a cache that a repository brings "
        "can't be trusted"
    )
    assert list(Path(root).iterdir()) == []


def refusal(root: str, tmp_path: Path) -> EnvironmentFault:
    with pytest.raises(EnvironmentFault) as caught:
        cache_folder(root, str(tmp_path / "cache"))
    return caught.value


@pytest.mark.parametrize("mode", [0o770, 0o720, 0o702, 0o777])
def test_a_folder_that_others_can_write_is_refused(root: str, tmp_path: Path, mode: int) -> None:
    folder = cache_folder(root, str(tmp_path / "cache"))
    folder.chmod(mode)
    fault = refusal(root, tmp_path)
    assert fault.message == f"the cache folder {folder} can be written by others"
    assert fault.help == REMEDY


def test_a_folder_of_another_user_is_refused(
    root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = cache_folder(root, str(tmp_path / "cache"))
    other = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: other)
    fault = refusal(root, tmp_path)
    assert fault.message == f"the cache folder {folder} belongs to another user"
    assert fault.help == REMEDY


def test_a_link_in_its_place_is_refused(root: str, tmp_path: Path) -> None:
    folder = cache_folder(root, str(tmp_path / "cache"))
    folder.rmdir()
    (tmp_path / "planted").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "planted")
    assert refusal(root, tmp_path).message == f"the cache folder {folder} is no folder"


def test_a_file_in_its_place_is_refused(root: str, tmp_path: Path) -> None:
    folder = cache_folder(root, str(tmp_path / "cache"))
    folder.rmdir()
    folder.write_text("")
    fault = refusal(root, tmp_path)
    assert fault.message == f"the cache folder {folder} can't be made: file exists"
    assert fault.help == "choose another with --cache-dir or SEEDKIT_CACHE_DIR"


def test_a_folder_that_cannot_be_made_is_said(root: str, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert refusal(root, tmp_path).message.endswith("can't be made: not a directory")


@pytest.mark.parametrize("given", ["~nobody-of-that-name/cache", "loop/cache"])
def test_a_folder_that_does_not_resolve_is_said(root: str, tmp_path: Path, given: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(EnvironmentFault) as caught:
        cache_folder(root, given if given.startswith("~") else str(tmp_path / given))
    assert " can't be " in caught.value.message
    assert caught.value.help == "choose another with --cache-dir or SEEDKIT_CACHE_DIR"
