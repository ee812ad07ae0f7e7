"""Analyses many seeds: in this process for a few, in several for many. Order changes nothing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from seedkit.core.diagnostic import Place, fingerprint
from seedkit.core.document import WHOLE_FILE
from seedkit.core.errors import used_up
from seedkit.core.rules import TEXT_UNREADABLE
from seedkit.core.skipped import SkippedSeed
from seedkit.corpus.analyse import Analyser, Facts, no_format
from seedkit.corpus.facts import Packed, pack
from seedkit.formats.layout import Layout
from seedkit.rules.name import name_groups
from seedkit.sources.compressed import HoldsTooMuch, NotInstalled
from seedkit.sources.source import MOST, Pointer, Refused, Source, TooLarge

if TYPE_CHECKING:
    from seedkit.formats.spec import FormatSpec
    from seedkit.repeats.parameters import Parameters

_FEW = 400  # below this many seeds, starting processes costs more than it saves
_MUCH = 16_000_000  # bytes of seeds, from which on it saves more than it costs, however few
_CHUNK = 200
_LOAD = 4_000_000  # bytes of seeds that a process is given together
_TEXT = 32_000_000  # characters that are fingerprinted together: a database takes no large blob

Job = tuple[str, str, bytes]  # path, format ("" for none), digest of what is known ("" for nothing)
Printed = tuple[str, str, bytes, str]  # path, key and digest of a seed, and its text to compare


class Result(NamedTuple):
    """What became of a job: packed facts; or the digest, if as known; or None for a seed gone."""

    path: str
    facts: Packed | bytes | None


class Chunk(NamedTuple):
    """What became of some jobs, and the fingerprints of the seeds that were analysed.

    Each batch is what `pack_batch` in `seedkit.repeats.fingerprints` packs.
    """

    results: list[Result]
    batches: list[bytes]


class Task(NamedTuple):
    """What is the same for all seeds: the formats, and what counts as a repeat.

    `fingerprint_keys` says by format what fingerprints are computed with; seeds of other formats
    are not fingerprinted.
    """

    formats: Mapping[str, FormatSpec]
    parameters: Parameters
    fingerprint_keys: Mapping[str, str]


def analyse_all(
    jobs: Sequence[Job],
    source: Source,
    task: Task,
    workers: int,
    progress: Callable[[int], None],
    sizes: Sequence[int] = (),
) -> Iterator[Chunk]:
    """Return the facts of each seed, some at a time. `sizes` are those of the seeds, if known.

    A seed whose bytes have the known digest gives just the digest; one that is gone gives None.
    """
    chunks = list(_shares(jobs, sizes))
    many = len(jobs) >= _FEW or (len(chunks) > 1 and sum(sizes) >= _MUCH)
    read = source.reader() if workers > 1 and many else None
    if read is not None:
        from seedkit.core.processes import in_processes

        results: Iterator[Chunk] = in_processes(partial(_analyser, read, task), chunks, workers)
    else:
        results = map(_analyser(source.read, task), chunks)
    done = 0
    for chunk in results:
        done += len(chunk.results)
        progress(done)
        yield chunk


def _shares(jobs: Sequence[Job], sizes: Sequence[int]) -> Iterator[Sequence[Job]]:
    """Cut the jobs into what a process is given at once: neither many seeds nor many bytes."""
    first = load = 0
    for at in range(len(jobs)):
        load += max(sizes[at], 0) if sizes else 0
        if at + 1 - first == _CHUNK or load >= _LOAD:
            yield jobs[first : at + 1]
            first, load = at + 1, 0
    if first < len(jobs):
        yield jobs[first:]


def _analyser(
    read: Callable[[str, int | None], bytes], task: Task
) -> Callable[[Sequence[Job]], Chunk]:
    return _Worker(read, task).analyse


class _Worker:
    """Analyses jobs with what is the same for all of them."""

    def __init__(self, read: Callable[[str, int | None], bytes], task: Task) -> None:
        tokens = task.parameters.passage_tokens
        self.read = read
        self.parameters = task.parameters
        self.fingerprint_keys = task.fingerprint_keys
        self.analysers = {
            name: Analyser(Layout(name, spec), tokens) for name, spec in task.formats.items()
        }

    def analyse(self, jobs: Sequence[Job]) -> Chunk:
        """Return what became of each job; texts are fingerprinted together, which is faster."""
        results: list[Result] = []
        printed: list[Printed] = []
        batches: list[bytes] = []
        size = 0
        for job in jobs:
            result, text = self._one(job)
            results.append(result)
            facts = result.facts
            if text is not None and isinstance(facts, tuple) and facts[2] in self.fingerprint_keys:
                printed.append((result.path, self.fingerprint_keys[facts[2]], facts[1], text))
                size += len(text)
            if size >= _TEXT:
                batches.append(self._batch(printed))
                printed, size = [], 0
        return Chunk(results, [*batches, self._batch(printed)] if printed else batches)

    def _batch(self, printed: Sequence[Printed]) -> bytes:
        from seedkit.repeats.fingerprints import fingerprint_texts, pack_batch

        paths, keys, digests, texts = zip(*printed, strict=True)
        return pack_batch(paths, keys, digests, fingerprint_texts(texts, self.parameters))

    def _one(self, job: Job) -> tuple[Result, str | None]:
        path, format_name, known = job
        try:
            data = self.read(path, self._limit(format_name))
        except FileNotFoundError:
            return Result(path, None), None
        except (OSError, Refused) as error:
            if isinstance(error, OSError) and used_up(error):
                raise
            return Result(path, pack(self._refused(path, format_name, error))), None
        if known:
            digest = hashlib.sha256(data).digest()
            if digest == known:
                return Result(path, digest), None
        try:
            if format_name:
                facts = self.analysers[format_name].analyse(path, data)
            else:
                facts = no_format(path, data)
        except Refused as error:
            facts = self._refused(path, format_name, error)
            if not isinstance(error, NotInstalled):  # as long as it has these bytes
                facts = facts._replace(size=len(data), digest=hashlib.sha256(data).digest())
            return Result(path, pack(facts)), None
        return Result(path, pack(facts)), facts.compared or ""

    def _limit(self, format_name: str) -> int:
        """So much is read of a seed: a digest is wanted even of one that is not parsed."""
        if not format_name:
            return MOST
        return max(self.analysers[format_name].layout.spec.file.max_bytes, MOST)

    def _refused(self, path: str, format_name: str, error: Exception) -> Facts:
        if isinstance(error, TooLarge) and format_name:
            return self.analysers[format_name].too_large(
                path, error.size, compressed=isinstance(error, HoldsTooMuch)
            )
        return self._unreadable(path, format_name, error)

    def _unreadable(self, path: str, format_name: str, error: Exception) -> Facts:
        """What is known of a seed that can't be read: its name."""
        analyser = self.analysers.get(format_name)
        groups = (name_groups(path, analyser.layout) if analyser is not None else None) or {}
        reason = (
            os.strerror(error.errno).lower()
            if isinstance(error, OSError) and error.errno
            else str(error)
        )
        message = f"file can't be read: {reason}"
        remedy = error.help if isinstance(error, Refused) else None
        subject = message
        skipped: SkippedSeed = "unreadable"
        if isinstance(error, TooLarge):
            skipped = "too-large"
        elif isinstance(error, Pointer):
            skipped = "lfs-pointer" if error.kept_in == "LFS" else "annex-pointer"
            subject = skipped  # the same on disk and in git, which say it in other words
        known_by = fingerprint(TEXT_UNREADABLE.name, subject)
        diagnostic = TEXT_UNREADABLE.diagnostic(
            message, Place(path), help=remedy, fingerprint=known_by
        )
        return Facts(
            WHOLE_FILE, b"", format_name, "", 0, 0, groups, (), (), (diagnostic,), skipped=skipped
        )
