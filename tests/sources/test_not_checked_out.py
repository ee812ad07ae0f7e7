"""What git knows but has not checked out is not gone: its rows are neither dangling nor removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.commandline import Ran, seedkit
from support.gitrepo import ALONE, Repo

INDEX = """\
| seed | source | bytes |
|---|---|---|
| [a](seeds/a.txt) | Reuters | 2 |
| [b](seeds/far/b.txt) | a letter | 2 |
| [c](seeds/far/c.txt) | a song | 2 |
"""
FILES = {
    "seedkit.toml": "",
    "INDEX.md": INDEX,
    "schemas/note.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
    "seeds/a.txt": "A\n",
    "seeds/far/b.txt": "B\n",
    "seeds/far/c.txt": "C\n",
}
BOTH = "INDEX.md:4:7: info[index/not-checked-out] `seeds/far/b.txt` and 1 more are not checked out"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "LC_ALL"):
        monkeypatch.setenv(name, ALONE[name])


@pytest.fixture
def repo(tmp_path: Path, cache: Path) -> Repo:
    return Repo(tmp_path / "repo", FILES)


def check(root: Path, *arguments: str) -> Ran:
    return seedkit("check", "-q", "--format", "concise", *arguments, cwd=root)


def fixed(root: Path) -> str:
    """Apply all fixes; return INDEX.md."""
    check(root, "--fix", "--unsafe-fixes")
    return (root / "INDEX.md").read_text()


def remedy(root: Path) -> str:
    """Return the line of help of the full report."""
    lines = seedkit("check", "-q", cwd=root).out.splitlines()
    return next(each for each in lines if "help:" in each).strip()


def test_sparse_checkout(repo: Repo) -> None:
    repo.git("sparse-checkout", "set", "--no-cone", "/*", "!/seeds/far/")
    assert not (repo.root / "seeds/far").exists()
    out = f"{BOTH} here, left out by a sparse checkout\n"
    assert check(repo.root) == (0, out, "")
    assert check(repo.root) == (0, out, "")  # as remembered
    assert remedy(repo.root) == "= help: `git sparse-checkout add seeds/far` brings them"
    assert fixed(repo.root) == INDEX
    assert check(repo.root, "--staged") == (0, "", "")
    repo.git("sparse-checkout", "disable")
    assert check(repo.root) == (0, "", "")


def test_what_is_gone_is_told_from_what_is_not_checked_out(repo: Repo) -> None:
    repo.git("update-index", "--skip-worktree", "seeds/far/b.txt")
    for name in "bc":
        (repo.root / f"seeds/far/{name}.txt").unlink()
    assert check(repo.root).out.splitlines() == [
        "INDEX.md:4:7: info[index/not-checked-out] `seeds/far/b.txt` is not checked out here, "
        "marked skip-worktree",
        "INDEX.md:5:7: error[index/dangling-entry] `seeds/far/c.txt` does not exist",
    ]
    assert remedy(repo.root) == (
        "= help: `git update-index --no-skip-worktree seeds/far/b.txt && "
        "git checkout -- seeds/far/b.txt` brings it"
    )
    assert fixed(repo.root) == INDEX.replace("| [c](seeds/far/c.txt) | a song | 2 |\n", "")
    repo.git("update-index", "--no-skip-worktree", "seeds/far/b.txt")
    assert "`seeds/far/b.txt` does not exist" in check(repo.root).out


def test_corpus_below_the_top_of_a_repository(tmp_path: Path, cache: Path) -> None:
    repo = Repo(tmp_path / "repo", {f"deep/corpus/{path}": text for path, text in FILES.items()})
    repo.git("sparse-checkout", "set", "--no-cone", "/*", "!far/")
    root = repo.root / "deep/corpus"
    assert check(root).out == f"{BOTH} here, left out by a sparse checkout\n"
    assert remedy(root) == (
        "= help: `git -C ../.. sparse-checkout add deep/corpus/seeds/far` brings them"
    )
    assert fixed(root) == INDEX


def test_submodule_that_is_not_checked_out(tmp_path: Path, cache: Path, repo: Repo) -> None:
    inner = Repo(tmp_path / "inner", {"b.txt": "B\n", "c.txt": "C\n"})
    repo.git("rm", "-r", "--quiet", "seeds/far")
    allowed = ("-c", "protocol.file.allow=always")
    repo.git(*allowed, "submodule", "--quiet", "add", str(inner.root), "seeds/far")
    repo.commit()
    assert check(repo.root) == (0, "", "")
    repo.git("submodule", "--quiet", "deinit", "seeds/far")
    out = f"{BOTH} here, in a submodule that is not checked out\n"
    assert check(repo.root) == (0, out, "")
    assert check(repo.root, "--staged") == (0, out, "")
    assert remedy(repo.root) == "= help: `git submodule update --init seeds/far` brings them"
    assert fixed(repo.root) == INDEX


def test_sparse_checkout_in_a_submodule(tmp_path: Path, cache: Path, repo: Repo) -> None:
    inner = Repo(tmp_path / "inner", {"b.txt": "B\n", "c.txt": "C\n"})
    repo.git("rm", "-r", "--quiet", "seeds/far")
    allowed = ("-c", "protocol.file.allow=always")
    repo.git(*allowed, "submodule", "--quiet", "add", str(inner.root), "seeds/far")
    repo.git("-C", "seeds/far", "sparse-checkout", "set", "--no-cone", "/b.txt")
    for _ in range(2):
        assert check(repo.root).out == (
            "INDEX.md:5:7: info[index/not-checked-out] `seeds/far/c.txt` is not checked out here, "
            "left out by a sparse checkout\n"
        )
    assert remedy(repo.root) == "= help: `git -C seeds/far sparse-checkout disable` brings it"
    assert fixed(repo.root) == INDEX


def test_index_that_is_not_checked_out_may_list_any_seed(repo: Repo) -> None:
    repo.write(
        {"INDEX.md": "- [a](seeds/a.txt)\n- [more](more/INDEX.md)\n",
         "more/INDEX.md": "- [b](../seeds/far/b.txt)\n- [c](../seeds/far/c.txt)\n"}
    )  # fmt: skip
    repo.commit()
    assert check(repo.root) == (0, "", "")
    repo.git("sparse-checkout", "set", "--no-cone", "/*", "!/more/")
    assert check(repo.root).out.splitlines() == [
        "INDEX.md:2:10: info[index/not-checked-out] `more/INDEX.md` is not checked out here, "
        "left out by a sparse checkout"
    ]


def test_clone_without_a_checkout(tmp_path: Path, repo: Repo) -> None:
    clone = tmp_path / "clone"
    repo.git("clone", "--quiet", "--no-checkout", ".", str(clone))
    for path in ("seedkit.toml", "INDEX.md", "schemas/note.toml", "seeds/a.txt"):
        (clone / path).parent.mkdir(exist_ok=True)
        (clone / path).write_text(FILES[path])
    assert check(clone).out == f"{BOTH} here, in a clone without a checkout\n"
    assert fixed(clone) == INDEX


def test_no_row_is_removed_where_git_can_not_be_asked(repo: Repo) -> None:
    (repo.root / ".git/HEAD").write_text("nothing that git knows\n")
    (repo.root / "seeds/far/c.txt").unlink()
    (found,) = check(repo.root).out.splitlines()
    assert found == "INDEX.md:5:7: error[index/dangling-entry] `seeds/far/c.txt` does not exist"
    assert fixed(repo.root) == INDEX


def test_git_is_not_run_where_no_row_dangles(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert check(repo.root) == (0, "", "")


def test_baseline_keeps_what_it_accepts_in_seeds_that_are_not_checked_out(repo: Repo) -> None:
    repo.write({"seeds/far/b.txt": "B \nB\n"})
    check(repo.root, "--fix", "--ignore", "text")
    assert seedkit("check", "--baseline-update", cwd=repo.root).code == 0
    repo.commit()
    accepted = (repo.root / "seedkit-baseline.json").read_text()
    repo.git("sparse-checkout", "set", "--no-cone", "/*", "!/seeds/far/")
    assert check(repo.root) == (0, f"{BOTH} here, left out by a sparse checkout\n", "")
    assert seedkit("check", "--baseline-update", cwd=repo.root).code == 0
    assert (repo.root / "seedkit-baseline.json").read_text() == accepted
    repo.git("rm", "--quiet", "--cached", "--sparse", "seeds/far/b.txt")
    assert "stale-baseline" in check(repo.root).out
