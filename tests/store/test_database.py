"""The cache database gives back what was stored, or nothing: no damage of its file is ever an
error.
"""

from __future__ import annotations

import os
import random
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedkit.sources.walk import FileSignature
from seedkit.store import database as database_module
from seedkit.store.database import SCHEMA, CacheDatabase, Row, Update

META = {"claims": "abc"}
text = st.text()  # no surrogates: facts are decoded text or ASCII JSON
big = st.integers(0, 2**63 - 1)
odd_paths = st.binary(min_size=1).filter(lambda b: 0 not in b).map(os.fsdecode)
rows_of = st.builds(
    Row,
    path=odd_paths,
    signature=st.builds(FileSignature, big, big, big, big),
    racy=st.integers(0, 1),
    key=text,
    digest=st.binary(max_size=32),
    format=text,
    title=text,
    records=big,
    sections=big,
    groups=text,
    findings=text,
)


def row(path: str, title: str = "") -> Row:
    return Row(
        path, FileSignature(3, 5, 7, 11), 0, "key", b"\x00" * 32, "plain", title, 1, 1, "", ""
    )


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "cache.sqlite")


def stored(path: str) -> tuple[dict[str, Row], dict[str, str]]:
    database = CacheDatabase(path)
    try:
        return database.load()
    finally:
        database.close()


def store(path: str, *rows: Row, meta: dict[str, str] = META) -> bool:
    database = CacheDatabase(path)
    try:
        database.load()
        return database.store(Update(meta, rows=rows))
    finally:
        database.close()


@given(st.lists(rows_of, max_size=4, unique_by=lambda each: each.path))
def test_any_row_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row]
) -> None:
    path = str(tmp_path_factory.mktemp("cache") / "cache.sqlite")
    assert store(path, *rows)
    assert stored(path) == ({each.path: each for each in rows}, META)


def test_rows_are_replaced_restamped_and_removed(path: str) -> None:
    store(path, row("a"), row("b"), row("c\udcff"), row("d"))
    database = CacheDatabase(path)
    rows, _ = database.load()
    signature = FileSignature(9, 9, 9, 9)
    update = Update(
        META,
        rows=[row("a", "new")],
        touched=[("b", signature, 1)],
        removed=["c\udcff", "never there"],
    )
    assert database.store(update)
    database.close()
    rows["a"] = row("a", "new")
    rows["b"] = rows["b"]._replace(signature=signature, racy=1)
    del rows["c\udcff"]
    assert stored(path) == (rows, META)


def test_a_cache_that_is_not_there_yet_is_empty(path: str) -> None:
    assert stored(path) == ({}, {})
    assert not Path(path).exists()


def test_a_cache_in_memory_forgets() -> None:
    database = CacheDatabase(None)
    assert not database.store(Update(META, rows=[row("a")]))
    assert database.load() == ({}, {})


def damaged(kind: str, data: bytes) -> bytes:
    noise = random.Random(kind)
    middle = len(data) // 2
    return {
        "empty": b"",
        "truncated": data[:middle],
        "one byte short": data[:-1],
        "a header alone": data[:100],
        "zeroed": bytes(len(data)),
        "zeroed past the header": data[:100] + bytes(len(data) - 100),
        "zeroed in the middle": data[:middle] + bytes(2000) + data[middle + 2000 :],
        "random": noise.randbytes(len(data)),
        "random past the header": data[:100] + noise.randbytes(len(data) - 100),
        "no database": b"This is a text file.\n" * 500,
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "empty",
        "truncated",
        "one byte short",
        "a header alone",
        "zeroed",
        "zeroed past the header",
        "zeroed in the middle",
        "random",
        "random past the header",
        "no database",
    ],
)
def test_a_damaged_file_is_empty_and_then_works_again(path: str, kind: str) -> None:
    rows = {f"seeds/{n}.txt": row(f"seeds/{n}.txt", f"title {n}" * 20) for n in range(300)}
    store(path, *rows.values())
    Path(path).write_bytes(damaged(kind, Path(path).read_bytes()))
    found, meta = stored(path)
    assert (found, meta) in (({}, {}), (rows, META))
    assert store(path, *rows.values())
    assert stored(path) == (rows, META)


@given(st.integers(0, 2**32), st.integers(1, 255), st.integers(1, 8))
def test_a_flipped_byte_never_gives_a_wrong_row(
    tmp_path_factory: pytest.TempPathFactory, place: int, flip: int, times: int
) -> None:
    """A row comes back with the facts that were stored, or not at all."""
    path = str(tmp_path_factory.mktemp("cache") / "cache.sqlite")
    rows = {
        f"seeds/{n}": row(f"seeds/{n}", f"title {n}" * 9)._replace(findings="[]" * n)
        for n in range(40)
    }
    store(path, *rows.values())
    data = bytearray(Path(path).read_bytes())
    for step in range(times):
        data[(place + step * 977) % len(data)] ^= flip
    Path(path).write_bytes(data)
    for name, found in stored(path)[0].items():
        if name in rows:
            assert found._replace(signature=rows[name].signature, racy=0) == rows[name]
    assert store(path, *rows.values()) or stored(path) == ({}, {})


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE other (x)",
        "CREATE TABLE seeds (x); INSERT INTO seeds VALUES (1)",
        f"CREATE TABLE seeds (x); CREATE TABLE meta (y); PRAGMA user_version={SCHEMA}",
        f"CREATE VIEW seeds AS SELECT 1; CREATE VIEW meta AS SELECT 1, 2; PRAGMA "
        f"user_version={SCHEMA}",
        "CREATE VIEW meta AS SELECT 1, 2",
        f"PRAGMA user_version={SCHEMA}",
        "PRAGMA user_version=77",
    ],
)
def test_another_database_is_replaced(path: str, script: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    assert stored(path) == ({}, {})
    assert store(path, row("a"))
    assert stored(path) == ({"a": row("a")}, META)


@pytest.mark.parametrize("version", [SCHEMA - 1, SCHEMA + 1])
def test_a_cache_of_another_version_is_rebuilt(path: str, version: int) -> None:
    store(path, row("a"))
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version={version}")
    connection.close()
    assert stored(path) == ({}, {})
    assert store(path, row("b"))
    assert stored(path) == ({"b": row("b")}, META)


@pytest.mark.parametrize(
    "change",
    [
        "title='x'",
        "title=x'00ff'",
        "findings=NULL",
        "findings='[1'",
        "digest='text'",
        "digest=NULL",
        "records='many'",
        "key=5",
        "groups=X'80'",
        "checksum=NULL",
        "checksum=checksum+1",
        "sections=2",
    ],
)
def test_a_row_that_was_tampered_with_is_not_believed(path: str, change: str) -> None:
    store(path, row("a"))
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(f"UPDATE seeds SET {change}")
    connection.close()
    assert stored(path) == ({}, {})
    assert store(path, row("a"))


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    for place in ("folder", "missing/cache.sqlite", "file/cache.sqlite"):
        assert not store(str(tmp_path / place), row("a"))
    assert stored(str(tmp_path / "folder")) == ({}, {})


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_is_read_only(tmp_path: Path) -> None:
    path = str(tmp_path / "cache.sqlite")
    tmp_path.chmod(0o500)
    try:
        assert not store(path, row("a"))
        assert stored(path) == ({}, {})
    finally:
        tmp_path.chmod(0o700)


def test_what_sqlite_cannot_hold_is_told(path: str) -> None:
    assert store(path, row("a"))
    assert not store(path, row("b"), row("c")._replace(title="\udcff"))
    assert not store(path, row("b"), row("c")._replace(signature=FileSignature(2**63, 0, 0, 0)))
    assert stored(path) == ({"a": row("a")}, META)


def test_a_store_that_fails_changes_nothing_and_the_next_one_works(path: str) -> None:
    database = CacheDatabase(path)
    database.load()
    assert not database.store(Update(META, rows=[row("a"), row("b")._replace(title="\udcff")]))
    assert database.store(Update(META, rows=[row("c")]))
    database.close()
    assert stored(path) == ({"c": row("c")}, META)


def test_two_processes_at_once(path: str) -> None:
    """Each stores what it saw; what both have seen is there once. The second is told."""
    first, second = CacheDatabase(path), CacheDatabase(path)
    assert first.load() == second.load() == ({}, {})
    assert first.store(Update(META, rows=[row("a", "1"), row("b")]))
    assert not second.store(Update(META, rows=[row("a", "2"), row("c")]))
    assert sorted(first.load()[0]) == ["a", "b", "c"]
    assert second.load()[0]["a"].title == "2"
    assert first.store(Update(META, removed=["a"]))
    assert sorted(second.load()[0]) == ["b", "c"]
    first.close()
    second.close()


def test_rows_of_other_settings_are_not_mixed_with_ours(path: str) -> None:
    """Rows and the settings that gave them their formats belong together."""
    store(path, row("a"), meta={"claims": "old"})
    slow, quick = CacheDatabase(path), CacheDatabase(path)
    slow.load()
    quick.load()
    new = row("a")._replace(format="new")
    assert quick.store(Update({"claims": "new"}, rows=[new]))
    assert not slow.store(Update({"claims": "old"}, rows=[row("b")]))
    slow.close()
    quick.close()
    assert stored(path) == ({"a": new}, {"claims": "new"})


def test_a_cache_in_use_is_left_alone(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "_WAIT", 0.0)
    store(path, row("a"))
    busy = sqlite3.connect(path, isolation_level=None)
    busy.execute("PRAGMA locking_mode=EXCLUSIVE")
    busy.execute("BEGIN EXCLUSIVE")
    assert stored(path) == ({}, {})
    assert not store(path, row("b"))
    busy.execute("ROLLBACK")
    busy.close()
    assert stored(path) == ({"a": row("a")}, META)


def test_a_cache_that_vanishes_between_two_loads(path: str) -> None:
    database = CacheDatabase(path)
    database.load()
    assert database.store(Update(META, rows=[row("a")]))
    database.close()
    Path(path).unlink()
    assert database.load() == ({}, {})
    assert database.store(Update({"claims": "other"}, rows=[row("b")]))
    database.close()
    assert stored(path) == ({"b": row("b")}, {"claims": "other"})
