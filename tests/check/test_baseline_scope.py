"""What is looked for decides which entries of a baseline are stale; renamed seeds keep theirs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from seedkit.check.baseline import FILE, read_baseline
from seedkit.core.diagnostic import Diagnostic, Place, Severity
from seedkit.sources.source import DiskSource
from support.commandline import CLEAN, ran, seedkit
from support.corpora import Files
from support.gitrepo import Repo

Corpus = Callable[[Files], Path]

FAULTY: Files = {
    **CLEAN,
    "seeds/a.txt": "The tide comes in",  # no newline at the end
    "seeds/b.txt": "A lamp \n",  # trailing white space
    "INDEX.md": "- [a](seeds/a.txt)\n- [b](seeds/b.txt)\n- [n](seeds/none.txt)\n",
}


@pytest.fixture
def root(corpus: Corpus) -> Path:
    root = corpus(FAULTY)
    assert seedkit("check", "--baseline-update", "-q", cwd=root) == ran()
    return root


def found(root: Path, *options: str) -> list[str]:
    result = seedkit("check", "--format", "concise", "-q", *options, cwd=root)
    assert result.err == ""
    return result.out.replace(" [*]", "").splitlines()


def stale(rule: str, path: str) -> str:
    return (
        f"{FILE}:1:1: warning[config/stale-baseline] "
        f"baseline accepts `{rule}` in `{path}`, which is gone"
    )


@pytest.mark.parametrize(
    "options",
    [
        ["--ignore", "text"],
        ["--ignore", "text/trailing-whitespace"],
        ["--select", "index,config"],
        ["--ignore", "text", "seeds/a.txt"],
        ["--config", 'select=["index", "config"]'],
        ["--config", 'per_file_ignores={"seeds/*"=["text"]}'],
    ],
)
def test_what_is_not_looked_for_is_not_gone(root: Path, options: list[str]) -> None:
    assert found(root, *options) == []


def test_what_is_looked_for_and_gone_is_told(root: Path) -> None:
    (root / "seeds/b.txt").write_text("A lamp\n")
    gone = [stale("text/trailing-whitespace", "seeds/b.txt")]
    assert found(root) == found(root, "--ignore", "index") == found(root, FILE) == gone
    assert found(root, "--ignore", "text") == found(root, "seeds/a.txt") == []
    assert (
        seedkit("check", "--baseline-update", cwd=root).err == f"{FILE} now accepts 2 findings.\n"
    )
    assert found(root) == []


def test_a_seed_that_can_not_be_read_keeps_its_entries(root: Path) -> None:
    seed = root / "seeds/b.txt"
    text = seed.read_bytes()
    seed.write_bytes(b"\xff \n")
    assert not any("stale" in each for each in found(root))
    assert "1 of them kept" in seedkit("check", "--baseline-update", cwd=root).err
    seed.unlink()
    seed.symlink_to("a.txt")
    assert not any("trailing" in each for each in found(root))
    seed.unlink()
    seed.write_bytes(text)
    assert not any("trailing" in each for each in found(root))


def test_an_update_keeps_what_was_not_looked_for(root: Path) -> None:
    before = (root / FILE).read_text()
    kept = ran(err=f"{FILE} now accepts 3 findings, 2 of them kept: nobody looked for them.\n")
    for options in (["--ignore", "text"], ["--select", "index"], ["INDEX.md"]):
        assert seedkit("check", "--baseline-update", *options, cwd=root) == kept
        assert (root / FILE).read_text() == before
    assert seedkit("check", "--baseline-update", "seeds/a.txt", cwd=root) == kept
    (root / "seeds/b.txt").write_text("A lamp\n")
    assert "accepts 3" in seedkit("check", "--baseline-update", "seeds/a.txt", cwd=root).err
    assert "accepts 2" in seedkit("check", "--baseline-update", "seeds/b.txt", cwd=root).err


def test_a_renamed_seed_takes_its_entries_along(root: Path) -> None:
    (root / "seeds/a.txt").rename(root / "seeds/tide.txt")
    (root / "seeds/b.txt").rename(root / "seeds/lamp.txt")
    index = str(FAULTY["INDEX.md"]).replace("/a.txt", "/tide.txt").replace("/b.txt", "/lamp.txt")
    (root / "INDEX.md").write_text(index)
    assert found(root) == found(root, "seeds/lamp.txt") == []
    assert (
        seedkit("check", "--baseline-update", cwd=root).err == f"{FILE} now accepts 3 findings.\n"
    )
    paths = [entry["path"] for entry in json.loads((root / FILE).read_text())["findings"]]
    assert paths == ["INDEX.md", "seeds/lamp.txt", "seeds/tide.txt"]


def test_another_seed_with_the_same_fault_is_no_renamed_one(root: Path) -> None:
    """Trailing white space is like any other: what tells the seeds apart is their text."""
    (root / "seeds/b.txt").rename(root / "seeds/c.txt")
    (root / "seeds/c.txt").write_text("Quite another text \n")
    (root / "INDEX.md").write_text(str(FAULTY["INDEX.md"]).replace("b.txt", "c.txt"))
    assert found(root) == [
        stale("text/trailing-whitespace", "seeds/b.txt"),
        "seeds/c.txt:1:19: warning[text/trailing-whitespace] trailing white space",
    ]


def test_entries_are_renamed_and_removed(root: Path) -> None:
    baseline = read_baseline(DiskSource(str(root)))
    moved = baseline.renamed({"seeds/a.txt": "seeds/x.txt", "seeds/none.txt": "seeds/y.txt"})
    assert [path for path, *_ in sorted(moved.entries)] == [
        "INDEX.md",
        "seeds/b.txt",
        "seeds/x.txt",
    ]
    assert moved.digests["seeds/x.txt"] == baseline.digests["seeds/a.txt"]
    left = baseline.without({"seeds/a.txt"})
    assert [path for path, *_ in sorted(left.entries)] == ["INDEX.md", "seeds/b.txt"]
    dangling = Diagnostic(
        "index/dangling-entry", Severity.ERROR, "`seeds/none.txt` does not exist", Place("INDEX.md")
    )
    assert baseline.without((), [dangling]).text().count("INDEX.md") == 0


def test_a_pointer_that_is_accepted_on_disk_is_accepted_in_git(tmp_path: Path, cache: Path) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d7a' * 16}\nsize 12345\n"
    repo = Repo(tmp_path / "repo", {**CLEAN, "seeds/b.txt": pointer})
    accepts = ran(err=f"{FILE} now accepts 1 finding.\n")
    assert seedkit("check", "--baseline-update", cwd=repo.root) == accepts
    repo.commit()
    for mode in ((), ("--staged",), ("--hook", "corpus")):
        checked = seedkit("check", *mode, cwd=repo.root)
        assert (checked.code, "1 accepted by the baseline" in checked.out) == (0, True)
