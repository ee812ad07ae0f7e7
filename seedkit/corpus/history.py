"""Where the log of changes stands as a refresh has left it, and the results that hold there."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from seedkit.store.changelog import Changes, ChangeSet, Cursor, Revision
from seedkit.store.clusters import Cluster, Stored, StoredGroup, read_clusters, write_clusters
from seedkit.store.database import CacheDatabase, Update

NOTHING = ChangeSet(frozenset(), frozenset())


class History:
    """The log of changes as a refresh has left it, and results that hold as of a moment of it.

    `cursor` is where the log stands if the cache database is as we see it. `base` is the moment at
    which the cache database held what we see, but for what the last refresh has `found` and could
    not store. `outlined` says whether that refresh has found another outline.
    """

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database
        self.cursor: Cursor | None = None
        self.base: Cursor | None = None
        self.found = NOTHING
        self.outlined = False

    def see(self, cursor: Cursor | None) -> None:
        """Take what the cache database holds at a moment for what is there."""
        self.cursor = self.base = cursor
        self.found, self.outlined = NOTHING, False

    def store(self, update: Update, found: ChangeSet) -> bool:
        """Store what a refresh has found; return whether the cache database is as we see it."""
        self.found, self.outlined = found, update.outline
        before = self._database.cursor
        if self._database.store(update):
            self.cursor = self.base = self._database.cursor
            return True
        self.cursor = None
        self.base = before if self._database.cursor == before else None
        return False

    # -- what has changed

    def position(self) -> Revision:
        """Return where in the log of changes the corpus is; no identity if it is nowhere."""
        return Revision(*(self.cursor or ("", 0))[:2])

    def changes_since(self, identity: str, sequence: int) -> Changes | None:
        """Return what has changed since a position, None if nothing can tell.

        That is so if the log is another one, or has been cut since, or is damaged.
        """
        log = self._database.changes_since(identity, sequence)
        if log is None:
            return None
        gone = dict(log)
        here = self.position()
        if not here.identity:  # what we have found is not in the log
            gone |= dict.fromkeys(self.found.changed, False)
            gone |= dict.fromkeys(self.found.removed, True)
        return Changes(
            here.identity,
            max(here.sequence, sequence),
            sorted(path for path in gone if not gone[path]),
            sorted(path for path in gone if gone[path]),
        )

    def touched_since(self, sequence: int) -> set[str] | None:
        """Return the seeds that have changed or gone since a moment of the changelog; None if
        nothing can tell, or it is later than what we see."""
        if self.base is None or sequence > self.base.sequence:
            return None
        changes = self.changes_since(self.base.identity, sequence)
        return None if changes is None else {*changes.changed, *changes.removed}

    @property
    def metadata_version(self) -> str:
        """A name for all paths, formats, titles, counts and groups of names; empty if none is
        known."""
        base = self.base
        if base is None or (self.cursor is None and self.outlined):
            return ""
        return f"{base.identity} {base.outline}"

    @property
    def content_version(self) -> str:
        """A name for the contents of all seeds; empty if none is known."""
        cursor = self.cursor
        return "" if cursor is None else f"{cursor.identity} {cursor.sequence}"

    # -- what was concluded

    def recall(self, name: str) -> str | None:
        """Return the result that was stored under a name, None if there is none. It says itself
        what it was computed from."""
        return self._database.result(name)

    def remember(self, name: str, value: str) -> None:
        """Store a result under a name, if the cache database is as we see it."""
        if self.cursor is not None:
            self._database.store_result(self.cursor, name, value)

    def stored_clusters(self, tag: str) -> Stored | None:
        """Return the repeats that were stored last, None if there are none with this tag."""
        return None if self.base is None else read_clusters(self._database, self.base, tag)

    def store_clusters(
        self, tag: str, kept: Stored, added: Sequence[Cluster], dropped: Collection[int] | None
    ) -> None:
        """Store repeats that hold for what we see, if the cache database does."""
        if self.cursor is not None:
            write_clusters(self._database, self.cursor, tag, kept, added, dropped)

    def stored_groups(self, tag: str) -> list[StoredGroup] | None:
        """Return the groups of seeds that repeat each other, if they are known; None if not."""
        stored = self.stored_clusters(tag)
        if stored is None or self.touched_since(stored.sequence) != set():
            return None
        return [
            group
            for blob in stored.clusters.values()
            for cluster in blob
            for group in cluster.groups
        ]
