"""Pieces: what is stored as bytes, of a kind and with a number and a checksum each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from seedkit.core.files import checksum


def replace(
    connection: sqlite3.Connection, kind: str, dropped: Iterable[int] | None, added: Iterable[bytes]
) -> None:
    """Store pieces in place of others, or of all of their kind if `dropped` is None.

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


def put(connection: sqlite3.Connection, kind: str, pieces: Iterable[tuple[int, bytes]]) -> None:
    """Store pieces under their numbers."""
    query = "INSERT OR REPLACE INTO pieces (kind, number, value, checksum) VALUES (?, ?, ?, ?)"
    rows = ((kind, number, value, _checksum(kind, number, value)) for number, value in pieces)
    connection.executemany(query, rows)


def read(connection: sqlite3.Connection, kind: str) -> Iterator[tuple[int, bytes]]:
    """Return the pieces of a kind in order, but for those that are damaged."""
    query = "SELECT number, value, checksum FROM pieces WHERE kind=? ORDER BY number"
    for number, value, total in connection.execute(query, (kind,)):
        if isinstance(value, bytes) and total == _checksum(kind, number, value):
            yield number, value


def _checksum(kind: str, number: int, value: bytes) -> int:
    return checksum(value, checksum(f"{kind} {number}".encode()))
