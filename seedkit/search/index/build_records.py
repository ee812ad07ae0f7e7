"""Builds the index records of many seeds, here or in workers; reads seeds again to show hits.

Seeds are read again (`Seeds`) for what a search shows, and to judge hits that the index can't.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from seedkit.core.errors import SeedkitError
from seedkit.corpus.contents import expanded
from seedkit.formats.layout import Layout
from seedkit.search.analysis import Tokeniser
from seedkit.search.model import IndexRecord
from seedkit.search.records import RecordMaker
from seedkit.sources.compressed import expand
from seedkit.sources.source import MOST, Pointer, Refused, TooLarge

if TYPE_CHECKING:
    from seedkit.corpus.workspace import Workspace
    from seedkit.formats.spec import FormatSpec
    from seedkit.search.records import RecordText

_FEW = 400  # below this many seeds, starting processes costs more than it saves
_CHUNK = 100

# What a process is given at once, if there are several. Neighbours are often in one language, whose
# words each process has to learn again; but what waits for a slow engine takes memory.
_PORTION = 1000  # seeds
_PORTION_BYTES = 1_000_000
_PORTIONS = 8  # at least for each process, that all end at about the same time

# Path, format, and the digest of what is to be indexed; an empty one is of whatever is there.
Job = tuple[str, str, bytes]


class Made(NamedTuple):
    """What was made of some seeds."""

    seeds: int
    records: list[IndexRecord]
    languages: set[str]
    unread: list[str]  # paths of those that are there, and can't be read
    moved: list[str]  # paths of those that are gone, or are not what was to be indexed


class Makers:
    """What makes records of seeds, for each format, whose layout `layout` returns."""

    def __init__(
        self, layout: Callable[[str], Layout], tokeniser: Tokeniser, language: str
    ) -> None:
        self._layout = layout
        self._tokeniser = tokeniser
        self._language = language
        self._made: dict[str, RecordMaker] = {}

    def of(self, format_name: str) -> RecordMaker:
        """Return what makes records of a seed of the format.

        What no format matches can be found as plain text: users who have just put it there look for
        it, too.
        """
        maker = self._made.get(format_name)
        if maker is None:
            layout = self._layout(format_name) if format_name else _no_layout()
            maker = RecordMaker(layout, self._tokeniser, self._language)
            self._made[format_name] = maker
        return maker


def _no_layout() -> Layout:
    """How a seed is cut that no format matches: not at all."""
    from seedkit.formats.spec import FormatSpec

    return Layout("", FormatSpec())


def records_of(workspace: Workspace, jobs: Sequence[Job]) -> Generator[Made, None, None]:
    """Return the records of the seeds, in their order, some seeds at a time.

    A seed that is gone, can't be read or is not what was to be indexed gives none.
    """
    source, workers = workspace.source, workspace.workers
    task = workspace.formats, workspace.config.language
    read = source.reader() if workers > 1 and len(jobs) >= _FEW else None
    if read is not None:
        from seedkit.core.processes import in_processes

        portions = _portions(workspace, jobs, min(_PORTION, len(jobs) // (_PORTIONS * workers)))
        yield from in_processes(partial(_maker, read, *task), portions, workers)
    else:
        chunks = (jobs[at : at + _CHUNK] for at in range(0, len(jobs), _CHUNK))
        yield from map(_maker(source.read, *task), chunks)


def _portions(workspace: Workspace, jobs: Sequence[Job], most: int) -> Iterator[list[Job]]:
    """Cut the jobs: some `most` to each portion, fewer if that is too many bytes."""
    rows = workspace.rows_of(path for path, *_ in jobs)
    portion: list[Job] = []
    size = 0
    for job in jobs:
        portion.append(job)
        row = rows.get(job[0])
        size += row.signature.size if row is not None else 0
        if len(portion) >= most or size >= _PORTION_BYTES:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _maker(
    read: Callable[[str, int | None], bytes], formats: Mapping[str, FormatSpec], language: str
) -> Callable[[Sequence[Job]], Made]:
    return _Maker(read, formats, language).make


class _Maker:
    """Reads seeds and makes records of them."""

    def __init__(
        self,
        read: Callable[[str, int | None], bytes],
        formats: Mapping[str, FormatSpec],
        language: str,
    ) -> None:
        self._read = read
        self._expands = {name: spec.file.max_bytes for name, spec in formats.items()}
        self._limits = {name: max(spec.file.max_bytes, MOST) for name, spec in formats.items()}
        self._makers = Makers(lambda name: Layout(name, formats[name]), Tokeniser(), language)

    def make(self, jobs: Sequence[Job]) -> Made:
        """Return the records of some seeds."""
        made = Made(len(jobs), [], set(), [], [])
        for path, format_name, digest in jobs:
            try:
                data = self._read(path, self._limits.get(format_name, MOST))
            except (Pointer, TooLarge):
                made.unread.append(path)
                continue
            except (FileNotFoundError, Refused):
                made.moved.append(path)
                continue
            except OSError:
                made.unread.append(path)
                continue
            if digest and hashlib.sha256(data).digest() != digest:
                made.moved.append(path)
                continue
            try:
                data = expand(path, data, self._expands.get(format_name, MOST))
            except Refused:
                made.unread.append(path)
                continue
            records, language = self._makers.of(format_name).index_with_language(path, data)
            made.records.extend(records)
            made.languages.add(language)
        return made


class SeedChanged(Exception):
    """A seed is not any more what was indexed; the message is its path."""


class Seeds:
    """The seeds of a workspace, cut into records.

    With `sure`, one that is not what the workspace knows raises `SeedChanged`; else it is taken as
    it is now.
    """

    def __init__(self, workspace: Workspace, tokeniser: Tokeniser, *, sure: bool) -> None:
        self._workspace = workspace
        self._sure = sure
        language = workspace.config.language
        self._makers = Makers(workspace.layout, tokeniser, language)
        self._last: tuple[str, list[RecordText]] | None = None

    def record(self, path: str, number: int) -> RecordText | None:
        """Return a record, None if there is no such one; raises `SeedChanged`."""
        records = self.records(path)
        return records[number] if number < len(records) else None

    def records(self, path: str) -> list[RecordText]:
        """Return all records of a seed, none for one that can't be read; raises `SeedChanged`."""
        if self._last is None or self._last[0] != path:  # hits of a seed come one after the other
            self._last = path, self._read(path)
        return self._last[1]

    def stems(self, path: str) -> list[str]:
        """Return the stemmed tokens of each record of a seed; raises `SeedChanged`."""
        found = self._load(path)
        return [] if found is None else [record.stems for record in found[0].index(path, found[1])]

    def _read(self, path: str) -> list[RecordText]:
        found = self._load(path)
        return [] if found is None else found[0].records(path, found[1])

    def _load(self, path: str) -> tuple[RecordMaker, bytes] | None:
        """What makes records of a seed, and its bytes."""
        try:
            data = self._workspace.read(path)
        except (OSError, SeedkitError):
            if self._sure:
                raise SeedChanged(path) from None
            return None
        if self._sure:
            format_name = self._workspace.seed_format(path)
            digest = self._workspace.seed_digest(path)
            if format_name is None or digest != hashlib.sha256(data).digest():
                raise SeedChanged(path)
        else:
            format_name = self._workspace.format_of(path)
        try:
            return self._makers.of(format_name), expanded(self._workspace, path, data)
        except SeedkitError:
            return None
