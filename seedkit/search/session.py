"""Searches a workspace: keeps its index equal to the seeds, and never answers with what was.

A seed that changes while a search is under way is found out when it is shown: its bytes are not
those that were indexed. Then all starts over.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from seedkit.core.errors import EnvironmentFault, SeedkitError
from seedkit.core.languages import language_code
from seedkit.corpus.workspace import Workspace
from seedkit.search.analysis import Tokeniser
from seedkit.search.engines import choose, load
from seedkit.search.find import Finder, Repeats, Request
from seedkit.search.index.build_records import SeedChanged, Seeds, records_of
from seedkit.search.index.store import Store
from seedkit.search.index.update import ELSEWHERE, NotKept, Progress, SearchIndex, Unsettled
from seedkit.search.model import Answer, IndexDamaged, IndexRecord, Reader
from seedkit.search.records import fields_of
from seedkit.settings.engines import SCAN

_ATTEMPTS = 3


class Session:
    """Answers queries about a workspace with one engine.

    `cache` is the corpus's cache folder, None if there is none. `say` takes what a user should know
    of how an answer came about. `spoken` is the code of the user's language.
    """

    def __init__(
        self,
        workspace: Workspace,
        cache: Path | None,
        engine: str,
        progress: Progress = lambda done, total: None,
        say: Callable[[str], object] = lambda line: None,
        spoken: str = "",
    ) -> None:
        self.workspace = workspace
        self.cache = cache
        self.engine = choose(engine)
        self.progress = progress
        self.say = say
        # The languages that are preferred, if there are seeds in them.
        self.wanted = (language_code(workspace.config.language), spoken)
        self.tokeniser = Tokeniser()
        self.fields = fields_of(map(workspace.layout, workspace.formats))

    def index(self) -> SearchIndex:
        """Return the index on disk; raises `NotKept` if there can be none."""
        if self.engine == SCAN:
            raise NotKept(f"the engine `{SCAN}` keeps no index")
        engine = load(self.engine)
        if self.cache is None:
            raise NotKept("the search index can't be kept: there is no cache folder")
        try:
            store = Store(self.cache)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise NotKept(f"the search index can't be kept: {reason}", help=ELSEWHERE) from None
        except EnvironmentFault as fault:
            reason = f"the search index can't be kept: {fault.message}"
            raise NotKept(reason, help=fault.help) from None
        return SearchIndex(self.workspace, store, engine, self.progress)

    def optimistic_answer(self, request: Request, *, collapsing: bool = True) -> Answer | None:
        """Return what a query finds, if that follows from an index that is already made.

        It is the answer if the seeds turn out to be what the workspace takes them for.
        """
        if self.engine == SCAN or not self.workspace.position().identity:
            return None
        try:
            opened = self.index().as_it_should_be()
        except NotKept:
            return None
        if opened is None:
            return None
        reader = opened.reader
        try:
            return self._sure(
                request, reader, opened.generation.languages, self.engine, collapsing=collapsing
            )
        except (SeedChanged, IndexDamaged, SeedkitError):
            return None
        finally:
            reader.close()

    def answer(self, request: Request, *, collapsing: bool = True) -> Answer:
        """Return what a query finds in the seeds as they are.

        Raises `UsageError` for a query that asks nothing, `EnvironmentFault` if another process is
        writing to the index.
        """
        rebuild = False
        for _ in range(_ATTEMPTS):
            try:
                reader, languages, engine = self._reader(rebuild=rebuild)
                with closing(reader):
                    return self._sure(request, reader, languages, engine, collapsing=collapsing)
            except SeedChanged:
                self.workspace.refresh()
                rebuild = False
            except IndexDamaged:
                rebuild = True
        if rebuild:
            self.say("the search index is damaged again and again; reading all seeds instead")
            with suppress(SeedChanged):
                reader, languages = self._scanned(sure=True)
                return self._sure(request, reader, languages, SCAN, collapsing=collapsing)
        self.say("seeds change while they are searched: this answer may be out of date")
        reader, languages, engine = self._reader(rebuild=False, sure=False)
        with closing(reader):
            return self._unsure(request, reader, languages, engine)

    def answer_as_it_is(self, request: Request) -> Answer:
        """Return what the index on disk has, without a look at what has changed since.

        Raises `UsageError`, or `EnvironmentFault` if there is no index to ask.
        """
        reader, languages = self._as_it_is()
        try:
            return self._unsure(request, reader, languages, self.engine)
        except IndexDamaged:
            raise _no_index() from None
        finally:
            reader.close()

    def _as_it_is(self) -> tuple[Reader, frozenset[str]]:
        with suppress(NotKept):
            opened = self.index().as_it_is()
            if opened is not None:
                return opened.reader, opened.generation.languages
        raise _no_index()

    def _sure(
        self,
        request: Request,
        reader: Reader,
        languages: frozenset[str],
        engine: str,
        *,
        collapsing: bool,
    ) -> Answer:
        """The answer of a reader; raises `SeedChanged` if the seeds are not what it has, or nobody
        knows where they all are."""
        seeds = Seeds(self.workspace, self.tokeniser, sure=True)
        finder = Finder(reader, seeds, self.fields, self.tokeniser, languages, self.wanted)
        key = Repeats(self.workspace).key if collapsing else None
        answer = finder.answer(request._replace(key=key), engine)
        if self.workspace.unsettled:
            raise SeedChanged
        return answer

    def _unsure(
        self, request: Request, reader: Reader, languages: frozenset[str], engine: str
    ) -> Answer:
        """The answer of a reader, whatever has become of the seeds."""
        seeds = Seeds(self.workspace, self.tokeniser, sure=False)
        finder = Finder(reader, seeds, self.fields, self.tokeniser, languages, self.wanted)
        return finder.answer(request, engine)._replace(fresh=False)

    def _reader(self, *, rebuild: bool, sure: bool = True) -> tuple[Reader, frozenset[str], str]:
        """A reader of all seeds as they are, the languages that it has, and the engine's name.

        If `sure`, raises `SeedChanged` if a seed is gone that should be read.
        """
        try:
            opened = self.index().open(rebuild=rebuild)
        except NotKept as reason:
            if self.engine != SCAN and not isinstance(reason, Unsettled):
                self.say(f"{reason}; reading all seeds instead")
            return *self._scanned(sure=sure), SCAN
        return opened.reader, opened.generation.languages, self.engine

    def records(self, *, sure: bool = False) -> tuple[list[IndexRecord], frozenset[str]]:
        """Return the records of all seeds as they are now, and the languages that they are in.

        If `sure`, raises `SeedChanged` if one is gone: it may have got another name.
        """
        jobs = sorted((row.path, row.format, b"") for row in self.workspace.rows.values())
        languages: set[str] = set()
        records: list[IndexRecord] = []
        done = 0
        for made in records_of(self.workspace, jobs):
            if sure and made.moved:
                raise SeedChanged(made.moved[0])
            records += made.records
            languages |= made.languages
            done += made.seeds
            self.progress(done, len(jobs))
        return records, frozenset(languages)

    def _scanned(self, *, sure: bool) -> tuple[Reader, frozenset[str]]:
        from seedkit.search.engines.scan import ScanReader

        records, languages = self.records(sure=sure)
        return ScanReader(records), languages


def _no_index() -> EnvironmentFault:
    return EnvironmentFault(
        "there is no search index to answer from",
        help="search without --no-refresh, or make one with `seedkit index`",
    )
