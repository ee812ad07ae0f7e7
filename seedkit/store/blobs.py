"""Reads and writes blobs: bytes of a kind, with a number and a checksum each (table `pieces`)."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator

from seedkit.core.files import checksum


def replace(
    connection: sqlite3.Connection, kind: str, dropped: Iterable[int] | None, added: Iterable[bytes]
) -> None:
    """Store blobs in place of others, or of all of their kind if `dropped` is None.

    Their numbers are higher than any that is left.
    """
    if dropped is None:
        connection.execute("DELETE FROM pieces WHERE kind=?", (kind,))
    else:
        query = "DELETE FROM pieces WHERE kind=? AND number=?"
        connection.executemany(query, ((kind, number) for number in dropped))
    query = "SELECT coalesce(max(number), 0) FROM pieces WHERE kind=?"
    last = connection.execute(query, (kind,)).fetchone()[0]
    put(connection, kind, enumerate(added, last + 1))


def put(connection: sqlite3.Connection, kind: str, blobs: Iterable[tuple[int, bytes]]) -> None:
    """Store blobs under their numbers."""
    query = "INSERT OR REPLACE INTO pieces (kind, number, value, checksum) VALUES (?, ?, ?, ?)"
    rows = ((kind, number, value, _checksum(kind, number, value)) for number, value in blobs)
    connection.executemany(query, rows)


def read(connection: sqlite3.Connection, kind: str) -> Iterator[tuple[int, bytes]]:
    """Return the blobs of a kind in order, but for those that are damaged."""
    query = (
        "SELECT number, value, checksum FROM pieces WHERE kind=? AND typeof(value)='blob' "
        "ORDER BY number"
    )
    for number, value, total in connection.execute(query, (kind,)):
        if total == _checksum(kind, number, value):
            yield number, value


class BlobReader:
    """The blobs of a kind as they are now, as often as wanted, whatever is stored meanwhile.

    None are there if they can't be read. It has a connection of its own, which is to be closed
    before anything is stored: not every file system lets others write at the same time.
    """

    def __init__(self, path: str | None, kind: str) -> None:
        self._kind = kind
        self._connection: sqlite3.Connection | None = None
        if path is None:
            return
        try:
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._connection.execute("BEGIN")
            self._connection.execute("SELECT max(number) FROM pieces")
        except sqlite3.Error:
            self.close()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Return the numbers and values; ends early at a page that is damaged."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                yield from read(self._connection, self._kind)

    def close(self) -> None:
        """Close the connection: there are no blobs, then."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _checksum(kind: str, number: int, value: bytes) -> int:
    return checksum(value, checksum(f"{kind} {number}".encode()))
