"""Records of many seeds: the same however many processes make them, and in the same order."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from seedkit.corpus.workspace import Workspace
from seedkit.search.index import build_records
from seedkit.search.index.build_records import Job, Made, records_of
from support.corpora import Files, open_corpus

Corpus = Callable[[Files], Path]

FILES = {
    "schemas/plain.toml": 'extends = "builtin:plain"\nfiles = ["seeds/*.txt"]\n',
    **{f"seeds/{n:03}.txt": f"mill number {n}\n" for n in range(250)},
    "seeds/x.md": "kincir di tepi sungai, dan anak-anak yang membaca\n",
}


@pytest.fixture
def workspace(corpus: Corpus) -> Workspace:
    return open_corpus(corpus(FILES))


def jobs(workspace: Workspace) -> list[Job]:
    return sorted((row.path, row.format, row.digest) for row in workspace.rows.values())


def all_of(batches: list[Made]) -> tuple[list[str], set[str]]:
    records = [f"{record.path} {record.words}" for made in batches for record in made.records]
    return records, {language for made in batches for language in made.languages}


def test_the_same_in_processes(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = list(records_of(workspace, jobs(workspace)))
    assert [made.seeds for made in alone] == [100, 100, 51]
    monkeypatch.setattr(build_records, "_FEW", 10)
    workspace.workers = 2
    together = list(records_of(workspace, jobs(workspace)))
    assert [made.seeds for made in together] == [15] * 16 + [11]
    assert all_of(together) == all_of(alone)
    monkeypatch.setattr(build_records, "_PORTION", 12)
    monkeypatch.setattr(build_records, "_PORTION_BYTES", 150)
    together = list(records_of(workspace, jobs(workspace)))
    assert [made.seeds for made in together] == [11, *[10] * 24]
    assert all_of(together) == all_of(alone)
    records, languages = all_of(alone)
    assert records[7] == "seeds/007.txt mill number 7"
    assert languages == {"none", "id"}


def test_what_can_not_be_read_has_no_records(workspace: Workspace) -> None:
    root = Path(workspace.source.root)
    (root / "seeds/000.txt").unlink()
    (root / "seeds/001.txt").unlink()
    (root / "seeds/001.txt").symlink_to("002.txt")
    (root / "seeds/002.txt").write_text("weir number 2\n")
    (made,) = records_of(workspace, jobs(workspace)[:4])
    assert made.seeds == 4
    assert [record.path for record in made.records] == ["seeds/003.txt"]
    assert made.moved == ["seeds/000.txt", "seeds/001.txt", "seeds/002.txt"]
    anything = [(path, name, b"") for path, name, _ in jobs(workspace)[:4]]
    (made,) = records_of(workspace, anything)
    assert [record.path for record in made.records] == ["seeds/002.txt", "seeds/003.txt"]


def test_no_seeds(workspace: Workspace) -> None:
    assert list(records_of(workspace, [])) == []


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_reader_that_stops_leaves_no_process(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_records, "_FEW", 10)
    monkeypatch.setattr(build_records, "_PORTION", 5)
    workspace.workers = 2
    batches = records_of(workspace, jobs(workspace))
    next(batches)
    batches.close()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
