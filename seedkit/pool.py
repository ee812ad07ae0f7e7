"""Analyses many seeds: in this process for a few, in several for many. Order changes nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from seedkit.analyse import Analyser, Facts, no_format
from seedkit.diagnostic import Diagnostic, Place, Severity
from seedkit.document import WHOLE_FILE
from seedkit.facts import Packed, pack
from seedkit.formats.layout import Layout
from seedkit.source import DiskSource, Refused, Source, read_seed

if TYPE_CHECKING:
    from seedkit.formats.spec import FormatSpec

_FEW = 400  # below this many seeds, starting processes costs more than it saves
_CHUNK = 200

Job = tuple[str, str, bytes]  # path, format ("" for none), digest of what is known ("" for nothing)
Result = tuple[str, Packed | bytes | None]  # the facts; or the digest, if as known; or gone

_analysers: dict[str, Analyser] = {}  # of a worker process, set once as it starts
_root = ""


def analyse_all(
    jobs: Sequence[Job],
    source: Source,
    formats: Mapping[str, FormatSpec],
    workers: int,
    progress: Callable[[int], None],
) -> Iterator[Result]:
    """Return the packed facts of each seed, in no particular order.

    A seed whose bytes have the known digest gives just the digest; one that is gone gives None.
    """
    if workers < 2 or len(jobs) < _FEW or not isinstance(source, DiskSource):
        analysers = {name: Analyser(Layout(name, spec)) for name, spec in formats.items()}
        for done, job in enumerate(jobs, 1):
            yield _one(job, partial(source.read), analysers)
            if done % _CHUNK == 0:
                progress(done)
        return
    yield from _in_processes(jobs, source.root, formats, workers, progress)


def _in_processes(
    jobs: Sequence[Job],
    root: str,
    formats: Mapping[str, FormatSpec],
    workers: int,
    progress: Callable[[int], None],
) -> Iterator[Result]:
    from concurrent.futures import ProcessPoolExecutor, as_completed

    chunks = [jobs[at : at + _CHUNK] for at in range(0, len(jobs), _CHUNK)]
    pool = ProcessPoolExecutor(workers, initializer=_start, initargs=(root, dict(formats)))
    done = 0
    try:
        for future in as_completed([pool.submit(_chunk, chunk) for chunk in chunks]):
            results = future.result()
            done += len(results)
            progress(done)
            yield from results
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start(root: str, formats: Mapping[str, FormatSpec]) -> None:
    global _root
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    _root = root
    _analysers.update({name: Analyser(Layout(name, spec)) for name, spec in formats.items()})


def _chunk(jobs: Sequence[Job]) -> list[Result]:
    read = partial(read_seed, _root)
    return [_one(job, read, _analysers) for job in jobs]


def _one(job: Job, read: Callable[[str], bytes], analysers: Mapping[str, Analyser]) -> Result:
    path, format_name, known = job
    try:
        data = read(path)
    except FileNotFoundError:
        return path, None
    except (OSError, Refused) as error:
        return path, pack(_unreadable(path, format_name, error))
    if known:
        import hashlib

        digest = hashlib.sha256(data).digest()
        if digest == known:
            return path, digest
    facts = analysers[format_name].analyse(path, data) if format_name else no_format(path, data)
    return path, pack(facts)


def _unreadable(path: str, format_name: str, error: Exception) -> Facts:
    reason = (
        os.strerror(error.errno).lower()
        if isinstance(error, OSError) and error.errno
        else str(error)
    )
    message = f"file can't be read: {reason}"
    diagnostic = Diagnostic("text/unreadable", Severity.ERROR, message, Place(path))
    return Facts(WHOLE_FILE, b"", format_name, "", 0, 0, {}, (), (), (diagnostic,))
