"""The corpus as it is now: the one mutable object, which every command is a client of.

`refresh` compares a walk of the disk with the cache database and analyses what changed; nothing
becomes known in any other way. `check` then judges the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from seedkit.core.errors import SeedkitError
from seedkit.core.skipped import Skipped, SkippedSeed, why_refused
from seedkit.corpus.batches import Batches
from seedkit.corpus.contents import expanded
from seedkit.corpus.facts import SeedFindings, unpack_seed_findings
from seedkit.corpus.history import NOTHING, History
from seedkit.corpus.reconcile import Progress
from seedkit.corpus.refresher import Refresher
from seedkit.repeats.parameters import Parameters
from seedkit.settings.assignment import Assignment
from seedkit.settings.load import Settings
from seedkit.sources.source import Source
from seedkit.sources.walk import FileSignature
from seedkit.store.changelog import Changes, ChangeSet, Revision
from seedkit.store.clusters import Cluster, Stored, StoredGroup
from seedkit.store.database import CacheDatabase, Row
from seedkit.store.file_table import FileTable

if TYPE_CHECKING:
    from seedkit.formats.layout import Layout
    from seedkit.manifest import SeedSummary

_ATTEMPTS = 3  # to look at seeds that change meanwhile
_FEW = 500  # files that differ; for more, all rows are read, if these are many of all files


class Workspace:
    """A corpus: its settings, its source, its cache database, and what is true of its seeds now."""

    def __init__(
        self, source: Source, settings: Settings, database: CacheDatabase, workers: int = 1
    ) -> None:
        self.source, self.root = source, source.root
        self.settings, self.config, self.formats = settings, settings.config, settings.formats
        self._database = database
        self.workers = workers
        self._assignment = Assignment(settings)
        self._history = History(database)
        self._refresher = Refresher(
            source,
            settings,
            self._assignment,
            database,
            self._history,
            self.repeat_parameters(),
            fingerprints=self.fingerprints_wanted,
            workers=workers,
        )
        # Called again and again by what takes long; what it raises ends that.
        self.pulse: Callable[[], None] = lambda: None
        self.warn: Callable[[], None] = lambda: None  # called when seeds are `unsettled`
        # What is worth keeping between two checks of one process, by what it is.
        self.memo: dict[str, object] = {}

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
        files = self._assignment
        return repr((self.repeat_parameters(), files.files_key, files.fingerprint_keys()))

    def layout(self, format_name: str) -> Layout:
        """Return the compiled form of a format."""
        return self._assignment.layout(format_name)

    def format_of(self, path: str) -> str:
        """Return the name of the first format that matches the path, empty if none does."""
        return self._assignment.format_of(path)

    def is_seed(self, path: str) -> bool:
        """Tell whether a file under the seeds folders is a seed: not excluded, and no index."""
        return self._assignment.is_seed(path)

    def is_left_at_top(self, path: str) -> bool:
        """Tell whether a file at the top of the corpus is no seed as no format names it."""
        return self._assignment.is_left_at_top(path)

    def is_index(self, path: str) -> bool:
        """Tell whether a file is called as an index is."""
        return self._assignment.is_index(path)

    @property
    def index_name(self) -> str:
        """What indexes are called."""
        return self._assignment.index_name

    @property
    def format_names(self) -> list[str]:
        """The formats that a file may have, as the kinds of the file table count them from 1."""
        return self._assignment.names

    @property
    def format_keys(self) -> dict[str, str]:
        """What names all that facts depend on except the bytes, by format."""
        return self._assignment.keys

    @property
    def files_key(self) -> str:
        """What names all that decides which files are seeds, and their formats."""
        return self._assignment.files_key

    def fingerprint_keys(self) -> dict[str, str]:
        """Return what names all that fingerprints depend on except the bytes, by format."""
        return self._assignment.fingerprint_keys()

    def group_names(self) -> frozenset[str]:
        """Return the names of all groups of all formats' file names."""
        return self._assignment.group_names()

    # -- what is there

    @property
    def rows(self) -> dict[str, Row]:
        """The row of every seed, by path; read when they are first asked for."""
        refresher = self._refresher
        if refresher.rows is None:
            refresher.load()
            if refresher.vanished:
                self.refresh()
            if refresher.rows is None:
                refresher.load()
            self._warn()
        assert refresher.rows is not None  # `load` sets it
        return refresher.rows

    @property
    def files(self) -> FileTable:
        """The file table: every file that was listed, in columns."""
        return self._refresher.files

    @property
    def batches(self) -> Batches:
        """The fingerprints that the last refresh has made."""
        return self._refresher.batches

    @property
    def paths(self) -> list[str]:
        """The paths of all files that were listed, seeds or not, in the order of the walk."""
        return self._refresher.scan.paths

    @property
    def signatures(self) -> dict[str, FileSignature]:
        """The signature of each file that was listed."""
        return self._refresher.scan.files

    @property
    def refused(self) -> dict[str, str]:
        """What the walk has met that is no file to be read, with the reason."""
        return self._refresher.scan.refused

    def seed_paths(self) -> list[str]:
        """Return the paths of all seeds, without reading their rows."""
        file_table = self.files
        return [path for path, kind in zip(file_table.paths, file_table.kinds, strict=True) if kind]

    @property
    def seed_count(self) -> int:
        """How many seeds there are, without reading their rows."""
        return self.files.seed_count

    def seed_format(self, path: str) -> str | None:
        """Return the format of a seed, empty if it has none; None for what is no seed."""
        index = self.files.at.get(path)
        kind = 0 if index is None else self.files.kinds[index]
        return self._assignment.names[kind - 1] if kind else None

    def seed_digest(self, path: str) -> bytes | None:
        """Return the digest of a seed's bytes, empty if they can't be read; None for no seed."""
        return self.files.digest(self.files.at[path]) if self.is_there(path) else None

    def skipped_seeds(self) -> dict[str, SkippedSeed]:
        """Return the seeds that are neither compared nor searched, and why."""
        return self.files.skipped()

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
        refresher = self._refresher
        if refresher.rows is None and self._history.base is not None:
            wanted = [path for path in paths if self.seed_format(path) is not None]
            found = {path: row for path in wanted if (row := refresher.patch.get(path))}
            try:
                others = [path for path in wanted if path not in found]
                found |= self._database.rows_of(others, self._history.base) if others else {}
            except LookupError:
                found.clear()
            if len(found) == len(set(wanted)):
                return found
            paths = wanted
        rows = self.rows
        return {path: rows[path] for path in paths if path in rows}

    def rows_with_findings(self) -> dict[str, Row]:
        """Return the rows that hold more than numbers: findings, unique sections, allowances."""
        if self._refresher.rows is None and self._history.base is not None:
            try:
                found = self._database.rows_with_findings(self._history.base)
            except LookupError:
                found = {}
            for path, row in self._refresher.patch.items():
                found.pop(path, None)
                if row is not None and row.findings:
                    found[path] = row
            if len(found) == self.files.finding_count:
                return found
        return {path: row for path, row in self.rows.items() if row.findings}

    def findings_of(self, row: Row) -> SeedFindings:
        """Return what the cache database has of a seed in addition to its numbers."""
        return SeedFindings(*unpack_seed_findings(row.path, row.findings))

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return the bytes of a file, as `Source.read` does."""
        return self.source.read(path, limit)

    def exists(self, path: str) -> bool:
        """Tell whether a file of the corpus exists."""
        return self.source.exists(path)

    def read_text(self, path: str) -> str | None:
        """Return the decoded text of a file of the corpus, None if it can't be read."""
        try:
            data = expanded(self, path, self.source.read(path))
        except (OSError, SeedkitError):
            return None
        return data.decode(self.encoding_of(path), "surrogateescape")

    def encoding_of(self, path: str) -> str:
        """Return how a file is encoded: as its format says, if it is a seed of one."""
        encodings = set(map(self._assignment.encoding, self._assignment.names))
        if len(encodings) == 1:
            return encodings.pop()
        return self._assignment.encoding(self.seed_format(path) or "")

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
        found, outlined = NOTHING, False
        for _ in range(_ATTEMPTS):
            found = found.then(self._refresher.look(progress))
            outlined |= self._history.outlined
            if not self._refresher.vanished:
                break
        self._history.found, self._history.outlined = found, outlined
        self._warn()
        return found

    def _warn(self) -> None:
        if self.unsettled:
            self.warn()

    @property
    def unsettled(self) -> bool:
        """Whether seeds were moved again and again during the last refresh: one may be missing."""
        return self._refresher.vanished or not self._refresher.scan.settled

    def assume(self) -> bool:
        """Take the seeds to be as the cache database has them; return whether it has them."""
        return self._refresher.assume()

    def resume(self, state: str) -> bool:
        """Take the seeds to be as the cache database has them; return whether it is in `state`.

        That is for those who know from elsewhere, from a running watch, that this state is true.
        Settings other than those that the rows were stored with can't be resumed with.
        """
        refresher = self._refresher
        if not refresher.is_assumed or self.state != state:
            refresher.assume()
        return refresher.is_assumed and self.state == state

    def position(self) -> Revision:
        """Return where in the log of changes the corpus is, as `refresh` has seen it.

        Its identity is empty if the cache database does not hold that: then nothing that is derived
        from the corpus can be brought up to date later.
        """
        return self._history.position()

    def changes_since(self, identity: str, sequence: int) -> Changes | None:
        """Return what has changed since a position, None if nothing can tell."""
        return self._history.changes_since(identity, sequence)

    def touched_since(self, sequence: int) -> set[str] | None:
        """Return the seeds that have changed or gone since a moment of the changelog; None if
        nothing can tell, or it is later than what we see."""
        return self._history.touched_since(sequence)

    @property
    def state(self) -> str:
        """A name for what is known of the seeds; empty if the cache database does not hold it, a
        file may have changed without its signature showing it, or the seeds are `unsettled`."""
        return "" if self.files.is_doubtful or self.unsettled else self.content_version

    @property
    def metadata_version(self) -> str:
        """A name for all paths, formats, titles, counts and groups of names; empty if none is
        known."""
        return self._history.metadata_version

    @property
    def content_version(self) -> str:
        """A name for the contents of all seeds; empty if none is known."""
        return self._history.content_version

    # -- what was concluded

    @property
    def is_kept(self) -> bool:
        """Whether the cache database holds what is known."""
        return self._history.cursor is not None

    def recall(self, name: str) -> str | None:
        """Return the result that was stored under a name, which says what it was computed from."""
        return self._history.recall(name)

    def remember(self, name: str, value: str) -> None:
        """Store a result of what is known under a name, if the cache database holds that."""
        self._history.remember(name, value)

    def stored_clusters(self) -> Stored | None:
        """Return the repeats that were stored last, None if there are none of these settings."""
        return self._history.stored_clusters(self.repeat_tag())

    def store_clusters(
        self, kept: Stored, added: Sequence[Cluster], dropped: Collection[int] | None
    ) -> None:
        """Store repeats that hold for what we see, if the cache database does."""
        self._history.store_clusters(self.repeat_tag(), kept, added, dropped)

    def stored_groups(self) -> list[StoredGroup] | None:
        """Return the groups of seeds that repeat each other, if they are known; None if not."""
        return self._history.stored_groups(self.repeat_tag())

    @property
    def fault(self) -> str:
        """Why something could not be kept in the cache database, empty if nothing is wrong."""
        return self._database.fault

    @property
    def in_memory(self) -> bool:
        """Whether nothing is kept, as there is no folder for it."""
        return self._database.path is None

    def close(self) -> None:
        """Close the cache database; it is opened again when it is needed."""
        self._database.close()
