"""Blobs as a reader sees them: those of one moment, but for damaged ones."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from seedkit.store.database import CacheDatabase

KIND = "fingerprints"


def test_a_reader_sees_one_moment(tmp_path: Path) -> None:
    database = CacheDatabase(str(tmp_path / "cache.sqlite"))
    assert list(database.open_blobs(KIND)) == []  # there is no file yet
    assert database.add_blobs(KIND, [b"a", b"b"])
    reader = database.open_blobs(KIND)
    database.replace_blobs(KIND, [1], [b"c"])
    assert list(reader) == list(reader) == [(1, b"a"), (2, b"b")]
    reader.close()
    assert list(reader) == []
    assert list(database.open_blobs(KIND)) == [(2, b"b"), (3, b"c")]


def test_a_reader_leaves_out_what_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    database = CacheDatabase(str(path))
    database.replace_blobs(KIND, (), [b"a", b"b"])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE pieces SET value=x'00' WHERE number=1")
    assert list(database.open_blobs(KIND)) == [(2, b"b")]
    path.write_bytes(b"no database")
    assert list(database.open_blobs(KIND)) == []


def test_what_cannot_be_stored_is_said(tmp_path: Path) -> None:
    assert not CacheDatabase(None).add_blobs(KIND, [b"a"])
    assert not CacheDatabase(str(tmp_path / "none" / "cache.sqlite")).add_blobs(KIND, [b"a"])
