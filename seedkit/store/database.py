"""What is known of every seed, in one SQLite file: its signature, its digest, its facts.

It is a cache. Whatever is wrong with it, a missing folder or a damaged page, it is rebuilt, and
the answer is the same.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from seedkit.core.files import checksum, seal, unseal
from seedkit.sources.walk import FileSignature
from seedkit.store import blobs, changelog
from seedkit.store.blobs import BlobReader

SCHEMA = 9  # of the tables; a cache database with another number is rebuilt

_TABLES = f"""
{changelog.CREATE}
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE results (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE pieces (kind TEXT, number INTEGER, value BLOB, checksum INTEGER);
CREATE UNIQUE INDEX piece ON pieces (kind, number);
CREATE TABLE seeds (
    path BLOB PRIMARY KEY, size INTEGER, mtime INTEGER, ctime INTEGER, inode INTEGER,
    racy INTEGER, key TEXT, digest BLOB, format TEXT, title TEXT, records INTEGER,
    sections INTEGER, groups TEXT, findings TEXT, checksum INTEGER
) WITHOUT ROWID;
CREATE INDEX with_findings ON seeds (path) WHERE findings != '';
"""
_DROPPED = ("meta", "results", "pieces", "seeds", *changelog.TABLES)
_COLUMNS = (
    "path, size, mtime, ctime, inode, racy, key, digest, format, title, records, sections, groups, "
    "findings, checksum"
)
_SELECT = f"SELECT {_COLUMNS} FROM seeds"
_SELECT_WITH_FINDINGS = f"{_SELECT} INDEXED BY with_findings WHERE findings != ''"
_INSERT = f"INSERT OR REPLACE INTO seeds ({_COLUMNS}) VALUES ({', '.join('?' * 15)})"
_TOUCH = "UPDATE seeds SET size=?, mtime=?, ctime=?, inode=?, racy=? WHERE path=?"
# What is no fault of the file's: it is in use, or the system has no room or no leave for us.
_SOUND = frozenset(
    (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_PERM,
     sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_CANTOPEN)
)  # fmt: skip
_UNWRITTEN = _SOUND | {0, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_TOOBIG}  # 0: not SQLite's error
_WAIT = 5.0  # seconds, for another process that is writing
_FAULTS = (sqlite3.Error, OSError, ValueError, TypeError, OverflowError, AttributeError)


class Row(NamedTuple):
    """One seed. `key` names the format and version that the facts were computed with.

    `racy` is set if the file might have changed after it was read without its signature showing it.
    `groups` and `findings` are packed facts.
    """

    path: str
    signature: FileSignature
    racy: int
    key: str
    digest: bytes
    format: str
    title: str
    records: int
    sections: int
    groups: str
    findings: str


class Update(NamedTuple):
    """What a refresh has found out.

    `settings` are those that the rows belong to. `news` and what is removed go into the log;
    `outline` says that paths, formats, titles, counts or groups of names are no longer as they
    were; there are `seeds` seeds. `file_table` are its parts: in place of the old ones, or of all
    of them if it is `whole`. `batches` are fingerprints.
    """

    settings: Mapping[str, str]
    rows: Sequence[Row] = ()
    touched: Sequence[tuple[str, FileSignature, int]] = ()
    removed: Collection[str] = ()
    news: Collection[str] = ()
    outline: bool = True
    seeds: int = 0
    file_table: Mapping[int, bytes] = MappingProxyType({})
    whole: bool = True
    batches: Sequence[bytes] = ()


class CacheDatabase:
    """The rows of one corpus, and what was concluded from them.

    Without a path it lives in memory and is forgotten; if it is not `writable`, what is stored is
    not kept either.
    """

    def __init__(self, path: str | None, *, writable: bool = True) -> None:
        self.path = path
        self.writable = writable
        self._connection: sqlite3.Connection | None = None
        # Of the changelog, as the rows were last read or written.
        self.cursor: changelog.Cursor | None = None
        self._loaded: dict[str, str] = {}  # the settings that those rows belong to
        self.fault = ""  # why something could not be stored

    # -- rows

    def load(self) -> tuple[dict[str, Row], dict[str, str]]:
        """Return every row by path, and the remembered settings; both empty for a new cache
        database.
        """
        self._loaded, self.cursor = {}, None
        if not self._there():
            return {}, {}
        try:
            with self._snapshot() as connection:
                rows = {row.path: row for row in _parsed(connection.execute(_SELECT))}
                meta = dict(connection.execute("SELECT key, value FROM meta"))
                cursor = changelog.read_cursor(connection)
        except _FAULTS as error:
            if _code(error) in _SOUND:
                self.close()
            else:
                self._discard()
            return {}, {}
        self._loaded, self.cursor = meta, cursor
        return rows, meta

    def file_table(self) -> dict[int, bytes]:
        """Return the parts of the file table, in place of rows; empty if there is none, or a
        damaged one.

        The settings that it belongs to are in it.
        """
        self._loaded, self.cursor = {}, None
        if not self._there():
            return {}
        try:
            with self._snapshot() as connection:
                parts = dict(blobs.read(connection, "file_table"))
                meta = dict(connection.execute("SELECT key, value FROM meta"))
                cursor = changelog.read_cursor(connection)
        except _FAULTS:
            self.close()  # `load` looks closer
            return {}
        self._loaded, self.cursor = meta, cursor
        return parts

    def rows_of(self, paths: Iterable[str], cursor: changelog.Cursor) -> dict[str, Row]:
        """Return the rows of some paths, as far as there are any.

        Raises `LookupError` if one is damaged, or the log no longer stands at `cursor`.
        """
        keys = [(os.fsencode(path),) for path in paths]
        query = f"{_SELECT} WHERE path=?"
        return self._rows_at(
            cursor, lambda db: [row for key in keys for row in db.execute(query, key)]
        )

    def rows_with_findings(self, cursor: changelog.Cursor) -> dict[str, Row]:
        """Return the rows that hold more than numbers. Raises `LookupError` as `rows_of` does."""
        return self._rows_at(cursor, lambda db: db.execute(_SELECT_WITH_FINDINGS))

    def _rows_at(
        self,
        cursor: changelog.Cursor,
        query: Callable[[sqlite3.Connection], Iterable[tuple[Any, ...]]],
    ) -> dict[str, Row]:
        try:
            with self._snapshot() as connection:
                rows = {row.path: row for row in _parsed(query(connection))}
                now = changelog.read_cursor(connection)
        except _FAULTS as error:
            self.close()
            raise LookupError(str(error)) from None
        if now != cursor:
            raise LookupError("the cache database has changed")
        return rows

    def store(self, update: Update) -> bool:
        """Write what has changed, all or nothing; return whether the cache database is now as we
        see it.

        A cache database that can't be written costs time at the next run, and nothing else. It is
        left alone if another process has stored rows that belong to other settings since we read
        it; if it has stored others, ours are put among them, and there is no file table.
        """
        if self.path is None or not self.writable:
            return False
        try:
            with self._transaction() as connection:
                now = dict(connection.execute("SELECT key, value FROM meta"))
                if now and now not in (self._loaded, update.settings):
                    return False
                cursor = changelog.read_cursor(connection)
                alone = cursor == self.cursor
                _store(connection, update, alone)
                cursor = changelog.append(
                    connection, cursor, update.news, update.removed, update.seeds, update.outline
                )
        except _FAULTS as error:
            if _code(error) not in _UNWRITTEN:
                self._discard()
            self.close()
            self.fault = str(error).lower()
            return False
        self._loaded, self.cursor = dict(update.settings), cursor
        return alone

    def changes_since(self, identity: str, sequence: int) -> list[tuple[str, bool]] | None:
        """Return the paths that changed since, and whether each is gone; None if none can tell."""
        if not self._there():
            return None
        try:
            with self._snapshot() as connection:
                cursor = changelog.read_cursor(connection)
                if identity != cursor.identity or not changelog.knows(connection, cursor, sequence):
                    return None
                return list(changelog.entries(connection, cursor, sequence))
        except _FAULTS:
            return None
        finally:
            self.close()

    # -- what was concluded

    def blobs(self, kind: str) -> dict[int, bytes]:
        """Return the stored blobs of a kind by number, in order; those that are damaged are left
        out."""
        if not self._there():
            return {}
        try:
            with self._snapshot() as connection:
                return dict(blobs.read(connection, kind))
        except _FAULTS:
            return {}
        finally:
            self.close()

    def open_blobs(self, kind: str) -> BlobReader:
        """Return what reads the stored blobs of a kind, in order, again and again."""
        return BlobReader(self.path if self._there() else None, kind)

    def add_blobs(self, kind: str, added: Iterable[bytes]) -> bool:
        """Store blobs before what belongs to them is stored; return whether that was possible.

        The connection stays open. No blob may be taken for true but by what it says itself.
        """
        if self.path is None or not self.writable:
            return False
        try:
            with self._transaction() as connection:
                blobs.replace(connection, kind, (), added)
        except _FAULTS as error:
            self.close()
            self.fault = str(error).lower()
            return False
        return True

    def replace_blobs(self, kind: str, dropped: Iterable[int], added: Iterable[bytes]) -> None:
        """Store blobs in place of others; their numbers are higher than any so far."""
        self._write(lambda connection: blobs.replace(connection, kind, dropped, added))

    def result(self, key: str) -> str | None:
        """Return a stored result; None if there is none, or a damaged one."""
        if not self._there():
            return None
        try:
            query = "SELECT value FROM results WHERE key=?"
            found = self._open().execute(query, (key,)).fetchone()
            return None if found is None else unseal(found[0])
        except _FAULTS:
            return None
        finally:
            self.close()

    def store_result(
        self,
        cursor: changelog.Cursor,
        key: str,
        value: str,
        dropped: Iterable[int] | None = (),
        added: Iterable[bytes] = (),
    ) -> None:
        """Store a result, and blobs of its kind in place of others, if the log stands at `cursor`.

        A result says itself what it was computed from. If `dropped` is None, all blobs are.
        """

        def store(connection: sqlite3.Connection) -> None:
            if changelog.read_cursor(connection) == cursor:
                blobs.replace(connection, key, dropped, added)
                query = "INSERT OR REPLACE INTO results VALUES (?, ?)"
                connection.execute(query, (key, seal(value)))

        self._write(store)

    # -- the file

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _there(self) -> bool:
        return self.path is not None and os.path.exists(self.path)

    def _write(self, store: Callable[[sqlite3.Connection], None]) -> None:
        """Write what can be computed again, if that is possible."""
        if self.path is None or not self.writable:
            return
        try:
            with self._transaction() as connection:
                store(connection)
        except _FAULTS as error:  # it is computed again next time
            self.fault = str(error).lower()
        finally:
            self.close()

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

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection; nobody else writes meanwhile, and a fault leaves all as it was."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            if self.path is None:
                raise ValueError("the cache database is in memory")
            connection = sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None)
            self._connection = connection
            # The last changes may be lost as the machine fails. The log of changes allows for that.
            connection.execute("PRAGMA synchronous=NORMAL")
            if _version(connection) != SCHEMA:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("BEGIN IMMEDIATE")
                if _version(connection) != SCHEMA:  # still, now that nobody else is at it
                    self.cursor = _create(connection)
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


def _create(connection: sqlite3.Connection) -> changelog.Cursor:
    """Make the tables, in place of whatever is there, and start the log."""
    for table in _DROPPED:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in filter(str.strip, _TABLES.split(";")):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version={SCHEMA}")
    return changelog.begin(connection)


def _store(connection: sqlite3.Connection, update: Update, alone: bool) -> None:
    """Write rows, file table and fingerprints."""
    connection.executemany(_INSERT, map(_values, update.rows))
    connection.executemany(
        _TOUCH, ((*signature, racy, os.fsencode(path)) for path, signature, racy in update.touched)
    )
    gone = [(os.fsencode(path),) for path in update.removed]
    connection.executemany("DELETE FROM seeds WHERE path=?", gone)
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", update.settings.items())
    if update.whole or not alone:
        connection.execute("DELETE FROM pieces WHERE kind='file_table'")
    if alone:
        blobs.put(connection, "file_table", update.file_table.items())
    blobs.replace(connection, "fingerprints", (), update.batches)


def _parsed(rows: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
    decode, new = os.fsdecode, tuple.__new__
    same: dict[str, str] = {}  # keys and formats are few, and rows are many
    for (
        path, size, mtime, ctime, inode, racy, key, digest, format_, title, records, sections,
        groups, findings, total,
    ) in rows:  # fmt: skip
        if total != _checksum(
            path, key, digest, format_, title, records, sections, groups, findings
        ):
            raise ValueError("a row is damaged")
        key, format_ = same.setdefault(key, key), same.setdefault(format_, format_)
        yield new(
            Row,
            (decode(path), new(FileSignature, (size, mtime, ctime, inode)), racy, key, digest,
             format_, title, records, sections, groups, findings),
        )  # fmt: skip


def _values(row: Row) -> tuple[object, ...]:
    path = os.fsencode(row.path)
    return (
        path, *row.signature, row.racy, row.key, row.digest, row.format,
        row.title, row.records, row.sections, row.groups, row.findings, _checksum(path, *row[3:]),
    )  # fmt: skip


def _checksum(
    path: bytes, key: str, digest: bytes, format_: str, title: str, records: int, sections: int,
    groups: str, findings: str,
) -> int:  # fmt: skip
    """Sum up what a damaged page could change unseen; a wrong signature is found out by the
    file's.
    """
    text = f"{key}\0{format_}\0{title}\0{records} {sections}\0{groups}\0{findings}"
    return checksum(text.encode("utf-8", "surrogatepass"), checksum(digest + path))


def _code(error: Exception) -> int:
    """The error's primary code in SQLite, 0 if it is of another kind."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF
