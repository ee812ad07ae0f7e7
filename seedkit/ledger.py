"""What is known of every seed, in one SQLite file: its stamp, its digest, its facts.

It is a cache. Whatever is wrong with it, a missing folder or a damaged page, it is made anew, and
the answer is the same.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from seedkit import journal
from seedkit.source import Stamp

SCHEMA = 6  # of the tables; a ledger with another number is made anew

_TABLES = f"""
{journal.CREATE}
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE prints (
    path BLOB PRIMARY KEY, key TEXT, digest BLOB, tokens INTEGER, text BLOB, grams BLOB, marks BLOB,
    checksum INTEGER
) WITHOUT ROWID;
CREATE TABLE results (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE memo (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE seeds (
    path BLOB PRIMARY KEY, size INTEGER, mtime INTEGER, ctime INTEGER, inode INTEGER,
    racy INTEGER, key TEXT, digest BLOB, format TEXT, title TEXT, records INTEGER,
    sections INTEGER, groups TEXT, rest TEXT, checksum INTEGER
) WITHOUT ROWID;
"""
_COLUMNS = (
    "path, size, mtime, ctime, inode, racy, key, digest, format, title, records, sections, groups, "
    "rest, checksum"
)
_INSERT = f"INSERT OR REPLACE INTO seeds ({_COLUMNS}) VALUES ({', '.join('?' * 15)})"
_PRINT = "INSERT OR REPLACE INTO prints VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_MEMO = "INSERT OR REPLACE INTO memo VALUES (?, ?)"
_RESTAMP = "UPDATE seeds SET size=?, mtime=?, ctime=?, inode=?, racy=? WHERE path=?"
# What is no fault of the file's: it is in use, or the system has no room or no leave for us.
_SOUND = frozenset(
    (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_PERM,
     sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_CANTOPEN)
)  # fmt: skip
_UNWRITTEN = _SOUND | {0, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_TOOBIG}  # 0: not SQLite's error
_WAIT = 5.0  # seconds, for another process that is writing


class Row(NamedTuple):
    """One seed. `key` names the format and version that the facts were computed with.

    `racy` is set if the file might have changed after it was read without its stamp showing it.
    `groups` and `rest` are packed facts.
    """

    path: str
    stamp: Stamp
    racy: int
    key: str
    digest: bytes
    format: str
    title: str
    records: int
    sections: int
    groups: str
    rest: str


class Print(NamedTuple):
    """A seed's fingerprint for repeats. `key` and `digest` say what it was computed with and from.

    `text`, `grams` and `marks` are those of a `SeedPrint`.
    """

    path: str
    key: str
    digest: bytes
    tokens: int
    text: bytes
    grams: bytes
    marks: bytes


class Ledger:
    """The rows of one corpus.

    Without a path it lives in memory and is forgotten; if it is not `writable`, what is stored is
    not kept either.
    """

    def __init__(self, path: str | None, *, writable: bool = True) -> None:
        self.path = path
        self.writable = writable
        self._connection: sqlite3.Connection | None = None
        self.head: journal.Head | None = None  # of the log, as last read or written here
        self._loaded: dict[str, str] = {}  # the settings that the rows last read belong to

    def load(self) -> tuple[dict[str, Row], dict[str, str]]:
        """Return every row by path, and the remembered settings; both empty for a new ledger."""
        self._loaded, self.head = {}, None
        if self.path is None or not os.path.exists(self.path):
            return {}, {}
        try:
            with self._snapshot() as connection:
                query = f"SELECT {_COLUMNS} FROM seeds"
                rows = {row.path: row for row in _parsed(connection.execute(query))}
                meta = dict(connection.execute("SELECT key, value FROM meta"))
                head = journal.read_head(connection)
        except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:
            if _code(error) in _SOUND:
                self.close()
            else:
                self._discard()
            return {}, {}
        self._loaded, self.head = meta, head
        return rows, meta

    def store(
        self,
        changed: Iterable[Row],
        restamped: Iterable[tuple[str, Stamp, int]],
        removed: Collection[str],
        meta: dict[str, str],
        memo: dict[str, str] | None = None,
        prints: Iterable[Print] = (),
        told: Collection[str] = (),
        seeds: int = 0,
    ) -> bool:
        """Write what has changed, all or nothing; return whether the ledger is now as we see it.

        A ledger that can't be written costs time at the next run, and nothing else. It is left
        alone if another process has stored rows that belong to other settings since `load`; if it
        has stored others, ours are put among them. `memo` replaces what was remembered of the rows
        as a whole. The log is told of the paths `told` and `removed`; there are `seeds` seeds.
        """
        if self.path is None or not self.writable:
            return False
        try:
            connection = self._open()
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                now = dict(connection.execute("SELECT key, value FROM meta"))
                if now and now not in (self._loaded, meta):
                    return False
                connection.executemany(_INSERT, map(_values, changed))
                connection.executemany(
                    _RESTAMP, ((*stamp, racy, os.fsencode(path)) for path, stamp, racy in restamped)
                )
                connection.executemany(
                    "DELETE FROM seeds WHERE path=?", ((os.fsencode(path),) for path in removed)
                )
                connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())
                connection.executemany(_PRINT, map(_print_values, prints))
                connection.executemany(
                    "DELETE FROM prints WHERE path=?", ((os.fsencode(path),) for path in removed)
                )
                connection.execute("DELETE FROM memo")
                head = journal.read_head(connection)
                alone = head == self.head
                if alone:
                    connection.executemany(_MEMO, map(_sealed, (memo or {}).items()))
                head = journal.append(connection, head, told, removed, seeds)
        except (sqlite3.Error, OSError, ValueError, TypeError, OverflowError) as error:
            if _code(error) not in _UNWRITTEN:
                self._discard()
            self.close()
            return False
        self._loaded, self.head = meta, head
        return alone

    def changes_since(self, identity: str, sequence: int) -> list[tuple[str, bool]] | None:
        """Return the paths that changed since, and whether each is gone; None if none can tell."""
        if self.path is None or not os.path.exists(self.path):
            return None
        try:
            with self._snapshot() as connection:
                head = journal.read_head(connection)
                if identity != head.identity or not journal.knows(connection, head, sequence):
                    return None
                return list(journal.entries(connection, head, sequence))
        except (sqlite3.Error, ValueError, TypeError):
            return None
        finally:
            self.close()

    def prints(self) -> dict[str, Print]:
        """Return every stored fingerprint by path; those that are damaged are left out."""
        if self.path is None or not os.path.exists(self.path):
            return {}
        try:
            return {each.path: each for each in _prints(self._open())}
        except (sqlite3.Error, ValueError, TypeError):
            return {}
        finally:
            self.close()

    def add_prints(self, prints: Iterable[Print]) -> None:
        """Store fingerprints of seeds whose rows are there already."""
        if self.path is None or not self.writable:
            return
        try:
            with self._open() as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(_PRINT, map(_print_values, prints))
        except sqlite3.Error:
            pass  # they are computed again next time
        finally:
            self.close()

    def result(self, key: str) -> str | None:
        """Return a stored result; None if there is none, or a damaged one."""
        if self.path is None or not os.path.exists(self.path):
            return None
        try:
            query = "SELECT value FROM results WHERE key=?"
            found = self._open().execute(query, (key,)).fetchone()
            return None if found is None else _unsealed(found[0])
        except (sqlite3.Error, ValueError, TypeError, AttributeError):
            return None
        finally:
            self.close()

    def store_result(self, key: str, value: str) -> None:
        """Store a result that says itself what it was computed from."""
        if self.path is None or not self.writable:
            return
        try:
            query = "INSERT OR REPLACE INTO results VALUES (?, ?)"
            self._open().execute(query, _sealed((key, value)))
        except sqlite3.Error:
            pass  # it is computed again next time
        finally:
            self.close()

    def row(self, path: str, head: journal.Head) -> Row | None:
        """Return one row, None if there is none.

        Raises `LookupError` if the row is damaged, or the log no longer stands at `head`.
        """
        try:
            with self._snapshot() as connection:
                query = f"SELECT {_COLUMNS} FROM seeds WHERE path=?"
                found = next(_parsed(connection.execute(query, (os.fsencode(path),))), None)
                now = journal.read_head(connection)
        except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:
            raise LookupError(str(error)) from None
        if now != head:
            raise LookupError("the ledger has changed")
        return found

    def recall(self) -> dict[str, str]:
        """Return what was remembered of the rows as a whole; empty if there is nothing."""
        self.head = None
        if self.path is None or not os.path.exists(self.path):
            return {}
        try:
            with self._snapshot() as connection:
                found = dict(connection.execute("SELECT key, value FROM memo"))
                self.head = journal.read_head(connection)
            return {key: _unsealed(value) for key, value in found.items()}
        except (sqlite3.Error, ValueError, TypeError, AttributeError):
            self.close()  # `load` looks closer
            return {}

    def remember(self, state: str, key: str, value: str) -> None:
        """Remember a conclusion from the rows, if they still are those of `state`."""
        if self.path is None or not self.writable:
            return
        try:
            with self._open() as connection:
                connection.execute("BEGIN IMMEDIATE")
                held = connection.execute("SELECT value FROM memo WHERE key='state'").fetchone()
                if held is not None and _unsealed(held[0]) == state:
                    connection.execute(_MEMO, _sealed((key, value)))
        except (sqlite3.Error, ValueError):
            pass  # it is concluded again next time
        finally:
            self.close()

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextlib.contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """Give the connection; what is read is all of one moment."""
        connection = self._open()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            assert self.path is not None  # both callers have looked
            connection = sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None)
            self._connection = connection
            # The last changes may be lost as the machine fails. The log of changes allows for that.
            connection.execute("PRAGMA synchronous=NORMAL")
            if _version(connection) != SCHEMA:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("BEGIN IMMEDIATE")
                if _version(connection) != SCHEMA:  # still, now that nobody else is at it
                    self.head = _create(connection)
                connection.execute("COMMIT")
        return self._connection

    def _discard(self) -> None:
        self.close()
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                os.unlink(f"{self.path}{suffix}")


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _create(connection: sqlite3.Connection) -> journal.Head:
    """Make the tables, in place of whatever is there, and start the log."""
    for table in ("meta", "memo", "seeds", "prints", "results", *journal.TABLES):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in filter(str.strip, _TABLES.split(";")):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version={SCHEMA}")
    return journal.begin(connection)


def _parsed(rows: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
    decode = os.fsdecode
    for (
        path, size, mtime, ctime, inode, racy, key, digest, format_, title, records, sections,
        groups, rest, checksum,
    ) in rows:  # fmt: skip
        if checksum != _checksum(
            path, key, digest, format_, title, records, sections, groups, rest
        ):
            raise ValueError("a row is damaged")
        yield Row(
            decode(path), Stamp(size, mtime, ctime, inode), racy, key, digest, format_, title,
            records, sections, groups, rest,
        )  # fmt: skip


def _values(row: Row) -> tuple[object, ...]:
    path = os.fsencode(row.path)
    return (
        path, *row.stamp, row.racy, row.key, row.digest, row.format,
        row.title, row.records, row.sections, row.groups, row.rest, _checksum(path, *row[3:]),
    )  # fmt: skip


def _prints(connection: sqlite3.Connection) -> Iterator[Print]:
    decode = os.fsdecode
    columns = "path, key, digest, tokens, text, grams, marks, checksum"
    for path, *values, checksum in connection.execute(f"SELECT {columns} FROM prints"):
        if checksum == _print_checksum(*values):
            yield Print(decode(path), *values)


def _print_values(each: Print) -> tuple[object, ...]:
    return (os.fsencode(each.path), *each[1:], _print_checksum(*each[1:]))


def _print_checksum(
    key: str, digest: bytes, tokens: int, text: bytes, grams: bytes, marks: bytes
) -> int:
    head = zlib.crc32(f"{key} {tokens}".encode(), zlib.crc32(digest + text))
    return zlib.crc32(marks, zlib.crc32(grams, head))


def _checksum(
    path: bytes, key: str, digest: bytes, format_: str, title: str, records: int, sections: int,
    groups: str, rest: str,
) -> int:  # fmt: skip
    """Sum up what a damaged page could change unseen; a wrong stamp is found out by the file's."""
    text = f"{key}\0{format_}\0{title}\0{records} {sections}\0{groups}\0{rest}"
    return zlib.crc32(text.encode("utf-8", "surrogatepass"), zlib.crc32(digest + path))


def _sealed(item: tuple[str, str]) -> tuple[str, str]:
    """A memo with a checksum in front of its text."""
    key, text = item
    return key, f"{zlib.crc32(text.encode()):08x}{text}"


def _unsealed(value: str) -> str:
    """The text of a memo; raises `ValueError` if it is not as it was written."""
    text = value[8:]
    if value[:8] != f"{zlib.crc32(text.encode()):08x}":
        raise ValueError("a memo is damaged")
    return text


def _code(error: Exception) -> int:
    """The error's primary code in SQLite, 0 if it is of another kind."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF
