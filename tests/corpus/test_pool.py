"""Analysing in one process or in several gives the same facts, whatever happens to the files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from seedkit.corpus import pool
from seedkit.corpus.facts import unpack_seed_findings
from seedkit.corpus.pool import Chunk, Job, Task, analyse_all
from seedkit.formats.load import builtin_format
from seedkit.repeats.fingerprints import pack, unpack_batch
from seedkit.repeats.parameters import Parameters
from seedkit.sources.source import DiskSource, MemorySource, Source
from support.corpora import write_files

FORMATS = {"plain": builtin_format("plain", ["*"]), "tldr": builtin_format("tldr", ["*"])}
TASK = Task(FORMATS, Parameters(), {})
PRINTING = Task(FORMATS, Parameters(), {"plain": "key of plain", "tldr": "key of tldr"})


@pytest.fixture(autouse=True)
def _many_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_FEW", 2)
    monkeypatch.setattr(pool, "_CHUNK", 3)


@pytest.fixture
def source(tmp_path: Path) -> DiskSource:
    write_files(tmp_path, {f"seeds/{n}.txt": f"# title {n}\n \n" for n in range(10)})
    write_files(tmp_path, {"seeds/bad.txt": b"\xff", "seeds/caf\udcff.txt": "x"})
    (tmp_path / "seeds/link.txt").symlink_to("0.txt")
    return DiskSource(str(tmp_path))


def jobs() -> list[Job]:
    known = hashlib.sha256(b"# title 3\n \n").digest()
    return [
        *((f"seeds/{n}.txt", "tldr", b"") for n in range(10) if n != 3),
        ("seeds/3.txt", "tldr", known),
        ("seeds/4.txt", "plain", b"another digest"),
        ("seeds/bad.txt", "plain", b""),
        ("seeds/caf\udcff.txt", "plain", b""),
        ("seeds/link.txt", "plain", b""),
        ("seeds/gone.txt", "plain", b""),
        ("seeds/5.txt", "", b""),
    ]


def analysed(
    source: Source, workers: int, given: list[Job] | None = None
) -> list[tuple[str, object]]:
    results = analyse_all(
        jobs() if given is None else given, source, TASK, workers, lambda done: None
    )
    return sorted(
        ((each.path, each.facts) for chunk in results for each in chunk.results), key=repr
    )


def test_several_processes_find_what_one_does(source: DiskSource) -> None:
    one = analysed(source, 1)
    two = analysed(source, 2)
    link = [
        ("seeds/link.txt", result[7])
        for path, result in one
        if path == "seeds/link.txt" and isinstance(result, tuple)
    ]
    assert len(link) == 1
    assert [each for each in two if each[0] != "seeds/link.txt"] == [
        each for each in one if each[0] != "seeds/link.txt"
    ]
    assert len(one) == len(two) == len(jobs())


def test_what_is_known_gone_or_unreadable(source: DiskSource) -> None:
    for workers in (1, 2):
        results = dict(analysed(source, workers, jobs()[9:]))
        assert results["seeds/3.txt"] == hashlib.sha256(b"# title 3\n \n").digest()
        assert results["seeds/gone.txt"] is None
        assert isinstance(results["seeds/4.txt"], tuple)
        link = results["seeds/link.txt"]
        assert isinstance(link, tuple)
        assert link[0] == -1
        (diagnostic,), _, _ = unpack_seed_findings("seeds/link.txt", link[7])
        assert diagnostic.rule == "text/unreadable"
        assert diagnostic.message.startswith(
            "file can't be read: `seeds/link.txt` is a symbolic link"
        )
        unclaimed = results["seeds/5.txt"]
        assert isinstance(unclaimed, tuple)
        assert (
            unpack_seed_findings("seeds/5.txt", unclaimed[7])[0][0].message
            == "no format matches this file"
        )


def test_a_file_that_may_not_be_read(source: DiskSource, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: str, limit: int | None = None) -> bytes:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(source, "read", denied)
    ((_, result),) = analysed(source, 1, [("seeds/1.txt", "plain", b"")])
    assert isinstance(result, tuple)
    assert (
        unpack_seed_findings("x", result[7])[0][0].message
        == "file can't be read: permission denied"
    )


def test_few_seeds_and_seeds_in_memory_need_no_processes(
    source: DiskSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("processes were started")

    monkeypatch.setattr("seedkit.core.processes.in_processes", forbidden)
    memory = MemorySource({"seeds/1.txt": b"x"})
    assert analysed(memory, 8, [("seeds/1.txt", "plain", b"")] * 5)
    assert analysed(source, 8, jobs()[:1])
    assert analysed(source, 1)
    with pytest.raises(AssertionError, match="processes were started"):
        analysed(source, 2)


def test_large_seeds_are_shared_out_by_their_bytes(
    source: DiskSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = jobs()[:8]
    monkeypatch.setattr(pool, "_FEW", 100)
    monkeypatch.setattr(pool, "_CHUNK", 5)
    monkeypatch.setattr(pool, "_LOAD", 10)
    monkeypatch.setattr(pool, "_MUCH", 30)

    def shares(*sizes: int) -> list[list[str]]:
        results = list(analyse_all(given, source, TASK, 2, lambda done: None, sizes))
        return [[each.path[6:7] for each in chunk.results] for chunk in results]

    assert shares() == [["0", "1", "2", "4", "5"], ["6", "7", "8"]]
    assert shares(*[1] * 8) == shares()
    assert shares(20, 1, 1, 9, 1, 1, -1, 1) == [["0"], ["1", "2", "4"], ["5", "6", "7", "8"]]
    started: list[int] = []

    def in_processes(
        make: Callable[[], Callable[[Sequence[Job]], Chunk]],
        items: Iterable[Sequence[Job]],
        workers: int,
    ) -> Iterator[Chunk]:
        started.append(workers)
        return map(make(), items)

    monkeypatch.setattr("seedkit.core.processes.in_processes", in_processes)
    shares(*[3] * 8)
    assert not started, "too little to start processes for"
    shares(*[4] * 8)
    assert started == [2]
    list(analyse_all(given[:1], source, TASK, 2, lambda done: None, [1000]))
    assert started == [2], "one seed needs no other process"


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_counts_up(source: DiskSource, workers: int) -> None:
    seen: list[int] = []
    list(analyse_all(jobs(), source, TASK, workers, seen.append))
    assert seen == sorted(seen)
    assert 0 < seen[-1] <= len(jobs())


def test_a_run_that_is_broken_off_ends_its_processes(source: DiskSource) -> None:
    results = analyse_all(jobs() * 5, source, TASK, 2, lambda done: None)
    assert next(iter(results))
    results.close()  # type: ignore[attr-defined]  # it is a generator


def test_no_jobs(source: DiskSource) -> None:
    assert analysed(source, 2, []) == []


def test_fingerprints_are_the_same_in_any_batch_and_process(
    source: DiskSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fingerprints(workers: int) -> dict[tuple[str, str], object]:
        found: dict[tuple[str, str], object] = {}
        for chunk in analyse_all(jobs(), source, PRINTING, workers, lambda done: None):
            for batch in map(unpack_batch, chunk.batches):
                assert batch is not None
                for number, path in enumerate(batch.paths):
                    key = path, batch.keys[number]
                    digest = batch.contents[number].tobytes()
                    assert digest == hashlib.sha256(source.read(path)).digest()
                    found[key] = digest, pack(batch.fingerprints.take(np.array([number])))
        return found

    one, two = fingerprints(1), fingerprints(2)
    assert one == two
    monkeypatch.setattr(pool, "_TEXT", 1)  # each text is one batch
    assert fingerprints(1) == one
    assert set(one) == {
        *((f"seeds/{n}.txt", "key of tldr") for n in range(10) if n != 3),
        ("seeds/4.txt", "key of plain"),
        ("seeds/bad.txt", "key of plain"),  # not UTF-8
        ("seeds/caf\udcff.txt", "key of plain"),
    }
