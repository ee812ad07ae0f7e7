"""Makes an index equal to the workspace: what has changed is indexed, or everything is.

Removing a seed's records and adding those that it has now may be done twice without harm. So a
process that is killed between the engine's commit and ours leaves work to repeat, and no fault.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from seedkit.corpus.facts import skipped_of
from seedkit.corpus.workspace import Workspace
from seedkit.search import analysis
from seedkit.search.index.build_records import Job, records_of
from seedkit.search.index.store import Generation, Meta, Store
from seedkit.search.keys import key_of
from seedkit.search.model import Engine, IndexDamaged, Reader
from seedkit.store.changelog import Changes, Revision

if TYPE_CHECKING:
    from seedkit.store.database import Row

Progress = Callable[[int, int], None]  # seeds indexed so far, seeds to index

_MANY = 500  # seeds; up to so many, changing an index is always quicker than making one
_ATTEMPTS = 3


ELSEWHERE = "choose another folder with --cache-dir"


class NotKept(Exception):
    """There can be no index on disk; the message says why, `help` what to do."""

    def __init__(self, message: str, *, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


class Unsettled(NotKept):
    """Seeds are not what the workspace takes them for; `paths` are some of them."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(f"the search index can't be written: {paths[0]} keeps changing")
        self.paths = list(paths)


class Opened(NamedTuple):
    """An index that is equal to the workspace, and what had to be done for that.

    `changed` and `removed` count seeds; `rebuilt` is set if the index was rebuilt.
    """

    reader: Reader
    generation: Generation
    changed: int = 0
    removed: int = 0
    rebuilt: bool = False


class SearchIndex:
    """The index of a workspace with one engine."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        engine: Engine,
        progress: Progress = lambda done, total: None,
    ) -> None:
        self.workspace = workspace
        self.store = store
        self.engine = engine
        self.progress = progress
        # Called with paths that are not what the workspace takes them for.
        self.look_again: Callable[[Sequence[str]], object] = lambda paths: workspace.refresh()
        self.version = engine.version()
        # Which language a seed is in may be up to the configuration, which its facts do not show.
        language = workspace.config.language
        self.analysis = f"{analysis.version()} {language}"

    def current(self) -> Generation | None:
        """Return the generation on disk, up to date or not; None if there is none to use."""
        return self.store.current(self.engine.name, self.version, self.analysis)

    def behind(self, generation: Generation) -> Changes | None:
        """Return what has changed since a generation was written; None if that is not known.

        The workspace is refreshed again if another process has gone further meanwhile.
        """
        assert generation.meta is not None  # it was read from disk
        identity, sequence = generation.meta.identity, generation.meta.sequence
        for _ in range(_ATTEMPTS):
            here = self.workspace.position()
            if here.identity != identity or here.sequence >= sequence:
                break
            self.workspace.refresh()
        return self.workspace.changes_since(identity, sequence)

    def open(self, *, rebuild: bool = False) -> Opened:
        """Return a reader of an index that is equal to the workspace.

        Raises `NotKept` if none can be kept, `EnvironmentFault` if another process is writing.
        """
        for _ in range(_ATTEMPTS - 1):
            with contextlib.suppress(Unsettled):
                return self._open(rebuild=rebuild)
        return self._open(rebuild=rebuild)

    def _open(self, *, rebuild: bool) -> Opened:
        opened = None if rebuild else self.as_it_should_be()
        if opened is not None:
            return opened
        try:
            with self.store.writing():
                # Another process may have done it while we waited.
                return (None if rebuild else self.as_it_should_be()) or self._write(rebuild=rebuild)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise NotKept(f"the search index can't be written: {reason}") from None
        except IndexDamaged as error:  # one that was just made
            raise NotKept(error.message) from None

    def read(self, generation: Generation) -> Reader | None:
        """Return a reader of a generation as it is on disk, None if that is damaged."""
        if generation.damaged():  # which the engine might not notice
            return None
        try:
            return self.engine.read(generation.data)
        except (IndexDamaged, OSError):
            return None

    def as_it_is(self) -> Opened | None:
        """Return a reader of the index on disk, up to date or not; None if there is none to read.

        Raises `EnvironmentFault` if another process is writing.
        """
        generation = self.current()
        if generation is None:
            return None
        reader = self.read(generation)
        if reader is None:  # damaged, or just being changed: then it can be read after that
            with contextlib.suppress(OSError), self.store.writing():
                generation = self.current() or generation
                reader = self.read(generation)
        return None if reader is None else Opened(reader, generation)

    def as_it_should_be(self) -> Opened | None:
        """Return the index on disk, if it is equal to the workspace already, and sound."""
        generation = self.current()
        if generation is None:
            return None
        changes = self.behind(generation)
        if changes is None or changes.changed or changes.removed:
            return None
        reader = self._sound(generation)
        return None if reader is None else Opened(reader, generation)

    def _sound(self, generation: Generation) -> Reader | None:
        """A reader of a generation, if that holds what it is said to hold.

        It may hold something else if another process has committed and not written so yet.
        """
        reader = self.read(generation)
        if reader is None:
            return None
        assert generation.meta is not None
        if reader.count() == generation.meta.records:
            return reader
        reader.close()
        return None

    def _write(self, *, rebuild: bool) -> Opened:
        if not self._in_database():
            fault = self.workspace.fault
            raise NotKept(
                "the search index can't be kept: the cache can't be written"
                + (f": {fault}" if fault else ""),
                help=ELSEWHERE,
            )
        generation = None if rebuild else self.current()
        if generation is not None:
            changes = self.behind(generation)
            if changes is not None and self._few(changes):
                reader = self._sound(generation)
                if reader is not None:
                    reader.close()
                    with contextlib.suppress(IndexDamaged):
                        return self._change(generation, changes)
        return self._make()

    def _in_database(self) -> bool:
        """Tell whether the cache database holds what the workspace sees.

        It may not, if another process has stored what it found before we could; then we look again.
        """
        for _ in range(0 if self.workspace.in_memory else _ATTEMPTS):
            if self.workspace.position().identity:
                break
            self.workspace.refresh()
        return bool(self.workspace.position().identity)

    def _few(self, changes: Changes) -> bool:
        count = len(changes.changed) + len(changes.removed)
        return count <= max(_MANY, self.workspace.seed_count // 2)

    def _change(self, generation: Generation, changes: Changes) -> Opened:
        meta = generation.meta
        assert meta is not None
        # What counts as removed may be there for us, if another process has seen it go since.
        stale = [*changes.changed, *changes.removed]
        here = self.workspace.position()
        jobs = _jobs(filter(None, map(self.workspace.row, stale)))
        if self.workspace.position() != here:  # the rows were not those of that moment any more
            raise Unsettled(stale)
        languages = generation.languages | self._put(generation, stale, jobs)
        position = Revision(changes.identity, changes.sequence)
        opened = self._seal(generation, position, languages)
        gone = sum(not self.workspace.is_there(path) for path in stale)
        return opened._replace(changed=len(jobs), removed=gone)

    def _make(self) -> Opened:
        jobs = sorted(_jobs(self.workspace.rows.values()))
        position = self.workspace.position()  # of these rows
        generation = self.store.begin(self.engine.name)
        try:
            self.engine.create(generation.data)
            languages = self._put(generation, [], jobs)
            opened = self._seal(generation, position, languages)
        except BaseException:
            self.store.discard(generation)
            raise
        return opened._replace(changed=len(jobs), rebuilt=True)

    def _put(
        self, generation: Generation, stale: Sequence[str], jobs: Sequence[Job]
    ) -> frozenset[str]:
        """Take out what is stale and put in what is there; return the languages of that."""
        languages: set[str] = set()
        done = 0
        with contextlib.closing(records_of(self.workspace, jobs)) as batches:
            # Worker processes have to be made before the engine makes threads.
            first = next(batches, None)
            writer = self.engine.write(generation.data)
            try:
                if stale:
                    writer.remove(map(key_of, stale))
                for made in chain(() if first is None else (first,), batches):
                    if made.unread:
                        path = made.unread[0]
                        raise NotKept(f"the search index can't be written: {path} can't be read")
                    if made.moved:
                        self.look_again(made.moved)
                        raise Unsettled(made.moved)
                    for record in made.records:
                        writer.add(record)
                    languages |= made.languages
                    done += made.seeds
                    self.progress(done, len(jobs))
                writer.commit()
            finally:
                writer.close()
        return frozenset(languages)

    def _seal(
        self, generation: Generation, position: Revision, languages: frozenset[str]
    ) -> Opened:
        reader = self.engine.read(generation.data)
        meta = Meta(
            engine=self.version,
            analysis=self.analysis,
            identity=position.identity,
            sequence=position.sequence,
            seeds=self.workspace.seed_count,
            records=reader.count(),
            languages=" ".join(sorted(languages)),
        )
        sealed = self.store.seal(generation, meta)
        self.store.switch(sealed)
        return Opened(reader, sealed)


def _jobs(rows: Iterable[Row]) -> list[Job]:
    """What is to be indexed: the seeds that are texts that could be read, as they were then.

    What has another content now would be recorded as what it was: if it came back to that before
    anyone looked, nothing would ever tell that the index has it wrong.
    """
    return [
        (row.path, row.format, row.digest)
        for row in rows
        if row.digest and skipped_of(row.findings) is None
    ]
