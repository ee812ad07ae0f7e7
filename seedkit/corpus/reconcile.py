"""What a walk and the ledger say of a corpus, brought together: seeds are analysed as needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from seedkit.core.rules import TEXT_EMPTY
from seedkit.core.skipped import SKIPPED_SEEDS
from seedkit.corpus.facts import has_finding, skipped_of
from seedkit.repeats.parameters import Parameters
from seedkit.settings.assignment import Claims
from seedkit.settings.load import Settings
from seedkit.sources.source import Source
from seedkit.sources.walk import Stamp
from seedkit.store.database import Row
from seedkit.store.file_table import AGAIN, BARE, SKIPPED, TOLD, Roll

if TYPE_CHECKING:
    from seedkit.corpus.pool import Job

Progress = Callable[[int, int], None]  # seeds analysed so far, seeds to analyse

_GRANULARITY = 2_000_000_000  # ns; of the coarsest clock a file system stamps with (FAT)
_FINE = 20_000_000  # ns; of those that stamp with fractions of a second


class Work(NamedTuple):
    """How seeds are analysed. The walk was started at `started` (ns); `prints` says whether seeds
    are fingerprinted."""

    source: Source
    settings: Settings
    claims: Claims
    parameters: Parameters
    prints: bool
    workers: int
    started: int
    progress: Progress


@dataclass(slots=True)
class Outcome:
    """What was found out.

    `rows` are those of the files looked at, as they are now; of them `changed` are new, and
    `restamped` were just read again. `removed` are seeds that are gone. `news` are paths whose
    content or format is another than before; `outline` says that paths, formats, titles, counts or
    groups of names are. `sheets` are fingerprints. `vanished` says that a file was gone that had
    been listed.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    changed: list[Row] = field(default_factory=list)
    restamped: list[tuple[str, Stamp, int]] = field(default_factory=list)
    removed: frozenset[str] = frozenset()
    news: list[str] = field(default_factory=list)
    outline: bool = False
    vanished: bool = False
    sheets: list[bytes] = field(default_factory=list)


def reconcile(
    work: Work, roll: Roll, files: Iterable[int], known: Mapping[str, Row], *, same_claims: bool
) -> Outcome:
    """Look at some files of the roll, and write down in it what they are.

    `known` are the rows of those that are known, and of seeds that are gone; `same_claims` says
    that files have the formats which the rows say.
    """
    outcome = Outcome()
    jobs = _compare(work, roll, files, known, same_claims, outcome)
    if jobs:
        _analyse(work, roll, jobs, known, outcome)
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
    roll: Roll,
    files: Iterable[int],
    known: Mapping[str, Row],
    same_claims: bool,
    outcome: Outcome,
) -> list[Job]:
    """Take over the rows that still hold; return the others as jobs."""
    claims, keys = work.claims, work.claims.keys
    kinds = {name: kind for kind, name in enumerate(claims.names, 1)}
    jobs: list[Job] = []
    for index in files:
        path = roll.paths[index]
        row = known.get(path)
        if row is None or not same_claims:
            if not claims.is_seed(path):
                roll.put(index, 0, 0)
                continue
            format_name = claims.format_of(path)
        else:
            format_name = row.format
        if row is None or row.format != format_name or row.key != keys.get(format_name):
            jobs.append((path, format_name, b""))
        elif row.racy or not _same(row.stamp, roll.stamp(index)):
            jobs.append((path, format_name, row.digest))
        else:
            outcome.rows[path] = row
            roll.put(index, kinds[format_name], _flags(row), row.digest)
    return jobs


def _analyse(
    work: Work, roll: Roll, jobs: list[Job], known: Mapping[str, Row], outcome: Outcome
) -> None:
    """Take over what becomes of the jobs."""
    from seedkit.corpus.pool import Task, analyse_all

    total = len(jobs)
    claims = work.claims
    kinds = {name: kind for kind, name in enumerate(claims.names, 1)}
    wanted = {format_name for _, format_name, _ in jobs if format_name}
    formats = {name: work.settings.formats[name] for name in sorted(wanted)}
    task = Task(formats, work.parameters, claims.print_keys() if work.prints else {})
    chunks = analyse_all(
        jobs, work.source, task, work.workers, lambda done: work.progress(done, total)
    )
    for chunk in chunks:
        for path, result in chunk.results:
            index = roll.at[path]
            if result is None:
                roll.put(index, 0, AGAIN)  # gone since it was listed
                outcome.vanished = True
                continue
            stamp = roll.stamp(index)
            racy = int(is_racy(stamp, work.started))
            if isinstance(result, bytes):
                stamp = stamp.sized(known[path].stamp.size)
                row = known[path]._replace(stamp=stamp, racy=racy)
                outcome.restamped.append((path, stamp, racy))
            else:
                size, digest, format_name, title, records, sections, groups, rest = result
                stamp = stamp.sized(max(size, 0))
                if size != stamp.size:
                    racy = 1  # not to be read, or written to while it was read
                row = Row(
                    path, stamp, racy, claims.keys[format_name], digest, format_name, title,
                    records, sections, groups, rest,
                )  # fmt: skip
                outcome.changed.append(row)
            outcome.rows[path] = row
            roll.put(index, kinds[row.format], _flags(row), row.digest)
        if chunk.sheet:
            outcome.sheets.append(chunk.sheet)


def _flags(row: Row) -> int:
    flags = AGAIN if row.racy else 0
    if row.rest:
        flags |= TOLD
    if not row.stamp.size or has_finding(row.rest, TEXT_EMPTY):
        flags |= BARE
    skipped = skipped_of(row.rest)
    if skipped is not None:
        flags |= SKIPPED_SEEDS.index(skipped) + 1 << SKIPPED
    return flags


def _content(row: Row) -> tuple[object, ...]:
    """What the log of changes speaks of."""
    return row.digest, row.format, row.key


def _outline(row: Row) -> tuple[object, ...]:
    """What the index and the rules about names look at."""
    return row.format, row.title, row.records, row.groups


def _same(before: Stamp, now: Stamp) -> bool:
    return before == now or (now.size < 0 and before[1:] == now[1:])


def is_racy(stamp: Stamp, started: int) -> bool:
    """A file stamped so late that a later write may leave the same stamp (git's racy rule)."""
    if stamp.inode == 0 and stamp.mtime_ns == 0:
        return True  # in memory
    coarse = stamp.mtime_ns % 1_000_000_000 == 0
    newest = max(stamp.mtime_ns, stamp.ctime_ns)
    return newest >= started - (_GRANULARITY if coarse else _FINE)
