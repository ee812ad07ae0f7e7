"""Compares a walk with the cache database, and has seeds analysed that are new or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from seedkit.core.rules import TEXT_EMPTY
from seedkit.core.skipped import SKIPPED_SEEDS
from seedkit.corpus.facts import has_finding, skipped_of
from seedkit.repeats.parameters import Parameters
from seedkit.settings.assignment import Assignment
from seedkit.settings.load import Settings
from seedkit.sources.source import Source
from seedkit.sources.walk import FileSignature
from seedkit.store.database import Row
from seedkit.store.file_table import EMPTY, HAS_FINDINGS, RECHECK, SKIPPED, FileTable

if TYPE_CHECKING:
    from seedkit.corpus.pool import Job

Progress = Callable[[int, int], None]  # seeds analysed so far, seeds to analyse

_GRANULARITY = 2_000_000_000  # ns; of the coarsest clock a file system stamps files with (FAT)
_FINE = 20_000_000  # ns; of those that stamp files with fractions of a second


class Work(NamedTuple):
    """How seeds are analysed. The walk was started at `started` (ns); `fingerprints` says whether
    seeds are fingerprinted, `keep` is called with each batch of these."""

    source: Source
    settings: Settings
    assignment: Assignment
    parameters: Parameters
    fingerprints: bool
    workers: int
    started: int
    progress: Progress
    keep: Callable[[bytes], None]


class Outcome:
    """What was found out.

    `rows` are those of the files looked at, as they are now; of them `changed` are new, and
    `touched` were just read again. `removed` are seeds that are gone. `news` are paths whose
    content or format is another than before; `outline` says that paths, formats, titles, counts or
    groups of names are. `vanished` says that a file was gone that had been listed.
    """

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.changed: list[Row] = []
        self.touched: list[tuple[str, FileSignature, int]] = []
        self.removed: frozenset[str] = frozenset()
        self.news: list[str] = []
        self.outline = False
        self.vanished = False


def reconcile(
    work: Work,
    file_table: FileTable,
    files: Iterable[int],
    known: Mapping[str, Row],
    *,
    same_assignment: bool,
) -> Outcome:
    """Look at some files of the file table, and write down in it what they are.

    `known` are the rows of those that are known, and of seeds that are gone; `same_assignment` says
    that files have the formats which the rows say.
    """
    outcome = Outcome()
    jobs = _compare(work, file_table, files, known, same_assignment, outcome)
    if jobs:
        _analyse(work, file_table, jobs, known, outcome)
    outcome.removed = frozenset(known) - frozenset(outcome.rows)
    outcome.outline = bool(outcome.removed)
    for row in outcome.changed:
        before = known.get(row.path)
        if before is None or _content(row) != _content(before):
            outcome.news.append(row.path)
        if before is None or _outline(row) != _outline(before):
            outcome.outline = True
    return outcome


def _compare(
    work: Work,
    file_table: FileTable,
    files: Iterable[int],
    known: Mapping[str, Row],
    same_assignment: bool,
    outcome: Outcome,
) -> list[Job]:
    """Take over the rows that still hold; return the others as jobs."""
    assignment, keys = work.assignment, work.assignment.keys
    kinds = {name: kind for kind, name in enumerate(assignment.names, 1)}
    jobs: list[Job] = []
    for index in files:
        path = file_table.paths[index]
        row = known.get(path)
        if row is None or not same_assignment:
            if not assignment.is_seed(path):
                file_table.put(index, 0, 0)
                continue
            format_name = assignment.format_of(path)
        else:
            format_name = row.format
        if row is None or row.format != format_name or row.key != keys.get(format_name):
            jobs.append((path, format_name, b""))
        elif row.racy or not _same(row.signature, file_table.signature(index)):
            jobs.append((path, format_name, row.digest))
        else:
            outcome.rows[path] = row
            file_table.put(index, kinds[format_name], _flags(row), row.digest)
    return jobs


def _analyse(
    work: Work, file_table: FileTable, jobs: list[Job], known: Mapping[str, Row], outcome: Outcome
) -> None:
    """Take over what becomes of the jobs."""
    from seedkit.corpus.pool import Task, analyse_all

    total = len(jobs)
    assignment = work.assignment
    kinds = {name: kind for kind, name in enumerate(assignment.names, 1)}
    wanted = {format_name for _, format_name, _ in jobs if format_name}
    formats = {name: work.settings.formats[name] for name in sorted(wanted)}
    task = Task(
        formats, work.parameters, assignment.fingerprint_keys() if work.fingerprints else {}
    )
    sizes = [file_table.signature(file_table.at[path]).size for path, _, _ in jobs]
    chunks = analyse_all(
        jobs, work.source, task, work.workers, lambda done: work.progress(done, total), sizes
    )
    for chunk in chunks:
        for path, result in chunk.results:
            index = file_table.at[path]
            if result is None:
                file_table.put(index, 0, RECHECK)  # gone since it was listed
                outcome.vanished = True
                continue
            signature = file_table.signature(index)
            racy = int(is_racy(signature, work.started))
            if isinstance(result, bytes):
                signature = signature.sized(known[path].signature.size)
                row = known[path]._replace(signature=signature, racy=racy)
                outcome.touched.append((path, signature, racy))
            else:
                size, digest, format_name, title, records, sections, groups, findings = result
                signature = signature.sized(max(size, 0))
                if size != signature.size:
                    racy = 1  # not to be read, or written to while it was read
                row = Row(
                    path, signature, racy, assignment.keys[format_name], digest, format_name, title,
                    records, sections, groups, findings,
                )  # fmt: skip
                outcome.changed.append(row)
            outcome.rows[path] = row
            file_table.put(index, kinds[row.format], _flags(row), row.digest)
        for batch in chunk.batches:
            work.keep(batch)


def _flags(row: Row) -> int:
    flags = RECHECK if row.racy else 0
    if row.findings:
        flags |= HAS_FINDINGS
    if not row.signature.size or has_finding(row.findings, TEXT_EMPTY):
        flags |= EMPTY
    skipped = skipped_of(row.findings)
    if skipped is not None:
        flags |= SKIPPED_SEEDS.index(skipped) + 1 << SKIPPED
    return flags


def _content(row: Row) -> tuple[object, ...]:
    """What the log of changes speaks of."""
    return row.digest, row.format, row.key


def _outline(row: Row) -> tuple[object, ...]:
    """What the index and the rules about names look at."""
    return row.format, row.title, row.records, row.groups


def _same(before: FileSignature, now: FileSignature) -> bool:
    return before == now or (now.size < 0 and before[1:] == now[1:])


def is_racy(signature: FileSignature, started: int) -> bool:
    """A file changed so late that a later write may leave the same signature (git's racy rule)."""
    if signature.inode == 0 and signature.mtime_ns == 0:
        return True  # in memory
    coarse = signature.mtime_ns % 1_000_000_000 == 0
    newest = max(signature.mtime_ns, signature.ctime_ns)
    return newest >= started - (_GRANULARITY if coarse else _FINE)
