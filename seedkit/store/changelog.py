"""The log of changes: which paths have changed since a moment, kept in the cache database.

What is derived from the seeds, as a search index is, notes the identity and sequence number of the
log with it, and asks later what has changed since. The log holds one entry a path, the latest; a
removed seed keeps its own. When it would become long it is cut, and a reader that comes from before
the cut has to compare everything.

So has a reader that comes from a moment that this log has never seen. There are such: when the
machine or the disk fails, SQLite goes back to an earlier state, and from there history takes
another course. Two courses never give the same number to a moment.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from itertools import chain, repeat
from typing import TYPE_CHECKING, NamedTuple

from seedkit.core.files import checksum, seal, unseal

if TYPE_CHECKING:
    from sqlite3 import Connection

CREATE = """
CREATE TABLE log (path BLOB PRIMARY KEY, sequence INTEGER, gone INTEGER) WITHOUT ROWID;
CREATE TABLE cursor (value TEXT NOT NULL);
CREATE TABLE revisions (sequence INTEGER PRIMARY KEY);
"""
TABLES = ("log", "cursor", "revisions")
_LONG = 1000  # entries; a log may have as many, however few seeds there are
_REVISIONS = 10_000  # that are kept in mind
_CHANCE = 32  # bits of a sequence number that are up to chance


class Cursor(NamedTuple):
    """Where the log stands.

    `identity` is made with the cache database; `sequence` grows whenever anything changes; changes
    up to `start` have been cut off; `outline` is when paths, formats, titles, counts or groups of
    names changed last; `total` sums up the entries.
    """

    identity: str
    sequence: int
    start: int
    outline: int
    total: int


class ChangeSet(NamedTuple):
    """What a refresh found: paths whose facts are new, or gone."""

    changed: frozenset[str]
    removed: frozenset[str]

    def then(self, later: ChangeSet) -> ChangeSet:
        """Return what this refresh and a later one found."""
        return ChangeSet(
            later.changed | self.changed - later.removed,
            later.removed | self.removed - later.changed,
        )


class Revision(NamedTuple):
    """A moment in the log of changes: whose log, and a number that grows with every change.

    Without an `identity` it is no moment that anyone could come back to.
    """

    identity: str
    sequence: int


class Changes(NamedTuple):
    """What has changed since a position; `identity` and `sequence` are the position after that.

    Both lists are sorted. A path in `changed` may be gone again, or not be seen yet by one that
    asks: what can't be read counts as removed.
    """

    identity: str
    sequence: int
    changed: list[str]
    removed: list[str]


def begin(connection: Connection) -> Cursor:
    """Start the log of a new cache database."""
    cursor = Cursor(os.urandom(16).hex(), 0, 0, 0, 0)
    connection.execute("INSERT INTO revisions VALUES (0)")
    connection.execute("INSERT INTO cursor VALUES (?)", (_written(cursor),))
    return cursor


def read_cursor(connection: Connection) -> Cursor:
    """Return where the log stands; raises `ValueError` or `sqlite3.Error` if it is damaged."""
    found = connection.execute("SELECT value FROM cursor").fetchall()
    if len(found) != 1:
        raise ValueError("the log has no cursor")
    text = unseal(str(found[0][0]))
    identity, *numbers = text.split()
    return Cursor(identity, *map(int, numbers))


def append(
    connection: Connection,
    cursor: Cursor,
    changed: Collection[str],
    removed: Collection[str],
    seeds: int,
    outline: bool = True,
) -> Cursor:
    """Write down what has changed, in the transaction that changes it; return the new cursor.

    `seeds` is how many there are: a log of more entries than half of them is cut, since comparing
    everything costs little more than going through it. `outline` says that more than the contents
    of seeds is another than before.
    """
    if not changed and not removed:
        return cursor
    sequence = _after(cursor.sequence)
    outlined = sequence if outline else cursor.outline
    connection.execute("INSERT INTO revisions VALUES (?)", (sequence,))
    oldest = "SELECT sequence FROM revisions ORDER BY sequence DESC LIMIT 1 OFFSET ?"
    connection.execute(f"DELETE FROM revisions WHERE sequence <= ({oldest})", (_REVISIONS,))
    most = max(_LONG, seeds // 2)
    total = cursor.total
    if len(changed) + len(removed) > most or _length(connection) > most:
        connection.execute("DELETE FROM log")
        cursor = Cursor(cursor.identity, sequence, sequence, outlined, 0)
    else:
        for path, gone in chain(zip(changed, repeat(0)), zip(removed, repeat(1))):
            key = os.fsencode(path)
            query = "SELECT sequence, gone FROM log WHERE path=?"
            before = connection.execute(query, (key,)).fetchone()
            if before is not None:
                total -= _checksum(key, *before)
            total += _checksum(key, sequence, gone)
            connection.execute("INSERT OR REPLACE INTO log VALUES (?, ?, ?)", (key, sequence, gone))
        cursor = Cursor(cursor.identity, sequence, cursor.start, outlined, total)
    connection.execute("UPDATE cursor SET value=?", (_written(cursor),))
    return cursor


def knows(connection: Connection, cursor: Cursor, sequence: int) -> bool:
    """Tell whether the log can say what has changed since a moment of its own."""
    if not cursor.start <= sequence <= cursor.sequence:
        return False
    query = "SELECT 1 FROM revisions WHERE sequence=?"
    return connection.execute(query, (sequence,)).fetchone() is not None


def entries(connection: Connection, cursor: Cursor, sequence: int) -> Iterator[tuple[str, bool]]:
    """Return the paths that changed after the sequence number, and whether each is gone.

    Raises `ValueError`, `TypeError` or `sqlite3.Error` if the log is damaged.
    """
    rows = connection.execute("SELECT path, sequence, gone FROM log").fetchall()
    if sum(_checksum(*row) for row in rows) != cursor.total:
        raise ValueError("the log is damaged")
    return ((os.fsdecode(path), bool(gone)) for path, at, gone in rows if at > sequence)


def _after(sequence: int) -> int:
    count = (sequence >> _CHANCE) + 1
    return count << _CHANCE | int.from_bytes(os.urandom(_CHANCE // 8))


def _length(connection: Connection) -> int:
    length: int = connection.execute("SELECT count(*) FROM log").fetchone()[0]
    return length


def _checksum(path: bytes, sequence: int, gone: int) -> int:
    return checksum(path, checksum(b"%d %d" % (sequence, gone)))


def _written(cursor: Cursor) -> str:
    return seal(" ".join(map(str, cursor)))
