"""The log of changes: who follows it knows what the corpus holds, or is told to compare it all."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.corpus import reconcile
from seedkit.corpus.workspace import Workspace
from seedkit.settings.load import load_settings
from seedkit.sources.source import DiskSource, MemorySource, OverlaySource, Source
from seedkit.sources.walk import FileSignature, Scan
from seedkit.store import changelog
from seedkit.store.changelog import Changes, Revision
from seedkit.store.database import CacheDatabase, Row, Update
from support.corpora import Files, more, write_files

Corpus = Callable[[Files], Path]
META = {"claims": "abc"}
PLAIN = {
    "seedkit.toml": "",
    "schemas/plain.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
}


@pytest.fixture
def database(cache: Path) -> str:
    """The path of a cache database of this test's own."""
    return str(cache / "cache.sqlite")


def opened(source: Source | Path, database: CacheDatabase | str | None) -> Workspace:
    """Return the refreshed workspace of a corpus."""
    source = DiskSource(str(source)) if isinstance(source, Path) else source
    database = database if isinstance(database, CacheDatabase) else CacheDatabase(database)
    workspace = Workspace(source, load_settings(source), database)
    workspace.refresh()
    database.close()
    return workspace


class Follower:
    """What somebody knows of the seeds who asks for changes only."""

    def __init__(self) -> None:
        self.position = Revision("", 0)
        self.known: dict[str, tuple[bytes, str, str]] = {}

    def follow(self, workspace: Workspace) -> Changes | None:
        """Learn what has changed; return what was told."""
        changes = workspace.changes_since(*self.position)
        if changes is None:
            self.known = {path: content(row) for path, row in workspace.rows.items()}
            self.position = workspace.position()
            return None
        for path in changes.removed:
            self.known.pop(path, None)
        for path in changes.changed:
            row = workspace.row(path)
            self.known.pop(path, None)
            if row is not None:
                self.known[path] = content(row)
        self.position = Revision(changes.identity, changes.sequence)
        return changes


def content(row: Row) -> tuple[bytes, str, str]:
    return row.digest, row.format, row.key


# -- with a cache database alone

steps = st.lists(
    st.tuples(
        st.sets(st.sampled_from("abcdef"), max_size=3), st.sets(st.sampled_from("uvwx"), max_size=2)
    ),
    max_size=8,
)


@given(steps)
def test_changes_are_those_after_the_position(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[set[str], set[str]]]
) -> None:
    database = CacheDatabase(str(tmp_path_factory.mktemp("cache") / "cache.sqlite"))
    database.load()
    assert database.store(Update(META))
    assert database.cursor is not None
    places = [database.cursor]
    for changed, removed in history:
        # What is removed at one step comes back at another.
        other = removed if len(places) % 2 else set()
        update = Update(META, removed=sorted(removed - other), news=sorted(changed | other))
        assert database.store(update)
        places.append(database.cursor)
    for at, place in enumerate(places):
        expected: dict[str, bool] = {}
        for number, (changed, removed) in enumerate(history[at:], at + 1):
            expected |= dict.fromkeys(changed, False)
            expected |= dict.fromkeys(removed, number % 2 == 0)
        found = database.changes_since(place.identity, place.sequence)
        assert found is not None
        assert dict(found) == expected
        assert len(found) == len(expected)
    database.close()


def row(path: str) -> Row:
    return Row(path, FileSignature(3, 5, 7, 11), 0, "key", b"\x00" * 32, "plain", "", 1, 1, "", "")


def test_a_long_log_is_cut(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changelog, "_LONG", 3)
    kept = CacheDatabase(database)
    kept.load()
    kept.store(Update(META))

    def store(*paths: str, seeds: int) -> int:
        assert kept.cursor is not None
        before = kept.cursor.sequence
        assert kept.store(Update(META, rows=list(map(row, paths)), news=paths, seeds=seeds))
        assert kept.cursor.sequence > before
        return before

    def since(sequence: int) -> object:
        assert kept.cursor is not None
        return kept.changes_since(kept.cursor.identity, sequence)

    first = store("a", "b", "c", seeds=3)
    second = store("d", seeds=4)
    assert since(first) == [("a", False), ("b", False), ("c", False), ("d", False)]
    assert since(second) == [("d", False)]
    third = store("e", seeds=5)  # the log is longer than three and than half of five
    assert (since(first), since(second), since(third)) == (None, None, None)
    fourth = kept.cursor.sequence  # type: ignore[union-attr]
    assert since(fourth) == []
    assert store("a", "b", "c", "d", seeds=8) == fourth
    assert since(fourth) == [("a", False), ("b", False), ("c", False), ("d", False)]
    fifth = store("a", "b", "c", "d", seeds=7)  # more at once than half of the seeds
    sixth = kept.cursor.sequence  # type: ignore[union-attr]
    assert (since(fifth), since(sixth), since(sixth + 1)) == (None, [], None)
    kept.close()


DAMAGES = [
    "UPDATE log SET sequence=sequence+1",
    "UPDATE log SET gone=1",
    "UPDATE log SET gone='no'",
    "UPDATE log SET path='text' WHERE path=x'61'",
    "UPDATE log SET path=x'00' WHERE path=x'61'",
    "DELETE FROM log WHERE path=x'61'",
    "DELETE FROM log",
    "DELETE FROM cursor",
    "INSERT INTO cursor SELECT * FROM cursor",
    "UPDATE cursor SET value=''",
    "UPDATE cursor SET value=replace(value, ' 0 ', ' 1 ')",
    "DELETE FROM revisions",
    "UPDATE cursor SET value=x'00ff'",
    "UPDATE cursor SET value='5b5d2f9c a b c d e f'",
    "DROP TABLE cursor",
    "DROP TABLE log",
    "DROP TABLE revisions",
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_log_tells_nothing(corpus: Corpus, database: str, damage: str) -> None:
    root = corpus({**PLAIN, "seeds/a": "1", "seeds/b": "2"})
    follower = Follower()
    follower.follow(opened(root, database))
    corpus({"seeds/a": "3"})
    first = opened(root, database)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(damage.replace("x'61'", "x'73656564732f61'"))
    assert follower.follow(first) is None
    again = opened(root, database)
    assert follower.follow(again) is None or again.position() == first.position()
    assert follower.known == {path: content(each) for path, each in again.rows.items()}


def test_nothing_can_be_told_without_a_cache(database: str) -> None:
    source = MemorySource({"seeds/a": b"1"})
    workspace = opened(source, None)
    assert workspace.position() == Revision("", 0)
    assert workspace.changes_since("", 0) is None
    assert workspace.row("seeds/a") is not None
    assert workspace.row("seeds/b") is None


# -- what is told


def test_what_is_a_change(corpus: Corpus, database: str) -> None:
    root = corpus({**PLAIN, "seeds/a": "1", "seeds/b": "2", "seeds/c": "3"})
    follower = Follower()

    def told() -> tuple[list[str], list[str]] | None:
        changes = follower.follow(opened(root, database))
        return None if changes is None else (changes.changed, changes.removed)

    assert told() is None
    assert told() == ([], [])
    corpus({"seeds/a": "changed", "seeds/d": "new"})
    (root / "seeds/b").unlink()
    (root / "seeds/c").touch()
    assert told() == (["seeds/a", "seeds/d"], ["seeds/b"])
    (root / "seeds/c").write_text("3")
    assert told() == ([], [])
    corpus({"seeds/b": "2"})
    assert told() == (["seeds/b"], [])
    corpus({"seedkit.toml": 'exclude = ["[ab]"]\n'})
    assert told() == ([], ["seeds/a", "seeds/b"])
    corpus({"schemas/plain.toml": f"{PLAIN['schemas/plain.toml']}[file]\nnewline = 'lf'\n"})
    assert told() == (["seeds/c", "seeds/d"], [])
    corpus({"schemas/plain.toml": f"{PLAIN['schemas/plain.toml']}[file]\nnewline = 'lf'\n# x\n"})
    assert told() == ([], [])


def test_who_was_away_is_told_once_of_each(corpus: Corpus, database: str) -> None:
    root = corpus({**PLAIN, "seeds/a": "1", "seeds/b": "2"})
    start = opened(root, database).position()
    for number in range(3):
        corpus({"seeds/a": str(number), "seeds/c": str(number)})
        opened(root, database)
    (root / "seeds/b").unlink()
    (root / "seeds/c").unlink()
    workspace = opened(root, database)
    now = workspace.position()
    assert workspace.changes_since(*start) == Changes(*now, ["seeds/a"], ["seeds/b", "seeds/c"])
    assert now.sequence > start.sequence
    assert workspace.changes_since("another", 0) is None
    assert workspace.changes_since(start.identity, now.sequence + 1) is None


def test_a_log_that_went_back_does_not_know_what_came_of_it(
    corpus: Corpus, database: str, tmp_path: Path
) -> None:
    """A reader that has seen what was lost is told nothing, however long the new course is."""
    root = corpus({**PLAIN, "seeds/a": "1", "seeds/b": "2"})
    opened(root, database)
    shutil.copy(database, tmp_path / "before")
    corpus({"seeds/a": "lost"})
    lost = opened(root, database).position()
    shutil.copy(tmp_path / "before", database)
    for number in range(3):
        corpus({"seeds/b": str(number)})
        workspace = opened(root, database)
        assert workspace.changes_since(*lost) is None
    assert workspace.position().sequence > lost.sequence


def test_moments_of_long_ago_are_forgotten(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changelog, "_REVISIONS", 3)
    kept = CacheDatabase(database)
    kept.load()
    moments = []
    for _ in range(5):
        kept.store(Update(META, rows=[row("a")], news=["a"], seeds=1))
        assert kept.cursor is not None
        moments.append(kept.cursor.sequence)
    assert kept.cursor is not None
    known = [kept.changes_since(kept.cursor.identity, moment) for moment in moments]
    assert known == [None, None, [("a", False)], [("a", False)], []]
    kept.close()


def test_an_unreadable_seed_is_told_of_once(corpus: Corpus, database: str) -> None:
    root = corpus({**PLAIN, "seeds/a": "1"})

    class Locked(DiskSource):
        def read(self, path: str, limit: int | None = None) -> bytes:
            if path == "seeds/a":
                raise PermissionError(13, "Permission denied")
            return super().read(path, limit)

    locked = Locked(str(root))
    start = opened(root, database).position()
    (root / "seeds/a").touch()
    now = opened(locked, database).position()
    for _ in range(3):
        changes = opened(locked, database).changes_since(*start)
        assert changes == Changes(*now, ["seeds/a"], [])


def test_what_is_not_kept_has_no_position(corpus: Corpus, database: str) -> None:
    """Standard input in place of a file: what differs is known, and leads to no new position."""
    root = corpus({**PLAIN, "seeds/a": "1", "seeds/b": "2"})
    start = opened(root, database).position()
    corpus({"seeds/b": "3"})
    now = opened(root, database).position()
    overlay = OverlaySource(DiskSource(str(root)), {"seeds/a": b"typed"})
    workspace = opened(overlay, CacheDatabase(database, writable=False))
    assert workspace.position() == Revision("", 0)
    changes = workspace.changes_since(*start)
    assert changes == Changes("", start.sequence, ["seeds/a", "seeds/b"], [])
    changes = opened(root, database).changes_since(*start)
    assert changes == Changes(*now, ["seeds/b"], [])


def test_one_row_is_read_without_the_others(
    corpus: Corpus, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = corpus({**PLAIN, "seeds/a": "1", "seeds/b": "2"})
    monkeypatch.setattr(reconcile, "is_racy", lambda signature, started: False)
    rows = opened(root, database).rows
    warm, later = opened(root, database), opened(root, database)
    with monkeypatch.context() as patch:
        patch.setattr(CacheDatabase, "load", None)
        assert warm.row("seeds/a") == rows["seeds/a"]
        assert warm.row("seeds/none") is None
    assert warm.rows["seeds/b"] == warm.row("seeds/b") == rows["seeds/b"]
    corpus({"seeds/a": "3"})
    opened(root, database)
    seen = later.row("seeds/b")  # the cache database has gone on: everything is compared again
    assert seen == rows["seeds/b"]
    assert later.row("seeds/a") != rows["seeds/a"]


# -- several at once


class Interrupted(DiskSource):
    """A disk on which things happen as soon as it has been walked."""

    def __init__(self, root: str, happening: Callable[[], None]) -> None:
        super().__init__(root)
        self.happening = happening

    def scan(self, folders: Sequence[str]) -> Scan:
        scan = super().scan(folders)
        if folders == ["seeds"]:
            self.happening()
        return scan


names = st.sampled_from(["seeds/a", "seeds/b", "seeds/c"])
edits = st.lists(st.tuples(names, st.sampled_from([b"1", b"2", b"3", None])), max_size=3)


@given(st.lists(st.tuples(edits, edits, st.booleans(), st.booleans()), max_size=5))
@more(2)
def test_however_many_look_no_change_is_lost(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[tuple[list[tuple[str, bytes | None]], ...]],
) -> None:
    """While one process looks at the corpus, it changes, and another looks at it and stores."""
    folder = tmp_path_factory.mktemp("corpus")
    root, database = folder / "corpus", str(folder / "cache.sqlite")
    write_files(root, {**PLAIN, "seeds/.keep": ""})
    followers = [Follower(), Follower()]

    def edit(changes: list[tuple[str, bytes | None]]) -> None:
        for path, data in changes:
            if data is None:
                (root / path).unlink(missing_ok=True)
            else:
                (root / path).write_bytes(data)

    for before, between, inner, outer in history:
        edit(before)

        def happening(between: list[tuple[str, bytes | None]] = between, inner: object = inner):  # type: ignore[no-untyped-def]
            edit(between)
            workspace = opened(root, database)
            if inner:
                followers[0].follow(workspace)

        workspace = opened(Interrupted(str(root), happening), database)
        if outer:
            followers[1].follow(workspace)
    for follower in followers:
        workspace = opened(root, database)
        follower.follow(workspace)
        assert follower.known == {path: content(each) for path, each in workspace.rows.items()}
