"""Pointers of Git LFS and git-annex in the place of texts, and what git converts on checkout."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commandline import seedkit
from gitrepo import ALONE, Repo

from seedkit.pointers import pointer_of

OID = "oid sha256:" + "0123456789abcdef" * 4
LFS = f"version https://git-lfs.github.com/spec/v1\n{OID}\nsize 12\n"
ANNEX = "/annex/objects/SHA256E-s12--0123abcd.txt\n"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "LC_ALL"):
        monkeypatch.setenv(name, ALONE[name])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (LFS, "LFS"),
        (LFS.removesuffix("\n"), "LFS"),
        (LFS.replace("\n", "\r\n"), "LFS"),  # core.autocrlf
        (LFS.replace("git-lfs.github", "hawser.github"), "LFS"),
        (LFS.replace("oid", f"ext-0-case sha256:{'0' * 64}\noid"), "LFS"),
        (LFS + "\n", None),
        (LFS + "more", None),
        (LFS.replace("spec/v1", "spec/v9"), None),
        (LFS.replace(OID, "oid sha256:00"), None),
        (LFS.replace(OID, OID.upper()), None),
        (LFS.replace("size 12", "size twelve"), None),
        (LFS.replace(f"{OID}\nsize 12", f"size 12\n{OID}"), None),
        (LFS.replace("oid", f"ext-0-{'x' * 900} sha256:{'0' * 64}\noid"), None),
        ("version https://git-lfs.github.com/spec/ is where pointers are described\n", None),
        (ANNEX, "annex"),
        ("/annex/objects/MD5-s5-m1--ab", "annex"),
        ("/annex/objects/ is where git-annex keeps files\n", None),
        ("See /annex/objects/SHA256E-s12--0123abcd.txt\n", None),
        ("", None),
    ],
)
def test_pointer_of(text: str, kind: str | None) -> None:
    assert pointer_of(text.encode()) == kind


FILES = {
    "seedkit.toml": "",
    "schemas/text.toml": 'extends = "builtin:plain"\nfiles = ["seeds/**"]\n',
    "seeds/annex.txt": ANNEX,
    "seeds/lfs.txt": LFS,
    "seeds/mill.txt": "The mill stands still.\n",
}


def test_pointers_are_reported_on_disk_and_in_git(tmp_path: Path, cache: Path) -> None:
    repo = Repo(tmp_path / "repo", FILES)
    ran = seedkit("check", "--ignore=index", cwd=repo.root)
    assert ran.code == 1
    assert ran.out == (
        "error[text/unreadable]: file can't be read: `seeds/annex.txt` is kept in git-annex, this "
        "is only a pointer to it\n"
        " --> seeds/annex.txt\n"
        "  = help: `git annex get` fetches it\n\n"
        "error[text/unreadable]: file can't be read: `seeds/lfs.txt` is kept in Git LFS, this is "
        "only a pointer to it\n"
        " --> seeds/lfs.txt\n"
        "  = help: `git lfs pull` fetches it\n\n"
        "Found 2 errors in 3 seeds.\n"
    )
    repo.stage({"seeds/mill.txt": "The mill turns.\n"})
    staged = seedkit("check", "--ignore=index", "--staged", cwd=repo.root).out
    assert "`seeds/annex.txt` is kept in git-annex, git has only a pointer to it" in staged
    assert "`seeds/lfs.txt` is kept in Git LFS, git has only a pointer to it" in staged
    repo.write({"seeds/lfs.txt": "Fetched at last.\n"})
    assert "lfs.txt" not in seedkit("check", "--ignore=index", cwd=repo.root).out


def test_an_index_that_is_a_pointer_is_not_an_empty_one(tmp_path: Path, cache: Path) -> None:
    root = Repo(tmp_path / "repo", {**FILES, "INDEX.md": LFS}).root
    assert seedkit("check", "--select=index", "--format=concise", cwd=root).out.startswith(
        "INDEX.md:1:1: error[index/unreadable-index] index can't be read: `INDEX.md` is kept in "
        "Git LFS, this is only a pointer to it"
    )
    assert (root / "INDEX.md").read_text() == LFS
