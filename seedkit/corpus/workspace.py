"""The corpus as it is now: the one mutable object, which every command is a client of.

`refresh` compares a walk of the disk with the cache database and analyses what changed; nothing
becomes known in any other way. `check` then judges the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from seedkit.core.errors import SeedkitError
from seedkit.core.skipped import Skipped, why_refused
from seedkit.corpus.batches import Batches
from seedkit.corpus.contents import expanded
from seedkit.corpus.facts import SeedFindings, unpack_seed_findings
from seedkit.corpus.reconcile import Outcome, Progress, Work, reconcile
from seedkit.repeats.parameters import Parameters
from seedkit.settings.assignment import Assignment
from seedkit.settings.load import Settings
from seedkit.sources.source import Source
from seedkit.sources.walk import Scan
from seedkit.store.changelog import Changes, ChangeSet, Cursor, Revision
from seedkit.store.clusters import Cluster, Stored, StoredGroup, read_clusters, write_clusters
from seedkit.store.database import CacheDatabase, Row, Update
from seedkit.store.file_table import FileTable

if TYPE_CHECKING:
    from seedkit.formats.layout import Layout
    from seedkit.manifest import SeedSummary

_ATTEMPTS = 3  # to look at seeds that change meanwhile
_FEW = 500  # files that differ; for more, all rows are read, if these are many of all files


_NOTHING = ChangeSet(frozenset(), frozenset())


class Workspace:
    """A corpus: its settings, its source, its cache database, and what is true of its seeds now."""

    def __init__(
        self, source: Source, settings: Settings, database: CacheDatabase, workers: int = 1
    ) -> None:
        self.source, self.root = source, source.root
        self.settings, self.config, self.formats = settings, settings.config, settings.formats
        self.database = database
        self.workers = workers
        self.assignment = Assignment(settings)
        self.scan = Scan()
        self.files = FileTable.blank(self.scan)
        self._assumed: FileTable | None = None  # as it is stored, and no walk has shown yet
        self.cursor: Cursor | None = None  # of the changelog, if the database is as we see it
        # What we see is what the cache database held at this moment, but for what has no position.
        self.base: Cursor | None = None
        self.batches = Batches(database)  # that the last refresh has made
        # Called again and again by what takes long; what it raises ends that.
        self.pulse: Callable[[], None] = lambda: None
        self.warn: Callable[[], None] = lambda: None  # called when seeds are `unsettled`
        # What is worth keeping between two checks of one process, by what it is.
        self.memo: dict[str, object] = {}
        self._rows: dict[str, Row] | None = {}
        self._patch: dict[str, Row | None] = {}
        self._found = _NOTHING
        self._vanished = False  # whether the last refresh has met a file that was gone
        self._outlined = False  # whether the last refresh has found another outline

    # -- what the settings say

    @property
    def fingerprints_wanted(self) -> bool:
        """Whether seeds are fingerprinted as they are analysed: if a repeat rule is selected."""
        select = self.config.select
        return any(rule == "repeat" or rule.startswith("repeat/") for rule in select)

    def repeat_parameters(self) -> Parameters:
        """Return what counts as a repeat, whatever rules are selected."""
        config = self.config
        return Parameters(
            config.near_duplicate,
            config.contained,
            config.passage_tokens,
            config.boilerplate_seeds,
            config.similarity_tokens == "characters",
        )

    def repeat_tag(self) -> str:
        """Return what names all that repeats depend on except the seeds."""
        files = self.assignment
        return repr((self.repeat_parameters(), files.files_key, files.fingerprint_keys()))

    def layout(self, format_name: str) -> Layout:
        """Return the compiled form of a format."""
        return self.assignment.layout(format_name)

    def format_of(self, path: str) -> str:
        """Return the name of the first format that matches the path, empty if none does."""
        return self.assignment.format_of(path)

    def is_seed(self, path: str) -> bool:
        """Tell whether a file under the seeds folders is a seed: not excluded, and no index."""
        return self.assignment.is_seed(path)

    def group_names(self) -> frozenset[str]:
        """Return the names of all groups of all formats' file names."""
        return self.assignment.group_names()

    # -- what is there

    @property
    def rows(self) -> dict[str, Row]:
        """The row of every seed, by path; read when they are first asked for."""
        if self._rows is None:
            self._load_rows()
            if self._vanished:
                self.refresh()
            if self._rows is None:
                self._load_rows()
            self._warn()
        assert self._rows is not None  # `_load_rows` sets it
        return self._rows

    def _load_rows(self) -> None:
        found, settings = self.database.load()
        self._rows = self._ordered(found) if self.database.cursor == self.base else None
        if self._rows is None:  # damaged, or stored again by another process since `refresh` looked
            self._compare(found, settings, lambda done, total: None)
        self.database.close()

    def _ordered(self, found: dict[str, Row]) -> dict[str, Row] | None:
        """The rows in the order of the walk, None if they are not those of the file table."""
        for path, row in self._patch.items():
            if row is None:
                found.pop(path, None)
            else:
                found[path] = row
        file_table = self.files
        kinds = zip(file_table.paths, file_table.kinds, strict=True)
        rows = {path: found[path] for path, kind in kinds if kind and path in found}
        return rows if len(rows) == file_table.seed_count else None

    @property
    def seed_count(self) -> int:
        """How many seeds there are, without reading their rows."""
        return self.files.seed_count

    def seed_format(self, path: str) -> str | None:
        """Return the format of a seed, empty if it has none; None for what is no seed."""
        index = self.files.at.get(path)
        kind = 0 if index is None else self.files.kinds[index]
        return self.assignment.names[kind - 1] if kind else None

    def seed_digest(self, path: str) -> bytes | None:
        """Return the digest of a seed's bytes, empty if they can't be read; None for no seed."""
        return self.files.digest(self.files.at[path]) if self.is_there(path) else None

    def skipped(self) -> dict[str, Skipped]:
        """Return what is neither compared nor searched, by path, and why."""
        from seedkit.sources.absent import not_checked_out

        refused = {
            path: why_refused(reason)
            for path, reason in self.files.refused.items()
            if self.is_seed(path)
        }
        folders = self.config.seeds
        absent = not_checked_out(self.source, folders, lambda: self.files.at)
        missing = {path: reason for path, reason in absent.items() if self.is_seed(path)}
        return {**self.files.skipped(), **refused, **missing}

    def is_there(self, path: str) -> bool:
        """Tell whether there is a seed of that path."""
        return self.seed_format(path) is not None

    def row(self, path: str) -> Row | None:
        """Return the row of a seed, None for what is no seed; the others need not be read."""
        return self.rows_of([path]).get(path)

    def rows_of(self, paths: Iterable[str]) -> dict[str, Row]:
        """Return the rows of those paths that are seeds; the others need not be read."""
        if self._rows is None and self.base is not None:
            wanted = [path for path in paths if self.seed_format(path) is not None]
            found = {path: row for path in wanted if (row := self._patch.get(path)) is not None}
            try:
                others = [path for path in wanted if path not in found]
                found |= self.database.rows_of(others, self.base) if others else {}
            except LookupError:
                found.clear()
            if len(found) == len(set(wanted)):
                return found
            paths = wanted
        rows = self.rows
        return {path: rows[path] for path in paths if path in rows}

    def rows_with_findings(self) -> dict[str, Row]:
        """Return the rows that hold more than numbers: findings, unique sections, allowances."""
        if self._rows is None and self.base is not None:
            try:
                found = self.database.rows_with_findings(self.base)
            except LookupError:
                found = {}
            for path, row in self._patch.items():
                found.pop(path, None)
                if row is not None and row.findings:
                    found[path] = row
            if len(found) == self.files.finding_count:
                return found
        return {path: row for path, row in self.rows.items() if row.findings}

    def findings_of(self, row: Row) -> SeedFindings:
        """Return what the cache database has of a seed in addition to its numbers."""
        return SeedFindings(*unpack_seed_findings(row.path, row.findings))

    def read_text(self, path: str) -> str | None:
        """Return the decoded text of a file of the corpus, None if it can't be read."""
        try:
            data = expanded(self, path, self.source.read(path))
        except (OSError, SeedkitError):
            return None
        return data.decode(self.encoding_of(path), "surrogateescape")

    def encoding_of(self, path: str) -> str:
        """Return how a file is encoded: as its format says, if it is a seed of one."""
        encodings = set(map(self.assignment.encoding, self.assignment.names))
        if len(encodings) == 1:
            return encodings.pop()
        return self.assignment.encoding(self.seed_format(path) or "")

    def summaries(self) -> Mapping[str, SeedSummary]:
        """Return what the index is compared with, computed for each seed as it is asked for."""
        from seedkit.corpus.summaries import Summaries

        formats = self.formats
        return Summaries(self.rows, {name: spec.file.unique for name, spec in formats.items()})

    # -- what has changed

    def refresh(self, progress: Progress = lambda done, total: None) -> ChangeSet:
        """Bring what is known up to date with the source; return what changed.

        What has gone since it was listed may have got another name: then all is looked at again.
        `unsettled` tells whether that goes on.
        """
        found, outlined = _NOTHING, False
        for _ in range(_ATTEMPTS):
            found = found.then(self._refresh(progress))
            outlined |= self._outlined
            if not self._vanished:
                break
        self._found, self._outlined = found, outlined
        self._warn()
        return found

    def _warn(self) -> None:
        if self.unsettled:
            self.warn()

    @property
    def unsettled(self) -> bool:
        """Whether seeds were moved again and again during the last refresh: one may be missing."""
        return self._vanished or not self.scan.settled

    def _refresh(self, progress: Progress) -> ChangeSet:
        assumed, self._assumed = self._assumed, None
        self.scan = self.source.scan(self.config.seeds)
        begun = self._begin(assumed)
        if begun is None:
            return self._compare(*self.database.load(), progress)
        suspects, known, same = begun
        self._see(self.database.cursor)
        if suspects or known or not same:
            work = self._work(progress)
            outcome = reconcile(work, self.files, suspects, known, same_assignment=True)
            self._store(outcome, suspects if same else None)
        self.database.close()
        return self._found

    def _begin(self, assumed: FileTable | None) -> tuple[list[int], dict[str, Row], bool] | None:
        """Compare the walk with the file table, which is read unless it was `assumed`.

        Return which files to look at, the rows of these and of seeds that are gone, and whether the
        walks met the same; None if there is no file table, or reading all rows is cheaper.
        """
        try:
            old = assumed or self._stored_files()
            self.files, suspects, gone = old.renewed(self.scan)
            if len(suspects) + len(gone) > max(_FEW, len(self.files.kinds) // 4):
                return None
            seeds = [self.files.paths[index] for index in suspects if self.files.kinds[index]]
            assert self.database.cursor is not None  # it was read with the file table
            known = self.database.rows_of([*seeds, *gone], self.database.cursor)
        except (ValueError, LookupError):
            return None
        complete = len(known) == len(seeds) + len(gone)
        same = old.names == self.files.names and old.refused == self.files.refused
        return (suspects, known, same) if complete else None

    def _stored_files(self) -> FileTable:
        return FileTable.unpack(self.database.file_table(), self.assignment.files_key)

    def assume(self) -> bool:
        """Take the seeds to be as the cache database has them; return whether it has them.

        That is for those who find out later whether it is true: by a refresh, or from a watch.
        """
        self._assumed = None
        try:
            files = self._stored_files()
        except ValueError:
            return False
        finally:
            self.database.close()
        self.files = self._assumed = files
        self.scan = Scan.of_columns(None, files.signatures, {}, names=files.names)
        self._see(self.database.cursor)
        return True

    def resume(self, state: str) -> bool:
        """Take the seeds to be as the cache database has them; return whether it is in `state`.

        That is for those who know from elsewhere, from a running watch, that this state is true.
        Settings other than those that the rows were stored with can't be resumed with.
        """
        if self._assumed is None or self.state != state:
            self.assume()
        return self._assumed is not None and self.state == state

    def _see(self, cursor: Cursor | None) -> None:
        """Take what the cache database holds at a moment for what is there."""
        self.cursor = self.base = cursor
        self._rows, self._patch, self._found = None, {}, _NOTHING
        self.batches = Batches(self.database)
        self._outlined = self._vanished = False

    def _compare(
        self, known: Mapping[str, Row], settings: Mapping[str, str], progress: Progress
    ) -> ChangeSet:
        """Compare the walk with every row."""
        self.batches = Batches(self.database)
        files = self.files = FileTable.blank(self.scan)
        same = settings.get("claims") == self.assignment.key
        work, every = self._work(progress), range(len(files.paths))
        outcome = reconcile(work, files, every, known, same_assignment=same)
        # In the order of the walk, whatever was analysed when.
        self._rows = {path: outcome.rows[path] for path in files.paths if path in outcome.rows}
        self._store(outcome, None)
        self.database.close()
        return self._found

    def _work(self, progress: Progress) -> Work:
        return Work(
            source=self.source,
            settings=self.settings,
            assignment=self.assignment,
            parameters=self.repeat_parameters(),
            fingerprints=self.fingerprints_wanted,
            workers=self.workers,
            started=self.scan.started,
            progress=progress,
            keep=self.batches.keep,
        )

    def _store(self, outcome: Outcome, files: Iterable[int] | None) -> None:
        """Keep what was found out; `files` (None: all) are another than before."""
        changed = frozenset(row.path for row in outcome.changed)
        self._found = ChangeSet(changed, frozenset(outcome.removed))
        self._outlined = outcome.outline
        self._vanished = outcome.vanished
        before = self.database.cursor
        update = Update(
            settings={"claims": self.assignment.key},
            rows=outcome.changed,
            touched=outcome.touched,
            removed=outcome.removed,
            news=outcome.news,
            outline=outcome.outline,
            seeds=self.files.seed_count,
            file_table=self.files.pack(self.assignment.files_key, files),
            whole=files is None,
            batches=self.batches.pending,
        )
        if self.database.store(update):
            self.cursor = self.base = self.database.cursor
            self._patch = {}
            return
        self.cursor = None
        self.base = before if self.database.cursor == before else None
        self._patch = {**outcome.rows, **dict.fromkeys(outcome.removed)}

    def position(self) -> Revision:
        """Return where in the log of changes the corpus is, as `refresh` has seen it.

        Its identity is empty if the cache database does not hold that: then nothing that is derived
        from the corpus can be brought up to date later.
        """
        return Revision(*(self.cursor or ("", 0))[:2])

    def changes_since(self, identity: str, sequence: int) -> Changes | None:
        """Return what has changed since a position, None if nothing can tell.

        That is so if the log is another one, or has been cut since, or is damaged.
        """
        log = self.database.changes_since(identity, sequence)
        if log is None:
            return None
        gone = dict(log)
        here = self.position()
        if not here.identity:  # what we have found is not in the log
            gone |= dict.fromkeys(self._found.changed, False)
            gone |= dict.fromkeys(self._found.removed, True)
        return Changes(
            here.identity,
            max(here.sequence, sequence),
            sorted(path for path in gone if not gone[path]),
            sorted(path for path in gone if gone[path]),
        )

    @property
    def state(self) -> str:
        """A name for what is known of the seeds; empty if the cache database does not hold it, a
        file may have changed without its signature showing it, or the seeds are `unsettled`."""
        return "" if self.files.is_doubtful or self.unsettled else self.content_version

    @property
    def metadata_version(self) -> str:
        """A name for all paths, formats, titles, counts and groups of names; empty if none is
        known."""
        base = self.base
        if base is None or (self.cursor is None and self._outlined):
            return ""
        return f"{base.identity} {base.outline}"

    @property
    def content_version(self) -> str:
        """A name for the contents of all seeds; empty if none is known."""
        cursor = self.cursor
        return "" if cursor is None else f"{cursor.identity} {cursor.sequence}"

    def stored_clusters(self) -> Stored | None:
        """Return the repeats that were stored last, None if there are none of these settings."""
        base = self.base
        return None if base is None else read_clusters(self.database, base, self.repeat_tag())

    def touched_since(self, sequence: int) -> set[str] | None:
        """Return the seeds that have changed or gone since a moment of the changelog; None if
        nothing can tell, or it is later than what we see."""
        if self.base is None or sequence > self.base.sequence:
            return None
        changes = self.changes_since(self.base.identity, sequence)
        return None if changes is None else {*changes.changed, *changes.removed}

    def store_clusters(
        self, kept: Stored, added: Sequence[Cluster], dropped: Collection[int] | None
    ) -> None:
        """Store repeats that hold for what we see, if the cache database does."""
        if self.cursor is not None:
            write_clusters(self.database, self.cursor, self.repeat_tag(), kept, added, dropped)

    def stored_groups(self) -> list[StoredGroup] | None:
        """Return the groups of seeds that repeat each other, if they are known; None if not."""
        stored = self.stored_clusters()
        if stored is None or self.touched_since(stored.sequence) != set():
            return None
        return [
            group
            for blob in stored.clusters.values()
            for cluster in blob
            for group in cluster.groups
        ]
