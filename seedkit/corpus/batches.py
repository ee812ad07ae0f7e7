"""The fingerprints that a refresh makes: stored as they come, if they are many."""

from __future__ import annotations

from collections.abc import Iterable

from seedkit.store.blobs import BlobReader
from seedkit.store.database import CacheDatabase

_KIND = "fingerprints"  # of blobs
_PENDING = 1 << 24  # bytes that wait to be stored with the rows of their seeds


class Batches:
    """Fingerprints that were made; `pending` are those that are not in the cache database yet.

    What they were made of is in them, so they hold good whatever becomes of the rows.
    """

    def __init__(self, database: CacheDatabase) -> None:
        self.pending: list[bytes] = []
        self._database = database
        self._size = 0

    def fresh(self) -> Batches:
        """Return what keeps others in the same cache database."""
        return Batches(self._database)

    def keep(self, batch: bytes) -> None:
        """Keep a batch; store all that are pending once they are many."""
        self.pending.append(batch)
        self._size += len(batch)
        if self._size >= _PENDING:
            self.store()

    def store(self) -> None:
        """Store what is pending; if that is not possible now, it waits as long again."""
        self._size = 0
        if self._database.add_blobs(_KIND, self.pending):
            self.pending = []

    def stored(self) -> BlobReader:
        """Return what reads the batches that are stored, in order, again and again."""
        return self._database.open_blobs(_KIND)

    def replace(self, dropped: Iterable[int], added: Iterable[bytes]) -> None:
        """Store batches in place of others that are stored, by their numbers."""
        self._database.replace_blobs(_KIND, dropped, added)
