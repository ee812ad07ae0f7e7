"""What can't be looked at is unknown, not gone: no fix or baseline takes it for missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seedkit.sources.source import DiskSource
from seedkit.watch import health
from support.corpora import Files

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")

# The superuser may read everything, unless he is without his capabilities.
_POWERLESS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
_NOBODY = 4242
CORPUS: Files = {
    "seedkit.toml": "",
    "schemas/plain.toml": 'files = ["seeds/**"]\n[file]\nfinal_newline = "require"\n',
    "INDEX.md": "# Seeds\n\n- [a](seeds/a.txt)\n- [x](seeds/sub/x.txt)\n",
    "seeds/a.txt": "a mill\n",
    "seeds/sub/x.txt": "a ferry",
}


@pytest.fixture
def root(corpus: Callable[[Files], Path]) -> Iterator[Path]:
    made = corpus(CORPUS)
    yield made
    for folder in (made / "seeds", made / "seeds/sub"):
        shut(folder, 0o755, owner=os.geteuid())


def shut(folder: Path, mode: int, owner: int = _NOBODY) -> None:
    folder.chmod(mode)
    if os.geteuid() == 0:
        os.chown(folder, owner, -1)


def run(root: Path, *arguments: str) -> tuple[int, str, str]:
    before = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("the superuser may read everything")
        before = _POWERLESS
    command = [*before, sys.executable, "-m", "seedkit", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


REPORTED = (
    "seeds/sub:1:1: warning[name/not-a-file] folder can't be listed: permission denied: it is not "
    "read\n"
)


@pytest.mark.parametrize("mode", [0, 0o100, 0o200])
def test_rows_below_it_stay(root: Path, mode: int) -> None:
    shut(root / "seeds/sub", mode)
    found = run(root, "check", "--fix", "--unsafe-fixes", "--format", "concise", "-q")
    assert found[:2] == (1, REPORTED)
    assert (root / "INDEX.md").read_text() == CORPUS["INDEX.md"]


def test_what_may_be_listed_but_not_looked_at(root: Path) -> None:
    shut(root / "seeds/sub", 0o444)
    found = run(root, "check", "--fix", "--unsafe-fixes", "--format", "concise", "-q")
    assert found[:2] == (
        1,
        "seeds/sub/x.txt:1:1: warning[name/not-a-file] seed can't be looked at: permission denied: "
        "it is not read\n",
    )
    assert (root / "INDEX.md").read_text() == CORPUS["INDEX.md"]


def test_a_new_seed_like_it_is_not_it_under_another_name(root: Path) -> None:
    shut(root / "seeds/sub", 0)
    (root / "seeds/x.txt").write_text("a ferry\n")
    run(root, "check", "--fix", "--unsafe-fixes")
    rows = (root / "INDEX.md").read_text().splitlines()
    assert "- [x](seeds/sub/x.txt)" in rows
    assert "- [x](seeds/x.txt)" in rows


def test_what_lacks_in_a_sequence_may_be_below_it(
    root: Path, corpus: Callable[[Files], Path]
) -> None:
    numbered = "[file]\nname = '(?P<number>\\d).txt'\nsequential = \"number\"\n"
    index = "- [1](seeds/1.txt)\n- [2](seeds/sub/2.txt)\n- [3](seeds/3.txt)\n- [x](seeds/x.txt)\n"
    corpus({
        "schemas/plain.toml": f'files = ["seeds/**"]\n{numbered}',
        "INDEX.md": index, "seeds/1.txt": "one\n", "seeds/3.txt": "three\n",
        "seeds/sub/2.txt": "two\n",
    })  # fmt: skip
    for path in ("a.txt", "sub/x.txt"):
        (root / "seeds" / path).unlink()

    def gaps() -> list[str]:
        found = run(root, "check", "--select", "name/not-sequential", "--format", "concise", "-q")
        return found[1].splitlines()

    assert gaps() == []
    shut(root / "seeds/sub", 0)
    assert gaps() == []
    shut(root / "seeds/sub", 0o755, owner=os.geteuid())
    (root / "seeds/sub/2.txt").unlink()
    assert gaps() == ["seeds/3.txt:1:1: error[name/not-sequential] number 3 follows 1: 2 missing"]


def test_what_is_really_gone_is_still_dangling(root: Path) -> None:
    """Who may go through a folder knows what is not in it, though he may not list it."""
    (root / "seeds/sub/x.txt").unlink()
    shut(root / "seeds/sub", 0o111)
    found = run(root, "check", "--format", "concise")[1]
    assert "error[index/dangling-entry] `seeds/sub/x.txt` does not exist" in found


def test_its_baseline_entries_stay(root: Path) -> None:
    run(root, "check", "--baseline-update")
    accepted = entries(root)
    assert [path for path, _ in accepted] == ["seeds/sub/x.txt"]
    shut(root / "seeds/sub", 0)
    assert "stale-baseline" not in run(root, "check", "--format", "concise")[1]
    run(root, "check", "--baseline-update")
    assert entries(root) == accepted


@pytest.mark.parametrize(("path", "mode"), [("sub", 0), ("sub", 0o444), ("a.txt", 0)])
def test_a_baseline_does_not_accept_what_can_not_be_read(root: Path, path: str, mode: int) -> None:
    shut(root / "seeds" / path, mode)
    said = run(root, "check", "--baseline-update")[2]
    assert said.splitlines()[-1] == "1 finding not accepted: nobody knows what can't be read."
    assert {rule for _, rule in entries(root)} <= {"text/missing-final-newline"}
    assert run(root, "check", "-q")[0] == 1


def entries(root: Path) -> set[tuple[str, str]]:
    found = json.loads((root / "seedkit-baseline.json").read_text())["findings"]
    return {(entry["path"], entry["rule"]) for entry in found}


@pytest.mark.parametrize("command", ["check", "index", "show-files"])
def test_a_folder_of_seeds(root: Path, command: str) -> None:
    shut(root / "seeds", 0)
    told = "\n".join(run(root, command)[1:])
    assert "there are no seeds: `seeds` can't be listed: permission denied" in told
    assert "see to it that you may read it" in told


def test_a_path_that_can_not_be_looked_at_may_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = DiskSource(str(tmp_path))
    (tmp_path / "a").touch()
    names = ("a", "b", "a/b", "n" * 300, "nul\0", "../a", "b/c")
    assert [disk.exists(name) for name in names] == [True, *[False] * 6]

    def refuse(path: str) -> os.stat_result:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "lstat", refuse)
    assert disk.exists("a/b")


def test_folders_that_can_not_be_watched_for_want_of_permission(root: Path) -> None:
    shut(root / "seeds/sub", 0)
    code = f"from seedkit.watch import health; print(health.unreadable([{str(root)!r}]))"
    before = _POWERLESS if os.geteuid() == 0 and shutil.which("setpriv") else []
    done = subprocess.run([*before, sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == (b"0\n" if os.geteuid() == 0 and not before else b"1\n")
    assert health.unreadable(["/no/such"]) == 0
