"""Brings what is known of a corpus's files up to date: its walk, file table and rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seedkit.corpus.batches import Batches
from seedkit.corpus.history import History
from seedkit.corpus.reconcile import Outcome, Progress, Work, reconcile
from seedkit.repeats.parameters import Parameters
from seedkit.settings.assignment import Assignment
from seedkit.settings.load import Settings
from seedkit.sources.source import Source
from seedkit.sources.walk import Scan
from seedkit.store.changelog import ChangeSet, Cursor
from seedkit.store.database import CacheDatabase, Row, Update
from seedkit.store.file_table import FileTable

_FEW = 500  # files that differ; for more, all rows are read, if these are many of all files


class Refresher:
    """What is known of the files of a corpus, compared with the source whenever that is asked for.

    `scan` is the last walk and `files` its file table. `rows` are those of all seeds, None if they
    are not read; then `patch` is what differs from the cache database, None for a seed that is
    gone. `batches` are fingerprints that were made. `vanished` says that the last look has met a
    file that was gone. With `fingerprints`, seeds are fingerprinted as they are analysed.
    """

    def __init__(
        self,
        source: Source,
        settings: Settings,
        assignment: Assignment,
        database: CacheDatabase,
        history: History,
        parameters: Parameters,
        *,
        fingerprints: bool,
        workers: int,
    ) -> None:
        self._source, self._settings, self._assignment = source, settings, assignment
        self._database, self._history = database, history
        self._parameters, self._fingerprints, self._workers = parameters, fingerprints, workers
        self._assumed: FileTable | None = None  # as it is stored, and no walk has shown yet
        self.scan = Scan()
        self.files = FileTable.blank(self.scan)
        self.rows: dict[str, Row] | None = {}
        self.patch: dict[str, Row | None] = {}
        self.batches = Batches(database)
        self.vanished = False

    def load(self) -> None:
        """Read the rows of all seeds."""
        found, settings = self._database.load()
        self.rows = self._ordered(found) if self._database.cursor == self._history.base else None
        if self.rows is None:  # damaged, or stored again by another process since `refresh` looked
            self._compare(found, settings, lambda done, total: None)
        self._database.close()

    def _ordered(self, found: dict[str, Row]) -> dict[str, Row] | None:
        """The rows in the order of the walk, None if they are not those of the file table."""
        for path, row in self.patch.items():
            if row is None:
                found.pop(path, None)
            else:
                found[path] = row
        file_table = self.files
        kinds = zip(file_table.paths, file_table.kinds, strict=True)
        rows = {path: found[path] for path, kind in kinds if kind and path in found}
        return rows if len(rows) == file_table.seed_count else None

    def look(self, progress: Progress) -> ChangeSet:
        """Look at what differs from what is known, once; return what changed."""
        assumed, self._assumed = self._assumed, None
        self.scan = self._source.scan(self._settings.config.seeds)
        begun = self._begin(assumed)
        if begun is None:
            return self._compare(*self._database.load(), progress)
        suspects, known, same = begun
        self._see(self._database.cursor)
        if suspects or known or not same:
            work = self._work(progress)
            outcome = reconcile(work, self.files, suspects, known, same_assignment=True)
            self._store(outcome, suspects if same else None)
        self._database.close()
        return self._history.found

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
            assert self._database.cursor is not None  # it was read with the file table
            known = self._database.rows_of([*seeds, *gone], self._database.cursor)
        except (ValueError, LookupError):
            return None
        complete = len(known) == len(seeds) + len(gone)
        same = old.names == self.files.names and old.refused == self.files.refused
        return (suspects, known, same) if complete else None

    def _stored_files(self) -> FileTable:
        return FileTable.unpack(self._database.file_table(), self._assignment.files_key)

    @property
    def is_assumed(self) -> bool:
        """Whether the seeds are taken to be as the cache database has them."""
        return self._assumed is not None

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
            self._database.close()
        self.files = self._assumed = files
        self.scan = Scan.of_columns(None, files.signatures, {}, names=files.names)
        self._see(self._database.cursor)
        return True

    def _see(self, cursor: Cursor | None) -> None:
        """Take what the cache database holds at a moment for what is there."""
        self._history.see(cursor)
        self.rows, self.patch = None, {}
        self.batches = Batches(self._database)
        self.vanished = False

    def _compare(
        self, known: Mapping[str, Row], settings: Mapping[str, str], progress: Progress
    ) -> ChangeSet:
        """Compare the walk with every row."""
        self.batches = Batches(self._database)
        files = self.files = FileTable.blank(self.scan)
        same = settings.get("claims") == self._assignment.key
        work, every = self._work(progress), range(len(files.paths))
        outcome = reconcile(work, files, every, known, same_assignment=same)
        # In the order of the walk, whatever was analysed when.
        self.rows = {path: outcome.rows[path] for path in files.paths if path in outcome.rows}
        self._store(outcome, None)
        self._database.close()
        return self._history.found

    def _work(self, progress: Progress) -> Work:
        return Work(
            source=self._source,
            settings=self._settings,
            assignment=self._assignment,
            parameters=self._parameters,
            fingerprints=self._fingerprints,
            workers=self._workers,
            started=self.scan.started,
            progress=progress,
            keep=self.batches.keep,
        )

    def _store(self, outcome: Outcome, files: Iterable[int] | None) -> None:
        """Keep what was found out; `files` (None: all) are another than before."""
        changed = frozenset(row.path for row in outcome.changed)
        self.vanished = outcome.vanished
        update = Update(
            settings={"claims": self._assignment.key},
            rows=outcome.changed,
            touched=outcome.touched,
            removed=outcome.removed,
            news=outcome.news,
            outline=outcome.outline,
            seeds=self.files.seed_count,
            file_table=self.files.pack(self._assignment.files_key, files),
            whole=files is None,
            batches=self.batches.pending,
        )
        found = ChangeSet(changed, frozenset(outcome.removed))
        if self._history.store(update, found):
            self.patch = {}
            return
        self.patch = {**outcome.rows, **dict.fromkeys(outcome.removed)}
