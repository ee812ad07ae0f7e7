"""An index follows the workspace: what is done, what is left alone, and what a failure leaves."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from seedkit.core.errors import EnvironmentFault
from seedkit.corpus.workspace import Workspace
from seedkit.search.engines.scan import ScanEngine
from seedkit.search.index import update
from seedkit.search.index.store import Store
from seedkit.search.index.update import NotKept, Opened, SearchIndex, Unsettled
from seedkit.search.model import AllOf, IndexDamaged, IndexRecord, Reader, Writer
from seedkit.settings.load import load_settings
from seedkit.sources.source import DiskSource
from seedkit.store.changelog import Revision
from seedkit.store.database import CacheDatabase
from support.corpora import Files, open_corpus, write_files

FILES = {
    "seedkit.toml": "",
    "schemas/plain.toml": 'extends = "builtin:plain"\nfiles = ["seeds/*"]\n',
    "seeds/a.txt": "the mill\n",
    "seeds/b.txt": "a ferry\n",
}


class Killed(BaseException):
    """No handler catches it."""


class Engine(ScanEngine):
    """Notes what it is asked to do, and fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.failing: dict[str, BaseException] = {}

    def _do(self, what: str) -> None:
        self.done.append(what)
        if what in self.failing:
            raise self.failing.pop(what)

    def create(self, directory: str) -> None:
        self._do("create")
        super().create(directory)

    def read(self, directory: str) -> Reader:
        self._do("read")
        return super().read(directory)

    def write(self, directory: str) -> Writer:
        self._do("write")
        return Failing(super().write(directory), self._do)


class Failing:
    def __init__(self, writer: Writer, do: Callable[[str], None]) -> None:
        self.writer = writer
        self.do = do
        self.close = writer.close

    def remove(self, paths: Iterable[str]) -> None:
        given = list(paths)
        self.do(f"remove {' '.join(given)}")
        self.writer.remove(given)

    def add(self, record: IndexRecord) -> None:
        self.do(f"add {record.path}")
        self.writer.add(record)

    def commit(self) -> None:
        self.do("commit")
        self.writer.commit()
        self.do("committed")


class Corpus:
    """A corpus with an index, each opened as a process of its own would."""

    def __init__(self, root: Path, cache: Path) -> None:
        self.root = root
        self.cache = cache
        self.engine = Engine()
        self.store = Store(cache)

    def workspace(self) -> Workspace:
        return open_corpus(self.root, str(self.cache / "cache.sqlite"))

    def index(self, workspace: Workspace | None = None) -> SearchIndex:
        return SearchIndex(workspace or self.workspace(), self.store, self.engine)

    def open(self, *, rebuild: bool = False) -> Opened:
        self.engine.done.clear()
        return self.index().open(rebuild=rebuild)

    def write(self, **texts: str) -> None:
        write_files(self.root, {f"seeds/{name}.txt": text for name, text in texts.items()})

    def remove(self, name: str) -> None:
        (self.root / f"seeds/{name}.txt").unlink()


@pytest.fixture
def made(corpus: Callable[[Files], Path], tmp_path: Path) -> Corpus:
    """A corpus without an index."""
    cache = tmp_path / "kept"
    cache.mkdir()
    return Corpus(corpus(FILES), cache)


@pytest.fixture
def kept(made: Corpus) -> Corpus:
    """A corpus with an index that is up to date."""
    made.open()
    return made


def held(opened: Opened) -> list[str]:
    return [
        path.removeprefix("seeds/") for path, _, _ in opened.reader.search(AllOf(()), None).hits
    ]


def told(opened: Opened) -> tuple[int, int, bool]:
    return opened.changed, opened.removed, opened.rebuilt


# -- what is done


def test_the_first_time_all_is_indexed(made: Corpus) -> None:
    opened = made.open()
    assert told(opened) == (2, 0, True)
    assert held(opened) == ["a.txt", "b.txt"]
    assert made.engine.done == [
        "create", "write", "add seeds/a.txt", "add seeds/b.txt", "commit", "committed", "read",
    ]  # fmt: skip
    meta = opened.generation.meta
    assert meta is not None
    assert (meta.engine, meta.seeds, meta.records) == ("scan", 2, 2)
    assert meta.identity


def test_then_nothing(kept: Corpus) -> None:
    opened = kept.open()
    assert told(opened) == (0, 0, False)
    assert kept.engine.done == ["read"]


def test_then_what_has_changed(kept: Corpus) -> None:
    kept.write(b="two ferries\n", c="a lamp\n")
    kept.remove("a")
    opened = kept.open()
    assert told(opened) == (2, 1, False)
    assert held(opened) == ["b.txt", "c.txt"]
    assert kept.engine.done == [
        "read", "write", "remove seeds/b.txt seeds/c.txt seeds/a.txt", "add seeds/b.txt",
        "add seeds/c.txt", "commit", "committed", "read",
    ]  # fmt: skip
    assert told(kept.open()) == (0, 0, False)


def test_a_touched_seed_is_no_change(kept: Corpus) -> None:
    os.utime(kept.root / "seeds/a.txt")
    assert told(kept.open()) == (0, 0, False)
    assert kept.engine.done == ["read"]


def test_a_new_format_is_a_change_of_its_seeds(kept: Corpus) -> None:
    write_files(kept.root, {"schemas/first.toml": 'files = ["seeds/a*"]\n'})
    assert told(kept.open()) == (1, 0, False)


def test_much_is_rebuilt(kept: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update, "_MANY", 0)
    kept.write(a="one mill\n")
    assert told(kept.open()) == (1, 0, False)
    kept.write(a="two mills\n", b="two ferries\n")
    assert told(kept.open()) == (2, 0, True)


def test_any_index_can_be_rebuilt(kept: Corpus) -> None:
    opened = kept.open(rebuild=True)
    assert told(opened) == (2, 0, True)
    assert opened.generation.folder.name == "scan-2"


def test_another_language_makes_other_tokens(kept: Corpus) -> None:
    write_files(kept.root, {"seedkit.toml": 'language = "english"\n'})
    assert told(kept.open()) == (2, 0, True)


def test_another_cache_knows_nothing_of_it(kept: Corpus) -> None:
    for file in kept.cache.glob("cache.sqlite*"):
        file.unlink()
    assert told(kept.open()) == (2, 0, True)


def test_progress_is_told(made: Corpus) -> None:
    seen: list[tuple[int, int]] = []
    SearchIndex(
        made.workspace(), made.store, made.engine, lambda *numbers: seen.append(numbers)
    ).open()
    assert seen == [(2, 2)]


def test_how_far_it_is_behind(kept: Corpus) -> None:
    kept.write(c="a lamp\n")
    kept.remove("a")
    index = kept.index()
    generation = index.current()
    assert generation is not None
    changes = index.behind(generation)
    assert changes is not None
    assert (changes.changed, changes.removed) == (["seeds/c.txt"], ["seeds/a.txt"])


# -- others are at work, too


def test_another_process_has_done_it_meanwhile(
    kept: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.write(c="a lamp\n")
    index = kept.index()
    real = kept.store.writing

    def late(*given: float) -> object:
        monkeypatch.setattr(kept.store, "writing", real)
        kept.open()
        return real()

    monkeypatch.setattr(kept.store, "writing", late)
    opened = index.open()
    assert told(opened) == (0, 0, False)
    assert held(opened) == ["a.txt", "b.txt", "c.txt"]


def test_another_process_has_gone_further(kept: Corpus) -> None:
    behind = kept.workspace()
    kept.write(c="a lamp\n")
    assert told(kept.open()) == (1, 0, False)
    opened = kept.index(behind).open()
    assert told(opened) == (0, 0, False)
    assert held(opened) == ["a.txt", "b.txt", "c.txt"]
    assert behind.row("seeds/c.txt") is not None


def test_another_process_has_stored_first(made: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = made.workspace()
    real, lost = workspace.position, [Revision("", 0)] * 2
    monkeypatch.setattr(workspace, "position", lambda: lost[-1] if lost else real())
    monkeypatch.setattr(workspace, "refresh", lambda: lost.pop())
    assert told(made.index(workspace).open()) == (2, 0, True)


def test_another_process_is_writing(made: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    real = made.store.writing
    monkeypatch.setattr(made.store, "writing", lambda: real(patience=0))
    with Store(made.cache).writing(), pytest.raises(EnvironmentFault, match="another seedkit"):
        made.open()


# -- failures


def test_without_a_cache_it_can_not_be_kept(made: Corpus) -> None:
    with pytest.raises(NotKept, match="can't be kept: the cache can't be written"):
        made.index(open_corpus(made.root)).open()
    assert made.engine.done == []


def test_without_a_cache_it_may_be_right_all_the_same(kept: Corpus) -> None:
    source, path = DiskSource(str(kept.root)), str(kept.cache / "cache.sqlite")
    workspace = Workspace(source, load_settings(source), CacheDatabase(path, writable=False))
    workspace.refresh()
    assert told(kept.index(workspace).open()) == (0, 0, False)


@pytest.mark.parametrize("moment", ["create", "write", "add seeds/b.txt", "commit", "committed"])
def test_a_full_disk(kept: Corpus, moment: str) -> None:
    kept.engine.failing[moment] = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(NotKept, match=r"^the search index can't be written: no space left"):
        kept.open(rebuild=True)
    assert sorted(path.name for path in kept.store.folder.iterdir() if path.is_dir()) == ["scan-1"]
    assert told(kept.open()) == (0, 0, False)


@pytest.mark.parametrize(
    "moment", ["write", "remove seeds/b.txt seeds/c.txt", "add seeds/c.txt", "commit", "committed"]
)
def test_killed_as_it_changes(kept: Corpus, moment: str) -> None:
    kept.write(b="two ferries\n", c="a lamp\n")
    kept.engine.failing[moment] = Killed()
    with pytest.raises(Killed):
        kept.open()
    opened = kept.open()
    # Once committed, it holds a record more than was written down: better safe than sorry.
    assert told(opened) == ((3, 0, True) if moment == "committed" else (2, 0, False))
    assert held(opened) == ["a.txt", "b.txt", "c.txt"]


def test_a_new_one_that_is_damaged_at_once(made: Corpus) -> None:
    made.engine.failing["commit"] = IndexDamaged("the search index is damaged: no such segment")
    with pytest.raises(NotKept, match=r"^the search index is damaged: no such segment$"):
        made.open()
    assert made.index().current() is None


def test_killed_as_it_is_made(made: Corpus) -> None:
    made.engine.failing["commit"] = Killed()
    with pytest.raises(Killed):
        made.open()
    assert made.index().current() is None
    assert told(made.open()) == (2, 0, True)


@pytest.mark.parametrize("error", [IndexDamaged("broken"), OSError(errno.EIO, "I/O error")])
def test_an_index_that_can_not_be_read(kept: Corpus, error: BaseException) -> None:
    kept.engine.failing["read"] = error
    opened = kept.open()
    assert held(opened) == ["a.txt", "b.txt"]
    assert opened.generation.folder.name in ("scan-1", "scan-2")


@pytest.mark.parametrize("moment", ["write", "remove seeds/b.txt", "commit"])
def test_an_index_that_can_not_be_changed(kept: Corpus, moment: str) -> None:
    kept.write(b="two ferries\n")
    kept.engine.failing[moment] = IndexDamaged("broken")
    opened = kept.open()
    assert told(opened) == (2, 0, True)
    assert opened.generation.folder.name == "scan-2"


def test_an_index_that_has_lost_a_record(kept: Corpus) -> None:
    generation = kept.index().current()
    assert generation is not None
    writer = ScanEngine.write(kept.engine, generation.data)
    writer.remove(["seeds/a.txt"])
    writer.commit()
    opened = kept.open()
    assert told(opened) == (2, 0, True)
    assert held(opened) == ["a.txt", "b.txt"]


# -- seeds that are not what the workspace takes them for


def test_a_seed_that_is_gone_for_a_moment_is_indexed_when_it_is_back(made: Corpus) -> None:
    seed, away = made.root / "seeds/b.txt", made.root / "away"
    workspace = made.workspace()
    seed.rename(away)
    assert held(made.index(workspace).open()) == ["a.txt"]
    away.rename(seed)  # with the content that it had
    assert held(made.open()) == ["a.txt", "b.txt"]


def test_a_seed_with_another_content_for_a_moment_is_indexed_as_it_is(kept: Corpus) -> None:
    kept.write(b="a bridge\n")
    workspace = kept.workspace()
    kept.write(b="a canal\n")
    assert words(kept.index(workspace).open()) == ["canal", "mill"]
    kept.write(b="a bridge\n")
    assert words(kept.open()) == ["bridge", "mill"]


def test_what_keeps_changing_is_not_recorded_as_something_that_it_was(kept: Corpus) -> None:
    kept.write(b="a bridge\n")
    index = kept.index()
    asked: list[str] = []
    index.look_again = asked.extend
    kept.write(b="a canal\n")
    with pytest.raises(Unsettled, match=r"seeds/b\.txt keeps changing"):
        index.open()
    assert asked == ["seeds/b.txt"] * 3
    assert words(kept.open()) == ["canal", "mill"]


def words(opened: Opened) -> list[str]:
    """The words that are found, with `a` or `the` before them."""
    terms = [token for token, _ in opened.reader.terms("words", "", 100)]
    return sorted(set(terms) - {"a", "the"})


def test_seeds_that_are_too_large_for_their_format_stop_no_index(made: Corpus) -> None:
    (made.root / "schemas/plain.toml").write_text(
        f"{FILES['schemas/plain.toml']}[file]\nmax_bytes = 8\n"
    )
    assert words(made.open()) == ["ferry"]
