"""Whatever becomes of the files of the cache, the next command is right, and says nothing of it.

More cases: `python tests/support/damages.py --help`.
"""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

from seedkit.search.index.store import damaged, seal
from seedkit.settings.engines import STORED
from support.corpora import cases
from support.damages import Damages
from support.trouble import Trouble, folders_stay


@pytest.fixture
def trouble(request: pytest.FixtureRequest, tmp_path: Path) -> Trouble:
    """A corpus with an index of the engine that the test names."""
    pytest.importorskip(request.param)
    trouble = Trouble(tmp_path, request.param)
    trouble.run("index", "--engine", request.param)
    return trouble


each_engine = pytest.mark.parametrize("trouble", STORED, indirect=True)


def test_any_damage_of_any_file(tmp_path: Path) -> None:
    pytest.importorskip("tantivy")
    with folders_stay():
        damages = Damages(tmp_path, chance=11)
        for _ in range(cases(1.5)):
            damages.case()


# -- an index


def segment(trouble: Trouble) -> Path:
    """The largest file of the index with tokens or postings in it."""
    files = trouble.cache.glob("*/search/*/data/*")
    return max((f for f in files if f.suffix != ".json"), key=lambda path: path.stat().st_size)


def generations(trouble: Trouble) -> list[str]:
    return sorted(path.name for path in trouble.cache.glob("*/search/*-*"))


@each_engine
def test_what_was_changed_is_rebuilt(trouble: Trouble) -> None:
    path = segment(trouble)
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    trouble.assert_right()
    assert generations(trouble) == [f"{trouble.engine}-1", f"{trouble.engine}-2"]


@each_engine
def test_what_was_only_touched_is_kept(trouble: Trouble) -> None:
    path = segment(trouble)
    path.write_bytes(path.read_bytes())
    trouble.assert_right()
    assert generations(trouble) == [f"{trouble.engine}-1"]


@each_engine
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
def test_what_is_no_file_is_not_opened(trouble: Trouble) -> None:
    path = segment(trouble)
    path.unlink()
    os.mkfifo(path)  # a reader would wait without end
    trouble.assert_right()
    path.unlink()
    path.symlink_to(trouble.root / "seeds" / "0000.txt")
    trouble.assert_right()


@each_engine
def test_decay_that_no_signature_shows_is_found_if_asked_for(
    trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a failing disk would do it: other bytes, the same signature."""
    path = segment(trouble)
    before = os.stat(path)
    data = path.read_bytes()
    middle = len(data) // 2  # where no engine looks as it opens an index
    path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
    real = os.lstat

    def lstat(name: str) -> os.stat_result:
        return before if os.fspath(name) == str(path) else real(name)

    monkeypatch.setattr("seedkit.search.index.store.os.lstat", lstat)
    code, _, err = trouble.run("index", "--verify", "--engine", trouble.engine)
    assert code == 1
    assert err.splitlines()[0] == f"seedkit index: file {path.name} is not as it was written"
    trouble.run("index", "--rebuild", "--engine", trouble.engine)
    assert trouble.run("index", "--verify", "--engine", trouble.engine).code == 0
    trouble.assert_right()


def test_seals(tmp_path: Path) -> None:
    for name in ("a", "b", "c", ".lock"):
        (tmp_path / name).write_text(name * 10)
    sealed = seal(str(tmp_path), {})
    assert sorted(sealed) == ["a", "b", "c"]
    assert damaged(str(tmp_path), sealed) == damaged(str(tmp_path), sealed, thorough=True) == []
    (tmp_path / "a").write_text("a" * 9)
    (tmp_path / "b").write_text("x" * 10)
    (tmp_path / "c").unlink()
    (tmp_path / "d").write_text("which was not there")
    assert damaged(str(tmp_path), sealed) == ["a", "b", "c"]
    again = seal(str(tmp_path), sealed)
    assert sorted(again) == ["a", "b", "d"]
    assert damaged(str(tmp_path), again) == []


def test_a_sealed_file_is_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("text")
    sealed = seal(str(tmp_path), {})
    odd = {"a": sealed["a"]._replace(checksum=7)}
    assert seal(str(tmp_path), odd) == odd
    assert damaged(str(tmp_path), odd) == []
    assert damaged(str(tmp_path), odd, thorough=True) == ["a"]


# -- pickles: Whoosh writes some, and its own readers would run them


class Planted:
    """Runs code when it is unpickled: makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def test_a_pickle_in_place_of_a_file_is_never_loaded(tmp_path: Path) -> None:
    trouble = Trouble(tmp_path, "whoosh")
    planted = pickle.dumps(Planted(tmp_path / "it-ran"))
    for pattern in ("*.toc", "*.seg"):
        trouble.run("index", "--engine", "whoosh")
        for path in sorted(trouble.cache.glob(f"*/search/*/data/{pattern}")):
            path.write_bytes(planted)
        trouble.assert_right()
    assert not (tmp_path / "it-ran").exists()
    pickle.loads(planted)
    assert (tmp_path / "it-ran").exists()  # so would anything that had loaded it


def test_a_pickle_next_to_the_files_is_never_loaded(tmp_path: Path) -> None:
    """A later commit than the last, which Whoosh itself would open."""
    trouble = Trouble(tmp_path, "whoosh")
    trouble.run("index", "--engine", "whoosh")
    (data,) = trouble.cache.glob("*/search/*/data")
    (data / "_MAIN_99.toc").write_bytes(pickle.dumps(Planted(tmp_path / "it-ran")))
    trouble.assert_right()
    trouble.edit()
    trouble.assert_right()
    assert not (tmp_path / "it-ran").exists()


@each_engine
def test_an_index_from_elsewhere_is_not_believed(trouble: Trouble, tmp_path: Path) -> None:
    """One that was copied here is rebuilt, whatever it says of itself."""
    (generation,) = trouble.cache.glob("*/search/*-1")
    generation.rename(tmp_path / "elsewhere-1")
    shutil.copytree(tmp_path / "elsewhere-1", generation)
    (generation / "data" / "mark").touch()
    trouble.assert_right()
    assert not (generation / "data" / "mark").exists()
